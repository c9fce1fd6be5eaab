//! All files of the handbook, in memory.

use crate::{HandbookError, book::Book, entry, pages};
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
pub(crate) const STYLE_SHEET: &str = "assets/handbook.css";

/// One file: its place under the handbook's root, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub name: String,
    pub text: String,
}

impl File {
    fn new(name: impl Into<String>, text: impl Into<String>) -> File {
        File { name: name.into(), text: text.into() }
    }

    /// The media type, from the name.
    pub fn kind(&self) -> &'static str {
        match self.name.rsplit('.').next() {
            Some("css") => "text/css; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            _ => "text/html; charset=utf-8",
        }
    }

    pub(crate) fn is_page(&self) -> bool {
        self.name.ends_with(".html")
    }
}

/// All files, in a stable order. The first language is the one that `index.html` leads to; `home` is the address of the
/// site that serves them, where there is one.
///
/// # Errors
/// A page that cannot be drawn.
pub fn files(pack: &Pack, languages: &[Lang], home: Option<&str>) -> Result<Vec<File>, HandbookError> {
    let mut files = vec![File::new(STYLE_SHEET, STYLE.concat()), File::new("assets/find.js", SCRIPT)];
    for lang in languages {
        let book = Book::new(pack, *lang, languages, home);
        let tag = lang.tag();
        let pages = pages::all(&book)?;
        files.extend(pages.into_iter().map(|(name, html)| File::new(format!("{tag}/{name}"), html)));
        files.push(File::new(format!("assets/entries-{tag}.js"), search_data(&book)));
    }
    files.push(File::new("index.html", pages::door(pack, languages)?));
    Ok(files)
}

/// The list that the search box looks through, as a script: a page opened from a disk may not fetch files.
fn search_data(book: &Book<'_>) -> String {
    let rows: Vec<[String; 4]> = entry::all(book).into_iter().map(|e| [e.title, e.kind, e.url, e.also]).collect();
    format!("window.handbook = {};\n", serde_json::json!(rows))
}
