//! The report's sentences, in both languages. They say what was found and what is not known; never that somebody is
//! refused (design: people and power).

use crate::{
    difference::Difference,
    verify::report::{Conflict, ReportLine, ReportSource},
    words::{basis_text, source_names, value_text},
};
use std::collections::BTreeMap;
use tuodi_pack::{
    Answer, CheckResult, Lang, Pack, Text,
    explain::{Teller, Voice},
};
use tuodi_registry::Household;

/// Why a source has not answered; empty for what needs no reason.
pub(super) fn reason(code: &str) -> Text {
    match code {
        "" => Text::default(),
        "no_agreement" => Text::new(
            "没有有效的数据共享协议，或者协议不含这一用途",
            "no agreement on its use holds, or none for this purpose",
        ),
        "no_data" => Text::new("该部门尚未报送数据", "the department has delivered no data"),
        "working" => Text::new("对方已受理，正在查询", "it has the question and works on it"),
        "busy" => Text::new("对方限流，按其要求稍后再问", "it takes no more questions now and is asked later"),
        "no_reply" => Text::new("在限定时间内没有回音", "nothing came in time"),
        "unreachable" => Text::new("对方系统连接不上或出错", "its system cannot be reached or failed"),
        "garbled" => {
            Text::new("对方的答复不符合约定，不能采用", "its reply does not follow the contract and cannot be used")
        }
        "partial" => Text::new("只答复了部分成员", "it answered for some of the people only"),
        "declined" => Text::new("对方拒绝答复", "it declined to answer"),
        "part_declined" => Text::new("对部分成员拒绝答复", "it declined to answer for some of the people"),
        "unlisted" => {
            Text::new("该部门只批量答复，等待列入询问名单", "it answers only in batches and waits to be put on a list")
        }
        "listed" => Text::new("已列入询问名单，等待回复文件", "on a list for the department, whose reply is awaited"),
        "late" => Text::new("超过时限后才答复，已补入", "it answered after its time and was added"),
        "withdrawn" => Text::new("授权已撤回", "the authorisation was taken back"),
        other => Text::new(other, other),
    }
}

pub(super) fn conflict(pack: &Pack, household: &Household, d: &Difference) -> Conflict {
    let value = |v: Option<i64>| v.map(|v| value_text(v, &d.unit)).unwrap_or_default();
    let member = household.members.iter().find(|m| Some(m.id) == d.person);
    Conflict {
        title: d.title.clone(),
        person: member.map(|m| m.name.clone()).unwrap_or_default(),
        declared: value(d.declared),
        found: value(d.found),
        sources: source_names(pack, d.sources.iter().map(String::as_str)),
    }
}

/// A source that contradicts what it said itself.
pub(super) fn changed_mind(source: &ReportSource) -> Conflict {
    Conflict {
        title: Text::new(
            format!("{}前后两次答复不一致", source.owner.zh),
            format!("{} answered differently the second time", source.owner.en),
        ),
        person: String::new(),
        declared: Text::new("以后一次为准", "the later answer is used"),
        found: Text::new("请与该部门核实", "please ask the department"),
        sources: source.title.clone(),
    }
}

/// Totals beside their lines: of the programme that most applications are about, and of the tier found.
pub(super) fn lines(pack: &Pack, household: &Household, result: &CheckResult) -> Vec<ReportLine> {
    let names: BTreeMap<_, _> = household.members.iter().map(|m| (m.id, m.name.clone())).collect();
    let [zh, en] = Lang::ALL.map(|lang| Teller { pack, lang, voice: Voice::Officer, names: &names });
    let mut lines: Vec<ReportLine> = Vec::new();
    let main = pack.main_programme().map(|p| p.id.as_str());
    let of_interest = |id: &str| main == Some(id) || result.tier == id;
    for found in result.tiers().filter(|p| of_interest(&p.programme)) {
        let Some(programme) = pack.programme(&found.programme) else { continue };
        for c in found.conditions.iter().filter(|c| c.line.is_some()) {
            let (zh, en) = (zh.condition(result, found, c), en.condition(result, found, c));
            let title = match zh.who.is_empty() {
                true => Text::new(zh.title, en.title),
                false => Text::new(format!("{}（{}）", zh.title, zh.who), format!("{} ({})", en.title, en.who)),
            };
            lines.push(ReportLine {
                programme: programme.id.clone(),
                programme_title: programme.title.clone(),
                title,
                measure: c.measure,
                line: c.line,
                unit: c.unit.clone(),
                found: Text::new(zh.measure, en.measure),
                rule: Text::new(zh.line, en.line),
                answer: c.answer,
                basis: basis_text(pack, &c.basis),
            });
        }
    }
    lines
}

fn list(sources: &[&ReportSource], lang: Lang) -> String {
    let gap = if lang == Lang::Zh { "、" } else { ", " };
    sources.iter().map(|s| s.title.get(lang)).collect::<Vec<_>>().join(gap)
}

pub(super) fn conclusion(
    pack: &Pack,
    result: &CheckResult,
    sources: &[ReportSource],
    lines: &[ReportLine],
    conflicts: usize,
) -> Vec<Text> {
    let mut said = vec![outcome(pack, result, lines)];
    let (open, given_up): (Vec<&ReportSource>, Vec<&ReportSource>) =
        sources.iter().filter(|s| !s.state.is_said()).partition(|s| s.state == super::AnswerState::Waiting);
    if !open.is_empty() {
        said.push(Text::new(
            format!("还在等{}个来源答复：{}。答复到后本报告自动补充。", open.len(), list(&open, Lang::Zh)),
            format!("Still waiting for {}: {}. The report completes itself.", open.len(), list(&open, Lang::En)),
        ));
    }
    if !given_up.is_empty() {
        said.push(Text::new(
            format!(
                "有{}个来源没有给出答复：{}。相关情况按“未知”处理，不能作为不予救助的理由。",
                given_up.len(),
                list(&given_up, Lang::Zh)
            ),
            format!(
                "No answer from {}: {}. What they would have said counts as unknown and is no reason to refuse.",
                given_up.len(),
                list(&given_up, Lang::En)
            ),
        ));
    }
    if conflicts > 0 {
        said.push(Text::new(
            format!("有{conflicts}处说法不一致，请当面向本人核实后再用。"),
            format!("{conflicts} statements do not agree; please ask the people themselves before using them."),
        ));
    }
    said
}

fn outcome(pack: &Pack, result: &CheckResult, lines: &[ReportLine]) -> Text {
    if let Some(tier) = pack.programme(&result.tier) {
        return Text::new(
            format!("按各来源的答复，符合“{}”的条件。是否认定，由人决定。", tier.title.zh),
            format!("By what the sources say, the conditions of {} are met. A person decides.", tier.title.en),
        );
    }
    let main = pack.main_programme();
    let of_main = |answer| move |l: &&ReportLine| l.answer == answer && main.is_none_or(|p| p.id == l.programme);
    let over: Vec<&ReportLine> = lines.iter().filter(of_main(Answer::Fails)).collect();
    if !over.is_empty() {
        let zh: Vec<String> =
            over.iter().map(|l| format!("{}：查得{}，规定为{}", l.title.zh, l.found.zh, l.rule.zh)).collect();
        let en: Vec<String> =
            over.iter().map(|l| format!("{}: found {}, the line is {}", l.title.en, l.found.en, l.rule.en)).collect();
        let (said_zh, said_en) = match over.iter().all(|l| l.is_over()) {
            true => ("超出规定的线", "Over the line by what the sources say"),
            false => ("有的条件现在不符合", "Not met now by what the sources say"),
        };
        return Text::new(
            format!("按各来源的答复，{said_zh}：{}。是否救助由人决定，不能仅凭本报告拒绝。", zh.join("；")),
            format!("{said_en}: {}. A person decides; this report alone refuses nobody.", en.join("; ")),
        );
    }
    let open: Vec<&ReportLine> = lines.iter().filter(of_main(Answer::Unknown)).collect();
    if !open.is_empty() {
        let titles = |lang: Lang, gap: &str| open.iter().map(|l| l.title.get(lang)).collect::<Vec<_>>().join(gap);
        return Text::new(
            format!("现有答复还不能得出结论，要问清：{}。", titles(Lang::Zh, "、")),
            format!("The answers do not yet allow a conclusion; still to be asked: {}.", titles(Lang::En, ", ")),
        );
    }
    Text::new(
        "按各来源的答复，收入和财产没有超出规定的线；其他条件由经办人核实，由人决定。",
        "By what the sources say, income and property are within the lines; an officer looks at the other conditions, and a person decides.",
    )
}
