//! The value of an alert that says whether things got worse since it was closed.

use serde_json::Value;
use tuodi_pack::{Pack, facts::FactType, indicator::Indicator, workflow::Worse};

/// One fact of the evidence, in either form it comes in: facts by name, or a list of them.
fn fact<'e>(evidence: &'e Value, name: &str) -> Option<&'e Value> {
    match evidence {
        Value::Object(facts) => facts.get(name),
        Value::Array(facts) => facts.iter().find(|f| f.get("name").and_then(Value::as_str) == Some(name))?.get("value"),
        _ => None,
    }
}

/// Whole, or a ratio in thousandths.
fn number(value: &Value, kind: Option<FactType>) -> Option<i64> {
    let text = match value {
        Value::Number(n) => n.to_string(),
        Value::String(s) => s.clone(),
        _ => return None,
    };
    match kind {
        // A code of digits, a year in a text, a day: no measure.
        Some(FactType::Bool | FactType::Date | FactType::Text) => None,
        Some(FactType::Ratio) => text.parse::<f64>().ok().map(|n| (n * 1000.0).round() as i64),
        Some(FactType::Money | FactType::Int) | None => text.parse().ok(),
    }
}

/// What the indicator measures of this evidence (JSON): the fact it names, else the first number. Evidence that cannot be
/// read measures nothing.
pub(crate) fn measure(pack: &Pack, indicator: &Indicator, evidence: &str) -> Option<i64> {
    let evidence: Value = serde_json::from_str(evidence).ok()?;
    let of = |name: &str| number(fact(&evidence, name)?, pack.fact(name).map(|(_, f)| f.kind));
    let is_number = |name: &str| match pack.fact(name) {
        Some((_, f)) => matches!(f.kind, FactType::Money | FactType::Int | FactType::Ratio),
        // Results of programmes: amounts and counts are numbers, the others do not read as one.
        None => true,
    };
    match indicator.measure.as_deref() {
        Some("none") => None,
        Some(name) => of(name),
        // The first that is a number by its kind, known here or not: else a gap would be filled by another measure.
        None => indicator.evidence.iter().find(|name| is_number(name)).and_then(|name| of(name)),
    }
}

/// Worse by so many parts per 1000 of what it was, or more.
pub(crate) fn is_worse(worse: Worse, permille: u32, old: Option<i64>, new: Option<i64>) -> bool {
    let (Some(old), Some(new)) = (old.map(i128::from), new.map(i128::from)) else { return false };
    let by = match worse {
        Worse::Higher => new - old,
        Worse::Lower => old - new,
    };
    by > 0 && by * 1000 >= old.abs() * i128::from(permille)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worse_by_a_fifth_counts_and_a_little_less_does_not() {
        let higher = |old, new| is_worse(Worse::Higher, 200, old, new);
        assert!(higher(Some(50_000), Some(60_000)));
        assert!(!higher(Some(50_000), Some(59_999)));
        assert!(!higher(Some(0), Some(0)));
        assert!(higher(Some(0), Some(1)));
        assert!(!higher(None, Some(1)));
    }

    #[test]
    fn what_falls_is_worse_where_the_pack_says_so() {
        let lower = |old, new| is_worse(Worse::Lower, 200, Some(old), Some(new));
        assert!(lower(100_000, 80_000), "a wage that falls by a fifth");
        assert!(!lower(100_000, 80_001));
        assert!(!lower(100_000, 130_000));
    }

    #[test]
    fn a_day_a_code_and_a_yes_are_no_measure() {
        let number = |value: &str, kind| number(&Value::String(value.to_owned()), Some(kind));
        assert_eq!(number("2026", FactType::Text), None);
        assert_eq!(number("2026-09-03", FactType::Date), None);
        assert_eq!(number("true", FactType::Bool), None);
        assert_eq!(number("0.352", FactType::Ratio), Some(352));
        assert_eq!(number("5000000", FactType::Money), Some(5_000_000));
    }
}
