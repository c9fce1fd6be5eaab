//! Working days: public holidays and make-up working days by year.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Year {
    pub year: i32,
    #[serde(deserialize_with = "crate::date::list")]
    pub holidays: Vec<NaiveDate>,
    /// Saturdays and Sundays that are worked (调休).
    #[serde(deserialize_with = "crate::date::list")]
    pub workdays: Vec<NaiveDate>,
    /// The State Council has not published its arrangement: statutory days only, so limits may move.
    #[serde(default)]
    pub provisional: bool,
    #[serde(default)]
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarFile {
    #[serde(rename = "year")]
    pub years: Vec<Year>,
}

/// The calendar of working days. Dates outside its years are an error, never a guess.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    years: BTreeSet<i32>,
    /// With their positions in the file.
    provisional: Vec<(usize, i32)>,
    holidays: BTreeSet<NaiveDate>,
    workdays: BTreeSet<NaiveDate>,
    oddities: Vec<(String, String)>,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the calendar of working days has no year {year}; add it to calendar.toml")]
pub struct OutsideCalendar {
    pub year: i32,
}

impl From<CalendarFile> for Calendar {
    fn from(file: CalendarFile) -> Calendar {
        let mut calendar = Calendar::default();
        for (i, year) in file.years.into_iter().enumerate() {
            calendar.note_oddities(i, &year);
            calendar.years.insert(year.year);
            if year.provisional {
                calendar.provisional.push((i, year.year));
            }
            calendar.holidays.extend(year.holidays);
            calendar.workdays.extend(year.workdays);
        }
        calendar
    }
}

impl Calendar {
    pub fn years(&self) -> impl Iterator<Item = i32> + '_ {
        self.years.iter().copied()
    }

    /// Years whose arrangement is not published yet, with their positions in the file.
    pub(crate) fn provisional(&self) -> &[(usize, i32)] {
        &self.provisional
    }

    pub fn holidays(&self) -> &BTreeSet<NaiveDate> {
        &self.holidays
    }

    /// Saturdays and Sundays that are worked.
    pub fn workdays(&self) -> &BTreeSet<NaiveDate> {
        &self.workdays
    }

    /// Entries of the file that cannot be right, by their path in it.
    pub(crate) fn oddities(&self) -> &[(String, String)] {
        &self.oddities
    }

    fn note_oddities(&mut self, i: usize, year: &Year) {
        if self.years.contains(&year.year) {
            self.oddities.push((format!("year/{i}/year"), format!("year {} stands twice", year.year)));
        }
        for (key, days) in [("holidays", &year.holidays), ("workdays", &year.workdays)] {
            for (d, day) in days.iter().enumerate().filter(|(_, day)| day.year() != year.year) {
                self.oddities.push((format!("year/{i}/{key}/{d}"), format!("{day} is not in {}", year.year)));
            }
        }
        for (d, day) in year.workdays.iter().enumerate() {
            if year.holidays.contains(day) {
                self.oddities.push((format!("year/{i}/workdays/{d}"), format!("{day} is both worked and a holiday")));
            } else if !is_weekend(*day) {
                self.oddities.push((format!("year/{i}/workdays/{d}"), format!("{day} is no Saturday or Sunday")));
            }
        }
    }

    pub fn is_working_day(&self, day: NaiveDate) -> Result<bool, OutsideCalendar> {
        if !self.years.contains(&day.year()) {
            return Err(OutsideCalendar { year: day.year() });
        }
        Ok(self.workdays.contains(&day) || !(is_weekend(day) || self.holidays.contains(&day)))
    }

    /// The `days`-th working day after `from`; the day of the event is not counted (Civil Code art. 201).
    /// With 0 the day itself.
    pub fn add_working_days(&self, from: NaiveDate, days: u32) -> Result<NaiveDate, OutsideCalendar> {
        let mut day = from;
        let mut left = days;
        while left > 0 {
            day = day + Days::new(1);
            if self.is_working_day(day)? {
                left -= 1;
            }
        }
        Ok(day)
    }

    /// Working days after `from` up to and including `to`; negative when `to` is earlier.
    pub fn working_days_between(&self, from: NaiveDate, to: NaiveDate) -> Result<i64, OutsideCalendar> {
        let (start, end, sign) = if from <= to { (from, to, 1) } else { (to, from, -1) };
        let mut day = start;
        let mut count = 0;
        while day < end {
            day = day + Days::new(1);
            if self.is_working_day(day)? {
                count += 1;
            }
        }
        Ok(count * sign)
    }
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn calendar() -> Calendar {
        let year = |year: i32, holidays: &[&str], workdays: &[&str]| Year {
            year,
            holidays: holidays.iter().map(|d| day(d)).collect(),
            workdays: workdays.iter().map(|d| day(d)).collect(),
            provisional: year == 2027,
            basis: String::new(),
            note: String::new(),
        };
        Calendar::from(CalendarFile {
            years: vec![
                year(2026, &["2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06", "2026-10-07"], &["2026-10-10"]),
                year(2027, &["2027-01-01"], &[]),
            ],
        })
    }

    #[test]
    fn the_day_of_the_event_is_not_counted() {
        // 2026-09-30 is a Wednesday; the first working day after it is Thursday 10-08
        assert_eq!(calendar().add_working_days(day("2026-09-30"), 1), Ok(day("2026-10-08")));
        assert_eq!(calendar().add_working_days(day("2026-09-30"), 0), Ok(day("2026-09-30")));
    }

    #[test]
    fn a_make_up_saturday_is_worked() {
        assert_eq!(calendar().is_working_day(day("2026-10-10")), Ok(true));
        assert_eq!(calendar().is_working_day(day("2026-10-11")), Ok(false));
        assert_eq!(calendar().working_days_between(day("2026-09-30"), day("2026-10-12")), Ok(4)); // 8, 9, 10, 12
    }

    #[test]
    fn a_year_without_a_calendar_is_an_error_and_not_a_guess() {
        assert_eq!(calendar().add_working_days(day("2027-12-31"), 1), Err(OutsideCalendar { year: 2028 }));
        assert_eq!(calendar().is_working_day(day("2025-12-31")), Err(OutsideCalendar { year: 2025 }));
    }

    #[test]
    fn days_backwards_are_negative() {
        assert_eq!(calendar().working_days_between(day("2026-10-12"), day("2026-09-30")), Ok(-4));
        assert_eq!(calendar().working_days_between(day("2026-10-12"), day("2026-10-12")), Ok(0));
    }

    proptest! {
        #[test]
        fn adding_days_and_counting_them_agree(start in 0i64..600, days in 0u32..60) {
            let from = day("2026-01-01") + chrono::Duration::days(start);
            let calendar = calendar();
            let to = calendar.add_working_days(from, days).unwrap();
            prop_assert_eq!(calendar.working_days_between(from, to).unwrap(), i64::from(days));
            prop_assert!(days == 0 || calendar.is_working_day(to).unwrap());
        }
    }
}
