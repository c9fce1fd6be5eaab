//! The figures of a manifest.

use crate::dates;
use chrono::NaiveDate;
use tuodi_pack::source::Source;

/// Two decimals; nothing out of nothing is all of it.
pub(super) fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 100.0 } else { (part as f64 * 10_000.0 / whole as f64).floor() / 100.0 }
}

/// 100 while the newest date is as recent as the contract promises (its period and the lag after it), and less in
/// proportion after that; none where nothing is promised.
pub(super) fn timeliness(source: &Source, newest: i32, today: NaiveDate) -> Option<f64> {
    let promised = u64::from(source.patience_days()?);
    let lag = u64::try_from(dates::to_days(today) - newest).unwrap_or(0);
    Some(percent(promised.min(lag), lag))
}

/// File names may hold a citizen's number; manifests may not.
pub(super) fn without_numbers(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        out.push_str(&rest[..at]);
        let digits = rest[at..].bytes().take_while(u8::is_ascii_digit).count();
        let run = &rest[at..at + digits];
        out.push_str(if digits >= 15 { "***" } else { run });
        rest = &rest[at + digits..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_citizen_number_in_a_file_name_is_not_written_down() {
        assert_eq!(without_numbers("DS09_990102195703160028_2026.csv"), "DS09_***_2026.csv");
        assert_eq!(without_numbers("DS09_20260901.csv"), "DS09_20260901.csv");
    }

    #[test]
    fn one_row_in_ten_thousand_keeps_a_batch_below_all() {
        assert_eq!(percent(9_999, 10_000), 99.99);
        assert_eq!(percent(99_999, 100_000), 99.99);
        assert_eq!(percent(0, 0), 100.0);
    }

    #[test]
    fn timeliness_falls_once_the_promise_is_broken() {
        let today = NaiveDate::from_ymd_opt(2026, 9, 1).unwrap();
        let newest = |days| dates::to_days(today) - days;
        let source = |frequency: &str| -> Source {
            let text = format!(
                "id = 'X'\nname = 'x'\nversion = 1\nkey = []\nfrequency = '{frequency}'\nsensitivity = 'L1'\nbasis = ''\n\
                 column = []\npromise = {{ lag_days = 2, quality = 95 }}\n\
                 title = {{ en = 'x' }}\nowner = {{ en = 'x' }}\ngrain = {{ en = 'x' }}\n"
            );
            toml::from_str(&text).unwrap()
        };
        assert_eq!(timeliness(&source("daily"), newest(3), today), Some(100.0));
        assert_eq!(timeliness(&source("daily"), newest(6), today), Some(50.0));
        assert_eq!(timeliness(&source("query"), newest(6), today), None);
    }
}
