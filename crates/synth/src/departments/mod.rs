//! What each department sends: which files, in which form, with which titles.
//!
//! Titles and words follow the pack's source contracts (`sources/*.toml`); a test holds every header against them.

mod civil;
mod emergency;
mod family;
mod health;
mod history;
mod medical;
mod partners;
mod police;
mod property;
mod social;
mod tax;
mod utility;
mod work;

use crate::cell::{Cell, Column, DateForm, MoneyForm, Spelling};
use crate::chance::{Chance, Topic};
use crate::district::District;
use crate::file::{self, FaultAt, FileReport, FileSpec};
use crate::sheet::Format;
use crate::{Options, SynthError};
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};
use std::path::Path;

/// How a department's own system exports, before `--clean` overrides it.
struct Habit {
    /// Name without extension, as the department writes it.
    name: String,
    format: Format,
    spelling: Spelling,
    preface: Vec<String>,
}

struct Source {
    id: &'static str,
    table: &'static str,
    columns: &'static [Column],
    faults: &'static [FaultAt],
}

struct Desk<'a> {
    district: &'a District,
    dir: &'a Path,
    clean: bool,
    chance: Chance,
    reports: Vec<FileReport>,
    progress: &'a dyn Fn(&str),
}

const fn spelling(money: MoneyForm, dates: DateForm, chinese: bool) -> Spelling {
    Spelling { money, dates, chinese, slips: true }
}

pub fn write_all(
    district: &District,
    dir: &Path,
    options: &Options,
    progress: &dyn Fn(&str),
) -> Result<Vec<FileReport>, SynthError> {
    let mut desk = Desk {
        district,
        dir,
        clean: options.clean,
        chance: Chance::new(options.seed, Topic::Mess),
        reports: Vec::new(),
        progress,
    };
    police::household_register(&mut desk)?;
    police::vehicles(&mut desk)?;
    police::custody(&mut desk)?;
    health::deaths(&mut desk)?;
    health::settlements(&mut desk)?;
    civil::roster(&mut desk)?;
    civil::payments(&mut desk)?;
    civil::certificates(&mut desk)?;
    civil::subsidies(&mut desk)?;
    social::insurance(&mut desk)?;
    property::estates(&mut desk)?;
    property::entities(&mut desk)?;
    property::assets(&mut desk)?;
    family::marriages(&mut desk)?;
    family::children(&mut desk)?;
    medical::enrolments(&mut desk)?;
    medical::diseases(&mut desk)?;
    work::jobs(&mut desk)?;
    work::pupils(&mut desk)?;
    emergency::housing(&mut desk)?;
    emergency::calamities(&mut desk)?;
    emergency::clues(&mut desk)?;
    tax::taxes(&mut desk)?;
    tax::funds(&mut desk)?;
    partners::rural(&mut desk)?;
    partners::partners(&mut desk)?;
    utility::meters(&mut desk)?;
    history::declared(&mut desk)?;
    history::assessments(&mut desk)?;
    history::steps(&mut desk)?;
    history::prices(&mut desk)?;
    Ok(desk.reports)
}

impl<'a> Desk<'a> {
    /// Writes one file of a source. `part` tells a source's files apart in their tidy names.
    fn file<R>(
        &mut self,
        source: &Source,
        part: &str,
        habit: Habit,
        mut rows: impl Iterator<Item = R>,
        cells: impl Fn(&'a District, R, &mut Vec<Cell<'a>>),
    ) -> Result<(), SynthError> {
        let extension = if habit.format == Format::Xlsx { "xlsx" } else { "csv" };
        let joined = if part.is_empty() { String::new() } else { format!("_{part}") };
        let spec = if self.clean {
            FileSpec {
                source: source.id,
                name: format!("{}_{}{joined}.csv", source.id, source.table),
                format: Format::Utf8,
                spelling: Spelling::CLEAN,
                preface: Vec::new(),
                columns: source.columns,
                faults: source.faults,
            }
        } else {
            FileSpec {
                source: source.id,
                name: format!("{}.{extension}", habit.name),
                format: habit.format,
                spelling: habit.spelling,
                preface: habit.preface,
                columns: source.columns,
                faults: source.faults,
            }
        };
        let district = self.district;
        let report = file::write(self.dir, &spec, &mut self.chance, |out| match rows.next() {
            Some(row) => {
                cells(district, row, out);
                true
            }
            None => false,
        })?;
        (self.progress)(&format!("{}: {}", report.file, report.rows));
        self.reports.push(report);
        Ok(())
    }

    /// The month the files were made in: the last whole one before the day asked about.
    fn stamp(&self) -> String {
        let day = self.district.as_of.pred_opt().unwrap_or(self.district.as_of);
        format!("{}{:02}", day.year(), day.month())
    }
}

/// A time of day that belongs to a row: office hours, spread by the number.
fn clock(day: NaiveDate, number: u64) -> NaiveDateTime {
    let seconds = 8 * 3600 + (crate::cell::mix(number) % 34_000) as u32;
    day.and_time(NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).unwrap_or_default())
}

fn or_nothing<'a, T>(value: Option<T>, cell: impl Fn(T) -> Cell<'a>) -> Cell<'a> {
    value.map_or(Cell::Nothing, cell)
}
