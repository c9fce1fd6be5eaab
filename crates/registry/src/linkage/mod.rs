//! People without a usable number: rows that name a person but not by a number that holds, whom they may be, and who
//! decided so (data-sources.md 0.3: never merged on a name; a person confirms; a correction never deletes).
//!
//! A row is *proposed* to people by [`LinkBook`], in memory, and what it proposes is kept as candidates with their evidence,
//! sealed. An officer's decision is added to a candidate's history and never replaces one. That two person numbers are one
//! person is a redirection ([`merge`]): no row of any table moves, so that taking it back ([`unmerge`]) restores everything.

mod book;
mod candidates;
mod decide;
mod merge;
pub(crate) mod migration;

pub use self::{
    book::{LinkBook, Suggestion},
    candidates::{Candidate, CandidateFilter, CandidateRow, candidate, candidates, keep},
    decide::{Decision, LinkState, decide, decisions},
    merge::{Merge, current, merge, merges, redirections, unmerge},
};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use tuodi_pack::id_no::Sex;

/// A row of a file that came without a number that passes its check.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Unnumbered {
    /// Source, batch and row: where it stands in what was sent.
    pub source: String,
    pub batch: String,
    pub row: i64,
    /// The number as written, if there was one.
    pub id_no: Option<String>,
    pub name: String,
    /// Male or female, where the file says.
    pub male: Option<bool>,
    pub birth_date: Option<NaiveDate>,
    /// 12 digits; empty where the file does not say.
    pub region_code: String,
    /// Names of the others of the household.
    pub members: Vec<String>,
}

impl Unnumbered {
    pub fn sex(&self) -> Option<Sex> {
        self.male.map(|male| if male { Sex::Male } else { Sex::Female })
    }
}

impl std::fmt::Debug for Unnumbered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Unnumbered({} {} row {}, hidden)", self.source, self.batch, self.row)
    }
}

/// Who decides, when and why. The journal entry is the caller's.
#[derive(Debug, Clone)]
pub struct By {
    pub account: String,
    pub at: DateTime<Utc>,
    /// In the officer's words; must not be empty.
    pub reason: String,
}
