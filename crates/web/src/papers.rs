//! Documents of a case, on the citizen's page and on the officer's: what is missing, what is known already, what is on
//! file; putting one on file by camera or from a folder, naming an electronic certificate, taking one back.

use crate::{
    AppState, Cx, PageResult, View, WebError,
    desk::{self, nav::NavGroup},
    form::{Choice, Fields, Problems},
    route::{get, post},
    upload::{self, Sent},
};
use askama::Template;
use axum::{
    Form, Router,
    extract::{DefaultBodyLimit, Multipart, Path, Query},
    http::{HeaderValue, header},
    response::IntoResponse,
};
use tokio::sync::Semaphore;
use tuodi_casework::{
    CaseError, CaseNo, CaseView, FieldError,
    papers::{Certificate, Content, Known, NewPaper, OTHER, PaperRow, Papers, Wanted},
};
use tuodi_pack::{PersonId, source::Origin};

/// Which door the page stands behind.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Citizen,
    Desk,
}

/// One document on file.
pub struct Line {
    pub id: i64,
    pub title: String,
    /// Whose, how it came, when.
    pub about: String,
    pub size: String,
    pub picture: bool,
    pub open: bool,
    pub remove: bool,
    pub reason: bool,
    /// The field of the reason.
    pub field: String,
}

/// One thing that a programme asks for.
pub struct Ask {
    pub title: String,
    pub kind: &'static str,
    pub icon: &'static str,
    pub word: &'static str,
}

pub struct Body {
    pub base: String,
    /// The case's page.
    pub back: String,
    pub asks: Vec<Ask>,
    /// Missing, and answered by a document.
    pub missing: usize,
    /// Missing, and filled in or signed instead.
    pub to_do: usize,
    pub lines: Vec<Line>,
    pub may_add: bool,
    pub kinds: Vec<Choice>,
    pub people: Vec<Choice>,
    pub about: String,
    pub issuers: Vec<Choice>,
    pub number: String,
    pub most_mb: usize,
    pub done: Option<&'static str>,
    pub problems: Problems,
}

#[derive(Template)]
#[template(path = "citizen/papers.html")]
struct CitizenPage<'a> {
    v: &'a View,
    case: &'a str,
    b: Body,
}

#[derive(Template)]
#[template(path = "desk/papers.html")]
struct DeskPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    case: &'a str,
    whom: String,
    b: Body,
}

macro_rules! side {
    ($name:ident, $base:literal, $side:expr) => {
        /// The pages of one door; its doorkeeper is put around them by the caller.
        pub fn $name() -> Router<AppState> {
            Router::new()
                .route(
                    concat!($base, "/{case}/papers"),
                    get(|cx: Cx, Path(case): Path<String>, asked: Query<Fields>| async move {
                        page(cx, $side, case, asked.0).await
                    })
                    .merge(post(|cx: Cx, Path(case): Path<String>, form: Multipart| async move {
                        add(cx, $side, case, form).await
                    }))
                    .layer(DefaultBodyLimit::disable()),
                )
                .route(
                    concat!($base, "/{case}/papers/{id}"),
                    get(|cx: Cx, Path((case, id)): Path<(String, i64)>| async move { open(cx, $side, case, id).await }),
                )
                .route(
                    concat!($base, "/{case}/papers/{id}/remove"),
                    post(|cx: Cx, Path((case, id)): Path<(String, i64)>, Form(typed): Form<Fields>| async move {
                        remove(cx, $side, case, id, typed).await
                    }),
                )
        }
    };
}

side!(citizen_routes, "/citizen/cases", Side::Citizen);
side!(desk_routes, "/desk/cases", Side::Desk);

impl Side {
    fn base(self, case: &CaseNo) -> String {
        match self {
            Side::Citizen => format!("/citizen/cases/{case}/papers"),
            Side::Desk => format!("/desk/cases/{case}/papers"),
        }
    }

    fn acting(self, cx: &Cx) -> Result<tuodi_casework::Cx, WebError> {
        match self {
            Side::Citizen => crate::citizen::acting(cx),
            Side::Desk => desk::acting(cx),
        }
    }
}

pub fn size(v: &View, bytes: i32) -> String {
    let kib = (bytes + 1_023) / 1_024;
    if kib < 1_024 { v.t1("papers.kb", kib) } else { v.t1("papers.mb", format!("{:.1}", f64::from(kib) / 1_024.0)) }
}

pub fn kind_title(cx: &Cx, kind: &str) -> String {
    match cx.state.pack.paper(kind) {
        Some(paper) => cx.text(&paper.title).to_owned(),
        None => cx.t("papers.other").to_owned(),
    }
}

fn line(cx: &Cx, view: &CaseView, row: &PaperRow) -> Line {
    let whose = view.members.iter().find(|m| Some(m.person.id) == row.person).map(|m| m.person.name.clone());
    let issuer = row.issuer.as_deref().and_then(|id| cx.state.pack.source(id));
    let about = [
        whose.unwrap_or_default(),
        row.about.clone(),
        issuer.map(|s| cx.t2("papers.certificate_of", cx.text(&s.owner), &row.number)).unwrap_or_default(),
        cx.moment(&row.given_at),
        row.channel.title(cx.lang).to_owned(),
        row.from.as_ref().map(|case| cx.t1("papers.from_case", case)).unwrap_or_default(),
    ];
    Line {
        id: row.id,
        title: kind_title(cx, &row.kind),
        about: about.into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" · "),
        size: if row.mime.is_some() { size(cx, row.bytes) } else { String::new() },
        picture: row.mime.as_deref() == Some("image/jpeg"),
        open: row.may_open,
        remove: row.may_remove,
        reason: row.of_another,
        field: format!("why-{}", row.id),
    }
}

fn ask(v: &View, wanted: &Wanted) -> Ask {
    let (kind, icon, word) = match wanted.known {
        Known::Missing => ("warn", "alert-triangle", v.t("papers.missing")),
        Known::Welcome => ("neutral", "info-circle", v.t("papers.welcome")),
        Known::Held => ("ok", "circle-check", v.t("papers.held")),
        Known::OnFile(_) => ("ok", "circle-check", v.t("papers.on_file")),
    };
    let title = v.text(&wanted.title).to_owned();
    let title = match wanted.whose.is_empty() {
        true => title,
        false => v.t2("papers.whose", title, wanted.whose.join(if v.is_zh() { "、" } else { ", " })),
    };
    Ask { title, kind, icon, word }
}

fn body(cx: &Cx, side: Side, view: &CaseView, papers: &Papers, typed: &Fields, problems: Problems) -> Body {
    let pack = &cx.state.pack;
    let choice = |field: &str, value: &str, label: String, hint: String| Choice {
        chosen: typed.get(field).is_some_and(|t| t == value),
        value: value.to_owned(),
        label,
        hint,
    };
    let none = |field: &str, key: &str| choice(field, "", cx.t(key).to_owned(), String::new());
    // What is missing stands first.
    let missing: Vec<&str> = papers
        .wanted
        .iter()
        .filter(|w| matches!(w.known, Known::Missing | Known::Welcome))
        .flat_map(|w| w.papers.iter().map(String::as_str))
        .collect();
    let mut kinds: Vec<_> = pack.workflow.papers.iter().filter(|p| side == Side::Desk || !p.office).collect();
    kinds.sort_by_key(|p| !missing.contains(&p.id.as_str()));
    let kinds = kinds.into_iter().map(|p| choice("kind", &p.id, cx.text(&p.title).to_owned(), String::new()));
    let other = choice("kind", OTHER, cx.t("papers.other").to_owned(), String::new());
    let members =
        view.members.iter().map(|m| choice("person", &m.person.id.to_string(), m.person.name.clone(), String::new()));
    let mut issuers: Vec<_> = pack.sources.iter().filter(|s| s.origin == Origin::Department).collect();
    issuers.retain(|s| pack.workflow.papers.iter().any(|p| p.sources.contains(&s.id)));
    let issuers = issuers
        .into_iter()
        .map(|s| choice("issuer", &s.id, format!("{} · {}", cx.text(&s.owner), cx.text(&s.title)), String::new()));
    let missing_of = |paper: bool| {
        papers.wanted.iter().filter(|w| w.known == Known::Missing && w.papers.is_empty() != paper).count()
    };
    Body {
        base: side.base(&view.row.case),
        back: match side {
            Side::Citizen => format!("/citizen/cases/{}", view.row.case),
            Side::Desk => format!("/desk/cases/{}", view.row.case),
        },
        asks: papers.wanted.iter().map(|w| ask(cx, w)).collect(),
        missing: missing_of(true),
        to_do: missing_of(false),
        lines: papers.on_file.iter().map(|row| line(cx, view, row)).collect(),
        may_add: papers.may_add,
        kinds: std::iter::once(none("kind", "papers.choose")).chain(kinds).chain([other]).collect(),
        people: std::iter::once(none("person", "papers.household")).chain(members).collect(),
        about: typed.get("about").cloned().unwrap_or_default(),
        issuers: std::iter::once(none("issuer", "papers.no_certificate")).chain(issuers).collect(),
        number: typed.get("number").cloned().unwrap_or_default(),
        most_mb: Content::MOST_BYTES >> 20,
        done: match typed.get("done").map(String::as_str) {
            Some("added") => Some(cx.t("papers.done_added")),
            Some("removed") => Some(cx.t("papers.done_removed")),
            _ => None,
        },
        problems,
    }
}

async fn draw(cx: &Cx, side: Side, case: &CaseNo, typed: &Fields, problems: Problems) -> PageResult {
    let acting = side.acting(cx)?;
    let view = tuodi_casework::view(&acting, case, "documents").await?;
    let papers = tuodi_casework::papers::papers(&acting, case).await?;
    let wrong = !problems.is_empty();
    let b = body(cx, side, &view, &papers, typed, problems);
    let html = match side {
        Side::Citizen => CitizenPage { v: cx, case: case.as_str(), b }.render(),
        Side::Desk => {
            let whom = format!("{} · {case}", view.row.applicant);
            DeskPage { v: cx, nav: desk::nav::desk(cx), case: case.as_str(), whom, b }.render()
        }
    };
    let html = axum::response::Html(html.map_err(WebError::fault)?);
    let status = if wrong { axum::http::StatusCode::UNPROCESSABLE_ENTITY } else { axum::http::StatusCode::OK };
    Ok((status, html).into_response())
}

fn case_of(text: &str) -> Result<CaseNo, WebError> {
    text.parse().map_err(|_| WebError::NotFound)
}

async fn page(cx: Cx, side: Side, case: String, asked: Fields) -> PageResult {
    draw(&cx, side, &case_of(&case)?, &asked, Problems::default()).await
}

/// Pictures unpacked at the same time: each may take a quarter of a gigabyte.
static UNPACKING: Semaphore = Semaphore::const_new(2);

/// Looks at a file on a thread of its own.
pub async fn unpacked(bytes: Vec<u8>) -> Result<Result<Content, FieldError>, WebError> {
    let _turn = UNPACKING.acquire().await.map_err(WebError::fault)?;
    tokio::task::spawn_blocking(move || Content::read(&bytes)).await.map_err(WebError::fault)
}

async fn add(cx: Cx, side: Side, case: String, form: Multipart) -> PageResult {
    let case = case_of(&case)?;
    let acting = side.acting(&cx)?;
    let (typed, sent) = upload::in_memory(form, "file", Content::MOST_BYTES).await?;
    let text = |name: &str| typed.get(name).map_or("", |t| t.trim()).to_owned();
    let wrong = |errors: &[FieldError]| Problems::from_room(&cx, "papers", errors);
    let content = match sent {
        Sent::Nothing => None,
        Sent::TooLarge => {
            let problems = wrong(&[FieldError::new("file", "error.file_large")]);
            return draw(&cx, side, &case, &typed, problems).await;
        }
        Sent::File(bytes) => match unpacked(bytes).await? {
            Ok(content) => Some(content),
            Err(problem) => return draw(&cx, side, &case, &typed, wrong(&[problem])).await,
        },
    };
    let named = !text("issuer").is_empty() || !text("number").is_empty();
    let new = NewPaper {
        kind: text("kind"),
        person: text("person").parse().ok().map(PersonId),
        about: text("about"),
        content,
        certificate: named.then(|| Certificate { issuer: text("issuer"), number: text("number") }),
    };
    match tuodi_casework::papers::add_paper(&acting, &case, new).await {
        Ok(_) => cx.go(format!("{}?done=added", side.base(&case))),
        Err(CaseError::Invalid(errors)) => draw(&cx, side, &case, &typed, wrong(&errors)).await,
        Err(error) => Err(error.into()),
    }
}

/// A picture is shown, anything else handed out; neither may do anything in the page.
async fn open(cx: Cx, side: Side, case: String, id: i64) -> PageResult {
    let case = case_of(&case)?;
    let paper = tuodi_casework::papers::open_paper(&side.acting(&cx)?, &case, id).await?;
    let picture = paper.content.mime() == "image/jpeg";
    let name = format!("{case}-{id}.{}", if picture { "jpg" } else { "pdf" });
    let mut response = cx.file(&name, paper.content.mime(), paper.content.into_bytes())?;
    if picture {
        let inline = HeaderValue::from_str(&format!("inline; filename=\"{name}\"")).map_err(WebError::fault)?;
        response.headers_mut().insert(header::CONTENT_DISPOSITION, inline);
    }
    Ok(response)
}

async fn remove(cx: Cx, side: Side, case: String, id: i64, typed: Fields) -> PageResult {
    let case = case_of(&case)?;
    let why = typed.get("why").map_or("", |w| w.trim());
    match tuodi_casework::papers::remove_paper(&side.acting(&cx)?, &case, id, why).await {
        Ok(()) => cx.go(format!("{}?done=removed", side.base(&case))),
        Err(CaseError::Invalid(errors)) => {
            let problems = Problems::from_room(&cx, "papers", &errors);
            let problems = Problems(
                problems.0.into_iter().map(|p| crate::form::Problem { field: format!("why-{id}"), ..p }).collect(),
            );
            draw(&cx, side, &case, &Fields::new(), problems).await
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_as_people_tell_them() {
        for v in crate::samples::views(crate::samples::pack()) {
            assert_eq!([size(&v, 1), size(&v, 3 * 1024 * 1024)], ["1 KB", "3.0 MB"]);
        }
    }
}
