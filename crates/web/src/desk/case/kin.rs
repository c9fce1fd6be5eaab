//! Relatives of an applicant among the officers: said on the case, listed for the district and the auditor, as Excel too.

use super::{acts::text_of, open};
use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting, case_no, look,
        nav::{self, NavGroup},
        one_time_key, page_of,
    },
    form::{Choice, Fields, Problems},
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query},
};
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use tuodi_access::{Act, Resource, Sensitivity};
use tuodi_casework::{
    CaseError, CaseNo, Offered,
    kin::{Declared, Kin, KinRow, declare_kin, kin_cases, kin_of},
    words::basis_text,
};
use tuodi_store::{Entry, Page, Recorded, StoreError};

/// Rows of one file: a district has some hundreds.
const MOST: u64 = 5_000;

pub struct KinCard {
    pub lines: Vec<String>,
    /// Nobody has said yet who it is.
    pub unnamed: bool,
    /// Whether the district still has to look, in words and colour.
    pub recheck: Option<look::Tag>,
}

#[derive(Template)]
#[template(path = "desk/kin.html")]
struct KinPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    case: &'a str,
    whom: String,
    whose: Vec<Choice>,
    relations: Vec<Choice>,
    who: String,
    post: String,
    text: String,
    basis: String,
    key: String,
    problems: Problems,
}

pub struct Line {
    pub case: String,
    pub name: String,
    pub place: String,
    pub state: look::Tag,
    pub officer: String,
    pub relation: String,
    pub said: String,
    pub recheck: look::Tag,
}

#[derive(Template)]
#[template(path = "desk/kin_list.html")]
struct KinList<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    lines: Vec<Line>,
    page: Page<()>,
    may_export: bool,
}

/// The relation in the pack's words.
fn relation(cx: &Cx, id: &str) -> String {
    let rules = cx.state.pack.workflow.kin.as_ref();
    let found = rules.and_then(|k| k.relations.iter().find(|r| r.id == id));
    found.map_or_else(|| id.to_owned(), |r| cx.text(&r.title).to_owned())
}

pub fn relations(cx: &Cx, chosen: &str) -> Vec<Choice> {
    let rules = cx.state.pack.workflow.kin.iter().flat_map(|k| &k.relations);
    rules
        .map(|r| Choice {
            value: r.id.clone(),
            label: cx.text(&r.title).to_owned(),
            hint: String::new(),
            chosen: r.id == chosen,
        })
        .collect()
}

fn officer(cx: &Cx, declared: &Declared) -> String {
    if declared.unnamed() {
        return cx.t("kin.unnamed").to_owned();
    }
    if declared.post.is_empty() { declared.name.clone() } else { format!("{}（{}）", declared.name, declared.post) }
}

fn recheck_tag(cx: &Cx, on: Option<chrono::NaiveDate>) -> look::Tag {
    match on {
        Some(day) => look::Tag::new("ok", "circle-check", cx.t1("kin.rechecked", cx.date(&day))),
        None => look::Tag::new("warn", "alert-triangle", cx.t("kin.not_rechecked")),
    }
}

pub async fn card(cx: &Cx, case: &CaseNo) -> Result<Option<KinCard>, WebError> {
    let Some(kin) = kin_of(&acting(cx)?, case).await? else { return Ok(None) };
    let line = |d: &Declared| {
        let said = cx.t2("kin.said", cx.t_of("kin.side", &d.side), cx.date(&d.on));
        [officer(cx, d), relation(cx, &d.relation), said, d.text.clone()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" · ")
    };
    Ok(Some(KinCard {
        lines: kin.declared.iter().map(line).collect(),
        unnamed: kin.declared.iter().any(Declared::unnamed),
        recheck: kin.recheck.then(|| recheck_tag(cx, kin.rechecked_on)),
    }))
}

async fn show(cx: &Cx, case: &str, typed: &Fields, problems: Problems) -> PageResult {
    let view = open(cx, case).await?;
    let offer = view.offer(Offered::DeclareKin).ok_or(WebError::Conflict("common.conflict.stage"))?;
    if let Some(denied) = &offer.denied {
        return Err(denied.clone().into());
    }
    let whose = ["own", "named"].map(|id| Choice {
        value: id.to_owned(),
        label: cx.t_of("kin.whose", id).to_owned(),
        hint: String::new(),
        chosen: text_of(typed, "whose") == id,
    });
    let basis = cx.state.pack.workflow.kin.as_ref().map(|k| basis_text(&cx.state.pack, &k.basis));
    let page = KinPage {
        v: cx,
        nav: nav::desk(cx),
        case: view.row.case.as_str(),
        whom: format!("{} · {}", view.row.applicant, view.row.case),
        whose: whose.into(),
        relations: relations(cx, text_of(typed, "relation")),
        who: text_of(typed, "name").to_owned(),
        post: text_of(typed, "post").to_owned(),
        text: text_of(typed, "text").to_owned(),
        basis: basis.map(|b| cx.text(&b).to_owned()).unwrap_or_default(),
        key: typed.get("key").filter(|k| !k.is_empty()).cloned().unwrap_or_else(one_time_key),
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn page(cx: Cx, Path(case): Path<String>) -> PageResult {
    show(&cx, &case, &Fields::new(), Problems::default()).await
}

pub async fn declare(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let case = case_no(&case)?;
    let own = match text_of(&typed, "whose") {
        "own" => true,
        "named" => false,
        _ => {
            let mut problems = Problems::default();
            problems.add("whose", cx.t("kin.problem.whose_choice"));
            return show(&cx, case.as_str(), &typed, problems).await;
        }
    };
    match declare_kin(&acting(&cx)?, &case, said(&typed, own), text_of(&typed, "key")).await {
        Ok(_) => cx.go(format!("/desk/cases/{case}?done=kin")),
        Err(CaseError::Invalid(errors)) => {
            show(&cx, case.as_str(), &typed, Problems::from_room(&cx, "kin", &errors)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// What the form says.
pub fn said(typed: &Fields, own: bool) -> Kin {
    let value = |name: &str| text_of(typed, name).to_owned();
    Kin { own, name: value("name"), post: value("post"), relation: value("relation"), text: value("text") }
}

fn line(cx: &Cx, row: &KinRow) -> Line {
    Line {
        case: row.case.to_string(),
        name: row.applicant.clone(),
        place: cx.text(&row.region).to_owned(),
        state: look::state(cx, row.state),
        officer: officer(cx, &row.declared),
        relation: relation(cx, &row.declared.relation),
        said: cx.t2("kin.said", cx.t_of("kin.side", &row.declared.side), cx.date(&row.declared.on)),
        recheck: recheck_tag(cx, row.rechecked_on),
    }
}

fn may_export(cx: &Cx, acting: &tuodi_casework::Cx) -> Result<(), WebError> {
    let region = acting.actor.region.as_str();
    let resource = Resource { sensitivity: Sensitivity::Personal, ..Resource::general("kin", "export", region) };
    cx.state.access.authorise(&acting.actor, Act::Export, &resource, "near relatives")?;
    Ok(())
}

pub async fn list(cx: Cx, Query(asked): Query<Fields>) -> PageResult {
    let acting = acting(&cx)?;
    let found = kin_cases(&acting, page_of(text_of(&asked, "page")), 25).await?;
    cx.page(&KinList {
        v: &cx,
        nav: nav::desk(&cx),
        lines: found.rows.iter().map(|row| line(&cx, row)).collect(),
        page: found.map(|_| ()),
        may_export: may_export(&cx, &acting).is_ok(),
    })
}

/// The list as a file: applicants masked, officers named, for that is what it is for. Journalled.
pub async fn export(cx: Cx) -> PageResult {
    let acting = acting(&cx)?;
    may_export(&cx, &acting)?;
    let found = kin_cases(&acting, 1, MOST).await?;
    let file = workbook(&cx, &found.rows).map_err(WebError::fault)?;
    let entry = Entry {
        at: acting.at(),
        actor: acting.actor.account.clone(),
        role: acting.actor.role.id().to_owned(),
        act: "case.export_kin".to_owned(),
        subject: "kin".to_owned(),
        region: acting.actor.region.clone(),
        details: serde_json::json!({ "rows": found.rows.len() }),
    };
    cx.state.store.write(move |_| Box::pin(async move { Ok::<_, StoreError>(Recorded::new((), entry)) })).await?;
    let name = format!("kin_{}_{}.xlsx", acting.actor.region, cx.now.format("%Y%m%d"));
    cx.file(&name, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", file)
}

fn workbook(cx: &Cx, rows: &[KinRow]) -> Result<Vec<u8>, XlsxError> {
    let head = Format::new().set_bold();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (col, key) in
        ["case", "applicant", "place", "state", "officer", "relation", "said", "recheck"].iter().enumerate()
    {
        sheet.write_string_with_format(0, col as u16, cx.t_of("kin.column", key), &head)?;
    }
    for (i, row) in rows.iter().enumerate() {
        let l = line(cx, row);
        let masked = tuodi_registry::mask_name(&l.name);
        let cells = [l.case, masked, l.place, l.state.text, l.officer, l.relation, l.said, l.recheck.text];
        for (col, cell) in cells.iter().enumerate() {
            sheet.write_string(i as u32 + 1, col as u16, cell)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofit();
    book.save_to_buffer()
}
