//! Emergencies, and the money handed out for them.

use tuodi_store::table;

table!(
    /// One emergency of a household, or of somebody whom no register here knows.
    emergency, "emergency", {
    #[sea_orm(primary_key, auto_increment = false)]
    pub no: String,
    pub state: String,
    pub is_open: bool,
    pub version: i32,
    pub household_id: Option<i64>,
    pub person_id: Option<i64>,
    /// Blind index of the identity number, where somebody said it.
    pub who_key: Option<Vec<u8>>,
    /// Where it happened, which decides who helps; not where anybody is registered.
    pub region_code: String,
    pub township: String,
    pub county: String,
    /// Of the pack.
    pub kind: String,
    /// How the office heard of it.
    pub source: String,
    /// Who, where, how to reach them, and what was told; sealed.
    pub content: Vec<u8>,
    pub persons: i32,
    /// The clock starts here.
    pub told_at: DateTimeUtc,
    pub advance_due: DateTimeUtc,
    /// What the list sorts by; of a day, its end in Beijing.
    pub due_at: DateTimeUtc,
    /// township, district: told that it is late.
    pub raised: Option<String>,
    pub verified_at: Option<DateTimeUtc>,
    pub verified_by: Option<String>,
    /// visit, call
    pub verified_how: Option<String>,
    pub found: Option<Vec<u8>>,
    pub grade: Option<String>,
    pub papers_due: Option<NaiveDate>,
    pub papers_on: Option<NaiveDate>,
    /// Of the pack, by commas; none where a leader let them go.
    pub papers: String,
    pub papers_note: Option<Vec<u8>>,
    pub papers_by: Option<String>,
    pub total: Option<i64>,
    /// Of the pack, by commas.
    pub referrals: String,
    pub proposal: Option<Vec<u8>>,
    pub proposed_by: Option<String>,
    pub decision: Option<Vec<u8>>,
    pub agreed: Option<bool>,
    pub decided_by: Option<String>,
    pub decided_on: Option<NaiveDate>,
    /// The paper of the special review, above what the district decides alone.
    pub minutes: String,
    /// helped, advance_only, no_emergency
    pub outcome: Option<String>,
    pub opened_by: String,
    pub opened_at: DateTimeUtc,
    pub closed_on: Option<NaiveDate>,
});

table!(
    /// The book of the townships' reserve, and every payment for an emergency. A part of an emergency is paid once.
    reserve_entry, "reserve_entry", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub township: String,
    pub county: String,
    pub fund: String,
    pub on: NaiveDate,
    /// topped_up, paid
    pub what: String,
    pub amount: i64,
    /// reserve, county: whose money it was.
    pub source: String,
    pub emergency_no: Option<String>,
    /// advance, second
    pub part: Option<String>,
    /// cash, goods, transfer
    pub way: Option<String>,
    pub paid_at: Option<DateTimeUtc>,
    /// Number of the receipt, of the transfer or of the letter of allocation.
    pub paper: String,
    /// Who took it, who was there, what it was; sealed.
    pub content: Option<Vec<u8>>,
    pub entered_by: String,
    pub entered_at: DateTimeUtc,
});
