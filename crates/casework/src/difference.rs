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
    /// Neither declared nor known to a department; the visit found it.
    OnlySeen,
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
            Comparison::OnlySeen => "only_seen",
            Comparison::Unknown => "unknown",
            Comparison::Agree => "agree",
        }
    }
}

/// Which of them an officer goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Use {
    Declared,
    Found,
    Seen,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    #[serde(rename = "use")]
    pub use_: Use,
    pub reason: String,
    /// The document it rests on, of the household's.
    #[serde(default)]
    pub paper: Option<i64>,
    pub by: String,
}

/// How an officer judges a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    pub use_: Use,
    pub reason: String,
    /// The document that shows it. What departments supplied and what a visit found are on record by themselves; going by
    /// the declaration against them needs one (workflow.md 3, transition 13).
    pub paper: Option<i64>,
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
    /// What the home visit found.
    #[serde(default)]
    pub seen: Option<i64>,
    /// The visit asked for a part of it only; it is compared with the same part of the declaration.
    #[serde(default)]
    pub seen_part: bool,
    /// What was declared of the part that the visit asked for.
    #[serde(default)]
    pub seen_beside: Option<i64>,
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

/// What the visit says of one thing: the sum of its answers, whether they are all of it, and the sum of what was declared
/// to the same questions (none where one of these was not answered).
fn visited(declared: &[DeclaredValue], seen: &[DeclaredValue], names: &[String]) -> (Option<i64>, bool, Option<i64>) {
    let of_item = |all: &[DeclaredValue]| -> Vec<DeclaredValue> {
        all.iter().filter(|d| names.contains(&d.name)).cloned().collect()
    };
    let (declared, seen) = (of_item(declared), of_item(seen));
    if seen.is_empty() {
        return (None, false, None);
    }
    let (beside, rest): (Vec<_>, Vec<_>) =
        declared.iter().partition(|d| seen.iter().any(|s| s.name == d.name && s.person == d.person));
    let part = !rest.is_empty() || names.iter().any(|n| seen.iter().all(|s| s.name != *n));
    let same = (beside.len() == seen.len()).then(|| beside.iter().map(|d| d.value).sum::<Option<i64>>()).flatten();
    (seen.iter().map(|s| s.value).sum(), part, same)
}

/// What the three say together. A visit that contradicts one of the others is for a person to judge, like any
/// contradiction; it replaces neither.
fn with_visit(
    item: &Compared,
    base: Comparison,
    found: Option<i64>,
    visit: (Option<i64>, bool, Option<i64>),
) -> Comparison {
    let (seen, part, beside) = visit;
    let contradicts = |other: Option<i64>| compare_values(item, other, seen) == Comparison::Judge;
    match base {
        _ if contradicts(beside) || !part && contradicts(found) => Comparison::Judge,
        Comparison::Unknown if seen.is_some() => Comparison::OnlySeen,
        base => base,
    }
}

/// Declared facts beside what departments supplied (`supplied` was evaluated without the declaration) and what visits
/// found, what needs judgement first. What is compared, and how far the two may differ, the pack says. Judgements already given for the same
/// values are kept.
pub fn compare(
    pack: &Pack,
    declared: &[DeclaredValue],
    seen: &[DeclaredValue],
    supplied: &CheckResult,
    earlier: &[Difference],
) -> Vec<Difference> {
    let mut list: Vec<Difference> = Vec::new();
    for item in &pack.workflow.compared {
        let Some((group, fact)) = pack.fact(&item.fact) else { continue };
        let subjects: BTreeSet<Option<PersonId>> = match group.grain {
            Grain::Household => BTreeSet::from([None]),
            // Of those who declared something, or of whom a visit found it.
            Grain::Person => declared
                .iter()
                .chain(seen)
                .filter(|d| d.person.is_some() && item.declared.contains(&d.name))
                .map(|d| d.person)
                .collect(),
        };
        for person in subjects {
            let own = |all: &'_ [DeclaredValue]| -> Vec<DeclaredValue> {
                all.iter().filter(|d| person.is_none() || d.person == person).cloned().collect()
            };
            let (own_declared, own_seen) = (own(declared), own(seen));
            let visit = visited(&own_declared, &own_seen, &item.declared);
            let declared = declared_sum(own_declared.iter(), &item.declared);
            let found = found(supplied, item, person);
            let base = compare_values(item, declared, found);
            list.push(Difference {
                id: 0,
                item: item.id.clone(),
                title: item.title.clone(),
                person,
                declared,
                found,
                unit: fact.unit.clone(),
                seen: visit.0,
                seen_part: visit.1,
                seen_beside: visit.2,
                comparison: with_visit(item, base, found, visit),
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
            .filter(|e| e.declared == difference.declared && e.found == difference.found && e.seen == difference.seen)
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

    fn told(name: &str, value: Option<i64>) -> DeclaredValue {
        DeclaredValue { person: None, name: name.to_owned(), value }
    }

    /// What declaration, departments and visit of income come to.
    fn three(declared: [Option<i64>; 2], found: Option<i64>, seen: [Option<i64>; 2]) -> Comparison {
        let names = ["wage_month", "other_income_month"];
        let item = Compared { declared: names.map(str::to_owned).into(), ..item(50, 0) };
        let declared: Vec<_> = names.iter().zip(declared).map(|(n, v)| told(n, v)).collect();
        let seen: Vec<_> = names.iter().zip(seen).filter(|(_, v)| v.is_some()).map(|(n, v)| told(n, v)).collect();
        let visit = visited(&declared, &seen, &item.declared);
        let base = compare_values(&item, declared_sum(declared.iter(), &item.declared), found);
        with_visit(&item, base, found, visit)
    }

    #[test]
    fn a_visit_that_contradicts_the_others_is_for_a_person_to_judge() {
        let both = [Some(180_000), Some(0)];
        assert_eq!(three(both, Some(180_000), [Some(180_000), Some(0)]), Comparison::Agree);
        assert_eq!(three(both, Some(180_000), [Some(300_000), Some(0)]), Comparison::Judge);
        assert_eq!(
            three([None, None], Some(180_000), [Some(300_000), Some(0)]),
            Comparison::Judge,
            "departments alone"
        );
        assert_eq!(three(both, None, [Some(300_000), Some(0)]), Comparison::Judge, "the declaration alone");
        assert_eq!(three([None, None], None, [Some(1), None]), Comparison::OnlySeen);
        assert_eq!(three(both, None, [None, None]), Comparison::OnlyDeclared, "nobody asked");
    }

    #[test]
    fn a_visit_that_asked_for_a_part_is_compared_with_that_part() {
        let both = [Some(180_000), Some(50_000)];
        assert_eq!(three(both, Some(230_000), [Some(180_000), None]), Comparison::Agree);
        assert_eq!(three(both, Some(230_000), [Some(230_000), None]), Comparison::Judge, "the wage is not as declared");
        assert_eq!(
            three([None, Some(0)], Some(180_000), [Some(90_000), None]),
            Comparison::Supplied,
            "a part says nought of the whole"
        );
    }
}
