//! Runs the binary as a user would and reads what it says.
#![allow(dead_code, reason = "each test file uses its part")]

use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

pub const AS_OF: &str = "2026-09-01";

pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the crate lies in the repository")
}

pub fn tuodi() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tuodi"));
    command.current_dir(repository()).env_remove("TUODI_KEY");
    command
}

/// Runs a verb; whatever it answers.
pub fn run(args: &[&str]) -> Output {
    tuodi().args(args).output().expect("the binary runs")
}

/// Runs a verb with `--json` that must succeed, and gives its object.
pub fn json(args: &[&str]) -> Value {
    let output = tuodi().args(args).arg("--json").output().expect("the binary runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "tuodi {args:?} failed:\n{stderr}");
    serde_json::from_slice(&output.stdout).expect("one JSON object on standard output")
}

/// Runs a verb that must be refused; its messages.
pub fn refused(args: &[&str]) -> String {
    let output = run(args);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "tuodi {args:?} should have been refused");
    assert!(!stderr.contains("panicked"), "a refusal is not a crash: {stderr}");
    assert!(!stderr.trim().is_empty(), "a refusal says why");
    stderr
}

/// A district's files and an empty installation in a temporary folder.
pub struct District {
    pub dir: tempfile::TempDir,
}

impl District {
    /// An installation without any files.
    pub fn empty() -> District {
        let district = District { dir: tempfile::tempdir().expect("a temporary folder") };
        district.init();
        district
    }

    pub fn new(people: u32, seed: u32) -> District {
        District::with(people, seed, &[])
    }

    /// The same with further options of `synth`.
    pub fn with(people: u32, seed: u32, options: &[&str]) -> District {
        let district = District { dir: tempfile::tempdir().expect("a temporary folder") };
        let (files, people, seed) = (district.files(), people.to_string(), seed.to_string());
        let mut args = vec!["synth", "--out", &files, "--people", &people, "--seed", &seed, "--as-of", AS_OF];
        args.extend(options);
        json(&args);
        district.init();
        district
    }

    pub fn init(&self) {
        json(&["init", "--data", &self.data(), "--pack", "packs/qingyan"]);
    }

    pub fn files(&self) -> String {
        self.dir.path().join("files").to_str().expect("a plain path").to_owned()
    }

    pub fn data(&self) -> String {
        self.dir.path().join("data").to_str().expect("a plain path").to_owned()
    }

    pub fn intake(&self) -> Value {
        json(&["intake", &self.files(), "--data", &self.data(), "--as-of", AS_OF])
    }

    pub fn pass(&self) -> Value {
        let out = self.dir.path().join("out");
        json(&["pass", "--data", &self.data(), "--as-of", AS_OF, "--out", out.to_str().expect("a plain path")])
    }
}
