//! Sentences about changes, and comparison that looks past formatting.

use super::{Area, Change};
use crate::{Lang, Pack, Text};
use chrono::NaiveDate;

pub(super) struct Diff<'a> {
    pub old: &'a Pack,
    pub new: &'a Pack,
    pub changes: Vec<Change>,
}

/// What is spoken of: its id and its title.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub area: Area,
    pub id: &'a str,
    pub title: &'a Text,
}

impl Diff<'_> {
    /// Rules have no dates of their own: they hold from the day the new pack comes into force.
    pub fn day(&self) -> NaiveDate {
        self.new.info.effective_from
    }

    pub fn say(&mut self, area: Area, id: &str, zh: String, en: String) {
        let from = self.day();
        self.push(Change { area, id: id.to_owned(), from, text: Text { zh, en }, old: None, new: None });
    }

    pub fn push(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// A property with a short value: “低保”的公示天数由 7 天改为 5 天。
    pub fn field(&mut self, of: Subject<'_>, name: (&str, &str), old: Text, new: Text) {
        if old == new {
            return;
        }
        let (title_zh, title_en) = (of.title.get(Lang::Zh), of.title.get(Lang::En));
        let none = |text: &Text| text.zh.is_empty() && text.en.is_empty();
        let (zh, en) = match (none(&old), none(&new)) {
            (true, _) => (
                format!("“{title_zh}”增加{}：{}", name.0, new.zh),
                format!("“{title_en}”: {} is new: {}", name.1, new.en),
            ),
            (_, true) => (
                format!("“{title_zh}”不再有{}（原为{}）", name.0, old.zh),
                format!("“{title_en}”: {} is gone (it was {})", name.1, old.en),
            ),
            _ => (
                format!("“{title_zh}”的{}由{}改为{}", name.0, spaced(&old.zh), spaced_end(&new.zh)),
                format!("“{title_en}”: {} changes from {} to {}", name.1, old.en, new.en),
            ),
        };
        self.say(of.area, of.id, zh, en);
    }

    /// A formula: told with both forms below it, and only when it means something else.
    pub fn formula(&mut self, of: Subject<'_>, name: (&str, &str), old: Option<&str>, new: Option<&str>) {
        if old.map(normal) == new.map(normal) {
            return;
        }
        let side = |sql: Option<&str>| sql.map(|s| Text::new(one_line(s), one_line(s)));
        let from = self.day();
        let title = of.title;
        let (zh, en) = match (old, new) {
            (None, _) => ("增加", "is new"),
            (_, None) => ("取消", "is gone"),
            _ => ("改了", "changes"),
        };
        let text = Text::new(
            format!("“{}”的{}{zh}", title.get(Lang::Zh), name.0),
            format!("“{}”: {} {en}", title.get(Lang::En), name.1),
        );
        self.push(Change { area: of.area, id: of.id.to_owned(), from, text, old: side(old), new: side(new) });
    }

    /// Names listed before and after: what was added, what was taken out.
    pub fn names(&mut self, of: Subject<'_>, name: (&str, &str), old: &[Text], new: &[Text]) {
        let list = |all: Vec<&Text>, lang: Lang| {
            let words: Vec<&str> = all.iter().map(|t| t.get(lang)).collect();
            words.join(if lang == Lang::Zh { "、" } else { ", " })
        };
        let added: Vec<&Text> = new.iter().filter(|t| !old.contains(t)).collect();
        let gone: Vec<&Text> = old.iter().filter(|t| !new.contains(t)).collect();
        let (title_zh, title_en) = (of.title.get(Lang::Zh), of.title.get(Lang::En));
        for (all, zh, en) in [(added, "增加", "added"), (gone, "减少", "removed")] {
            if !all.is_empty() {
                self.say(
                    of.area,
                    of.id,
                    format!("“{title_zh}”的{}{zh}：{}", name.0, list(all.clone(), Lang::Zh)),
                    format!("“{title_en}”: {} {en}: {}", name.1, list(all, Lang::En)),
                );
            }
        }
    }

    /// Wording that people read, told as one change for all the texts of an entry.
    pub fn wording(&mut self, of: Subject<'_>, texts: &[(&str, &str, &Text, &Text)]) {
        let changed: Vec<_> = texts.iter().filter(|(_, _, old, new)| old != new).collect();
        if changed.is_empty() {
            return;
        }
        let zh: Vec<&str> = changed.iter().map(|(zh, ..)| *zh).collect();
        let en: Vec<&str> = changed.iter().map(|(_, en, ..)| *en).collect();
        let text = Text::new(
            format!("“{}”的文字有修改：{}", of.title.get(Lang::Zh), zh.join("、")),
            format!("“{}”: the wording changes: {}", of.title.get(Lang::En), en.join(", ")),
        );
        let from = self.day();
        // One changed text is short enough to be read side by side.
        let one = (changed.len() == 1).then(|| (changed[0].2.clone(), changed[0].3.clone()));
        let (old, new) = one.map_or((None, None), |(o, n)| (Some(o), Some(n)));
        self.push(Change { area: Area::Wording, id: of.id.to_owned(), from, text, old, new });
    }
}

/// Entries of two lists by a key: only old, only new, both. In the lists' own order.
pub(super) struct Pairs<'t, T> {
    pub gone: Vec<&'t T>,
    pub added: Vec<&'t T>,
    pub both: Vec<(&'t T, &'t T)>,
}

pub(super) fn pairs<'t, T>(old: &'t [T], new: &'t [T], key: impl Fn(&T) -> &str) -> Pairs<'t, T> {
    let find = |list: &'t [T], wanted: &str| list.iter().find(|e| key(e) == wanted);
    Pairs {
        gone: old.iter().filter(|o| find(new, key(o)).is_none()).collect(),
        added: new.iter().filter(|n| find(old, key(n)).is_none()).collect(),
        both: new.iter().filter_map(|n| find(old, key(n)).map(|o| (o, n))).collect(),
    }
}

/// The same words in both languages: numbers, ids.
pub(super) fn both(value: impl ToString) -> Text {
    let value = value.to_string();
    Text { zh: value.clone(), en: value }
}

pub(super) fn yes(value: bool) -> Text {
    if value { Text::new("是", "yes") } else { Text::new("否", "no") }
}

/// Numbers stand apart from the Chinese words before and after them.
fn spaced(text: &str) -> String {
    format!("{}{}", spaced_end(text), if text.ends_with(|c: char| c.is_ascii()) { " " } else { "" })
}

fn spaced_end(text: &str) -> String {
    let start = if text.starts_with(|c: char| c.is_ascii()) { " " } else { "" };
    format!("{start}{text}")
}

/// A piece of SQL without what does not matter: comments, line breaks, spaces, the case of words.
pub(super) fn normal(sql: &str) -> String {
    let mut tokens: Vec<String> = Vec::new();
    let mut chars = sql.chars().peekable();
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.');
    while let Some(c) = chars.next() {
        if c.is_whitespace() {
            continue;
        }
        if c == '-' && chars.peek() == Some(&'-') {
            chars.by_ref().take_while(|c| *c != '\n').for_each(drop);
        } else if c == '\'' || c == '"' {
            let mut text = String::from(c);
            for next in chars.by_ref() {
                text.push(next);
                if next == c {
                    break;
                }
            }
            tokens.push(text);
        } else if part(c) {
            let mut word = String::from(c);
            while let Some(next) = chars.next_if(|n| part(*n)) {
                word.push(next);
            }
            tokens.push(word.to_lowercase());
        } else {
            // Operators of two signs stay together.
            let pair =
                chars.next_if(|n| matches!((c, *n), ('<' | '>' | '!', '=') | ('<', '>') | ('|', '|') | (':', ':')));
            tokens.push(std::iter::once(c).chain(pair).collect());
        }
    }
    while tokens.last().is_some_and(|t| t == ";") {
        tokens.pop();
    }
    tokens.join(" ")
}

fn one_line(sql: &str) -> String {
    let code: Vec<&str> = sql.lines().map(|l| l.split("--").next().unwrap_or(l)).collect();
    code.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formatting_of_sql_is_no_difference_and_everything_else_is() {
        let a = "SELECT a,\n  b -- the second\nFROM t WHERE x>=1;";
        assert_eq!(normal(a), normal("select a, b from t where x >= 1"));
        assert_ne!(normal("x > = 1"), normal("x >= 1"));
        assert_ne!(normal("x = 'A'"), normal("x = 'a'"));
        assert_ne!(normal("x = 1"), normal("x = 10"));
        assert_ne!(normal("a b"), normal("ab"));
    }
}
