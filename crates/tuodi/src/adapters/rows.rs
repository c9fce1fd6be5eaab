//! Rows of a Parquet file, only the columns asked for: the one way in which findings and lists of the pool are read here.

use crate::error::VerbError;
use arrow::{
    array::{Array, ArrayRef, AsArray, Date32Array, Int64Array, StringArray, StringViewArray},
    datatypes::DataType,
};
use chrono::NaiveDate;
use parquet::arrow::{ProjectionMask, arrow_reader::ParquetRecordBatchReaderBuilder};
use std::{fs::File, path::Path};

/// Rows unpacked at a time.
const BATCH: usize = 8_192;

enum Column {
    Int(Int64Array),
    Text(StringArray),
    View(StringViewArray),
    Date(Date32Array),
    /// A batch of an older contract may lack the column.
    Missing,
}

impl Column {
    fn of(array: Option<&ArrayRef>) -> Column {
        let Some(array) = array else { return Column::Missing };
        match array.data_type() {
            DataType::Int64 => Column::Int(array.as_primitive().clone()),
            DataType::Date32 => Column::Date(array.as_primitive().clone()),
            DataType::Utf8 => Column::Text(array.as_string().clone()),
            DataType::Utf8View => Column::View(array.as_string_view().clone()),
            _ => Column::Missing,
        }
    }
}

/// One row; columns by their place in the list asked for. What is absent, or of another type, reads as unknown.
pub struct Row<'b> {
    columns: &'b [Column],
    at: usize,
}

impl<'b> Row<'b> {
    pub fn int(&self, column: usize) -> Option<i64> {
        match &self.columns[column] {
            Column::Int(array) => array.is_valid(self.at).then(|| array.value(self.at)),
            _ => None,
        }
    }

    pub fn text(&self, column: usize) -> Option<&'b str> {
        match &self.columns[column] {
            Column::Text(array) => array.is_valid(self.at).then(|| array.value(self.at)),
            Column::View(array) => array.is_valid(self.at).then(|| array.value(self.at)),
            _ => None,
        }
    }

    pub fn date(&self, column: usize) -> Option<NaiveDate> {
        match &self.columns[column] {
            Column::Date(array) if array.is_valid(self.at) => array.value_as_date(self.at),
            _ => None,
        }
    }
}

/// Every row of the file, with these columns.
///
/// # Errors
/// The file, and why it cannot be read.
pub fn each_row(file: &Path, columns: &[&str], mut take: impl FnMut(&Row<'_>)) -> Result<(), VerbError> {
    let unreadable = |e: String| VerbError::File { file: file.to_owned(), message: e };
    let open = File::open(file).map_err(|e| unreadable(e.to_string()))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(open).map_err(|e| unreadable(e.to_string()))?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    let reader = builder.with_projection(mask).with_batch_size(BATCH).build().map_err(|e| unreadable(e.to_string()))?;
    for batch in reader {
        let batch = batch.map_err(|e| unreadable(e.to_string()))?;
        let columns: Vec<Column> = columns.iter().map(|name| Column::of(batch.column_by_name(name))).collect();
        for at in 0..batch.num_rows() {
            take(&Row { columns: &columns, at });
        }
    }
    Ok(())
}

/// How many rows the file holds.
pub fn count(file: &Path) -> Result<u64, VerbError> {
    let unreadable = |e: String| VerbError::File { file: file.to_owned(), message: e };
    let open = File::open(file).map_err(|e| unreadable(e.to_string()))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(open).map_err(|e| unreadable(e.to_string()))?;
    Ok(u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0))
}
