//! Who answers for a source, what is promised of it, and what it may be used for until when.

use super::Found;
use crate::{
    Agreement,
    source::{Origin, Source},
};
use chrono::NaiveDate;

pub(super) fn check(found: &mut Found<'_>, file: &str, source: &Source) {
    match &source.contact {
        None => found.at(
            file,
            "",
            format!("source {} has no contact", source.id),
            "add [contact] with the owner's desk and phone: when it is late somebody must be asked",
        ),
        Some(contact) if contact.phone.trim().is_empty() => {
            found.at(file, "contact/phone", "the contact has no telephone", "write the desk's number")
        }
        Some(_) => {}
    }
    match source.promise {
        None => found.at(
            file,
            "",
            format!("source {} promises nothing", source.id),
            "add [promise] with lag_days (days until a batch arrives) and quality (percent)",
        ),
        Some(promise) if promise.quality > 100 => {
            found.at(
                file,
                "promise/quality",
                format!("a quality of {} % cannot be", promise.quality),
                "write percent, 0 to 100",
            );
        }
        Some(_) => {}
    }
    agreements(found, file, source);
}

fn agreements(found: &mut Found<'_>, file: &str, source: &Source) {
    if source.agreements.is_empty() {
        // That the agreement could not be read is told already.
        if found.files().is_lost(file) {
            return;
        }
        return found.at(
            file,
            "",
            format!("source {} has no agreement: nobody may read it", source.id),
            "add [[agreement]] with number, purposes, from and until",
        );
    }
    found.unique(file, "agreement", source.agreements.iter().map(|a| a.number.as_str()), |i| {
        format!("agreement/{i}/number")
    });
    for (i, agreement) in source.agreements.iter().enumerate() {
        one(found, file, i, source, agreement);
    }
    let start = found.pack.info.effective_from;
    if source.agreements.iter().all(|a| a.until.is_some_and(|until| until < start)) {
        found.at(
            file,
            "agreement/0/until",
            format!("every agreement on {} has ended before the pack comes into force on {start}", source.id),
            "add the agreement that holds now",
        );
    }
}

fn one(found: &mut Found<'_>, file: &str, i: usize, source: &Source, agreement: &Agreement) {
    let path = format!("agreement/{i}");
    let Agreement { number, purposes, from, until, .. } = agreement;
    if number.trim().is_empty() {
        found.at(file, &format!("{path}/number"), "the agreement has no number", "write the number it is filed under");
    }
    if purposes.is_empty() {
        found.at(
            file,
            &format!("{path}/purposes"),
            format!("agreement {number} is for no purpose"),
            "name what the data may be used for: monitoring, verification, reverification, statistics, service",
        );
    }
    match until {
        None if source.origin == Origin::Department => found.at(
            file,
            &path,
            format!("agreement {number} has no end"),
            "add until, its last day: only the platform's own records are kept without one",
        ),
        Some(until) if until < from => found.at(
            file,
            &format!("{path}/until"),
            format!("agreement {number} ends on {until}, before it begins on {from}"),
            "correct one of the two days",
        ),
        _ => {}
    }
    let end = |until: &Option<NaiveDate>| until.unwrap_or(NaiveDate::MAX);
    for earlier in &source.agreements[..i] {
        let together = earlier.from <= end(until) && *from <= end(&earlier.until);
        let shared = purposes.iter().find(|p| earlier.purposes.contains(p));
        if let (true, Some(purpose)) = (together, shared) {
            found.at(
                file,
                &format!("{path}/from"),
                format!(
                    "agreements {} and {number} both cover {} from {}",
                    earlier.number,
                    purpose.id(),
                    earlier.from.max(*from)
                ),
                "end the one before the other begins, or leave the purpose with one of them",
            );
        }
    }
}
