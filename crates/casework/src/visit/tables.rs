//! Signatures under a record of a visit; they are pictures, apart so that lists stay light.

use tuodi_store::table;

table!(
    /// One signature drawn on a screen; `content` is sealed.
    visit_signature, "visit_signature", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub visit_id: i64,
    /// `visitor.0`, `visitor.1`, …, `family`
    pub place: String,
    pub mime: String,
    /// Of the content as it is kept.
    pub sha256: String,
    pub content: Vec<u8>,
});
