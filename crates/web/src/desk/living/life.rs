//! Proof of life of one case: entered by whoever saw the recipient, or did not meet them.

use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting,
        case::acts::text_of,
        case_no,
        look::Tag,
        nav::{self, NavGroup},
        one_time_key,
    },
    form::{self, Choice, Fields, Problems},
};
use askama::Template;
use axum::{
    Form,
    extract::{Path, Query},
};
use tuodi_access::{Act, Resource, Sensitivity};
use tuodi_casework::{
    CaseError,
    life::{LifeForm, Proof, enter_life, life_of},
};

pub struct Past {
    tag: Tag,
    when: String,
    way: String,
    witness: String,
    words: String,
}

#[derive(Template)]
#[template(path = "desk/life.html")]
struct LifePage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    case: String,
    who: String,
    due: String,
    visit: String,
    past: Vec<Past>,
    may_enter: bool,
    ways: Vec<Choice>,
    mets: Vec<Choice>,
    typed: Fields,
    key: String,
    done: bool,
    problems: Problems,
}

impl LifePage<'_> {
    fn value(&self, field: &str) -> &str {
        text_of(&self.typed, field)
    }
}

fn past(cx: &Cx, proof: &Proof) -> Past {
    let way = cx.state.pack.workflow.living.proof.as_ref().and_then(|p| p.way(&proof.way));
    Past {
        tag: if proof.met {
            Tag::new("ok", "circle-check", cx.t("life.met.yes"))
        } else {
            Tag::new("warn", "alert-triangle", cx.t("life.met.no"))
        },
        when: cx.date(&proof.on),
        way: way.map_or(proof.way.as_str(), |w| cx.text(&w.title)).to_owned(),
        witness: proof.witness.clone(),
        words: proof.words.clone(),
    }
}

async fn show(cx: &Cx, case: &str, typed: Fields, done: bool, problems: Problems) -> PageResult {
    let number = case_no(case)?;
    let acting = acting(cx)?;
    let view = tuodi_casework::view(&acting, &number, "proof of life").await?;
    let life = life_of(&acting, &number).await?.ok_or(WebError::NotFound)?;
    let resource = Resource::of_household("case", case, &view.row.region_code, view.household, Sensitivity::Personal);
    let ways = cx.state.pack.workflow.living.proof.iter().flat_map(|p| &p.ways);
    let page = LifePage {
        v: cx,
        nav: nav::desk(cx),
        case: case.to_owned(),
        who: view.row.applicant.clone(),
        due: cx.full_date(&life.due_on),
        visit: life.visit_by.map(|by| cx.full_date(&by)).unwrap_or_default(),
        past: life.proofs.iter().map(|p| past(cx, p)).collect(),
        may_enter: cx.state.access.authorise(&acting.actor, Act::RecordVisit, &resource, "casework").is_ok(),
        ways: ways
            .map(|w| Choice {
                value: w.id.clone(),
                label: cx.text(&w.title).to_owned(),
                hint: String::new(),
                chosen: w.id == text_of(&typed, "way"),
            })
            .collect(),
        mets: ["yes", "no"]
            .map(|id| Choice {
                value: id.to_owned(),
                label: cx.t_of("life.met", id).to_owned(),
                hint: String::new(),
                chosen: id == text_of(&typed, "met"),
            })
            .into(),
        typed,
        key: one_time_key(),
        done,
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn page(cx: Cx, Path(case): Path<String>, Query(asked): Query<Fields>) -> PageResult {
    let done = text_of(&asked, "done") == "yes";
    show(&cx, &case, Fields::new(), done, Problems::default()).await
}

pub async fn enter(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let value = |name: &str| text_of(&typed, name).to_owned();
    let said = LifeForm {
        way: value("way"),
        met: match text_of(&typed, "met") {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        },
        on: form::date(text_of(&typed, "on")),
        witness: value("witness"),
        words: value("words"),
    };
    match enter_life(&acting(&cx)?, &case_no(&case)?, said, text_of(&typed, "key")).await {
        Ok(_) => cx.go(format!("/desk/cases/{case}/life?done=yes")),
        Err(CaseError::Invalid(errors)) => {
            let problems = Problems::from_room(&cx, "life", &errors);
            show(&cx, &case, typed, false, problems).await
        }
        Err(error) => Err(error.into()),
    }
}
