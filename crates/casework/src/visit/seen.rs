//! Amounts and numbers that visitors heard or saw and that were declared too: they stand beside the declaration and what
//! departments know, and change neither.

use super::{Visit, VisitForm};
use crate::{Cx, FieldError, difference::DeclaredValue};
use serde::{Deserialize, Serialize};
use tuodi_pack::{PersonId, facts::Grain};

/// The member's wage is asked with the member.
const WAGE: &str = "wage_month";

/// One answer, in the unit of what it is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenAmount {
    /// Column of the declaration.
    pub name: String,
    pub person: Option<PersonId>,
    pub value: i64,
}

/// The field of a form.
pub fn seen_field(name: &str, person: Option<PersonId>) -> String {
    match person {
        Some(person) => format!("seen.{name}.{person}"),
        None => format!("seen.{name}"),
    }
}

pub(super) fn problems(cx: &Cx, form: &VisitForm, members: &[PersonId]) -> Vec<FieldError> {
    let wrong = form.seen.iter().filter(|seen| {
        let asked = cx.pack.visit_asks().find(|(ask, _)| ask.name == seen.name);
        let of_person = asked
            .and_then(|(_, item)| cx.pack.fact(&item.fact))
            .is_some_and(|(group, _)| matches!(group.grain, Grain::Person));
        asked.is_none()
            || seen.value < 0
            || of_person != seen.person.is_some()
            || seen.person.is_some_and(|p| !members.contains(&p))
    });
    wrong.map(|seen| FieldError::new(seen_field(&seen.name, seen.person), "error.amount")).collect()
}

/// What the visits of a case found, the newest answer to each question; newest visit first.
pub(crate) fn of_visits(visits: &[Visit]) -> Vec<DeclaredValue> {
    let mut found: Vec<DeclaredValue> = Vec::new();
    for visit in visits {
        let wages = visit.record.members.iter().filter_map(|m| Some((WAGE, Some(m.person), m.wage_month?.0)));
        let seen = visit.record.seen.iter().map(|s| (s.name.as_str(), s.person, s.value));
        for (name, person, value) in wages.chain(seen) {
            if !found.iter().any(|f| f.name == name && f.person == person) {
                found.push(DeclaredValue { person, name: name.to_owned(), value: Some(value) });
            }
        }
    }
    found
}
