//! Spellings that mean the same: full-width and half-width, units in headers, ways to write nothing.

use std::borrow::Cow;

/// Full-width letters, digits and signs (and the ideographic space) as their half-width twins.
pub(crate) fn half_width(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.chars().any(|c| matches!(c, '\u{ff01}'..='\u{ff5e}' | '\u{3000}' | '\u{2212}')) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .map(|c| match c {
                '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
                '\u{3000}' => ' ',
                '\u{2212}' => '-',
                c => c,
            })
            .collect(),
    )
}

/// A cell without what spreadsheets put around it: spaces, a leading apostrophe, the `="0012"` that keeps zeros.
pub(crate) fn bare(cell: &str) -> &str {
    let outer = |c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}');
    let text = cell.trim_matches(outer);
    match text.as_bytes().first() {
        Some(b'=') => match text.strip_prefix("=\"").and_then(|t| t.strip_suffix('"')) {
            Some(inner) => inner.trim_matches(outer),
            None => text,
        },
        Some(b'\'') => text[1..].trim_start_matches(outer),
        _ => text,
    }
}

/// Ways in which departments write "no value" into typed columns.
pub(crate) fn is_nothing(text: &str) -> bool {
    matches!(
        text,
        "" | "-" | "--" | "—" | "——" | "/" | "\\" | "\\N" | "null" | "NULL" | "Null" | "N/A" | "n/a" | "None"
    )
}

/// A header cell ready for comparison, with the money unit it carries: fen for one of it.
pub(crate) fn header(cell: &str) -> (String, Option<i64>) {
    let full = header_text(cell);
    match split_unit(&full) {
        Some((name, unit)) if !name.is_empty() => (name.to_owned(), fen_per(unit)),
        _ => (full, None),
    }
}

/// Half-width, lower-case, without any space or the star of an obligatory column.
pub(crate) fn header_text(cell: &str) -> String {
    half_width(bare(cell))
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '*' | '\u{feff}' | '\u{200b}'))
        .flat_map(char::to_lowercase)
        .collect()
}

fn split_unit(text: &str) -> Option<(&str, &str)> {
    let open = text.rfind(['(', '[', '【'])?;
    let inner = text[open..].strip_suffix([')', ']', '】'])?;
    let mut chars = inner.chars();
    chars.next();
    Some((&text[..open], chars.as_str()))
}

/// `元` gives 100, `万元/月` 1,000,000.
pub(crate) fn fen_per(unit: &str) -> Option<i64> {
    let unit = unit.strip_prefix("单位").map_or(unit, |u| u.trim_start_matches([':', '：']));
    let unit = unit.split(['/', '每']).next().unwrap_or(unit);
    match unit.strip_prefix("人民币").filter(|u| !u.is_empty()).unwrap_or(unit) {
        "分" | "fen" => Some(1),
        "角" => Some(10),
        "元" | "人民币" | "yuan" | "rmb" | "cny" => Some(100),
        "百元" => Some(10_000),
        "千元" => Some(100_000),
        "万元" | "万" => Some(1_000_000),
        "亿元" => Some(10_000_000_000),
        _ => None,
    }
}

pub(crate) fn unit_name(fen: i64) -> Option<&'static str> {
    ["分", "角", "元", "百元", "千元", "万元", "亿元"].into_iter().find(|unit| fen_per(unit) == Some(fen))
}

/// The unit that a line above the header gives for the whole sheet: `单位：万元`.
pub(crate) fn sheet_unit(cell: &str) -> Option<i64> {
    let text = header_text(cell);
    let at = text.find("单位:")?;
    fen_per(text[at..].trim_end_matches([')', ']']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_gives_its_name_and_its_unit() {
        assert_eq!(header(" 总费用（元） "), ("总费用".to_owned(), Some(100)));
        assert_eq!(header("总费用(万元)"), ("总费用".to_owned(), Some(1_000_000)));
        assert_eq!(header("月收入（元/月）"), ("月收入".to_owned(), Some(100)));
        assert_eq!(header("*ＩＤ＿ＮＯ"), ("id_no".to_owned(), None));
        assert_eq!(header("出生日期(必填)"), ("出生日期".to_owned(), None));
        assert_eq!(header("(元)"), ("(元)".to_owned(), None));
    }

    #[test]
    fn a_line_above_the_header_may_give_the_unit_of_all() {
        assert_eq!(sheet_unit("（单位：万元）"), Some(1_000_000));
        assert_eq!(sheet_unit("填报单位：民政局"), None);
    }

    #[test]
    fn what_spreadsheets_put_around_a_value_is_not_part_of_it() {
        assert_eq!(bare("\t990102\u{3000}"), "990102");
        assert_eq!(bare("=\"0012\""), "0012");
        assert_eq!(bare("'0012"), "0012");
        assert_eq!(bare("=1+1"), "=1+1");
        assert_eq!(half_width("２０２６－０９"), "2026-09");
    }
}
