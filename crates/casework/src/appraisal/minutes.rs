//! What an appraisal came to: who sat, how they voted on the facts, what was said, and the sheet they signed.

use super::{
    Appraisals, MOST_LINE, SEALED_MINUTES, SHEET, SealedMinutes, Votes, apart, authorise, back_to_objection, open_row,
    rules,
};
use crate::{
    CaseError, CaseNo, Cx, Event, Evidence, FieldError,
    change::{change, finish, load_at, moved, state_of},
    error::Result,
    tables::appraisal,
};
use chrono::NaiveDate;
use sea_orm::{ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;

const MOST_MEMBERS: usize = 100;

/// One who sat there.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub name: String,
    /// For whom, of the pack's sides.
    pub side: String,
}

/// Without the name.
impl std::fmt::Debug for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Member({})", self.side)
    }
}

/// A meeting as it was held.
#[derive(Debug, Clone, Default)]
pub struct Held {
    pub held_on: Option<NaiveDate>,
    pub members: Vec<Member>,
    pub votes: Votes,
    pub text: String,
    /// The signed sheet, photographed or scanned.
    pub sheet: Option<Evidence>,
}

/// Everything that is wrong with it at once.
fn checked(cx: &Cx, rules: &Appraisals, held: Held) -> Result<Held> {
    let line = |m: Member| Member { name: m.name.trim().to_owned(), side: m.side };
    let members: Vec<Member> = held.members.into_iter().map(line).filter(|m| !m.name.is_empty()).collect();
    let held = Held { members, text: held.text.trim().to_owned(), ..held };
    let mut errors = Vec::new();
    let mut wrong = |field: &str, key| errors.push(FieldError::new(field, key));
    if held.held_on.is_none_or(|day| day > cx.today()) {
        wrong("held_on", "error.date");
    }
    let (sat, residents) = (held.members.len(), held.members.iter().filter(|m| rules.is_resident(&m.side)).count());
    let names: BTreeSet<&str> = held.members.iter().map(|m| m.name.as_str()).collect();
    if sat < rules.members as usize {
        wrong("members", "error.too_few");
    } else if sat > MOST_MEMBERS || held.members.iter().any(|m| m.name.chars().count() > MOST_LINE) {
        wrong("members", "error.too_long");
    } else if names.len() < sat {
        wrong("members", "error.twice");
    } else if held.members.iter().any(|m| rules.side(&m.side).is_none()) {
        wrong("members", "error.choice");
    } else if (residents as u64) * 1000 < sat as u64 * u64::from(rules.residents_permille) {
        wrong("members", "error.residents");
    }
    if u64::from(held.votes.all()) != sat as u64 {
        wrong("votes", "error.votes");
    }
    match held.text.chars().count() {
        0 => wrong("text", "error.required"),
        n if n > super::MOST_TEXT => wrong("text", "error.too_long"),
        _ => {}
    }
    if held.sheet.is_none() {
        wrong("sheet", "error.required");
    }
    if errors.is_empty() { Ok(held) } else { Err(CaseError::Invalid(errors)) }
}

/// Keeps what a meeting came to; the objection is then answered by whoever looks into it.
pub async fn record_appraisal(cx: &Cx, case: &CaseNo, version: i32, held: Held, key: &str) -> Result<i32> {
    authorise(cx, case).await?;
    let held = checked(cx, rules(cx)?, held)?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.appraise", case.subject(), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut file = load_at(tx, &case2, version).await?;
            let from = state_of(&file);
            let to = moved(&file, Event::Appraise)?;
            apart(tx.conn(), &cx, &case2).await?;
            let row = open_row(tx.conn(), &case2).await?;
            if held.held_on.is_some_and(|day| day < row.called_on) {
                return Err(CaseError::Invalid(vec![FieldError::new("held_on", "error.date")]));
            }
            back_to_objection(&cx, &mut file, to, &row);
            let (votes, came) = (held.votes, held.votes.came());
            let details = json!({
                "held_on": held.held_on, "members": held.members.len(), "votes": votes, "came": came.id(),
                "sheet": held.sheet.as_ref().map(Evidence::sha256),
            });
            let sealed = SealedMinutes { members: held.members, text: held.text };
            let count = |votes: u32| Set(i32::try_from(votes).ok());
            let mut active = row.into_active_model();
            active.outcome = Set(Some(came.id().to_owned()));
            active.held_on = Set(held.held_on);
            active.votes_true = count(votes.holds);
            active.votes_untrue = count(votes.untrue);
            active.votes_unsure = count(votes.unsure);
            active.minutes = Set(Some(tx.keys().seal(SEALED_MINUTES, &serde_json::to_string(&sealed)?)));
            active.sheet_mime = Set(held.sheet.as_ref().map(|sheet| sheet.mime().to_owned()));
            active.sheet = Set(held.sheet.map(|sheet| sheet.seal(tx.keys(), SHEET)));
            active.recorded_by = Set(Some(cx.actor.account.clone()));
            active.recorded_on = Set(Some(cx.today()));
            appraisal::Entity::update(active).exec(tx.conn()).await?;
            finish(tx, &cx, file, from, "case.appraise", details, |file| file.version).await
        })
    })
    .await
}
