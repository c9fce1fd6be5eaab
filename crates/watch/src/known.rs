//! What stands when findings come: open alerts, those closed not long ago, and points.

use crate::{error::Result, tables::alert};
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use std::collections::HashMap;
use tuodi_pack::Pack;
use tuodi_store::Store;

/// Points that no pass has seen for so many days no longer count: the nightly sum is of what holds now.
const POINTS_STAND_DAYS: u64 = 31;
/// Cool-down where an indicator names none (indicators.md B1).
const COOLDOWN_DAYS: u32 = 90;

/// Points seen after this day still count.
pub(crate) fn points_stand_after(today: NaiveDate) -> NaiveDate {
    today - chrono::Days::new(POINTS_STAND_DAYS)
}

/// An open score alert: its points count towards the household's.
#[derive(Clone)]
pub(crate) struct Standing {
    pub(crate) id: i64,
    /// In the pool: belongs to no task yet.
    pub(crate) pooled: bool,
    pub(crate) indicator: String,
    pub(crate) points: i32,
}

/// An open alert without what it says: a district has very many, and most come again unchanged.
#[derive(FromQueryResult)]
pub(crate) struct OpenAlert {
    pub(crate) id: i64,
    pub(crate) indicator: String,
    pub(crate) subject: String,
    pub(crate) household_id: i64,
    pub(crate) severity: i32,
    pub(crate) points: i32,
    pub(crate) evidence_mark: String,
    pub(crate) state: String,
    pub(crate) seen_on: NaiveDate,
}

#[derive(FromQueryResult)]
pub(crate) struct ClosedAlert {
    pub(crate) indicator: String,
    pub(crate) subject: String,
    pub(crate) severity: i32,
    pub(crate) measure: Option<Vec<u8>>,
    pub(crate) closed_on: Option<NaiveDate>,
}

/// Alerts that stand: open ones by suppression key, closed ones in their cool-down, points by household.
pub(crate) struct Known {
    pub(crate) open: HashMap<(String, String), OpenAlert>,
    pub(crate) closed: HashMap<(String, String), ClosedAlert>,
    pub(crate) standing: HashMap<i64, Vec<Standing>>,
}

fn cooldown(pack: &Pack, indicator: &str) -> u32 {
    match pack.indicator(indicator).map_or(0, |i| i.cooldown_days) {
        0 => COOLDOWN_DAYS,
        days => days,
    }
}

impl Known {
    pub(crate) async fn load(store: &Store, pack: &Pack, today: NaiveDate) -> Result<Known> {
        use alert::Column as C;
        let mut known = Known { open: HashMap::new(), closed: HashMap::new(), standing: HashMap::new() };
        let open = alert::Entity::find()
            .select_only()
            .columns([
                C::Id,
                C::Indicator,
                C::Subject,
                C::HouseholdId,
                C::Severity,
                C::Points,
                C::EvidenceMark,
                C::State,
                C::SeenOn,
            ])
            .filter(C::State.is_in(["open", "pooled"]))
            .into_model::<OpenAlert>()
            .all(store.read())
            .await?;
        for row in open {
            if row.points > 0 && row.seen_on > points_stand_after(today) {
                let (id, pooled) = (row.id, row.state == "pooled");
                let standing = Standing { id, pooled, indicator: row.indicator.clone(), points: row.points };
                known.standing.entry(row.household_id).or_default().push(standing);
            }
            known.open.insert((row.indicator.clone(), row.subject.clone()), row);
        }
        let longest = pack.indicators.iter().map(|i| cooldown(pack, &i.id)).max().unwrap_or(COOLDOWN_DAYS);
        let since = today - chrono::Days::new(u64::from(longest));
        let closed = alert::Entity::find()
            .select_only()
            .columns([C::Indicator, C::Subject, C::Severity, C::Measure, C::ClosedOn])
            .filter(C::State.eq("closed"))
            .filter(C::ClosedOn.gt(since))
            .into_model::<ClosedAlert>()
            .all(store.read())
            .await?;
        for row in closed {
            let Some(closed_on) = row.closed_on else { continue };
            if today < closed_on + chrono::Days::new(u64::from(cooldown(pack, &row.indicator))) {
                let key = (row.indicator.clone(), row.subject.clone());
                // Of several, the one closed last.
                if known.closed.get(&key).is_none_or(|other| other.closed_on < row.closed_on) {
                    known.closed.insert(key, row);
                }
            }
        }
        Ok(known)
    }
}
