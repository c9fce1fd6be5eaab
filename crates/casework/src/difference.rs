//! Declared against found: which facts agree, which a person must judge.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tuodi_pack::{Answer, CheckResult, Pack, PersonId, SourceRow, Text, facts::Grain, workflow::Compared};

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

/// A declared fact, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredValue {
    pub person: Option<PersonId>,
    pub name: String,
    pub value: Option<i64>,
}

/// What departments know of a compared fact; none where they know nothing.
fn found(supplied: &CheckResult, item: &Compared, person: Option<PersonId>) -> Option<i64> {
    let value = |name: &str| {
        let fact = supplied.compared.iter().find(|f| f.name == name && f.person_id == person);
        fact.and_then(|f| f.value.as_deref())
    };
    if item.known.as_ref().is_some_and(|known| value(known) != Some("true")) {
        return None;
    }
    value(&item.fact)?.split('.').next()?.parse().ok()
}

/// Who really answered: of the sources of a fact those with a row of the household (of this person). A department that
/// was asked and had no row answered nought and is named all the same, as the first.
fn suppliers(pack: &Pack, supplied: &CheckResult, item: &Compared, person: Option<PersonId>) -> Vec<String> {
    let of_group = pack.fact(&item.fact).map(|(group, _)| group.from.as_slice()).unwrap_or_default();
    let sources = if item.sources.is_empty() { of_group } else { &item.sources };
    let mine = |row: &&SourceRow| person.is_none() || row.person_id == person;
    let rows: BTreeSet<&str> = supplied.rows.iter().filter(mine).map(|row| row.source.as_str()).collect();
    let answered: Vec<String> = sources.iter().filter(|s| rows.contains(s.as_str())).cloned().collect();
    if answered.is_empty() { sources.first().cloned().into_iter().collect() } else { answered }
}

/// Sum of what was declared under these names: none when nothing was, or when somebody did not know.
fn declared_sum<'d>(declared: impl Iterator<Item = &'d DeclaredValue>, names: &[String]) -> Option<i64> {
    let mut of_item = declared.filter(|d| names.contains(&d.name)).peekable();
    of_item.peek()?;
    of_item.map(|d| d.value).sum()
}

fn compare_values(item: &Compared, declared: Option<i64>, found: Option<i64>) -> Comparison {
    match (declared, found) {
        (Some(d), Some(f)) => {
            let larger = i128::from(d).abs().max(i128::from(f).abs());
            // So much of the larger value, and so much besides, counts as equal.
            let apart = (i128::from(d) - i128::from(f)).abs() - i128::from(item.tolerance);
            if apart * 1000 <= larger * i128::from(item.tolerance_permille) {
                Comparison::Agree
            } else {
                Comparison::Judge
            }
        }
        (None, Some(_)) => Comparison::Supplied,
        (Some(_), None) => Comparison::OnlyDeclared,
        (None, None) => Comparison::Unknown,
    }
}

/// Declared facts beside what departments supplied (`supplied` was evaluated without the declaration), what needs
/// judgement first. What is compared, and how far the two may differ, the pack says. Judgements already given for the same
/// values are kept.
pub fn compare(
    pack: &Pack,
    declared: &[DeclaredValue],
    supplied: &CheckResult,
    earlier: &[Difference],
) -> Vec<Difference> {
    let mut list: Vec<Difference> = Vec::new();
    for item in &pack.workflow.compared {
        let Some((group, fact)) = pack.fact(&item.fact) else { continue };
        let subjects: BTreeSet<Option<PersonId>> = match group.grain {
            Grain::Household => BTreeSet::from([None]),
            // Of those who declared something.
            Grain::Person => declared
                .iter()
                .filter(|d| d.person.is_some() && item.declared.contains(&d.name))
                .map(|d| d.person)
                .collect(),
        };
        for person in subjects {
            let own = declared.iter().filter(|d| person.is_none() || d.person == person);
            let declared = declared_sum(own, &item.declared);
            let found = found(supplied, item, person);
            list.push(Difference {
                id: 0,
                item: item.id.clone(),
                title: item.title.clone(),
                person,
                declared,
                found,
                unit: fact.unit.clone(),
                comparison: compare_values(item, declared, found),
                sources: found.map(|_| suppliers(pack, supplied, item, person)).unwrap_or_default(),
                resolution: None,
            });
        }
    }
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

    fn item(tolerance_permille: u32, tolerance: i64) -> Compared {
        Compared {
            id: "x".to_owned(),
            title: Text::new("甲", "A"),
            declared: vec!["wage_month".to_owned()],
            fact: "own_income_month".to_owned(),
            known: None,
            sources: Vec::new(),
            tolerance_permille,
            tolerance,
            basis: "DB57 art.17".to_owned(),
            note: String::new(),
        }
    }

    #[test]
    fn income_within_five_percent_agrees_and_one_fen_more_does_not() {
        // 5 % of 200,000 is 10,000
        assert_eq!(compare_values(&item(50, 0), Some(190_000), Some(200_000)), Comparison::Agree);
        assert_eq!(compare_values(&item(50, 0), Some(189_999), Some(200_000)), Comparison::Judge);
    }

    #[test]
    fn property_must_be_equal_unless_the_pack_lets_small_change_pass() {
        assert_eq!(compare_values(&item(0, 0), Some(1_200_000), Some(1_200_000)), Comparison::Agree);
        assert_eq!(compare_values(&item(0, 0), Some(1_200_000), Some(1_200_001)), Comparison::Judge);
        assert_eq!(compare_values(&item(0, 10_000), Some(1_200_000), Some(1_210_000)), Comparison::Agree);
        assert_eq!(compare_values(&item(0, 10_000), Some(1_200_000), Some(1_210_001)), Comparison::Judge);
    }

    #[test]
    fn one_member_who_does_not_know_leaves_the_sum_unknown() {
        let fact = |value| DeclaredValue { person: None, name: "wage_month".to_owned(), value };
        let sum = |list: &[DeclaredValue]| declared_sum(list.iter(), &["wage_month".to_owned()]);
        assert_eq!(sum(&[fact(Some(1)), fact(Some(2))]), Some(3));
        assert_eq!(sum(&[fact(Some(1)), fact(None)]), None);
        assert_eq!(sum(&[]), None);
    }
}
