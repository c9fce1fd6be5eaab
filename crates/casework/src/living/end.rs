//! How help ends: gradually after somebody found work, or with a month; what was put down for later months goes to the
//! ledger, where a person decides.

use super::{
    benefits::{end_before, successor},
    decide::{Came, watched},
    propose::DEATH,
};
use crate::{
    CaseError, CaseNo, Cx,
    decision::month_after,
    error::Result,
    library,
    money::expected_for,
    statistics,
    tables::{benefit, case_file, overpayment, payment_owed, recheck},
};
use chrono::{Months, NaiveDate};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::Expr,
};
use tuodi_store::Tx;

/// Months of the gradual exit, those of them in full, and the amount in the others; none where the pack has none for it.
pub(super) fn gradual_months(cx: &Cx, now: &benefit::Model) -> Option<(u32, u32, i64)> {
    if !cx.pack.workflow.living.gradual.contains(&now.programme) {
        return None;
    }
    let value = |id: &str| cx.pack.parameters.value(id, &now.region_code, cx.today());
    let (all, full, rest) =
        (value("gradual_exit_months")?, value("gradual_exit_full_months")?, value("gradual_exit_rest")?);
    // Rounded up to whole yuan, as every amount is.
    let part = (now.monthly * rest / 1_000 + 99) / 100 * 100;
    let all = u32::try_from(all).ok().filter(|all| *all > 0)?;
    Some((all, u32::try_from(full).ok()?.min(all), part))
}

/// Full for some months and in part for the rest, from the month after the decision (N83; months of the pack).
pub(super) async fn gradual(tx: &Tx, cx: &Cx, now: &benefit::Model) -> Result<Came> {
    let (all, full, part) = gradual_months(cx, now).ok_or_else(|| CaseError::NoProgramme(now.programme.clone()))?;
    let first = month_after(cx.today());
    let (half, last) = (first + Months::new(full), first + Months::new(all - 1));
    end_before(tx, cx, &now.case_no, first, "replaced").await?;
    if full > 0 {
        let row = successor(now, now.monthly, first, Some(half - Months::new(1)));
        statistics::known(tx, cx, row).await?;
    }
    if all > full {
        statistics::known(tx, cx, successor(now, part, half, Some(last))).await?;
    }
    // Looked at again when the last month comes.
    Ok(Came { outcome: "gradual", first, monthly: now.monthly, until: Some(last) })
}

/// Nothing from a month on.
pub(super) async fn exit(
    tx: &Tx,
    cx: &Cx,
    file: &case_file::Model,
    now: &benefit::Model,
    open: &recheck::Model,
) -> Result<Came> {
    let code = open.reason_code.clone().unwrap_or_default();
    // Only a death reaches back: money for later months was for nobody.
    let first = open.from_month.filter(|_| code == DEATH).unwrap_or_else(|| month_after(cx.today()));
    end_before(tx, cx, &now.case_no, first, "ended").await?;
    if code == DEATH {
        // What was still owed for the time before is for the heirs: held until a person has seen to it.
        benefit::Entity::update_many()
            .col_expr(benefit::Column::Hold, Expr::value(DEATH))
            .filter(benefit::Column::CaseNo.eq(now.case_no.as_str()))
            .exec(tx.conn())
            .await?;
    }
    // What was owed for months that were for nobody is owed no more.
    payment_owed::Entity::delete_many()
        .filter(payment_owed::Column::CaseNo.eq(now.case_no.as_str()))
        .filter(payment_owed::Column::BatchId.is_null())
        .filter(payment_owed::Column::Month.gte(first))
        .exec(tx.conn())
        .await?;
    enter_over(tx, cx, now, first, 0).await?;
    library::ended(tx, cx, file, &code).await?;
    Ok(Came { outcome: "stopped", first, monthly: 0, until: watched(cx, file, &code) })
}

/// What lists pay for months from `first` on above what is due for them, put into the ledger of over-payments where the
/// pack has a cause for it. Nobody is asked for anything here.
pub(super) async fn enter_over(tx: &Tx, cx: &Cx, now: &benefit::Model, first: NaiveDate, monthly: i64) -> Result<()> {
    let Some(cause) = cx.pack.workflow.recovery.after_stop.clone() else { return Ok(()) };
    let case = CaseNo(now.case_no.clone());
    let known = overpayment::Entity::find()
        .filter(overpayment::Column::CaseNo.eq(now.case_no.as_str()))
        .filter(overpayment::Column::ToMonth.gte(first))
        .one(tx.conn())
        .await?;
    let paid = expected_for(tx.conn(), &case, first).await?;
    let (Some(from), Some(to)) = (paid.keys().next().copied(), paid.keys().next_back().copied()) else { return Ok(()) };
    let (sum, due) = (paid.values().sum::<i64>(), monthly * i64::try_from(paid.len()).unwrap_or(0));
    // Somebody has counted these months already: what there is more, a person adds.
    if known.is_some() || sum <= due {
        return Ok(());
    }
    let row = overpayment::ActiveModel {
        id: NotSet,
        case_no: Set(now.case_no.clone()),
        household_id: Set(now.household_id),
        region_code: Set(now.region_code.clone()),
        county: Set(now.county.clone()),
        programme: Set(now.programme.clone()),
        fund: Set(cx.pack.fund_of(&now.programme).map(|f| f.id.clone()).unwrap_or_default()),
        from_month: Set(from),
        to_month: Set(to),
        paid: Set(sum),
        due: Set(due),
        amount: Set(sum - due),
        cause: Set(cause),
        note: Set(tx.keys().seal("overpayment.note", "")),
        status: Set("found".to_owned()),
        to_recover: Set(0),
        share_permille: Set(0),
        reason: Set(None),
        found_by: Set(cx.actor.account.clone()),
        found_at: Set(cx.at()),
        decided_by: Set(None),
        decided_at: Set(None),
    };
    overpayment::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    Ok(())
}
