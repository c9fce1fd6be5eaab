//! `tuodi pack …`: what people who write policy do with a pack.

mod check;
mod diff;
mod doc;
mod test;

use crate::{cli::PackVerb, error::VerbError, output::Output};
use std::process::ExitCode;

pub use check::problems;

pub async fn run(verb: PackVerb, output: Output) -> Result<ExitCode, VerbError> {
    match verb {
        PackVerb::Check { pack, hints } => check::run(&pack, hints, output).await,
        PackVerb::Test { pack, cases } => test::run(&pack, &cases, output).await,
        PackVerb::Doc { pack, out, lang } => doc::run(&pack, &out, lang.as_deref(), output),
        PackVerb::Diff { old, new, lang } => diff::run(&old, &new, &lang, output),
    }
}

/// A language by its tag, or a refusal that lists those there are.
fn language(tag: &str) -> Result<tuodi_pack::Lang, VerbError> {
    tuodi_pack::Lang::from_tag(tag)
        .ok_or_else(|| VerbError::Refused(format!("there are no words in {tag:?}; use zh-CN or en")))
}
