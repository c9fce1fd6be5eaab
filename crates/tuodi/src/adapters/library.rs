//! The low-income library after a pass: departments' lists, findings, alerts and our own benefits, read once and handed
//! to the registry as one survey.

use super::findings::{date, each_batch, int, text};
use crate::error::VerbError;
use chrono::{DateTime, NaiveDate, Utc};
use std::{collections::BTreeMap, path::Path};
use tuodi_pack::{
    HouseholdId, Pack, PersonId, Withheld,
    library::{Help, kind_of},
};
use tuodi_pool::{Pool, Snapshot};
use tuodi_registry::library::{HelpRow, Kept, OWN, Survey};
use tuodi_store::Store;
use tuodi_watch::Run;
use tuodi_web::{FundFigure, FundState};

/// Keeps the library as of the run whose findings are in `folder`. `withheld`: sources that the pass was refused.
pub async fn keep(
    store: &Store,
    pack: &Pack,
    pool: &Pool,
    withheld: &[Withheld],
    folder: &Path,
    run: &Run,
    now: DateTime<Utc>,
) -> Result<Kept, VerbError> {
    let mut survey = Survey { run: run.id.clone(), on: run.as_of, ..Survey::default() };
    let mut snapshot = pool.snapshot()?;
    // What the pass could not read, this cannot read either: its lines stay as they are.
    snapshot.sources.retain(|source, _| withheld.iter().all(|w| w.source != *source));
    for help in &pack.library.help {
        read_help(pack, &snapshot, help, &mut survey)?;
    }
    survey.help.extend(tuodi_casework::own_help(store).await?);
    survey.sources.insert(OWN.to_owned());
    survey.checks = tuodi_casework::own_checks(store).await?;
    survey.alerts = tuodi_watch::open_alerts(store).await?;
    each_batch(&folder.join("households.parquet"), |batch| {
        for row in 0..batch.num_rows() {
            let (Some(household), Some(tier)) = (int(batch, "household_id", row), text(batch, "tier", row)) else {
                continue;
            };
            if pack.programme(&tier).is_some() {
                survey.found.insert(HouseholdId(household), tier);
            }
        }
    })?;
    Ok(tuodi_registry::library::keep(store, pack, survey, now).await?)
}

fn read_help(pack: &Pack, snapshot: &Snapshot, help: &Help, survey: &mut Survey) -> Result<(), VerbError> {
    let Some(source) = pack.source(&help.source) else { return Ok(()) };
    let column = |name: &str| source.column(name).and_then(|c| c.pool_name()).unwrap_or_default();
    let (person, from) = (column(&help.person), column(&help.from));
    let kind = help.kind.as_deref().map(column);
    let to = help.to.as_deref().map(column);
    let state = help.state.as_deref().map(column);
    let monthly = help.monthly.as_deref().map(column);
    for part in snapshot.batches(&help.source) {
        survey.sources.insert(help.source.clone());
        each_batch(&part.path, |batch| {
            for row in 0..batch.num_rows() {
                let (Some(person), Some(from)) = (int(batch, &person, row), date(batch, &from, row)) else { continue };
                let code = match &kind {
                    Some(kind) => text(batch, kind, row),
                    None => help.programme.clone(),
                };
                let Some(code) = code else { continue };
                let Some(programme) = kind_of(&help.kinds, &help.skip, &code) else { continue };
                let to = to.as_deref().and_then(|to| date(batch, to, row));
                let state = state.as_deref().and_then(|state| text(batch, state, row));
                if help.is_over(state.as_deref(), to) {
                    continue;
                }
                survey.help.push(HelpRow {
                    person: PersonId(person),
                    source: help.source.clone(),
                    programme: programme.to_owned(),
                    from,
                    to,
                    monthly: monthly.as_deref().and_then(|monthly| int(batch, monthly, row)),
                });
            }
        })?;
    }
    Ok(())
}

/// Source, programme, month, region and state: of what payments are summed up.
type SumOf = (String, String, NaiveDate, String, FundState);

/// Sums of the payment lists that the pack names: exact, in fen, without names.
pub fn funds(pack: &Pack, snapshot: &Snapshot) -> Result<Vec<FundFigure>, VerbError> {
    let mut sums: BTreeMap<SumOf, (u64, i64)> = BTreeMap::new();
    for fund in &pack.library.funds {
        for part in snapshot.batches(&fund.source) {
            each_batch(&part.path, |batch| {
                for row in 0..batch.num_rows() {
                    let (Some(code), Some(month), Some(amount)) =
                        (text(batch, &fund.kind, row), date(batch, &fund.month, row), int(batch, &fund.amount, row))
                    else {
                        continue;
                    };
                    let Some(programme) = kind_of(&fund.kinds, &[], &code) else { continue };
                    let state = match text(batch, &fund.status, row) {
                        Some(status) if status == fund.paid => FundState::Paid,
                        Some(status) if status == fund.returned => FundState::Returned,
                        _ => FundState::Pending,
                    };
                    let region = text(batch, &fund.region, row).unwrap_or_default();
                    let key = (fund.source.clone(), programme.to_owned(), month, region, state);
                    let (n, sum) = sums.entry(key).or_default();
                    *n += 1;
                    *sum += amount;
                }
            })?;
        }
    }
    Ok(sums
        .into_iter()
        .map(|((source, programme, month, region, state), (payments, sum))| FundFigure {
            source,
            programme,
            month,
            region,
            state,
            payments,
            sum,
        })
        .collect())
}
