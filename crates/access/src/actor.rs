//! Who acts.

use crate::Role;
use tuodi_pack::{HouseholdId, PersonId};

#[derive(Clone, PartialEq, Eq)]
pub struct Actor {
    pub account: String,
    /// As shown on pages.
    pub name: String,
    pub role: Role,
    /// Scope: a region code of 12 digits, and everything below it.
    pub region: String,
    /// Set for applicants and proxies.
    pub person: Option<PersonId>,
    /// The one household that an applicant or a proxy acts for.
    pub household: Option<HouseholdId>,
    /// Set for proxies: what was entrusted to them.
    pub entrusted: Option<Entrusted>,
}

/// What a mandate allows besides filling in, sending, handing in papers, following and contesting: each is named in it or
/// not allowed (Civil Code art. 165).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Entrusted {
    /// The one case, once there is one.
    pub case: Option<String>,
    /// Means, illness and accounts may be seen.
    pub sensitive: bool,
    /// The authorisation of the economic check may be signed for the person.
    pub authorises: bool,
}

/// Without the name: actors appear in traces.
impl std::fmt::Debug for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Actor({} {} {})", self.account, self.role, self.region)
    }
}

impl Actor {
    /// The platform itself, everywhere.
    pub fn system() -> Actor {
        Actor {
            account: "system".to_owned(),
            name: Role::System.title(tuodi_pack::Lang::Zh).to_owned(),
            role: Role::System,
            region: "000000000000".to_owned(),
            person: None,
            household: None,
            entrusted: None,
        }
    }

    /// Anybody, without an account: what they may do, the platform does for them.
    pub fn public() -> Actor {
        Actor { account: "public".to_owned(), name: "社会公众".to_owned(), ..Actor::system() }
    }

    /// Whether a region lies in the actor's scope.
    pub fn covers(&self, region: &str) -> bool {
        let scope = scope_prefix(&self.region);
        region.starts_with(scope)
    }

    /// First and last code of the scope, for `region_code BETWEEN …` in lists.
    pub fn region_range(&self) -> (String, String) {
        let scope = scope_prefix(&self.region);
        (format!("{scope:0<12}"), format!("{scope:9<12}"))
    }
}

/// `990102` of `990102000000`; nothing for the whole country (`000000000000`).
pub(crate) fn scope_prefix(code: &str) -> &str {
    if code.bytes().all(|b| b == b'0') { "" } else { tuodi_pack::region::prefix(code) }
}
