//! Reading a pack's folder. Every problem is returned with file, line and fix, not the first only.

use crate::{
    Calendar, Files, Pack, Text,
    assessment::Assessment,
    calendar::CalendarFile,
    case::WorkedCase,
    check::{self, RegionLine},
    conflict::Conflicts,
    facts::FactGroup,
    indicator::Indicator,
    library::Library,
    pack::Info,
    parameter::Parameters,
    programme::Programme,
    recover,
    region::{Area, Region, RegionLevel, Regions},
    services::Services,
    simulation::Simulation,
    source::Source,
    verification::Verification,
    workflow::Workflow,
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

/// A folder as far as it could be read. Only a pack without problems may be used; see [`Pack::read`].
#[derive(Debug, Clone)]
pub struct Read {
    /// `None` where `pack.toml` itself could not be read.
    pub pack: Option<Pack>,
    pub problems: Vec<Problem>,
}

struct Reader<'a> {
    dir: &'a Path,
    files: Files,
    problems: Vec<Problem>,
}

const FOLDERS: [&str; 7] = ["sources", "facts", "programmes", "indicators", "assessment", "services", "cases"];

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
                self.files.lose(file, String::new(), String::new());
                let message = match e.kind() {
                    std::io::ErrorKind::NotFound => "the file is missing".to_owned(),
                    std::io::ErrorKind::InvalidData => "the file is not UTF-8".to_owned(),
                    _ => format!("cannot be read: {e}"),
                };
                self.problem(file, 1, message, "add the file, in UTF-8");
                None
            }
        }
    }

    fn toml<T: DeserializeOwned>(&mut self, file: &str) -> Option<T> {
        let text = self.text(file)?;
        let parsed = recover::parse(&text);
        for mistake in &parsed.mistakes {
            self.problem(file, mistake.line, &mistake.message, &mistake.fix);
        }
        if !parsed.mistakes.is_empty() {
            self.files.lose(file, parsed.understood, parsed.lost);
        }
        parsed.value
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

    /// Folders that no part of a pack has: a misspelt name would leave its rules out in silence. Facts need two files.
    fn strangers(&mut self) {
        for entry in std::fs::read_dir(self.dir).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.path().is_dir() && !FOLDERS.contains(&name.as_str()) && !name.starts_with('.') {
                let fix = format!("rename or remove it; a pack has the folders {}", FOLDERS.join(", "));
                self.problem(&name, 1, format!("the folder {name:?} is no part of a pack and would not be read"), fix);
            }
        }
        for file in self.files("facts", "sql") {
            let toml = file.replace(".sql", ".toml");
            if !self.dir.join(&toml).exists() {
                self.problem(&file, 1, format!("{toml} is missing beside it"), "declare the group and its facts there");
            }
        }
    }

    /// Notes where each service, matter and resource stands; an id that two of a list share is a problem.
    fn settle_services(&mut self, file: &str, entries: &Services) {
        let ids = |list: &str, ids: Vec<&str>| -> Vec<(String, String)> {
            ids.into_iter().map(|id| (format!("services/{list}"), id.to_owned())).collect()
        };
        let all = [
            ids("category", entries.categories.iter().map(|e| e.id.as_str()).collect()),
            ids("provider", entries.providers.iter().map(|e| e.id.as_str()).collect()),
            ids("funding", entries.fundings.iter().map(|e| e.id.as_str()).collect()),
            ids("service", entries.services.iter().map(|e| e.id.as_str()).collect()),
            ids("department", entries.departments.iter().map(|e| e.id.as_str()).collect()),
            ids("matter", entries.matters.iter().map(|e| e.id.as_str()).collect()),
            ids("resource", entries.resources.iter().map(|e| e.id.as_str()).collect()),
        ];
        for list in all {
            for (i, (folder, id)) in list.into_iter().enumerate() {
                if let Some(first) = self.files.settle(&folder, &id, file) {
                    let line = self.files.line(file, &format!("{}/{i}/id", folder.trim_start_matches("services/")));
                    let message = format!("id {id:?} is already in {first}");
                    self.problem(file, line, message, "ids are used once in a list: rename or remove one of them");
                }
            }
        }
    }

    fn regions(&mut self, languages: &[String]) -> Regions {
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
        self.problems.extend(check::regions(&rows, languages));
        Regions::new(rows.into_iter().map(|r| r.region))
    }
}

impl Pack {
    /// Reads the folder and refuses a pack with a problem. Structure is checked too; expressions are checked by the
    /// engine, which can type them.
    pub fn load(dir: &Path) -> Result<Pack, Problems> {
        match Pack::read(dir) {
            Read { pack: Some(pack), problems } if problems.is_empty() => Ok(pack),
            Read { problems, .. } => Err(Problems(problems)),
        }
    }

    /// Reads the folder as far as it can be understood, with every problem of its structure: what stands beside a
    /// mistake is still read, so that all mistakes are told at once.
    pub fn read(dir: &Path) -> Read {
        let mut reader = Reader { dir, files: Files::default(), problems: Vec::new() };
        let info: Option<Info> = reader.toml("pack.toml");
        let calendar: Option<CalendarFile> = reader.toml("calendar.toml");
        let parameters: Option<Parameters> = reader.toml("parameters.toml");
        // A pack need not assess anybody.
        let assessment: Option<Assessment> = match dir.join("assessment/index.toml").exists() {
            true => reader.toml("assessment/index.toml"),
            false => Some(Assessment::default()),
        };
        let workflow: Option<Workflow> = match dir.join("workflow.toml").exists() {
            true => reader.toml("workflow.toml"),
            false => None,
        };
        let verification: Option<Verification> = match dir.join("verification.toml").exists() {
            true => reader.toml("verification.toml"),
            false => None,
        };
        let simulation: Option<Simulation> = match dir.join("simulation.toml").exists() {
            true => reader.toml("simulation.toml"),
            false => None,
        };
        let conflicts: Option<Conflicts> = match dir.join("conflicts.toml").exists() {
            true => reader.toml("conflicts.toml"),
            false => None,
        };
        let library: Option<Library> = match dir.join("library.toml").exists() {
            true => reader.toml("library.toml"),
            false => None,
        };
        let languages = info.as_ref().map(|i| i.languages.clone()).unwrap_or_default();
        let regions = reader.regions(&languages);
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
        let mut services = Services::default();
        for file in reader.files("services", "toml") {
            if let Some(entries) = reader.toml::<Services>(&file) {
                reader.settle_services(&file, &entries);
                services.add(entries);
            }
        }
        let cases: Vec<WorkedCase> = reader.each("cases", |c: &WorkedCase| &c.id);
        reader.strangers();
        let Some(info) = info else { return Read { pack: None, problems: reader.problems } };
        let calendar = calendar.map(Calendar::from).unwrap_or_default();
        let (parameters, assessment) = (parameters.unwrap_or_default(), assessment.unwrap_or_default());
        let pack = Pack {
            info,
            regions,
            calendar,
            parameters,
            sources,
            facts,
            programmes,
            indicators,
            assessment,
            services,
            simulation: simulation.unwrap_or_default(),
            workflow: workflow.unwrap_or_default(),
            library: library.unwrap_or_default(),
            verification: verification.unwrap_or_default(),
            conflicts: conflicts.unwrap_or_default(),
            cases,
            digest: reader.files.digest(),
            files: reader.files,
        };
        let mut problems = reader.problems;
        problems.extend(check::structure(&pack));
        Read { pack: Some(pack), problems }
    }
}
