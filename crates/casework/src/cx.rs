//! What every act needs: where, by which rules, who, through which door, when.

use crate::{Channel, case_no::CaseNo, error::Result, kin, tables::case_file};
use chrono::{DateTime, Duration, NaiveDate, SubsecRound, Utc};
use std::sync::Arc;
use tuodi_access::{Access, Act, Actor, Grant, Resource, Sensitivity};
use tuodi_pack::{HouseholdId, Pack};
use tuodi_store::{Entry, Store};

/// One request's context. Cheap to clone.
#[derive(Clone)]
pub struct Cx {
    pub store: Store,
    pub access: Access,
    pub pack: Arc<Pack>,
    pub actor: Actor,
    pub channel: Channel,
    pub now: DateTime<Utc>,
}

/// The date in Beijing: legal days begin there, not at UTC midnight.
pub fn beijing_date(at: DateTime<Utc>) -> NaiveDate {
    (at + Duration::hours(8)).date_naive()
}

impl Cx {
    /// `now` cut to microseconds, which is what both databases keep.
    pub fn at(&self) -> DateTime<Utc> {
        self.now.trunc_subsecs(6)
    }

    pub fn today(&self) -> NaiveDate {
        beijing_date(self.now)
    }

    pub(crate) fn entry(&self, act: &str, subject: String, region: &str, details: serde_json::Value) -> Entry {
        Entry {
            at: self.at(),
            actor: self.actor.account.clone(),
            role: self.actor.role.id().to_owned(),
            act: act.to_owned(),
            subject,
            region: region.to_owned(),
            details,
        }
    }

    /// Asks the policies about one case.
    pub(crate) fn authorise(&self, act: Act, file: &case_file::Model, excluded: Vec<String>) -> Result<Grant> {
        self.authorise_at(act, file, excluded, Sensitivity::Personal, "casework")
    }

    /// The same where only this of the case is at hand.
    pub(crate) fn authorise_case(&self, act: Act, case: &str, owner: HouseholdId, region: &str) -> Result<Grant> {
        let resource = Resource::of_household("case", case, region, owner, Sensitivity::Personal);
        Ok(self.access.authorise(&self.actor, act, &resource, "casework")?)
    }

    pub(crate) fn authorise_at(
        &self,
        act: Act,
        file: &case_file::Model,
        excluded: Vec<String>,
        sensitivity: Sensitivity,
        purpose: &str,
    ) -> Result<Grant> {
        let owner = HouseholdId(file.household_id);
        // Relatives keep out of the whole procedure, whatever the act.
        let resource = Resource::of_household("case", &file.case_no, &file.region_code, owner, sensitivity)
            .excluding(excluded)
            .excluding(kin::kept_out(file));
        Ok(self.access.authorise(&self.actor, act, &resource, purpose)?)
    }

    /// Asks the policies about something of a region that is not one case (a list, a batch).
    pub fn authorise_region(&self, act: Act, kind: &'static str, id: &str, region: &str) -> Result<Grant> {
        let resource = Resource::general(kind, id, region);
        Ok(self.access.authorise(&self.actor, act, &resource, "casework")?)
    }
}

pub(crate) fn case_no(file: &case_file::Model) -> CaseNo {
    CaseNo(file.case_no.clone())
}
