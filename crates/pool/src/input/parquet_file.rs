//! Parquet files whose columns are named as the contract names them. Money in whole numbers is fen.

use super::{Halt, Opened, Sink};
use crate::{Refusal, record::Rows};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::File;
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

pub(super) fn read(file: &Opened, sink: &mut Sink<'_>) -> Result<(), Halt> {
    let opened = File::open(&file.path).map_err(|e| Refusal::unreadable(&e))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(opened)
        .and_then(|b| b.with_batch_size(8_192).build())
        .map_err(|e| damaged(&e))?;
    let options = FormatOptions::default().with_null("").with_timestamp_tz_format(Some("%Y-%m-%dT%H:%M:%S%.6f%:z"));
    let mut rows = Rows::default();
    for (i, batch) in reader.enumerate() {
        let batch = batch.map_err(|e| damaged(&e))?;
        if i == 0 {
            rows.push(batch.schema().fields().iter().map(|f| f.name().clone()));
        }
        let columns = batch
            .columns()
            .iter()
            .map(|c| ArrayFormatter::try_new(c.as_ref(), &options))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|e| damaged(&e))?;
        for row in 0..batch.num_rows() {
            rows.push(columns.iter().map(|c| c.value(row).to_string()));
        }
        if rows.is_full() {
            sink(std::mem::take(&mut rows))?;
        }
    }
    if rows.len() > 0 { sink(rows) } else { Ok(()) }
}
