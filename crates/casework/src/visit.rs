//! The home visit: two visitors, what they found of each member, the six-dimension answers.

use crate::{
    CaseError, CaseNo, Cx, Event, FieldError, WorkAbility,
    change::{change, finish, load, load_at, moved, state_of},
    check,
    error::Result,
    tables::{case_file, visit},
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use tuodi_access::Act;
use tuodi_pack::{
    Evaluate, Fen, PersonId,
    assessment::{Answers, Index},
};
use tuodi_store::Keys;

/// Who went. At least two (DB57 art. 16).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visitor {
    /// Account, where the visitor has one.
    pub account: Option<String>,
    pub name: String,
}

/// What was seen of one member; none where it was not asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberFinding {
    pub person: PersonId,
    /// Of the six self-care items of TK art. 21, how many fail.
    pub self_care_fail: Option<u8>,
    pub work_ability: Option<WorkAbility>,
    /// A legal supporter who is able to support exists (TK art. 4).
    pub has_able_supporter: Option<bool>,
    pub lives_here: Option<bool>,
    /// Has a disease on the serious list.
    pub serious_disease: Option<bool>,
    pub wage_month: Option<Fen>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VisitForm {
    pub visited_on: NaiveDate,
    pub visitors: Vec<Visitor>,
    pub members: Vec<MemberFinding>,
    pub answers: Answers,
    /// The household signed the form.
    pub signed: bool,
    pub note: String,
}

/// What is stored of a visit, sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VisitRecord {
    pub visitors: Vec<Visitor>,
    pub members: Vec<MemberFinding>,
    pub answers: Answers,
    pub signed: bool,
    pub note: String,
    pub index: Index,
}

#[derive(Debug, Clone)]
pub struct Visit {
    pub id: i64,
    pub visited_on: NaiveDate,
    pub recorded_at: DateTime<Utc>,
    pub record: VisitRecord,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Visited {
    pub index: Index,
    pub version: i32,
    /// The check run again with what the visit found, where one had been run; none if the engine could not.
    pub checked: Option<check::Checked>,
}

fn problems(cx: &Cx, form: &VisitForm) -> Vec<FieldError> {
    let mut problems = Vec::new();
    if form.visited_on > cx.today() {
        problems.push(FieldError::new("visited_on", "error.future"));
    }
    let named: BTreeSet<&str> = form.visitors.iter().map(|v| v.name.trim()).filter(|n| !n.is_empty()).collect();
    let accounts: Vec<&String> = form.visitors.iter().filter_map(|v| v.account.as_ref()).collect();
    let distinct: BTreeSet<&String> = accounts.iter().copied().collect();
    if named.len() < 2 || distinct.len() < accounts.len() {
        problems.push(FieldError::new("visitors", "error.two_visitors"));
    }
    for member in &form.members {
        if member.self_care_fail.is_some_and(|n| n > 6) {
            problems.push(FieldError::new(format!("self_care_fail.{}", member.person), "error.count"));
        }
    }
    for (item, choice) in &form.answers {
        if cx.pack.assessment.item(item).and_then(|i| i.choice(choice)).is_none() {
            problems.push(FieldError::new(item.clone(), "error.choice"));
        }
    }
    problems
}

/// Records a visit and its index. If a check had been run, it is run again, for the visit may have changed facts.
pub async fn record_visit(
    cx: &Cx,
    engine: &dyn Evaluate,
    case: &CaseNo,
    version: i32,
    form: VisitForm,
) -> Result<Visited> {
    let problems = problems(cx, &form);
    if !problems.is_empty() {
        return Err(CaseError::Invalid(problems));
    }
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::RecordVisit, &file, Vec::new())?;
    if file.accepted_on.is_some_and(|day| form.visited_on < day) {
        return Err(CaseError::Invalid(vec![FieldError::new("visited_on", "error.before_acceptance")]));
    }
    let out = crate::kin::kept_out(&file);
    if form.visitors.iter().filter_map(|v| v.account.as_ref()).any(|a| out.contains(a)) {
        return Err(CaseError::Invalid(vec![FieldError::new("visitors", "error.kin")]));
    }
    let index = cx.pack.assessment.score(&form.answers)?;
    let (cx2, case2) = (cx.clone(), case.clone());
    let (version, index, again) = change(cx, "case.visit", case.subject(), "", move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut file = load_at(tx, &case2, version).await?;
            let from = state_of(&file);
            let to = moved(&file, Event::VisitDone)?;
            // Whoever records it has been there or answers for it: neither may confirm later.
            let mut accounts: BTreeSet<String> = form.visitors.iter().filter_map(|v| v.account.clone()).collect();
            accounts.insert(cx.actor.account.clone());
            let record = VisitRecord {
                visitors: form.visitors,
                members: form.members,
                answers: form.answers,
                signed: form.signed,
                note: form.note,
                index: index.clone(),
            };
            let row = visit::ActiveModel {
                id: NotSet,
                case_no: Set(case2.0.clone()),
                visited_on: Set(form.visited_on),
                visitors: Set(accounts.into_iter().collect::<Vec<_>>().join(",")),
                record: Set(tx.keys().seal("visit.record", &serde_json::to_string(&record)?)),
                score: Set(index.low as i32),
                level: Set(index.level.clone()),
                completeness: Set(index.completeness as i32),
                recorded_at: Set(cx.at()),
            };
            visit::Entity::insert(row).exec_without_returning(tx.conn()).await?;
            file.visited = true;
            // What the visit found is not in the report yet.
            let again = std::mem::replace(&mut file.checked, false);
            check::settle(&cx, &mut file, to, 0, 0)?;
            let details = json!({
                "visited_on": form.visited_on, "level": index.level, "score": index.low,
                "completeness": index.completeness,
            });
            finish(tx, &cx, file, from, "case.visit", details, |file| (file.version, index.clone(), again)).await
        })
    })
    .await?;
    if !again {
        return Ok(Visited { index, version, checked: None });
    }
    // The visit is on file whatever comes of the check: if it fails now, the case waits for it to be run.
    match check::check(cx, engine, case, version).await {
        Ok(checked) => Ok(Visited { index, version: checked.version, checked: Some(checked) }),
        Err(_) => Ok(Visited { index, version, checked: None }),
    }
}

pub(crate) async fn of_case(conn: &impl ConnectionTrait, keys: &Keys, case: &str) -> Result<Vec<Visit>> {
    let rows =
        visit::Entity::find().filter(visit::Column::CaseNo.eq(case)).order_by_desc(visit::Column::Id).all(conn).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Visit {
                id: row.id,
                visited_on: row.visited_on,
                recorded_at: row.recorded_at,
                record: serde_json::from_str(&keys.open("visit.record", &row.record)?)?,
            })
        })
        .collect()
}

/// Accounts that visited: they may not confirm (DB57 art. 11, 20).
pub(crate) async fn visitors(conn: &impl ConnectionTrait, file: &case_file::Model) -> Result<BTreeSet<String>> {
    let rows = visit::Entity::find().filter(visit::Column::CaseNo.eq(file.case_no.as_str())).all(conn).await?;
    Ok(rows.iter().flat_map(|row| row.visitors.split(',')).filter(|a| !a.is_empty()).map(str::to_owned).collect())
}
