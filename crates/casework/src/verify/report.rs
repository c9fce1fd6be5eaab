//! The report (核对报告): what each source said, what it comes to, and what nobody could say. Issued in editions; each has a
//! digest by which anybody who holds the paper can ask whether it is genuine.

use crate::{
    Cx,
    difference::Comparison,
    error::Result,
    tables::{verification_answer as answer, verification_edition as edition, verification_request as request},
    verify::{
        AnswerState,
        answers::{self, Answered},
        order::{Found, subject},
        words,
    },
};
use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use tuodi_pack::{Answer, Text};
use tuodi_registry::{Household, Person};
use tuodi_store::{Entry, Keys, Store, Tx};

pub(super) const WAITING: &str = "waiting";
pub(super) const COMPLETE: &str = "complete";

/// A member of the household as the report names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportPerson {
    pub name: String,
    /// `9901**********0028`
    pub id_no: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportSource {
    pub source: String,
    pub title: Text,
    pub owner: Text,
    /// pool, connector
    pub via: String,
    pub state: AnswerState,
    pub state_words: Text,
    pub answered_on: Option<NaiveDate>,
    /// Day of the data.
    pub data_date: Option<NaiveDate>,
    pub rows: i32,
    pub tries: i32,
    pub reason: String,
    pub reason_words: Text,
    /// The source's own words, where it gave any.
    pub words: String,
}

/// A total beside its line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportLine {
    pub programme: String,
    pub programme_title: Text,
    pub title: Text,
    pub measure: Option<i64>,
    pub line: Option<i64>,
    pub unit: String,
    pub found: Text,
    pub rule: Text,
    pub answer: Answer,
    pub basis: Text,
}

impl ReportLine {
    /// Fails because there is more than the line allows; some lines must be reached instead.
    pub fn is_over(&self) -> bool {
        self.answer == Answer::Fails && self.measure.zip(self.line).is_some_and(|(measure, line)| measure > line)
    }
}

/// Two that do not agree: a declaration and a source, or a source and itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    pub title: Text,
    /// Of one member; empty where it is the household's.
    pub person: String,
    pub declared: Text,
    pub found: Text,
    pub sources: Text,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub number: String,
    pub edition: i32,
    /// No source is waited for any more.
    pub complete: bool,
    pub office: Text,
    pub issued_on: NaiveDate,
    pub as_of: NaiveDate,
    pub purpose: String,
    pub purpose_title: Text,
    pub basis: Text,
    pub case: Option<String>,
    pub household: i64,
    pub people: Vec<ReportPerson>,
    pub sources: Vec<ReportSource>,
    pub conflicts: Vec<Conflict>,
    pub lines: Vec<ReportLine>,
    /// Programme id, or `none`.
    pub tier: String,
    /// In words, never a refusal.
    pub conclusion: Vec<Text>,
    pub pack_version: String,
    pub pack_digest: String,
    pub snapshot: String,
}

impl Report {
    /// Sources that said nothing, or no.
    pub fn missing(&self) -> impl Iterator<Item = &ReportSource> {
        self.sources.iter().filter(|s| !s.state.is_said())
    }
}

fn masked(person: &Person) -> ReportPerson {
    let n = person.id_no.chars().count();
    let keep = |i: usize| i < 4 || i + 4 >= n;
    ReportPerson {
        name: person.name.clone(),
        id_no: person.id_no.chars().enumerate().map(|(i, c)| if keep(i) { c } else { '*' }).collect(),
    }
}

fn source_line(cx: &Cx, keys: &Keys, row: &answer::Model) -> Result<ReportSource> {
    let Answered { source, via, state, answered_at, data_date, rows, tries, reason, words, .. } =
        answers::opened(keys, row)?;
    let of_pack = cx.pack.source(&source);
    Ok(ReportSource {
        title: of_pack.map(|s| s.title.clone()).unwrap_or_else(|| Text::new(source.as_str(), source.as_str())),
        owner: of_pack.map(|s| s.owner.clone()).unwrap_or_default(),
        source,
        via: answers::via_id(via).to_owned(),
        state,
        state_words: state.text(),
        answered_on: answered_at.map(crate::beijing_date),
        data_date,
        rows,
        tries,
        reason_words: words::reason(&reason),
        reason,
        words,
    })
}

fn compose(
    cx: &Cx,
    keys: &Keys,
    request: &request::Model,
    household: &Household,
    rows: &[answer::Model],
    found: &Found,
) -> Result<Report> {
    let result = &found.result;
    let sources: Vec<ReportSource> = rows.iter().map(|row| source_line(cx, keys, row)).collect::<Result<_>>()?;
    let mut conflicts: Vec<Conflict> = found
        .differences
        .iter()
        .filter(|d| d.comparison == Comparison::Judge)
        .map(|d| words::conflict(&cx.pack, household, d))
        .collect();
    conflicts.extend(rows.iter().zip(&sources).filter(|(row, _)| row.changed).map(|(_, s)| words::changed_mind(s)));
    let lines = words::lines(&cx.pack, household, result);
    let complete = rows.iter().all(|row| answers::state_of(row) != AnswerState::Waiting);
    let purpose = cx.pack.verification.purpose(&request.purpose);
    let conclusion = words::conclusion(&cx.pack, result, &sources, &lines, conflicts.len());
    Ok(Report {
        number: request.number.clone(),
        edition: request.edition + 1,
        complete,
        office: cx.pack.info.bureau.clone(),
        issued_on: cx.today(),
        as_of: request.as_of,
        purpose: request.purpose.clone(),
        purpose_title: purpose.map(|p| p.title.clone()).unwrap_or_default(),
        basis: purpose.map(|p| crate::words::basis_text(&cx.pack, &p.basis)).unwrap_or_default(),
        case: request.case_no.clone(),
        household: request.household_id,
        people: household.members.iter().map(masked).collect(),
        sources,
        conflicts,
        lines,
        tier: result.tier.clone(),
        conclusion,
        pack_version: result.pack_version.clone(),
        pack_digest: cx.pack.digest.clone(),
        snapshot: result.snapshot.clone(),
    })
}

/// Issues the next edition within the caller's change.
pub(super) async fn issue(
    tx: &Tx,
    cx: &Cx,
    mut request: request::Model,
    household: &Household,
    rows: &[answer::Model],
    found: &Found,
) -> Result<Entry> {
    let report = compose(cx, tx.keys(), &request, household, rows, found)?;
    let json = serde_json::to_string(&report)?;
    let digest = hex::encode(Sha256::digest(json.as_bytes()));
    let row = edition::ActiveModel {
        id: NotSet,
        number: Set(report.number.clone()),
        edition: Set(report.edition),
        content: Set(tx.keys().seal("verification_edition.content", &json)),
        digest: Set(digest.clone()),
        issued_on: Set(report.issued_on),
    };
    edition::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    request.edition = report.edition;
    request.waiting = report.sources.iter().filter(|s| s.state == AnswerState::Waiting).count() as i32;
    request.missing = report.missing().count() as i32;
    request.conflicts = report.conflicts.len() as i32;
    request.tier = Some(report.tier.clone());
    request.state = if report.complete { COMPLETE } else { WAITING }.to_owned();
    request.updated_at = cx.at();
    let (number, region) = (request.number.clone(), request.region_code.clone());
    request::Entity::update(request.into_active_model().reset_all()).exec(tx.conn()).await?;
    let details = json!({
        "edition": report.edition, "sha256": digest, "complete": report.complete, "missing": report.missing().count(),
        "tier": report.tier, "pack": report.pack_version, "snapshot": report.snapshot, "as_of": report.as_of,
    });
    Ok(cx.entry("verification.report", subject(&number), &region, details))
}

/// The newest edition with its digest.
pub(super) async fn newest(conn: &impl ConnectionTrait, keys: &Keys, number: &str) -> Result<Option<(Report, String)>> {
    let row = edition::Entity::find()
        .filter(edition::Column::Number.eq(number))
        .order_by_desc(edition::Column::Edition)
        .one(conn)
        .await?;
    let open = |row: edition::Model| {
        let report = serde_json::from_str(&keys.open("verification_edition.content", &row.content)?)?;
        Ok((report, row.digest))
    };
    row.map(open).transpose()
}

/// What anybody who holds a report may learn of it: nothing about people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Genuine {
    pub number: String,
    pub edition: i32,
    pub issued_on: NaiveDate,
    /// A later edition says more.
    pub superseded: bool,
}

/// Whether a report with this number and digest was issued. The digest may be its first 16 digits or more, as the code on
/// the paper carries it.
pub async fn genuine(store: &Store, number: &str, digest: &str) -> Result<Option<Genuine>> {
    let digest = digest.trim().to_ascii_lowercase();
    if digest.len() < 16 || !digest.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(None);
    }
    let rows = edition::Entity::find()
        .filter(edition::Column::Number.eq(number))
        .order_by_desc(edition::Column::Edition)
        .all(store.read())
        .await?;
    let newest = rows.first().map(|row| row.edition);
    Ok(rows.into_iter().find(|row| row.digest.starts_with(&digest)).map(|row| Genuine {
        superseded: newest != Some(row.edition),
        number: row.number,
        edition: row.edition,
        issued_on: row.issued_on,
    }))
}
