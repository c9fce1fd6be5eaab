//! What a hash covers.

use super::LANES;
use crate::Keys;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The hash before the first entry of a lane.
pub(super) const START: [u8; 32] = [0; 32];

pub(super) fn lane_of(subject: &str) -> i16 {
    i16::from(Sha256::digest(subject.as_bytes())[0]) % LANES
}

/// An entry as it is stored and hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub lane: i16,
    pub seq: i64,
    pub at_us: i64,
    pub actor: String,
    pub role: String,
    pub act: String,
    pub subject: String,
    pub region: String,
    pub details: String,
}

impl Link {
    /// SHA-256 over the hash before it and every field, each preceded by its length.
    pub(super) fn hash(&self, prev: &[u8]) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut field = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        field(prev);
        field(&self.lane.to_be_bytes());
        field(&self.seq.to_be_bytes());
        field(&self.at_us.to_be_bytes());
        for text in [&self.actor, &self.role, &self.act, &self.subject, &self.region, &self.details] {
            field(text.as_bytes());
        }
        hash.finalize().into()
    }
}

/// The seal of a lane's head: needs the key, so the end of a lane cannot be cut off with SQL alone.
pub(super) fn seal(keys: &Keys, lane: i16, seq: i64, hash: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(42);
    bytes.extend_from_slice(&lane.to_be_bytes());
    bytes.extend_from_slice(&seq.to_be_bytes());
    bytes.extend_from_slice(hash);
    keys.mac("journal.head", &bytes)
}

/// JSON with keys in order and no spaces: the same value is always the same text.
pub(super) fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write_canonical(value, &mut out);
    out
}

fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<_> = map.keys().collect();
            keys.sort_unstable();
            out.push('{');
            for (i, key) in keys.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                out.push_str(&Value::String(key.clone()).to_string());
                out.push(':');
                write_canonical(&map[key], out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_canonical(item, out);
            }
            out.push(']');
        }
        plain => out.push_str(&plain.to_string()),
    }
}

/// Whether a text holds what reads like a citizen number: 18 characters on their own, 17 digits and a digit or X,
/// with a plausible date of birth.
pub(super) fn holds_citizen_number(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
        let b = word.as_bytes();
        b.len() == 18
            && b[..17].iter().all(u8::is_ascii_digit)
            && (b[17].is_ascii_digit() || b[17].eq_ignore_ascii_case(&b'x'))
            && matches!(&b[6..8], b"18" | b"19" | b"20")
            && matches!((b[10], b[11]), (b'0', b'1'..=b'9') | (b'1', b'0'..=b'2'))
            && matches!((b[12], b[13]), (b'0', b'1'..=b'9') | (b'1' | b'2', _) | (b'3', b'0' | b'1'))
    })
}
