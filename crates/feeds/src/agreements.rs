//! Renewals and early ends of agreements: recorded here, read by whoever opens a snapshot.

use crate::{
    Desk, FeedsError, FormProblem,
    error::Result,
    tables::agreement_record::{ActiveModel, Column, Entity, Model},
};
use chrono::{DateTime, Datelike, NaiveDate, SubsecRound, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
};
use serde_json::json;
use tuodi_pack::Renewal;
use tuodi_store::{Recorded, Store};

/// What a steward writes when an agreement was renewed, or ended early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordForm {
    pub source: String,
    /// Number of the agreement, as the pack has it.
    pub number: String,
    /// Its last day from now on.
    pub until: NaiveDate,
    /// Number of the paper that says so.
    pub document: String,
}

/// One record, as it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub source: String,
    pub number: String,
    pub until: NaiveDate,
    pub document: String,
    pub by: String,
    pub at: DateTime<Utc>,
}

impl From<Model> for Record {
    fn from(row: Model) -> Record {
        Record {
            source: row.source,
            number: row.number,
            until: row.until,
            document: row.document,
            by: row.recorded_by,
            at: row.recorded_at,
        }
    }
}

/// All records in the order in which they were made: what `Source::may_serve` asks for.
pub async fn renewals(store: &Store) -> Result<Vec<Renewal>> {
    let rows = Entity::find().order_by_asc(Column::Id).all(store.read()).await?;
    Ok(rows.into_iter().map(|r| Renewal { source: r.source, number: r.number, until: r.until }).collect())
}

/// Records about one source, newest first.
pub async fn records(store: &Store, source: &str) -> Result<Vec<Record>> {
    let rows = Entity::find().filter(Column::Source.eq(source)).order_by_desc(Column::Id).all(store.read()).await?;
    Ok(rows.into_iter().map(Record::from).collect())
}

/// Longest number of a paper, in characters.
const DOCUMENT: usize = 80;
/// An agreement is not for life.
const YEARS: i32 = 20;

/// Records until when an agreement holds from now on. The day may lie in the past: a department has ended it.
///
/// # Errors
/// Who may not look after feeds; an agreement that the pack does not have; a day before the agreement begins; no paper.
pub async fn record(desk: &Desk<'_>, form: RecordForm) -> Result<()> {
    desk.authorise(&form.source)?;
    let no = |kind, id: &str| FeedsError::NotFound { kind, id: id.to_owned() };
    let source = desk.pack.source(&form.source).ok_or_else(|| no("source", &form.source))?;
    let agreement =
        source.agreements.iter().find(|a| a.number == form.number).ok_or_else(|| no("agreement", &form.number))?;
    let mut problems = Vec::new();
    if form.until < agreement.from {
        problems.push(FormProblem { field: "until", problem: "before_begin" });
    }
    if form.until.year() > desk.now.year() + YEARS {
        problems.push(FormProblem { field: "until", problem: "too_far" });
    }
    let document = form.document.trim().to_owned();
    if document.is_empty() || document.chars().count() > DOCUMENT {
        problems.push(FormProblem { field: "document", problem: "document" });
    }
    if !problems.is_empty() {
        return Err(FeedsError::Invalid(problems));
    }
    let before = agreement.until(&source.id, &renewals(desk.store).await?);
    let details = json!({ "agreement": form.number, "until": form.until, "before": before, "document": document });
    let entry = desk.entry("feed.agreement", &form.source, details);
    let row = ActiveModel {
        id: NotSet,
        source: Set(form.source),
        number: Set(form.number),
        until: Set(form.until),
        document: Set(document),
        recorded_by: Set(desk.actor.account.clone()),
        role: Set(desk.actor.role.id().to_owned()),
        recorded_at: Set(desk.now.trunc_subsecs(6)),
    };
    desk.store
        .write(move |tx| {
            Box::pin(async move {
                row.insert(tx.conn()).await?;
                Ok::<_, FeedsError>(Recorded::new((), entry))
            })
        })
        .await
}
