//! The tables of this room. Nobody in particular is in them.

use tuodi_store::table;

table!(
    /// Until when an agreement of the pack holds, as it was recorded here.
    agreement_record, "agreement_record", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub source: String,
    pub number: String,
    pub until: NaiveDate,
    /// Number of the paper that says so.
    pub document: String,
    pub recorded_by: String,
    pub role: String,
    pub recorded_at: chrono::DateTime<chrono::Utc>,
});

table!(
    /// Somebody has to see to a feed.
    feed_task, "feed_task", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub source: String,
    /// late, degraded, agreement, unfetched
    pub trouble: String,
    pub opened_on: NaiveDate,
    pub due_on: NaiveDate,
    pub is_open: bool,
    /// `mended`: the feed is well again; `handled`: a person closed it.
    pub outcome: Option<String>,
    pub note: String,
    pub closed_by: Option<String>,
    pub closed_on: Option<NaiveDate>,
});
