//! Proof of life: who is due, the round of a village on paper, the list as a file.

use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting,
        case::acts::text_of,
        look::{self, Tag},
        nav::{self, NavGroup},
        page_of,
    },
    form::{Choice, Fields},
    view::place,
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query},
};
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use std::collections::BTreeMap;
use tuodi_access::{Act, Resource, Sensitivity};
use tuodi_casework::life::{self, LifeCut, LifeFilter, LifeRow};
use tuodi_store::{Entry, Page, Recorded, StoreError};

/// Rows of one file.
const MOST: u64 = 20_000;

pub struct Line {
    case: String,
    who: String,
    place: String,
    programme: String,
    day: String,
    due: Tag,
    stands: Tag,
}

pub struct Chip {
    href: String,
    label: &'static str,
    current: bool,
}

#[derive(Template)]
#[template(path = "desk/lives.html")]
struct LivesPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    chips: Vec<Chip>,
    cut: &'static str,
    programmes: Vec<Choice>,
    /// Villages of the lines, for their rounds.
    villages: BTreeMap<String, String>,
    lines: Vec<Line>,
    page: Page<()>,
    q: String,
    may_export: bool,
}

pub struct RoundLine {
    who: String,
    address: String,
    case: String,
    programme: String,
    day: String,
}

#[derive(Template)]
#[template(path = "desk/lives_round.html")]
struct RoundPage<'a> {
    v: &'a View,
    place: String,
    lines: Vec<RoundLine>,
    ways: Vec<&'a str>,
    printed: String,
}

fn filter(asked: &Fields) -> LifeFilter {
    LifeFilter {
        cut: LifeCut::from_id(text_of(asked, "cut")).unwrap_or_default(),
        programme: Some(text_of(asked, "programme").to_owned()).filter(|p| !p.is_empty()),
        page: page_of(text_of(asked, "page")),
        per_page: 25,
        ..LifeFilter::default()
    }
}

/// What has been done about it.
fn stands(cx: &Cx, row: &LifeRow) -> Tag {
    match (row.visit_by, row.reminded_on) {
        (Some(by), _) => Tag::new("bad", "home", cx.t1("life.visit_by", cx.date(&by))),
        (None, Some(on)) => Tag::new("info", "bell", cx.t1("life.reminded", cx.date(&on))),
        (None, None) => Tag::new("neutral", "clock", cx.t("life.holds")),
    }
}

fn line(cx: &Cx, row: &LifeRow) -> Line {
    Line {
        case: row.case.to_string(),
        who: row.name.clone(),
        place: cx.text(&row.region).to_owned(),
        programme: look::tier(cx, &cx.state.pack, &row.programme),
        day: cx.date(&row.due_on),
        due: look::due(cx, Some(row.due_on)),
        stands: stands(cx, row),
    }
}

fn may_export(cx: &Cx, acting: &tuodi_casework::Cx) -> Result<(), WebError> {
    let region = acting.actor.region.as_str();
    let resource = Resource { sensitivity: Sensitivity::Personal, ..Resource::general("life", "export", region) };
    cx.state.access.authorise(&acting.actor, Act::Export, &resource, "proof of life")?;
    Ok(())
}

async fn show(cx: &Cx, filter: LifeFilter) -> PageResult {
    let acting = acting(cx)?;
    let found = life::lives(&acting, &filter).await?;
    let pack = &cx.state.pack;
    let chosen = filter.programme.clone().unwrap_or_default();
    let asked = pack.workflow.living.proof.iter().flat_map(|p| &p.programmes);
    cx.page(&LivesPage {
        v: cx,
        nav: nav::desk(cx),
        chips: LifeCut::ALL
            .map(|cut| Chip {
                href: format!("/desk/lives?cut={}", cut.id()),
                label: cx.t_of("life.cut", cut.id()),
                current: cut == filter.cut && filter.search.is_empty(),
            })
            .into(),
        cut: filter.cut.id(),
        programmes: asked
            .map(|id| Choice {
                value: id.clone(),
                label: look::tier(cx, pack, id),
                hint: String::new(),
                chosen: *id == chosen,
            })
            .collect(),
        villages: found.rows.iter().map(|r| (r.region_code.clone(), cx.text(&r.region).to_owned())).collect(),
        lines: found.rows.iter().map(|row| line(cx, row)).collect(),
        page: found.map(|_| ()),
        q: filter.search,
        may_export: may_export(cx, &acting).is_ok(),
    })
}

pub async fn list(cx: Cx, Query(asked): Query<Fields>) -> PageResult {
    show(&cx, filter(&asked)).await
}

/// A name stands in the body, never in an address.
pub async fn find(cx: Cx, Form(typed): Form<Fields>) -> PageResult {
    let search = text_of(&typed, "who").trim().to_owned();
    if search.is_empty() {
        return cx.go("/desk/lives");
    }
    show(&cx, LifeFilter { search, cut: LifeCut::All, per_page: 50, ..LifeFilter::default() }).await
}

/// The round of a village on A4: who is to be seen, where, and room to write.
pub async fn round(cx: Cx, Path(village): Path<String>) -> PageResult {
    let acting = acting(&cx)?;
    let pack = &cx.state.pack;
    if pack.regions.get(&village).is_none() {
        return Err(WebError::NotFound);
    }
    let rows = life::round(&acting, &village).await?;
    let ways = pack.workflow.living.proof.iter().flat_map(|p| &p.ways);
    cx.page(&RoundPage {
        v: &cx,
        place: place(pack, &village, cx.lang),
        lines: rows
            .into_iter()
            .map(|r| RoundLine {
                who: r.row.name,
                address: r.address,
                case: r.row.case.to_string(),
                programme: look::tier(&cx, pack, &r.row.programme),
                day: cx.date(&r.row.due_on),
            })
            .collect(),
        ways: ways.map(|w| cx.text(&w.title)).collect(),
        printed: cx.full_date(&cx.today()),
    })
}

/// The list as a file, names masked. Journalled.
pub async fn export(cx: Cx, Form(typed): Form<Fields>) -> PageResult {
    let acting = acting(&cx)?;
    may_export(&cx, &acting)?;
    let filter = LifeFilter { page: 1, per_page: MOST, ..filter(&typed) };
    let cut = filter.cut.id();
    let found = life::lives(&acting, &filter).await?;
    let file = workbook(&cx, &found.rows).map_err(WebError::fault)?;
    let entry = Entry {
        at: acting.at(),
        actor: acting.actor.account.clone(),
        role: acting.actor.role.id().to_owned(),
        act: "case.export_lives".to_owned(),
        subject: "life".to_owned(),
        region: acting.actor.region.clone(),
        details: serde_json::json!({ "rows": found.rows.len(), "cut": cut, "programme": filter.programme }),
    };
    cx.state.store.write(move |_| Box::pin(async move { Ok::<_, StoreError>(Recorded::new((), entry)) })).await?;
    let name = format!("life_{}_{}.xlsx", acting.actor.region, cx.now.format("%Y%m%d"));
    cx.file(&name, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", file)
}

fn workbook(cx: &Cx, rows: &[LifeRow]) -> Result<Vec<u8>, XlsxError> {
    let head = Format::new().set_bold();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (col, key) in ["case", "who", "place", "programme", "due", "stands"].iter().enumerate() {
        sheet.write_string_with_format(0, col as u16, cx.t_of("life.column", key), &head)?;
    }
    for (i, row) in rows.iter().enumerate() {
        let l = line(cx, row);
        let cells = [l.case, tuodi_registry::mask_name(&l.who), l.place, l.programme, l.day, l.stands.text];
        for (col, cell) in cells.iter().enumerate() {
            sheet.write_string(i as u32 + 1, col as u16, cell)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofit();
    book.save_to_buffer()
}
