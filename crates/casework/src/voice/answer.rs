//! Answering what was said, and what happens when nobody does.

use super::{SEALED, SEALED_ANSWER, Said, channel_of};
use crate::{
    CaseError, CaseNo, Channel, Cx, FieldError, change::change, error::Result, queue::region_name, tables::voice,
};
use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::json;
use tuodi_access::{Act, Grant, Resource, Role, Sensitivity, looks};
use tuodi_pack::{HouseholdId, Text};
use tuodi_store::{Page, Recorded};

/// One line of the desk's list: nothing of who spoke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoiceRow {
    pub id: i64,
    pub kind: String,
    pub case: Option<CaseNo>,
    pub region: Text,
    pub filed_on: NaiveDate,
    pub due_on: NaiveDate,
    pub late: bool,
    pub escalated_on: Option<NaiveDate>,
    pub answered_on: Option<NaiveDate>,
}

/// One of them, opened by whoever answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoiceView {
    pub row: VoiceRow,
    pub channel: Channel,
    pub said: Said,
    pub found: Option<String>,
    pub answer: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoiceAnswer {
    /// upheld, partly, not
    pub found: String,
    pub text: String,
}

/// What a role's desk is; none for roles that answer nothing.
fn desk_of(role: Role) -> Option<&'static str> {
    match role {
        Role::TownshipLeader => Some("township"),
        Role::DistrictOfficer => Some("district"),
        Role::DataSteward => Some("steward"),
        _ => None,
    }
}

/// Those of the actor's own desk and region.
fn own_desk(cx: &Cx) -> Condition {
    use voice::Column as C;
    let here = crate::scope::within(&cx.actor.region, C::RegionCode, C::Township, C::County);
    here.add(C::Desk.eq(desk_of(cx.actor.role).unwrap_or_default()))
}

fn row_of(cx: &Cx, row: &voice::Model) -> VoiceRow {
    VoiceRow {
        id: row.id,
        kind: row.kind.clone(),
        case: row.case_no.clone().map(CaseNo),
        region: region_name(cx, &row.region_code),
        filed_on: row.filed_on,
        due_on: row.due_on,
        late: row.answered_on.is_none() && row.due_on < cx.today(),
        escalated_on: row.escalated_on,
        answered_on: row.answered_on,
    }
}

/// What waits at the actor's desk, what is due first; with `answered` what has been answered.
pub async fn voices(cx: &Cx, answered: bool, page: u64) -> Result<Page<VoiceRow>> {
    cx.authorise_region(Act::AnswerVoice, "voice", "", &cx.actor.region)?;
    let state = if answered { "answered" } else { "open" };
    let query = voice::Entity::find().filter(own_desk(cx)).filter(voice::Column::State.eq(state));
    let (page, per_page) = (page.max(1), 25);
    let total = query.clone().count(cx.store.read()).await?;
    let rows = query
        .order_by_asc(voice::Column::DueOn)
        .order_by_asc(voice::Column::Id)
        .offset(Page::<()>::offset(page, per_page))
        .limit(per_page)
        .all(cx.store.read())
        .await?;
    Ok(Page { rows: rows.iter().map(|row| row_of(cx, row)).collect(), total, page, per_page })
}

async fn load(cx: &Cx, id: i64) -> Result<voice::Model> {
    let missing = || CaseError::NotFound { kind: "voice", id: id.to_string() };
    voice::Entity::find_by_id(id).filter(own_desk(cx)).one(cx.store.read()).await?.ok_or_else(missing)
}

fn authorise(cx: &Cx, row: &voice::Model) -> Result<Grant> {
    let kept_out = row.kept_out.split(',').filter(|a| !a.is_empty()).map(str::to_owned);
    let id = row.id.to_string();
    let resource = match row.household_id {
        Some(household) => {
            let owner = HouseholdId(household);
            Resource::of_household("voice", id, &row.region_code, owner, Sensitivity::Personal)
        }
        None => Resource::general("voice", id, &row.region_code),
    };
    Ok(cx.access.authorise(&cx.actor, Act::AnswerVoice, &resource.excluding(kept_out), "voice")?)
}

/// One of the actor's desk, opened; the look is logged.
pub async fn voice(cx: &Cx, id: i64) -> Result<VoiceView> {
    let row = load(cx, id).await?;
    authorise(cx, &row)?;
    let subject = row.case_no.as_ref().map_or_else(|| format!("voice:{id}"), |case| format!("case:{case}"));
    looks::record(&cx.store, &cx.actor, &subject, "voice", cx.at()).await?;
    let keys = cx.store.keys();
    Ok(VoiceView {
        channel: channel_of(&row),
        said: serde_json::from_str(&keys.open(SEALED, &row.content)?)?,
        found: row.found.clone(),
        answer: row.answer.as_ref().map(|sealed| keys.open(SEALED_ANSWER, sealed)).transpose()?,
        row: row_of(cx, &row),
    })
}

/// The answer, with what was found. Once given it stands.
pub async fn answer_voice(cx: &Cx, id: i64, answer: VoiceAnswer, key: &str) -> Result<()> {
    let text = answer.text.trim().to_owned();
    let mut errors = Vec::new();
    if !["upheld", "partly", "not"].contains(&answer.found.as_str()) {
        errors.push(FieldError::new("found", "error.choice"));
    }
    if text.is_empty() {
        errors.push(FieldError::new("text", "error.required"));
    } else if text.chars().count() > super::MOST_TEXT {
        errors.push(FieldError::new("text", "error.too_long"));
    }
    if !errors.is_empty() {
        return Err(CaseError::Invalid(errors));
    }
    let row = load(cx, id).await?;
    authorise(cx, &row)?;
    let cx2 = cx.clone();
    change(cx, "voice.answer", format!("voice:{id}"), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let row = voice::Entity::find_by_id(id).one(tx.conn()).await?;
            let row = row.filter(|row| row.state == "open").ok_or(CaseError::Answered { id })?;
            let subject = row.case_no.as_ref().map_or_else(|| format!("voice:{id}"), |case| format!("case:{case}"));
            let (kind, region) = (row.kind.clone(), row.region_code.clone());
            let late = row.due_on < cx.today();
            let mut active = row.into_active_model();
            active.state = Set("answered".to_owned());
            active.found = Set(Some(answer.found.clone()));
            active.answer = Set(Some(tx.keys().seal(SEALED_ANSWER, &text)));
            active.answered_by = Set(Some(cx.actor.account.clone()));
            active.answered_on = Set(Some(cx.today()));
            voice::Entity::update(active).exec(tx.conn()).await?;
            let details = json!({ "kind": kind, "found": answer.found, "late": late });
            Ok(Recorded::new((), cx.entry("voice.answer", subject, &region, details)))
        })
    })
    .await
}

/// What is late goes to the district's desk, with the same days again. For the platform itself, once a day.
pub async fn escalate_late_voices(cx: &Cx) -> Result<u64> {
    use voice::Column as C;
    let late = voice::Entity::find()
        .filter(C::State.eq("open"))
        .filter(C::DueOn.lt(cx.today()))
        .filter(C::EscalatedOn.is_null())
        .order_by_asc(C::Id)
        .all(cx.store.read())
        .await?;
    let mut escalated = 0;
    for row in late {
        let days = cx.pack.workflow.voices.iter().find(|v| v.id == row.kind).map_or(1, |v| v.limit_days);
        let due = cx.pack.calendar.add_working_days(cx.today(), days)?;
        let (cx2, id) = (cx.clone(), row.id);
        let done: Result<bool> = change(cx, "voice.escalate", format!("voice:{id}"), "", move |tx| {
            Box::pin(async move {
                let cx = cx2;
                let entry = cx.entry("voice.escalate", format!("voice:{id}"), &row.region_code, json!({ "due": due }));
                let updated = voice::Entity::update_many()
                    .col_expr(C::Desk, sea_orm::sea_query::Expr::value("district"))
                    .col_expr(C::DueOn, sea_orm::sea_query::Expr::value(due))
                    .col_expr(C::EscalatedOn, sea_orm::sea_query::Expr::value(cx.today()))
                    .filter(C::Id.eq(id))
                    .filter(C::State.eq("open"))
                    .filter(C::EscalatedOn.is_null())
                    .exec(tx.conn())
                    .await?;
                if updated.rows_affected == 0 {
                    return Err(CaseError::Answered { id });
                }
                Ok(Recorded::new(true, entry))
            })
        })
        .await;
        match done {
            Ok(_) => escalated += 1,
            // Answered in between.
            Err(CaseError::Answered { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(escalated)
}
