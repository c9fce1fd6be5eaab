//! An application while it is being filled in, as the pages need it.

use crate::{
    Cx, WebError,
    citizen::{acting, case_no, questions::Step},
    form::Fields,
};
use tuodi_casework::{CaseNo, CaseState, CaseView, FieldError, known::KnownFact};
use tuodi_pack::PersonId;

#[derive(Debug, Clone)]
pub struct Member {
    pub id: PersonId,
    pub name: String,
    pub applicant: bool,
    pub adult: bool,
    /// Old enough for a wage of their own.
    pub earns: bool,
    /// Lives with the household, as far as answered.
    pub here: bool,
    pub consented: bool,
}

#[derive(Debug, Clone)]
pub struct Filling {
    pub case: CaseNo,
    pub version: i32,
    pub state: CaseState,
    pub fields: Fields,
    pub members: Vec<Member>,
    /// What was on file before, with its source.
    pub known: Vec<KnownFact>,
    /// Of the whole form.
    pub errors: Vec<FieldError>,
}

impl Filling {
    /// Adults who live here: each of them authorises the check.
    pub fn adults(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|m| m.here && m.adult)
    }

    pub fn is_open_for_answers(&self) -> bool {
        matches!(self.state, CaseState::Draft | CaseState::AwaitingConsent | CaseState::Returned)
    }
}

/// The application, if its answers can still be changed.
pub async fn load(cx: &Cx, case: &str) -> Result<Filling, WebError> {
    let filling = read(cx, case).await?;
    if filling.is_open_for_answers() { Ok(filling) } else { Err(WebError::Conflict("common.conflict.stage")) }
}

/// The application at whatever stage.
pub async fn read(cx: &Cx, case: &str) -> Result<Filling, WebError> {
    let view = tuodi_casework::view(&acting(cx)?, &case_no(case)?, "own case").await?;
    Ok(of(&view))
}

/// Who may have a wage of their own (Labour Law art. 15).
const WORKING_AGE: i32 = 16;

pub fn of(view: &CaseView) -> Filling {
    let member = |m: &tuodi_casework::Member| Member {
        id: m.person.id,
        name: m.person.name.clone(),
        applicant: m.person.id == view.applicant_id,
        adult: m.is_adult,
        earns: m.age.is_none_or(|age| age >= WORKING_AGE),
        here: m.lives_here,
        consented: m.consent.is_some(),
    };
    let mut members: Vec<Member> = view.members.iter().map(member).collect();
    members.sort_by_key(|m| !m.applicant);
    Filling {
        case: view.row.case.clone(),
        version: view.row.version,
        state: view.row.state,
        fields: view.fields.clone(),
        members,
        known: view.known.clone(),
        errors: view.problems.iter().map(|(_, problem)| problem.clone()).collect(),
    }
}

/// Where a person goes on: the first step with something missing, else the authorisation, else the review.
pub async fn next_address(cx: &Cx, case: &CaseNo) -> Result<String, WebError> {
    let filling = read(cx, case.as_str()).await?;
    if !filling.is_open_for_answers() {
        return Ok(format!("/citizen/cases/{case}"));
    }
    let unfinished = |step: &Step| filling.errors.iter().any(|e| Step::of_field(&e.field) == Some(*step));
    // A phone number and an account are not required: those pages are shown once, in their turn.
    let step = Step::ALL.into_iter().find(unfinished);
    Ok(match step {
        Some(step) => format!("/citizen/applications/{case}/{}", step.id()),
        None if filling.adults().any(|m| !m.consented) => format!("/citizen/applications/{case}/consent"),
        None => format!("/citizen/applications/{case}/review"),
    })
}
