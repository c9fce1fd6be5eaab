//! The end of the pipeline: duplicates found, ids given, rows written, everything counted.

use super::{
    people::People,
    scores::{percent, timeliness, without_numbers},
};
use crate::{
    BatchState, IntakeOptions, Manifest, Pool, PoolError, Quality, Reason, Sealer, Vault,
    batch::BatchWriter,
    convert::{Built, Converted, Plan, Problem},
    input::Opened,
    quarantine::QuarantineWriter,
    schema,
};
use arrow::{
    array::{ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray},
    compute::filter,
    datatypes::SchemaRef,
};
use chrono::{DateTime, NaiveDate, Utc};
use std::{
    collections::{BTreeMap, HashSet},
    hash::{BuildHasherDefault, Hasher},
    path::PathBuf,
    sync::Arc,
};
use tuodi_pack::{Pack, id_no::IdNo, source::ColumnType, source::Supersede};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Take,
    /// Every row into quarantine.
    Hold,
    /// Count only.
    DryRun,
}

/// Keys are hashes already.
#[derive(Default)]
struct Fold(u64);

impl Hasher for Fold {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &b in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(b);
        }
    }

    fn write_u128(&mut self, n: u128) {
        self.0 = ((n ^ (n >> 64)) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// Who brought the file, when, and under which name.
#[derive(Default)]
struct Circumstances {
    file_name: String,
    pack: String,
    who: String,
    now: DateTime<Utc>,
    today: NaiveDate,
}

pub(super) struct Taker<'a> {
    sealer: &'a dyn Sealer,
    batch: String,
    mode: Mode,
    parquet_path: Option<PathBuf>,
    quarantine_path: PathBuf,
    folder: PathBuf,
    schema: Option<SchemaRef>,
    plan: Option<Arc<Plan>>,
    writer: Option<BatchWriter>,
    quarantine: Option<QuarantineWriter<'a>>,
    /// 17 bytes a row: what knowing every key of a file costs.
    keys: HashSet<u128, BuildHasherDefault<Fold>>,
    circumstances: Circumstances,
    rows_read: u64,
    rows_good: u64,
    reasons: BTreeMap<&'static str, u64>,
    empty_keys: u64,
    newest: Option<i32>,
    returned: Vec<i64>,
}

impl<'a> Taker<'a> {
    pub fn new(pool: &Pool, sealer: &'a dyn Sealer, batch: &str, mode: Mode) -> Taker<'a> {
        Taker {
            sealer,
            batch: batch.to_owned(),
            mode,
            parquet_path: None,
            quarantine_path: pool.quarantine_path(batch).with_extension("sealed.tmp"),
            folder: pool.dir().to_owned(),
            schema: None,
            plan: None,
            writer: None,
            quarantine: None,
            keys: HashSet::default(),
            circumstances: Circumstances::default(),
            rows_read: 0,
            rows_good: 0,
            reasons: BTreeMap::new(),
            empty_keys: 0,
            newest: None,
            returned: Vec::new(),
        }
    }

    pub fn describe(&mut self, file_name: &str, options: &IntakeOptions<'_>, pack: &Pack) {
        self.circumstances = Circumstances {
            file_name: without_numbers(file_name),
            pack: format!("{}@{}", pack.info.id, pack.info.version),
            who: options.who.clone(),
            now: options.now,
            today: options.as_of_today,
        };
    }

    pub fn rows_read(&self) -> u64 {
        self.rows_read
    }

    pub fn rows_good(&self) -> u64 {
        self.rows_good
    }

    pub fn plan(&self) -> Option<&Plan> {
        self.plan.as_deref()
    }

    /// Share of rows without a broken value, in percent. A repeated key is a question of uniqueness, not of validity.
    pub fn validity(&self) -> f64 {
        let doubled = self.reasons.get("E05").copied().unwrap_or(0);
        let held = self.reasons.get("HELD").copied().unwrap_or(0);
        let broken = self.reasons.values().sum::<u64>() - doubled - held;
        percent(self.rows_read - broken, self.rows_read)
    }

    /// Opens what the batch needs, once the contract is known.
    pub fn settle(&mut self, plan: Arc<Plan>) -> Result<(), PoolError> {
        if self.plan.is_some() {
            return Ok(());
        }
        let schema = schema::pool_schema(&plan.source);
        if self.mode == Mode::Take {
            let path = self
                .folder
                .join(format!("source={}", plan.source.id))
                .join(format!("batch={}.parquet.tmp", self.batch));
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(PoolError::disk(folder))?;
            }
            self.writer = Some(BatchWriter::create(&path, schema.clone())?);
            self.parquet_path = Some(path);
        }
        self.schema = Some(schema);
        self.plan = Some(plan);
        Ok(())
    }

    pub fn take(&mut self, mut c: Converted, vault: &mut dyn Vault) -> Result<(), PoolError> {
        self.settle(Arc::clone(&c.plan))?;
        self.rows_read += c.read;
        self.empty_keys += c.empty_keys;
        self.newest = self.newest.max(c.newest);
        self.returned.append(&mut c.returned);
        let keep: Vec<bool> = c.keys.iter().map(|key| key.is_none_or(|key| self.keys.insert(key))).collect();
        let doubled: Vec<u32> = c.good.iter().zip(&keep).filter(|(_, keep)| !**keep).map(|(i, _)| *i).collect();
        let key = c.plan.columns.iter().position(|column| column.key);
        let mut aside = std::mem::take(&mut c.bad);
        let whole_row = |i: &u32, reason| (*i, vec![Problem { column: None, reason }]);
        aside.extend(doubled.iter().map(|i| (*i, vec![Problem { column: key, reason: Reason::DuplicateKey }])));
        if self.mode == Mode::Hold {
            let fine = c.good.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(i, _)| whole_row(i, Reason::Held));
            aside.extend(fine.collect::<Vec<_>>());
        }
        aside.sort_by_key(|(i, _)| *i);
        for (i, problems) in &aside {
            *self.reasons.entry(problems[0].reason.code()).or_default() += 1;
            if self.mode != Mode::DryRun {
                self.put_aside(&c, *i, problems)?;
            }
        }
        let kept = keep.iter().filter(|k| **k).count();
        if self.mode != Mode::Hold {
            self.rows_good += kept as u64;
        }
        if self.mode == Mode::Take && kept > 0 {
            if kept < keep.len() {
                only(&mut c, &keep);
            }
            let rows = self.rows(c, vault)?;
            if let Some(writer) = &mut self.writer {
                writer.write(rows)?;
            }
        }
        Ok(())
    }

    fn put_aside(&mut self, c: &Converted, i: u32, problems: &[Problem]) -> Result<(), PoolError> {
        if self.quarantine.is_none() {
            let folder = self.quarantine_path.parent().map(ToOwned::to_owned).unwrap_or_default();
            std::fs::create_dir_all(&folder).map_err(PoolError::disk(&folder))?;
            let writer = QuarantineWriter::create(&self.quarantine_path, &self.batch, &c.plan, self.sealer)?;
            self.quarantine = Some(writer);
        }
        match &mut self.quarantine {
            Some(writer) => writer.add(&c.plan, c.first + i64::from(i), c.rows.record(i as usize), problems),
            None => Ok(()),
        }
    }

    /// The pool's columns: numbers become ids here, names and addresses end here.
    fn rows(&self, c: Converted, vault: &mut dyn Vault) -> Result<RecordBatch, PoolError> {
        let count = c.good.len();
        let mut households: Option<Int64Array> = None;
        for (column, built) in c.plan.columns.iter().zip(&c.columns) {
            if let (ColumnType::HouseholdNo, Built::Array(numbers)) = (column.kind, built) {
                let numbers = numbers.as_string::<i32>();
                households = Some(numbers.iter().map(|no| no.map(|no| vault.household(no))).collect());
            }
        }
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(c.columns.len() + 2);
        for (i, (column, built)) in c.plan.columns.iter().zip(&c.columns).enumerate() {
            match built {
                Built::Nothing => {}
                Built::Ids(ids) => {
                    let persons: Int64Array = match &c.plan.register {
                        Some(register) if register.id == i => {
                            let people = People::of(&c, register, households.as_ref());
                            ids.iter()
                                .enumerate()
                                .map(|(row, id)| id.as_ref().map(|id| vault.person(id, people.record(row))))
                                .collect()
                        }
                        _ => ids.iter().map(|id: &Option<IdNo>| id.as_ref().map(|id| vault.person(id, None))).collect(),
                    };
                    arrays.push(Arc::new(persons));
                }
                Built::Array(array) => match column.kind {
                    ColumnType::HouseholdNo => {
                        arrays.push(Arc::new(households.clone().unwrap_or_else(|| Int64Array::new_null(count))));
                    }
                    kind if schema::data_type(kind).is_some() => arrays.push(Arc::clone(array)),
                    _ => {}
                },
            }
        }
        arrays.push(Arc::new(c.good.iter().map(|i| Some(c.first + i64::from(*i))).collect::<Int64Array>()));
        arrays.push(Arc::new(StringArray::from_iter_values(std::iter::repeat_n(&self.batch, count))));
        let schema = self.schema.clone().unwrap_or_else(|| schema::pool_schema(&c.plan.source));
        RecordBatch::try_new(schema, arrays)
            .map_err(|e| PoolError::Parquet { path: self.parquet_path.clone().unwrap_or_default(), source: e.into() })
    }

    pub fn manifest(&self, opened: &Opened<'_>, state: BatchState) -> Manifest {
        let at = &self.circumstances;
        let source = self.plan.as_ref().map(|p| &p.source);
        let read = self.rows_read;
        let taken = if state == BatchState::Taken { self.rows_good } else { 0 };
        let mut reasons: BTreeMap<String, u64> = self.reasons.iter().map(|(c, n)| ((*c).to_owned(), *n)).collect();
        // On a dry run nothing was marked as held; the count is the same.
        let counted: u64 = reasons.values().sum();
        if counted + taken < read {
            *reasons.entry(Reason::Held.code().to_owned()).or_default() += read - taken - counted;
        }
        let keys = source.map_or(0, |s| s.key.len() as u64) * read;
        let doubled = self.reasons.get("E05").copied().unwrap_or(0);
        Manifest {
            batch: self.batch.clone(),
            source: source.map(|s| s.id.clone()).unwrap_or_default(),
            contract_version: source.map_or(0, |s| s.version),
            pack: at.pack.clone(),
            state,
            group: String::new(),
            group_at: at.now,
            file_name: at.file_name.clone(),
            sha256: opened.sha256.clone(),
            bytes: opened.bytes,
            format: opened.format,
            encoding: opened.encoding.map(|e| e.name().to_owned()),
            rows_read: read,
            rows_taken: taken,
            rows_quarantined: read - taken,
            reasons,
            quality: Quality {
                completeness: percent(keys - self.empty_keys.min(keys), keys),
                validity: self.validity(),
                uniqueness: percent(read - doubled, read),
                timeliness: source.and_then(|s| timeliness(s, self.newest?, at.today)),
                consistency: None,
            },
            arrived_at: at.now,
            who: at.who.clone(),
            replaces: source.is_some_and(|s| s.supersede == Supersede::Replace),
            supersedes: Vec::new(),
            beside: Vec::new(),
            corrects: None,
            brings_back: ranges(self.returned.clone()),
            revisions: Vec::new(),
            mapped: self.plan.as_ref().map(|p| p.header.mapped.clone()).unwrap_or_default(),
            words: Vec::new(),
        }
    }

    /// All rows are in: the file is finished and what telling rows apart needed is let go while the batch waits to be
    /// published.
    pub fn rest(mut self) -> Taker<'a> {
        self.keys = HashSet::default();
        if let Some(writer) = &mut self.writer {
            writer.end();
        }
        self
    }

    /// Makes the files durable under their final names; they count only once the manifest stands.
    pub fn finish(mut self, pool: &Pool) -> Result<(), PoolError> {
        if let Some(writer) = self.writer.take() {
            writer.finish()?;
        }
        if let Some(path) = &self.parquet_path {
            pool.settle_file(path)?;
        }
        if let Some(quarantine) = self.quarantine.take() {
            quarantine.finish()?;
            pool.settle_file(&self.quarantine_path)?;
        }
        Ok(())
    }

    /// Removes what was written; nothing of it was visible.
    pub fn abandon(mut self) {
        self.writer = None;
        self.quarantine = None;
        for path in self.parquet_path.iter().chain([&self.quarantine_path]) {
            // A leftover would be swept up by the next intake.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Numbers as ranges from first to last.
fn ranges(mut numbers: Vec<i64>) -> Vec<(i64, i64)> {
    numbers.sort_unstable();
    let mut ranges: Vec<(i64, i64)> = Vec::new();
    for n in numbers {
        match ranges.last_mut() {
            Some((_, last)) if n <= last.saturating_add(1) => *last = n,
            _ => ranges.push((n, n)),
        }
    }
    ranges
}

/// Leaves only the good records marked.
fn only(c: &mut Converted, keep: &[bool]) {
    let mask = BooleanArray::from(keep.to_vec());
    let mut marks = keep.iter();
    c.good.retain(|_| *marks.next().unwrap_or(&false));
    for built in &mut c.columns {
        match built {
            Built::Array(array) => {
                // Equal lengths are the filter's only condition, and they are equal by construction.
                *array = filter(array, &mask).expect("a mask as long as the column");
            }
            Built::Ids(ids) => {
                let mut marks = keep.iter();
                ids.retain(|_| *marks.next().unwrap_or(&false));
            }
            Built::Nothing => {}
        }
    }
}
