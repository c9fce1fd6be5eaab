//! What follows the first help: proposed with its sum and where the household is sent on, decided by another.

use super::{
    EmergencyAct, EmergencyState, SEALED_DECISION, SEALED_PROPOSAL, authorise_act, decider, fine, line, load, load_for,
    paid_so_far, put, rules, save, subject, view, words,
};
use crate::{Cx, FieldError, change::change, error::Result};
use serde_json::json;
use tuodi_pack::Fen;

/// No household is given more for one emergency.
const MOST: i64 = 100_000_000;

/// What an officer proposes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proposal {
    /// All of it, what was handed out included.
    pub total: Option<Fen>,
    /// Ids of the pack; empty: nothing else would help, and the words say why.
    pub referrals: Vec<String>,
    pub text: String,
}

/// What whoever decides says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    pub agree: Option<bool>,
    pub text: String,
    /// Paper of the special review, above what the district decides alone.
    pub minutes: String,
}

/// Proposes the whole amount and the way on. Another amount than the grade's, no referral, or one award more than usual needs
/// its reason.
pub async fn propose_help(cx: &Cx, no: &str, version: i32, proposal: Proposal, key: &str) -> Result<i32> {
    let row = load(cx.store.read(), no).await?;
    authorise_act(cx, EmergencyAct::Propose, &row).await?;
    let rules = rules(cx)?;
    let paid = paid_so_far(cx.store.read(), no).await?;
    let mut errors = Vec::new();
    let total = proposal.total.map_or(-1, |fen| fen.0);
    if !(0..=MOST).contains(&total) {
        errors.push(FieldError::new("total", "error.amount"));
    } else if total < paid {
        // Nothing of what was handed out is taken back by it.
        errors.push(FieldError::new("total", "error.below_paid"));
    }
    if proposal.referrals.iter().any(|id| !rules.referrals.iter().any(|r| r.id == *id)) {
        errors.push(FieldError::new("referrals", "error.choice"));
    }
    let usual = view::computed(cx, &row).map(|fen| fen.0);
    let (awards, most) = view::awards(cx, &row).await?;
    let reason = usual != Some(total) || proposal.referrals.is_empty() || most.is_some_and(|most| awards >= most);
    let text = words("text", &proposal.text, reason, &mut errors);
    fine(errors)?;
    let referrals: Vec<&str> = rules.referrals.iter().map(|r| r.id.as_str()).collect();
    let referrals: Vec<&str> = referrals.into_iter().filter(|id| proposal.referrals.iter().any(|r| r == id)).collect();
    let referrals = referrals.join(",");
    let (cx2, no2) = (cx.clone(), no.to_owned());
    change(cx, "emergency.propose", subject(no), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut row = load_for(tx, &no2, version, EmergencyAct::Propose).await?;
            row.total = Some(total);
            row.referrals.clone_from(&referrals);
            row.proposal = Some(tx.keys().seal(SEALED_PROPOSAL, &text));
            row.proposed_by = Some(cx.actor.account.clone());
            row.agreed = None;
            put(&cx, &mut row, EmergencyState::Proposed)?;
            let details = json!({ "total": total, "usual": usual, "referrals": referrals });
            save(tx, &cx, row, "emergency.propose", details).await
        })
    })
    .await
}

/// Agrees, or sends the proposal back. Within its limit the township's leader, above it the district; above the district's only
/// after the special review has met.
pub async fn decide_emergency(cx: &Cx, no: &str, version: i32, decision: Decision, key: &str) -> Result<i32> {
    let row = load(cx.store.read(), no).await?;
    authorise_act(cx, EmergencyAct::Decide, &row).await?;
    let special = decider(&cx.pack, &row, cx.today()).is_some_and(|by| by.special);
    let mut errors = Vec::new();
    if decision.agree.is_none() {
        errors.push(FieldError::new("agree", "error.choice"));
    }
    let text = words("decide_text", &decision.text, decision.agree == Some(false), &mut errors);
    let minutes = line("minutes", &decision.minutes, special && decision.agree == Some(true), &mut errors);
    fine(errors)?;
    let agree = decision.agree == Some(true);
    let (cx2, no2) = (cx.clone(), no.to_owned());
    change(cx, "emergency.decide", subject(no), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut row = load_for(tx, &no2, version, EmergencyAct::Decide).await?;
            row.agreed = Some(agree);
            row.decision = Some(tx.keys().seal(SEALED_DECISION, &text));
            row.decided_by = Some(cx.actor.account.clone());
            row.decided_on = Some(cx.today());
            row.minutes.clone_from(&minutes);
            let rest = row.total.unwrap_or(0) - paid_so_far(tx.conn(), &no2).await?;
            let to = match (agree, rest > 0) {
                (false, _) => EmergencyState::Documented,
                (true, true) => EmergencyState::Granted,
                (true, false) => {
                    row.outcome = Some("helped".to_owned());
                    EmergencyState::Closed
                }
            };
            put(&cx, &mut row, to)?;
            let details = json!({ "agree": agree, "total": row.total, "rest": rest, "minutes": !minutes.is_empty() });
            save(tx, &cx, row, "emergency.decide", details).await
        })
    })
    .await
}
