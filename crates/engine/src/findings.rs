//! Findings over a chunk of a frame: answers, amounts, tiers, the level of hardship. The pass and the check both come
//! here.

use crate::{
    EngineError,
    frame::{Chunk, spread},
    program::{ALIVE, INCOME, INDEX_DECIDED_BY, INDEX_LEVEL, Level, Program, Programme, SIZE, TIER, When},
    rule::{Rule, rounded},
    schemas::{amount, holds},
};
use arrow::{
    array::{Array, AsArray, BooleanArray, Int64Array, StringArray, UInt32Array},
    buffer::BooleanBuffer,
    compute::{kernels::boolean::and_kleene, prep_null_mask_filter, take},
    datatypes::{DataType, Int64Type},
    error::ArrowError,
};
use std::collections::HashMap;
use tuodi_pack::{
    Answer,
    facts::Grain,
    programme::{ProgrammeKind, Round},
};

/// No programme.
pub(crate) const NONE: &str = "none";

/// All conditions of a programme together: SQL's AND, in which one that fails decides and NULL is unknown. Of persons,
/// those who are no longer alive hold nothing, unless the programme is about the dead too.
pub(crate) fn programme_answers(
    program: &Program,
    programme: &Programme,
    chunk: &Chunk<'_>,
) -> Result<BooleanArray, EngineError> {
    if !programme.in_force {
        return Ok(vec![false; chunk.len].into());
    }
    let all = match programme.grain {
        Grain::Person if !programme.after_death => living(program, chunk)?,
        _ => BooleanArray::from(vec![true; chunk.len]),
    };
    let mut rules: Vec<&Rule> = programme.conditions.iter().map(|c| &c.rule).collect();
    put_in_order(&mut rules, chunk)?;
    conjunction(&rules, chunk, all)
}

/// Rows that are looked at to see which conditions fail most often.
const SAMPLE: usize = 1024;

/// Of the rows that have failed one condition no other is asked: so those go first that few rows can meet, or else those
/// that fail most often among the chunk's first rows. The order changes no answer.
fn put_in_order(rules: &mut [&Rule], chunk: &Chunk<'_>) -> Result<(), EngineError> {
    let mut ranks = HashMap::with_capacity(rules.len());
    for rule in rules.iter() {
        ranks.insert(rule.serial, usize::from(!chunk.is_guarded(rule)?));
    }
    let guarded = ranks.values().any(|rank| *rank == 0);
    if !guarded && rules.len() > 1 && chunk.is_whole() && chunk.len >= SAMPLE * 8 {
        let first = chunk.pick((0..SAMPLE as u32).collect::<Vec<u32>>().into());
        for rule in rules.iter() {
            let answers = rule.answers(&first)?;
            ranks.insert(rule.serial, open(&answers).count_set_bits());
        }
    }
    rules.sort_by_key(|rule| ranks.get(&rule.serial).copied());
    Ok(())
}

/// All of these together and what is known `so_far`.
fn conjunction(rules: &[&Rule], chunk: &Chunk<'_>, so_far: BooleanArray) -> Result<BooleanArray, EngineError> {
    let mut all = so_far;
    for (i, rule) in rules.iter().enumerate() {
        if let Some(rows) = chunk.few(&open(&all)) {
            if rows.is_empty() {
                return Ok(all);
            }
            let so_far = take(&all, &rows, None).map_err(|e| failed(rule, e))?;
            let rest = conjunction(&rules[i..], &chunk.pick(rows.clone()), so_far.as_boolean().clone())?;
            return Ok(spread(&rest, &rows, chunk.len));
        }
        all = and_kleene(&all, &rule.answers(chunk)?).map_err(|e| failed(rule, e))?;
    }
    Ok(all)
}

/// Where an answer is true or unknown.
fn open(answers: &BooleanArray) -> BooleanBuffer {
    match answers.nulls() {
        None => answers.values().clone(),
        Some(nulls) => answers.values() | &!nulls.inner(),
    }
}

fn failed(rule: &Rule, e: ArrowError) -> EngineError {
    EngineError::Rule { rule: rule.place.clone(), message: e.to_string() }
}

/// True only: where something holds.
pub(crate) fn holding(answers: &BooleanArray) -> BooleanArray {
    if answers.null_count() == 0 { answers.clone() } else { prep_null_mask_filter(answers) }
}

/// Everybody not known to be dead.
pub(crate) fn living(program: &Program, chunk: &Chunk<'_>) -> Result<BooleanArray, EngineError> {
    if !program.has_alive {
        return Ok(vec![true; chunk.len].into());
    }
    let alive = chunk.column(ALIVE)?;
    let alive = alive.as_boolean();
    Ok(if alive.null_count() == 0 { alive.clone() } else { alive.iter().map(|a| Some(a != Some(false))).collect() })
}

/// Amounts of the rows where `rows` is true, zero elsewhere; rounded, in the smallest unit of money.
pub(crate) fn amounts(programme: &Programme, chunk: &Chunk<'_>, rows: &BooleanArray) -> Result<Vec<i64>, EngineError> {
    let mut out = vec![0; chunk.len];
    if let Some(amount) = programme.amount.as_ref().filter(|_| rows.true_count() > 0) {
        let values = amount.rule.amounts(chunk, rows)?;
        for (i, value) in rows.values().set_indices().zip(values) {
            out[i] = round(programme, value.unwrap_or(0));
        }
    }
    Ok(out)
}

pub(crate) fn round(programme: &Programme, millionths: i128) -> i64 {
    let how = programme.amount.as_ref().map_or(Round::Whole, |a| a.round);
    rounded(millionths, how, programme.kind == ProgrammeKind::Measure)
}

/// Rolls a tier asked of persons up: it counts for a household when every living member meets it.
pub(crate) struct Rollup {
    answers: Vec<Option<Answer>>,
    amounts: Vec<i128>,
}

impl Rollup {
    pub fn new(households: usize) -> Rollup {
        Rollup { answers: vec![None; households], amounts: vec![0; households] }
    }

    pub fn add(&mut self, home: usize, answer: Answer, amount: i128) {
        if let Some(slot) = self.answers.get_mut(home) {
            *slot = Some(slot.map_or(answer, |so_far| Answer::all([so_far, answer])));
            self.amounts[home] += amount;
        }
    }

    /// Answers and amounts (0 unless it holds, rounded once) of the households. One without living members cannot meet
    /// anything.
    pub fn finish(self, programme: &Programme) -> (BooleanArray, Int64Array) {
        let amounts = self.answers.iter().zip(self.amounts);
        let amounts = amounts.map(|(a, sum)| if *a == Some(Answer::Holds) { round(programme, sum) } else { 0 });
        let amounts = Int64Array::from_iter_values(amounts);
        let answers = self.answers.into_iter().map(|answer| match answer {
            Some(Answer::Holds) => Some(true),
            Some(Answer::Fails) | None => Some(false),
            Some(Answer::Unknown) => None,
        });
        (answers.collect(), amounts)
    }
}

/// Row of the household, answer, amount.
pub(crate) type MemberAnswer = (usize, Answer, i128);

/// Living members' answers and amounts of one chunk of persons.
pub(crate) fn member_answers(
    program: &Program,
    programme: &Programme,
    home: &UInt32Array,
    chunk: &Chunk<'_>,
) -> Result<Vec<MemberAnswer>, EngineError> {
    let answers = programme_answers(program, programme, chunk)?;
    let held = holding(&answers);
    let mut amounts = HashMap::new();
    if let Some(amount) = programme.amount.as_ref().filter(|_| held.true_count() > 0) {
        let values = amount.rule.amounts(chunk, &held)?;
        amounts.extend(held.values().set_indices().zip(values.into_iter().map(|v| v.unwrap_or(0).max(0))));
    }
    let living = living(program, chunk)?;
    Ok(living
        .values()
        .set_indices()
        .map(|i| {
            let answer = (!answers.is_null(i)).then(|| answers.value(i));
            (home.value(chunk.start + i) as usize, Answer::from_sql(answer), amounts.get(&i).copied().unwrap_or(0))
        })
        .collect())
}

/// Tiers of a chunk of households.
pub(crate) struct Tiers<'a> {
    pub tier: Vec<&'a str>,
    /// Fen a month, rounded up to whole yuan once.
    pub monthly: Vec<i64>,
    /// Programmes whose answer is unknown, with commas between.
    pub unknown: Vec<String>,
    /// Answers by result name.
    pub holds: Vec<(String, BooleanArray)>,
    /// Amounts by result name; only those asked for.
    pub amounts: Vec<(String, Vec<i64>)>,
}

/// The first tier, in decision order, whose conditions all hold. Tiers asked of persons have been rolled up into facts
/// of the household. `wanted`: amounts to work out wherever the tier's conditions hold, not only where it is the first.
pub(crate) fn tiers<'a>(
    program: &'a Program,
    chunk: &Chunk<'_>,
    wanted: impl Fn(&str) -> bool,
) -> Result<Tiers<'a>, EngineError> {
    let mut out = Tiers {
        tier: vec![NONE; chunk.len],
        monthly: vec![0; chunk.len],
        unknown: vec![String::new(); chunk.len],
        holds: Vec::new(),
        amounts: Vec::new(),
    };
    let mut open = vec![true; chunk.len];
    for programme in program.programmes.iter().filter(|p| p.is_tier) {
        let (holds, amount) = (holds(&programme.id), amount(&programme.id));
        let answers = match programme.grain {
            Grain::Person => chunk.column(&holds)?.as_boolean().clone(),
            Grain::Household => programme_answers(program, programme, chunk)?,
        };
        let held = holding(&answers);
        let first: Vec<bool> = held.iter().zip(&open).map(|(held, open)| held == Some(true) && *open).collect();
        let amounts = match programme.grain {
            Grain::Person => chunk.column(&amount)?.as_primitive::<Int64Type>().values().to_vec(),
            Grain::Household if wanted(&amount) => amounts(programme, chunk, &held)?,
            Grain::Household => amounts(programme, chunk, &first.clone().into())?,
        };
        for i in (0..chunk.len).filter(|i| first[*i]) {
            out.tier[i] = &programme.id;
            out.monthly[i] = amounts[i];
            open[i] = false;
        }
        for i in (0..chunk.len).filter(|i| answers.is_null(*i)) {
            if !out.unknown[i].is_empty() {
                out.unknown[i].push(',');
            }
            out.unknown[i].push_str(&programme.id);
        }
        if programme.grain == Grain::Household {
            if wanted(&amount) {
                out.amounts.push((amount, amounts));
            }
            out.holds.push((holds, answers));
        }
    }
    Ok(out)
}

/// Known countable income a person a month, rounded down.
pub(crate) fn income_pc(program: &Program, chunk: &Chunk<'_>) -> Result<Int64Array, EngineError> {
    if !program.has_income {
        return Ok(Int64Array::new_null(chunk.len));
    }
    let (income, size) = (chunk.column(INCOME)?, chunk.column(SIZE)?);
    let (income, size) = (income.as_primitive::<Int64Type>(), size.as_primitive::<Int64Type>());
    Ok(income
        .iter()
        .zip(size.iter())
        .map(|(income, size)| Some(income?.div_euclid(size.filter(|s| *s > 0)?)))
        .collect())
}

/// The level of hardship of each household of a chunk and the rule that gave it: that of the answers, raised by the
/// tier's floor and by labels and alerts. Unknown where nothing says any.
pub(crate) fn levels(level: &Level, chunk: &Chunk<'_>) -> Result<(StringArray, StringArray), EngineError> {
    let mut found: Vec<Option<(usize, &str)>> = vec![None; chunk.len];
    let decided = if level.has_index && level.has_decided_by { Some(chunk.column(INDEX_DECIDED_BY)?) } else { None };
    let decided = decided.as_ref().map(|d| d.as_string::<i32>());
    let index = if level.has_index { Some(chunk.column(INDEX_LEVEL)?) } else { None };
    if let Some(index) = index.as_ref().map(|i| i.as_string::<i32>()) {
        for (i, id) in index.iter().enumerate() {
            let place = id.and_then(|id| level.ids.iter().position(|l| l == id));
            let by = decided.filter(|d| !d.is_null(i)).map_or("index", |d| d.value(i));
            found[i] = place.map(|place| (place, by));
        }
    }
    for raise in &level.raises {
        let column = chunk.column(match &raise.when {
            When::Tier(_) => TIER,
            When::Result(name) => name,
        })?;
        let there: Vec<bool> = match &raise.when {
            When::Tier(tier) => column.as_string::<i32>().iter().map(|t| t == Some(tier)).collect(),
            When::Result(_) if *column.data_type() == DataType::Boolean => {
                column.as_boolean().iter().map(|b| b == Some(true)).collect()
            }
            When::Result(_) => column.as_primitive::<Int64Type>().iter().map(|n| n.is_some_and(|n| n > 0)).collect(),
        };
        for i in (0..chunk.len).filter(|i| there[*i]) {
            if found[i].is_none_or(|(place, _)| place < raise.to) {
                found[i] = Some((raise.to, &raise.by));
            }
        }
    }
    let ids = found.iter().map(|f| f.map(|(place, _)| level.ids[place].as_str())).collect();
    Ok((ids, found.iter().map(|f| f.map(|(_, by)| by)).collect()))
}
