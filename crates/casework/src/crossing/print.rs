//! The application as it stands, put on paper.

use super::{code::FormCode, tables::paper_form};
use crate::{
    CaseError, CaseNo, CaseState, Cx, FieldError,
    change::{change, load, state_in, state_of, tell, typed},
    draft::Fields,
    error::Result,
    tables::case_file,
};
use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use sha2::{Digest, Sha256};
use tuodi_access::{Act, Sensitivity, looks};
use tuodi_store::Recorded;

pub(super) const FIELDS: &str = "paper_form.fields";

/// A form as it was printed.
#[derive(Debug, Clone)]
pub struct Printed {
    pub code: FormCode,
    /// Everything typed until then.
    pub fields: Fields,
    pub state: CaseState,
    pub printed_at: DateTime<Utc>,
}

/// The form shows what was typed: to the household itself, and to those who see the data behind the conclusions.
pub(super) fn authorise(cx: &Cx, file: &case_file::Model) -> Result<()> {
    cx.authorise(Act::Apply, file, Vec::new())?;
    if !cx.actor.role.is_citizen() {
        cx.authorise_at(Act::ViewCase, file, Vec::new(), Sensitivity::Sensitive, "paper form")?;
    }
    Ok(())
}

fn digest(fields: &str) -> String {
    hex::encode(Sha256::digest(fields.as_bytes()))
}

/// Keeps the application as it stands for a form on paper, and returns its edition. The case is not moved.
pub async fn print_form(cx: &Cx, case: &CaseNo, key: &str) -> Result<i32> {
    let file = load(cx.store.read(), case).await?;
    authorise(cx, &file)?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.print", case.subject(), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let file = load(tx.conn(), &case2).await?;
            let fields = serde_json::to_string(&typed(tx.conn(), tx.keys(), &case2.0).await?)?;
            let before = paper_form::Entity::find().filter(paper_form::Column::CaseNo.eq(case2.as_str()));
            let edition = before.count(tx.conn()).await? as i32 + 1;
            let row = paper_form::ActiveModel {
                case_no: Set(case2.0.clone()),
                edition: Set(edition),
                digest: Set(digest(&fields)),
                fields: Set(tx.keys().seal(FIELDS, &fields)),
                state: Set(file.state.clone()),
                printed_by: Set(cx.actor.account.clone()),
                channel: Set(cx.channel.id().to_owned()),
                printed_at: Set(cx.at()),
                ..Default::default()
            };
            paper_form::Entity::insert(row).exec_without_returning(tx.conn()).await?;
            let details = json!({ "edition": edition, "sha256": digest(&fields), "state": state_of(&file).id() });
            tell(tx, &cx, &file, "case.print", None, details.clone()).await?;
            Ok(Recorded::new(edition, cx.entry("case.print", case2.subject(), &file.region_code, details)))
        })
    })
    .await
}

pub(super) async fn row_of(cx: &Cx, case: &CaseNo, edition: i32) -> Result<paper_form::Model> {
    let row = paper_form::Entity::find()
        .filter(paper_form::Column::CaseNo.eq(case.as_str()))
        .filter(paper_form::Column::Edition.eq(edition))
        .one(cx.store.read())
        .await?;
    row.ok_or_else(|| CaseError::NotFound { kind: "paper form", id: format!("{case}.{edition}") })
}

/// A form again, for printing it. The look is logged.
pub async fn printed_form(cx: &Cx, case: &CaseNo, edition: i32) -> Result<Printed> {
    let file = load(cx.store.read(), case).await?;
    authorise(cx, &file)?;
    looks::record(&cx.store, &cx.actor, &case.subject(), "paper form", cx.at()).await?;
    let row = row_of(cx, case, edition).await?;
    printed(cx, &row)
}

pub(super) fn printed(cx: &Cx, row: &paper_form::Model) -> Result<Printed> {
    let keys = cx.store.keys();
    Ok(Printed {
        code: FormCode::new(keys, &CaseNo(row.case_no.clone()), row.edition, &row.digest),
        fields: serde_json::from_str(&keys.open(FIELDS, &row.fields)?)?,
        state: state_in(&row.state),
        printed_at: row.printed_at,
    })
}

/// The form of a code as scanned or typed.
///
/// # Errors
/// [`CaseError::Invalid`] with the field `code`.
pub(super) async fn of_code(cx: &Cx, code: &str) -> Result<(FormCode, paper_form::Model)> {
    let wrong = || CaseError::Invalid(vec![FieldError::new("code", "error.form_code")]);
    let code = FormCode::read(cx.store.keys(), code).ok_or_else(wrong)?;
    let row = row_of(cx, &code.case, code.edition).await.map_err(|_| wrong())?;
    if !code.is_of(&row.digest) {
        return Err(wrong());
    }
    Ok((code, row))
}
