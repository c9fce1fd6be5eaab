//! Workbenches for checks: sessions whose statements are planned once and whose tables are filled for each household.

use crate::{
    EngineConfig, EngineError, Inner,
    group::{GroupTable, schema},
    program::Program,
    rows::check_schema,
    session::session,
};
use arrow::{array::RecordBatch, datatypes::SchemaRef};
use async_trait::async_trait;
use chrono::NaiveDate;
use datafusion::{
    catalog::Session,
    datasource::{TableProvider, TableType, memory::MemorySourceConfig},
    error::DataFusionError,
    logical_expr::{Expr, LogicalPlan},
    physical_plan::{ExecutionPlan, collect},
    prelude::SessionContext,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

/// A table whose rows are put in before each use.
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

#[async_trait]
impl TableProvider for Slot {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        let rows = self.rows.lock().unwrap_or_else(|e| e.into_inner()).clone();
        let exec = MemorySourceConfig::try_new_exec(&[rows], self.schema.clone(), projection.cloned())?;
        Ok(exec)
    }
}

pub(crate) struct Bench {
    context: SessionContext,
    /// By table name: sources and groups.
    slots: BTreeMap<String, Arc<Slot>>,
    /// Optimised, one for each group.
    plans: Vec<LogicalPlan>,
}

impl Bench {
    async fn build(inner: &Inner, program: &Program) -> Result<Bench, EngineError> {
        let context = session(&EngineConfig { partitions: 1, ..inner.config.clone() });
        let mut slots = BTreeMap::new();
        let sources = program.used.keys().filter_map(|id| inner.pack.source(id));
        let tables = sources.map(|s| (s.name.clone(), check_schema(s, program)));
        for (name, schema) in tables.chain(program.groups.iter().map(|g| (g.id.clone(), schema(g, true)))) {
            let slot = Arc::new(Slot { schema, rows: Mutex::default() });
            context
                .register_table(name.as_str(), slot.clone())
                .map_err(|e| EngineError::Source { source_id: name.clone(), message: e.strip_backtrace() })?;
            slots.insert(name, slot);
        }
        let state = context.state();
        let mut plans = Vec::with_capacity(program.groups.len());
        for group in &program.groups {
            let fail =
                |e: DataFusionError| EngineError::Facts { group: group.id.clone(), message: e.strip_backtrace() };
            let plan = state.create_logical_plan(&group.statement(true)).await.map_err(fail)?;
            plans.push(state.optimize(&plan).map_err(fail)?);
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
        let state = self.context.state();
        let mut tables = Vec::with_capacity(program.groups.len());
        for (group, plan) in program.groups.iter().zip(&self.plans) {
            let fail =
                |e: DataFusionError| EngineError::Facts { group: group.id.clone(), message: e.strip_backtrace() };
            let known = group.needs.iter().all(|source| inner.snapshot.has(source));
            let batches = if known || group.dense {
                let plan = state.query_planner().create_physical_plan(plan, &state).await.map_err(fail)?;
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
