//! Handing cases to a colleague, one or several at once, with the reason.

use super::{MOST_CASES, MOST_TEXT, stands_in_for};
use crate::{
    CaseError, CaseNo, Cx, FieldError,
    change::{change, load, save, state_of, tell},
    error::Result,
    kin,
    tables::{absence, case_file, hand_over},
};
use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
};
use serde_json::json;
use std::collections::BTreeMap;
use tuodi_access::{Access, Account, Act, Resource, Role, Sensitivity, accounts};
use tuodi_pack::HouseholdId;
use tuodi_store::{Entry, Recorded, Tx};

const SEALED: &str = "hand_over.reason";

/// Somebody who can be given a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colleague {
    pub account: String,
    pub name: String,
    pub role: Role,
    pub region: String,
    /// Away until that day, and who stands in.
    pub away: Option<(NaiveDate, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOver {
    pub from: Option<String>,
    pub to: String,
    pub by: String,
    pub on: NaiveDate,
    pub reason: String,
}

/// Roles that hold cases (workflow.md 2).
fn holds_cases(role: Role) -> bool {
    let roles = [Role::TownshipOfficer, Role::TownshipLeader, Role::DistrictOfficer, Role::Reviewer, Role::CheckCentre];
    roles.contains(&role)
}

/// Those of the actor's region and below to whom a case can be given.
pub async fn colleagues(cx: &Cx) -> Result<Vec<Colleague>> {
    cx.authorise_region(Act::ViewQueue, "queue", "", &cx.actor.region)?;
    let away: BTreeMap<String, (NaiveDate, String)> = absence::Entity::find()
        .filter(super::absence::holding(cx.today()))
        .order_by_asc(absence::Column::Id)
        .all(cx.store.read())
        .await?
        .into_iter()
        .map(|row| (row.account, (row.to_day, row.delegate)))
        .collect();
    let all = accounts::officers(&cx.store, &cx.actor.region).await?;
    Ok(all
        .into_iter()
        .filter(|a| holds_cases(a.role))
        .map(|a| Colleague {
            away: away.get(&a.id).cloned(),
            account: a.id,
            name: a.name,
            role: a.role,
            region: a.region,
        })
        .collect())
}

/// Whose case it is may give it away; one that nobody holds anybody may take on behalf of the desk; leaders and the
/// district may give what others hold.
fn authorise(cx: &Cx, file: &case_file::Model, mine: &[String]) -> Result<()> {
    let own = file.assignee.as_ref().is_none_or(|a| mine.contains(a));
    let owner = HouseholdId(file.household_id);
    let case = Resource::of_household("case", &file.case_no, &file.region_code, owner, Sensitivity::Personal)
        .excluding(kin::kept_out(file))
        .assigned_to(own.then(|| cx.actor.account.clone()));
    cx.access.authorise(&cx.actor, Act::Assign, &case, "casework")?;
    Ok(())
}

/// Nothing is left to give: the form sent twice, or somebody was quicker.
fn is_theirs(file: &case_file::Model, to: &str) -> bool {
    file.assignee.as_deref() == Some(to)
}

/// Nobody is given a case that they could not open.
fn can_hold(access: &Access, to: &Account, file: &case_file::Model) -> bool {
    let owner = HouseholdId(file.household_id);
    let case = Resource::of_household("case", &file.case_no, &file.region_code, owner, Sensitivity::Personal);
    holds_cases(to.role)
        && !kin::kept_out(file).contains(&to.id)
        && access.authorise(&to.actor(), Act::ViewCase, &case, "casework").is_ok()
}

/// Gives the cases to a colleague: all of them or none. How many changed hands; those that are the colleague's already
/// are left as they are.
pub async fn assign(cx: &Cx, cases: &[CaseNo], to: &str, reason: &str, key: &str) -> Result<u64> {
    let reason = reason.trim().to_owned();
    let mut errors = Vec::new();
    if cases.is_empty() {
        errors.push(FieldError::new("case", "error.required"));
    } else if cases.len() > MOST_CASES {
        errors.push(FieldError::new("case", "error.too_many"));
    }
    if reason.is_empty() {
        errors.push(FieldError::new("reason", "error.required"));
    } else if reason.chars().count() > MOST_TEXT {
        errors.push(FieldError::new("reason", "error.too_long"));
    }
    let account = accounts::find(&cx.store, to).await?;
    if account.is_none() {
        errors.push(FieldError::new("to", "error.choice"));
    }
    let (Some(account), true) = (account, errors.is_empty()) else { return Err(CaseError::Invalid(errors)) };
    let mine = own_and_stood_in(cx).await?;
    for case in cases {
        let file = load(cx.store.read(), case).await?;
        cx.authorise_region(Act::ViewQueue, "queue", "", &file.region_code)?;
        if is_theirs(&file, to) {
            continue;
        }
        authorise(cx, &file, &mine)?;
        if !can_hold(&cx.access, &account, &file) {
            return Err(CaseError::Invalid(vec![FieldError::new("to", "error.not_theirs")]));
        }
    }
    let (cx2, cases, to) = (cx.clone(), cases.to_vec(), to.to_owned());
    change(cx, "case.assign", format!("account:{to}"), key, move |tx| {
        Box::pin(async move {
            let mut entries: Vec<Entry> = Vec::new();
            for case in &cases {
                let file = load(tx.conn(), case).await?;
                if !is_theirs(&file, &to) {
                    // Somebody may have taken it since.
                    authorise(&cx2, &file, &mine)?;
                    entries.push(give(tx, &cx2, file, &to, &reason).await?);
                }
            }
            let given = entries.len() as u64;
            let mut entries = entries.into_iter();
            let first = entries.next().unwrap_or_else(|| {
                cx2.entry("case.assign", format!("account:{to}"), &cx2.actor.region, json!({ "given": 0 }))
            });
            Ok(entries.fold(Recorded::new(given, first), Recorded::and))
        })
    })
    .await
}

async fn give(tx: &Tx, cx: &Cx, mut file: case_file::Model, to: &str, reason: &str) -> Result<Entry> {
    let row = hand_over::ActiveModel {
        id: NotSet,
        case_no: Set(file.case_no.clone()),
        from_account: Set(file.assignee.clone()),
        to_account: Set(to.to_owned()),
        given_by: Set(cx.actor.account.clone()),
        given_on: Set(cx.today()),
        reason: Set(tx.keys().seal(SEALED, reason)),
    };
    hand_over::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    let details = json!({ "from": file.assignee, "to": to });
    file.assignee = Some(to.to_owned());
    let file = save(tx, file).await?;
    tell(tx, cx, &file, "case.assign", Some(state_of(&file)), details.clone()).await?;
    Ok(cx.entry("case.assign", crate::cx::case_no(&file).subject(), &file.region_code, details))
}

/// Accounts whose work is the actor's today: the own one and those the actor stands in for.
pub(crate) async fn own_and_stood_in(cx: &Cx) -> Result<Vec<String>> {
    let mut accounts = stands_in_for(cx).await?;
    accounts.push(cx.actor.account.clone());
    Ok(accounts)
}

/// Through whose hands a case went, newest first, for those who may open it.
pub async fn hand_overs(cx: &Cx, case: &CaseNo) -> Result<Vec<HandOver>> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::ViewCase, &file, Vec::new())?;
    if cx.actor.role.is_citizen() {
        return Ok(Vec::new());
    }
    let rows = hand_over::Entity::find()
        .filter(hand_over::Column::CaseNo.eq(case.as_str()))
        .order_by_desc(hand_over::Column::Id)
        .all(cx.store.read())
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(HandOver {
                from: row.from_account,
                to: row.to_account,
                by: row.given_by,
                on: row.given_on,
                reason: cx.store.keys().open(SEALED, &row.reason)?,
            })
        })
        .collect()
}
