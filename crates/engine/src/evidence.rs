//! Facts written down beside a finding.

use crate::{
    EngineError,
    frame::Chunk,
    program::TIER_AMOUNT,
    schema::json_value,
    schemas::{amount, holds, members, of_person, total},
};
use arrow::array::{Array, ArrayRef};
use std::fmt::Write;
use tuodi_pack::{FactValue, Pack, PersonId, facts::Grain, programme::Per};

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
    pack: &Pack,
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
    let fact = pack.fact(name);
    let result = pack.programmes.iter().find(|p| [holds(&p.id), amount(&p.id)].iter().any(|n| n == name));
    let persons = fact.map(|(group, _)| group.grain).or(result.filter(|p| of_person(p)).map(|p| p.grain));
    let of_person = chunk.frame.grain == Grain::Person && persons == Some(Grain::Person);
    Ok(FactValue {
        name: name.to_owned(),
        person_id: person.filter(|_| of_person),
        value,
        unit: fact.map_or_else(|| result_unit(pack, name), |(_, f)| f.unit.clone()),
    })
}

/// What a result counts: money as its programme pays it, or persons.
fn result_unit(pack: &Pack, name: &str) -> String {
    let money = |per: Per| match per {
        Per::Month => format!("{}/month", pack.info.money_unit),
        Per::Week => format!("{}/week", pack.info.money_unit),
        Per::Year => format!("{}/year", pack.info.money_unit),
        Per::Once => pack.info.money_unit.clone(),
    };
    if name == TIER_AMOUNT {
        return money(Per::Month);
    }
    for programme in &pack.programmes {
        if [amount(&programme.id), total(&programme.id)].iter().any(|n| n == name) {
            return money(programme.amount.as_ref().map_or(Per::Month, |a| a.per));
        }
        if members(&programme.id) == name {
            return "persons".to_owned();
        }
    }
    String::new()
}
