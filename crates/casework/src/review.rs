//! The township's opinion and the leader's signature under it.
//!
//! What the engine found and what the officer proposes are stored apart. Proposing something else needs a reason.

use crate::{
    CaseError, CaseNo, CaseState, Cx, Event, FieldError, NextStep, appeal,
    change::{change, finish, load, load_at, moved, put, state_of},
    check,
    error::Result,
    publicity,
    tables::{case_file, opinion, publicity as publicity_row},
    visit,
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tuodi_access::Act;
use tuodi_pack::{
    Answer, CheckResult, Fen, Pack,
    programme::{Programme, Publicity},
};
use tuodi_store::{Keys, Tx};

/// What an officer proposes or a reviewer decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proposal {
    Approve { programme: String, monthly: Fen },
    Refuse { reason_code: String },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    pub id: i64,
    pub proposal: Proposal,
    pub text: String,
    /// Not what the engine found.
    pub departs: bool,
    pub given_by: String,
    pub given_at: DateTime<Utc>,
    pub signed_by: Option<String>,
    pub signed_at: Option<DateTime<Utc>>,
    pub agreed: Option<bool>,
    pub sign_text: Option<String>,
}

/// What the engine found for a programme: its monthly amount if its conditions hold.
pub(crate) fn found_monthly(result: &CheckResult, programme: &str) -> Option<Fen> {
    if result.tier == programme {
        return Some(result.monthly);
    }
    let held = result.programmes.iter().filter(|p| p.programme == programme && p.answer == Answer::Holds);
    held.map(|p| p.monthly.unwrap_or(Fen::ZERO)).reduce(|a, b| a + b)
}

/// Whether a proposal is something else than the finding. A refusal departs when any programme holds.
pub(crate) fn departs(result: &CheckResult, proposal: &Proposal) -> bool {
    match proposal {
        Proposal::Approve { programme, monthly } => {
            result.tier != *programme || found_monthly(result, programme) != Some(*monthly)
        }
        Proposal::Refuse { .. } => result.tier != "none",
    }
}

pub(crate) fn check_proposal(pack: &Pack, proposal: &Proposal) -> Result<()> {
    match proposal {
        Proposal::Approve { programme, monthly } => {
            if pack.programme(programme).is_none() {
                return Err(CaseError::NoProgramme(programme.clone()));
            }
            if monthly.0 < 0 || monthly.0 % 100 != 0 {
                return Err(CaseError::Invalid(vec![FieldError::new("monthly", "error.whole_yuan")]));
            }
            Ok(())
        }
        Proposal::Refuse { reason_code } => {
            if crate::REFUSAL_CODES.iter().any(|(code, _, _)| code == reason_code) {
                Ok(())
            } else {
                Err(CaseError::Invalid(vec![FieldError::new("reason_code", "error.choice")]))
            }
        }
    }
}

/// Refusals, and proposals other than the finding, carry a reason in words (DB57 art. 21).
pub(crate) fn check_reason(proposal: &Proposal, departs: bool, text: &str) -> Result<()> {
    if (departs || matches!(proposal, Proposal::Refuse { .. })) && text.trim().is_empty() {
        return Err(CaseError::Invalid(vec![FieldError::new("text", "error.reason")]));
    }
    Ok(())
}

pub(crate) fn parts(proposal: &Proposal) -> (&'static str, Option<String>, Option<i64>, Option<String>) {
    match proposal {
        Proposal::Approve { programme, monthly } => ("approve", Some(programme.clone()), Some(monthly.0), None),
        Proposal::Refuse { reason_code } => ("refuse", None, None, Some(reason_code.clone())),
    }
}

/// The preliminary opinion. Needs the check, the visit, and every difference judged.
pub async fn give_opinion(
    cx: &Cx,
    case: &CaseNo,
    version: i32,
    proposal: Proposal,
    text: &str,
    key: &str,
) -> Result<i32> {
    let text = text.trim().to_owned();
    check_proposal(&cx.pack, &proposal)?;
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::Review, &file, Vec::new())?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.opinion", case.subject(), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut file = load_at(tx, &case2, version).await?;
            let from = state_of(&file);
            let to = moved(&file, Event::Review)?;
            if !file.visited {
                return Err(CaseError::NoVisit);
            }
            if !file.checked {
                return Err(CaseError::NoCheck);
            }
            let report = check::latest(tx.conn(), tx.keys(), &case2.0).await?.ok_or(CaseError::NoCheck)?;
            let waiting = report.differences.iter().filter(|d| d.waits_for_judgement()).count() as u64;
            if waiting > 0 {
                return Err(CaseError::Unresolved { count: waiting });
            }
            let departs = departs(&report.result, &proposal);
            check_reason(&proposal, departs, &text)?;
            write_opinion(tx, &cx, &case2, &proposal, &text, departs).await?;
            apply(&mut file, &proposal);
            put(&cx, &mut file, to, NextStep::Sign)?;
            let details = json!({
                "proposal": proposal, "departs": departs, "found": report.result.tier,
                "found_monthly": report.result.monthly.0,
            });
            finish(tx, &cx, file, from, "case.opinion", details, |file| file.version).await
        })
    })
    .await
}

pub(crate) async fn write_opinion(
    tx: &Tx,
    cx: &Cx,
    case: &CaseNo,
    proposal: &Proposal,
    text: &str,
    departs: bool,
) -> Result<()> {
    let (kind, programme, monthly, reason_code) = parts(proposal);
    let row = opinion::ActiveModel {
        id: NotSet,
        case_no: Set(case.0.clone()),
        proposal: Set(kind.to_owned()),
        programme: Set(programme),
        monthly: Set(monthly),
        reason_code: Set(reason_code),
        text: Set(tx.keys().seal("opinion.text", text)),
        departs: Set(departs),
        given_by: Set(cx.actor.account.clone()),
        given_at: Set(cx.at()),
        signed_by: Set(None),
        signed_at: Set(None),
        agreed: Set(None),
        sign_text: Set(None),
    };
    opinion::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    Ok(())
}

/// What the queue shows of the proposal.
pub(crate) fn apply(file: &mut case_file::Model, proposal: &Proposal) {
    let (_, programme, monthly, _) = parts(proposal);
    file.programme = programme;
    file.monthly = monthly;
}

pub(crate) async fn latest_row(conn: &impl ConnectionTrait, case: &str) -> Result<Option<opinion::Model>> {
    Ok(opinion::Entity::find()
        .filter(opinion::Column::CaseNo.eq(case))
        .order_by_desc(opinion::Column::Id)
        .one(conn)
        .await?)
}

pub(crate) fn proposal_of(row: &opinion::Model) -> Proposal {
    match (&row.programme, row.monthly) {
        (Some(programme), monthly) if row.proposal == "approve" => {
            Proposal::Approve { programme: programme.clone(), monthly: Fen(monthly.unwrap_or(0)) }
        }
        _ => Proposal::Refuse { reason_code: row.reason_code.clone().unwrap_or_default() },
    }
}

pub(crate) async fn of_case(conn: &impl ConnectionTrait, keys: &Keys, case: &str) -> Result<Vec<Opinion>> {
    let rows = opinion::Entity::find()
        .filter(opinion::Column::CaseNo.eq(case))
        .order_by_desc(opinion::Column::Id)
        .all(conn)
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Opinion {
                id: row.id,
                proposal: proposal_of(&row),
                text: keys.open("opinion.text", &row.text)?,
                departs: row.departs,
                given_by: row.given_by,
                given_at: row.given_at,
                signed_by: row.signed_by,
                signed_at: row.signed_at,
                agreed: row.agreed,
                sign_text: row.sign_text.map(|t| keys.open("opinion.text", &t)).transpose()?,
            })
        })
        .collect()
}

/// Those who gave or signed opinions of this case: they may not confirm it.
pub(crate) async fn opinion_accounts(conn: &impl ConnectionTrait, case: &str) -> Result<Vec<String>> {
    let rows = opinion::Entity::find().filter(opinion::Column::CaseNo.eq(case)).all(conn).await?;
    Ok(rows.into_iter().flat_map(|row| [Some(row.given_by), row.signed_by]).flatten().collect())
}

/// Everyone who has surveyed or given an opinion, or decided what was appealed against: kept out of the confirmation
/// (workflow.md 2).
pub(crate) async fn kept_out_of_confirmation(
    conn: &impl ConnectionTrait,
    file: &case_file::Model,
) -> Result<Vec<String>> {
    let mut accounts = visit::visitors(conn, file).await?;
    accounts.extend(opinion_accounts(conn, &file.case_no).await?);
    accounts.extend(appeal::kept_out(conn, &file.case_no).await?);
    Ok(accounts.into_iter().collect())
}

/// The leader signs: the case is publicised, or goes to the district where nothing is posted; or sends it back.
pub async fn sign_opinion(cx: &Cx, case: &CaseNo, version: i32, agree: bool, text: &str, key: &str) -> Result<i32> {
    let text = text.trim().to_owned();
    if !agree && text.is_empty() {
        return Err(CaseError::Invalid(vec![FieldError::new("text", "error.reason")]));
    }
    let file = load(cx.store.read(), case).await?;
    // The signature is the second pair of eyes: not the opinion-giver's own.
    let given_by = latest_row(cx.store.read(), &case.0).await?.map(|row| row.given_by);
    cx.authorise(Act::Publicise, &file, given_by.into_iter().collect())?;
    let applicant = crate::application::applicant_of(cx, tuodi_pack::PersonId(file.applicant_id)).await?;
    let masked = tuodi_registry::mask_name(&applicant.name);
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.sign", case.subject(), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut file = load_at(tx, &case2, version).await?;
            let from = state_of(&file);
            if from != CaseState::Reviewed {
                return Err(CaseError::WrongStage { case: case2, found: from, event: Event::Publicise });
            }
            let row = latest_row(tx.conn(), &case2.0)
                .await?
                .ok_or_else(|| CaseError::NotFound { kind: "opinion of case", id: case2.0.clone() })?;
            if row.given_by == cx.actor.account {
                return Err(CaseError::SamePerson { subject: case2.subject() });
            }
            let proposal = proposal_of(&row);
            let mut active = row.into_active_model();
            active.signed_by = Set(Some(cx.actor.account.clone()));
            active.signed_at = Set(Some(cx.at()));
            active.agreed = Set(Some(agree));
            active.sign_text = Set((!text.is_empty()).then(|| tx.keys().seal("opinion.text", &text)));
            opinion::Entity::update(active).exec(tx.conn()).await?;
            if !agree {
                let to = moved(&file, Event::SendBack)?;
                put(&cx, &mut file, to, NextStep::Opinion)?;
                return finish(tx, &cx, file, from, "case.sign", json!({ "agree": false }), |f| f.version).await;
            }
            let posted = post_if_needed(tx, &cx, &mut file, &proposal, &masked).await?;
            finish(tx, &cx, file, from, "case.sign", json!({ "agree": true, "posted": posted }), |f| f.version).await
        })
    })
    .await
}

/// The same was on the board its full days, nobody objected, and the programme asks for no second posting: a case that
/// the district sent back to be looked at again goes straight on (workflow.md 1).
async fn hung_before(tx: &Tx, file: &case_file::Model, rules: &Programme, monthly: Fen) -> Result<bool> {
    if rules.second_publicity {
        return Ok(false);
    }
    let same = publicity_row::Entity::find()
        .filter(publicity_row::Column::CaseNo.eq(file.case_no.as_str()))
        .filter(publicity_row::Column::Programme.eq(rules.id.as_str()))
        .filter(publicity_row::Column::Monthly.eq(monthly.0))
        .filter(publicity_row::Column::Members.eq(file.members))
        .filter(publicity_row::Column::Status.eq("ended"))
        .filter(publicity_row::Column::ObjectedOn.is_null())
        .one(tx.conn())
        .await?;
    Ok(same.is_some())
}

/// Posts a proposal to approve where its programme asks for it; otherwise forwards the case. True if posted.
pub(crate) async fn post_if_needed(
    tx: &Tx,
    cx: &Cx,
    file: &mut case_file::Model,
    proposal: &Proposal,
    masked_name: &str,
) -> Result<bool> {
    if let Proposal::Approve { programme, monthly } = proposal {
        let rules = cx.pack.programme(programme).ok_or_else(|| CaseError::NoProgramme(programme.clone()))?;
        if rules.publicity == Publicity::Village && !hung_before(tx, file, rules, *monthly).await? {
            publicity::post(tx, cx, file, rules, *monthly, masked_name).await?;
            return Ok(true);
        }
    }
    let to = moved(file, Event::Forward)?;
    put(cx, file, to, NextStep::Decide)?;
    Ok(false)
}
