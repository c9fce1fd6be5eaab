//! Declared against found: which facts agree, which a person must judge.

use crate::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tuodi_pack::{Answer, CheckResult, Pack, PersonId, Text};

/// What the comparison of one item says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// Differ by more than the tolerance: a person judges.
    Judge,
    /// The applicant did not know; a department did.
    Supplied,
    /// No department answered; only the declaration is there.
    OnlyDeclared,
    /// Nobody knows.
    Unknown,
    /// Equal within the tolerance.
    Agree,
}

impl Comparison {
    pub fn id(self) -> &'static str {
        match self {
            Comparison::Judge => "judge",
            Comparison::Supplied => "supplied",
            Comparison::OnlyDeclared => "only_declared",
            Comparison::Unknown => "unknown",
            Comparison::Agree => "agree",
        }
    }
}

/// Which of the two an officer goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Use {
    Declared,
    Found,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    #[serde(rename = "use")]
    pub use_: Use,
    pub reason: String,
    pub by: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Its place in the list of this check.
    pub id: u32,
    /// `income_month`, `fin_assets`, …
    pub item: String,
    pub title: Text,
    pub person: Option<PersonId>,
    pub declared: Option<i64>,
    pub found: Option<i64>,
    /// `fen/month`, `fen`, `homes`
    pub unit: String,
    pub comparison: Comparison,
    /// Source ids that the found value rests on.
    pub sources: Vec<String>,
    pub resolution: Option<Resolution>,
}

impl Difference {
    pub fn waits_for_judgement(&self) -> bool {
        self.comparison == Comparison::Judge && self.resolution.is_none()
    }
}

/// One thing declared and the facts of the pack that say the same, most specific first.
struct Item {
    id: &'static str,
    declared: &'static [&'static str],
    facts: &'static [&'static str],
    unit: &'static str,
    /// Parts per 1000 of the larger value that count as equal (workflow.md, G_clean: income 5 %, property 0).
    tolerance: i64,
    zh: &'static str,
    en: &'static str,
}

const ITEMS: &[Item] = &[
    Item {
        id: "fin_assets",
        declared: &["fin_assets"],
        facts: &["fin_assets", "household_fin_assets"],
        unit: "fen",
        tolerance: 0,
        zh: "金融资产",
        en: "Financial assets",
    },
    Item {
        id: "home_count",
        declared: &["home_count"],
        facts: &["home_count", "household_home_count"],
        unit: "homes",
        tolerance: 0,
        zh: "住房",
        en: "Homes",
    },
    Item {
        id: "vehicle_value",
        declared: &["vehicle_value"],
        facts: &["vehicle_value_max", "vehicle_value", "household_vehicle_value"],
        unit: "fen",
        tolerance: 0,
        zh: "机动车价值",
        en: "Vehicles",
    },
    Item {
        id: "company_capital",
        declared: &["company_capital"],
        facts: &["company_capital", "household_company_capital"],
        unit: "fen",
        tolerance: 0,
        zh: "经营出资",
        en: "Capital in businesses",
    },
    Item {
        id: "self_paid_medical_12m",
        declared: &["self_paid_medical_12m"],
        facts: &["household_oop_12m", "oop_household_12m", "oop_12m"],
        unit: "fen",
        tolerance: 50,
        zh: "近12个月自付医疗费",
        en: "Self-paid medical cost of 12 months",
    },
];

/// A person's income: declared wage and other income beside what departments know of this person.
const INCOME: &[&str] = &["wage_month", "other_income_month"];
const INCOME_FOUND: &str = "own_income_month";
const INCOME_IS_KNOWN: &str = "income_known";
const INCOME_TOLERANCE: i64 = 50;

/// A declared fact, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredValue {
    pub person: Option<PersonId>,
    pub name: String,
    pub value: Option<i64>,
}

fn known(value: Option<&String>) -> Option<i64> {
    value.and_then(|v| v.split('.').next()).and_then(|v| v.parse().ok())
}

/// What a result says of one fact.
struct Found {
    value: Option<String>,
    sources: Vec<String>,
}

fn look_up(result: &CheckResult, name: &str, person: Option<PersonId>) -> Option<Found> {
    let mut found: Option<Found> = None;
    for programme in &result.programmes {
        for condition in &programme.conditions {
            // In a programme asked for each person a fact may stand without its person.
            let about = condition.person_id.or(programme.person_id);
            let fact = condition
                .facts
                .iter()
                .find(|f| f.name == name && (f.person_id == person || (f.person_id.is_none() && about == person)));
            let Some(fact) = fact else { continue };
            let mut sources: BTreeSet<String> = found.iter().flat_map(|f| f.sources.iter().cloned()).collect();
            sources.extend(condition.rows.iter().filter_map(|i| result.rows.get(*i)).map(|row| row.source.clone()));
            let value = fact.value.clone().or_else(|| found.as_ref().and_then(|f| f.value.clone()));
            found = Some(Found { value, sources: sources.into_iter().collect() });
        }
    }
    let evidence = result.alerts.iter().flat_map(|a| &a.evidence);
    let amounts = result.programmes.iter().flat_map(|p| &p.amount_facts);
    found.or_else(|| {
        evidence
            .chain(amounts)
            .find(|f| f.name == name && f.person_id == person)
            .map(|f| Found { value: f.value.clone(), sources: Vec::new() })
    })
}

/// The household's value of the first of these facts that the result mentions, and the sources under it.
fn found(result: &CheckResult, names: &[&str]) -> Option<(Option<i64>, Vec<String>)> {
    let found = names.iter().find_map(|name| look_up(result, name, None))?;
    Some((known(found.value.as_ref()), found.sources))
}

/// A person's income as departments know it; none where they know nothing.
fn found_income(result: &CheckResult, person: PersonId) -> (Option<i64>, Vec<String>) {
    let is_known = look_up(result, INCOME_IS_KNOWN, Some(person)).and_then(|f| f.value);
    if is_known.as_deref() != Some("true") {
        return (None, Vec::new());
    }
    match look_up(result, INCOME_FOUND, Some(person)) {
        Some(found) => (known(found.value.as_ref()), found.sources),
        None => (None, Vec::new()),
    }
}

/// Sum of what was declared under these names: none when nothing was, or when somebody did not know.
fn declared_sum(declared: &[DeclaredValue], names: &[&str]) -> Option<i64> {
    let mut of_item = declared.iter().filter(|d| names.contains(&d.name.as_str())).peekable();
    of_item.peek()?;
    of_item.map(|d| d.value).sum()
}

fn compare_values(declared: Option<i64>, found: Option<i64>, tolerance: i64) -> Comparison {
    match (declared, found) {
        (Some(d), Some(f)) => {
            let larger = i128::from(d.abs().max(f.abs()));
            let apart = i128::from((d - f).abs());
            if apart * 1000 <= larger * i128::from(tolerance) { Comparison::Agree } else { Comparison::Judge }
        }
        (None, Some(_)) => Comparison::Supplied,
        (Some(_), None) => Comparison::OnlyDeclared,
        (None, None) => Comparison::Unknown,
    }
}

/// Names who really answered: of an item's sources those that the fact's group comes from. A department that was asked
/// and had no row answered nought and is named all the same, as the group's first source.
pub fn name_suppliers(list: &mut [Difference], pack: &Pack) {
    for difference in list.iter_mut().filter(|d| d.found.is_some()) {
        let facts = ITEMS.iter().find(|item| item.id == difference.item).map_or(&[][..], |item| item.facts);
        match facts.iter().find_map(|name| pack.fact(name)) {
            Some((group, _)) => {
                difference.sources.retain(|source| group.from.contains(source));
                if difference.sources.is_empty() {
                    difference.sources.extend(group.from.first().cloned());
                }
            }
            None => {
                let named = words::without_register(pack, difference.sources.iter().map(String::as_str).collect());
                difference.sources = named.into_iter().map(str::to_owned).collect();
            }
        }
    }
}

/// Declared facts beside what departments supplied (`supplied` was evaluated without the declaration), what needs
/// judgement first. Judgements already given for the same values are kept.
pub fn compare(declared: &[DeclaredValue], supplied: &CheckResult, earlier: &[Difference]) -> Vec<Difference> {
    let persons: BTreeSet<PersonId> =
        declared.iter().filter(|d| INCOME.contains(&d.name.as_str())).filter_map(|d| d.person).collect();
    let incomes = persons.into_iter().map(|person| {
        let own: Vec<DeclaredValue> = declared.iter().filter(|d| d.person == Some(person)).cloned().collect();
        let declared = declared_sum(&own, INCOME);
        let (found, sources) = found_income(supplied, person);
        Difference {
            id: 0,
            item: "income_month".to_owned(),
            title: Text::new("月收入", "Income a month"),
            person: Some(person),
            declared,
            found,
            unit: "fen/month".to_owned(),
            comparison: compare_values(declared, found, INCOME_TOLERANCE),
            sources,
            resolution: None,
        }
    });
    let mut list: Vec<Difference> = incomes
        .chain(ITEMS.iter().map(|item| {
            let declared = declared_sum(declared, item.declared);
            let (found, sources) = found(supplied, item.facts).unwrap_or_default();
            Difference {
                id: 0,
                item: item.id.to_owned(),
                title: Text::new(item.zh, item.en),
                person: None,
                declared,
                found,
                unit: item.unit.to_owned(),
                comparison: compare_values(declared, found, item.tolerance),
                sources: if found.is_some() { sources } else { Vec::new() },
                resolution: None,
            }
        }))
        .collect();
    list.sort_by_key(|d| d.comparison);
    for (id, difference) in list.iter_mut().enumerate() {
        difference.id = id as u32 + 1;
        difference.resolution = earlier
            .iter()
            .find(|e| e.item == difference.item && e.person == difference.person)
            .filter(|e| e.declared == difference.declared && e.found == difference.found)
            .and_then(|e| e.resolution.clone());
    }
    list
}

/// An answer that could still change the tier: a programme before the one found, undecided for want of facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnknownFact {
    pub programme: String,
    pub condition: String,
    pub person: Option<PersonId>,
}

pub fn unknown_facts(pack: &Pack, result: &CheckResult) -> Vec<UnknownFact> {
    let order = |id: &str| pack.programme(id).map_or(u32::MAX, |p| p.order);
    let found = order(&result.tier);
    result
        .tiers()
        .filter(|p| p.answer == Answer::Unknown && order(&p.programme) < found)
        .flat_map(|p| {
            p.conditions.iter().filter(|c| c.answer == Answer::Unknown).map(|c| UnknownFact {
                programme: p.programme.clone(),
                condition: c.name.clone(),
                person: c.person_id.or(p.person_id),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn income_within_five_percent_agrees_and_one_fen_more_does_not() {
        // 5 % of 200,000 is 10,000
        assert_eq!(compare_values(Some(190_000), Some(200_000), 50), Comparison::Agree);
        assert_eq!(compare_values(Some(189_999), Some(200_000), 50), Comparison::Judge);
    }

    #[test]
    fn property_must_be_equal() {
        assert_eq!(compare_values(Some(1_200_000), Some(1_200_000), 0), Comparison::Agree);
        assert_eq!(compare_values(Some(1_200_000), Some(1_200_001), 0), Comparison::Judge);
    }

    #[test]
    fn one_member_who_does_not_know_leaves_the_sum_unknown() {
        let fact = |value| DeclaredValue { person: None, name: "wage_month".to_owned(), value };
        assert_eq!(declared_sum(&[fact(Some(1)), fact(Some(2))], &["wage_month"]), Some(3));
        assert_eq!(declared_sum(&[fact(Some(1)), fact(None)], &["wage_month"]), None);
        assert_eq!(declared_sum(&[], &["wage_month"]), None);
    }
}
