//! What would change an answer: one sentence a fact, nearest first.

use super::{Teller, Voice, values::millionths};
use crate::{Answer, FactChange, Lang, PersonId, facts::Moves};

/// What the changed fact would turn round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    Condition,
    Programme,
    Alert,
}

/// How a number would have to move.
enum Move {
    Up,
    Down,
}

impl Teller<'_> {
    /// Sentences for what somebody could bring about or show to be so; the others are left out.
    pub fn changes(&self, changes: &[FactChange], of: Of, about: Option<PersonId>) -> Vec<String> {
        changes.iter().filter_map(|c| self.change(c, of, about)).collect()
    }

    fn change(&self, c: &FactChange, of: Of, about: Option<PersonId>) -> Option<String> {
        let person = c.person_id.or(about);
        let moves = self.pack.fact(&c.fact).map_or(Moves::Freely, |(_, fact)| fact.moves);
        if moves == Moves::Never || !self.may_tell(&c.fact, person) {
            return None;
        }
        let then = self.then(c.answer, of);
        let title = self.titled(&c.fact, c.person_id.filter(|p| Some(*p) != about));
        let to = self.value(&c.fact, Some(&c.to), &c.unit);
        let from = c.from.as_deref().map(|from| self.value(&c.fact, Some(from), &c.unit));
        if let Some(item) = self.pack.assessment.items.iter().find(|i| fact_of_item(&i.id) == c.fact) {
            // A score is said by the answer that has it.
            let score: i64 = c.to.parse().ok()?;
            let choice = item.choices.iter().find(|x| i64::from(x.score) >= score)?;
            let (asked, choice) = (self.t(&item.title), self.t(&choice.title));
            return Some(match self.lang {
                Lang::Zh => format!("六维评估“{asked}”如果是“{choice}”，{then}。"),
                Lang::En => format!("If the assessment of \"{asked}\" is \"{choice}\", {then}."),
            });
        }
        let Some(from) = from else {
            return Some(self.asked(&title, &to, c, &then));
        };
        if ["true", "false"].contains(&c.to.as_str()) || self.is_date(&c.fact) {
            return Some(match self.lang {
                Lang::Zh => format!("“{title}”如果是“{to}”（现在记的是“{from}”），{then}。"),
                Lang::En => format!("If \"{title}\" is {to} (on record: {from}), {then}."),
            });
        }
        let (was, will) = (number(c.from.as_deref()?)?, number(&c.to)?);
        let way = if will > was { Move::Up } else { Move::Down };
        if will < 0 || (moves == Moves::Up && matches!(way, Move::Down)) {
            return None;
        }
        if c.unit == "years" {
            return Some(match self.lang {
                Lang::Zh => format!("“{title}”到 {to}时，{then}。"),
                Lang::En => format!("When \"{title}\" is {to}, {then}."),
            });
        }
        if c.to.contains('.') {
            return Some(self.decimal_change(&title, &to, &way, will, &then));
        }
        let first = c.unit.split('/').next().unwrap_or_default();
        if was == 0 && will == 1_000_000 && first == self.info().money_unit {
            return Some(match self.lang {
                Lang::Zh => format!("只要有“{title}”，{then}。"),
                Lang::En => format!("With any \"{title}\", {then}."),
            });
        }
        let apart = self.quantity((will - was).abs() / 1_000_000, first);
        Some(match (self.lang, way) {
            (Lang::Zh, Move::Up) => format!("{title}再多 {apart}（到 {to}），{then}。"),
            (Lang::Zh, Move::Down) => format!("{title}再少 {apart}（到 {to}），{then}。"),
            (Lang::En, Move::Up) => format!("{title}: {apart} more (from {to}), and {then}."),
            (Lang::En, Move::Down) => format!("{title}: {apart} less (down to {to}), and {then}."),
        })
    }

    /// A fact nobody knows: asked for, with the value from which on the family would be helped.
    fn asked(&self, title: &str, to: &str, c: &FactChange, then: &str) -> String {
        let yes_or_no = ["true", "false"].contains(&c.to.as_str());
        let none = number(&c.to) == Some(0);
        match (self.lang, yes_or_no, none) {
            (Lang::Zh, true, _) => format!("要问清“{title}”：如果是“{to}”，{then}。"),
            (Lang::Zh, _, true) => format!("要问清“{title}”：没有的话，{then}；有的话要看多少。"),
            (Lang::Zh, ..) => format!("要问清“{title}”：如果到 {to}，{then}。"),
            (Lang::En, true, _) => format!("To be asked: \"{title}\". If it is {to}, {then}."),
            (Lang::En, _, true) => {
                format!("To be asked: \"{title}\". If there is none, {then}; otherwise it depends on how much.")
            }
            (Lang::En, ..) => format!("To be asked: \"{title}\". From {to}, {then}."),
        }
    }

    /// A measured number just beside a round one is told by the round one.
    fn decimal_change(&self, title: &str, to: &str, way: &Move, will: i64, then: &str) -> String {
        let round = will % 10_000 == 0;
        let word = match (way, round) {
            (_, true) => self.w("是", "is"),
            (Move::Up, false) => self.w("超过", "is more than"),
            (Move::Down, false) => self.w("不到", "is less than"),
        };
        match self.lang {
            Lang::Zh => format!("“{title}”如果{word} {to}，{then}。"),
            Lang::En => format!("If \"{title}\" {word} {to}, {then}."),
        }
    }

    fn then(&self, answer: Answer, of: Of) -> String {
        let citizen = matches!(self.voice, Voice::Citizen(_));
        let (zh, en) = match (of, answer) {
            (Of::Condition, Answer::Holds) => ("这一条就符合了", "this condition is met"),
            (Of::Condition, _) => ("这一条就不再符合", "this condition is no longer met"),
            (Of::Programme, Answer::Holds) if citizen => ("这一项就符合条件了", "you would qualify"),
            (Of::Programme, Answer::Holds) => ("整项就都符合了", "the whole programme is met"),
            (Of::Programme, _) => ("这一项就不再符合", "the programme is no longer met"),
            (Of::Alert, Answer::Holds) => ("就会有这条预警", "this alert is raised"),
            (Of::Alert, _) => ("这条预警就消除了", "this alert is cleared"),
        };
        self.w(zh, en).to_owned()
    }
}

/// Millionths of a whole or decimal number; dates and texts are none.
fn number(value: &str) -> Option<i64> {
    match value.parse::<i64>() {
        Ok(whole) => whole.checked_mul(1_000_000),
        Err(_) => millionths(value),
    }
}

/// `item_d1_2_1` of D1.2.1.
fn fact_of_item(id: &str) -> String {
    format!("item_{}", id.to_lowercase().replace('.', "_"))
}
