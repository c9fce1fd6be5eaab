//! Today's recipients (the roster, DS05) become cases under assistance.

use super::rows::each_row;
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
    let columns = [
        "case_no",
        "programme",
        "start_date",
        "end_date",
        "person_id",
        "applicant_person_id",
        "benefit_month",
        "member_count",
        "region_code",
        "reverify_class",
        "last_reverify_date",
    ];
    for part in snapshot.batches(ROSTER) {
        each_row(&part.path, &columns, |row| {
            let (Some(certificate), Some(programme), Some(start_date)) = (row.text(0), row.text(1), row.date(2)) else {
                return;
            };
            let running = start_date <= as_of && row.date(3).is_none_or(|d| d >= as_of);
            // Emergency help is a single grant, not a recognition that goes on.
            if !running || programme == "temporary" {
                return;
            }
            let person = row.int(4);
            let Some(applicant) = row.int(5).or(person) else { return };
            let key = (certificate.to_owned(), programme.to_owned());
            let amount = row.int(6);
            // The roster has a row a member; the applicant's row speaks for the household, any other fills in.
            if amount.is_some() && (person == Some(applicant) || !amounts.contains_key(&key)) {
                amounts.insert(key.clone(), amount);
            }
            let entry = RosterRow {
                certificate: key.0.clone(),
                applicant: PersonId(applicant),
                household: HouseholdId(0),
                programme: key.1.clone(),
                monthly: Fen(0),
                members: row.int(7).and_then(|n| i32::try_from(n).ok()).unwrap_or(1),
                start_date,
                region_code: row.text(8).unwrap_or_default().to_owned(),
                class: row.text(9).map(str::to_owned),
                last_reverify: row.date(10),
            };
            rows.insert(key, entry);
        })?;
    }
    let wanted: HashSet<i64> = rows.values().map(|r| r.applicant.0).collect();
    let mut households: HashMap<i64, i64> = HashMap::with_capacity(wanted.len());
    for part in snapshot.batches(REGISTER) {
        each_row(&part.path, &["person_id", "household_id", "reg_status"], |row| {
            if let (Some(person), Some(household)) = (row.int(0), row.int(1))
                && wanted.contains(&person)
                && row.text(2).is_none_or(|s| s == "active")
            {
                households.insert(person, household);
            }
        })?;
    }
    let paid = last_paid(&snapshot, &wanted)?;
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

/// The newest payment of each of those wanted.
fn last_paid(snapshot: &Snapshot, wanted: &HashSet<i64>) -> Result<Paid, VerbError> {
    let mut paid = Paid::new();
    for part in snapshot.batches(PAYMENTS) {
        each_row(&part.path, &["payee_person_id", "programme", "pay_month", "amount", "status"], |row| {
            let (Some(payee), Some(programme), Some(month), Some(amount)) =
                (row.int(0).filter(|payee| wanted.contains(payee)), row.text(1), row.date(2), row.int(3))
            else {
                return;
            };
            if row.text(4) == Some("paid") {
                let newest = paid.entry((payee, programme.to_owned())).or_insert((month, amount));
                if newest.0 < month {
                    *newest = (month, amount);
                }
            }
        })?;
    }
    Ok(paid)
}
