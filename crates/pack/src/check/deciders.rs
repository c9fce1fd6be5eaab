//! Who decides by amount: limits that exist, rise, and end with somebody who decides whatever is above.

use super::Found;
use crate::programme::Programme;
use std::collections::BTreeSet;

pub(super) fn check(found: &mut Found<'_>, file: &str, programme: &Programme, used: &mut BTreeSet<String>) {
    let (pack, deciders) = (found.pack, &programme.decided_by);
    found.unique(file, "decided_by", deciders.iter().map(|d| d.id.as_str()), |i| format!("decided_by/{i}/id"));
    if programme.decider.is_some() && !deciders.is_empty() {
        found.at(file, "decider", "who decides is said twice", "keep [[decided_by]] and remove decider");
    }
    for (i, by) in deciders.iter().enumerate() {
        let path = format!("decided_by/{i}/up_to");
        let last = i + 1 == deciders.len();
        let Some(limit) = &by.up_to else {
            if !last {
                let message = format!("{:?} decides whatever the amount, so those after it never do", by.id);
                found.at(file, &format!("decided_by/{i}/id"), message, "give it up_to, or put it last");
            }
            continue;
        };
        used.insert(limit.clone());
        if last {
            let message = format!("above the limit of {:?} nobody decides", by.id);
            found.at(file, &path, message, "add a last [[decided_by]] without up_to");
        }
        let Some(parameter) = pack.parameters.get(limit) else {
            let message = format!("no parameter {limit:?}");
            found.unknown(limit, (file, &path), message, "use the id of a parameter in parameters.toml");
            continue;
        };
        if parameter.unit != pack.info.money_unit {
            let message = format!("{limit} is in {}, and an amount is compared with it", parameter.unit);
            found.at(file, &path, message, format!("use a parameter in {}", pack.info.money_unit));
        }
        let before = i.checked_sub(1).and_then(|b| deciders[b].up_to.as_ref()).and_then(|id| pack.parameters.get(id));
        let Some(before) = before else { continue };
        // Wherever and from whenever the higher limit has a value of its own.
        let falls = parameter.values.iter().find_map(|v| {
            let below = before.value(&v.region, v.effective)?.amount;
            (below >= v.amount).then_some((v.effective, &v.region))
        });
        if let Some((day, region)) = falls {
            let message = format!("{limit} is not above {} in {region} on {day}", before.id);
            found.at(file, &path, message, "list them from the smallest limit up");
        }
    }
}
