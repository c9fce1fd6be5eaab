//! Files of the handbook.

use crate::{HandbookError, book::Book, entry, pages};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tuodi_pack::{Lang, Pack};

/// The portals' colours and ground rules, so that the handbook looks like the rest of the house.
const STYLE: [&str; 5] = [
    include_str!("../../web/ui/src/css/tokens.css"),
    include_str!("../../web/ui/src/css/base.css"),
    include_str!("../../web/ui/src/css/status.css"),
    include_str!("../../web/ui/src/css/table.css"),
    include_str!("../assets/handbook.css"),
];
const SCRIPT: &str = include_str!("../assets/find.js");
/// Marks a folder as one that may be written over.
const MARK: &str = "assets/handbook.css";

/// Writes the pages into `out`, a folder that is empty or holds an older handbook, and says how many there are. The
/// first language is the one that `index.html` leads to.
pub fn write(pack: &Pack, out: &Path, languages: &[Lang]) -> Result<usize, HandbookError> {
    let mut files = Files { out };
    let used = fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some());
    if used && !out.join(MARK).exists() {
        return Err(HandbookError::NotEmpty(out.to_owned()));
    }
    files.put(MARK, &STYLE.concat())?;
    files.put("assets/find.js", SCRIPT)?;
    let mut pages = 0;
    for lang in languages {
        let book = Book::new(pack, *lang, languages);
        let tag = lang.tag();
        // An entry that the pack no longer has leaves no page behind.
        let _ = fs::remove_dir_all(out.join(tag));
        for (name, html) in pages::all(&book)? {
            files.put(&format!("{tag}/{name}"), &html)?;
            pages += 1;
        }
        files.put(&format!("assets/entries-{tag}.js"), &search_data(&book))?;
    }
    files.put("index.html", &pages::door(pack, languages)?)?;
    Ok(pages + 1)
}

/// The list that the search box looks through, as a script: a page opened from a disk may not fetch files.
fn search_data(book: &Book<'_>) -> String {
    let rows: Vec<[String; 4]> = entry::all(book).into_iter().map(|e| [e.title, e.kind, e.url, e.also]).collect();
    format!("window.handbook = {};\n", serde_json::json!(rows))
}

struct Files<'o> {
    out: &'o Path,
}

impl Files<'_> {
    fn put(&mut self, name: &str, text: &str) -> Result<(), HandbookError> {
        let file: PathBuf = self.out.join(name);
        let at = |source| HandbookError::File { file: file.clone(), source };
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).map_err(at)?;
        }
        fs::write(&file, text).map_err(at)
    }
}
