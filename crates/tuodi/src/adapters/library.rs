//! The low-income library after a pass: departments' lists, findings, alerts and our own benefits, read once and handed
//! to the registry as one survey.

use super::rows::each_row;
use crate::error::VerbError;
use chrono::{DateTime, NaiveDate, Utc};
use std::{collections::BTreeMap, path::Path};
use tuodi_pack::{
    HouseholdId, Pack, PersonId, Withheld,
    library::{Help, kind_of},
};
use tuodi_pool::{Pool, Snapshot};
use tuodi_registry::library::{HelpRow, Kept, Listed, OWN, Survey};
use tuodi_store::Store;
use tuodi_watch::Run;
use tuodi_web::{FundFigure, FundState};

/// What departments' lists and our own decisions say of help, its lines written already. `withheld`: sources that the
/// pass was refused.
pub async fn list(
    store: &Store,
    pack: &Pack,
    pool: &Pool,
    withheld: &[Withheld],
    run: &Run,
    now: DateTime<Utc>,
) -> Result<(Survey, Listed), VerbError> {
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
    let listed = tuodi_registry::library::list(store, pack, &survey, now).await?;
    Ok((survey, listed))
}

/// Keeps the library as of the run whose findings are in `folder`, when its alerts are raised.
pub async fn keep(
    store: &Store,
    pack: &Pack,
    (mut survey, listed): (Survey, Listed),
    folder: &Path,
    now: DateTime<Utc>,
) -> Result<Kept, VerbError> {
    survey.alerts = tuodi_watch::open_alerts(store).await?;
    each_row(&folder.join("households.parquet"), &["household_id", "tier"], |row| {
        if let (Some(household), Some(tier)) = (row.int(0), row.text(1))
            && pack.programme(tier).is_some()
        {
            survey.found.insert(HouseholdId(household), tier.to_owned());
        }
    })?;
    Ok(tuodi_registry::library::keep(store, pack, survey, listed, now).await?)
}

fn read_help(pack: &Pack, snapshot: &Snapshot, help: &Help, survey: &mut Survey) -> Result<(), VerbError> {
    let Some(source) = pack.source(&help.source) else { return Ok(()) };
    let column = |name: &str| source.column(name).and_then(|c| c.pool_name()).unwrap_or_default();
    let maybe = |name: &Option<String>| name.as_deref().map(column).unwrap_or_default();
    let columns = [
        column(&help.person),
        column(&help.from),
        maybe(&help.kind),
        maybe(&help.to),
        maybe(&help.state),
        maybe(&help.monthly),
    ];
    for part in snapshot.batches(&help.source) {
        survey.sources.insert(help.source.clone());
        each_row(&part.path, &columns.each_ref().map(String::as_str), |row| {
            let (Some(person), Some(from)) = (row.int(0), row.date(1)) else { return };
            let code = match &help.kind {
                Some(_) => row.text(2),
                None => help.programme.as_deref(),
            };
            let Some(programme) = code.and_then(|code| kind_of(&help.kinds, &help.skip, code)) else { return };
            let to = row.date(3);
            if help.is_over(row.text(4), to) {
                return;
            }
            survey.help.push(HelpRow {
                person: PersonId(person),
                source: help.source.clone(),
                programme: programme.to_owned(),
                from,
                to,
                monthly: row.int(5),
            });
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
            let columns = [&fund.kind, &fund.month, &fund.amount, &fund.status, &fund.region].map(String::as_str);
            each_row(&part.path, &columns, |row| {
                let (Some(code), Some(month), Some(amount)) = (row.text(0), row.date(1), row.int(2)) else { return };
                let Some(programme) = kind_of(&fund.kinds, &[], code) else { return };
                let state = match row.text(3) {
                    Some(status) if status == fund.paid => FundState::Paid,
                    Some(status) if status == fund.returned => FundState::Returned,
                    _ => FundState::Pending,
                };
                let region = row.text(4).unwrap_or_default().to_owned();
                let key = (fund.source.clone(), programme.to_owned(), month, region, state);
                let (n, sum) = sums.entry(key).or_default();
                *n += 1;
                *sum += amount;
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
