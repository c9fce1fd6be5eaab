//! Matters of cases, and which department an officer's account belongs to.

use tuodi_store::table;

table!(
    matter, "case_matter", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_no: String,
    pub household_id: i64,
    pub region_code: String,
    pub county: String,
    /// Of the pack.
    pub matter: String,
    pub department: String,
    pub state: String,
    pub proposed_at: DateTimeUtc,
    pub chosen_by: Option<String>,
    pub chosen_at: Option<DateTimeUtc>,
    pub forwarded_on: Option<NaiveDate>,
    pub due_on: Option<NaiveDate>,
    pub taken_on: Option<NaiveDate>,
    pub ended_on: Option<NaiveDate>,
    pub answered_by: Option<String>,
    /// The department's words; sealed.
    pub answer: Option<Vec<u8>>,
});

table!(
    seat, "matter_seat", {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account: String,
    /// Of the pack.
    pub department: String,
    pub set_by: String,
    pub set_at: DateTimeUtc,
});
