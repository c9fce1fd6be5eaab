//! The guard of the platform's own step (`G_clean`, workflow.md 3): what must hold before it puts a case before the leader.
//!
//! Only [`judge`] makes a [`Clean`], and only a `Clean` is put forward. Unknown is never yes here: then a person looks.

use crate::difference::{Comparison, Difference, UnknownFact};
use serde::{Deserialize, Serialize};
use tuodi_pack::{Answer, CheckResult, Fen, Pack, indicator::Kind};

/// One condition with its answer. `Fails` means that a person looks, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CleanCondition {
    /// One of [`CLEAN_CONDITIONS`].
    pub id: String,
    pub answer: Answer,
}

/// In the order in which pages show them.
pub const CLEAN_CONDITIONS: [&str; 10] = [
    "tier_found",
    "programme_may",
    "facts_known",
    "declared_agrees",
    "no_relative",
    "no_compliance",
    "visited",
    "complete",
    "in_service",
    "undisputed",
];

/// Conditions whose failing is an anomaly that a person judges (transition 11), not merely something open.
const ANOMALIES: [&str; 3] = ["declared_agrees", "no_relative", "no_compliance"];

/// What the guard looks at besides the report.
pub(crate) struct Facts<'a> {
    pub pack: &'a Pack,
    pub region: &'a str,
    pub result: &'a CheckResult,
    pub differences: &'a [Difference],
    pub unknown: &'a [UnknownFact],
    /// Whether somebody of the household is a near relative of an officer; none where nobody said.
    pub relative: Option<bool>,
    /// Of the last visit, in parts per 1000; none without one.
    pub completeness: Option<u32>,
    /// Nobody has sent the case back, objected to it, appealed or complained.
    pub undisputed: bool,
}

/// A case in which everything is known and consistent, with what the rules give.
#[derive(Debug)]
pub(crate) struct Clean {
    programme: String,
    monthly: Fen,
}

impl Clean {
    pub fn programme(&self) -> &str {
        &self.programme
    }

    pub fn monthly(&self) -> Fen {
        self.monthly
    }
}

pub(crate) struct Judged {
    pub conditions: Vec<CleanCondition>,
    pub clean: Option<Clean>,
}

impl Judged {
    /// Something contradicts, or must be looked at for its own sake.
    pub fn anomalous(&self) -> bool {
        self.conditions.iter().any(|c| c.answer == Answer::Fails && ANOMALIES.contains(&c.id.as_str()))
    }
}

fn yes(holds: bool) -> Answer {
    if holds { Answer::Holds } else { Answer::Fails }
}

/// Declared and supplied: one that contradicts fails, also where a person has judged it since; what no department
/// answered is not confirmed by anybody.
fn agreement(differences: &[Difference]) -> Answer {
    Answer::all(differences.iter().map(|d| match d.comparison {
        Comparison::Agree | Comparison::Supplied => Answer::Holds,
        Comparison::Judge => Answer::Fails,
        Comparison::OnlyDeclared | Comparison::OnlySeen | Comparison::Unknown => Answer::Unknown,
    }))
}

pub(crate) fn judge(facts: &Facts<'_>) -> Judged {
    let (pack, result) = (facts.pack, facts.result);
    let flow = &pack.workflow.flow;
    let programme = pack.programme(&result.tier);
    let compliance =
        |alert: &tuodi_pack::AlertFinding| pack.indicator(&alert.indicator).is_some_and(|i| i.kind == Kind::Compliance);
    let answers = [
        yes(programme.is_some()),
        yes(flow.may(&result.tier)),
        if facts.unknown.is_empty() { Answer::Holds } else { Answer::Unknown },
        agreement(facts.differences),
        match facts.relative {
            Some(relative) => yes(!relative),
            None => Answer::Unknown,
        },
        yes(!result.alerts.iter().any(compliance)),
        if facts.completeness.is_some() { Answer::Holds } else { Answer::Unknown },
        match facts.completeness {
            Some(share) => yes(share >= flow.complete_permille),
            None => Answer::Unknown,
        },
        yes(flow.covers(facts.region) && pack.regions.get(facts.region).is_some()),
        yes(facts.undisputed),
    ];
    let clean = answers.iter().all(|a| *a == Answer::Holds);
    let conditions = CLEAN_CONDITIONS.iter().zip(answers);
    Judged {
        conditions: conditions.map(|(id, answer)| CleanCondition { id: (*id).to_owned(), answer }).collect(),
        clean: clean.then(|| Clean { programme: result.tier.clone(), monthly: result.monthly }),
    }
}
