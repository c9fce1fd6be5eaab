//! `simulation.toml`: how a trial of the rules cuts the district up, and the households that cliffs are shown on. A pack
//! need not have one; then a trial knows tiers and places only.

use crate::{Pack, Text, case::CaseRow, facts::Grain, near::nearest, parameter::ParameterValue};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// One group of households of a [`Grouping`].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    pub id: String,
    pub title: Text,
    /// SQL over household facts; a household is in the first band of a grouping where this is TRUE.
    pub expr: String,
}

/// One way to divide all households: by the ages in them, by disability.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grouping {
    pub id: String,
    pub title: Text,
    #[serde(rename = "band")]
    pub bands: Vec<Band>,
}

/// A household made up to be asked at every income: rows of sources as in a worked case, in which `"$income"` stands for
/// what the household has a month (fen) and `"$as_of"` for the day.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HouseholdKind {
    pub id: String,
    pub title: Text,
    #[serde(rename = "row")]
    pub rows: Vec<CaseRow>,
}

/// How a household that is already given a programme is known from the departments' lists.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    pub programme: String,
    /// Of persons: a household with a living member of whom it is TRUE.
    #[serde(default = "household")]
    pub grain: Grain,
    /// SQL over facts.
    pub expr: String,
    #[serde(default)]
    pub note: String,
}

fn household() -> Grain {
    Grain::Household
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Simulation {
    #[serde(rename = "grouping", default)]
    pub groupings: Vec<Grouping>,
    #[serde(rename = "household", default)]
    pub households: Vec<HouseholdKind>,
    #[serde(rename = "received", default)]
    pub received: Vec<Receipt>,
}

/// One parameter with the value to try.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Setting {
    pub parameter: String,
    /// Only in this region; everywhere unless said.
    pub region: Option<String>,
    /// In the parameter's own unit.
    pub amount: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    #[error("{text:?}: write PARAMETER=VALUE or PARAMETER@REGION=VALUE")]
    Form { text: String },
    #[error("the pack has no parameter {name}{}", .nearest.as_ref().map_or(String::new(), |n| format!("; did you mean {n}?")))]
    Unknown { name: String, nearest: Option<String> },
    #[error("the pack has no region {region}")]
    Region { region: String },
    #[error("{text:?} is no value in {unit}; write a whole number{}", if *.money { ", or yuan such as 1020元" } else { "" })]
    Value { text: String, unit: String, money: bool },
}

impl Setting {
    /// Reads `dibao_standard_urban=102000` (the parameter's own unit), `…=1020元` (yuan, where the unit is fen), and
    /// `…@990121000000=…` (one region only). A dotted name is the same name as policy papers divide it, and its money is
    /// in yuan as they write it: `dibao_standard.urban=1020`.
    pub fn parse(pack: &Pack, text: &str) -> Result<Setting, SettingError> {
        let form = || SettingError::Form { text: text.to_owned() };
        let (name, value) = text.split_once('=').ok_or_else(form)?;
        let (name, region) = match name.split_once('@') {
            Some((name, region)) => (name.trim(), Some(region.trim().to_owned())),
            None => (name.trim(), None),
        };
        if name.is_empty() || value.trim().is_empty() {
            return Err(form());
        }
        let dotted = name.contains('.');
        let id = name.replace('.', "_");
        let parameter = pack.parameters.get(&id).ok_or_else(|| {
            let known = pack.parameters.all.iter().map(|p| p.id.as_str());
            SettingError::Unknown { name: name.to_owned(), nearest: nearest(&id, known).map(str::to_owned) }
        })?;
        if let Some(region) = region.as_ref().filter(|r| pack.regions.get(r).is_none()) {
            return Err(SettingError::Region { region: region.clone() });
        }
        let amount = Setting::amount(value, &parameter.unit, dotted)?;
        Ok(Setting { parameter: id, region, amount })
    }

    /// A value as people write it, in `unit`; `yuan`: money without a word is in yuan.
    pub fn amount(text: &str, unit: &str, yuan: bool) -> Result<i64, SettingError> {
        let money = unit.split('/').next() == Some("fen");
        let permille = unit == "permille";
        let plain: String = text.trim().chars().filter(|c| !matches!(c, ',' | '，' | '_' | ' ')).collect();
        let bad = || SettingError::Value { text: text.trim().to_owned(), unit: unit.to_owned(), money };
        let said_yuan = ["元", "yuan", "块"].iter().find_map(|word| plain.strip_suffix(word));
        match (said_yuan, plain.strip_suffix('%').or_else(|| plain.strip_suffix('％'))) {
            (Some(number), _) if money => scaled(number, 2),
            (None, Some(number)) if permille => scaled(number, 1),
            (None, None) if money && yuan => scaled(&plain, 2),
            (None, None) => scaled(&plain, 0),
            _ => None,
        }
        .ok_or_else(bad)
    }
}

/// `1020.5` with two digits → 102050; `None` where digits would be lost.
fn scaled(number: &str, digits: usize) -> Option<i64> {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let part = part.trim_end_matches('0');
    let unsigned = whole.strip_prefix('-').unwrap_or(whole);
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if unsigned.is_empty() || part.len() > digits || !all_digits(unsigned) || !all_digits(part) {
        return None;
    }
    format!("{whole}{part:0<digits$}").parse().ok()
}

impl Pack {
    /// The pack with these values in place of its own from `as_of` on. Parameters it does not know are left out.
    pub fn with_settings(&self, settings: &[Setting], as_of: NaiveDate) -> Pack {
        let mut pack = self.clone();
        for setting in settings {
            let Some(parameter) = pack.parameters.all.iter_mut().find(|p| p.id == setting.parameter) else { continue };
            let mut regions: Vec<String> = match &setting.region {
                Some(region) => vec![region.clone()],
                None => parameter.values.iter().map(|v| v.region.clone()).collect(),
            };
            regions.sort();
            regions.dedup();
            parameter.introduced = parameter.introduced.map(|first| first.min(as_of));
            parameter.values.retain(|v| v.effective != as_of || !regions.contains(&v.region));
            let (amount, basis) = (setting.amount, None::<String>);
            parameter.values.extend(regions.into_iter().map(|region| ParameterValue {
                region,
                effective: as_of,
                amount,
                basis: basis.clone(),
            }));
        }
        pack
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_read_in_fen_in_yuan_by_its_word_and_in_yuan_after_a_dotted_name() {
        let read = |text, yuan| Setting::amount(text, "fen/person/month", yuan).ok();
        assert_eq!(read("102000", false), Some(102_000));
        assert_eq!(read("1,020元", false), Some(102_000));
        assert_eq!(read("1020.5 yuan", false), Some(102_050));
        assert_eq!(read("1020", true), Some(102_000));
        assert_eq!(read("1020.555元", false), None, "half a fen is nothing");
        assert_eq!(read("much", false), None);
    }

    #[test]
    fn shares_are_read_in_parts_per_thousand_or_percent() {
        assert_eq!(Setting::amount("1500", "permille", false), Ok(1500));
        assert_eq!(Setting::amount("152.5%", "permille", false), Ok(1525));
        assert!(Setting::amount("3元", "years", false).is_err());
        assert!(Setting::amount("3%", "years", false).is_err());
    }
}
