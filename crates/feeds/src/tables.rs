//! The tables of this room. Nobody in particular is in them.

pub mod agreement_record {
    use chrono::{DateTime, NaiveDate, Utc};
    use sea_orm::entity::prelude::*;

    /// Until when an agreement of the pack holds, as it was recorded here.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "agreement_record")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub source: String,
        pub number: String,
        pub until: NaiveDate,
        /// Number of the paper that says so.
        pub document: String,
        pub recorded_by: String,
        pub role: String,
        pub recorded_at: DateTime<Utc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod feed_task {
    use chrono::NaiveDate;
    use sea_orm::entity::prelude::*;

    /// Somebody has to see to a feed.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "feed_task")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub source: String,
        /// late, degraded, agreement
        pub trouble: String,
        pub opened_on: NaiveDate,
        pub due_on: NaiveDate,
        pub is_open: bool,
        /// `mended`: the feed is well again; `handled`: a person closed it.
        pub outcome: Option<String>,
        pub note: String,
        pub closed_by: Option<String>,
        pub closed_on: Option<NaiveDate>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
