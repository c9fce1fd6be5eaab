//! `tuodi pack test`: the pack's worked cases, through the check and through the pass.

use crate::{error::VerbError, installation::load_pack, output::Output};
use std::{path::Path, process::ExitCode, sync::Arc};
use tuodi_pack::{Lang, Pack};

pub async fn run(dir: &Path, only: &[String], output: Output) -> Result<ExitCode, VerbError> {
    let mut pack = load_pack(dir)?;
    keep(&mut pack, only)?;
    let pack = Arc::new(pack);
    let outcomes = tuodi_engine::run_cases(pack.clone()).await;
    let failed: Vec<_> = outcomes.iter().filter(|o| !o.passed).collect();
    let passed = outcomes.len() - failed.len();
    let mut plain = String::new();
    for outcome in &failed {
        let title = pack.cases.iter().find(|c| c.id == outcome.id).map(|c| c.title.get(Lang::Zh)).unwrap_or_default();
        let file = dir.join(pack.files.home("cases", &outcome.id));
        plain += &format!("{} failed: {title} ({})\n", outcome.id, file.display());
        for problem in &outcome.problems {
            plain += &format!("  {problem}\n");
        }
    }
    if !failed.is_empty() {
        let ids: Vec<&str> = failed.iter().map(|o| o.id.as_str()).collect();
        plain += &format!("failed: {}\n", ids.join(", "));
    }
    plain += &match outcomes.len() {
        0 => "the pack has no worked cases: add cases/*.toml".to_owned(),
        _ => format!("{passed} passed, {} failed", failed.len()),
    };
    output.answer(
        &serde_json::json!({
            "cases": outcomes.len(),
            "passed": passed,
            "failed": failed.len(),
            "failures": failed
                .iter()
                .map(|o| serde_json::json!({
                    "case": o.id,
                    "file": pack.files.home("cases", &o.id),
                    "problems": o.problems,
                }))
                .collect::<Vec<_>>(),
        }),
        plain,
    );
    Ok(if failed.is_empty() && !outcomes.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Keeps the cases asked for. An id ending in `*` stands for all that begin so.
fn keep(pack: &mut Pack, only: &[String]) -> Result<(), VerbError> {
    if only.is_empty() {
        return Ok(());
    }
    let fits = |wanted: &str, id: &str| match wanted.strip_suffix('*') {
        Some(start) => id.starts_with(start),
        None => id == wanted,
    };
    for wanted in only {
        if !pack.cases.iter().any(|case| fits(wanted, &case.id)) {
            let ids: Vec<&str> = pack.cases.iter().map(|c| c.id.as_str()).collect();
            return Err(VerbError::Refused(format!("there is no case {wanted:?}; there are {}", ids.join(", "))));
        }
    }
    pack.cases.retain(|case| only.iter().any(|wanted| fits(wanted, &case.id)));
    Ok(())
}
