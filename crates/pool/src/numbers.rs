//! Whole numbers, money and decimals in the forms that departments' files use. Nothing passes through a float.

use crate::{schema::DECIMAL_SCALE, spelling::fen_per};

/// A decimal number as it was written: `digits` with the last `places` behind the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Written {
    digits: i128,
    places: u32,
}

/// Reads `-1,234.50`, `+3`, `(12.00)`; commas only between groups of three.
fn written(text: &str) -> Option<Written> {
    let (text, mut negative) = match text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        Some(inner) => (inner, true),
        None => (text, false),
    };
    let text = match text.as_bytes().first()? {
        b'-' => {
            negative = !negative;
            &text[1..]
        }
        b'+' => &text[1..],
        _ => text,
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut digits: i128 = 0;
    let mut count = 0_u32;
    for (i, b) in whole.bytes().enumerate() {
        match b {
            b'0'..=b'9' => {
                digits = digits * 10 + i128::from(b - b'0');
                count += u32::from(digits > 0);
            }
            // Separators must leave groups of three, so that a European 1,5 is not read as fifteen.
            b',' if i > 0 && (whole.len() - i).is_multiple_of(4) => {}
            _ => return None,
        }
        if count > 22 {
            return None;
        }
    }
    let fraction = fraction.get(..fraction.len().min(12))?;
    for b in fraction.bytes() {
        if !b.is_ascii_digit() {
            return None;
        }
        digits = digits * 10 + i128::from(b - b'0');
    }
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    Some(Written { digits: if negative { -digits } else { digits }, places: fraction.len() as u32 })
}

/// Every character behind the twelfth decimal place must be a digit too.
fn plain(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'-' | b'+' | b'(' | b')'))
}

pub(crate) fn int(text: &str) -> Option<i64> {
    // The plain case first: it is nearly every case.
    if let Ok(n) = text.parse() {
        return Some(n);
    }
    let n = plain(text).then(|| written(text)).flatten()?;
    let unit = 10_i128.pow(n.places);
    (n.digits % unit == 0).then(|| i64::try_from(n.digits / unit).ok()).flatten()
}

/// Fen. `scale` is the fen in one of the column's unit; a unit written behind the number itself goes before it.
/// Digits beyond a fen are refused, except the noise that spreadsheets' floats leave behind (`12.300000000001`).
pub(crate) fn money(text: &str, scale: i64) -> Option<i64> {
    if scale == 1
        && let Ok(fen) = text.parse()
    {
        return Some(fen);
    }
    let text = text.trim_start_matches(['¥', '￥']).trim_start();
    let end = text.rfind(|c: char| c.is_ascii_digit() || matches!(c, '.' | ')')).map_or(0, |i| i + 1);
    let scale = match text[end..].trim_start() {
        "" => scale,
        unit => fen_per(unit)?,
    };
    let text = &text[..end];
    let n = plain(text).then(|| written(text)).flatten()?;
    let unit = 10_i128.pow(n.places);
    let scaled = n.digits.checked_mul(i128::from(scale))?;
    let (fen, rest) = (scaled.div_euclid(unit), scaled.rem_euclid(unit));
    let noise = if n.places > 6 { unit / 10_000 } else { 0 };
    let fen = if rest <= noise {
        fen
    } else if rest >= unit - noise {
        fen + 1
    } else {
        return None;
    };
    i64::try_from(fen).ok()
}

/// Ten-thousandths, rounded half away from zero; at most 14 digits before the point.
pub(crate) fn decimal(text: &str) -> Option<i128> {
    let n = plain(text).then(|| written(text)).flatten()?;
    let scale = DECIMAL_SCALE as u32;
    let value = if n.places <= scale {
        n.digits * 10_i128.pow(scale - n.places)
    } else {
        let unit = 10_i128.pow(n.places - scale);
        let half = if n.digits < 0 { -unit / 2 } else { unit / 2 };
        (n.digits + half) / unit
    };
    (value.abs() < 10_i128.pow(18)).then_some(value)
}

pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        "是" | "1" | "有" | "真" => Some(true),
        "否" | "0" | "无" | "假" => Some(false),
        _ if text.len() <= 5 => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" => Some(true),
            "false" | "f" | "no" | "n" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn money_is_read_in_the_unit_of_its_column() {
        assert_eq!(money("12345", 1), Some(12_345));
        assert_eq!(money("123.45", 100), Some(12_345));
        assert_eq!(money("1,234.5", 100), Some(123_450));
        assert_eq!(money("￥1,234.50", 100), Some(123_450));
        assert_eq!(money("1.2345", 1_000_000), Some(1_234_500));
        assert_eq!(money("-0.05", 100), Some(-5));
        assert_eq!(money("(12.00)", 100), Some(-1_200));
        assert_eq!(money("300元", 1), Some(30_000));
        assert_eq!(money("1.5万元", 1), Some(1_500_000));
        assert_eq!(money("1e3", 100), None);
        assert_eq!(money("元", 100), None);
        assert_eq!(money("", 100), None);
    }

    #[test]
    fn half_a_fen_is_not_money_but_float_noise_is() {
        assert_eq!(money("0.005", 100), None);
        assert_eq!(money("12.5", 1), None);
        assert_eq!(money("1234.5600000000001", 100), Some(123_456));
        assert_eq!(money("1234.5599999999999", 100), Some(123_456));
        assert_eq!(money("-1234.5600000000001", 100), Some(-123_456));
    }

    #[test]
    fn a_comma_that_is_not_between_thousands_is_not_guessed() {
        assert_eq!(int("1,234"), Some(1_234));
        assert_eq!(int("1,5"), None);
        assert_eq!(money("1,5", 100), None);
        assert_eq!(int("12.0"), Some(12));
        assert_eq!(int("12.5"), None);
        assert_eq!(int("99999999999999999999"), None);
        assert_eq!(int("."), None);
    }

    #[test]
    fn decimals_keep_four_places_rounded_half_up() {
        assert_eq!(decimal("89.5"), Some(895_000));
        assert_eq!(decimal("0.00005"), Some(1));
        assert_eq!(decimal("-0.00005"), Some(-1));
        assert_eq!(decimal("0.00004"), Some(0));
        assert_eq!(decimal("100000000000000"), None);
        assert_eq!(decimal("1.23456789012345x"), None);
    }

    #[test]
    fn yes_and_no_have_many_spellings() {
        for yes in ["是", "1", "true", "TRUE", "Y", "有"] {
            assert_eq!(boolean(yes), Some(true), "{yes}");
        }
        for no in ["否", "0", "False", "n", "无"] {
            assert_eq!(boolean(no), Some(false), "{no}");
        }
        assert_eq!(boolean("2"), None);
    }

    proptest! {
        #[test]
        fn fen_written_as_yuan_come_back(fen in -1_000_000_000_000_i64..1_000_000_000_000) {
            let sign = if fen < 0 { "-" } else { "" };
            let yuan = format!("{sign}{}.{:02}", fen.abs() / 100, fen.abs() % 100);
            prop_assert_eq!(money(&yuan, 100), Some(fen));
            prop_assert_eq!(money(&fen.to_string(), 1), Some(fen));
            prop_assert_eq!(int(&fen.to_string()), Some(fen));
        }

        #[test]
        fn a_spreadsheet_float_of_yuan_comes_back(fen in 0_i64..1_000_000_000) {
            prop_assert_eq!(money(&format!("{}", fen as f64 / 100.0), 100), Some(fen));
            prop_assert_eq!(money(&format!("{}", fen as f64 / 1_000_000.0), 1_000_000), Some(fen));
        }

        #[test]
        fn no_text_makes_the_readers_panic(text in "\\PC{0,40}") {
            let _ = (int(&text), money(&text, 100), decimal(&text), boolean(&text));
        }

        #[test]
        fn no_almost_number_makes_the_readers_panic(text in "[-+(¥]?[0-9,]{0,30}[.]?[0-9]{0,30}[)元万]{0,2}") {
            let _ = (int(&text), money(&text, 1_000_000), decimal(&text));
        }
    }
}
