//! Fact groups: what their statements read, what they promise, and what they give.

use super::{Checker, messages::missing_field};
use crate::{
    faults::{CODES, Fault, plan_faults},
    group::absent,
    locate::{PackFile, nearest},
    order::{structural, tables_of},
    schema::{fact_type, pool_schema, sql_type},
    template,
};
use arrow::{
    array::RecordBatch,
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use datafusion::{datasource::MemTable, logical_expr::LogicalPlan};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use tuodi_pack::{Pack, facts::FactGroup};

impl Checker<'_> {
    pub(super) async fn facts(&mut self) {
        let pack = self.pack;
        for source in &pack.sources {
            self.put_table(&source.name, with_codes(pack, &source.name, pool_schema(source)));
        }
        for group in &pack.facts {
            self.put_table(&group.id, group_schema(group));
        }
        self.circles();
        for group in &pack.facts {
            self.group(group).await;
        }
    }

    fn put_table(&mut self, name: &str, schema: SchemaRef) {
        // An empty table cannot fail; a name taken twice is reported by the structural checks.
        if let Ok(table) = MemTable::try_new(schema.clone(), vec![vec![RecordBatch::new_empty(schema)]]) {
            let _ = self.context.register_table(name, Arc::new(table));
        }
    }

    fn circles(&mut self) {
        let state = self.context.state();
        let mut reads: HashMap<&str, Vec<String>> = HashMap::new();
        for group in &self.pack.facts {
            // Unknown parameters are reported elsewhere; here any number serves.
            let sql = template::substitute(&group.sql, |name| {
                Ok::<_, ()>(template::parameter(self.pack, name, self.as_of).unwrap_or_else(|| "0".to_owned()))
            });
            let tables = sql.ok().and_then(|sql| tables_of(&state, &sql).ok()).unwrap_or_default();
            reads.insert(&group.id, tables);
        }
        for group in &self.pack.facts {
            let (mut seen, mut next) = (BTreeSet::new(), vec![group.id.as_str()]);
            while let Some(id) = next.pop() {
                for read in reads.get(id).into_iter().flatten().filter(|r| reads.contains_key(r.as_str())) {
                    if seen.insert(read.clone())
                        && let Some((key, _)) = reads.get_key_value(read.as_str())
                    {
                        next.push(key);
                    }
                }
            }
            if seen.contains(&group.id) {
                let file = PackFile::sql(&group.id, &group.sql);
                // The table by which the circle is entered.
                let comes_back = |id: &str| {
                    let (mut seen, mut next) = (BTreeSet::new(), vec![id.to_owned()]);
                    while let Some(id) = next.pop() {
                        if id == group.id {
                            return true;
                        }
                        let read = reads.get(id.as_str()).into_iter().flatten();
                        next.extend(read.filter(|r| seen.insert((*r).clone())).cloned());
                    }
                    false
                };
                let by = reads.get(group.id.as_str()).into_iter().flatten().find(|r| comes_back(r)).cloned();
                let message = format!("group {} reads itself through other groups", group.id);
                let fix = "take one of the groups of the circle apart";
                self.report(&file, &group.sql, Fault::new(message, by.as_deref(), fix));
            }
        }
    }

    async fn group(&mut self, group: &FactGroup) {
        let file = PackFile::sql(&group.id, &group.sql);
        let toml = PackFile::declaring(self.pack, "facts", &group.id);
        for fact in &group.facts {
            if self.pack.is_result(&fact.name) {
                let message = format!("`{}` is a fact that the engine finds itself", fact.name);
                self.report(&toml, &fact.name, Fault::new(message, Some(&fact.name), "give the fact another name"));
            }
            if let Err(message) = absent(&fact.absent, &fact_type(fact.kind)) {
                let fix = "write a value of the fact's type, or \"unknown\"";
                self.report(&toml, &fact.name, Fault::new(format!("absent of {}: {message}", fact.name), None, fix));
            }
        }
        // That there is no SQL is told where the pack is read.
        if group.sql.trim().is_empty() && self.pack.files.is_lost(&file.name) {
            return;
        }
        let Some(sql) = self.fill(&file, &group.sql) else { return };
        let state = self.context.state();
        let plan = match state.create_logical_plan(sql.trim().trim_end_matches(';')).await {
            Ok(plan) => plan,
            Err(e) => {
                let mut fault = self.planning_fault(&e);
                if missing_field(&e).is_some_and(|(field, _)| field.name == "county_code")
                    && let Some(name) = template::by_county(self.pack, &group.sql, self.as_of)
                {
                    let message =
                        format!("parameter ${name} differs between counties, and county_code is not in reach");
                    fault = Fault::new(message, Some(name), "join `person` or `household` in the SELECT that uses it");
                }
                return self.report(&file, &group.sql, fault);
            }
        };
        // The analysis that runs before execution: types that cannot be compared, wrong arguments.
        if let Err(e) = state.optimize(&plan) {
            let fault = self.planning_fault(&e);
            self.report(&file, &group.sql, fault);
        }
        for fault in plan_faults(&plan) {
            self.report(&file, &group.sql, fault);
        }
        self.outputs(group, &plan, &file, &toml);
    }

    /// Promised columns against produced ones.
    fn outputs(&mut self, group: &FactGroup, plan: &LogicalPlan, file: &PackFile, toml: &PackFile) {
        let produced: Vec<(String, DataType)> =
            plan.schema().fields().iter().map(|f| (f.name().clone(), f.data_type().clone())).collect();
        let fixed = structural(group.grain, group.dense);
        let find = |name: &str| produced.iter().find(|(n, _)| n == name).map(|(_, kind)| kind.clone());
        for (name, kind) in &fixed {
            match find(name) {
                None => {
                    let fix = format!("add {name} to the SELECT");
                    self.report(file, &group.sql, Fault::new(format!("gives no column {name}"), None, fix));
                }
                Some(found) if !fits(&found, kind) => {
                    let fix = format!("make it {kind}");
                    self.report(file, &group.sql, Fault::new(format!("column {name} is {found}"), Some(name), fix));
                }
                Some(_) => {}
            }
        }
        for fact in &group.facts {
            match find(&fact.name) {
                None => {
                    let known = produced.iter().map(|(n, _)| n.as_str());
                    let message = format!("facts/{}.sql gives no column {}", group.id, fact.name);
                    let fix = nearest(&fact.name, known)
                        .map_or("add it to the SELECT or take it out here".to_owned(), |n| {
                            format!("did you mean {n}?")
                        });
                    self.report(toml, &fact.name, Fault::new(message, Some(&fact.name), fix));
                }
                Some(found) if !fits(&found, &fact_type(fact.kind)) => {
                    let message = format!(
                        "column {} is {found}; facts/{}.toml promises {}",
                        fact.name,
                        group.id,
                        sql_type(fact.kind)
                    );
                    let fix = if found.is_floating() {
                        "count in whole fen or parts per thousand, or CAST to DECIMAL: floats are not exact".to_owned()
                    } else {
                        format!("CAST it AS {} or correct its type", sql_type(fact.kind))
                    };
                    self.report(file, &group.sql, Fault::new(message, Some(&fact.name), fix));
                }
                Some(_) => {}
            }
        }
        // A group of everybody that does not say so is told by the structural checks; its columns are as they should be.
        let everybody = structural(group.grain, ["person", "household"].contains(&group.id.as_str()));
        let fixed = if group.dense { fixed } else { everybody };
        for (name, _) in &produced {
            let known = fixed.iter().any(|(n, _)| n == name) || group.facts.iter().any(|f| f.name == *name);
            if !known {
                let message = format!("gives column {name}, which facts/{}.toml does not declare", group.id);
                self.report(file, &group.sql, Fault::new(message, Some(name), "declare it as a fact or take it out"));
            }
        }
    }
}

fn group_schema(group: &FactGroup) -> SchemaRef {
    let mut fields: Vec<Field> =
        structural(group.grain, group.dense).into_iter().map(|(name, kind)| Field::new(name, kind, true)).collect();
    for fact in &group.facts {
        if fields.iter().all(|f| *f.name() != fact.name) {
            fields.push(Field::new(&fact.name, fact_type(fact.kind), true));
        }
    }
    Arc::new(Schema::new(fields))
}

/// The pool schema with the contract's codes, so that a code that does not exist is found where it is compared.
fn with_codes(pack: &Pack, name: &str, schema: SchemaRef) -> SchemaRef {
    let Some(source) = pack.source_by_name(name) else { return schema };
    let fields: Vec<Field> = schema
        .fields()
        .iter()
        .map(|field| {
            let codes: Vec<&str> =
                source.column(field.name()).map(|c| c.codes.keys().map(String::as_str).collect()).unwrap_or_default();
            if codes.is_empty() {
                return field.as_ref().clone();
            }
            field.as_ref().clone().with_metadata([(CODES.to_owned(), codes.join("|"))].into())
        })
        .collect();
    Arc::new(Schema::new(fields))
}

/// Whether a produced column can be cast to its declared type without losing anything.
fn fits(found: &DataType, declared: &DataType) -> bool {
    let text = |kind: &DataType| matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    match declared {
        _ if *found == DataType::Null => true,
        DataType::Int64 => found.is_integer(),
        DataType::Utf8 => text(found),
        DataType::Decimal128(..) => found.is_integer() || matches!(found, DataType::Decimal128(..)),
        other => found == other,
    }
}
