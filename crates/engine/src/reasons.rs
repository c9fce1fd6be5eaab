//! What stands behind an answer besides its facts: the parameters with their dates, and what would change it.

use crate::{
    EngineError,
    flip::{Turn, turns},
    frame::Chunk,
    program::Program,
    rule::Rule,
    template,
};
use arrow::{
    array::{Array, Decimal128Array},
    datatypes::DataType,
};
use chrono::{Days, NaiveDate};
use std::collections::BTreeSet;
use tuodi_pack::{FactChange, Pack, ParameterUsed, PersonId, facts::Grain};

/// What would change the answer of these rules taken together, nearest first.
pub(crate) fn changes(
    pack: &Pack,
    rules: &[&Rule],
    chunk: &Chunk<'_>,
    person: Option<PersonId>,
) -> Result<Vec<FactChange>, EngineError> {
    // What follows from other answers (a tier, another programme) is not moved: what it follows from is.
    let found = turns(rules, chunk, |name| pack.fact(name).is_some())?;
    found.into_iter().map(|turn| told(pack, chunk, turn, person)).collect()
}

fn told(pack: &Pack, chunk: &Chunk<'_>, turn: Turn, person: Option<PersonId>) -> Result<FactChange, EngineError> {
    let column = chunk.column(&turn.fact)?;
    let fact = pack.fact(&turn.fact);
    let of_person = chunk.frame.grain == Grain::Person && fact.is_some_and(|(group, _)| group.grain == Grain::Person);
    Ok(FactChange {
        person_id: person.filter(|_| of_person),
        from: turn.from.map(|v| plain(column.data_type(), v)),
        to: plain(column.data_type(), turn.to),
        unit: fact.map(|(_, f)| f.unit.clone()).unwrap_or_default(),
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

/// The parameters that these expressions mention, and those in the statements of the facts they read, as they hold in
/// `region` on `as_of`.
pub(crate) fn parameters(
    pack: &Pack,
    program: &Program,
    region: &str,
    as_of: NaiveDate,
    expressions: &[&str],
    facts: &BTreeSet<&str>,
) -> Vec<ParameterUsed> {
    let groups: BTreeSet<&str> =
        facts.iter().flat_map(|name| program.groups_behind(name)).map(|group| group.id.as_str()).collect();
    let statements = pack.facts.iter().filter(|g| groups.contains(g.id.as_str())).map(|g| g.sql.as_str());
    let mut names: Vec<&str> = expressions.iter().copied().flat_map(template::parameters_in).collect();
    names.extend(statements.flat_map(template::parameters_in));
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(*name));
    let used = names.into_iter().filter_map(|name| {
        let parameter = pack.parameters.get(name)?;
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
