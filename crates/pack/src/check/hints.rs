//! What may be meant so: told, but no reason to refuse a pack.

use crate::{Pack, load::Problem};
use std::collections::BTreeSet;

/// Facts that nothing reads, and years of the calendar that will change.
pub fn hints(pack: &Pack) -> Vec<Problem> {
    [unread(pack), provisional(pack)].concat()
}

/// Limits that reach into such a year are right by law as it stands, and move when the arrangement is out.
fn provisional(pack: &Pack) -> Vec<Problem> {
    let years = pack.calendar.provisional().iter();
    years
        .map(|(i, year)| {
            pack.files.problem(
                "calendar.toml",
                &format!("year/{i}/year"),
                format!("the year {year} is provisional: working-day limits that reach into it may move"),
                "put in the days of the State Council's notice when it is out (in November, as a rule), and take provisional away",
            )
        })
        .collect()
}

/// Facts that nothing reads cost time in every pass; a fact may still be there for people who look at a household.
fn unread(pack: &Pack) -> Vec<Problem> {
    // A rule that could not be read may be the one that reads them.
    if ["facts", "programmes", "indicators", "assessment", "services"].iter().any(|f| pack.files.is_lost(f)) {
        return Vec::new();
    }
    let read = read(pack);
    let mut hints = Vec::new();
    for group in &pack.facts {
        let file = pack.files.home("facts", &group.id);
        for (i, fact) in group.facts.iter().enumerate() {
            let in_groups = pack.facts.iter().filter(|g| g.id != group.id).any(|g| {
                let theirs = words(&g.sql);
                theirs.contains(group.id.as_str()) && (theirs.contains(fact.name.as_str()) || g.sql.contains(".*"))
            });
            if in_groups || read.contains(fact.name.as_str()) {
                continue;
            }
            hints.push(pack.files.problem(
                &file,
                &format!("fact/{i}/name"),
                format!("no rule, group or evidence reads the fact {:?}", fact.name),
                "remove it, or leave it where people look at it",
            ));
        }
    }
    hints
}

/// Facts that the engine itself reads for its output.
const ENGINE: [&str; 3] = ["income_known_month", "size", "alive"];

/// Names that rules and worked cases mention.
fn read(pack: &Pack) -> BTreeSet<&str> {
    let mut read: BTreeSet<&str> = ENGINE.into();
    let named = |file: &str| file == "conflicts.toml";
    for (_, text) in pack.files.iter().filter(|(file, _)| {
        named(file)
            || ["programmes/", "indicators/", "assessment/", "services/", "cases/"]
                .iter()
                .any(|folder| file.starts_with(folder))
    }) {
        read.extend(words(text));
    }
    read
}

fn words(text: &str) -> BTreeSet<&str> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.lines()
        .flat_map(|line| line.split("--").next().unwrap_or(line).split(move |c: char| !part(c)))
        .filter(|w| !w.is_empty())
        .collect()
}
