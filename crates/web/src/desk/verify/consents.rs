//! A household's authorisations: who has given which, on what, until when; taken at the window on the screen or as a
//! scanned form, and withdrawn as simply as they were given.

use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting,
        look::{self, Tag},
        nav::{self, NavGroup},
    },
    form::{Choice, Fields, Problems},
    upload::{self, Sent},
};
use askama::Template;
use axum::{
    Form,
    extract::{Multipart, Path},
    http::{HeaderValue, header},
    response::IntoResponse,
};
use tuodi_casework::{Authorisations, CaseError, ConsentForm, Evidence, Mark, Standing};
use tuodi_pack::{HouseholdId, Pack, PersonId};

/// One adult under one purpose.
pub struct ConsentLine {
    pub person: PersonId,
    pub name: String,
    pub tag: Tag,
    /// How, when and until when it was given.
    pub about: String,
    pub in_force: bool,
    /// Address of the signature or the form.
    pub evidence: Option<String>,
}

pub struct PurposeCard {
    pub id: String,
    pub title: String,
    pub basis: String,
    pub months: String,
    pub lines: Vec<ConsentLine>,
    pub complete: bool,
}

#[derive(Template)]
#[template(path = "desk/verify/consents.html")]
struct ConsentsPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    household: HouseholdId,
    name: String,
    cards: Vec<PurposeCard>,
    may_change: bool,
    purposes: Vec<Choice>,
    people: Vec<Choice>,
    /// As typed.
    written: String,
    marks: Vec<Choice>,
    done: Option<&'static str>,
    problems: Problems,
}

/// The purposes that need an authorisation, each with the household's adults.
pub fn cards(v: &View, pack: &Pack, found: &Authorisations, evidence_at: &str) -> Vec<PurposeCard> {
    let purposes = pack.verification.purposes.iter().filter(|p| p.takes_consent());
    purposes
        .map(|purpose| PurposeCard {
            id: purpose.id.clone(),
            title: v.text(&purpose.title).to_owned(),
            basis: crate::public::cite(pack, &purpose.basis, v.lang),
            months: v.tn("desk.consent.months", purpose.consent_months),
            complete: found.missing(&purpose.id).is_empty(),
            lines: found.adults.iter().map(|m| line(v, found, m, &purpose.id, evidence_at)).collect(),
        })
        .collect()
}

fn line(
    v: &View,
    found: &Authorisations,
    person: &tuodi_registry::Person,
    purpose: &str,
    evidence_at: &str,
) -> ConsentLine {
    let newest = found.given.iter().find(|a| a.person == person.id && a.purpose == purpose);
    let tag = match newest.map(|a| a.standing) {
        Some(Standing::InForce) => Tag::new("ok", "circle-check", v.t("desk.consent.in_force")),
        Some(Standing::Expired) => Tag::new("hold", "clock", v.t("desk.consent.expired")),
        Some(Standing::Withdrawn) => Tag::new("hold", "hand-stop", v.t("desk.consent.withdrawn")),
        Some(Standing::Replaced) | None => Tag::new("neutral", "pencil", v.t("desk.consent.none")),
    };
    let about = newest.map(|a| {
        let given = v.t2("desk.consent.given", v.full_date(&v.day_of(&a.given_at)), a.mark.title(v.lang));
        let end = match (&a.withdrawn_at, a.until) {
            (Some(at), _) => v.t1("desk.consent.withdrawn_on", v.full_date(&v.day_of(at))),
            (None, Some(until)) => v.t1("desk.consent.until", v.full_date(&until)),
            (None, None) => v.t("desk.consent.for_the_case").to_owned(),
        };
        format!("{given} · {end}")
    });
    ConsentLine {
        person: person.id,
        name: person.name.clone(),
        tag,
        about: about.unwrap_or_default(),
        in_force: found.in_force(person.id, purpose).is_some(),
        evidence: newest.filter(|a| a.evidence.is_some()).map(|a| format!("{evidence_at}/{}/form", a.id)),
    }
}

fn id_of(text: &str) -> Result<HouseholdId, WebError> {
    text.parse().map(HouseholdId).map_err(|_| WebError::NotFound)
}

pub(super) fn head_name(household: &tuodi_registry::Household) -> String {
    household.members.first().map(|m| m.name.clone()).unwrap_or_default()
}

async fn draw(cx: &Cx, id: HouseholdId, typed: &Fields, problems: Problems) -> Result<String, WebError> {
    let found = tuodi_casework::authorisations(&acting(cx)?, id).await?;
    let pack = &cx.state.pack;
    let chosen = |field: &str, value: &str| typed.get(field).is_some_and(|t| t == value);
    let choice = |field: &str, value: String, label: String| Choice {
        chosen: chosen(field, &value),
        hint: String::new(),
        value,
        label,
    };
    const MARKS: [Mark; 3] = [Mark::Signature, Mark::Paper, Mark::Fingerprint];
    let page = ConsentsPage {
        v: cx,
        nav: nav::desk(cx),
        household: id,
        name: head_name(&found.household),
        cards: cards(cx, pack, &found, &format!("/desk/households/{id}/consents")),
        may_change: found.may_change,
        purposes: pack
            .verification
            .purposes
            .iter()
            .filter(|p| p.takes_consent())
            .map(|p| choice("purpose", p.id.clone(), cx.text(&p.title).to_owned()))
            .collect(),
        people: found
            .adults
            .iter()
            .map(|m| choice("person", m.id.to_string(), format!("{} · {}", m.name, look::mask_id(&m.id_no))))
            .collect(),
        written: typed.get("name").cloned().unwrap_or_default(),
        marks: MARKS.iter().map(|m| choice("mark", m.id().to_owned(), m.title(cx.lang).to_owned())).collect(),
        done: match typed.get("done").map(String::as_str) {
            Some("given") => Some(cx.t("desk.consent.done_given")),
            Some("withdrawn") => Some(cx.t("desk.consent.done_withdrawn")),
            _ => None,
        },
        problems,
    };
    page.render().map_err(WebError::fault)
}

pub async fn page(
    cx: Cx,
    Path(id): Path<String>,
    axum::extract::Query(asked): axum::extract::Query<Fields>,
) -> PageResult {
    let html = draw(&cx, id_of(&id)?, &asked, Problems::default()).await?;
    Ok(axum::response::Html(html).into_response())
}

/// The signature that was drawn; none where the mark needs none on file.
pub fn evidence_of(typed: &Fields) -> Result<Option<Evidence>, tuodi_casework::FieldError> {
    match typed.get("evidence").map(|t| t.trim()).filter(|t| !t.is_empty()) {
        None => Ok(None),
        Some(url) => Evidence::from_data_url(url).map(Some),
    }
}

pub async fn give(cx: Cx, Path(id): Path<String>, form: Multipart) -> PageResult {
    let id = id_of(&id)?;
    let (typed, scan) = upload::in_memory(form, "scan", Evidence::MOST_BYTES).await?;
    let text = |name: &str| typed.get(name).map_or("", |t| t.trim());
    let mut problems = Problems::default();
    let mark = Mark::from_id(text("mark")).unwrap_or(Mark::Paper);
    // The paper form, where one was scanned; else what was drawn.
    let evidence = match scan {
        Sent::Nothing => evidence_of(&typed),
        Sent::TooLarge => Err(tuodi_casework::FieldError::new("scan", "error.file_size")),
        Sent::File(bytes) => Evidence::new(bytes)
            .map(Some)
            .map_err(|problem| tuodi_casework::FieldError { field: "scan".to_owned(), ..problem }),
    };
    if mark == Mark::Signature && matches!(evidence, Ok(None)) {
        problems.add("evidence", cx.t("desk.consent.sign_first"));
    }
    let person: Option<i64> = text("person").parse().ok();
    if person.is_none() {
        problems.add("person", cx.t("common.form.error.choice"));
    }
    let given = match (person, evidence) {
        (Some(person), Ok(evidence)) if problems.is_empty() => {
            let form = ConsentForm { person: PersonId(person), name: text("name").to_owned(), mark, evidence };
            tuodi_casework::give_household_consent(&acting(&cx)?, id, text("purpose"), form).await
        }
        (_, Err(problem)) => Err(CaseError::Invalid(vec![problem])),
        _ => Err(CaseError::Invalid(Vec::new())),
    };
    match given {
        Ok(()) => cx.go(format!("/desk/households/{id}/consents?done=given")),
        Err(CaseError::Invalid(errors)) => {
            problems.0.extend(Problems::from_room(&cx, "desk", &errors).0);
            let html = draw(&cx, id, &typed, problems).await?;
            Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, axum::response::Html(html)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn withdraw(cx: Cx, Path(id): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let id = id_of(&id)?;
    let text = |name: &str| typed.get(name).map_or("", |t| t.trim());
    let person = text("person").parse().map(PersonId).map_err(|_| WebError::NotFound)?;
    tuodi_casework::withdraw_household_consent(&acting(&cx)?, id, person, text("purpose")).await?;
    cx.go(format!("/desk/households/{id}/consents?done=withdrawn"))
}

pub async fn form(cx: Cx, Path((id, consent)): Path<(String, i64)>) -> PageResult {
    let evidence = tuodi_casework::consent_evidence(&acting(&cx)?, id_of(&id)?, consent).await?;
    let kind = HeaderValue::from_static(evidence.mime());
    let mut response = cx.file("authorisation", evidence.mime(), evidence.into_bytes())?;
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}
