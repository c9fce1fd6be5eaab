//! What each kind of letter says, before it has its number.

use super::{Arithmetic, Draft, NoticeContent, NoticeKind, NoticeLine};
use crate::{CaseNo, Cx, check::Verification, publicity::programme_title, review::Proposal, tables::case_file, words};
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeMap;
use tuodi_pack::{
    Answer, CheckResult, Lang, Pack, PersonId, Text,
    explain::{Teller, Voice},
    programme::ProgrammeKind,
    workflow::Ground,
};

pub(super) fn draft(cx: &Cx, file: &case_file::Model, kind: NoticeKind, to: String, plain: Text) -> Draft {
    let pack = &cx.pack;
    NoticeContent {
        number: String::new(),
        kind,
        case: CaseNo(file.case_no.clone()),
        to,
        title: kind.text(),
        applied_on: file.submitted_on,
        plain,
        programme: None,
        monthly: None,
        effective_month: None,
        arithmetic: None,
        lines: Vec::new(),
        basis: Vec::new(),
        reason: None,
        words: String::new(),
        papers: Vec::new(),
        missing: Vec::new(),
        deadline: None,
        next: Vec::new(),
        contact: Text::new(
            format!(
                "有不明白的地方，请拨打{}（{}），或者到乡镇（街道）便民服务中心询问。",
                pack.info.hotline, pack.info.bureau.zh
            ),
            format!(
                "Questions? Call {} ({}) or ask at the township service centre.",
                pack.info.hotline, pack.info.bureau.en
            ),
        ),
        issuer: pack.info.bureau.clone(),
        issued_on: cx.today(),
    }
}

pub(super) fn long_date(day: NaiveDate) -> Text {
    Text::new(format!("{}年{}月{}日", day.year(), day.month(), day.day()), day.format("%-d %B %Y").to_string())
}

pub(crate) fn accepted(cx: &Cx, file: &case_file::Model, to: String) -> Draft {
    let due = file.total_due.unwrap_or(cx.today());
    let by = long_date(due);
    let plain = Text::new(
        format!("您的申请已经受理，最晚{}前给您结果。", by.zh),
        format!("Your application has been accepted. You will have an answer by {}.", by.en),
    );
    let mut content = draft(cx, file, NoticeKind::Accepted, to, plain);
    content.deadline = Some(due);
    content.basis = vec![words::basis_text(&cx.pack, "DB57 art.10"), words::basis_text(&cx.pack, "DB57 art.22")];
    content.next = vec![Text::new(
        "接下来我们会核对家庭经济状况，并派两名工作人员上门。您不用准备部门之间能查到的证明。",
        "Next we check the household's means, and two members of staff visit you. You need not bring papers that departments can supply.",
    )];
    content
}

/// That it takes longer, why, and until when at the latest.
pub(crate) fn extended(
    cx: &Cx,
    file: &case_file::Model,
    to: String,
    until: NaiveDate,
    ground: Option<&Ground>,
    reason: String,
) -> Draft {
    let by = long_date(until);
    let plain = Text::new(
        format!("您的申请还要多办一些日子，最晚{}前给您结果。办理没有停，您不用重新申请。", by.zh),
        format!(
            "Your application takes longer. You will have an answer by {}. Work on it goes on; you need not apply again.",
            by.en
        ),
    );
    let mut content = draft(cx, file, NoticeKind::Extended, to, plain);
    content.deadline = Some(until);
    content.reason = ground.map(|g| g.title.clone());
    content.words = reason;
    content.basis = ground.map(|g| words::basis_text(&cx.pack, &g.basis)).into_iter().collect();
    content.next = vec![
        Text::new(
            "延长只能一次。家里眼下过不下去的，马上告诉我们，可以先申请临时救助，不用等结果。",
            "It can be made longer only once. If you cannot get by meanwhile, tell us at once: temporary assistance can be given before the result.",
        ),
        Text::new(
            "您认为不该延长的，可以在网上“投诉举报”里说，也可以打服务热线或者到窗口说，我们限期答复。",
            "If you think it should not be made longer, say so online under \"Complaints and reports\", by telephone or at the window; you will be answered within a limit.",
        ),
    ];
    content
}

pub(crate) fn returned(
    cx: &Cx,
    file: &case_file::Model,
    to: String,
    papers: Vec<Text>,
    missing: Vec<String>,
    note: String,
) -> Draft {
    let by = file.step_due.map(long_date).unwrap_or_default();
    let plain = Text::new(
        format!("您的申请还缺下面的材料，请在{}前补来，网上、窗口、村（社区）都可以。", by.zh),
        format!(
            "The following is still missing. Please supply it by {}, online, at the window or through the village.",
            by.en
        ),
    );
    let mut content = draft(cx, file, NoticeKind::Returned, to, plain);
    content.deadline = file.step_due;
    content.papers = papers;
    content.missing = missing;
    content.words = note;
    content.basis = vec![words::basis_text(&cx.pack, "DB57 art.10")];
    content.next = vec![Text::new(
        "所缺材料只告知这一次；补齐当天受理。您实在补不了的，告诉我们，我们帮您查。",
        "You are told once of everything that is missing; the day it is complete, it is accepted. If you cannot get something, tell us and we will look for it.",
    )];
    content
}

/// Whom a letter of decision is about.
pub(crate) struct Family {
    /// The applicant's name.
    pub applicant: String,
    pub names: BTreeMap<PersonId, String>,
}

/// The table of conditions of these programmes that satisfy `keep`, in the words that every page has for them. Of other
/// members only what follows from their most sensitive data is told, not the data (workflow.md 7).
fn lines(
    pack: &Pack,
    result: &CheckResult,
    (applicant, names): (PersonId, &BTreeMap<PersonId, String>),
    programme: Option<&str>,
    keep: impl Fn(Answer) -> bool,
) -> Vec<NoticeLine> {
    let voice = Voice::Citizen(Some(applicant));
    let [zh, en] = Lang::ALL.map(|lang| Teller { pack, lang, voice, names });
    let mut lines: Vec<NoticeLine> = Vec::new();
    for found in result.programmes.iter().filter(|p| match programme {
        Some(id) => p.programme == id,
        None => p.kind == ProgrammeKind::Tier,
    }) {
        for condition in found.conditions.iter().filter(|c| keep(c.answer)) {
            let source = words::sources_text(&zh, result, condition);
            let (zh, en) = (zh.condition(result, found, condition), en.condition(result, found, condition));
            let yours = match zh.measure.is_empty() {
                true => Text::new(zh.sentence.clone(), en.sentence.clone()),
                false => Text::new(zh.measure, en.measure),
            };
            let nearest = |changes: Vec<String>, advice: String| {
                changes.into_iter().take(1).chain([advice]).filter(|t| !t.is_empty()).collect::<Vec<_>>()
            };
            let line = NoticeLine {
                condition: match zh.who.is_empty() || names.len() < 2 {
                    true => Text::new(zh.title, en.title),
                    false => Text::new(format!("{}（{}）", zh.title, zh.who), format!("{} ({})", en.title, en.who)),
                },
                yours,
                source,
                rule: Text::new(zh.line, en.line),
                sentence: Text::new(zh.sentence, en.sentence),
                answer: condition.answer,
                basis: words::basis_text(pack, &condition.basis),
                change: Text::new(nearest(zh.changes, zh.advice).concat(), nearest(en.changes, en.advice).join(" ")),
            };
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    lines
}

/// How the amount of a programme comes about where the household lives: the facts, and the sums of money that the rules
/// themselves name, as they stand on the day whose law it is by.
pub(crate) fn arithmetic(pack: &Pack, result: &CheckResult, programme: &str, region: &str) -> Option<Arithmetic> {
    let amount = pack.programme(programme)?.amount.as_ref()?;
    let found = result.programmes.iter().find(|p| p.programme == programme)?;
    let (voice, names) = (Voice::Citizen(None), BTreeMap::new());
    let [zh, en] = Lang::ALL.map(|lang| Teller { pack, lang, voice, names: &names });
    let facts = found.amount_facts.iter().map(|fact| {
        let title = pack.fact_title(&fact.name).unwrap_or_else(|| Text::new(&fact.name, &fact.name));
        let value = |teller: &Teller<'_>| teller.value(&fact.name, fact.value.as_deref(), &fact.unit);
        (title, Text::new(value(&zh), value(&en)))
    });
    let law = result.law_of.unwrap_or(result.as_of);
    let sums = named(&amount.expr).filter_map(|id| {
        let parameter = pack.parameters.get(id).filter(|p| p.unit.starts_with("fen"))?;
        let value = parameter.value(region, law)?.amount;
        let of = |teller: &Teller<'_>| teller.quantity(value, &parameter.unit);
        Some((parameter.title.clone(), Text::new(of(&zh), of(&en))))
    });
    let parts = facts.chain(sums).collect();
    Some(Arithmetic { formula: amount.explain.clone(), parts, basis: words::basis_text(pack, &amount.basis) })
}

/// Parameters that an expression names, in its order.
fn named(expr: &str) -> impl Iterator<Item = &str> {
    let end = |name: &str| name.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(name.len());
    expr.split('$').skip(1).map(move |name| &name[..end(name)])
}

/// What a person can do against a decision, printed on each (IM art. 65). An ending without one has no appeal.
pub(super) fn remedies(cx: &Cx, decided: bool) -> Vec<Text> {
    let appeal = cx.pack.workflow.appeal.as_ref().filter(|_| decided).map(|rules| {
        Text::new(
            format!(
                "不同意的，{}日以内可以在网上或者窗口申诉，由另外的人员在{}个工作日以内复查答复，不收费。",
                rules.file_days, rules.limit_days
            ),
            format!(
                "If you disagree, you may appeal online or at the window within {} days; somebody else hears it and answers within {} working days, free of charge.",
                rules.file_days, rules.limit_days
            ),
        )
    });
    let mut ways = vec![
        Text::new(
            "家里情况有变化的，随时可以再次申请。",
            "If your circumstances change, you can apply again at any time.",
        ),
        Text::new(
            "认为数据有误的，可以向乡镇（街道）提出异议，我们会重新核对。",
            "If you think a figure is wrong, tell the township and it will be checked again.",
        ),
        cx.pack.info.reconsideration.clone(),
    ];
    if let Some(appeal) = appeal {
        // Before the ways outside the house.
        ways.insert(2, appeal);
    }
    ways
}

pub(crate) fn decided(
    cx: &Cx,
    file: &case_file::Model,
    Family { applicant: to, names }: Family,
    outcome: &Proposal,
    words_of_officer: &str,
    effective_month: Option<NaiveDate>,
    report: &Verification,
) -> Draft {
    let pack = &cx.pack;
    let applicant = PersonId(file.applicant_id);
    let mut content = match outcome {
        Proposal::Approve { programme, monthly } => {
            let title = programme_title(pack, programme);
            let from = effective_month.unwrap_or(cx.today());
            let plain = if monthly.0 > 0 {
                Text::new(
                    format!(
                        "您家符合{}条件，每月{}元，从{}年{}月起发放。",
                        title.zh,
                        monthly,
                        from.year(),
                        from.month()
                    ),
                    format!(
                        "Your household qualifies for {}: CNY {} a month from {}.",
                        title.en,
                        monthly,
                        from.format("%B %Y")
                    ),
                )
            } else {
                Text::new(
                    format!("您家被认定为{}，从{}年{}月起可以享受相应的帮扶。", title.zh, from.year(), from.month()),
                    format!(
                        "Your household is recognised as {}, with its help from {}.",
                        title.en,
                        from.format("%B %Y")
                    ),
                )
            };
            let mut content = draft(cx, file, NoticeKind::Approved, to, plain);
            content.lines = lines(pack, &report.result, (applicant, &names), Some(programme), |_| true);
            content.basis = pack
                .programme(programme)
                .map(|p| p.basis.iter().map(|b| words::basis_text(pack, b)).collect())
                .unwrap_or_default();
            content.arithmetic = arithmetic(pack, &report.result, programme, &file.region_code);
            content.programme = Some(title);
            content.monthly = Some(*monthly);
            content.effective_month = effective_month;
            content
        }
        Proposal::Refuse { reason_code } => {
            let reason = crate::case_no::reason_text(reason_code).unwrap_or_default();
            let plain = Text::new(
                format!("这次没有通过：{}。您不同意的，可以提出异议、申请复议或者起诉。", reason.zh),
                format!("Not approved this time: {}. You can contest this.", reason.en),
            );
            let mut content = draft(cx, file, NoticeKind::Refused, to, plain);
            content.lines = lines(pack, &report.result, (applicant, &names), None, |answer| answer == Answer::Fails);
            content.basis = vec![words::basis_text(pack, "DB57 art.21")];
            content.reason = Some(reason);
            content
        }
    };
    content.words = words_of_officer.to_owned();
    content.next = remedies(cx, true);
    // All tiers were tested: say which others hold (programmes.md 3, one application).
    for other in report.result.tiers() {
        let refused = matches!(outcome, Proposal::Refuse { .. });
        if refused && other.answer == Answer::Holds {
            let title = programme_title(pack, &other.programme);
            content.next.insert(
                0,
                Text::new(
                    format!("按现有数据，您家可能符合{}，同意的话我们直接为您转办。", title.zh),
                    format!("By present data your household may qualify for {}; if you agree we pass it on.", title.en),
                ),
            );
        }
    }
    content
}

pub(crate) fn terminated(cx: &Cx, file: &case_file::Model, to: String, reason: Text, words_of_officer: &str) -> Draft {
    let plain = Text::new(
        format!("您的申请已终止办理：{}。", reason.zh),
        format!("Your application has been ended: {}.", reason.en),
    );
    let mut content = draft(cx, file, NoticeKind::Terminated, to, plain);
    content.reason = Some(reason);
    content.words = words_of_officer.to_owned();
    content.next = remedies(cx, false);
    content
}

/// How much was paid too much and why, and what is asked back. An instalment never takes a whole month.
pub(crate) fn recovery(
    cx: &Cx,
    file: &case_file::Model,
    to: String,
    over: &crate::tables::overpayment::Model,
    to_recover: i64,
    share_permille: u32,
    words_of_officer: &str,
) -> Draft {
    let yuan = |fen: i64| tuodi_pack::Fen(fen);
    let month = |day: NaiveDate| (format!("{}年{}月", day.year(), day.month()), day.format("%B %Y").to_string());
    let ((from, from_en), (until, until_en)) = (month(over.from_month), month(over.to_month));
    let plain = if to_recover > 0 {
        Text::new(
            format!(
                "{from}至{until}多发了{}元，需要退回{}元。以后每个月从救助金里最多扣{}%，一直扣到退完；您也可以一次退清。",
                yuan(over.amount),
                yuan(to_recover),
                share_permille / 10
            ),
            format!(
                "CNY {} too much was paid from {from_en} to {until_en}; CNY {} is to be given back. At most {}% of a month's payment is kept back until it is settled; you may also repay at once.",
                yuan(over.amount),
                yuan(to_recover),
                share_permille / 10
            ),
        )
    } else {
        Text::new(
            format!("{from}至{until}多发了{}元。这笔钱不用您退。", yuan(over.amount)),
            format!(
                "CNY {} too much was paid from {from_en} to {until_en}. You need not give it back.",
                yuan(over.amount)
            ),
        )
    };
    let mut content = draft(cx, file, NoticeKind::Recovery, to, plain);
    content.arithmetic = Some(Arithmetic {
        formula: Text::new("已发的－应发的", "paid − due"),
        parts: vec![
            (Text::new("已发", "Paid"), words::value_text(over.paid, "fen")),
            (Text::new("应发", "Due"), words::value_text(over.due, "fen")),
            (Text::new("多发", "Too much"), words::value_text(over.amount, "fen")),
        ],
        basis: cx.pack.cause(&over.cause).map(|c| words::basis_text(&cx.pack, &c.basis)).unwrap_or_default(),
    });
    content.reason = cx.pack.cause(&over.cause).map(|c| c.title.clone());
    content.words = words_of_officer.to_owned();
    content.next = remedies(cx, false);
    content
}
