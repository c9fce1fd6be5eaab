//! Reading a pack as a strict reader would: every statement and expression is planned against the contracts, and what
//! parsing lets through is refused with file, line and fix.

use crate::{
    EngineConfig, EngineError,
    faults::{CODES, Fault, Place, expr_faults, plan_faults},
    group::absent,
    locate::{PackFile, meant, nearest},
    order::{structural, tables_of},
    program::TIER,
    rule::Expected,
    runtime,
    schema::{fact_type, pool_schema, sql_type},
    schemas::Schemas,
    session::{AGGREGATE, SCALAR, WINDOW, session},
    template::{self, Kind},
};
use arrow::{
    array::RecordBatch,
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use chrono::NaiveDate;
use datafusion::{
    common::{Column, DFSchema, SchemaError},
    datasource::MemTable,
    error::DataFusionError,
    execution::SessionState,
    logical_expr::{Expr, LogicalPlan},
    prelude::SessionContext,
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use tuodi_pack::{
    Pack,
    facts::{FactGroup, Grain},
    load::Problem,
};

/// Every problem of the pack's SQL, with the line of its file.
pub async fn typecheck(pack: &Pack) -> Vec<Problem> {
    let pack = pack.clone();
    let work = async move {
        let mut checker = Checker::new(&pack);
        checker.facts().await;
        checker.expressions();
        Ok::<_, EngineError>(checker.problems)
    };
    runtime::run(work).await.unwrap_or_else(|e| {
        vec![Problem {
            file: "pack.toml".to_owned(),
            line: 1,
            message: e.to_string(),
            fix: "check the pack again".to_owned(),
        }]
    })
}

struct Checker<'a> {
    pack: &'a Pack,
    /// Parameters are put in as they stand on the pack's first day.
    as_of: NaiveDate,
    context: SessionContext,
    problems: Vec<Problem>,
}

impl<'a> Checker<'a> {
    fn new(pack: &'a Pack) -> Checker<'a> {
        let context = session(&EngineConfig { partitions: 1, ..EngineConfig::default() });
        Checker { pack, as_of: pack.info.effective_from, context, problems: Vec::new() }
    }

    fn report(&mut self, file: &PackFile, piece: &str, fault: Fault) {
        // A name from a part of the pack that could not be read: that mistake is told already.
        if fault.word.as_deref().is_some_and(|word| self.may_be_lost(word)) {
            return;
        }
        let line = match line_in(&fault.message) {
            Some(line) => file.line(piece, None) + line - 1,
            None => file.line(piece, fault.word.as_deref()),
        };
        let message = plain(&fault.message);
        let problem = Problem { file: file.name.clone(), line, message, fix: fault.fix };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Whether a name, or that of which it is a result, stands in a part of the pack that could not be read.
    fn may_be_lost(&self, word: &str) -> bool {
        let starts = ["alert_", "label_"].into_iter().filter_map(|start| word.strip_prefix(start));
        let ends = ["_holds", "_amount", "_members", "_total"].into_iter().filter_map(|end| word.strip_suffix(end));
        starts.chain(ends).chain([word]).any(|name| self.pack.files.may_know(name))
    }

    /// Puts parameters in; reports those that do not exist.
    fn fill(&mut self, file: &PackFile, sql: &str) -> Option<String> {
        let mut found = true;
        for token in template::tokens(sql).into_iter().filter(|t| t.kind == Kind::Param) {
            let name = &token.text[1..];
            if template::parameter(self.pack, name, self.as_of).is_some() {
                continue;
            }
            // A value that is missing on some day is told where values are written.
            if self.pack.parameters.get(name).is_some() {
                continue;
            }
            found = false;
            let known = self.pack.parameters.all.iter().map(|p| p.id.as_str()).chain(["as_of"]);
            let fix = nearest(name, known).map_or("add it to parameters.toml".to_owned(), |n| format!("write ${n}"));
            self.report(file, sql, Fault::new(format!("no parameter ${name}"), Some(name), fix));
        }
        // For the type any whole number serves.
        let value = |name: &str| template::parameter(self.pack, name, self.as_of).unwrap_or_else(|| "1".to_owned());
        found.then(|| template::substitute(sql, |name| Ok::<_, ()>(value(name))).ok()).flatten()
    }

    async fn facts(&mut self) {
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
        let structural = structural(group.grain, group.dense);
        let find = |name: &str| produced.iter().find(|(n, _)| n == name).map(|(_, kind)| kind.clone());
        for (name, kind) in &structural {
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
        let everybody = crate::order::structural(group.grain, ["person", "household"].contains(&group.id.as_str()));
        let structural = if group.dense { structural } else { everybody };
        for (name, _) in &produced {
            let known = structural.iter().any(|(n, _)| n == name) || group.facts.iter().any(|f| f.name == *name);
            if !known {
                let message = format!("gives column {name}, which facts/{}.toml does not declare", group.id);
                self.report(file, &group.sql, Fault::new(message, Some(name), "declare it as a fact or take it out"));
            }
        }
    }

    fn planning_fault(&self, e: &DataFusionError) -> Fault {
        if let Some((field, valid)) = missing_field(e) {
            if CLOCK.contains(&field.name.to_lowercase().as_str()) {
                let message = format!("rules may not ask the clock ({})", field.name);
                return Fault::new(message, Some(&field.name), "write $as_of, the day that is asked about");
            }
            let of_table = |c: &&Column| field.relation.is_none() || field.relation == c.relation;
            let known: BTreeSet<&str> = valid.iter().filter(of_table).map(|c| c.name.as_str()).collect();
            let fix = nearest(&field.name, known.iter().copied()).map_or_else(
                || match known.len() {
                    1..=16 => format!("it has {}", known.into_iter().collect::<Vec<_>>().join(", ")),
                    _ => "use a column that the table or fact list has".to_owned(),
                },
                |n| format!("did you mean {n}?"),
            );
            return Fault::new(format!("no column {}", field.flat_name()), Some(&field.name), fix);
        }
        if let DataFusionError::SQL(e, _) = root(e) {
            let fix = "correct the SQL at this place";
            return Fault::new(format!("the SQL cannot be read: {e}"), None, fix);
        }
        let text = e.strip_backtrace();
        let text = text.trim_start_matches("Error during planning: ").to_owned();
        if let Some(name) = between(&text, "Invalid function '", "'") {
            if CLOCK.contains(&name) {
                let message = format!("rules may not ask the clock ({name})");
                return Fault::new(message, Some(name), "write $as_of, the day that is asked about");
            }
            let known = SCALAR.iter().chain(AGGREGATE).chain(WINDOW).copied();
            let fix = nearest(name, known).map_or_else(
                || "rules may only use functions whose answer depends on their arguments alone".to_owned(),
                |n| format!("did you mean {n}()?"),
            );
            return Fault::new(format!("rules may not use the function {name}()"), Some(name), fix);
        }
        if let Some(name) = between(&text, "table '", "'") {
            let name = name.rsplit('.').next().unwrap_or(name);
            let sources = self.pack.sources.iter().map(|s| s.name.as_str());
            let known = sources.chain(self.pack.facts.iter().map(|g| g.id.as_str()));
            let fix = nearest(name, known)
                .map_or("name a source or a fact group".to_owned(), |n| format!("did you mean {n}?"));
            return Fault::new(format!("no source or fact group {name}"), Some(name), fix);
        }
        let word = between(&text, "`", "`").or_else(|| between(&text, "'", "'")).map(str::to_owned);
        Fault { message: text, word, fix: "correct the SQL".to_owned() }
    }

    fn expressions(&mut self) {
        let (pack, schemas) = (self.pack, Schemas::of(self.pack));
        for programme in &pack.programmes {
            let file = PackFile::declaring(self.pack, "programmes", &programme.id);
            let Ok(facts) = schemas.of_programme(programme) else { continue };
            for c in &programme.conditions {
                self.expression(&file, &c.expr, &facts, Expected::Claim, programme.grain);
                for number in c.measure.iter().chain(&c.line) {
                    self.expression(&file, number, &facts, Expected::Number, programme.grain);
                }
            }
            if let Some(amount) = &programme.amount {
                for sql in [&amount.expr].into_iter().chain(amount.parts.iter().map(|p| &p.expr)) {
                    self.expression(&file, sql, &facts, Expected::Number, programme.grain);
                }
            }
        }
        for indicator in &pack.indicators {
            let file = PackFile::declaring(self.pack, "indicators", &indicator.id);
            let Ok(facts) = schemas.of_indicator(indicator) else { continue };
            self.expression(&file, &indicator.expr, &facts, Expected::Claim, indicator.grain);
            if let Some(sql) = &indicator.points_expr {
                self.expression(&file, sql, &facts, Expected::Number, indicator.grain);
            }
            if let Some(sql) = &indicator.severity_expr {
                self.expression(&file, sql, &facts, Expected::Word, indicator.grain);
            }
            for name in &indicator.evidence {
                if facts.as_arrow().field_with_name(name).is_err() {
                    let known = facts.as_arrow().fields().iter().map(|f| f.name().as_str());
                    let message = format!("no fact {name} for the evidence{}", meant(name, known));
                    self.report(&file, name, Fault::new(message, Some(name), "name facts that the expression reads"));
                }
            }
        }
        for (i, label) in pack.assessment.labels.iter().enumerate() {
            let Ok(facts) = schemas.of_label(i) else { continue };
            let file = PackFile::named(pack, "assessment/index.toml");
            self.expression(&file, &label.expr, &facts, Expected::Claim, Grain::Household);
        }
        if let Ok(facts) = schemas.of_label(0) {
            let file = PackFile::named(pack, "simulation.toml");
            let persons = schemas.of_persons();
            for sql in pack.simulation.groupings.iter().flat_map(|g| &g.bands).map(|b| &b.expr) {
                self.expression(&file, sql, &facts, Expected::Claim, Grain::Household);
            }
            for receipt in &pack.simulation.received {
                match (receipt.grain, &persons) {
                    (Grain::Person, Ok(persons)) => {
                        self.expression(&file, &receipt.expr, persons, Expected::Claim, Grain::Person);
                    }
                    _ => self.expression(&file, &receipt.expr, &facts, Expected::Claim, Grain::Household),
                }
            }
        }
        let Ok(facts) = schemas.of_need() else { return };
        let services = pack.services.services.iter().map(|s| ("services/service", &s.id, Some(&s.expr)));
        let matters = pack.services.matters.iter().map(|m| ("services/matter", &m.id, m.trigger.as_ref()));
        for (list, id, sql) in services.chain(matters) {
            if let Some(sql) = sql {
                let file = PackFile::declaring(pack, list, id);
                self.expression(&file, sql, &facts, Expected::Claim, Grain::Household);
            }
        }
    }

    fn expression(&mut self, file: &PackFile, text: &str, facts: &DFSchema, expected: Expected, grain: Grain) {
        let Some(sql) = self.fill(file, text) else { return };
        let state = self.context.state();
        let expr = match state.create_logical_expr(&sql, facts) {
            Ok(expr) => expr,
            Err(e) => {
                let mut fault = self.planning_fault(&e);
                if template::words(&sql).contains("select") {
                    let fix = "compute it as a fact in facts/";
                    fault = Fault::new("a rule may not select from tables", None, fix);
                }
                if let Some((field, _)) = missing_field(&e) {
                    fault = self.unknown_fact(&field.name, facts, grain);
                }
                return self.report(file, text, fault);
            }
        };
        let before = self.problems.len();
        for fault in expr_faults(&expr, facts, Place::Rule) {
            self.report(file, text, fault);
        }
        if self.problems.len() > before {
            return;
        }
        match typed(&state, expr, facts) {
            Err(e) => {
                let fault = self.planning_fault(&e);
                self.report(file, text, fault);
            }
            Ok(kind) if !expected.admits(&kind) => {
                let fix = match expected {
                    Expected::Claim => "write a claim, such as `age >= 60`",
                    Expected::Number => "write whole fen, or an exact decimal; floats are not exact",
                    Expected::Word => "write a text, such as CASE WHEN … THEN 'red' ELSE 'orange' END",
                };
                self.report(file, text, Fault::new(format!("gives {kind}, not {}", expected.words()), None, fix));
            }
            Ok(_) => {}
        }
    }

    fn unknown_fact(&self, name: &str, facts: &DFSchema, grain: Grain) -> Fault {
        if grain == Grain::Household
            && let Some((group, _)) = self.pack.fact(name)
            && group.grain == Grain::Person
        {
            let message = format!("{name} is a fact of persons; this rule is about households");
            return Fault::new(
                message,
                Some(name),
                "add a household fact that sums it up, or make the rule a person's",
            );
        }
        if name == TIER {
            let message = "the tier is not known yet where tiers are asked";
            return Fault::new(
                message,
                Some(name),
                "programmes of other kinds, indicators, labels and services may read it",
            );
        }
        if self.pack.is_result(name) {
            let message = format!("{name} is not known yet, or not of this subject, where this is asked");
            let fix = "programmes read those of lower order; of single persons' programmes households read P_members and \
                       P_total; labels and services read alerts, services read labels";
            return Fault::new(message, Some(name), fix);
        }
        let known = facts.as_arrow().fields().iter().map(|f| f.name().as_str());
        let fix =
            nearest(name, known).map_or_else(|| "declare it in facts/".to_owned(), |n| format!("did you mean {n}?"));
        Fault::new(format!("no fact {name}"), Some(name), fix)
    }
}

/// The type that an expression gives once its literals are coerced as the engine will.
fn typed(state: &SessionState, expr: Expr, facts: &DFSchema) -> Result<DataType, DataFusionError> {
    let physical = state.create_physical_expr(expr, facts)?;
    physical.data_type(facts.as_arrow())
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

fn missing_field(e: &DataFusionError) -> Option<(&Column, &[Column])> {
    match e {
        DataFusionError::SchemaError(schema, _) => match schema.as_ref() {
            SchemaError::FieldNotFound { field, valid_fields } => Some((field, valid_fields)),
            SchemaError::AmbiguousReference { .. }
            | SchemaError::DuplicateQualifiedField { .. }
            | SchemaError::DuplicateUnqualifiedField { .. } => None,
        },
        DataFusionError::Diagnostic(_, inner) | DataFusionError::Context(_, inner) => missing_field(inner),
        DataFusionError::Collection(all) => all.iter().find_map(missing_field),
        DataFusionError::Shared(inner) => missing_field(inner),
        _ => None,
    }
}

/// The error at the bottom of what planning says.
fn root(e: &DataFusionError) -> &DataFusionError {
    match e {
        DataFusionError::Diagnostic(_, inner) | DataFusionError::Context(_, inner) => root(inner),
        DataFusionError::Shared(inner) => root(inner),
        other => other,
    }
}

/// The line of the text that a parser's message names, counted from 1.
fn line_in(message: &str) -> Option<usize> {
    between(message, " at Line: ", ",")?.parse().ok()
}

/// A parser's message without the place, which the problem has.
fn plain(message: &str) -> String {
    match message.find(" at Line: ") {
        Some(at) => message[..at]
            .replace("sql parser error: ", "")
            .replace("Expected: ", "expected ")
            .replace("found: ", "found "),
        None => message.to_owned(),
    }
}

fn between<'t>(text: &'t str, open: &str, close: &str) -> Option<&'t str> {
    let start = text.find(open)? + open.len();
    let end = text[start..].find(close)? + start;
    Some(&text[start..end])
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

/// Words that are functions without brackets in other systems.
const CLOCK: &[&str] =
    &["now", "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "today"];
