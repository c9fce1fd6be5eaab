//! What bad input gets: a clear error, an exit code, and nothing half-written.

use crate::common::{AS_OF, District, json, refused};
use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
};

fn district() -> District {
    District::new(3_000, 4)
}

/// Only an empty installation.
fn installation() -> District {
    District::empty()
}

fn file_named(district: &District, ends: &str, part: &str) -> PathBuf {
    let mut all: Vec<PathBuf> = walk(Path::new(&district.files()));
    all.sort();
    all.into_iter()
        .find(|p| {
            let name = p.file_name().unwrap().to_string_lossy().into_owned();
            name.ends_with(ends) && name.contains(part)
        })
        .unwrap_or_else(|| panic!("the district has a {part}…{ends}"))
}

fn walk(dir: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(dir)
        .expect("a folder")
        .flat_map(|e| {
            let path = e.expect("an entry").path();
            if path.is_dir() { walk(&path) } else { vec![path] }
        })
        .filter(|p| !p.components().any(|c| c.as_os_str() == "truth"))
        .collect()
}

/// The file is refused with all of these words, and the pool is as empty as before.
fn assert_refused(district: &District, file: &Path, words: &[&str]) {
    let data = district.data();
    let message = refused(&["intake", file.to_str().unwrap(), "--data", &data, "--as-of", AS_OF]);
    for word in words {
        assert!(message.contains(word), "{word:?} is missing in: {message}");
    }
    let pool = Path::new(&data).join("pool");
    let left: Vec<PathBuf> = if pool.exists() { walk(&pool) } else { Vec::new() };
    let left: Vec<_> = left
        .into_iter()
        .filter(|p| p.extension().is_some_and(|e| e == "parquet" || e == "json" || e == "tmp" || e == "sealed"))
        .collect();
    assert!(left.is_empty(), "nothing is left behind: {left:?}");
}

#[test]
fn a_truncated_workbook_is_refused() {
    let district = district();
    let whole = std::fs::read(file_named(&district, ".xlsx", "")).unwrap();
    let file = district.dir.path().join("truncated.xlsx");
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    assert_refused(&district, &file, &["truncated.xlsx"]);
}

#[test]
fn a_csv_of_no_known_source_is_refused() {
    let district = installation();
    let file = district.dir.path().join("weather.csv");
    std::fs::write(&file, "station,temperature\nA,21\n").unwrap();
    // The header is not quoted: in a file of no contract it may be a row of people.
    assert_refused(&district, &file, &["weather.csv", "no header here fits a contract"]);
}

#[test]
fn an_unknown_column_is_named() {
    let district = installation();
    let file = district.dir.path().join("ds17.csv");
    std::fs::write(
        &file,
        "plate_no,owner_id_no,vehicle_type,usage,brand_model,first_reg_date,transfer_date,est_value,status,colour\n",
    )
    .unwrap();
    assert_refused(&district, &file, &["ds17.csv", "colour"]);
}

#[test]
fn a_line_of_ten_megabytes_is_refused_with_its_place() {
    let district = installation();
    let file = district.dir.path().join("long.csv");
    let mut f = File::create(&file).unwrap();
    f.write_all(b"plate_no,owner_id_no,vehicle_type,usage,brand_model,first_reg_date,transfer_date,est_value,status\n")
        .unwrap();
    f.write_all(&vec![b'x'; 10 << 20]).unwrap();
    assert_refused(&district, &file, &["long.csv", "2"]);
}

#[test]
fn a_workbook_that_inflates_without_measure_is_refused() {
    let district = installation();
    let file = district.dir.path().join("bomb.xlsx");
    let mut zip = zip::ZipWriter::new(File::create(&file).unwrap());
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file("xl/worksheets/sheet1.xml", options).unwrap();
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..300 {
        zip.write_all(&zeros).unwrap();
    }
    zip.finish().unwrap();
    assert!(std::fs::metadata(&file).unwrap().len() < 4 << 20);
    assert_refused(&district, &file, &["bomb.xlsx"]);
}

#[test]
fn a_row_with_a_date_that_does_not_exist_is_put_aside_with_its_reason() {
    let district = installation();
    let file = district.dir.path().join("vehicles.csv");
    let mut text = String::from(
        "plate_no,owner_id_no,vehicle_type,usage,brand_model,first_reg_date,transfer_date,est_value,status\n",
    );
    for i in 0..20 {
        let date = if i == 7 { "2025-02-30" } else { "2025-02-20" };
        text += &format!("X{i:05},990102195703160028,小型轿车,private,,{date},,3000000,normal\n");
    }
    std::fs::write(&file, text).unwrap();
    let report = json(&["intake", file.to_str().unwrap(), "--data", &district.data(), "--as-of", AS_OF]);
    assert_eq!(report["rows_read"], 20);
    assert_eq!(report["rows_quarantined"], 1);
    assert_eq!(report["outcomes"][0]["reasons"]["E03"], 1);
}

#[test]
fn a_pass_before_any_data_is_refused_and_leaves_no_run() {
    let district = district();
    let data = district.data();
    let empty = refused(&["pass", "--data", &data, "--as-of", AS_OF]);
    assert!(empty.contains("take in departments' files first"), "{empty}");
    district.intake();
    let early = refused(&["pass", "--data", &data, "--as-of", "2001-01-01"]);
    assert!(early.contains("2001-01-01"), "{early}");
    let runs = std::fs::read_dir(Path::new(&data).join("findings")).map(|d| d.count()).unwrap_or(0);
    assert_eq!(runs, 0);
}

#[test]
fn a_household_that_does_not_exist_and_a_date_that_does_not_exist_are_refused() {
    let district = district();
    district.intake();
    let data = district.data();
    let message = refused(&["check", "--data", &data, "--household", "99999999", "--as-of", AS_OF]);
    assert!(message.contains("99999999"), "{message}");
    let message = refused(&["check", "--data", &data, "--household", "1", "--as-of", "2026-02-30"]);
    assert!(message.contains("2026-02-30"), "{message}");
}

#[test]
fn an_installation_is_not_made_over_another_and_not_found_where_there_is_none() {
    let district = installation();
    let message = refused(&["init", "--data", &district.data(), "--pack", "packs/qingyan"]);
    assert!(message.contains("already"), "{message}");
    let nowhere = district.dir.path().join("nowhere");
    let message = refused(&["pass", "--data", nowhere.to_str().unwrap(), "--as-of", AS_OF]);
    assert!(message.contains("tuodi init"), "{message}");
}
