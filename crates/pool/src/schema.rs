//! The pool's columns of a contract, as Arrow knows them.

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use std::sync::Arc;
use tuodi_pack::source::{ColumnType, Source};

pub(crate) const DECIMAL_PRECISION: u8 = 18;
pub(crate) const DECIMAL_SCALE: i8 = 4;

/// How values of a contract type are kept; `None` for what only the vault may hold.
pub(crate) fn data_type(kind: ColumnType) -> Option<DataType> {
    Some(match kind {
        ColumnType::Name | ColumnType::Address | ColumnType::Phone | ColumnType::Ignore => return None,
        ColumnType::IdNo | ColumnType::HouseholdNo | ColumnType::Money | ColumnType::Int => DataType::Int64,
        ColumnType::Date | ColumnType::Month => DataType::Date32,
        ColumnType::Datetime => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        ColumnType::Decimal => DataType::Decimal128(DECIMAL_PRECISION, DECIMAL_SCALE),
        ColumnType::Bool => DataType::Boolean,
        ColumnType::Token | ColumnType::Enum | ColumnType::Str | ColumnType::Region | ColumnType::Code => {
            DataType::Utf8
        }
    })
}

/// The columns of a source's table: the contract's in its order, then `_row` and `_batch`. All may be null but these
/// two, so that batches of different contract versions stand together.
pub fn pool_schema(source: &Source) -> SchemaRef {
    let mut fields: Vec<Field> =
        source.columns.iter().filter_map(|c| Some(Field::new(c.pool_name()?, data_type(c.kind)?, true))).collect();
    fields.push(Field::new("_row", DataType::Int64, false));
    fields.push(Field::new("_batch", DataType::Utf8, false));
    Arc::new(Schema::new(fields))
}
