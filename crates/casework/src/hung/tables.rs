//! Photographs of sheets on the boards.

use tuodi_store::table;

table!(
    /// One photograph of a village's board.
    hung, "hung", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub village: String,
    pub hung_on: NaiveDate,
    pub by_account: String,
    pub at: DateTimeUtc,
    pub mime: String,
    pub photo: Vec<u8>,
});

table!(
    /// Whose notice hung there then.
    hung_case, "hung_case", {
    #[sea_orm(primary_key, auto_increment = false)]
    pub hung_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_no: String,
});
