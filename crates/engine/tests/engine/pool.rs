//! A pool in a temporary folder, written row by row as the intake would.

use arrow::{
    array::{ArrayRef, AsArray, Date32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray},
    datatypes::{Int64Type, Schema},
};
use chrono::NaiveDate;
use parquet::{
    arrow::{ArrowWriter, arrow_reader::ParquetRecordBatchReaderBuilder},
    file::properties::WriterProperties,
};
use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::TempDir;
use tuodi_engine::{Engine, SnapshotFiles};
use tuodi_pack::Pack;

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn as_of() -> NaiveDate {
    day("2026-09-01")
}

pub fn fixture_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pack")
}

pub fn fixture() -> Arc<Pack> {
    Arc::new(Pack::load(&fixture_dir()).unwrap_or_else(|problems| panic!("{problems}")))
}

fn days(text: &str) -> i32 {
    (day(text) - day("1970-01-01")).num_days() as i32
}

pub struct Member {
    pub person: i64,
    pub household: i64,
    pub born: String,
    pub region: &'static str,
    pub updated: String,
    pub status: &'static str,
}

/// Rows by source; `write` makes one file of each.
#[derive(Default)]
pub struct Pool {
    pub register: Vec<Member>,
    pub deaths: Vec<(i64, &'static str)>,
    pub marriages: Vec<(i64, i64)>,
    pub bills: Vec<(i64, String, i64)>,
    pub wages: Vec<(i64, &'static str, i64)>,
    /// `None`: the banks have not answered.
    pub assets: Option<Vec<(i64, i64)>>,
}

pub const URBAN: &str = "990102001001";
pub const RURAL: &str = "990121001001";

impl Pool {
    /// A person of an urban household, registered in January.
    pub fn person(&mut self, person: i64, household: i64, born: &str) -> &mut Pool {
        self.register.push(Member {
            person,
            household,
            born: born.to_owned(),
            region: URBAN,
            updated: "2026-01-05".to_owned(),
            status: "active",
        });
        self
    }

    pub fn wage(&mut self, person: i64, fen: i64) -> &mut Pool {
        self.wages.push((person, "2026-07-01", fen));
        self
    }

    pub fn bill(&mut self, person: i64, fen: i64) -> &mut Pool {
        self.bills.push((person, "2026-06-15".to_owned(), fen));
        self
    }

    pub fn engine(&self) -> (Engine, TempDir) {
        let dir = tempfile::tempdir().unwrap();
        let engine = Engine::new(fixture(), self.write(dir.path())).unwrap();
        (engine, dir)
    }

    pub fn write(&self, dir: &Path) -> SnapshotFiles {
        let mut files = SnapshotFiles { id: "snapshot-1".to_owned(), ..SnapshotFiles::default() };
        let texts = |values: Vec<String>| Arc::new(StringArray::from(values)) as ArrayRef;
        let ints = |values: Vec<i64>| Arc::new(Int64Array::from(values)) as ArrayRef;
        let dates = |values: Vec<&str>| {
            Arc::new(values.into_iter().map(|d| Some(days(d))).collect::<Date32Array>()) as ArrayRef
        };
        let r = &self.register;
        let times: TimestampMicrosecondArray =
            r.iter().map(|m| Some(i64::from(days(&m.updated)) * 86_400_000_000)).collect();
        write(
            dir,
            &mut files,
            "DS01",
            "register",
            vec![
                ("person_id", ints(r.iter().map(|m| m.person).collect())),
                ("birth_date", dates(r.iter().map(|m| m.born.as_str()).collect())),
                ("household_id", ints(r.iter().map(|m| m.household).collect())),
                ("region_code", texts(r.iter().map(|m| m.region.to_owned()).collect())),
                ("status", texts(r.iter().map(|m| m.status.to_owned()).collect())),
                ("update_time", Arc::new(times.with_timezone("UTC"))),
            ],
        );
        write(
            dir,
            &mut files,
            "DS02",
            "deaths",
            vec![
                ("person_id", ints(self.deaths.iter().map(|d| d.0).collect())),
                ("death_date", dates(self.deaths.iter().map(|d| d.1).collect())),
            ],
        );
        write(
            dir,
            &mut files,
            "DS03",
            "marriages",
            vec![
                ("reg_no", texts(self.marriages.iter().map(|m| format!("{:016x}", m.0)).collect())),
                ("a_person_id", ints(self.marriages.iter().map(|m| m.0).collect())),
                ("b_person_id", ints(self.marriages.iter().map(|m| m.1).collect())),
            ],
        );
        // Two batches of one source make one table.
        let half = self.bills.len() / 2;
        for (batch, bills) in [("bills-1", &self.bills[..half]), ("bills-2", &self.bills[half..])] {
            write(
                dir,
                &mut files,
                "DS09",
                batch,
                vec![
                    ("settle_id", texts((0..bills.len()).map(|i| format!("{batch}-{i:012x}")).collect())),
                    ("person_id", ints(bills.iter().map(|b| b.0).collect())),
                    ("settle_date", dates(bills.iter().map(|b| b.1.as_str()).collect())),
                    ("self_paid", ints(bills.iter().map(|b| b.2).collect())),
                ],
            );
        }
        write(
            dir,
            &mut files,
            "DS12",
            "wages",
            vec![
                ("person_id", ints(self.wages.iter().map(|w| w.0).collect())),
                ("month", dates(self.wages.iter().map(|w| w.1).collect())),
                ("wage", ints(self.wages.iter().map(|w| w.2).collect())),
            ],
        );
        if let Some(assets) = &self.assets {
            write(
                dir,
                &mut files,
                "DS21",
                "assets",
                vec![
                    ("person_id", ints(assets.iter().map(|a| a.0).collect())),
                    ("balance", ints(assets.iter().map(|a| a.1).collect())),
                ],
            );
        }
        files
    }
}

fn write(dir: &Path, files: &mut SnapshotFiles, source: &str, batch: &str, mut columns: Vec<(&str, ArrayRef)>) {
    let rows = columns[0].1.len();
    columns.push(("_row", Arc::new(Int64Array::from_iter_values(1..=rows as i64))));
    columns.push(("_batch", Arc::new(StringArray::from(vec![batch; rows]))));
    let batch_rows = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true))).unwrap();
    let folder = dir.join(format!("source={source}"));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("batch={batch}.parquet"));
    // Small row groups, so that a source has many.
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(100)).build();
    let file = File::create(&path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch_rows.schema(), Some(properties)).unwrap();
    writer.write(&batch_rows).unwrap();
    writer.close().unwrap();
    files.sources.entry(source.to_owned()).or_default().push(path);
    files.arrived.insert(batch.to_owned(), "2026-08-20".to_owned());
}

/// Every row of a Parquet file as texts, with its column names.
pub fn read(path: &Path) -> (Arc<Schema>, Vec<Vec<String>>) {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let schema = reader.schema().clone();
    let mut rows = Vec::new();
    for batch in reader.build().unwrap() {
        let batch = batch.unwrap();
        for row in 0..batch.num_rows() {
            let text = |c: &ArrayRef| arrow::util::display::array_value_to_string(c, row).unwrap();
            rows.push(batch.columns().iter().map(text).collect());
        }
    }
    (schema, rows)
}

#[derive(Debug, Clone, PartialEq)]
pub struct HouseholdRow {
    pub tier: String,
    pub monthly: i64,
    pub income: Option<i64>,
    pub unknown: String,
}

pub fn households(path: &Path) -> BTreeMap<i64, HouseholdRow> {
    let (_, rows) = read(path);
    let row = |r: Vec<String>| {
        let row = HouseholdRow {
            tier: r[1].clone(),
            monthly: r[2].parse().unwrap(),
            income: r[3].parse().ok(),
            unknown: r[4].clone(),
        };
        (r[0].parse().unwrap(), row)
    };
    rows.into_iter().map(row).collect()
}

/// (household, indicator, person) -> evidence.
pub fn alerts(path: &Path) -> BTreeMap<(i64, String, Option<i64>), String> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let mut out = BTreeMap::new();
    for batch in reader.build().unwrap() {
        let batch = batch.unwrap();
        let person = batch.column(0).as_primitive::<Int64Type>();
        let household = batch.column(1).as_primitive::<Int64Type>();
        for row in 0..batch.num_rows() {
            let text = |c: usize| batch.column(c).as_string::<i32>().value(row).to_owned();
            let key = (household.value(row), text(2), person.iter().nth(row).unwrap());
            assert!(out.insert(key.clone(), text(3)).is_none(), "{key:?} stands twice");
        }
    }
    out
}
