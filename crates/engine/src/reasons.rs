//! What stands behind an answer besides its facts: the parameters with their dates, and what would change it.

use crate::{
    EngineError,
    flip::{Turn, turns},
    frame::Chunk,
    rule::Rule,
    told::Told,
};
use arrow::{
    array::{Array, Decimal128Array},
    datatypes::DataType,
};
use chrono::{Days, NaiveDate};
use tuodi_pack::{Answer, FactChange, Pack, ParameterUsed, PersonId, facts::Grain};

/// What would change the answer of these rules taken together, nearest first. `now`: their answers. `margin`: how far a
/// measure is from its line, where there is one.
pub(crate) fn changes(
    told: &Told,
    rules: &[&Rule],
    now: &[Answer],
    chunk: &Chunk<'_>,
    person: Option<PersonId>,
    margin: Option<i64>,
) -> Result<Vec<FactChange>, EngineError> {
    // What follows from other answers (a tier, another programme) is not moved: what it follows from is.
    let found = turns(rules, now, chunk, margin, |name| told.name(name).is_some_and(|n| n.is_fact))?;
    found.into_iter().map(|turn| change(told, chunk, turn, person)).collect()
}

fn change(told: &Told, chunk: &Chunk<'_>, turn: Turn, person: Option<PersonId>) -> Result<FactChange, EngineError> {
    let column = chunk.column(&turn.fact)?;
    let known = told.name(&turn.fact);
    let of_person = chunk.frame.grain == Grain::Person && known.is_some_and(|n| n.of_person);
    Ok(FactChange {
        person_id: person.filter(|_| of_person),
        from: turn.from.map(|v| plain(column.data_type(), v)),
        to: plain(column.data_type(), turn.to),
        unit: known.map(|n| n.unit.clone()).unwrap_or_default(),
        answer: turn.answer,
        fact: turn.fact,
    })
}

/// A value in the plain form of [`tuodi_pack::FactValue`].
fn plain(kind: &DataType, value: i128) -> String {
    match kind {
        DataType::Boolean => (value != 0).to_string(),
        DataType::Date32 => {
            let epoch = NaiveDate::default();
            let days = Days::new(value.unsigned_abs() as u64);
            let date = if value < 0 { epoch.checked_sub_days(days) } else { epoch.checked_add_days(days) };
            date.map_or_else(|| value.to_string(), |d| d.to_string())
        }
        DataType::Decimal128(precision, scale) => Decimal128Array::from(vec![value])
            .with_precision_and_scale(*precision, *scale)
            .map_or_else(|_| value.to_string(), |a| a.value_as_string(0)),
        _ => value.to_string(),
    }
}

/// Every parameter as it holds in `region` on `as_of`, by position in the pack; `None` where none does.
pub(crate) fn in_force(pack: &Pack, region: &str, as_of: NaiveDate) -> Vec<Option<ParameterUsed>> {
    let used = pack.parameters.all.iter().map(|parameter| {
        let value = parameter.value(region, as_of)?;
        Some(ParameterUsed {
            id: parameter.id.clone(),
            amount: value.amount,
            unit: parameter.unit.clone(),
            region: value.region.clone(),
            effective: value.effective,
            basis: parameter.basis.clone(),
        })
    });
    used.collect()
}
