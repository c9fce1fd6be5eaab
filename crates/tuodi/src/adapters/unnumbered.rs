//! Rows put aside for want of a number that holds, and people who arrive with a second number: whom they may be is proposed
//! as they arrive, for an officer.

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
    Pack, PersonId,
    source::{Column, ColumnType, Source},
};
use tuodi_pool::{OpenRow, OpenRows, Pool, PoolError};
use tuodi_registry::{
    RegistryError,
    linkage::{LinkBook, Suggestion, Unnumbered, doubles, keep, kept, newest, reached, set_reached, settle},
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
    /// People who came with a number of their own and may be known under another.
    pub doubles: usize,
    /// People who came so many at a time that they were not compared.
    pub uncompared: usize,
    /// Rows put aside before that came again, mended.
    pub settled: u64,
    pub ms: u64,
}

/// Codes of a number that is wrong, and of one that is missing.
const NUMBER_CODES: [&str; 2] = ["E01", "E07"];
/// More new people than this are a register that arrives whole, not people who come: comparing a district with itself takes
/// minutes, and is what `tuodi link` is for.
const REGISTER: i64 = 20_000;
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

/// What arrived with these batches, laid beside everybody known: rows that bring in what waited wait no longer, rows without a
/// number that holds and people who may have two are proposed. What was proposed before stays as it is, so that this may be
/// done again after an interruption.
pub async fn follow(
    store: &Store,
    pool_dir: &Path,
    pack: &Arc<Pack>,
    config: Option<&Config>,
    batches: Vec<String>,
    now: DateTime<Utc>,
) -> Result<Proposed, VerbError> {
    let started = std::time::Instant::now();
    let mut done = Proposed { settled: settle_all(store, pool_dir, pack, &batches, now).await?, ..Proposed::default() };
    let Some(config) = config else { return Ok(done) };
    let mut rows = Vec::new();
    let mut waiting = Vec::new();
    for batch in batches {
        let kept = kept(store, &batch).await?;
        waiting.push((batch, kept));
    }
    let (pool, contracts, sealer) = (Pool::open(pool_dir)?, Arc::clone(pack), KeySealer(store.keys().clone()));
    let read = move || -> Result<Vec<Unnumbered>, VerbError> {
        for (batch, kept) in &waiting {
            let open = match pool.open_rows(batch, &sealer) {
                Ok(open) => open,
                Err(PoolError::NothingQuarantined { .. }) => continue,
                Err(e) => return Err(e.into()),
            };
            if let Some(source) = contracts.source(&open.source) {
                rows.extend(of_batch(source, batch, &open).filter(|row| !kept.contains(&row.row)));
            }
        }
        Ok(rows)
    };
    let rows = tokio::task::spawn_blocking(read).await.expect("reading rows does not panic")?;
    if !rows.is_empty() {
        done.rows = rows.len();
        let mut book = LinkBook::load(store, config.clone(), SEED).await?;
        let suggested = book.suggest(&rows)?;
        done.known = suggested.iter().filter(|of| !of.is_empty()).count();
        done.repairs = suggested.iter().filter(|of| of.iter().any(|one| one.repair)).count();
        keep_all(store, &pack.info.jurisdiction, rows.into_iter().zip(suggested).collect(), None, now).await?;
    }
    let (after, newest) = (reached(store).await?, newest(store).await?);
    if newest.0 - after.0 > REGISTER {
        done.uncompared = usize::try_from(newest.0 - after.0).unwrap_or_default();
        keep_all(store, &pack.info.jurisdiction, Vec::new(), Some(newest), now).await?;
    } else if newest > after {
        let doubles = doubles(store, config.clone(), after, SEED).await?;
        done.doubles = doubles.found.len();
        keep_all(store, &pack.info.jurisdiction, doubles.found, Some(doubles.upto), now).await?;
    }
    done.ms = started.elapsed().as_millis() as u64;
    Ok(done)
}

/// Keeps rows with what was proposed to them, in changes of moderate size; with the last, how far people were compared.
async fn keep_all(
    store: &Store,
    region: &str,
    mut both: Vec<(Unnumbered, Vec<Suggestion>)>,
    upto: Option<PersonId>,
    now: DateTime<Utc>,
) -> Result<(), VerbError> {
    loop {
        let chunk: Vec<_> = both.drain(..both.len().min(CHUNK)).collect();
        let last = both.is_empty();
        let region = region.to_owned();
        let write = store.write(move |tx| {
            Box::pin(async move {
                let (mut rows, mut candidates) = (0usize, 0usize);
                for (row, suggested) in &chunk {
                    if keep(tx, row, suggested, now).await?.is_some() {
                        (rows, candidates) = (rows + 1, candidates + suggested.len());
                    }
                }
                if let Some(upto) = upto.filter(|_| last) {
                    set_reached(tx, upto).await?;
                }
                let details = serde_json::json!({ "rows": rows, "candidates": candidates });
                Ok::<_, RegistryError>(Recorded::new((), entry("registry.propose", region, now, details)))
            })
        });
        write.await?;
        if last {
            return Ok(());
        }
    }
}

/// The rows that each of these batches brought back wait no longer.
async fn settle_all(
    store: &Store,
    pool_dir: &Path,
    pack: &Pack,
    batches: &[String],
    now: DateTime<Utc>,
) -> Result<u64, VerbError> {
    let mut corrections = Pool::open(pool_dir)?.batches()?;
    corrections.retain(|m| batches.contains(&m.batch) && m.corrects.is_some() && !m.brings_back.is_empty());
    if corrections.is_empty() {
        return Ok(0);
    }
    let region = pack.info.jurisdiction.clone();
    let write = store.write(move |tx| {
        Box::pin(async move {
            let mut rows = 0;
            for m in &corrections {
                rows += settle(tx, m.corrects.as_deref().unwrap_or_default(), &m.brings_back, &m.batch).await?;
            }
            let details = serde_json::json!({ "rows": rows });
            Ok::<_, RegistryError>(Recorded::new(rows, entry("registry.settle", region, now, details)))
        })
    });
    Ok(write.await?)
}

fn entry(act: &str, region: String, now: DateTime<Utc>, details: serde_json::Value) -> Entry {
    Entry {
        at: now,
        actor: "system".to_owned(),
        role: "R00".to_owned(),
        act: act.to_owned(),
        subject: "link:new".to_owned(),
        region,
        details,
    }
}

/// The rows of a batch that are wrong in their number alone.
fn of_batch<'a>(source: &'a Source, batch: &'a str, open: &'a OpenRows) -> impl Iterator<Item = Unnumbered> + 'a {
    let columns: Vec<Option<&Column>> = open.headings.iter().map(|heading| column_of(source, heading)).collect();
    // The number whose row it is: the contract's first; a guardian's says nothing about who the row names.
    let own = source.columns.iter().find(|column| column.kind == ColumnType::IdNo);
    let number_only = move |row: &&OpenRow| {
        row.problems.iter().all(|(heading, code, _)| {
            let column = column_of(source, heading);
            NUMBER_CODES.contains(&code.as_str()) && column.is_some() && column.map(|c| &c.name) == own.map(|c| &c.name)
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
            id_no: cell(&|column| own.is_some_and(|own| own.name == column.name)).map(str::to_owned),
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
