//! Somebody tells of an emergency, and one visit or call makes sure.

use super::{
    EmergencyAct, EmergencyState, SEALED, SEALED_FOUND, Told, WHO, authorise, authorise_act, file, fine, line, load,
    load_for, moment, put, rules, save, subject, words,
};
use crate::{CaseError, CaseNo, Cx, FieldError, application::at_level, change::change, error::Result};
use chrono::{DateTime, Datelike, Duration, Utc};
use sea_orm::{ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tuodi_access::Act;
use tuodi_pack::{PersonId, codes, id_no::IdNo, region::RegionLevel};
use tuodi_store::{Recorded, Tx, next_number};

/// What was told longer ago is no emergency to be helped within hours.
const OLDEST_DAYS: i64 = 30;
const MOST_PERSONS: u32 = 30;

codes! {
    /// How the office heard of it.
    Source {
        WalkIn = "walk_in", "本人或家人上门", "came to the window";
        Phone = "phone", "电话求助", "called";
        Clue = "clue", "网格员、邻居等报告", "a neighbour or grid worker told";
        Found = "found", "工作人员或部门发现", "found by an officer or a department";
    }
}

/// What is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Who is on the register here; unset: whoever is named.
    pub person: Option<PersonId>,
    pub name: String,
    /// May be empty.
    pub id_no: String,
    pub phone: String,
    /// Where they are now.
    pub place: String,
    /// Region code of where it happened.
    pub region: String,
    pub kind: String,
    pub source: String,
    pub persons: Option<u32>,
    pub told_at: Option<DateTime<Utc>>,
    pub text: String,
}

/// What telling leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    pub no: String,
    /// It was open already; what was told is with it.
    pub known: bool,
}

/// What a visit or a call found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// visit, call
    pub how: String,
    pub at: Option<DateTime<Utc>>,
    /// Whether it is an emergency.
    pub holds: Option<bool>,
    /// Of the pack, where it is one.
    pub grade: String,
    pub persons: Option<u32>,
    /// What was seen or heard; where it is none, what they were told and where to.
    pub text: String,
}

/// Somebody told of an emergency: the clock runs. A second word of the same household or person goes to the same file.
pub async fn report_emergency(cx: &Cx, report: Report, key: &str) -> Result<Reported> {
    let rules = rules(cx)?;
    let mut errors = Vec::new();
    let person = match report.person {
        Some(id) => {
            let person = crate::application::applicant_of(cx, id).await?;
            // Whom the actor could not look up, is named as they say it.
            cx.authorise_region(Act::SearchPeople, "people", "", &person.region_code)?;
            Some(person)
        }
        None => None,
    };
    let typed = line("name", &report.name, person.is_none(), &mut errors);
    let number = report.id_no.trim();
    if person.is_none() && !number.is_empty() && IdNo::parse(number).is_err() {
        errors.push(FieldError::new("id_no", "error.id_no"));
    }
    let told = Told {
        name: person.as_ref().map_or(typed, |p| p.name.clone()),
        id_no: person.as_ref().map_or_else(|| number.to_ascii_uppercase(), |p| p.id_no.clone()),
        phone: line("phone", &report.phone, false, &mut errors),
        place: line("place", &report.place, true, &mut errors),
        words: vec![words("text", &report.text, true, &mut errors)],
    };
    if !rules.kinds.iter().any(|k| k.id == report.kind) {
        errors.push(FieldError::new("kind", "error.choice"));
    }
    if Source::from_id(&report.source).is_none() {
        errors.push(FieldError::new("source", "error.choice"));
    }
    if !report.persons.is_some_and(|n| (1..=MOST_PERSONS).contains(&n)) {
        errors.push(FieldError::new("persons", "error.count"));
    }
    let at_village = cx.pack.regions.get(&report.region).is_some()
        && matches!(RegionLevel::of_code(&report.region), RegionLevel::Village | RegionLevel::Township);
    if !at_village {
        errors.push(FieldError::new("region", "error.choice"));
    }
    let told_at = moment(cx, "told_at", report.told_at, cx.now - Duration::days(OLDEST_DAYS), &mut errors);
    fine(errors)?;
    let who_key = IdNo::parse(&told.id_no).ok().map(|id| cx.store.keys().blind(WHO, id.as_str()));
    let row = file::Model {
        no: String::new(),
        state: EmergencyState::Reported.id().to_owned(),
        is_open: true,
        version: 1,
        household_id: person.as_ref().and_then(|p| p.household_id).map(|h| h.0),
        person_id: person.as_ref().map(|p| p.id.0),
        who_key,
        township: at_level(&report.region, RegionLevel::Township),
        county: at_level(&report.region, RegionLevel::County),
        region_code: report.region,
        kind: report.kind,
        source: report.source,
        content: cx.store.keys().seal(SEALED, &serde_json::to_string(&told)?),
        persons: report.persons.unwrap_or(1) as i32,
        told_at,
        advance_due: told_at + Duration::hours(i64::from(rules.advance_hours)),
        due_at: told_at + Duration::hours(i64::from(rules.advance_hours)),
        raised: None,
        verified_at: None,
        verified_by: None,
        verified_how: None,
        found: None,
        grade: None,
        papers_due: None,
        papers_on: None,
        papers: String::new(),
        papers_note: None,
        papers_by: None,
        total: None,
        referrals: String::new(),
        proposal: None,
        proposed_by: None,
        decision: None,
        agreed: None,
        decided_by: None,
        decided_on: None,
        minutes: String::new(),
        outcome: None,
        opened_by: cx.actor.account.clone(),
        opened_at: cx.at(),
        closed_on: None,
    };
    authorise(cx, Act::Apply, &row, Vec::new()).await?;
    match open(cx, row.clone(), told.clone(), key).await {
        // Two doors at the same moment: the index let one through, and the other's words go to it.
        Err(CaseError::Store(error)) if error.is_duplicate() => open(cx, row, told, key).await,
        other => other,
    }
}

async fn open(cx: &Cx, mut row: file::Model, told: Told, key: &str) -> Result<Reported> {
    let cx2 = cx.clone();
    change(cx, "emergency.report", format!("emergency:{}", row.township), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            if let Some(known) = open_of(tx.conn(), &row).await? {
                return told_again(tx, &cx, known, told).await;
            }
            let year = cx.today().year();
            let number = next_number(tx, &format!("emergency:{year}")).await?;
            row.no = CaseNo::new(&format!("{}J", cx.pack.info.case_prefix), year, number).0;
            put(&cx, &mut row, EmergencyState::Reported)?;
            let details = json!({ "kind": row.kind, "source": row.source, "due": row.advance_due });
            let entry = cx.entry("emergency.report", subject(&row.no), &row.region_code, details);
            let no = row.no.clone();
            file::Entity::insert(row.into_active_model().reset_all()).exec_without_returning(tx.conn()).await?;
            Ok(Recorded::new(Reported { no, known: false }, entry))
        })
    })
    .await
}

async fn open_of(conn: &impl ConnectionTrait, row: &file::Model) -> Result<Option<file::Model>> {
    let mut same = Condition::any();
    if let Some(household) = row.household_id {
        same = same.add(file::Column::HouseholdId.eq(household));
    }
    if let Some(who) = &row.who_key {
        same = same.add(file::Column::WhoKey.eq(who.clone()));
    }
    if same.is_empty() {
        return Ok(None);
    }
    Ok(file::Entity::find().filter(file::Column::IsOpen.eq(true)).filter(same).one(conn).await?)
}

async fn told_again(tx: &Tx, cx: &Cx, mut known: file::Model, told: Told) -> Result<Recorded<Reported>> {
    let mut before: Told = serde_json::from_str(&tx.keys().open(SEALED, &known.content)?)?;
    before.words.extend(told.words);
    known.content = tx.keys().seal(SEALED, &serde_json::to_string(&before)?);
    let no = known.no.clone();
    let saved = save(tx, cx, known, "emergency.told_again", json!({})).await?;
    Ok(saved.map(|_| Reported { no, known: true }))
}

/// Writes down the one visit or call. That it is no emergency is said by the township, with its reason and the way on.
pub async fn verify_emergency(cx: &Cx, no: &str, version: i32, found: Found, key: &str) -> Result<i32> {
    let row = load(cx.store.read(), no).await?;
    authorise_act(cx, EmergencyAct::Verify, &row).await?;
    let holds = found.holds;
    if holds == Some(false) {
        authorise(cx, Act::Review, &row, Vec::new()).await?;
    }
    let mut errors = Vec::new();
    if !["visit", "call"].contains(&found.how.as_str()) {
        errors.push(FieldError::new("how", "error.choice"));
    }
    let at = moment(cx, "at", found.at, row.told_at, &mut errors);
    if holds.is_none() {
        errors.push(FieldError::new("holds", "error.choice"));
    }
    if holds == Some(true) {
        if rules(cx)?.grade(&found.grade).is_none() {
            errors.push(FieldError::new("grade", "error.choice"));
        }
        if !found.persons.is_some_and(|n| (1..=MOST_PERSONS).contains(&n)) {
            errors.push(FieldError::new("persons", "error.count"));
        }
    }
    let text = words("text", &found.text, true, &mut errors);
    fine(errors)?;
    let (cx2, no2) = (cx.clone(), no.to_owned());
    change(cx, "emergency.verify", subject(no), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut row = load_for(tx, &no2, version, EmergencyAct::Verify).await?;
            row.verified_at = Some(at);
            row.verified_by = Some(cx.actor.account.clone());
            row.verified_how = Some(found.how.clone());
            row.found = Some(tx.keys().seal(SEALED_FOUND, &text));
            if holds == Some(true) {
                row.grade = Some(found.grade.clone());
                row.persons = found.persons.map_or(row.persons, |n| n as i32);
                put(&cx, &mut row, EmergencyState::Verified)?;
            } else {
                row.outcome = Some("no_emergency".to_owned());
                put(&cx, &mut row, EmergencyState::Closed)?;
            }
            let details = json!({ "how": found.how, "holds": holds, "grade": row.grade });
            save(tx, &cx, row, "emergency.verify", details).await
        })
    })
    .await
}
