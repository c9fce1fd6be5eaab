//! Trying rules out on everybody: what a change of parameters would do, where support falls as income rises, how many
//! dimensions hardship has. Only figures of groups come out of here.

mod cliffs;
mod compare;
mod ground;
mod hide;
mod poverty;

use crate::{Engine, EngineError, Inner, closed::Closed, runtime};
use chrono::NaiveDate;
use compare::{Groups, outcome};
use ground::{Claim, Ground, Plan};
use std::{sync::Arc, time::Instant};
use tuodi_pack::{
    Purpose,
    facts::Grain,
    trial::{Cliffs, Poverty, Scenario, Trial, TrialMs},
};

/// Today's rules over everybody for one day, ready for trials. Holds the facts that programmes read.
#[derive(Clone)]
pub struct Trials {
    inner: Closed<Inner>,
    as_of: NaiveDate,
    base: Closed<Ground>,
    groups: Closed<Groups>,
    /// Milliseconds it took.
    base_ms: u64,
}

fn ms(started: Instant) -> u64 {
    started.elapsed().as_millis() as u64
}

impl Engine {
    /// Facts and programmes by today's rules.
    pub async fn trials(&self, as_of: NaiveDate) -> Result<Trials, EngineError> {
        let inner = self.inner.share().agreed(Purpose::Statistics, as_of)?;
        runtime::run(async move {
            let started = Instant::now();
            inner.within(as_of)?;
            inner.snapshot.reaches(&inner.pack, as_of)?;
            let plan = Plan::of(&inner.pack, &claims(&inner), false, as_of)?;
            let base = Arc::new(Ground::lay(&inner, plan, None).await?);
            let groups = Arc::new(Groups::of(&inner.pack, &base.found));
            Ok(Trials {
                inner: Closed::new(inner),
                as_of,
                base: Closed::new(base),
                groups: Closed::new(groups),
                base_ms: ms(started),
            })
        })
        .await
    }

    /// The measures of many dimensions (indicators.md A2) over the assessments of the last twelve months; `None` where
    /// the pack assesses nobody.
    pub async fn poverty(&self, as_of: NaiveDate) -> Result<Option<Poverty>, EngineError> {
        let inner = self.inner.share().agreed(Purpose::Statistics, as_of)?;
        runtime::run(async move { poverty::poverty(&inner, as_of).await }).await
    }
}

/// Claims by which trials count: groups of households, and who is on a department's list.
fn claims(inner: &Inner) -> Vec<Claim> {
    let trials = &inner.pack.simulation;
    let bands = trials.groupings.iter().enumerate().flat_map(|(g, grouping)| {
        grouping.bands.iter().enumerate().map(move |(b, band)| Claim {
            id: band_id(g, b),
            sql: band.expr.clone(),
            grain: Grain::Household,
        })
    });
    let received = trials.received.iter().enumerate();
    bands.chain(received.map(|(i, r)| Claim { id: received_id(i), sql: r.expr.clone(), grain: r.grain })).collect()
}

pub(crate) fn band_id(grouping: usize, band: usize) -> String {
    format!("trial_band_{grouping}_{band}")
}

pub(crate) fn received_id(receipt: usize) -> String {
    format!("trial_received_{receipt}")
}

impl Trials {
    pub fn as_of(&self) -> NaiveDate {
        self.as_of
    }

    /// As [`Engine::readable_id`] names it for statistics on that day.
    pub fn snapshot_id(&self) -> &str {
        &self.inner.snapshot.id
    }

    /// Each scenario against today's rules.
    pub async fn simulate(&self, scenarios: &[Scenario]) -> Result<Trial, EngineError> {
        let (trials, scenarios) = (self.clone(), scenarios.to_vec());
        runtime::run(async move {
            let started = Instant::now();
            let Trials { as_of, base_ms, .. } = &trials;
            let (inner, base, groups) = (&trials.inner.share(), &trials.base.share(), &trials.groups.share());
            let pack = &inner.pack;
            let mut times = TrialMs { base: *base_ms, groups: base.plan.groups(), ..TrialMs::default() };
            let mut outcomes = Vec::with_capacity(scenarios.len());
            for scenario in &scenarios {
                let started = Instant::now();
                let changed = pack.with_settings(&scenario.settings, *as_of);
                let plan = Plan::of(&changed, &claims(inner), false, *as_of)?;
                let variant = Ground::lay(inner, plan, Some(base)).await?;
                if variant.found.keys != base.found.keys {
                    let message = "a parameter changes who is a household; that cannot be tried".to_owned();
                    return Err(EngineError::Rule { rule: scenario.name.clone(), message });
                }
                outcomes.push(outcome(pack, *as_of, groups, &base.found, &variant.found, scenario));
                times.groups_again = times.groups_again.max(variant.computed);
                times.scenarios.push(ms(started));
            }
            times.total = ms(started) + base_ms;
            let found = &base.found;
            let helped = groups.helped(found);
            let told = hide::count(helped).is_some();
            Ok(Trial {
                as_of: *as_of,
                pack_version: pack.info.version.clone(),
                pack_digest: pack.digest.clone(),
                snapshot: inner.snapshot.id.clone(),
                withheld: inner.withheld.clone(),
                people: found.people,
                households: found.len() as u64,
                helped: hide::count(helped),
                month: told.then(|| found.month.iter().sum()),
                year: told.then(|| found.year.iter().sum()),
                outcomes,
                ms: times,
            })
        })
        .await
    }

    /// Where support falls as income rises, on made-up households and around the lines on real ones; what is held
    /// together; who is entitled and on no list.
    pub async fn cliffs(&self) -> Result<Cliffs, EngineError> {
        let trials = self.clone();
        runtime::run(async move { cliffs::cliffs(&trials.inner.share(), trials.as_of, &trials.base.share()).await })
            .await
    }
}
