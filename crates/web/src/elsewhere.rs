//! People of a household who are registered in another one too, under a number that an officer merged with this one.

use crate::{Cx, WebError, view::place};
use tuodi_pack::{HouseholdId, PersonId};
use tuodi_registry::Person;

/// One of them, and where else.
pub struct Elsewhere {
    /// The member, by the number under which this household knows them.
    pub person: PersonId,
    pub name: String,
    /// The same person's other number.
    pub other: PersonId,
    pub household: HouseholdId,
    /// Where that household lives; linked only for those who may go there.
    pub place: String,
    pub href: Option<String>,
}

/// `door`: `/desk/households` or the library's.
pub async fn elsewhere(cx: &Cx, members: &[Person], here: HouseholdId, door: &str) -> Result<Vec<Elsewhere>, WebError> {
    let store = &cx.state.store;
    let ids: Vec<PersonId> = members.iter().map(|member| member.id).collect();
    let mut found = Vec::new();
    for (other, person) in tuodi_registry::linkage::also(store, &ids).await? {
        let Some(recorded) = tuodi_registry::recorded(store, other).await? else { continue };
        let Some(household) = recorded.household_id.filter(|home| *home != here) else { continue };
        let Some(home) = tuodi_registry::household(store, household).await? else { continue };
        let covered = cx.who.as_ref().is_some_and(|who| who.covers(&home.region_code));
        found.push(Elsewhere {
            person,
            name: members.iter().find(|m| m.id == person).map(|m| m.name.clone()).unwrap_or_default(),
            other,
            household,
            place: place(&cx.state.pack, &home.region_code, cx.lang),
            href: covered.then(|| format!("{door}/{household}")),
        });
    }
    Ok(found)
}
