//! `tuodi pack doc`: the handbook, as pages that need no server.

use crate::{error::VerbError, installation::load_pack, output::Output};
use std::{path::Path, process::ExitCode};
use tuodi_pack::Lang;

pub fn run(dir: &Path, out: &Path, lang: Option<&str>, output: Output) -> Result<ExitCode, VerbError> {
    let pack = load_pack(dir)?;
    let declared = |l: &Lang| pack.info.languages.iter().any(|tag| tag == l.tag());
    let languages: Vec<Lang> = match lang {
        Some(tag) => vec![super::language(tag)?],
        None => Lang::ALL.into_iter().filter(declared).collect(),
    };
    let pages = tuodi_handbook::write(&pack, out, &languages)?;
    let first = out.join("index.html");
    output.answer(
        &serde_json::json!({
            "pages": pages,
            "languages": languages.iter().map(|l| l.tag()).collect::<Vec<_>>(),
            "start": first,
        }),
        format!("{pages} pages; begin at {}", first.display()),
    );
    Ok(ExitCode::SUCCESS)
}
