//! Dates as TOML writes them, without quotes: `2026-01-01`.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, de::Error};
use toml::value::Datetime;

fn plain<E: Error>(written: Datetime) -> Result<NaiveDate, E> {
    match (written.date, written.time) {
        (Some(d), None) => NaiveDate::from_ymd_opt(i32::from(d.year), u32::from(d.month), u32::from(d.day))
            .ok_or_else(|| E::custom(format!("{written} is not a day of the calendar"))),
        _ => Err(E::custom(format!("{written} is not a date; write the day only, such as 2026-01-01"))),
    }
}

pub(crate) fn one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    plain(Datetime::deserialize(deserializer)?)
}

pub(crate) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    Option::<Datetime>::deserialize(deserializer)?.map(plain).transpose()
}

pub(crate) fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<NaiveDate>, D::Error> {
    Vec::<Datetime>::deserialize(deserializer)?.into_iter().map(plain).collect()
}
