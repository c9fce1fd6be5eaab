//! Re-verifications: what set one off, what was proposed, what the recipient said, what was decided.

use tuodi_store::table;

table!(
    /// One re-verification of a case. Open until `outcome` is set; one at a time.
    recheck, "recheck", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_no: String,
    /// period, declared, data, death, life, moved
    pub why: String,
    /// What was told or found: sealed.
    pub note: Vec<u8>,
    pub opened_on: NaiveDate,
    pub opened_by: String,
    /// raise, lower, stop, gradual; none while nothing is proposed.
    pub proposal: Option<String>,
    pub monthly: Option<i64>,
    /// The first month with the new amount, or the first without any.
    pub from_month: Option<NaiveDate>,
    pub reason_code: Option<String>,
    /// Who reported a death, by the pack, with commas.
    pub reporters: String,
    pub text: Option<Vec<u8>>,
    pub proposed_by: Option<String>,
    pub proposed_on: Option<NaiveDate>,
    /// The last day for the recipient's view, where the proposal takes something away.
    pub view_until: Option<NaiveDate>,
    pub view: Option<Vec<u8>>,
    pub viewed_on: Option<NaiveDate>,
    /// unchanged, raised, lowered, stopped, gradual, kept
    pub outcome: Option<String>,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTimeUtc>,
});
