//! Parameters: every amount and threshold, by region and effective date.

use crate::{Text, region};
use chrono::NaiveDate;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParameterValue {
    pub region: String,
    #[serde(deserialize_with = "crate::date::one")]
    pub effective: NaiveDate,
    pub amount: i64,
    pub basis: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    pub id: String,
    pub unit: String,
    pub title: Text,
    pub basis: String,
    #[serde(default)]
    pub note: crate::Note,
    /// First day of the law that sets it, where that is later than the pack's: until then there is no value.
    #[serde(default, deserialize_with = "crate::date::optional")]
    pub introduced: Option<NaiveDate>,
    /// Who reads it when no expression does: `casework`, `watch`, `web`, or a programme still to come.
    #[serde(default)]
    pub used_by: String,
    #[serde(rename = "value", default)]
    pub values: Vec<ParameterValue>,
}

impl Parameter {
    /// The value that holds in `region` on `as_of`: the most specific region, then the latest date.
    pub fn value(&self, region: &str, as_of: NaiveDate) -> Option<&ParameterValue> {
        self.values
            .iter()
            .filter(|v| v.effective <= as_of && region::contains(&v.region, region))
            .max_by_key(|v| (region::prefix(&v.region).len(), v.effective))
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    #[serde(rename = "parameter", default)]
    pub all: Vec<Parameter>,
}

impl Parameters {
    pub fn get(&self, id: &str) -> Option<&Parameter> {
        self.all.iter().find(|p| p.id == id)
    }

    pub fn value(&self, id: &str, region: &str, as_of: NaiveDate) -> Option<i64> {
        self.get(id)?.value(region, as_of).map(|v| v.amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn value(region: &str, effective: &str, amount: i64) -> ParameterValue {
        ParameterValue { region: region.to_owned(), effective: day(effective), amount, basis: None }
    }

    fn standard(values: Vec<ParameterValue>) -> Parameter {
        Parameter {
            id: "dibao_standard".to_owned(),
            unit: "fen/person/month".to_owned(),
            title: Text::new("低保标准", "Dibao standard"),
            basis: "QY-2026".to_owned(),
            note: crate::Note::default(),
            introduced: None,
            used_by: String::new(),
            values,
        }
    }

    #[track_caller]
    fn check(parameter: &Parameter, region: &str, as_of: &str, amount: Option<i64>) {
        assert_eq!(parameter.value(region, day(as_of)).map(|v| v.amount), amount);
    }

    #[test]
    fn the_old_amount_holds_through_the_last_day_and_the_new_one_from_the_first() {
        // b24: accepted 2026-12-30 the old set, the January payment the new one
        let parameter =
            standard(vec![value("990100000000", "2027-01-01", 99_000), value("990100000000", "2026-01-01", 96_000)]);
        check(&parameter, "990102001001", "2026-12-30", Some(96_000));
        check(&parameter, "990102001001", "2026-12-31", Some(96_000));
        check(&parameter, "990102001001", "2027-01-01", Some(99_000));
    }

    #[test]
    fn before_its_first_day_there_is_no_amount() {
        let parameter = standard(vec![value("990100000000", "2026-01-01", 96_000)]);
        check(&parameter, "990102001001", "2025-12-31", None);
    }

    #[test]
    fn the_nearer_region_wins_even_when_the_wider_one_is_newer() {
        let parameter = standard(vec![
            value("990000000000", "2026-07-01", 80_000),
            value("990100000000", "2026-01-01", 90_000),
            value("990121000000", "2026-01-01", 84_000),
        ]);
        check(&parameter, "990121101203", "2026-09-01", Some(84_000));
        check(&parameter, "990102001001", "2026-09-01", Some(90_000));
        check(&parameter, "990201001001", "2026-09-01", Some(80_000));
        check(&parameter, "990201001001", "2026-06-30", None);
    }

    #[test]
    fn another_region_s_amount_never_leaks_over() {
        let parameter = standard(vec![value("990121000000", "2026-01-01", 84_000)]);
        check(&parameter, "990102001001", "2026-09-01", None);
        let set = Parameters { all: vec![parameter] };
        assert_eq!(set.value("dibao_standard", "990121000000", day("2026-09-01")), Some(84_000));
        assert_eq!(set.value("no_such", "990121000000", day("2026-09-01")), None);
    }
}
