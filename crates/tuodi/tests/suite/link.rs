//! `tuodi link` as somebody with two files would use it.

use crate::common::{json, refused};
use std::path::Path;

const CONFIG: &str = "packs/qingyan/linkage.toml";

fn files(dir: &Path, options: &[&str]) -> String {
    let out = dir.join("files").to_str().unwrap().to_owned();
    let mut args = vec!["synth", "--linkage", "1000", "--seed", "3", "--out", &out];
    args.extend(options);
    let report = json(&args);
    assert!(report["pairs"].as_u64().unwrap() > 100, "{report}");
    out
}

#[test]
fn two_files_are_linked_and_measured_and_no_name_stands_among_the_pairs() {
    let dir = tempfile::tempdir().unwrap();
    let files = files(dir.path(), &[]);
    let [a, b, truth, out] = ["a.csv", "b.csv", "truth.csv", "pairs.csv"].map(|file| format!("{files}/{file}"));
    let answer = json(&["link", &a, &b, "--config", CONFIG, "--out", &out, "--truth", &truth]);
    assert!(answer["f1"].as_f64().unwrap() > 0.98, "{answer}");
    assert_eq!(answer["rows"], 2000);
    assert!(answer["quality"]["curve"].as_array().unwrap().len() > 5);
    let pairs = std::fs::read_to_string(&out).unwrap();
    let mut lines = pairs.lines();
    assert_eq!(lines.next().unwrap(), "left,right,weight,probability,band,name,sex,birth_date,region,members,id_no");
    let told = answer["same"].as_u64().unwrap() + answer["ask"].as_u64().unwrap();
    assert_eq!(lines.clone().count() as u64, told);
    assert!(lines.all(|line| line.is_ascii() && line.starts_with('A') && !line.contains("9901")), "only names of rows");
    // Again with the same seed: the same bytes.
    json(&["link", &a, &b, "--config", CONFIG, "--out", &out]);
    assert_eq!(std::fs::read_to_string(&out).unwrap(), pairs);
}

#[test]
fn a_file_in_gb18030_without_numbers_is_linked_with_itself() {
    let dir = tempfile::tempdir().unwrap();
    let files = files(dir.path(), &["--one-file", "--without-numbers"]);
    let [people, truth, out] = ["people.csv", "truth.csv", "pairs.csv"].map(|file| format!("{files}/{file}"));
    let text = std::fs::read_to_string(&people).unwrap();
    std::fs::write(&people, encoding_rs::GB18030.encode(&text).0).unwrap();
    let answer = json(&["link", &people, "--config", CONFIG, "--out", &out, "--truth", &truth]);
    assert!(answer["f1"].as_f64().unwrap() > 0.95, "{answer}");
}

#[test]
fn what_cannot_be_linked_is_refused_with_place_and_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let out = dir.path().join("pairs.csv").to_str().unwrap().to_owned();
    let good = at("good.csv", "record,name,sex,birth_date,region_code,members\n1,王伟,男,1980-01-02,990102001001,\n");
    let link = |file: &str, config: &str| refused(&["link", file, "--config", config, "--out", &out]);
    assert!(link(&at("empty.csv", ""), CONFIG).contains("empty"));
    assert!(link(dir.path().join("none.csv").to_str().unwrap(), CONFIG).contains("none.csv"));
    let columns = link(&at("columns.csv", "record,nam\n1,王伟\n"), CONFIG);
    assert!(columns.contains("name or 姓名") && columns.contains("did you mean \"nam\""), "{columns}");
    assert!(link(&good, CONFIG).contains("fewer than two rows"));
    let config = std::fs::read_to_string(crate::common::repository().join(CONFIG)).unwrap();
    let mistaken = link(&good, &at("mistaken.toml", &config.replace("homophone", "homofone")));
    assert!(mistaken.contains("mistaken.toml:") && mistaken.contains("homophone"), "{mistaken}");
    assert!(!Path::new(&out).exists(), "nothing half is left behind");
}

#[test]
fn rows_put_aside_for_their_number_are_proposed_to_people_and_change_nobody() {
    let district = crate::common::District::new(3_000, 5);
    let report = district.intake();
    let unnumbered = &report["unnumbered"];
    // Each broken row of synth stands beside the good one of the same person.
    assert!(unnumbered["rows"].as_u64().unwrap() >= 1, "{unnumbered}");
    assert_eq!(unnumbered["known"], unnumbered["rows"], "{unnumbered}");
    // Sent again, nothing is proposed twice.
    assert_eq!(district.intake()["unnumbered"]["rows"], 0);
    assert!(crate::common::run(&["journal", "verify", "--data", &district.data()]).status.success());
}
