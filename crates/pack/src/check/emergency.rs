//! `[emergency]` of `workflow.toml`: limits that can be kept, parameters and programme that exist, something to choose from.

use super::Found;
use crate::emergency::{Emergency, EmergencyWord};

const FILE: &str = "workflow.toml";

pub(super) fn check(found: &mut Found<'_>) {
    let pack = found.pack;
    let Some(rules) = &pack.workflow.emergency else { return };
    found.basis(FILE, "emergency/basis", &rules.basis);
    limits(found, rules);
    let money = pack.info.money_unit.clone();
    parameter(found, "advance", &rules.advance, Some(&money));
    for (key, id) in [("unit", &rules.unit), ("persons", &rules.persons), ("awards", &rules.awards)] {
        parameter(found, key, id, None);
    }
    for (i, grade) in rules.grades.iter().enumerate() {
        found.basis(FILE, &format!("emergency/grade/{i}/basis"), &grade.basis);
        parameter(found, &format!("grade/{i}/units"), &grade.units, None);
    }
    found.unique(FILE, "grade", rules.grades.iter().map(|g| g.id.as_str()), |i| format!("emergency/grade/{i}/id"));
    words(found, "kind", &rules.kinds);
    words(found, "paper", &rules.papers);
    words(found, "referral", &rules.referrals);
    if rules.grades.is_empty() {
        found.at(FILE, "emergency", "no amount could be found without a grade", "add [[emergency.grade]]");
    }
    let Some(programme) = pack.programme(&rules.programme) else {
        let ids = pack.programmes.iter().map(|p| p.id.as_str());
        let fix = Found::meant(&rules.programme, ids, "use the id of a programme");
        let message = format!("programme {:?} is not in programmes/", rules.programme);
        return found.unknown(&rules.programme, (FILE, "emergency/programme"), message, fix);
    };
    if !programme.decided_by.iter().any(|d| d.id == rules.township) {
        let message = format!("{} has no [[decided_by]] called {:?}", programme.id, rules.township);
        let fix =
            Found::meant(&rules.township, programme.decided_by.iter().map(|d| d.id.as_str()), "use one of its ids");
        found.unknown(&rules.township, (FILE, "emergency/township"), message, fix);
    }
}

fn limits(found: &mut Found<'_>, rules: &Emergency) {
    for (key, figure) in [("advance_hours", rules.advance_hours), ("papers_days", rules.papers_days)] {
        if figure == 0 {
            found.at(FILE, &format!("emergency/{key}"), format!("{key} is 0"), "give a number, 1 or more");
        }
    }
    if rules.warn_hours > rules.advance_hours {
        let message = format!("{} hours is after the help is due", rules.warn_hours);
        let fix = format!("give at most advance_hours, {}", rules.advance_hours);
        found.at(FILE, "emergency/warn_hours", message, fix);
    }
}

fn parameter(found: &mut Found<'_>, key: &str, id: &str, unit: Option<&str>) {
    let at = format!("emergency/{key}");
    let Some(parameter) = found.pack.parameters.get(id) else {
        let message = format!("parameter {id:?} is not in parameters.toml");
        return found.unknown(id, (FILE, &at), message, "use the id of a parameter in parameters.toml");
    };
    if let Some(unit) = unit.filter(|unit| *unit != parameter.unit) {
        let message = format!("{id} is in {}, and it is an amount", parameter.unit);
        found.at(FILE, &at, message, format!("use a parameter in {unit}"));
    }
}

fn words(found: &mut Found<'_>, what: &str, words: &[EmergencyWord]) {
    found.unique(FILE, what, words.iter().map(|w| w.id.as_str()), |i| format!("emergency/{what}/{i}/id"));
    if words.is_empty() {
        let fix = format!("add [[emergency.{what}]]");
        found.at(FILE, "emergency", format!("nobody could choose a {what}"), fix);
    }
}
