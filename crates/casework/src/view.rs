//! One case with all its parts, as far as the role may see them. Every look is logged.

use crate::{
    CaseError, CaseNo, CaseState, Channel, Cx, Event, FieldError, Mark, NextStep,
    appeal::{self, Appeal},
    application::{events_of, household_of},
    change::{load, state_of, typed},
    check::{self, Verification},
    consent::{self, adults_without_consent},
    course::{self, CourseView},
    decision::{self, Decision},
    draft,
    error::Result,
    extension,
    known::{self, KnownFact},
    living,
    notice::{self, NoticeRow},
    objection, papers,
    publicity::{self, Posting},
    queue::{self, QueueRow},
    review::{self, Opinion},
    state::advance,
    tables::{benefit, case_file},
    visit::{self, Visit},
    voice::{self, OwnVoice},
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::BTreeMap;
use tuodi_access::{Act, Denied, Sensitivity, looks};
use tuodi_pack::{Fen, HouseholdId, PersonId, Text};
use tuodi_registry::Person;

#[derive(Debug, Clone)]
pub struct Member {
    pub person: Person,
    pub age: Option<i32>,
    pub is_adult: bool,
    /// As confirmed on the form.
    pub lives_here: bool,
    pub consent: Option<Consent>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    pub mark: Mark,
    pub channel: Channel,
    pub given_at: DateTime<Utc>,
    pub taken_by: String,
}

/// One line of the case's story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineRow {
    pub at: DateTime<Utc>,
    /// `case.accept`; the page has the words.
    pub act: String,
    pub from: Option<CaseState>,
    pub to: CaseState,
    pub actor: String,
    pub role: String,
    pub channel: Channel,
    pub details: serde_json::Value,
}

/// A step of the stepper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageRow {
    pub id: &'static str,
    pub title: Text,
    /// The day it was done.
    pub done_on: Option<NaiveDate>,
    pub now: bool,
}

/// An act the page can offer, or why not.
#[derive(Debug, Clone)]
pub struct Offer {
    pub act: Offered,
    /// Why the button is closed; none where it is open.
    pub denied: Option<Denied>,
}

/// Acts on a case that pages offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Offered {
    Fill,
    Submit,
    Consent,
    Accept,
    Return,
    RunCheck,
    RecordVisit,
    Judge,
    Opinion,
    Sign,
    EndPublicity,
    RecordObjection,
    ResolveObjection,
    CallAppraisal,
    Appraise,
    Decide,
    Appeal,
    AnswerAppeal,
    Convene,
    Meet,
    DeclareKin,
    Extend,
    SignExtension,
    Terminate,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BenefitRow {
    pub programme: String,
    pub monthly: Fen,
    pub from_month: NaiveDate,
    pub to_month: Option<NaiveDate>,
    pub class: Option<String>,
    pub next_reverify: Option<NaiveDate>,
    pub status: String,
}

#[derive(Debug, Clone)]
pub struct CaseView {
    pub row: QueueRow,
    pub household: HouseholdId,
    pub applicant_id: PersonId,
    pub tier: Option<String>,
    pub accepted_on: Option<NaiveDate>,
    pub submitted_on: Option<NaiveDate>,
    pub decided_on: Option<NaiveDate>,
    pub checked: bool,
    pub visited: bool,
    pub alert_task: Option<String>,
    pub members: Vec<Member>,
    /// Everything typed, as typed.
    pub fields: BTreeMap<String, String>,
    /// What was on file before it was typed, with its source.
    pub known: Vec<KnownFact>,
    /// What is wrong with it, with the step that asks it.
    pub problems: Vec<(&'static str, FieldError)>,
    pub without_consent: Vec<PersonId>,
    /// None where nothing was checked, or where the role sees conclusions only.
    pub verification: Option<Verification>,
    /// Newest first; empty where the role sees conclusions only.
    pub visits: Vec<Visit>,
    /// Documents of the household, number and kind, newest first; empty likewise.
    pub on_file: Vec<(i64, String)>,
    pub opinions: Vec<Opinion>,
    pub postings: Vec<Posting>,
    pub decision: Option<Decision>,
    /// Newest first.
    pub appeals: Vec<Appeal>,
    /// Which course it takes and what the platform's guard said of it; none for the household's own page.
    pub course: Option<CourseView>,
    /// The last day on which the household may appeal by itself.
    pub appeal_until: Option<NaiveDate>,
    /// What the household itself has said, newest first; for its own page only.
    pub voices: Vec<OwnVoice>,
    /// The newest step that the household may still rate; for its own page only.
    pub to_rate: Option<&'static str>,
    pub notices: Vec<NoticeRow>,
    pub benefits: Vec<BenefitRow>,
    pub timeline: Vec<TimelineRow>,
    pub stages: Vec<StageRow>,
    pub offers: Vec<Offer>,
    /// Somebody has been at the home, or the neighbourhood was asked, since a notice was objected to.
    pub looked_again: bool,
    /// The role sees the data behind the conclusions.
    pub full: bool,
}

impl CaseView {
    /// Whether the page offers an act, open or closed.
    pub fn offer(&self, act: Offered) -> Option<&Offer> {
        self.offers.iter().find(|o| o.act == act)
    }
}

/// The case for a page. `purpose` is stated by whoever looks; the look is logged with it.
pub async fn view(cx: &Cx, case: &CaseNo, purpose: &str) -> Result<CaseView> {
    let file = load(cx.store.read(), case).await?;
    if let Err(refused) = cx.authorise_at(Act::ViewCase, &file, Vec::new(), Sensitivity::Personal, purpose) {
        if let CaseError::Denied(denied) = &refused {
            // Somebody tried to see what is not theirs: that is on record too.
            let attempt = format!("refused: {}", denied.why.code());
            looks::record(&cx.store, &cx.actor, &case.subject(), &attempt, cx.at()).await?;
        }
        return Err(refused);
    }
    let full = cx.authorise_at(Act::ViewCase, &file, Vec::new(), Sensitivity::Sensitive, purpose).is_ok();
    looks::record(&cx.store, &cx.actor, &case.subject(), purpose, cx.at()).await?;

    let conn = cx.store.read();
    let keys = cx.store.keys();
    let household = household_of(cx, HouseholdId(file.household_id)).await?;
    let fields = typed(conn, keys, &case.0).await?;
    let without_consent = adults_without_consent(conn, keys, cx, &file, &household).await?;
    let state = state_of(&file);
    let filling = matches!(state, CaseState::Draft | CaseState::AwaitingConsent | CaseState::Returned);
    let problems = if filling {
        let (_, problems) = draft::read(&fields, &household.members, cx.today());
        problems.into_iter().map(|p| (draft::step_of(&p.field), p)).collect()
    } else {
        Vec::new()
    };
    let members = members(cx, &file, &household.members, &fields).await?;
    let applicant = crate::application::name_in(&household, file.applicant_id);
    let own = cx.actor.role.is_citizen();
    let offers = offers(cx, &file, filling).await?;
    let looked_again = state == CaseState::Objection
        && objection::looked_again(conn, case, &publicity::latest_row(conn, &case.0).await?).await?;
    let known = known::shown(cx, &file, &household, &fields, filling, full).await?;
    Ok(CaseView {
        household: household.id,
        applicant_id: PersonId(file.applicant_id),
        tier: file.tier.clone(),
        accepted_on: file.accepted_on,
        submitted_on: file.submitted_on,
        decided_on: file.decided_on,
        checked: file.checked,
        visited: file.visited,
        alert_task: file.alert_task.clone(),
        members,
        known,
        problems,
        without_consent,
        verification: if full { check::latest(conn, keys, &case.0).await? } else { None },
        visits: if full && !own { visit::of_case(conn, keys, &case.0).await? } else { Vec::new() },
        on_file: if full && !own { papers::kinds_on_file(conn, &file).await? } else { Vec::new() },
        opinions: if own { Vec::new() } else { review::of_case(conn, keys, &case.0).await? },
        // The objector is protected: the household sees that there was an objection, not whose.
        postings: publicity::of_case(conn, keys, &case.0, full && !own).await?,
        decision: decision::of_case(conn, keys, &case.0).await?,
        course: if own { None } else { Some(course::of_case(conn, &case.0).await?) },
        appeals: if full || own { appeal::of_case(conn, keys, &case.0).await? } else { Vec::new() },
        appeal_until: appeal::until(cx, &file),
        voices: if own { voice::of_case(conn, keys, &case.0).await? } else { Vec::new() },
        to_rate: if own { to_rate(cx, &file).await? } else { None },
        notices: notice::of_case(conn, &case.0).await?,
        benefits: benefits(cx, &case.0).await?,
        timeline: timeline(cx, &case.0).await?,
        stages: stages(cx, &file, &events_of(cx, &case.0).await?),
        offers,
        looked_again,
        fields: if full || own { fields } else { BTreeMap::new() },
        full,
        row: queue::row_of(cx, file, applicant)?,
    })
}

async fn members(cx: &Cx, file: &case_file::Model, members: &[Person], fields: &draft::Fields) -> Result<Vec<Member>> {
    let rows = consent::in_force(cx.store.read(), cx, file.household_id, cx.pack.main_purpose(), &file.case_no).await?;
    Ok(members
        .iter()
        .map(|person| Member {
            age: person.birth_date.map(|birth| draft::age_on(birth, cx.today())),
            is_adult: draft::is_adult(person, cx.today()),
            lives_here: draft::lives_here(fields, person.id),
            consent: rows.iter().find(|row| row.person_id == person.id.0).map(|row| Consent {
                mark: Mark::from_id(&row.mark).unwrap_or(Mark::Paper),
                channel: Channel::from_id(&row.channel).unwrap_or(Channel::System),
                given_at: row.given_at,
                taken_by: row.taken_by.clone(),
            }),
            person: person.clone(),
        })
        .collect())
}

async fn benefits(cx: &Cx, case: &str) -> Result<Vec<BenefitRow>> {
    let rows = benefit::Entity::find()
        .filter(benefit::Column::CaseNo.eq(case))
        .order_by_asc(benefit::Column::Id)
        .all(cx.store.read())
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| BenefitRow {
            programme: row.programme,
            monthly: Fen(row.monthly),
            from_month: row.from_month,
            to_month: row.to_month,
            class: row.class,
            next_reverify: row.next_reverify,
            status: row.status,
        })
        .collect())
}

async fn timeline(cx: &Cx, case: &str) -> Result<Vec<TimelineRow>> {
    let own = cx.actor.role.is_citizen();
    Ok(events_of(cx, case)
        .await?
        .into_iter()
        // Steps of typing are not news.
        .filter(|row| row.act != "case.save")
        .map(|row| TimelineRow {
            at: row.at,
            from: row.from_state.as_deref().and_then(CaseState::from_id),
            to: CaseState::from_id(&row.to_state).unwrap_or(CaseState::Draft),
            actor: row.actor,
            role: row.role,
            channel: Channel::from_id(&row.channel).unwrap_or(Channel::System),
            details: if own { serde_json::Value::Null } else { row.details },
            act: row.act,
        })
        .collect())
}

/// The stepper: the acts that close each stage, and where the case stands.
fn stages(cx: &Cx, file: &case_file::Model, events: &[crate::tables::case_event::Model]) -> Vec<StageRow> {
    let state = state_of(file);
    let done = |acts: &[&str]| {
        events.iter().rev().find(|e| acts.contains(&e.act.as_str())).map(|e| crate::cx::beijing_date(e.at))
    };
    let publicises = file
        .programme
        .as_deref()
        .and_then(|id| cx.pack.programme(id))
        .is_none_or(|p| p.publicity == tuodi_pack::programme::Publicity::Village);
    let mut rows = vec![
        (
            "submitted",
            Text::new("提交", "Submitted"),
            done(&["case.submit"]),
            &[CaseState::Draft, CaseState::AwaitingConsent, CaseState::Returned][..],
        ),
        ("accepted", Text::new("受理", "Accepted"), done(&["case.accept"]), &[CaseState::Submitted]),
        (
            "checking",
            Text::new("核对", "Checked"),
            done(&["case.check"]).filter(|_| file.checked),
            &[CaseState::Accepted, CaseState::Checking],
        ),
        (
            "surveying",
            Text::new("入户调查", "Visited"),
            done(&["case.visit"]).filter(|_| file.visited),
            &[CaseState::Surveying],
        ),
        (
            "reviewed",
            Text::new("初审", "Reviewed"),
            done(&["case.sign"]),
            &[CaseState::ManualCheck, CaseState::Reviewed],
        ),
    ];
    if publicises {
        rows.push((
            "publicised",
            Text::new("公示", "Publicity"),
            done(&["case.end_publicity", "case.resolve_objection"]),
            &[CaseState::Publicised, CaseState::Objection, CaseState::Appraisal],
        ));
    }
    rows.push((
        "confirming",
        Text::new("审核确认", "Decided"),
        file.decided_on,
        &[CaseState::Confirming, CaseState::SpecialReview, CaseState::Appealed],
    ));
    rows.push(("assisting", Text::new("发放", "Paid"), done(&["case.pay"]), &[CaseState::Approved]));
    rows.into_iter()
        .map(|(id, title, done_on, at)| {
            let now = at.contains(&state) && !(state == CaseState::Surveying && file.visited && id == "surveying")
                || (id == "reviewed" && state == CaseState::Surveying && file.visited && file.checked);
            StageRow { id, title, done_on: done_on.filter(|_| !now), now }
        })
        .collect()
}

/// Steps of the stepper that are done, in their order.
pub(crate) async fn done_steps(cx: &Cx, file: &case_file::Model) -> Result<Vec<&'static str>> {
    let stages = stages(cx, file, &events_of(cx, &file.case_no).await?);
    Ok(stages.into_iter().filter(|s| s.done_on.is_some()).map(|s| s.id).collect())
}

async fn to_rate(cx: &Cx, file: &case_file::Model) -> Result<Option<&'static str>> {
    let Some(rules) = &cx.pack.workflow.satisfaction else { return Ok(None) };
    let rated = voice::ratings_of(cx.store.read(), &file.case_no).await?;
    let open = |step: &&str| rules.steps.iter().any(|s| s == step) && !rated.iter().any(|r| r.step == **step);
    Ok(done_steps(cx, file).await?.into_iter().rev().find(open))
}

/// What this page can offer this person now. A closed act says why and who can.
async fn offers(cx: &Cx, file: &case_file::Model, filling: bool) -> Result<Vec<Offer>> {
    let state = state_of(file);
    let next = NextStep::from_id(&file.next_step).unwrap_or(NextStep::Done);
    let can = |event| advance(state, event).is_some();
    let surveyed = file.checked && file.visited;
    let mut list: Vec<(Offered, Act, Vec<String>)> = Vec::new();
    let mut offer = |here: bool, act, permission, excluded| {
        if here {
            list.push((act, permission, excluded));
        }
    };
    offer(filling, Offered::Fill, Act::Apply, Vec::new());
    offer(can(Event::Submit), Offered::Submit, Act::Apply, Vec::new());
    offer(state.is_open() && file.decided_on.is_none(), Offered::Consent, Act::Consent, Vec::new());
    offer(can(Event::Accept), Offered::Accept, Act::Accept, Vec::new());
    offer(can(Event::Return), Offered::Return, Act::Return, Vec::new());
    offer(can(Event::CheckDone), Offered::RunCheck, Act::RecordCheck, Vec::new());
    offer(can(Event::VisitDone), Offered::RecordVisit, Act::RecordVisit, Vec::new());
    offer(next == NextStep::ExplainDifferences, Offered::Judge, Act::Review, Vec::new());
    offer(can(Event::Review) && surveyed, Offered::Opinion, Act::Review, Vec::new());
    if state == CaseState::Reviewed {
        let given_by = review::latest_row(cx.store.read(), &file.case_no).await?.map(|row| row.given_by);
        offer(true, Offered::Sign, Act::Publicise, given_by.into_iter().collect());
    }
    if state == CaseState::Publicised {
        offer(file.step_due.is_some_and(|d| d < cx.today()), Offered::EndPublicity, Act::Review, Vec::new());
    }
    let posted = state != CaseState::Adjusting || living::posted::hung(cx.store.read(), &file.case_no).await?.is_some();
    offer(can(Event::Object) && posted, Offered::RecordObjection, Act::RecordObjection, Vec::new());
    if matches!(state, CaseState::Objection | CaseState::Appraisal) {
        let kept_out = objection::kept_out(cx.store.read(), &file.case_no).await?;
        let calls = can(Event::CallAppraisal) && cx.pack.workflow.appraisal.is_some();
        offer(state == CaseState::Objection, Offered::ResolveObjection, Act::Review, kept_out.clone());
        offer(calls, Offered::CallAppraisal, Act::Review, kept_out.clone());
        offer(can(Event::Appraise), Offered::Appraise, Act::Review, kept_out);
    }
    if matches!(state, CaseState::Confirming | CaseState::SpecialReview) {
        let kept_out = review::kept_out_of_confirmation(cx.store.read(), file).await?;
        let convenes = can(Event::Convene) && cx.pack.workflow.special_review.is_some();
        offer(convenes, Offered::Convene, Act::Decide, kept_out.clone());
        offer(can(Event::Meet), Offered::Meet, Act::Decide, kept_out.clone());
        offer(next != NextStep::Deliberate, Offered::Decide, Act::Decide, kept_out);
    }
    let kin = state.is_open() && cx.pack.workflow.kin.is_some();
    offer(kin, Offered::DeclareKin, Act::DeclareKin, Vec::new());
    match extension::standing(cx.store.read(), &file.case_no).await? {
        Some(row) if row.outcome.is_none() && state.is_running() => {
            offer(true, Offered::SignExtension, Act::SignExtension, vec![row.proposed_by]);
        }
        Some(_) => {}
        None => {
            let longer = !extension::grounds(cx, file).is_empty() && extension::longer(cx, file)?.is_some();
            offer(longer, Offered::Extend, Act::Extend, Vec::new());
        }
    }
    let by_decision = decision::of_case(cx.store.read(), cx.store.keys(), &file.case_no).await?.is_some();
    let may_appeal = can(Event::Appeal) && by_decision && cx.pack.workflow.appeal.is_some();
    offer(may_appeal, Offered::Appeal, Act::Appeal, Vec::new());
    if state == CaseState::Appealed {
        let kept_out = review::kept_out_of_confirmation(cx.store.read(), file).await?;
        offer(true, Offered::AnswerAppeal, Act::Decide, kept_out);
    }
    let ending = if cx.actor.role.is_citizen() { Act::Withdraw } else { Act::Terminate };
    offer(can(Event::Terminate), Offered::Terminate, ending, Vec::new());
    Ok(list
        .into_iter()
        .map(|(act, permission, excluded)| {
            let denied = match cx.authorise(permission, file, excluded) {
                Ok(_) => None,
                Err(CaseError::Denied(denied)) => Some(*denied),
                // `authorise` has no other refusal.
                Err(_) => None,
            };
            Offer { act, denied }
        })
        .collect())
}
