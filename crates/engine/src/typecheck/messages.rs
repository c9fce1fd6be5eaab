//! What planning says, as a policy officer can use it.

use super::Checker;
use crate::{
    faults::Fault,
    locate::nearest,
    session::{AGGREGATE, SCALAR, WINDOW},
};
use datafusion::{
    common::{Column, SchemaError},
    error::DataFusionError,
};
use std::collections::BTreeSet;

/// Words that are functions without brackets in other systems.
const CLOCK: &[&str] =
    &["now", "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "today"];

impl Checker<'_> {
    pub(super) fn planning_fault(&self, e: &DataFusionError) -> Fault {
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
}

/// The column that was looked for and those that there are.
pub(super) fn missing_field(e: &DataFusionError) -> Option<(&Column, &[Column])> {
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
pub(super) fn line_in(message: &str) -> Option<usize> {
    between(message, " at Line: ", ",")?.parse().ok()
}

/// A parser's message without the place, which the problem has.
pub(super) fn plain(message: &str) -> String {
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
