//! Which role may do which act at its best: right region, own household, assigned, with a purpose
//! (workflow.md sections 2, 3 and 7). Every act stands here; a role that is not named is refused.

use super::{HOME, WILLOW, WILLOW_COMMUNITY, actor, case};
use crate::{Access, Act, Actor, Resource, Role, Sensitivity, authorise::POLICIES};
use cedar_policy::{PolicySet, Schema, ValidationMode, Validator};
use std::collections::BTreeSet;

/// Act, roles that may on personal data (L3), roles of those that may not on sensitive data (L4).
const MATRIX: &[(Act, &str, &str)] = &[
    (Act::ViewQueue, "R03 R04 R05 R06 R07 R08 R09 R10 R11 R12 R16 R17", ""),
    (Act::Assign, "R05 R06 R07 R08 R09", ""),
    (Act::Remind, "R05 R06 R07 R08", ""),
    (Act::ViewCase, "R01 R02 R04 R05 R06 R07 R08 R09 R12 R15 R17", "R04"),
    (Act::Apply, "R01 R02 R04 R05", ""),
    (Act::Consent, "R01 R02 R04 R05", ""),
    (Act::Accept, "R05", ""),
    (Act::Return, "R05", ""),
    (Act::RecordCheck, "R05 R07 R09", ""),
    (Act::RecordVisit, "R04 R05 R07 R12", ""),
    (Act::Review, "R05 R06", ""),
    (Act::Extend, "R05 R06", ""),
    (Act::SignExtension, "R06", ""),
    (Act::Publicise, "R06", ""),
    (Act::RecordHung, "R04 R05 R06", ""),
    (Act::RecordObjection, "R04 R05 R06 R07", ""),
    (Act::Decide, "R06 R08", ""),
    (Act::DeclareKin, "R01 R02 R04 R05 R06 R07 R08 R09", ""),
    (Act::Entrust, "R01 R04 R05", ""),
    (Act::Withdraw, "R01 R02 R05", ""),
    (Act::Terminate, "R05 R08", ""),
    (Act::Appeal, "R01 R02 R05 R07", ""),
    (Act::ContestFact, "R01 R02 R04 R05", ""),
    (Act::AnswerVoice, "R06 R07 R16", ""),
    (Act::GrantEmergency, "R05 R06", ""),
    (Act::ViewHousehold, "R01 R02 R04 R05 R06 R07 R08 R12 R16 R17", "R04"),
    (Act::SearchPeople, "R04 R05 R06 R07 R08 R16 R17", "R04"),
    (Act::AnswerMatter, "R15", ""),
    (Act::ViewTask, "R03 R04 R05 R06 R07 R08 R11 R12 R17", "R03 R04"),
    (Act::RecordOutcome, "R03 R04 R05 R06 R07 R11", ""),
    (Act::ReportClue, "R01 R02 R03 R04 R05 R06 R07 R08 R09 R10 R11 R12 R14 R15 R16", ""),
    (Act::PreparePayment, "R07", ""),
    (Act::SignPayment, "R07 R08", ""),
    (Act::ViewPayment, "R01 R02 R05 R06 R07 R08 R17", ""),
    (Act::ViewOverview, "R04 R05 R06 R07 R08 R10 R16 R17", ""),
    (Act::ViewData, "R07 R08 R09 R16 R17", ""),
    (Act::LoadData, "R16", ""),
    (Act::ManageFeed, "R16", ""),
    (Act::CorrectRecord, "R16", ""),
    (Act::RunPass, "R07 R16", ""),
    (Act::ViewJournal, "R17", ""),
    (Act::ViewLooks, "R01 R17", ""),
    (Act::Export, "R01 R05 R06 R07 R08 R09 R15 R17", "R05 R06"),
    (Act::ManageAccounts, "R19", ""),
    (Act::ProposeParameter, "R07 R19", ""),
    (Act::ApproveParameter, "R19", ""),
];

fn ids(text: &str) -> BTreeSet<Role> {
    text.split_whitespace().map(|id| Role::from_id(id).unwrap()).collect()
}

/// The queue of a task list, so that the grid worker's own list is covered.
fn thing(act: Act) -> Resource {
    Resource { kind: if act == Act::ViewQueue { "task" } else { "case" }, ..case() }
}

#[test]
fn the_matrix_names_every_act_once() {
    let named: Vec<Act> = MATRIX.iter().map(|row| row.0).collect();
    assert_eq!(named, Act::ALL);
}

#[test]
fn each_role_may_do_exactly_what_the_matrix_says() {
    let access = Access::new().unwrap();
    for &(act, may, not_sensitive) in MATRIX {
        let may = ids(may);
        let not_sensitive = ids(not_sensitive);
        for role in Role::ALL {
            let personal = thing(act);
            assert_eq!(access.role_may(role, act, &personal), may.contains(&role), "{role} {act:?} L3");
            let sensitive = Resource { sensitivity: Sensitivity::Sensitive, ..personal };
            let expected = may.contains(&role) && !not_sensitive.contains(&role);
            assert_eq!(access.role_may(role, act, &sensitive), expected, "{role} {act:?} L4");
        }
    }
}

#[test]
fn figures_and_receipts_without_people_reach_those_who_may_see_only_such() {
    let access = Access::new().unwrap();
    let overview = Resource::general("overview", "2026-09", WILLOW_COMMUNITY);
    assert!(access.role_may(Role::CityViewer, Act::ViewOverview, &overview));
    assert!(access.role_may(Role::CityViewer, Act::Export, &overview));
    assert!(access.role_may(Role::VillageOfficer, Act::Export, &overview), "the publicity sheet");
    let task = Resource { kind: "task", ..overview };
    assert!(access.role_may(Role::Volunteer, Act::ViewTask, &task));
    assert!(!access.role_may(Role::Volunteer, Act::RecordOutcome, &task));
}

#[test]
fn the_grid_worker_sees_a_task_list_and_no_case_queue() {
    let access = Access::new().unwrap();
    let grid = actor(Role::GridWorker, WILLOW_COMMUNITY);
    let list = |kind| Resource::general(kind, "", WILLOW_COMMUNITY);
    assert!(access.authorise(&grid, Act::ViewQueue, &list("task"), "").is_ok());
    assert!(access.authorise(&grid, Act::ViewQueue, &list("queue"), "").is_err());
}

#[test]
fn a_department_sees_its_list_of_matters_and_nobody_else_does() {
    let access = Access::new().unwrap();
    let list = |kind| Resource::general(kind, "", WILLOW);
    let department = actor(Role::DepartmentOfficer, WILLOW);
    assert!(access.authorise(&department, Act::ViewQueue, &list("matters"), "").is_ok());
    assert!(access.authorise(&department, Act::ViewQueue, &list("queue"), "").is_err());
    let officer = actor(Role::TownshipOfficer, WILLOW);
    assert!(access.authorise(&officer, Act::ViewQueue, &list("matters"), "").is_err());
}

#[test]
fn assessments_are_listed_for_those_who_make_them_and_their_agreement_for_the_district() {
    let access = Access::new().unwrap();
    let may = |act, kind, role| access.role_may(role, act, &Resource::general(kind, "", WILLOW_COMMUNITY));
    let who = |act, kind| -> BTreeSet<Role> { Role::ALL.into_iter().filter(|role| may(act, kind, *role)).collect() };
    assert_eq!(who(Act::ViewQueue, "assessment"), ids("R04 R05 R06 R07 R08 R12 R17"));
    assert_eq!(who(Act::ViewQueue, "raters"), ids("R07 R08 R17"));
    assert_eq!(who(Act::RecordVisit, "raters"), ids("R07"), "whoever writes down what was found together");
    let task = Resource { kind: "assessment", ..case() };
    let assessor = actor(Role::ThirdPartyAssessor, WILLOW);
    assert!(access.authorise(&assessor, Act::RecordVisit, &task, "").is_err(), "not given to them");
    let given = task.clone().assigned_to([assessor.account.clone()]);
    assert!(access.authorise(&assessor, Act::RecordVisit, &given, "").is_ok());
    let first = given.excluding([assessor.account.clone()]);
    assert!(
        access.authorise(&assessor, Act::RecordVisit, &first, "").is_err(),
        "nobody makes the second after the first"
    );
}

#[test]
fn the_platform_prepares_but_never_decides() {
    let access = Access::new().unwrap();
    let system = Actor::system();
    for act in [Act::Accept, Act::RecordCheck, Act::ViewCase, Act::RunPass, Act::LoadData] {
        assert!(access.authorise(&system, act, &case(), "").is_ok(), "{act:?}");
    }
    for act in [Act::Decide, Act::Review, Act::Publicise, Act::Terminate, Act::SignPayment, Act::ApproveParameter] {
        let denied = access.authorise(&system, act, &case(), "").unwrap_err();
        assert_eq!(denied.policy.as_deref(), Some("platform-never-decides"), "{act:?}");
    }
}

#[test]
fn a_grant_names_its_policy() {
    let access = Access::new().unwrap();
    let officer = actor(Role::TownshipOfficer, WILLOW);
    let grant = access.authorise(&officer, Act::Accept, &case(), "").unwrap();
    assert_eq!(grant.policy, "township-officer-handles");
    let own = access.authorise(&actor(Role::Applicant, WILLOW), Act::ViewCase, &case(), "").unwrap();
    assert_eq!(own.policy, "applicant-own-matters");
}

#[test]
fn every_policy_has_its_own_id_and_every_limit_its_reason() {
    let mut ids = BTreeSet::new();
    let access = Access::new().unwrap();
    for policy in access.policies().policies() {
        let id = policy.annotation("id").unwrap_or_else(|| panic!("no @id: {policy}"));
        assert!(ids.insert(id.to_owned()), "{id} twice");
        let limit = policy.effect() == cedar_policy::Effect::Forbid;
        assert_eq!(policy.annotation("why").is_some(), limit, "{id}");
    }
    assert_eq!(ids.len(), POLICIES.iter().map(|(_, text)| text.matches("@id(").count()).sum::<usize>());
}

/// A misspelt role, act or attribute would silently permit or forbid nothing.
#[test]
fn the_policies_fit_their_schema() {
    let acts: Vec<String> = Act::ALL.iter().map(|act| format!("\"{}\"", act.name())).collect();
    let text = format!(
        "{}\naction {} appliesTo {{ principal: [User], resource: [Thing], context: {{ purpose: String }} }};",
        include_str!("../../policies/schema.cedarschema"),
        acts.join(", ")
    );
    let (schema, _) = Schema::from_cedarschema_str(&text).unwrap();
    let all: Vec<&str> = POLICIES.iter().map(|(_, text)| *text).collect();
    let policies: PolicySet = all.join("\n").parse().unwrap();
    let result = Validator::new(schema).validate(&policies, ValidationMode::Strict);
    let errors: Vec<String> = result.validation_errors().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    for (_, text) in POLICIES {
        for role in text.split("Role::\"").skip(1).map(|rest| &rest[..3]) {
            assert!(Role::from_id(role).is_some(), "{role} is no role");
        }
    }
}

#[test]
fn names_and_ids_lead_back_to_their_role_and_act() {
    for role in Role::ALL {
        assert_eq!(Role::from_id(role.id()), Some(role));
        assert_eq!(Role::from_name(role.name()), Some(role));
    }
    for &act in Act::ALL {
        assert_eq!(Act::from_name(act.name()), Some(act));
    }
    assert_eq!(Role::ALL.iter().map(|role| role.id()).collect::<BTreeSet<_>>().len(), 19);
    assert_eq!(HOME, case().owner.unwrap());
}
