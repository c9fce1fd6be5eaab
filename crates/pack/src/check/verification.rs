//! `verification.toml`: purposes, sources and indicators that the pack knows, and times that can be kept.

use super::Found;
use crate::{agreement::Purpose as Reading, source::Origin};
use std::collections::BTreeSet;

const FILE: &str = "verification.toml";

pub(super) fn check(found: &mut Found<'_>) {
    purposes(found);
    asked(found);
    relays(found);
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
        if purpose.takes_consent() && purpose.consent_months == 0 {
            let message = format!("an authorisation for {:?} would never hold", purpose.id);
            found.at(FILE, &path("id"), message, "add consent_months, 1 or more");
        }
        let by = purpose.authorised_by.as_str();
        if !by.is_empty() && !purposes.iter().any(|p| p.id == by && p.takes_consent()) {
            let known = purposes.iter().filter(|p| p.takes_consent()).map(|p| p.id.as_str());
            let fix = Found::meant(by, known, "name a purpose of this file for which authorisations are taken");
            let message = format!("no authorisation is taken for {by:?}");
            found.unknown(by, (FILE, &path("authorised_by")), message, fix);
        }
        if ![Reading::Verification, Reading::Reverification].contains(&purpose.reads) {
            let message = format!("a household is not verified for {}", purpose.reads.id());
            found.at(FILE, &path("reads"), message, "write verification or reverification");
        }
        for (n, id) in purpose.indicators.iter().enumerate().filter(|(_, id)| pack.indicator(id).is_none()) {
            let fix = Found::meant(id, pack.indicators.iter().map(|i| i.id.as_str()), "use the id of an indicator");
            let message = format!("indicator {id:?} is not in indicators/");
            found.unknown(id, (FILE, &path(&format!("indicators/{n}"))), message, fix);
        }
    }
}

fn relays(found: &mut Found<'_>) {
    let pack = found.pack;
    let relays = &pack.verification.relays;
    found.unique(FILE, "relay", relays.iter().map(|r| r.id.as_str()), |i| format!("relay/{i}/id"));
    for (i, relay) in relays.iter().enumerate() {
        let path = |key: &str| format!("relay/{i}/{key}");
        found.basis(FILE, &path("basis"), &relay.basis);
        if !relay.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') || relay.id.is_empty() {
            let message = format!("{:?} cannot stand in an address", relay.id);
            found.at(FILE, &path("id"), message, "use small letters, digits and _");
        }
        if relay.until < relay.from {
            let message = format!("agreement {} ends before it begins", relay.number);
            found.at(FILE, &path("until"), message, "correct one of the two days");
        }
        for (n, id) in relay.purposes.iter().enumerate() {
            match pack.verification.purpose(id) {
                Some(purpose) if purpose.consent => {}
                Some(_) => {
                    let message = format!("purpose {id:?} needs no authorisation: others are not told on it");
                    found.at(FILE, &path(&format!("purposes/{n}")), message, "name a purpose that people authorise");
                }
                None => {
                    let known = pack.verification.purposes.iter().map(|p| p.id.as_str());
                    let fix = Found::meant(id, known, "use the id of a purpose of this file");
                    let place = path(&format!("purposes/{n}"));
                    found.unknown(id, (FILE, &place), format!("there is no purpose {id:?}"), fix);
                }
            }
        }
        for (n, id) in relay.sources.iter().enumerate() {
            let known = pack.source(id).is_some_and(|s| s.origin == Origin::Department);
            if !known {
                let fix =
                    Found::meant(id, pack.sources.iter().map(|s| s.id.as_str()), "use the id of a department's source");
                let place = path(&format!("sources/{n}"));
                found.unknown(id, (FILE, &place), format!("source {id:?} is none of a department"), fix);
            }
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
