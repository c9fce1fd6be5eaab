//! Regions: codes, levels, parents.

use crate::{
    Lang,
    load::Problem,
    region::{self, Region, RegionLevel},
};
use std::collections::BTreeMap;

/// A row of `regions.csv` with its line.
pub(crate) struct RegionLine {
    pub line: usize,
    pub area: String,
    pub region: Region,
}

/// Every problem of the region list. Works on the lines, since a code that stands twice is lost in the map.
pub(crate) fn regions(rows: &[RegionLine], languages: &[String]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut first: BTreeMap<&str, &RegionLine> = BTreeMap::new();
    for row in rows {
        first.entry(&row.region.code).or_insert(row);
    }
    for row in rows {
        let mut problem = |message: String, fix: &str| {
            problems.push(Problem { file: "regions.csv".to_owned(), line: row.line, message, fix: fix.to_owned() })
        };
        let region = &row.region;
        let code = region.code.as_str();
        if code.len() != 12 || !code.bytes().all(|b| b.is_ascii_digit()) {
            problem(format!("code {code:?} is not 12 digits"), "write the code with 12 digits, zeros at the end");
            continue;
        }
        if first.get(code).is_some_and(|f| f.line != row.line) {
            problem(format!("code {code} stands twice"), "remove one of the rows");
            continue;
        }
        if RegionLevel::of_code(code) != region.level {
            problem(
                format!("code {code} has the digits of another level than the one given"),
                "2 digits count for a province, 4 a city, 6 a county, 9 a township, 12 a village",
            );
            continue;
        }
        match (&region.parent, region.level) {
            (None, RegionLevel::Province) => {}
            (Some(parent), RegionLevel::Province) => {
                problem(format!("province {code} has a parent {parent}"), "leave parent empty")
            }
            (None, _) => problem(format!("{code} has no parent"), "give the code of the region above"),
            (Some(parent), level) => match first.get(parent.as_str()) {
                None => problem(
                    format!("parent {parent} of {code} is not in regions.csv"),
                    "add the parent's row or correct the code",
                ),
                Some(above) if above.region.level as u8 + 1 != level as u8 => problem(
                    format!("parent {parent} of {code} is not of the level above"),
                    "give the region just above",
                ),
                Some(_) if !region::contains(parent, code) => problem(
                    format!("{code} does not begin with the digits of its parent {parent}"),
                    "a region's code begins with the code of the region above",
                ),
                Some(_) => {}
            },
        }
        let is_village = region.level == RegionLevel::Village;
        if is_village && region.area.is_none() {
            problem(format!("area of {code} is {:?}", row.area), "write urban or rural: the standard depends on it");
        }
        if !is_village && !row.area.is_empty() {
            problem(format!("area stands at {code}, which is no village"), "leave area empty above the village");
        }
        let speaks = |lang: Lang| languages.is_empty() || languages.iter().any(|l| l == lang.tag());
        let nameless = [(Lang::Zh, &region.name.zh), (Lang::En, &region.name.en)];
        if nameless.iter().any(|(lang, name)| speaks(*lang) && name.trim().is_empty()) {
            problem(
                format!("{code} lacks a name in one language"),
                "fill in name_zh and name_en as pack.toml has languages",
            );
        }
    }
    problems
}
