//! The application form: its steps, one subject a page, and the questions of each.
//!
//! Answers are kept under casework's field names, exactly as typed; only amounts that read as money are written plainly.

use crate::{
    View,
    citizen::filling::{Filling, Member},
    form::{Choice, Fields, money},
};
use tuodi_casework::{
    draft::{ADDRESS, REASONS, RELATIVE, UNKNOWN},
    known::KnownFact,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Household,
    Reasons,
    Income,
    Medical,
    Property,
    Account,
}

impl Step {
    pub const ALL: [Step; 6] =
        [Step::Household, Step::Reasons, Step::Income, Step::Medical, Step::Property, Step::Account];

    /// The last word of its address.
    pub fn id(self) -> &'static str {
        match self {
            Step::Household => "household",
            Step::Reasons => "reasons",
            Step::Income => "income",
            Step::Medical => "medical",
            Step::Property => "property",
            Step::Account => "account",
        }
    }

    pub fn from_id(id: &str) -> Option<Step> {
        Step::ALL.into_iter().find(|s| s.id() == id)
    }

    /// The room's step, which is coarser.
    pub fn room(self) -> &'static str {
        match self {
            Step::Household => "household",
            Step::Reasons => "reasons",
            Step::Income => "income",
            Step::Medical | Step::Property => "assets",
            Step::Account => "account",
        }
    }

    /// The step that asks a field; `None` for what the review page asks.
    pub fn of_field(field: &str) -> Option<Step> {
        Some(match field.split('.').next().unwrap_or_default() {
            "member" | "members_note" | "address" | "relative" => Step::Household,
            "reasons" | "reason_text" => Step::Reasons,
            "wage_month" | "other_income_month" => Step::Income,
            "self_paid_medical_12m" | "education_12m" | "rehabilitation_12m" => Step::Medical,
            "fin_assets" | "vehicle_value" | "company_capital" | "home_count" => Step::Property,
            "phone" | "bank" | "account" => Step::Account,
            _ => return None,
        })
    }

    pub fn number(self) -> usize {
        1 + Step::ALL.iter().position(|s| *s == self).unwrap_or_default()
    }

    pub fn next(self) -> Option<Step> {
        Step::ALL.get(self.number()).copied()
    }

    pub fn previous(self) -> Option<Step> {
        Step::ALL.get(self.number().checked_sub(2)?).copied()
    }
}

/// The steps a person sees: those of the form, then the authorisation and the review.
pub const STEPS_SHOWN: usize = Step::ALL.len() + 2;

/// One question as the page draws it.
pub enum Question {
    Heading { text: String },
    Amount { name: String, label: String, hint: String, value: String, unit: String, unknown: bool },
    Line { name: String, label: String, hint: String, value: String, mode: &'static str },
    Area { name: String, label: String, hint: String, value: String },
    Choices { kind: &'static str, name: String, legend: String, hint: String, choices: Vec<Choice> },
}

impl Question {
    pub fn name(&self) -> Option<&str> {
        match self {
            Question::Heading { .. } => None,
            Question::Amount { name, .. }
            | Question::Line { name, .. }
            | Question::Area { name, .. }
            | Question::Choices { name, .. } => Some(name),
        }
    }

    /// The answer as it is kept.
    pub fn stored(&self) -> String {
        match self {
            Question::Heading { .. } => String::new(),
            Question::Amount { unknown: true, .. } => UNKNOWN.to_owned(),
            Question::Amount { value, .. } | Question::Line { value, .. } | Question::Area { value, .. } => {
                value.clone()
            }
            Question::Choices { choices, .. } => {
                let chosen: Vec<&str> = choices.iter().filter(|c| c.chosen).map(|c| c.value.as_str()).collect();
                chosen.join(",")
            }
        }
    }

    /// The answer as a person reads it; empty when there is none.
    pub fn in_words(&self, v: &View) -> String {
        match self {
            Question::Heading { .. } => String::new(),
            Question::Amount { unknown: true, .. } => v.t("common.form.unknown").to_owned(),
            Question::Amount { value, .. } if value.is_empty() => String::new(),
            Question::Amount { value, unit, .. } => format!("{value} {unit}"),
            Question::Line { value, .. } | Question::Area { value, .. } => value.clone(),
            Question::Choices { choices, .. } => {
                let chosen: Vec<&str> = choices.iter().filter(|c| c.chosen).map(|c| c.label.as_str()).collect();
                chosen.join(if v.is_zh() { "、" } else { ", " })
            }
        }
    }
}

/// The questions of a step with what was answered before.
pub fn questions(v: &View, step: Step, filling: &Filling) -> Vec<Question> {
    let ask = Ask { v, fields: &filling.fields, known: &filling.known };
    match step {
        Step::Household => {
            let mut questions: Vec<Question> = filling.members.iter().map(|m| ask.member(m)).collect();
            questions.push(ask.line(ADDRESS, "text"));
            questions.push(ask.area("members_note"));
            questions.push(ask.relative());
            questions
        }
        Step::Reasons => vec![ask.reasons(), ask.area("reason_text")],
        Step::Income => {
            let mut questions = Vec::new();
            for member in filling.members.iter().filter(|m| m.here && m.earns) {
                questions.push(Question::Heading { text: member.name.clone() });
                for fact in ["wage_month", "other_income_month"] {
                    questions.push(ask.amount(fact, &format!("{fact}.{}", member.id), "citizen.unit.yuan_month"));
                }
            }
            questions
        }
        Step::Medical => ["self_paid_medical_12m", "education_12m", "rehabilitation_12m"]
            .map(|fact| ask.amount(fact, fact, "common.unit.yuan_word"))
            .into(),
        Step::Property => vec![
            ask.amount("fin_assets", "fin_assets", "common.unit.yuan_word"),
            ask.amount("vehicle_value", "vehicle_value", "common.unit.yuan_word"),
            ask.amount("home_count", "home_count", "citizen.unit.homes"),
            ask.amount("company_capital", "company_capital", "common.unit.yuan_word"),
        ],
        Step::Account => vec![ask.line("phone", "tel"), ask.line("bank", "text"), ask.line("account", "numeric")],
    }
}

struct Ask<'a> {
    v: &'a View,
    fields: &'a Fields,
    known: &'a [KnownFact],
}

impl Ask<'_> {
    /// What was typed; before anything was, what is on file.
    fn value(&self, name: &str) -> String {
        let on_file = || self.known.iter().find(|fact| fact.field == name && fact.fills()).map(|fact| &fact.value);
        self.fields.get(name).or_else(on_file).cloned().unwrap_or_default()
    }

    fn words(&self, fact: &str) -> (String, String) {
        let label = self.v.t_of("citizen.ask", fact).to_owned();
        let hint = crate::words::find(self.v.lang, &format!("citizen.ask.{fact}_hint")).unwrap_or_default().to_owned();
        (label, hint)
    }

    fn amount(&self, fact: &str, name: &str, unit: &str) -> Question {
        let (label, hint) = self.words(fact);
        let value = self.value(name);
        let unknown = value == UNKNOWN;
        Question::Amount {
            name: name.to_owned(),
            label,
            hint,
            unit: self.v.t(unit).to_owned(),
            value: if unknown { String::new() } else { value },
            unknown,
        }
    }

    fn line(&self, name: &str, mode: &'static str) -> Question {
        let (label, hint) = self.words(name);
        Question::Line { name: name.to_owned(), label, hint, value: self.value(name), mode }
    }

    fn area(&self, name: &str) -> Question {
        let (label, hint) = self.words(name);
        Question::Area { name: name.to_owned(), label, hint, value: self.value(name) }
    }

    fn member(&self, member: &Member) -> Question {
        let name = format!("member.{}", member.id);
        let answer = self.value(&name);
        let choice = |value: &str| Choice {
            value: value.to_owned(),
            label: self.v.t_of("citizen.member", value).to_owned(),
            hint: String::new(),
            chosen: answer == value,
        };
        let (legend, hint) = if member.applicant {
            (self.v.t1("citizen.member.applicant", &member.name), String::new())
        } else {
            (member.name.clone(), String::new())
        };
        Question::Choices { kind: "radio", name, legend, hint, choices: vec![choice("here"), choice("elsewhere")] }
    }

    /// Nobody must answer it; without an answer an officer asks (DB57 art. 11).
    fn relative(&self) -> Question {
        let (legend, hint) = self.words(RELATIVE);
        let answer = self.value(RELATIVE);
        let choice = |value: &str| Choice {
            value: value.to_owned(),
            label: self.v.t_of("citizen.relative", value).to_owned(),
            hint: String::new(),
            chosen: answer == value,
        };
        let choices = vec![choice("no"), choice("yes")];
        Question::Choices { kind: "radio", name: RELATIVE.to_owned(), legend, hint, choices }
    }

    fn reasons(&self) -> Question {
        let (legend, hint) = self.words("reasons");
        let chosen = self.value("reasons");
        let choices = REASONS.iter().map(|reason| Choice {
            value: (*reason).to_owned(),
            label: self.v.t_of("citizen.reason", reason).to_owned(),
            hint: String::new(),
            chosen: chosen.split(',').any(|c| c == *reason),
        });
        Question::Choices { kind: "checkbox", name: "reasons".to_owned(), legend, hint, choices: choices.collect() }
    }
}

/// The fields of a step out of a posted form: every one of its questions gets an answer, an empty one too, and nothing
/// that the step does not ask is taken.
pub fn answers(questions: &[Question], posted: &[(String, String)]) -> Fields {
    let all = |name: &str| posted.iter().filter(|(n, _)| n == name).map(|(_, v)| v.trim()).collect::<Vec<_>>();
    let mut fields = Fields::new();
    for question in questions {
        match question {
            Question::Heading { .. } => {}
            Question::Amount { name, .. } => {
                let typed = all(name).join("");
                let unknown = all("unknown").contains(&name.as_str());
                // An amount that was typed counts more than a tick left from before.
                let value = match money(&typed) {
                    Some(fen) => fen.to_string().replace(',', ""),
                    None if unknown && typed.is_empty() => UNKNOWN.to_owned(),
                    None => typed,
                };
                fields.insert(name.clone(), value);
            }
            Question::Line { name, .. } | Question::Area { name, .. } | Question::Choices { name, .. } => {
                fields.insert(name.clone(), all(name).join(","));
            }
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(name: &str) -> Question {
        let empty = String::new;
        Question::Amount {
            name: name.to_owned(),
            label: empty(),
            hint: empty(),
            value: empty(),
            unit: empty(),
            unknown: false,
        }
    }

    fn posted(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn every_step_leads_to_the_next_and_back() {
        let mut step = Step::Household;
        for (i, expected) in Step::ALL.into_iter().enumerate() {
            assert_eq!((step, step.number()), (expected, i + 1));
            if let Some(next) = step.next() {
                assert_eq!(next.previous(), Some(step));
                step = next;
            }
        }
    }

    #[test]
    fn ten_thousands_and_full_width_digits_are_written_plainly() {
        let fields = answers(&[amount("fin_assets")], &posted(&[("fin_assets", "１．２万")]));
        assert_eq!(fields["fin_assets"], "12000");
    }

    #[test]
    fn what_cannot_be_read_as_money_is_kept_as_typed() {
        let fields = answers(&[amount("fin_assets")], &posted(&[("fin_assets", "三万八")]));
        assert_eq!(fields["fin_assets"], "三万八");
    }

    #[test]
    fn not_remembering_is_an_answer_unless_an_amount_was_typed() {
        let forgotten = answers(&[amount("fin_assets")], &posted(&[("fin_assets", ""), ("unknown", "fin_assets")]));
        assert_eq!(forgotten["fin_assets"], UNKNOWN);
        let typed = answers(&[amount("fin_assets")], &posted(&[("fin_assets", "500"), ("unknown", "fin_assets")]));
        assert_eq!(typed["fin_assets"], "500");
    }

    #[test]
    fn fields_of_other_steps_are_not_taken() {
        let fields = answers(&[amount("fin_assets")], &posted(&[("fin_assets", "1"), ("truth", "yes")]));
        assert_eq!(fields.len(), 1);
    }
}
