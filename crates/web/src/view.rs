//! What every template is given: language, size, who looks, and how dates, money and words are written.

use crate::{Door, words};
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Timelike, Utc, Weekday};
use std::fmt::Display;
use tuodi_pack::{Fen, Lang, Pack, PersonId, Text, region::RegionLevel};

/// The person who is signed in, as pages show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    pub name: String,
    pub role: String,
    pub place: String,
    /// Where the person begins.
    pub door: Door,
    /// Every door of the role.
    pub doors: &'static [Door],
}

impl Who {
    /// The family name's character, for the round sign in the top bar.
    pub fn initial(&self) -> String {
        self.name.chars().next().map(String::from).unwrap_or_default()
    }
}

/// For whom a proxy acts, as pages show it.
#[derive(Debug, Clone)]
pub struct StandsFor {
    pub name: String,
    pub until: NaiveDate,
    /// Whose authorisation the proxy may sign.
    pub signs: Option<PersonId>,
    /// The mandate has its case: a further application needs another.
    pub has_case: bool,
}

/// Built once a request; pages read it as `v`.
#[derive(Debug, Clone)]
pub struct View {
    pub lang: Lang,
    pub elder: bool,
    pub csrf: String,
    pub who: Option<Who>,
    /// Set while somebody acts for somebody else.
    pub stands_for: Option<StandsFor>,
    pub path: String,
    pub query: String,
    pub now: DateTime<Utc>,
    /// Number a person can quote when something fails.
    pub request: String,
    pub district: Text,
    pub bureau: Text,
    pub hotline: String,
    pub pack: Text,
    pub pack_version: String,
    pub demo: bool,
}

fn beijing() -> FixedOffset {
    FixedOffset::east_opt(8 * 3600).expect("eight hours are an offset")
}

impl View {
    pub fn new(pack: &Pack, now: DateTime<Utc>) -> View {
        let county = &pack.info.jurisdiction;
        View {
            lang: Lang::Zh,
            elder: false,
            csrf: String::new(),
            who: None,
            stands_for: None,
            path: "/".to_owned(),
            query: String::new(),
            now,
            request: String::new(),
            district: pack.regions.get(county).map(|r| r.name.clone()).unwrap_or_default(),
            bureau: pack.info.bureau.clone(),
            hotline: pack.info.hotline.clone(),
            pack: pack.info.title.clone(),
            pack_version: pack.info.version.clone(),
            demo: false,
        }
    }

    // Words

    pub fn t(&self, key: &str) -> &'static str {
        words::text(self.lang, key)
    }

    pub fn t1(&self, key: &str, a: impl Display) -> String {
        words::fill(self.t(key), &[&a])
    }

    pub fn t2(&self, key: &str, a: impl Display, b: impl Display) -> String {
        words::fill(self.t(key), &[&a, &b])
    }

    pub fn t3(&self, key: &str, a: impl Display, b: impl Display, c: impl Display) -> String {
        words::fill(self.t(key), &[&a, &b, &c])
    }

    /// A count. English takes `<key>_one` for one, where the catalogue has it.
    pub fn tn(&self, key: &str, n: impl Display) -> String {
        let n = n.to_string();
        let one = format!("{key}_one");
        let key = if n == "1" && words::catalogue(self.lang).contains_key(&one) { &one } else { key };
        words::fill(self.t(key), &[&n])
    }

    /// A key whose last word comes from data: `t_of("common.role", "R05")`.
    pub fn t_of(&self, prefix: &str, last: &str) -> &'static str {
        words::text(self.lang, &format!("{prefix}.{last}"))
    }

    /// The pack's words.
    pub fn text<'a>(&self, text: &'a Text) -> &'a str {
        text.get(self.lang)
    }

    /// Whether the reader may sign an authorisation for this member: people their own and on each other's screen as they
    /// always could, a proxy only what the mandate names.
    pub fn may_sign(&self, person: &PersonId) -> bool {
        self.stands_for.as_ref().is_none_or(|s| s.signs.as_ref() == Some(person))
    }

    pub fn district(&self) -> &str {
        self.district.get(self.lang)
    }

    pub fn bureau(&self) -> &str {
        self.bureau.get(self.lang)
    }

    pub fn is_zh(&self) -> bool {
        self.lang == Lang::Zh
    }

    // Dates and money

    pub fn today(&self) -> NaiveDate {
        self.now.with_timezone(&beijing()).date_naive()
    }

    /// `11月20日（周五）`; with the year when it is another one.
    pub fn date(&self, day: &NaiveDate) -> String {
        let other_year = day.year() != self.today().year();
        match self.lang {
            Lang::Zh => {
                let year = if other_year { format!("{}年", day.year()) } else { String::new() };
                format!("{year}{}月{}日（{}）", day.month(), day.day(), weekday_zh(day.weekday()))
            }
            Lang::En => {
                let year = if other_year { format!(" {}", day.year()) } else { String::new() };
                format!("{} {} {}{year}", day.weekday(), day.day(), month_en(day.month()))
            }
        }
    }

    /// For letters and tables that are kept: `2026年11月20日`.
    pub fn full_date(&self, day: &NaiveDate) -> String {
        match self.lang {
            Lang::Zh => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
            Lang::En => format!("{} {} {}", day.day(), month_en(day.month()), day.year()),
        }
    }

    /// For dense tables: `11-20`, or `2025-11-20` in another year.
    pub fn short_date(&self, day: &NaiveDate) -> String {
        if day.year() == self.today().year() { format!("{:02}-{:02}", day.month(), day.day()) } else { day.to_string() }
    }

    pub fn month(&self, day: &NaiveDate) -> String {
        match self.lang {
            Lang::Zh => format!("{}年{}月", day.year(), day.month()),
            Lang::En => format!("{} {}", month_en(day.month()), day.year()),
        }
    }

    /// A moment in Beijing time: `11月20日（周五）9:05`.
    pub fn moment(&self, at: &DateTime<Utc>) -> String {
        let local = at.with_timezone(&beijing());
        let gap = if self.is_zh() { "" } else { ", " };
        format!("{}{gap}{}:{:02}", self.date(&local.date_naive()), local.hour(), local.minute())
    }

    pub fn day_of(&self, at: &DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&beijing()).date_naive()
    }

    /// `1,724 元`.
    pub fn money(&self, amount: &Fen) -> String {
        self.t1("common.unit.yuan", amount)
    }

    // Addresses of this page in another guise

    /// This page with one query value set: the language and size switches, filters and pages of a list.
    pub fn here_with(&self, name: &str, value: impl Display) -> String {
        crate::url::with_query(&self.path, &self.query, name, &value.to_string())
    }
}

fn weekday_zh(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "周一",
        Weekday::Tue => "周二",
        Weekday::Wed => "周三",
        Weekday::Thu => "周四",
        Weekday::Fri => "周五",
        Weekday::Sat => "周六",
        Weekday::Sun => "周日",
    }
}

fn month_en(month: u32) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    NAMES[(month as usize - 1) % 12]
}

/// A region with the one above it where that helps: `青石街道 柳荫社区`; from the township up its own name.
pub fn place(pack: &Pack, code: &str, lang: Lang) -> String {
    let Some(region) = pack.regions.get(code) else { return String::new() };
    let name = region.name.get(lang);
    match pack.regions.ancestor(code, RegionLevel::Township) {
        Some(township) if region.level == RegionLevel::Village => {
            let gap = if lang == Lang::Zh { "" } else { ", " };
            match lang {
                Lang::Zh => format!("{}{gap}{name}", township.name.get(lang)),
                Lang::En => format!("{name}{gap}{}", township.name.get(lang)),
            }
        }
        _ => name.to_owned(),
    }
}
