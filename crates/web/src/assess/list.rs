//! The list: which occasion, by when, whose.

use super::{
    Side,
    second::{self, SecondLine},
    title,
};
use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        look::{self, Tag},
        nav::{self, NavGroup},
        page_of,
    },
    form::Fields,
};
use askama::Template;
use std::collections::BTreeMap;
use tuodi_access::accounts;
use tuodi_casework::reassess::{DueCut, DueFilter, DueRow, due_assessments};
use tuodi_pack::reassess::Occasion;
use tuodi_store::Page;

pub struct Line {
    href: String,
    case: String,
    who: String,
    place: String,
    occasion: String,
    day: String,
    due: Tag,
    /// The desk, or who has it.
    whose: String,
}

pub struct Chip {
    href: String,
    label: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "assess/desk_list.html")]
struct DeskPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    l: List,
}

#[derive(Template)]
#[template(path = "assess/field_list.html")]
struct FieldPage<'a> {
    v: &'a View,
    l: List,
}

struct List {
    cuts: Vec<Chip>,
    occasions: Vec<Chip>,
    lines: Vec<Line>,
    page: Page<()>,
    /// Drawn to be made a second time.
    seconds: Vec<SecondLine>,
    /// The case's own page can be opened.
    cases: bool,
}

/// Names of whoever has one, by account.
pub(super) async fn names(cx: &Cx, rows: &[DueRow]) -> Result<BTreeMap<String, String>, WebError> {
    let mut names = BTreeMap::new();
    for account in rows.iter().filter_map(|row| row.assignee.as_ref()) {
        if !names.contains_key(account)
            && let Some(found) = accounts::find(&cx.state.store, account).await?
        {
            names.insert(account.clone(), found.name);
        }
    }
    Ok(names)
}

/// The one it was given to, else the desk.
pub(super) fn whose(cx: &Cx, names: &BTreeMap<String, String>, row: &DueRow) -> String {
    match &row.assignee {
        Some(account) => names.get(account).unwrap_or(account).clone(),
        None => cx.t_of("assess.desk", &row.desk).to_owned(),
    }
}

pub async fn page(cx: Cx, asked: Fields, side: Side) -> PageResult {
    let value = |name: &str| asked.get(name).map_or("", String::as_str);
    let (cut, occasion) = (DueCut::from_id(value("cut")).unwrap_or_default(), Occasion::from_id(value("occasion")));
    let filter = DueFilter { cut, occasion, page: page_of(value("page")), per_page: 25 };
    let found = due_assessments(&side.acting(&cx)?, &filter).await?;
    let names = names(&cx, &found.rows).await?;
    let pack = &cx.state.pack;
    let address = |cut: DueCut, occasion: Option<Occasion>| match occasion {
        Some(occasion) => format!("{}?cut={}&occasion={}", side.base(), cut.id(), occasion.id()),
        None => format!("{}?cut={}", side.base(), cut.id()),
    };
    let mut occasions =
        vec![Chip { href: address(cut, None), label: cx.t("assess.any").to_owned(), current: occasion.is_none() }];
    occasions.extend(pack.workflow.assess.triggers.iter().map(|t| Chip {
        href: address(cut, Some(t.when)),
        label: cx.text(&t.title).to_owned(),
        current: occasion == Some(t.when),
    }));
    let list = List {
        cuts: DueCut::ALL
            .map(|own| Chip {
                href: address(own, occasion),
                label: cx.t_of("assess.cut", own.id()).to_owned(),
                current: own == cut,
            })
            .into(),
        occasions,
        lines: found
            .rows
            .iter()
            .map(|row| Line {
                href: format!("{}/{}", side.base(), row.id),
                case: row.case.to_string(),
                who: if row.name.is_empty() { cx.t("field.task.unnamed").to_owned() } else { row.name.clone() },
                place: cx.text(&row.region).to_owned(),
                occasion: title(&cx, pack, row.occasion),
                day: cx.date(&row.due_on),
                due: look::due(&cx, Some(row.due_on)),
                whose: whose(&cx, &names, row),
            })
            .collect(),
        page: found.map(|_| ()),
        seconds: second::lines(&cx, side).await?,
        cases: side == Side::Desk,
    };
    match side {
        Side::Desk => cx.page(&DeskPage { v: &cx, nav: nav::desk(&cx), l: list }),
        Side::Field => cx.page(&FieldPage { v: &cx, l: list }),
    }
}
