//! The tables of this room. Evidence and what was said at the door are sealed.

use tuodi_store::table;

table!(
    /// One indicator on one subject, from raised to closed.
    alert, "alert", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub indicator: String,
    /// `h12` or `p34`
    pub subject: String,
    pub household_id: i64,
    pub person_id: Option<i64>,
    pub region_code: String,
    pub township: String,
    pub county: String,
    /// 1 blue to 4 red
    pub severity: i32,
    /// Of score indicators, as found last; others 0.
    pub points: i32,
    pub evidence: Vec<u8>,
    /// Keyed digest of the evidence: says whether it changed without opening it.
    pub evidence_mark: String,
    /// The measured value, sealed: to tell whether things got worse by a fifth.
    pub measure: Option<Vec<u8>>,
    /// Times that new evidence came while it was open.
    pub appended: i32,
    /// open, pooled, closed
    pub state: String,
    pub task_id: Option<i64>,
    pub run_id: String,
    pub raised_on: NaiveDate,
    pub seen_on: NaiveDate,
    pub closed_on: Option<NaiveDate>,
    pub outcome: Option<String>,
});

table!(
    /// What an alert said before newer evidence replaced it.
    alert_evidence, "alert_evidence", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub alert_id: i64,
    pub evidence: Vec<u8>,
    pub severity: i32,
    /// The run that brought newer evidence.
    pub replaced_by: String,
    pub replaced_on: NaiveDate,
});

table!(
    /// One visit to make, for all alerts of a household.
    task, "watch_task", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub household_id: i64,
    pub region_code: String,
    pub township: String,
    pub county: String,
    /// grid, village, township, district: who must act first
    pub level: String,
    pub severity: i32,
    pub state: String,
    pub is_open: bool,
    /// Ids of risks and indicators, comma separated, most severe first.
    pub reasons: String,
    pub alerts: i32,
    pub limit_days: i32,
    pub created_on: NaiveDate,
    pub due_on: NaiveDate,
    /// After this day the next level is told; unset in tasks of old: the day it is due.
    pub next_on: Option<NaiveDate>,
    /// After this day it is on the district's list.
    pub district_on: NaiveDate,
    pub assignee: Option<String>,
    /// Visits that found nobody.
    pub attempts: i32,
    pub outcome: Option<String>,
    pub case_no: Option<String>,
    pub closed_on: Option<NaiveDate>,
    pub version: i32,
});

table!(
    /// One visit's result; a task may have several (nobody at home the first time).
    outcome, "watch_outcome", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub task_id: i64,
    pub code: String,
    pub visited_on: NaiveDate,
    /// With whom, note, answers and index, sealed.
    pub record: Vec<u8>,
    pub level: Option<String>,
    pub score: Option<i32>,
    pub recorded_by: String,
    pub role: String,
    pub recorded_at: DateTimeUtc,
});

table!(
    monitoring_run, "monitoring_run", {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub as_of: NaiveDate,
    pub pack_version: String,
    pub snapshot: String,
    pub findings: i64,
    pub at: DateTimeUtc,
});

table!(
    act_key, "watch_act_key", {
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    pub subject: String,
    pub answer: Json,
    pub at: DateTimeUtc,
});
