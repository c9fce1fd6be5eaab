//! A finding in plain words: what holds, by which numbers and law, and what would change it.
//!
//! Pure functions from a pack, a finding and a language to sentences. Officers' pages, `tuodi check` and letters all say
//! the same with them (workflow.md 8). Nothing here decides: the words say what the rules find, and that a person decides.

mod change;
mod condition;
mod finding;
mod law;
mod programme;
mod values;

pub use self::{
    change::Of,
    condition::{ConditionWords, ParameterWords, Supplier},
    finding::{AlertWords, FindingWords, LevelWords, MatterWords, NeedWords, leading},
    law::law,
    programme::ProgrammeWords,
};

use crate::{Lang, Pack, PersonId, SourceRow, Text, pack::Info, source::Origin, words};
use std::collections::BTreeMap;

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// Whoever handles the case and may see all its data.
    Officer,
    /// A member of the household. Of other members the most sensitive facts (L4) are told as conclusions only
    /// (workflow.md 7), and scores are not told at all.
    Citizen(Option<PersonId>),
}

/// Tells findings of one pack to one reader.
#[derive(Debug, Clone, Copy)]
pub struct Teller<'a> {
    pub pack: &'a Pack,
    pub lang: Lang,
    pub voice: Voice,
    /// Names of the people the finding is about; without one a person is called by number.
    pub names: &'a BTreeMap<PersonId, String>,
}

impl<'a> Teller<'a> {
    fn w<'w>(&self, zh: &'w str, en: &'w str) -> &'w str {
        if self.lang == Lang::Zh { zh } else { en }
    }

    fn t<'w>(&self, text: &'w Text) -> &'w str {
        text.get(self.lang)
    }

    fn own(&self, text: Text) -> String {
        match self.lang {
            Lang::Zh if !text.zh.is_empty() => text.zh,
            _ if !text.en.is_empty() => text.en,
            _ => text.zh,
        }
    }

    fn info(&self) -> &'a Info {
        &self.pack.info
    }

    /// Citations in words.
    pub fn law(&self, basis: &str) -> String {
        law(self.pack, basis, self.lang)
    }

    /// A number with its unit in words.
    pub fn quantity(&self, value: i64, unit: &str) -> String {
        words::quantity(self.info(), value, unit, self.lang)
    }

    fn name(&self, person: PersonId) -> String {
        match self.names.get(&person) {
            Some(name) => name.clone(),
            // Numbers of persons are the office's own: no letter has them.
            None => match (self.voice, self.lang) {
                (Voice::Citizen(_), Lang::Zh) => "家里的一位成员".to_owned(),
                (Voice::Citizen(_), Lang::En) => "a member of the household".to_owned(),
                (Voice::Officer, Lang::Zh) => format!("成员 {person}"),
                (Voice::Officer, Lang::En) => format!("member {person}"),
            },
        }
    }

    /// Whether this reader may be told who supplied a row: that the prison or the hospital sent something about another
    /// member says it all.
    pub fn may_name(&self, row: &SourceRow) -> bool {
        let Voice::Citizen(me) = self.voice else { return true };
        let own = row.person_id.is_none() || row.person_id == me;
        own || self.pack.source(&row.source).is_none_or(|s| s.origin == Origin::Platform || s.sensitivity != "L4")
    }

    /// Whether this reader may be told the value of a fact, and not only what follows from it.
    fn may_tell(&self, fact: &str, person: Option<PersonId>) -> bool {
        let Voice::Citizen(me) = self.voice else { return true };
        let Some((_, fact)) = self.pack.fact(fact) else { return true };
        let scored = fact.unit.contains("point");
        !scored && (person.is_none() || person == me || fact.sensitivity != "L4")
    }
}
