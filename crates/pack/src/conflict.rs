//! `conflicts.toml`: where sources contradict each other about one person (数据多头), which value is in use and by which
//! rule, and who may rule otherwise. A pack need not have one.

use crate::{
    Pack, Text,
    facts::{FactType, Grain},
};
use serde::Deserialize;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conflicts {
    #[serde(rename = "conflict", default)]
    pub all: Vec<Conflict>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conflict {
    pub id: String,
    pub title: Text,
    /// A fact about persons: TRUE where the sources contradict each other.
    pub differs: String,
    /// The fact that rules read.
    pub used: String,
    /// How it comes to be the one.
    pub rule: Text,
    /// The value that the others speak against; unset: each may speak against each.
    pub claim: Option<String>,
    /// What each source says.
    #[serde(rename = "value")]
    pub values: Vec<Value>,
    /// Unset: nobody here rules otherwise; the source mends its data.
    pub ruling: Option<Ruling>,
    pub basis: String,
}

/// What one source says: a fact, and whose it is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Value {
    pub fact: String,
    pub source: String,
}

/// A person's word on which value is used.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ruling {
    /// The fact that reads the ruling.
    pub fact: String,
    /// The column of the platform's rulings that holds its value.
    pub column: String,
    /// Roles that may rule: `R16`. The policies of access hold besides.
    pub by: Vec<String>,
    /// So long it holds at most.
    pub months: u32,
    /// What yes and no mean, where the value is one of them.
    pub yes: Option<Text>,
    pub no: Option<Text>,
}

/// What a ruling says; the kind is that of the fact which reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Money,
    YesNo,
}

/// The platform's own source of rulings.
pub const RULINGS: &str = "PF08";

impl Conflicts {
    pub fn get(&self, id: &str) -> Option<&Conflict> {
        self.all.iter().find(|c| c.id == id)
    }

    /// Every fact that showing the conflicts needs.
    pub fn facts(&self) -> impl Iterator<Item = &str> {
        self.all.iter().flat_map(|c| {
            let values = c.values.iter().map(|v| v.fact.as_str());
            values.chain([c.differs.as_str(), c.used.as_str()]).chain(c.ruling.iter().map(|r| r.fact.as_str()))
        })
    }
}

impl Conflict {
    /// The pairs of sources that contradict each other, each in the pack's order, by what they say.
    pub fn pairs(&self, said: impl Fn(&str) -> Option<String>) -> Vec<(&str, &str)> {
        let known: Vec<(&Value, String)> = self.values.iter().filter_map(|v| Some((v, said(&v.fact)?))).collect();
        let mut pairs = Vec::new();
        for (i, (one, first)) in known.iter().enumerate() {
            for (other, second) in &known[i + 1..] {
                let asked = self.claim.as_ref().is_none_or(|claim| [&one.fact, &other.fact].contains(&claim));
                if asked && first != second {
                    pairs.push((one.source.as_str(), other.source.as_str()));
                }
            }
        }
        pairs
    }

    pub fn source_of(&self, fact: &str) -> Option<&str> {
        self.values.iter().find(|v| v.fact == fact).map(|v| v.source.as_str())
    }
}

impl Ruling {
    /// `None` where nobody could say such a thing on a form.
    pub fn kind(&self, pack: &Pack) -> Option<Kind> {
        match pack.fact(&self.fact)?.1.kind {
            FactType::Money => Some(Kind::Money),
            FactType::Bool => Some(Kind::YesNo),
            _ => None,
        }
    }
}

impl Pack {
    /// The pack cut down to its conflicts, each in the form of an indicator about persons whose evidence are the values:
    /// what an engine needs to list all of a district without evaluating anything else.
    pub fn only_conflicts(&self) -> Pack {
        let indicators = self.conflicts.all.iter().map(|c| {
            let values = c.values.iter().map(|v| v.fact.clone());
            let ruled = c.ruling.iter().map(|r| r.fact.clone());
            crate::indicator::Indicator {
                id: c.id.clone(),
                name: c.id.clone(),
                kind: crate::indicator::Kind::Compliance,
                grain: Grain::Person,
                title: c.title.clone(),
                reason: c.rule.clone(),
                expr: c.differs.clone(),
                severity: crate::indicator::Severity::Blue,
                severity_expr: None,
                points: 0,
                points_expr: None,
                evidence: values.chain([c.used.clone()]).chain(ruled).collect(),
                lookback: String::new(),
                actor: crate::indicator::Level::District,
                report_to: None,
                limit_days: 0,
                cooldown_days: 0,
                open_task: Some(false),
                pool_only: true,
                pool_below: None,
                measure: None,
                worse: crate::workflow::Worse::default(),
                basis: c.basis.clone(),
                note: Default::default(),
            }
        });
        Pack {
            programmes: Vec::new(),
            indicators: indicators.collect(),
            assessment: Default::default(),
            services: Default::default(),
            cases: Vec::new(),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conflict(claim: Option<&str>) -> Conflict {
        let value = |fact: &str, source: &str| Value { fact: fact.to_owned(), source: source.to_owned() };
        Conflict {
            id: "wage".to_owned(),
            title: Text::new("工资", "Wage"),
            differs: "disputed".to_owned(),
            used: "used".to_owned(),
            rule: Text::new("甲", "A"),
            claim: claim.map(str::to_owned),
            values: vec![value("a", "S1"), value("b", "S2"), value("c", "S3"), value("d", "S4")],
            ruling: None,
            basis: String::new(),
        }
    }

    fn said(fact: &str) -> Option<String> {
        match fact {
            "a" => Some("5".to_owned()),
            "b" => Some("7".to_owned()),
            "c" => Some("5".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn sources_that_say_different_things_are_pairs_and_silent_ones_are_none() {
        assert_eq!(conflict(None).pairs(said), [("S1", "S2"), ("S2", "S3")]);
    }

    #[test]
    fn where_one_value_is_spoken_against_pairs_are_made_with_it_alone() {
        assert_eq!(conflict(Some("a")).pairs(said), [("S1", "S2")]);
        assert_eq!(conflict(Some("d")).pairs(said), Vec::<(&str, &str)>::new());
    }

    #[test]
    fn the_pack_of_its_conflicts_asks_nothing_else() {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/qingyan");
        let pack = Pack::load(&dir).unwrap_or_else(|problems| panic!("{problems}"));
        let cut = pack.only_conflicts();
        assert!(cut.programmes.is_empty() && cut.cases.is_empty() && cut.services.services.is_empty());
        let ids: Vec<&str> = cut.indicators.iter().map(|i| i.id.as_str()).collect();
        let of_pack: Vec<&str> = pack.conflicts.all.iter().map(|c| c.id.as_str()).collect();
        assert_eq!(ids, of_pack);
        for indicator in &cut.indicators {
            assert!(indicator.evidence.iter().all(|f| pack.fact(f).is_some()), "{}", indicator.id);
        }
    }
}
