//! What a case adds to departments' data: declared facts (PF01), what a home visit found (PF02) and its assessment (PF03,
//! PF04).

use crate::{
    CaseState,
    error::Result,
    platform::assessed,
    tables::{case_file, declared_fact, visit},
    visit::VisitRecord,
};
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};
use tuodi_pack::{HouseholdId, OverlayRow, Pack};
use tuodi_store::{Keys, Store};

pub const DECLARED: &str = "PF01";
pub const VISITED: &str = "PF02";

fn row(source: &str, household: i64, person: Option<i64>) -> Map<String, Value> {
    debug_assert!(source == DECLARED || source == VISITED);
    let mut values = Map::new();
    values.insert("household_id".to_owned(), household.into());
    values.insert("person_id".to_owned(), person.map_or(Value::Null, Value::from));
    values
}

fn overlay(source: &str, values: Map<String, Value>) -> OverlayRow {
    OverlayRow { source: source.to_owned(), values }
}

fn date(day: NaiveDate) -> Value {
    Value::String(day.to_string())
}

/// One row a member and one for the household, with the columns that were answered.
pub(crate) fn declared_rows(
    keys: &Keys,
    file: &case_file::Model,
    facts: &[declared_fact::Model],
) -> Result<Vec<OverlayRow>> {
    let mut rows: BTreeMap<Option<i64>, Map<String, Value>> = BTreeMap::new();
    for fact in facts {
        // "I do not know" leaves the column empty: unknown, never zero.
        let Some(sealed) = &fact.value else { continue };
        let value = keys.open("declared_fact.value", sealed)?;
        let Ok(value) = value.parse::<i64>() else { continue };
        let values = rows.entry(fact.person_id).or_insert_with(|| {
            let mut values = row(DECLARED, file.household_id, fact.person_id);
            values.insert("declared_date".to_owned(), date(fact.declared_on));
            values.insert("case_no".to_owned(), keys.token("case_no", &file.case_no).into());
            values
        });
        values.insert(fact.name.clone(), value.into());
    }
    Ok(rows.into_values().map(|values| overlay(DECLARED, values)).collect())
}

pub(crate) fn visit_rows(keys: &Keys, file: &case_file::Model, visits: &[visit::Model]) -> Result<Vec<OverlayRow>> {
    let mut rows = Vec::new();
    for model in visits {
        let record: VisitRecord = serde_json::from_str(&keys.open("visit.record", &model.record)?)?;
        for member in &record.members {
            let mut values = row(VISITED, file.household_id, Some(member.person.0));
            values.insert("visit_date".to_owned(), date(model.visited_on));
            if let Some(failed) = member.self_care_fail {
                values.insert("self_care_fail".to_owned(), failed.into());
            }
            if let Some(able) = member.has_able_supporter {
                values.insert("has_able_supporter".to_owned(), able.into());
            }
            if let Some(ability) = member.work_ability {
                values.insert("work_ability".to_owned(), ability.id().into());
            }
            if let Some(here) = member.lives_here {
                values.insert("lives_here".to_owned(), here.into());
            }
            if let Some(serious) = member.serious_disease {
                values.insert("serious_disease".to_owned(), serious.into());
            }
            if let Some(wage) = member.wage_month {
                values.insert("wage_month".to_owned(), wage.0.into());
            }
            rows.push(overlay(VISITED, values));
        }
    }
    Ok(rows)
}

/// The assessments of these visits, for the sources that the pack has.
fn assessments(keys: &Keys, pack: &Pack, file: &case_file::Model, visits: &[visit::Model]) -> Result<Vec<OverlayRow>> {
    let mut rows = Vec::new();
    for model in visits {
        let record: VisitRecord = serde_json::from_str(&keys.open("visit.record", &model.record)?)?;
        let VisitRecord { answers, index, .. } = &record;
        rows.extend(assessed(&pack.assessment, file.household_id, model.visited_on, answers, index));
    }
    rows.retain(|row| pack.source(&row.source).is_some());
    Ok(rows)
}

/// Both kinds of rows of one case: declared; seen and assessed at visits.
pub(crate) async fn of_case(
    conn: &impl ConnectionTrait,
    keys: &Keys,
    pack: &Pack,
    file: &case_file::Model,
) -> Result<(Vec<OverlayRow>, Vec<OverlayRow>)> {
    let facts = declared_fact::Entity::find()
        .filter(declared_fact::Column::CaseNo.eq(file.case_no.as_str()))
        .order_by_asc(declared_fact::Column::Id)
        .all(conn)
        .await?;
    let visits = visit::Entity::find()
        .filter(visit::Column::CaseNo.eq(file.case_no.as_str()))
        .order_by_asc(visit::Column::Id)
        .all(conn)
        .await?;
    let mut seen = visit_rows(keys, file, &visits)?;
    seen.extend(assessments(keys, pack, file, &visits)?);
    Ok((declared_rows(keys, file, &facts)?, seen))
}

/// The same of every accepted case of one household.
pub async fn platform_rows_of(store: &Store, pack: &Pack, household: HouseholdId) -> Result<Vec<OverlayRow>> {
    let files = accepted().filter(case_file::Column::HouseholdId.eq(household.0)).all(store.read()).await?;
    let mut rows = Vec::new();
    for file in &files {
        let (declared, seen) = of_case(store.read(), store.keys(), pack, file).await?;
        rows.extend(declared.into_iter().chain(seen));
    }
    Ok(rows)
}

/// Cases whose rows others may read, in their order: what was said in a case that was ended is not used further.
fn accepted() -> Select<case_file::Entity> {
    case_file::Entity::find()
        .filter(case_file::Column::AcceptedOn.is_not_null())
        .filter(case_file::Column::State.ne(CaseState::Terminated.id()))
        .order_by_asc(case_file::Column::CaseNo)
}

/// Every declared fact and visit of accepted cases, for the next population pass: what people told us goes back
/// into the pool as a source like any other.
pub async fn platform_rows(store: &Store) -> Result<Vec<OverlayRow>> {
    const CASES: u64 = 5_000;
    let mut rows = Vec::new();
    let mut after = String::new();
    loop {
        let next = accepted().filter(case_file::Column::CaseNo.gt(after.as_str())).limit(CASES);
        let files = next.all(store.read()).await?;
        let Some(last) = files.last() else { return Ok(rows) };
        let until = last.case_no.clone();
        let mut facts: HashMap<String, Vec<declared_fact::Model>> = HashMap::new();
        for fact in declared_fact::Entity::find()
            .filter(declared_fact::Column::CaseNo.gt(after.as_str()))
            .filter(declared_fact::Column::CaseNo.lte(until.as_str()))
            .order_by_asc(declared_fact::Column::Id)
            .all(store.read())
            .await?
        {
            facts.entry(fact.case_no.clone()).or_default().push(fact);
        }
        let mut visits: HashMap<String, Vec<visit::Model>> = HashMap::new();
        for visit in visit::Entity::find()
            .filter(visit::Column::CaseNo.gt(after.as_str()))
            .filter(visit::Column::CaseNo.lte(until.as_str()))
            .order_by_asc(visit::Column::Id)
            .all(store.read())
            .await?
        {
            visits.entry(visit.case_no.clone()).or_default().push(visit);
        }
        for file in &files {
            if let Some(facts) = facts.get(&file.case_no) {
                rows.extend(declared_rows(store.keys(), file, facts)?);
            }
            if let Some(visits) = visits.get(&file.case_no) {
                rows.extend(visit_rows(store.keys(), file, visits)?);
            }
        }
        after = until;
    }
}
