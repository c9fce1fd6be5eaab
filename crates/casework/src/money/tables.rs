//! What was paid for which month, what is still owed, what was paid too much, and the money of each fund.

use tuodi_store::table;

table!(
    /// One thing paid, or put on a list to be paid: for one month, once. What is held has none.
    payment_item, "payment_item", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub batch_id: i64,
    pub benefit_id: i64,
    /// Whose it is: `h12` a household, `p34` a person, by the programme's grain; `o5` what takes back over-payment 5.
    pub subject: String,
    /// Of the benefit; a run's own id where the run is not monthly.
    pub programme: String,
    /// The month it is for; the first of its season.
    pub month: NaiveDate,
    pub kind: String,
    /// 0, or the row of `payment_owed` or `overpayment` that says why.
    pub because: i64,
    /// month, arrears, supplement, recovery, run
    pub what: String,
    /// Below 0: taken off.
    pub amount: i64,
});

table!(
    /// A decision raised a month that was paid already: the difference is owed until a list takes it.
    payment_owed, "payment_owed", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_no: String,
    pub benefit_id: i64,
    pub month: NaiveDate,
    pub amount: i64,
    pub batch_id: Option<i64>,
    pub at: DateTimeUtc,
});

table!(
    /// Money paid without being due. Found and counted; a person decides what is asked back.
    overpayment, "overpayment", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_no: String,
    pub household_id: i64,
    pub region_code: String,
    pub county: String,
    pub programme: String,
    pub fund: String,
    pub from_month: NaiveDate,
    pub to_month: NaiveDate,
    pub paid: i64,
    pub due: i64,
    pub amount: i64,
    /// Of the pack.
    pub cause: String,
    pub note: Vec<u8>,
    /// found, recovering, waived
    pub status: String,
    pub to_recover: i64,
    pub share_permille: i32,
    pub reason: Option<Vec<u8>>,
    pub found_by: String,
    pub found_at: DateTimeUtc,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTimeUtc>,
});

table!(
    /// Money into a fund that no list brings: allocations, and what recipients give back in cash.
    fund_entry, "fund_entry", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub fund: String,
    pub county: String,
    pub on: NaiveDate,
    /// allocation, repaid
    pub what: String,
    pub amount: i64,
    pub overpayment_id: Option<i64>,
    /// The paper that says so.
    pub paper: String,
    pub entered_by: String,
    pub entered_at: DateTimeUtc,
});
