//! Today's recipients (the roster, DS05) become cases under assistance.

use super::findings::{date, each_batch, int, text};
use crate::error::VerbError;
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::{BTreeMap, HashMap, HashSet};
use tuodi_casework::{Imported, RosterRow, import_roster};
use tuodi_pack::{Fen, HouseholdId, Pack, PersonId};
use tuodi_pool::Pool;
use tuodi_store::Store;

const ROSTER: &str = "DS05";
const REGISTER: &str = "DS01";

/// Reads who is on the roster on that day and hands them to casework; those known are left alone.
pub async fn import(
    store: &Store,
    pack: &Pack,
    pool: &Pool,
    as_of: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Imported, VerbError> {
    let snapshot = pool.snapshot()?;
    // One row a certificate and programme: the latest, by its applicant.
    let mut rows: BTreeMap<(String, String), RosterRow> = BTreeMap::new();
    for part in snapshot.batches(ROSTER) {
        each_batch(&part.path, |batch| {
            for i in 0..batch.num_rows() {
                let running = date(batch, "start_date", i).is_some_and(|d| d <= as_of)
                    && date(batch, "end_date", i).is_none_or(|d| d >= as_of);
                let (Some(certificate), Some(programme), Some(start_date)) =
                    (text(batch, "case_no", i), text(batch, "programme", i), date(batch, "start_date", i))
                else {
                    continue;
                };
                // Emergency help is a single grant, not a recognition that goes on.
                if !running || programme == "temporary" {
                    continue;
                }
                let Some(applicant) = int(batch, "applicant_person_id", i).or_else(|| int(batch, "person_id", i))
                else {
                    continue;
                };
                rows.insert(
                    (certificate.clone(), programme.clone()),
                    RosterRow {
                        certificate,
                        applicant: PersonId(applicant),
                        household: HouseholdId(0),
                        programme,
                        monthly: Fen(int(batch, "benefit_month", i).unwrap_or(0)),
                        members: int(batch, "member_count", i).and_then(|n| i32::try_from(n).ok()).unwrap_or(1),
                        start_date,
                        region_code: text(batch, "region_code", i).unwrap_or_default(),
                        class: text(batch, "reverify_class", i),
                        last_reverify: date(batch, "last_reverify_date", i),
                    },
                );
            }
        })?;
    }
    let wanted: HashSet<i64> = rows.values().map(|r| r.applicant.0).collect();
    let mut households: HashMap<i64, i64> = HashMap::with_capacity(wanted.len());
    for part in snapshot.batches(REGISTER) {
        each_batch(&part.path, |batch| {
            for i in 0..batch.num_rows() {
                if let (Some(person), Some(household)) = (int(batch, "person_id", i), int(batch, "household_id", i))
                    && wanted.contains(&person)
                    && text(batch, "reg_status", i).is_none_or(|s| s == "active")
                {
                    households.insert(person, household);
                }
            }
        })?;
    }
    let rows = rows
        .into_values()
        .filter_map(|mut row| {
            // Somebody who no longer lives here has no household to assist; M033 and M071 watch for them.
            row.household = HouseholdId(*households.get(&row.applicant.0)?);
            Some(row)
        })
        .collect();
    Ok(import_roster(store, pack, rows, now).await?)
}
