//! Rows of single people as the pool holds them, for whoever may ask about them by an agreement.

use arrow::{
    array::{Array, AsArray, BooleanArray, RecordBatch},
    datatypes::{DataType, Int64Type},
    util::display::{ArrayFormatter, FormatOptions},
};
use async_trait::async_trait;
use chrono::NaiveDate;
use parquet::arrow::{
    ProjectionMask,
    arrow_reader::{ArrowPredicateFn, ParquetRecordBatchReaderBuilder, RowFilter},
};
use serde_json::{Map, Value};
use std::{
    collections::HashMap,
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};
use tuodi_pack::{
    Pack, PersonId, Purpose,
    ask::{HeldError, HeldRows},
    source::{ColumnType, Source},
};
use tuodi_pool::Pool;
use tuodi_store::Store;

pub struct PoolRows {
    pub pool: PathBuf,
    pub pack: Arc<Pack>,
    pub store: Store,
}

type Rows = Vec<(usize, Map<String, Value>)>;

fn fault(error: impl ToString) -> HeldError {
    HeldError::Fault(error.to_string())
}

#[async_trait]
impl HeldRows for PoolRows {
    async fn rows_of(&self, source: &str, on: NaiveDate, people: &[PersonId]) -> Result<Rows, HeldError> {
        let source = self.pack.source(source).cloned().ok_or_else(|| fault("there is no such source"))?;
        let renewals = tuodi_feeds::renewals(&self.store).await.map_err(fault)?;
        if source.may_serve(Purpose::Verification, on, &renewals).is_err() {
            return Err(HeldError::Withheld);
        }
        let number = source.columns.iter().find(|c| c.kind == ColumnType::IdNo).and_then(|c| c.pool_name());
        let Some(number) = number.filter(|_| !people.is_empty()) else { return Ok(Vec::new()) };
        let places: HashMap<i64, usize> = people.iter().enumerate().map(|(at, id)| (id.0, at)).collect();
        let snapshot = Pool::open(&self.pool).map_err(fault)?.snapshot().map_err(fault)?;
        let files: Vec<PathBuf> = snapshot.batches(&source.id).iter().map(|b| b.path.clone()).collect();
        let read = move || {
            let mut rows = Vec::new();
            for file in files {
                of_file(&file, &source, &number, &places, &mut rows)?;
            }
            Ok(rows)
        };
        tokio::task::spawn_blocking(read).await.map_err(fault)?
    }
}

fn number_of(batch: &RecordBatch, column: &str, row: usize) -> Option<i64> {
    let ids = batch.column_by_name(column)?.as_primitive_opt::<Int64Type>()?;
    ids.is_valid(row).then(|| ids.value(row))
}

/// Reads the column of people first, and of the others only the rows that are wanted.
fn of_file(
    file: &Path,
    source: &Source,
    number: &str,
    places: &HashMap<i64, usize>,
    rows: &mut Rows,
) -> Result<(), HeldError> {
    let open = File::open(file).map_err(fault)?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(open).map_err(fault)?;
    let wanted: HashMap<i64, usize> = places.clone();
    let column = number.to_owned();
    let mask = ProjectionMask::columns(builder.parquet_schema(), [number]);
    let people = ArrowPredicateFn::new(mask, move |batch: RecordBatch| {
        let is_wanted = |row: usize| number_of(&batch, &column, row).is_some_and(|id| wanted.contains_key(&id));
        Ok(BooleanArray::from_iter((0..batch.num_rows()).map(|row| Some(is_wanted(row)))))
    });
    let reader = builder.with_row_filter(RowFilter::new(vec![Box::new(people)])).build().map_err(fault)?;
    for batch in reader {
        let batch = batch.map_err(fault)?;
        for row in 0..batch.num_rows() {
            let place = number_of(&batch, number, row).and_then(|id| places.get(&id));
            if let Some(place) = place {
                rows.push((*place, told(source, &batch, row)?));
            }
        }
    }
    Ok(())
}

/// A row in the columns of the contract. People are told by reference only: numbers of others on the row stay here.
fn told(source: &Source, batch: &RecordBatch, row: usize) -> Result<Map<String, Value>, HeldError> {
    let mut values = Map::new();
    for column in &source.columns {
        let people = matches!(column.kind, ColumnType::IdNo | ColumnType::HouseholdNo);
        let Some(array) = column.pool_name().filter(|_| !people).and_then(|name| batch.column_by_name(&name)) else {
            continue;
        };
        if array.is_null(row) {
            continue;
        }
        let text = ArrayFormatter::try_new(array, &FormatOptions::default()).map_err(fault)?.value(row).to_string();
        let value = match array.data_type() {
            DataType::Int64 => text.parse::<i64>().map_err(fault)?.into(),
            DataType::Boolean => (text == "true").into(),
            _ => text.into(),
        };
        values.insert(column.name.clone(), value);
    }
    Ok(values)
}
