//! Occasions of assessments, and assessments made by themselves.

use tuodi_store::table;

table!(
    /// One occasion, from opened to answered. One open of a kind a household.
    reassessment, "reassessment", {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// new, found, change, standing
    pub occasion: String,
    pub household_id: i64,
    pub case_no: String,
    pub region_code: String,
    pub township: String,
    pub county: String,
    /// village, township, district: whose it is first
    pub desk: String,
    /// An assessment of this day or later answers it.
    pub since: NaiveDate,
    /// From this day on it is in the list.
    pub shown_on: NaiveDate,
    pub due_on: NaiveDate,
    pub opened_at: DateTimeUtc,
    pub assignee: Option<String>,
    /// The day of the assessment that answered it.
    pub answered_on: Option<NaiveDate>,
    pub answered_by: Option<String>,
    /// What closed it: visit, task, assessment; ended where nobody is assessed any more.
    pub outcome: Option<String>,
    pub closed_on: Option<NaiveDate>,
});

table!(
    /// An assessment outside a visit of a case or a task. Answers and note are sealed.
    assessment, "assessment", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub reassessment_id: i64,
    pub household_id: i64,
    pub case_no: String,
    pub region_code: String,
    pub assessed_on: NaiveDate,
    pub assessed_by: String,
    pub record: Vec<u8>,
    pub score: i32,
    pub level: String,
    pub completeness: i32,
    pub recorded_at: DateTimeUtc,
});
