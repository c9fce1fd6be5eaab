//! The tables of this room. What tells about people is sealed; what the queue sorts and filters by is plain.

pub(crate) use crate::{
    appeal::tables::*, appraisal::tables::*, course::tables::*, emergency::tables::*, extension::tables::*,
    hung::tables::*, kin::tables::*, known::tables::*, life::tables::*, living::tables::*, mandate::tables::*,
    money::tables::*, raters::tables::*, reassess::tables::*, special::tables::*, statistics::tables::*,
    verify::tables::*, voice::tables::*, work::tables::*,
};
use tuodi_store::table;

table!(
    /// One row a case: everything the work queue shows or sorts by, computed when the case changes.
    case_file, "case_file", {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_no: String,
    pub state: String,
    pub next_step: String,
    pub is_open: bool,
    /// Waits for the applicant or for a date, not for an office.
    pub waits: bool,
    pub channel: String,
    pub household_id: i64,
    pub applicant_id: i64,
    pub members: i32,
    pub region_code: String,
    pub township: String,
    pub county: String,
    /// What the engine found, kept apart from what a person chose.
    pub tier: Option<String>,
    /// Proposed by the officer, then decided.
    pub programme: Option<String>,
    pub monthly: Option<i64>,
    pub step_due: Option<NaiveDate>,
    pub total_due: Option<NaiveDate>,
    /// The earlier of the two; 9999-12-31 where nothing is due.
    pub due_on: NaiveDate,
    pub submitted_on: Option<NaiveDate>,
    pub accepted_on: Option<NaiveDate>,
    pub decided_on: Option<NaiveDate>,
    /// Working days from acceptance to decision.
    pub decided_days: Option<i32>,
    pub checked: bool,
    pub visited: bool,
    pub assignee: Option<String>,
    /// The step is late and its level above has been told: township, district.
    pub raised: Option<String>,
    /// Since when the case waits for its next step; none in rows older than the column.
    pub step_since: Option<NaiveDate>,
    /// By what its household can be looked up has been noted.
    pub noted: bool,
    /// Accounts of officers who are relatives: out of every act. Comma separated.
    pub kept_out: Option<String>,
    pub alert_task: Option<String>,
    pub version: i32,
    pub opened_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
});

table!(
    /// What was typed, exactly, sealed as one JSON object.
    application, "application", {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_no: String,
    pub fields: Vec<u8>,
    pub last_step: String,
    pub saved_at: DateTimeUtc,
});

table!(
    /// One adult's authorisation of the economic check, for one purpose.
    consent, "consent", {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The case it was given in; empty for one given outside a case.
    pub case_no: String,
    pub household_id: i64,
    pub person_id: i64,
    /// Of the pack; empty in rows older than the column: that of applications.
    pub purpose: String,
    pub name: Vec<u8>,
    pub mark: String,
    pub channel: String,
    pub taken_by: String,
    pub given_at: DateTimeUtc,
    /// The last day on which it holds; none: for its case only, as long as that runs.
    pub valid_until: Option<NaiveDate>,
    pub withdrawn_at: Option<DateTimeUtc>,
    pub withdrawn_by: Option<String>,
    /// A newer one took its place.
    pub replaced_at: Option<DateTimeUtc>,
});

table!(
    /// The signature drawn on the screen, or the scanned form: sealed.
    consent_evidence, "consent_evidence", {
    #[sea_orm(primary_key, auto_increment = false)]
    pub consent_id: i64,
    pub mime: String,
    pub bytes: i32,
    pub sha256: String,
    pub content: Vec<u8>,
});

table!(
    /// A fact as declared on submission. `value` is sealed; none means "I do not know".
    declared_fact, "declared_fact", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_no: String,
    pub person_id: Option<i64>,
    pub name: String,
    pub value: Option<Vec<u8>>,
    pub declared_on: NaiveDate,
});

table!(
    /// One run of the economic check: the engine's report and the differences, sealed.
    verification, "verification", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_no: String,
    pub as_of: NaiveDate,
    pub pack_version: String,
    pub snapshot: String,
    pub tier: String,
    pub monthly: i64,
    pub report: Vec<u8>,
    pub differences: Vec<u8>,
    /// Hash of the pack's files and the rows that the case itself added (sealed): with the snapshot and the date, all
    /// that the report was made of. Empty in reports older than the column.
    pub pack_digest: String,
    pub added: Option<Vec<u8>>,
    pub to_judge: i32,
    pub unknown: i32,
    pub run_by: String,
    pub run_at: DateTimeUtc,
});

table!(
    /// One home visit; `record` is sealed.
    visit, "visit", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_no: String,
    pub visited_on: NaiveDate,
    /// Accounts of the visitors, comma separated: they cannot confirm.
    pub visitors: String,
    pub record: Vec<u8>,
    pub score: i32,
    pub level: String,
    pub completeness: i32,
    pub recorded_at: DateTimeUtc,
});

table!(
    /// The officer's opinion, and the leader's signature under it.
    opinion, "opinion", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_no: String,
    /// approve or refuse
    pub proposal: String,
    pub programme: Option<String>,
    pub monthly: Option<i64>,
    pub reason_code: Option<String>,
    pub text: Vec<u8>,
    /// Differs from what the engine found.
    pub departs: bool,
    pub given_by: String,
    pub given_at: DateTimeUtc,
    pub signed_by: Option<String>,
    pub signed_at: Option<DateTimeUtc>,
    pub agreed: Option<bool>,
    pub sign_text: Option<Vec<u8>>,
});

table!(
    /// One posting on a village's board; only what may be posted (DB57 art. 24).
    publicity, "publicity", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_no: String,
    pub village: String,
    pub masked_name: String,
    pub members: i32,
    pub programme: String,
    pub monthly: i64,
    pub posted_on: NaiveDate,
    pub ends_on: NaiveDate,
    /// open, objected, ended
    pub status: String,
    /// The first objection.
    pub objected_on: Option<NaiveDate>,
    /// That help ends is posted, not that it begins.
    pub ends: bool,
});

table!(
    /// One objection to a posting. Who, how to reach them and what they said are sealed: the objector is protected.
    objection, "objection", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_no: String,
    /// Of `publicity`.
    pub posting: i64,
    /// Counts the objections of the case.
    pub number: i32,
    /// What its code is looked up by; none for those filed before codes were given.
    pub code: Option<Vec<u8>>,
    pub filed_on: NaiveDate,
    pub due_on: Option<NaiveDate>,
    pub content: Vec<u8>,
    /// What everybody who objected is told.
    pub answer: Option<Vec<u8>>,
    pub answered_on: Option<NaiveDate>,
    pub answered_by: Option<String>,
});

table!(
    decision, "decision", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_no: String,
    /// approved, refused, terminated
    pub outcome: String,
    pub programme: Option<String>,
    pub monthly: Option<i64>,
    pub effective_month: Option<NaiveDate>,
    pub reason_code: Option<String>,
    pub text: Vec<u8>,
    pub found_tier: Option<String>,
    pub found_monthly: Option<i64>,
    pub departs: bool,
    pub pack_version: Option<String>,
    pub snapshot: Option<String>,
    pub as_of: Option<NaiveDate>,
    pub decided_by: String,
    pub decided_at: DateTimeUtc,
});

table!(
    notice, "notice", {
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: String,
    pub case_no: String,
    pub kind: String,
    pub content: Vec<u8>,
    /// SHA-256 of the content, in the journal too.
    pub digest: String,
    pub issued_on: NaiveDate,
});

table!(
    /// A recognition that holds, with what is paid a month (0 where the programme pays nothing).
    benefit, "benefit", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_no: String,
    pub household_id: i64,
    pub payee_id: i64,
    pub region_code: String,
    pub township: String,
    pub county: String,
    pub programme: String,
    pub monthly: i64,
    pub members: i32,
    pub from_month: NaiveDate,
    pub to_month: Option<NaiveDate>,
    /// account: the bank account in the register of people; finance_card: the finance bureau's own card list.
    pub pay_route: String,
    /// Certificate token and programme, for those who were recipients before this platform.
    pub roster_key: Option<String>,
    pub class: Option<String>,
    pub last_reverify: Option<NaiveDate>,
    pub next_reverify: Option<NaiveDate>,
    pub status: String,
    /// The first month that this platform owes; none where somebody else paid before: then nothing before its first list.
    pub pays_from: Option<NaiveDate>,
    /// How the decision worked the amount out: sealed.
    pub arithmetic: Option<Vec<u8>>,
    /// Why its lines are held for a person to look at (`death`).
    pub hold: Option<String>,
    /// The day on which it was decided or taken over: reports as of an earlier day are without it.
    pub known_on: Option<NaiveDate>,
});

table!(
    payment_batch, "payment_batch", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub month: NaiveDate,
    pub county: String,
    /// making, prepared, signed, paid, withdrawn
    pub status: String,
    pub lines: i32,
    pub held: i32,
    pub total: i64,
    pub prepared_by: String,
    pub prepared_at: DateTimeUtc,
    pub signed_by: Option<String>,
    pub signed_at: Option<DateTimeUtc>,
    pub paid_at: Option<DateTimeUtc>,
    pub version: i32,
    /// monthly, again, or a run of the pack.
    pub kind: String,
    /// Several lists of one kind and month: those that pay again, and those withdrawn (below 0).
    pub number: i32,
    /// What the run pays and why: [`crate::RunTerms`].
    pub terms: Json,
    /// While it is made: benefits up to this one are on it.
    pub after_id: i64,
});

table!(
    payment_line, "payment_line", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub batch_id: i64,
    pub benefit_id: i64,
    pub case_no: String,
    pub household_id: i64,
    pub payee_id: i64,
    pub region_code: String,
    pub programme: String,
    pub amount: i64,
    /// Bank and account as they were when the batch was made; none for the finance card.
    pub account: Option<Vec<u8>>,
    /// new, same, more, less
    pub change: String,
    /// pending, held, paid, returned
    pub status: String,
    pub reason: Option<String>,
    /// The fund of the pack that pays it, as it was when the list was made.
    pub fund: String,
    /// What the amount is made of: [`crate::PayPart`]s.
    pub parts: Json,
    /// The returned line that this one pays again.
    pub repeats: Option<i64>,
    /// A returned one: since when the account is right.
    pub mended_on: Option<NaiveDate>,
});

table!(
    /// What happened, for the case's own page. The journal is the proof; this is the story.
    case_event, "case_event", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_no: String,
    pub at: DateTimeUtc,
    pub act: String,
    pub from_state: Option<String>,
    pub to_state: String,
    pub actor: String,
    pub role: String,
    pub channel: String,
    /// Plain facts without personal data, for the line's words.
    pub details: Json,
});

table!(
    /// Acts that were sent with a key: the same key again changes nothing.
    act_key, "case_act_key", {
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    pub subject: String,
    pub act: String,
    pub answer: Json,
    pub at: DateTimeUtc,
});

table!(
    /// A person's ruling on which of several contradicting values is used. Ended, never changed otherwise.
    data_ruling, "data_ruling", {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Id of the pack's conflict.
    pub item: String,
    pub person_id: i64,
    pub household_id: i64,
    pub region_code: String,
    pub said: Vec<u8>,
    pub reason: Vec<u8>,
    pub ruled_on: NaiveDate,
    /// Its last day.
    pub until: NaiveDate,
    pub ruled_by: String,
    pub ruled_at: DateTimeUtc,
    /// From this day on it does not hold.
    pub ended_on: Option<NaiveDate>,
    pub ended_by: Option<String>,
    pub ended_why: Option<Vec<u8>>,
    pub ended_at: Option<DateTimeUtc>,
});
