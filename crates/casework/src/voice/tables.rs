//! The tables of complaints, reports, contested facts and of what people thought of a step.

use tuodi_store::table;

table!(
    /// Something said that must be answered. Who, how to reach them and what they said are sealed.
    voice, "voice", {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Of the pack.
    pub kind: String,
    pub case_no: Option<String>,
    pub household_id: Option<i64>,
    pub region_code: String,
    pub township: String,
    pub county: String,
    /// township, district, steward: whose to answer.
    pub desk: String,
    /// What its code is looked up by.
    pub code: Vec<u8>,
    pub channel: String,
    pub filed_by: String,
    pub filed_on: NaiveDate,
    pub due_on: NaiveDate,
    pub content: Vec<u8>,
    /// Accounts that acted in the case: they do not answer. Comma separated.
    pub kept_out: String,
    /// open, answered
    pub state: String,
    /// It was late and went to the district.
    pub escalated_on: Option<NaiveDate>,
    /// upheld, partly, not
    pub found: Option<String>,
    pub answer: Option<Vec<u8>>,
    pub answered_by: Option<String>,
    pub answered_on: Option<NaiveDate>,
});

table!(
    /// What a household thought of one step (好差评). One a step.
    rating, "rating", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_no: String,
    pub step: String,
    pub region_code: String,
    /// 1 to 5.
    pub stars: i32,
    pub words: Option<Vec<u8>>,
    pub rated_on: NaiveDate,
});
