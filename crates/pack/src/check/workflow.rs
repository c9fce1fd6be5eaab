//! `workflow.toml` and what indicators say of their alerts: names that the pack knows, limits that can be kept.

use super::Found;
use crate::{
    facts::{Fact, FactGroup, FactType},
    indicator::{Indicator, Kind, Severity},
    paper::OTHER,
    source::Origin,
    stages::{STATES, TERMINAL},
    workflow::{Compared, Course, Monitoring},
};
use std::collections::BTreeSet;

const FILE: &str = "workflow.toml";

pub(super) fn check(found: &mut Found<'_>) {
    let pack = found.pack;
    flow(found);
    monitoring(found, &pack.workflow.monitoring);
    risks(found);
    clocks(found);
    steps(found);
    appeal(found);
    escalations(found);
    kin_and_special_review(found);
    voices(found);
    let report = &pack.workflow.report;
    if !report.basis.is_empty() {
        found.basis(FILE, "report/basis", &report.basis);
    }
    let compared = &pack.workflow.compared;
    found.unique(FILE, "comparison", compared.iter().map(|c| c.id.as_str()), |i| format!("compare/{i}/id"));
    for (i, item) in compared.iter().enumerate() {
        one_compared(found, &format!("compare/{i}"), item);
    }
    known(found);
    papers(found);
    for indicator in &pack.indicators {
        of_indicator(found, indicator);
    }
}

fn flow(found: &mut Found<'_>) {
    let pack = found.pack;
    let flow = &pack.workflow.flow;
    if flow.course == Course::SixSteps {
        return;
    }
    found.basis(FILE, "flow/basis", &flow.basis);
    if !(1..=1000).contains(&flow.complete_permille) {
        let message = format!("complete_permille {} is no share of an assessment", flow.complete_permille);
        found.at(FILE, "flow/complete_permille", message, "parts per 1000, such as 800 for four fifths");
    }
    for (i, id) in flow.programmes.iter().enumerate().filter(|(_, id)| pack.programme(id).is_none()) {
        let fix = Found::meant(id, pack.programmes.iter().map(|p| p.id.as_str()), "use the id of a programme");
        let message = format!("programme {id:?} is not in programmes/");
        found.unknown(id, (FILE, &format!("flow/programmes/{i}")), message, fix);
    }
    for (i, code) in flow.regions.iter().enumerate().filter(|(_, code)| pack.regions.get(code).is_none()) {
        let message = format!("region {code:?} is not in regions.csv");
        found.unknown(code, (FILE, &format!("flow/regions/{i}")), message, "use a code of regions.csv");
    }
}

fn papers(found: &mut Found<'_>) {
    let pack = found.pack;
    let papers = &pack.workflow.papers;
    found.unique(FILE, "paper", papers.iter().map(|p| p.id.as_str()), |i| format!("paper/{i}/id"));
    for (i, paper) in papers.iter().enumerate() {
        if paper.id == OTHER {
            let message = format!("{OTHER:?} stands for a document of no kind that the pack names");
            found.at(FILE, &format!("paper/{i}/id"), message, "choose another id");
        }
        for (s, id) in paper.sources.iter().enumerate().filter(|(_, id)| pack.source(id).is_none()) {
            let fix = Found::meant(id, pack.sources.iter().map(|s| s.id.as_str()), "use the id of a source");
            let at = format!("paper/{i}/sources/{s}");
            found.unknown(id, (FILE, &at), format!("source {id:?} is not in sources/"), fix);
        }
    }
}

fn monitoring(found: &mut Found<'_>, m: &Monitoring) {
    let cool = m.cooldown_days;
    let figures = [m.worse_permille, m.points_stand_days, m.tries, cool.trigger, cool.score, cool.compliance];
    let multiples = [m.next_level_after, m.district_after];
    if figures.iter().any(|f| *f > 0) || multiples.iter().any(Option::is_some) || m.takeover.is_some() {
        found.basis(FILE, "monitoring/basis", &m.basis);
    }
    for (key, multiple) in [("next_level_after", m.next_level_after), ("district_after", m.district_after)] {
        if multiple == Some(0) {
            let message = format!("{key} is 0: a visit would be late before it is due");
            found.at(FILE, &format!("monitoring/{key}"), message, "1 is the limit itself, 2 twice the limit");
        }
    }
    if let (Some(next), Some(district)) = (m.next_level_after, m.district_after)
        && district <= next
    {
        let message = "the district would hear of it no later than the next level";
        found.at(FILE, "monitoring/district_after", message, "make district_after larger than next_level_after");
    }
    if m.takeover.is_some() && m.tries == 0 {
        let message = "somebody takes over after no try at all";
        found.at(FILE, "monitoring/takeover", message, "say after how many with tries = 2, or remove takeover");
    }
}

fn risks(found: &mut Found<'_>) {
    let pack = found.pack;
    let risks = &pack.workflow.risks;
    found.unique(FILE, "risk", risks.iter().map(|r| r.id.as_str()), |i| format!("risk/{i}/id"));
    let mut seen = BTreeSet::new();
    for (i, risk) in risks.iter().enumerate() {
        let path = |key: &str| format!("risk/{i}/{key}");
        found.basis(FILE, &path("basis"), &risk.basis);
        if risk.points == 0 || !seen.insert(risk.points) {
            let message = format!("{} points are no band of their own", risk.points);
            found.at(FILE, &path("points"), message, "give each risk its own points, 1 or more");
        }
        if risk.id.contains(',') || pack.indicator(&risk.id).is_some() {
            let message = format!("risk {:?} cannot be told from an indicator", risk.id);
            found.at(FILE, &path("id"), message, "use a word such as high_risk");
        }
        let Some(task) = risk.task else { continue };
        if task.limit_days == 0 {
            found.at(FILE, &path("task"), "the task has no time to be done in", "give working days, 1 or more");
        }
        if risk.reason.is_none() {
            let message = format!("the worker is not told why: risk {:?} has no reason", risk.id);
            found.at(FILE, &path("task"), message, "add reason = { zh = \"…\", en = \"…\" }");
        }
    }
}

fn clocks(found: &mut Found<'_>) {
    let pack = found.pack;
    let (mut seen, mut common) = (BTreeSet::new(), false);
    for (i, clock) in pack.workflow.clocks.iter().enumerate() {
        let path = |key: &str| format!("clock/{i}/{key}");
        found.basis(FILE, &path("basis"), &clock.basis);
        if clock.total_days == 0 {
            found.at(FILE, &path("total_days"), "a case has no day to be decided in", "give working days, 1 or more");
        }
        if clock.special_days.is_some_and(|days| days <= clock.total_days) {
            let message = "special_days is no longer than total_days";
            found.at(FILE, &path("special_days"), message, "make it longer, or remove it");
        }
        if clock.special_days.is_none() && !clock.grounds.is_empty() {
            let message = "there are grounds for a longer limit and no longer limit";
            found.at(FILE, &path("ground/0/id"), message, "give special_days, or remove the grounds");
        }
        let ids = clock.grounds.iter().map(|g| g.id.as_str());
        found.unique(FILE, "ground", ids, |g| path(&format!("ground/{g}/id")));
        for (g, ground) in clock.grounds.iter().enumerate() {
            found.basis(FILE, &path(&format!("ground/{g}/basis")), &ground.basis);
        }
        if clock.programmes.is_empty() && std::mem::replace(&mut common, true) {
            let message = "there is already a clock for all other programmes";
            found.at(FILE, &path("total_days"), message, "name programmes = [\"…\"] in one of them");
        }
        for (p, id) in clock.programmes.iter().enumerate() {
            let at = path(&format!("programmes/{p}"));
            if pack.programme(id).is_none() {
                let message = format!("programme {id:?} is not in programmes/");
                let fix = Found::meant(id, pack.programmes.iter().map(|p| p.id.as_str()), "use the id of a programme");
                found.unknown(id, (FILE, &at), message, fix);
            } else if !seen.insert(id.as_str()) {
                found.at(FILE, &at, format!("programme {id:?} has two clocks"), "name it in one of them");
            }
        }
    }
}

fn steps(found: &mut Found<'_>) {
    let steps = &found.pack.workflow.steps;
    found.unique(FILE, "step", steps.iter().map(|s| s.stage.as_str()), |i| format!("step/{i}/stage"));
    for (i, step) in steps.iter().enumerate() {
        let path = |key: &str| format!("step/{i}/{key}");
        found.basis(FILE, &path("basis"), &step.basis);
        let (stage, known) = (step.stage.as_str(), STATES.iter().copied().filter(|s| !TERMINAL.contains(s)));
        if TERMINAL.contains(&stage) || !STATES.contains(&stage) {
            let message = format!("no step of a case has the limit of {stage:?}");
            let fix = format!("use one of {}", known.collect::<Vec<_>>().join(", "));
            found.at(FILE, &path("stage"), message, fix);
        }
        if step.limit_days == 0 {
            found.at(FILE, &path("limit_days"), "the step has no time to be done in", "give days, 1 or more");
        }
    }
}

fn appeal(found: &mut Found<'_>) {
    let Some(appeal) = &found.pack.workflow.appeal else { return };
    found.basis(FILE, "appeal/basis", &appeal.basis);
    for (key, days) in [("file_days", appeal.file_days), ("limit_days", appeal.limit_days)] {
        if days == 0 {
            found.at(FILE, &format!("appeal/{key}"), "an appeal has no day for it", "give days, 1 or more");
        }
    }
}

fn kin_and_special_review(found: &mut Found<'_>) {
    let workflow = &found.pack.workflow;
    if let Some(kin) = &workflow.kin {
        found.basis(FILE, "kin/basis", &kin.basis);
        found.unique(FILE, "relation", kin.relations.iter().map(|r| r.id.as_str()), |i| format!("kin/relation/{i}/id"));
        if kin.relations.is_empty() {
            found.at(FILE, "kin", "nobody could say how they are related", "add [[kin.relation]]");
        }
    }
    let Some(review) = &workflow.special_review else { return };
    found.basis(FILE, "special_review/basis", &review.basis);
    for (key, figure) in [("members", review.members), ("limit_days", review.limit_days)] {
        if figure == 0 {
            found.at(FILE, &format!("special_review/{key}"), format!("{key} is 0"), "give a number, 1 or more");
        }
    }
}

fn known(found: &mut Found<'_>) {
    let workflow = &found.pack.workflow;
    found.unique(FILE, "known", workflow.known.iter().map(|k| k.field.as_str()), |i| format!("known/{i}/field"));
    for (i, rule) in workflow.known.iter().enumerate() {
        let path = |key: &str| format!("known/{i}/{key}");
        found.basis(FILE, &path("basis"), &rule.basis);
        if !rule.register && rule.told_days == 0 && rule.checked_days == 0 {
            let fix = "give register = true, told_days or checked_days, or leave the entry out";
            found.at(FILE, &path("field"), format!("{:?} is known from nowhere", rule.field), fix);
        }
        if rule.checked_days > 0 && workflow.compared_alone(&rule.field).is_none() {
            let message = format!("no comparison has {:?} alone as what was declared", rule.field);
            found.at(FILE, &path("checked_days"), message, "add [[compare]] with declared = [this field], or give 0");
        }
        if rule.checked_days > 0 && !rule.sensitive {
            let fix = "what departments answered about means is its owner's: give sensitive = true";
            found.at(FILE, &path("field"), "an answer of departments would be shown to the whole household", fix);
        }
    }
}

fn escalations(found: &mut Found<'_>) {
    let rules = &found.pack.workflow.escalations;
    for (i, rule) in rules.iter().enumerate() {
        let path = |key: &str| format!("escalation/{i}/{key}");
        found.basis(FILE, &path("basis"), &rule.basis);
        if rules[..i].iter().any(|other| other.told >= rule.told || other.days >= rule.days) {
            let fix = "write them in the order holder, next, district, each with more days than the one before";
            found.at(FILE, &path("days"), "a higher level is told before or with a lower one", fix);
        }
    }
}

/// Steps of a case as its page shows them.
const STEPS: [&str; 8] =
    ["submitted", "accepted", "checking", "surveying", "reviewed", "publicised", "confirming", "assisting"];

fn voices(found: &mut Found<'_>) {
    let workflow = &found.pack.workflow;
    found.unique(FILE, "voice", workflow.voices.iter().map(|v| v.id.as_str()), |i| format!("voice/{i}/id"));
    for (i, voice) in workflow.voices.iter().enumerate() {
        found.basis(FILE, &format!("voice/{i}/basis"), &voice.basis);
        if voice.limit_days == 0 {
            let message = "nobody could answer in no days";
            found.at(FILE, &format!("voice/{i}/limit_days"), message, "give working days, 1 or more");
        }
    }
    let Some(asked) = &workflow.satisfaction else { return };
    found.basis(FILE, "satisfaction/basis", &asked.basis);
    if !(0..=5).contains(&asked.bad) {
        found.at(
            FILE,
            "satisfaction/bad",
            "there are five stars",
            "give the worst that need no answer less one, 0 to 5",
        );
    }
    for (i, step) in asked.steps.iter().enumerate().filter(|(_, step)| !STEPS.contains(&step.as_str())) {
        let message = format!("no case has the step {step:?}");
        let fix = Found::meant(step, STEPS.iter().copied(), "use a step of a case");
        found.unknown(step, (FILE, &format!("satisfaction/steps/{i}")), message, fix);
    }
    if !workflow.voices.iter().any(|v| v.id == asked.voice && v.of_case) {
        let message = format!("no [[voice]] of a case is called {:?}", asked.voice);
        let fix = Found::meant(&asked.voice, workflow.voices.iter().map(|v| v.id.as_str()), "use the id of one");
        found.unknown(&asked.voice, (FILE, "satisfaction/voice"), message, fix);
    }
}

fn is_number(fact: &Fact) -> bool {
    matches!(fact.kind, FactType::Money | FactType::Int | FactType::Ratio)
}

fn one_compared(found: &mut Found<'_>, path: &str, item: &Compared) {
    let pack = found.pack;
    found.basis(FILE, &format!("{path}/basis"), &item.basis);
    let columns: Vec<&str> = pack
        .sources
        .iter()
        .filter(|s| s.origin == Origin::Platform)
        .flat_map(|s| s.columns.iter().map(|c| c.name.as_str()))
        .collect();
    for (i, name) in item.declared.iter().enumerate() {
        if !columns.contains(&name.as_str()) {
            let message = format!("{name:?} is declared nowhere");
            let fix = Found::meant(name, columns.iter().copied(), "use a column of the platform's own sources");
            found.unknown(name, (FILE, &format!("{path}/declared/{i}")), message, fix);
        }
    }
    if item.declared.is_empty() {
        let message = format!("{} compares nothing declared", item.id);
        found.at(FILE, &format!("{path}/declared"), message, "name the columns of the declaration");
    }
    for (i, source) in item.sources.iter().enumerate().filter(|(_, s)| pack.source(s).is_none()) {
        let message = format!("source {source:?} is not in sources/");
        found.unknown(source, (FILE, &format!("{path}/sources/{i}")), message, "use the id of a source, such as DS09");
    }
    if item.tolerance < 0 {
        found.at(FILE, &format!("{path}/tolerance"), "a tolerance below nought", "0 or more, in the fact's own unit");
    }
    let fact = fact_of(found, path, "fact", &item.fact);
    if let Some((_, fact)) = fact.filter(|(_, f)| !matches!(f.kind, FactType::Money | FactType::Int)) {
        let message = format!("{:?} is no whole number: {:?} cannot be compared with it", fact.name, item.id);
        found.at(FILE, &format!("{path}/fact"), message, "use a fact of type money or int");
    }
    let known = item.known.as_ref().and_then(|name| fact_of(found, path, "known", name));
    if let Some((group, fact_known)) = known
        && (fact_known.kind != FactType::Bool || fact.is_some_and(|(other, _)| other.grain != group.grain))
    {
        let message = format!("{:?} does not say whether {:?} is known", fact_known.name, item.fact);
        found.at(FILE, &format!("{path}/known"), message, "use a fact of type bool of the same person or household");
    }
}

fn fact_of<'a>(found: &mut Found<'a>, path: &str, key: &str, name: &str) -> Option<(&'a FactGroup, &'a Fact)> {
    let fact = found.pack.fact(name);
    if fact.is_none() {
        let fix = Found::meant(name, found.fact_names(), "use the name of a fact of facts/");
        found.unknown(name, (FILE, &format!("{path}/{key}")), format!("fact {name:?} is in no group"), fix);
    }
    fact
}

fn of_indicator(found: &mut Found<'_>, indicator: &Indicator) {
    let file = found.files().home("indicators", &indicator.id);
    match &indicator.measure {
        Some(name) if name == "none" => {}
        Some(name) if !indicator.evidence.contains(name) => {
            let known = indicator.evidence.iter().map(String::as_str);
            let fix = Found::meant(name, known, "name one of the facts of evidence, or \"none\"");
            found.at(&file, "measure", format!("measure {name:?} is not among the evidence"), fix);
        }
        Some(name) if found.pack.fact(name).is_some_and(|(_, fact)| !is_number(fact)) => {
            let message = format!("measure {name:?} is no number: nobody can say whether it got worse");
            found.at(&file, "measure", message, "name a fact of type money, int or ratio, or \"none\"");
        }
        Some(_) | None => {}
    }
    if let Some(least) = indicator.pool_below {
        if !indicator.opens_task() {
            let message = "pool_below stands at an indicator that opens no task at all";
            found.at(&file, "pool_below", message, "remove it, or set open_task = true");
        } else if least == Severity::Blue {
            let message = "nothing is milder than blue: pool_below keeps nothing back";
            found.at(&file, "pool_below", message, "write yellow, orange or red, or remove it");
        } else if indicator.severity < least && indicator.severity_expr.is_none() {
            let message = format!("every alert is {}: none would ever open a task", indicator.severity.word());
            found.at(&file, "pool_below", message, "write pool_only = true, or a milder severity");
        }
    }
    if indicator.pool_only && indicator.open_task == Some(true) {
        found.at(&file, "pool_only", "pool_only and open_task = true contradict each other", "remove one of them");
    }
    if indicator.kind == Kind::Score && indicator.opens_task() && indicator.limit_days == 0 {
        found.at(&file, "limit_days", "the task has no time to be done in", "give working days, 1 or more");
    }
}
