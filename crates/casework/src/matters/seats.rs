//! Which department an officer's account belongs to: it sees that department's matters and no other's.

use super::tables::seat;
use crate::{CaseError, Cx, FieldError, change::change, error::Result};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde_json::json;
use std::collections::BTreeMap;
use tuodi_access::{Act, Role, accounts};
use tuodi_store::Recorded;

/// The department of an account; none: it sees no matters.
pub async fn department_of(cx: &Cx, account: &str) -> Result<Option<String>> {
    Ok(seat::Entity::find_by_id(account.to_owned()).one(cx.store.read()).await?.map(|row| row.department))
}

pub(super) async fn accounts_of(conn: &impl ConnectionTrait, department: &str) -> Result<Vec<String>> {
    let rows = seat::Entity::find().filter(seat::Column::Department.eq(department)).all(conn).await?;
    Ok(rows.into_iter().map(|row| row.account).collect())
}

/// Department by account, for the administrator.
pub async fn seats(cx: &Cx) -> Result<BTreeMap<String, String>> {
    cx.authorise_region(Act::ManageAccounts, "account", "", &cx.actor.region)?;
    let rows = seat::Entity::find().all(cx.store.read()).await?;
    Ok(rows.into_iter().map(|row| (row.account, row.department)).collect())
}

/// Says to which department an account belongs.
///
/// # Errors
/// [`CaseError::Invalid`] with fields `account` (not a department officer's) and `department`.
pub async fn seat(cx: &Cx, account: &str, department: &str) -> Result<()> {
    let refuse = |field: &str| CaseError::Invalid(vec![FieldError::new(field, "error.choice")]);
    let found = accounts::find(&cx.store, account).await?.filter(|a| a.role == Role::DepartmentOfficer);
    let found = found.ok_or_else(|| refuse("account"))?;
    cx.authorise_region(Act::ManageAccounts, "account", account, &found.region)?;
    if cx.pack.services.departments.iter().all(|d| d.id != department) {
        return Err(refuse("department"));
    }
    let (cx2, region, department) = (cx.clone(), found.region, department.to_owned());
    let subject = format!("account:{account}");
    let account = account.to_owned();
    change(cx, "matter.seat", subject.clone(), "", move |tx| {
        Box::pin(async move {
            let row = seat::ActiveModel {
                account: Set(account),
                department: Set(department.clone()),
                set_by: Set(cx2.actor.account.clone()),
                set_at: Set(cx2.at()),
            };
            let again = OnConflict::column(seat::Column::Account)
                .update_columns([seat::Column::Department, seat::Column::SetBy, seat::Column::SetAt])
                .to_owned();
            seat::Entity::insert(row).on_conflict(again).exec_without_returning(tx.conn()).await?;
            let details = json!({ "department": department });
            Ok(Recorded::new((), cx2.entry("matter.seat", subject, &region, details)))
        })
    })
    .await
}
