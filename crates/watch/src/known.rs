//! What stands when findings come: open alerts, those closed not long ago, and points.

use crate::{error::Result, tables::alert};
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use std::collections::HashMap;
use tuodi_pack::Pack;
use tuodi_store::Store;

/// Points seen after this day still count: the nightly sum is of what holds now.
pub(crate) fn points_stand_after(pack: &Pack, today: NaiveDate) -> NaiveDate {
    // Nought days: those that the last pass has seen, today.
    today - chrono::Days::new(u64::from(pack.workflow.monitoring.points_stand_days.max(1)))
}

/// An open alert with points: they count towards the household's.
#[derive(Clone)]
pub(crate) struct Standing {
    pub(crate) id: i64,
    /// In the pool: belongs to no task yet.
    pub(crate) pooled: bool,
    pub(crate) indicator: String,
    pub(crate) points: i32,
    /// This run found more points than before.
    pub(crate) more: bool,
}

/// An open alert without what it says: a district has very many, and most come again unchanged.
pub(crate) struct OpenAlert {
    pub(crate) id: i64,
    pub(crate) severity: i32,
    pub(crate) points: i32,
    pub(crate) evidence_mark: String,
    pub(crate) state: String,
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
    pack.indicator(indicator).map_or(0, |i| pack.cooldown_days(i))
}

impl Known {
    pub(crate) async fn load(store: &Store, pack: &Pack, today: NaiveDate) -> Result<Known> {
        use alert::Column as C;
        let mut known = Known { open: HashMap::new(), closed: HashMap::new(), standing: HashMap::new() };
        type Open = (i64, String, String, i64, i32, i32, String, String, NaiveDate);
        // By place and not by name: there may be a hundred thousand.
        let open: Vec<Open> = alert::Entity::find()
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
            .into_tuple()
            .all(store.read())
            .await?;
        known.open.reserve(open.len());
        for (id, indicator, subject, household_id, severity, points, evidence_mark, state, seen_on) in open {
            let row = OpenAlert { id, severity, points, evidence_mark, state };
            if row.points > 0 && seen_on > points_stand_after(pack, today) {
                let (id, pooled) = (row.id, row.state == "pooled");
                let standing = Standing { id, pooled, indicator: indicator.clone(), points: row.points, more: false };
                known.standing.entry(household_id).or_default().push(standing);
            }
            known.open.insert((indicator, subject), row);
        }
        let longest = pack.indicators.iter().map(|i| cooldown(pack, &i.id)).max().unwrap_or(0);
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
