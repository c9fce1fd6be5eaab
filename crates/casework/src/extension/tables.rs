//! Longer limits asked for.

use tuodi_store::table;

table!(
    /// One proposal; the leader's answer once there is one.
    extension, "extension", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_no: String,
    pub region_code: String,
    pub township: String,
    pub county: String,
    /// Of the pack.
    pub ground: String,
    pub reason: Vec<u8>,
    /// The last day that is asked for.
    pub until: NaiveDate,
    pub proposed_by: String,
    pub proposed_on: NaiveDate,
    /// agreed, declined, lapsed.
    pub outcome: Option<String>,
    pub words: Option<Vec<u8>>,
    pub signed_by: Option<String>,
    pub signed_on: Option<NaiveDate>,
});
