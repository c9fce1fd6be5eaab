//! Reading a pack's folder. Every problem is returned with file, line and fix, not the first only.

use crate::{
    Calendar, Files, Pack, Text,
    assessment::Assessment,
    calendar::CalendarFile,
    case::WorkedCase,
    check::{self, RegionLine},
    facts::FactGroup,
    files::line_at,
    indicator::Indicator,
    pack::Info,
    parameter::Parameters,
    programme::Programme,
    region::{Area, Region, RegionLevel, Regions},
    source::Source,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::path::{Path, PathBuf};

/// One thing wrong in a pack's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Path within the pack.
    pub file: String,
    pub line: usize,
    pub message: String,
    pub fix: String,
}

#[derive(Debug, Clone, thiserror::Error)]
pub struct Problems(pub Vec<Problem>);

impl std::fmt::Display for Problems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, p) in self.0.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{}:{}: {} ({})", p.file, p.line, p.message, p.fix)?;
        }
        Ok(())
    }
}

struct Reader<'a> {
    dir: &'a Path,
    files: Files,
    problems: Vec<Problem>,
}

#[derive(Deserialize)]
struct RegionRow {
    code: String,
    level: RegionLevel,
    parent: String,
    name_zh: String,
    name_en: String,
    area: String,
}

impl Reader<'_> {
    fn problem(&mut self, file: &str, line: usize, message: impl Into<String>, fix: impl Into<String>) {
        self.problems.push(Problem { file: file.to_owned(), line, message: message.into(), fix: fix.into() });
    }

    fn text(&mut self, file: &str) -> Option<String> {
        match std::fs::read_to_string(self.dir.join(file)) {
            Ok(text) => {
                self.files.add(file, text.clone());
                Some(text)
            }
            Err(e) => {
                self.problem(file, 1, format!("cannot be read: {e}"), "add the file, in UTF-8");
                None
            }
        }
    }

    fn toml<T: DeserializeOwned>(&mut self, file: &str) -> Option<T> {
        let text = self.text(file)?;
        match toml::from_str(&text) {
            Ok(value) => Some(value),
            Err(e) => {
                let at = e.span().map_or(0, |s| s.start);
                self.problem(file, line_at(&text, at), e.message().to_owned(), "correct the entry named");
                None
            }
        }
    }

    /// Files of a folder with an extension, in name order.
    fn files(&self, folder: &str, extension: &str) -> Vec<String> {
        let mut names: Vec<PathBuf> = std::fs::read_dir(self.dir.join(folder))
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok().map(|e| e.path()))
            .filter(|p| p.extension().is_some_and(|e| e == extension))
            .collect();
        names.sort();
        names.iter().filter_map(|p| p.file_name()?.to_str().map(|n| format!("{folder}/{n}"))).collect()
    }

    /// Every entry of a folder; an id that two files share is a problem.
    fn each<T: DeserializeOwned>(&mut self, folder: &str, id: impl Fn(&T) -> &str) -> Vec<T> {
        let mut entries = Vec::new();
        for file in self.files(folder, "toml") {
            let Some(entry) = self.toml::<T>(&file) else { continue };
            if let Some(first) = self.files.settle(folder, id(&entry), &file) {
                let line = self.files.line(&file, "id");
                let message = format!("id {:?} is already that of {first}", id(&entry));
                self.problem(&file, line, message, "ids are used once: rename or remove one of the files");
            }
            entries.push(entry);
        }
        entries
    }

    fn regions(&mut self) -> Regions {
        let file = "regions.csv";
        let Some(text) = self.text(file) else { return Regions::default() };
        let mut rows = Vec::new();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let mut records = reader.deserialize::<RegionRow>();
        loop {
            let line = records.reader().position().line() as usize;
            let Some(row) = records.next() else { break };
            match row {
                Ok(row) => rows.push(RegionLine {
                    line: line.max(2),
                    region: Region {
                        code: row.code,
                        level: row.level,
                        parent: (!row.parent.is_empty()).then_some(row.parent),
                        name: Text::new(row.name_zh, row.name_en),
                        area: match row.area.as_str() {
                            "urban" => Some(Area::Urban),
                            "rural" => Some(Area::Rural),
                            _ => None,
                        },
                    },
                    area: row.area,
                }),
                Err(e) => {
                    let line = e.position().map_or(line, |p| p.line() as usize);
                    self.problem(file, line, e.to_string(), "six columns: code,level,parent,name_zh,name_en,area")
                }
            }
        }
        self.problems.extend(check::regions(&rows));
        Regions::new(rows.into_iter().map(|r| r.region))
    }
}

impl Pack {
    /// Reads the folder. Structure is checked too; expressions are checked by the engine, which can type them.
    pub fn load(dir: &Path) -> Result<Pack, Problems> {
        let mut reader = Reader { dir, files: Files::default(), problems: Vec::new() };
        let info: Option<Info> = reader.toml("pack.toml");
        let calendar: Option<CalendarFile> = reader.toml("calendar.toml");
        let parameters: Option<Parameters> = reader.toml("parameters.toml");
        let assessment: Option<Assessment> = reader.toml("assessment/index.toml");
        let regions = reader.regions();
        let sources: Vec<Source> = reader.each("sources", |s: &Source| &s.id);
        let mut facts: Vec<FactGroup> = reader.each("facts", |g: &FactGroup| &g.id);
        for group in &mut facts {
            if let Some(sql) = reader.text(&format!("facts/{}.sql", group.id)) {
                group.sql = sql;
            }
        }
        let mut programmes: Vec<Programme> = reader.each("programmes", |p: &Programme| &p.id);
        programmes.sort_by_key(|p| p.order);
        let indicators: Vec<Indicator> = reader.each("indicators", |i: &Indicator| &i.id);
        let cases: Vec<WorkedCase> = reader.each("cases", |c: &WorkedCase| &c.id);
        let (Some(info), Some(calendar), Some(parameters), Some(assessment)) = (info, calendar, parameters, assessment)
        else {
            return Err(Problems(reader.problems));
        };
        let pack = Pack {
            info,
            regions,
            calendar: Calendar::from(calendar),
            parameters,
            sources,
            facts,
            programmes,
            indicators,
            assessment,
            cases,
            files: reader.files,
        };
        let mut problems = reader.problems;
        problems.extend(check::structure(&pack));
        if problems.is_empty() { Ok(pack) } else { Err(Problems(problems)) }
    }
}
