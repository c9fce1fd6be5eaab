//! Proof of life: how it stands with each case, and what was entered.

use tuodi_store::table;

table!(
    /// How it stands with a case that is asked for it; gone when its help has ended.
    life, "life", {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_no: String,
    pub region_code: String,
    pub township: String,
    pub county: String,
    pub programme: String,
    /// The last day of the proof that holds.
    pub due_on: NaiveDate,
    /// The recipient has been told.
    pub reminded_on: Option<NaiveDate>,
    /// It has lapsed: until when somebody goes there.
    pub visit_by: Option<NaiveDate>,
});

table!(
    /// One proof, or one try without meeting anybody.
    life_proof, "life_proof", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_no: String,
    /// Of the pack.
    pub way: String,
    pub met: bool,
    pub seen_on: NaiveDate,
    /// Who else was there and what was seen: sealed.
    pub content: Vec<u8>,
    pub entered_by: String,
    pub channel: String,
    pub entered_at: DateTimeUtc,
});
