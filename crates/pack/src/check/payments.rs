//! Funds, runs and recovery of `workflow.toml`: names that the pack knows, shares that leave something to live on.

use super::Found;
use crate::payments::{AGAIN, MONTHLY};
use std::collections::BTreeSet;

const FILE: &str = "workflow.toml";

pub(super) fn check(found: &mut Found<'_>) {
    recovery(found);
    runs(found);
    funds(found);
}

/// A whole benefit taken leaves nothing to live on.
fn share(found: &mut Found<'_>, path: &str, permille: u32) {
    if permille == 0 || permille >= 1000 {
        let message = format!("an instalment of {permille} parts per 1000 of the benefit cannot be kept");
        found.at(FILE, path, message, "give parts per 1000 from 1 to 999, such as 200");
    }
}

fn recovery(found: &mut Found<'_>) {
    let pack = found.pack;
    let recovery = &pack.workflow.recovery;
    if recovery.causes.is_empty() && recovery.share_permille == 0 {
        return;
    }
    found.basis(FILE, "recovery/basis", &recovery.basis);
    share(found, "recovery/share_permille", recovery.share_permille);
    let ids = recovery.causes.iter().map(|c| c.id.as_str());
    found.unique(FILE, "cause", ids, |i| format!("recovery/cause/{i}/id"));
    if let Some(id) = recovery.after_stop.as_ref().filter(|id| pack.cause(id).is_none()) {
        let fix = Found::meant(id, recovery.causes.iter().map(|c| c.id.as_str()), "use the id of a cause");
        found.unknown(id, (FILE, "recovery/after_stop"), format!("cause {id:?} is not known"), fix);
    }
    for (i, cause) in recovery.causes.iter().enumerate() {
        found.basis(FILE, &format!("recovery/cause/{i}/basis"), &cause.basis);
        if let Some(permille) = cause.share_permille {
            share(found, &format!("recovery/cause/{i}/share_permille"), permille);
        }
    }
}

fn runs(found: &mut Found<'_>) {
    let pack = found.pack;
    let runs = &pack.workflow.runs;
    found.unique(FILE, "run", runs.iter().map(|r| r.id.as_str()), |i| format!("run/{i}/id"));
    for (i, run) in runs.iter().enumerate() {
        let path = |key: &str| format!("run/{i}/{key}");
        found.basis(FILE, &path("basis"), &run.basis);
        if [MONTHLY, AGAIN].contains(&run.id.as_str()) {
            let message = format!("{:?} is the name of a list that every office has", run.id);
            found.at(FILE, &path("id"), message, "give the run a name of its own");
        }
        if run.of.is_empty() {
            found.at(FILE, &path("of"), "nobody is paid", "name the programmes whose recipients are paid");
        }
        for (p, id) in run.of.iter().enumerate() {
            programme(found, &path(&format!("of/{p}")), id);
        }
        if run.amount.is_some() && run.share_of.is_some() {
            found.at(FILE, &path("amount"), "the amount is said twice", "remove amount or share_of");
        }
        if run.at_least.is_some() && run.share_of.is_none() {
            found.at(FILE, &path("at_least"), "at_least is of no share", "add share_of, or remove it");
        }
        if run.round_up.is_some() && run.share_of.is_none() {
            found.at(FILE, &path("round_up"), "round_up is of no share", "add share_of, or remove it");
        }
        if run.round_up == Some(0) {
            found.at(FILE, &path("round_up"), "nothing is a multiple of 0 fen", "give fen, such as 100 for whole yuan");
        }
        for (key, id) in [("amount", &run.amount), ("share_of", &run.share_of), ("at_least", &run.at_least)] {
            let Some(id) = id else { continue };
            if pack.parameters.get(id).is_none() {
                let known = pack.parameters.all.iter().map(|p| p.id.as_str());
                let fix = Found::meant(id, known, "use the id of a parameter");
                found.unknown(id, (FILE, &path(key)), format!("parameter {id:?} is not in parameters.toml"), fix);
            }
        }
        if run.season_from.is_some_and(|m| !(1..=12).contains(&m)) {
            found.at(FILE, &path("season_from"), "there is no such month", "1 to 12");
        }
    }
}

fn programme(found: &mut Found<'_>, path: &str, id: &str) {
    let pack = found.pack;
    if pack.programme(id).is_none() {
        let fix = Found::meant(id, pack.programmes.iter().map(|p| p.id.as_str()), "use the id of a programme");
        found.unknown(id, (FILE, path), format!("programme {id:?} is not in programmes/"), fix);
    }
}

fn funds(found: &mut Found<'_>) {
    let pack = found.pack;
    let funds = &pack.workflow.funds;
    found.unique(FILE, "fund", funds.iter().map(|f| f.id.as_str()), |i| format!("fund/{i}/id"));
    let mut seen = BTreeSet::new();
    for (i, fund) in funds.iter().enumerate() {
        found.basis(FILE, &format!("fund/{i}/basis"), &fund.basis);
        for (p, id) in fund.programmes.iter().enumerate() {
            let path = format!("fund/{i}/programmes/{p}");
            if pack.run(id).is_none() {
                programme(found, &path, id);
            }
            if !seen.insert(id.as_str()) {
                found.at(FILE, &path, format!("{id:?} is paid out of two funds"), "name it in one of them");
            }
        }
    }
}
