//! Parameters: unit, basis, regions, dates.

use super::Found;
use crate::{
    Lang, Pack,
    parameter::Parameter,
    region::{self, RegionLevel},
};
use chrono::NaiveDate;
use std::collections::BTreeSet;

pub(super) fn check(found: &mut Found<'_>) {
    let pack = found.pack;
    let file = "parameters.toml";
    found.unique(file, "parameter", pack.parameters.all.iter().map(|p| p.id.as_str()), |i| format!("parameter/{i}/id"));
    for (i, parameter) in pack.parameters.all.iter().enumerate() {
        let path = format!("parameter/{i}");
        let id = &parameter.id;
        if parameter.unit.trim().is_empty() {
            found.at(
                file,
                &format!("{path}/unit"),
                format!("parameter {id} has no unit"),
                "say what is counted, such as unit = \"fen/person/month\"",
            );
        }
        found.basis(file, &format!("{path}/basis"), &parameter.basis);
        // A value that could not be read is no missing one.
        if found.files().is_lost(file) {
            continue;
        }
        if parameter.values.is_empty() {
            found.at(file, &path, format!("parameter {id} has no value"), "add [[parameter.value]]");
        }
        let mut seen = BTreeSet::new();
        for (v, value) in parameter.values.iter().enumerate() {
            let path = format!("{path}/value/{v}");
            if pack.regions.get(&value.region).is_none() {
                found.at(
                    file,
                    &format!("{path}/region"),
                    format!("region {} of parameter {id} is not in regions.csv", value.region),
                    "use a code of regions.csv",
                );
            }
            if !seen.insert((&value.region, value.effective)) {
                found.at(
                    file,
                    &format!("{path}/effective"),
                    format!("parameter {id} has two values for region {} from {}", value.region, value.effective),
                    "keep one, or change the date from which the other holds",
                );
            }
            if let Some(basis) = &value.basis {
                found.basis(file, &format!("{path}/basis"), basis);
            }
        }
        if !parameter.values.is_empty() {
            coverage(found, &path, parameter);
        }
    }
}

/// A value must hold in every county of the city from the pack's first day to its last.
fn coverage(found: &mut Found<'_>, path: &str, parameter: &Parameter) {
    let pack = found.pack;
    let file = "parameters.toml";
    let id = &parameter.id;
    let from = parameter.introduced.map_or(pack.info.effective_from, |day| day.max(pack.info.effective_from));
    if pack.info.effective_to.is_some_and(|to| to < from) {
        return;
    }
    for (v, value) in parameter.values.iter().enumerate() {
        if let Some(to) = pack.info.effective_to.filter(|to| value.effective > *to) {
            found.at(
                file,
                &format!("{path}/value/{v}/effective"),
                format!("this value of {id} would hold from {}, when the pack has ended ({to})", value.effective),
                "correct the date, or give the pack a later effective_to",
            );
        }
    }
    let mut late = Vec::new();
    // The counties of the jurisdiction's city: people move between them, and the city sets their standards.
    let city = pack.regions.get(&pack.info.jurisdiction).and_then(|r| r.parent.clone());
    let neighbours = |r: &&region::Region| r.code == pack.info.jurisdiction || (r.parent.is_some() && r.parent == city);
    for county in pack.regions.at_level(RegionLevel::County).filter(neighbours) {
        if parameter.value(&county.code, from).is_some() || villages_covered(pack, parameter, &county.code, from) {
            continue;
        }
        let first = parameter
            .values
            .iter()
            .enumerate()
            .filter(|(_, v)| region::contains(&v.region, &county.code))
            .min_by_key(|(_, v)| v.effective);
        match first {
            // One late date is one mistake, however many counties it leaves without a value.
            Some((v, value)) if !late.contains(&v) => {
                late.push(v);
                found.at(
                    file,
                    &format!("{path}/value/{v}/effective"),
                    format!(
                        "parameter {id} has no value from {from}, when the pack comes into force, to {}",
                        value.effective
                    ),
                    "add a value that holds from effective_from of pack.toml, or correct the date",
                );
            }
            Some(_) => {}
            None => found.at(
                file,
                &format!("{path}/id"),
                format!("parameter {id} has no value in {} ({})", county.name.get(Lang::En), county.code),
                "add a value for this county or for a region above it",
            ),
        }
    }
}

/// Whether each village of a county has a value of its own or of its township, though the county has none.
fn villages_covered(pack: &Pack, parameter: &Parameter, county: &str, from: NaiveDate) -> bool {
    let mut villages =
        pack.regions.at_level(RegionLevel::Village).filter(|v| region::contains(county, &v.code)).peekable();
    villages.peek().is_some() && villages.all(|v| parameter.value(&v.code, from).is_some())
}
