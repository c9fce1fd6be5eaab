//! Packs with one kind of mistake each (`packs/bad`): every one is refused with exactly the problems it names.

use serde::Deserialize;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};
use tuodi::verbs::pack::problems;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    #[serde(rename = "problem")]
    problems: Vec<ExpectedProblem>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedProblem {
    file: String,
    line: usize,
    /// A part of the message.
    message: String,
    /// A part of what to do.
    fix: String,
}

fn packs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs")
}

fn bad() -> Vec<PathBuf> {
    let mut dirs: Vec<PathBuf> =
        fs::read_dir(packs().join("bad")).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
    dirs.sort();
    dirs
}

#[tokio::test]
async fn the_pack_that_the_bad_ones_are_made_of_has_no_problem() {
    assert_eq!(problems(&packs().join("starter")).await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_bad_pack_is_refused_with_its_problems_at_their_file_and_line_and_no_others() {
    let dirs = bad();
    assert!(dirs.len() >= 70, "only {} bad packs were found", dirs.len());
    let mut wrong = Vec::new();
    for dir in &dirs {
        let name = dir.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(dir.join("expected.toml")).unwrap_or_else(|e| panic!("{name}: {e}"));
        let expected: Expected = toml::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        let found = problems(dir).await;
        let meets = expected.problems.len() == found.len()
            && expected.problems.iter().zip(&found).all(|(e, f)| {
                e.file == f.file && e.line == f.line && f.message.contains(&e.message) && f.fix.contains(&e.fix)
            });
        if !meets || found.is_empty() {
            wrong.push(format!("{name}: expected {expected:#?}, found {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn each_bad_pack_differs_from_the_sound_one_and_shares_the_rest_with_it() {
    for dir in bad() {
        let own: BTreeSet<PathBuf> = own_files(&dir).into_iter().filter(|f| !f.ends_with("expected.toml")).collect();
        let removed = !dir.join("facts/medical.sql").exists();
        assert!(!own.is_empty() || removed, "{} is the sound pack itself", dir.display());
        for file in own {
            let sound = packs().join("starter").join(file.strip_prefix(&dir).unwrap());
            if let Ok(text) = fs::read_to_string(&sound) {
                assert_ne!(text, fs::read_to_string(&file).unwrap(), "{} should be a link", file.display());
            }
        }
    }
}

/// Files of a bad pack that are not links to the sound one's.
fn own_files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            files.extend(own_files(&entry.path()));
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    files
}
