//! What the register of residents says about people, on its way to the vault.

use crate::{
    PersonRecord,
    convert::{Built, Converted, Register},
};
use arrow::array::{Array, AsArray, Int64Array, StringArray};

/// What the register says about the people of one piece.
pub(super) struct People<'c> {
    name: Option<&'c StringArray>,
    household_no: Option<&'c StringArray>,
    household_id: Option<&'c Int64Array>,
    address: Option<&'c StringArray>,
    phone: Option<&'c StringArray>,
    region: Option<&'c StringArray>,
    relation: Option<&'c StringArray>,
    status: Option<&'c StringArray>,
}

fn text_at(array: Option<&StringArray>, row: usize) -> Option<&str> {
    array.filter(|a| a.is_valid(row)).map(|a| a.value(row))
}

impl<'c> People<'c> {
    pub fn of(c: &'c Converted, register: &Register, household_id: Option<&'c Int64Array>) -> People<'c> {
        let text = |at: usize| match &c.columns[at] {
            Built::Array(array) => array.as_string_opt::<i32>(),
            _ => None,
        };
        People {
            name: text(register.name),
            household_no: text(register.household),
            household_id,
            address: register.address.and_then(text),
            phone: register.phone.and_then(text),
            region: register.region.and_then(text),
            relation: register.relation.and_then(text),
            status: register.status.and_then(text),
        }
    }

    pub fn record(&self, row: usize) -> Option<PersonRecord<'c>> {
        Some(PersonRecord {
            name: text_at(self.name, row)?,
            address: text_at(self.address, row),
            phone: text_at(self.phone, row),
            household_no: text_at(self.household_no, row)?,
            household_id: self.household_id.filter(|a| a.is_valid(row))?.value(row),
            region_code: text_at(self.region, row),
            relation: text_at(self.relation, row),
            active: text_at(self.status, row).is_none_or(|s| s == "active"),
        })
    }
}
