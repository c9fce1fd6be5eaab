//! Rows of a reply, checked against the source's contract and brought into the columns of the pool: numbers of people
//! become ids, account numbers keyed hashes, names fall away. A reply with one wrong value is no reply: half-believed
//! figures about a family are worse than none.

use chrono::NaiveDate;
use serde_json::{Map, Value};
use tuodi_pack::{
    OverlayRow, PersonId,
    id_no::IdNo,
    source::{Column, ColumnType, Source},
};
use tuodi_store::Keys;

/// What is wrong, by row and column; never the value.
pub(crate) fn of_person(
    keys: &Keys,
    source: &Source,
    person: PersonId,
    id_no: &str,
    rows: &[Map<String, Value>],
) -> Result<Vec<OverlayRow>, String> {
    let number = IdNo::parse(id_no).ok();
    rows.iter()
        .enumerate()
        .map(|(i, row)| {
            let place = |column: &str, what: &str| format!("row {}, column {column}: {what}", i + 1);
            if let Some(stranger) = row.keys().find(|name| source.column(name).is_none()) {
                return Err(place(&stranger.chars().take(40).collect::<String>(), "not in the contract"));
            }
            let mut values = Map::new();
            for column in &source.columns {
                let given = row.get(&column.name).unwrap_or(&Value::Null);
                if given.is_null() || given.as_str().is_some_and(|t| t.trim().is_empty()) {
                    if !column.null && column.pool_name().is_some() && column.kind != ColumnType::IdNo {
                        return Err(place(&column.name, "missing"));
                    }
                    continue;
                }
                if let Some(name) = column.pool_name() {
                    let about = given.as_str().and_then(|t| IdNo::parse(t).ok());
                    let value = match column.kind {
                        // A row may name others, a spouse or a guardian; here it speaks of the person asked about.
                        ColumnType::IdNo if about.is_some() && about == number => person.0.into(),
                        ColumnType::IdNo | ColumnType::HouseholdNo => continue,
                        _ => value(keys, column, given).ok_or_else(|| place(&column.name, expected(column)))?,
                    };
                    values.insert(name, value);
                }
            }
            // The person's own column, also where the reply names them by reference only.
            let own = source.columns.iter().find(|c| c.kind == ColumnType::IdNo).and_then(Column::pool_name);
            if let Some(own) = own
                && !values.values().any(|v| v.as_i64() == Some(person.0))
            {
                values.insert(own, person.0.into());
            }
            Ok(OverlayRow { source: source.id.clone(), values })
        })
        .collect()
}

fn expected(column: &Column) -> &'static str {
    match column.kind {
        ColumnType::Money => "not a whole amount in fen within the contract's bounds",
        ColumnType::Int => "not a whole number within the contract's bounds",
        ColumnType::Date => "not a date like 2026-09-01",
        ColumnType::Month => "not a month like 2026-09",
        ColumnType::Enum => "not a code of the contract",
        ColumnType::Bool => "not true or false",
        _ => "not of its type",
    }
}

fn value(keys: &Keys, column: &Column, given: &Value) -> Option<Value> {
    let text = || given.as_str().map(str::trim).filter(|t| t.len() <= 400);
    match column.kind {
        ColumnType::Money | ColumnType::Int => {
            let n = given.as_i64()?;
            let within = column.min.is_none_or(|least| n >= least) && column.max.is_none_or(|most| n <= most);
            within.then(|| n.into())
        }
        ColumnType::Date => text()?.parse::<NaiveDate>().ok().map(|d| d.to_string().into()),
        ColumnType::Month => {
            let (text, first) = (text()?, |y: &str, m: &str| format!("{y}-{m}-01").parse::<NaiveDate>().ok());
            let day = match text.split_once('-') {
                Some((y, m)) => first(y, m.get(..2)?),
                None => first(text.get(..4)?, text.get(4..6)?),
            };
            day.map(|d| d.to_string().into())
        }
        ColumnType::Datetime => {
            chrono::DateTime::parse_from_rfc3339(text()?).ok().map(|t| t.to_utc().to_rfc3339().into())
        }
        ColumnType::Decimal => match given {
            Value::Number(n) => Some(n.to_string().into()),
            _ => text().filter(|t| t.parse::<f64>().is_ok_and(f64::is_finite)).map(Into::into),
        },
        ColumnType::Bool => given.as_bool().map(Value::Bool),
        ColumnType::Enum => {
            let text = text()?;
            let code = column.codes.iter().find(|(code, names)| *code == text || names.iter().any(|n| n == text));
            code.map(|(code, _)| code.as_str().into())
        }
        ColumnType::Token => text().map(|t| keys.token(&column.name, t).into()),
        ColumnType::Str | ColumnType::Region | ColumnType::Code => text().map(Into::into),
        ColumnType::IdNo
        | ColumnType::HouseholdNo
        | ColumnType::Name
        | ColumnType::Address
        | ColumnType::Phone
        | ColumnType::Ignore => None,
    }
}
