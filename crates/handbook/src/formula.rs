//! A formula in words: names become titles with links, SQL's words become plain ones. The SQL itself stands beside it.

use crate::{
    book::Book,
    html::{escape, link},
};
use tuodi_pack::Lang;

/// Where a piece of SQL is shown.
pub(crate) fn in_words(book: &Book<'_>, sql: &str, root: &str) -> String {
    let tokens = tokens(sql);
    let mut out = String::new();
    let mut between = 0;
    let mut i = 0;
    while i < tokens.len() {
        let token = tokens[i].as_str();
        let upper = token.to_uppercase();
        let next = |n: usize| tokens.get(i + n).map(|t| t.to_uppercase()).unwrap_or_default();
        let (piece, used) = match upper.as_str() {
            "IS" if next(1) == "NOT" && next(2) == "NULL" => (book.w("已经清楚", "is known").to_owned(), 3),
            "IS" if next(1) == "NULL" => (book.w("还不清楚", "is not known").to_owned(), 2),
            "IS" if next(1) == "NOT" && next(2) == "TRUE" => {
                (book.w("不成立（或不清楚）", "is not true").to_owned(), 3)
            }
            // nullif(x, false): what is not so counts as not known.
            "NULLIF" if next(1) == "(" && next(3) == "," && next(4) == "FALSE" && next(5) == ")" => {
                let what = named(book, &tokens[i + 2], root);
                (format!("{what}{}", book.w("（不成立时算不清楚）", " (unknown where it is false)")), 6)
            }
            "INTERVAL" => (escape(&span(book, tokens.get(i + 1).map_or("", String::as_str))), 2),
            "NOT" if next(1) == "IN" => (book.w("不是其中之一：", "is none of").to_owned(), 2),
            "BETWEEN" => {
                between += 1;
                (book.w("介于", "is between").to_owned(), 1)
            }
            "AND" if between > 0 => {
                between -= 1;
                (book.w("与", "and").to_owned(), 1)
            }
            // A choice that is all of the formula needs no brackets; each of its cases begins a sentence.
            "CASE" if i == 0 => (String::new(), 1),
            "END" if i + 1 == tokens.len() && tokens[0].eq_ignore_ascii_case("CASE") => (String::new(), 1),
            "WHEN" if !tokens[i - i.min(1)].eq_ignore_ascii_case("CASE") => {
                (format!("{} <b class=\"op\">{}</b>", book.w("；", ";"), book.w("如果", "if")), 1)
            }
            _ => match word(book, &upper, next(1) == "(") {
                Some(plain) => (format!("<b class=\"op\">{plain}</b>"), 1),
                None => (named(book, token, root), 1),
            },
        };
        i += used;
        let plain = piece.trim_start_matches("<b class=\"op\">");
        let tight =
            plain.starts_with([')', ',', ';', '，', '；', '）']) || out.is_empty() || out.ends_with(['(', '（']);
        if !tight {
            out.push(' ');
        }
        out.push_str(&piece);
    }
    out
}

/// Plain words for SQL's own.
fn word(book: &Book<'_>, upper: &str, called: bool) -> Option<&'static str> {
    let (zh, en) = match upper {
        "AND" => ("并且", "and"),
        "OR" => ("或者", "or"),
        "NOT" => ("不是", "not"),
        "IN" => ("是其中之一：", "is one of"),
        "CASE" => ("（", "("),
        "WHEN" => ("如果", "if"),
        "THEN" => ("，则", ", then"),
        "ELSE" => ("；否则", "; otherwise"),
        "END" => ("）", ")"),
        "NULL" => ("不清楚", "unknown"),
        "TRUE" => ("成立", "true"),
        "FALSE" => ("不成立", "false"),
        "IS" => ("是", "is"),
        ">=" => ("≥", "≥"),
        "<=" => ("≤", "≤"),
        "<>" | "!=" => ("≠", "≠"),
        "*" => ("×", "×"),
        "/" => ("÷", "÷"),
        "-" => ("−", "−"),
        "GREATEST" if called => ("取最大的", "the greatest of"),
        "LEAST" if called => ("取最小的", "the least of"),
        "COALESCE" if called => ("依次取第一个清楚的", "the first known of"),
        "CEIL" if called => ("进位", "rounded up"),
        "FLOOR" if called => ("舍去零头", "rounded down"),
        "ROUND" if called => ("四舍五入", "rounded"),
        "ABS" if called => ("取绝对值", "the absolute value of"),
        _ => return None,
    };
    Some(if book.lang == Lang::Zh { zh } else { en })
}

fn named(book: &Book<'_>, token: &str, root: &str) -> String {
    if token == "$as_of" {
        return escape(book.w("查询日", "the day asked about"));
    }
    match book.name(token) {
        Some(name) => link(&format!("{root}{}", name.url), &name.title),
        None if token.starts_with('\'') => escape(&book.quoted(token)),
        None if token.starts_with(|c: char| c.is_alphabetic() || c == '_') => format!("<code>{}</code>", escape(token)),
        None => escape(token),
    }
}

/// `'12 months'` as 12 个月.
fn span(book: &Book<'_>, quoted: &str) -> String {
    let text = quoted.trim_matches('\'');
    let (number, unit) = text.split_once(' ').unwrap_or((text, ""));
    let word = match unit.trim_end_matches('s').to_lowercase().as_str() {
        "day" => book.w("天", "days"),
        "week" => book.w("周", "weeks"),
        "month" => book.w("个月", "months"),
        "year" => book.w("年", "years"),
        _ => unit,
    };
    format!("{number} {word}")
}

/// Words, numbers, texts, operators; comments and blanks are left out.
fn tokens(sql: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut chars = sql.chars().peekable();
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.');
    while let Some(c) = chars.next() {
        if c.is_whitespace() {
            continue;
        }
        if c == '-' && chars.peek() == Some(&'-') {
            chars.by_ref().take_while(|c| *c != '\n').for_each(drop);
        } else if c == '\'' {
            let mut text = String::from(c);
            for next in chars.by_ref() {
                text.push(next);
                if next == c {
                    break;
                }
            }
            all.push(text);
        } else if part(c) {
            let mut word = String::from(c);
            while let Some(next) = chars.next_if(|n| part(*n)) {
                word.push(next);
            }
            all.push(word);
        } else {
            let pair = chars.next_if(|n| matches!((c, *n), ('<' | '>' | '!', '=') | ('<', '>') | ('|', '|')));
            all.push(std::iter::once(c).chain(pair).collect());
        }
    }
    all
}
