//! The measures of many dimensions (Alkire and Foster; indicators.md A2): how many are poor in several things at once,
//! how deeply, and in what.
//!
//! Whole numbers throughout: a household's count of deprivations is the sum of the weights (parts per thousand) of the
//! items in which its score reaches the cut, and is compared as it is. An item nobody has answered is no deprivation.

use super::{
    claims,
    compare::{Division, Groups},
    ground::{Claim, Found, Ground, Plan},
    hide::{count, hidden, merged},
};
use crate::{EngineError, Inner, order::fill, schema::date_text};
use arrow::array::{Array, BooleanArray};
use chrono::NaiveDate;
use std::{sync::Arc, time::Instant};
use tuodi_pack::{
    Text,
    assessment::Item,
    facts::Grain,
    trial::{ItemRow, LEAST, Measured, Poverty, PovertyRow, PovertyTable},
};

/// Poverty lines that are reported, parts per thousand; the second is the usual one.
pub(crate) const LINES: [u32; 4] = [200, 250, 330, 400];

/// Fact of an item's score: `item_d1_2_1` of `D1.2.1`.
fn score_of(item: &str) -> String {
    format!("item_{}", item.to_lowercase().replace('.', "_"))
}

fn deprived_id(item: usize) -> String {
    format!("trial_deprived_{item}")
}

/// Assessed on the day or in the twelve months before it.
const CURRENT: &str = "trial_assessed";
const CURRENT_SQL: &str = "assessed_on <= $as_of AND assessed_on > $as_of - INTERVAL '12 months'";

pub(crate) async fn poverty(inner: &Arc<Inner>, as_of: NaiveDate) -> Result<Option<Poverty>, EngineError> {
    let started = Instant::now();
    inner.within(as_of)?;
    inner.snapshot.reaches(&inner.pack, as_of)?;
    let pack = &inner.pack;
    let items: Vec<&Item> = pack.assessment.items.iter().filter(|i| pack.fact(&score_of(&i.id)).is_some()).collect();
    if items.is_empty() || pack.fact("assessed_on").is_none() {
        return Ok(None);
    }
    let mut asked: Vec<Claim> = claims(inner).into_iter().filter(|c| c.grain == Grain::Household).collect();
    let of_household = |id: String, sql: String| Claim { id, sql, grain: Grain::Household };
    asked.extend(
        items
            .iter()
            .enumerate()
            .map(|(i, item)| of_household(deprived_id(i), format!("{} >= {}", score_of(&item.id), item.cut))),
    );
    asked.push(of_household(CURRENT.to_owned(), fill(pack, as_of, "assessment", CURRENT_SQL)?));
    let ground = Ground::lay(inner, Plan::of(pack, &asked, true, as_of)?, None).await?;
    let found = &ground.found;
    let groups = Groups::of(pack, found);
    let claim = |id: &str| found.claims.get(id).ok_or(EngineError::Interrupted);
    let current = claim(CURRENT)?;
    let deprived: Vec<&BooleanArray> = (0..items.len()).map(|i| claim(&deprived_id(i))).collect::<Result<_, _>>()?;
    let assessed: Vec<usize> = current.values().set_indices().collect();
    let sample = Sample::of(&items, &deprived, &assessed, found);
    let people: u64 = found.size.iter().sum::<i64>().max(0).cast_unsigned();
    let assessed_people: u64 = sample.members.iter().sum();
    let permille = |part: u64, whole: u64| (part * 1000).checked_div(whole).unwrap_or(0);
    let oldest = found.assessed_on.as_ref().and_then(|days| {
        let least = assessed.iter().filter(|row| !days.is_null(**row)).map(|row| days.value(*row)).min();
        least.and_then(|d| date_text(d).parse().ok())
    });
    let households = found.len() as u64;
    let measure = |weights: &[u64]| -> Vec<Measured> {
        LINES.iter().map(|k| measured(&items, &groups, &sample, weights, *k)).collect()
    };
    Ok(Some(Poverty {
        as_of,
        pack_version: pack.info.version.clone(),
        snapshot: inner.snapshot.id.clone(),
        withheld: inner.withheld.clone(),
        households,
        people,
        assessed_households: assessed.len() as u64,
        assessed_people,
        share_households: permille(assessed.len() as u64, households),
        share_people: permille(assessed_people, people),
        oldest,
        by_people: measure(&sample.members),
        by_households: measure(&vec![1; assessed.len()]),
        ms: started.elapsed().as_millis() as u64,
    }))
}

/// The assessed households, one value each.
pub(crate) struct Sample {
    /// Row in the frame of all households.
    rows: Vec<usize>,
    members: Vec<u64>,
    /// Sum of the weights of the items it is deprived in.
    counts: Vec<u32>,
    /// By item.
    deprived: Vec<Vec<bool>>,
}

impl Sample {
    fn of(items: &[&Item], deprived: &[&BooleanArray], assessed: &[usize], found: &Found) -> Sample {
        let mut counts = vec![0_u32; assessed.len()];
        let mut by_item = Vec::with_capacity(items.len());
        for (item, holds) in items.iter().zip(deprived) {
            let own: Vec<bool> = assessed.iter().map(|row| holds.value(*row)).collect();
            for (count, _) in counts.iter_mut().zip(&own).filter(|(_, deprived)| **deprived) {
                *count += item.weight;
            }
            by_item.push(own);
        }
        let members = assessed.iter().map(|row| found.size[*row].max(0).cast_unsigned()).collect();
        Sample { rows: assessed.to_vec(), members, counts, deprived: by_item }
    }
}

/// Exact sums of one group: how many, how many poor, and their counts of deprivation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    households: u64,
    poor_households: u64,
    n: u64,
    q: u64,
    /// Parts per thousand times weight.
    sum: u64,
}

impl Counted {
    fn add(&mut self, count: u32, weight: u64, k: u32) {
        let poor = count >= k;
        self.households += 1;
        self.poor_households += u64::from(poor);
        self.n += weight;
        if poor {
            self.q += weight;
            self.sum += u64::from(count) * weight;
        }
    }

    fn merge(&mut self, other: &Counted) {
        self.households += other.households;
        self.poor_households += other.poor_households;
        self.n += other.n;
        self.q += other.q;
        self.sum += other.sum;
    }

    fn incidence(&self) -> u64 {
        millionths(self.q, self.n)
    }

    /// 0 when nobody is poor.
    fn intensity(&self) -> u64 {
        millionths(self.sum, self.q * 1000)
    }

    fn m0(&self) -> u64 {
        millionths(self.sum, self.n * 1000)
    }
}

/// Nearest; 0 of nothing.
fn millionths(part: u64, whole: u64) -> u64 {
    if whole == 0 {
        return 0;
    }
    ((u128::from(part) * 2_000_000 + u128::from(whole)) / (u128::from(whole) * 2)) as u64
}

fn measured(items: &[&Item], groups: &Groups, sample: &Sample, weights: &[u64], k: u32) -> Measured {
    let mut all = Counted::default();
    for (count, weight) in sample.counts.iter().zip(weights) {
        all.add(*count, *weight, k);
    }
    let whole = (String::new(), Text::new("全区", "The whole district"));
    let told = all.households >= LEAST && count(all.poor_households).is_some();
    let poor = |row: &usize| sample.counts[*row] >= k;
    let own: Vec<Vec<usize>> =
        (0..items.len()).map(|i| (0..sample.rows.len()).filter(|row| sample.deprived[i][*row]).collect()).collect();
    // All contributions come to the whole: one that is kept back alone could be found.
    let few = hidden(&own.iter().map(|own| own.iter().filter(|row| poor(row)).count() as u64).collect::<Vec<_>>());
    let rows = items.iter().zip(&own).zip(few).map(|((item, own), few)| {
        let weight = |rows: &mut dyn Iterator<Item = &usize>| rows.map(|row| weights[*row]).sum::<u64>();
        let censored = weight(&mut own.iter().filter(|row| poor(row)));
        let told = told && !few;
        ItemRow {
            id: item.id.clone(),
            dimension: item.dimension.clone(),
            title: item.title.clone(),
            weight: item.weight,
            uncensored: count(own.len() as u64).map(|_| millionths(weight(&mut own.iter()), all.n)),
            censored: told.then(|| millionths(censored, all.n)),
            contribution: told.then(|| millionths(u64::from(item.weight) * censored, all.sum)),
        }
    });
    let tables = groups.divisions.iter().map(|division| table(division, sample, weights, k, &all));
    let total = PovertyRow { id: "all".to_owned(), ..row(&whole, &all, &all, !told) };
    Measured { k, total, items: rows.collect(), tables: tables.collect() }
}

fn table(division: &Division, sample: &Sample, weights: &[u64], k: u32, all: &Counted) -> PovertyTable {
    let mut sums = vec![Counted::default(); division.groups.len()];
    for ((row, count), weight) in sample.rows.iter().zip(&sample.counts).zip(weights) {
        sums[usize::from(division.of[*row])].add(*count, *weight, k);
    }
    let (large, small) = merged(&sums.iter().map(|s| s.households).collect::<Vec<_>>());
    let mut kept: Vec<((String, Text), Counted)> =
        large.iter().map(|i| (division.groups[*i].clone(), sums[*i])).collect();
    if !small.is_empty() {
        let mut sum = Counted::default();
        small.iter().for_each(|i| sum.merge(&sums[*i]));
        kept.push((("*".to_owned(), Text::new("户数较少的几组合计", "Smaller groups together")), sum));
    }
    let hide = hidden(&kept.iter().map(|(_, s)| s.poor_households).collect::<Vec<_>>());
    let rows = kept.iter().zip(hide).map(|((group, sums), hide)| row(group, sums, all, hide));
    PovertyTable { id: division.id.clone(), title: division.title.clone(), rows: rows.collect() }
}

fn row((id, title): &(String, Text), sums: &Counted, all: &Counted, hide: bool) -> PovertyRow {
    let told = |value: u64| (!hide).then_some(value);
    PovertyRow {
        id: id.clone(),
        title: title.clone(),
        assessed: sums.n,
        poor: told(sums.q),
        incidence: told(sums.incidence()),
        intensity: told(sums.intensity()),
        m0: told(sums.m0()),
        contribution: told(millionths(sums.sum, all.sum)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(counts: &[u32], k: u32) -> Counted {
        let mut sums = Counted::default();
        counts.iter().for_each(|c| sums.add(*c, 1, k));
        sums
    }

    #[test]
    fn the_worked_example_of_four_households_comes_out() {
        let sums = counted(&[285, 610, 100, 250], 250);
        assert_eq!((sums.n, sums.q), (4, 3));
        assert_eq!(sums.incidence(), 750_000);
        assert_eq!(sums.intensity(), 381_667);
        assert_eq!(sums.m0(), 286_250);
    }

    /// Forty households in two groups, deprived in one, two or three of three items.
    #[test]
    fn what_items_and_groups_contribute_comes_to_the_whole_of_m0() {
        let pack: tuodi_pack::assessment::Assessment = three_items();
        let items: Vec<&Item> = pack.items.iter().collect();
        let n = 40;
        let deprived: Vec<Vec<bool>> =
            (0..3).map(|item| (0..n).map(|h: usize| h % 4 > item || h % 3 == item).collect()).collect();
        let counts = (0..n).map(|h| (0..3).map(|i| if deprived[i][h] { items[i].weight } else { 0 }).sum()).collect();
        let members: Vec<u64> = (0..n as u64).map(|h| 1 + h % 5).collect();
        let sample = Sample { rows: (0..n).collect(), members: members.clone(), counts, deprived };
        let named = |id: &str| (id.to_owned(), Text::new(id, id));
        let division = Division {
            id: "half".to_owned(),
            title: Text::new("", ""),
            groups: vec![named("a"), named("b")],
            of: (0..n).map(|h| u16::from(h >= 20)).collect(),
        };
        let measured = measured(&items, &Groups { divisions: vec![division] }, &sample, &members, 300);
        let (h, a, m0) = (measured.total.incidence, measured.total.intensity, measured.total.m0);
        assert!(m0.unwrap().abs_diff(h.unwrap() * a.unwrap() / 1_000_000) <= 1);
        let whole: u64 = measured.items.iter().map(|i| i.contribution.unwrap()).sum();
        assert!(whole.abs_diff(1_000_000) <= 2, "{whole}");
        let weighted: u64 = measured.items.iter().map(|i| u64::from(i.weight) * i.censored.unwrap() / 1000).sum();
        assert!(weighted.abs_diff(m0.unwrap()) <= 3, "M0 is the weighted sum of the censored headcounts");
        let rows = &measured.tables[0].rows;
        assert_eq!(rows.iter().map(|r| r.assessed).sum::<u64>(), measured.total.assessed);
        let parts: u64 = rows.iter().map(|r| r.assessed * r.m0.unwrap()).sum();
        assert!((parts / measured.total.assessed).abs_diff(m0.unwrap()) <= 1, "groups weighted by their size");
        assert!(rows.iter().map(|r| r.contribution.unwrap()).sum::<u64>().abs_diff(1_000_000) <= 1);
    }

    fn three_items() -> tuodi_pack::assessment::Assessment {
        let item = |id: &str, weight: u32| {
            let text = serde_json::json!({ "zh": id, "en": id });
            serde_json::json!({
                "id": id, "dimension": "d", "title": text, "question": text, "cut": 50, "weight": weight, "choice": [],
            })
        };
        let items = [item("D1", 500), item("D2", 300), item("D3", 200)];
        serde_json::from_value(serde_json::json!({ "item": items })).unwrap()
    }

    #[test]
    fn nobody_poor_is_an_intensity_of_nothing() {
        let sums = counted(&[100, 0], 250);
        assert_eq!((sums.incidence(), sums.intensity(), sums.m0()), (0, 0, 0));
        assert_eq!(counted(&[], 250).m0(), 0);
    }

    #[test]
    fn on_the_line_is_poor_and_groups_come_to_the_whole() {
        let (left, right) = (counted(&[285, 249], 250), counted(&[610, 250, 0], 250));
        let mut both = left;
        both.merge(&right);
        assert_eq!(both, counted(&[285, 249, 610, 250, 0], 250));
        assert_eq!(left.sum + right.sum, both.sum);
    }
}
