//! The files as a reader meets them: right encodings and titles, counted rows, right numbers, equal bytes.

use calamine::Reader;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tuodi_pack::assessment::Assessment;
use tuodi_pack::id_no::IdNo;
use tuodi_pack::region::{Area, Region, RegionLevel, Regions};
use tuodi_pack::source::{Column, ColumnType, Source};
use tuodi_synth::{Options, Report, SynthError, generate};

const PACK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/qingyan");

fn regions() -> Regions {
    #[derive(serde::Deserialize)]
    struct Row {
        code: String,
        parent: String,
        name_zh: String,
        name_en: String,
        area: String,
    }
    let mut reader = csv::Reader::from_path(Path::new(PACK).join("regions.csv")).expect("regions.csv");
    Regions::new(reader.deserialize::<Row>().map(|row| {
        let row = row.expect("a region");
        Region {
            level: RegionLevel::of_code(&row.code),
            parent: (!row.parent.is_empty()).then_some(row.parent),
            name: tuodi_pack::Text::new(row.name_zh, row.name_en),
            area: match row.area.as_str() {
                "urban" => Some(Area::Urban),
                "rural" => Some(Area::Rural),
                _ => None,
            },
            code: row.code,
        }
    }))
}

fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    for entry in std::fs::read_dir(Path::new(PACK).join("sources")).expect("sources") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a contract");
        sources.push(toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display())));
    }
    sources
}

/// The pack's questionnaire.
fn form() -> Assessment {
    let text = std::fs::read_to_string(Path::new(PACK).join("assessment/index.toml")).expect("the questionnaire");
    toml::from_str(&text).expect("a questionnaire")
}

fn make(dir: &Path, people: u64, seed: u64, clean: bool) -> Report {
    make_on(NaiveDate::from_ymd_opt(2026, 9, 1).expect("a date"), dir, people, seed, clean)
}

fn make_on(as_of: NaiveDate, dir: &Path, people: u64, seed: u64, clean: bool) -> Report {
    generate(dir, &Options { people, seed, clean, as_of, form: form(), recipients: None }, &regions(), &|_| {})
        .expect("a district")
}

/// A messy district of 30,000 people, made once for all tests.
fn messy() -> &'static (tempfile::TempDir, Report) {
    static MESSY: OnceLock<(tempfile::TempDir, Report)> = OnceLock::new();
    MESSY.get_or_init(|| {
        let dir = tempfile::tempdir().expect("a folder");
        let report = make(dir.path(), 30_000, 20_260_901, false);
        (dir, report)
    })
}

#[derive(serde::Deserialize)]
struct Expected {
    alerts: BTreeMap<String, u64>,
    files: Vec<FileCount>,
}

#[derive(serde::Deserialize)]
struct FileCount {
    file: String,
    source: String,
    rows: u64,
    good: u64,
    duplicates: u64,
    broken: u64,
}

fn expected(dir: &Path) -> Expected {
    let text = std::fs::read(dir.join("truth/expected.json")).expect("expected.json");
    serde_json::from_slice(&text).expect("what was expected")
}

/// All rows of a file as text, title rows and header included.
fn cells(path: &Path) -> Vec<Vec<String>> {
    if path.extension().is_some_and(|e| e == "xlsx") {
        let mut book: calamine::Xlsx<_> = calamine::open_workbook(path).expect("a workbook");
        let sheet = book.worksheet_range_at(0).expect("a sheet").expect("cells");
        return sheet.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
    }
    let bytes = std::fs::read(path).expect("a file");
    let text = match String::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        Err(e) => {
            let (text, _, wrong) = encoding_rs::GB18030.decode(e.as_bytes());
            assert!(!wrong, "{} is neither UTF-8 nor GB18030", path.display());
            text.into_owned()
        }
    };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    reader.records().map(|r| r.expect("a row").iter().map(str::to_owned).collect()).collect()
}

/// The contract's column that a title names, whatever unit it adds.
fn column<'a>(source: &'a Source, title: &str) -> Option<&'a Column> {
    let plain = title.split(['（', '(']).next().unwrap_or(title);
    source.columns.iter().find(|c| c.name == plain || c.title.zh == plain || c.aliases.iter().any(|a| a == plain))
}

fn data_files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir)
        .expect("a folder")
        .map(|e| e.expect("an entry").path())
        .filter(|p| p.is_file())
        .collect();
    files.sort();
    files
}

/// Checks one folder: each file's header, codes, numbers and count. Returns cells that no contract accepts, by file.
fn read_all(dir: &Path) -> BTreeMap<String, u64> {
    let sources = sources();
    let expected = expected(dir);
    let mut wrong = BTreeMap::new();
    for file in &expected.files {
        let source = sources.iter().find(|s| s.id == file.source).expect("a contract");
        let rows = cells(&dir.join(&file.file));
        let head = rows
            .iter()
            .position(|r| r.len() > 1 && r.iter().all(|c| column(source, c).is_some()))
            .unwrap_or_else(|| panic!("{}: no row is a header of {}", file.file, source.id));
        let columns: Vec<&Column> = rows[head].iter().filter_map(|c| column(source, c)).collect();
        assert_eq!(columns.len(), source.columns.len(), "{}: some columns are missing", file.file);
        assert_eq!((rows.len() - head - 1) as u64, file.rows, "{}", file.file);
        assert_eq!(file.rows, file.good + file.duplicates + file.broken, "{}", file.file);
        let bad = rows[head + 1..].iter().filter(|row| !row.iter().zip(&columns).all(|(c, k)| accepted(c, k))).count();
        wrong.insert(file.file.clone(), bad as u64);
    }
    wrong
}

/// Whether a careful reader would take the cell.
fn accepted(cell: &str, column: &Column) -> bool {
    let cell = cell.trim();
    if cell.is_empty() {
        return column.null;
    }
    match column.kind {
        ColumnType::IdNo => IdNo::parse(cell).is_ok_and(|id| id.as_str().starts_with("99")),
        ColumnType::Enum => column.codes.iter().any(|(code, words)| code == cell || words.iter().any(|w| w == cell)),
        ColumnType::Region => cell.starts_with("9901") && cell.len() == 12,
        ColumnType::Date => cell != "2026-02-30" && cell != "2099-01-01",
        ColumnType::Money => column.min != Some(0) || column.allow_negative_if.is_some() || !cell.starts_with('-'),
        _ => true,
    }
}

#[test]
fn headers_and_words_of_messy_files_are_those_of_the_contracts_and_broken_rows_are_as_many_as_said() {
    let (dir, _) = messy();
    let wrong = read_all(dir.path());
    for file in expected(dir.path()).files {
        assert_eq!(wrong[&file.file], file.broken, "{}", file.file);
    }
}

#[test]
fn tidy_files_hold_nothing_to_correct() {
    let dir = tempfile::tempdir().expect("a folder");
    make(dir.path(), 6_000, 3, true);
    assert!(read_all(dir.path()).values().all(|bad| *bad == 0));
    for file in expected(dir.path()).files {
        assert_eq!(file.rows, file.good, "{}", file.file);
        assert!(file.file.starts_with(&file.source));
        assert!(std::str::from_utf8(&std::fs::read(dir.path().join(&file.file)).expect("a file")).is_ok());
    }
}

#[test]
fn the_report_counts_what_was_written() {
    let (dir, report) = messy();
    let files = expected(dir.path()).files;
    assert_eq!(report.people, 30_000);
    assert_eq!(report.files, files.len() as u64);
    assert_eq!(report.files, data_files(dir.path()).len() as u64);
    assert_eq!(report.rows, files.iter().map(|f| f.rows).sum::<u64>());
    let sources: BTreeSet<&str> = files.iter().map(|f| f.source.as_str()).collect();
    let departments = sources.iter().filter(|s| s.starts_with("DS")).count();
    assert_eq!(departments, 26, "{sources:?}");
    let register: u64 = files.iter().filter(|f| f.source == "DS01").map(|f| f.good).sum();
    assert_eq!(register, 30_000);
}

#[test]
fn every_source_has_duplicates_and_broken_rows_and_numbers_in_old_and_careless_forms() {
    let (dir, _) = messy();
    let mut by_source: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    // the 30th and the 40th row at the latest: shorter files may be without
    for f in expected(dir.path()).files.into_iter().filter(|f| f.good >= 40) {
        let at = by_source.entry(f.source).or_default();
        *at = (at.0 + f.duplicates, at.1 + f.broken);
    }
    assert!(by_source.len() >= 29, "{by_source:?}");
    assert!(by_source.values().all(|(duplicates, broken)| *duplicates > 0 && *broken > 0), "{by_source:?}");
    let ids: Vec<String> = data_files(dir.path())
        .iter()
        .filter(|p| p.to_string_lossy().contains("派出所"))
        .flat_map(|p| cells(p).into_iter().skip(1).filter_map(|r| r.into_iter().next()))
        .collect();
    let some = |what: &str, holds: &dyn Fn(&str) -> bool| assert!(ids.iter().any(|id| holds(id)), "no {what}");
    some("15 digits", &|id| id.trim().len() == 15);
    some("lower-case x", &|id| id.trim_end().ends_with('x'));
    some("full-width digits", &|id| id.contains('９'));
    some("blanks around", &|id| id != id.trim());
}

#[test]
fn a_small_district_has_mistyped_numbers_whatever_day_it_is_made() {
    for day in 22..25 {
        let dir = tempfile::tempdir().expect("a folder");
        make_on(NaiveDate::from_ymd_opt(2026, 11, day).expect("a date"), dir.path(), 3_000, 1, false);
        let mistyped = |cell: &String| cell.len() == 18 && cell.starts_with("99") && IdNo::parse(cell).is_err();
        let files = data_files(dir.path());
        let with = files.iter().filter(|file| cells(file).iter().flatten().any(mistyped)).count();
        assert!(with >= 30, "only {with} files have one on the {day}th");
    }
}

#[test]
fn equal_options_give_equal_bytes() {
    let folders = [tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder")];
    for dir in &folders {
        make(dir.path(), 4_000, 5, false);
    }
    let [first, second] = folders.each_ref().map(|d| data_files(d.path()));
    for (a, b) in first.iter().zip(&second) {
        assert_eq!(a.file_name(), b.file_name());
        assert!(std::fs::read(a).expect("a file") == std::fs::read(b).expect("a file"), "{}", a.display());
    }
    for name in ["alerts.csv", "facts.csv", "tiers.csv", "expected.json"] {
        let [a, b] = folders.each_ref().map(|d| std::fs::read(d.path().join("truth").join(name)).expect("a file"));
        assert!(a == b, "{name}");
    }
}

#[test]
fn a_folder_that_holds_something_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("mine.txt"), "mine").expect("a file");
    let as_of = NaiveDate::from_ymd_opt(2026, 9, 1).expect("a date");
    let options = Options { people: 4_000, seed: 1, clean: true, as_of, ..Options::default() };
    let refused = generate(dir.path(), &options, &regions(), &|_| {});
    assert!(matches!(refused, Err(SynthError::NotEmpty { .. })));
    assert_eq!(data_files(dir.path()).len(), 1);
}

#[test]
fn mess_changes_no_truth() {
    let (tidy, messy) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    make(tidy.path(), 4_000, 6, true);
    make(messy.path(), 4_000, 6, false);
    for name in ["alerts.csv", "facts.csv", "tiers.csv"] {
        let read = |d: &tempfile::TempDir| std::fs::read(d.path().join("truth").join(name)).expect("a file");
        assert!(read(&tidy) == read(&messy), "{name}");
    }
}

#[test]
fn the_truth_has_alerts_of_every_indicator_about_people_with_right_numbers() {
    let (dir, _) = messy();
    let expected = expected(dir.path());
    assert_eq!(expected.alerts.len(), 75);
    assert!(expected.alerts.values().all(|n| *n > 0), "{:?}", expected.alerts);
    let mut reader = csv::Reader::from_path(dir.path().join("truth/alerts.csv")).expect("alerts.csv");
    let rows: Vec<csv::StringRecord> = reader.records().map(|r| r.expect("a row")).collect();
    assert_eq!(rows.len() as u64, expected.alerts.values().sum::<u64>());
    for row in rows {
        assert!(IdNo::parse(&row[1]).is_ok_and(|id| id.as_str().starts_with("99")));
        assert!(matches!(&row[2], "person" | "household"));
    }
}
