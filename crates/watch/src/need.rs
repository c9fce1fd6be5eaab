//! What a household's alerts of one run ask for: who goes, how soon, or nobody yet.

use crate::{known::Standing, tables::alert};
use std::collections::BTreeMap;
use tuodi_pack::indicator::{Level, Severity};

/// Points of a household that open a task (indicators.md B1): orange for the village, red for the township.
pub(crate) const ORANGE_POINTS: i32 = 60;
const RED_POINTS: i32 = 90;
/// From here on a household is in the monitoring pool (indicators.md B1).
pub(crate) const POOL_POINTS: i32 = 30;

/// An alert to write, ready sealed.
pub(crate) struct Fresh {
    pub(crate) row: alert::ActiveModel,
    pub(crate) indicator: String,
    pub(crate) severity: Severity,
    pub(crate) level: Level,
    pub(crate) limit_days: u32,
    pub(crate) points: i32,
    pub(crate) scores: bool,
}

/// New evidence of an open alert, ready sealed.
pub(crate) struct Changed {
    pub(crate) id: i64,
    pub(crate) evidence: Vec<u8>,
    pub(crate) evidence_mark: String,
    pub(crate) measure: Option<Vec<u8>>,
    pub(crate) severity: i32,
}

/// An open alert that became more severe: its task becomes as urgent as a new one would be.
pub(crate) struct Risen {
    pub(crate) severity: Severity,
    pub(crate) level: Level,
    pub(crate) limit_days: u32,
}

/// What one household gets from this run.
#[derive(Default)]
pub(crate) struct Household {
    pub(crate) region_code: String,
    pub(crate) fresh: Vec<Fresh>,
    /// Open alerts with changed evidence or higher severity.
    pub(crate) changed: Vec<Changed>,
    pub(crate) risen: Vec<Risen>,
    pub(crate) seen: Vec<i64>,
    /// Score alerts that stand already.
    pub(crate) standing: Vec<Standing>,
}

/// The household's points where this run added any: each indicator once, at its highest (indicators.md B1).
pub(crate) fn points(household: &Household) -> i32 {
    if !household.fresh.iter().any(|a| a.scores) {
        return 0;
    }
    let mut by_indicator: BTreeMap<&str, i32> = BTreeMap::new();
    let fresh = household.fresh.iter().filter(|a| a.scores).map(|a| (a.indicator.as_str(), a.points));
    for (indicator, points) in fresh.chain(household.standing.iter().map(|s| (s.indicator.as_str(), s.points))) {
        let highest = by_indicator.entry(indicator).or_default();
        *highest = points.max(*highest);
    }
    by_indicator.values().sum()
}

/// What a task must be, from the alerts that make it.
pub(crate) struct Need {
    pub(crate) level: Level,
    pub(crate) severity: Severity,
    pub(crate) limit_days: u32,
    /// Indicators, most severe first.
    pub(crate) reasons: Vec<(Severity, String)>,
    pub(crate) alerts: i32,
}

/// The visit that a household's fresh alerts ask for, or how urgent those that became more severe make the one that
/// is open; none where only points came and they are few.
pub(crate) fn need(household: &Household) -> Option<Need> {
    let mut needed: Option<Need> = None;
    let mut ask = |level: Level, severity: Severity, limit_days: u32| match &mut needed {
        None => needed = Some(Need { level, severity, limit_days, reasons: Vec::new(), alerts: 0 }),
        Some(need) => {
            // The most urgent says who goes; of two equally urgent the higher level.
            if limit_days < need.limit_days || (limit_days == need.limit_days && level > need.level) {
                need.level = level;
            }
            need.limit_days = need.limit_days.min(limit_days);
            need.severity = need.severity.max(severity);
        }
    };
    for alert in household.fresh.iter().filter(|a| !a.scores) {
        ask(alert.level, alert.severity, alert.limit_days);
    }
    for risen in &household.risen {
        ask(risen.level, risen.severity, risen.limit_days);
    }
    let points = points(household);
    let scored = points >= ORANGE_POINTS;
    if points >= RED_POINTS {
        ask(Level::Township, Severity::Red, 3);
    } else if scored {
        ask(Level::Village, Severity::Orange, 5);
    }
    let mut need = needed?;
    need.reasons =
        household.fresh.iter().filter(|a| !a.scores || scored).map(|a| (a.severity, a.indicator.clone())).collect();
    need.reasons.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    need.reasons.dedup_by(|a, b| a.1 == b.1);
    need.alerts = household.fresh.iter().filter(|a| !a.scores || scored).count() as i32;
    if scored {
        need.alerts += household.standing.iter().filter(|s| s.pooled).count() as i32;
    }
    Some(need)
}
