//! The sealed columns of a person and their look-ups.

use std::sync::Arc;
use tuodi_pack::id_no::IdNo;
use tuodi_store::{ColumnKey, Keys};

pub(crate) struct Vault {
    pub id_no: Arc<ColumnKey>,
    pub tail: Arc<ColumnKey>,
    pub name: Arc<ColumnKey>,
    pub phone: Arc<ColumnKey>,
    pub address: Arc<ColumnKey>,
    pub household_no: Arc<ColumnKey>,
    pub mark: Arc<ColumnKey>,
}

impl Vault {
    pub(crate) fn new(keys: &Keys) -> Vault {
        Vault {
            id_no: keys.column("person.id_no"),
            tail: keys.column("person.id_no_tail"),
            name: keys.column("person.name"),
            phone: keys.column("person.phone"),
            address: keys.column("person.address"),
            household_no: keys.column("household.no"),
            mark: keys.column("person.record"),
        }
    }

    /// Of the last four characters of the number.
    pub(crate) fn tail_blind(&self, id_no: &IdNo) -> i64 {
        short(self.tail.blind(&id_no.as_str()[14..]))
    }

    pub(crate) fn name_blind(&self, name: &str) -> i64 {
        short(self.name.blind(&normal_name(name)))
    }
}

/// Eight bytes suffice where what is found is opened and compared anyway.
pub(crate) fn short(blind: [u8; 16]) -> i64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&blind[..8]);
    i64::from_be_bytes(bytes)
}

/// A name as it is compared: without spaces, the separator of transcribed names in one form, small letters.
pub(crate) fn normal_name(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if matches!(c, '•' | '・' | '‧' | '．' | '.') { '·' } else { c })
        .flat_map(char::to_lowercase)
        .collect()
}
