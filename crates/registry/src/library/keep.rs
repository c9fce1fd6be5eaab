//! The pass over everybody: what lists, findings and alerts say, compared with what the library holds, and only the
//! difference written, in chunks of households. Run again with the same, it writes nothing.

use super::{
    OWN, initials,
    rows::{Cause, ENTRY, EntryRow, OUT, add_events, open_entry, placed, put_entries},
};
use crate::{RegistryError, household_regions, person::CHUNK};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, Statement, Value};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use tuodi_pack::{HouseholdId, Pack, PersonId, indicator::Severity, library::Standing};
use tuodi_store::{Entry, Recorded, Store, Tx, insert_rows};

/// Somebody is given something, as a list or our own decision says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelpRow {
    pub person: PersonId,
    /// Id of the source; [`OWN`] for this platform's decisions.
    pub source: String,
    /// Programme of the pack, or the list's own code.
    pub programme: String,
    pub from: NaiveDate,
    /// Last day; unset while it goes on.
    pub to: Option<NaiveDate>,
    /// Fen a month.
    pub monthly: Option<i64>,
}

/// What one pass knows of everybody.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    pub run: String,
    pub on: NaiveDate,
    pub help: Vec<HelpRow>,
    /// Sources whose lists were at hand: of the others nothing is known, and their lines stay as they are.
    pub sources: BTreeSet<String>,
    /// Tier by household, where the rules find one.
    pub found: HashMap<HouseholdId, String>,
    /// Open alerts.
    pub alerts: HashMap<HouseholdId, BTreeMap<String, Severity>>,
    /// Next check of those under assistance.
    pub checks: HashMap<HouseholdId, NaiveDate>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kept {
    pub households: u64,
    pub entered: u64,
    pub moved: u64,
    pub left: u64,
    /// Lines of help that are new or different.
    pub help: u64,
}

/// Households of one transaction: short enough that others who write wait no more than a moment.
const HOUSEHOLDS: usize = 2_000;
/// Lines of help of one transaction.
const LINES: usize = 10_000;

type Key = (i64, String, String, NaiveDate);

struct Line {
    id: i64,
    to: Option<NaiveDate>,
    monthly: Option<i64>,
    named: bool,
}

/// A pack may keep no library.
fn has_none(pack: &Pack) -> bool {
    pack.library.rules.is_empty() && pack.library.help.is_empty()
}

/// Lines of help as lists name them, written; what is left to place households by.
pub struct Listed {
    homes: HashMap<i64, i64>,
    help: u64,
}

/// Writes the lines of help of a survey: the half of it that needs neither findings nor alerts.
pub async fn list(store: &Store, pack: &Pack, survey: &Survey, now: DateTime<Utc>) -> Result<Listed, RegistryError> {
    if has_none(pack) {
        return Ok(Listed { homes: HashMap::new(), help: 0 });
    }
    let homes = homes(store, survey.help.iter().map(|row| row.person.0)).await?;
    let help = keep_help(store, pack, survey, &homes, now).await?;
    Ok(Listed { homes, help })
}

/// Keeps the library after a pass. Nothing of it goes row by row: what is held is read once, compared in memory, and
/// the difference written in large statements.
pub async fn keep(
    store: &Store,
    pack: &Pack,
    survey: Survey,
    listed: Listed,
    now: DateTime<Utc>,
) -> Result<Kept, RegistryError> {
    if has_none(pack) {
        return Ok(Kept::default());
    }
    let Listed { homes, help } = listed;
    let mut kept = Kept { help, ..Kept::default() };

    let old = all_entries(store).await?;
    let mut standings = of_help(pack, &survey, &homes);
    for (household, tier) in &survey.found {
        standings.entry(household.0).or_default().found = Some(tier.clone());
    }
    for (household, alerts) in &survey.alerts {
        standings.entry(household.0).or_default().alerts.clone_from(alerts);
    }
    for (household, row) in &old {
        // What acts at desks and doors have left is not the pass's to change.
        let known = row.standing()?;
        let standing = standings.entry(*household).or_default();
        standing.refused = known.refused;
        standing.outcome = known.outcome;
    }
    for (household, day) in &survey.checks {
        if let Some(standing) = standings.get_mut(&household.0) {
            standing.check_on = Some(*day);
        }
    }
    standings.retain(|household, standing| old.contains_key(household) || pack.place(standing, survey.on).is_some());
    let regions = household_regions(store, standings.keys().copied()).await?;
    let cause = Cause {
        on: survey.on,
        way: None,
        reason: None,
        looked: false,
        about: format!("run:{}", survey.run),
        actor: "system".to_owned(),
        role: "R00".to_owned(),
    };
    let mut changes = Vec::new();
    for (household, standing) in &standings {
        let region = regions.get(household).map_or("", String::as_str);
        if let Some(change) = placed(pack, old.get(household), *household, region, standing, &cause, false) {
            changes.push(change);
        }
    }
    changes.sort_by_key(|(row, _)| row.household);
    for (row, event) in &changes {
        match event.as_ref().map(|e| e.act) {
            Some("entered") => kept.entered += 1,
            Some("left") => kept.left += 1,
            Some(_) => kept.moved += 1,
            None => {}
        }
        debug_assert!(row.layer != OUT || old.contains_key(&row.household));
    }
    let held = |row: &&EntryRow| row.layer != OUT;
    let before = old.values().filter(held).count() as u64;
    kept.households = before + kept.entered - kept.left;
    let fresh: HashSet<i64> =
        changes.iter().map(|(row, _)| row.household).filter(|household| !old.contains_key(household)).collect();
    while !changes.is_empty() {
        let rest = changes.split_off(changes.len().min(HOUSEHOLDS));
        let chunk = std::mem::replace(&mut changes, rest);
        let new: Vec<i64> = chunk.iter().map(|(row, _)| row.household).filter(|h| fresh.contains(h)).collect();
        let details = json!({ "entries": chunk.len(), "new": new.len() });
        let entry = entry_of(pack, &survey.run, details, now);
        store
            .write(move |tx| {
                Box::pin(async move {
                    let (rows, events): (Vec<_>, Vec<_>) = chunk.into_iter().unzip();
                    put_entries(tx, rows).await?;
                    add_events(tx, events.into_iter().flatten().collect()).await?;
                    initials::note(tx, &new).await?;
                    Ok::<_, RegistryError>(Recorded::new((), entry))
                })
            })
            .await?;
    }
    Ok(kept)
}

fn entry_of(pack: &Pack, run: &str, details: serde_json::Value, now: DateTime<Utc>) -> Entry {
    Entry {
        at: tuodi_store::micros(now),
        actor: "system".to_owned(),
        role: "R00".to_owned(),
        act: "library.keep".to_owned(),
        subject: format!("run:{run}"),
        region: pack.info.jurisdiction.clone(),
        details,
    }
}

/// Household of each person, as registered.
async fn homes(store: &Store, people: impl Iterator<Item = i64>) -> Result<HashMap<i64, i64>, RegistryError> {
    let people: BTreeSet<i64> = people.collect();
    let mut found = HashMap::with_capacity(people.len());
    let people: Vec<i64> = people.into_iter().collect();
    for chunk in people.chunks(CHUNK) {
        let list = crate::person::id_list(chunk.iter().copied());
        let sql = format!("SELECT id, household_id FROM person WHERE id IN ({list}) AND household_id IS NOT NULL");
        for row in store.read().query_all_raw(Statement::from_string(store.backend(), sql)).await? {
            found.insert(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        }
    }
    Ok(found)
}

async fn all_entries(store: &Store) -> Result<HashMap<i64, EntryRow>, RegistryError> {
    let sql = format!("SELECT {ENTRY} FROM library_entry");
    let rows = store.read().query_all_raw(Statement::from_string(store.backend(), sql)).await?;
    rows.iter().map(|row| open_entry(row).map(|entry| (entry.household, entry))).collect()
}

/// Programmes in force and those that ended, by household, as far as a rule of the library reads them.
fn of_help(pack: &Pack, survey: &Survey, homes: &HashMap<i64, i64>) -> HashMap<i64, Standing> {
    let rules = &pack.library.rules;
    let read: HashSet<&str> =
        rules.iter().flat_map(|r| r.programmes.iter().chain(&r.left)).map(String::as_str).collect();
    let mut standings: HashMap<i64, Standing> = HashMap::new();
    // What was decided here holds from the decision on, though it is paid from the next month.
    let begun = |row: &&HelpRow| row.from <= survey.on || row.source == OWN;
    for row in survey.help.iter().filter(|row| read.contains(row.programme.as_str())).filter(begun) {
        let Some(household) = homes.get(&row.person.0) else { continue };
        let standing = standings.entry(*household).or_default();
        match row.to.filter(|to| *to < survey.on) {
            None => {
                let since = standing.programmes.entry(row.programme.clone()).or_insert(row.from);
                *since = row.from.min(*since);
            }
            Some(to) => {
                let last = standing.left.entry(row.programme.clone()).or_insert(to);
                *last = to.max(*last);
            }
        }
    }
    standings
}

/// Writes the lines that are new or different, and marks those that a list no longer names.
async fn keep_help(
    store: &Store,
    pack: &Pack,
    survey: &Survey,
    homes: &HashMap<i64, i64>,
    now: DateTime<Utc>,
) -> Result<u64, RegistryError> {
    let mut known: HashMap<Key, Line> = HashMap::new();
    let sql = "SELECT id, person_id, source, programme, from_day, to_day, monthly, named FROM library_help";
    for row in store.read().query_all_raw(Statement::from_string(store.backend(), sql)).await? {
        let key =
            (row.try_get_by_index(1)?, row.try_get_by_index(2)?, row.try_get_by_index(3)?, row.try_get_by_index(4)?);
        let line = Line {
            id: row.try_get_by_index(0)?,
            to: row.try_get_by_index(5)?,
            monthly: row.try_get_by_index(6)?,
            named: row.try_get_by_index(7)?,
        };
        known.insert(key, line);
    }
    // A list that names a line twice is taken at its word once: the later end, the larger amount.
    let mut wanted: BTreeMap<Key, (Option<NaiveDate>, Option<i64>)> = BTreeMap::new();
    for row in &survey.help {
        // People of no household here (they moved away, or no register knows them) are not the library's.
        if !homes.contains_key(&row.person.0) {
            continue;
        }
        let key = (row.person.0, row.source.clone(), row.programme.clone(), row.from);
        wanted
            .entry(key)
            .and_modify(|(to, monthly)| {
                *to = to.zip(row.to).map(|(a, b)| a.max(b));
                *monthly = (*monthly).max(row.monthly);
            })
            .or_insert((row.to, row.monthly));
    }
    let mut gone: Vec<i64> = known
        .iter()
        .filter(|(key, line)| line.named && survey.sources.contains(&key.1) && !wanted.contains_key(*key))
        .map(|(_, line)| line.id)
        .collect();
    gone.sort_unstable();
    wanted.retain(|key, (to, monthly)| {
        known.get(key).is_none_or(|line| !line.named || line.to != *to || line.monthly != *monthly)
    });
    if wanted.is_empty() && gone.is_empty() {
        return Ok(0);
    }
    let regions = household_regions(store, wanted.keys().filter_map(|key| homes.get(&key.0).copied())).await?;
    let rows: Vec<[Value; 10]> = wanted
        .into_iter()
        .filter_map(|((person, source, programme, from), (to, monthly))| {
            let household = *homes.get(&person)?;
            let region = regions.get(&household).filter(|r| !r.is_empty()).unwrap_or(&pack.info.jurisdiction).clone();
            Some([
                person.into(),
                household.into(),
                region.into(),
                source.into(),
                programme.into(),
                from.into(),
                to.into(),
                monthly.into(),
                true.into(),
                survey.on.into(),
            ])
        })
        .collect();
    let written = (rows.len() + gone.len()) as u64;
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() || !gone.is_empty() {
        let chunk: Vec<_> = rows.by_ref().take(LINES).collect();
        let unnamed = std::mem::take(&mut gone);
        let entry = entry_of(pack, &survey.run, json!({ "help": chunk.len(), "not_named": unnamed.len() }), now);
        store
            .write(move |tx| {
                Box::pin(async move {
                    put_help(tx, chunk).await?;
                    for ids in unnamed.chunks(CHUNK) {
                        let list = crate::person::id_list(ids.iter().copied());
                        let sql = format!("UPDATE library_help SET named = FALSE WHERE id IN ({list})");
                        tx.conn().execute_unprepared(&sql).await?;
                    }
                    Ok::<_, RegistryError>(Recorded::new((), entry))
                })
            })
            .await?;
    }
    Ok(written)
}

pub(crate) async fn put_help(tx: &Tx, rows: Vec<[Value; 10]>) -> Result<(), RegistryError> {
    let columns =
        "person_id, household_id, region_code, source, programme, from_day, to_day, monthly, named, first_seen";
    let update = " ON CONFLICT (person_id, source, programme, from_day) DO UPDATE SET \
        household_id = excluded.household_id, region_code = excluded.region_code, to_day = excluded.to_day, \
        monthly = excluded.monthly, named = excluded.named";
    Ok(insert_rows(tx, "library_help", columns, rows, update).await?)
}
