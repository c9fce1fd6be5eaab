//! What an applicant types: read as declared facts, with every field's problem at once.
//!
//! Fields are kept exactly as typed, right or wrong; this file only reads them.

use crate::FieldError;
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeMap;
use tuodi_pack::{Fen, PersonId};
use tuodi_registry::Person;

pub type Fields = BTreeMap<String, String>;

/// The person does not know: the fact stays unknown, and asks (programmes.md, rule 3).
pub const UNKNOWN: &str = "unknown";

/// Why help is asked for.
pub const REASONS: &[&str] =
    &["income", "illness", "job_lost", "disability", "old_age", "schooling", "disaster", "other"];

/// Facts declared of each member, in fen a month.
pub const PERSON_FACTS: &[&str] = &["wage_month", "other_income_month"];
/// Facts declared of the household: money in fen, and a count.
pub const HOUSEHOLD_MONEY: &[&str] = &["fin_assets", "vehicle_value", "company_capital", "self_paid_medical_12m"];
/// Spending that counts for rigid expenditure, in fen of 12 months (RX art. 5); left empty by whom it does not concern.
pub const SPENDING: &[&str] = &["education_12m", "rehabilitation_12m"];
pub const HOME_COUNT: &str = "home_count";

/// Whether somebody of the household is near kin of an officer who handles it (DB57 art. 11): `yes`, `no`, or not answered.
pub const RELATIVE: &str = "relative";

/// Where the household lives now, if not as registered.
pub const ADDRESS: &str = "address";
const MOST_ADDRESS: usize = 200;

/// One declared fact; `value` none means "I do not know".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    pub person: Option<PersonId>,
    pub name: String,
    pub value: Option<i64>,
}

/// The steps of the form, in order, with the fields each asks.
pub const STEPS: &[&str] = &["household", "reasons", "income", "assets", "account", "check"];

/// The step that asks a field.
pub fn step_of(field: &str) -> &'static str {
    match field.split('.').next().unwrap_or_default() {
        "member" | "members_note" | ADDRESS | RELATIVE => "household",
        "reasons" | "reason_text" => "reasons",
        "wage_month" | "other_income_month" => "income",
        "fin_assets" | "vehicle_value" | "company_capital" | "self_paid_medical_12m" | "home_count" => "assets",
        field if SPENDING.contains(&field) => "assets",
        "phone" | "bank" | "account" => "account",
        _ => "check",
    }
}

/// Completed years on a day.
pub fn age_on(birth: NaiveDate, day: NaiveDate) -> i32 {
    let had_birthday = (day.month(), day.day()) >= (birth.month(), birth.day());
    day.year() - birth.year() - i32::from(!had_birthday)
}

/// Eighteen, or of unknown age: who must authorise the check.
pub fn is_adult(person: &Person, day: NaiveDate) -> bool {
    person.birth_date.is_none_or(|birth| age_on(birth, day) >= 18)
}

/// Old enough to have a wage of their own (Labour Law art. 15).
fn may_earn(person: &Person, day: NaiveDate) -> bool {
    person.birth_date.is_none_or(|birth| age_on(birth, day) >= 16)
}

/// Full-width digits and signs as people type them on a Chinese keyboard.
fn half_width(text: &str) -> String {
    text.trim()
        .chars()
        .filter_map(|c| match c {
            '０'..='９' => char::from_u32(u32::from('0') + u32::from(c) - u32::from('０')),
            '．' | '。' => Some('.'),
            '，' | ',' => None,
            c if c.is_whitespace() => None,
            c => Some(c),
        })
        .collect()
}

/// Yuan as people write them: `1,400`, `1400.5`, `１４００元`. None if it is not an amount of zero or more.
pub fn parse_yuan(text: &str) -> Option<Fen> {
    let text = half_width(text);
    let text = text.strip_suffix('元').unwrap_or(&text);
    let (yuan, fen) = text.split_once('.').unwrap_or((text, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if yuan.is_empty() || yuan.len() > 12 || !digits(yuan) || fen.len() > 2 || !digits(fen) {
        return None;
    }
    let cents: i64 = match fen.len() {
        0 => 0,
        1 => fen.parse::<i64>().ok()? * 10,
        _ => fen.parse().ok()?,
    };
    Some(Fen(yuan.parse::<i64>().ok()? * 100 + cents))
}

fn parse_count(text: &str) -> Option<i64> {
    let text = half_width(text);
    (!text.is_empty() && text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

pub fn is_phone(text: &str) -> bool {
    let digits = half_width(text).replace('-', "");
    (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

pub fn is_account(text: &str) -> bool {
    let digits = half_width(text);
    (10..=30).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Whether the form counts a member in. Who lives elsewhere or has died is not asked, and need not authorise.
pub fn lives_here(fields: &Fields, member: PersonId) -> bool {
    fields.get(&format!("member.{member}")).is_none_or(|v| v != "elsewhere" && v != "died")
}

/// Members who live together, as confirmed on the form.
pub fn living_here<'a>(fields: &Fields, members: &'a [Person]) -> Vec<&'a Person> {
    members.iter().filter(|m| lives_here(fields, m.id)).collect()
}

/// Reads the whole form. Problems come in the order of the steps.
pub fn read(fields: &Fields, members: &[Person], day: NaiveDate) -> (Vec<Declared>, Vec<FieldError>) {
    let mut declared = Vec::new();
    let mut problems = Vec::new();
    let text = |name: &str| fields.get(name).map_or("", |v| v.trim());

    for member in members {
        let field = format!("member.{}", member.id);
        match text(&field) {
            "here" | "elsewhere" | "died" => {}
            _ => problems.push(FieldError::new(field, "error.member_unanswered")),
        }
    }
    let reasons: Vec<&str> = text("reasons").split(',').map(str::trim).filter(|r| !r.is_empty()).collect();
    if reasons.is_empty() {
        problems.push(FieldError::new("reasons", "error.required"));
    } else if reasons.iter().any(|r| !REASONS.contains(r)) {
        problems.push(FieldError::new("reasons", "error.choice"));
    }

    let mut money = |field: String, person: Option<PersonId>, name: &str, required: bool| match text(&field) {
        "" if required => problems.push(FieldError::new(field, "error.required")),
        "" => {}
        UNKNOWN => declared.push(Declared { person, name: name.to_owned(), value: None }),
        typed => match parse_yuan(typed) {
            Some(fen) => declared.push(Declared { person, name: name.to_owned(), value: Some(fen.0) }),
            None => problems.push(FieldError::new(field, "error.amount")),
        },
    };
    for member in living_here(fields, members) {
        for name in PERSON_FACTS {
            money(format!("{name}.{}", member.id), Some(member.id), name, may_earn(member, day));
        }
    }
    for name in HOUSEHOLD_MONEY {
        money((*name).to_owned(), None, name, true);
    }
    for name in SPENDING {
        money((*name).to_owned(), None, name, false);
    }
    match text(HOME_COUNT) {
        "" => problems.push(FieldError::new(HOME_COUNT, "error.required")),
        UNKNOWN => declared.push(Declared { person: None, name: HOME_COUNT.to_owned(), value: None }),
        typed => match parse_count(typed) {
            Some(n) => declared.push(Declared { person: None, name: HOME_COUNT.to_owned(), value: Some(n) }),
            None => problems.push(FieldError::new(HOME_COUNT, "error.count")),
        },
    }

    if text(ADDRESS).chars().count() > MOST_ADDRESS {
        problems.push(FieldError::new(ADDRESS, "error.too_long"));
    }
    if !text("phone").is_empty() && !is_phone(text("phone")) {
        problems.push(FieldError::new("phone", "error.phone"));
    }
    // An account can be given later, at the window; a wrong one must not be stored.
    if !text("account").is_empty() && !is_account(text("account")) {
        problems.push(FieldError::new("account", "error.account"));
    }
    if text("truth") != "yes" {
        problems.push(FieldError::new("truth", "error.truth"));
    }
    (declared, problems)
}

/// Whether a step asks about each member of the household, so that its problems cannot be told without them.
pub fn asks_each_member(step: &str) -> bool {
    matches!(step, "household" | "income")
}

/// Problems of one step only, for the page that was just saved.
pub fn step_problems(step: &str, fields: &Fields, members: &[Person], day: NaiveDate) -> Vec<FieldError> {
    read(fields, members, day).1.into_iter().filter(|p| step_of(&p.field) == step).collect()
}

/// The account number as stored: digits only.
pub(crate) fn account_digits(text: &str) -> String {
    half_width(text)
}

pub(crate) fn phone_digits(text: &str) -> String {
    half_width(text).replace('-', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        assert_eq!(parse_yuan("1,400"), Some(Fen(140_000)));
        assert_eq!(parse_yuan(" １４００．５元 "), Some(Fen(140_050)));
        assert_eq!(parse_yuan("0"), Some(Fen(0)));
        assert_eq!(parse_yuan("12.05"), Some(Fen(1_205)));
    }

    #[test]
    fn what_is_not_an_amount_is_not_taken_for_one() {
        for text in ["", "-5", "1.234", "一千", "1.2.3", ".5", "9999999999999"] {
            assert_eq!(parse_yuan(text), None, "{text}");
        }
    }

    #[test]
    fn a_birthday_counts_from_the_day_itself() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        assert_eq!(age_on(day(2008, 9, 2), day(2026, 9, 1)), 17);
        assert_eq!(age_on(day(2008, 9, 1), day(2026, 9, 1)), 18);
    }
}
