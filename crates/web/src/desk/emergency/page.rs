//! One emergency: what is known, what was done, and the form of what is next.

use super::{
    choices,
    list::{due_tag, state_tag},
    name_of, typed_moment, word,
};
use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting,
        look::{self, Tag},
        nav::{self, NavGroup},
        one_time_key,
    },
    form::{Choice, Fields, Problems},
};
use askama::Template;
use axum::extract::{Path, Query};
use tuodi_casework::{
    emergency::{EmergencyAct, EmergencyView, Source, Way, emergency},
    words::basis_text,
};

/// One thing done: title, lines.
pub struct Step {
    title: String,
    lines: Vec<String>,
    words: String,
}

#[derive(Template)]
#[template(path = "desk/emergency.html")]
struct EmergencyPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    no: String,
    whom: String,
    state: Tag,
    due: Tag,
    raised: Option<&'static str>,
    facts: Vec<(&'static str, String)>,
    /// What to mind: an award more than usual, a reserve that is not enough.
    minds: Vec<String>,
    steps: Vec<Step>,
    household: Option<String>,
    may: Vec<EmergencyAct>,
    hows: Vec<Choice>,
    holds: Vec<Choice>,
    grades: Vec<Choice>,
    ways: Vec<Choice>,
    purses: Vec<Choice>,
    papers: Vec<Choice>,
    referrals: Vec<Choice>,
    go_ons: Vec<Choice>,
    agrees: Vec<Choice>,
    /// Hints with the figures that bind.
    amount_hint: String,
    total_hint: String,
    special: bool,
    typed: Fields,
    basis: String,
    version: i32,
    key: String,
    done: Option<&'static str>,
    problems: Problems,
}

impl EmergencyPage<'_> {
    fn value(&self, name: &str) -> &str {
        self.typed.get(name).map_or("", String::as_str)
    }

    fn may(&self, act: &str) -> bool {
        self.may.iter().any(|a| a.id() == act)
    }
}

const DONE: [&str; 9] = ["report", "known", "verify", "advance", "papers", "excuse", "propose", "decide", "second"];

pub async fn page(cx: Cx, Path(no): Path<String>, Query(asked): Query<Fields>) -> PageResult {
    let done = asked.get("done").map_or("", String::as_str);
    let done = DONE.contains(&done).then(|| cx.t_of("emergency.done", done));
    show(&cx, &no, None, Fields::new(), Problems::default(), done).await
}

fn own(all: &[(&str, &str)], chosen: &str) -> Vec<Choice> {
    let choice = |(id, label): &(&str, &str)| Choice {
        value: (*id).to_owned(),
        label: (*label).to_owned(),
        hint: String::new(),
        chosen: *id == chosen,
    };
    all.iter().map(choice).collect()
}

fn ticked(mut all: Vec<Choice>, group: &str, typed: &Fields) -> Vec<Choice> {
    for choice in &mut all {
        choice.chosen = typed.get(&format!("{group}.{}", choice.value)).is_some_and(|v| v == "yes");
    }
    all
}

/// What has been done, oldest first.
async fn steps(cx: &Cx, e: &EmergencyView) -> Result<Vec<Step>, WebError> {
    let rules = cx.state.pack.workflow.emergency.as_ref();
    let referrals = rules.map(|r| r.referrals.as_slice()).unwrap_or_default();
    let papers = rules.map(|r| r.papers.as_slice()).unwrap_or_default();
    let comma = cx.t("desk.comma");
    let mut all = vec![Step {
        title: cx.t2("emergency.step.told", cx.moment(&e.row.told_at), name_of(cx, &e.opened_by).await?),
        lines: Vec::new(),
        words: e.who.words.join("\n"),
    }];
    if let Some((at, by, how, words)) = &e.verified {
        let grade =
            e.grade.as_deref().and_then(|g| rules.and_then(|r| r.grade(g))).map(|g| cx.text(&g.title).to_owned());
        all.push(Step {
            title: cx.t3(
                "emergency.step.verified",
                cx.moment(at),
                name_of(cx, by).await?,
                cx.t_of("emergency.how", how),
            ),
            lines: vec![grade.unwrap_or_else(|| cx.t("emergency.no_emergency").to_owned())],
            words: words.clone(),
        });
    }
    for p in &e.payments {
        let way = Way::from_id(&p.way).map_or("", |w| w.title(cx.lang));
        let mut lines = vec![
            cx.t3("emergency.paid_line", way, cx.t_of("emergency.purse", &p.source), &p.paper),
            cx.t1("emergency.received", &p.received_by),
        ];
        if !p.witness.is_empty() {
            lines.push(cx.t1("emergency.witnessed", &p.witness));
        }
        if p.part == "advance" && p.at > e.advance_due {
            lines.push(cx.t("emergency.after_limit").to_owned());
        }
        let title =
            cx.t3("emergency.step.paid", cx.moment(&p.at), cx.t_of("emergency.part", &p.part), cx.money(&p.amount));
        lines.push(cx.t1("emergency.entered", name_of(cx, &p.by).await?));
        all.push(Step { title, lines, words: p.goods.clone() });
    }
    if let Some(on) = &e.papers_on {
        let kinds: Vec<String> = e.papers.iter().map(|id| word(cx, papers, id)).collect();
        let kinds = if kinds.is_empty() { cx.t("emergency.papers_none").to_owned() } else { kinds.join(comma) };
        let title = cx.t1("emergency.step.papers", cx.date(on));
        all.push(Step { title, lines: vec![kinds], words: e.papers_note.clone() });
    } else if !e.papers_note.is_empty() {
        let title = cx.t("emergency.step.excused").to_owned();
        all.push(Step { title, lines: Vec::new(), words: e.papers_note.clone() });
    }
    if let Some(p) = &e.proposed {
        let on: Vec<String> = p.referrals.iter().map(|id| word(cx, referrals, id)).collect();
        let on = if on.is_empty() { cx.t("emergency.no_referral").to_owned() } else { on.join(comma) };
        all.push(Step {
            title: cx.t2("emergency.step.proposed", name_of(cx, &p.by).await?, cx.money(&p.total)),
            lines: vec![cx.t1("emergency.sent_on", on)],
            words: p.text.clone(),
        });
        if let Some((day, by, agreed, words, minutes)) = &p.decided {
            let outcome = cx.t_of("emergency.agree", if *agreed { "yes" } else { "no" });
            let lines = (!minutes.is_empty()).then(|| cx.t1("emergency.by_minutes", minutes));
            all.push(Step {
                title: cx.t3("emergency.step.decided", cx.date(day), name_of(cx, by).await?, outcome),
                lines: lines.into_iter().collect(),
                words: words.clone(),
            });
        }
    }
    Ok(all)
}

fn facts(cx: &Cx, e: &EmergencyView) -> Vec<(&'static str, String)> {
    let rules = cx.state.pack.workflow.emergency.as_ref();
    let kinds = rules.map(|r| r.kinds.as_slice()).unwrap_or_default();
    let source = Source::from_id(&e.source).map_or("", |s| s.title(cx.lang));
    let mut facts = vec![
        (cx.t("emergency.field.kind"), word(cx, kinds, &e.row.kind)),
        (cx.t("emergency.field.region"), cx.text(&e.row.region).to_owned()),
        (cx.t("emergency.field.place"), e.who.place.clone()),
        (cx.t("emergency.field.phone"), e.who.phone.clone()),
        (
            cx.t("emergency.field.id_no"),
            if e.who.id_no.is_empty() { String::new() } else { look::mask_id(&e.who.id_no) },
        ),
        (cx.t("emergency.field.persons"), e.persons.to_string()),
        (cx.t("emergency.field.source"), source.to_owned()),
        (cx.t("emergency.field.told_at"), cx.moment(&e.row.told_at)),
        (cx.t("emergency.help_due"), cx.moment(&e.advance_due)),
    ];
    if let Some(sum) = &e.computed {
        facts.push((cx.t("emergency.computed"), cx.money(sum)));
    }
    if let Some(day) = &e.papers_due {
        facts.push((cx.t("emergency.papers_until"), cx.date(day)));
    }
    if let Some((who, _)) = &e.decided_by {
        facts.push((cx.t("emergency.decided_by"), cx.text(who).to_owned()));
    }
    facts.push((cx.t("emergency.reserve_left"), cx.money(&e.reserve)));
    facts.retain(|(_, value)| !value.is_empty());
    facts
}

fn minds(cx: &Cx, e: &EmergencyView) -> Vec<String> {
    let mut minds = Vec::new();
    if let (count, Some(most)) = e.awards
        && count >= most
    {
        minds.push(cx.t2("emergency.mind.awards", count, most));
    }
    let next = if e.may.contains(&EmergencyAct::Second) { e.rest } else { e.most_at_once };
    let pays = e.may.contains(&EmergencyAct::Advance) || e.may.contains(&EmergencyAct::Second);
    if pays && e.reserve < next {
        minds.push(cx.t1("emergency.mind.reserve", cx.money(&e.reserve)));
    }
    minds
}

pub(super) async fn show(
    cx: &Cx,
    no: &str,
    act: Option<EmergencyAct>,
    typed: Fields,
    problems: Problems,
    done: Option<&'static str>,
) -> PageResult {
    let e = emergency(&acting(cx)?, no).await?;
    if act.is_some_and(|act| !e.may.contains(&act)) {
        // Somebody was faster: there is no form of this kind any more.
        return Err(WebError::Conflict("common.conflict.stage"));
    }
    let value = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let pack = &cx.state.pack;
    let rules = pack.workflow.emergency.as_ref();
    let words =
        |all: &[tuodi_pack::emergency::EmergencyWord]| choices(cx, all.iter().map(|w| (w.id.as_str(), &w.title)), "");
    let second = e.may.contains(&EmergencyAct::Second);
    let mut filled = typed.clone();
    // What is usual stands there; whoever knows better writes over it.
    filled.entry("at".to_owned()).or_insert_with(|| typed_moment(cx.now));
    filled.entry("persons".to_owned()).or_insert_with(|| e.persons.to_string());
    filled.entry("received_by".to_owned()).or_insert_with(|| e.who.name.clone());
    if let Some(sum) = e.computed {
        filled.entry("total".to_owned()).or_insert_with(|| sum.to_string());
    }
    if second {
        filled.entry("amount".to_owned()).or_insert_with(|| e.rest.to_string());
    }
    let amount_hint = if second {
        cx.t1("emergency.rest_hint", cx.money(&e.rest))
    } else {
        cx.t1("emergency.amount_hint", cx.money(&e.most_at_once))
    };
    let page = EmergencyPage {
        v: cx,
        nav: nav::desk(cx),
        no: e.row.no.clone(),
        whom: e.who.name.clone(),
        state: state_tag(cx, e.row.state),
        due: due_tag(cx, &e.row),
        raised: e.row.raised.as_deref().map(|to| cx.t_of("emergency.raised", to)),
        facts: facts(cx, &e),
        minds: minds(cx, &e),
        steps: steps(cx, &e).await?,
        household: e.household.map(|h| format!("/desk/households/{h}")),
        hows: own(&[("visit", cx.t("emergency.how.visit")), ("call", cx.t("emergency.how.call"))], &value("how")),
        holds: own(&[("yes", cx.t("emergency.holds.yes")), ("no", cx.t("emergency.holds.no"))], &value("holds")),
        grades: choices(cx, rules.iter().flat_map(|r| &r.grades).map(|g| (g.id.as_str(), &g.title)), &value("grade")),
        ways: Way::ALL
            .iter()
            .map(|w| Choice {
                value: w.id().to_owned(),
                label: w.title(cx.lang).to_owned(),
                hint: String::new(),
                chosen: value("way") == w.id(),
            })
            .collect(),
        purses: own(
            &[("reserve", cx.t("emergency.purse.reserve")), ("county", cx.t("emergency.purse.county"))],
            &value("source"),
        ),
        papers: ticked(words(rules.map(|r| r.papers.as_slice()).unwrap_or_default()), "kinds", &typed),
        referrals: ticked(words(rules.map(|r| r.referrals.as_slice()).unwrap_or_default()), "referrals", &typed),
        go_ons: own(&[("yes", cx.t("emergency.go_on.yes")), ("no", cx.t("emergency.go_on.no"))], &value("go_on")),
        agrees: own(&[("yes", cx.t("emergency.agree.yes")), ("no", cx.t("emergency.agree.no"))], &value("agree")),
        amount_hint,
        total_hint: e.computed.map(|sum| cx.t1("emergency.total_hint", cx.money(&sum))).unwrap_or_default(),
        special: e.decided_by.as_ref().is_some_and(|(_, special)| *special),
        basis: rules.map(|r| cx.text(&basis_text(pack, &r.basis)).to_owned()).unwrap_or_default(),
        version: e.row.version,
        key: typed.get("key").filter(|k| !k.is_empty()).cloned().unwrap_or_else(one_time_key),
        may: e.may.clone(),
        typed: filled,
        done,
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}
