//! Dates, months and times in the forms that departments' files use.

use chrono::{Datelike, NaiveDate};

/// Days between 0001-01-01 (day 1 of chrono's count) and the Unix epoch.
const EPOCH: i32 = 719_163;
/// Departments' clocks show Beijing time.
const BEIJING_SECONDS: i64 = 8 * 3600;

pub(crate) fn to_days(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - EPOCH
}

pub(crate) fn from_days(days: i32) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(days.checked_add(EPOCH)?)
}

fn ymd(year: u32, month: u32, day: u32) -> Option<i32> {
    if !(1800..=9999).contains(&year) {
        return None;
    }
    NaiveDate::from_ymd_opt(year as i32, month, day).map(to_days)
}

/// Up to `most` digits from the front, and the rest.
fn digits(text: &str, most: usize) -> Option<(u32, &str)> {
    let n = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    Some((text.get(..n).filter(|d| !d.is_empty())?.parse().ok()?, &text[n..]))
}

fn separator(text: &str) -> Option<&str> {
    text.strip_prefix(['-', '/', '.', '年', '月'])
}

/// The date at the front of the text and what follows it.
fn date_and_rest(text: &str) -> Option<(i32, &str)> {
    let leading = text.bytes().take_while(u8::is_ascii_digit).count();
    match leading {
        // 20260901, perhaps with a time behind
        8 | 14 => {
            let (year, month, day) = (&text[..4], &text[4..6], &text[6..8]);
            Some((ymd(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?, &text[8..]))
        }
        // 46266 or 46266.5: days as a spreadsheet counts them (1900-03-01 is 61)
        5 => {
            let serial: i32 = text[..5].parse().ok()?;
            let rest = &text[5..];
            let fraction =
                rest.strip_prefix('.').is_none_or(|f| !f.is_empty() && f.bytes().all(|b| b.is_ascii_digit()));
            (serial >= 10_000 && fraction).then_some((serial - 25_569, rest))
        }
        4 => {
            let (year, rest) = digits(text, 4)?;
            let (month, rest) = digits(separator(rest)?.trim_start(), 2)?;
            let (day, rest) = digits(separator(rest)?.trim_start(), 2)?;
            Some((ymd(year, month, day)?, rest.strip_prefix(['日', '号']).unwrap_or(rest)))
        }
        _ => None,
    }
}

/// Seconds of the day and microseconds: `08:30`, `8:30:15.25`, `083015`, `8时30分15秒`.
fn time_and_rest(text: &str) -> Option<(i64, i64, &str)> {
    if text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()) {
        let part = |at: usize| text[at..at + 2].parse::<u32>().ok();
        return seconds(part(0)?, part(2)?, part(4)?).map(|s| (s, 0, ""));
    }
    let (hour, rest) = digits(text, 2)?;
    let (minute, rest) = digits(rest.strip_prefix([':', '时', '点'])?, 2)?;
    let rest = rest.strip_prefix('分').unwrap_or(rest);
    let (second, rest) =
        match rest.strip_prefix(':').or((rest.starts_with(|c: char| c.is_ascii_digit())).then_some(rest)) {
            Some(rest) => digits(rest, 2)?,
            None => (0, rest),
        };
    let rest = rest.strip_prefix('秒').unwrap_or(rest);
    let (micros, rest) = match rest.strip_prefix('.') {
        Some(fraction) => {
            let n = fraction.bytes().take_while(u8::is_ascii_digit).count();
            let kept = fraction.get(..n.min(6)).filter(|f| !f.is_empty())?;
            (kept.parse::<i64>().ok()? * 10_i64.pow(6 - kept.len() as u32), &fraction[n..])
        }
        None => (0, rest),
    };
    Some((seconds(hour, minute, second)?, micros, rest))
}

fn seconds(hour: u32, minute: u32, second: u32) -> Option<i64> {
    (hour < 24 && minute < 60 && second < 60).then(|| i64::from(hour * 3600 + minute * 60 + second))
}

/// Days since 1970-01-01. A time of day behind the date is read and dropped.
pub(crate) fn date(text: &str) -> Option<i32> {
    let (days, rest) = date_and_rest(text)?;
    if rest.is_empty() || rest.starts_with('.') { Some(days) } else { moment(text).map(|_| days) }
}

/// First day of the month: `202609`, `2026-09`, `2026年9月`, or any date within it.
pub(crate) fn month(text: &str) -> Option<i32> {
    let leading = text.bytes().take_while(u8::is_ascii_digit).count();
    if leading == 6 && text.len() == 6 {
        return ymd(text[..4].parse().ok()?, text[4..].parse().ok()?, 1);
    }
    if leading == 4 {
        let (year, rest) = digits(text, 4)?;
        let (month, rest) = digits(separator(rest)?.trim_start(), 2)?;
        if matches!(rest, "" | "月") {
            return ymd(year, month, 1);
        }
    }
    let day = from_days(date(text)?)?;
    day.with_day(1).map(to_days)
}

/// Microseconds since 1970-01-01T00:00Z. Without an offset the clock is Beijing's.
pub(crate) fn moment(text: &str) -> Option<i64> {
    let (days, rest) = date_and_rest(text)?;
    let day_seconds = i64::from(days) * 86_400;
    if rest.is_empty() {
        return Some((day_seconds - BEIJING_SECONDS) * 1_000_000);
    }
    if let (Some(_), 5) = (rest.strip_prefix('.'), text.bytes().take_while(u8::is_ascii_digit).count()) {
        let share: f64 = format!("0{rest}").parse().ok()?;
        return Some((day_seconds + (share * 86_400.0).round() as i64 - BEIJING_SECONDS) * 1_000_000);
    }
    let clock = rest.strip_prefix(['T', 't']).unwrap_or(rest).trim_start();
    let (seconds, micros, zone) = time_and_rest(clock)?;
    let offset = match zone.trim_start() {
        "" => BEIJING_SECONDS,
        "Z" | "z" => 0,
        zone => {
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            let (hour, rest) = digits(zone.strip_prefix(['+', '-'])?, 2)?;
            let (minute, rest) = digits(rest.strip_prefix(':').unwrap_or(rest), 2).unwrap_or((0, rest));
            if !rest.is_empty() || hour > 14 || minute > 59 {
                return None;
            }
            sign * i64::from(hour * 3600 + minute * 60)
        }
    };
    Some((day_seconds + seconds - offset) * 1_000_000 + micros)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone, Utc};
    use proptest::prelude::*;

    fn day(y: i32, m: u32, d: u32) -> i32 {
        to_days(NaiveDate::from_ymd_opt(y, m, d).unwrap())
    }

    #[test]
    fn one_day_written_in_many_ways_is_one_day() {
        for text in [
            "2026-09-01",
            "2026/9/1",
            "2026.9.1",
            "20260901",
            "2026年9月1日",
            "2026年09月01日",
            "2026-09-01 00:00:00",
            "2026-09-01T08:30:00+08:00",
            "46266",
            "46266.5",
            "2026/9/1 8:30",
        ] {
            assert_eq!(date(text), Some(day(2026, 9, 1)), "{text}");
        }
    }

    #[test]
    fn days_that_do_not_exist_are_not_read() {
        for text in [
            "2026-02-30",
            "20260229",
            "2026-13-01",
            "2026-00-10",
            "2026/9",
            "1-9-2026",
            "0000-00-00",
            "",
            "today",
            "2026-09-01x",
            "46266.x",
            "2026-09-01 25:00",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
        assert_eq!(date("20280229"), Some(day(2028, 2, 29)));
    }

    #[test]
    fn a_month_is_its_first_day() {
        for text in ["202609", "2026-09", "2026/9", "2026年9月", "2026-09-17", "20260930", "2026.09"] {
            assert_eq!(month(text), Some(day(2026, 9, 1)), "{text}");
        }
        for text in ["202613", "2026", "2026-", "9月"] {
            assert_eq!(month(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_without_an_offset_is_beijing_time() {
        let at = |h, m, s| Utc.with_ymd_and_hms(2026, 9, 1, h, m, s).unwrap().timestamp_micros();
        assert_eq!(moment("2026-09-01 08:30:15"), Some(at(0, 30, 15)));
        assert_eq!(moment("20260901083015"), Some(at(0, 30, 15)));
        assert_eq!(moment("2026年9月1日 8时30分15秒"), Some(at(0, 30, 15)));
        assert_eq!(moment("2026-09-01T08:30:15Z"), Some(at(8, 30, 15)));
        assert_eq!(moment("2026-09-01T08:30:15.25+08:00"), Some(at(0, 30, 15) + 250_000));
        assert_eq!(moment("46266.5"), Some(at(4, 0, 0)));
        assert_eq!(moment("2026-09-01 24:00:00"), None);
    }

    proptest! {
        #[test]
        fn every_real_day_survives_every_form(days in -60_000_i32..400_000) {
            let d = from_days(days).unwrap();
            for form in ["%Y-%m-%d", "%Y/%-m/%-d", "%Y.%m.%d", "%Y%m%d", "%Y年%-m月%-d日"] {
                prop_assert_eq!(date(&d.format(form).to_string()), Some(days));
            }
            prop_assert_eq!(month(&d.format("%Y%m").to_string()), d.with_day(1).map(to_days));
        }

        #[test]
        fn no_text_makes_the_readers_panic(text in "\\PC{0,24}") {
            let _ = (date(&text), month(&text), moment(&text));
        }

        #[test]
        fn no_almost_date_makes_the_readers_panic(text in "[0-9]{3,6}[-/.年T: ]?[0-9]{0,3}[-/.月:]?[0-9]{0,4}[日 T:.+Z]?[0-9:+]{0,8}") {
            let _ = (date(&text), month(&text), moment(&text));
        }
    }
}
