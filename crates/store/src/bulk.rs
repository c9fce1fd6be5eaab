//! Many rows at once.

use crate::Tx;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ConnectionTrait, DbBackend, DbErr, EntityName, EntityTrait, IdenStatic, Iterable,
    Statement, Value,
};

/// Rows of one statement, largest first. Fixed sizes, so that a text is prepared once and not for every rest anew: preparing
/// a thousand rows takes longer than inserting them.
const ROWS: [usize; 6] = [1_000, 250, 60, 15, 4, 1];
/// Values that SQLite binds in one statement.
const VALUES: usize = 32_766;

/// Inserts rows of equal columns; `on_conflict` is put behind them (with a space before it), or is empty.
///
/// `OR FAIL` on SQLite: otherwise it keeps a copy of every page that a statement touches, to undo it alone; a change that
/// fails is undone whole, so the copies (a third of the time) are for nobody.
pub async fn insert_rows<const N: usize>(
    tx: &Tx,
    table: &str,
    columns: &str,
    rows: impl IntoIterator<Item = [Value; N]>,
    on_conflict: &str,
) -> Result<(), DbErr> {
    insert(tx, table, columns, N, rows.into_iter().flatten().collect(), on_conflict).await
}

/// Inserts models that have the same columns set: those of the first.
pub async fn insert_models<A: ActiveModelTrait>(tx: &Tx, models: Vec<A>) -> Result<(), DbErr> {
    type Column<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Column;
    let Some(first) = models.first() else { return Ok(()) };
    let columns: Vec<Column<A>> = Column::<A>::iter().filter(|c| !first.get(*c).is_not_set()).collect();
    let names = columns.iter().map(|c| format!("\"{}\"", c.as_str())).collect::<Vec<_>>().join(", ");
    let mut values = Vec::with_capacity(models.len() * columns.len());
    for mut model in models {
        for column in &columns {
            match model.take(*column) {
                ActiveValue::Set(value) | ActiveValue::Unchanged(value) => values.push(value),
                ActiveValue::NotSet => {
                    return Err(DbErr::Custom(format!("{}: rows of one insert differ in columns", column.as_str())));
                }
            }
        }
    }
    let entity = A::Entity::default();
    insert(tx, entity.table_name(), &names, columns.len(), values, "").await
}

async fn insert(
    tx: &Tx,
    table: &str,
    columns: &str,
    width: usize,
    values: Vec<Value>,
    on_conflict: &str,
) -> Result<(), DbErr> {
    let backend = tx.get_database_backend();
    let or_fail = if backend == DbBackend::Sqlite { " OR FAIL" } else { "" };
    let mut left = values.len() / width;
    let mut values = values.into_iter();
    for rows in ROWS.into_iter().filter(|rows| rows * width <= VALUES) {
        if left < rows {
            continue;
        }
        let places = placeholders(backend, rows, width);
        let sql = format!("INSERT{or_fail} INTO {table} ({columns}) VALUES {places}{on_conflict}");
        while left >= rows {
            let some: Vec<Value> = values.by_ref().take(rows * width).collect();
            tx.execute_raw(Statement::from_sql_and_values(backend, sql.clone(), some)).await?;
            left -= rows;
        }
    }
    Ok(())
}

/// SQLite searches its list of *named* parameters for every value bound: unnamed ones, or time grows with the square.
fn placeholders(backend: DbBackend, rows: usize, columns: usize) -> String {
    use std::fmt::Write;
    let mut sql = String::with_capacity(rows * columns * 8);
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 1..=columns {
            let comma = if column == 1 { "" } else { "," };
            match backend {
                DbBackend::Postgres => write!(sql, "{comma}${}", row * columns + column),
                _ => write!(sql, "{comma}?"),
            }
            .expect("writing to a String cannot fail");
        }
        sql.push(')');
    }
    sql
}
