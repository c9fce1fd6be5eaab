//! Today's recipients (the roster, DS05) become cases under assistance.

use super::findings::{date, each_batch, int, text};
use crate::error::VerbError;
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::{BTreeMap, HashMap, HashSet};
use tuodi_casework::{Imported, RosterRow, import_roster};
use tuodi_pack::{Fen, HouseholdId, Pack, PersonId, Withheld};
use tuodi_pool::{Pool, Snapshot};
use tuodi_store::Store;

const ROSTER: &str = "DS05";
const REGISTER: &str = "DS01";
const PAYMENTS: &str = "DS06";

/// Reads who is on the roster on that day and hands them to casework; those known are left alone. `withheld`: sources that the pass was refused.
pub async fn import(
    store: &Store,
    pack: &Pack,
    pool: &Pool,
    withheld: &[Withheld],
    as_of: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Imported, VerbError> {
    let mut snapshot = pool.snapshot()?;
    // What the pass could not read, this cannot read either.
    snapshot.sources.retain(|source, _| withheld.iter().all(|w| w.source != *source));
    // One row a certificate and programme: the latest, by its applicant.
    let mut rows: BTreeMap<(String, String), RosterRow> = BTreeMap::new();
    let mut amounts: HashMap<(String, String), Option<i64>> = HashMap::new();
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
                let person = int(batch, "person_id", i);
                let Some(applicant) = int(batch, "applicant_person_id", i).or(person) else { continue };
                let key = (certificate.clone(), programme.clone());
                let amount = int(batch, "benefit_month", i);
                // The roster has a row a member; the applicant's row speaks for the household, any other fills in.
                if amount.is_some() && (person == Some(applicant) || !amounts.contains_key(&key)) {
                    amounts.insert(key.clone(), amount);
                }
                rows.insert(
                    key,
                    RosterRow {
                        certificate,
                        applicant: PersonId(applicant),
                        household: HouseholdId(0),
                        programme,
                        monthly: Fen(0),
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
    let paid = last_paid(&snapshot)?;
    let rows = rows
        .into_iter()
        .filter_map(|(key, mut row)| {
            // Where the roster is silent, what was last paid; where that is unknown too, nought, which the pay list
            // holds back for somebody to determine.
            let last = || paid.get(&(row.applicant.0, row.programme.clone())).map(|(_, amount)| *amount);
            row.monthly = Fen(amounts.get(&key).copied().flatten().or_else(last).unwrap_or(0));
            // Somebody who no longer lives here has no household to assist; M033 and M071 watch for them.
            row.household = HouseholdId(*households.get(&row.applicant.0)?);
            Some(row)
        })
        .collect();
    Ok(import_roster(store, pack, rows, now).await?)
}

/// By payee and programme: the month of a payment and its amount in fen.
type Paid = HashMap<(i64, String), (NaiveDate, i64)>;

/// The newest payment of each.
fn last_paid(snapshot: &Snapshot) -> Result<Paid, VerbError> {
    let mut paid = Paid::new();
    for part in snapshot.batches(PAYMENTS) {
        each_batch(&part.path, |batch| {
            for i in 0..batch.num_rows() {
                let (Some(payee), Some(programme), Some(month), Some(amount)) = (
                    int(batch, "payee_person_id", i),
                    text(batch, "programme", i),
                    date(batch, "pay_month", i),
                    int(batch, "amount", i),
                ) else {
                    continue;
                };
                if text(batch, "status", i).as_deref() == Some("paid") {
                    let newest = paid.entry((payee, programme)).or_insert((month, amount));
                    if newest.0 < month {
                        *newest = (month, amount);
                    }
                }
            }
        })?;
    }
    Ok(paid)
}
