//! A letter as a page: the same words on the screen, read aloud, and on paper.

use crate::View;
use askama::Template;
use tuodi_casework::{NoticeContent, NoticeKind};

/// Every door shows letters with this page; `back` is where the reader came from.
#[derive(Template)]
#[template(path = "letter.html")]
pub struct LetterPage<'a> {
    pub v: &'a View,
    pub n: &'a NoticeContent,
    pub back: String,
    /// Decides something: the ways to contest it follow; the other kinds say what happens next.
    pub decision: bool,
}

impl<'a> LetterPage<'a> {
    pub fn new(v: &'a View, n: &'a NoticeContent, back: String) -> LetterPage<'a> {
        LetterPage { v, n, back, decision: is_decision(n.kind) }
    }
}

pub fn is_decision(kind: NoticeKind) -> bool {
    matches!(kind, NoticeKind::Approved | NoticeKind::Refused | NoticeKind::Terminated)
}
