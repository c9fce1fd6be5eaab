//! What monitoring means to the low-income library: open alerts suspect, a visit clears or confirms.

use crate::{
    OutcomeCode,
    error::Result,
    tables::{alert, task},
    words::severity_of_rank,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::{BTreeMap, HashMap};
use tuodi_casework::Cx;
use tuodi_pack::{HouseholdId, indicator::Severity};
use tuodi_registry::library::Act;
use tuodi_store::{Store, Tx};

/// Told within the transaction that closes the task.
pub(crate) async fn visited(tx: &Tx, cx: &Cx, row: &task::Model, code: OutcomeCode) -> Result<()> {
    let act = Act {
        household: HouseholdId(row.household_id),
        region_code: row.region_code.clone(),
        on: cx.today(),
        about: format!("task:{}", row.id),
        actor: cx.actor.account.clone(),
        role: cx.actor.role.id().to_owned(),
    };
    Ok(tuodi_registry::library::visited(tx, &cx.pack, &act, code.id()).await?)
}

/// Alerts that are open, by household, each indicator at its most severe.
pub async fn open_alerts(store: &Store) -> Result<HashMap<HouseholdId, BTreeMap<String, Severity>>> {
    let rows: Vec<(i64, String, i32)> = alert::Entity::find()
        .select_only()
        .columns([alert::Column::HouseholdId, alert::Column::Indicator, alert::Column::Severity])
        .filter(alert::Column::State.is_in(["open", "pooled"]))
        .into_tuple()
        .all(store.read())
        .await?;
    let mut open: HashMap<HouseholdId, BTreeMap<String, Severity>> = HashMap::new();
    for (household, indicator, rank) in rows {
        let severity = severity_of_rank(rank);
        let worst = open.entry(HouseholdId(household)).or_default().entry(indicator).or_insert(severity);
        *worst = severity.max(*worst);
    }
    Ok(open)
}
