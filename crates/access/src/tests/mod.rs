mod accounts;
mod limits;
mod matrix;
mod sessions_and_looks;

use crate::{Actor, Entrusted, Resource, Role, Sensitivity};
use chrono::{DateTime, TimeZone, Utc};
use tuodi_pack::HouseholdId;
use tuodi_store::Entry;

/// 柳岸街道, its community and another township; 望川县 is another county.
const WILLOW: &str = "990102001000";
const WILLOW_COMMUNITY: &str = "990102001001";
const OTHER_TOWNSHIP: &str = "990102002000";
const OTHER_VILLAGE: &str = "990102002201";
const DISTRICT: &str = "990102000000";
const OTHER_DISTRICT: &str = "990121000000";
const CITY: &str = "990100000000";

const HOME: HouseholdId = HouseholdId(120);
const CASE: &str = "QY26-00001";

fn actor(role: Role, region: &str) -> Actor {
    Actor {
        account: format!("{}.{region}", role.name()),
        name: "甲".to_owned(),
        role,
        region: region.to_owned(),
        person: None,
        household: role.is_citizen().then_some(HOME),
        entrusted: (role == Role::Proxy).then(|| Entrusted { case: Some(CASE.to_owned()), ..Entrusted::default() }),
    }
}

/// A case of the household 120 in the community of 柳岸.
fn case() -> Resource {
    Resource::of_household("case", CASE, WILLOW_COMMUNITY, HOME, Sensitivity::Personal)
}

fn sensitive() -> Resource {
    Resource { sensitivity: Sensitivity::Sensitive, ..case() }
}

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 9, 1, 12, 0, 0).unwrap()
}

fn entry(act: &str, account: &str) -> Entry {
    Entry {
        at: noon(),
        actor: "root".to_owned(),
        role: "R19".to_owned(),
        act: act.to_owned(),
        subject: format!("account:{account}"),
        region: DISTRICT.to_owned(),
        details: serde_json::json!({}),
    }
}
