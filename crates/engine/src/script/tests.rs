//! The printed statements, run one after another, find what the pass finds.

use super::script;
use crate::{
    Engine, EngineConfig, EngineError,
    cases::{case_rows, to_batch},
    pass::pass,
    runtime,
    session::session,
    sink::MemorySink,
    snapshot::Snapshot,
};
use arrow::{array::RecordBatch, util::display::array_value_to_string};
use chrono::NaiveDate;
use datafusion::{common::DataFusionError, datasource::MemTable, prelude::SessionContext};
use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::Arc,
};
use tuodi_pack::Pack;

/// All worked cases of the pack's busiest day as one population.
fn population(pack: &Arc<Pack>) -> (Engine, NaiveDate) {
    let mut days: BTreeMap<NaiveDate, usize> = BTreeMap::new();
    pack.cases.iter().for_each(|c| *days.entry(c.as_of).or_default() += 1);
    let day = days.iter().max_by_key(|(_, cases)| **cases).map(|(day, _)| *day).unwrap();
    let mut rows: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for (i, case) in pack.cases.iter().enumerate().filter(|(_, c)| c.as_of == day) {
        for (source, own) in case_rows(pack, case, (i as i64 + 1) * 1_000_000).unwrap() {
            rows.entry(source).or_default().extend(own);
        }
    }
    let batches = rows.iter().map(|(id, rows)| (id.clone(), to_batch(pack.source(id).unwrap(), rows).unwrap()));
    let snapshot = Snapshot::of_rows("cases", batches.collect());
    let config = EngineConfig { partitions: 1, ..EngineConfig::default() };
    (Engine::over(pack.clone(), snapshot, config, Arc::default()), day)
}

/// Rows as texts, in order.
fn texts(batches: &[RecordBatch]) -> Vec<String> {
    let mut out = Vec::new();
    for batch in batches {
        for row in 0..batch.num_rows() {
            let texts = batch.columns().iter().map(|c| array_value_to_string(c, row).unwrap());
            out.push(texts.collect::<Vec<_>>().join("|"));
        }
    }
    out.sort();
    out
}

/// A table with the promises of its plan. The query engine itself refuses to make one from rows that promise more.
async fn create(context: &SessionContext, table: &str, select: &str) -> Result<(), DataFusionError> {
    let frame = context.sql(select).await?;
    let schema = Arc::new(frame.schema().as_arrow().clone());
    let stamped = |batch: RecordBatch| RecordBatch::try_new(schema.clone(), batch.columns().to_vec());
    let rows = frame.collect().await?.into_iter().map(stamped).collect::<Result<Vec<_>, _>>()?;
    context.register_table(table, Arc::new(MemTable::try_new(schema, vec![rows])?))?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_statements_alone_find_what_the_pass_finds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/qingyan");
    let pack = Arc::new(Pack::load(&folder).unwrap_or_else(|problems| panic!("{problems}")));
    let work = async move {
        let (engine, day) = population(&pack);
        let inner = engine.inner.share();
        let (_, passed) = pass(&inner, day, MemorySink::default()).await?;
        let program = inner.program(day)?;
        let context = session(&inner.config);
        for source in program.used.keys().filter_map(|id| pack.source(id)) {
            inner.snapshot.register_table(&context, source)?;
        }
        let fail =
            |name: &str, e: DataFusionError| EngineError::Rule { rule: name.to_owned(), message: e.strip_backtrace() };
        for (name, sql) in script(&inner, &program, Path::new("/")).iter().filter(|(n, _)| !n.starts_with("source.")) {
            let created = sql.strip_prefix("CREATE TABLE ").and_then(|rest| rest.split_once(" AS "));
            let done = match created {
                Some((table, select)) if !table.contains(' ') => {
                    create(&context, table.trim_matches('"'), select).await
                }
                _ => match context.sql(sql).await {
                    Ok(frame) => frame.collect().await.map(|_| ()),
                    Err(e) => Err(e),
                },
            };
            done.map_err(|e| fail(name, e))?;
        }
        let found: HashMap<&str, &Vec<RecordBatch>> = HashMap::from([
            ("households", &passed.households),
            ("alerts", &passed.alerts),
            ("benefits", &passed.benefits),
            ("labels", &passed.labels),
            ("needs", &passed.needs),
        ]);
        for (table, ours) in found {
            let Some(first) = ours.first() else { continue };
            let columns: Vec<String> = first.schema().fields().iter().map(|f| format!("\"{}\"", f.name())).collect();
            let sql = format!("SELECT {} FROM {table}", columns.join(", "));
            let theirs = context.sql(&sql).await.map_err(|e| fail(table, e))?;
            let theirs = texts(&theirs.collect().await.map_err(|e| fail(table, e))?);
            let ours = texts(ours);
            assert!(ours.len() > 10, "{table} has {} rows", ours.len());
            let only = |a: &[String], b: &[String]| a.iter().find(|row| !b.contains(row)).cloned();
            assert!(ours == theirs, "{table}: {:?} against {:?}", only(&ours, &theirs), only(&theirs, &ours));
        }
        Ok(())
    };
    runtime::run(work).await.unwrap();
}
