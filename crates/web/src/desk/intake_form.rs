//! The application on one page, for somebody who types what a person says or wrote on paper.

use crate::{
    Cx, PageResult, View, WebError,
    citizen::{
        filling::{self, Filling},
        questions::{Question, Step, answers, questions},
    },
    desk::{
        PURPOSE, acting, case_no,
        nav::{self, NavGroup},
        one_time_key,
    },
    form::{Choice, Fields, Problems},
    known::{self, KnownLine},
};
use askama::Template;
use axum::{Form, extract::Path};
use std::collections::BTreeMap;
use tuodi_casework::{CaseError, CaseNo, CaseView, ConsentForm, FieldError, Mark};
use tuodi_pack::PersonId;

pub struct Part {
    pub id: &'static str,
    pub title: &'static str,
    pub questions: Vec<Question>,
    /// Answers on file already, by field.
    pub known: BTreeMap<String, KnownLine>,
}

impl Part {
    fn known(&self, question: &Question) -> Option<&KnownLine> {
        self.known.get(question.name()?)
    }
}

pub struct Adult {
    pub id: PersonId,
    pub name: String,
    pub given: bool,
    pub ticked: bool,
}

#[derive(Template)]
#[template(path = "desk/intake_form.html")]
pub struct FormPage<'a> {
    pub v: &'a View,
    pub nav: Vec<NavGroup>,
    pub case: &'a str,
    pub whom: String,
    pub version: i32,
    pub key: String,
    pub open: bool,
    pub state: &'static str,
    pub parts: Vec<Part>,
    pub adults: Vec<Adult>,
    pub marks: Vec<Choice>,
    pub truth: bool,
    pub saved: bool,
    pub problems: Problems,
}

type Typed = Vec<(String, String)>;

#[derive(serde::Deserialize)]
pub struct After {
    #[serde(default)]
    saved: String,
}

async fn open(cx: &Cx, case: &str) -> Result<CaseView, WebError> {
    Ok(tuodi_casework::view(&acting(cx)?, &case_no(case)?, PURPOSE).await?)
}

pub async fn page(
    cx: Cx,
    Path(case): Path<String>,
    axum::extract::Query(after): axum::extract::Query<After>,
) -> PageResult {
    let view = open(&cx, &case).await?;
    let filling = filling::of(&view);
    let mut page = draw(&cx, &view, &filling, &[], Problems::default());
    page.saved = after.saved == "1";
    cx.page(&page)
}

/// Marks that stand on paper or are given at the window.
const MARKS: [Mark; 3] = [Mark::Paper, Mark::Signature, Mark::Fingerprint];

fn draw<'a>(
    cx: &'a Cx,
    view: &'a CaseView,
    filling: &'a Filling,
    typed: &[(String, String)],
    problems: Problems,
) -> FormPage<'a> {
    let ticked = |id: PersonId| typed.iter().any(|(n, v)| n == "consent" && *v == id.to_string());
    let mark = typed.iter().find(|(n, _)| n == "mark").map_or(Mark::Paper.id(), |(_, v)| v.as_str());
    FormPage {
        v: cx,
        nav: nav::desk(cx),
        case: view.row.case.as_str(),
        whom: format!("{} · {}", view.row.applicant, view.row.case),
        version: view.row.version,
        key: one_time_key(),
        open: filling.is_open_for_answers(),
        state: view.row.state.title(cx.lang),
        parts: Step::ALL
            .into_iter()
            .map(|step| Part {
                id: step.id(),
                title: cx.t_of("desk.intake.part", step.id()),
                questions: questions(cx, step, filling),
                known: known::lines(cx, step, filling),
            })
            .collect(),
        adults: filling
            .adults()
            .map(|m| Adult { id: m.id, name: m.name.clone(), given: m.consented, ticked: ticked(m.id) })
            .collect(),
        marks: MARKS
            .iter()
            .map(|m| Choice {
                value: m.id().to_owned(),
                label: m.title(cx.lang).to_owned(),
                hint: String::new(),
                chosen: m.id() == mark,
            })
            .collect(),
        truth: filling.fields.get("truth").is_some_and(|t| t == "yes"),
        saved: false,
        problems,
    }
}

fn value<'a>(typed: &'a [(String, String)], name: &str) -> &'a str {
    typed.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.trim())
}

/// Records the consents that were ticked, each as the person's own name on paper.
async fn record_consents(cx: &Cx, case: &CaseNo, view: &CaseView, typed: &Typed) -> Result<(), WebError> {
    let mark = Mark::from_id(value(typed, "mark")).filter(|m| MARKS.contains(m)).unwrap_or(Mark::Paper);
    for member in view.members.iter().filter(|m| m.is_adult && m.consent.is_none()) {
        let id = member.person.id;
        if !typed.iter().any(|(n, v)| n == "consent" && *v == id.to_string()) {
            continue;
        }
        let form = ConsentForm { person: id, name: member.person.name.clone(), mark, evidence: None };
        tuodi_casework::give_consent(&acting(cx)?, case, form).await?;
    }
    Ok(())
}

/// Consents brought in after the application was sent.
pub async fn consents(cx: Cx, Path(case): Path<String>, Form(typed): Form<Typed>) -> PageResult {
    let case = case_no(&case)?;
    let view = open(&cx, case.as_str()).await?;
    if !typed.iter().any(|(n, _)| n == "consent") {
        let filling = filling::of(&view);
        let mut problems = Problems::default();
        problems.add("consents", cx.t("desk.problem.consents_required"));
        return cx.form_again(&draw(&cx, &view, &filling, &typed, problems));
    }
    record_consents(&cx, &case, &view, &typed).await?;
    cx.go(format!("/desk/cases/{case}?done=consent"))
}

pub async fn save(cx: Cx, Path(case): Path<String>, Form(typed): Form<Typed>) -> PageResult {
    let acting = acting(&cx)?;
    let case = case_no(&case)?;
    let view = open(&cx, case.as_str()).await?;
    let mut filling = filling::of(&view);
    if !filling.is_open_for_answers() {
        return Err(WebError::Conflict("common.conflict.stage"));
    }
    let submitting = value(&typed, "act") == "submit";
    let version: i32 = value(&typed, "version").parse().unwrap_or(0);
    // Who lives here decides whose income is asked: read that first.
    let mut fields: Fields = answers(&questions(&cx, Step::Household, &filling), &typed);
    for member in &mut filling.members {
        member.here = fields.get(&format!("member.{}", member.id)).is_none_or(|a| a != "elsewhere");
    }
    for step in Step::ALL.into_iter().skip(1) {
        fields.extend(answers(&questions(&cx, step, &filling), &typed));
    }
    fields.insert("truth".to_owned(), if value(&typed, "truth") == "yes" { "yes" } else { "" }.to_owned());
    if !view.full {
        // Whoever sees conclusions only has an empty form: what stays empty there was not taken out.
        fields.retain(|_, value| !value.is_empty());
    }
    tuodi_casework::save_step(&acting, &case, version, "check", fields).await?;
    record_consents(&cx, &case, &view, &typed).await?;
    if !submitting {
        return cx.go(format!("/desk/intake/{case}?saved=1"));
    }
    let view = open(&cx, case.as_str()).await?;
    match tuodi_casework::submit(&acting, &case, view.row.version, value(&typed, "key")).await {
        // The receipt is a letter of the case.
        Ok(submitted) if submitted.missing.is_empty() => cx.go(format!("/desk/cases/{case}?done=accepted")),
        Ok(_) => cx.go(format!("/desk/cases/{case}?done=submitted")),
        Err(CaseError::Invalid(errors)) => {
            let filling = filling::of(&view);
            let problems = problems(&cx, &filling, &errors);
            cx.form_again(&draw(&cx, &view, &filling, &typed, problems))
        }
        Err(error) => Err(error.into()),
    }
}

/// The room's problems in the citizen's words, with the member's name where several people have the same field.
fn problems(cx: &Cx, filling: &Filling, errors: &[FieldError]) -> Problems {
    let mut problems = Problems::from_room(cx, "citizen", errors);
    for problem in &mut problems.0 {
        let person = problem.field.split_once('.').and_then(|(_, id)| id.parse().ok()).map(PersonId);
        if let Some(member) = filling.members.iter().find(|m| Some(m.id) == person) {
            problem.message = format!("{}{}{}", member.name, cx.t("desk.colon"), problem.message);
        }
    }
    problems
}
