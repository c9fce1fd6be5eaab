//! `tuodi pack diff`: what changed between two packs, in words.

use crate::{error::VerbError, installation::load_pack, output::Output};
use std::{path::Path, process::ExitCode};
use tuodi_pack::diff;

pub fn run(old: &Path, new: &Path, lang: &str, output: Output) -> Result<ExitCode, VerbError> {
    let lang = super::language(lang)?;
    let (old, new) = (load_pack(old)?, load_pack(new)?);
    let changes = diff::packs(&old, &new);
    output.answer(
        &serde_json::json!({
            "old": { "pack": old.info.id, "version": old.info.version },
            "new": { "pack": new.info.id, "version": new.info.version },
            "changes": changes,
        }),
        diff::plain(&changes, lang),
    );
    Ok(ExitCode::SUCCESS)
}
