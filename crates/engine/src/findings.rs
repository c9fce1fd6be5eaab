//! Findings over a chunk of a frame: answers, tiers, amounts and alerts. The pass and the check both come here.

use crate::{
    EngineError,
    evidence::Evidence,
    frame::{Chunk, Frames},
    program::{ALIVE, INCOME, Indicator, Program, Programme, SIZE},
    rule::ceil_yuan,
};
use arrow::{
    array::{
        Array, ArrayRef, AsArray, BooleanArray, Int64Array, Int64Builder, RecordBatch, StringArray, StringBuilder,
    },
    compute::kernels::boolean::and_kleene,
    datatypes::{DataType, Field, Int64Type, Schema, SchemaRef},
};
use std::sync::{Arc, LazyLock};
use tuodi_pack::{Answer, facts::Grain};

/// No programme.
pub(crate) const NONE: &str = "none";

pub(crate) static HOUSEHOLDS: LazyLock<SchemaRef> = LazyLock::new(|| {
    Arc::new(Schema::new(vec![
        Field::new("household_id", DataType::Int64, false),
        Field::new("tier", DataType::Utf8, false),
        Field::new("monthly_fen", DataType::Int64, false),
        Field::new("income_pc_fen", DataType::Int64, true),
        Field::new("unknown", DataType::Utf8, false),
    ]))
});

pub(crate) static ALERTS: LazyLock<SchemaRef> = LazyLock::new(|| {
    Arc::new(Schema::new(vec![
        Field::new("person_id", DataType::Int64, true),
        Field::new("household_id", DataType::Int64, true),
        Field::new("indicator", DataType::Utf8, false),
        Field::new("evidence", DataType::Utf8, false),
    ]))
});

/// All conditions of a programme together: SQL's AND, in which one that fails decides and NULL is unknown.
pub(crate) fn programme_answers(programme: &Programme, chunk: &Chunk<'_>) -> Result<BooleanArray, EngineError> {
    let mut all = BooleanArray::from(vec![true; chunk.len]);
    for condition in &programme.conditions {
        all = and_kleene(&all, &condition.rule.answers(chunk)?)
            .map_err(|e| EngineError::Rule { rule: condition.rule.place.clone(), message: e.to_string() })?;
    }
    Ok(all)
}

/// True only: where something holds.
fn holding(answers: &BooleanArray) -> BooleanArray {
    answers.iter().map(|a| Some(a == Some(true))).collect()
}

/// What a programme asked of persons says of each household, by row of the household frame.
pub(crate) struct Rollup {
    pub answers: BooleanArray,
    /// Sum over members, in millionths of a fen.
    pub amounts: Vec<i128>,
}

/// Rolls a person programme up: it counts for a household when every living member meets it.
pub(crate) struct RollupSum {
    answers: Vec<Option<Answer>>,
    amounts: Vec<i128>,
}

impl RollupSum {
    pub fn new(households: usize) -> RollupSum {
        RollupSum { answers: vec![None; households], amounts: vec![0; households] }
    }

    pub fn add(&mut self, home: usize, answer: Answer, amount: i128) {
        if let Some(slot) = self.answers.get_mut(home) {
            *slot = Some(slot.map_or(answer, |so_far| Answer::all([so_far, answer])));
            self.amounts[home] += amount;
        }
    }

    /// A household without living members cannot meet anything.
    pub fn finish(self) -> Rollup {
        let answers = self.answers.into_iter().map(|answer| match answer {
            Some(Answer::Holds) => Some(true),
            Some(Answer::Fails) | None => Some(false),
            Some(Answer::Unknown) => None,
        });
        Rollup { answers: answers.collect(), amounts: self.amounts }
    }
}

/// Living members' answers and amounts of one chunk of persons: (row of the household, answer, amount).
pub(crate) fn member_answers(
    program: &Program,
    programme: &Programme,
    frames: &Frames,
    chunk: &Chunk<'_>,
) -> Result<Vec<(usize, Answer, i128)>, EngineError> {
    let answers = programme_answers(programme, chunk)?;
    let amounts = amounts(programme, chunk, &holding(&answers))?;
    let living = living(program, chunk)?;
    Ok((0..chunk.len)
        .filter(|i| living[*i])
        .map(|i| {
            let home = frames.home.value(chunk.start + i) as usize;
            let answer = (!answers.is_null(i)).then(|| answers.value(i));
            (home, Answer::from_sql(answer), amounts[i])
        })
        .collect())
}

/// Who counts in a roll-up: everybody not known to be dead.
pub(crate) fn living(program: &Program, chunk: &Chunk<'_>) -> Result<Vec<bool>, EngineError> {
    if !program.has_alive {
        return Ok(vec![true; chunk.len]);
    }
    let alive = chunk.column(ALIVE)?;
    Ok(alive.as_boolean().iter().map(|a| a != Some(false)).collect())
}

/// Amounts of the rows where `rows` is true, zero elsewhere; in millionths of a fen.
pub(crate) fn amounts(programme: &Programme, chunk: &Chunk<'_>, rows: &BooleanArray) -> Result<Vec<i128>, EngineError> {
    let mut out = vec![0; chunk.len];
    if let Some(rule) = programme.amount.as_ref().filter(|_| rows.true_count() > 0) {
        let values = rule.amounts(chunk, rows)?;
        let at = (0..chunk.len).filter(|i| rows.value(*i));
        for (i, value) in at.zip(values) {
            out[i] = value.unwrap_or(0).max(0);
        }
    }
    Ok(out)
}

/// Tiers of a chunk of households.
pub(crate) struct Tiers {
    /// Index of the programme that gives the tier.
    pub tier: Vec<Option<usize>>,
    /// Fen a month, rounded up to whole yuan once.
    pub monthly: Vec<i64>,
    /// Programmes whose answer is unknown, with commas between.
    pub unknown: Vec<String>,
}

/// The first programme, in decision order, whose conditions all hold. `rollups`: by programme index.
pub(crate) fn tiers(program: &Program, rollups: &[Option<Rollup>], chunk: &Chunk<'_>) -> Result<Tiers, EngineError> {
    let mut out =
        Tiers { tier: vec![None; chunk.len], monthly: vec![0; chunk.len], unknown: vec![String::new(); chunk.len] };
    for (index, programme) in program.programmes.iter().enumerate().filter(|(_, p)| p.of_household) {
        let rollup = rollups[index].as_ref();
        let answers = match rollup {
            Some(rollup) => rollup.answers.slice(chunk.start, chunk.len),
            None => programme_answers(programme, chunk)?,
        };
        let first: BooleanArray = holding(&answers)
            .iter()
            .zip(&out.tier)
            .map(|(holds, tier)| Some(holds == Some(true) && tier.is_none()))
            .collect();
        let amounts = match rollup {
            Some(rollup) => rollup.amounts[chunk.start..chunk.start + chunk.len].to_vec(),
            None => amounts(programme, chunk, &first)?,
        };
        for (i, amount) in amounts.into_iter().enumerate() {
            if first.value(i) {
                out.tier[i] = Some(index);
                out.monthly[i] = ceil_yuan(amount);
            }
            if answers.is_null(i) {
                if !out.unknown[i].is_empty() {
                    out.unknown[i].push(',');
                }
                out.unknown[i].push_str(&programme.id);
            }
        }
    }
    Ok(out)
}

impl Tiers {
    pub fn names<'a>(&self, program: &'a Program) -> Vec<&'a str> {
        self.tier.iter().map(|t| t.map_or(NONE, |i| program.programmes[i].id.as_str())).collect()
    }

    /// As rows of `households.parquet`.
    pub fn batch(&self, program: &Program, chunk: &Chunk<'_>) -> Result<RecordBatch, EngineError> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(chunk.frame.keys.slice(chunk.start, chunk.len)),
            Arc::new(StringArray::from(self.names(program))),
            Arc::new(Int64Array::from(self.monthly.clone())),
            Arc::new(income_pc(program, chunk)?),
            Arc::new(StringArray::from(self.unknown.iter().map(String::as_str).collect::<Vec<_>>())),
        ];
        RecordBatch::try_new(HOUSEHOLDS.clone(), columns).map_err(|e| own_fault("households", e))
    }
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

/// Alerts of one indicator over a chunk, as rows of `alerts.parquet`; `None` where it raises nothing.
pub(crate) fn alerts(indicator: &Indicator, chunk: &Chunk<'_>, out: &mut AlertRows) -> Result<usize, EngineError> {
    let answers = indicator.rule.answers(chunk)?;
    if answers.true_count() == 0 {
        return Ok(0);
    }
    let evidence = Evidence::gather(chunk, &indicator.evidence)?;
    let homes = match chunk.frame.grain {
        Grain::Household => None,
        Grain::Person => Some(chunk.column(crate::schema::HOUSEHOLD)?),
    };
    let mut text = String::new();
    let mut raised = 0;
    for row in (0..chunk.len).filter(|i| !answers.is_null(*i) && answers.value(*i)) {
        let key = chunk.frame.keys.value(chunk.start + row);
        match &homes {
            None => {
                out.person.append_null();
                out.household.append_value(key);
            }
            Some(homes) => {
                let homes = homes.as_primitive::<Int64Type>();
                out.person.append_value(key);
                out.household.append_option((!homes.is_null(row)).then(|| homes.value(row)));
            }
        }
        text.clear();
        evidence.write(row, &mut text);
        out.indicator.append_value(&indicator.id);
        out.evidence.append_value(&text);
        raised += 1;
    }
    Ok(raised)
}

#[derive(Default)]
pub(crate) struct AlertRows {
    person: Int64Builder,
    household: Int64Builder,
    indicator: StringBuilder,
    evidence: StringBuilder,
}

impl AlertRows {
    pub fn finish(mut self) -> Result<RecordBatch, EngineError> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.person.finish()),
            Arc::new(self.household.finish()),
            Arc::new(self.indicator.finish()),
            Arc::new(self.evidence.finish()),
        ];
        RecordBatch::try_new(ALERTS.clone(), columns).map_err(|e| own_fault("alerts", e))
    }
}

fn own_fault(what: &str, e: arrow::error::ArrowError) -> EngineError {
    EngineError::Rule { rule: what.to_owned(), message: e.to_string() }
}
