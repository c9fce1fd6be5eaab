//! The check: one household, every answer with its reasons.

use crate::{
    EngineError, Inner,
    evidence::fact_value,
    findings::{NONE, Rollup, amounts, income_pc, living, member_answers, programme_answers, tiers},
    frame::{Chunk, Frames},
    group::GroupTable,
    pass::rollups,
    program::{Condition, Program, Programme, TIER},
    rows::{Gathered, gather},
    rule::{Rule, ceil_yuan},
    runtime,
    schema::{BATCH, HOUSEHOLD, ROW, is_person_column, json_value, person_columns},
};
use arrow::{
    array::{Array, AsArray, RecordBatch, StringArray},
    datatypes::Int64Type,
};
use chrono::NaiveDate;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use tuodi_pack::{
    AlertFinding, Answer, CheckResult, ConditionResult, FactValue, Fen, HouseholdId, OverlayRow, Pack, PersonId,
    ProgrammeResult, SourceRow, facts::Grain,
};

pub(crate) async fn warm(inner: &Arc<Inner>, as_of: NaiveDate) -> Result<(), EngineError> {
    let program = inner.program(as_of)?;
    inner.snapshot.reaches(&inner.pack, as_of)?;
    inner.index.get(inner).await?;
    let bench = inner.compiled.benches.take(inner, &program, as_of).await?;
    inner.compiled.benches.give_back(as_of, bench);
    Ok(())
}

/// The check, and every fact of the household and of its people (what worked cases may expect).
pub(crate) async fn check(
    inner: &Arc<Inner>,
    household: HouseholdId,
    as_of: NaiveDate,
    overlay: &[OverlayRow],
    with_facts: bool,
) -> Result<(CheckResult, Vec<FactValue>), EngineError> {
    let program = inner.program(as_of)?;
    inner.snapshot.reaches(&inner.pack, as_of)?;
    let gathered = {
        let indexes = inner.index.get(inner).await?;
        let (inner, program, overlay) = (inner.clone(), program.clone(), overlay.to_vec());
        let work = move || gather(&inner, &indexes, &program, household.0, &overlay);
        Arc::new(runtime::compute(work).await?)
    };
    if gathered.persons.is_empty() {
        return Err(EngineError::NoSuchHousehold(household));
    }
    let bench = inner.compiled.benches.take(inner, &program, as_of).await?;
    let tables = bench.run(inner, &program, &gathered.tables).await;
    inner.compiled.benches.give_back(as_of, bench);
    let (inner, tables) = (inner.clone(), tables?);
    let work = move || explain(&inner, &program, household, as_of, &gathered, &tables, with_facts);
    runtime::compute(work).await
}

/// One household in its frames.
struct Case<'a> {
    pack: &'a Pack,
    program: &'a Program,
    frames: &'a Frames,
    /// Rows of the household's people in the person frame.
    members: Vec<usize>,
    rows: Vec<SourceRow>,
}

fn explain(
    inner: &Inner,
    program: &Program,
    household: HouseholdId,
    as_of: NaiveDate,
    gathered: &Gathered,
    tables: &[Arc<GroupTable>],
    with_facts: bool,
) -> Result<(CheckResult, Vec<FactValue>), EngineError> {
    let mut frames = Frames::build(program, tables, None)?;
    let row = frames.household.keys.values().iter().position(|k| *k == household.0);
    let row = row.ok_or(EngineError::NoSuchHousehold(household))?;
    let rollups = rollups(program, &frames, 1)?;
    let found = tiers(program, &rollups, &frames.household.chunk(row, 1))?;
    let tier = found.tier[0].map_or(NONE, |i| program.programmes[i].id.as_str()).to_owned();

    // Only this household's tier is certain here; people linked with it bring their own only in part.
    let mut names = vec![NONE; frames.household.len];
    names[row] = &tier;
    frames.put_tiers(names)?;

    let members: Vec<usize> = (0..frames.person.len).filter(|p| frames.home.value(*p) as usize == row).collect();
    let mut persons = gathered.persons.clone();
    persons.extend(members.iter().map(|p| frames.person.keys.value(*p)));
    let case = Case {
        pack: &inner.pack,
        program,
        frames: &frames,
        rows: source_rows(inner, program, household.0, as_of, &persons, &gathered.tables),
        members,
    };
    let chunk = frames.household.chunk(row, 1);
    chunk.put(TIER, Arc::new(StringArray::from(vec![tier.as_str()])));
    let mut programmes = Vec::new();
    for (index, programme) in program.programmes.iter().enumerate() {
        case.programme(programme, rollups[index].as_ref(), &chunk, &mut programmes)?;
    }
    let income = income_pc(program, &chunk)?;
    let facts = if with_facts { case.all_facts(&chunk)? } else { Vec::new() };
    let result = CheckResult {
        household_id: household,
        as_of,
        pack_version: inner.pack.info.version.clone(),
        snapshot: inner.snapshot.id.clone(),
        monthly: Fen(found.monthly[0]),
        income_pc: (!income.is_null(0)).then(|| Fen(income.value(0))),
        programmes,
        alerts: case.alerts(household, &chunk)?,
        rows: case.rows,
        tier,
    };
    Ok((result, facts))
}

impl Case<'_> {
    fn programme(
        &self,
        programme: &Programme,
        rollup: Option<&Rollup>,
        household: &Chunk<'_>,
        out: &mut Vec<ProgrammeResult>,
    ) -> Result<(), EngineError> {
        match (programme.grain, rollup) {
            (Grain::Household, _) => {
                let answer = answer_of(&programme_answers(programme, household)?);
                let amount = match answer {
                    Answer::Holds => amounts(programme, household, &vec![true].into())?[0],
                    Answer::Fails | Answer::Unknown => 0,
                };
                out.push(ProgrammeResult {
                    programme: programme.id.clone(),
                    answer,
                    person_id: None,
                    conditions: self.conditions(programme, household, None)?,
                    monthly: monthly(programme, answer, amount),
                    amount_facts: self.amount_facts(programme, household, None)?,
                });
            }
            (Grain::Person, Some(rollup)) => {
                let answer = answer_of(&rollup.answers.slice(household.start, 1));
                let (mut conditions, mut amount_facts) = (Vec::new(), Vec::new());
                for member in &self.members {
                    let chunk = self.frames.person.chunk(*member, 1);
                    if living(self.program, &chunk)?[0] {
                        let person = Some(PersonId(self.frames.person.keys.value(*member)));
                        conditions.extend(self.conditions(programme, &chunk, person)?);
                        amount_facts.extend(self.amount_facts(programme, &chunk, person)?);
                    }
                }
                out.push(ProgrammeResult {
                    programme: programme.id.clone(),
                    answer,
                    person_id: None,
                    conditions,
                    monthly: monthly(programme, answer, rollup.amounts[household.start]),
                    amount_facts,
                });
            }
            (Grain::Person, None) => {
                for member in &self.members {
                    let chunk = self.frames.person.chunk(*member, 1);
                    let person = Some(PersonId(self.frames.person.keys.value(*member)));
                    for (_, answer, amount) in member_answers(self.program, programme, self.frames, &chunk)? {
                        out.push(ProgrammeResult {
                            programme: programme.id.clone(),
                            answer,
                            person_id: person,
                            conditions: self.conditions(programme, &chunk, person)?,
                            monthly: monthly(programme, answer, amount),
                            amount_facts: self.amount_facts(programme, &chunk, person)?,
                        });
                    }
                }
            }
        }
        Ok(())
    }

    fn conditions(
        &self,
        programme: &Programme,
        chunk: &Chunk<'_>,
        person: Option<PersonId>,
    ) -> Result<Vec<ConditionResult>, EngineError> {
        let Some(texts) = self.pack.programme(&programme.id) else { return Ok(Vec::new()) };
        programme
            .conditions
            .iter()
            .zip(&texts.conditions)
            .map(|(condition, text)| {
                let number = |rule: &Option<Rule>| match rule {
                    Some(rule) => Ok(rule.whole(chunk)?[0]),
                    None => Ok::<_, EngineError>(None),
                };
                let (measure, line) = (number(&condition.measure)?, number(&condition.line)?);
                let names = mentioned(condition);
                Ok(ConditionResult {
                    name: text.name.clone(),
                    answer: answer_of(&condition.rule.answers(chunk)?),
                    person_id: person,
                    facts: self.facts(&names, chunk, person)?,
                    measure,
                    line,
                    margin: line.zip(measure).and_then(|(line, measure)| line.checked_sub(measure)),
                    unit: text.unit.clone(),
                    basis: text.basis.clone(),
                    rows: self.rows_behind(&names, person),
                })
            })
            .collect()
    }

    fn facts(
        &self,
        names: &BTreeSet<&str>,
        chunk: &Chunk<'_>,
        person: Option<PersonId>,
    ) -> Result<Vec<FactValue>, EngineError> {
        names.iter().map(|name| fact_value(self.pack, chunk, name, 0, person)).collect()
    }

    fn amount_facts(
        &self,
        programme: &Programme,
        chunk: &Chunk<'_>,
        person: Option<PersonId>,
    ) -> Result<Vec<FactValue>, EngineError> {
        let names = programme.amount.iter().flat_map(|a| a.columns.iter().map(String::as_str)).collect();
        self.facts(&names, chunk, person)
    }

    /// Rows of the sources that these facts rest on; for a person's condition not those of other people.
    fn rows_behind(&self, names: &BTreeSet<&str>, person: Option<PersonId>) -> Vec<usize> {
        let sources: BTreeSet<&str> = names
            .iter()
            .filter_map(|name| self.program.group_of(name))
            .flat_map(|group| group.rests_on.iter().map(String::as_str))
            .collect();
        let of_person = |row: &SourceRow| person.is_none() || row.person_id.is_none() || row.person_id == person;
        let rows = self.rows.iter().enumerate();
        rows.filter(|(_, row)| sources.contains(row.source.as_str()) && of_person(row)).map(|(i, _)| i).collect()
    }

    fn all_facts(&self, household: &Chunk<'_>) -> Result<Vec<FactValue>, EngineError> {
        let mut out = Vec::new();
        for group in &self.program.groups {
            let names: BTreeSet<&str> = group.facts.iter().map(|f| f.name.as_str()).collect();
            match group.grain {
                Grain::Household => out.extend(self.facts(&names, household, None)?),
                Grain::Person => {
                    for member in &self.members {
                        let person = PersonId(self.frames.person.keys.value(*member));
                        out.extend(self.facts(&names, &self.frames.person.chunk(*member, 1), Some(person))?);
                    }
                }
            }
        }
        Ok(out)
    }

    fn alerts(&self, household_id: HouseholdId, household: &Chunk<'_>) -> Result<Vec<AlertFinding>, EngineError> {
        let mut out = Vec::new();
        for indicator in &self.program.indicators {
            let names: BTreeSet<&str> = indicator.evidence.iter().map(String::as_str).collect();
            let mut ask = |chunk: &Chunk<'_>, person_id: Option<PersonId>| {
                if answer_of(&indicator.rule.answers(chunk)?) == Answer::Holds {
                    out.push(AlertFinding {
                        indicator: indicator.id.clone(),
                        household_id,
                        person_id,
                        evidence: self.facts(&names, chunk, person_id)?,
                    });
                }
                Ok::<_, EngineError>(())
            };
            match indicator.grain {
                Grain::Household => ask(household, None)?,
                Grain::Person => {
                    for member in &self.members {
                        let person = PersonId(self.frames.person.keys.value(*member));
                        ask(&self.frames.person.chunk(*member, 1), Some(person))?;
                    }
                }
            }
        }
        Ok(out)
    }
}

fn mentioned(condition: &Condition) -> BTreeSet<&str> {
    let rules = [Some(&condition.rule), condition.measure.as_ref(), condition.line.as_ref()];
    rules.into_iter().flatten().flat_map(|r| r.columns.iter().map(String::as_str)).collect()
}

fn answer_of(answers: &arrow::array::BooleanArray) -> Answer {
    Answer::from_sql((!answers.is_null(0)).then(|| answers.value(0)))
}

fn monthly(programme: &Programme, answer: Answer, amount: i128) -> Option<Fen> {
    (answer == Answer::Holds && programme.amount.is_some()).then(|| Fen(ceil_yuan(amount)))
}

/// Rows of the household and of its people (not of people merely linked with them), with the columns that facts use.
fn source_rows(
    inner: &Inner,
    program: &Program,
    household: i64,
    as_of: NaiveDate,
    persons: &BTreeSet<i64>,
    tables: &BTreeMap<String, RecordBatch>,
) -> Vec<SourceRow> {
    let mut out = Vec::new();
    for (source, batch) in tables {
        let schema = batch.schema();
        let people: Vec<_> = person_columns(&schema)
            .into_iter()
            .filter_map(|name| batch.column_by_name(name))
            .map(|c| c.as_primitive::<Int64Type>())
            .collect();
        let home = batch.column_by_name(HOUSEHOLD).map(|c| c.as_primitive::<Int64Type>());
        let number = batch.column_by_name(ROW).map(|c| c.as_primitive::<Int64Type>());
        let origin = batch.column_by_name(BATCH).map(|c| c.as_string::<i32>());
        let shown = program.used.get(source);
        for row in 0..batch.num_rows() {
            let person = people.iter().filter(|c| !c.is_null(row)).map(|c| c.value(row)).find(|p| persons.contains(p));
            let of_home = home.is_some_and(|h| !h.is_null(row) && h.value(row) == household);
            if person.is_none() && !of_home {
                continue;
            }
            let batch_id = origin.filter(|o| !o.is_null(row)).map_or("", |o| o.value(row)).to_owned();
            let arrived = inner.snapshot.arrived.get(&batch_id).cloned().unwrap_or_else(|| as_of.to_string());
            let values = schema
                .fields()
                .iter()
                .zip(batch.columns())
                .filter(|(f, _)| {
                    f.name() != HOUSEHOLD
                        && !is_person_column(f.name())
                        && shown.is_some_and(|columns| columns.contains(f.name()))
                })
                .map(|(f, column)| (f.name().clone(), json_value(column, row)))
                .collect();
            out.push(SourceRow {
                source: source.clone(),
                batch: batch_id,
                row: number.filter(|n| !n.is_null(row)).map_or(0, |n| n.value(row)),
                person_id: person.map(PersonId),
                arrived,
                values,
            });
        }
    }
    out
}
