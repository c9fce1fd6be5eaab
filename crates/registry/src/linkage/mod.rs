//! People without a usable number: rows that name a person but not by a number that holds, whom they may be, and who
//! decided so (data-sources.md 0.3: never merged on a name; a person confirms; a correction never deletes).
//!
//! A row is *proposed* to people by [`LinkBook`], in memory, and what it proposes is kept as candidates with their evidence,
//! sealed. An officer's decision is added to a candidate's history and never replaces one. That two person numbers are one
//! person is a redirection ([`merge`]): no row of any table moves, so that taking it back ([`unmerge`]) restores everything.
//!
//! Who reads a person by a number that was merged reads the one it stands for now: [`person`](crate::person()),
//! [`persons`](crate::persons), [`find`](crate::find), [`find_numbers`](crate::find_numbers),
//! [`household_of`](crate::household_of) and the members of a household say who they are by the number that holds; intake
//! gives new rows under a merged number to it. Cases, payments and the library's lines stay with the household in which
//! they began ([`also`] finds the others), and rows that the pool took in before stay under the number they came with.

mod book;
mod candidates;
mod decide;
mod merge;
pub(crate) mod migration;

pub use self::{
    book::{Doubles, LinkBook, Suggestion, doubles},
    candidates::{
        Candidate, CandidateFilter, CandidateRow, candidate, candidates, keep, kept, newest, of_batch, reached,
        record_names, set_reached, settle, unsettle,
    },
    decide::{Decision, LinkState, decide, decisions, last_decisions},
    merge::{Merge, also, current, currents, merge, merges, redirections, unmerge},
};
pub use tuodi_linkage::{Band, Evidence};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use tuodi_pack::id_no::Sex;

/// The source of a row that is itself a person: known under one number, and perhaps under another as well.
pub const NUMBERS: &str = "numbers";

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
