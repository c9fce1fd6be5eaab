//! Officers who are relatives of an applicant.

use tuodi_store::table;

table!(
    kin, "kin", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_no: String,
    pub region_code: String,
    pub township: String,
    pub county: String,
    /// Of whoever is related; none where nobody of that name has an account here.
    pub account: Option<String>,
    /// officer, household: who said it.
    pub side: String,
    /// Of the pack.
    pub relation: String,
    /// Name, post and words, sealed.
    pub content: Vec<u8>,
    pub declared_by: String,
    pub declared_on: NaiveDate,
    pub declared_at: DateTimeUtc,
});
