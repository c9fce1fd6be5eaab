//! Parameters: unit, basis, regions, dates.

use super::Found;
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
        if parameter.value(&pack.info.jurisdiction, pack.info.effective_from).is_none()
            && !parameter.values.iter().any(|v| crate::region::contains(&pack.info.jurisdiction, &v.region))
        {
            found.at(
                file,
                &path,
                format!("parameter {id} has no value in the jurisdiction when the pack takes effect"),
                "add a value that holds there from effective_from of pack.toml",
            );
        }
    }
}
