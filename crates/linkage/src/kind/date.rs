//! Dates as files write them: digits are kept even where they are no real day, since a slip is what is looked for.

use crate::{Level, han::half_width};
use chrono::{Datelike, NaiveDate};

#[derive(Default)]
pub struct Dates {
    all: Vec<Date>,
}

#[derive(Clone, Copy)]
struct Date {
    digits: [u8; 8],
    /// Days from the common era; `i32::MIN` where there is no such day.
    day: i32,
}

/// Eight digits, year first; nothing where the text is no date or the day that stands for "unknown".
pub fn normal(raw: &str, out: &mut String) {
    let text: String = raw.trim().chars().map(half_width).collect();
    let compact: String = text.chars().take(8).filter(char::is_ascii_digit).collect();
    if compact.len() == 8 {
        out.push_str(&compact);
    } else {
        let mut groups = text.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty());
        let (Some(year), Some(month), Some(day)) = (groups.next(), groups.next(), groups.next()) else { return };
        if year.len() != 4 || month.len() > 2 || day.len() > 2 {
            return;
        }
        for (group, width) in [(year, 4), (month, 2), (day, 2)] {
            out.extend(std::iter::repeat_n('0', width - group.len()));
            out.push_str(group);
        }
    }
    if matches!(out.as_str(), "00000000" | "19000101" | "99991231") {
        out.clear();
    }
}

impl Dates {
    pub fn push(&mut self, value: &str) {
        let mut digits = [0; 8];
        for (digit, byte) in digits.iter_mut().zip(value.bytes()) {
            *digit = byte - b'0';
        }
        let number = |range: std::ops::Range<usize>| digits[range].iter().fold(0u32, |n, d| n * 10 + u32::from(*d));
        let day = NaiveDate::from_ymd_opt(number(0..4) as i32, number(4..6), number(6..8));
        self.all.push(Date { digits, day: day.map_or(i32::MIN, |day| day.num_days_from_ce()) });
    }

    #[inline]
    pub fn holds(&self, level: Level, a: u32, b: u32) -> bool {
        let (x, y) = (&self.all[a as usize], &self.all[b as usize]);
        let (p, q) = (&x.digits, &y.digits);
        match level {
            Level::Equal => a == b,
            Level::Swapped => p[..4] == q[..4] && p[4..6] == q[6..] && p[6..] == q[4..6] && a != b,
            Level::OneDigit => p.iter().zip(q).filter(|(p, q)| p != q).count() == 1,
            Level::Transposed => super::id::neighbours_swapped(p, q),
            Level::SameMonth => p[..6] == q[..6],
            Level::SameDay => p[4..] == q[4..],
            Level::WithinDays(days) => x.day != i32::MIN && y.day != i32::MIN && x.day.abs_diff(y.day) <= days,
            Level::SameYear => p[..4] == q[..4],
            _ => false,
        }
    }

    pub fn digits(&self, id: u32) -> &[u8; 8] {
        &self.all[id as usize].digits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> String {
        let mut out = String::new();
        normal(raw, &mut out);
        out
    }

    #[test]
    fn a_date_is_read_in_the_ways_files_write_it() {
        for raw in [
            "1957-03-16",
            "19570316",
            "1957/3/16",
            "1957.03.16",
            "1957年3月16日",
            "1957-03-16 00:00:00",
            "１９５７０３１６",
        ] {
            assert_eq!(read(raw), "19570316", "{raw}");
        }
        for raw in ["", "不详", "57-3-16", "0000-00-00", "1900-01-01", "1957", "1957-03"] {
            assert_eq!(read(raw), "", "{raw}");
        }
    }

    #[test]
    fn a_date_finds_its_level() {
        for (a, b, expected) in [
            ("1957-03-16", "1957-03-16", "equal"),
            ("1957-03-06", "1957-06-03", "swapped"),
            ("1957-03-16", "1957-03-18", "one_digit"),
            ("1957-03-16", "1975-03-16", "transposed"),
            ("1957-03-06", "1957-03-25", "same_month"),
            ("1957-03-16", "1968-03-16", "same_day"),
            ("1957-03-16", "1957-04-25", "within_days"),
            ("1957-03-16", "1957-12-25", "same_year"),
            ("1957-03-16", "1988-12-25", "different"),
            ("1957-02-30", "1957-02-20", "one_digit"),
        ] {
            let mut dates = Dates::default();
            dates.push(&read(a));
            dates.push(&read(b));
            let levels = crate::Kind::Date.levels();
            let same = u32::from(a != b);
            for (p, q) in [(0, same), (same, 0)] {
                let found = levels.iter().find(|l| dates.holds(**l, p, q)).map_or("different", Level::word);
                assert_eq!(found, expected, "{a} {b}");
            }
        }
    }
}
