//! Services, matters and resources: what they name must be there.

use super::{
    Found,
    rules::{expression, known_programme},
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(found: &mut Found<'_>, used: &mut BTreeSet<String>) {
    let pack = found.pack;
    let all = &pack.services;
    // Their place in their own file: entries of a list keep the order of the file.
    let mut places: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let mut place = |found: &Found<'_>, list: &'static str, id: &str| {
        let file = found.files().home(&format!("services/{list}"), id);
        let at = places.entry((file.clone(), list)).or_default();
        let path = format!("{list}/{at}");
        *at += 1;
        (file, path)
    };
    for service in &all.services {
        let (file, path) = place(found, "service", &service.id);
        expression(found, &file, &format!("{path}/expr"), &service.expr, used);
        if all.categories.iter().all(|c| c.id != service.category) {
            let message = format!("category {:?} of {} is not known", service.category, service.id);
            found.unknown(&service.category, (&file, &format!("{path}/category")), message, "use a [[category]]");
        }
        for (i, provider) in service.provider.iter().enumerate() {
            if all.providers.iter().all(|p| p.id != *provider) {
                let message = format!("provider {provider:?} of {} is not known", service.id);
                found.unknown(provider, (&file, &format!("{path}/provider/{i}")), message, "use a [[provider]]");
            }
        }
        for (i, funding) in service.funding.iter().enumerate() {
            if all.fundings.iter().all(|f| f.id != *funding) {
                let message = format!("funding {funding:?} of {} is not known", service.id);
                found.unknown(funding, (&file, &format!("{path}/funding/{i}")), message, "use a [[funding]]");
            }
        }
        for (i, answer) in service.answers.iter().enumerate() {
            let known = match answer.split_once(':') {
                Some(("label", id)) => pack.assessment.labels.iter().any(|l| l.id == id),
                Some(("item", id)) => pack.assessment.item(id).is_some(),
                Some(("indicator", id)) => pack.indicator(id).is_some(),
                Some(("programme", id)) => pack.programme(id).is_some(),
                _ => false,
            };
            if !known {
                let fix = "write label:…, item:…, indicator:… or programme:… with an id of the pack";
                let name = answer.rsplit(':').next().unwrap_or(answer).to_owned();
                let message = format!("{} answers {answer:?}, which is not known", service.id);
                found.unknown(&name, (&file, &format!("{path}/answers/{i}")), message, fix);
            }
        }
        if !service.basis.is_empty() {
            found.basis(&file, &format!("{path}/basis"), &service.basis);
        }
    }
    for matter in &all.matters {
        let (file, path) = place(found, "matter", &matter.id);
        if let Some(trigger) = &matter.trigger {
            expression(found, &file, &format!("{path}/trigger"), trigger, used);
        }
        for department in matter.with.iter().chain([&matter.department]) {
            known_department(found, (&file, &format!("{path}/department")), department);
        }
        for (i, programme) in matter.programmes.iter().enumerate() {
            known_programme(found, (&file, &format!("{path}/programmes/{i}")), programme);
        }
    }
    for resource in &all.resources {
        let (file, path) = place(found, "resource", &resource.id);
        known_department(found, (&file, &format!("{path}/department")), &resource.department);
        for (i, tier) in resource.tiers.iter().enumerate() {
            known_programme(found, (&file, &format!("{path}/tiers/{i}")), tier);
        }
        for (i, label) in resource.labels.iter().enumerate() {
            if pack.assessment.labels.iter().all(|l| l.id != *label) {
                let message = format!("label {label:?} is not known");
                found.unknown(label, (&file, &format!("{path}/labels/{i}")), message, "use the id of a [[label]]");
            }
        }
        if let Some(programme) = &resource.programme {
            known_programme(found, (&file, &format!("{path}/programme")), programme);
        }
    }
}

fn known_department(found: &mut Found<'_>, at: (&str, &str), id: &str) {
    if found.pack.services.departments.iter().all(|d| d.id != id) {
        found.unknown(id, at, format!("department {id:?} is not known"), "use the id of a [[department]]");
    }
}
