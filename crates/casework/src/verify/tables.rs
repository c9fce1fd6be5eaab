//! The tables of household verification: orders, what was asked and answered, lists, editions of the report.

use tuodi_store::table;

table!(
    /// One verification of a household's means for a purpose (核对), from the order to the last answer.
    verification_request, "verification_request", {
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: String,
    pub household_id: i64,
    pub case_no: Option<String>,
    pub purpose: String,
    pub as_of: NaiveDate,
    pub region_code: String,
    pub township: String,
    pub county: String,
    /// waiting, complete
    pub state: String,
    /// Sources that may still answer.
    pub waiting: i32,
    /// Until then the first report is held back for slow sources.
    pub hold_until: DateTimeUtc,
    /// Of the newest report; 0 before the first.
    pub edition: i32,
    /// Sources that said nothing, or no.
    pub missing: i32,
    /// Differences and contradictions that a person judges.
    pub conflicts: i32,
    pub tier: Option<String>,
    pub ordered_by: String,
    pub ordered_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
});

table!(
    /// What one source said to one request: one row a source, whatever the number of tries.
    verification_answer, "verification_answer", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub number: String,
    pub source: String,
    /// pool, connector, file
    pub via: String,
    /// waiting, answered, silent, timed_out, refused, failed, stopped
    pub state: String,
    /// The same for every try.
    pub key: String,
    pub asked_at: DateTimeUtc,
    pub answered_at: Option<DateTimeUtc>,
    /// After this the source counts as timed out.
    pub limit_at: DateTimeUtc,
    pub tries: i32,
    pub next_try_at: DateTimeUtc,
    /// Day of the data: of the batch, or of the reply.
    pub data_date: Option<NaiveDate>,
    pub rows: i32,
    /// Why there is no answer yet, or none at all: a code.
    pub reason: String,
    /// The department's or the connection's own words; sealed, for they are not ours.
    pub words: Option<Vec<u8>>,
    /// It said something else before.
    pub changed: bool,
    /// Rows of a reply, in the columns of the pool; sealed.
    pub content: Option<Vec<u8>>,
    /// The list on which the department is asked, where it answers only in batches.
    pub round: Option<i64>,
});

table!(
    /// A question of another check platform and what it was told.
    verification_relayed, "verification_relayed", {
    /// `relay:key`: who asks and the key of the question.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    pub relay: String,
    /// SHA-256 of the question.
    pub question: String,
    /// What was told, sealed.
    pub answer: Vec<u8>,
    pub at: DateTimeUtc,
});

table!(
    /// A list of people for a department that answers only in batches.
    verification_round, "verification_round", {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub source: String,
    pub region_code: String,
    pub people: i32,
    pub households: i32,
    /// Who is asked about, with number and authorisation; sealed.
    pub content: Vec<u8>,
    pub made_by: String,
    pub made_at: DateTimeUtc,
    pub limit_at: DateTimeUtc,
    /// When the file was last taken away, and when a reply last came.
    pub sent_at: Option<DateTimeUtc>,
    pub replied_at: Option<DateTimeUtc>,
});

table!(
    /// What came of one try: kept beside what counts, so that who reads a report can see what was said and when.
    verification_reply, "verification_reply", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub answer_id: i64,
    /// From 1.
    pub attempt: i32,
    pub at: DateTimeUtc,
    /// As of the answer: waiting where it was asked again.
    pub state: String,
    pub reason: String,
    /// Words, people and rows, sealed; none where nothing was said, or where the authorisation was taken back.
    pub content: Option<Vec<u8>>,
});

table!(
    /// A report as it was issued; a later edition adds what came since.
    verification_edition, "verification_edition", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub number: String,
    pub edition: i32,
    pub content: Vec<u8>,
    /// SHA-256 of the content, in the journal too.
    pub digest: String,
    pub issued_on: NaiveDate,
});

table!(
    /// A list of many people held against the newest pass, in the background.
    verification_batch, "verification_batch", {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// As whoever ordered it calls it; no person's name.
    pub title: String,
    pub purpose: String,
    /// 12 digits: findings of this region only.
    pub region_code: String,
    /// queued, running, done, failed, cancelled
    pub state: String,
    /// What was listed, sealed: numbers of people and households.
    pub list: Vec<u8>,
    pub listed: i32,
    /// Worked through so far, of `listed`.
    pub progress: i32,
    pub checked: i32,
    pub anomalies: i32,
    pub not_found: i32,
    pub unauthorised: i32,
    pub as_of: Option<NaiveDate>,
    /// What was found, sealed.
    pub result: Option<Vec<u8>>,
    /// Code of what went wrong; empty where nothing did.
    pub reason: String,
    pub ordered_by: String,
    pub ordered_at: DateTimeUtc,
    /// Last sign of life of whoever works on it.
    pub touched_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
});
