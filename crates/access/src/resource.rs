//! What is acted upon, as the room that owns it describes it.

use tuodi_pack::HouseholdId;

/// data-sources.md 0.4. A reading of L3 and L4 is logged by the room that shows it (`looks::record`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sensitivity {
    /// Rules, standards, announced lists.
    Public,
    /// Business data that is not about a person.
    Internal,
    /// Identity, status, address, benefits.
    Personal,
    /// Health, finance, custody, children under 14, accounts.
    Sensitive,
}

impl Sensitivity {
    /// 1 to 4, as in `L3`.
    pub fn level(self) -> i64 {
        match self {
            Sensitivity::Public => 1,
            Sensitivity::Internal => 2,
            Sensitivity::Personal => 3,
            Sensitivity::Sensitive => 4,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// `case`, `household`, `task`, `payment`, `queue`, `overview`, `data`, `journal`, `account`, `parameter`.
    pub kind: &'static str,
    pub id: String,
    /// Where it is: a region code of 12 digits.
    pub region: String,
    /// The household it is about.
    pub owner: Option<HouseholdId>,
    pub sensitivity: Sensitivity,
    /// Accounts kept out by separation of duties: for a decision those who surveyed and reviewed, for a signature
    /// the one who prepared, always those related to the applicant.
    pub excluded: Vec<String>,
    /// Accounts it is given to: the worker of a task, the assessor of a visit.
    pub assigned: Vec<String>,
}

impl Resource {
    /// A thing that is not about one household: a queue, an overview, a journal.
    pub fn general(kind: &'static str, id: impl Into<String>, region: impl Into<String>) -> Resource {
        Resource {
            kind,
            id: id.into(),
            region: region.into(),
            owner: None,
            sensitivity: Sensitivity::Internal,
            excluded: Vec::new(),
            assigned: Vec::new(),
        }
    }

    /// A thing about one household.
    pub fn of_household(
        kind: &'static str,
        id: impl Into<String>,
        region: impl Into<String>,
        owner: HouseholdId,
        sensitivity: Sensitivity,
    ) -> Resource {
        Resource { owner: Some(owner), sensitivity, ..Resource::general(kind, id, region) }
    }

    #[must_use]
    pub fn excluding(mut self, accounts: impl IntoIterator<Item = String>) -> Resource {
        self.excluded.extend(accounts);
        self
    }

    #[must_use]
    pub fn assigned_to(mut self, accounts: impl IntoIterator<Item = String>) -> Resource {
        self.assigned.extend(accounts);
        self
    }
}
