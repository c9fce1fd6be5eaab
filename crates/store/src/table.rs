//! A table as one entity, without the lines that are the same for all.

/// `table!(module, "table_name", { columns })`: a module with `Entity`, `Model`, `Column` and `ActiveModel`. The crate that uses it
/// needs `sea-orm` and `chrono`.
#[macro_export]
macro_rules! table {
    ($(#[$doc:meta])* $module:ident, $name:literal, { $($body:tt)* }) => {
        $(#[$doc])*
        pub mod $module {
            #![allow(unused_imports, reason = "not every table has dates")]
            use chrono::NaiveDate;
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
            #[sea_orm(table_name = $name)]
            pub struct Model { $($body)* }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}
