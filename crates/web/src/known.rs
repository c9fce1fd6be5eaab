//! Answers that are on file already, as the form shows them: filled in, with their source, folded away until somebody says
//! that they are wrong.

use crate::{
    View,
    citizen::{
        filling::Filling,
        questions::{Question, Step, questions},
    },
};
use std::collections::BTreeMap;
use tuodi_casework::known::{KnownFact, Origin, Said};

pub struct KnownLine {
    pub label: String,
    /// As the source has it, in words.
    pub value: String,
    pub source: String,
    /// The form says the same, or nothing else yet; otherwise it was corrected.
    pub same: bool,
    /// What the applicant says instead.
    pub now: String,
}

fn source(v: &View, fact: &KnownFact) -> String {
    let origin = match (&fact.reference, fact.origin) {
        (Some(case), Origin::Told) => v.t1("citizen.known.told", case),
        (Some(case), Origin::Checked) => v.t1("citizen.known.checked", case),
        _ => fact.origin.title(v.lang).to_owned(),
    };
    match &fact.as_of {
        Some(day) => v.t2("citizen.known.source_of", origin, v.full_date(day)),
        None => v.t1("citizen.known.source", origin),
    }
}

/// The known answers of a step by field.
pub fn lines(v: &View, step: Step, filling: &Filling) -> BTreeMap<String, KnownLine> {
    // The same questions as the sources would answer them.
    let mut told = filling.clone();
    told.fields = filling.known.iter().map(|fact| (fact.field.clone(), fact.value.clone())).collect();
    let now = in_words(v, step, filling);
    in_words(v, step, &told)
        .into_iter()
        .filter_map(|(field, (label, value))| {
            let fact = filling.known.iter().find(|fact| fact.field == field)?;
            let same = fact.said != Said::Corrected;
            let now = match now.get(&field) {
                Some((_, words)) if !same && field == "account" => tuodi_registry::mask_account(words),
                Some((_, words)) if !same => words.clone(),
                _ => String::new(),
            };
            Some((field, KnownLine { label, value, source: source(v, fact), same, now }))
        })
        .filter(|(_, line)| !line.value.is_empty())
        .collect()
}

/// Label and answer of every question, each member's with the name before it.
fn in_words(v: &View, step: Step, filling: &Filling) -> BTreeMap<String, (String, String)> {
    let mut of = String::new();
    let mut all = BTreeMap::new();
    for question in questions(v, step, filling) {
        let label = match &question {
            Question::Heading { text } => {
                of.clone_from(text);
                continue;
            }
            Question::Amount { label, .. } if !of.is_empty() => format!("{of} · {label}"),
            Question::Amount { label, .. } | Question::Line { label, .. } | Question::Area { label, .. } => {
                label.clone()
            }
            Question::Choices { legend, .. } => legend.clone(),
        };
        if let Some(name) = question.name() {
            all.insert(name.to_owned(), (label, question.in_words(v)));
        }
    }
    all
}

/// All known answers of a case in the order of the form.
pub fn all(v: &View, filling: &Filling) -> Vec<KnownLine> {
    Step::ALL.into_iter().flat_map(|step| lines(v, step, filling).into_values()).collect()
}
