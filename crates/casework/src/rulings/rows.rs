//! Rulings as rows of the platform's source, for the pool and beside it.

use super::rule::{Said, said_of};
use crate::{error::Result, tables::data_ruling};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Map, Value};
use tuodi_pack::{HouseholdId, OverlayRow, Pack, conflict::RULINGS};
use tuodi_store::{Keys, Store};

/// Rulings read at a time.
const AT_ONCE: u64 = 5_000;

/// One ruling; `None` where the pack no longer has its item: nothing of it could read the row.
fn row(pack: &Pack, keys: &Keys, ruling: &data_ruling::Model) -> Result<Option<OverlayRow>> {
    let Some(column) = pack.conflicts.get(&ruling.item).and_then(|c| c.ruling.as_ref()).map(|r| r.column.clone())
    else {
        return Ok(None);
    };
    let day = |day: chrono::NaiveDate| Value::String(day.to_string());
    let mut values = Map::new();
    values.insert("ruling_no".to_owned(), keys.token("data_ruling", &ruling.id.to_string()).into());
    values.insert("household_id".to_owned(), ruling.household_id.into());
    values.insert("person_id".to_owned(), ruling.person_id.into());
    values.insert("item".to_owned(), ruling.item.clone().into());
    values.insert(
        column,
        match said_of(keys, ruling)? {
            Said::Money(fen) => fen.0.into(),
            Said::YesNo(yes) => yes.into(),
        },
    );
    values.insert("ruled_on".to_owned(), day(ruling.ruled_on));
    values.insert("until".to_owned(), day(ruling.until));
    values.insert("ended_on".to_owned(), ruling.ended_on.map_or(Value::Null, day));
    Ok(Some(OverlayRow { source: RULINGS.to_owned(), values }))
}

/// All rulings, those that were taken back too: a check as of an earlier day finds what held then.
pub async fn ruling_rows(store: &Store, pack: &Pack) -> Result<Vec<OverlayRow>> {
    let mut rows = Vec::new();
    let mut after = 0;
    loop {
        let models = data_ruling::Entity::find()
            .filter(data_ruling::Column::Id.gt(after))
            .order_by_asc(data_ruling::Column::Id)
            .limit(AT_ONCE)
            .all(store.read())
            .await?;
        let Some(last) = models.last() else { return Ok(rows) };
        after = last.id;
        for model in &models {
            rows.extend(row(pack, store.keys(), model)?);
        }
    }
}

/// Those about the people of one household, as they stand now: newer than what the last pass wrote.
pub(crate) async fn of_household(
    conn: &impl ConnectionTrait,
    keys: &Keys,
    pack: &Pack,
    household: HouseholdId,
) -> Result<Vec<OverlayRow>> {
    let models = data_ruling::Entity::find()
        .filter(data_ruling::Column::HouseholdId.eq(household.0))
        .order_by_asc(data_ruling::Column::Id)
        .all(conn)
        .await?;
    let rows = models.iter().map(|model| row(pack, keys, model));
    Ok(rows.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
}

/// The same, for whoever asks the engine about one household outside a case.
pub async fn ruling_rows_of(store: &Store, pack: &Pack, household: HouseholdId) -> Result<Vec<OverlayRow>> {
    of_household(store.read(), store.keys(), pack, household).await
}
