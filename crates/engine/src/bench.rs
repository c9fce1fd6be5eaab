//! Workbenches for checks: sessions whose statements are planned once and whose tables are filled for each household.

use crate::{
    EngineConfig, EngineError, Inner,
    group::{GroupTable, schema},
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
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

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

pub(crate) struct Bench {
    context: SessionContext,
    /// By table name: sources and groups.
    slots: BTreeMap<String, Arc<Slot>>,
    /// One for each group.
    plans: Vec<Arc<dyn ExecutionPlan>>,
}

impl Bench {
    async fn build(inner: &Inner, program: &Program) -> Result<Bench, EngineError> {
        let context = reusable_session(&EngineConfig { partitions: 1, ..inner.config.clone() });
        let mut slots = BTreeMap::new();
        let sources = program.used.keys().filter_map(|id| inner.pack.source(id));
        let tables = sources.map(|s| (s.name.clone(), check_schema(s, program)));
        for (name, schema) in tables.chain(program.groups.iter().map(|g| (g.id.clone(), schema(g, true)))) {
            let fail =
                |e: DataFusionError| EngineError::Source { source_id: name.clone(), message: e.strip_backtrace() };
            let slot = Arc::new(Slot { schema: schema.clone(), rows: Mutex::default() });
            let table = StreamingTable::try_new(schema, vec![slot.clone()]).map_err(fail)?;
            context.register_table(name.as_str(), Arc::new(table)).map_err(fail)?;
            slots.insert(name, slot);
        }
        let state = context.state();
        let mut plans = Vec::with_capacity(program.groups.len());
        for group in &program.groups {
            let fail =
                |e: DataFusionError| EngineError::Facts { group: group.id.clone(), message: e.strip_backtrace() };
            let plan = state.create_logical_plan(&group.statement(true)).await.map_err(fail)?;
            plans.push(state.create_physical_plan(&plan).await.map_err(fail)?);
        }
        Ok(Bench { context, slots, plans })
    }

    /// Computes every group over these source tables (by source id).
    pub async fn run(
        &self,
        inner: &Inner,
        program: &Program,
        sources: &BTreeMap<String, RecordBatch>,
    ) -> Result<Vec<Arc<GroupTable>>, EngineError> {
        for (id, batch) in sources {
            if let Some(slot) = inner.pack.source(id).and_then(|s| self.slots.get(&s.name)) {
                slot.put(vec![batch.clone()]);
            }
        }
        let mut tables = Vec::with_capacity(program.groups.len());
        for (group, plan) in program.groups.iter().zip(&self.plans) {
            let fail =
                |e: DataFusionError| EngineError::Facts { group: group.id.clone(), message: e.strip_backtrace() };
            let known = group.needs.iter().all(|source| inner.snapshot.has(source));
            let batches = if known || group.dense {
                let plan = reset_plan_states(plan.clone()).map_err(fail)?;
                collect(plan, self.context.task_ctx()).await.map_err(fail)?
            } else {
                Vec::new()
            };
            let table = Arc::new(GroupTable::new(group, batches, known, true)?);
            if let Some(slot) = self.slots.get(&group.id) {
                slot.put(vec![table.batch.slice(0, table.rows)]);
            }
            tables.push(table);
        }
        for slot in self.slots.values() {
            slot.put(Vec::new());
        }
        Ok(tables)
    }
}

/// Benches not in use, by date.
#[derive(Default)]
pub(crate) struct Benches(Mutex<Vec<(NaiveDate, Bench)>>);

impl Benches {
    pub async fn take(&self, inner: &Inner, program: &Program, as_of: NaiveDate) -> Result<Bench, EngineError> {
        let free = {
            let mut free = self.0.lock().unwrap_or_else(|e| e.into_inner());
            free.iter().position(|(date, _)| *date == as_of).map(|i| free.swap_remove(i).1)
        };
        match free {
            Some(bench) => Ok(bench),
            None => Bench::build(inner, program).await,
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
