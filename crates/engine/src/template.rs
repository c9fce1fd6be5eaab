//! SQL as text: putting parameters in, and seeing which names it mentions.

use chrono::NaiveDate;
use std::collections::HashSet;
use tuodi_pack::{Pack, region::RegionLevel};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Word,
    /// `$name`; the text includes the `$`.
    Param,
    /// Strings, numbers and symbols.
    Other,
    /// Blanks and comments.
    Blank,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
}

fn word_start(c: u8) -> bool {
    c.is_ascii_alphabetic() || c == b'_' || c >= 0x80
}

fn word_part(c: u8) -> bool {
    word_start(c) || c.is_ascii_digit()
}

/// Cuts a statement so that strings and comments are never taken for names.
pub(crate) fn tokens(sql: &str) -> Vec<Token<'_>> {
    let bytes = sql.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    let run = |from: usize, part: fn(u8) -> bool| {
        bytes[from..].iter().position(|&c| !part(c)).map_or(bytes.len(), |n| from + n)
    };
    let quoted = |from: usize, quote: u8| {
        let mut end = from + 1;
        while end < bytes.len() {
            if bytes[end] == quote {
                if bytes.get(end + 1) != Some(&quote) {
                    return end + 1;
                }
                end += 1;
            }
            end += 1;
        }
        bytes.len()
    };
    while at < bytes.len() {
        let (kind, end) = match bytes[at] {
            b'\'' => (Kind::Other, quoted(at, b'\'')),
            b'"' => (Kind::Word, quoted(at, b'"')),
            b'-' if bytes.get(at + 1) == Some(&b'-') => {
                (Kind::Blank, sql[at..].find('\n').map_or(bytes.len(), |n| at + n + 1))
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                (Kind::Blank, sql[at + 2..].find("*/").map_or(bytes.len(), |n| at + n + 4))
            }
            b'$' if bytes.get(at + 1).copied().is_some_and(word_start) => (Kind::Param, run(at + 1, word_part)),
            c if c.is_ascii_whitespace() => (Kind::Blank, run(at, |c| c.is_ascii_whitespace())),
            c if c.is_ascii_digit() => (Kind::Other, run(at, |c| c.is_ascii_digit() || c == b'.')),
            c if word_start(c) => (Kind::Word, run(at, word_part)),
            _ => (Kind::Other, at + 1),
        };
        out.push(Token { kind, text: &sql[at..end] });
        at = end;
    }
    out
}

/// Replaces every `$name`; line breaks stay where they are. Fails with the first name that `value` does not know.
pub(crate) fn substitute<E>(sql: &str, mut value: impl FnMut(&str) -> Result<String, E>) -> Result<String, E> {
    let mut out = String::with_capacity(sql.len() + 64);
    for token in tokens(sql) {
        match token.kind {
            Kind::Param => out.push_str(&value(&token.text[1..])?),
            Kind::Word | Kind::Other | Kind::Blank => out.push_str(token.text),
        }
    }
    Ok(out)
}

/// Every name mentioned, in lower case as SQL folds them.
pub(crate) fn words(sql: &str) -> HashSet<String> {
    tokens(sql).into_iter().filter(|t| t.kind == Kind::Word).map(|t| t.text.trim_matches('"').to_lowercase()).collect()
}

/// Whether it selects all columns of something (`*`, `p.*`), so that no column may be left out.
pub(crate) fn has_wildcard(sql: &str) -> bool {
    let seen: Vec<Token<'_>> = tokens(sql).into_iter().filter(|t| t.kind != Kind::Blank).collect();
    seen.windows(2).any(|pair| {
        pair[1].text == "*"
            && (matches!(pair[0].text, "," | ".")
                || pair[0].text.eq_ignore_ascii_case("select")
                || pair[0].text.eq_ignore_ascii_case("distinct"))
    })
}

/// What `$name` stands for on a date: a date, a whole number, or a choice by county where counties differ.
/// `None`: no such parameter, or no value on that date anywhere.
pub(crate) fn parameter(pack: &Pack, name: &str, as_of: NaiveDate) -> Option<String> {
    if name == "as_of" {
        return Some(format!("DATE '{as_of}'"));
    }
    let counties = counties(pack, as_of);
    let values: Vec<(&str, i64)> =
        counties.iter().filter_map(|c| Some((*c, pack.parameters.value(name, c, as_of)?))).collect();
    let (_, first) = *values.first()?;
    let number = |n: i64| if n < 0 { format!("({n})") } else { n.to_string() };
    if values.len() == counties.len() && values.iter().all(|(_, v)| *v == first) {
        return Some(number(first));
    }
    let arms: String = values.iter().map(|(county, v)| format!(" WHEN '{county}' THEN {}", number(*v))).collect();
    Some(format!("(CASE county_code{arms} END)"))
}

/// The counties that the pack has amounts for; neighbours that regions.csv only names do not count.
fn counties(pack: &Pack, as_of: NaiveDate) -> Vec<&str> {
    let set = |county: &str| pack.parameters.all.iter().any(|p| p.value(county, as_of).is_some());
    let mut counties: Vec<&str> = pack.regions.at_level(RegionLevel::County).map(|r| r.code.as_str()).collect();
    counties.retain(|county| set(county));
    if counties.is_empty() {
        counties.push(&pack.info.jurisdiction);
    }
    counties
}

/// Parameters in this text that differ between counties, so that `county_code` must be in reach.
pub(crate) fn by_county<'a>(pack: &Pack, sql: &'a str, as_of: NaiveDate) -> Option<&'a str> {
    let params = tokens(sql).into_iter().filter(|t| t.kind == Kind::Param).map(|t| &t.text[1..]);
    params
        .into_iter()
        .find(|name| parameter(pack, name, as_of).is_some_and(|text| text.starts_with("(CASE county_code")))
}

/// Names of the parameters that a text mentions, in order, `as_of` left out.
pub(crate) fn parameters_in(sql: &str) -> Vec<&str> {
    let names = tokens(sql).into_iter().filter(|t| t.kind == Kind::Param).map(|t| &t.text[1..]);
    names.filter(|name| *name != "as_of").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_in_strings_and_comments_are_left_alone() {
        let sql = "select '$a', \"$b\", $c -- $d\n/* $e */ + $f";
        let out = substitute(sql, |n| Ok::<_, ()>(format!("<{n}>"))).unwrap();
        assert_eq!(out, "select '$a', \"$b\", <c> -- $d\n/* $e */ + <f>");
    }

    #[test]
    fn a_quote_doubled_within_a_string_does_not_end_it() {
        let out = substitute("'it''s $x' || $x", |_| Ok::<_, ()>("1".into())).unwrap();
        assert_eq!(out, "'it''s $x' || 1");
    }

    #[test]
    fn names_are_found_outside_strings_and_comments_only() {
        let found = words("SELECT Age, \"Oop\" FROM t -- wage\nWHERE x = 'income'");
        for name in ["age", "oop", "t", "x"] {
            assert!(found.contains(name), "{name}");
        }
        assert!(!found.contains("wage") && !found.contains("income"));
    }

    #[test]
    fn a_star_that_multiplies_or_counts_is_no_wildcard() {
        assert!(has_wildcard("select p.* from p"));
        assert!(has_wildcard("select distinct * from p"));
        assert!(!has_wildcard("select count(*), a * b from p"));
    }
}
