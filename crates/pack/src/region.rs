//! Regions: five levels of 12-digit codes (GB/T 2260 and the statistical codes below county).

use crate::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegionLevel {
    Province,
    City,
    County,
    Township,
    Village,
}

impl RegionLevel {
    /// How many of the 12 digits are significant.
    pub fn digits(self) -> usize {
        match self {
            RegionLevel::Province => 2,
            RegionLevel::City => 4,
            RegionLevel::County => 6,
            RegionLevel::Township => 9,
            RegionLevel::Village => 12,
        }
    }

    /// The level that a code's trailing zeros say.
    pub fn of_code(code: &str) -> RegionLevel {
        let zeros = |from: usize| code.get(from..).is_some_and(|rest| rest.bytes().all(|b| b == b'0'));
        if zeros(2) {
            RegionLevel::Province
        } else if zeros(4) {
            RegionLevel::City
        } else if zeros(6) {
            RegionLevel::County
        } else if zeros(9) {
            RegionLevel::Township
        } else {
            RegionLevel::Village
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    Urban,
    Rural,
}

#[derive(Debug, Clone)]
pub struct Region {
    pub code: String,
    pub level: RegionLevel,
    pub parent: Option<String>,
    pub name: Text,
    /// Villages and communities only.
    pub area: Option<Area>,
}

#[derive(Debug, Clone, Default)]
pub struct Regions {
    by_code: BTreeMap<String, Region>,
}

/// The significant part of a code: `990102000000` (a county) gives `990102`.
pub fn prefix(code: &str) -> &str {
    &code[..RegionLevel::of_code(code).digits().min(code.len())]
}

/// Whether `code` lies in `scope` (or is it).
pub fn contains(scope: &str, code: &str) -> bool {
    code.starts_with(prefix(scope))
}

impl Regions {
    pub fn new(regions: impl IntoIterator<Item = Region>) -> Regions {
        Regions { by_code: regions.into_iter().map(|r| (r.code.clone(), r)).collect() }
    }

    pub fn get(&self, code: &str) -> Option<&Region> {
        self.by_code.get(code)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Region> {
        self.by_code.values()
    }

    pub fn children<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a Region> {
        self.by_code.values().filter(move |r| r.parent.as_deref() == Some(code))
    }

    pub fn at_level(&self, level: RegionLevel) -> impl Iterator<Item = &Region> {
        self.by_code.values().filter(move |r| r.level == level)
    }

    /// The region itself or the one above it at `level`.
    pub fn ancestor(&self, code: &str, level: RegionLevel) -> Option<&Region> {
        let mut region = self.get(code)?;
        while region.level > level {
            region = self.get(region.parent.as_deref()?)?;
        }
        (region.level == level).then_some(region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(code: &str, parent: Option<&str>) -> Region {
        Region {
            code: code.to_owned(),
            level: RegionLevel::of_code(code),
            parent: parent.map(str::to_owned),
            name: Text::new(code, code),
            area: None,
        }
    }

    fn some() -> Regions {
        Regions::new([
            region("990000000000", None),
            region("990100000000", Some("990000000000")),
            region("990102000000", Some("990100000000")),
            region("990102001000", Some("990102000000")),
            region("990102001001", Some("990102001000")),
            region("990102010000", Some("990102000000")),
        ])
    }

    #[test]
    fn trailing_zeros_say_the_level() {
        let levels = [
            ("990000000000", RegionLevel::Province, "99"),
            ("990100000000", RegionLevel::City, "9901"),
            ("990102000000", RegionLevel::County, "990102"),
            ("990102001000", RegionLevel::Township, "990102001"),
            ("990102001001", RegionLevel::Village, "990102001001"),
        ];
        for (code, level, digits) in levels {
            assert_eq!(RegionLevel::of_code(code), level);
            assert_eq!(prefix(code), digits);
        }
    }

    #[test]
    fn a_township_whose_number_ends_in_zero_keeps_its_zero() {
        // 010 is a street number; its last zero is a digit, not padding
        assert_eq!(prefix("990102010000"), "990102010");
        assert!(!contains("990102010000", "990102011001"));
    }

    #[test]
    fn a_region_lies_in_itself_and_in_those_above_it_only() {
        assert!(contains("990102001000", "990102001001"));
        assert!(contains("990102001001", "990102001001"));
        assert!(!contains("990102001001", "990102001000"));
        assert!(!contains("990121000000", "990102001001"));
    }

    #[test]
    fn ancestors_are_found_at_their_level_and_never_below() {
        let regions = some();
        let county = regions.ancestor("990102001001", RegionLevel::County).unwrap();
        assert_eq!(county.code, "990102000000");
        assert_eq!(regions.ancestor("990102000000", RegionLevel::County).unwrap().code, "990102000000");
        assert!(regions.ancestor("990102000000", RegionLevel::Village).is_none());
        assert!(regions.ancestor("990199000000", RegionLevel::City).is_none());
    }

    #[test]
    fn children_are_the_regions_just_below() {
        let regions = some();
        let codes: Vec<&str> = regions.children("990102000000").map(|r| r.code.as_str()).collect();
        assert_eq!(codes, ["990102001000", "990102010000"]);
        assert_eq!(regions.at_level(RegionLevel::Township).count(), 2);
    }
}
