//! `library.toml`: rules with one claim each, names and columns that the pack knows, days that end.

use super::Found;
use crate::{
    library::{Fund, Help, HelpKind, Rule},
    source::{ColumnType, Source},
};

const FILE: &str = "library.toml";

pub(super) fn check(found: &mut Found<'_>) {
    let library = &found.pack.library;
    found.unique(FILE, "rule", library.rules.iter().map(|r| r.id.as_str()), |i| format!("rule/{i}/id"));
    for (i, rule) in library.rules.iter().enumerate() {
        one_rule(found, &format!("rule/{i}"), rule);
    }
    for (i, help) in library.help.iter().enumerate() {
        one_help(found, &format!("help/{i}"), help);
    }
    for (i, fund) in library.funds.iter().enumerate() {
        one_fund(found, &format!("fund/{i}"), fund);
    }
}

fn one_rule(found: &mut Found<'_>, path: &str, rule: &Rule) {
    found.basis(FILE, &format!("{path}/basis"), &rule.basis);
    let claims = [
        !rule.programmes.is_empty(),
        !rule.left.is_empty(),
        rule.refused_within_permille.is_some(),
        !rule.outcomes.is_empty(),
        !rule.found.is_empty(),
        !rule.alerts.is_empty(),
        !rule.alert_kinds.is_empty(),
    ];
    let n = claims.iter().filter(|c| **c).count();
    if n != 1 {
        let message = format!("rule {:?} makes {n} claims", rule.id);
        let fix = "give exactly one of programmes, left, refused_within_permille, outcomes, found, alerts, alert_kinds";
        found.at(FILE, &format!("{path}/id"), message, fix);
    }
    // What happened once must stop to count some day; what holds now counts as long as it holds.
    let past = !rule.left.is_empty() || rule.refused_within_permille.is_some() || !rule.outcomes.is_empty();
    match rule.months {
        None | Some(0) if past => {
            let message = format!("rule {:?} does not say for how long", rule.id);
            found.at(FILE, &format!("{path}/id"), message, "add months = 12");
        }
        Some(_) if !past && n == 1 => {
            let message = format!("rule {:?} is of what holds now: months mean nothing", rule.id);
            found.at(FILE, &format!("{path}/months"), message, "remove months");
        }
        _ => {}
    }
    if rule.review_months == Some(0) {
        found.at(FILE, &format!("{path}/review_months"), "looked at again at once", "give months, 1 or more");
    }
    if rule.severity.is_some() && rule.alert_kinds.is_empty() {
        let message = "severity goes with alert_kinds only";
        found.at(FILE, &format!("{path}/severity"), message, "remove it, or name alert_kinds");
    }
    for (key, list) in [("programmes", &rule.programmes), ("left", &rule.left), ("found", &rule.found)] {
        for (i, id) in list.iter().enumerate() {
            programme(found, id, &format!("{path}/{key}/{i}"));
        }
    }
    for (i, id) in rule.alerts.iter().enumerate() {
        let pack = found.pack;
        if pack.indicator(id).is_none() {
            let known = pack.indicators.iter().map(|i| i.id.as_str());
            let fix = Found::meant(id, known, "use the id of an indicator");
            found.unknown(
                id,
                (FILE, &format!("{path}/alerts/{i}")),
                format!("indicator {id:?} is not in indicators/"),
                fix,
            );
        }
    }
}

fn programme(found: &mut Found<'_>, id: &str, path: &str) {
    let pack = found.pack;
    if pack.programme(id).is_none() {
        let fix = Found::meant(id, pack.programmes.iter().map(|p| p.id.as_str()), "use the id of a programme");
        found.unknown(id, (FILE, path), format!("programme {id:?} is not in programmes/"), fix);
    }
}

fn source<'a>(found: &mut Found<'a>, id: &str, path: &str) -> Option<&'a Source> {
    let known = found.pack.source(id);
    if known.is_none() {
        let message = format!("source {id:?} is not in sources/");
        found.unknown(id, (FILE, &format!("{path}/source")), message, "use the id of a source, such as DS05");
    }
    known
}

fn column(found: &mut Found<'_>, source: &Source, path: &str, key: &str, name: &str, kind: ColumnType) {
    let path = format!("{path}/{key}");
    match source.column(name) {
        None => {
            let known: Vec<&str> = source.columns.iter().filter(|c| c.kind == kind).map(|c| c.name.as_str()).collect();
            let fix = format!(
                "use one of {}",
                if known.is_empty() { "none of its columns fits".into() } else { known.join(", ") }
            );
            found.unknown(name, (FILE, &path), format!("{} has no column {name:?}", source.id), fix);
        }
        Some(column) if column.kind != kind => {
            let message = format!("column {name:?} of {} is of another type than {key} needs ({kind:?})", source.id);
            found.at(FILE, &path, message, "name a column of that type");
        }
        Some(_) => {}
    }
}

/// Every code of the column is a programme of the pack, has words, or is skipped.
fn kinds(found: &mut Found<'_>, path: &str, of: &Source, column: &str, kinds: &[HelpKind], skip: &[String]) {
    for (i, kind) in kinds.iter().enumerate() {
        if let Some(id) = &kind.programme {
            programme(found, id, &format!("{path}/kinds/{i}/programme"));
        } else if kind.title.is_none() {
            let message = format!("{:?} has neither a programme nor a title", kind.code);
            found.at(FILE, &format!("{path}/kinds/{i}"), message, "add title = { zh = \"…\", en = \"…\" }");
        }
    }
    let Some(codes) = of.column(column).map(|c| &c.codes) else { return };
    for (i, code) in kinds.iter().map(|k| &k.code).enumerate().chain(skip.iter().enumerate()) {
        if !codes.contains_key(code) {
            let message = format!("{} never says {code:?} in {column}", of.id);
            let fix = Found::meant(code, codes.keys().map(String::as_str), "use one of the column's codes");
            found.at(FILE, &format!("{path}/kinds/{i}"), message, fix);
        }
    }
    for code in codes.keys() {
        let told = kinds.iter().any(|k| k.code == *code) || skip.contains(code);
        if !told && found.pack.programme(code).is_none() {
            let message = format!("nothing says what {code:?} of {} is", of.id);
            let fix = format!("add {{ code = {code:?}, title = … }} to kinds, or put it into skip");
            found.at(FILE, &format!("{path}/kind"), message, fix);
        }
    }
}

fn one_help(found: &mut Found<'_>, path: &str, help: &Help) {
    found.basis(FILE, &format!("{path}/basis"), &help.basis);
    let Some(of) = source(found, &help.source, path) else { return };
    column(found, of, path, "person", &help.person, ColumnType::IdNo);
    column(found, of, path, "from", &help.from, ColumnType::Date);
    if let Some(to) = &help.to {
        column(found, of, path, "to", to, ColumnType::Date);
    }
    if let Some(state) = &help.state {
        column(found, of, path, "state", state, ColumnType::Enum);
    }
    let codes = help.state.as_ref().and_then(|state| of.column(state)).map(|c| &c.codes);
    for (i, code) in help.over.iter().enumerate() {
        if !codes.is_some_and(|codes| codes.contains_key(code)) {
            let known = codes.into_iter().flat_map(|codes| codes.keys()).map(String::as_str);
            let fix = Found::meant(code, known, "name the column in state, and codes of it in over");
            found.at(FILE, &format!("{path}/over/{i}"), format!("{} never says {code:?} of help", of.id), fix);
        }
    }
    if let Some(monthly) = &help.monthly {
        column(found, of, path, "monthly", monthly, ColumnType::Money);
    }
    match (&help.kind, &help.programme) {
        (Some(kind), None) => {
            column(found, of, path, "kind", kind, ColumnType::Enum);
            kinds(found, path, of, kind, &help.kinds, &help.skip);
        }
        (None, Some(id)) => programme(found, id, &format!("{path}/programme")),
        _ => {
            let message = format!("it is not clear what {} gives", help.source);
            found.at(FILE, &format!("{path}/source"), message, "name either kind (a column) or programme");
        }
    }
}

fn one_fund(found: &mut Found<'_>, path: &str, fund: &Fund) {
    found.basis(FILE, &format!("{path}/basis"), &fund.basis);
    let Some(of) = source(found, &fund.source, path) else { return };
    column(found, of, path, "person", &fund.person, ColumnType::IdNo);
    column(found, of, path, "kind", &fund.kind, ColumnType::Enum);
    column(found, of, path, "amount", &fund.amount, ColumnType::Money);
    column(found, of, path, "month", &fund.month, ColumnType::Month);
    column(found, of, path, "region", &fund.region, ColumnType::Region);
    column(found, of, path, "status", &fund.status, ColumnType::Enum);
    kinds(found, path, of, &fund.kind, &fund.kinds, &[]);
    for (key, code) in [("paid", &fund.paid), ("returned", &fund.returned)] {
        if of.column(&fund.status).is_some_and(|c| !c.codes.contains_key(code)) {
            let message = format!("{} never says {code:?} in {}", of.id, fund.status);
            found.at(FILE, &format!("{path}/{key}"), message, "use one of the column's codes");
        }
    }
}
