//! Where known answers come from: the newest source of each field that is not too old.

use super::{KnownFact, Origin, Said, authorised};
use crate::{
    CaseNo, CaseState, Cx,
    change::typed,
    check,
    difference::Use,
    draft::{self, Fields, UNKNOWN},
    error::Result,
    tables::case_file,
};
use chrono::{Days, NaiveDate};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use tuodi_pack::{Fen, PersonId};
use tuodi_registry::{Household, Person};

fn fact(field: &str, value: impl Into<String>, origin: Origin) -> KnownFact {
    let (field, value) = (field.to_owned(), value.into());
    KnownFact { field, value, origin, reference: None, as_of: None, said: Said::Open }
}

fn holds(cx: &Cx, since: NaiveDate, days: u32) -> bool {
    days > 0 && since.checked_add_days(Days::new(u64::from(days))).is_some_and(|last| last >= cx.today())
}

/// The applicant's own last application that was sent. What was said in a case that was ended is not used further.
async fn earlier(cx: &Cx, file: &case_file::Model) -> Result<Option<(case_file::Model, NaiveDate)>> {
    use case_file::Column as C;
    let row = case_file::Entity::find()
        .filter(C::HouseholdId.eq(file.household_id))
        .filter(C::ApplicantId.eq(file.applicant_id))
        .filter(C::CaseNo.ne(file.case_no.as_str()))
        .filter(C::SubmittedOn.is_not_null())
        .filter(C::State.ne(CaseState::Terminated.id()))
        .order_by_desc(C::SubmittedOn)
        .order_by_desc(C::CaseNo)
        .one(cx.store.read())
        .await?;
    Ok(row.and_then(|row| row.submitted_on.map(|on| (row, on))))
}

/// Everything on file for the applicant of a case, whoever will be shown it.
pub(crate) async fn gather(
    cx: &Cx,
    file: &case_file::Model,
    household: &Household,
    fields: &Fields,
) -> Result<Vec<KnownFact>> {
    if cx.pack.workflow.known.is_empty() {
        return Ok(Vec::new());
    }
    let mut facts = register(cx, file, household).await?;
    if let Some((before, on)) = earlier(cx, file).await? {
        facts.extend(told(cx, &before, on, household, PersonId(file.applicant_id)).await?);
        facts.extend(checked(cx, file, &before, household, fields).await?);
    }
    // The newest first; the register does not say when.
    facts.sort_by(|a, b| (&a.field, b.as_of).cmp(&(&b.field, a.as_of)));
    facts.dedup_by(|later, first| later.field == first.field);
    Ok(facts)
}

async fn register(cx: &Cx, file: &case_file::Model, household: &Household) -> Result<Vec<KnownFact>> {
    let asks = |field: &str| cx.pack.workflow.known(field).is_some_and(|rule| rule.register);
    let mut facts = Vec::new();
    let mut add = |field: &str, value: Option<&str>| {
        if let Some(value) = value.map(str::trim).filter(|v| !v.is_empty() && asks(field)) {
            facts.push(fact(field, value, Origin::Register));
        }
    };
    let owner = household.members.iter().find(|m| m.id.0 == file.applicant_id);
    add("address", owner.and_then(|p| p.address.as_deref()));
    add("phone", owner.and_then(|p| p.phone.as_deref()));
    if asks("account") || asks("bank") {
        let account = tuodi_registry::account(&cx.store, PersonId(file.applicant_id)).await?;
        add("bank", account.as_ref().map(|a| a.bank.as_str()));
        add("account", account.as_ref().map(|a| a.number.as_str()));
    }
    Ok(facts)
}

/// Whose an answer is: of a member, or of the household as a whole.
fn member_of<'h>(field: &str, household: &'h Household) -> Option<Option<&'h Person>> {
    match field.split_once('.') {
        None => Some(None),
        Some((_, id)) => household.members.iter().find(|m| id.parse() == Ok(m.id.0)).map(Some),
    }
}

async fn told(
    cx: &Cx,
    before: &case_file::Model,
    on: NaiveDate,
    household: &Household,
    owner: PersonId,
) -> Result<Vec<KnownFact>> {
    let answers = typed(cx.store.read(), cx.store.keys(), &before.case_no).await?;
    let mut facts = Vec::new();
    for (field, value) in &answers {
        let value = value.trim();
        let Some(rule) = cx.pack.workflow.known(field) else { continue };
        // Somebody who has left the household since is not asked about.
        let Some(member) = member_of(field, household) else { continue };
        // Another adult's means were theirs to tell.
        let of_another = member.is_some_and(|m| m.id != owner && draft::is_adult(m, cx.today()));
        if value.is_empty() || value == UNKNOWN || !holds(cx, on, rule.told_days) || (rule.sensitive && of_another) {
            continue;
        }
        let found = fact(field, value, Origin::Told);
        facts.push(KnownFact { reference: Some(CaseNo(before.case_no.clone())), as_of: Some(on), ..found });
    }
    Ok(facts)
}

/// What departments answered of the household's means: of somebody who is its only adult, and as long as they agree.
async fn checked(
    cx: &Cx,
    file: &case_file::Model,
    before: &case_file::Model,
    household: &Household,
    fields: &Fields,
) -> Result<Vec<KnownFact>> {
    let conn = cx.store.read();
    let another = |m: &Person| m.id.0 != file.applicant_id && draft::is_adult(m, cx.today());
    // Who lives there is said by the applicant alone as long as the form is filled in: whoever was in the sum that
    // departments answered must not have been another adult either.
    let then = typed(conn, cx.store.keys(), &before.case_no).await?;
    let in_the_sum = then.iter().filter(|(field, said)| field.starts_with("member.") && said.as_str() == "here");
    let others_then = in_the_sum.map(|(field, _)| member_of(field, household).flatten()).any(|m| m.is_none_or(another));
    let here = draft::living_here(fields, &household.members);
    let others = others_then || here.into_iter().any(another);
    if others || !authorised(conn, cx, file).await? {
        return Ok(Vec::new());
    }
    let Some(check) = check::latest(conn, cx.store.keys(), &before.case_no).await? else { return Ok(Vec::new()) };
    let mut facts = Vec::new();
    for rule in cx.pack.workflow.known.iter().filter(|rule| holds(cx, check.as_of, rule.checked_days)) {
        let Some(item) = cx.pack.workflow.compared_alone(&rule.field) else { continue };
        let Some(seen) = check.differences.iter().find(|d| d.item == item.id && d.person.is_none()) else { continue };
        // What an officer judged wrong is not told again.
        let wrong = seen.resolution.as_ref().is_some_and(|r| r.use_ == Use::Declared);
        let Some(value) = seen.found.filter(|_| !wrong) else { continue };
        let money = seen.unit.starts_with("fen");
        let value = if money { Fen(value).to_string().replace(',', "") } else { value.to_string() };
        let found = fact(&rule.field, value, Origin::Checked);
        facts.push(KnownFact { reference: Some(CaseNo(before.case_no.clone())), as_of: Some(check.as_of), ..found });
    }
    Ok(facts)
}
