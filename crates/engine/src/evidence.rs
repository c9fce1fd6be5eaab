//! Facts written down beside a finding.

use crate::{EngineError, frame::Chunk, schema::json_value, told::Told};
use arrow::array::{Array, ArrayRef};
use std::fmt::Write;
use tuodi_pack::{FactValue, PersonId, facts::Grain};

/// The facts of one indicator over a chunk, written as JSON row by row.
pub(crate) struct Evidence<'a> {
    names: &'a [String],
    columns: Vec<ArrayRef>,
}

impl<'a> Evidence<'a> {
    pub fn gather(chunk: &Chunk<'_>, names: &'a [String]) -> Result<Evidence<'a>, EngineError> {
        let columns = names.iter().map(|name| chunk.column(name)).collect::<Result<_, _>>()?;
        Ok(Evidence { names, columns })
    }

    /// `{"household_oop_12m":5230000,"last_stay":"2026-08-14","carer":null}`
    pub fn write(&self, row: usize, out: &mut String) {
        out.push('{');
        for (i, (name, column)) in self.names.iter().zip(&self.columns).enumerate() {
            if i > 0 {
                out.push(',');
            }
            // Writing into a String cannot fail.
            let _ = write!(out, "\"{name}\":{}", json_value(column, row));
        }
        out.push('}');
    }
}

/// One fact of one row in its plain form.
pub(crate) fn fact_value(
    told: &Told,
    chunk: &Chunk<'_>,
    name: &str,
    row: usize,
    person: Option<PersonId>,
) -> Result<FactValue, EngineError> {
    let column = chunk.column(name)?;
    let value = (!column.is_null(row)).then(|| match json_value(&column, row) {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    });
    let known = told.name(name);
    let of_person = chunk.frame.grain == Grain::Person && known.is_some_and(|n| n.of_person);
    Ok(FactValue {
        name: name.to_owned(),
        person_id: person.filter(|_| of_person),
        value,
        unit: known.map(|n| n.unit.clone()).unwrap_or_default(),
    })
}
