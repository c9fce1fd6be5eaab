//! The photograph of a village's board with its sheet of notices (DB57 art. 19, 24).

use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting,
        nav::{self, NavGroup},
        one_time_key,
    },
    form::Problems,
    upload::{self, Sent},
    view::place,
};
use askama::Template;
use axum::{
    extract::{Multipart, Path},
    http::{HeaderValue, header},
};
use tuodi_access::Act;
use tuodi_casework::{
    CaseError, FieldError,
    hung::{hung_photo, record_hung},
    papers::Content,
};

#[derive(Template)]
#[template(path = "desk/hung.html")]
struct HungPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    village: &'a str,
    place: String,
    /// How many notices hang there today.
    notices: usize,
    key: String,
    problems: Problems,
}

async fn show(cx: &Cx, village: &str, problems: Problems) -> PageResult {
    let pack = &cx.state.pack;
    if pack.regions.get(village).is_none() {
        return Err(WebError::NotFound);
    }
    acting(cx)?.authorise_region(Act::RecordHung, "publicity", village, village)?;
    let notices = tuodi_casework::public_notices(&cx.state.store, pack, Some(village), cx.today()).await?;
    let page = HungPage {
        v: cx,
        nav: nav::desk(cx),
        village,
        place: place(pack, village, cx.lang),
        notices: notices.len(),
        key: one_time_key(),
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn page(cx: Cx, Path(village): Path<String>) -> PageResult {
    show(&cx, &village, Problems::default()).await
}

pub async fn take(cx: Cx, Path(village): Path<String>, form: Multipart) -> PageResult {
    let (typed, sent) = upload::in_memory(form, "board", Content::MOST_BYTES).await?;
    let wrong = |key| Err(CaseError::Invalid(vec![FieldError::new("board", key)]));
    let key = typed.get("key").map_or("", String::as_str);
    let photo = match sent {
        Sent::Nothing => wrong("error.required"),
        Sent::TooLarge => wrong("error.file_large"),
        Sent::File(bytes) => {
            Content::read(&bytes).map_err(|e| CaseError::Invalid(vec![FieldError::new("board", e.key)]))
        }
    };
    let kept = match photo {
        Ok(photo) => record_hung(&acting(&cx)?, &village, photo, key).await,
        Err(error) => Err(error),
    };
    match kept {
        Ok(_) => cx.go("/desk/publicity"),
        Err(CaseError::Invalid(errors)) => show(&cx, &village, Problems::from_room(&cx, "desk", &errors)).await,
        Err(error) => Err(error.into()),
    }
}

pub async fn photo(cx: Cx, Path((village, id)): Path<(String, i64)>) -> PageResult {
    let photo = hung_photo(&acting(&cx)?, &village, id).await?;
    let kind = HeaderValue::from_static(photo.mime());
    let mut response = cx.file("board", photo.mime(), photo.into_bytes())?;
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}
