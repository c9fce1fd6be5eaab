//! `[living]` of `workflow.toml`: periods that parameters give, programmes and reporters that exist.

use super::Found;
use crate::programme::Publicity;

const FILE: &str = "workflow.toml";

pub(super) fn check(found: &mut Found<'_>) {
    let pack = found.pack;
    let living = &pack.workflow.living;
    found.unique(FILE, "class", living.classes.iter().map(|c| c.id.as_str()), |i| format!("living/class/{i}/id"));
    let reporters = living.death_reporters.iter().map(|r| r.id.as_str());
    found.unique(FILE, "reporter", reporters, |i| format!("living/death_reporters/{i}/id"));
    if living.watch_months > 0 || !living.gradual.is_empty() || !living.death_reporters.is_empty() {
        found.basis(FILE, "living/basis", &living.basis);
    }
    if living.death_reporters.len() == 1 {
        let message = "two reporters show a death together, and there is one";
        found.at(FILE, "living/death_reporters", message, "name another, or none");
    }
    for (list, ids) in [("gradual", &living.gradual), ("ends_posted", &living.ends_posted)] {
        for (i, id) in ids.iter().enumerate().filter(|(_, id)| pack.programme(id).is_none()) {
            let fix = Found::meant(id, pack.programmes.iter().map(|p| p.id.as_str()), "use the id of a programme");
            let at = format!("living/{list}/{i}");
            found.unknown(id, (FILE, &at), format!("programme {id:?} is not in programmes/"), fix);
        }
    }
    for (i, id) in living.ends_posted.iter().enumerate() {
        if pack.programme(id).is_some_and(|p| p.publicity == Publicity::None) {
            let message = format!("programme {id:?} posts nothing, so its end cannot be posted either");
            found.at(FILE, &format!("living/ends_posted/{i}"), message, "remove it, or give the programme publicity");
        }
    }
    for (i, class) in living.classes.iter().enumerate() {
        found.basis(FILE, &format!("living/class/{i}/basis"), &class.basis);
        if pack.parameters.get(&class.months).is_none() {
            let message = format!("parameter {:?} is not in parameters.toml", class.months);
            let at = format!("living/class/{i}/months");
            found.unknown(&class.months, (FILE, &at), message, "use the id of a parameter in months");
        }
    }
    proof(found);
    let classes = &living.classes;
    for programme in pack.programmes.iter().filter(|_| !classes.is_empty()) {
        let Some(class) = programme.review_class.as_ref().filter(|c| classes.iter().all(|k| &k.id != *c)) else {
            continue;
        };
        let fix = Found::meant(class, classes.iter().map(|c| c.id.as_str()), "use the id of a class of checks");
        let file = format!("programmes/{}.toml", programme.id);
        found.unknown(class, (&file, "review_class"), format!("no class of checks is called {class:?}"), fix);
    }
}

/// Who is told before it lapses, by a way that exists, of a programme that is paid.
fn proof(found: &mut Found<'_>) {
    let pack = found.pack;
    let Some(proof) = &pack.workflow.living.proof else { return };
    found.basis(FILE, "living/proof/basis", &proof.basis);
    if proof.months == 0 {
        found.at(
            FILE,
            "living/proof/months",
            "a proof of life holds for no time",
            "say for how many months, such as 12",
        );
    }
    if proof.remind_days == 0 || proof.remind_days >= proof.months.saturating_mul(28) {
        let fix = "say how many days before the last one, fewer than the period has";
        found.at(FILE, "living/proof/remind_days", "nobody is told in time that proof of life is due", fix);
    }
    if proof.ways.is_empty() {
        found.at(FILE, "living/proof/way", "nobody can prove that they are alive", "name at least one way");
    }
    let ways = proof.ways.iter().map(|w| w.id.as_str());
    found.unique(FILE, "way", ways, |i| format!("living/proof/way/{i}/id"));
    for (i, id) in proof.programmes.iter().enumerate().filter(|(_, id)| pack.programme(id).is_none()) {
        let fix = Found::meant(id, pack.programmes.iter().map(|p| p.id.as_str()), "use the id of a programme");
        let at = format!("living/proof/programmes/{i}");
        found.unknown(id, (FILE, &at), format!("programme {id:?} is not in programmes/"), fix);
    }
}
