//! Acting for each other: whom I act for, who acts for me, until when; given and taken back here.

use crate::{
    Cx, PageResult, View, WebError,
    citizen::{acting, case_no},
    form::{Choice, Fields, Problems},
    mandates::{offered, powers, said, standing, text, yes_no},
    session,
};
use askama::Template;
use axum::Form;
use tuodi_access::{Role, accounts};
use tuodi_casework::{
    CaseError,
    mandate::{
        Held, Mandate, MandateForm, MandateStanding, Proxy, ProxyCode, end_mandate, entrust as give, mandates_held,
        mandates_of_household, new_code,
    },
};

pub struct HeldLine {
    pub mandate: i64,
    pub name: String,
    pub about: String,
    pub powers: Vec<&'static str>,
    /// The reader acts for them now.
    pub now: bool,
}

pub struct GivenLine {
    pub id: i64,
    pub proxy: String,
    pub about: String,
    pub powers: Vec<&'static str>,
    pub kind: &'static str,
    pub icon: &'static str,
    pub state: String,
    pub in_force: bool,
}

#[derive(Template)]
#[template(path = "citizen/proxy.html")]
struct ProxyPage<'a> {
    v: &'a View,
    held: Vec<HeldLine>,
    given: Vec<GivenLine>,
    /// People entrust others about their own household; whoever acts for somebody hands nothing on.
    may_give: bool,
    cases: Vec<Choice>,
    relations: Vec<Choice>,
    months: Vec<Choice>,
    sensitive: Vec<Choice>,
    authorises: Vec<Choice>,
    typed_code: String,
    /// Just drawn, and until what time it holds.
    code: Option<(String, String)>,
    minutes: u32,
    basis: String,
    key: String,
    done: Option<&'static str>,
    problems: Problems,
}

fn about(v: &View, case: Option<&tuodi_casework::CaseNo>) -> String {
    case.map_or_else(|| v.t("proxy.next_case").to_owned(), ToString::to_string)
}

fn held_line(cx: &Cx, held: &Held, now: bool) -> HeldLine {
    HeldLine {
        mandate: held.mandate,
        name: held.name.clone(),
        about: cx.t2("proxy.held_about", about(cx, held.case.as_ref()), cx.date(&held.until)),
        powers: powers(cx, held.sensitive, held.authorises),
        now,
    }
}

fn given_line(cx: &Cx, mandate: &Mandate) -> GivenLine {
    let (kind, icon, state) = standing(cx, mandate);
    let rules = cx.state.pack.workflow.mandate.as_ref();
    let relation = rules.and_then(|r| r.relation(&mandate.relation)).map_or("", |t| cx.text(t));
    GivenLine {
        id: mandate.id,
        proxy: mandate.proxy.clone(),
        about: cx.t3("proxy.given_about", relation, about(cx, mandate.case.as_ref()), cx.date(&mandate.given_on)),
        powers: powers(cx, mandate.sensitive, mandate.authorises),
        kind,
        icon,
        state,
        in_force: mandate.standing == MandateStanding::InForce,
    }
}

async fn draw(cx: &Cx, typed: &Fields, code: Option<ProxyCode>, problems: Problems) -> PageResult {
    let room = acting(cx)?;
    let actor = cx.actor()?;
    let now = cx.session.get::<i64>(session::MANDATE).await?;
    let held = mandates_held(&room).await?;
    let household = actor.household.filter(|_| actor.role == Role::Applicant);
    let (mut given, mut cases) = (Vec::new(), Vec::new());
    if let Some(household) = household {
        given = mandates_of_household(&room, household).await?;
        let own = tuodi_casework::own_cases(&room).await?;
        // The newest, until something else is chosen.
        let chosen = typed.get("case").cloned().or_else(|| own.first().map(|c| c.case.to_string())).unwrap_or_default();
        for case in own {
            let what = format!("{} {}", super::home::title(cx, &cx.state.pack, &case), case.case);
            cases.push(Choice::new(case.case.as_str(), what, &chosen));
        }
        cases.push(Choice::new("", cx.t("proxy.new_case"), &chosen));
    }
    let (relations, months) = offered(cx, typed);
    let rules = cx.state.pack.workflow.mandate.as_ref().ok_or(WebError::NotFound)?;
    let page = ProxyPage {
        v: cx,
        held: held.iter().map(|h| held_line(cx, h, now == Some(h.mandate))).collect(),
        given: given.iter().map(|m| given_line(cx, m)).collect(),
        may_give: household.is_some(),
        cases,
        relations,
        months,
        sensitive: yes_no(|id| cx.t_of("proxy.may_see", id), text(typed, "sensitive")),
        authorises: yes_no(|id| cx.t_of("proxy.may_sign", id), text(typed, "authorises")),
        typed_code: text(typed, "code").to_owned(),
        code: code.map(|c| (c.number, cx.moment(&c.until))),
        minutes: rules.code_minutes,
        basis: cx.text(&tuodi_casework::words::basis_text(&cx.state.pack, &rules.basis)).to_owned(),
        key: uuid::Uuid::new_v4().to_string(),
        done: crate::words::find(cx.lang, &format!("proxy.done.{}", text(typed, "done"))),
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn page(cx: Cx, axum::extract::Query(asked): axum::extract::Query<Fields>) -> PageResult {
    draw(&cx, &asked, None, Problems::default()).await
}

/// The number to say to whoever entrusts the reader.
pub async fn code(cx: Cx) -> PageResult {
    let code = new_code(&acting(&cx)?).await?;
    draw(&cx, &Fields::new(), Some(code), Problems::default()).await
}

pub async fn entrust(cx: Cx, Form(typed): Form<Fields>) -> PageResult {
    let household = cx.actor()?.household.ok_or(WebError::Conflict("common.conflict.no_household"))?;
    let code = crate::form::plain_digits(text(&typed, "code"));
    let case = match text(&typed, "case") {
        "" => None,
        case => Some(case_no(case)?),
    };
    let form = MandateForm { case, ..said(&typed, Some(Proxy::Code(code))) };
    let given = give(&acting(&cx)?, household, form, text(&typed, "key")).await;
    match given {
        Ok(_) => cx.go("/citizen/proxy?done=given"),
        Err(CaseError::Invalid(errors)) => draw(&cx, &typed, None, Problems::from_room(&cx, "proxy", &errors)).await,
        Err(error) => Err(error.into()),
    }
}

fn number(typed: &Fields) -> Result<i64, WebError> {
    text(typed, "mandate").parse().map_err(|_| WebError::NotFound)
}

/// From here on for somebody else, until the reader says otherwise or the mandate is over.
pub async fn begin(cx: Cx, Form(typed): Form<Fields>) -> PageResult {
    let id = number(&typed)?;
    let room = acting(&cx)?;
    let account = accounts::find(&cx.state.store, &room.actor.account).await?.ok_or(WebError::SignIn)?;
    tuodi_casework::mandate::begin(&room, &account, id).await?;
    cx.session.insert(session::MANDATE, id).await?;
    cx.go("/citizen")
}

/// Back to one's own matters.
pub async fn own(cx: Cx) -> PageResult {
    cx.session.remove::<i64>(session::MANDATE).await?;
    cx.go("/citizen")
}

pub async fn end(cx: Cx, Form(typed): Form<Fields>) -> PageResult {
    end_mandate(&acting(&cx)?, number(&typed)?).await?;
    cx.go("/citizen/proxy?done=ended")
}
