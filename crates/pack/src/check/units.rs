//! Numbers say what they count.

use super::Found;
use crate::facts::FactType;

pub(super) fn check(found: &mut Found<'_>) {
    let pack = found.pack;
    for group in &pack.facts {
        let file = found.files().home("facts", &group.id);
        for (i, fact) in group.facts.iter().enumerate() {
            if matches!(fact.kind, FactType::Int | FactType::Ratio) && fact.unit.trim().is_empty() {
                found.at(
                    &file,
                    &format!("fact/{i}"),
                    format!("the number {:?} has no unit", fact.name),
                    "say what is counted, such as unit = \"persons\", \"days\" or \"permille\"",
                );
            }
        }
    }
}
