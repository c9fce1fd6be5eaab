//! Rows put aside for want of a number that holds: whom they may be about is proposed as they arrive, for an officer.

use super::sealer::KeySealer;
use crate::error::VerbError;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use tuodi_linkage::Config;
use tuodi_pack::{
    Pack,
    source::{Column, ColumnType, Source},
};
use tuodi_pool::{OpenRow, OpenRows, Pool};
use tuodi_registry::{
    RegistryError,
    linkage::{LinkBook, Suggestion, Unnumbered, keep},
};
use tuodi_store::{Entry, Recorded, Store};

/// What came of it.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Proposed {
    /// Rows whose only mistake is a number that is missing or fails its check, and that name somebody.
    pub rows: usize,
    /// Of these, how many may be about somebody who is known.
    pub known: usize,
    /// Of these, how many have a number that needs only a slip mended.
    pub repairs: usize,
    pub ms: u64,
}

/// Codes of a number that is wrong, and of one that is missing.
const NUMBER_CODES: [&str; 2] = ["E01", "E07"];
/// Rows in one transaction.
const CHUNK: usize = 200;
/// Random pairs are drawn; the same ones each time.
const SEED: u64 = 1;

/// The pack's configuration of record linkage, where it has one.
pub fn config(pack_dir: &Path) -> Result<Option<Config>, VerbError> {
    let file = pack_dir.join("linkage.toml");
    match std::fs::read_to_string(&file) {
        Err(_) => Ok(None),
        Ok(text) => match Config::parse(&text) {
            Ok(config) => Ok(Some(config)),
            Err(e) => {
                let file = PathBuf::from(format!("{}:{}", file.display(), e.line));
                Err(VerbError::File { file, message: e.message })
            }
        },
    }
}

/// Proposes people to the rows of these batches, and keeps what it proposes. Rows that were proposed before stay as they are.
pub async fn propose(
    store: &Store,
    pool_dir: &Path,
    pack: &Arc<Pack>,
    config: Config,
    batches: Vec<String>,
    now: DateTime<Utc>,
) -> Result<Proposed, VerbError> {
    let started = std::time::Instant::now();
    let (pool, contracts, sealer) = (Pool::open(pool_dir)?, Arc::clone(pack), KeySealer(store.keys().clone()));
    let read = move || -> Result<Vec<Unnumbered>, VerbError> {
        let mut rows = Vec::new();
        for batch in &batches {
            let open = pool.open_rows(batch, &sealer)?;
            if let Some(source) = contracts.source(&open.source) {
                rows.extend(of_batch(source, batch, &open));
            }
        }
        Ok(rows)
    };
    let rows = tokio::task::spawn_blocking(read).await.expect("reading rows does not panic")?;
    let mut done = Proposed { rows: rows.len(), ..Proposed::default() };
    if rows.is_empty() {
        return Ok(done);
    }
    let mut book = LinkBook::load(store, config, SEED).await?;
    let suggested = book.suggest(&rows)?;
    done.known = suggested.iter().filter(|of| !of.is_empty()).count();
    done.repairs = suggested.iter().filter(|of| of.iter().any(|one| one.repair)).count();
    let mut both: Vec<(Unnumbered, Vec<Suggestion>)> = rows.into_iter().zip(suggested).collect();
    while !both.is_empty() {
        let chunk: Vec<_> = both.drain(..both.len().min(CHUNK)).collect();
        let region = pack.info.jurisdiction.clone();
        let write = store.write(move |tx| {
            Box::pin(async move {
                let (mut rows, mut candidates) = (0usize, 0usize);
                for (row, suggested) in &chunk {
                    if keep(tx, row, suggested, now).await?.is_some() {
                        (rows, candidates) = (rows + 1, candidates + suggested.len());
                    }
                }
                let entry = Entry {
                    at: now,
                    actor: "system".to_owned(),
                    role: "R00".to_owned(),
                    act: "registry.propose".to_owned(),
                    subject: "link:new".to_owned(),
                    region,
                    details: serde_json::json!({ "rows": rows, "candidates": candidates }),
                };
                Ok::<_, RegistryError>(Recorded::new((), entry))
            })
        });
        write.await?;
    }
    done.ms = started.elapsed().as_millis() as u64;
    Ok(done)
}

/// The rows of a batch that are wrong in their number alone.
fn of_batch<'a>(source: &'a Source, batch: &'a str, open: &'a OpenRows) -> impl Iterator<Item = Unnumbered> + 'a {
    let columns: Vec<Option<&Column>> = open.headings.iter().map(|heading| column_of(source, heading)).collect();
    let number_only = move |row: &&OpenRow| {
        row.problems.iter().all(|(heading, code, _)| {
            NUMBER_CODES.contains(&code.as_str())
                && column_of(source, heading).is_some_and(|column| column.kind == ColumnType::IdNo)
        })
    };
    open.rows.iter().filter(number_only).filter_map(move |row| {
        let cell = |wanted: &dyn Fn(&Column) -> bool| {
            let found = columns.iter().zip(&row.cells).find(|(column, _)| column.is_some_and(wanted));
            found.map(|(_, cell)| cell.trim()).filter(|cell| !cell.is_empty())
        };
        let male = |cell: &str| {
            let column = source.column("sex")?;
            let code = column.codes.iter().find(|(code, also)| *code == cell || also.iter().any(|word| word == cell));
            match code?.0.as_str() {
                "1" => Some(true),
                "2" => Some(false),
                _ => None,
            }
        };
        Some(Unnumbered {
            source: source.id.clone(),
            batch: batch.to_owned(),
            row: row.row,
            name: cell(&|column| column.kind == ColumnType::Name)?.to_owned(),
            id_no: cell(&|column| column.kind == ColumnType::IdNo).map(str::to_owned),
            male: cell(&|column| column.name == "sex").and_then(male),
            birth_date: cell(&|column| column.name == "birth_date").and_then(tuodi_linkage::date),
            region_code: cell(&|column| column.kind == ColumnType::Region).unwrap_or_default().to_owned(),
            members: Vec::new(),
        })
    })
}

fn column_of<'a>(source: &'a Source, heading: &str) -> Option<&'a Column> {
    let heading = heading.trim_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
    source.columns.iter().find(|column| {
        column.name == heading
            || column.title.zh == heading
            || column.title.en == heading
            || column.aliases.iter().any(|alias| alias == heading)
    })
}
