//! `[[assess.trigger]]` of `workflow.toml`: each occasion once, with a limit; periods that parameters give.

use super::Found;
use crate::reassess::{CHANGES, Occasion, Trigger};

const FILE: &str = "workflow.toml";

pub(super) fn check(found: &mut Found<'_>) {
    let pack = found.pack;
    let triggers = &pack.workflow.assess.triggers;
    second(found);
    let ids = triggers.iter().map(|t| t.when.id());
    found.unique(FILE, "occasion of an assessment", ids, |i| format!("assess/trigger/{i}/when"));
    for (i, trigger) in triggers.iter().enumerate() {
        let at = |field: &str| format!("assess/trigger/{i}/{field}");
        found.basis(FILE, &at("basis"), &trigger.basis);
        if trigger.limit_days == 0 {
            let fix = "say how many working days there are for it, such as 5";
            found.at(FILE, &at("limit_days"), "an assessment without a day on which it is due", fix);
        }
        if pack.assessment.items.is_empty() {
            found.at(
                FILE,
                &at("when"),
                "the pack has no assessment to make",
                "add assessment/index.toml, or remove it",
            );
        }
        match trigger.when {
            Occasion::Standing => standing(found, trigger, i),
            Occasion::Change => change(found, trigger, i),
            Occasion::New | Occasion::Found => {}
        }
        let periodic = trigger.months.is_some()
            || !trigger.classes.is_empty()
            || !trigger.programmes.is_empty()
            || trigger.ahead_days + trigger.join_days > 0;
        if periodic && trigger.when != Occasion::Standing {
            let message = format!("{:?} happens once and has no interval", trigger.when.id());
            found.at(FILE, &at("when"), message, "keep months, class, programmes and days ahead for \"standing\"");
        }
        if !trigger.on.is_empty() && trigger.when != Occasion::Change {
            let message = format!("{:?} is not set off by a re-verification", trigger.when.id());
            found.at(FILE, &at("on"), message, "keep it for \"change\"");
        }
    }
}

fn second(found: &mut Found<'_>) {
    let Some(second) = &found.pack.workflow.assess.second else { return };
    let at = |field: &str| format!("assess/second/{field}");
    found.basis(FILE, &at("basis"), &second.basis);
    if !(1..=1000).contains(&second.share_permille) {
        let message = format!("share_permille is {}", second.share_permille);
        found.at(FILE, &at("share_permille"), message, "say how many of a thousand, from 1 to 1000");
    }
    if second.limit_days == 0 {
        let fix = "say how many working days there are for it, such as 10";
        found.at(FILE, &at("limit_days"), "a second assessment without a day on which it is due", fix);
    }
    if second.enough < 2 {
        let message = format!("enough is {}: chance cannot be told from skill by so few pairs", second.enough);
        found.at(FILE, &at("enough"), message, "say how many pairs say enough, such as 30");
    }
    if !(1..=100_000).contains(&second.large) {
        let message = format!("large is {}", second.large);
        let fix = "say from how many thousandths of a point on, such as 15000 for 15 points";
        found.at(FILE, &at("large"), message, fix);
    }
}

fn change(found: &mut Found<'_>, trigger: &Trigger, i: usize) {
    if trigger.on.is_empty() {
        let fix = format!("name some of {}", CHANGES.join(", "));
        found.at(FILE, &format!("assess/trigger/{i}/on"), "nothing counts as a change of the family", fix);
    }
    for (n, id) in trigger.on.iter().enumerate().filter(|(_, id)| !CHANGES.contains(&id.as_str())) {
        let fix = Found::meant(id, CHANGES, "use what sets a re-verification off");
        let at = format!("assess/trigger/{i}/on/{n}");
        found.unknown(id, (FILE, &at), format!("nothing sets off a re-verification called {id:?}"), fix);
    }
}

fn standing(found: &mut Found<'_>, trigger: &Trigger, i: usize) {
    let pack = found.pack;
    let at = |field: String| format!("assess/trigger/{i}/{field}");
    let mut periods = vec![("months".to_owned(), trigger.months.clone().unwrap_or_default())];
    periods.extend(trigger.classes.iter().enumerate().map(|(n, c)| (format!("class/{n}/months"), c.months.clone())));
    for (field, id) in periods {
        if pack.parameters.get(&id).is_none() {
            let message = format!("parameter {id:?} is not in parameters.toml");
            found.unknown(&id, (FILE, &at(field)), message, "use the id of a parameter in months");
        }
    }
    let classes = &pack.workflow.living.classes;
    for (n, class) in trigger.classes.iter().enumerate().filter(|(_, c)| classes.iter().all(|k| k.id != c.id)) {
        let fix = Found::meant(&class.id, classes.iter().map(|c| c.id.as_str()), "use the id of a class of checks");
        let message = format!("no class of checks is called {:?}", class.id);
        found.unknown(&class.id, (FILE, &at(format!("class/{n}/id"))), message, fix);
    }
    if trigger.programmes.is_empty() {
        let fix = "name the programmes whose recipients are assessed";
        found.at(FILE, &at("programmes".to_owned()), "nobody is assessed at intervals", fix);
    }
    for (n, id) in trigger.programmes.iter().enumerate().filter(|(_, id)| pack.programme(id).is_none()) {
        let fix = Found::meant(id, pack.programmes.iter().map(|p| p.id.as_str()), "use the id of a programme");
        let message = format!("programme {id:?} is not in programmes/");
        found.unknown(id, (FILE, &at(format!("programmes/{n}"))), message, fix);
    }
}
