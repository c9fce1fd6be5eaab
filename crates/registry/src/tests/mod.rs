mod bulk;
mod library;
mod linkage;
mod masks;
mod people;

use crate::PersonRecord;
use chrono::{DateTime, TimeZone, Utc};
use tuodi_pack::id_no::{IdNo, check_character};
use tuodi_store::Entry;

/// A number of the fictional district: born on that day, `n` tells people apart (odd for men).
fn number(born: &str, n: u32) -> IdNo {
    let first = format!("990102{born}{n:03}");
    IdNo::parse(&format!("{first}{}", check_character(&first).unwrap())).unwrap()
}

fn record(born: &str, n: u32, name: &str) -> PersonRecord {
    PersonRecord {
        household_no: Some("H0001".to_owned()),
        name: Some(name.to_owned()),
        region_code: Some("990102001001".to_owned()),
        ..PersonRecord::new(number(born, n))
    }
}

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 9, 1, 12, 0, 0).unwrap()
}

fn entry() -> Entry {
    Entry {
        at: noon(),
        actor: "system".to_owned(),
        role: "R00".to_owned(),
        act: "data.load".to_owned(),
        subject: "batch:1".to_owned(),
        region: "990102000000".to_owned(),
        details: serde_json::json!({ "source": "DS01" }),
    }
}
