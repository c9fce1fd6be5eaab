//! Appraisals by the neighbourhood.

use tuodi_store::table;

table!(
    /// One meeting called; its minutes once it was held, or why it was not.
    appraisal, "appraisal", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_no: String,
    pub called_by: String,
    pub called_on: NaiveDate,
    pub meets_on: NaiveDate,
    /// Where it meets and what it is about, sealed.
    pub calling: Vec<u8>,
    /// The day for the answer to whoever objected: a meeting does not move it.
    pub answer_due: Option<NaiveDate>,
    /// true, untrue, unclear, called_off
    pub outcome: Option<String>,
    pub held_on: Option<NaiveDate>,
    pub votes_true: Option<i32>,
    pub votes_untrue: Option<i32>,
    pub votes_unsure: Option<i32>,
    /// Who sat and what was said, or why it was called off; sealed.
    pub minutes: Option<Vec<u8>>,
    pub sheet_mime: Option<String>,
    pub sheet: Option<Vec<u8>>,
    pub recorded_by: Option<String>,
    pub recorded_on: Option<NaiveDate>,
});
