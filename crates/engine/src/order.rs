//! Fact groups as a program keeps them, each after those it reads.

use crate::{
    EngineError,
    group::absent,
    locate::meant,
    schema::{fact_type, sql_type},
    shared::{self, Shared},
    template,
};
use arrow::datatypes::DataType;
use chrono::NaiveDate;
use datafusion::{common::ScalarValue, execution::SessionState};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use tuodi_pack::{
    Pack,
    facts::{FactType, Grain},
    source::Origin,
};

/// Columns of the two dense groups that need no declaration: where somebody lives.
pub(crate) const REGION_COLUMNS: [&str; 3] = ["county_code", "region_code", "area"];

pub(crate) struct FactColumn {
    pub name: String,
    pub kind: FactType,
    /// What absence means; `None` is unknown.
    pub absent: Option<ScalarValue>,
    /// Somebody reads it.
    pub kept: bool,
}

pub(crate) struct Group {
    pub id: String,
    pub grain: Grain,
    pub dense: bool,
    /// The pack's SELECT, parameters put in.
    pub sql: String,
    /// What it reads several times, to be computed first, and the SELECT that reads it as tables.
    pub shared: Vec<Shared>,
    pub over_shared: String,
    pub facts: Vec<FactColumn>,
    /// Groups it reads: indexes into [`Program::groups`], all smaller than its own.
    pub reads: Vec<usize>,
    /// Sources whose tables it reads itself.
    pub tables: BTreeSet<String>,
    /// Sources without which it is unknown.
    pub needs: BTreeSet<String>,
    /// Sources whose rows stand behind it.
    pub rests_on: BTreeSet<String>,
    /// A rule reads it, or another group that some rule needs. The pass leaves the others out; the check shows them.
    pub needed: bool,
}

impl Group {
    pub fn key(&self) -> &'static str {
        key(self.grain)
    }

    /// Columns of the computed table: key, structural columns, facts.
    pub fn columns(&self, all: bool) -> impl Iterator<Item = (&str, DataType)> {
        let structural = structural(self.grain, self.dense);
        let names: Vec<&str> = structural.iter().map(|(name, _)| *name).collect();
        let facts = self
            .facts
            .iter()
            .filter(move |f| (all || f.kept) && !names.contains(&f.name.as_str()))
            .map(|f| (f.name.as_str(), fact_type(f.kind)));
        structural.into_iter().chain(facts)
    }

    /// The statement as it runs: the pack's SELECT, cut to the columns that somebody reads, each of its declared type.
    /// A row without a number belongs to nobody and is left out.
    pub fn statement(&self, all: bool) -> String {
        self.wrapped(&self.sql, all)
    }

    /// The same over the tables of what it shares, cut to what somebody reads.
    pub fn statement_over_shared(&self) -> String {
        self.wrapped(&self.over_shared, false)
    }

    fn wrapped(&self, sql: &str, all: bool) -> String {
        let columns: Vec<String> = self
            .columns(all)
            .map(|(name, kind)| {
                let kind = match self.facts.iter().find(|f| f.name == name) {
                    Some(fact) => sql_type(fact.kind),
                    None if kind == DataType::Int64 => "BIGINT",
                    None => "VARCHAR",
                };
                format!("CAST(\"{name}\" AS {kind}) AS \"{name}\"")
            })
            .collect();
        let (columns, sql) = (columns.join(", "), sql.trim().trim_end_matches(';'));
        format!("SELECT {columns} FROM (\n{sql}\n) AS facts WHERE \"{}\" IS NOT NULL", self.key())
    }
}

pub(crate) fn key(grain: Grain) -> &'static str {
    match grain {
        Grain::Person => "person_id",
        Grain::Household => "household_id",
    }
}

/// Key and structural columns of a group's table.
pub(crate) fn structural(grain: Grain, dense: bool) -> Vec<(&'static str, DataType)> {
    let mut columns = vec![(key(grain), DataType::Int64)];
    if dense {
        if grain == Grain::Person {
            columns.push(("household_id", DataType::Int64));
        }
        columns.extend(REGION_COLUMNS.map(|name| (name, DataType::Utf8)));
    }
    columns
}

/// Puts parameters into a piece of SQL.
pub(crate) fn fill(pack: &Pack, as_of: NaiveDate, place: &str, sql: &str) -> Result<String, EngineError> {
    template::substitute(sql, |name| {
        template::parameter(pack, name, as_of).ok_or_else(|| match pack.parameters.get(name) {
            Some(_) => EngineError::NoValue { name: name.to_owned(), as_of },
            None => EngineError::NoParameter {
                place: place.to_owned(),
                name: name.to_owned(),
                hint: meant(name, pack.parameters.all.iter().map(|p| p.id.as_str())),
            },
        })
    })
}

/// The names of the tables that a SELECT reads.
pub(crate) fn tables_of(state: &SessionState, sql: &str) -> Result<Vec<String>, String> {
    let dialect = state.config().options().sql_parser.dialect;
    let statement = state.sql_to_statement(sql, &dialect).map_err(|e| e.strip_backtrace())?;
    let tables = state.resolve_table_references(&statement).map_err(|e| e.strip_backtrace())?;
    Ok(tables.iter().map(|t| t.table().to_owned()).collect())
}

/// The pack's groups, each after those it reads.
pub(crate) fn order(pack: &Pack, state: &SessionState, as_of: NaiveDate) -> Result<Vec<Group>, EngineError> {
    let mut waiting: Vec<(usize, String, Vec<String>)> = Vec::new();
    for (i, group) in pack.facts.iter().enumerate() {
        let place = format!("facts/{}.sql", group.id);
        let sql = fill(pack, as_of, &place, &group.sql)?;
        let tables =
            tables_of(state, &sql).map_err(|message| EngineError::Facts { group: group.id.clone(), message })?;
        for table in &tables {
            if pack.source_by_name(table).is_none() && pack.facts.iter().all(|g| g.id != *table) {
                let known =
                    pack.sources.iter().map(|s| s.name.as_str()).chain(pack.facts.iter().map(|g| g.id.as_str()));
                let message = format!("no source or group `{table}`{}", meant(table, known));
                return Err(EngineError::Facts { group: group.id.clone(), message });
            }
        }
        waiting.push((i, sql, tables));
    }
    let mut done: Vec<Group> = Vec::new();
    let mut at: HashMap<&str, usize> = HashMap::new();
    while !waiting.is_empty() {
        let ready = waiting.iter().position(|(i, _, tables)| {
            tables.iter().all(|t| {
                *t != pack.facts[*i].id && (at.contains_key(t.as_str()) || pack.facts.iter().all(|g| g.id != *t))
            })
        });
        let Some(ready) = ready else {
            let names: Vec<&str> = waiting.iter().map(|(i, ..)| pack.facts[*i].id.as_str()).collect();
            return Err(EngineError::Circle(names.join(", ")));
        };
        let (i, sql, tables) = waiting.remove(ready);
        let group = &pack.facts[i];
        let reads: Vec<usize> = tables.iter().filter_map(|t| at.get(t.as_str()).copied()).collect();
        let own: BTreeSet<String> = tables
            .iter()
            .filter(|t| !at.contains_key(t.as_str()))
            .filter_map(|t| pack.source_by_name(t))
            .map(|s| s.id.clone())
            .collect();
        let from = group.from.iter().cloned();
        // What Tuodi writes itself has always arrived: nothing declared is an answer too.
        let department = |id: &String| pack.source(id).is_none_or(|s| s.origin == Origin::Department);
        let mut needs: BTreeSet<String> = from.clone().filter(department).collect();
        let mut rests_on: BTreeSet<String> = from.chain(own.iter().cloned()).collect();
        for read in reads.iter().map(|r| &done[*r]) {
            // A sparse group reads a dense one for who belongs where; its values rest on its own sources. Nobody should
            // read in a letter that the police supplied their savings.
            if !read.dense || group.dense {
                rests_on.extend(read.rests_on.iter().cloned());
            }
            if !read.dense {
                needs.extend(read.needs.iter().cloned());
            }
        }
        needs.retain(|id| !group.optional.contains(id));
        let facts = group.facts.iter().map(|f| {
            let absent = absent(&f.absent, &fact_type(f.kind)).map_err(|message| EngineError::Facts {
                group: group.id.clone(),
                message: format!("fact {}: absent = {message}", f.name),
            })?;
            Ok(FactColumn { name: f.name.clone(), kind: f.kind, absent, kept: false })
        });
        let (shared, over_shared) = shared::split(state, &group.id, &sql)
            .map_err(|e| EngineError::Facts { group: group.id.clone(), message: e.strip_backtrace() })?;
        at.insert(&group.id, done.len());
        done.push(Group {
            id: group.id.clone(),
            grain: group.grain,
            dense: group.dense,
            sql,
            shared,
            over_shared,
            facts: facts.collect::<Result<_, EngineError>>()?,
            reads,
            tables: own,
            needs,
            rests_on,
            needed: true,
        });
    }
    Ok(done)
}

/// Marks the groups that rules need, and of their facts those that rules or other such groups read.
pub(crate) fn keep(groups: &mut [Group], mentioned: &HashSet<String>) {
    let mut kept: Vec<HashSet<String>> = vec![HashSet::new(); groups.len()];
    let mut needed = vec![false; groups.len()];
    // Whoever reads a group stands after it.
    for (i, group) in groups.iter().enumerate().rev() {
        needed[i] |= group.dense || group.facts.iter().any(|f| mentioned.contains(&f.name));
        if !needed[i] {
            continue;
        }
        let (words, wildcard) = (template::words(&group.sql), template::has_wildcard(&group.sql));
        for read in &group.reads {
            needed[*read] = true;
            let facts = groups[*read].facts.iter().map(|f| &f.name);
            kept[*read].extend(facts.filter(|name| wildcard || words.contains(*name)).cloned());
        }
    }
    for ((group, kept), needed) in groups.iter_mut().zip(kept).zip(needed) {
        group.needed = needed;
        for fact in &mut group.facts {
            fact.kept = mentioned.contains(&fact.name) || kept.contains(&fact.name);
        }
    }
}

/// Pool columns that somebody reads, by source.
pub(crate) fn used_columns(pack: &Pack, groups: &[Group]) -> BTreeMap<String, BTreeSet<String>> {
    let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for group in groups {
        let (words, wildcard) = (template::words(&group.sql), template::has_wildcard(&group.sql));
        for source in group.tables.iter().filter_map(|id| pack.source(id)) {
            let names = source.columns.iter().filter_map(|c| c.pool_name());
            let columns = used.entry(source.id.clone()).or_default();
            columns.extend(names.filter(|n| wildcard || words.contains(n)));
        }
    }
    used
}
