//! What was on file when an application was sent.

use tuodi_store::table;

table!(
    /// One answer of the form as another source had it when the form was sent. Never changed by what the applicant said.
    known_fact, "known_fact", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_no: String,
    /// Of the form: `wage_month.7`.
    pub field: String,
    pub value: Vec<u8>,
    /// told, register, checked
    pub origin: String,
    /// The earlier case it was said or found in.
    pub reference: Option<String>,
    pub as_of: Option<NaiveDate>,
    /// open, kept, corrected: what the application made of it.
    pub said: String,
});
