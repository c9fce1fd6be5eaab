//! What is found, phase by phase: programmes, indicators, labels, the level, needs.

use super::{Statements, frames::table, quoted, tables::tables};
use crate::{
    Inner,
    findings::NONE,
    order::key,
    program::{
        ALIVE, INCOME, INDEX_DECIDED_BY, INDEX_LEVEL, Indicator, LEVEL, Level, Program, Programme, SIZE, TIER,
        TIER_AMOUNT, When,
    },
    schedule::{Phase, Task},
    schemas::{alert, amount, holds, label, members, total},
};
use std::collections::{BTreeMap, BTreeSet};
use tuodi_pack::{
    facts::Grain,
    programme::{ProgrammeKind, Round},
};

/// A column to work out, and the names in it.
struct Item {
    name: String,
    sql: String,
    reads: Vec<String>,
}

/// Where a name stands: a table and, for those without a row there, its value.
#[derive(Clone)]
pub(super) struct Place {
    pub table: String,
    grain: Grain,
    absent: Option<&'static str>,
}

pub(super) fn points(indicator: &Indicator) -> String {
    format!("points_of_{}", indicator.id.to_lowercase())
}

pub(super) fn severity(indicator: &Indicator) -> String {
    format!("severity_of_{}", indicator.id.to_lowercase())
}

pub(super) fn need(service: &str) -> String {
    format!("need_of_{}", service.to_lowercase())
}

pub(super) fn found(inner: &Inner, program: &Program, out: &mut Statements) {
    let mut places: BTreeMap<String, Place> = BTreeMap::new();
    for (at, phase) in program.phases.iter().enumerate() {
        let items: Vec<Item> = phase.tasks.iter().flat_map(|task| items(program, *task)).collect();
        if items.is_empty() {
            continue;
        }
        let name = format!("found_{}", at + 1);
        out.push((format!("findings.{name}"), phase_sql(program, phase, &items, &places, &name)));
        if phase.grain == Grain::Person {
            let sums = sums(program, phase);
            if !sums.is_empty() {
                let table = format!("found_{}_of_households", at + 1);
                let columns: Vec<String> = sums.iter().map(|(n, sql, _)| format!("{sql} AS \"{n}\"")).collect();
                let columns = columns.join(", ");
                let sql = format!(
                    "CREATE TABLE {table} AS SELECT household_id, {columns} FROM {name} \
                     WHERE household_id IS NOT NULL GROUP BY household_id"
                );
                out.push((format!("findings.{table}"), sql));
                for (n, _, absent) in sums {
                    let place = Place { table: table.clone(), grain: Grain::Household, absent: Some(absent) };
                    places.insert(n, place);
                }
            }
        }
        for item in &items {
            let place = Place { table: name.clone(), grain: phase.grain, absent: None };
            places.entry(item.name.clone()).or_insert(place);
        }
    }
    tables(inner, program, &places, out);
}

/// One phase: the facts and earlier results that its rules read, and layer upon layer what they give.
fn phase_sql(program: &Program, phase: &Phase, items: &[Item], places: &BTreeMap<String, Place>, name: &str) -> String {
    let own: BTreeSet<&str> = items.iter().map(|i| i.name.as_str()).collect();
    let mut kept: BTreeSet<String> = BTreeSet::new();
    for task in &phase.tasks {
        if let Task::Indicator(i) = task {
            kept.extend(program.indicators[*i].evidence.iter().cloned());
        }
        if matches!(task, Task::Members(_)) && program.has_alive {
            kept.insert(ALIVE.to_owned());
        }
    }
    let read: BTreeSet<&str> = items.iter().flat_map(|i| i.reads.iter()).chain(&kept).map(String::as_str).collect();
    let keys = match phase.grain {
        Grain::Person => vec!["person_id", "household_id"],
        Grain::Household => vec!["household_id"],
    };
    let (mut columns, mut joins) = (Vec::new(), BTreeMap::new());
    for column in read.iter().filter(|n| !own.contains(*n) && !keys.contains(n)) {
        match places.get(*column) {
            None => columns.push(format!("f.\"{column}\"")),
            Some(place) => {
                let alias = format!("r_{}", place.table);
                let on = key(place.grain);
                joins.insert(alias.clone(), format!("LEFT JOIN {} {alias} ON {alias}.{on} = f.{on}", place.table));
                columns.push(match place.absent {
                    Some(absent) => format!(
                        "CASE WHEN {alias}.{on} IS NULL THEN {absent} ELSE {alias}.\"{column}\" END AS \"{column}\""
                    ),
                    None => format!("{alias}.\"{column}\""),
                });
            }
        }
    }
    let facts = table(phase.grain);
    let first: Vec<String> = keys.iter().map(|k| format!("f.{k}")).chain(columns).collect();
    let joins: Vec<String> = joins.into_values().collect();
    let mut sql = format!("SELECT {} FROM {facts} f {}", first.join(", "), joins.join(" "));
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let mut waiting: Vec<&Item> = items.iter().collect();
    while !waiting.is_empty() {
        let ready = |item: &&Item| item.reads.iter().all(|n| !own.contains(n.as_str()) || done.contains(n.as_str()));
        let (layer, rest): (Vec<&Item>, Vec<&Item>) = waiting.iter().partition(|item| ready(item));
        // The schedule has no circles; should one come, the other engine says so.
        let layer = if layer.is_empty() { rest.clone() } else { layer };
        let columns: Vec<String> = layer.iter().map(|i| format!("{} AS \"{}\"", i.sql, i.name)).collect();
        sql = format!("SELECT *, {} FROM ({sql}) l{}", columns.join(", "), done.len());
        done.extend(layer.iter().map(|i| i.name.as_str()));
        waiting.retain(|item| !done.contains(item.name.as_str()));
    }
    let mut last: Vec<String> = keys.iter().map(|k| (*k).to_owned()).collect();
    last.extend(
        kept.iter().filter(|n| !own.contains(n.as_str()) && !keys.contains(&n.as_str())).map(|n| format!("\"{n}\"")),
    );
    last.extend(items.iter().map(|i| format!("\"{}\"", i.name)));
    format!("CREATE TABLE {name} AS SELECT {} FROM ({sql}) found", last.join(", "))
}

/// Whether all conditions hold; the dead hold nothing unless the programme is about them too.
fn answer(program: &Program, programme: &Programme) -> (String, Vec<String>) {
    let mut parts: Vec<String> = programme.conditions.iter().map(|c| format!("({})", c.rule.sql.trim())).collect();
    let mut reads: Vec<String> = programme.conditions.iter().flat_map(|c| c.rule.columns.iter().cloned()).collect();
    if programme.grain == Grain::Person && !programme.after_death && program.has_alive {
        parts.insert(0, format!("({ALIVE} IS NOT FALSE)"));
        reads.push(ALIVE.to_owned());
    }
    (if parts.is_empty() { "true".to_owned() } else { parts.join(" AND ") }, reads)
}

/// Rounds an amount (exact, in the smallest unit of money) once, as its programme says.
fn rounded(programme: &Programme, exact: &str) -> String {
    let exact = match programme.kind {
        ProgrammeKind::Measure => exact.to_owned(),
        _ => format!("greatest({exact}, 0)"),
    };
    match programme.amount.as_ref().map_or(Round::Whole, |a| a.round) {
        // `/` truncates toward zero: up for what is below zero, and with 99 more for what is not.
        Round::Whole => format!(
            "CASE WHEN {exact} > 0 THEN (CAST(ceil({exact}) AS BIGINT) + 99) / 100 * 100 \
             ELSE CAST(ceil({exact}) AS BIGINT) / 100 * 100 END"
        ),
        Round::None => format!("CAST(round({exact}, 0) AS BIGINT)"),
    }
}

fn exact(programme: &Programme) -> (String, Vec<String>) {
    match &programme.amount {
        Some(a) => (format!("coalesce(CAST(({}) AS DECIMAL(38,6)), 0)", a.rule.sql.trim()), a.rule.columns.clone()),
        None => ("CAST(0 AS DECIMAL(38,6))".to_owned(), Vec::new()),
    }
}

/// `P_holds` and `P_amount`.
fn programme_items(program: &Program, programme: &Programme) -> Vec<Item> {
    let (sql, reads) = answer(program, programme);
    let (held, paid) = (holds(&programme.id), amount(&programme.id));
    let (exact, mut needs) = exact(programme);
    needs.push(held.clone());
    let amount = match &programme.amount {
        Some(_) => format!("CASE WHEN {held} THEN {} ELSE 0 END", rounded(programme, &exact)),
        None => "CAST(0 AS BIGINT)".to_owned(),
    };
    vec![Item { name: held, sql, reads }, Item { name: paid, sql: amount, reads: needs }]
}

fn items(program: &Program, task: Task) -> Vec<Item> {
    match task {
        Task::Members(i) => {
            let programme = &program.programmes[i];
            let (sql, reads) = answer(program, programme);
            let (exact, mut needs) = exact(programme);
            let (held, paid) = (member_holds(programme), member_amount(programme));
            needs.push(held.clone());
            let amount = format!("CASE WHEN {held} THEN greatest({exact}, 0) ELSE CAST(0 AS DECIMAL(38,6)) END");
            vec![Item { name: held, sql, reads }, Item { name: paid, sql: amount, reads: needs }]
        }
        Task::Tiers => tiers(program),
        Task::Programme(i) => programme_items(program, &program.programmes[i]),
        Task::Indicator(i) => indicator(&program.indicators[i]),
        Task::Label(i) => claim(label(&program.labels[i].id), &program.labels[i].rule),
        Task::Level => program.level.as_ref().map(level).unwrap_or_default(),
        Task::Service(i) => claim(need(&program.services[i].id), &program.services[i].rule),
        Task::Matter(_) => Vec::new(),
    }
}

fn claim(name: String, rule: &crate::rule::Rule) -> Vec<Item> {
    vec![Item { name, sql: format!("({})", rule.sql.trim()), reads: rule.columns.clone() }]
}

fn member_holds(programme: &Programme) -> String {
    format!("each_{}", holds(&programme.id))
}

fn member_amount(programme: &Programme) -> String {
    format!("each_{}", amount(&programme.id))
}

fn tiers(program: &Program) -> Vec<Item> {
    let all: Vec<&Programme> = program.programmes.iter().filter(|p| p.is_tier).collect();
    let own = all.iter().filter(|p| p.grain == Grain::Household);
    let mut out: Vec<Item> = own.flat_map(|p| programme_items(program, p)).collect();
    let held: Vec<String> = all.iter().map(|p| holds(&p.id)).collect();
    let case = |then: &dyn Fn(&Programme) -> String, last: &str| {
        let whens = all.iter().map(|p| format!("WHEN {} THEN {}", holds(&p.id), then(p)));
        match whens.collect::<Vec<_>>().join(" ") {
            whens if whens.is_empty() => last.to_owned(),
            whens => format!("CASE {whens} ELSE {last} END"),
        }
    };
    out.push(Item { name: TIER.to_owned(), sql: case(&|p| quoted(&p.id), &quoted(NONE)), reads: held.clone() });
    let paid = all.iter().map(|p| amount(&p.id)).chain(held.iter().cloned()).collect();
    out.push(Item { name: TIER_AMOUNT.to_owned(), sql: case(&|p| amount(&p.id), "0"), reads: paid });
    let unknown: Vec<String> =
        all.iter().map(|p| format!("CASE WHEN {} IS NULL THEN {} END", holds(&p.id), quoted(&p.id))).collect();
    let unknown = if unknown.is_empty() { "''".to_owned() } else { format!("concat_ws(',', {})", unknown.join(", ")) };
    out.push(Item { name: "tier_unknown".to_owned(), sql: unknown, reads: held });
    let (income, reads) = if program.has_income {
        // Rounded down, also below zero.
        let sql = format!(
            "CASE WHEN {SIZE} > 0 THEN ({INCOME} - (({INCOME} % {SIZE}) + {SIZE}) % {SIZE}) / nullif({SIZE}, 0) END"
        );
        (sql, vec![INCOME.to_owned(), SIZE.to_owned()])
    } else {
        ("CAST(NULL AS BIGINT)".to_owned(), Vec::new())
    };
    out.push(Item { name: "tier_income_pc".to_owned(), sql: income, reads });
    out
}

fn indicator(indicator: &Indicator) -> Vec<Item> {
    let mut out = claim(alert(&indicator.id), &indicator.rule);
    let usual = quoted(indicator.severity.word());
    if let Some(rule) = &indicator.severity_rule {
        let sql = rule.sql.trim();
        out.push(Item {
            name: severity(indicator),
            sql: format!("CASE WHEN ({sql}) IN ('red', 'orange', 'yellow', 'blue') THEN ({sql}) ELSE {usual} END"),
            reads: rule.columns.clone(),
        });
    }
    if let Some(rule) = indicator.points_rule.as_ref().filter(|_| indicator.points > 0) {
        let whole = format!("CAST(floor(CAST(({}) AS DECIMAL(38,6))) AS BIGINT)", rule.sql.trim());
        out.push(Item {
            name: points(indicator),
            sql: format!("greatest(coalesce({whole}, {}), 0)", indicator.points),
            reads: rule.columns.clone(),
        });
    }
    out
}

/// The highest of what the answers give and what tiers, labels and alerts raise to; the first that gives it decides.
fn level(level: &Level) -> Vec<Item> {
    let mut reads = level.reads();
    let base = if level.has_index {
        reads.push(INDEX_LEVEL.to_owned());
        let whens = level.ids.iter().enumerate().map(|(i, id)| format!("WHEN {} THEN {i}", quoted(id)));
        format!("CASE {INDEX_LEVEL} {} ELSE -1 END", whens.collect::<Vec<_>>().join(" "))
    } else {
        "-1".to_owned()
    };
    let decided = if level.has_index && level.has_decided_by {
        reads.push(INDEX_DECIDED_BY.to_owned());
        format!("coalesce({INDEX_DECIDED_BY}, 'index')")
    } else {
        "'index'".to_owned()
    };
    let when = |when: &When| match when {
        When::Tier(tier) => format!("{TIER} = {}", quoted(tier)),
        When::Result(name) if name.ends_with("_members") => format!("\"{name}\" > 0"),
        When::Result(name) => format!("\"{name}\""),
    };
    let raises = level.raises.iter().map(|r| format!(", CASE WHEN {} THEN {} ELSE -1 END", when(&r.when), r.to));
    let place = format!("greatest({base}{})", raises.collect::<String>());
    let place = if level.raises.is_empty() { base.clone() } else { place };
    let ids = level.ids.iter().enumerate().map(|(i, id)| format!("WHEN {i} THEN {}", quoted(id)));
    let named = format!("CASE level_place {} END", ids.collect::<Vec<_>>().join(" "));
    let firsts = level
        .raises
        .iter()
        .map(|r| format!("WHEN level_place = {} AND {} THEN {} ", r.to, when(&r.when), quoted(&r.by)));
    let by = format!(
        "CASE WHEN level_place < 0 THEN NULL WHEN ({base}) = level_place THEN {decided} {}END",
        firsts.collect::<String>()
    );
    let mut with_place = reads.clone();
    with_place.push("level_place".to_owned());
    vec![
        Item { name: "level_place".to_owned(), sql: place, reads },
        Item { name: LEVEL.to_owned(), sql: named, reads: vec!["level_place".to_owned()] },
        Item { name: "level_by".to_owned(), sql: by, reads: with_place },
    ]
}

/// What a phase over persons gives for households: name, aggregate, value of a household without people.
fn sums(program: &Program, phase: &Phase) -> Vec<(String, String, &'static str)> {
    let mut out = Vec::new();
    let living = if program.has_alive { format!("{ALIVE} IS NOT FALSE") } else { "true".to_owned() };
    for task in &phase.tasks {
        match *task {
            Task::Members(i) => {
                let programme = &program.programmes[i];
                let (each, paid) = (member_holds(programme), member_amount(programme));
                let every = format!(
                    "CASE WHEN count(CASE WHEN {living} THEN 1 END) = 0 THEN false \
                     WHEN count(CASE WHEN {living} AND NOT {each} THEN 1 END) > 0 THEN false \
                     WHEN count(CASE WHEN {living} AND {each} IS NULL THEN 1 END) > 0 THEN NULL ELSE true END"
                );
                let sum = rounded(programme, &format!("sum(CASE WHEN {living} THEN {paid} ELSE 0 END)"));
                out.push((holds(&programme.id), every.clone(), "false"));
                out.push((amount(&programme.id), format!("CASE WHEN ({every}) THEN {sum} ELSE 0 END"), "0"));
            }
            Task::Programme(i) => {
                let id = &program.programmes[i].id;
                let (held, paid) = (holds(id), amount(id));
                if program.mentioned.contains(&members(id)) || program.mentioned.contains(&total(id)) {
                    out.push((members(id), format!("count(CASE WHEN {held} THEN 1 END)"), "0"));
                    out.push((total(id), format!("CAST(sum({paid}) AS BIGINT)"), "0"));
                }
            }
            Task::Indicator(i) => {
                let name = alert(&program.indicators[i].id);
                if program.mentioned.contains(&name) {
                    let any = format!(
                        "CASE WHEN bool_or({name}) THEN true WHEN count(*) > count({name}) THEN NULL ELSE false END"
                    );
                    out.push((name, any, "false"));
                }
            }
            Task::Tiers | Task::Label(_) | Task::Level | Task::Service(_) | Task::Matter(_) => {}
        }
    }
    out
}
