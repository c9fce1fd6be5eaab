//! What no role overrides: region, household, assignment, separation of duties, sensitivity, purpose.

use super::{
    CITY, DISTRICT, HOME, OTHER_DISTRICT, OTHER_TOWNSHIP, OTHER_VILLAGE, WILLOW, WILLOW_COMMUNITY, actor, case,
    sensitive,
};
use crate::{Access, Act, Actor, DeniedWhy, Entrusted, Resource, Role, Sensitivity};
use tuodi_pack::{HouseholdId, Lang};

fn why(actor: &Actor, act: Act, resource: &Resource, purpose: &str) -> Option<DeniedWhy> {
    Access::new().unwrap().authorise(actor, act, resource, purpose).err().map(|denied| denied.why)
}

/// Role, act, scope of the account; whether the case in 柳岸社区 is within reach.
#[test]
fn a_scope_reaches_its_own_region_and_those_below() {
    let access = Access::new().unwrap();
    for (role, act, scope, reached) in [
        (Role::VillageOfficer, Act::ViewCase, WILLOW_COMMUNITY, true),
        (Role::VillageOfficer, Act::ViewCase, OTHER_VILLAGE, false),
        (Role::VillageOfficer, Act::ViewCase, "990102001002", false),
        (Role::TownshipOfficer, Act::ViewCase, WILLOW, true),
        (Role::TownshipOfficer, Act::ViewCase, OTHER_TOWNSHIP, false),
        (Role::TownshipOfficer, Act::Accept, OTHER_TOWNSHIP, false),
        (Role::TownshipLeader, Act::Publicise, OTHER_TOWNSHIP, false),
        (Role::DistrictOfficer, Act::RecordCheck, DISTRICT, true),
        (Role::DistrictOfficer, Act::RecordCheck, OTHER_DISTRICT, false),
        (Role::Reviewer, Act::Decide, DISTRICT, true),
        (Role::Reviewer, Act::Decide, OTHER_DISTRICT, false),
        (Role::Auditor, Act::ViewCase, CITY, true),
        (Role::Auditor, Act::ViewCase, "000000000000", true),
        (Role::Auditor, Act::ViewCase, OTHER_DISTRICT, false),
    ] {
        let answer = access.authorise(&actor(role, scope), act, &case(), "核查");
        assert_eq!(answer.is_ok(), reached, "{role} {act:?} from {scope}");
        if let Err(denied) = answer {
            assert_eq!(denied.why, DeniedWhy::Region);
            assert_eq!(denied.policy.as_deref(), Some("region-scope"));
        }
    }
}

/// Behaviour 23: an officer of another township opens the case and is refused, and told who can.
#[test]
fn an_officer_of_another_township_is_refused_and_told_who_can() {
    let denied = Access::new()
        .unwrap()
        .authorise(&actor(Role::TownshipOfficer, OTHER_TOWNSHIP), Act::ViewCase, &case(), "")
        .unwrap_err();
    assert_eq!(denied.why, DeniedWhy::Region);
    assert!(denied.who_can.contains(&Role::TownshipOfficer));
    assert!(!denied.who_can.contains(&Role::GridWorker));
    assert!(!denied.who_can.contains(&Role::SystemAdmin));
    assert_eq!(denied.why.text().get(Lang::Zh), "这件事不在您负责的区域内。");
}

#[test]
fn a_township_officer_cannot_see_the_queue_of_the_whole_district() {
    let queue = Resource::general("queue", "", DISTRICT);
    assert_eq!(why(&actor(Role::TownshipOfficer, WILLOW), Act::ViewQueue, &queue, ""), Some(DeniedWhy::Region));
}

#[test]
fn a_thing_without_a_region_is_nobodys_but_the_whole_countrys() {
    let nowhere = Resource { region: String::new(), ..case() };
    assert_eq!(why(&actor(Role::DistrictOfficer, DISTRICT), Act::ViewCase, &nowhere, ""), Some(DeniedWhy::Region));
    assert_eq!(why(&Actor::system(), Act::ViewCase, &nowhere, ""), None);
}

#[test]
fn citizens_reach_their_own_household_wherever_it_lies() {
    let own = Actor { region: OTHER_DISTRICT.to_owned(), ..actor(Role::Applicant, WILLOW) };
    for act in [Act::ViewCase, Act::Apply, Act::Consent, Act::Withdraw, Act::Appeal, Act::ViewHousehold, Act::Export] {
        assert_eq!(why(&own, act, &case(), ""), None, "{act:?}");
        assert_eq!(why(&own, act, &sensitive(), ""), None, "{act:?} sensitive");
    }
}

#[test]
fn citizens_reach_no_other_household_and_nothing_that_is_no_ones() {
    let access = Access::new().unwrap();
    let neighbour = Resource { owner: Some(HouseholdId(HOME.0 + 1)), ..case() };
    let nobodys = Resource { owner: None, ..case() };
    let stranger = Actor { household: None, ..actor(Role::Applicant, WILLOW) };
    for &act in Act::ALL.iter().filter(|&&act| act != Act::ReportClue) {
        for role in [Role::Applicant, Role::Proxy] {
            let citizen = actor(role, WILLOW);
            assert!(access.authorise(&citizen, act, &neighbour, "看看").is_err(), "{role} {act:?}");
            assert!(access.authorise(&citizen, act, &nobodys, "看看").is_err(), "{role} {act:?}");
        }
        assert!(access.authorise(&stranger, act, &case(), "").is_err(), "{act:?}");
        assert!(access.authorise(&stranger, act, &nobodys, "").is_err(), "{act:?}");
    }
    assert_eq!(why(&actor(Role::Applicant, WILLOW), Act::ViewCase, &neighbour, ""), Some(DeniedWhy::NotYours));
}

#[test]
fn a_proxy_sees_sensitive_data_only_if_the_mandate_says_so() {
    let proxy = actor(Role::Proxy, WILLOW);
    assert_eq!(why(&proxy, Act::ViewCase, &case(), ""), None);
    assert_eq!(why(&proxy, Act::ViewCase, &sensitive(), ""), Some(DeniedWhy::Mandate));
    let seeing = entrusted(Entrusted { sensitive: true, ..mandate() });
    assert_eq!(why(&seeing, Act::ViewCase, &sensitive(), ""), None);
    assert_eq!(why(&seeing, Act::Export, &case(), ""), Some(DeniedWhy::Role));
    assert_eq!(why(&seeing, Act::Entrust, &case(), ""), Some(DeniedWhy::Role), "a mandate is not handed on");
}

fn mandate() -> Entrusted {
    Entrusted { case: Some("QY26-00001".to_owned()), ..Entrusted::default() }
}

fn entrusted(what: Entrusted) -> Actor {
    Actor { entrusted: Some(what), ..actor(Role::Proxy, WILLOW) }
}

#[test]
fn a_proxy_acts_in_the_one_case_and_signs_only_what_the_mandate_names() {
    let household = Resource { kind: "household", id: "120".to_owned(), ..case() };
    let other = Resource { id: "QY25-00007".to_owned(), ..case() };
    let proxy = entrusted(mandate());
    assert_eq!(why(&proxy, Act::Apply, &case(), ""), None);
    for act in [Act::ViewCase, Act::Apply, Act::Appeal, Act::Withdraw] {
        assert_eq!(why(&proxy, act, &other, ""), Some(DeniedWhy::Mandate), "{act:?}");
    }
    assert_eq!(why(&proxy, Act::Apply, &household, ""), Some(DeniedWhy::Mandate), "it has its case");
    let new = entrusted(Entrusted::default());
    assert_eq!(why(&new, Act::Apply, &household, ""), None, "it has none yet");
    assert_eq!(why(&new, Act::ViewCase, &case(), ""), Some(DeniedWhy::Mandate));
    for thing in [case(), household.clone()] {
        assert_eq!(why(&proxy, Act::Consent, &thing, ""), Some(DeniedWhy::Mandate));
    }
    let signing = entrusted(Entrusted { authorises: true, ..mandate() });
    assert_eq!(why(&signing, Act::Consent, &case(), ""), None);
    assert_eq!(why(&signing, Act::ViewHousehold, &household, ""), None);
    let without = Actor { entrusted: None, ..actor(Role::Proxy, WILLOW) };
    assert_eq!(why(&without, Act::ViewCase, &case(), ""), Some(DeniedWhy::Mandate), "an account alone opens nothing");
}

#[test]
fn whoever_surveyed_may_look_but_not_decide() {
    let reviewer = actor(Role::Reviewer, DISTRICT);
    let kept_out = case().excluding([reviewer.account.clone()]);
    let denied = Access::new().unwrap().authorise(&reviewer, Act::Decide, &kept_out, "").unwrap_err();
    assert_eq!(denied.why, DeniedWhy::SeparationOfDuties);
    assert!(denied.who_can.contains(&Role::Reviewer), "another reviewer can");
    assert_eq!(why(&reviewer, Act::ViewCase, &kept_out, ""), None);
    assert_eq!(why(&reviewer, Act::Decide, &case().excluding(["another".to_owned()]), ""), None);
}

#[test]
fn whoever_prepared_a_pay_list_may_not_sign_it() {
    let officer = actor(Role::DistrictOfficer, DISTRICT);
    let list = Resource::general("payment", "2026-09", DISTRICT);
    assert_eq!(why(&officer, Act::SignPayment, &list, ""), None);
    let own = list.excluding([officer.account.clone()]);
    assert_eq!(why(&officer, Act::SignPayment, &own, ""), Some(DeniedWhy::SeparationOfDuties));
}

#[test]
fn whoever_proposed_a_parameter_may_not_approve_it() {
    let admin = actor(Role::SystemAdmin, DISTRICT);
    let change = Resource::general("parameter", "dibao.line", DISTRICT).excluding([admin.account.clone()]);
    assert_eq!(why(&admin, Act::ProposeParameter, &change, ""), None);
    assert_eq!(why(&admin, Act::ApproveParameter, &change, ""), Some(DeniedWhy::SeparationOfDuties));
}

#[test]
fn a_township_leader_decides_only_what_was_delegated() {
    let leader = actor(Role::TownshipLeader, WILLOW);
    assert_eq!(why(&leader, Act::Decide, &case(), ""), Some(DeniedWhy::Role));
    assert_eq!(why(&leader, Act::Decide, &case().assigned_to([leader.account.clone()]), ""), None);
}

#[test]
fn partners_reach_only_what_was_given_to_them() {
    for (role, act) in [
        (Role::ThirdPartyAssessor, Act::RecordVisit),
        (Role::ThirdPartyAssessor, Act::ViewHousehold),
        (Role::ProviderWorker, Act::ViewTask),
        (Role::DepartmentOfficer, Act::ViewCase),
    ] {
        let partner = actor(role, DISTRICT);
        assert_eq!(why(&partner, act, &case(), ""), Some(DeniedWhy::NotAssigned), "{role} {act:?}");
        assert_eq!(why(&partner, act, &case().assigned_to([partner.account.clone()]), ""), None, "{role} {act:?}");
    }
}

#[test]
fn sensitive_data_needs_a_purpose_and_those_who_see_conclusions_do_not_get_it_with_one() {
    let officer = actor(Role::TownshipOfficer, WILLOW);
    assert_eq!(why(&officer, Act::ViewCase, &case(), ""), None);
    assert_eq!(why(&officer, Act::ViewCase, &sensitive(), ""), Some(DeniedWhy::Purpose));
    assert_eq!(why(&officer, Act::ViewCase, &sensitive(), "  "), Some(DeniedWhy::Purpose), "spaces are no purpose");
    assert_eq!(why(&officer, Act::ViewCase, &sensitive(), "办理低保申请"), None);
    // The act itself is the purpose of recording.
    assert_eq!(why(&officer, Act::RecordCheck, &sensitive(), ""), None);
    let village = actor(Role::VillageOfficer, WILLOW_COMMUNITY);
    assert_eq!(why(&village, Act::ViewCase, &sensitive(), "办理低保申请"), Some(DeniedWhy::Sensitivity));
}

#[test]
fn auditors_and_stewards_open_a_person_with_a_reason() {
    let auditor = actor(Role::Auditor, DISTRICT);
    assert_eq!(why(&auditor, Act::ViewCase, &case(), ""), Some(DeniedWhy::Purpose));
    assert_eq!(why(&auditor, Act::ViewCase, &case(), "抽查 2026 年第三季度"), None);
    assert_eq!(why(&auditor, Act::ViewJournal, &Resource::general("journal", "", DISTRICT), ""), None);
    let steward = actor(Role::DataSteward, DISTRICT);
    assert_eq!(why(&steward, Act::ViewHousehold, &case(), ""), Some(DeniedWhy::Purpose));
    assert_eq!(why(&steward, Act::ViewData, &Resource::general("data", "DS01", DISTRICT), ""), None);
}

#[test]
fn administrators_see_no_case_data_and_are_told_so() {
    let admin = actor(Role::SystemAdmin, DISTRICT);
    for act in
        [Act::ViewCase, Act::ViewHousehold, Act::ViewQueue, Act::ViewPayment, Act::SearchPeople, Act::ViewJournal]
    {
        assert_eq!(why(&admin, act, &case(), "维护"), Some(DeniedWhy::NoCaseData), "{act:?}");
    }
    assert_eq!(why(&admin, Act::ManageAccounts, &Resource::general("account", "", DISTRICT), ""), None);
}

#[test]
fn a_missing_right_is_told_before_a_wrong_region() {
    let grid = actor(Role::GridWorker, OTHER_VILLAGE);
    let denied = Access::new().unwrap().authorise(&grid, Act::Decide, &case(), "").unwrap_err();
    assert_eq!(denied.why, DeniedWhy::Role);
    assert_eq!(denied.who_can, [Role::TownshipLeader, Role::Reviewer]);
    assert_eq!(denied.policy, None);
}

#[test]
fn volunteers_get_no_personal_data() {
    let volunteer = actor(Role::Volunteer, WILLOW);
    let task = Resource { kind: "task", ..case() }.assigned_to([volunteer.account.clone()]);
    assert_eq!(why(&volunteer, Act::ViewTask, &task, ""), Some(DeniedWhy::Sensitivity));
    let bare = Resource { sensitivity: Sensitivity::Internal, ..task };
    assert_eq!(why(&volunteer, Act::ViewTask, &bare, ""), None);
}

#[test]
fn an_account_with_odd_characters_is_just_an_account() {
    let odd = Actor { account: "李\"四\\;) permit".to_owned(), ..actor(Role::Reviewer, DISTRICT) };
    assert_eq!(why(&odd, Act::Decide, &case(), ""), None);
    let kept_out = case().excluding([odd.account.clone()]);
    assert_eq!(why(&odd, Act::Decide, &kept_out, ""), Some(DeniedWhy::SeparationOfDuties));
}

#[test]
fn a_list_filter_covers_the_same_regions_as_the_policies() {
    let township = actor(Role::TownshipOfficer, WILLOW);
    assert_eq!(township.region_range(), ("990102001000".to_owned(), "990102001999".to_owned()));
    assert_eq!(Actor::system().region_range(), ("000000000000".to_owned(), "999999999999".to_owned()));
    assert!(township.covers(WILLOW_COMMUNITY) && !township.covers(OTHER_VILLAGE) && !township.covers(DISTRICT));
    let access = Access::new().unwrap();
    for region in [WILLOW, WILLOW_COMMUNITY, OTHER_TOWNSHIP, OTHER_VILLAGE, DISTRICT, OTHER_DISTRICT, CITY] {
        let there = Resource { region: region.to_owned(), ..case() };
        let (from, until) = township.region_range();
        let listed = (from.as_str()..=until.as_str()).contains(&region);
        assert_eq!(access.authorise(&township, Act::ViewCase, &there, "").is_ok(), listed, "{region}");
    }
}
