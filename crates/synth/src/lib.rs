//! A synthetic district: people who do not exist, departments' files as messy as real ones, and the truth about them.
//!
//! [`generate`] writes one folder. Every citizen number in it begins with 99, which no real number does. Equal options
//! give equal bytes. The truth (`truth/`) is reckoned from the people themselves by plain code.
//!
//! How much is sent: a register of the whole district and, beyond it, what a store for monitoring people on low incomes
//! needs. Departments answer about families who are or were in the low-income pool, one in eight of the others, elders
//! from 70 and certificate holders ([`district::District::monitored`], [`district::District::watch`]); meters about a
//! third of the poor and a quarter of those who live alone. At 550,000 people that is about 1.9 million rows of 26
//! sources, the size of a province's platform that the field reports (1.85 million); the platform's own sources (price
//! index, clues, declarations, assessments, steps of cases) come on top.
//!
//! This room never uses the engine, never reads a fact, a programme or an indicator of a pack (only its map and its
//! questionnaire), never reads the clock and never looks at real data.

mod assessments;
mod assistance;
mod calamity;
mod cell;
mod chance;
mod children;
mod clue;
mod declared;
mod departments;
mod disease;
mod district;
mod enrolment;
mod fate;
mod file;
mod fund;
mod housing;
mod identity;
mod illness;
mod jobs;
mod linkage;
mod livelihood;
mod marriage;
mod month;
mod partner;
mod person;
mod planted;
mod population;
mod price;
mod property;
mod recipients;
mod rows;
mod rural;
mod school;
mod sheet;
mod steps;
mod stories;
mod taxes;
mod truth;
mod utility;
mod words;

pub use self::file::FileReport;
pub use self::linkage::{LinkageForm, LinkageOptions, LinkageReport, generate_linkage};
pub use self::recipients::Recipients;

use self::chance::{Chance, Topic};
use self::district::District;
use self::identity::Numbers;
use self::planted::{Family, Plant};
use self::population::Population;

use chrono::NaiveDate;
use serde::Serialize;
use std::path::{Path, PathBuf};
use tuodi_pack::assessment::Assessment;
use tuodi_pack::region::Regions;

/// What to make. Equal options give equal files.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Persons in the household register.
    pub people: u64,
    pub seed: u64,
    /// Tidy UTF-8 files with column names, without slips, duplicates or broken rows.
    pub clean: bool,
    /// The day the files are sent; nothing in them is later.
    pub as_of: NaiveDate,
    /// The questionnaire of the six-dimension assessments that an older system holds; without items there are none.
    pub form: Assessment,
    /// Exactly so many people on a disability subsidy, for a study of overlaps; without it, as many as chance gives.
    pub recipients: Option<Recipients>,
}

/// What was made.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub people: u64,
    pub households: u64,
    pub files: u64,
    /// Data rows in all departmental files.
    pub rows: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum SynthError {
    #[error("a district needs at least {least} people, {asked} were asked for")]
    TooFewPeople { asked: u64, least: u64 },
    #[error("{wanted} people on a disability subsidy cannot be had: {why}")]
    Recipients { wanted: u64, why: &'static str },
    #[error("the pack's regions have no county with villages")]
    NoVillages,
    #[error("{path} is not empty; name a new folder, or empty this one")]
    NotEmpty { path: PathBuf },
    #[error("{path} cannot be written")]
    File { path: PathBuf, source: std::io::Error },
    #[error("the workbook {path} cannot be written")]
    Workbook { path: PathBuf, source: Box<rust_xlsxwriter::XlsxError> },
    #[error("the workbook {path} has more rows than a worksheet holds")]
    SheetFull { path: PathBuf },
}

impl SynthError {
    fn file(path: &Path, source: std::io::Error) -> SynthError {
        SynthError::File { path: path.to_owned(), source }
    }

    fn sheet(path: &Path, source: rust_xlsxwriter::XlsxError) -> SynthError {
        SynthError::Workbook { path: path.to_owned(), source: Box::new(source) }
    }
}

/// Fewer people would leave no room for the households that are laid out by hand.
pub const LEAST_PEOPLE: u64 = 1_000;

/// Writes the district's departmental files into `out` and the truth into `out/truth`.
///
/// `out` must be new or empty. The files are written beside it and moved there when all are done, so that a district
/// that was interrupted is never taken for a whole one. `progress` hears of each step and each file as it is done.
pub fn generate(
    out: &Path,
    options: &Options,
    regions: &Regions,
    progress: &dyn Fn(&str),
) -> Result<Report, SynthError> {
    if std::fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(SynthError::NotEmpty { path: out.to_owned() });
    }
    let work = unfinished(out);
    if work.exists() {
        std::fs::remove_dir_all(&work).map_err(|e| SynthError::file(&work, e))?;
    }
    let (district, plants, families) = make(options, regions, progress)?;
    std::fs::create_dir_all(&work).map_err(|e| SynthError::file(&work, e))?;
    let files = departments::write_all(&district, &work, options, progress)?;
    let view = truth::View::of(&district);
    let alerts = truth::alerts(&view);
    truth::write(&work, &view, &alerts, (&plants, &families), &files, options)?;
    std::fs::rename(&work, out).map_err(|e| SynthError::file(out, e))?;
    progress(&format!("truth: {} alerts", alerts.len()));
    Ok(Report {
        people: district.people.len() as u64,
        households: district.households.len() as u64,
        files: files.len() as u64,
        rows: files.iter().map(|f| f.rows).sum(),
    })
}

/// Where a district is written until it is whole: `demo` becomes `demo.unfinished`, in the same folder.
fn unfinished(out: &Path) -> PathBuf {
    let mut name = out.file_name().map_or_else(|| "district".into(), |n| n.to_owned());
    name.push(".unfinished");
    out.with_file_name(name)
}

/// The district itself, with what was planted in it.
fn make(
    options: &Options,
    regions: &Regions,
    progress: &dyn Fn(&str),
) -> Result<(District, Vec<Plant>, Vec<Family>), SynthError> {
    if options.people < LEAST_PEOPLE {
        return Err(SynthError::TooFewPeople { asked: options.people, least: LEAST_PEOPLE });
    }
    let mut district = District::on_map(regions, options.as_of).ok_or(SynthError::NoVillages)?;
    let chance = |topic| Chance::new(options.seed, topic);
    let mut population = Population { district: &mut district, numbers: Numbers::default() };
    let (plants, families) = planted::lay_out(&mut population, &mut chance(Topic::Plan));
    population.fill(options.people as usize, &mut chance(Topic::Population));
    progress(&format!("people: {}, households: {}", district.people.len(), district.households.len()));
    stories::tell(&mut district, &mut chance(Topic::Story));
    fate::befall(&mut district, &mut chance(Topic::Fate));
    let mut illness = chance(Topic::Illness);
    illness::certify(&mut district, &mut illness);
    district.watch();
    livelihood::earn(&mut district, &mut chance(Topic::Livelihood));
    illness::settle(&mut district, &mut illness);
    disease::register(&mut district, &mut chance(Topic::Disease));
    enrolment::enrol(&mut district, &mut chance(Topic::Enrolment));
    marriage::wed(&mut district, &mut chance(Topic::Marriage));
    children::list(&mut district, &mut chance(Topic::Children));
    jobs::note(&mut district, &mut chance(Topic::Jobs));
    school::enrol(&mut district, &mut chance(Topic::School));
    housing::house(&mut district, &mut chance(Topic::Housing));
    calamity::strike(&mut district, &mut chance(Topic::Calamity));
    clue::hear(&mut district, &mut chance(Topic::Clue));
    property::own(&mut district, &mut chance(Topic::Property));
    assistance::assist(&mut district, &mut chance(Topic::Assistance));
    taxes::declare(&mut district, &mut chance(Topic::Tax));
    fund::open(&mut district, &mut chance(Topic::Fund));
    rural::watch(&mut district, &mut chance(Topic::Rural));
    partner::help(&mut district, &mut chance(Topic::Partner));
    utility::read(&mut district, &mut chance(Topic::Utility));
    declared::declare(&mut district, &mut chance(Topic::Declared));
    assessments::ask(&mut district, &options.form, &mut chance(Topic::Assessment));
    steps::follow(&mut district, &mut chance(Topic::Step));
    price::publish(&mut district);
    if let Some(wanted) = options.recipients {
        recipients::fit(&mut district, wanted, &mut chance(Topic::Recipients))?;
    }
    Ok((district, plants, families))
}

#[cfg(test)]
mod tests;
