//! Drawing: of each township a share of the month's signed assessments, by a seed that anybody can draw again with.

use crate::{
    Cx,
    change::change,
    error::Result,
    first_of_month,
    tables::{case_file, rater_draw, rater_sample, visit},
};
use chrono::{Months, NaiveDate};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use tuodi_pack::{assessment::PRELIMINARY, reassess::Second};
use tuodi_store::{Recorded, insert_models};

/// Cases looked up at a time.
const CHUNK: usize = 500;

/// Month and district.
pub(super) fn seed_of(month: NaiveDate, county: &str) -> String {
    format!("{}|{county}", month.format("%Y-%m"))
}

/// Which of a township's assessments: those whose digest with the seed is smallest, so many as the share says, rounded up.
pub fn drawn(seed: &str, mut visits: Vec<i64>, share_permille: u32, least: u32) -> Vec<i64> {
    let share = (visits.len() as u64 * u64::from(share_permille)).div_ceil(1000);
    let wanted = usize::try_from(share.max(u64::from(least))).unwrap_or(usize::MAX).min(visits.len());
    visits.sort_by_cached_key(|id| (<[u8; 32]>::from(Sha256::digest(format!("{seed}|{id}"))), *id));
    visits.truncate(wanted);
    visits.sort_unstable();
    visits
}

struct Found {
    visit: i64,
    file: case_file::Model,
}

/// Whole and signed assessments of a month, the last of each household, by district and township.
async fn month_of(cx: &Cx, month: NaiveDate) -> Result<BTreeMap<String, BTreeMap<String, Vec<Found>>>> {
    let rows: Vec<(i64, String)> = visit::Entity::find()
        .select_only()
        .columns([visit::Column::Id, visit::Column::CaseNo])
        .filter(visit::Column::VisitedOn.gte(month))
        .filter(visit::Column::VisitedOn.lt(month + Months::new(1)))
        .filter(visit::Column::Completeness.gte(PRELIMINARY as i32))
        .order_by_asc(visit::Column::Id)
        .into_tuple()
        .all(cx.store.read())
        .await?;
    let mut files: HashMap<String, case_file::Model> = HashMap::new();
    let cases: Vec<&str> = rows.iter().map(|(_, case)| case.as_str()).collect();
    for chunk in cases.chunks(CHUNK) {
        let found = case_file::Entity::find().filter(case_file::Column::CaseNo.is_in(chunk.iter().copied()));
        files.extend(found.all(cx.store.read()).await?.into_iter().map(|file| (file.case_no.clone(), file)));
    }
    // Nobody calls a second time on whoever refused help or has left.
    let gone = [crate::CaseState::Terminated, crate::CaseState::Exited].map(crate::CaseState::id);
    let mut last: BTreeMap<i64, Found> = BTreeMap::new();
    for (visit, case) in rows {
        if let Some(file) = files.get(&case).filter(|file| !gone.contains(&file.state.as_str())) {
            last.insert(file.household_id, Found { visit, file: file.clone() });
        }
    }
    let mut all: BTreeMap<String, BTreeMap<String, Vec<Found>>> = BTreeMap::new();
    for found in last.into_values() {
        let townships = all.entry(found.file.county.clone()).or_default();
        townships.entry(found.file.township.clone()).or_default().push(found);
    }
    Ok(all)
}

/// For the platform itself, once a day: the month that is over is drawn once a district. How many assessments were drawn.
pub async fn draw_seconds(cx: &Cx) -> Result<u64> {
    let Some(rules) = cx.pack.workflow.assess.second.clone() else { return Ok(0) };
    let month = first_of_month(cx.today()) - Months::new(1);
    let mut count = 0;
    for (county, townships) in month_of(cx, month).await? {
        let before = rater_draw::Entity::find()
            .filter(rater_draw::Column::County.eq(county.as_str()))
            .filter(rater_draw::Column::Month.eq(month))
            .count(cx.store.read())
            .await?;
        if before == 0 {
            count += draw_county(cx, &rules, month, county, townships).await?;
        }
    }
    Ok(count)
}

async fn draw_county(
    cx: &Cx,
    rules: &Second,
    month: NaiveDate,
    county: String,
    townships: BTreeMap<String, Vec<Found>>,
) -> Result<u64> {
    let seed = seed_of(month, &county);
    let due = cx.pack.calendar.add_working_days(cx.today(), rules.limit_days)?;
    let of = townships.values().map(Vec::len).sum::<usize>();
    let mut chosen = Vec::new();
    for found in townships.into_values() {
        let visits = found.iter().map(|f| f.visit).collect();
        let visits = drawn(&seed, visits, rules.share_permille, rules.least);
        chosen.extend(found.into_iter().filter(|f| visits.binary_search(&f.visit).is_ok()));
    }
    let cx2 = cx.clone();
    change(cx, "assessment.draw", format!("county:{county}"), "", move |tx| {
        Box::pin(async move {
            let count = chosen.len();
            let row = rater_draw::ActiveModel {
                id: NotSet,
                month: Set(month),
                county: Set(county.clone()),
                seed: Set(seed.clone()),
                of: Set(of as i32),
                drawn: Set(count as i32),
                drawn_at: Set(cx2.at()),
            };
            let draw = rater_draw::Entity::insert(row).exec(tx.conn()).await?.last_insert_id;
            let visits: Vec<i64> = chosen.iter().map(|f| f.visit).collect();
            let samples = chosen.into_iter().map(|found| rater_sample::ActiveModel {
                id: NotSet,
                draw_id: Set(draw),
                month: Set(month),
                county: Set(found.file.county),
                township: Set(found.file.township),
                region_code: Set(found.file.region_code),
                household_id: Set(found.file.household_id),
                case_no: Set(found.file.case_no),
                visit_id: Set(found.visit),
                due_on: Set(due),
                assignee: Set(None),
                second_on: Set(None),
                second_by: Set(None),
                second: Set(None),
                gap: Set(None),
                large: Set(false),
                looked_on: Set(None),
                looked_by: Set(None),
                looked: Set(None),
            });
            insert_models(tx, samples.collect()).await?;
            let details =
                json!({ "month": month, "seed": seed, "of": of, "drawn": count, "visits": visits, "due": due });
            let entry = cx2.entry("assessment.draw", format!("county:{county}"), &county, details);
            Ok(Recorded::new(count as u64, entry))
        })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_and_another_month_others() {
        let all: Vec<i64> = (1..=400).collect();
        let july = drawn("2026-07|990102000000", all.clone(), 50, 1);
        assert_eq!(july.len(), 20);
        let mut turned = all.clone();
        turned.reverse();
        assert_eq!(drawn("2026-07|990102000000", turned, 50, 1), july, "in whatever order they come");
        assert_ne!(drawn("2026-08|990102000000", all, 50, 1), july);
    }

    #[test]
    fn a_small_township_is_drawn_from_too_and_never_more_than_there_are() {
        assert_eq!(drawn("s", vec![7, 8, 9], 50, 1).len(), 1);
        assert_eq!(drawn("s", vec![7, 8, 9], 50, 9), [7, 8, 9]);
        assert_eq!(drawn("s", (0..21).collect(), 50, 1).len(), 2, "rounded up");
        assert!(drawn("s", Vec::new(), 50, 1).is_empty());
    }
}
