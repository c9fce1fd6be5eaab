//! The machine of states as a table: who may, that no machine ends a case, and the diagram that is made of it.

use crate::common::*;
use std::{fmt::Write as _, path::Path};
use tuodi_access::{Resource, Role, Sensitivity};
use tuodi_casework::{CaseState, Event, TRANSITIONS, guard};
use tuodi_pack::HouseholdId;

pub fn roles() -> impl Iterator<Item = Role> {
    Role::ALL.into_iter().chain([Role::System])
}

#[test]
fn only_a_reviewer_decides_and_no_machine_moves_a_case_to_an_end() {
    let access = crate::common::access();
    for (from, event, to) in TRANSITIONS.iter().copied() {
        let act = guard(from, event);
        let case = Resource::of_household("case", "1", VILLAGE, HouseholdId(1), Sensitivity::Personal);
        let may = |role: Role| {
            let region = if role == Role::TownshipLeader { TOWNSHIP } else { COUNTY };
            let mut who = actor(role, "x", region);
            who.household = role.is_citizen().then_some(HouseholdId(1));
            access.authorise(&who, act, &case, "casework").is_ok()
        };
        if matches!(event, Event::Approve | Event::Refuse) {
            assert_eq!(roles().filter(|r| may(*r)).collect::<Vec<_>>(), [Role::Reviewer], "{from:?} {event:?}");
        }
        if !to.is_open() {
            assert!(!may(Role::System), "{from:?} {event:?}");
        }
    }
}

/// What the file holds: one arrow a pair of states, with the events and who may.
fn diagram() -> String {
    let access = crate::common::access();
    let mut text = String::from(
        "# States of a case\n\nMade from the table of `crates/casework/src/state.rs` and the policies of \
         `crates/access`; a test says when it is not current and how to make it again. On the arrows: what happens, \
         and the roles that may do it.\n\n```mermaid\nstateDiagram-v2\n",
    );
    for state in CaseState::ALL {
        writeln!(text, "    {}: {} {}", state.id(), state.text().zh, state.text().en).unwrap();
    }
    text.push_str("    [*] --> draft\n    [*] --> awaiting_consent\n");
    for (from, event, to) in TRANSITIONS {
        let act = guard(*from, *event);
        let case = Resource::of_household("case", "1", VILLAGE, HouseholdId(1), Sensitivity::Personal);
        let who: Vec<&str> = roles().filter(|role| access.role_may(*role, act, &case)).map(Role::id).collect();
        let (zh, en) = (event.text().zh, event.text().en);
        writeln!(text, "    {} --> {}: {zh} {en} ({})", from.id(), to.id(), who.join(" ")).unwrap();
    }
    for state in CaseState::ALL.iter().filter(|state| TRANSITIONS.iter().all(|(from, _, _)| from != *state)) {
        writeln!(text, "    {} --> [*]", state.id()).unwrap();
    }
    text.push_str("```\n\n| role | 角色 | |\n| --- | --- | --- |\n");
    for role in roles() {
        writeln!(text, "| {} | {} | {} |", role.id(), role.text().zh, role.text().en).unwrap();
    }
    text
}

#[test]
fn the_diagram_in_the_documents_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/states.md");
    let made = diagram();
    if std::env::var_os("TUODI_WRITE_DOCS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == made, "docs/states.md is not current: TUODI_WRITE_DOCS=1 cargo test -p tuodi-casework diagram");
}
