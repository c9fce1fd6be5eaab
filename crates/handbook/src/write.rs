//! The handbook as a folder.

use crate::{
    HandbookError,
    files::{File, STYLE_SHEET, files},
};
use std::{fs, path::Path};
use tuodi_pack::{Lang, Pack};

/// Writes the pages into `out`, a folder that is empty or holds an older handbook, and says how many there are. The
/// first language is the one that `index.html` leads to.
pub fn write(pack: &Pack, out: &Path, languages: &[Lang]) -> Result<usize, HandbookError> {
    let used = fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some());
    // By its style sheet a folder is known as one that may be written over.
    if used && !out.join(STYLE_SHEET).exists() {
        return Err(HandbookError::NotEmpty(out.to_owned()));
    }
    let files = files(pack, languages, None)?;
    for lang in languages {
        // An entry that the pack no longer has leaves no page behind.
        let _ = fs::remove_dir_all(out.join(lang.tag()));
    }
    for file in &files {
        put(out, file)?;
    }
    Ok(files.iter().filter(|f| f.is_page()).count())
}

fn put(out: &Path, file: &File) -> Result<(), HandbookError> {
    let path = out.join(&file.name);
    let at = |source| HandbookError::File { file: path.clone(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(at)?;
    }
    fs::write(&path, &file.text).map_err(at)
}
