//! Parquet files whose columns are named as the contract names them. Money in whole numbers is fen.

use super::{Halt, Opened, Sink};
use crate::{Limits, Refusal, record::Rows};
use arrow::{
    array::{RecordBatch, RecordBatchReader},
    util::display::{ArrayFormatter, FormatOptions},
};
use parquet::{
    arrow::arrow_reader::ParquetRecordBatchReaderBuilder,
    errors::{ParquetError, Result as ParquetResult},
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use tuodi_pack::Text;

fn damaged(error: &impl std::fmt::Display) -> Refusal {
    Refusal::whole(
        Text::new(
            format!("Parquet 文件损坏或不完整：{error}"),
            format!("the Parquet file is damaged or incomplete: {error}"),
        ),
        Text::new("请重新导出后发送", "export it again and send it"),
    )
}

/// The decoder trusts what pages say of themselves: one that lies ends it in a panic.
fn guarded<T>(read: impl FnOnce() -> ParquetResult<T>) -> Result<T, Refusal> {
    let outcome = catch_unwind(AssertUnwindSafe(read));
    outcome
        .unwrap_or_else(|_| Err(ParquetError::General("a page cannot be decoded".to_owned())))
        .map_err(|e| damaged(&e))
}

fn too_large() -> Refusal {
    Refusal::whole(
        Text::new("一组行解压后过大，未打开", "one row group inflates beyond what may be opened"),
        Text::new("请用较小的行组导出，或改发 CSV", "export it with smaller row groups, or send CSV"),
    )
}

pub(super) fn read(file: &Opened<'_>, limits: &Limits, sink: &mut Sink<'_>) -> Result<(), Halt> {
    let opened = file.file()?;
    let builder = guarded(|| ParquetRecordBatchReaderBuilder::try_new(opened))?;
    let groups = builder.metadata().row_groups();
    if groups.iter().any(|g| u64::try_from(g.total_byte_size()).map_or(true, |n| n > limits.inflated_bytes)) {
        return Err(too_large().into());
    }
    let mut reader = guarded(|| builder.with_batch_size(8_192).build())?;
    let options = FormatOptions::default().with_null("").with_timestamp_tz_format(Some("%Y-%m-%dT%H:%M:%S%.6f%:z"));
    let mut rows = Rows::default();
    rows.push(reader.schema().fields().iter().map(|f| f.name().clone()));
    while let Some(batch) = guarded(|| Ok(reader.next().transpose()?))? {
        write(&batch, &options, &mut rows)?;
        if rows.is_full() {
            sink(std::mem::take(&mut rows))?;
        }
    }
    if rows.len() > 0 { sink(rows) } else { Ok(()) }
}

fn write(batch: &RecordBatch, options: &FormatOptions<'_>, rows: &mut Rows) -> Result<(), Refusal> {
    let columns = batch
        .columns()
        .iter()
        .map(|c| ArrayFormatter::try_new(c.as_ref(), options))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| damaged(&e))?;
    for row in 0..batch.num_rows() {
        let mut cells = Vec::with_capacity(columns.len());
        for column in &columns {
            // A time beyond the calendar cannot be written; it must not end the process.
            cells.push(column.value(row).try_to_string().map_err(|e| damaged(&e))?);
        }
        rows.push(&cells);
    }
    Ok(())
}
