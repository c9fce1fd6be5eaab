//! A small pack, a pool in a temporary folder, and ways to write files as departments do.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use arrow::{
    array::{AsArray, RecordBatch},
    datatypes::{Date32Type, Int64Type},
};
use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::{
    fs::File,
    path::{Path, PathBuf},
};
use tempfile::TempDir;
use tuodi_pack::{
    Calendar, Pack, Text,
    assessment::Assessment,
    id_no::check_character,
    parameter::Parameters,
    region::{Area, Region, RegionLevel, Regions},
    source::Source,
};
use tuodi_pool::{IntakeOptions, IntakeReport, Mapping, MemoryVault, Pool, PoolError, SealError, Sealer};

pub const REGISTER: &str = r#"
id = "DS01"
name = "household_register"
title = { zh = "户籍人口信息", en = "Household register" }
owner = { zh = "公安局", en = "Police" }
grain = { zh = "一人", en = "one person" }
version = 1
key = ["id_no"]
frequency = "monthly"
sensitivity = "L3"
basis = "IM art.58"
supersede = "replace"
column = [
  { name = "id_no", type = "id_no", title = { zh = "公民身份号码", en = "Citizen number" }, aliases = ["身份证号"] },
  { name = "name", type = "name", title = { zh = "姓名", en = "Name" } },
  { name = "sex", type = "enum", title = { zh = "性别", en = "Sex" }, codes = { male = ["男", "1"], female = ["女", "2"] } },
  { name = "birth_date", type = "date", title = { zh = "出生日期", en = "Date of birth" }, no_future = true },
  { name = "household_no", type = "household_no", title = { zh = "户号", en = "Household number" } },
  { name = "reg_region_code", type = "region", title = { zh = "户籍区划代码", en = "Region" } },
  { name = "reg_address", type = "address", null = true, title = { zh = "户籍地址", en = "Address" } },
  { name = "ethnic", type = "ignore", null = true, title = { zh = "民族", en = "Ethnic group" } },
]
"#;

pub const SETTLEMENT: &str = r#"
id = "DS09"
name = "medical_settlement"
title = { zh = "医保结算", en = "Medical settlement" }
owner = { zh = "医保局", en = "Medical insurance bureau" }
grain = { zh = "一次结算", en = "one settlement" }
version = 1
key = ["settle_id"]
frequency = "daily"
sensitivity = "L4"
basis = "IM art.58"
supersede = "append"
promise = { lag_days = 2, quality = 95 }
column = [
  { name = "settle_id", type = "token", title = { zh = "结算单号", en = "Settlement number" } },
  { name = "id_no", type = "id_no", title = { zh = "身份号码", en = "Citizen number" }, aliases = ["身份证号"] },
  { name = "visit_type", type = "enum", title = { zh = "就诊类型", en = "Kind of visit" }, codes = { outpatient = ["门诊"], inpatient = ["住院", "3"] } },
  { name = "settle_date", type = "date", title = { zh = "结算日期", en = "Date of settlement" }, no_future = true },
  { name = "diag_code", type = "code", null = true, title = { zh = "主要诊断", en = "Main diagnosis" } },
  { name = "total_fee", type = "money", title = { zh = "总费用", en = "Total cost" }, unit = "fen", min = 0, allow_negative_if = "is_refund" },
  { name = "days", type = "int", null = true, title = { zh = "住院天数", en = "Days" }, min = 0, max = 400 },
  { name = "is_refund", type = "bool", title = { zh = "是否退费", en = "Refund" } },
]
"#;

/// Says of people where they live, as the register does.
pub const ROSTER: &str = r#"
id = "DS05"
name = "assistance_roster"
title = { zh = "在册对象", en = "Roster" }
owner = { zh = "民政局", en = "Civil affairs" }
grain = { zh = "一人", en = "one person" }
version = 1
key = ["id_no"]
frequency = "daily"
sensitivity = "L3"
basis = "IM art.58"
supersede = "replace"
shared = [{ column = "region_code", source = "DS01", their_column = "reg_region_code" }]
column = [
  { name = "id_no", type = "id_no", title = { zh = "身份号码", en = "Citizen number" } },
  { name = "region_code", type = "region", null = true, title = { zh = "所在区划", en = "Region" } },
]
"#;

pub const DECLARED: &str = r#"
id = "PF01"
name = "declared_facts"
title = { zh = "申报信息", en = "Declared facts" }
owner = { zh = "本平台", en = "This platform" }
grain = { zh = "一人", en = "one person" }
version = 1
key = ["household_id", "person_id"]
frequency = "daily"
sensitivity = "L4"
basis = "IM art.11"
origin = "platform"
column = [
  { name = "household_id", type = "int", title = { zh = "家庭编号", en = "Household" } },
  { name = "person_id", type = "int", null = true, title = { zh = "人员编号", en = "Person" } },
  { name = "wage_month", type = "money", null = true, title = { zh = "月工资", en = "Wage" } },
  { name = "declared_date", type = "date", title = { zh = "申报日期", en = "Declared on" } },
]
"#;

/// Written by the platform, and sent by a hotline as files.
pub const CLUE: &str = r#"
id = "PF05"
name = "clue"
title = { zh = "线索", en = "Clues" }
owner = { zh = "本平台", en = "This platform" }
grain = { zh = "一条线索", en = "one clue" }
version = 1
key = ["clue_no"]
frequency = "daily"
sensitivity = "L3"
basis = "OP20"
origin = "platform"
accepts_files = true
column = [
  { name = "clue_no", type = "token", title = { zh = "线索编号", en = "Clue number" } },
  { name = "id_no", type = "id_no", null = true, title = { zh = "当事人身份号码", en = "Citizen number" } },
  { name = "urgent", type = "bool", title = { zh = "是否紧急", en = "Urgent" } },
  { name = "received_at", type = "date", title = { zh = "受理日期", en = "Received on" }, no_future = true },
]
"#;

const INFO: &str = r#"
id = "qingyan"
version = "2026.1"
jurisdiction = "990102000000"
case_prefix = "QY"
effective_from = 2026-01-01
languages = ["zh-CN", "en"]
title = { zh = "清晏区", en = "Qingyan" }
bureau = { zh = "清晏区民政局", en = "Qingyan Civil Affairs Bureau" }
hotline = "12345"
reconsideration = { zh = "清晏区人民政府", en = "Qingyan District Government" }
legal = []
"#;

pub fn pack() -> Pack {
    pack_of(&[REGISTER, SETTLEMENT, DECLARED])
}

pub fn pack_of(contracts: &[&str]) -> Pack {
    let region = |code: &str, level| Region {
        code: code.to_owned(),
        level,
        parent: None,
        name: Text::new("某地", "Somewhere"),
        area: Some(Area::Urban),
    };
    Pack {
        info: toml::from_str(INFO).unwrap(),
        regions: Regions::new([
            region("990102000000", RegionLevel::County),
            region("990102001000", RegionLevel::Township),
            region("990102001001", RegionLevel::Village),
        ]),
        calendar: Calendar::default(),
        parameters: Parameters::default(),
        sources: contracts.iter().map(|c| toml::from_str::<Source>(c).unwrap()).collect(),
        facts: Vec::new(),
        programmes: Vec::new(),
        indicators: Vec::new(),
        assessment: Assessment::default(),
        services: Default::default(),
        simulation: Default::default(),
        library: Default::default(),
        workflow: Default::default(),
        verification: Default::default(),
        conflicts: Default::default(),
        cases: Vec::new(),
        digest: String::new(),
        files: Default::default(),
    }
}

/// Not a secret: turns bytes around, so that a test sees whether the caller's sealer was used.
pub struct Turned;

impl Sealer for Turned {
    fn seal(&self, plain: &str) -> Vec<u8> {
        plain.bytes().map(|b| !b).collect()
    }

    fn open(&self, sealed: &[u8]) -> Result<String, SealError> {
        String::from_utf8(sealed.iter().map(|b| !b).collect()).map_err(|_| SealError)
    }
}

pub fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 9, 1).unwrap()
}

pub fn at(hour: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 9, 1, hour, 0, 0).unwrap()
}

/// The n-th fictional person's number.
pub fn id_no(n: u32) -> String {
    let seventeen = format!("990102{:04}0316{:03}", 1930 + n / 1000, n % 1000);
    format!("{seventeen}{}", check_character(&seventeen).unwrap())
}

pub struct Bench {
    pub dir: TempDir,
    pub pool: Pool,
    pub pack: Pack,
    pub vault: MemoryVault,
    pub hour: u32,
    pub mappings: Vec<Mapping>,
}

impl Bench {
    pub fn new() -> Bench {
        Bench::with(pack())
    }

    pub fn with(pack: Pack) -> Bench {
        let dir = tempfile::tempdir().unwrap();
        let pool = Pool::open(&dir.path().join("pool")).unwrap();
        Bench { dir, pool, pack, vault: MemoryVault::default(), hour: 0, mappings: Vec::new() }
    }

    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.path().join("in").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub fn try_intake(&mut self, paths: &[PathBuf], dry_run: bool) -> Result<IntakeReport, PoolError> {
        self.hour += 1;
        let mut options = IntakeOptions::new(today(), at(self.hour), "clerk-1");
        options.dry_run = dry_run;
        options.mappings = &self.mappings;
        self.pool.intake(paths, &self.pack, &mut self.vault, &Turned, &options)
    }

    pub fn intake(&mut self, paths: &[PathBuf]) -> IntakeReport {
        self.try_intake(paths, false).unwrap()
    }

    /// Takes in one file of that content.
    pub fn take(&mut self, name: &str, bytes: impl AsRef<[u8]>) -> IntakeReport {
        let path = self.file(name, bytes);
        self.intake(&[path])
    }

    /// What was wrong with the one file, in English.
    pub fn refusal(&mut self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let report = self.take(name, bytes);
        assert_eq!((report.refused, report.files), (1, 1), "{report:?}");
        assert!(self.pool.batches().unwrap().is_empty(), "a refused file leaves nothing");
        assert_eq!(leftovers(self.pool.dir()), Vec::<PathBuf>::new());
        let refusal = report.refusals().next().unwrap().clone();
        assert!(!refusal.problem.zh.is_empty() && !refusal.remedy.zh.is_empty() && !refusal.remedy.en.is_empty());
        refusal.to_string()
    }

    pub fn rows(&self, source: &str) -> Vec<RecordBatch> {
        self.pool.snapshot().unwrap().batches(source).iter().flat_map(|b| read(&b.path)).collect()
    }

    pub fn quarantine(&self, batch: &str) -> String {
        String::from_utf8(self.pool.quarantine_csv(batch, &Turned).unwrap()).unwrap()
    }
}

/// Everything in the pool's folder but its lock and its empty folders.
pub fn leftovers(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(leftovers(&path));
        } else if path.file_name().unwrap() != ".lock" {
            found.push(path);
        }
    }
    found
}

pub fn read(path: &Path) -> Vec<RecordBatch> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap().build().unwrap();
    reader.map(Result::unwrap).collect()
}

pub fn ints(rows: &[RecordBatch], column: &str) -> Vec<Option<i64>> {
    rows.iter()
        .flat_map(|b| b.column_by_name(column).unwrap().as_primitive::<Int64Type>().iter().collect::<Vec<_>>())
        .collect()
}

pub fn texts(rows: &[RecordBatch], column: &str) -> Vec<Option<String>> {
    let owned = |b: &RecordBatch| {
        let array = b.column_by_name(column).unwrap().as_string::<i32>();
        array.iter().map(|t| t.map(str::to_owned)).collect::<Vec<_>>()
    };
    rows.iter().flat_map(owned).collect()
}

pub fn dates(rows: &[RecordBatch], column: &str) -> Vec<String> {
    let shown = |b: &RecordBatch| {
        let array = b.column_by_name(column).unwrap().as_primitive::<Date32Type>();
        (0..array.len()).map(|i| array.value_as_date(i).map(|d| d.to_string()).unwrap_or_default()).collect::<Vec<_>>()
    };
    rows.iter().flat_map(shown).collect()
}

pub const SETTLEMENT_HEADER: &str = "settle_id,id_no,visit_type,settle_date,diag_code,total_fee,days,is_refund";

/// A good settlement row.
pub fn settlement(n: u32) -> String {
    format!("S{n:06},{},住院,2026-08-15,C34.1,{},7,否", id_no(n % 400), 1000 + n)
}

/// Ninety good rows and the given ones behind them, so that few broken ones do not hold the batch.
pub fn settlements_with(rows: &[String]) -> String {
    let mut text = SETTLEMENT_HEADER.to_owned() + "\n";
    for n in 0..90 {
        text += &(settlement(n) + "\n");
    }
    for row in rows {
        text += &(row.clone() + "\n");
    }
    text
}

pub fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, bytes) in entries {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A workbook of Excel 97 with one sheet of texts.
pub fn xls(rows: &[Vec<String>]) -> Vec<u8> {
    use std::io::Write;
    let record = |out: &mut Vec<u8>, kind: u16, data: &[u8]| {
        out.extend(kind.to_le_bytes());
        out.extend((data.len() as u16).to_le_bytes());
        out.extend(data);
    };
    let begin = |out: &mut Vec<u8>, kind: u16| {
        let data: Vec<u8> =
            [0x0600, kind, 0x0dbb, 0x07cc, 0, 0, 6, 0].iter().flat_map(|n: &u16| n.to_le_bytes()).collect();
        record(out, 0x0809, &data);
    };
    let mut book = Vec::new();
    begin(&mut book, 5);
    record(&mut book, 0x0042, &1200_u16.to_le_bytes());
    let sheet_at = book.len() as u32 + 4 + 12 + 4;
    let mut sheet = sheet_at.to_le_bytes().to_vec();
    sheet.extend([0, 0, 4, 0]);
    sheet.extend(b"data");
    record(&mut book, 0x0085, &sheet);
    record(&mut book, 0x000a, &[]);
    assert_eq!(book.len() as u32, sheet_at);
    begin(&mut book, 0x10);
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0) as u16;
    let mut size = vec![0, 0, 0, 0];
    size.extend((rows.len() as u32).to_le_bytes());
    size.extend([0, 0]);
    size.extend(columns.to_le_bytes());
    size.extend([0, 0]);
    record(&mut book, 0x0200, &size);
    for (r, row) in rows.iter().enumerate() {
        for (c, cell) in row.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let text: Vec<u16> = cell.encode_utf16().collect();
            let mut label: Vec<u8> =
                [r as u16, c as u16, 0, text.len() as u16].iter().flat_map(|n| n.to_le_bytes()).collect();
            label.push(1);
            label.extend(text.iter().flat_map(|unit| unit.to_le_bytes()));
            record(&mut book, 0x0204, &label);
        }
    }
    record(&mut book, 0x000a, &[]);
    let room = std::io::Cursor::new(Vec::new());
    let mut file = cfb::CompoundFile::create_with_version(cfb::Version::V3, room).unwrap();
    file.create_stream("/Workbook").unwrap().write_all(&book).unwrap();
    file.flush().unwrap();
    file.into_inner().into_inner()
}
