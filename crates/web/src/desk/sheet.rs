//! The sheet for a village's board on A4: what hangs there today, and nothing that must not (DB57 art. 19, 24).

use crate::{
    Cx, PageResult, View, WebError,
    desk::acting,
    public::notices::{NoticeLine, lines},
    view::place,
};
use askama::Template;
use axum::extract::Path;
use tuodi_access::{Act, Resource};

#[derive(Template)]
#[template(path = "desk/sheet.html")]
struct Sheet<'a> {
    v: &'a View,
    place: String,
    notices: Vec<NoticeLine<'a>>,
    printed: String,
}

/// For whoever hangs it up: the village's officer, the township, the district. The sheet holds what the board online shows.
pub async fn page(cx: Cx, Path(village): Path<String>) -> PageResult {
    let acting = acting(&cx)?;
    let pack = &cx.state.pack;
    if pack.regions.get(&village).is_none() {
        return Err(WebError::NotFound);
    }
    let sheet = Resource::general("publicity", "sheet", village.as_str());
    cx.state.access.authorise(&acting.actor, Act::Export, &sheet, "publicity sheet")?;
    let notices = tuodi_casework::public_notices(&cx.state.store, pack, Some(&village), cx.today()).await?;
    cx.page(&Sheet {
        v: &cx,
        place: place(pack, &village, cx.lang),
        notices: lines(&cx, pack, notices),
        printed: cx.full_date(&cx.today()),
    })
}
