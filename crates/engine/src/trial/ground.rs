//! What trials stand on: facts and programmes of the whole population for one day, without what no trial reads, and what
//! must be computed again when some parameters change.

use crate::{
    EngineError, Inner,
    frame::Frames,
    group::GroupTable,
    order::{REGION_COLUMNS, keep, used_columns},
    pass::compute_group,
    program::{Program, SIZE, TIER, TIER_AMOUNT},
    results::{Results, ask},
    runtime,
    schemas::{amount, holds, label, members, total},
    session::session,
    template,
};
use arrow::{
    array::{ArrayRef, AsArray, BooleanArray, Date32Array, Int64Array},
    datatypes::{Date32Type, Int64Type},
};
use chrono::NaiveDate;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use tokio::task::JoinSet;
use tuodi_pack::{
    Note, Pack, Text,
    assessment::{Assessment, Label},
    facts::Grain,
    programme::{Condition, Per, Programme, ProgrammeKind},
    services::Services,
};

/// A claim about households that a trial counts by.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub id: String,
    pub sql: String,
    /// Of persons: it counts for a household with a living member of whom it is TRUE.
    pub grain: Grain,
}

/// The pack as trials need it: programmes, and `claims` in place of labels.
fn cut(pack: &Pack, claims: &[Claim], only_tiers: bool) -> Pack {
    let label = |claim: &Claim| Label {
        id: claim.id.clone(),
        title: Text::new("", ""),
        expr: claim.sql.clone(),
        basis: String::new(),
        note: Note::default(),
    };
    let programmes = pack.programmes.iter().filter(|p| !only_tiers || p.is_tier());
    let of_persons = claims.iter().filter(|c| c.grain == Grain::Person);
    Pack {
        programmes: programmes.cloned().chain(of_persons.filter_map(|c| recognition(pack, c))).collect(),
        indicators: Vec::new(),
        assessment: Assessment {
            labels: claims.iter().filter(|c| c.grain == Grain::Household).map(label).collect(),
            ..Assessment::default()
        },
        services: Services::default(),
        cases: Vec::new(),
        ..pack.clone()
    }
}

/// A claim about persons in the form of a recognition, of which the household counts the members.
fn recognition(pack: &Pack, claim: &Claim) -> Option<Programme> {
    let pattern = pack.programmes.iter().find(|p| !p.conditions.is_empty())?;
    let condition = Condition {
        name: claim.id.clone(),
        expr: claim.sql.clone(),
        measure: None,
        line: None,
        effective_from: None,
        effective_to: None,
        ..pattern.conditions[0].clone()
    };
    Some(Programme {
        id: claim.id.clone(),
        kind: ProgrammeKind::Status,
        order: u32::MAX,
        grain: Grain::Person,
        after_death: false,
        rollup: None,
        conditions: vec![condition],
        effective_from: None,
        effective_to: None,
        amount: None,
        stages: Vec::new(),
        ..pattern.clone()
    })
}

/// The cut pack for a day, and which fact groups it needs.
#[derive(Clone)]
pub(crate) struct Plan {
    pub program: Arc<Program>,
    needed: Vec<bool>,
    claims: Vec<Claim>,
}

impl Plan {
    pub fn of(pack: &Pack, claims: &[Claim], only_tiers: bool, as_of: NaiveDate) -> Result<Plan, EngineError> {
        let pack = cut(pack, claims, only_tiers);
        let mut program = Program::compile(&pack, as_of)?;
        // Facts first: results are no facts of a group.
        let mut needed = vec![false; program.groups.len()];
        let mut next: Vec<usize> = vec![program.person, program.household];
        next.extend(
            (0..program.groups.len())
                .filter(|i| program.groups[*i].facts.iter().any(|f| program.mentioned.contains(&f.name))),
        );
        while let Some(i) = next.pop() {
            if !std::mem::replace(&mut needed[i], true) {
                next.extend(program.groups[i].reads.iter().copied());
            }
        }
        for (group, needed) in program.groups.iter_mut().zip(&needed) {
            if !needed {
                group.sql.clear();
                group.reads.clear();
                group.tables.clear();
            }
        }
        keep(&mut program.groups, &program.mentioned);
        program.used = used_columns(&pack, &program.groups);
        let results = program.programmes.iter().flat_map(|p| {
            [holds(&p.id), amount(&p.id), members(&p.id), total(&p.id)]
                .into_iter()
                // A person's own result is not looked at, only the household's.
                .filter(|_| !p.is_tier)
                .skip(if p.grain == Grain::Person { 2 } else { 0 })
        });
        let results: Vec<String> = results.collect();
        program.mentioned.extend(results);
        program.mentioned.extend(claims.iter().map(|c| label(&c.id)));
        Ok(Plan { program: Arc::new(program), needed, claims: claims.to_vec() })
    }

    pub fn groups(&self) -> usize {
        self.needed.iter().filter(|n| **n).count()
    }
}

/// Facts and findings of everybody.
pub(crate) struct Ground {
    pub plan: Plan,
    pub tables: Vec<Arc<GroupTable>>,
    pub found: Found,
    /// Fact groups computed for it; the others were taken from the ground it was built on.
    pub computed: usize,
}

impl Ground {
    /// On `base` (the same pack and day with other values of parameters) only what differs is computed.
    pub async fn lay(inner: &Arc<Inner>, plan: Plan, base: Option<&Ground>) -> Result<Ground, EngineError> {
        let (tables, computed) = tables(inner, &plan, base).await?;
        let (program, claims, given) = (plan.program.clone(), plan.claims.clone(), tables.clone());
        let threads = inner.config.partitions.max(1);
        let found = runtime::compute(move || find(&program, &claims, &given, threads)).await?;
        Ok(Ground { plan, tables, found, computed })
    }
}

/// Asks the rules over the tables.
fn find(program: &Program, claims: &[Claim], tables: &[Arc<GroupTable>], threads: usize) -> Result<Found, EngineError> {
    let mut frames = Frames::build(program, tables, Some(&program.person_facts))?;
    let results = ask(program, &mut frames, threads, false, |_| Ok(()))?;
    Found::of(program, claims, tables, &frames, &results)
}

async fn tables(
    inner: &Arc<Inner>,
    plan: &Plan,
    base: Option<&Ground>,
) -> Result<(Vec<Arc<GroupTable>>, usize), EngineError> {
    let program = &plan.program;
    let context = session(&inner.config);
    for source in program.used.keys().filter_map(|id| inner.pack.source(id)) {
        inner.snapshot.register_table(&context, source)?;
    }
    let count = program.groups.len();
    let mut tables: Vec<Option<Arc<GroupTable>>> = vec![None; count];
    // Columns that are not as they were, by group.
    let mut changed: Vec<HashSet<String>> = vec![HashSet::new(); count];
    let mut waiting: Vec<usize> = Vec::new();
    for (i, (table, group)) in tables.iter_mut().zip(&program.groups).enumerate() {
        if plan.needed[i] {
            waiting.push(i);
        } else {
            *table = Some(Arc::new(GroupTable::new(group, Vec::new(), false, false)?));
        }
    }
    let mut running = JoinSet::new();
    let mut computed = 0;
    loop {
        while running.len() < inner.config.at_once.max(1) {
            let ready = |i: &usize| program.groups[*i].reads.iter().all(|r| tables[*r].is_some());
            let Some(at) = waiting.iter().position(ready) else { break };
            let index = waiting.remove(at);
            if let Some(base) = base.filter(|base| same(base, program, index, &changed)) {
                let table = base.tables[index].clone();
                register(inner, &context, program, index, &table)?;
                tables[index] = Some(table);
                continue;
            }
            computed += 1;
            let (inner, program, context) = (inner.clone(), program.clone(), context.clone());
            running.spawn(async move { (index, compute_group(&inner, &program, &context, index).await) });
        }
        let Some(joined) = running.join_next().await else { break };
        let (index, table) = joined.map_err(|_| EngineError::Interrupted)?;
        let table = table?;
        if let Some(base) = base {
            changed[index] = differing(&base.tables[index], &table);
        }
        register(inner, &context, program, index, &table)?;
        tables[index] = Some(table);
    }
    let tables = tables.into_iter().collect::<Option<Vec<_>>>().ok_or(EngineError::Interrupted)?;
    Ok((tables, computed))
}

fn register(
    inner: &Inner,
    context: &datafusion::prelude::SessionContext,
    program: &Program,
    index: usize,
    table: &GroupTable,
) -> Result<(), EngineError> {
    let group = &program.groups[index];
    let rows = table.table(inner.config.partitions, inner.config.batch_size)?;
    context
        .register_table(group.id.as_str(), Arc::new(rows))
        .map(|_| ())
        .map_err(|e| EngineError::Facts { group: group.id.clone(), message: e.strip_backtrace() })
}

/// Whether a group must come out as it did: the same statement over tables that are the same as far as it reads them.
fn same(base: &Ground, program: &Program, index: usize, changed: &[HashSet<String>]) -> bool {
    let (group, before) = (&program.groups[index], &base.plan.program.groups[index]);
    if group.sql != before.sql || group.id != before.id {
        return false;
    }
    let (words, wildcard) = (template::words(&group.sql), template::has_wildcard(&group.sql));
    group.reads.iter().all(|r| changed[*r].is_empty() || !(wildcard || changed[*r].iter().any(|c| words.contains(c))))
}

/// Columns of a table that are not what they were; all of them where its rows are not the same.
fn differing(before: &GroupTable, after: &GroupTable) -> HashSet<String> {
    let schema = after.batch.schema();
    let fields = schema.fields().iter().enumerate();
    let same_rows = before.rows == after.rows && before.batch.column(0) == after.batch.column(0);
    fields
        .filter(|(i, field)| {
            !same_rows
                || before.batch.column_by_name(field.name()).is_none_or(|column| column != after.batch.column(*i))
        })
        .map(|(_, field)| field.name().clone())
        .collect()
}

/// What one programme gives each household.
pub(crate) struct Held {
    pub id: String,
    pub kind: ProgrammeKind,
    pub per: Per,
    pub holds: BooleanArray,
    /// Fen, as often as the programme pays.
    pub amount: Int64Array,
}

impl Held {
    /// Fen a year; what is paid once counts once.
    pub fn yearly(&self) -> i64 {
        match self.per {
            Per::Month => 12,
            Per::Week => 52,
            Per::Year | Per::Once => 1,
        }
    }

    /// What is owed is taken off.
    pub fn sign(&self) -> i64 {
        if self.kind == ProgrammeKind::Levy { -1 } else { 1 }
    }

    pub fn is_support(&self) -> bool {
        self.kind != ProgrammeKind::Measure
    }
}

/// One value for each household, in the order of their numbers.
pub(crate) struct Found {
    pub keys: Int64Array,
    pub people: u64,
    pub region: ArrayRef,
    pub size: Vec<i64>,
    /// Position in `tiers`.
    pub tier: Vec<u16>,
    /// Tier ids in decision order; the first is "none".
    pub tiers: Vec<String>,
    pub held: Vec<Held>,
    /// By id.
    pub claims: HashMap<String, BooleanArray>,
    /// Fen due each month, and in a year with what is due yearly or once.
    pub month: Vec<i64>,
    pub year: Vec<i64>,
    pub assessed_on: Option<Date32Array>,
}

/// Fact of the latest assessment's day.
const ASSESSED_ON: &str = "assessed_on";

impl Found {
    fn of(
        program: &Program,
        claims: &[Claim],
        tables: &[Arc<GroupTable>],
        frames: &Frames,
        results: &Results,
    ) -> Result<Found, EngineError> {
        let rows = frames.household.len;
        let whole = frames.household.chunk(0, rows);
        let column = |name: &str| results.column(Grain::Household, name).cloned().ok_or(EngineError::Interrupted);
        let numbers = |name: &str| Ok::<_, EngineError>(column(name)?.as_primitive::<Int64Type>().clone());
        let mut tiers = vec![crate::findings::NONE.to_owned()];
        tiers.extend(program.programmes.iter().filter(|p| p.is_tier).map(|p| p.id.clone()));
        let place: HashMap<&str, u16> = tiers.iter().enumerate().map(|(i, t)| (t.as_str(), i as u16)).collect();
        let tier: Vec<u16> = {
            let words = column(TIER)?;
            words.as_string::<i32>().iter().map(|t| t.and_then(|t| place.get(t)).copied().unwrap_or(0)).collect()
        };
        let tier_amount = numbers(TIER_AMOUNT)?;
        let mut held = Vec::new();
        for programme in program.programmes.iter().filter(|p| claims.iter().all(|c| c.id != p.id)) {
            let (id, per) = (&programme.id, programme.amount.as_ref().map_or(Per::Month, |a| a.per));
            let (holds, amount) = if programme.is_tier {
                let own = place.get(id.as_str()).copied().unwrap_or(0);
                let holds: BooleanArray = tier.iter().map(|t| Some(*t == own)).collect();
                let amount = tier.iter().zip(tier_amount.values()).map(|(t, fen)| if *t == own { *fen } else { 0 });
                (holds, Int64Array::from_iter_values(amount))
            } else if programme.grain == Grain::Person {
                let held = numbers(&members(id))?;
                (held.values().iter().map(|n| Some(*n > 0)).collect(), numbers(&total(id))?)
            } else {
                let answers = column(&holds(id))?;
                (crate::findings::holding(answers.as_boolean()), numbers(&amount(id))?)
            };
            held.push(Held { id: id.clone(), kind: programme.kind, per, holds, amount });
        }
        let (mut month, mut year) = (vec![0_i64; rows], vec![0_i64; rows]);
        for programme in held.iter().filter(|h| h.is_support()) {
            let (times, sign) = (programme.yearly(), programme.sign());
            for (sum, fen) in year.iter_mut().zip(programme.amount.values()) {
                *sum += fen * times * sign;
            }
            if matches!(programme.per, Per::Month | Per::Week) {
                for (sum, fen) in month.iter_mut().zip(programme.amount.values()) {
                    *sum += fen * times * sign / 12;
                }
            }
        }
        let claims = claims
            .iter()
            .map(|claim| {
                let holds = match claim.grain {
                    Grain::Household => crate::findings::holding(column(&label(&claim.id))?.as_boolean()),
                    Grain::Person => numbers(&members(&claim.id))?.values().iter().map(|n| Some(*n > 0)).collect(),
                };
                Ok((claim.id.clone(), holds))
            })
            .collect::<Result<_, EngineError>>()?;
        let region = whole.column(REGION_COLUMNS[1])?;
        let size = match program.group_of(SIZE) {
            Some(_) => whole.column(SIZE)?.as_primitive::<Int64Type>().iter().map(|n| n.unwrap_or(0).max(0)).collect(),
            None => members_of(frames, rows),
        };
        let assessed_on = match program.mentioned.contains(ASSESSED_ON) {
            true => whole.column(ASSESSED_ON)?.as_primitive_opt::<Date32Type>().cloned(),
            false => None,
        };
        Ok(Found {
            keys: frames.household.keys.clone(),
            people: tables[program.person].rows as u64,
            region,
            size,
            tier,
            tiers,
            held,
            claims,
            month,
            year,
            assessed_on,
        })
    }

    pub fn len(&self) -> usize {
        self.keys.len()
    }
}

/// How many persons each household has, where the pack has no fact that says so.
fn members_of(frames: &Frames, rows: usize) -> Vec<i64> {
    let mut size = vec![0; rows];
    for home in frames.home.values() {
        if let Some(count) = size.get_mut(*home as usize) {
            *count += 1;
        }
    }
    size
}
