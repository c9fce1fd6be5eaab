//! What a household's alerts of one run ask for: who goes, how soon, or nobody yet.

use crate::{known::Standing, tables::alert};
use std::collections::BTreeMap;
use tuodi_pack::{
    indicator::{Level, Severity},
    workflow::{Risk, RiskTask, Workflow},
};

/// Who must go and by when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    pub(crate) severity: Severity,
    pub(crate) level: Level,
    /// Working days.
    pub(crate) limit_days: u32,
}

/// An alert to write, ready sealed.
pub(crate) struct Fresh {
    pub(crate) row: alert::ActiveModel,
    pub(crate) indicator: String,
    pub(crate) call: Call,
    pub(crate) points: i32,
    /// By itself it opens a task; the others wait in the pool.
    pub(crate) opens: bool,
}

/// New evidence of an open alert, ready sealed.
pub(crate) struct Changed {
    pub(crate) id: i64,
    pub(crate) evidence: Vec<u8>,
    pub(crate) evidence_mark: String,
    pub(crate) measure: Option<Vec<u8>>,
    pub(crate) severity: i32,
    pub(crate) points: i32,
}

/// An open alert that became more severe: its task becomes as urgent as a new one would be, and one that waited in the
/// pool comes out of it.
pub(crate) struct Risen {
    pub(crate) id: i64,
    pub(crate) indicator: String,
    pub(crate) call: Call,
    pub(crate) pooled: bool,
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
    /// Alerts with points that stand already.
    pub(crate) standing: Vec<Standing>,
}

impl Household {
    /// What the sum of its points comes to: each indicator once, at its highest (indicators.md B1). Nothing where all of
    /// them belong to a visit already.
    fn risk<'w>(&self, workflow: &'w Workflow) -> Option<&'w Risk> {
        let new = self.fresh.iter().any(|a| a.points > 0) || self.standing.iter().any(|s| s.pooled || s.more);
        if !new {
            return None;
        }
        let mut by_indicator: BTreeMap<&str, i32> = BTreeMap::new();
        let fresh = self.fresh.iter().map(|a| (a.indicator.as_str(), a.points));
        for (indicator, points) in fresh.chain(self.standing.iter().map(|s| (s.indicator.as_str(), s.points))) {
            let highest = by_indicator.entry(indicator).or_default();
            *highest = points.max(*highest);
        }
        workflow.risk_at(u32::try_from(by_indicator.values().sum::<i32>()).unwrap_or(0))
    }
}

/// What a task must be, from the alerts that make it.
pub(crate) struct Need {
    pub(crate) level: Level,
    pub(crate) severity: Severity,
    pub(crate) limit_days: u32,
    /// Risks and indicators, most severe first.
    pub(crate) reasons: Vec<(Severity, String)>,
    pub(crate) alerts: i32,
    /// The points open it: what stands in the pool goes along.
    pub(crate) scored: bool,
}

/// The visit that a household's alerts ask for, or how urgent those that became more severe make the one that is open;
/// none where only points came and they are few.
pub(crate) fn need(workflow: &Workflow, household: &Household) -> Option<Need> {
    let risk = household.risk(workflow).and_then(|risk| Some((risk, risk.task?)));
    let of_risk = risk.map(|(_, RiskTask { severity, actor, limit_days })| Call { severity, level: actor, limit_days });
    let scored = of_risk.is_some();
    let goes = |a: &Fresh| a.opens || (scored && a.points > 0);
    let own = household.fresh.iter().filter(|a| a.opens).map(|a| a.call);
    let calls: Vec<Call> = own.chain(household.risen.iter().map(|r| r.call)).chain(of_risk).collect();
    // The most urgent says who goes; of two equally urgent the higher level.
    let first = calls.iter().min_by_key(|c| (c.limit_days, std::cmp::Reverse(c.level)))?;
    let mut reasons: Vec<(Severity, String)> =
        household.fresh.iter().filter(|a| goes(a)).map(|a| (a.call.severity, a.indicator.clone())).collect();
    let mut alerts = reasons.len();
    for risen in household.risen.iter().filter(|r| r.pooled) {
        reasons.push((risen.call.severity, risen.indicator.clone()));
        alerts += 1;
    }
    if let (true, Some((risk, task))) = (scored, risk) {
        reasons.push((task.severity, risk.id.clone()));
        let pooled = household.standing.iter().filter(|s| s.pooled);
        for standing in pooled.filter(|s| household.risen.iter().all(|r| r.id != s.id)) {
            reasons.push((Severity::Blue, standing.indicator.clone()));
            alerts += 1;
        }
    }
    // Said once, at its most severe.
    reasons.sort_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)));
    reasons.dedup_by(|a, b| a.1 == b.1);
    reasons.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    Some(Need {
        level: first.level,
        severity: calls.iter().map(|c| c.severity).max()?,
        limit_days: first.limit_days,
        reasons,
        alerts: i32::try_from(alerts).unwrap_or(i32::MAX),
        scored,
    })
}
