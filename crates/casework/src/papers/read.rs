//! A household's documents as its case lists them, and one of them opened.

use super::{
    add::{ABOUT, CONTENT, NUMBER, is_relied_on, may_add},
    content::Content,
    tables::{paper, paper_content},
    wanted::{Wanted, wanted},
};
use crate::{
    CaseError, CaseNo, Channel, Cx,
    change::{load, state_of},
    check,
    error::Result,
    tables::case_file,
    visit,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::BTreeSet;
use tuodi_access::{Act, Sensitivity, looks};
use tuodi_pack::PersonId;
use tuodi_store::Keys;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperRow {
    pub id: i64,
    /// Of the pack, or `other`.
    pub kind: String,
    pub person: Option<PersonId>,
    pub about: String,
    /// None: a certificate named by its number.
    pub mime: Option<String>,
    pub bytes: i32,
    pub sha256: Option<String>,
    pub issuer: Option<String>,
    /// Empty where the role sees conclusions only.
    pub number: String,
    /// The case in which it came, where that is another.
    pub from: Option<CaseNo>,
    pub given_by: String,
    pub channel: Channel,
    pub given_at: DateTime<Utc>,
    /// This person may look at it.
    pub may_open: bool,
    /// This person may take it back.
    pub may_remove: bool,
    /// Taking it back needs a reason.
    pub of_another: bool,
}

#[derive(Debug, Clone)]
pub struct Papers {
    /// Newest first; also those of earlier cases.
    pub on_file: Vec<PaperRow>,
    /// What the programme asks of the applicant, and how each stands.
    pub wanted: Vec<Wanted>,
    pub may_add: bool,
}

/// A document with its content.
#[derive(Debug, Clone)]
pub struct OpenPaper {
    pub kind: String,
    pub content: Content,
}

pub(super) async fn on_file(conn: &impl ConnectionTrait, household: i64) -> Result<Vec<paper::Model>> {
    Ok(paper::Entity::find()
        .filter(paper::Column::HouseholdId.eq(household))
        .filter(paper::Column::RemovedAt.is_null())
        .order_by_desc(paper::Column::Id)
        .all(conn)
        .await?)
}

/// Documents that came in this case and have a content: number and kind.
pub(crate) async fn on_file_of_case(
    conn: &impl ConnectionTrait,
    file: &case_file::Model,
) -> Result<Vec<(i64, String)>> {
    let rows = on_file(conn, file.household_id).await?;
    let of_case = rows.into_iter().filter(|row| row.case_no == file.case_no && row.mime.is_some());
    Ok(of_case.map(|row| (row.id, row.kind)).collect())
}

/// Kinds of those of these documents that are still on file.
pub(crate) async fn kinds_of(conn: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<(i64, String)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = paper::Entity::find()
        .filter(paper::Column::Id.is_in(ids.iter().copied()))
        .filter(paper::Column::RemovedAt.is_null())
        .order_by_asc(paper::Column::Id);
    Ok(rows.all(conn).await?.into_iter().map(|row| (row.id, row.kind)).collect())
}

/// Everything that the household has on file, also of earlier cases: number and kind, newest first.
pub(crate) async fn kinds_on_file(conn: &impl ConnectionTrait, file: &case_file::Model) -> Result<Vec<(i64, String)>> {
    Ok(on_file(conn, file.household_id).await?.into_iter().map(|row| (row.id, row.kind)).collect())
}

/// Documents that a visit of the case or a judgement in it rests on.
pub(super) async fn cited(conn: &impl ConnectionTrait, keys: &Keys, case: &str) -> Result<BTreeSet<i64>> {
    let visits = visit::of_case(conn, keys, case).await?;
    let mut ids: BTreeSet<i64> = visits.into_iter().flat_map(|v| v.papers).map(|(id, _)| id).collect();
    if let Some(report) = check::latest(conn, keys, case).await? {
        ids.extend(report.differences.into_iter().filter_map(|d| d.resolution?.paper));
    }
    Ok(ids)
}

/// A document of the household of a case.
pub(super) async fn row_of(conn: &impl ConnectionTrait, file: &case_file::Model, id: i64) -> Result<paper::Model> {
    let row = paper::Entity::find_by_id(id).one(conn).await?;
    row.filter(|row| row.household_id == file.household_id)
        .ok_or_else(|| CaseError::NotFound { kind: "paper", id: id.to_string() })
}

/// Sees the content: who may see the data behind the conclusions, and whoever gave it.
fn may_open(cx: &Cx, file: &case_file::Model, row: &paper::Model) -> bool {
    row.mime.is_some() && (row.given_by == cx.actor.account || sees_all(cx, file))
}

fn sees_all(cx: &Cx, file: &case_file::Model) -> bool {
    cx.authorise_at(Act::ViewCase, file, Vec::new(), Sensitivity::Sensitive, "documents").is_ok()
}

/// The documents of a case's household, and what is missing. The look is logged.
pub async fn papers(cx: &Cx, case: &CaseNo) -> Result<Papers> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::ViewCase, &file, Vec::new())?;
    looks::record(&cx.store, &cx.actor, &case.subject(), "documents", cx.at()).await?;
    let keys = cx.store.keys();
    let (all, adding) = (sees_all(cx, &file), may_add(cx, &file));
    let cited = cited(cx.store.read(), keys, &case.0).await?;
    let mut rows = Vec::new();
    for row in on_file(cx.store.read(), file.household_id).await? {
        let open = |column: &str, sealed: &Option<Vec<u8>>| {
            sealed.as_ref().map(|s| keys.open(column, s)).transpose().map(Option::unwrap_or_default)
        };
        let own = row.given_by == cx.actor.account;
        let may_remove = adding
            && (own || !cx.actor.role.is_citizen())
            && !cited.contains(&row.id)
            && !is_relied_on(cx.store.read(), &file, &row).await?;
        rows.push(PaperRow {
            id: row.id,
            person: row.person_id.map(PersonId),
            about: open(ABOUT, &row.about)?,
            number: if all || own { open(NUMBER, &row.number)? } else { String::new() },
            from: (row.case_no != case.0).then(|| CaseNo(row.case_no.clone())),
            channel: Channel::from_id(&row.channel).unwrap_or(Channel::System),
            given_at: row.given_at,
            may_open: may_open(cx, &file, &row),
            may_remove,
            of_another: !own,
            kind: row.kind,
            mime: row.mime,
            bytes: row.bytes,
            sha256: row.sha256,
            issuer: row.issuer,
            given_by: row.given_by,
        });
    }
    let wanted = if state_of(&file).is_open() { wanted(cx, &file).await? } else { Vec::new() };
    Ok(Papers { on_file: rows, wanted, may_add: adding })
}

/// One document of a case's household. The look is logged with the document's number.
pub async fn open_paper(cx: &Cx, case: &CaseNo, id: i64) -> Result<OpenPaper> {
    let file = load(cx.store.read(), case).await?;
    let row = row_of(cx.store.read(), &file, id).await?;
    let level = match row.given_by == cx.actor.account {
        true => Sensitivity::Personal,
        false => Sensitivity::Sensitive,
    };
    if let Err(refused) = cx.authorise_at(Act::ViewCase, &file, Vec::new(), level, "documents") {
        looks::record(&cx.store, &cx.actor, &case.subject(), &format!("refused: document {id}"), cx.at()).await?;
        return Err(refused);
    }
    looks::record(&cx.store, &cx.actor, &case.subject(), &format!("document {id}"), cx.at()).await?;
    let missing = || CaseError::NotFound { kind: "paper", id: id.to_string() };
    let kept = paper_content::Entity::find_by_id(id).one(cx.store.read()).await?.ok_or_else(missing)?;
    let bytes = STANDARD.decode(cx.store.keys().open(CONTENT, &kept.content)?).map_err(|_| missing())?;
    let content = row.mime.as_deref().and_then(|mime| Content::kept(mime, bytes)).ok_or_else(missing)?;
    Ok(OpenPaper { kind: row.kind, content })
}
