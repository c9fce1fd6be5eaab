//! What a verb says: one JSON object on standard output, or plain lines; messages on standard error.

use serde::Serialize;
use std::fmt::Display;

#[derive(Debug, Clone, Copy)]
pub struct Output {
    pub json: bool,
}

impl Output {
    /// The verb's answer: the object with `--json`, otherwise `plain`.
    pub fn answer(self, object: &impl Serialize, plain: impl Display) {
        if self.json {
            println!("{}", serde_json::to_string(object).expect("reports are plain data"));
        } else {
            println!("{plain}");
        }
    }

    /// A message on standard error.
    pub fn say(self, message: impl Display) {
        eprintln!("{message}");
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
