//! When a visit is due, and who hears of it when it is not made.

use crate::error::Result;
use chrono::NaiveDate;
use tuodi_pack::Pack;

/// Far beyond every visit: nobody hears of it.
const NEVER: NaiveDate = NaiveDate::from_ymd_opt(9999, 12, 31).expect("a day of the calendar");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) due_on: NaiveDate,
    /// After this day the next level is told.
    pub(crate) next_on: NaiveDate,
    /// After this day it is on the district's list.
    pub(crate) district_on: NaiveDate,
}

impl Limits {
    /// Of a visit with so many working days that begins on `from`; the multiples are the pack's.
    pub(crate) fn of(pack: &Pack, from: NaiveDate, days: u32) -> Result<Limits> {
        let monitoring = &pack.workflow.monitoring;
        let times = |multiple: Option<u32>| match multiple {
            Some(n) => pack.calendar.add_working_days(from, days.saturating_mul(n)),
            None => Ok(NEVER),
        };
        Ok(Limits {
            due_on: pack.calendar.add_working_days(from, days)?,
            next_on: times(monitoring.next_level_after)?,
            district_on: times(monitoring.district_after)?,
        })
    }
}
