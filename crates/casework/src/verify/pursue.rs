//! Sources with a connection are asked until they answer: one try at a time, each under the same key, with pauses that
//! grow. Everything needed to go on stands in the database, so a restart loses nothing and repeats nothing.

use crate::{
    CaseError, Cx,
    application::household_of,
    change::change,
    error::Result,
    tables::{verification_answer as answer, verification_request as request},
    verify::{
        AnswerState,
        answers::{self, FILE, POOL},
        order::{still_authorised, subject},
        replies::{self, Kept, OfPerson},
        rows,
        settle::settle,
    },
};
use chrono::{DateTime, Duration, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use serde_json::json;
use std::collections::BTreeMap;
use tuodi_access::Act;
use tuodi_pack::{
    Evaluate, HouseholdId, PersonId,
    ask::{AskError, AskSources, AskedPerson, PersonReply, PersonStatus, Question, Reply},
};
use tuodi_store::{Keys, Recorded, Tx};

/// A try that never came back (the process was killed) is repeated after this. Longer than any connection may take.
const LEASE_SECONDS: i64 = 300;
/// Tries begun at a time.
const MOST: u64 = 50;

/// What [`pursue`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pursued {
    /// Tries made.
    pub asked: usize,
    /// Reports issued.
    pub reports: usize,
}

/// The clock and the rest of a context, anew for each step: a try may take half a minute.
pub type Now<'a> = &'a (dyn Fn() -> Cx + Send + Sync);

pub(super) async fn load(conn: &impl ConnectionTrait, id: i64) -> Result<answer::Model> {
    let row = answer::Entity::find_by_id(id).one(conn).await?;
    row.ok_or_else(|| CaseError::NotFound { kind: "answer", id: id.to_string() })
}

pub(super) async fn load_request(conn: &impl ConnectionTrait, number: &str) -> Result<request::Model> {
    let row = request::Entity::find_by_id(number.to_owned()).one(conn).await?;
    row.ok_or_else(|| CaseError::NotFound { kind: "verification", id: number.to_owned() })
}

/// Answers whose next try is due, the longest waiting first.
pub async fn due(cx: &Cx) -> Result<Vec<i64>> {
    cx.authorise_region(Act::RecordCheck, "verification", "", &cx.actor.region)?;
    Ok(answer::Entity::find()
        .select_only()
        .column(answer::Column::Id)
        .filter(answer::Column::State.eq(AnswerState::Waiting.id()))
        .filter(answer::Column::NextTryAt.lte(cx.at()))
        .order_by_asc(answer::Column::NextTryAt)
        .limit(MOST)
        .into_tuple()
        .all(cx.store.read())
        .await?)
}

/// One try at everything that is due, one after the other, and the reports that follow. A server calls [`due`],
/// [`ask_one`] and [`settle`] itself, so that a slow department keeps nobody else waiting.
pub async fn pursue(now: Now<'_>, engine: &dyn Evaluate, asks: &dyn AskSources) -> Result<Pursued> {
    let mut done = Pursued::default();
    for id in due(&now()).await? {
        if ask_one(now, asks, id).await? {
            done.asked += 1;
        }
    }
    done.reports = settle(&now(), engine).await?;
    Ok(done)
}

/// One try at one answer: whether a question was asked. Nothing is asked after a withdrawal or when the time is over.
pub async fn ask_one(now: Now<'_>, asks: &dyn AskSources, id: i64) -> Result<bool> {
    let cx = now();
    let row = load(cx.store.read(), id).await?;
    if answers::state_of(&row) != AnswerState::Waiting || row.via == POOL || row.next_try_at > cx.at() {
        return Ok(false);
    }
    let request = load_request(cx.store.read(), &row.number).await?;
    let household = household_of(&cx, HouseholdId(request.household_id)).await?;
    let case = request.case_no.clone().unwrap_or_default();
    let authorised = still_authorised(cx.store.read(), cx.store.keys(), &cx, &household, &request.purpose, &case).await;
    let given = match authorised {
        Ok(given) => given,
        Err(CaseError::NoConsent { .. }) => {
            end(&cx, &request, row, End::of(AnswerState::Stopped, "withdrawn")).await?;
            return Ok(false);
        }
        Err(error) => return Err(error),
    };
    if cx.at() >= row.limit_at {
        let over = time_over(&row);
        end(&cx, &request, row, over).await?;
        return Ok(false);
    }
    // Answers by file are asked for on a list; here only their time is kept.
    if row.via == FILE {
        return Ok(false);
    }
    let people: BTreeMap<String, PersonId> =
        (1..).map(|n: usize| n.to_string()).zip(household.members.iter().map(|m| m.id)).collect();
    let source = cx.pack.source(&row.source).cloned();
    let Some(source) = source else {
        end(&cx, &request, row, End::of(AnswerState::Failed, "no_data")).await?;
        return Ok(false);
    };
    let question = Question {
        key: row.key.clone(),
        report: row.number.clone(),
        source: source.name.clone(),
        version: source.version,
        purpose: request.purpose.clone(),
        as_of: request.as_of,
        people: household
            .members
            .iter()
            .enumerate()
            .map(|(i, m)| AskedPerson {
                reference: (i + 1).to_string(),
                id_no: m.id_no.clone(),
                name: m.name.clone(),
                // For a child an adult of the household has signed.
                authorisation: given
                    .get(&m.id.0)
                    .or(given.values().next())
                    .map(|n| format!("{}-{n}", cx.pack.info.case_prefix))
                    .unwrap_or_default(),
            })
            .collect(),
    };
    let Some(row) = begin(&cx, &request, row).await? else { return Ok(false) };
    let replied = asks.ask(&source.id, &question).await;
    let cx = now();
    let numbers: BTreeMap<PersonId, &str> = household.members.iter().map(|m| (m.id, m.id_no.as_str())).collect();
    let step = match replied {
        Ok(Reply::Answers(replies)) => understood(&cx, &source, &people, &numbers, &row, replies),
        Ok(Reply::Later { after_seconds }) => Step::Again { reason: "working", words: String::new(), after_seconds },
        Err(AskError::Busy { after_seconds }) => Step::Again { reason: "busy", words: String::new(), after_seconds },
        Err(AskError::Silent) => Step::Again { reason: "no_reply", words: String::new(), after_seconds: None },
        Err(AskError::Unreachable(words)) => Step::Again { reason: "unreachable", words, after_seconds: None },
        Err(AskError::Garbled(words)) => Step::Again { reason: "garbled", words, after_seconds: None },
        Err(AskError::Refused(words)) => Step::End(End { words, ..End::of(AnswerState::Refused, "declined") }),
    };
    match step {
        Step::End(ended) => end(&cx, &request, row, ended).await?,
        Step::Part(kept) => again(&cx, &request, row, "partial", String::new(), None, Some(kept)).await?,
        Step::Again { reason, words, after_seconds } => {
            again(&cx, &request, row, reason, words, after_seconds, None).await?;
        }
    }
    Ok(true)
}

/// How a try ends.
pub(super) enum Step {
    End(End),
    /// Some of the people: kept, and the rest asked for again.
    Part(Kept),
    Again {
        reason: &'static str,
        words: String,
        after_seconds: Option<u32>,
    },
}

pub(super) struct End {
    pub state: AnswerState,
    pub reason: &'static str,
    pub words: String,
    pub kept: Option<Kept>,
}

impl End {
    pub fn of(state: AnswerState, reason: &'static str) -> End {
        End { state, reason, words: String::new(), kept: None }
    }
}

/// A source whose time is over: what it has said so far stays, else it counts by what went wrong last.
fn time_over(row: &answer::Model) -> End {
    match row.reason.as_str() {
        "partial" => End::of(AnswerState::Answered, "partial"),
        "garbled" => End::of(AnswerState::Failed, "garbled"),
        "unreachable" => End::of(AnswerState::Failed, "unreachable"),
        _ => End::of(AnswerState::TimedOut, "no_reply"),
    }
}

/// A reply by the contract: about people who were asked about, each once, with rows that can be read.
pub(super) fn understood(
    cx: &Cx,
    source: &tuodi_pack::source::Source,
    people: &BTreeMap<String, PersonId>,
    numbers: &BTreeMap<PersonId, &str>,
    row: &answer::Model,
    replies: Vec<PersonReply>,
) -> Step {
    let garbled = |words: String| Step::Again { reason: "garbled", words, after_seconds: None };
    let keys = cx.store.keys();
    let mut told = BTreeMap::new();
    let (mut read, mut said) = (Vec::new(), Vec::new());
    for reply in replies {
        let Some(person) = people.get(&reply.reference) else {
            return garbled("it speaks of somebody who was not asked about".to_owned());
        };
        if told.insert(*person, reply.status).is_some() {
            return garbled("it speaks of one person twice".to_owned());
        }
        if (reply.status == PersonStatus::Found) == reply.rows.is_empty() {
            return garbled("status and rows do not fit".to_owned());
        }
        match rows::of_person(keys, source, *person, numbers.get(person).copied().unwrap_or_default(), &reply.rows) {
            Ok(rows) => read.extend(rows),
            Err(words) => return garbled(words),
        }
        said.push(OfPerson { person: *person, status: reply.status, reason: replies::words(&reply.reason) });
    }
    // What cannot be read back cannot contradict.
    let earlier = answers::replied(keys, std::slice::from_ref(row)).unwrap_or_default();
    // It may add to what it said; what it said must still be there.
    let changed = row.changed || earlier.iter().any(|row| !read.contains(row));
    let kept = Kept { people: said, rows: read, changed };
    if told.len() < people.len() {
        return Step::Part(kept);
    }
    let declined = told.values().filter(|s| **s == PersonStatus::Refused).count();
    let (state, reason) = match (declined, kept.rows.is_empty()) {
        (n, _) if n == told.len() => (AnswerState::Refused, "declined"),
        (0, true) => (AnswerState::Silent, ""),
        (0, false) => (AnswerState::Answered, ""),
        (_, true) => (AnswerState::Refused, "part_declined"),
        (_, false) => (AnswerState::Answered, "part_declined"),
    };
    Step::End(End { kept: Some(kept), ..End::of(state, reason) })
}

fn sealed(keys: &Keys, words: &str) -> Option<Vec<u8>> {
    let words = replies::words(words);
    (!words.is_empty()).then(|| keys.seal("verification_answer.words", &words))
}

fn content(keys: &Keys, kept: &Kept) -> Result<Vec<u8>> {
    Ok(keys.seal("verification_answer.content", &serde_json::to_string(&kept.rows)?))
}

/// Takes the next try, unless another process has it: one row changes, or none.
async fn begin(cx: &Cx, request: &request::Model, row: answer::Model) -> Result<Option<answer::Model>> {
    let (cx2, number, region) = (cx.clone(), row.number.clone(), request.region_code.clone());
    let taken = change(cx, "verification.ask", subject(&row.number), "", move |tx| {
        Box::pin(async move {
            let done = answer::Entity::update_many()
                .col_expr(answer::Column::Tries, Expr::value(row.tries + 1))
                .col_expr(answer::Column::NextTryAt, Expr::value(cx2.at() + Duration::seconds(LEASE_SECONDS)))
                .filter(answer::Column::Id.eq(row.id))
                .filter(answer::Column::State.eq(AnswerState::Waiting.id()))
                .filter(answer::Column::Tries.eq(row.tries))
                .exec(tx.conn())
                .await?;
            if done.rows_affected != 1 {
                return Err(CaseError::NotFound { kind: "try", id: number });
            }
            let details = json!({ "source": row.source, "key": row.key, "try": row.tries + 1 });
            Ok(Recorded::new(row.id, cx2.entry("verification.ask", subject(&number), &region, details)))
        })
    })
    .await;
    match taken {
        Ok(id) => Ok(Some(load(cx.store.read(), id).await?)),
        Err(CaseError::NotFound { kind: "try", .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the rows of a try become, and only while they wait for just this one.
async fn put(tx: &Tx, row: &answer::Model, new: answer::ActiveModel) -> Result<bool> {
    let done = answer::Entity::update_many()
        .set(new)
        .filter(answer::Column::Id.eq(row.id))
        .filter(answer::Column::State.eq(AnswerState::Waiting.id()))
        .filter(answer::Column::Tries.eq(row.tries))
        .exec(tx.conn())
        .await?;
    Ok(done.rows_affected == 1)
}

/// A last word: from the source, from the clock or from a withdrawal. What came too late is dropped, and that is on
/// record.
pub(super) async fn end(cx: &Cx, request: &request::Model, row: answer::Model, end: End) -> Result<()> {
    use sea_orm::ActiveValue::{NotSet, Set};
    let (cx2, number, region) = (cx.clone(), row.number.clone(), request.region_code.clone());
    let household = household_of(cx, HouseholdId(request.household_id)).await?;
    let (purpose, case) = (request.purpose.clone(), request.case_no.clone().unwrap_or_default());
    change(cx, "verification.answer", subject(&row.number), "", move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut new = answer::ActiveModel {
                state: Set(end.state.id().to_owned()),
                reason: Set(end.reason.to_owned()),
                words: Set(sealed(tx.keys(), &end.words)),
                answered_at: Set(Some(cx.at())),
                ..Default::default()
            };
            let mut rows = 0;
            if let Some(kept) = &end.kept {
                rows = kept.rows.len() as i32;
                new.rows = Set(rows);
                new.changed = Set(kept.changed);
                new.data_date = Set(Some(cx.today()));
                new.content = if kept.rows.is_empty() { Set(None) } else { Set(Some(content(tx.keys(), kept)?)) };
            }
            // Taken back while the source was answering: the answer is not kept.
            let authorised = still_authorised(tx.conn(), tx.keys(), &cx, &household, &purpose, &case).await;
            let withdrawn = matches!(authorised, Err(CaseError::NoConsent { .. }));
            if withdrawn {
                new = answer::ActiveModel {
                    state: Set(AnswerState::Stopped.id().to_owned()),
                    reason: Set("withdrawn".to_owned()),
                    answered_at: Set(Some(cx.at())),
                    content: Set(None),
                    rows: Set(0),
                    id: NotSet,
                    ..Default::default()
                };
            }
            let kept = put(tx, &row, new).await?;
            let state = if withdrawn { AnswerState::Stopped } else { end.state };
            if withdrawn {
                replies::forget(tx, vec![row.id]).await?;
            } else if kept && (end.kept.is_some() || state == AnswerState::Refused) {
                replies::keep(tx, &cx, &row, state, end.reason, &end.words, end.kept.as_ref()).await?;
            }
            let act = if kept { "verification.answer" } else { "verification.dropped" };
            let details = json!({
                "source": row.source, "state": state.id(), "reason": end.reason, "rows": rows, "tries": row.tries,
            });
            Ok(Recorded::new((), cx.entry(act, subject(&number), &region, details)))
        })
    })
    .await
}

/// A further try, when the pack's pauses or the source itself say.
pub(super) async fn again(
    cx: &Cx,
    request: &request::Model,
    row: answer::Model,
    reason: &'static str,
    words: String,
    after_seconds: Option<u32>,
    part: Option<Kept>,
) -> Result<()> {
    use sea_orm::ActiveValue::Set;
    let (cx2, number, region) = (cx.clone(), row.number.clone(), request.region_code.clone());
    change(cx, "verification.try_failed", subject(&row.number), "", move |tx| {
        Box::pin(async move {
            let tries = u32::try_from(row.tries).unwrap_or(1);
            let seconds = after_seconds.unwrap_or_else(|| cx2.pack.verification.tries.wait(tries));
            let next: DateTime<Utc> = cx2.at() + Duration::seconds(i64::from(seconds));
            let mut new = answer::ActiveModel {
                reason: Set(reason.to_owned()),
                words: Set(sealed(tx.keys(), &words)),
                // The last look is when its time is over.
                next_try_at: Set(next.min(row.limit_at)),
                ..Default::default()
            };
            if let Some(kept) = &part {
                new.rows = Set(kept.rows.len() as i32);
                new.changed = Set(kept.changed);
                new.data_date = Set(Some(cx2.today()));
                new.content = Set(Some(content(tx.keys(), kept)?));
            }
            let kept = put(tx, &row, new).await?;
            if kept {
                replies::keep(tx, &cx2, &row, AnswerState::Waiting, reason, &words, part.as_ref()).await?;
            }
            let act = if kept { "verification.try_failed" } else { "verification.dropped" };
            let details =
                json!({ "source": row.source, "reason": reason, "tries": row.tries, "next_in_seconds": seconds });
            Ok(Recorded::new((), cx2.entry(act, subject(&number), &region, details)))
        })
    })
    .await
}
