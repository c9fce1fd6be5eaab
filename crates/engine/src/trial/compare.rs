//! Today's rules against a scenario: who gains, who loses, what it costs, by groups.

use super::{
    band_id,
    ground::{Found, Held},
    hide::{count, hidden, merged},
};
use arrow::array::AsArray;
use chrono::NaiveDate;
use std::collections::HashMap;
use tuodi_pack::{
    Pack, Setting, Text,
    region::RegionLevel,
    trial::{Changed, Move, Outcome, ProgrammeRow, Row, Scenario, Size, Sum, Table, TierRow},
};

/// One way to divide the households: a group for each.
pub(crate) struct Division {
    pub id: String,
    pub title: Text,
    /// Ids and titles of the groups.
    pub groups: Vec<(String, Text)>,
    /// Group of each household.
    pub of: Vec<u16>,
}

/// All the ways to divide them, the tier first.
pub(crate) struct Groups {
    pub divisions: Vec<Division>,
}

fn others() -> Text {
    Text::new("其他", "Others")
}

fn together() -> Text {
    Text::new("户数较少的几组合计", "Smaller groups together")
}

pub(crate) fn tier_title(pack: &Pack, tier: &str) -> Text {
    pack.programme(tier).map_or_else(|| Text::new("不在任何一类", "In no tier"), |p| p.title.clone())
}

impl Groups {
    pub fn of(pack: &Pack, found: &Found) -> Groups {
        let tiers = found.tiers.iter().map(|t| (t.clone(), tier_title(pack, t))).collect();
        let mut divisions = vec![Division {
            id: "tier".to_owned(),
            title: Text::new("现在的对象类别", "Tier of today"),
            groups: tiers,
            of: found.tier.clone(),
        }];
        divisions.push(townships(pack, found));
        divisions.extend(pack.simulation.groupings.iter().enumerate().map(|(g, grouping)| {
            let last = grouping.bands.len() as u16;
            let mut of = vec![last; found.len()];
            // Later bands first: the first that holds is written last and stays.
            for b in (0..grouping.bands.len()).rev() {
                if let Some(holds) = found.claims.get(&band_id(g, b)) {
                    for row in holds.values().set_indices() {
                        of[row] = b as u16;
                    }
                }
            }
            let bands = grouping.bands.iter().map(|b| (b.id.clone(), b.title.clone()));
            let groups = bands.chain([("others".to_owned(), others())]).collect();
            Division { id: grouping.id.clone(), title: grouping.title.clone(), groups, of }
        }));
        divisions.retain(|d| d.groups.len() > 1);
        Groups { divisions }
    }

    /// Households in a tier or given something.
    pub fn helped(&self, found: &Found) -> u64 {
        helped(found).iter().filter(|h| **h).count() as u64
    }
}

fn townships(pack: &Pack, found: &Found) -> Division {
    let digits = RegionLevel::Township.digits();
    let mut places: HashMap<String, u16> = HashMap::new();
    let mut groups: Vec<(String, Text)> = Vec::new();
    let mut last: Option<(&str, u16)> = None;
    let regions = found.region.as_string::<i32>();
    let of = regions
        .iter()
        .map(|code| {
            let start = code.and_then(|c| c.get(..digits)).unwrap_or("");
            // Neighbours mostly stand together.
            if let Some((_, place)) = last.filter(|(known, _)| *known == start) {
                return place;
            }
            let place = *places.entry(start.to_owned()).or_insert_with(|| {
                let id = if start.is_empty() { String::new() } else { format!("{start:0<12}") };
                let title =
                    pack.regions.get(&id).map_or_else(|| Text::new("地区不明", "Place not known"), |r| r.name.clone());
                groups.push((id, title));
                (groups.len() - 1) as u16
            });
            last = Some((start, place));
            place
        })
        .collect();
    Division { id: "township".to_owned(), title: Text::new("乡镇（街道）", "Township"), groups, of }
}

fn helped(found: &Found) -> Vec<bool> {
    let mut out: Vec<bool> = found.tier.iter().map(|t| *t > 0).collect();
    for held in found.held.iter().filter(|h| h.is_support() && h.sign() > 0) {
        held.holds.values().set_indices().for_each(|row| out[row] = true);
    }
    out
}

/// Sums of one group.
#[derive(Clone, Default)]
struct Sums {
    households: u64,
    helped: u64,
    gain: u64,
    lose: u64,
    enter: u64,
    leave: u64,
    change_tier: u64,
    month: i64,
    month_change: i64,
    year: i64,
    year_change: i64,
}

impl Sums {
    fn add(&mut self, other: &Sums) {
        self.households += other.households;
        self.helped += other.helped;
        self.gain += other.gain;
        self.lose += other.lose;
        self.enter += other.enter;
        self.leave += other.leave;
        self.change_tier += other.change_tier;
        self.month += other.month;
        self.month_change += other.month_change;
        self.year += other.year;
        self.year_change += other.year_change;
    }
}

/// Columns of what changes, one value a household.
struct Difference {
    year: Vec<i64>,
    month: Vec<i64>,
    helped: Vec<bool>,
}

/// A scenario's findings against today's. Both stand on the same households in the same order.
pub(crate) fn outcome(
    pack: &Pack,
    as_of: NaiveDate,
    groups: &Groups,
    base: &Found,
    new: &Found,
    scenario: &Scenario,
) -> Outcome {
    let minus = |a: &[i64], b: &[i64]| a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<i64>>();
    let difference =
        Difference { year: minus(&new.year, &base.year), month: minus(&new.month, &base.month), helped: helped(base) };
    let matrix = matrix(base, new);
    let hide = HiddenMoves::of(&matrix);
    let all = Division {
        id: String::new(),
        title: Text::new("", ""),
        groups: vec![("all".to_owned(), Text::new("全区", "The whole district"))],
        of: vec![0; base.len()],
    };
    let total = rows(&all, &sums(&all, base, new, &difference), None).pop();
    let tables = groups.divisions.iter().map(|division| {
        let sums = sums(division, base, new, &difference);
        let moves = (division.id == "tier").then_some(&hide);
        Table { id: division.id.clone(), title: division.title.clone(), rows: rows(division, &sums, moves) }
    });
    Outcome {
        name: scenario.name.clone(),
        settings: scenario.settings.iter().map(|s| changed(pack, as_of, s)).collect(),
        total: total.unwrap_or_else(|| row(&all.groups[0], &Sums::default(), &Hide::default())),
        tiers: tiers(pack, base, new, &hide),
        moves: moves(base, &matrix, &hide),
        programmes: programmes(pack, &base.held, &new.held),
        tables: tables.collect(),
        sizes: sizes(&difference.year),
    }
}

fn changed(pack: &Pack, as_of: NaiveDate, setting: &Setting) -> Changed {
    let parameter = pack.parameters.get(&setting.parameter);
    let from = match (parameter, &setting.region) {
        (Some(p), Some(region)) => p.value(region, as_of).map(|v| v.amount),
        (Some(p), None) => {
            let counties = pack.regions.at_level(RegionLevel::County);
            let mut values: Vec<i64> = counties.filter_map(|c| p.value(&c.code, as_of).map(|v| v.amount)).collect();
            values.dedup();
            (values.len() == 1).then(|| values[0])
        }
        (None, _) => None,
    };
    Changed {
        parameter: setting.parameter.clone(),
        title: parameter.map_or_else(|| Text::new("", ""), |p| p.title.clone()),
        region: setting.region.clone(),
        unit: parameter.map(|p| p.unit.clone()).unwrap_or_default(),
        from,
        to: setting.amount,
    }
}

fn sums(division: &Division, base: &Found, new: &Found, difference: &Difference) -> Vec<Sums> {
    let mut out = vec![Sums::default(); division.groups.len()];
    for (i, group) in division.of.iter().enumerate() {
        let sum = &mut out[usize::from(*group)];
        let (before, after) = (base.tier[i], new.tier[i]);
        sum.households += 1;
        sum.helped += u64::from(difference.helped[i]);
        sum.gain += u64::from(difference.year[i] > 0);
        sum.lose += u64::from(difference.year[i] < 0);
        sum.enter += u64::from(before == 0 && after != 0);
        sum.leave += u64::from(before != 0 && after == 0);
        sum.change_tier += u64::from(before != 0 && after != 0 && before != after);
        sum.month += base.month[i];
        sum.month_change += difference.month[i];
        sum.year += base.year[i];
        sum.year_change += difference.year[i];
    }
    out
}

/// What is not told of one row.
#[derive(Clone, Copy, Default)]
struct Hide {
    money: bool,
    change: bool,
    gain: bool,
    lose: bool,
    enter: bool,
    leave: bool,
    change_tier: bool,
}

fn rows(division: &Division, sums: &[Sums], moves: Option<&HiddenMoves>) -> Vec<Row> {
    let (large, small) = merged(&sums.iter().map(|s| s.households).collect::<Vec<_>>());
    let mut kept: Vec<(&(String, Text), Sums)> =
        large.iter().map(|i| (&division.groups[*i], sums[*i].clone())).collect();
    let rest = ("*".to_owned(), together());
    if !small.is_empty() {
        let mut sum = Sums::default();
        small.iter().for_each(|i| sum.add(&sums[*i]));
        kept.push((&rest, sum));
    }
    let column = |of: fn(&Sums) -> u64| hidden(&kept.iter().map(|(_, s)| of(s)).collect::<Vec<_>>());
    let (helped, touched) = (column(|s| s.helped), column(|s| s.gain + s.lose));
    let (gain, lose) = (column(|s| s.gain), column(|s| s.lose));
    let (enter, leave, change) = (column(|s| s.enter), column(|s| s.leave), column(|s| s.change_tier));
    let hide = |i: usize, sums: &Sums| {
        let place = large.get(i).copied().unwrap_or(usize::MAX);
        let of_tier =
            |cells: &[bool]| moves.is_some() && cells.get(place).copied().unwrap_or(true) && sums.households > 0;
        Hide {
            money: helped[i],
            change: touched[i],
            // Where one of both is kept back and their sum could be seen from the money, the other stays.
            gain: gain[i],
            lose: lose[i],
            enter: enter[i] || moves.is_some_and(|m| of_tier(&m.entering)),
            leave: leave[i] || moves.is_some_and(|m| of_tier(&m.leaving)),
            change_tier: change[i] || moves.is_some_and(|m| of_tier(&m.changing)),
        }
    };
    kept.iter().enumerate().map(|(i, (group, sums))| row(group, sums, &hide(i, sums))).collect()
}

fn row((id, title): &(String, Text), sums: &Sums, hide: &Hide) -> Row {
    let told = |n: u64, hide: bool| (!hide).then_some(n);
    let money = |fen: i64, hide: bool| -> Sum { (!hide).then_some(fen) };
    Row {
        id: id.clone(),
        title: title.clone(),
        households: sums.households,
        helped: told(sums.helped, hide.money),
        gain: told(sums.gain, hide.gain),
        lose: told(sums.lose, hide.lose),
        enter: told(sums.enter, hide.enter),
        leave: told(sums.leave, hide.leave),
        change_tier: told(sums.change_tier, hide.change_tier),
        month: money(sums.month, hide.money),
        month_change: money(sums.month_change, hide.change),
        year: money(sums.year, hide.money),
        year_change: money(sums.year_change, hide.change),
    }
}

/// Households by tier of today (row) and of the scenario (column).
fn matrix(base: &Found, new: &Found) -> Vec<Vec<u64>> {
    let n = base.tiers.len();
    let mut cells = vec![vec![0; n]; n];
    for (before, after) in base.tier.iter().zip(&new.tier) {
        cells[usize::from(*before)][usize::from(*after)] += 1;
    }
    cells
}

/// Cells of the matrix that are not told, and rows whose sums would tell them.
struct HiddenMoves {
    cells: Vec<Vec<bool>>,
    entering: Vec<bool>,
    leaving: Vec<bool>,
    changing: Vec<bool>,
    /// Tiers with a hidden cell in their row or column: their number afterwards would tell it.
    touched: Vec<bool>,
}

impl HiddenMoves {
    fn of(matrix: &[Vec<u64>]) -> HiddenMoves {
        let n = matrix.len();
        let mut cells = vec![vec![false; n]; n];
        // Each kind of move has a sum of its own that is told.
        let kinds: [fn(usize, usize) -> bool; 3] = [
            |from, to| from == 0 && to != 0,
            |from, to| from != 0 && to == 0,
            |from, to| from != 0 && to != 0 && from != to,
        ];
        for kind in kinds {
            let places: Vec<(usize, usize)> = (0..n)
                .flat_map(|from| (0..n).map(move |to| (from, to)))
                .filter(|(from, to)| kind(*from, *to))
                .collect();
            let counts: Vec<u64> = places.iter().map(|(from, to)| matrix[*from][*to]).collect();
            for ((from, to), hide) in places.into_iter().zip(hidden(&counts)) {
                cells[from][to] = hide;
            }
        }
        let any = |from: usize, to: std::ops::Range<usize>| to.into_iter().any(|to| cells[from][to]);
        let entering = (0..n).map(|from| from == 0 && any(from, 1..n)).collect();
        let leaving = (0..n).map(|from| from != 0 && cells[from][0]).collect();
        let changing = (0..n).map(|from| from != 0 && any(from, 1..n)).collect();
        let touched = (0..n).map(|tier| (0..n).any(|other| cells[tier][other] || cells[other][tier])).collect();
        HiddenMoves { cells, entering, leaving, changing, touched }
    }
}

fn tiers(pack: &Pack, base: &Found, new: &Found, hide: &HiddenMoves) -> Vec<TierRow> {
    let number = |tiers: &[u16]| {
        let mut counts = vec![0_u64; base.tiers.len()];
        tiers.iter().for_each(|t| counts[usize::from(*t)] += 1);
        counts
    };
    let (before, after) = (number(&base.tier), number(&new.tier));
    let hide_before = hidden(&before);
    let rows = base.tiers.iter().enumerate().map(|(i, id)| TierRow {
        id: id.clone(),
        title: tier_title(pack, id),
        before: (!hide_before[i]).then_some(before[i]),
        after: (!hide_before[i] && !hide.touched[i]).then(|| count(after[i])).flatten(),
    });
    rows.collect()
}

fn moves(base: &Found, matrix: &[Vec<u64>], hide: &HiddenMoves) -> Vec<Move> {
    let mut out = Vec::new();
    for (from, cells) in matrix.iter().enumerate() {
        for (to, households) in cells.iter().enumerate().filter(|(to, n)| *to != from && **n > 0) {
            let (before, after) = (&base.tiers[from], &base.tiers[to]);
            let households = (!hide.cells[from][to]).then_some(*households);
            out.push(Move { from: before.clone(), to: after.clone(), households });
        }
    }
    out
}

fn programmes(pack: &Pack, base: &[Held], new: &[Held]) -> Vec<ProgrammeRow> {
    struct Line<'a> {
        held: &'a Held,
        before: u64,
        after: u64,
        flipped: u64,
        touched: u64,
        year: i64,
        change: i64,
    }
    let pairs = base.iter().zip(new).filter(|(held, _)| held.is_support());
    let lines: Vec<Line<'_>> = pairs
        .map(|(held, then)| {
            let times = held.yearly();
            let amounts = || held.amount.values().iter().zip(then.amount.values());
            let flips = held.holds.values().iter().zip(then.holds.values().iter());
            Line {
                held,
                before: held.holds.true_count() as u64,
                after: then.holds.true_count() as u64,
                flipped: flips.filter(|(a, b)| a != b).count() as u64,
                touched: amounts().filter(|(a, b)| a != b).count() as u64,
                year: held.amount.values().iter().sum::<i64>() * times,
                change: amounts().map(|(a, b)| b - a).sum::<i64>() * times,
            }
        })
        .collect();
    let column = |of: fn(&Line<'_>) -> u64| hidden(&lines.iter().map(of).collect::<Vec<_>>());
    let (touched, few) = (column(|l| l.touched), column(|l| if l.year == 0 { 0 } else { l.before }));
    let rows = lines.iter().enumerate().map(|(i, line)| ProgrammeRow {
        id: line.held.id.clone(),
        title: pack.programme(&line.held.id).map_or_else(|| Text::new("", ""), |p| p.title.clone()),
        before: count(line.before),
        after: count(line.before).and(count(line.flipped)).and(count(line.after)),
        year: (!few[i] && count(line.before).is_some()).then_some(line.year),
        year_change: (!touched[i]).then_some(line.change),
    });
    rows.collect()
}

/// Yuan a month between which what households gain or lose is told.
const STEPS: [i64; 5] = [50, 100, 200, 500, 1000];

fn sizes(year: &[i64]) -> Vec<Size> {
    let steps: Vec<i64> = STEPS.iter().map(|yuan| yuan * 100).collect();
    let mut lost = vec![0_u64; steps.len() + 1];
    let mut gained = vec![0_u64; steps.len() + 1];
    for change in year.iter().filter(|c| **c != 0) {
        let place = steps.partition_point(|step| step * 12 <= change.abs());
        let side = if *change < 0 { &mut lost } else { &mut gained };
        side[place] += 1;
    }
    let bounds = |i: usize| (if i == 0 { 0 } else { steps[i - 1] }, steps.get(i).copied());
    let told = |counts: &[u64]| -> Vec<Option<u64>> {
        hidden(counts).into_iter().zip(counts).map(|(hide, n)| (!hide).then_some(*n)).collect()
    };
    let losses = told(&lost).into_iter().enumerate().rev().map(|(i, households)| {
        let (least, most) = bounds(i);
        Size { from: most.map(|m| -m), to: Some(-least), households }
    });
    let gains = told(&gained).into_iter().enumerate().map(|(i, households)| {
        let (least, most) = bounds(i);
        Size { from: Some(least), to: most, households }
    });
    losses.chain(gains).collect()
}
