//! The whole pass as SQL that another engine can run on the same Parquet: views of the batches, a table for each fact
//! group, then everything that is found, phase by phase, and at last the tables that the pass writes as files.
//!
//! Only spellings that DataFusion and DuckDB share. One thing engines disagree on is whether `/` between whole numbers
//! is whole; here it is (in DuckDB: `SET integer_division = true`).

mod found;
mod frames;
mod tables;
#[cfg(test)]
mod tests;

use crate::{Inner, order::Group, program::Program, schema::sql_type, snapshot::Input};
use std::path::Path;
use tuodi_pack::source::{ColumnType, Source};

pub(crate) type Statements = Vec<(String, String)>;

/// Every statement with its name, in order. File paths are given from `root` on.
pub(crate) fn script(inner: &Inner, program: &Program, root: &Path) -> Statements {
    let mut out = Statements::new();
    for source in program.used.keys().filter_map(|id| inner.pack.source(id)) {
        out.push((format!("source.{}", source.name), source_sql(inner, program, source, root)));
    }
    for group in program.groups.iter().filter(|g| g.needed) {
        out.push((format!("facts.{}", group.id), group_sql(inner, group)));
    }
    frames::frames(inner, program, &mut out);
    found::found(inner, program, &mut out);
    out
}

/// A text as SQL writes it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn source_sql(inner: &Inner, program: &Program, source: &Source, root: &Path) -> String {
    let used = program.used.get(&source.id);
    let mut names: Vec<String> = Vec::new();
    for column in &source.columns {
        if let Some(name) = column.pool_name()
            && used.is_some_and(|used| used.contains(&name))
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names.extend(["_row", "_batch"].map(str::to_owned));
    match inner.snapshot.inputs.get(&source.id) {
        Some(Input::Files(files)) => {
            let paths = files.iter().map(|f| quoted(&f.path.strip_prefix(root).unwrap_or(&f.path).to_string_lossy()));
            let columns: Vec<String> = names.iter().map(|n| format!("\"{n}\"")).collect();
            format!(
                "CREATE VIEW \"{}\" AS SELECT {} FROM read_parquet([{}], union_by_name = true)",
                source.name,
                columns.join(", "),
                paths.collect::<Vec<_>>().join(", ")
            )
        }
        Some(Input::Rows(_)) | None => {
            let kind = |name: &str| match name {
                "_row" => "BIGINT",
                "_batch" => "VARCHAR",
                _ => source
                    .columns
                    .iter()
                    .find(|c| c.pool_name().as_deref() == Some(name))
                    .map_or("VARCHAR", |c| pool_type(c.kind)),
            };
            let columns: Vec<String> = names.iter().map(|n| format!("\"{n}\" {}", kind(n))).collect();
            format!("CREATE TABLE \"{}\" ({})", source.name, columns.join(", "))
        }
    }
}

fn pool_type(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::IdNo | ColumnType::HouseholdNo | ColumnType::Money | ColumnType::Int => "BIGINT",
        ColumnType::Date | ColumnType::Month => "DATE",
        ColumnType::Datetime => "TIMESTAMP WITH TIME ZONE",
        ColumnType::Decimal => "DECIMAL(18,4)",
        ColumnType::Bool => "BOOLEAN",
        ColumnType::Name
        | ColumnType::Address
        | ColumnType::Phone
        | ColumnType::Ignore
        | ColumnType::Token
        | ColumnType::Enum
        | ColumnType::Str
        | ColumnType::Region
        | ColumnType::Code => "VARCHAR",
    }
}

fn known(inner: &Inner, group: &Group) -> bool {
    group.needs.iter().all(|source| inner.snapshot.has(source))
}

/// A group whose sources have not arrived has no rows.
fn group_sql(inner: &Inner, group: &Group) -> String {
    if known(inner, group) || group.dense {
        return format!("CREATE TABLE \"{}\" AS {}", group.id, group.statement(false));
    }
    let columns = group.columns(false).map(|(name, _)| {
        let kind = group.facts.iter().find(|f| f.name == name).map_or("BIGINT", |f| sql_type(f.kind));
        format!("\"{name}\" {kind}")
    });
    format!("CREATE TABLE \"{}\" ({})", group.id, columns.collect::<Vec<_>>().join(", "))
}
