//! One condition in words: the answer, the numbers, the law, the figures of the law, and who supplied what.

use super::{Of, Teller, Voice};
use crate::{Answer, CheckResult, ConditionResult, Lang, ParameterUsed, ProgrammeResult, programme::Condition};
use std::collections::BTreeMap;

/// A figure of the law as it stood: 低保标准（城镇） 960 元/人/月, 清晏市, 2026-01-01 起.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterWords {
    pub title: String,
    pub amount: String,
    pub place: String,
    pub since: String,
    pub law: String,
    /// Named in the rule itself, or by a fact it reads; the others only stand behind its facts.
    pub direct: bool,
}

/// Rows of one source under a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supplier {
    pub name: String,
    /// Day the newest of them arrived.
    pub arrived: String,
    pub rows: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionWords {
    pub name: String,
    pub answer: Answer,
    pub title: String,
    /// Whose condition it is, where the programme is asked for each person.
    pub who: String,
    pub sentence: String,
    /// The measure beside the line; empty where the condition has none.
    pub numbers: String,
    /// The measure alone, where the reader may be told it, and the line alone.
    pub measure: String,
    pub line: String,
    /// How far between them; empty as well.
    pub margin: String,
    pub law: String,
    pub facts: Vec<(String, String)>,
    pub parameters: Vec<ParameterWords>,
    pub suppliers: Vec<Supplier>,
    /// Facts that would turn the answer, nearest first.
    pub changes: Vec<String>,
    /// What the pack tells the family to do about it; empty where the condition holds.
    pub advice: String,
}

impl Teller<'_> {
    pub fn condition(&self, result: &CheckResult, of: &ProgrammeResult, c: &ConditionResult) -> ConditionWords {
        let rule = self.pack.programme(&of.programme).and_then(|p| p.conditions.iter().find(|x| x.name == c.name));
        let person = c.person_id.or(of.person_id);
        let sentence = rule.map(|r| match c.answer {
            Answer::Holds => &r.holds,
            Answer::Fails => &r.fails,
            Answer::Unknown => &r.unknown,
        });
        // A number that the reader may not be told stays out; the conclusion is told.
        let told = c.facts.iter().all(|f| self.may_tell(&f.name, f.person_id.or(person)));
        let citizen = matches!(self.voice, Voice::Citizen(_));
        let words = |value: i64| self.quantity(value, &c.unit);
        let changes = match c.answer {
            Answer::Holds if citizen => Vec::new(),
            _ => self.changes(&c.changes, Of::Condition, person),
        };
        ConditionWords {
            name: c.name.clone(),
            answer: c.answer,
            title: rule.map_or_else(|| c.name.clone(), |r| self.t(&r.title).to_owned()),
            who: person.map(|p| self.name(p)).unwrap_or_default(),
            sentence: sentence.map(|s| self.t(s).to_owned()).unwrap_or_default(),
            numbers: match (c.measure.filter(|_| told), c.line) {
                (Some(measure), Some(line)) => match self.lang {
                    Lang::Zh => format!("{}，规定线 {}", words(measure), words(line)),
                    Lang::En => format!("{} against the line of {}", words(measure), words(line)),
                },
                (Some(measure), None) => words(measure),
                (None, Some(line)) => match self.lang {
                    Lang::Zh => format!("规定线 {}", words(line)),
                    Lang::En => format!("the line is {}", words(line)),
                },
                (None, None) => String::new(),
            },
            measure: c.measure.filter(|_| told).map(words).unwrap_or_default(),
            line: c.line.map(words).unwrap_or_default(),
            margin: match c.margin.filter(|_| told) {
                None => String::new(),
                Some(0) => self.w("正好在线上", "exactly on the line").to_owned(),
                Some(margin) => {
                    let apart = self.quantity(margin.abs(), c.unit.split('/').next().unwrap_or_default());
                    match (self.lang, margin > 0) {
                        (Lang::Zh, true) => format!("比线低 {apart}"),
                        (Lang::Zh, false) => format!("比线高 {apart}"),
                        (Lang::En, true) => format!("{apart} below the line"),
                        (Lang::En, false) => format!("{apart} above the line"),
                    }
                }
            },
            law: self.law(&c.basis),
            facts: c.facts.iter().map(|f| self.fact(f, person)).collect(),
            parameters: self.parameters(rule, c),
            suppliers: self.suppliers(result, &c.rows),
            changes,
            advice: match (c.answer, rule) {
                (Answer::Holds, _) | (_, None) => String::new(),
                (_, Some(rule)) => self.t(&rule.change).to_owned(),
            },
        }
    }

    fn parameters(&self, rule: Option<&Condition>, c: &ConditionResult) -> Vec<ParameterWords> {
        let mut list: Vec<ParameterWords> =
            c.parameters.iter().map(|p| self.parameter(p, is_direct(p, rule, c))).collect();
        list.sort_by_key(|p| !p.direct);
        list
    }

    fn parameter(&self, used: &ParameterUsed, direct: bool) -> ParameterWords {
        let title = self.pack.parameters.get(&used.id).map_or(used.id.as_str(), |p| self.t(&p.title)).to_owned();
        let since = match self.lang {
            Lang::Zh => format!("{} 起", used.effective),
            Lang::En => format!("since {}", used.effective),
        };
        ParameterWords {
            title,
            amount: self.quantity(used.amount, &used.unit),
            place: self.pack.regions.get(&used.region).map_or("", |r| self.t(&r.name)).to_owned(),
            since,
            law: self.law(&used.basis),
            direct,
        }
    }

    /// Departments whose rows stand under an answer, as far as the reader may be told; those with most rows first.
    pub fn suppliers(&self, result: &CheckResult, rows: &[usize]) -> Vec<Supplier> {
        let mut by: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
        for row in rows.iter().filter_map(|i| result.rows.get(*i)).filter(|row| self.may_name(row)) {
            let found = by.entry(&row.source).or_default();
            found.0 += 1;
            found.1 = found.1.max(row.arrived.get(..10).unwrap_or(&row.arrived));
        }
        let mut list: Vec<Supplier> = by
            .into_iter()
            .map(|(source, (rows, arrived))| Supplier {
                name: self.source_name(source),
                arrived: arrived.to_owned(),
                rows,
            })
            .collect();
        list.sort_by_key(|s| std::cmp::Reverse(s.rows));
        list
    }

    /// `区医保局“医保结算”`.
    pub fn source_name(&self, id: &str) -> String {
        match (self.pack.source(id), self.lang) {
            (None, _) => id.to_owned(),
            (Some(s), Lang::Zh) => format!("{}“{}”", self.t(&s.owner), self.t(&s.title)),
            (Some(s), Lang::En) => format!("{}: {}", self.t(&s.owner), self.t(&s.title)),
        }
    }
}

/// Named in the rule, or carried by one of its facts: `dibao_standard` has the value of `dibao_standard_urban`.
fn is_direct(used: &ParameterUsed, rule: Option<&Condition>, c: &ConditionResult) -> bool {
    let named = rule.is_some_and(|r| {
        [Some(&r.expr), r.measure.as_ref(), r.line.as_ref()].into_iter().flatten().any(|text| {
            let names = text.split(|ch: char| !(ch.is_alphanumeric() || ch == '_' || ch == '$'));
            names.into_iter().any(|n| n.strip_prefix('$') == Some(&used.id))
        })
    });
    named
        || c.facts.iter().any(|f| {
            let carries = used.id == f.name || used.id.strip_prefix(&f.name).is_some_and(|rest| rest.starts_with('_'));
            carries && f.value.as_deref() == Some(used.amount.to_string().as_str())
        })
}
