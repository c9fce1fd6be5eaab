//! Contracts as Arrow schemas, and rows written in JSON as batches of such a schema.

use arrow::{
    array::{
        Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, RecordBatchOptions,
        StringArray, TimestampMicrosecondArray, new_null_array,
    },
    compute::cast,
    datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit},
};
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use serde_json::{Map, Value};
use std::sync::Arc;
use tuodi_pack::{
    facts::FactType,
    source::{ColumnType, Source},
};

/// Number of the row in its file, 1 = first data row.
pub(crate) const ROW: &str = "_row";
/// Id of the batch a row came with.
pub(crate) const BATCH: &str = "_batch";

/// How a fact is kept; every expression is compiled against these.
pub(crate) fn fact_type(kind: FactType) -> DataType {
    match kind {
        FactType::Money | FactType::Int => DataType::Int64,
        FactType::Bool => DataType::Boolean,
        FactType::Date => DataType::Date32,
        FactType::Text => DataType::Utf8,
        FactType::Ratio => DataType::Decimal128(18, 6),
    }
}

/// The same in SQL.
pub(crate) fn sql_type(kind: FactType) -> &'static str {
    match kind {
        FactType::Money | FactType::Int => "BIGINT",
        FactType::Bool => "BOOLEAN",
        FactType::Date => "DATE",
        FactType::Text => "VARCHAR",
        FactType::Ratio => "DECIMAL(18,6)",
    }
}

fn column_type(kind: ColumnType) -> DataType {
    match kind {
        ColumnType::IdNo | ColumnType::HouseholdNo | ColumnType::Money | ColumnType::Int => DataType::Int64,
        ColumnType::Date | ColumnType::Month => DataType::Date32,
        ColumnType::Datetime => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        ColumnType::Decimal => DataType::Decimal128(18, 4),
        ColumnType::Bool => DataType::Boolean,
        ColumnType::Name
        | ColumnType::Address
        | ColumnType::Phone
        | ColumnType::Ignore
        | ColumnType::Token
        | ColumnType::Enum
        | ColumnType::Str
        | ColumnType::Region
        | ColumnType::Code => DataType::Utf8,
    }
}

/// The pool columns of a source. All may be null here: what may not is the intake's question, not the engine's.
pub(crate) fn pool_schema(source: &Source) -> SchemaRef {
    let mut fields: Vec<Field> = Vec::with_capacity(source.columns.len() + 2);
    for column in &source.columns {
        if let Some(name) = column.pool_name()
            && fields.iter().all(|f| *f.name() != name)
        {
            fields.push(Field::new(name, column_type(column.kind), true));
        }
    }
    fields.push(Field::new(ROW, DataType::Int64, true));
    fields.push(Field::new(BATCH, DataType::Utf8, true));
    Arc::new(Schema::new(fields))
}

/// Columns that hold a person's number.
pub(crate) fn person_columns(schema: &Schema) -> Vec<&str> {
    schema.fields().iter().map(|f| f.name().as_str()).filter(|name| is_person_column(name)).collect()
}

pub(crate) fn is_person_column(name: &str) -> bool {
    name == "person_id" || name.ends_with("_person_id")
}

pub(crate) const HOUSEHOLD: &str = "household_id";

/// Brings a batch to a schema: columns by name, other widths cast, missing ones null.
pub(crate) fn conform(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, String> {
    let columns: Result<Vec<ArrayRef>, String> = schema
        .fields()
        .iter()
        .map(|field| match batch.column_by_name(field.name()) {
            Some(array) if array.data_type() == field.data_type() => Ok(array.clone()),
            Some(array) => cast(array, field.data_type()).map_err(|e| format!("column {}: {e}", field.name())),
            None => Ok(new_null_array(field.data_type(), batch.num_rows())),
        })
        .collect();
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(schema.clone(), columns?, &options).map_err(|e| e.to_string())
}

/// Rows of a platform source or a worked case, in pool columns, as a batch named `batch`.
pub(crate) fn rows_to_batch(
    schema: &SchemaRef,
    rows: &[&Map<String, Value>],
    batch: &str,
) -> Result<RecordBatch, String> {
    for (i, row) in rows.iter().enumerate() {
        for name in row.keys() {
            if schema.field_with_name(name).is_err() {
                let known = schema.fields().iter().map(|f| f.name().as_str());
                return Err(format!("row {}: no column `{name}`{}", i + 1, crate::locate::meant(name, known)));
            }
        }
    }
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let array = match field.name().as_str() {
            ROW => Arc::new(Int64Array::from_iter_values(1..=rows.len() as i64)) as ArrayRef,
            BATCH => Arc::new(StringArray::from(vec![batch; rows.len()])),
            name => column(field.data_type(), rows.iter().map(|r| r.get(name).unwrap_or(&Value::Null)))
                .map_err(|e| format!("column {name}: {e}"))?,
        };
        columns.push(array);
    }
    RecordBatch::try_new(schema.clone(), columns).map_err(|e| e.to_string())
}

fn column<'a>(kind: &DataType, values: impl Iterator<Item = &'a Value>) -> Result<ArrayRef, String> {
    fn each<'a, T>(
        values: impl Iterator<Item = &'a Value>,
        expected: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Vec<Option<T>>, String> {
        values
            .map(|value| match plain(value) {
                Value::Null => Ok(None),
                value => read(&value).map(Some).ok_or_else(|| format!("{value} is not {expected}")),
            })
            .collect()
    }
    Ok(match kind {
        DataType::Int64 => Arc::new(Int64Array::from(each(values, "a whole number", integer)?)),
        DataType::Boolean => Arc::new(BooleanArray::from(each(values, "true or false", Value::as_bool)?)),
        DataType::Date32 => Arc::new(Date32Array::from(each(values, "a date like 2026-09-01", |v| date(v.as_str()?))?)),
        DataType::Timestamp(..) => Arc::new(
            TimestampMicrosecondArray::from(each(values, "a time like 2026-09-01T08:00:00Z", |v| time(v.as_str()?))?)
                .with_timezone("UTC"),
        ),
        DataType::Decimal128(precision, scale) => Arc::new(
            Decimal128Array::from(each(values, "a decimal number", |v| decimal(v, *scale))?)
                .with_precision_and_scale(*precision, *scale)
                .map_err(|e| e.to_string())?,
        ),
        _ => Arc::new(StringArray::from(each(values, "a text", |v| v.as_str().map(str::to_owned))?)),
    })
}

/// A date written without quotes in TOML arrives as a one-entry table.
fn plain(value: &Value) -> Value {
    match value {
        Value::Object(table) if table.len() == 1 => table.values().next().cloned().unwrap_or(Value::Null),
        other => other.clone(),
    }
}

fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

const EPOCH: NaiveDate = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();

/// Days since 1970-01-01; a month may be written without its day.
pub(crate) fn date(text: &str) -> Option<i32> {
    let full = if text.len() == 7 { format!("{text}-01") } else { text.to_owned() };
    let date = NaiveDate::parse_from_str(full.get(..10)?, "%Y-%m-%d").ok()?;
    i32::try_from((date - EPOCH).num_days()).ok()
}

pub(crate) fn date_text(days: i32) -> String {
    EPOCH.checked_add_signed(chrono::TimeDelta::days(i64::from(days))).map_or_else(String::new, |d| d.to_string())
}

fn time(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(text)
        .map(|t| t.timestamp_micros())
        .or_else(|_| {
            NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S")
                .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S"))
                .map(|t| t.and_utc().timestamp_micros())
        })
        .ok()
        .or_else(|| Some(i64::from(date(text).filter(|_| text.len() == 10)?) * 86_400_000_000))
}

fn decimal(value: &Value, scale: i8) -> Option<i128> {
    let text = match value {
        Value::Number(n) => n.to_string(),
        Value::String(s) => s.trim().to_owned(),
        _ => return None,
    };
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let scale = usize::try_from(scale).ok()?;
    if part.len() > scale || !part.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    format!("{whole}{part:0<scale$}").parse().ok()
}

/// One value as JSON: numbers as numbers, dates and exact decimals as text.
pub(crate) fn json_value(array: &dyn Array, row: usize) -> Value {
    use arrow::array::AsArray;
    use arrow::datatypes::{Date32Type, Int64Type, TimestampMicrosecondType};
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Int64 => Value::from(array.as_primitive::<Int64Type>().value(row)),
        DataType::Boolean => Value::from(array.as_boolean().value(row)),
        DataType::Date32 => Value::from(date_text(array.as_primitive::<Date32Type>().value(row))),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            DateTime::from_timestamp_micros(array.as_primitive::<TimestampMicrosecondType>().value(row))
                .map_or(Value::Null, |t| Value::from(t.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)))
        }
        DataType::Utf8 => Value::from(array.as_string::<i32>().value(row)),
        _ => arrow::util::display::array_value_to_string(array, row).map_or(Value::Null, Value::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_column_is_named_with_the_one_meant() {
        let schema: SchemaRef = Arc::new(Schema::new(vec![Field::new("amount", DataType::Int64, true)]));
        let row = serde_json::json!({ "amuont": 1 });
        let error = rows_to_batch(&schema, &[row.as_object().unwrap()], "b").unwrap_err();
        assert!(error.contains("amuont") && error.contains("amount"), "{error}");
    }

    #[test]
    fn money_written_with_a_decimal_point_is_refused_not_rounded() {
        let schema: SchemaRef = Arc::new(Schema::new(vec![Field::new("amount", DataType::Int64, true)]));
        let row = serde_json::json!({ "amount": 12.5 });
        assert!(rows_to_batch(&schema, &[row.as_object().unwrap()], "b").is_err());
    }

    #[test]
    fn dates_months_and_times_are_read_as_packs_write_them() {
        assert_eq!(date("1970-01-02"), Some(1));
        assert_eq!(date("1970-02"), Some(31));
        assert_eq!(date("1970-02-30"), None);
        assert_eq!(time("1970-01-01T08:00:00+08:00"), Some(0));
        assert_eq!(time("1970-01-02"), Some(86_400_000_000));
        assert_eq!(decimal(&serde_json::json!(1.5), 4), Some(15_000));
        assert_eq!(decimal(&serde_json::json!("1.00005"), 4), None);
    }
}
