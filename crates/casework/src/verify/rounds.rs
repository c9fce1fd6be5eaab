//! Departments that answer only in batches: whoever is to be asked about is put on a list for the department, each once.
//! Numbers of people leave on this list and nowhere else, under the authorisations that it names.

use crate::{
    CaseError, Cx,
    application::household_of,
    change::change,
    error::Result,
    tables::{verification_answer as answer, verification_round as table},
    verify::{
        AnswerState,
        answers::{self, FILE},
        order::still_authorised,
        pursue::{End, end, load_request},
    },
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use tuodi_access::{Act, looks};
use tuodi_pack::{HouseholdId, PersonId};
use tuodi_store::{Keys, Page, Recorded, next_number};

const CONTENT: &str = "verification_round.content";
/// People on one list.
const MOST: usize = 50_000;

/// One person on a list.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Asked {
    /// `12-3`: the third person of list 12.
    pub reference: String,
    pub answer: i64,
    pub person: PersonId,
    pub name: String,
    pub id_no: String,
    pub authorisation: String,
    pub purpose: String,
    pub as_of: NaiveDate,
}

/// What waits to be put on a list, by source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToAsk {
    pub source: String,
    pub households: usize,
}

/// A list as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    pub id: i64,
    pub source: String,
    pub people: i32,
    pub households: i32,
    pub made_by: String,
    pub made_at: DateTime<Utc>,
    /// After this what has not been answered counts as timed out.
    pub limit_at: DateTime<Utc>,
    /// When the file was last taken away.
    pub sent_at: Option<DateTime<Utc>>,
    pub replied_at: Option<DateTime<Utc>>,
    /// Households that still wait.
    pub waiting: usize,
    /// Households by how they stand.
    pub states: BTreeMap<&'static str, usize>,
}

pub(super) fn subject(id: i64) -> String {
    format!("verification_round:{id}")
}

/// Asks the policies: whoever takes departments' files in looks after their lists too.
pub(super) fn authorise(cx: &Cx, source: &str) -> Result<()> {
    cx.authorise_region(Act::LoadData, "data", source, &cx.actor.region)?;
    Ok(())
}

fn unlisted() -> sea_orm::Select<answer::Entity> {
    answer::Entity::find()
        .filter(answer::Column::Via.eq(FILE))
        .filter(answer::Column::State.eq(AnswerState::Waiting.id()))
        .filter(answer::Column::Round.is_null())
}

/// Who waits to be asked about, by source.
pub async fn to_ask(cx: &Cx) -> Result<Vec<ToAsk>> {
    authorise(cx, "")?;
    let sources: Vec<String> =
        unlisted().select_only().column(answer::Column::Source).into_tuple().all(cx.store.read()).await?;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for source in sources {
        *counts.entry(source).or_default() += 1;
    }
    Ok(counts.into_iter().map(|(source, households)| ToAsk { source, households }).collect())
}

/// Puts everybody who waits for a source on a new list; its number, or none where nobody waits. Who has taken the
/// authorisation back since is not asked about.
pub async fn make_round(cx: &Cx, source: &str) -> Result<Option<i64>> {
    authorise(cx, source)?;
    let waiting = unlisted().filter(answer::Column::Source.eq(source)).order_by_asc(answer::Column::Id);
    let (mut answers, mut people) = (Vec::new(), Vec::new());
    for row in waiting.all(cx.store.read()).await? {
        let request = load_request(cx.store.read(), &row.number).await?;
        let household = household_of(cx, HouseholdId(request.household_id)).await?;
        let case = request.case_no.clone().unwrap_or_default();
        let (conn, keys) = (cx.store.read(), cx.store.keys());
        let given = match still_authorised(conn, keys, cx, &household, &request.purpose, &case).await {
            Ok(given) => given,
            Err(CaseError::NoConsent { .. }) => {
                end(cx, &request, row, End::of(AnswerState::Stopped, "withdrawn")).await?;
                continue;
            }
            Err(error) => return Err(error),
        };
        if row.limit_at <= cx.at() {
            continue;
        }
        if people.len() + household.members.len() > MOST {
            break;
        }
        people.extend(household.members.iter().map(|m| {
            Asked {
                reference: String::new(),
                answer: row.id,
                person: m.id,
                name: m.name.clone(),
                id_no: m.id_no.clone(),
                // For a child an adult of the household has signed.
                authorisation: given
                    .get(&m.id.0)
                    .or(given.values().next())
                    .map(|n| format!("{}-{n}", cx.pack.info.case_prefix))
                    .unwrap_or_default(),
                purpose: request.purpose.clone(),
                as_of: request.as_of,
            }
        }));
        answers.push((row.id, row.limit_at));
    }
    let Some(limit_at) = answers.iter().map(|(_, limit)| *limit).max() else { return Ok(None) };
    let (cx2, source, region) = (cx.clone(), source.to_owned(), cx.actor.region.clone());
    let about = format!("source:{source}");
    let id = change(cx, "verification.round", about, "", move |tx| {
        Box::pin(async move {
            let id = next_number(tx, "verification_round").await?;
            for (n, person) in people.iter_mut().enumerate() {
                person.reference = format!("{id}-{}", n + 1);
            }
            let ids: Vec<i64> = answers.iter().map(|(id, _)| *id).collect();
            let taken = answer::Entity::update_many()
                .col_expr(answer::Column::Round, Expr::value(id))
                .col_expr(answer::Column::Tries, Expr::value(1))
                .col_expr(answer::Column::Reason, Expr::value("listed"))
                .filter(answer::Column::Id.is_in(ids))
                .filter(answer::Column::State.eq(AnswerState::Waiting.id()))
                .filter(answer::Column::Round.is_null())
                .exec(tx.conn())
                .await?;
            // Somebody else made a list at this moment, or took an authorisation back: look again.
            if taken.rows_affected != answers.len() as u64 {
                return Err(CaseError::NotFound { kind: "round", id: source });
            }
            let row = table::ActiveModel {
                id: Set(id),
                source: Set(source.clone()),
                region_code: Set(region.clone()),
                people: Set(people.len() as i32),
                households: Set(answers.len() as i32),
                content: Set(tx.keys().seal(CONTENT, &serde_json::to_string(&people)?)),
                made_by: Set(cx2.actor.account.clone()),
                made_at: Set(cx2.at()),
                limit_at: Set(limit_at),
                sent_at: Set(None),
                replied_at: Set(None),
            };
            table::Entity::insert(row).exec_without_returning(tx.conn()).await?;
            let details = json!({ "source": source, "people": people.len(), "households": answers.len() });
            Ok(Recorded::new(id, cx2.entry("verification.round", subject(id), &region, details)))
        })
    })
    .await;
    match id {
        Ok(id) => Ok(Some(id)),
        Err(CaseError::NotFound { kind: "round", .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) async fn load(cx: &Cx, id: i64) -> Result<table::Model> {
    let row = table::Entity::find_by_id(id).one(cx.store.read()).await?;
    let row = row.ok_or_else(|| CaseError::NotFound { kind: "round", id: id.to_string() })?;
    authorise(cx, &row.source)?;
    Ok(row)
}

pub(super) fn asked(keys: &Keys, row: &table::Model) -> Result<Vec<Asked>> {
    Ok(serde_json::from_str(&keys.open(CONTENT, &row.content)?)?)
}

async fn round_of(cx: &Cx, row: table::Model) -> Result<Round> {
    let answers = answer::Entity::find().filter(answer::Column::Round.eq(row.id)).all(cx.store.read()).await?;
    let mut states: BTreeMap<&'static str, usize> = BTreeMap::new();
    for answer in &answers {
        *states.entry(answers::state_of(answer).id()).or_default() += 1;
    }
    Ok(Round {
        waiting: states.get(AnswerState::Waiting.id()).copied().unwrap_or_default(),
        states,
        id: row.id,
        source: row.source,
        people: row.people,
        households: row.households,
        made_by: row.made_by,
        made_at: row.made_at,
        limit_at: row.limit_at,
        sent_at: row.sent_at,
        replied_at: row.replied_at,
    })
}

/// Lists that were made, newest first.
pub async fn rounds(cx: &Cx, page: u64, per_page: u64) -> Result<Page<Round>> {
    authorise(cx, "")?;
    let total = table::Entity::find().count(cx.store.read()).await?;
    let (page, per_page) = (page.max(1), per_page.clamp(1, 200));
    let found = table::Entity::find()
        .order_by_desc(table::Column::Id)
        .limit(per_page)
        .offset(Page::<()>::offset(page, per_page))
        .all(cx.store.read())
        .await?;
    let mut rows = Vec::with_capacity(found.len());
    for row in found {
        rows.push(round_of(cx, row).await?);
    }
    Ok(Page { rows, total, page, per_page })
}

/// One list, without the people on it.
pub async fn round(cx: &Cx, id: i64) -> Result<Round> {
    let row = load(cx, id).await?;
    round_of(cx, row).await
}

/// The list as a workbook for the department, which fills it in and sends it back. On record: who took it away, and when.
pub async fn round_file(cx: &Cx, id: i64) -> Result<Vec<u8>> {
    let row = load(cx, id).await?;
    let people = asked(cx.store.keys(), &row)?;
    looks::record(&cx.store, &cx.actor, &subject(id), "list for a department", cx.at()).await?;
    let source =
        cx.pack.source(&row.source).ok_or_else(|| CaseError::NotFound { kind: "source", id: row.source.clone() })?;
    let bytes = super::round_sheet::write(&cx.pack, source, &people)?;
    let (cx2, region) = (cx.clone(), row.region_code.clone());
    change(cx, "verification.round_out", subject(id), "", move |tx| {
        Box::pin(async move {
            table::Entity::update_many()
                .col_expr(table::Column::SentAt, Expr::value(cx2.at()))
                .filter(table::Column::Id.eq(id))
                .exec(tx.conn())
                .await?;
            let details = json!({ "source": row.source, "people": row.people });
            Ok(Recorded::new((), cx2.entry("verification.round_out", subject(id), &region, details)))
        })
    })
    .await?;
    Ok(bytes)
}
