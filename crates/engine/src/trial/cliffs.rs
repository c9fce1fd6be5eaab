//! Where a little more income costs a household more than it brings (programmes.md 5.3): on households made up for the
//! purpose, asked at every income, and on the real ones around each line.

use super::{
    ground::{Found, Ground, Held},
    hide::{count, hidden},
    received_id,
};
use crate::{
    EngineError, Inner,
    cases::{move_apart, to_batch},
    frame::Frames,
    pass::each_chunk,
    program::{Condition, Programme},
    runtime,
    snapshot::Snapshot,
};
use arrow::{
    array::BooleanArray,
    compute::{and, and_not},
};
use chrono::NaiveDate;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, sync::Arc, time::Instant};
use tuodi_pack::{
    Pack, Text,
    facts::Grain,
    programme::ProgrammeKind,
    simulation::HouseholdKind,
    trial::{Cliffs, Count, Curve, Drop, Gap, IncomeLine, LineBand, Pair, Point, Stack},
};

pub(crate) async fn cliffs(inner: &Arc<Inner>, as_of: NaiveDate, base: &Arc<Ground>) -> Result<Cliffs, EngineError> {
    let started = Instant::now();
    let curves = curves(inner, as_of, base).await?;
    let (shared, ground) = (inner.clone(), base.clone());
    let lines = runtime::compute(move || lines(&shared, &ground)).await?;
    let (pack, found) = (&inner.pack, &base.found);
    Ok(Cliffs {
        as_of,
        pack_version: pack.info.version.clone(),
        snapshot: inner.snapshot.id.clone(),
        withheld: inner.withheld.clone(),
        households: found.len() as u64,
        curves,
        lines,
        stacking: stacking(found),
        pairs: pairs(found)?,
        gaps: gaps(pack, found)?,
        ms: started.elapsed().as_millis() as u64,
    })
}

/// Incomes at which each made-up household is asked first; then every yuan where something changes between two.
const STEPS: i64 = 160;
const YUAN: i64 = 100;
/// Distance between the numbers of two households.
const APART: i64 = 1000;

async fn curves(inner: &Arc<Inner>, as_of: NaiveDate, base: &Ground) -> Result<Vec<Curve>, EngineError> {
    let kinds = &inner.pack.simulation.households;
    if kinds.is_empty() {
        return Ok(Vec::new());
    }
    let nothing: Vec<(usize, i64)> = (0..kinds.len()).map(|kind| (kind, 0)).collect();
    let (_, tops) = ask(inner, as_of, base, &nothing).await?;
    let mut wanted: Vec<(usize, i64)> = Vec::new();
    let mut steps = vec![YUAN; kinds.len()];
    for (kind, top) in tops.iter().enumerate() {
        let top = top * 115 / 100;
        steps[kind] = (top / STEPS).div_euclid(YUAN).max(1) * YUAN;
        wanted.extend((0..).map(|i| (kind, i * steps[kind])).take_while(|(_, income)| *income <= top.max(YUAN)));
    }
    let (rough, _) = ask(inner, as_of, base, &wanted).await?;
    let mut fine: Vec<(usize, i64)> = Vec::new();
    for (i, pair) in wanted.windows(2).enumerate().filter(|(_, pair)| pair[0].0 == pair[1].0) {
        if rough.differ(i, i + 1) {
            let between = (1..).map(|n| pair[0].1 + n * YUAN).take_while(|income| *income < pair[1].1);
            fine.extend(between.map(|income| (pair[0].0, income)));
        }
    }
    let (closer, _) = ask(inner, as_of, base, &fine).await?;
    let mut curves = Vec::with_capacity(kinds.len());
    for (k, kind) in kinds.iter().enumerate() {
        let own = |list: &[(usize, i64)], asked: &Asked| -> Vec<Stand> {
            let mine = list.iter().enumerate().filter(|(_, (kind, _))| *kind == k);
            mine.map(|(i, (_, income))| asked.stand(i, *income)).collect()
        };
        let mut stands = own(&wanted, &rough);
        stands.extend(own(&fine, &closer));
        stands.sort_by_key(|s| s.income);
        curves.push(curve(kind, &stands));
    }
    Ok(curves)
}

/// A made-up household at one income.
struct Stand {
    income: i64,
    tier: String,
    support: i64,
    persons: u64,
    held: Vec<String>,
}

struct Asked(Found);

impl Asked {
    fn stand(&self, i: usize, income: i64) -> Stand {
        let found = &self.0;
        let held = found.held.iter().filter(|h| h.is_support() && h.holds.value(i));
        Stand {
            income,
            tier: found.tiers[usize::from(found.tier[i])].clone(),
            support: found.year[i],
            persons: found.size[i].max(0).cast_unsigned(),
            held: held.map(|h| h.id.clone()).collect(),
        }
    }

    fn differ(&self, a: usize, b: usize) -> bool {
        let found = &self.0;
        found.tier[a] != found.tier[b] || found.held.iter().any(|h| h.holds.value(a) != h.holds.value(b))
    }
}

/// Asks made-up households: kind and income (fen a month) of each. Also the highest line of income of each.
async fn ask(
    inner: &Arc<Inner>,
    as_of: NaiveDate,
    base: &Ground,
    list: &[(usize, i64)],
) -> Result<(Asked, Vec<i64>), EngineError> {
    let pack = &inner.pack;
    let mut rows: BTreeMap<String, Vec<Map<String, Value>>> = BTreeMap::new();
    for (i, (kind, income)) in list.iter().enumerate() {
        let apart = (i as i64 + 1) * APART;
        for row in &pack.simulation.households[*kind].rows {
            let fail = |message: &str| EngineError::Row { source_id: row.source.clone(), message: message.to_owned() };
            let source = pack.source(&row.source).ok_or_else(|| fail("the pack has no such source"))?;
            let Ok(Value::Object(mut values)) = serde_json::to_value(&row.values) else {
                return Err(fail("values must be a table"));
            };
            for value in values.values_mut() {
                match value.as_str() {
                    Some("$income") => *value = Value::from(*income),
                    Some("$as_of") => *value = Value::from(as_of.to_string()),
                    _ => {}
                }
            }
            move_apart(source, &mut values, apart);
            rows.entry(row.source.clone()).or_default().push(values);
        }
    }
    let mut batches = BTreeMap::new();
    for (source, rows) in rows {
        if let Some(source) = pack.source(&source) {
            batches.insert(source.id.clone(), to_batch(source, &rows)?);
        }
    }
    let part = Arc::new(inner.part(Snapshot::of_rows("made-up households", batches)));
    let ground = Ground::lay(&part, base.plan.clone(), None).await?;
    if ground.found.len() != list.len() {
        let message = "a household of simulation.toml has rows of several households, or of none".to_owned();
        return Err(EngineError::Row { source_id: "simulation.toml".to_owned(), message });
    }
    let shared = inner.clone();
    let (ground, tops) = runtime::compute(move || {
        let tops = tops(&shared, &ground)?;
        Ok((ground, tops))
    })
    .await?;
    Ok((Asked(ground.found), tops))
}

/// Conditions of tiers about what comes in a month: the measure stands against a line in money a month.
fn income_lines<'a>(
    pack: &'a Pack,
    ground: &'a Ground,
) -> Vec<(&'a Programme, &'a Condition, &'a tuodi_pack::programme::Condition)> {
    let programmes = ground.plan.program.programmes.iter().filter(|p| p.is_tier && p.grain == Grain::Household);
    let mut out = Vec::new();
    for programme in programmes {
        let Some(own) = pack.programme(&programme.id) else { continue };
        let monthly = format!("{}/month", pack.info.money_unit);
        for condition in &programme.conditions {
            let Some(said) = own.conditions.get(condition.place) else { continue };
            if said.unit == monthly && condition.measure.is_some() && condition.line.is_some() {
                out.push((programme, condition, said));
            }
        }
    }
    out
}

/// The highest line of each household.
fn tops(inner: &Inner, ground: &Ground) -> Result<Vec<i64>, EngineError> {
    let frames = Frames::build(&ground.plan.program, &ground.tables, Some(&ground.plan.program.person_facts))?;
    let mut tops = vec![0; frames.household.len];
    let whole = frames.household.chunk(0, frames.household.len);
    for (_, condition, _) in income_lines(&inner.pack, ground) {
        if let Some(line) = &condition.line {
            for (top, line) in tops.iter_mut().zip(line.whole(&whole)?) {
                *top = line.unwrap_or(0).max(*top);
            }
        }
    }
    Ok(tops)
}

fn curve(kind: &HouseholdKind, stands: &[Stand]) -> Curve {
    let worth = |s: &Stand| s.support + 12 * s.income;
    let mut drops = Vec::new();
    for (i, pair) in stands.windows(2).enumerate() {
        let (before, after) = (&pair[0], &pair[1]);
        let worse_off = worth(before) - worth(after);
        if worse_off > 0 {
            let even = stands[i + 1..].iter().find(|s| worth(s) >= worth(before));
            drops.push(Drop {
                before: before.income,
                after: after.income,
                tier_before: before.tier.clone(),
                tier_after: after.tier.clone(),
                lost: before.held.iter().filter(|id| !after.held.contains(id)).cloned().collect(),
                support: before.support - after.support,
                worse_off,
                even_at: even.map(|s| s.income),
            });
        }
    }
    let points = stands.iter().map(|s| Point { income: s.income, tier: s.tier.clone(), support: s.support });
    Curve {
        id: kind.id.clone(),
        title: kind.title.clone(),
        persons: stands.first().map_or(0, |s| s.persons),
        points: points.collect(),
        drops,
    }
}

/// Width of a band around a line and how far the bands reach, in parts per thousand of the line.
const BAND: i64 = 20;
const REACH: i64 = 200;

fn lines(inner: &Inner, ground: &Ground) -> Result<Vec<IncomeLine>, EngineError> {
    let program = &ground.plan.program;
    let frames = Frames::build(program, &ground.tables, Some(&program.person_facts))?;
    let threads = inner.config.partitions.max(1);
    let mut out = Vec::new();
    for (programme, condition, said) in income_lines(&inner.pack, ground) {
        let (Some(measure), Some(line)) = (&condition.measure, &condition.line) else { continue };
        let mut bands = vec![0_u64; (2 * REACH / BAND) as usize];
        let (mut under, mut over) = (0_u64, 0_u64);
        each_chunk(
            &frames.household,
            threads,
            |chunk| Ok((measure.whole(chunk)?, line.whole(chunk)?)),
            |(measures, lines)| {
                for (measure, line) in measures.into_iter().zip(lines) {
                    let (Some(measure), Some(line)) = (measure, line.filter(|l| *l > 0)) else { continue };
                    let distance = ((i128::from(measure) - i128::from(line)) * 1000).div_euclid(i128::from(line));
                    let Ok(distance) = i64::try_from(distance) else { continue };
                    under += u64::from((-100..0).contains(&distance));
                    over += u64::from((0..=100).contains(&distance));
                    if (-REACH..REACH).contains(&distance) {
                        bands[((distance + REACH) / BAND) as usize] += 1;
                    }
                }
                Ok(())
            },
        )?;
        let own = inner.pack.programme(&programme.id);
        let title = |of: fn(&Text) -> &str| format!("{}：{}", own.map_or("", |p| of(&p.title)), of(&said.title));
        let told = hidden(&bands);
        let bands = bands.iter().zip(told).enumerate().map(|(i, (n, hide))| LineBand {
            from: i as i64 * BAND - REACH,
            to: (i as i64 + 1) * BAND - REACH,
            households: (!hide).then_some(*n),
        });
        out.push(IncomeLine {
            programme: programme.id.clone(),
            condition: said.name.clone(),
            title: Text::new(title(|t| &t.zh), title(|t| &t.en).replace('：', ": ")),
            under: count(under),
            over: count(over),
            bands: bands.collect(),
        });
    }
    Ok(out)
}

fn supports(found: &Found) -> impl Iterator<Item = &Held> {
    found.held.iter().filter(|h| h.is_support() && h.kind != ProgrammeKind::Levy)
}

fn stacking(found: &Found) -> Vec<Stack> {
    let mut number = vec![0_usize; found.len()];
    for held in supports(found) {
        held.holds.values().set_indices().for_each(|row| number[row] += 1);
    }
    let most = number.iter().copied().max().unwrap_or(0);
    let (mut households, mut year) = (vec![0_u64; most + 1], vec![0_i64; most + 1]);
    for (n, fen) in number.iter().zip(&found.year) {
        households[*n] += 1;
        year[*n] += fen;
    }
    let hide = hidden(&households);
    let rows = households.iter().zip(&year).enumerate().zip(hide).map(|((n, (households, year)), hide)| Stack {
        programmes: n as u64,
        households: (!hide).then_some(*households),
        mean_year: (!hide && *households > 0).then(|| year / (*households).cast_signed()),
    });
    rows.collect()
}

/// The pairs most often held together.
const PAIRS: usize = 15;

fn pairs(found: &Found) -> Result<Vec<Pair>, EngineError> {
    let all: Vec<&Held> = supports(found).filter(|h| h.holds.true_count() > 0).collect();
    let mut pairs = Vec::new();
    for (i, first) in all.iter().enumerate() {
        for second in &all[i + 1..] {
            let both = and(&first.holds, &second.holds).map_err(|_| EngineError::Interrupted)?.true_count() as u64;
            if let Some(households) = count(both).filter(|n| *n > 0) {
                pairs.push((households, first.id.clone(), second.id.clone()));
            }
        }
    }
    pairs.sort_by(|a, b| b.cmp(a));
    let pairs = pairs.into_iter().take(PAIRS);
    Ok(pairs.map(|(households, first, second)| Pair { first, second, households: Some(households) }).collect())
}

fn gaps(pack: &Pack, found: &Found) -> Result<Vec<Gap>, EngineError> {
    let mut out = Vec::new();
    for (i, receipt) in pack.simulation.received.iter().enumerate() {
        let held = found.held.iter().find(|h| h.id == receipt.programme);
        let (Some(held), Some(received)) = (held, found.claims.get(&received_id(i))) else { continue };
        let both = |a: &BooleanArray, b: &BooleanArray| -> Result<u64, EngineError> {
            Ok(and_not(a, b).map_err(|_| EngineError::Interrupted)?.true_count() as u64)
        };
        let entitled = held.holds.true_count() as u64;
        let missing = both(&held.holds, received)?;
        // Those entitled and on a list are the rest: they may not be few either.
        let told: Count = count(missing).filter(|_| count(entitled - missing).is_some());
        out.push(Gap {
            programme: receipt.programme.clone(),
            title: pack.programme(&receipt.programme).map_or_else(|| Text::new("", ""), |p| p.title.clone()),
            entitled: count(entitled),
            missing: told,
            beyond: count(both(received, &held.holds)?),
        });
    }
    Ok(out)
}
