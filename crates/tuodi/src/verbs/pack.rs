//! `tuodi pack check` and `tuodi pack test`.

use crate::{cli::PackVerb, error::VerbError, installation::load_pack, output::Output};
use std::{process::ExitCode, sync::Arc};
use tuodi_pack::{Pack, Problem};

pub async fn run(verb: PackVerb, output: Output) -> Result<ExitCode, VerbError> {
    match verb {
        PackVerb::Check { pack } => {
            // Structure first: expressions can only be typed against contracts that load.
            let problems: Vec<Problem> = match Pack::load(&pack) {
                Err(problems) => problems.0,
                Ok(pack) => tuodi_engine::typecheck(&pack).await,
            };
            let plain = match problems.as_slice() {
                [] => format!("{}: no problems.", pack.display()),
                some => some
                    .iter()
                    .map(|p| format!("{}:{}: {} → {}", pack.join(&p.file).display(), p.line, p.message, p.fix))
                    .collect::<Vec<_>>()
                    .join("\n"),
            };
            output.answer(&serde_json::json!({ "problems": problems }), plain);
            Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        PackVerb::Test { pack } => {
            let pack = Arc::new(load_pack(&pack)?);
            let outcomes = tuodi_engine::run_cases(pack).await;
            let failed: Vec<_> = outcomes.iter().filter(|o| !o.passed).collect();
            let passed = outcomes.len() - failed.len();
            let mut plain = String::new();
            for outcome in &failed {
                plain += &format!("{} failed:\n", outcome.id);
                for problem in &outcome.problems {
                    plain += &format!("  {problem}\n");
                }
            }
            plain += &format!("{passed} passed, {} failed", failed.len());
            output.answer(
                &serde_json::json!({
                    "cases": outcomes.len(),
                    "passed": passed,
                    "failed": failed.len(),
                    "failures": failed
                        .iter()
                        .map(|o| serde_json::json!({ "case": o.id, "problems": o.problems }))
                        .collect::<Vec<_>>(),
                }),
                plain,
            );
            Ok(if failed.is_empty() && !outcomes.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}
