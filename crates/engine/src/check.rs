//! The check: one household, every answer with its reasons.

use crate::{
    EngineError, Inner,
    bench::Use,
    evidence::fact_value,
    findings::{NONE, living},
    frame::{Chunk, Frames},
    group::GroupTable,
    order::REGION_COLUMNS,
    program::{LEVEL, Program, Programme, TIER, TIER_AMOUNT},
    reasons::{changes, in_force},
    results::{DECIDED_BY, INCOME_PC, Results, ask, matter_of, need_of, points_of, severity_of},
    rows::{Gathered, gather},
    rule::Rule,
    runtime::{self, parallel},
    schema::{BATCH, HOUSEHOLD, ROW, is_person_column, json_value, person_columns},
    schemas::{alert, amount, holds, label},
    told::{Behind, Told},
};
use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::Int64Type,
};
use chrono::NaiveDate;
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::Arc,
};
use tuodi_pack::{
    AlertFinding, Answer, CheckResult, ConditionResult, FactValue, Fen, HouseholdId, LabelFinding, NeedFinding,
    OverlayRow, Pack, ParameterUsed, PartResult, PersonId, ProgrammeResult, SourceRow, facts::Grain,
    indicator::Severity,
};

pub(crate) async fn warm(inner: &Arc<Inner>, as_of: NaiveDate) -> Result<(), EngineError> {
    let program = inner.program(as_of)?;
    inner.snapshot.reaches(&inner.pack, as_of)?;
    inner.index.get(inner).await?;
    let bench = inner.compiled.benches.take(inner, &program, as_of, Use::Check).await?;
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
    let bench = inner.compiled.benches.take(inner, &program, as_of, Use::Check).await?;
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
    told: &'a Told,
    results: &'a Results,
    /// Row of the household.
    home: usize,
    members: Vec<Member<'a>>,
    /// Source by source, in the order of [`Told::sources`].
    rows: Vec<SourceRow>,
    /// Which of the rows are a source's.
    of_source: Vec<Range<usize>>,
    /// Parameters where the household lives, by position in the pack.
    parameters: Vec<Option<ParameterUsed>>,
}

/// Somebody of the household, in a row of the person frame.
struct Member<'a> {
    person: PersonId,
    chunk: Chunk<'a>,
    living: bool,
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
    let home = frames.household.keys.values().iter().position(|k| *k == household.0);
    let home = home.ok_or(EngineError::NoSuchHousehold(household))?;
    // People linked with the household are in the frames in part only: what is found of them is not told.
    let results = ask(program, &mut frames, 1, true, |_| Ok(()))?;

    let places = (0..frames.person.len).filter(|p| frames.home.value(*p) as usize == home);
    let members = places.map(|place| {
        let chunk = frames.person.chunk(place, 1);
        let living = living(program, &chunk)?.value(0);
        Ok(Member { person: PersonId(frames.person.keys.value(place)), chunk, living })
    });
    let members: Vec<Member<'_>> = members.collect::<Result<_, EngineError>>()?;
    let mut persons = gathered.persons.clone();
    persons.extend(members.iter().map(|m| m.person.0));
    let chunk = frames.household.chunk(home, 1);
    let told = program.told(&inner.pack);
    let rows = source_rows(inner, program, household.0, as_of, &persons, &gathered.tables);
    let mut of_source = vec![0..0; told.sources.len()];
    for (i, row) in rows.iter().enumerate() {
        if let Some(source) = told.source(&row.source) {
            let span: &mut Range<usize> = &mut of_source[source];
            *span = if span.end == 0 { i..i + 1 } else { span.start..i + 1 };
        }
    }
    let case = Case {
        pack: &inner.pack,
        program,
        told,
        results: &results,
        home,
        members,
        rows,
        of_source,
        parameters: in_force(&inner.pack, &code_of(&chunk, REGION_COLUMNS[1])?, as_of),
    };
    let asked: Vec<usize> = (0..program.programmes.len()).filter(|i| program.programmes[*i].in_force).collect();
    let programmes = parallel(inner.config.partitions, &asked, |place| {
        let mut out = Vec::new();
        case.programme(*place, &program.programmes[*place], &chunk, &mut out)?;
        Ok(out)
    })?;
    let facts = if with_facts { case.all_facts(&chunk)? } else { Vec::new() };
    let of_home = |name: &str| results.word(Grain::Household, name, home).map(str::to_owned);
    let income = results.column(Grain::Household, INCOME_PC).map(|c| c.as_primitive::<Int64Type>());
    let held = |name: &str| results.answer(Grain::Household, name, home) == Answer::Holds;
    let labels = program
        .labels
        .iter()
        .filter(|l| held(&label(&l.id)))
        .map(|l| Ok(LabelFinding { label: l.id.clone(), facts: case.facts(&l.rule.columns, &chunk, None)? }));
    let needs = program
        .services
        .iter()
        .filter(|s| held(&need_of(&s.id)))
        .map(|s| Ok(NeedFinding { service: s.id.clone(), facts: case.facts(&s.rule.columns, &chunk, None)? }));
    let result = CheckResult {
        household_id: household,
        as_of,
        law_of: inner.law_of,
        pack_version: inner.pack.info.version.clone(),
        snapshot: inner.snapshot.id.clone(),
        tier: of_home(TIER).unwrap_or_else(|| NONE.to_owned()),
        monthly: Fen(results.number(Grain::Household, TIER_AMOUNT, home)),
        income_pc: income.filter(|c| !c.is_null(home)).map(|c| Fen(c.value(home))),
        programmes: programmes.into_iter().flatten().collect(),
        alerts: case.alerts(household, &chunk)?,
        labels: labels.collect::<Result<_, EngineError>>()?,
        needs: needs.collect::<Result<_, EngineError>>()?,
        matters: program.matters.iter().filter(|m| held(&matter_of(&m.id))).map(|m| m.id.clone()).collect(),
        points: results.points[home],
        level: of_home(LEVEL),
        decided_by: of_home(DECIDED_BY),
        compared: case.compared(&chunk)?,
        rows: case.rows,
        withheld: inner.withheld.clone(),
    };
    Ok((result, facts))
}

impl Case<'_> {
    /// `place`: of the programme in the program.
    fn programme(
        &self,
        place: usize,
        programme: &Programme,
        household: &Chunk<'_>,
        out: &mut Vec<ProgrammeResult>,
    ) -> Result<(), EngineError> {
        if programme.grain == Grain::Household {
            out.push(self.result(place, programme, household, None)?);
        } else if programme.is_tier {
            let answer = self.results.answer(Grain::Household, &holds(&programme.id), self.home);
            let (mut conditions, mut amount_facts, mut parts) = (Vec::new(), Vec::new(), Vec::new());
            for Member { person, chunk, .. } in self.members.iter().filter(|m| m.living) {
                let now = answers(programme, chunk)?;
                conditions.extend(self.conditions(place, programme, &now, chunk, Some(*person))?);
                amount_facts.extend(self.amount_facts(programme, chunk, Some(*person))?);
                parts.extend(self.parts(programme, answer, chunk)?);
            }
            let amount = self.results.number(Grain::Household, &amount(&programme.id), self.home);
            out.push(ProgrammeResult {
                programme: programme.id.clone(),
                kind: programme.kind,
                per: programme.amount.as_ref().map(|a| a.per).unwrap_or_default(),
                parts,
                answer,
                person_id: None,
                conditions,
                monthly: monthly(programme, answer, amount),
                amount_facts,
                // Asked of each member: the conditions say what would change each.
                changes: Vec::new(),
            });
        } else {
            for member in self.members.iter().filter(|m| programme.after_death || m.living) {
                out.push(self.result(place, programme, &member.chunk, Some(member.person))?);
            }
        }
        Ok(())
    }

    /// One programme for the subject in the chunk.
    fn result(
        &self,
        place: usize,
        programme: &Programme,
        chunk: &Chunk<'_>,
        person: Option<PersonId>,
    ) -> Result<ProgrammeResult, EngineError> {
        let grain = programme.grain;
        let answer = self.results.answer(grain, &holds(&programme.id), chunk.start);
        let amount = self.results.number(grain, &amount(&programme.id), chunk.start);
        let now = answers(programme, chunk)?;
        let conditions = self.conditions(place, programme, &now, chunk, person)?;
        // What turns the only condition turns the programme.
        let changes = match (&conditions[..], programme.conditions.len()) {
            ([only], 1) => only.changes.clone(),
            _ => {
                let rules: Vec<&Rule> = programme.conditions.iter().map(|c| &c.rule).collect();
                changes(self.told, &rules, &now, chunk, person, None)?
            }
        };
        Ok(ProgrammeResult {
            programme: programme.id.clone(),
            kind: programme.kind,
            per: programme.amount.as_ref().map(|a| a.per).unwrap_or_default(),
            parts: self.parts(programme, answer, chunk)?,
            answer,
            person_id: person,
            conditions,
            monthly: monthly(programme, answer, amount),
            amount_facts: self.amount_facts(programme, chunk, person)?,
            changes,
        })
    }

    /// The parts of an amount; like the amount itself they need only make sense where the programme holds.
    fn parts(&self, programme: &Programme, answer: Answer, chunk: &Chunk<'_>) -> Result<Vec<PartResult>, EngineError> {
        let parts = programme.amount.iter().filter(|_| answer == Answer::Holds).flat_map(|a| &a.parts);
        parts.map(|p| Ok(PartResult { part: p.id.clone(), amount: p.rule.whole(chunk)?[0].map(Fen) })).collect()
    }

    fn conditions(
        &self,
        place: usize,
        programme: &Programme,
        now: &[Answer],
        chunk: &Chunk<'_>,
        person: Option<PersonId>,
    ) -> Result<Vec<ConditionResult>, EngineError> {
        let Some(texts) = self.pack.programme(&programme.id) else { return Ok(Vec::new()) };
        let conditions = programme.conditions.iter().zip(now).enumerate();
        conditions
            .filter_map(|(i, (condition, now))| {
                let text = texts.conditions.get(condition.place)?;
                Some((condition, *now, text, self.told.behind(place, i)?))
            })
            .map(|(condition, now, text, behind)| {
                let number = |rule: &Option<Rule>| match rule {
                    Some(rule) => Ok(rule.whole(chunk)?[0]),
                    None => Ok::<_, EngineError>(None),
                };
                let (measure, line) = (number(&condition.measure)?, number(&condition.line)?);
                let margin = line.zip(measure).and_then(|(line, measure)| line.checked_sub(measure));
                Ok(ConditionResult {
                    name: text.name.clone(),
                    answer: now,
                    person_id: person,
                    facts: self.facts(&behind.names, chunk, person)?,
                    measure,
                    line,
                    margin,
                    unit: text.unit.clone(),
                    basis: text.basis.clone(),
                    rows: self.rows_behind(behind, person),
                    parameters: behind.parameters.iter().filter_map(|p| self.parameters[*p].clone()).collect(),
                    changes: changes(self.told, &[&condition.rule], &[now], chunk, person, margin)?,
                })
            })
            .collect()
    }

    fn facts(
        &self,
        names: impl IntoIterator<Item = impl AsRef<str>>,
        chunk: &Chunk<'_>,
        person: Option<PersonId>,
    ) -> Result<Vec<FactValue>, EngineError> {
        names.into_iter().map(|name| fact_value(self.told, chunk, name.as_ref(), 0, person)).collect()
    }

    fn amount_facts(
        &self,
        programme: &Programme,
        chunk: &Chunk<'_>,
        person: Option<PersonId>,
    ) -> Result<Vec<FactValue>, EngineError> {
        self.facts(programme.amount.iter().flat_map(|a| &a.rule.columns), chunk, person)
    }

    /// Rows of the sources that the facts rest on; for a person's condition not those of other people.
    fn rows_behind(&self, behind: &Behind, person: Option<PersonId>) -> Vec<usize> {
        let of_person = |row: &SourceRow| person.is_none() || row.person_id.is_none() || row.person_id == person;
        let rows = behind.sources.iter().flat_map(|source| self.of_source[*source].clone());
        rows.filter(|i| of_person(&self.rows[*i])).collect()
    }

    /// The facts that the pack compares with what was declared, and those by which sources contradict each other.
    fn compared(&self, household: &Chunk<'_>) -> Result<Vec<FactValue>, EngineError> {
        let items = &self.pack.workflow.compared;
        let compared = items.iter().flat_map(|c| c.known.iter().chain([&c.fact])).map(String::as_str);
        let wanted: BTreeSet<&str> = compared.chain(self.pack.conflicts.facts()).collect();
        self.facts_of_groups(household, |name| wanted.contains(name))
    }

    fn facts_of_groups(
        &self,
        household: &Chunk<'_>,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<FactValue>, EngineError> {
        let mut out = Vec::new();
        for group in &self.program.groups {
            let names: BTreeSet<&str> = group.facts.iter().map(|f| f.name.as_str()).filter(|n| wanted(n)).collect();
            match group.grain {
                Grain::Household => out.extend(self.facts(&names, household, None)?),
                Grain::Person => {
                    for Member { person, chunk, .. } in &self.members {
                        out.extend(self.facts(&names, chunk, Some(*person))?);
                    }
                }
            }
        }
        Ok(out)
    }

    fn all_facts(&self, household: &Chunk<'_>) -> Result<Vec<FactValue>, EngineError> {
        let mut out = self.facts_of_groups(household, |_| true)?;
        let found: BTreeSet<&str> = self.results.facts(Grain::Household).collect();
        out.extend(self.facts(&found, household, None)?);
        // A person's alert is told as an alert, not as a fact.
        let found: BTreeSet<&str> = self.results.facts(Grain::Person).filter(|n| !n.starts_with("alert_")).collect();
        for Member { person, chunk, .. } in &self.members {
            out.extend(self.facts(&found, chunk, Some(*person))?);
        }
        Ok(out)
    }

    fn alerts(&self, household_id: HouseholdId, household: &Chunk<'_>) -> Result<Vec<AlertFinding>, EngineError> {
        let mut out = Vec::new();
        for indicator in &self.program.indicators {
            let name = alert(&indicator.id);
            let mut ask = |chunk: &Chunk<'_>, person_id: Option<PersonId>| {
                let (grain, row) = (indicator.grain, chunk.start);
                if self.results.answer(grain, &name, row) == Answer::Holds {
                    let names: BTreeSet<&String> = indicator.evidence.iter().collect();
                    let severity = self.results.word(grain, &severity_of(&indicator.id), row);
                    let points = self.results.number(grain, &points_of(&indicator.id), row);
                    out.push(AlertFinding {
                        indicator: indicator.id.clone(),
                        household_id,
                        person_id,
                        evidence: self.facts(names, chunk, person_id)?,
                        severity: severity.and_then(Severity::from_word),
                        points: u32::try_from(points).unwrap_or(0),
                        changes: changes(self.told, &[&indicator.rule], &[Answer::Holds], chunk, person_id, None)?,
                    });
                }
                Ok::<_, EngineError>(())
            };
            match indicator.grain {
                Grain::Household => ask(household, None)?,
                Grain::Person => {
                    for Member { person, chunk, .. } in &self.members {
                        ask(chunk, Some(*person))?;
                    }
                }
            }
        }
        Ok(out)
    }
}

/// The code in a text column of a one-row chunk; empty where there is none.
fn code_of(chunk: &Chunk<'_>, name: &str) -> Result<String, EngineError> {
    let column = chunk.column(name)?;
    Ok(if column.is_null(0) { String::new() } else { column.as_string::<i32>().value(0).to_owned() })
}

/// Of each condition for the subject in the chunk.
fn answers(programme: &Programme, chunk: &Chunk<'_>) -> Result<Vec<Answer>, EngineError> {
    let conditions = programme.conditions.iter();
    conditions
        .map(|condition| {
            let answers = condition.rule.answers(chunk)?;
            Ok(Answer::from_sql((!answers.is_null(0)).then(|| answers.value(0))))
        })
        .collect()
}

fn monthly(programme: &Programme, answer: Answer, amount: i64) -> Option<Fen> {
    (answer == Answer::Holds && programme.amount.is_some()).then_some(Fen(amount))
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
