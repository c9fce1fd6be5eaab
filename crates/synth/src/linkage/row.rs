//! Rows of the files, as text.

use crate::SynthError;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

/// One person as one clerk wrote them down; a column that is not known is empty.
#[derive(Debug, Default)]
pub struct Row {
    pub id_no: String,
    pub name: String,
    pub sex: String,
    pub birth_date: String,
    pub region_code: String,
    pub address: String,
    /// The others of the household, divided by `、`.
    pub members: String,
}

/// The first file is titled as systems name columns, the second as people do.
const TITLES: [[&str; 8]; 2] = [
    ["record", "id_no", "name", "sex", "birth_date", "region_code", "address", "members"],
    ["编号", "身份证号", "姓名", "性别", "出生日期", "区划代码", "住址", "同住人员"],
];

pub struct Writer {
    path: PathBuf,
    csv: csv::Writer<BufWriter<File>>,
    without_numbers: bool,
}

fn open(path: &Path) -> Result<csv::Writer<BufWriter<File>>, SynthError> {
    let file = File::create(path).map_err(|e| SynthError::file(path, e))?;
    Ok(csv::Writer::from_writer(BufWriter::new(file)))
}

fn failed(path: &Path, error: csv::Error) -> SynthError {
    SynthError::file(path, std::io::Error::other(error))
}

impl Writer {
    pub fn create(path: &Path, file: usize, without_numbers: bool) -> Result<Writer, SynthError> {
        let mut writer = Writer { path: path.to_owned(), csv: open(path)?, without_numbers };
        writer.cells(TITLES[file.min(1)])?;
        Ok(writer)
    }

    fn cells(&mut self, cells: [&str; 8]) -> Result<(), SynthError> {
        let kept = cells.into_iter().enumerate().filter(|(at, _)| *at != 1 || !self.without_numbers);
        self.csv.write_record(kept.map(|(_, cell)| cell)).map_err(|e| failed(&self.path, e))
    }

    pub fn write(&mut self, record: &str, row: &Row) -> Result<(), SynthError> {
        self.cells([
            record,
            &row.id_no,
            &row.name,
            &row.sex,
            &row.birth_date,
            &row.region_code,
            &row.address,
            &row.members,
        ])
    }

    pub fn finish(mut self) -> Result<(), SynthError> {
        self.csv.flush().map_err(|e| SynthError::file(&self.path, e))
    }
}

/// `truth.csv`: each row's person.
pub struct Truth {
    path: PathBuf,
    csv: csv::Writer<BufWriter<File>>,
}

pub fn truth(out: &Path) -> Result<Truth, SynthError> {
    let path = out.join("truth.csv");
    let mut csv = open(&path)?;
    csv.write_record(["record", "person"]).map_err(|e| failed(&path, e))?;
    Ok(Truth { path, csv })
}

impl Truth {
    pub fn write(&mut self, record: &str, person: u32) -> Result<(), SynthError> {
        self.csv.write_record([record, &person.to_string()]).map_err(|e| failed(&self.path, e))
    }

    pub fn finish(mut self) -> Result<(), SynthError> {
        self.csv.flush().map_err(|e| SynthError::file(&self.path, e))
    }
}
