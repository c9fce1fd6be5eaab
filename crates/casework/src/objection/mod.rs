//! Objections to a public notice: at the window, by phone, or online by anybody who reads it, without an account
//! (DB57 art. 19).
//!
//! Whoever objects is protected: name, contact and words are sealed and never on a page of the applicant. They get a code,
//! and with it, and nothing else, the answer.

mod follow;
pub(crate) mod migration;
mod resolve;

pub use self::{
    follow::{Followed, follow},
    resolve::resolve_objection,
};
pub(crate) use resolve::{answer_all, kept_out, looked_again};

use crate::{
    CaseError, CaseNo, Cx, Event, FieldError, NextStep,
    change::{change, finish, load, load_at, moved, put, put_due, state_of},
    error::Result,
    extension, limits,
    publicity::{hanging, latest_row},
    state::CaseState,
    tables::{objection, publicity},
};
use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tuodi_access::Act;
use tuodi_store::Keys;

/// The column's name when the first of them were sealed.
const SEALED: &str = "publicity.objection";
const SEALED_ANSWER: &str = "publicity.answer";

/// Two people may object to one notice at the same moment; the second is written after the first.
const TRIES: usize = 5;

const MOST_TEXT: usize = 2000;
const MOST_LINE: usize = 100;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Objection {
    /// Who objects; may be empty.
    pub from: String,
    pub text: String,
    /// written, oral, phone, online
    pub how: String,
    /// How to reach them; may be empty.
    pub contact: String,
}

impl Objection {
    /// Trimmed, or what is wrong with it.
    fn checked(self) -> Result<Objection> {
        let trim = |s: String| s.trim().to_owned();
        let objection =
            Objection { from: trim(self.from), text: trim(self.text), how: self.how, contact: trim(self.contact) };
        let mut errors = Vec::new();
        let long = |text: &str, most| text.chars().count() > most;
        if objection.text.is_empty() {
            errors.push(FieldError::new("text", "error.required"));
        } else if long(&objection.text, MOST_TEXT) {
            errors.push(FieldError::new("text", "error.too_long"));
        }
        for (field, value) in [("from", &objection.from), ("contact", &objection.contact)] {
            if long(value, MOST_LINE) {
                errors.push(FieldError::new(field, "error.too_long"));
            }
        }
        if errors.is_empty() { Ok(objection) } else { Err(CaseError::Invalid(errors)) }
    }
}

/// What whoever objected takes away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// `7KQM-2WXA-9TRF`: with it the answer can be read.
    pub code: String,
    /// The last day for the answer.
    pub due: Option<NaiveDate>,
    pub version: i32,
}

/// One objection as those see it who look into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectionRow {
    /// The posting that it is about.
    pub posting: i64,
    pub filed_on: NaiveDate,
    pub due_on: Option<NaiveDate>,
    pub objection: Objection,
    /// None for those filed before codes were given.
    pub code: Option<String>,
    pub answer: Option<String>,
    pub answered_on: Option<NaiveDate>,
}

/// Records an objection made at the window, in writing or by phone. The case is looked into again; the limit becomes 45
/// working days (N83 art. 4(1)).
pub async fn record_objection(cx: &Cx, case: &CaseNo, version: i32, objection: Objection, key: &str) -> Result<Filed> {
    let objection = objection.checked()?;
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::RecordObjection, &file, Vec::new())?;
    file_one(cx, case, Some(version), objection, key).await
}

/// Takes an objection from anybody who reads a notice, while it hangs. `cx.actor` is [`tuodi_access::Actor::public`].
pub async fn object_online(cx: &Cx, notice: i64, objection: Objection, key: &str) -> Result<Filed> {
    let objection = Objection { how: "online".to_owned(), ..objection }.checked()?;
    let gone = || CaseError::NotFound { kind: "notice", id: notice.to_string() };
    let posting = publicity::Entity::find_by_id(notice).one(cx.store.read()).await?.ok_or_else(gone)?;
    let case = CaseNo(posting.case_no);
    let file = load(cx.store.read(), &case).await?;
    cx.authorise(Act::RecordObjection, &file, Vec::new())?;
    for _ in 1..TRIES {
        match file_one(cx, &case, None, objection.clone(), key).await {
            Err(CaseError::Conflict { .. }) => {}
            Err(CaseError::Store(error)) if error.is_duplicate() => {}
            // It was taken down, or its days were over, while they wrote.
            Err(CaseError::WrongStage { .. }) => return Err(gone()),
            done => return done,
        }
    }
    file_one(cx, &case, None, objection, key).await
}

/// `version` of the page it was typed on; none where nobody saw the case: then the posting must hang still.
async fn file_one(cx: &Cx, case: &CaseNo, version: Option<i32>, objection: Objection, key: &str) -> Result<Filed> {
    let (cx2, case2) = (cx.clone(), case.clone());
    let (number, due, version) = change(cx, "case.object", case.subject(), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut file = match version {
                Some(version) => load_at(tx, &case2, version).await?,
                None => load(tx.conn(), &case2).await?,
            };
            let from = state_of(&file);
            let to = moved(&file, Event::Object)?;
            let posting = latest_row(tx.conn(), &case2.0).await?;
            if version.is_none() {
                let hangs =
                    publicity::Entity::find_by_id(posting.id).filter(hanging(cx.today())).count(tx.conn()).await?;
                if hangs == 0 {
                    return Err(CaseError::WrongStage { case: case2, found: from, event: Event::Object });
                }
            }
            if from == CaseState::Adjusting {
                // Only an end that is posted: whoever decides sees to it (TK art. 26).
                if !posting.ends || posting.status == "ended" {
                    return Err(CaseError::WrongStage { case: case2, found: from, event: Event::Object });
                }
                let due = file.step_due;
                put_due(&cx, &mut file, to, NextStep::DecideChange, due);
            } else if matches!(from, CaseState::Objection | CaseState::Appraisal) {
                // Somebody looks into it already, within the limit that the first one set.
                let (step, due) = (NextStep::from_id(&file.next_step), file.step_due);
                put_due(&cx, &mut file, to, step.unwrap_or(NextStep::ResolveObjection), due);
            } else {
                if let Some(accepted) = file.accepted_on {
                    let programme = file.programme.as_deref().or(file.tier.as_deref());
                    let longer = limits::total_due(&cx.pack, programme, accepted, true)?;
                    // A limit that was signed is not taken back.
                    file.total_due = std::cmp::max(file.total_due, longer);
                    extension::lapse(tx.conn(), &case2.0).await?;
                }
                put(&cx, &mut file, to, NextStep::ResolveObjection)?;
            }
            let number = next_number(tx.conn(), &case2.0).await?;
            let code = code_of(tx.keys(), &case2.0, number);
            let row = objection::ActiveModel {
                id: NotSet,
                case_no: Set(case2.0.clone()),
                posting: Set(posting.id),
                number: Set(number),
                code: Set(Some(index_of(tx.keys(), &code))),
                filed_on: Set(cx.today()),
                due_on: Set(file.step_due),
                content: Set(tx.keys().seal(SEALED, &serde_json::to_string(&objection)?)),
                answer: Set(None),
                answered_on: Set(None),
                answered_by: Set(None),
            };
            objection::Entity::insert(row).exec_without_returning(tx.conn()).await?;
            let mut active = posting.clone().into_active_model();
            active.status = Set("objected".to_owned());
            active.objected_on = Set(posting.objected_on.or(Some(cx.today())));
            publicity::Entity::update(active).exec(tx.conn()).await?;
            let due = file.step_due;
            finish(tx, &cx, file, from, "case.object", json!({ "how": objection.how }), |f| (number, due, f.version))
                .await
        })
    })
    .await?;
    Ok(Filed { code: code_of(cx.store.keys(), &case.0, number), due, version })
}

async fn next_number(conn: &impl ConnectionTrait, case: &str) -> Result<i32> {
    let last = objection::Entity::find()
        .filter(objection::Column::CaseNo.eq(case))
        .order_by_desc(objection::Column::Number)
        .one(conn)
        .await?;
    Ok(last.map_or(1, |row| row.number + 1))
}

pub(crate) async fn of_case(conn: &impl ConnectionTrait, keys: &Keys, case: &str) -> Result<Vec<ObjectionRow>> {
    let rows = objection::Entity::find()
        .filter(objection::Column::CaseNo.eq(case))
        .order_by_asc(objection::Column::Number)
        .all(conn)
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(ObjectionRow {
                posting: row.posting,
                filed_on: row.filed_on,
                due_on: row.due_on,
                objection: serde_json::from_str(&keys.open(SEALED, &row.content)?)?,
                code: row.code.map(|_| code_of(keys, &row.case_no, row.number)),
                answer: row.answer.map(|sealed| keys.open(SEALED_ANSWER, &sealed)).transpose()?,
                answered_on: row.answered_on,
            })
        })
        .collect()
}

/// Without what looks alike on paper and on the phone: no 0, 1, I, O.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// The code of an objection: 60 bits that nobody can guess without the installation's key. The database holds none of it,
/// only what a code is looked up by.
fn code_of(keys: &Keys, case: &str, number: i32) -> String {
    letters(&keys.column("objection.code").blind(&format!("{case}:{number}")))
}

/// Sixty bits as three times four letters.
pub(crate) fn letters(bits: &[u8; 16]) -> String {
    let letters: Vec<char> = bits.iter().take(12).map(|b| char::from(LETTERS[usize::from(b % 32)])).collect();
    letters.chunks(4).map(|part| part.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// As typed, with or without hyphens, in either case.
fn index_of(keys: &Keys, code: &str) -> Vec<u8> {
    keys.column("objection.lookup").blind(&plain(code)).to_vec()
}

pub(crate) fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}
