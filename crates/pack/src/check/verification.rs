//! `verification.toml`: purposes, sources and indicators that the pack knows, and times that can be kept.

use super::Found;
use crate::source::Origin;
use std::collections::BTreeSet;

const FILE: &str = "verification.toml";

pub(super) fn check(found: &mut Found<'_>) {
    purposes(found);
    asked(found);
    let (tries, some) = (found.pack.verification.tries, !found.pack.verification.asked.is_empty());
    if some && (tries.first_seconds == 0 || tries.longest_seconds < tries.first_seconds) {
        let message = "a department that is down would be asked again without a pause";
        found.at(FILE, "tries/first_seconds", message, "1 or more, and longest_seconds no less than it");
    }
}

fn purposes(found: &mut Found<'_>) {
    let pack = found.pack;
    let purposes = &pack.verification.purposes;
    found.unique(FILE, "purpose", purposes.iter().map(|p| p.id.as_str()), |i| format!("purpose/{i}/id"));
    for (i, purpose) in purposes.iter().enumerate() {
        let path = |key: &str| format!("purpose/{i}/{key}");
        found.basis(FILE, &path("basis"), &purpose.basis);
        if purpose.consent && purpose.consent_months == 0 {
            let message = format!("an authorisation for {:?} would never hold", purpose.id);
            found.at(FILE, &path("id"), message, "add consent_months, 1 or more");
        }
        for (n, id) in purpose.indicators.iter().enumerate().filter(|(_, id)| pack.indicator(id).is_none()) {
            let fix = Found::meant(id, pack.indicators.iter().map(|i| i.id.as_str()), "use the id of an indicator");
            let message = format!("indicator {id:?} is not in indicators/");
            found.unknown(id, (FILE, &path(&format!("indicators/{n}"))), message, fix);
        }
    }
}

fn asked(found: &mut Found<'_>) {
    let pack = found.pack;
    let mut seen = BTreeSet::new();
    for (i, ask) in pack.verification.asked.iter().enumerate() {
        let path = |key: &str| format!("ask/{i}/{key}");
        found.basis(FILE, &path("basis"), &ask.basis);
        match pack.source(&ask.source) {
            None => {
                let message = format!("source {:?} is not in sources/", ask.source);
                let fix =
                    Found::meant(&ask.source, pack.sources.iter().map(|s| s.id.as_str()), "use the id of a source");
                found.unknown(&ask.source, (FILE, &path("source")), message, fix);
            }
            Some(source) if source.origin == Origin::Platform => {
                let message = format!("{:?} is the platform's own: nobody can be asked", ask.source);
                found.at(FILE, &path("source"), message, "name a department's source");
            }
            Some(_) => {}
        }
        if !seen.insert(ask.source.as_str()) {
            let message = format!("source {:?} is asked twice", ask.source);
            found.at(FILE, &path("source"), message, "name it once, with all its purposes");
        }
        if ask.limit_hours == 0 {
            found.at(FILE, &path("source"), "the source has no time to answer in", "add limit_hours, 1 or more");
        }
        for (n, id) in ask.purposes.iter().enumerate().filter(|(_, id)| pack.verification.purpose(id).is_none()) {
            let known = pack.verification.purposes.iter().map(|p| p.id.as_str());
            let fix = Found::meant(id, known, "use the id of a purpose of this file");
            found.unknown(id, (FILE, &path(&format!("purposes/{n}"))), format!("there is no purpose {id:?}"), fix);
        }
    }
}
