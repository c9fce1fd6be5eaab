//! What happens at desks and doors, written within the act's own transaction: decisions, endings, visits.

use super::{
    initials,
    keep::put_help,
    rows::{Cause, ENTRY, EntryRow, add_events, open_entry, placed, put_entries},
};
use crate::RegistryError;
use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use tuodi_pack::{
    HouseholdId, Pack, PersonId,
    library::{Refused, Standing, Way},
};
use tuodi_store::Tx;

/// Who did what, where and when.
#[derive(Debug, Clone)]
pub struct Act {
    pub household: HouseholdId,
    pub region_code: String,
    pub on: NaiveDate,
    /// `case:QY26-00001`, `task:7`.
    pub about: String,
    pub actor: String,
    pub role: String,
}

/// A benefit that was granted.
#[derive(Debug, Clone)]
pub struct Granted {
    pub payee: PersonId,
    pub programme: String,
    /// Fen.
    pub monthly: i64,
    pub from: NaiveDate,
    /// Last day; unset where it goes on.
    pub to: Option<NaiveDate>,
    pub check_on: Option<NaiveDate>,
}

impl Act {
    fn cause(&self, way: Option<Way>, reason: Option<String>) -> Cause {
        Cause {
            on: self.on,
            way: way.map(Way::id),
            reason,
            looked: true,
            about: self.about.clone(),
            actor: self.actor.clone(),
            role: self.role.clone(),
        }
    }
}

async fn load(tx: &Tx, household: HouseholdId) -> Result<Option<EntryRow>, RegistryError> {
    let conn = tx.conn();
    // On SQLite there is one writer; elsewhere nobody changes the entry between reading and writing.
    let lock = if conn.get_database_backend() == DbBackend::Postgres { " FOR UPDATE" } else { "" };
    let sql = format!("SELECT {ENTRY} FROM library_entry WHERE household_id = {household}{lock}");
    let row = conn.query_one_raw(Statement::from_string(conn.get_database_backend(), sql)).await?;
    row.as_ref().map(open_entry).transpose()
}

/// Changes what is known of the household and writes where it stands now. `told` is the act's own line of the history.
async fn change(
    tx: &Tx,
    pack: &Pack,
    act: &Act,
    cause: Cause,
    told: (&'static str, Option<String>),
    with: impl FnOnce(&mut Standing),
) -> Result<(), RegistryError> {
    if pack.library.rules.is_empty() {
        return Ok(());
    }
    let old = load(tx, act.household).await?;
    let mut standing = old.as_ref().map(EntryRow::standing).transpose()?.unwrap_or_default();
    with(&mut standing);
    let household = act.household.0;
    let mut line = cause.event(household, told.0);
    line.programme = told.1;
    let mut events = vec![line];
    // Somebody who was refused is remembered, in the library or not: the next refusal and the next pass know of it.
    let change = placed(pack, old.as_ref(), household, &act.region_code, &standing, &cause, true);
    if let Some((row, event)) = change {
        events.extend(event);
        put_entries(tx, vec![row]).await?;
    }
    add_events(tx, events).await?;
    if old.is_none() {
        initials::note(tx, &[household]).await?;
    }
    Ok(())
}

/// A benefit was granted. Earlier ones of the platform's own end with the day before it begins.
pub async fn decided_approved(tx: &Tx, pack: &Pack, act: &Act, granted: Granted) -> Result<(), RegistryError> {
    let conn = tx.conn();
    let before = granted.from.pred_opt().unwrap_or(granted.from);
    let sql = "UPDATE library_help SET to_day = $1 WHERE household_id = $2 AND source = $3 AND from_day < $4 \
        AND (to_day IS NULL OR to_day >= $4)";
    let values: [Value; 4] = [before.into(), act.household.0.into(), super::OWN.into(), granted.from.into()];
    conn.execute_raw(Statement::from_sql_and_values(conn.get_database_backend(), sql, values)).await?;
    let line: [Value; 10] = [
        granted.payee.0.into(),
        act.household.0.into(),
        act.region_code.clone().into(),
        super::OWN.into(),
        granted.programme.clone().into(),
        granted.from.into(),
        granted.to.into(),
        granted.monthly.into(),
        true.into(),
        act.on.into(),
    ];
    put_help(tx, vec![line]).await?;
    let told = ("approved", Some(granted.programme.clone()));
    change(tx, pack, act, act.cause(Some(Way::Application), None), told, |standing| {
        standing.programmes.insert(granted.programme, granted.from);
        standing.refused = None;
        standing.check_on = granted.check_on;
    })
    .await
}

/// Refused, with the reason's code and by how much the line was missed, in parts per 1000.
pub async fn decided_refused(
    tx: &Tx,
    pack: &Pack,
    act: &Act,
    reason: &str,
    missed_permille: Option<u32>,
) -> Result<(), RegistryError> {
    let refused = Refused { on: act.on, missed_permille, reason: reason.to_owned() };
    let cause = act.cause(Some(Way::Application), Some(format!("refused:{reason}")));
    change(tx, pack, act, cause, ("refused", None), |standing| standing.refused = Some(refused)).await
}

/// A case ended without a decision. It changes no layer by itself.
pub async fn ended(tx: &Tx, pack: &Pack, act: &Act, reason: &str) -> Result<(), RegistryError> {
    let Some(_) = load(tx, act.household).await? else { return Ok(()) };
    let cause = act.cause(None, Some(format!("ended:{}", reason)));
    change(tx, pack, act, cause, ("ended", None), |_| {}).await
}

/// A visit ended the household's open alerts with this outcome.
pub async fn visited(tx: &Tx, pack: &Pack, act: &Act, outcome: &str) -> Result<(), RegistryError> {
    let cause = act.cause(None, Some(format!("visit:{outcome}")));
    let (code, on) = (outcome.to_owned(), act.on);
    change(tx, pack, act, cause, ("visited", None), |standing| {
        standing.outcome = Some((code, on));
        standing.alerts.clear();
    })
    .await
}
