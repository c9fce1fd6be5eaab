//! `simulation.toml`: ids used once, names that the pack knows.

use super::Found;

const FILE: &str = "simulation.toml";

pub(super) fn check(found: &mut Found<'_>) {
    let pack = found.pack;
    let trials = &pack.simulation;
    found.unique(FILE, "grouping", trials.groupings.iter().map(|g| g.id.as_str()), |i| format!("grouping/{i}/id"));
    for (g, grouping) in trials.groupings.iter().enumerate() {
        let ids = grouping.bands.iter().map(|b| b.id.as_str());
        found.unique(FILE, "band", ids, |b| format!("grouping/{g}/band/{b}/id"));
    }
    found.unique(FILE, "household", trials.households.iter().map(|h| h.id.as_str()), |i| format!("household/{i}/id"));
    for (h, household) in trials.households.iter().enumerate() {
        for (r, row) in household.rows.iter().enumerate() {
            if pack.source(&row.source).is_none() {
                found.unknown(
                    &row.source,
                    (FILE, &format!("household/{h}/row/{r}/source")),
                    format!("source {:?} is not in sources/", row.source),
                    "use the id of a source, such as PF01",
                );
            }
        }
    }
    for (i, receipt) in trials.received.iter().enumerate() {
        if pack.programme(&receipt.programme).is_none() {
            found.unknown(
                &receipt.programme,
                (FILE, &format!("received/{i}/programme")),
                format!("programme {:?} is not in programmes/", receipt.programme),
                "use the id of a programme",
            );
        }
    }
}
