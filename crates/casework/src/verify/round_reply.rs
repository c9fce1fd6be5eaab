//! A department's reply to a list, matched person by person: each household's answer is taken as a whole or not at all,
//! what is missing is asked for again, what comes after its time completes the report nevertheless.

use crate::{
    CaseError, Cx,
    application::household_of,
    change::change,
    error::Result,
    tables::{verification_answer as answer, verification_request as request, verification_round as table},
    verify::{
        AnswerState, answers,
        order::still_authorised,
        pursue::{self, End, Step, again, end, load_request, understood},
        report,
        round_sheet::{REASON, REFERENCE, RESULT},
        rounds::{Asked, asked, load, subject},
    },
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use tuodi_pack::{
    HouseholdId, PersonId, Text,
    ask::{PersonReply, PersonStatus},
};
use tuodi_store::Recorded;

/// One row of the file, read by the source's contract.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplyRow {
    /// Of the file, from 1.
    pub row: usize,
    /// In the order of [`super::ROUND_COLUMNS`].
    pub own: Vec<String>,
    pub values: Map<String, Value>,
    /// Column and what is wrong with its value.
    pub problems: Vec<(Text, Text)>,
}

/// What came of a reply.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// Households whose answer is complete now.
    pub answered: usize,
    /// Households of which somebody is still missing.
    pub partial: usize,
    /// Households of the list that the file does not speak of.
    pub missing: usize,
    /// Households whose time was over: their reports are completed nevertheless.
    pub late: usize,
    /// Households that had answered before, or whose authorisation was taken back.
    pub closed: usize,
    /// Row and what is wrong with it; the household's answer was not taken.
    pub wrong: Vec<(usize, Text)>,
}

/// What the file says of one person.
struct Told<'a> {
    status: Option<PersonStatus>,
    reason: String,
    rows: Vec<&'a ReplyRow>,
}

fn status(text: &str) -> Option<Option<PersonStatus>> {
    Some(match text.trim() {
        "" => None,
        "有" | "有记录" | "found" => Some(PersonStatus::Found),
        "无" | "无记录" | "没有" | "none" => Some(PersonStatus::None),
        "拒绝" | "拒绝答复" | "refused" => Some(PersonStatus::Refused),
        _ => return None,
    })
}

/// Whether the row says anything beside whom it is about: the number was on the list already.
fn says_something(row: &ReplyRow, number: &str) -> bool {
    let own_number = |value: &Value| value.as_str().is_some_and(|t| t.eq_ignore_ascii_case(number));
    row.values.values().any(|value| !own_number(value))
}

/// The rows of the file by reference, and the rows that are of nobody on the list.
fn by_person<'a>(people: &[Asked], rows: &'a [ReplyRow]) -> (HashMap<String, Told<'a>>, Vec<(usize, Text)>) {
    let known: HashMap<&str, &Asked> = people.iter().map(|p| (p.reference.as_str(), p)).collect();
    let mut told: HashMap<String, Told<'a>> = HashMap::new();
    let mut wrong = Vec::new();
    for row in rows {
        let of = |column: usize| row.own.get(column).map_or("", |t| t.trim());
        let Some(person) = known.get(of(REFERENCE)) else {
            let text = Text::new("这个询问编号不在名单上", "this reference is not on the list");
            wrong.push((row.row, text));
            continue;
        };
        let Some(said) = status(of(RESULT)) else {
            let text = Text::new("结果请写“有”“无”或“拒绝”", "write found, none or refused as the result");
            wrong.push((row.row, text));
            continue;
        };
        let something = says_something(row, &person.id_no) || !row.problems.is_empty();
        if said.is_none() && !something {
            continue;
        }
        let entry = told.entry(person.reference.clone()).or_insert_with(|| Told {
            status: None,
            reason: String::new(),
            rows: Vec::new(),
        });
        let said = said.or(something.then_some(PersonStatus::Found));
        if entry.status.is_some() && entry.status != said {
            wrong.push((row.row, Text::new("与前面一行的结果不一致", "the result differs from that of a row before")));
            continue;
        }
        entry.status = said;
        if !of(REASON).is_empty() {
            entry.reason = of(REASON).to_owned();
        }
        if something && said == Some(PersonStatus::Found) {
            entry.rows.push(row);
        }
    }
    (told, wrong)
}

/// Takes a reply. Sent again, what was taken stays and only the rest is looked at.
pub async fn take_reply(cx: &Cx, id: i64, rows: &[ReplyRow]) -> Result<Taken> {
    let round = load(cx, id).await?;
    let people = asked(cx.store.keys(), &round)?;
    let missing = || CaseError::NotFound { kind: "source", id: round.source.clone() };
    let source = cx.pack.source(&round.source).cloned().ok_or_else(missing)?;
    let (told, wrong) = by_person(&people, rows);
    let mut taken = Taken { wrong, ..Taken::default() };
    let mut of_answer: BTreeMap<i64, Vec<&Asked>> = BTreeMap::new();
    for person in &people {
        of_answer.entry(person.answer).or_default().push(person);
    }
    let answers: HashMap<i64, answer::Model> = answer::Entity::find()
        .filter(answer::Column::Round.eq(id))
        .all(cx.store.read())
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    for (answer, members) in of_answer {
        let Some(row) = answers.get(&answer).cloned() else { continue };
        let spoken: Vec<(&Asked, &Told<'_>)> =
            members.iter().filter_map(|p| told.get(&p.reference).map(|t| (*p, t))).collect();
        let state = answers::state_of(&row);
        let late = state == AnswerState::TimedOut;
        if spoken.is_empty() {
            taken.missing += usize::from(late || state == AnswerState::Waiting);
            continue;
        }
        if !late && state != AnswerState::Waiting {
            taken.closed += 1;
            continue;
        }
        let bad: Vec<(usize, Text)> = spoken
            .iter()
            .flat_map(|(_, told)| &told.rows)
            .flat_map(|row| row.problems.iter().map(|(column, what)| (row.row, place(column, what))))
            .collect();
        if !bad.is_empty() {
            taken.wrong.extend(bad);
            continue;
        }
        let replies: Vec<PersonReply> = spoken
            .iter()
            .map(|(person, told)| PersonReply {
                reference: person.reference.clone(),
                status: told.status.unwrap_or(PersonStatus::None),
                rows: told.rows.iter().map(|row| row.values.clone()).collect(),
                reason: told.reason.clone(),
            })
            .collect();
        let references: BTreeMap<String, PersonId> = members.iter().map(|p| (p.reference.clone(), p.person)).collect();
        let numbers: BTreeMap<PersonId, &str> = members.iter().map(|p| (p.person, p.id_no.as_str())).collect();
        let step = understood(cx, &source, &references, &numbers, &row, replies);
        let first = spoken.iter().flat_map(|(_, told)| &told.rows).map(|row| row.row).next().unwrap_or_default();
        match step {
            Step::Again { words, .. } => taken.wrong.push((first, Text::new(words.as_str(), words.as_str()))),
            step => {
                let row = if late { reopen(cx, &row).await? } else { Some(row) };
                let Some(row) = row else {
                    taken.closed += 1;
                    continue;
                };
                taken.late += usize::from(late);
                match finish(cx, row, step, late).await? {
                    true => taken.answered += 1,
                    false => taken.partial += 1,
                }
            }
        }
    }
    taken.wrong.sort_by_key(|(row, _)| *row);
    note(cx, &round, &taken).await?;
    Ok(taken)
}

fn place(column: &Text, what: &Text) -> Text {
    Text::new(format!("{}：{}", column.zh, what.zh), format!("{}: {}", column.en, what.en))
}

/// Puts an answer where its step says; whether it is complete.
async fn finish(cx: &Cx, row: answer::Model, step: Step, late: bool) -> Result<bool> {
    let request = load_request(cx.store.read(), &row.number).await?;
    match step {
        Step::End(ended) => {
            let reason = if late && ended.reason.is_empty() { "late" } else { ended.reason };
            end(cx, &request, row, End { reason, ..ended }).await?;
            Ok(true)
        }
        Step::Part(kept) if late => {
            let ended = End { kept: Some(kept), ..End::of(AnswerState::Answered, "partial") };
            end(cx, &request, row, ended).await?;
            Ok(true)
        }
        Step::Part(kept) => {
            // Looked at again when its time is over.
            let rest = (row.limit_at - cx.at()).num_seconds().clamp(0, i64::from(u32::MAX)) as u32;
            again(cx, &request, row, "partial", String::new(), Some(rest), Some(kept)).await?;
            Ok(false)
        }
        // Told to whoever sent the file; nothing is kept.
        Step::Again { .. } => Ok(false),
    }
}

/// An answer whose time was over waits once more, and its report with it, while the authorisation holds.
async fn reopen(cx: &Cx, row: &answer::Model) -> Result<Option<answer::Model>> {
    let asked = load_request(cx.store.read(), &row.number).await?;
    let household = household_of(cx, HouseholdId(asked.household_id)).await?;
    let case = asked.case_no.clone().unwrap_or_default();
    let (conn, keys) = (cx.store.read(), cx.store.keys());
    match still_authorised(conn, keys, cx, &household, &asked.purpose, &case).await {
        Ok(_) => {}
        Err(CaseError::NoConsent { .. }) => return Ok(None),
        Err(error) => return Err(error),
    }
    let (cx2, number, region, id) = (cx.clone(), row.number.clone(), asked.region_code.clone(), row.id);
    let about = format!("verification:{}", row.number);
    let source = row.source.clone();
    let done = change(cx, "verification.late", about.clone(), "", move |tx| {
        Box::pin(async move {
            let moved = answer::Entity::update_many()
                .col_expr(answer::Column::State, Expr::value(AnswerState::Waiting.id()))
                .filter(answer::Column::Id.eq(id))
                .filter(answer::Column::State.eq(AnswerState::TimedOut.id()))
                .exec(tx.conn())
                .await?;
            if moved.rows_affected != 1 {
                return Err(CaseError::NotFound { kind: "answer", id: id.to_string() });
            }
            // The next edition is due when nothing waits that the newest one waited for.
            request::Entity::update_many()
                .col_expr(request::Column::State, Expr::value(report::WAITING))
                .col_expr(request::Column::Waiting, Expr::col(request::Column::Waiting).add(1))
                .filter(request::Column::Number.eq(number))
                .exec(tx.conn())
                .await?;
            let details = json!({ "source": source });
            Ok(Recorded::new((), cx2.entry("verification.late", about, &region, details)))
        })
    })
    .await;
    match done {
        Ok(()) => Ok(Some(pursue::load(cx.store.read(), row.id).await?)),
        Err(CaseError::NotFound { kind: "answer", .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn note(cx: &Cx, round: &table::Model, taken: &Taken) -> Result<()> {
    let (cx2, id, region) = (cx.clone(), round.id, round.region_code.clone());
    let details = json!({
        "source": round.source, "answered": taken.answered, "partial": taken.partial, "missing": taken.missing,
        "late": taken.late, "closed": taken.closed, "wrong": taken.wrong.len(),
    });
    change(cx, "verification.round_reply", subject(id), "", move |tx| {
        Box::pin(async move {
            table::Entity::update_many()
                .col_expr(table::Column::RepliedAt, Expr::value(cx2.at()))
                .filter(table::Column::Id.eq(id))
                .exec(tx.conn())
                .await?;
            Ok(Recorded::new((), cx2.entry("verification.round_reply", subject(id), &region, details)))
        })
    })
    .await
}
