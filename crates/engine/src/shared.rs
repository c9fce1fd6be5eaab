//! Common table expressions that a statement reads several times. The query engine puts such an expression in wherever
//! it is read and computes it as often, and can only guess how many rows it has; computed once as a table it knows.

use crate::{EngineConfig, group::dealt};
use arrow::{
    array::{RecordBatch, RecordBatchOptions},
    datatypes::{Field, Schema},
};
use datafusion::{
    common::{DataFusionError, TableReference},
    datasource::MemTable,
    execution::SessionState,
    prelude::SessionContext,
    sql::{
        parser::Statement as Parsed,
        sqlparser::ast::{Query, Statement, Visit, With, visit_relations},
    },
};
use std::{ops::ControlFlow, sync::Arc};

/// One expression to be computed before the statement.
pub(crate) struct Shared {
    /// Table that the statement then reads; the blank keeps it apart from sources and groups.
    pub table: String,
    pub sql: String,
}

/// The expressions of a statement that are read more than once, and the statement that reads their tables instead.
pub(crate) fn split(state: &SessionState, group: &str, sql: &str) -> Result<(Vec<Shared>, String), DataFusionError> {
    let mut out = Vec::new();
    let Some(mut query) = parse(state, sql)? else { return Ok((out, sql.to_owned())) };
    let Some(mut with) = query.with.take().filter(|with| !with.recursive) else { return Ok((out, sql.to_owned())) };
    for i in 0..with.cte_tables.len() {
        let (before, rest) = with.cte_tables.split_at(i);
        let Some((one, after)) = rest.split_first() else { break };
        let name = one.alias.name.value.clone();
        let uses = after.iter().map(|cte| uses(&*cte.query, &name)).sum::<usize>() + uses(&*query, &name);
        if uses < 2 || one.query.with.is_some() || !one.alias.columns.is_empty() {
            continue;
        }
        let mut own = one.query.clone();
        if !before.is_empty() {
            own.with = Some(With { cte_tables: before.to_vec(), ..with.clone() });
        }
        let table = format!("{group} {name}");
        let Some(read) = parse(state, &format!("SELECT * FROM \"{table}\""))? else { continue };
        out.push(Shared { table, sql: own.to_string() });
        with.cte_tables[i].query = read;
    }
    if out.is_empty() {
        return Ok((out, sql.to_owned()));
    }
    query.with = Some(with);
    Ok((out, query.to_string()))
}

fn parse(state: &SessionState, sql: &str) -> Result<Option<Box<Query>>, DataFusionError> {
    let dialect = state.config().options().sql_parser.dialect;
    Ok(match state.sql_to_statement(sql, &dialect)? {
        Parsed::Statement(statement) => match *statement {
            Statement::Query(query) => Some(query),
            _ => None,
        },
        _ => None,
    })
}

fn uses(node: &impl Visit, name: &str) -> usize {
    let mut count = 0;
    let _ = visit_relations(node, |relation| {
        count += usize::from(relation.to_string().eq_ignore_ascii_case(name));
        ControlFlow::<()>::Continue(())
    });
    count
}

impl Shared {
    pub async fn compute(&self, context: &SessionContext, config: &EngineConfig) -> Result<(), DataFusionError> {
        create(context, &self.table, &self.sql, config.partitions).await
    }

    pub fn drop_from(&self, context: &SessionContext) -> Result<(), DataFusionError> {
        context.deregister_table(TableReference::bare(self.table.as_str())).map(|_| ())
    }
}

/// Makes what a SELECT gives a table of this name.
async fn create(context: &SessionContext, table: &str, sql: &str, partitions: usize) -> Result<(), DataFusionError> {
    let frame = context.sql(sql).await?;
    // What a plan promises never to be unknown, its rows may not promise, and the reverse: no promise is kept.
    let fields = frame.schema().fields().iter().map(|f| f.as_ref().clone().with_nullable(true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<Field>>()));
    let stamp = |batch: RecordBatch| {
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(schema.clone(), batch.columns().to_vec(), &options)
    };
    let batches = frame.collect().await?.into_iter().map(stamp).collect::<Result<Vec<_>, _>>()?;
    let rows = MemTable::try_new(schema, dealt(batches, partitions))?;
    context.register_table(TableReference::bare(table), Arc::new(rows))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::session;

    fn cut(sql: &str) -> (Vec<String>, String) {
        let state = session(&EngineConfig::default()).state();
        let (shared, rest) = split(&state, "g", sql).unwrap();
        (shared.into_iter().map(|s| s.sql).collect(), rest)
    }

    #[test]
    fn what_is_read_twice_becomes_a_table_and_what_is_read_once_stays() {
        let (shared, rest) = cut(
            "WITH a AS (SELECT x FROM t), b AS (SELECT x FROM a WHERE x > 1) SELECT b.x FROM b JOIN b AS c ON c.x = b.x",
        );
        assert_eq!(shared, ["WITH a AS (SELECT x FROM t) SELECT x FROM a WHERE x > 1"]);
        assert_eq!(
            rest,
            "WITH a AS (SELECT x FROM t), b AS (SELECT * FROM \"g b\") SELECT b.x FROM b JOIN b AS c ON c.x = b.x"
        );
    }

    #[test]
    fn a_statement_without_such_expressions_stays_as_it_is_written() {
        for sql in ["SELECT 1 AS x", "WITH a AS (SELECT 1 AS x)\nSELECT x FROM a"] {
            assert_eq!(cut(sql), (Vec::new(), sql.to_owned()));
        }
    }
}
