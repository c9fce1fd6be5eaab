//! Linking the last rows of a file as if they had just arrived, against the same pairs found by a full run.

use crate::{
    cli::BenchLink,
    error::VerbError,
    output::{Output, peak_rss_bytes},
    verbs::link::{read_config, read_rows},
};
use std::{path::Path, time::Instant};
use tuodi_linkage::{Index, Model, Records, RowNames, judge, link, read_csv};

/// The file's rows without the last ones, and the last ones as a file of their own.
fn parted(path: &Path, new: usize) -> Result<[Vec<u8>; 2], VerbError> {
    let bad = |e: csv::Error| VerbError::File { file: path.to_owned(), message: e.to_string() };
    let mut reader = csv::Reader::from_path(path).map_err(bad)?;
    let titles = reader.byte_headers().map_err(bad)?.clone();
    let rows = csv::Reader::from_path(path).map_err(bad)?.into_byte_records().count();
    let mut parts = [csv::Writer::from_writer(Vec::new()), csv::Writer::from_writer(Vec::new())];
    for part in &mut parts {
        part.write_byte_record(&titles).map_err(bad)?;
    }
    for (at, row) in reader.into_byte_records().enumerate() {
        let part = &mut parts[usize::from(at + new >= rows)];
        part.write_byte_record(&row.map_err(bad)?).map_err(bad)?;
    }
    let done = |part: csv::Writer<Vec<u8>>| {
        part.into_inner().map_err(|e| VerbError::File { file: path.to_owned(), message: e.to_string() })
    };
    let [old, new] = parts;
    Ok([done(old)?, done(new)?])
}

pub fn run(args: BenchLink, output: Output) -> Result<(), VerbError> {
    let config = read_config(&args.config)?;
    let bad = |e: tuodi_linkage::TableError| VerbError::File { file: args.file.clone(), message: e.to_string() };
    let mut ms = serde_json::Map::new();
    let mut clock = Instant::now();
    let mut lap = |name: &str| {
        ms.insert(name.to_owned(), (clock.elapsed().as_millis() as u64).into());
        clock = Instant::now();
    };
    let rows = read_rows(&config, &args.file, None)?;
    lap("read");
    let model = Model::train(&rows.records, &config, rows.scope, args.seed)?;
    lap("train");
    let found = link(&rows.records, &config, &model, rows.scope)?;
    lap("link");
    let judged = judge(&rows.records, &config, &model, rows.scope, &found)?;
    lap("judge");
    let total = rows.names.len();
    drop(rows);
    let [old, new] = parted(&args.file, args.new)?;
    let (mut records, mut names) = (Records::new(&config), RowNames::default());
    let from = read_csv(&mut records, &mut names, &config, "", old.as_slice()).map_err(bad)?;
    lap("read_old");
    let index = Index::of(&records);
    lap("index");
    read_csv(&mut records, &mut names, &config, "", new.as_slice()).map_err(bad)?;
    let arrived = index.link_new(&records, &config, &model, from)?;
    lap("new");
    // The same rows stand at the same places in both runs.
    let expected = found.pairs.iter().filter(|pair| pair.right as usize >= from);
    let equal = arrived.pairs.iter().eq(expected);
    let millis = |name: &str| ms.get(name).and_then(serde_json::Value::as_u64).unwrap_or(0);
    let whole = millis("read") + millis("train") + millis("link") + millis("judge");
    output.answer(
        &serde_json::json!({
            "rows": total, "new_rows": total - from, "compared": found.compared, "pairs": judged.len(),
            "whole_ms": whole, "new_ms": millis("new"), "new_pairs": arrived.pairs.len(), "equal": equal, "ms": ms,
            "peak_rss_bytes": peak_rss_bytes(),
        }),
        format!(
            "{total} rows: read {} + learn {} + compare {} + judge {} = {whole} ms, {} pairs compared; {} new rows against {from}: \
             {} ms, the same pairs as the whole run: {equal}; peak {} MB",
            millis("read"), millis("train"), millis("link"), millis("judge"), found.compared, total - from, millis("new"),
            peak_rss_bytes() >> 20
        ),
    );
    if equal {
        Ok(())
    } else {
        Err(VerbError::Refused("new rows were linked otherwise than by the whole run".to_owned()))
    }
}
