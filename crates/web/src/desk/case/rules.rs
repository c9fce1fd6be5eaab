//! Programme by programme, condition by condition: the answer, the numbers, the law, and the rows under it.

use crate::{
    View,
    desk::look::{self, Tag},
};
use std::collections::BTreeMap;
use tuodi_casework::words::{basis_text, fact_text, value_text};
use tuodi_pack::{
    Answer, CheckResult, ConditionResult, FactValue, Fen, Pack, PersonId, ProgrammeResult, SourceRow, programme::Per,
};

pub struct RowLine {
    pub source: String,
    pub arrived: String,
    pub place: String,
    pub values: Vec<(String, String)>,
}

pub struct ConditionLine {
    /// r-ok, r-ask, r-no
    pub class: &'static str,
    pub answer: Tag,
    pub title: String,
    pub sentence: String,
    /// Measured, line and room between them, in words; empty where the condition has no number.
    pub numbers: String,
    pub margin: String,
    pub basis: String,
    pub facts: Vec<(String, String)>,
    pub rows: Vec<RowLine>,
    /// What would change this answer; empty when it holds.
    pub change: String,
}

pub struct ProgrammeCard {
    pub title: String,
    pub of: String,
    pub answer: Tag,
    pub monthly: String,
    pub formula: String,
    pub parts: Vec<(String, String)>,
    pub amount_basis: String,
    pub conditions: Vec<ConditionLine>,
    /// Titles of the conditions that do not hold, for the short line.
    pub open_points: Vec<String>,
}

pub struct RulesCard {
    pub tier: String,
    pub found: bool,
    pub monthly: String,
    pub as_of: String,
    pub rules: String,
    pub snapshot: String,
    pub shown: Vec<ProgrammeCard>,
    pub others: Vec<ProgrammeCard>,
}

/// `all`: every programme in full; otherwise the one found (or the first asked) in full and a line for each other.
pub fn card(v: &View, pack: &Pack, result: &CheckResult, people: &BTreeMap<PersonId, String>, all: bool) -> RulesCard {
    let wanted = if result.programmes.iter().any(|p| p.programme == result.tier) {
        result.tier.as_str()
    } else {
        // Nothing holds: the first programme that still asks something, else the first one paid monthly.
        let asked = result.tiers().find(|p| p.answer == Answer::Unknown);
        let main = pack.main_programme().map(|p| p.id.as_str());
        asked
            .or(result.tiers().find(|p| Some(p.programme.as_str()) == main))
            .or(result.tiers().next())
            .map_or("", |p| p.programme.as_str())
    };
    let mut cards: Vec<(bool, ProgrammeCard)> = Vec::new();
    for programme in shown(result) {
        let full = all || programme.programme == wanted;
        cards.push((full, programme_card(v, pack, result, programme, people, full)));
    }
    let (shown, others): (Vec<_>, Vec<_>) = cards.into_iter().partition(|(full, _)| *full);
    RulesCard {
        tier: look::tier(v, pack, &result.tier),
        found: result.tier != "none",
        monthly: look::monthly(v, result.monthly),
        as_of: v.full_date(&result.as_of),
        rules: result.pack_version.clone(),
        snapshot: result.snapshot.chars().take(12).collect(),
        shown: shown.into_iter().map(|(_, card)| card).collect(),
        others: others.into_iter().map(|(_, card)| card).collect(),
    }
}

/// The tiers, and of what is asked beside them what this household has or may have; what does not concern it is left
/// out.
fn shown(result: &CheckResult) -> impl Iterator<Item = &ProgrammeResult> {
    result.tiers().chain(result.beside_tiers().filter(|p| p.answer == Answer::Holds))
}

fn programme_card(
    v: &View,
    pack: &Pack,
    result: &CheckResult,
    programme: &ProgrammeResult,
    people: &BTreeMap<PersonId, String>,
    full: bool,
) -> ProgrammeCard {
    let rules = pack.programme(&programme.programme);
    let amount = rules.and_then(|p| p.amount.as_ref()).filter(|_| programme.monthly.is_some());
    let open_points = programme.conditions.iter().filter(|c| c.answer != Answer::Holds);
    let title = |c: &ConditionResult| {
        let condition = rules.and_then(|p| p.conditions.iter().find(|x| x.name == c.name));
        condition.map_or(c.name.as_str(), |x| v.text(&x.title)).to_owned()
    };
    let mut points: Vec<String> = Vec::new();
    for point in open_points.map(title) {
        // Asked for each member, one title comes several times.
        if !points.contains(&point) {
            points.push(point);
        }
    }
    ProgrammeCard {
        title: look::tier(v, pack, &programme.programme),
        of: programme.person_id.and_then(|p| people.get(&p)).cloned().unwrap_or_default(),
        answer: look::answer(v, programme.answer),
        monthly: programme
            .monthly
            .filter(|m| *m > Fen::ZERO)
            .map(|m| if programme.per == Per::Month { look::monthly(v, m) } else { v.money(&m) })
            .unwrap_or_default(),
        formula: amount.map(|a| v.text(&a.explain).to_owned()).unwrap_or_default(),
        parts: if amount.is_some() { facts(v, pack, &programme.amount_facts, people) } else { Vec::new() },
        amount_basis: amount.map(|a| v.text(&basis_text(pack, &a.basis)).to_owned()).unwrap_or_default(),
        conditions: if full {
            programme.conditions.iter().map(|c| condition(v, pack, result, programme, c, people)).collect()
        } else {
            Vec::new()
        },
        open_points: points,
    }
}

fn condition(
    v: &View,
    pack: &Pack,
    result: &CheckResult,
    programme: &ProgrammeResult,
    c: &ConditionResult,
    people: &BTreeMap<PersonId, String>,
) -> ConditionLine {
    let rule = pack.programme(&programme.programme).and_then(|p| p.conditions.iter().find(|x| x.name == c.name));
    let (class, sentence) = match c.answer {
        Answer::Holds => ("r-ok", rule.map(|r| &r.holds)),
        Answer::Fails => ("r-no", rule.map(|r| &r.fails)),
        Answer::Unknown => ("r-ask", rule.map(|r| &r.unknown)),
    };
    let person = c.person_id.or(programme.person_id).and_then(|p| people.get(&p));
    let title = rule.map_or(c.name.as_str(), |r| v.text(&r.title));
    let words = |value: i64| v.text(&value_text(value, &c.unit)).to_owned();
    ConditionLine {
        class,
        answer: look::answer(v, c.answer),
        title: match person {
            Some(name) => format!("{title} · {name}"),
            None => title.to_owned(),
        },
        sentence: sentence.map(|t| v.text(t).to_owned()).unwrap_or_default(),
        numbers: match (c.measure, c.line) {
            (Some(measure), Some(line)) => v.t2("desk.rule.numbers", words(measure), words(line)),
            (Some(measure), None) => words(measure),
            _ => String::new(),
        },
        margin: match c.margin {
            Some(0) => v.t("desk.rule.at_line").to_owned(),
            Some(margin) if margin > 0 => v.t1("desk.rule.room", words(margin)),
            Some(margin) => v.t1("desk.rule.over", words(-margin)),
            None => String::new(),
        },
        basis: v.text(&basis_text(pack, &c.basis)).to_owned(),
        facts: facts(v, pack, &c.facts, people),
        rows: c.rows.iter().filter_map(|i| result.rows.get(*i)).map(|r| row(v, pack, r, people)).collect(),
        change: match (c.answer, rule) {
            (Answer::Holds, _) | (_, None) => String::new(),
            (_, Some(rule)) => v.text(&rule.change).to_owned(),
        },
    }
}

/// Facts by their names in the pack, each with its value in words.
pub fn facts(v: &View, pack: &Pack, facts: &[FactValue], people: &BTreeMap<PersonId, String>) -> Vec<(String, String)> {
    let line = |fact: &FactValue| {
        let title = pack.fact_title(&fact.name);
        let title = title.as_ref().map_or(fact.name.as_str(), |t| v.text(t));
        let title = match fact.person_id.and_then(|p| people.get(&p)) {
            Some(name) => format!("{title} · {name}"),
            None => title.to_owned(),
        };
        (title, v.text(&fact_text(fact.value.as_deref(), &fact.unit)).to_owned())
    };
    facts.iter().map(line).collect()
}

fn row(v: &View, pack: &Pack, row: &SourceRow, people: &BTreeMap<PersonId, String>) -> RowLine {
    let source = pack.source(&row.source);
    let title = |name: &str| {
        let column = source.and_then(|s| s.columns.iter().find(|c| c.pool_name().as_deref() == Some(name)));
        column.map_or(name, |c| v.text(&c.title)).to_owned()
    };
    let is_money = |name: &str| {
        let column = source.and_then(|s| s.columns.iter().find(|c| c.pool_name().as_deref() == Some(name)));
        column.is_some_and(|c| c.kind == tuodi_pack::source::ColumnType::Money)
    };
    let value = |name: &str, value: &serde_json::Value| match value {
        serde_json::Value::Null => v.t("desk.rule.empty").to_owned(),
        serde_json::Value::Bool(yes) => v.text(&fact_text(Some(if *yes { "true" } else { "false" }), "")).to_owned(),
        serde_json::Value::Number(n) if is_money(name) => {
            n.as_i64().map_or_else(|| n.to_string(), |fen| v.money(&Fen(fen)))
        }
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let hidden = |name: &str| name.ends_with("person_id") || name == "household_id" || name.starts_with('_');
    let mut values: Vec<(String, String)> =
        row.values.iter().filter(|(n, _)| !hidden(n)).map(|(n, x)| (title(n), value(n, x))).collect();
    if let Some(name) = row.person_id.and_then(|p| people.get(&p)) {
        values.insert(0, (v.t("desk.rule.person").to_owned(), name.clone()));
    }
    RowLine {
        source: source.map_or_else(
            || row.source.clone(),
            |s| {
                if v.is_zh() {
                    format!("{}“{}”", s.owner.zh, s.title.zh)
                } else {
                    format!("{}: {}", s.owner.en, s.title.en)
                }
            },
        ),
        arrived: row.arrived.get(..10).unwrap_or(&row.arrived).to_owned(),
        place: v.t2("desk.rule.place", &row.batch, row.row),
        values,
    }
}
