//! Agreement of a batch with what other sources say of the same people.

use crate::{Manifest, Pool, PoolError, snapshot};
use arrow::{
    array::{Array, AsArray},
    compute::cast,
    datatypes::{DataType, Int64Type},
};
use parquet::arrow::{ProjectionMask, arrow_reader::ParquetRecordBatchReaderBuilder};
use rustc_hash::FxHashSet;
use std::{
    fs::File,
    hash::{BuildHasher, RandomState},
    path::Path,
};
use tuodi_pack::{
    Pack,
    source::{Column, Source},
};

/// A column of the batch beside one of another source, each with the column of the person it is about.
struct Pair<'p> {
    mine: (&'p Column, &'p Column),
    theirs: (&'p Column, &'p Column),
    other: &'p str,
}

/// Pairs that the contract declares, and those that another contract declares with this source.
fn pairs<'p>(pack: &'p Pack, source: &'p Source) -> Vec<Pair<'p>> {
    let mut pairs = Vec::new();
    for from in &pack.sources {
        for shared in &from.shared {
            let Some(to) = pack.source(&shared.source) else { continue };
            let of = |s: &'p Source, column: &str, person: &str| s.column(column).zip(s.column(person));
            let (Some(here), Some(there)) =
                (of(from, &shared.column, &shared.person), of(to, &shared.their_column, &shared.their_person))
            else {
                continue;
            };
            if from.id == source.id {
                pairs.push(Pair { mine: here, theirs: there, other: &to.id });
            } else if to.id == source.id {
                pairs.push(Pair { mine: there, theirs: here, other: &from.id });
            }
        }
    }
    pairs
}

impl Pool {
    /// Of the facts that this batch and another source both give of a person, how many are the same, as (same, both).
    /// A person of whom the other source says several things agrees with any of them.
    ///
    /// # Errors
    /// A file of the pool that cannot be read.
    pub(crate) fn agreement(
        &self,
        pack: &Pack,
        source: &Source,
        manifests: &[Manifest],
        batch: &Path,
    ) -> Result<(u64, u64), PoolError> {
        let hasher = RandomState::new();
        let current = snapshot::current(manifests);
        let (mut same, mut both) = (0, 0);
        for pair in pairs(pack, source) {
            let others: Vec<_> = current.iter().filter(|m| m.source == pair.other).collect();
            if others.is_empty() {
                continue;
            }
            // The batch is kept in mind and not the other source, which may be the register of everybody.
            let mut mine = Vec::new();
            each(batch, pair.mine, |person, value| mine.push((person, hasher.hash_one(value))))?;
            let asked: FxHashSet<i64> = mine.iter().map(|(person, _)| *person).collect();
            let (mut people, mut facts) = (FxHashSet::default(), FxHashSet::default());
            for other in others {
                each(&self.rows_path(other), pair.theirs, |person, value| {
                    if asked.contains(&person) {
                        people.insert(person);
                        facts.insert((person, hasher.hash_one(value)));
                    }
                })?;
            }
            let known = mine.iter().filter(|(person, _)| people.contains(person));
            for fact in known {
                both += 1;
                same += u64::from(facts.contains(fact));
            }
        }
        Ok((same, both))
    }
}

/// Every known value with its person.
fn each(path: &Path, (value, person): (&Column, &Column), mut found: impl FnMut(i64, &str)) -> Result<(), PoolError> {
    let (Some(value), Some(person)) = (value.pool_name(), person.pool_name()) else { return Ok(()) };
    let fail = |source| PoolError::Parquet { path: path.to_owned(), source };
    let file = File::open(path).map_err(PoolError::disk(path))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(fail)?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), [value.as_str(), person.as_str()]);
    for batch in builder.with_projection(mask).build().map_err(fail)? {
        let batch = batch.map_err(|e| fail(e.into()))?;
        // A batch of an older contract may lack the column.
        let (Some(values), Some(people)) = (batch.column_by_name(&value), batch.column_by_name(&person)) else {
            return Ok(());
        };
        let values = cast(values, &DataType::Utf8).map_err(|e| fail(e.into()))?;
        let (values, people) = (values.as_string::<i32>(), people.as_primitive::<Int64Type>());
        for row in 0..batch.num_rows() {
            if !values.is_null(row) && !people.is_null(row) {
                found(people.value(row), values.value(row));
            }
        }
    }
    Ok(())
}
