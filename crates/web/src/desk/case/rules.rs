//! What the rules find, programme by programme and condition by condition: the tier first, then what else the household
//! has, what is still to be asked, what it may ask for itself, and, folded, what does not fit now.

use crate::{
    View,
    desk::look::{self, Tag},
    url,
};
use std::collections::BTreeMap;
use tuodi_casework::words::fact_text;
use tuodi_pack::{
    Answer, CheckResult, FactValue, Fen, Lang, Pack, PersonId, SourceRow,
    explain::{
        ConditionWords, FindingWords, LevelWords, MatterWords, NeedWords, ProgrammeWords, Teller, Voice, leading,
    },
    programme::{Per, ProgrammeKind},
    source::ColumnType,
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
    pub words: ConditionWords,
}

/// A programme in full, for the household or for one person.
pub struct ProgrammeCard {
    pub answer: Tag,
    pub conditions: Vec<ConditionLine>,
    pub words: ProgrammeWords,
}

/// A programme in a line; where it is asked for each person, with a line for each whose answer this is.
pub struct Brief {
    pub title: String,
    pub answer: Tag,
    pub href: String,
    /// Who and how much; both may be empty.
    pub lines: Vec<BriefLine>,
    pub beside: String,
    /// Conditions that do not hold, for the short line.
    pub open: String,
    pub changes: Vec<String>,
    /// What the family is told about what is still open.
    pub say: String,
}

pub struct BriefLine {
    pub who: String,
    pub amount: String,
    pub parts: Vec<(String, String)>,
}

/// How hard it is and what could be done; proposals, nothing is ordered.
pub struct HardshipCard {
    pub level: Option<LevelWords>,
    pub points: u32,
    pub labels: Vec<String>,
    /// Services by category.
    pub needs: Vec<(String, Vec<NeedWords>)>,
    pub matters: Vec<MatterWords>,
}

pub struct RulesCard {
    pub tier: String,
    pub found: bool,
    /// No tier holds so far, but one may once something is asked: unknown is never no.
    pub asks: bool,
    pub monthly: String,
    pub as_of: String,
    pub rules: String,
    pub snapshot: String,
    /// The tier found; where none is, the first that still asks something.
    pub shown: Vec<ProgrammeCard>,
    pub tiers: Vec<Brief>,
    pub given: Vec<Brief>,
    /// What all that holds comes to: a month, a year, once.
    pub total: String,
    pub asked: Vec<Brief>,
    pub on_request: Vec<Brief>,
    pub not_now: Vec<Brief>,
    pub measures: Vec<Brief>,
    pub hardship: Option<HardshipCard>,
    /// Where the rows behind it are; empty where there is no such page.
    pub rows_href: String,
    /// What was withheld from it, and feeds behind it that were late, degraded or out of agreement then.
    pub marks: Vec<String>,
}

/// One programme with everything under it.
pub struct ProgrammeDetail {
    pub title: String,
    pub cards: Vec<ProgrammeCard>,
    pub rows: Vec<RowLine>,
}

pub fn teller<'a>(v: &View, pack: &'a Pack, people: &'a BTreeMap<PersonId, String>) -> Teller<'a> {
    Teller { pack, lang: v.lang, voice: Voice::Officer, names: people }
}

/// `base`: the page of programmes in full, `/desk/cases/QY26-00001/rules`; empty where there is none.
pub fn card(v: &View, pack: &Pack, result: &CheckResult, people: &BTreeMap<PersonId, String>, base: &str) -> RulesCard {
    let teller = teller(v, pack, people);
    let found = teller.finding(result);
    let wanted = leading(pack, result).unwrap_or_default();
    let href = |id: &str| if base.is_empty() { String::new() } else { format!("{base}?programme={}", url::escape(id)) };
    let briefs = |list: &[ProgrammeWords]| briefs(v, list, &href);
    let hardship = hardship(&found);
    let (shown, tiers): (Vec<_>, Vec<_>) = found.tiers.into_iter().partition(|p| p.id == wanted);
    let rows_href = href(wanted);
    let (rules, as_of, snapshot) = made_of(v, result);
    RulesCard {
        found: result.tier != "none",
        asks: result.tiers().any(|p| p.answer == Answer::Unknown),
        monthly: if found.amount.is_empty() { v.t("desk.unit.no_money").to_owned() } else { found.amount },
        tier: found.tier_title,
        as_of,
        rules,
        snapshot,
        shown: shown.into_iter().map(|p| full(v, p)).collect(),
        tiers: briefs(&tiers),
        given: briefs(&found.given),
        total: total(&teller, result),
        asked: briefs(&found.asked),
        on_request: briefs(&found.on_request),
        not_now: briefs(&found.not_now),
        measures: briefs(&found.measures),
        hardship,
        rows_href,
        marks: Vec::new(),
    }
}

/// Rules, day and snapshot of a finding, as pages say them.
pub fn made_of(v: &View, result: &CheckResult) -> (String, String, String) {
    let snapshot = result.snapshot.chars().take(12).collect();
    let rules = match &result.law_of {
        Some(day) => v.t2("desk.rules.law_of", &result.pack_version, v.full_date(day)),
        None => result.pack_version.clone(),
    };
    (rules, v.full_date(&result.as_of), snapshot)
}

/// One programme for everybody it was asked for, with the rows its facts rest on; `None` where it was not asked.
pub fn detail(
    v: &View,
    pack: &Pack,
    result: &CheckResult,
    people: &BTreeMap<PersonId, String>,
    programme: &str,
) -> Option<ProgrammeDetail> {
    let teller = teller(v, pack, people);
    let found: Vec<_> = result.programmes.iter().filter(|p| p.programme == programme).collect();
    let title = teller.programme(result, found.first()?).title;
    let mut rows: Vec<usize> = found.iter().flat_map(|p| &p.conditions).flat_map(|c| c.rows.iter().copied()).collect();
    rows.sort_unstable();
    rows.dedup();
    Some(ProgrammeDetail {
        title,
        cards: found.into_iter().map(|p| full(v, teller.programme(result, p))).collect(),
        rows: rows.into_iter().filter_map(|i| result.rows.get(i)).map(|r| row(v, pack, r, people)).collect(),
    })
}

fn full(v: &View, words: ProgrammeWords) -> ProgrammeCard {
    let line = |c: &ConditionWords| ConditionLine {
        class: match c.answer {
            Answer::Holds => "r-ok",
            Answer::Fails => "r-no",
            Answer::Unknown => "r-ask",
        },
        answer: look::answer(v, c.answer),
        words: c.clone(),
    };
    ProgrammeCard {
        answer: look::answer(v, words.answer),
        conditions: words.conditions.iter().map(line).collect(),
        words,
    }
}

fn briefs(v: &View, list: &[ProgrammeWords], href: &impl Fn(&str) -> String) -> Vec<Brief> {
    let comma = v.t("desk.comma");
    let mut briefs: Vec<(&str, Brief)> = Vec::new();
    for p in list {
        let line = BriefLine { who: p.who.clone(), amount: p.amount.clone(), parts: p.parts.clone() };
        // Asked for each member, one programme comes several times.
        if let Some((_, brief)) = briefs.iter_mut().find(|(id, _)| *id == p.id) {
            brief.lines.push(line);
            for change in &p.changes {
                if !brief.changes.contains(change) {
                    brief.changes.push(change.clone());
                }
            }
            continue;
        }
        let open = p.open();
        let titles: Vec<&str> = open.iter().map(|c| c.title.as_str()).collect();
        briefs.push((
            &p.id,
            Brief {
                title: p.title.clone(),
                answer: match p.on_request {
                    true => Tag::new("info", "message", v.t("desk.rules.on_request_tag")),
                    false => look::answer(v, p.answer),
                },
                href: href(&p.id),
                beside: p.beside.clone(),
                open: titles.join(comma),
                changes: p.changes.clone(),
                say: open.iter().find(|c| c.answer == Answer::Unknown).map(|c| c.sentence.clone()).unwrap_or_default(),
                lines: vec![line],
            },
        ));
    }
    briefs.into_iter().map(|(_, brief)| brief).collect()
}

/// Sums by how often they are paid; empty where nothing is.
fn total(teller: &Teller<'_>, result: &CheckResult) -> String {
    let mut sums: Vec<(Per, Fen)> = vec![(Per::Month, result.monthly)];
    let given = result
        .beside_tiers()
        .filter(|p| p.answer == Answer::Holds && matches!(p.kind, ProgrammeKind::Status | ProgrammeKind::Benefit));
    for (per, paid) in given.filter_map(|p| Some((p.per, p.monthly?))) {
        match sums.iter_mut().find(|(of, _)| *of == per) {
            Some((_, sum)) => *sum = *sum + paid,
            None => sums.push((per, paid)),
        }
    }
    let words: Vec<String> =
        sums.into_iter().filter(|(_, sum)| *sum > Fen::ZERO).map(|(per, sum)| teller.paid(sum, per)).collect();
    words.join(if teller.lang == Lang::Zh { " ＋ " } else { " + " })
}

fn hardship(found: &FindingWords) -> Option<HardshipCard> {
    let nothing =
        found.level.is_none() && found.labels.is_empty() && found.needs.is_empty() && found.matters.is_empty();
    if nothing && found.points == 0 {
        return None;
    }
    let mut needs: Vec<(String, Vec<NeedWords>)> = Vec::new();
    for need in &found.needs {
        match needs.iter_mut().find(|(category, _)| *category == need.category) {
            Some((_, list)) => list.push(need.clone()),
            None => needs.push((need.category.clone(), vec![need.clone()])),
        }
    }
    Some(HardshipCard {
        level: found.level.clone(),
        points: found.points,
        labels: found.labels.iter().map(|(title, _)| title.clone()).collect(),
        needs,
        matters: found.matters.clone(),
    })
}

/// Facts by their names in the pack, each with its value in words.
pub fn facts(v: &View, pack: &Pack, facts: &[FactValue], people: &BTreeMap<PersonId, String>) -> Vec<(String, String)> {
    let teller = teller(v, pack, people);
    facts.iter().map(|f| teller.fact(f, None)).collect()
}

/// The values of a source's row in words: without ids of people, the platform's own columns and keyed hashes.
pub fn cells(
    v: &View,
    pack: &Pack,
    source: &str,
    values: &serde_json::Map<String, serde_json::Value>,
) -> Vec<(String, String)> {
    let source = pack.source(source);
    let of = |name: &str| source.and_then(|s| s.columns.iter().find(|c| c.pool_name().as_deref() == Some(name)));
    let title = |name: &str| of(name).map_or(name, |c| v.text(&c.title)).to_owned();
    let is = |name: &str, kind: ColumnType| of(name).is_some_and(|c| c.kind == kind);
    let value = |name: &str, value: &serde_json::Value| match value {
        serde_json::Value::Null => v.t("desk.rule.empty").to_owned(),
        serde_json::Value::Bool(yes) => v.text(&fact_text(Some(if *yes { "true" } else { "false" }), "")).to_owned(),
        serde_json::Value::Number(n) if is(name, ColumnType::Money) => {
            n.as_i64().map_or_else(|| n.to_string(), |fen| v.money(&Fen(fen)))
        }
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let hidden = |name: &str| {
        name.ends_with("person_id") || name == "household_id" || name.starts_with('_') || is(name, ColumnType::Token)
    };
    values.iter().filter(|(n, _)| !hidden(n)).map(|(n, x)| (title(n), value(n, x))).collect()
}

pub fn row(v: &View, pack: &Pack, row: &SourceRow, people: &BTreeMap<PersonId, String>) -> RowLine {
    let mut values = cells(v, pack, &row.source, &row.values);
    if let Some(name) = row.person_id.and_then(|p| people.get(&p)) {
        values.insert(0, (v.t("desk.rule.person").to_owned(), name.clone()));
    }
    RowLine {
        source: teller(v, pack, people).source_name(&row.source),
        arrived: row.arrived.get(..10).unwrap_or(&row.arrived).to_owned(),
        place: v.t2("desk.rule.place", &row.batch, row.row),
        values,
    }
}
