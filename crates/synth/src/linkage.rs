//! Files to try record linkage on: the same people written down twice, with the slips that clerks make, and the truth.
//!
//! [`generate_linkage`] writes two files of equally many rows that share most of their people, or one file with
//! repeated people, and `truth.csv` with the person of each row. Numbers begin with 99. Equal options give equal bytes.
//!
//! The slips and how often they happen are our own reasoning from what the field reports (data-sources.md, typical
//! defects): homophones and look-alikes typed, traditional and withdrawn simplified characters, day and month exchanged,
//! birthdays by the lunar calendar, people who moved, household lists that are not up to date.

mod likeness;
mod row;
mod slips;

use self::row::{Row, Writer};
use self::slips::Slips;
use crate::chance::{Chance, Topic};
use crate::district::District;
use crate::identity::Numbers;
use crate::person::{Name, Person};
use crate::population::Population;
use crate::{SynthError, words};
use chrono::NaiveDate;
use serde::Serialize;
use std::path::Path;
use tuodi_pack::id_no::Sex;
use tuodi_pack::region::Regions;

/// What to write. Equal options give equal files.
#[derive(Debug, Clone)]
pub struct LinkageOptions {
    /// Rows of each file.
    pub rows: u64,
    pub seed: u64,
    pub as_of: NaiveDate,
    /// Share of citizen numbers that are missing or wrong.
    pub broken: f64,
    /// Without the column of numbers.
    pub without_numbers: bool,
    pub form: LinkageForm,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LinkageForm {
    /// `a.csv` and `b.csv`; this share of each file's people is in both.
    TwoFiles { overlap: f64 },
    /// `people.csv`; this share of its rows is about somebody who is there already.
    OneFile { repeated: f64 },
}

/// What was written.
#[derive(Debug, Clone, Serialize)]
pub struct LinkageReport {
    pub people: u64,
    pub files: u64,
    pub rows: u64,
    /// Pairs of rows that are one person.
    pub pairs: u64,
}

/// Surnames in per mille, in the order of [`words::SURNAMES`] (name report of the ministry of public security, 2007 to
/// 2020: the first five are carried by 31 in a hundred, the first hundred by 85); the others fall off with their rank.
const SURNAME_SHARES: &[f64] = &[
    72.5, 71.9, 68.3, 53.8, 45.3, 30.8, 22.9, 22.3, 21.2, 20.5, 16.7, 15.4, 13.1, 12.6, 12.1, 11.8, 11.7, 11.5, 10.5,
    8.6,
];

/// The words that names are drawn from, commonest first, with how often each is drawn.
struct NameShares {
    surnames: Vec<f64>,
    given: [Vec<f64>; 2],
}

impl NameShares {
    fn new() -> NameShares {
        let surname = |rank: usize| SURNAME_SHARES.get(rank).copied().unwrap_or(160.0 / (rank as f64 + 1.0));
        // Zipf's law with an offset: the commonest character of a given name is in about one name in fifteen.
        let given = |list: &[&str]| cumulated((0..list.len()).map(|rank| 1.0 / (rank as f64 + 6.0)));
        NameShares {
            surnames: cumulated((0..words::SURNAMES.len()).map(surname)),
            given: [given(words::GIVEN_MALE), given(words::GIVEN_FEMALE)],
        }
    }

    fn surname(&self, chance: &mut Chance) -> u16 {
        drawn(&self.surnames, chance)
    }

    /// One given name in eight has one character.
    fn given(&self, sex: Sex, chance: &mut Chance) -> [u16; 2] {
        let shares = &self.given[usize::from(sex == Sex::Female)];
        let first = drawn(shares, chance);
        let second = match () {
            () if chance.happens(0.12) => u16::MAX,
            () if chance.happens(0.002) => 1000 + chance.below(words::GIVEN_RARE.len()) as u16,
            () => drawn(shares, chance),
        };
        [first, second]
    }
}

fn cumulated(shares: impl Iterator<Item = f64>) -> Vec<f64> {
    let sums = shares.scan(0.0, |sum, share| {
        *sum += share;
        Some(*sum)
    });
    sums.collect()
}

fn drawn(cumulated: &[f64], chance: &mut Chance) -> u16 {
    let at = chance.share() * cumulated.last().copied().unwrap_or(0.0);
    cumulated.partition_point(|sum| *sum < at).min(cumulated.len() - 1) as u16
}

/// Writes the files and `truth.csv` into `out`, which must be new or empty.
pub fn generate_linkage(
    out: &Path,
    options: &LinkageOptions,
    regions: &Regions,
    progress: &dyn Fn(&str),
) -> Result<LinkageReport, SynthError> {
    if std::fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(SynthError::NotEmpty { path: out.to_owned() });
    }
    let rows = options.rows as usize;
    let people = match options.form {
        LinkageForm::TwoFiles { overlap } => rows + rows - (rows as f64 * overlap).round() as usize,
        LinkageForm::OneFile { repeated } => rows - (rows as f64 * repeated).round() as usize,
    };
    let mut chance = Chance::new(options.seed, Topic::Linkage);
    let district = populated(people, options, regions, &mut chance)?;
    progress(&format!("people: {}, households: {}", district.people.len(), district.households.len()));
    std::fs::create_dir_all(out).map_err(|e| SynthError::file(out, e))?;
    let mut order: Vec<u32> = (0..people as u32).collect();
    shuffle(&mut order, &mut chance);
    let files: Vec<(&str, &str, Vec<u32>)> = match options.form {
        LinkageForm::TwoFiles { .. } => {
            let (mut a, mut b) = (order[..rows].to_vec(), order[people - rows..].to_vec());
            shuffle(&mut a, &mut chance);
            shuffle(&mut b, &mut chance);
            vec![("a.csv", "A", a), ("b.csv", "B", b)]
        }
        LinkageForm::OneFile { .. } => {
            let repeats: Vec<u32> = (people..rows).map(|_| order[chance.below(people)]).collect();
            let mut all = order;
            all.extend(repeats);
            shuffle(&mut all, &mut chance);
            vec![("people.csv", "P", all)]
        }
    };
    let mut truth = row::truth(out)?;
    let mut slips = Slips { district: &district, options, chance: &mut chance };
    let mut written = vec![0u64; people];
    for (file, (name, letter, persons)) in files.iter().enumerate() {
        let mut writer = Writer::create(&out.join(name), file, options.without_numbers)?;
        for (at, &person) in persons.iter().enumerate() {
            let record = format!("{letter}{:07}", at + 1);
            let again = file > 0 || written[person as usize] > 0;
            let row: Row = slips.write_down(person, again);
            writer.write(&record, &row)?;
            truth.write(&record, person)?;
            written[person as usize] += 1;
        }
        writer.finish()?;
        progress(&format!("{name}: {} rows", persons.len()));
    }
    truth.finish()?;
    Ok(LinkageReport {
        people: people as u64,
        files: files.len() as u64,
        rows: files.iter().map(|(_, _, persons)| persons.len() as u64).sum(),
        pairs: written.iter().map(|n| n * n.saturating_sub(1) / 2).sum(),
    })
}

/// A district of so many people, with names as often as they are met.
fn populated(
    people: usize,
    options: &LinkageOptions,
    regions: &Regions,
    chance: &mut Chance,
) -> Result<District, SynthError> {
    let mut district = District::on_map(regions, options.as_of).ok_or(SynthError::NoVillages)?;
    let mut population = Population { district: &mut district, numbers: Numbers::default() };
    population.fill(people, chance);
    let shares = NameShares::new();
    for household in 0..district.households.len() {
        let members = district.households[household].members();
        // Who shared a surname still shares one.
        let mut surnames: Vec<(u16, u16)> = Vec::new();
        for person in &mut district.people[members] {
            let Person { name, sex, .. } = person;
            let known = surnames.iter().find(|(old, _)| *old == name.surname).map(|(_, new)| *new);
            let surname = known.unwrap_or_else(|| {
                let new = shares.surname(chance);
                surnames.push((name.surname, new));
                new
            });
            *name = Name { surname, given: shares.given(*sex, chance) };
        }
    }
    Ok(district)
}

fn shuffle<T>(all: &mut [T], chance: &mut Chance) {
    for at in (1..all.len()).rev() {
        all.swap(at, chance.below(at + 1));
    }
}
