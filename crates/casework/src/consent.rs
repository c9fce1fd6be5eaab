//! Authorisation of the economic check by every adult member: first the authorisation, then the check (DB57 art. 9).

use crate::{
    CaseError, CaseNo, CaseState, Cx, FieldError, Mark, NextStep,
    acceptance::accept_in,
    application::{household_of, name_in},
    change::{change, finish, load, put, state_of, typed},
    cx::case_no,
    draft,
    error::Result,
    tables::{case_file, consent},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use serde_json::json;
use std::collections::HashSet;
use tuodi_access::Act;
use tuodi_pack::{HouseholdId, PersonId};
use tuodi_registry::Household;
use tuodi_store::{Keys, Recorded};

#[derive(Clone)]
pub struct ConsentForm {
    pub person: PersonId,
    /// As the person wrote it.
    pub name: String,
    pub mark: Mark,
}

/// Adults who live with the household and have no authorisation in force.
pub(crate) async fn adults_without_consent(
    conn: &impl ConnectionTrait,
    keys: &Keys,
    cx: &Cx,
    file: &case_file::Model,
    household: &Household,
) -> Result<Vec<PersonId>> {
    let given: HashSet<i64> = consent::Entity::find()
        .filter(consent::Column::CaseNo.eq(file.case_no.as_str()))
        .filter(consent::Column::WithdrawnAt.is_null())
        .all(conn)
        .await?
        .into_iter()
        .map(|row| row.person_id)
        .collect();
    let fields = typed(conn, keys, &file.case_no).await?;
    Ok(draft::living_here(&fields, &household.members)
        .into_iter()
        .filter(|m| draft::is_adult(m, cx.today()) && !given.contains(&m.id.0))
        .map(|m| m.id)
        .collect())
}

fn same_name(typed: &str, registered: &str) -> bool {
    let plain = |s: &str| s.chars().filter(|c| !c.is_whitespace() && !matches!(c, '·' | '•' | '.')).collect::<String>();
    let (typed, registered) = (plain(typed), plain(registered));
    !typed.is_empty() && (registered.is_empty() || typed == registered)
}

/// Records one adult's authorisation. With the last one, a submitted application that is otherwise complete is
/// accepted and its clock starts.
pub async fn give_consent(cx: &Cx, case: &CaseNo, form: ConsentForm) -> Result<()> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::Consent, &file, Vec::new())?;
    let household = household_of(cx, HouseholdId(file.household_id)).await?;
    let member = household
        .members
        .iter()
        .find(|m| m.id == form.person)
        .ok_or_else(|| CaseError::NotFound { kind: "member of household", id: form.person.to_string() })?;
    if !same_name(&form.name, &member.name) {
        return Err(CaseError::Invalid(vec![FieldError::new("name", "error.name_differs")]));
    }
    let to_name = name_in(&household, file.applicant_id);
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.consent", case.subject(), "", move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut file = load(tx.conn(), &case2).await?;
            let from = state_of(&file);
            if !from.is_open() {
                return Err(CaseError::WrongStage { case: case2, found: from, event: crate::Event::Submit });
            }
            let in_force = consent::Entity::find()
                .filter(consent::Column::CaseNo.eq(case2.as_str()))
                .filter(consent::Column::PersonId.eq(form.person.0))
                .filter(consent::Column::WithdrawnAt.is_null())
                .one(tx.conn())
                .await?;
            // Clicked twice: the first one holds.
            if in_force.is_none() {
                let row = consent::ActiveModel {
                    case_no: Set(case2.0.clone()),
                    person_id: Set(form.person.0),
                    name: Set(tx.keys().seal("consent.name", form.name.trim())),
                    mark: Set(form.mark.id().to_owned()),
                    channel: Set(cx.channel.id().to_owned()),
                    taken_by: Set(cx.actor.account.clone()),
                    given_at: Set(cx.at()),
                    withdrawn_at: Set(None),
                    ..Default::default()
                };
                consent::Entity::insert(row)
                    .on_conflict(OnConflict::new().do_nothing().to_owned())
                    .exec_without_returning(tx.conn())
                    .await?;
            }
            let left = adults_without_consent(tx.conn(), tx.keys(), &cx, &file, &household).await?.len();
            let complete =
                left == 0 && from == CaseState::Submitted && cx.pack.regions.get(&file.region_code).is_some();
            if left == 0 && matches!(from, CaseState::AwaitingConsent) {
                put(&cx, &mut file, from, NextStep::FillIn)?;
            } else if left == 0 && from == CaseState::Submitted {
                put(&cx, &mut file, from, NextStep::Accept)?;
            }
            let details = json!({ "person": form.person.0, "mark": form.mark.id(), "left": left });
            let mut saved = None;
            let recorded =
                finish(tx, &cx, file, from, "case.consent", details, |file| saved = Some(file.clone())).await?;
            match saved.filter(|_| complete) {
                Some(file) => {
                    let (_, entries) = accept_in(tx, &cx, file, &to_name).await?;
                    Ok(entries.into_iter().fold(recorded, Recorded::and))
                }
                None => Ok(recorded),
            }
        })
    })
    .await
}

/// Takes an authorisation back. What was checked stays on file; no further check is possible without a new one.
pub async fn withdraw_consent(cx: &Cx, case: &CaseNo, person: PersonId) -> Result<()> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::Consent, &file, Vec::new())?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.withdraw_consent", case.subject(), "", move |tx| {
        Box::pin(async move {
            let file = load(tx.conn(), &case2).await?;
            let from = state_of(&file);
            if !from.is_open() {
                return Err(CaseError::WrongStage { case: case_no(&file), found: from, event: crate::Event::Submit });
            }
            let done = consent::Entity::update_many()
                .col_expr(consent::Column::WithdrawnAt, Expr::value(cx2.at()))
                .filter(consent::Column::CaseNo.eq(case2.as_str()))
                .filter(consent::Column::PersonId.eq(person.0))
                .filter(consent::Column::WithdrawnAt.is_null())
                .exec(tx.conn())
                .await?;
            if done.rows_affected == 0 {
                return Err(CaseError::NotFound { kind: "consent", id: person.to_string() });
            }
            finish(tx, &cx2, file, from, "case.withdraw_consent", json!({ "person": person.0 }), |_| ()).await
        })
    })
    .await
}
