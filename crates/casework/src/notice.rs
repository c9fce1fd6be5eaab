//! Letters to the household: what was decided, by which facts and rules, and what they can do (DB57 art. 21).
//!
//! A letter is stored as structured data, sealed; its digest stands in the journal, so that anybody who holds the
//! letter can have it checked without our opening it.

mod appeals;
mod draft;
mod living;

pub(crate) use appeals::{appeal_answered, appealed};
pub(crate) use draft::{Family, accepted, arithmetic, decided, extended, recovery, returned, terminated};
pub(crate) use living::{change_decided, change_proposed};

use crate::{
    CaseError, CaseNo, Cx,
    error::Result,
    tables::{case_file, notice},
};
use chrono::{Datelike, NaiveDate};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use tuodi_access::Act;
use tuodi_pack::{Answer, Fen, Pack, Text};
use tuodi_store::{Entry, Keys, Store, Tx, next_number};

crate::case_no::codes! {
    NoticeKind {
        Accepted = "accepted", "受理通知书", "Notice of acceptance";
        Returned = "returned", "一次性补正告知书", "Notice of what is missing";
        Approved = "approved", "审核确认告知书", "Notice of approval";
        Refused = "refused", "不予确认告知书", "Notice of refusal";
        Terminated = "terminated", "终止办理告知书", "Notice of ending";
        ChangeProposed = "change_proposed", "拟调整救助告知书", "Notice of a proposed change";
        Changed = "changed", "救助调整决定书", "Decision on a change";
        Recovery = "recovery", "多发资金处理告知书", "Notice about money paid too much";
        Extended = "extended", "延长办理期限告知书", "Notice of a longer time limit";
        Appealed = "appealed", "申诉受理告知书", "Notice that an appeal was received";
        AppealAnswered = "appeal_answered", "申诉处理告知书", "Answer to an appeal";
    }
}

/// One row of the table 条件 / 您家的情况（来源）/ 规定.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeLine {
    pub condition: Text,
    pub yours: Text,
    pub source: Text,
    /// The line of the rule, where it has one.
    pub rule: Text,
    pub sentence: Text,
    pub answer: Answer,
    pub basis: Text,
    /// What would change it; empty where it holds, and in letters older than this.
    #[serde(default)]
    pub change: Text,
}

/// How the amount was worked out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arithmetic {
    pub formula: Text,
    pub parts: Vec<(Text, Text)>,
    pub basis: Text,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeContent {
    pub number: String,
    pub kind: NoticeKind,
    pub case: CaseNo,
    pub to: String,
    pub title: Text,
    pub applied_on: Option<NaiveDate>,
    /// The large sentence on top, in plain words.
    pub plain: Text,
    pub programme: Option<Text>,
    pub monthly: Option<Fen>,
    /// First month that is paid.
    pub effective_month: Option<NaiveDate>,
    pub arithmetic: Option<Arithmetic>,
    pub lines: Vec<NoticeLine>,
    pub basis: Vec<Text>,
    pub reason: Option<Text>,
    /// The officer's own words.
    pub words: String,
    /// What a programme asks for and nobody knows yet.
    #[serde(default)]
    pub papers: Vec<Text>,
    /// What else is missing, in the officer's words.
    pub missing: Vec<String>,
    /// Last day for the office (acceptance) or for the applicant (missing papers).
    pub deadline: Option<NaiveDate>,
    /// 您还可以
    pub next: Vec<Text>,
    pub contact: Text,
    pub issuer: Text,
    pub issued_on: NaiveDate,
}

/// A letter before it has its number.
pub(crate) type Draft = NoticeContent;

/// `清晏民救告〔2026〕N 号`: the district's short name, the kind of letter, year and running number.
fn number_of(pack: &Pack, year: i32, n: i64) -> String {
    let county = pack.regions.get(&pack.info.jurisdiction).map_or(pack.info.bureau.zh.as_str(), |r| r.name.zh.as_str());
    let short = county.trim_end_matches("民政局").trim_end_matches(['区', '县', '市', '旗']);
    format!("{short}民救告〔{year}〕{n}号")
}

fn digest(content: &str) -> String {
    hex::encode(Sha256::digest(content.as_bytes()))
}

/// Gives the letter its number, stores it sealed, and returns the journal entry with its digest.
pub(crate) async fn issue(tx: &Tx, cx: &Cx, file: &case_file::Model, mut content: Draft) -> Result<(String, Entry)> {
    let year = cx.today().year();
    let n = next_number(tx, &format!("notice:{year}")).await?;
    content.number = number_of(&cx.pack, year, n);
    let json = serde_json::to_string(&content)?;
    let digest = digest(&json);
    let row = notice::ActiveModel {
        number: Set(content.number.clone()),
        case_no: Set(file.case_no.clone()),
        kind: Set(content.kind.id().to_owned()),
        content: Set(tx.keys().seal("notice.content", &json)),
        digest: Set(digest.clone()),
        issued_on: Set(cx.today()),
    };
    notice::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    let details = json!({ "number": content.number, "kind": content.kind.id(), "sha256": digest });
    Ok((content.number, cx.entry("notice.issue", format!("case:{}", file.case_no), &file.region_code, details)))
}

/// A letter of a case, as the case's page lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRow {
    pub number: String,
    pub kind: NoticeKind,
    pub issued_on: NaiveDate,
    pub digest: String,
}

pub(crate) async fn of_case(conn: &impl ConnectionTrait, case: &str) -> Result<Vec<NoticeRow>> {
    let rows = notice::Entity::find()
        .filter(notice::Column::CaseNo.eq(case))
        .order_by_asc(notice::Column::IssuedOn)
        .order_by_asc(notice::Column::Number)
        .all(conn)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let kind = NoticeKind::from_id(&row.kind)?;
            Some(NoticeRow { number: row.number, kind, issued_on: row.issued_on, digest: row.digest })
        })
        .collect())
}

fn open(keys: &Keys, row: &notice::Model) -> Result<NoticeContent> {
    Ok(serde_json::from_str(&keys.open("notice.content", &row.content)?)?)
}

/// One letter of a case, for those who may see the case. The look is logged by the caller's page.
pub async fn notice(cx: &Cx, case: &CaseNo, number: &str) -> Result<NoticeContent> {
    let file = crate::change::load(cx.store.read(), case).await?;
    cx.authorise(Act::ViewCase, &file, Vec::new())?;
    let row = notice::Entity::find_by_id(number.to_owned())
        .one(cx.store.read())
        .await?
        .filter(|row| row.case_no == case.0)
        .ok_or_else(|| CaseError::NotFound { kind: "notice", id: number.to_owned() })?;
    open(cx.store.keys(), &row)
}

/// Whether a letter with this number and digest was issued, and when: for anybody who holds it. Says nothing else.
pub async fn verify_notice(store: &Store, number: &str, digest: &str) -> Result<Option<NaiveDate>> {
    let row = notice::Entity::find_by_id(number.to_owned()).one(store.read()).await?;
    Ok(row.filter(|row| row.digest.eq_ignore_ascii_case(digest)).map(|row| row.issued_on))
}
