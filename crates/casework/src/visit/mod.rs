//! The home visit: two visitors, what they found of each member and of what was declared, the six-dimension answers,
//! photographs, and who signed.

mod marks;
pub(crate) mod migration;
mod seen;
pub(crate) mod tables;

pub(crate) use self::seen::of_visits;
pub use self::{
    marks::{FamilySignature, Mark as VisitMark, Signature, Unsigned, visit_signature},
    seen::{SeenAmount, seen_field},
};

use crate::{
    CaseError, CaseNo, Cx, Event, FieldError, WorkAbility,
    application::household_of,
    change::{change, finish, load, load_at, moved, state_of},
    check,
    error::Result,
    papers::{kinds_of, on_file_of_case},
    reassess,
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
    Evaluate, Fen, HouseholdId, PersonId,
    assessment::{Answers, Index},
};
use tuodi_store::{Keys, Recorded};

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

#[derive(Debug, Clone)]
pub struct VisitForm {
    pub visited_on: NaiveDate,
    pub visitors: Vec<Visitor>,
    pub members: Vec<MemberFinding>,
    /// Of what was declared, what the visit found.
    pub seen: Vec<SeenAmount>,
    pub answers: Answers,
    /// Of the visitors, in their order; none: has not signed yet.
    pub signatures: Vec<Option<Signature>>,
    /// Unset: not said.
    pub family: Option<FamilySignature>,
    /// Documents of the case that the visit brought, by number: photographs, the signed form.
    pub papers: Vec<i64>,
    pub note: String,
}

/// What is stored of a visit, sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VisitRecord {
    pub visitors: Vec<Visitor>,
    pub members: Vec<MemberFinding>,
    #[serde(default)]
    pub seen: Vec<SeenAmount>,
    pub answers: Answers,
    /// Somebody of the family signed.
    pub signed: bool,
    /// Empty in records older than signatures.
    #[serde(default)]
    pub marks: Vec<VisitMark>,
    #[serde(default)]
    pub unsigned: Option<Unsigned>,
    #[serde(default)]
    pub papers: Vec<i64>,
    pub note: String,
    pub index: Index,
}

#[derive(Debug, Clone)]
pub struct Visit {
    pub id: i64,
    pub visited_on: NaiveDate,
    pub recorded_at: DateTime<Utc>,
    pub record: VisitRecord,
    /// Number and kind of its documents that are still on file.
    pub papers: Vec<(i64, String)>,
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
    problems.extend(marks::problems(cx, form));
    problems
}

/// Documents named that are not of this case and kind; a signature on paper without the paper; too many of them.
async fn problems_of_papers(cx: &Cx, file: &case_file::Model, form: &VisitForm) -> Result<Vec<FieldError>> {
    let Some(rules) = &cx.pack.workflow.visit else {
        let none = form.papers.is_empty();
        return Ok(if none { Vec::new() } else { vec![FieldError::new("photo", "error.choice")] });
    };
    let on_file = on_file_of_case(cx.store.read(), file).await?;
    let kind = |id: &i64| on_file.iter().find(|(own, _)| own == id).map(|(_, kind)| kind.as_str());
    let mut problems = Vec::new();
    if form.papers.iter().any(|id| !kind(id).is_some_and(|k| k == rules.photo || k == rules.form)) {
        problems.push(FieldError::new("photo", "error.choice"));
    }
    if form.papers.len() > rules.most as usize {
        problems.push(FieldError::new("photo", "error.too_many"));
    }
    if marks::on_paper(form) && !form.papers.iter().any(|id| kind(id) == Some(rules.form.as_str())) {
        problems.push(FieldError::new("form", "error.required"));
    }
    Ok(problems)
}

/// Records a visit and its index. If a check had been run, it is run again, for the visit may have changed facts.
pub async fn record_visit(
    cx: &Cx,
    engine: &dyn Evaluate,
    case: &CaseNo,
    version: i32,
    mut form: VisitForm,
) -> Result<Visited> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::RecordVisit, &file, Vec::new())?;
    let household = household_of(cx, HouseholdId(file.household_id)).await?;
    let members: Vec<PersonId> = household.members.iter().map(|m| m.id).collect();
    let mut problems = problems(cx, &form);
    problems.extend(seen::problems(cx, &form, &members));
    problems.extend(problems_of_papers(cx, &file, &form).await?);
    if !problems.is_empty() {
        return Err(CaseError::Invalid(problems));
    }
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
            let (marks, unsigned, pictures) = marks::split(&mut form);
            let (drawn, papers) = (pictures.len(), form.papers.len());
            let record = VisitRecord {
                visitors: form.visitors,
                members: form.members,
                seen: form.seen,
                answers: form.answers,
                signed: unsigned.is_none(),
                marks,
                unsigned,
                papers: form.papers,
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
            let id = visit::Entity::insert(row).exec(tx.conn()).await?.last_insert_id;
            marks::keep(tx, id, pictures).await?;
            file.visited = true;
            // What the visit found is not in the report yet.
            let again = std::mem::replace(&mut file.checked, false);
            check::settle(&cx, &mut file, to, 0, 0)?;
            let details = json!({
                "visited_on": form.visited_on, "level": index.level, "score": index.low,
                "completeness": index.completeness, "signed": record.signed, "drawn": drawn, "papers": papers,
            });
            let household = HouseholdId(file.household_id);
            let answered = reassess::answered(tx, &cx, household, form.visited_on, &index, "visit").await?;
            let done =
                finish(tx, &cx, file, from, "case.visit", details, |file| (file.version, index.clone(), again)).await?;
            Ok(answered.into_iter().fold(done, Recorded::and))
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
    let mut visits = Vec::with_capacity(rows.len());
    for row in rows {
        let record: VisitRecord = serde_json::from_str(&keys.open("visit.record", &row.record)?)?;
        visits.push(Visit {
            id: row.id,
            visited_on: row.visited_on,
            recorded_at: row.recorded_at,
            papers: kinds_of(conn, &record.papers).await?,
            record,
        });
    }
    Ok(visits)
}

/// Accounts that visited: they may not confirm (DB57 art. 11, 20).
pub(crate) async fn visitors(conn: &impl ConnectionTrait, file: &case_file::Model) -> Result<BTreeSet<String>> {
    let rows = visit::Entity::find().filter(visit::Column::CaseNo.eq(file.case_no.as_str())).all(conn).await?;
    Ok(rows.iter().flat_map(|row| row.visitors.split(',')).filter(|a| !a.is_empty()).map(str::to_owned).collect())
}
