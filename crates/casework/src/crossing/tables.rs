//! Forms as they were printed, and what came back on them.

use tuodi_store::table;

table!(
    /// The application as it stood when it was printed.
    paper_form, "paper_form", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_no: String,
    /// 1 for the case's first.
    pub edition: i32,
    /// Of the fields as printed.
    pub digest: String,
    /// Sealed.
    pub fields: Vec<u8>,
    pub state: String,
    pub printed_by: String,
    pub channel: String,
    pub printed_at: DateTimeUtc,
});

table!(
    /// What was written on a form, and what was chosen where both sides had changed.
    paper_return, "paper_return", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub form_id: i64,
    pub case_no: String,
    /// Sealed: fields that differ from the form as printed.
    pub written: Vec<u8>,
    /// Sealed: both values of each clash, the choice and its reason.
    pub chosen: Vec<u8>,
    pub brought_by: String,
    pub brought_at: DateTimeUtc,
});
