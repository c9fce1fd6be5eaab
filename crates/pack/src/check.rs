//! Structural checks of a pack: names, references, dates, units, bases, translations. A mistake is found when the pack
//! loads, not by the household that meets it.
//!
//! Types of expressions are the engine's to check; here a text is only scanned for the parameters it names.

mod agreements;
mod appraisal;
mod cases;
mod conflicts;
mod contracts;
mod deciders;
mod emergency;
mod form;
mod hints;
mod library;
mod living;
mod mandate;
mod parameters;
mod payments;
mod places;
mod reassess;
mod rules;
mod services;
mod stages;
mod texts;
mod trials;
mod units;
mod verification;
mod visit;
mod workflow;

use crate::{Files, Lang, Pack, load::Problem, near::nearest, pack::Legal};
use std::collections::BTreeSet;

pub use hints::hints;
pub(crate) use places::{RegionLine, regions};

/// Every structural problem of a loaded pack.
pub fn structure(pack: &Pack) -> Vec<Problem> {
    let mut found = Found { pack, problems: Vec::new() };
    found.info();
    contracts::check(&mut found);
    parameters::check(&mut found);
    rules::check(&mut found);
    stages::check(&mut found);
    units::check(&mut found);
    form::check(&mut found);
    cases::check(&mut found);
    workflow::check(&mut found);
    payments::check(&mut found);
    living::check(&mut found);
    reassess::check(&mut found);
    visit::check(&mut found);
    emergency::check(&mut found);
    mandate::check(&mut found);
    appraisal::check(&mut found);
    library::check(&mut found);
    verification::check(&mut found);
    conflicts::check(&mut found);
    texts::check(&mut found);
    trials::check(&mut found);
    found.problems
}

struct Found<'a> {
    pack: &'a Pack,
    problems: Vec<Problem>,
}

impl<'a> Found<'a> {
    fn files(&self) -> &'a Files {
        &self.pack.files
    }

    /// A problem at an entry of a TOML file, by its path in the file.
    fn at(&mut self, file: &str, path: &str, message: impl Into<String>, fix: impl Into<String>) {
        let problem = self.files().problem(file, path, message, fix);
        self.problems.push(problem);
    }

    /// A name that the pack does not know; not told where a part of the pack that could not be read may know it.
    fn unknown(&mut self, name: &str, (file, path): (&str, &str), message: impl Into<String>, fix: impl Into<String>) {
        if !self.files().may_know(name) {
            self.at(file, path, message, fix);
        }
    }

    /// What to do about an unknown name: the known one that is near, or `fix`.
    fn meant(name: &str, known: impl IntoIterator<Item = &'a str>, fix: &str) -> String {
        nearest(name, known.into_iter()).map_or_else(|| fix.to_owned(), |n| format!("did you mean {n}?"))
    }

    fn fact_names(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.pack.facts.iter().flat_map(|g| g.facts.iter().map(|f| f.name.as_str()))
    }

    /// A problem on a line of a file.
    fn on(&mut self, file: &str, line: usize, message: impl Into<String>, fix: impl Into<String>) {
        self.problems.push(Problem { file: file.to_owned(), line, message: message.into(), fix: fix.into() });
    }

    /// A basis names its laws by the ids of `pack.toml`: `DB57 art.8; IM art.9`.
    fn basis(&mut self, file: &str, path: &str, basis: &str) {
        if basis.trim().is_empty() {
            return self.at(file, path, "no legal basis", "say which article, such as basis = \"DB57 art.8\"");
        }
        for part in basis.split([';', '；']).map(str::trim).filter(|p| !p.is_empty()) {
            let id = part.split_whitespace().next().unwrap_or(part);
            if !self.pack.info.legal.iter().any(|l| l.id == id) {
                self.unknown(
                    id,
                    (file, path),
                    format!("basis {part:?} begins with {id:?}, which is not in the list of laws"),
                    Found::meant(
                        id,
                        self.pack.info.legal.iter().map(|l| l.id.as_str()),
                        "use the id of a [[legal]] entry in pack.toml, or add one",
                    ),
                );
            }
        }
    }

    /// Names that must be there once only; `path` gives the place of the entry by its position.
    fn unique<'n>(
        &mut self,
        file: &str,
        what: &str,
        names: impl IntoIterator<Item = &'n str>,
        path: impl Fn(usize) -> String,
    ) {
        let mut seen = BTreeSet::new();
        for (i, name) in names.into_iter().enumerate() {
            if !seen.insert(name) {
                self.at(file, &path(i), format!("{what} {name:?} stands here twice"), "rename or remove one of them");
            }
        }
    }

    fn info(&mut self) {
        let pack = self.pack;
        let info = &pack.info;
        let file = "pack.toml";
        match pack.regions.get(&info.jurisdiction) {
            None => self.unknown(
                &info.jurisdiction,
                (file, "jurisdiction"),
                format!("jurisdiction {} is not in regions.csv", info.jurisdiction),
                "use the code of a county of regions.csv",
            ),
            Some(region) if region.level != crate::region::RegionLevel::County => self.at(
                file,
                "jurisdiction",
                format!("jurisdiction {} is not a county", info.jurisdiction),
                "use the code of the county whose bureau runs this installation",
            ),
            Some(_) => {}
        }
        if info.case_prefix.is_empty() || !info.case_prefix.bytes().all(|b| b.is_ascii_uppercase()) {
            self.at(file, "case_prefix", "case_prefix must be capital letters", "such as case_prefix = \"QY\"");
        }
        for (i, language) in info.languages.iter().enumerate() {
            if !Lang::ALL.iter().any(|l| l.tag() == language) {
                let message = format!("there are no pages in {language:?}");
                self.at(file, &format!("languages/{i}"), message, "list \"zh-CN\", \"en\" or both");
            }
        }
        if info.languages.is_empty() {
            self.at(file, "languages", "the pack is in no language", "list \"zh-CN\", \"en\" or both");
        }
        if let Some(to) = info.effective_to.filter(|to| *to < info.effective_from) {
            self.at(
                file,
                "effective_to",
                format!("effective_to {to} is before effective_from"),
                "put the last day of the pack",
            );
        }
        self.unique(file, "law", info.legal.iter().map(|l: &Legal| l.id.as_str()), |i| format!("legal/{i}/id"));
        self.calendar();
    }

    fn calendar(&mut self) {
        use chrono::Datelike;
        let pack = self.pack;
        let file = "calendar.toml";
        let years: BTreeSet<i32> = pack.calendar.years().collect();
        let from = pack.info.effective_from.year();
        let to = pack.info.effective_to.map_or(from, |d| d.year());
        let lost = self.files().is_lost(file);
        for year in (from..=to).filter(|y| !years.contains(y) && !lost) {
            self.at(
                file,
                "year",
                format!("the calendar has no year {year}, in which the pack is in force"),
                format!("add [[year]] year = {year} with its holidays and workdays"),
            );
        }
        for (path, message) in pack.calendar.oddities() {
            self.at(file, path, message, "correct the date or move it to its year");
        }
    }
}
