//! The decision: made by a reviewer who has neither surveyed nor given an opinion, with a written notice.

use crate::{
    CaseError, CaseNo, CaseState, Cx, Event, FieldError, NextStep, appeal,
    application::{applicant_of, at_level, household_of},
    change::{change, finish, load, load_at, moved, put, put_due, state_of},
    check,
    error::Result,
    kin, library,
    living::next_check,
    matters, notice,
    review::{self, Proposal},
    special, statistics,
    tables::{benefit, case_file, decision, visit},
};
use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tuodi_access::Act;
use tuodi_pack::{CheckResult, Fen, HouseholdId, PersonId, region::RegionLevel};
use tuodi_store::{Keys, Recorded, Tx};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Decided {
    pub state: CaseState,
    pub version: i32,
    /// The letter's number; none when the case was sent back.
    pub notice: Option<String>,
}

/// A decision, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// approved, refused, terminated; of a change: raised, lowered, gradual, stopped, kept
    pub outcome: String,
    pub programme: Option<String>,
    pub monthly: Option<Fen>,
    pub effective_month: Option<NaiveDate>,
    pub reason_code: Option<String>,
    pub text: String,
    pub found_tier: Option<String>,
    pub found_monthly: Option<Fen>,
    pub departs: bool,
    pub decided_by: String,
    pub decided_at: DateTime<Utc>,
}

/// The first day of the month after `day`: from then on it is paid (DB57 art. 21).
pub fn month_after(day: NaiveDate) -> NaiveDate {
    first_of_month(day) + Months::new(1)
}

pub fn first_of_month(day: NaiveDate) -> NaiveDate {
    day - chrono::Days::new(u64::from(day.day0()))
}

/// Confirms or refuses. A refusal and anything but the finding carry a reason in words.
pub async fn decide(cx: &Cx, case: &CaseNo, version: i32, outcome: Proposal, text: &str, key: &str) -> Result<Decided> {
    let text = text.trim().to_owned();
    review::check_proposal(&cx.pack, &outcome)?;
    let file = load(cx.store.read(), case).await?;
    let kept_out = review::kept_out_of_confirmation(cx.store.read(), &file).await?;
    cx.authorise(Act::Decide, &file, kept_out)?;
    let applicant = applicant_of(cx, PersonId(file.applicant_id)).await?.name;
    let household = household_of(cx, HouseholdId(file.household_id)).await?;
    let names = household.members.into_iter().map(|m| (m.id, m.name)).collect();
    let family = notice::Family { applicant, names };
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.decide", case.subject(), key, move |tx| {
        Box::pin(async move { decide_in(tx, &cx2, &case2, version, outcome, text, family).await })
    })
    .await
}

async fn decide_in(
    tx: &Tx,
    cx: &Cx,
    case: &CaseNo,
    version: i32,
    outcome: Proposal,
    text: String,
    family: notice::Family,
) -> Result<Recorded<Decided>> {
    let mut file = load_at(tx, case, version).await?;
    let from = state_of(&file);
    let event = match outcome {
        Proposal::Approve { .. } => Event::Approve,
        Proposal::Refuse { .. } => Event::Refuse,
    };
    let to = moved(&file, event)?;
    let report = check::latest(tx.conn(), tx.keys(), &case.0).await?.ok_or(CaseError::NoCheck)?;
    let departs = review::departs(&report.result, &outcome);
    review::check_reason(&outcome, departs, &text)?;
    special::require_minutes(tx.conn(), from, case, matches!(outcome, Proposal::Approve { .. })).await?;
    if let Proposal::Approve { programme, monthly } = &outcome {
        kin::require_recheck(tx.conn(), cx, case).await?;
        within_authority(cx, &file, from, programme, *monthly)?;
    }

    let effective = match outcome {
        Proposal::Approve { .. } => Some(appeal::effective_from(tx.conn(), &case.0, cx.today()).await?),
        Proposal::Refuse { .. } => None,
    };
    review::apply(&mut file, &outcome);
    file.decided_on = Some(cx.today());
    file.decided_days = match file.accepted_on {
        Some(day) => Some(cx.pack.calendar.working_days_between(day, cx.today())? as i32),
        None => None,
    };
    // The pay list of the first month is made by the tenth (workflow.md 6).
    let pay_by = effective.map(|month| month.max(first_of_month(cx.today())) + chrono::Days::new(9));
    let next = if effective.is_some() { NextStep::Pay } else { NextStep::Done };
    put_due(cx, &mut file, to, next, pay_by);

    let (_, programme, monthly, reason_code) = review::parts(&outcome);
    insert_decision(
        tx,
        cx,
        decision::ActiveModel {
            case_no: Set(case.0.clone()),
            outcome: Set(to.id().to_owned()),
            programme: Set(programme.clone()),
            monthly: Set(monthly),
            effective_month: Set(effective),
            reason_code: Set(reason_code.clone()),
            found_tier: Set(Some(report.result.tier.clone())),
            found_monthly: Set(Some(report.result.monthly.0)),
            departs: Set(departs),
            pack_version: Set(Some(report.pack_version.clone())),
            snapshot: Set(Some(report.snapshot.clone())),
            as_of: Set(Some(report.as_of)),
            ..Default::default()
        },
        &text,
    )
    .await?;
    if let (Some(month), Proposal::Approve { programme, monthly }) = (effective, &outcome) {
        grant(tx, cx, &file, programme, *monthly, month, &report.result).await?;
    }
    if let Proposal::Refuse { .. } = &outcome {
        library::refused(tx, cx, &file, reason_code.as_deref().unwrap_or_default(), &report.result).await?;
    }
    let matters = matters::decided_in(tx, cx, &file).await?;
    let letter = notice::decided(cx, &file, family, &outcome, &text, effective, &report);
    let (number, letter_entry) = notice::issue(tx, cx, &file, letter).await?;
    let details = json!({
        "outcome": to.id(), "programme": programme, "monthly": monthly, "effective_month": effective,
        "reason_code": reason_code, "departs": departs, "found": report.result.tier,
        "found_monthly": report.result.monthly.0, "pack": report.pack_version, "snapshot": report.snapshot,
        "as_of": report.as_of, "notice": number,
    });
    let recorded = finish(tx, cx, file, from, "case.decide", details, |file| Decided {
        state: to,
        version: file.version,
        notice: Some(number),
    })
    .await?;
    Ok(matters.into_iter().fold(recorded.and(letter_entry), Recorded::and))
}

/// The district decides up to its limit; what the pack gives to the special review, only after one.
fn within_authority(cx: &Cx, file: &case_file::Model, from: CaseState, programme: &str, amount: Fen) -> Result<()> {
    let decider = cx.pack.programme(programme).and_then(|p| cx.pack.decider(p, amount, &file.region_code, cx.today()));
    match decider {
        Some(by) if by.special && from != CaseState::SpecialReview => {
            Err(CaseError::AboveLimit { case: crate::cx::case_no(file) })
        }
        _ => Ok(()),
    }
}

async fn insert_decision(tx: &Tx, cx: &Cx, mut row: decision::ActiveModel, text: &str) -> Result<()> {
    row.id = NotSet;
    row.text = Set(tx.keys().seal("decision.text", text));
    row.decided_by = Set(cx.actor.account.clone());
    row.decided_at = Set(cx.at());
    decision::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    Ok(())
}

/// What was decided on a change while help is given.
#[expect(clippy::too_many_arguments, reason = "a decision says all of it")]
pub(crate) async fn of_change(
    tx: &Tx,
    cx: &Cx,
    file: &case_file::Model,
    outcome: &str,
    monthly: i64,
    from: Option<NaiveDate>,
    reason_code: Option<&str>,
    text: &str,
) -> Result<()> {
    let row = decision::ActiveModel {
        case_no: Set(file.case_no.clone()),
        outcome: Set(outcome.to_owned()),
        programme: Set(file.programme.clone()),
        monthly: Set(Some(monthly)),
        effective_month: Set(from),
        reason_code: Set(reason_code.map(str::to_owned)),
        departs: Set(false),
        ..nothing_decided()
    };
    insert_decision(tx, cx, row, text).await
}

/// Class C is checked every six months: somebody can work or income is unstable (DB57 art. 31). A and B yearly.
async fn class_of(tx: &Tx, cx: &Cx, file: &case_file::Model, result: &CheckResult) -> Result<String> {
    let last = visit::Entity::find()
        .filter(visit::Column::CaseNo.eq(file.case_no.as_str()))
        .order_by_desc(visit::Column::Id)
        .one(tx.conn())
        .await?;
    if let Some(class) = cx.pack.programme(&result.tier).and_then(|p| p.review_class.clone()) {
        return Ok(class);
    }
    let Some(row) = last else { return Ok("C".to_owned()) };
    let record: crate::visit::VisitRecord = serde_json::from_str(&tx.keys().open("visit.record", &row.record)?)?;
    let abilities: Vec<_> = record.members.iter().filter_map(|m| m.work_ability).collect();
    let class = if abilities.contains(&crate::WorkAbility::Full) {
        "C"
    } else if abilities.contains(&crate::WorkAbility::Partial) || abilities.is_empty() {
        "B"
    } else {
        "A"
    };
    Ok(class.to_owned())
}

async fn grant(
    tx: &Tx,
    cx: &Cx,
    file: &case_file::Model,
    programme: &str,
    monthly: Fen,
    from_month: NaiveDate,
    result: &CheckResult,
) -> Result<()> {
    let class = class_of(tx, cx, file, result).await?;
    let valid = cx.pack.programme(programme).and_then(|p| p.valid_months);
    let row = benefit::ActiveModel {
        id: NotSet,
        case_no: Set(file.case_no.clone()),
        household_id: Set(file.household_id),
        payee_id: Set(file.applicant_id),
        region_code: Set(file.region_code.clone()),
        township: Set(at_level(&file.region_code, RegionLevel::Township)),
        county: Set(at_level(&file.region_code, RegionLevel::County)),
        programme: Set(programme.to_owned()),
        monthly: Set(monthly.0),
        members: Set(file.members),
        from_month: Set(from_month),
        to_month: Set(valid.map(|m| from_month + Months::new(m.max(1) - 1))),
        pay_route: Set("account".to_owned()),
        roster_key: Set(None),
        class: Set(Some(class.to_owned())),
        last_reverify: Set(Some(cx.today())),
        next_reverify: Set(next_check(&cx.pack, Some(&class), &file.region_code, cx.today())),
        status: Set("active".to_owned()),
        pays_from: Set(Some(from_month)),
        arithmetic: Set(match notice::arithmetic(&cx.pack, result, programme, &file.region_code) {
            Some(sum) => Some(tx.keys().seal("benefit.arithmetic", &serde_json::to_string(&sum)?)),
            None => None,
        }),
        hold: Set(None),
        known_on: Set(None),
    };
    // A new recognition of the household takes the place of an older one of the same or a lower tier.
    let older: Vec<i64> = benefit::Entity::find()
        .select_only()
        .column(benefit::Column::Id)
        .filter(benefit::Column::HouseholdId.eq(file.household_id))
        .filter(benefit::Column::Status.eq("active"))
        .into_tuple()
        .all(tx.conn())
        .await?;
    statistics::ended(tx, cx, &older, from_month - Months::new(1)).await?;
    benefit::Entity::update_many()
        .col_expr(benefit::Column::Status, sea_orm::sea_query::Expr::value("replaced"))
        .col_expr(benefit::Column::ToMonth, sea_orm::sea_query::Expr::value(from_month - Months::new(1)))
        .filter(benefit::Column::HouseholdId.eq(file.household_id))
        .filter(benefit::Column::Status.eq("active"))
        .exec(tx.conn())
        .await?;
    library::granted(tx, cx, file, &row).await?;
    statistics::known(tx, cx, row).await?;
    Ok(())
}

/// The district sends a case back to be surveyed again (transition 21).
pub async fn send_back(cx: &Cx, case: &CaseNo, version: i32, text: &str, key: &str) -> Result<Decided> {
    let text = text.trim().to_owned();
    if text.is_empty() {
        return Err(CaseError::Invalid(vec![FieldError::new("text", "error.reason")]));
    }
    let file = load(cx.store.read(), case).await?;
    let kept_out = review::kept_out_of_confirmation(cx.store.read(), &file).await?;
    cx.authorise(Act::Decide, &file, kept_out)?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.send_back", case.subject(), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut file = load_at(tx, &case2, version).await?;
            let from = state_of(&file);
            if !matches!(from, CaseState::Confirming | CaseState::SpecialReview) {
                return Err(CaseError::WrongStage { case: case2, found: from, event: Event::SendBack });
            }
            let to = moved(&file, Event::SendBack)?;
            file.visited = false;
            put(&cx, &mut file, to, NextStep::Visit)?;
            insert_decision(
                tx,
                &cx,
                decision::ActiveModel {
                    case_no: Set(case2.0.clone()),
                    outcome: Set("sent_back".to_owned()),
                    departs: Set(false),
                    ..nothing_decided()
                },
                &text,
            )
            .await?;
            finish(tx, &cx, file, from, "case.send_back", json!({}), |file| Decided {
                state: to,
                version: file.version,
                notice: None,
            })
            .await
        })
    })
    .await
}

fn nothing_decided() -> decision::ActiveModel {
    decision::ActiveModel {
        programme: Set(None),
        monthly: Set(None),
        effective_month: Set(None),
        reason_code: Set(None),
        found_tier: Set(None),
        found_monthly: Set(None),
        pack_version: Set(None),
        snapshot: Set(None),
        as_of: Set(None),
        ..Default::default()
    }
}

/// Ends a case before a decision: withdrawn by the applicant, or ended by an officer with a reason (transition 36).
pub async fn terminate(
    cx: &Cx,
    case: &CaseNo,
    version: i32,
    reason_code: &str,
    text: &str,
    key: &str,
) -> Result<Decided> {
    let reason = crate::TERMINATION_CODES
        .iter()
        .find(|(code, _, _)| *code == reason_code)
        .map(|(_, zh, en)| tuodi_pack::Text::new(*zh, *en))
        .ok_or_else(|| CaseError::Invalid(vec![FieldError::new("reason_code", "error.choice")]))?;
    let (text, reason_code) = (text.trim().to_owned(), reason_code.to_owned());
    let withdrawn = reason_code == "withdrawn";
    if !withdrawn && text.is_empty() {
        return Err(CaseError::Invalid(vec![FieldError::new("text", "error.reason")]));
    }
    let file = load(cx.store.read(), case).await?;
    let act = if withdrawn && cx.actor.role.is_citizen() { Act::Withdraw } else { Act::Terminate };
    cx.authorise(act, &file, Vec::new())?;
    let applicant = applicant_of(cx, PersonId(file.applicant_id)).await?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.terminate", case.subject(), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut file = load_at(tx, &case2, version).await?;
            let from = state_of(&file);
            let to = moved(&file, Event::Terminate)?;
            file.decided_on = Some(cx.today());
            put(&cx, &mut file, to, NextStep::Done)?;
            crate::publicity::take_down(tx, &case2).await?;
            library::ended(tx, &cx, &file, &reason_code).await?;
            let matters = matters::decided_in(tx, &cx, &file).await?;
            insert_decision(
                tx,
                &cx,
                decision::ActiveModel {
                    case_no: Set(case2.0.clone()),
                    outcome: Set(to.id().to_owned()),
                    departs: Set(false),
                    reason_code: Set(Some(reason_code.clone())),
                    ..nothing_decided()
                },
                &text,
            )
            .await?;
            // A draft nobody else has seen needs no letter.
            let letter = if file.submitted_on.is_some() {
                let draft = notice::terminated(&cx, &file, applicant.name, reason, &text);
                Some(notice::issue(tx, &cx, &file, draft).await?)
            } else {
                None
            };
            let number = letter.as_ref().map(|(number, _)| number.clone());
            let details = json!({ "reason_code": reason_code, "notice": number });
            let recorded = finish(tx, &cx, file, from, "case.terminate", details, |file| Decided {
                state: to,
                version: file.version,
                notice: number.clone(),
            })
            .await?;
            let more = letter.map(|(_, entry)| entry).into_iter().chain(matters);
            Ok(more.fold(recorded, Recorded::and))
        })
    })
    .await
}

pub(crate) async fn of_case(conn: &impl ConnectionTrait, keys: &Keys, case: &str) -> Result<Option<Decision>> {
    let row = decision::Entity::find()
        .filter(decision::Column::CaseNo.eq(case))
        .order_by_desc(decision::Column::Id)
        .one(conn)
        .await?;
    row.map(|row| {
        Ok(Decision {
            outcome: row.outcome,
            programme: row.programme,
            monthly: row.monthly.map(Fen),
            effective_month: row.effective_month,
            reason_code: row.reason_code,
            text: keys.open("decision.text", &row.text)?,
            found_tier: row.found_tier,
            found_monthly: row.found_monthly.map(Fen),
            departs: row.departs,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
        })
    })
    .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_in_august_is_paid_from_september_and_in_december_from_january() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        assert_eq!(month_after(day(2026, 8, 31)), day(2026, 9, 1));
        assert_eq!(month_after(day(2026, 12, 1)), day(2027, 1, 1));
    }
}
