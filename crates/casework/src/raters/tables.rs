//! Drawn samples of assessments, and what a second assessor found.

use tuodi_store::table;

table!(
    /// One month's drawing in one district.
    rater_draw, "rater_draw", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub month: NaiveDate,
    pub county: String,
    /// Month and district: with it anybody draws the same again.
    pub seed: String,
    /// Assessments that it was drawn from.
    pub of: i32,
    pub drawn: i32,
    pub drawn_at: DateTimeUtc,
});

table!(
    /// One assessment to be made a second time by somebody else.
    rater_sample, "rater_sample", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub draw_id: i64,
    pub month: NaiveDate,
    pub county: String,
    pub township: String,
    pub region_code: String,
    pub household_id: i64,
    pub case_no: String,
    /// The visit that it repeats.
    pub visit_id: i64,
    pub due_on: NaiveDate,
    pub assignee: Option<String>,
    pub second_on: Option<NaiveDate>,
    pub second_by: Option<String>,
    /// Its answers, note and index: sealed.
    pub second: Option<Vec<u8>>,
    /// Thousandths of a point between the two totals.
    pub gap: Option<i32>,
    /// So far apart that the two look at it together.
    pub large: bool,
    pub looked_on: Option<NaiveDate>,
    pub looked_by: Option<String>,
    /// What they found: sealed.
    pub looked: Option<Vec<u8>>,
});
