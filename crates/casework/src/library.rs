//! What a decision means to the low-income library, told within the decision's own transaction.

use crate::{
    Cx, case_no,
    error::Result,
    tables::{benefit, case_file},
};
use chrono::NaiveDate;
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::HashMap;
use tuodi_pack::{Answer, CheckResult, ConditionResult, HouseholdId, PersonId};
use tuodi_registry::library::{Act, Granted, HelpRow, OWN, decided_approved, decided_refused};
use tuodi_store::{Store, Tx};

fn act(cx: &Cx, file: &case_file::Model) -> Act {
    Act {
        household: HouseholdId(file.household_id),
        region_code: file.region_code.clone(),
        on: cx.today(),
        about: case_no::CaseNo(file.case_no.clone()).subject(),
        actor: cx.actor.account.clone(),
        role: cx.actor.role.id().to_owned(),
    }
}

/// The last day of a month, given by any of its days.
fn month_end(month: NaiveDate) -> NaiveDate {
    let next = crate::decision::month_after(month);
    next.pred_opt().unwrap_or(next)
}

fn set<T: Clone + Into<sea_orm::Value>>(value: &ActiveValue<T>) -> Option<T> {
    match value {
        ActiveValue::Set(value) | ActiveValue::Unchanged(value) => Some(value.clone()),
        ActiveValue::NotSet => None,
    }
}

pub(crate) async fn granted(tx: &Tx, cx: &Cx, file: &case_file::Model, row: &benefit::ActiveModel) -> Result<()> {
    let granted = Granted {
        payee: PersonId(file.applicant_id),
        programme: set(&row.programme).unwrap_or_default(),
        monthly: set(&row.monthly).unwrap_or_default(),
        from: set(&row.from_month).unwrap_or_else(|| crate::decision::month_after(cx.today())),
        to: set(&row.to_month).flatten().map(month_end),
        check_on: set(&row.next_reverify).flatten(),
    };
    Ok(decided_approved(tx, &cx.pack, &act(cx, file), granted).await?)
}

pub(crate) async fn refused(
    tx: &Tx,
    cx: &Cx,
    file: &case_file::Model,
    reason: &str,
    result: &CheckResult,
) -> Result<()> {
    Ok(decided_refused(tx, &cx.pack, &act(cx, file), reason, missed_permille(result)).await?)
}

pub(crate) async fn ended(tx: &Tx, cx: &Cx, file: &case_file::Model, reason: &str) -> Result<()> {
    Ok(tuodi_registry::library::ended(tx, &cx.pack, &act(cx, file), reason).await?)
}

/// By how much the nearest tier was missed, in parts per 1000 of its line: of its conditions that fail the worst counts.
/// `None` where a condition without a line failed, or none did.
fn missed_permille(result: &CheckResult) -> Option<u32> {
    let missed = |condition: &ConditionResult| {
        let (line, margin) = (condition.line?, condition.margin?);
        let share = i128::from(margin.abs()) * 1000 / i128::from(line.checked_abs().filter(|l| *l > 0)?);
        u32::try_from(share).ok()
    };
    result
        .tiers()
        .filter_map(|tier| {
            let failed: Vec<_> = tier.conditions.iter().filter(|c| c.answer == Answer::Fails).collect();
            if failed.is_empty() {
                return None;
            }
            failed.into_iter().map(missed).collect::<Option<Vec<u32>>>()?.into_iter().max()
        })
        .min()
}

/// Benefits that this platform decided, as lines of the library. Those taken over from the roster are not among them: the
/// roster itself says how they go on.
pub async fn own_help(store: &Store) -> Result<Vec<HelpRow>> {
    let rows = benefit::Entity::find().filter(benefit::Column::RosterKey.is_null()).all(store.read()).await?;
    Ok(rows
        .into_iter()
        .map(|row| HelpRow {
            person: PersonId(row.payee_id),
            source: OWN.to_owned(),
            programme: row.programme,
            from: row.from_month,
            to: row.to_month.map(month_end),
            monthly: Some(row.monthly),
        })
        .collect())
}

/// When each household under assistance is checked next.
pub async fn own_checks(store: &Store) -> Result<HashMap<HouseholdId, NaiveDate>> {
    let rows: Vec<(i64, Option<NaiveDate>)> = benefit::Entity::find()
        .select_only()
        .columns([benefit::Column::HouseholdId, benefit::Column::NextReverify])
        .filter(benefit::Column::Status.eq("active"))
        .into_tuple()
        .all(store.read())
        .await?;
    let mut checks = HashMap::with_capacity(rows.len());
    for (household, day) in rows {
        let Some(day) = day else { continue };
        let first = checks.entry(HouseholdId(household)).or_insert(day);
        *first = day.min(*first);
    }
    Ok(checks)
}

/// Lines of our own pay lists that were paid or came back: programme, month, village, status (`paid`, `returned`), how
/// many, and their sum in fen.
pub async fn own_funds(store: &Store) -> Result<Vec<(String, NaiveDate, String, String, i64, i64)>> {
    use crate::tables::{payment_batch, payment_line as line};
    use sea_orm::sea_query::ExprTrait;
    let months: HashMap<i64, NaiveDate> = payment_batch::Entity::find()
        .select_only()
        .columns([payment_batch::Column::Id, payment_batch::Column::Month])
        .into_tuple::<(i64, NaiveDate)>()
        .all(store.read())
        .await?
        .into_iter()
        .collect();
    let rows: Vec<(i64, String, String, String, i64, Option<i64>)> = line::Entity::find()
        .select_only()
        .columns([line::Column::BatchId, line::Column::Programme, line::Column::RegionCode, line::Column::Status])
        .column_as(line::Column::Id.count(), "n")
        .column_as(line::Column::Amount.sum().cast_as("BIGINT"), "sum")
        .filter(line::Column::Status.is_in(["paid", "returned"]))
        .group_by(line::Column::BatchId)
        .group_by(line::Column::Programme)
        .group_by(line::Column::RegionCode)
        .group_by(line::Column::Status)
        .into_tuple()
        .all(store.read())
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(batch, programme, region, status, n, sum)| {
            Some((programme, *months.get(&batch)?, region, status, n, sum.unwrap_or(0)))
        })
        .collect())
}
