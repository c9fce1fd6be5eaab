//! Asking every rule, phase after phase, over the frames. The pass keeps what later rules read; the check keeps all.

use crate::{
    EngineError,
    findings::{MemberAnswer, Rollup, amounts, holding, income_pc, levels, member_answers, programme_answers, tiers},
    frame::{Chunk, Frames},
    output::{Batches, Rows, Subjects},
    pass::each_chunk,
    program::{Indicator, LEVEL, Program, TIER, TIER_AMOUNT},
    schedule::{Phase, Task},
    schemas::{alert, amount, holds, label, members, total},
};
use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, StringArray},
    compute::concat,
    datatypes::Int64Type,
};
use std::{collections::HashMap, sync::Arc};
use tuodi_pack::{Answer, facts::Grain, indicator::Severity};

/// Columns that are no facts; a colon stands in no fact's name.
pub(crate) const UNKNOWN: &str = "tier:unknown";
pub(crate) const INCOME_PC: &str = "income:pc";
pub(crate) const DECIDED_BY: &str = "level:by";

pub(crate) fn points_of(indicator: &str) -> String {
    format!("points:{indicator}")
}

pub(crate) fn severity_of(indicator: &str) -> String {
    format!("severity:{indicator}")
}

pub(crate) fn need_of(service: &str) -> String {
    format!("need:{service}")
}

pub(crate) fn matter_of(matter: &str) -> String {
    format!("matter:{matter}")
}

/// How often each thing was found; by position in the program's lists.
pub(crate) struct Counts {
    /// Alerts by indicator.
    pub raised: Vec<u64>,
    /// Households or persons who hold a programme beside the tiers.
    pub held: Vec<u64>,
    /// What they hold together, in the smallest unit of money.
    pub amounts: Vec<i64>,
    pub labels: Vec<u64>,
    pub needs: Vec<u64>,
}

impl Counts {
    fn of(program: &Program) -> Counts {
        Counts {
            raised: vec![0; program.indicators.len()],
            held: vec![0; program.programmes.len()],
            amounts: vec![0; program.programmes.len()],
            labels: vec![0; program.labels.len()],
            needs: vec![0; program.services.len()],
        }
    }

    fn add(&mut self, other: &Counts) {
        let add = |sums: &mut [u64], more: &[u64]| sums.iter_mut().zip(more).for_each(|(sum, n)| *sum += n);
        add(&mut self.raised, &other.raised);
        add(&mut self.held, &other.held);
        add(&mut self.labels, &other.labels);
        add(&mut self.needs, &other.needs);
        self.amounts.iter_mut().zip(&other.amounts).for_each(|(sum, n)| *sum = sum.saturating_add(*n));
    }
}

pub(crate) struct Results {
    columns: HashMap<(Grain, String), ArrayRef>,
    pub counts: Counts,
    /// Points of each household and its people.
    pub points: Vec<u32>,
}

impl Results {
    pub fn column(&self, grain: Grain, name: &str) -> Option<&ArrayRef> {
        self.columns.get(&(grain, name.to_owned()))
    }

    /// Names of the facts found about a grain.
    pub fn facts(&self, grain: Grain) -> impl Iterator<Item = &str> {
        self.columns.keys().filter(move |(g, name)| *g == grain && !name.contains(':')).map(|(_, name)| name.as_str())
    }

    pub fn answer(&self, grain: Grain, name: &str, row: usize) -> Answer {
        let column = self.column(grain, name).map(|c| c.as_boolean());
        Answer::from_sql(column.filter(|c| !c.is_null(row)).map(|c| c.value(row)))
    }

    pub fn number(&self, grain: Grain, name: &str, row: usize) -> i64 {
        let column = self.column(grain, name).map(|c| c.as_primitive::<Int64Type>());
        column.filter(|c| !c.is_null(row)).map_or(0, |c| c.value(row))
    }

    pub fn word(&self, grain: Grain, name: &str, row: usize) -> Option<&str> {
        let column = self.column(grain, name).map(|c| c.as_string::<i32>());
        column.filter(|c| !c.is_null(row)).map(|c| c.value(row))
    }
}

/// Asks everything. `keep_all`: also what no rule reads, and the matters; otherwise the rows go to `write` and nothing
/// more is kept than is needed.
pub(crate) fn ask(
    program: &Program,
    frames: &mut Frames,
    threads: usize,
    keep_all: bool,
    mut write: impl FnMut(Batches) -> Result<(), EngineError>,
) -> Result<Results, EngineError> {
    let mut results =
        Results { columns: HashMap::new(), counts: Counts::of(program), points: vec![0; frames.household.len] };
    let asker = Asker { program, keep_all };
    for phase in &program.phases {
        let mut gathered = Gathered::new(asker, frames.household.len);
        let frame = match phase.grain {
            Grain::Person => &frames.person,
            Grain::Household => &frames.household,
        };
        let mut take = |found: Found| {
            results.counts.add(&found.counts);
            write(gathered.take(found)?)
        };
        if frame.len == 0 {
            // Nobody: the columns are there all the same, without rows.
            take(asker.chunk(phase, frames, &frame.chunk(0, 0))?)?;
        } else {
            each_chunk(frame, threads, |chunk| asker.chunk(phase, frames, chunk), take)?;
        }
        gathered.finish(phase.grain, frames, &mut results)?;
    }
    Ok(results)
}

#[derive(Clone, Copy)]
struct Asker<'a> {
    program: &'a Program,
    keep_all: bool,
}

/// What one chunk gives.
struct Found {
    /// Whole columns of the chunk that are kept.
    columns: Vec<(String, ArrayRef)>,
    rollups: Vec<(usize, Vec<MemberAnswer>)>,
    /// Persons who hold a programme: row of the household, amount.
    shares: Vec<(usize, Vec<(u32, i64)>)>,
    /// Persons with an alert (true) or perhaps one (false): row of the household.
    alerted: Vec<(usize, Vec<(u32, bool)>)>,
    /// Indicator, row of the household, points.
    points: Vec<(usize, u32, u32)>,
    rows: Rows,
    counts: Counts,
}

impl Asker<'_> {
    /// Whether a later phase, or the output, needs a column.
    fn wants(&self, name: &str) -> bool {
        self.keep_all || self.program.mentioned.contains(name)
    }

    fn chunk(&self, phase: &Phase, frames: &Frames, chunk: &Chunk<'_>) -> Result<Found, EngineError> {
        let program = self.program;
        let mut found = Found {
            columns: Vec::new(),
            rollups: Vec::new(),
            shares: Vec::new(),
            alerted: Vec::new(),
            points: Vec::new(),
            rows: Rows::default(),
            counts: Counts::of(program),
        };
        let subjects = Subjects::of(chunk)?;
        for task in &phase.tasks {
            match *task {
                Task::Members(i) => {
                    found.rollups.push((i, member_answers(program, &program.programmes[i], &frames.home, chunk)?));
                }
                Task::Tiers => self.tiers(chunk, &mut found)?,
                Task::Programme(i) => self.programme(i, frames, chunk, &subjects, &mut found)?,
                Task::Indicator(i) => self.indicator(i, frames, chunk, &subjects, &mut found)?,
                Task::Label(i) => {
                    let claim = &program.labels[i];
                    let answers = claim.rule.answers(chunk)?;
                    let held = holding(&answers);
                    found.counts.labels[i] += held.true_count() as u64;
                    found.rows.label(&claim.id, &subjects, &held);
                    self.keep(label(&claim.id), Arc::new(answers), chunk, &mut found);
                }
                Task::Level => {
                    if let Some(level) = &program.level {
                        let (levels, by) = levels(level, chunk)?;
                        let levels: ArrayRef = Arc::new(levels);
                        chunk.put(LEVEL, levels.clone());
                        found.columns.push((LEVEL.to_owned(), levels));
                        found.columns.push((DECIDED_BY.to_owned(), Arc::new(by)));
                    }
                }
                Task::Service(i) => {
                    let claim = &program.services[i];
                    let answers = claim.rule.answers(chunk)?;
                    let held = holding(&answers);
                    found.counts.needs[i] += held.true_count() as u64;
                    found.rows.need(&claim.id, &subjects, &held);
                    if self.keep_all {
                        found.columns.push((need_of(&claim.id), Arc::new(answers)));
                    }
                }
                // The one application is filled in household by household: only the check asks.
                Task::Matter(i) if self.keep_all => {
                    let claim = &program.matters[i];
                    found.columns.push((matter_of(&claim.id), Arc::new(claim.rule.answers(chunk)?)));
                }
                Task::Matter(_) => {}
            }
        }
        Ok(found)
    }

    /// A result that later rules of this phase may read, and of later phases when it is wanted.
    fn keep(&self, name: String, array: ArrayRef, chunk: &Chunk<'_>, found: &mut Found) {
        if self.wants(&name) {
            chunk.put(&name, array.clone());
            found.columns.push((name, array));
        }
    }

    fn tiers(&self, chunk: &Chunk<'_>, found: &mut Found) -> Result<(), EngineError> {
        let tiers = tiers(self.program, chunk, |name| self.wants(name))?;
        for (name, answers) in tiers.holds {
            self.keep(name, Arc::new(answers), chunk, found);
        }
        for (name, amounts) in tiers.amounts {
            self.keep(name, Arc::new(Int64Array::from(amounts)), chunk, found);
        }
        let unknown = StringArray::from_iter_values(&tiers.unknown);
        let always: [(&str, ArrayRef); 4] = [
            (TIER, Arc::new(StringArray::from(tiers.tier))),
            (TIER_AMOUNT, Arc::new(Int64Array::from(tiers.monthly))),
            (UNKNOWN, Arc::new(unknown)),
            (INCOME_PC, Arc::new(income_pc(self.program, chunk)?)),
        ];
        for (name, array) in always {
            chunk.put(name, array.clone());
            found.columns.push((name.to_owned(), array));
        }
        Ok(())
    }

    fn programme(
        &self,
        i: usize,
        frames: &Frames,
        chunk: &Chunk<'_>,
        subjects: &Subjects,
        found: &mut Found,
    ) -> Result<(), EngineError> {
        let programme = &self.program.programmes[i];
        let answers = programme_answers(self.program, programme, chunk)?;
        let held = holding(&answers);
        let amounts = amounts(programme, chunk, &held)?;
        found.counts.held[i] += held.true_count() as u64;
        found.counts.amounts[i] = amounts.iter().fold(0, |sum: i64, fen| sum.saturating_add(*fen));
        found.rows.benefits(programme, subjects, &held, &amounts);
        let id = &programme.id;
        if programme.grain == Grain::Person && (self.wants(&members(id)) || self.wants(&total(id))) {
            let share = |row: usize| (frames.home.value(chunk.start + row), amounts[row]);
            found.shares.push((i, held.values().set_indices().map(share).collect()));
        }
        self.keep(holds(id), Arc::new(answers), chunk, found);
        self.keep(amount(id), Arc::new(Int64Array::from(amounts)), chunk, found);
        Ok(())
    }

    fn indicator(
        &self,
        i: usize,
        frames: &Frames,
        chunk: &Chunk<'_>,
        subjects: &Subjects,
        found: &mut Found,
    ) -> Result<(), EngineError> {
        let indicator = &self.program.indicators[i];
        let answers = indicator.rule.answers(chunk)?;
        let raised = holding(&answers);
        let home = |row: usize| match chunk.frame.grain {
            Grain::Person => frames.home.value(chunk.start + row),
            Grain::Household => (chunk.start + row) as u32,
        };
        if raised.true_count() > 0 {
            let (severities, points) = weigh(indicator, chunk, &raised)?;
            found.counts.raised[i] += raised.true_count() as u64;
            let scored = raised.values().set_indices().zip(&points).filter(|(_, points)| **points > 0);
            found.points.extend(scored.map(|(row, points)| (i, home(row), *points)));
            found.rows.alerts(indicator, chunk, subjects, &raised, &severities, &points)?;
            if self.keep_all {
                let (mut all_points, mut words) = (vec![0; chunk.len], vec![None; chunk.len]);
                for (row, (points, severity)) in raised.values().set_indices().zip(points.iter().zip(&severities)) {
                    (all_points[row], words[row]) = (i64::from(*points), Some(severity.word()));
                }
                found.columns.push((points_of(&indicator.id), Arc::new(Int64Array::from(all_points))));
                found.columns.push((severity_of(&indicator.id), Arc::new(StringArray::from(words))));
            }
        } else if self.keep_all {
            found.columns.push((points_of(&indicator.id), Arc::new(Int64Array::from(vec![0; chunk.len]))));
            found.columns.push((severity_of(&indicator.id), Arc::new(StringArray::new_null(chunk.len))));
        }
        let name = alert(&indicator.id);
        match indicator.grain {
            Grain::Household => self.keep(name, Arc::new(answers), chunk, found),
            Grain::Person if self.wants(&name) => {
                let maybe = (0..chunk.len).filter(|row| answers.is_null(*row) || answers.value(*row));
                found.alerted.push((i, maybe.map(|row| (home(row), !answers.is_null(row))).collect()));
                if self.keep_all {
                    found.columns.push((name, Arc::new(answers)));
                }
            }
            Grain::Person => {}
        }
        Ok(())
    }
}

/// Severity and points of the alerts of a chunk; the indicator's own where its expressions say nothing.
fn weigh(
    indicator: &Indicator,
    chunk: &Chunk<'_>,
    raised: &BooleanArray,
) -> Result<(Vec<Severity>, Vec<u32>), EngineError> {
    let alerts = raised.true_count();
    let severities = match &indicator.severity_rule {
        None => vec![indicator.severity; alerts],
        Some(rule) => {
            let words = rule.words(chunk, raised)?;
            words.iter().map(|w| w.and_then(Severity::from_word).unwrap_or(indicator.severity)).collect()
        }
    };
    let points = match &indicator.points_rule {
        Some(rule) if indicator.points > 0 => {
            let counts = rule.counts(chunk, raised)?.into_iter();
            counts.map(|n| n.map_or(indicator.points, |n| u32::try_from(n).unwrap_or(0))).collect()
        }
        _ => vec![indicator.points; alerts],
    };
    Ok((severities, points))
}

/// What the chunks of one phase give together.
struct Gathered<'a> {
    asker: Asker<'a>,
    households: usize,
    columns: HashMap<String, Vec<ArrayRef>>,
    rollups: HashMap<usize, Rollup>,
    shares: HashMap<usize, (Vec<i64>, Vec<i64>)>,
    alerted: HashMap<usize, Vec<Answer>>,
    /// The highest of each indicator for each household: several members count once (indicators.md B1).
    points: HashMap<(usize, u32), u32>,
}

impl<'a> Gathered<'a> {
    fn new(asker: Asker<'a>, households: usize) -> Gathered<'a> {
        Gathered {
            asker,
            households,
            columns: HashMap::new(),
            rollups: HashMap::new(),
            shares: HashMap::new(),
            alerted: HashMap::new(),
            points: HashMap::new(),
        }
    }

    fn take(&mut self, found: Found) -> Result<Batches, EngineError> {
        let households = self.households;
        for (name, array) in found.columns {
            self.columns.entry(name).or_default().push(array);
        }
        for (i, answers) in found.rollups {
            let sum = self.rollups.entry(i).or_insert_with(|| Rollup::new(households));
            answers.into_iter().for_each(|(home, answer, amount)| sum.add(home, answer, amount));
        }
        for (i, shares) in found.shares {
            let (members, totals) = self.shares.entry(i).or_insert_with(|| (vec![0; households], vec![0; households]));
            for (home, amount) in shares {
                if let Some(count) = members.get_mut(home as usize) {
                    *count += 1;
                    totals[home as usize] += amount;
                }
            }
        }
        for (i, home, points) in found.points {
            let highest = self.points.entry((i, home)).or_default();
            *highest = points.max(*highest);
        }
        for (i, alerted) in found.alerted {
            let answers = self.alerted.entry(i).or_insert_with(|| vec![Answer::Fails; households]);
            for (home, certain) in alerted {
                if let Some(answer) = answers.get_mut(home as usize) {
                    *answer = if certain || *answer == Answer::Holds { Answer::Holds } else { Answer::Unknown };
                }
            }
        }
        found.rows.finish()
    }

    /// Makes the phase's results facts for the phases to come.
    fn finish(self, grain: Grain, frames: &mut Frames, results: &mut Results) -> Result<(), EngineError> {
        let program = self.asker.program;
        let own_alerts: Vec<String> = program.indicators.iter().map(|i| alert(&i.id)).collect();
        for (name, parts) in self.columns {
            let parts: Vec<&dyn Array> = parts.iter().map(|p| p.as_ref()).collect();
            let whole = concat(&parts).map_err(|e| EngineError::Rule { rule: name.clone(), message: e.to_string() })?;
            // A person's alert is no fact of the person; the household's is put together below.
            let alert_of_person = grain == Grain::Person && own_alerts.contains(&name);
            if !alert_of_person && !name.contains(':') {
                frames.put(grain, &name, &whole)?;
            }
            results.columns.insert((grain, name), whole);
        }
        for ((_, home), points) in self.points {
            if let Some(sum) = results.points.get_mut(home as usize) {
                *sum += points;
            }
        }
        let mut of_households: Vec<(String, ArrayRef)> = Vec::new();
        for (i, rollup) in self.rollups {
            let programme = &program.programmes[i];
            let (answers, amounts) = rollup.finish(programme);
            of_households.push((holds(&programme.id), Arc::new(answers)));
            of_households.push((amount(&programme.id), Arc::new(amounts)));
        }
        for (i, (counts, totals)) in self.shares {
            let id = &program.programmes[i].id;
            of_households.push((members(id), Arc::new(Int64Array::from(counts))));
            of_households.push((total(id), Arc::new(Int64Array::from(totals))));
        }
        for (i, answers) in self.alerted {
            let answers: BooleanArray = answers
                .into_iter()
                .map(|answer| match answer {
                    Answer::Holds => Some(true),
                    Answer::Fails => Some(false),
                    Answer::Unknown => None,
                })
                .collect();
            of_households.push((alert(&program.indicators[i].id), Arc::new(answers)));
        }
        for (name, array) in of_households {
            frames.put(Grain::Household, &name, &array)?;
            results.columns.insert((Grain::Household, name), array);
        }
        Ok(())
    }
}
