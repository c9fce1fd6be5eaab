//! What a verb says: one JSON object on standard output, or plain lines; messages on standard error.

use serde::Serialize;
use std::{
    fmt::Display,
    io::{self, Write},
};

#[derive(Debug, Clone, Copy)]
pub struct Output {
    pub json: bool,
}

impl Output {
    /// The verb's answer: the object with `--json`, otherwise `plain`.
    pub fn answer(self, object: &impl Serialize, plain: impl Display) {
        if self.json {
            print(&serde_json::to_string(object).expect("reports are plain data"));
        } else {
            print(&plain.to_string());
        }
    }

    /// A message on standard error.
    pub fn say(self, message: impl Display) {
        eprintln!("{message}");
    }
}

/// A line on standard output. A reader that has seen enough (`| head`) is no failure; a full disk is.
fn print(line: &str) {
    if let Err(e) = writeln!(io::stdout().lock(), "{line}")
        && e.kind() != io::ErrorKind::BrokenPipe
    {
        eprintln!("error: standard output: {e}");
        std::process::exit(1);
    }
}

/// Peak resident memory of this process in bytes; 0 where the system does not tell.
pub fn peak_rss_bytes() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
            line.split_whitespace().nth(1)?.parse::<u64>().ok()
        })
        .map_or(0, |kib| kib * 1024)
}
