//! `tuodi pack check`: every problem with file, line and fix, and what the pack holds.

use crate::{error::VerbError, output::Output};
use std::{path::Path, process::ExitCode};
use tuodi_pack::{Pack, Problem, counts::Counts, load::Read};

pub async fn run(dir: &Path, show_hints: bool, output: Output) -> Result<ExitCode, VerbError> {
    let read = Pack::read(dir);
    let counts = read.pack.as_ref().map(Counts::of);
    let hints = read.pack.as_ref().map(tuodi_pack::check::hints).unwrap_or_default();
    let problems = all(dir, read).await;
    let mut plain: Vec<String> = problems
        .iter()
        .map(|p| format!("{}:{}: {} → {}", dir.join(&p.file).display(), p.line, p.message, p.fix))
        .collect();
    let hint = |p: &Problem| format!("{}:{}: hint: {} → {}", dir.join(&p.file).display(), p.line, p.message, p.fix);
    match hints.len() {
        0 => {}
        _ if show_hints => plain.extend(hints.iter().map(hint)),
        n => plain.push(format!("{n} hints (facts that nothing reads, years not yet settled); --hints lists them")),
    }
    plain.extend(counts.as_ref().map(|counts| format!("{counts}")));
    plain.push(match problems.len() {
        0 => format!("{}: no problems.", dir.display()),
        1 => format!("{}: 1 problem.", dir.display()),
        n => format!("{}: {n} problems.", dir.display()),
    });
    output.answer(&serde_json::json!({ "problems": problems, "hints": hints, "counts": counts }), plain.join("\n"));
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Every problem of the pack in this folder: of its structure, and of its expressions as far as they can be typed.
pub async fn problems(dir: &Path) -> Vec<Problem> {
    all(dir, Pack::read(dir)).await
}

async fn all(dir: &Path, read: Read) -> Vec<Problem> {
    let Read { pack, problems: mut all } = read;
    if let Some(pack) = pack {
        let typed = tuodi_engine::typecheck(&pack).await;
        let told = all.len();
        for problem in typed {
            // An unknown name is found by both readers; it is told once.
            if !all[..told].iter().any(|other| same(other, &problem)) && !all.contains(&problem) {
                all.push(problem);
            }
        }
    }
    all.extend(linkage(dir));
    all.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    all.dedup();
    all
}

/// The configuration of record linkage, where the pack has one, is read by the room that uses it.
fn linkage(dir: &Path) -> Option<Problem> {
    let text = std::fs::read_to_string(dir.join("linkage.toml")).ok()?;
    let error = tuodi_linkage::Config::parse(&text).err()?;
    let fix = "write it as packs/qingyan/linkage.toml does".to_owned();
    Some(Problem { file: "linkage.toml".to_owned(), line: error.line, message: error.message, fix })
}

/// Two problems of one line that speak of one name.
fn same(one: &Problem, other: &Problem) -> bool {
    one.file == other.file
        && one.line == other.line
        && names(&one.message).any(|name| names(&other.message).any(|n| n == name))
}

/// Words of a message that are names: of a parameter, or with a figure or an underscore in them.
fn names(message: &str) -> impl Iterator<Item = &str> {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    message
        .split(move |c: char| !part(c))
        .filter(|word| word.len() > 1 && word.contains(|c: char| c == '$' || c == '_' || c.is_ascii_digit()))
        .map(|word| word.trim_start_matches('$'))
}
