//! One programme in words.

use super::{ConditionWords, Of, Teller, Voice};
use crate::{
    Answer, CheckResult, ConditionResult, Fen, Lang, ProgrammeResult,
    programme::{Per, ProgrammeKind},
    words,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgrammeWords {
    pub id: String,
    pub kind: ProgrammeKind,
    pub answer: Answer,
    pub title: String,
    /// Whose it is; empty for the household's.
    pub who: String,
    /// What would be paid, with how often: `998 元/月`, `1,200 元（一次性）`. Empty where it does not hold or pays nothing.
    pub amount: String,
    pub parts: Vec<(String, String)>,
    /// How the amount is worked out, its facts and its law; empty where nothing is paid.
    pub formula: String,
    pub amount_facts: Vec<(String, String)>,
    pub amount_law: String,
    /// Who decides on so much; empty where that does not depend on the amount.
    pub decided_by: String,
    pub conditions: Vec<ConditionWords>,
    /// What alone would turn the whole programme, nearest first.
    pub changes: Vec<String>,
    /// How it stands beside the tier the household has; empty where there is nothing to say.
    pub beside: String,
    /// Only the family can say what is still open: it is offered, not asked for as a task.
    pub on_request: bool,
}

impl ProgrammeWords {
    /// Conditions that do not hold, each title once.
    pub fn open(&self) -> Vec<&ConditionWords> {
        let mut open: Vec<&ConditionWords> = Vec::new();
        for c in self.conditions.iter().filter(|c| c.answer != Answer::Holds) {
            if !open.iter().any(|o| o.title == c.title) {
                open.push(c);
            }
        }
        open
    }
}

impl Teller<'_> {
    pub fn programme(&self, result: &CheckResult, p: &ProgrammeResult) -> ProgrammeWords {
        let rules = self.pack.programme(&p.programme);
        let amount = rules.and_then(|r| r.amount.as_ref()).filter(|_| p.monthly.is_some());
        let about = p.person_id;
        let part_title = |id: &str| {
            let part = amount.and_then(|a| a.parts.iter().find(|x| x.id == id));
            part.map_or(id, |x| self.t(&x.title)).to_owned()
        };
        let told = p.amount_facts.iter().all(|f| self.may_tell(&f.name, f.person_id.or(about)));
        let citizen = matches!(self.voice, Voice::Citizen(_));
        ProgrammeWords {
            id: p.programme.clone(),
            kind: p.kind,
            answer: p.answer,
            title: rules.map_or(p.programme.as_str(), |r| self.t(&r.title)).to_owned(),
            who: about.map(|a| self.name(a)).unwrap_or_default(),
            amount: match p.monthly {
                Some(paid) if amount.is_some() && paid > Fen::ZERO => self.paid(paid, p.per),
                Some(_) if amount.is_some() && p.kind != ProgrammeKind::Tier => {
                    self.w("按现在的数还没有金额", "no amount by today's figures").to_owned()
                }
                _ => String::new(),
            },
            parts: p
                .parts
                .iter()
                .filter(|x| x.amount != Some(Fen::ZERO))
                .map(|x| {
                    let paid = x.amount.map(|paid| self.paid(paid, p.per));
                    (part_title(&x.part), paid.unwrap_or_else(|| self.w("不清楚", "not known").to_owned()))
                })
                .collect(),
            formula: amount.map(|a| self.t(&a.explain).to_owned()).unwrap_or_default(),
            amount_facts: if amount.is_some() && told {
                p.amount_facts.iter().map(|f| self.fact(f, about)).collect()
            } else {
                Vec::new()
            },
            amount_law: amount.map(|a| self.law(&a.basis)).unwrap_or_default(),
            decided_by: rules
                .zip(p.monthly.filter(|paid| *paid > Fen::ZERO))
                .and_then(|(r, paid)| self.pack.decider(r, paid, &self.pack.info.jurisdiction, result.as_of))
                .map(|by| match self.lang {
                    Lang::Zh => format!("这个金额由{}决定", self.t(&by.title)),
                    Lang::En => format!("An amount decided by {}", self.t(&by.title)),
                })
                .unwrap_or_default(),
            conditions: p.conditions.iter().map(|c| self.condition(result, p, c)).collect(),
            changes: match p.answer {
                Answer::Holds if citizen => Vec::new(),
                _ => self.changes(&p.changes, Of::Programme, about),
            },
            beside: self.beside(result, p),
            on_request: p.kind != ProgrammeKind::Tier && p.answer == Answer::Unknown && only_said(p),
        }
    }

    /// An amount with how often it is paid.
    pub fn paid(&self, amount: Fen, per: Per) -> String {
        let unit = &self.info().money_unit;
        match (per, self.lang) {
            (Per::Once, Lang::Zh) => format!("{}（一次性）", self.quantity(amount.0, unit)),
            (Per::Once, Lang::En) => format!("{} once", self.quantity(amount.0, unit)),
            (Per::Week, Lang::Zh) => format!("{}/周", self.quantity(amount.0, unit)),
            (per, _) => self.quantity(amount.0, &format!("{unit}/{}", per.word())),
        }
    }

    /// A household has one tier, the first in order that holds. What the others are then worth is said, so that nobody
    /// reads "fits" as "has".
    fn beside(&self, result: &CheckResult, p: &ProgrammeResult) -> String {
        let order = |id: &str| self.pack.programme(id).map(|p| p.order);
        let (Some(tier), Some(own)) = (order(&result.tier), order(&p.programme)) else { return String::new() };
        if p.kind != ProgrammeKind::Tier || own == tier {
            return String::new();
        }
        let name = self.pack.programme(&result.tier).map_or("", |p| self.t(&p.title));
        match (p.answer, own < tier, self.lang) {
            (Answer::Holds | Answer::Unknown, false, Lang::Zh) => format!("排在前面的“{name}”已经符合，按“{name}”办。"),
            (Answer::Holds | Answer::Unknown, false, Lang::En) => {
                format!("\"{name}\" comes before it and holds: that is the one that applies.")
            }
            (Answer::Unknown, true, Lang::Zh) => format!("排在“{name}”前面：问清以后如果符合，就改按这一项。"),
            (Answer::Unknown, true, Lang::En) => {
                format!("It comes before \"{name}\": if it turns out to hold, this is the one that applies.")
            }
            _ => String::new(),
        }
    }

    /// What a tier without money, or nothing, is called beside a title.
    pub fn tier_title(&self, tier: &str) -> String {
        match self.pack.programme(tier) {
            Some(programme) => self.t(&programme.title).to_owned(),
            None => self.w("暂不在保障范围", "not within any tier now").to_owned(),
        }
    }

    pub fn kind_title(&self, kind: ProgrammeKind) -> String {
        self.own(words::programme_kind(kind))
    }
}

/// Whether the only thing still open is what no source can tell: every unknown condition has all the facts it reads, or
/// reads none.
fn only_said(p: &ProgrammeResult) -> bool {
    let said = |c: &ConditionResult| c.facts.iter().all(|f| f.value.is_some());
    p.conditions.iter().filter(|c| c.answer == Answer::Unknown).all(said)
}
