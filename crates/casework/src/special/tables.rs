//! Special reviews.

use tuodi_store::table;

table!(
    /// One convening; the minutes once they have met.
    special_review, "special_review", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_no: String,
    pub convened_by: String,
    pub convened_on: NaiveDate,
    pub reason: Vec<u8>,
    pub met_on: Option<NaiveDate>,
    /// How many sat.
    pub members: Option<i32>,
    /// What they came to.
    pub approve: Option<bool>,
    /// Who sat and what was said, sealed.
    pub minutes: Option<Vec<u8>>,
    pub recorded_by: Option<String>,
    pub recorded_on: Option<NaiveDate>,
});
