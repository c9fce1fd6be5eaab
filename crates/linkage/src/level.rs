//! Levels of agreement. A field lists some of them, best first; the first that holds for a pair is the pair's level, and
//! where none holds the values differ.

use crate::Kind;
use std::fmt;

/// How closely two values agree. Written as the word, with a number after a colon where it takes one: `prefix:9`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Level {
    /// The same as written, blanks and full-width forms aside.
    Equal,
    /// Names: the same but for traditional and variant characters.
    Variant,
    /// Names: each character sounds like its counterpart.
    Homophone,
    /// Names: the same characters in another order. Dates and numbers: two neighbouring digits changed places.
    Transposed,
    /// Names of three or more characters: one is another, or one is missing, those that sound alike counting as equal.
    /// Numbers: one digit is another, or is missing.
    OneEdit,
    /// Names: the given name is alike, the surname another.
    Given,
    /// Names: the surname is the same.
    Surname,
    /// Dates: day and month changed places.
    Swapped,
    /// Dates: one of the eight digits is another.
    OneDigit,
    /// Dates: the same month of the same year.
    SameMonth,
    /// Dates: the same day of another year.
    SameDay,
    /// Dates: so many days apart at most. A birthday by the lunar calendar is 17 to 55 days off.
    WithinDays(u32),
    SameYear,
    /// Citizen numbers: the same but for the last character, so that one of them is wrong in it.
    CheckDigit,
    /// Numbers masked or cut short: so many characters are known in both and all of them agree.
    Partial(u32),
    /// Citizen numbers: both pass their check, so that they are two numbers. Counts against.
    BothValid,
    /// Codes: so many leading characters are the same.
    Prefix(u32),
    /// Sets: so large a part of all members of both is in both (per cent).
    Share(u32),
    /// Sets: a member is in both.
    Any,
    /// Sets of names: the one's own name stands in the other's set, so that they are two persons. Counts against.
    NamesOther,
    /// Texts: Jaro-Winkler similarity (per cent).
    Similarity(u32),
    /// Texts: so many edits (Levenshtein).
    Distance(u32),
    /// Texts: one contains the other.
    Contains,
}

impl Level {
    /// Reads `word` or `word:number`; the message says what could be written.
    pub fn parse(text: &str, kind: Kind) -> Result<Level, String> {
        let (word, number) = match text.split_once(':') {
            Some((word, number)) => {
                let number = number.trim().parse::<u32>();
                let number = number.map_err(|_| format!("{text:?}: write a whole number after the colon"))?;
                (word.trim(), Some(number))
            }
            None => (text.trim(), None),
        };
        let allowed = kind.levels();
        let Some(example) = allowed.iter().find(|level| level.word() == word) else {
            let words: Vec<String> = allowed.iter().map(Level::to_string).collect();
            return Err(format!("{text:?} is no level of a field of kind {}; write {}", kind.word(), words.join(", ")));
        };
        match (example.number(), number) {
            (None, None) => Ok(*example),
            (Some(_), Some(number)) => {
                let level = example.with(number);
                if matches!(level, Level::Share(n) | Level::Similarity(n) if n > 100) {
                    return Err(format!("{text:?}: per cent, 100 at most"));
                }
                Ok(level)
            }
            (None, Some(_)) => Err(format!("{text:?}: {word} takes no number")),
            (Some(_), None) => Err(format!("{text:?}: write it with a number, such as {example}")),
        }
    }

    pub fn word(&self) -> &'static str {
        match self {
            Level::Equal => "equal",
            Level::Variant => "variant",
            Level::Homophone => "homophone",
            Level::Transposed => "transposed",
            Level::OneEdit => "one_edit",
            Level::Given => "given",
            Level::Surname => "surname",
            Level::Swapped => "swapped",
            Level::OneDigit => "one_digit",
            Level::SameMonth => "same_month",
            Level::SameDay => "same_day",
            Level::WithinDays(_) => "within_days",
            Level::SameYear => "same_year",
            Level::CheckDigit => "check_digit",
            Level::Partial(_) => "partial",
            Level::BothValid => "both_valid",
            Level::Prefix(_) => "prefix",
            Level::Share(_) => "share",
            Level::Any => "any",
            Level::NamesOther => "names_other",
            Level::Similarity(_) => "similarity",
            Level::Distance(_) => "distance",
            Level::Contains => "contains",
        }
    }

    fn number(&self) -> Option<u32> {
        match *self {
            Level::WithinDays(n)
            | Level::Partial(n)
            | Level::Prefix(n)
            | Level::Share(n)
            | Level::Similarity(n)
            | Level::Distance(n) => Some(n),
            _ => None,
        }
    }

    fn with(self, number: u32) -> Level {
        match self {
            Level::WithinDays(_) => Level::WithinDays(number),
            Level::Partial(_) => Level::Partial(number),
            Level::Prefix(_) => Level::Prefix(number),
            Level::Share(_) => Level::Share(number),
            Level::Similarity(_) => Level::Similarity(number),
            Level::Distance(_) => Level::Distance(number),
            level => level,
        }
    }

    /// Two who agree so are more likely two persons: training begins with a small m.
    pub fn speaks_against(&self) -> bool {
        matches!(self, Level::BothValid | Level::NamesOther)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number() {
            Some(number) => write!(f, "{}:{number}", self.word()),
            None => f.write_str(self.word()),
        }
    }
}
