//! The steps of a migration.
//!
//! Boxed: sea-orm's own futures are deep, and each of a hundred migrations would have the compiler prove anew that they may
//! move between threads.

use crate::BoxFuture;
use sea_orm::{ConnectionTrait, DbErr};
use sea_orm_migration::{
    SchemaManager,
    sea_query::{
        IndexCreateStatement, IndexDropStatement, TableAlterStatement, TableCreateStatement, TableDropStatement,
    },
};

type Step<'a> = BoxFuture<'a, Result<(), DbErr>>;

pub fn create_table<'a>(m: &'a SchemaManager<'_>, table: TableCreateStatement) -> Step<'a> {
    Box::pin(m.create_table(table))
}

pub fn alter_table<'a>(m: &'a SchemaManager<'_>, change: TableAlterStatement) -> Step<'a> {
    Box::pin(m.alter_table(change))
}

pub fn drop_table<'a>(m: &'a SchemaManager<'_>, table: TableDropStatement) -> Step<'a> {
    Box::pin(m.drop_table(table))
}

pub fn create_index<'a>(m: &'a SchemaManager<'_>, index: IndexCreateStatement) -> Step<'a> {
    Box::pin(m.create_index(index))
}

pub fn drop_index<'a>(m: &'a SchemaManager<'_>, index: IndexDropStatement) -> Step<'a> {
    Box::pin(m.drop_index(index))
}

/// A statement of SQL as it stands, which both databases understand.
pub fn execute<'a>(m: &'a SchemaManager<'_>, sql: &'a str) -> Step<'a> {
    Box::pin(async move {
        m.get_connection().execute_unprepared(sql).await?;
        Ok(())
    })
}
