//! A document on file and, apart from it so that lists stay light, its content.

use tuodi_store::table;

table!(
    /// Without content: an electronic certificate named by its number, or a document that was taken back.
    paper, "paper", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub household_id: i64,
    /// The member it is about; none: the household.
    pub person_id: Option<i64>,
    /// The case in which it came.
    pub case_no: String,
    pub region_code: String,
    /// Kind of the pack, or `other`.
    pub kind: String,
    /// What it is, in words; sealed.
    pub about: Option<Vec<u8>>,
    pub mime: Option<String>,
    pub bytes: i32,
    /// Of the content as it is kept.
    pub sha256: Option<String>,
    /// Source of the pack that issued the certificate.
    pub issuer: Option<String>,
    /// Its number; sealed.
    pub number: Option<Vec<u8>>,
    pub given_by: String,
    pub channel: String,
    pub given_at: DateTimeUtc,
    pub removed_at: Option<DateTimeUtc>,
    pub removed_by: Option<String>,
    /// Sealed.
    pub removed_why: Option<Vec<u8>>,
});

table!(
    paper_content, "paper_content", {
    #[sea_orm(primary_key, auto_increment = false)]
    pub paper_id: i64,
    pub content: Vec<u8>,
});
