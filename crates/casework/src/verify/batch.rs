//! Lists of many people (批量核对): a housing or medical bureau's applicants, the recipients of a subsidy, the
//! re-verifications that are due. Ordered here, worked through in the background, reported as bureaux report: so many
//! checked, so many anomalies, by kind.

use crate::{
    CaseError, Cx, FieldError,
    change::change,
    error::Result,
    scope,
    tables::{benefit, verification_batch as table},
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tuodi_access::{Act, Resource, Sensitivity, looks};
use tuodi_pack::{HouseholdId, PersonId, id_no::IdNo};
use tuodi_store::{Keys, Page, Recorded};

pub(super) const QUEUED: &str = "queued";
pub(super) const RUNNING: &str = "running";
pub(super) const DONE: &str = "done";
pub(super) const FAILED: &str = "failed";
pub(super) const CANCELLED: &str = "cancelled";
pub(super) const LIST: &str = "verification_batch.list";
pub(super) const RESULT: &str = "verification_batch.result";

/// People that one list may name.
const MOST: usize = 1_000_000;

/// One entry of a list.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Listed {
    Household(i64),
    Person(String),
}

/// Reads a list as bureaux send it: a citizen number or a household's number a line, anywhere on the line. Returns the
/// entries, each once, and the lines (from 1) that hold neither; a first line without any is a heading.
pub fn listed(text: &str) -> (Vec<Listed>, Vec<usize>) {
    let (mut entries, mut wrong) = (Vec::new(), Vec::new());
    let mut seen = std::collections::HashSet::new();
    for (i, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let cells = || line.split([',', '，', ';', '\t', '"']).map(str::trim).filter(|c| !c.is_empty());
        if cells().next().is_none() {
            continue;
        }
        let person = cells().find_map(|cell| IdNo::parse(cell).ok());
        let household = || cells().find_map(|c| c.parse::<i64>().ok().filter(|n| *n > 0 && c.len() <= 12));
        let entry = match person {
            Some(number) => Some(Listed::Person(number.as_str().to_owned())),
            // Something as long as a citizen number that is none is a mistake, not a household.
            None if cells().any(|c| c.len() >= 15 && c.bytes().filter(u8::is_ascii_digit).count() >= 14) => None,
            None => household().map(Listed::Household),
        };
        match entry {
            Some(entry) if seen.insert(entry.clone()) => entries.push(entry),
            Some(_) => {}
            None if i == 0 => {}
            None => wrong.push(i + 1),
        }
    }
    (entries, wrong)
}

#[derive(Debug, Clone)]
pub struct BatchOrder {
    pub title: String,
    pub purpose: String,
    pub entries: Vec<Listed>,
}

/// One thing found about one person, or one household.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anomaly {
    pub indicator: String,
    pub person: Option<PersonId>,
    pub household: HouseholdId,
    /// Facts with their values, in both languages.
    pub facts: Vec<(tuodi_pack::Text, tuodi_pack::Text)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kind {
    pub indicator: String,
    pub title: tuodi_pack::Text,
    pub count: usize,
}

/// What a list came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchResult {
    /// People held against the findings.
    pub checked: usize,
    /// Numbers that the register does not know; as listed.
    pub not_found: Vec<String>,
    /// People of households whose authorisation is missing: nothing was looked up about them.
    pub unauthorised: usize,
    pub outside_region: usize,
    /// Also those of which there is none, in the pack's order.
    pub kinds: Vec<Kind>,
    pub anomalies: Vec<Anomaly>,
    pub as_of: Option<NaiveDate>,
    pub run: String,
    pub pack_version: String,
    pub snapshot: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRow {
    pub id: i64,
    pub title: String,
    pub purpose: String,
    pub state: String,
    pub listed: i32,
    pub progress: i32,
    pub checked: i32,
    pub anomalies: i32,
    pub not_found: i32,
    pub unauthorised: i32,
    pub as_of: Option<NaiveDate>,
    pub reason: String,
    pub ordered_by: String,
    pub ordered_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone)]
pub struct BatchView {
    pub row: BatchRow,
    pub result: Option<BatchResult>,
}

fn row_of(row: &table::Model) -> BatchRow {
    BatchRow {
        id: row.id,
        title: row.title.clone(),
        purpose: row.purpose.clone(),
        state: row.state.clone(),
        listed: row.listed,
        progress: row.progress,
        checked: row.checked,
        anomalies: row.anomalies,
        not_found: row.not_found,
        unauthorised: row.unauthorised,
        as_of: row.as_of,
        reason: row.reason.clone(),
        ordered_by: row.ordered_by.clone(),
        ordered_at: row.ordered_at,
        finished_at: row.finished_at,
    }
}

pub(super) fn subject(id: i64) -> String {
    format!("verification_batch:{id}")
}

fn authorise(cx: &Cx, act: Act, id: &str, region: &str, level: Sensitivity) -> Result<()> {
    let resource = Resource { sensitivity: level, ..Resource::general("verification", id, region) };
    cx.access.authorise(&cx.actor, act, &resource, "verification")?;
    Ok(())
}

pub(super) fn open_list(keys: &Keys, row: &table::Model) -> Result<Vec<Listed>> {
    Ok(serde_json::from_str(&keys.open(LIST, &row.list)?)?)
}

/// Orders a list to be worked through. It covers the actor's region; whoever lives elsewhere is left out and counted.
pub async fn order_batch(cx: &Cx, order: BatchOrder, key: &str) -> Result<i64> {
    let region = cx.actor.region.clone();
    authorise(cx, Act::RecordCheck, "", &region, Sensitivity::Internal)?;
    let mut problems = Vec::new();
    let title: String = order.title.trim().chars().take(120).collect();
    if title.is_empty() {
        problems.push(FieldError::new("title", "error.required"));
    }
    if cx.pack.verification.purpose(&order.purpose).is_none_or(|p| p.indicators.is_empty()) {
        problems.push(FieldError::new("purpose", "error.choice"));
    }
    if order.entries.is_empty() {
        problems.push(FieldError::new("list", "error.required"));
    } else if order.entries.len() > MOST {
        problems.push(FieldError::new("list", "error.file_size"));
    }
    if !problems.is_empty() {
        return Err(CaseError::Invalid(problems));
    }
    let cx2 = cx.clone();
    change(cx, "verification.batch", format!("region:{region}"), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let listed = order.entries.len();
            let row = table::ActiveModel {
                id: NotSet,
                title: Set(title),
                purpose: Set(order.purpose.clone()),
                region_code: Set(region.clone()),
                state: Set(QUEUED.to_owned()),
                list: Set(tx.keys().seal(LIST, &serde_json::to_string(&order.entries)?)),
                listed: Set(listed as i32),
                progress: Set(0),
                checked: Set(0),
                anomalies: Set(0),
                not_found: Set(0),
                unauthorised: Set(0),
                as_of: Set(None),
                result: Set(None),
                reason: Set(String::new()),
                ordered_by: Set(cx.actor.account.clone()),
                ordered_at: Set(cx.at()),
                touched_at: Set(cx.at()),
                finished_at: Set(None),
            };
            let id = table::Entity::insert(row).exec(tx.conn()).await?.last_insert_id;
            let details = json!({ "purpose": order.purpose, "listed": listed });
            Ok(Recorded::new(id, cx.entry("verification.batch", subject(id), &region, details)))
        })
    })
    .await
}

/// Orders a list of everybody whose re-verification falls due by a day (DB57 art. 31).
pub async fn order_due(cx: &Cx, until: NaiveDate, title: &str, key: &str) -> Result<i64> {
    authorise(cx, Act::RecordCheck, "", &cx.actor.region, Sensitivity::Internal)?;
    let households: Vec<i64> = benefit::Entity::find()
        .select_only()
        .column(benefit::Column::HouseholdId)
        .distinct()
        .filter(scope::benefits_in(&cx.actor.region))
        .filter(benefit::Column::Status.eq("active"))
        .filter(benefit::Column::NextReverify.lte(until))
        .into_tuple()
        .all(cx.store.read())
        .await?;
    let order = BatchOrder {
        title: title.to_owned(),
        purpose: cx.pack.reverification_purpose().to_owned(),
        entries: households.into_iter().map(Listed::Household).collect(),
    };
    order_batch(cx, order, key).await
}

/// Lists ordered in the actor's region, newest first.
pub async fn batches(cx: &Cx, page: u64, per_page: u64) -> Result<Page<BatchRow>> {
    authorise(cx, Act::RecordCheck, "", &cx.actor.region, Sensitivity::Internal)?;
    let (first, last) = scope::range(&cx.actor.region);
    let query = table::Entity::find().filter(table::Column::RegionCode.between(first, last));
    let total = query.clone().count(cx.store.read()).await?;
    let (page, per_page) = (page.max(1), per_page.clamp(1, 200));
    let rows = query
        .order_by_desc(table::Column::Id)
        .limit(per_page)
        .offset(Page::<()>::offset(page, per_page))
        .all(cx.store.read())
        .await?;
    Ok(Page { rows: rows.iter().map(row_of).collect(), total, page, per_page })
}

pub(super) async fn load(conn: &impl sea_orm::ConnectionTrait, id: i64) -> Result<table::Model> {
    let row = table::Entity::find_by_id(id).one(conn).await?;
    row.ok_or_else(|| CaseError::NotFound { kind: "list", id: id.to_string() })
}

/// One list with what it came to. The look is logged.
pub async fn batch(cx: &Cx, id: i64) -> Result<BatchView> {
    let row = load(cx.store.read(), id).await?;
    authorise(cx, Act::RecordCheck, &id.to_string(), &row.region_code, Sensitivity::Personal)?;
    looks::record(&cx.store, &cx.actor, &subject(id), "list verified", cx.at()).await?;
    let result = row.result.as_ref().map(|sealed| cx.store.keys().open(RESULT, sealed)).transpose()?;
    let result = result.map(|text| serde_json::from_str(&text)).transpose()?;
    Ok(BatchView { row: row_of(&row), result })
}

/// Ends a list that is not done yet; nothing of it is kept.
pub async fn cancel_batch(cx: &Cx, id: i64) -> Result<()> {
    let row = load(cx.store.read(), id).await?;
    authorise(cx, Act::RecordCheck, &id.to_string(), &row.region_code, Sensitivity::Internal)?;
    let (cx2, region) = (cx.clone(), row.region_code);
    change(cx, "verification.batch_cancel", subject(id), "", move |tx| {
        Box::pin(async move {
            let done = table::Entity::update_many()
                .col_expr(table::Column::State, Expr::value(CANCELLED))
                .col_expr(table::Column::FinishedAt, Expr::value(cx2.at()))
                .filter(table::Column::Id.eq(id))
                .filter(table::Column::State.is_in([QUEUED, RUNNING]))
                .exec(tx.conn())
                .await?;
            if done.rows_affected == 0 {
                return Err(CaseError::NotFound { kind: "list that still runs", id: id.to_string() });
            }
            Ok(Recorded::new((), cx2.entry("verification.batch_cancel", subject(id), &region, json!({}))))
        })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_as_bureaux_send_it() {
        let text = "\u{feff}序号,姓名,身份证号\n1,安建国,990102198104120036\n2,柳秀英,99010219830920002x\n\n3,,42\n4,x,990102198104120036\n5,某,99010219810412003";
        let (entries, wrong) = listed(text);
        assert_eq!(entries[0], Listed::Person("990102198104120036".to_owned()));
        assert!(!entries.contains(&Listed::Household(1)) || entries.len() > 1);
        assert_eq!(wrong.last(), Some(&7), "a number one digit short is no household");
        assert_eq!(entries.iter().filter(|e| matches!(e, Listed::Person(_))).count(), 1, "each once");
    }

    #[test]
    fn household_numbers_stand_alone_on_their_lines() {
        assert_eq!(listed("household\n12\n13\n12").0, [Listed::Household(12), Listed::Household(13)]);
        assert!(listed("").0.is_empty());
    }
}
