//! Who acts for the applicant: shown on the case, registered from signed paper, taken back at the applicant's word.

use super::{acts::text_of, open};
use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting, case_no, look,
        nav::{self, NavGroup},
        one_time_key,
    },
    form::{Choice, Fields, Problems},
    mandates::{offered, powers, said, standing, yes_no},
    upload::{self, Sent},
};
use askama::Template;
use axum::{
    Form,
    extract::{Multipart, Path},
    http::{HeaderValue, header},
};
use tuodi_access::{Act, Resource, Sensitivity};
use tuodi_casework::{
    CaseError, CaseNo, CaseView, Evidence, FieldError,
    mandate::{Mandate, MandateForm, MandateStanding, Proxy, end_mandate, entrust, mandate_form, mandates_of_case},
    words::basis_text,
};

pub struct Line {
    pub id: i64,
    pub who: String,
    pub phone: String,
    pub powers: String,
    pub tag: look::Tag,
    pub form: bool,
    pub in_force: bool,
}

#[derive(Default)]
pub struct MandateCard {
    pub lines: Vec<Line>,
    /// The reader may register and take back.
    pub may: bool,
}

#[derive(Template)]
#[template(path = "desk/mandate.html")]
struct MandatePage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    case: &'a str,
    whom: String,
    how: Vec<Choice>,
    code: String,
    called: String,
    id_no: String,
    phone: String,
    relations: Vec<Choice>,
    months: Vec<Choice>,
    sensitive: Vec<Choice>,
    authorises: Vec<Choice>,
    basis: String,
    key: String,
    problems: Problems,
}

fn may(cx: &Cx, view: &CaseView) -> bool {
    let Ok(actor) = cx.actor() else { return false };
    let (id, region) = (view.household, view.row.region_code.as_str());
    let household = Resource::of_household("household", id.to_string(), region, id, Sensitivity::Personal);
    cx.state.pack.workflow.mandate.is_some()
        && cx.state.access.authorise(actor, Act::Entrust, &household, "mandate").is_ok()
}

fn line(cx: &Cx, mandate: &Mandate) -> Line {
    let relation = cx.state.pack.workflow.mandate.as_ref().and_then(|r| r.relation(&mandate.relation));
    let relation = relation.map_or("", |title| cx.text(title));
    let way = cx.t(if mandate.online { "proxy.desk.online" } else { "proxy.desk.window" });
    let (kind, icon, state) = standing(cx, mandate);
    Line {
        id: mandate.id,
        who: cx.t3("proxy.desk.line", &mandate.proxy, relation, way),
        phone: mandate.phone.clone(),
        powers: powers(cx, mandate.sensitive, mandate.authorises).join(" · "),
        tag: look::Tag::new(kind, icon, state),
        form: mandate.has_form,
        in_force: mandate.standing == MandateStanding::InForce,
    }
}

pub async fn card(cx: &Cx, view: &CaseView) -> Result<Option<MandateCard>, WebError> {
    let all = mandates_of_case(&acting(cx)?, &view.row.case).await?;
    let may = may(cx, view);
    if all.is_empty() && !may {
        return Ok(None);
    }
    Ok(Some(MandateCard { lines: all.iter().map(|m| line(cx, m)).collect(), may }))
}

async fn show(cx: &Cx, case: &str, typed: &Fields, problems: Problems) -> PageResult {
    let view = open(cx, case).await?;
    let rules = cx.state.pack.workflow.mandate.as_ref().ok_or(WebError::NotFound)?;
    if !may(cx, &view) {
        return Err(WebError::NotFound);
    }
    let (relations, months) = offered(cx, typed);
    let typed_of = |name: &str| text_of(typed, name).to_owned();
    let page = MandatePage {
        v: cx,
        nav: nav::desk(cx),
        case: view.row.case.as_str(),
        whom: format!("{} · {}", view.row.applicant, view.row.case),
        how: ["named", "code"].map(|id| Choice::new(id, cx.t_of("proxy.desk.hows", id), text_of(typed, "how"))).into(),
        code: typed_of("code"),
        called: typed_of("name"),
        id_no: typed_of("id_no"),
        phone: typed_of("phone"),
        relations,
        months,
        sensitive: yes_no(|id| cx.t_of("proxy.desk.may_see", id), text_of(typed, "sensitive")),
        authorises: yes_no(|id| cx.t_of("proxy.desk.may_sign", id), text_of(typed, "authorises")),
        basis: cx.text(&basis_text(&cx.state.pack, &rules.basis)).to_owned(),
        key: typed.get("key").filter(|k| !k.is_empty()).cloned().unwrap_or_else(one_time_key),
        problems,
    };
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

pub async fn page(cx: Cx, Path(case): Path<String>) -> PageResult {
    show(&cx, &case, &Fields::new(), Problems::default()).await
}

/// The signed paper as it was sent.
fn paper(sent: Sent<Vec<u8>>) -> Result<Option<Evidence>, FieldError> {
    match sent {
        Sent::Nothing => Ok(None),
        Sent::TooLarge => Err(FieldError::new("form", "error.file_size")),
        Sent::File(bytes) => match Evidence::new(bytes) {
            Ok(evidence) => Ok(Some(evidence)),
            Err(problem) => Err(FieldError { field: "form".to_owned(), ..problem }),
        },
    }
}

fn read(typed: &Fields, sent: Sent<Vec<u8>>, case: &CaseNo) -> Result<MandateForm, CaseError> {
    let text = |name: &str| text_of(typed, name).to_owned();
    let proxy = match text_of(typed, "how") {
        "code" => Some(Proxy::Code(crate::form::plain_digits(text_of(typed, "code")))),
        "named" => Some(Proxy::Named { name: text("name"), id_no: text("id_no"), phone: text("phone") }),
        _ => None,
    };
    let paper = paper(sent).map_err(|problem| CaseError::Invalid(vec![problem]))?;
    Ok(MandateForm { case: Some(case.clone()), form: paper, ..said(typed, proxy) })
}

pub async fn give(cx: Cx, Path(case): Path<String>, form: Multipart) -> PageResult {
    let case = case_no(&case)?;
    let (typed, sent) = upload::in_memory(form, "form", Evidence::MOST_BYTES).await?;
    let view = open(&cx, case.as_str()).await?;
    let given = match read(&typed, sent, &case) {
        Ok(form) => entrust(&acting(&cx)?, view.household, form, text_of(&typed, "key")).await,
        Err(error) => Err(error),
    };
    match given {
        Ok(_) => cx.go(format!("/desk/cases/{case}?done=entrusted")),
        Err(CaseError::Invalid(errors)) => {
            show(&cx, case.as_str(), &typed, Problems::from_room(&cx, "proxy", &errors)).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn end(cx: Cx, Path(case): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let case = case_no(&case)?;
    let id: i64 = text_of(&typed, "mandate").parse().map_err(|_| WebError::NotFound)?;
    let room = acting(&cx)?;
    if !mandates_of_case(&room, &case).await?.iter().any(|m| m.id == id) {
        return Err(WebError::NotFound);
    }
    end_mandate(&room, id).await?;
    cx.go(format!("/desk/cases/{case}?done=mandate_ended"))
}

pub async fn form(cx: Cx, Path((case, id)): Path<(String, i64)>) -> PageResult {
    let evidence = mandate_form(&acting(&cx)?, &case_no(&case)?, id).await?;
    let kind = HeaderValue::from_static(evidence.mime());
    let mut response = cx.file("mandate", evidence.mime(), evidence.into_bytes())?;
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}
