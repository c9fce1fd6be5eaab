//! Values of facts in words.

use super::Teller;
use crate::{FactValue, Lang, PersonId, facts::FactType};

impl Teller<'_> {
    /// What a fact is called; its name where the pack has no title.
    pub fn fact_title(&self, name: &str) -> String {
        match self.pack.fact_title(name) {
            Some(title) => self.own(title),
            None => match self.pack.parameters.get(name.trim_start_matches('$')) {
                Some(parameter) => self.t(&parameter.title).to_owned(),
                None => name.to_owned(),
            },
        }
    }

    /// Its title and its value in words; `about` is whose page it stands on, so that only others are named.
    pub fn fact(&self, fact: &FactValue, about: Option<PersonId>) -> (String, String) {
        let title = self.titled(&fact.name, fact.person_id.filter(|p| Some(*p) != about));
        let value = if self.may_tell(&fact.name, fact.person_id) {
            self.value(&fact.name, fact.value.as_deref(), &fact.unit)
        } else {
            self.w("属个人隐私，这里不写", "private, not shown here").to_owned()
        };
        (title, value)
    }

    pub(super) fn titled(&self, name: &str, person: Option<PersonId>) -> String {
        let title = self.fact_title(name);
        match (person, self.lang) {
            (None, _) => title,
            (Some(person), Lang::Zh) => format!("{title}（{}）", self.name(person)),
            (Some(person), Lang::En) => format!("{title} ({})", self.name(person)),
        }
    }

    /// A fact's plain value in words; `None` is unknown.
    pub fn value(&self, name: &str, value: Option<&str>, unit: &str) -> String {
        let Some(value) = value else { return self.w("不清楚", "not known").to_owned() };
        match value {
            "true" => return self.w("是", "yes").to_owned(),
            "false" => return self.w("否", "no").to_owned(),
            "none" if name == "tier" => return self.w("不在保障范围", "none").to_owned(),
            _ => {}
        }
        if let Ok(number) = value.parse::<i64>() {
            return self.quantity(number, unit);
        }
        if let Some(number) = decimal(value) {
            let unit = self.quantity(1, unit);
            return format!("{number}{}", unit.trim_start_matches('1'));
        }
        // Texts that are ids of the pack.
        if name == "tier"
            && let Some(programme) = self.pack.programme(value)
        {
            return self.t(&programme.title).to_owned();
        }
        if let Some(level) = self.pack.assessment.level(value) {
            return self.t(&level.title).to_owned();
        }
        value.to_owned()
    }

    pub(super) fn is_date(&self, name: &str) -> bool {
        self.pack.fact(name).is_some_and(|(_, fact)| fact.kind == FactType::Date)
    }
}

/// A decimal number without needless noughts, to two places: `47.700000` is 47.7. `None` for other texts.
pub(super) fn decimal(value: &str) -> Option<String> {
    let millionths = millionths(value)?;
    let hundredths = (millionths + if millionths < 0 { -5_000 } else { 5_000 }) / 10_000;
    let sign = if hundredths < 0 { "-" } else { "" };
    let text = format!("{sign}{}.{:02}", hundredths.abs() / 100, hundredths.abs() % 100);
    Some(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

pub(super) fn millionths(value: &str) -> Option<i64> {
    let (whole, part) = value.split_once('.')?;
    if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let sign = if whole.starts_with('-') { -1 } else { 1 };
    let part: i64 = format!("{part:0<6}").get(..6)?.parse().ok()?;
    whole.parse::<i64>().ok()?.checked_mul(1_000_000)?.checked_add(sign * part)
}
