//! Workbenches: sessions whose statements are planned once and whose tables are filled for each household that is
//! checked, or for the households that new batches concern.

use crate::{
    EngineConfig, EngineError, Inner,
    group::{GroupTable, schema},
    nothing::Nothing,
    order::Group,
    program::Program,
    rows::check_schema,
    session::reusable_session,
};
use arrow::{array::RecordBatch, datatypes::SchemaRef};
use chrono::NaiveDate;
use datafusion::{
    catalog::streaming::StreamingTable,
    error::DataFusionError,
    execution::{SendableRecordBatchStream, TaskContext},
    physical_plan::{
        EmptyRecordBatchStream, ExecutionPlan, collect, execution_plan::reset_plan_states, memory::MemoryStream,
        streaming::PartitionStream,
    },
    prelude::SessionContext,
};
use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex},
};
use tokio::task::JoinSet;

/// A table whose rows are put in before each use. It hands them out when a plan runs, not when it is made, so that one
/// plan serves every household.
#[derive(Debug)]
struct Slot {
    schema: SchemaRef,
    rows: Mutex<Vec<RecordBatch>>,
}

impl Slot {
    fn put(&self, rows: Vec<RecordBatch>) {
        *self.rows.lock().unwrap_or_else(|e| e.into_inner()) = rows;
    }
}

impl PartitionStream for Slot {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let rows = self.rows.lock().unwrap_or_else(|e| e.into_inner()).clone();
        match MemoryStream::try_new(rows, self.schema.clone(), None) {
            Ok(stream) => Box::pin(stream),
            // Without a projection it cannot fail.
            Err(_) => Box::pin(EmptyRecordBatchStream::new(self.schema.clone())),
        }
    }
}

/// What a bench is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// One household with all its facts, also those that are only shown.
    Check,
    /// Some households, with the facts that rules read.
    Part,
}

pub(crate) struct Bench {
    purpose: Use,
    context: SessionContext,
    /// By table name: sources and groups.
    slots: BTreeMap<String, Arc<Slot>>,
    /// One for each group.
    steps: Vec<Step>,
}

struct Step {
    /// None for a group that nobody asks for; and when it need not run.
    plan: Option<(Nothing, Arc<dyn ExecutionPlan>)>,
    /// The table without rows: of a group that is known, and of one that is not.
    without: [Arc<GroupTable>; 2],
}

impl Bench {
    async fn build(inner: &Inner, program: &Program, purpose: Use) -> Result<Bench, EngineError> {
        let all = purpose == Use::Check;
        let context = reusable_session(&EngineConfig { partitions: 1, ..inner.config.clone() });
        let mut slots = BTreeMap::new();
        let sources = program.used.keys().filter_map(|id| inner.pack.source(id));
        let tables = sources.map(|s| (s.name.clone(), check_schema(s, program)));
        for (name, schema) in tables.chain(program.groups.iter().map(|g| (g.id.clone(), schema(g, all)))) {
            let fail =
                |e: DataFusionError| EngineError::Source { source_id: name.clone(), message: e.strip_backtrace() };
            let slot = Arc::new(Slot { schema: schema.clone(), rows: Mutex::default() });
            let table = StreamingTable::try_new(schema, vec![slot.clone()]).map_err(fail)?;
            context.register_table(name.as_str(), Arc::new(table)).map_err(fail)?;
            slots.insert(name, slot);
        }
        let state = Arc::new(context.state());
        let mut planning = JoinSet::new();
        for (i, group) in program.groups.iter().enumerate().filter(|(_, g)| all || g.needed) {
            let (state, statement) = (state.clone(), group.statement(all));
            planning.spawn(async move {
                let planned = async {
                    let plan = state.create_logical_plan(&statement).await?;
                    Ok::<_, DataFusionError>((Nothing::of(&plan), state.create_physical_plan(&plan).await?))
                };
                (i, planned.await)
            });
        }
        let mut plans: BTreeMap<usize, (Nothing, Arc<dyn ExecutionPlan>)> = BTreeMap::new();
        while let Some(planned) = planning.join_next().await {
            let (i, plan) = planned.map_err(|_| EngineError::Interrupted)?;
            plans.insert(i, plan.map_err(|e| failed(&program.groups[i], e))?);
        }
        let mut steps = Vec::with_capacity(program.groups.len());
        for (i, group) in program.groups.iter().enumerate() {
            steps.push(Step {
                plan: plans.remove(&i),
                without: [
                    Arc::new(GroupTable::new(group, Vec::new(), false, all)?),
                    Arc::new(GroupTable::new(group, Vec::new(), true, all)?),
                ],
            });
        }
        Ok(Bench { purpose, context, slots, steps })
    }

    /// Computes the groups over these source tables (by source id), as many at once as the configuration says.
    pub async fn run(
        &self,
        inner: &Inner,
        program: &Program,
        sources: &BTreeMap<String, RecordBatch>,
    ) -> Result<Vec<Arc<GroupTable>>, EngineError> {
        // A run that failed has left its rows.
        self.clear();
        // Tables with rows.
        let mut filled: HashSet<&str> = HashSet::new();
        for (id, batch) in sources.iter().filter(|(_, batch)| batch.num_rows() > 0) {
            if let Some((name, slot)) = inner.pack.source(id).and_then(|s| self.slots.get_key_value(&s.name)) {
                filled.insert(name);
                slot.put(vec![batch.clone()]);
            }
        }
        let all = self.purpose == Use::Check;
        let at_once = if all { 1 } else { inner.config.at_once.max(1) };
        let task = self.context.task_ctx();
        let mut tables: Vec<Option<Arc<GroupTable>>> = vec![None; program.groups.len()];
        let mut waiting: Vec<usize> = (0..program.groups.len()).collect();
        let mut running = JoinSet::new();
        loop {
            let ready = |i: &usize| program.groups[*i].reads.iter().all(|r| tables[*r].is_some());
            let (index, batches) = match waiting.iter().position(ready) {
                Some(at) if running.len() < at_once => {
                    let index = waiting.remove(at);
                    let (group, step) = (&program.groups[index], &self.steps[index]);
                    let known = group.needs.iter().all(|source| inner.snapshot.has(source));
                    let empty = |name: &str| !filled.contains(name);
                    let plan = step.plan.as_ref().filter(|(nothing, _)| !nothing.is_certain(&empty));
                    let Some((_, plan)) = plan.filter(|_| known || group.dense) else {
                        tables[index] = Some(step.without[usize::from(known)].clone());
                        continue;
                    };
                    let plan = reset_plan_states(plan.clone()).map_err(|e| failed(group, e))?;
                    let work = collect(plan, task.clone());
                    if at_once > 1 {
                        running.spawn(async move { (index, work.await) });
                        continue;
                    }
                    (index, work.await)
                }
                _ => match running.join_next().await {
                    Some(joined) => joined.map_err(|_| EngineError::Interrupted)?,
                    None => break,
                },
            };
            let group = &program.groups[index];
            let batches = batches.map_err(|e| failed(group, e))?;
            let known = group.needs.iter().all(|source| inner.snapshot.has(source));
            let table = Arc::new(GroupTable::new(group, batches, known, all)?);
            if let Some((name, slot)) = self.slots.get_key_value(&group.id).filter(|_| table.rows > 0) {
                filled.insert(name);
                slot.put(vec![table.batch.slice(0, table.rows)]);
            }
            tables[index] = Some(table);
        }
        self.clear();
        tables.into_iter().collect::<Option<Vec<_>>>().ok_or(EngineError::Interrupted)
    }

    fn clear(&self) {
        self.slots.values().for_each(|slot| slot.put(Vec::new()));
    }
}

fn failed(group: &Group, e: DataFusionError) -> EngineError {
    EngineError::Facts { group: group.id.clone(), message: e.strip_backtrace() }
}

/// Benches not in use, by date.
#[derive(Default)]
pub(crate) struct Benches(Mutex<Vec<(NaiveDate, Bench)>>);

impl Benches {
    pub async fn take(
        &self,
        inner: &Inner,
        program: &Program,
        as_of: NaiveDate,
        purpose: Use,
    ) -> Result<Bench, EngineError> {
        let free = {
            let mut free = self.0.lock().unwrap_or_else(|e| e.into_inner());
            let found = free.iter().position(|(date, bench)| *date == as_of && bench.purpose == purpose);
            found.map(|i| free.swap_remove(i).1)
        };
        match free {
            Some(bench) => Ok(bench),
            None => Bench::build(inner, program, purpose).await,
        }
    }

    pub fn give_back(&self, as_of: NaiveDate, bench: Bench) {
        const KEPT: usize = 8;
        let mut free = self.0.lock().unwrap_or_else(|e| e.into_inner());
        if free.len() >= KEPT {
            free.remove(0);
        }
        free.push((as_of, bench));
    }
}
