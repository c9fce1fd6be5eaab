//! Six-dimension assessments that an older system holds: the index and, behind it, the answers.
//!
//! Reasoning: assessing began with those on the roster; one family in three has one, a few other families too. Most
//! things are well in most homes, and worse in some than in others (a share of bad answers drawn for each home). One
//! answer in twelve is missing. The index is the questionnaire's own formula over the answers.

use crate::chance::Chance;
use crate::district::District;
use crate::person::Story;
use crate::rows::codes;
use chrono::{Days, NaiveDate};
use std::sync::Arc;
use tuodi_pack::assessment::{Answers, Assessment};

codes!(Hardship { None = "none" "无明显困难", Mild = "mild" "轻度困难", Moderate = "moderate" "中度困难", Severe = "severe" "重度困难" });
codes!(DecidedBy { Total = "total" "总分", Dimension = "dimension" "单维", Override = "override" "底线情形" });

#[derive(Debug, Clone)]
pub struct AssessmentRow {
    pub household: u32,
    pub on: NaiveDate,
    /// Thousandths of a point.
    pub low: u32,
    pub high: u32,
    /// Parts per 1000.
    pub completeness: u32,
    pub level: Hardship,
    pub decided_by: Option<DecidedBy>,
    pub deprivation: u32,
}

#[derive(Debug, Clone)]
pub struct AnswerRow {
    pub household: u32,
    pub item: Arc<str>,
    pub choice: Arc<str>,
    pub score: u32,
    pub on: NaiveDate,
}

fn level(id: &str) -> Option<Hardship> {
    [Hardship::None, Hardship::Mild, Hardship::Moderate, Hardship::Severe].into_iter().find(|l| l.code().0 == id)
}

/// A form without items asks nothing: then there are no assessments.
pub fn ask(district: &mut District, form: &Assessment, chance: &mut Chance) {
    if form.items.is_empty() {
        return;
    }
    for h in 0..district.households.len() {
        let share = match district.households[h].story {
            Story::Planned | Story::Fixed => continue,
            Story::Ordinary => 0.0015,
            Story::Missed => 0.1,
            _ => 0.33,
        };
        if !chance.happens(share) || !district.households[h].members().any(|m| district.people[m].died.is_none()) {
            continue;
        }
        let on = district.as_of - Days::new(chance.between(3, 480) as u64);
        let worse = 0.2 + 0.5 * chance.share() * chance.share();
        let mut answers = Answers::new();
        for item in &form.items {
            if chance.happens(0.083) {
                continue;
            }
            let mut choices: Vec<_> = item.choices.iter().collect();
            choices.sort_by_key(|c| c.score);
            let at = if chance.happens(worse) { 1 + chance.below(choices.len().saturating_sub(1)) } else { 0 };
            if let Some(choice) = choices.get(at) {
                answers.insert(item.id.clone(), choice.id.clone());
            }
        }
        record(district, form, h as u32, on, &answers);
    }
}

/// One assessment with its answers. Nothing where the form does not know them.
fn record(district: &mut District, form: &Assessment, household: u32, on: NaiveDate, answers: &Answers) {
    let (Ok(index), Ok(deprivation)) = (form.score(answers), form.deprivation(answers)) else { return };
    let Some(level) = level(&index.level) else { return };
    let rules = [DecidedBy::Total, DecidedBy::Dimension, DecidedBy::Override];
    let decided_by = rules.into_iter().find(|rule| rule.code().0 == index.decided_by);
    district.assessments.push(AssessmentRow {
        household,
        on,
        low: index.low,
        high: index.high,
        completeness: index.completeness,
        level,
        decided_by,
        deprivation,
    });
    for (item, choice) in answers {
        let score = form.item(item).and_then(|i| i.choice(choice)).map_or(0, |c| c.score);
        let (item, choice) = (item.as_str().into(), choice.as_str().into());
        district.answers.push(AnswerRow { household, item, choice, score, on });
    }
}
