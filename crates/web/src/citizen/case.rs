//! One case: which step, who holds it, by which day, and the letters so far.

use crate::{
    Cx, PageResult, View,
    citizen::{
        acting,
        appeal::{self, AppealCard},
        case_no,
        home::{NextAct, due, next_act, title},
        progress::{self, StageDot},
        reasons::{self, Reasons},
        voice::{self, VoiceCard},
    },
    form::Fields,
    url,
};
use askama::Template;
use axum::extract::{Path, Query};
use tuodi_access::Role;
use tuodi_casework::CaseView;
use tuodi_pack::{Pack, PersonId};

pub struct LetterLine {
    pub title: &'static str,
    pub number: String,
    pub day: String,
    pub href: String,
}

pub struct ConsentLine {
    pub id: PersonId,
    pub name: String,
    pub given: bool,
}

#[derive(Template)]
#[template(path = "citizen/case.html")]
pub struct CasePage<'a> {
    /// Where to say that something has changed, or what one thinks of a proposed change.
    pub change: String,
    pub v: &'a View,
    pub case: &'a str,
    pub title: String,
    pub state: &'static str,
    pub kind: &'static str,
    pub icon: &'static str,
    pub stages: Vec<StageDot>,
    pub next: &'static str,
    pub holder: String,
    pub due: String,
    pub publicity: String,
    pub act: Option<NextAct>,
    pub letters: Vec<LetterLine>,
    pub consents: Vec<ConsentLine>,
    pub can_withdraw: bool,
    pub reasons: Option<Reasons>,
    pub appeal: Option<AppealCard>,
    /// It may still be said that an officer is a relative.
    pub may_declare_kin: bool,
    pub voice: VoiceCard,
    /// A step was rated just now.
    pub rated: bool,
    /// When and how one shows that one is alive, where it is asked.
    pub life: Option<LifeCard>,
}

pub struct LifeCard {
    /// Due soon or over; otherwise nothing is to be done.
    pub due: bool,
    pub until: String,
    /// Title of a way, and what to do.
    pub ways: Vec<(String, String)>,
}

pub async fn page(cx: Cx, Path(case): Path<String>, Query(asked): Query<Fields>) -> PageResult {
    let case = case_no(&case)?;
    let view = tuodi_casework::view(&acting(&cx)?, &case, "own case").await?;
    let me = cx.actor()?.person;
    let mut page = draw(&cx, &cx.state.pack, &view, me);
    page.rated = asked.get("rated").is_some_and(|r| r == "yes");
    page.life = life(&cx, &case).await?;
    cx.page(&page)
}

async fn life(cx: &Cx, case: &tuodi_casework::CaseNo) -> Result<Option<LifeCard>, crate::WebError> {
    let Some(rules) = &cx.state.pack.workflow.living.proof else { return Ok(None) };
    let Some(found) = tuodi_casework::life::life_of(&acting(cx)?, case).await? else { return Ok(None) };
    let due = found.visit_by.is_some() || found.reminded_on.is_some();
    let ways = rules.ways.iter().map(|w| (cx.text(&w.title).to_owned(), cx.text(&w.how).to_owned()));
    Ok(Some(LifeCard { due, until: cx.full_date(&found.due_on), ways: ways.collect() }))
}

pub fn draw<'a>(v: &'a View, pack: &Pack, view: &'a CaseView, me: Option<PersonId>) -> CasePage<'a> {
    let row = &view.row;
    let (kind, icon) = progress::look(row.state);
    let case = row.case.as_str();
    let letter = |n: &tuodi_casework::NoticeRow| LetterLine {
        title: n.kind.title(v.lang),
        number: n.number.clone(),
        day: v.date(&n.issued_on),
        href: format!("/citizen/cases/{case}/notices/{}", url::escape(&n.number)),
    };
    let role = Role::ALL.iter().find(|r| r.id() == row.next_step.role());
    CasePage {
        v,
        case,
        title: title(v, pack, row),
        state: row.state.title(v.lang),
        kind,
        icon,
        stages: progress::dots(v, row.state, &view.stages),
        next: v.t_of("citizen.next_step", row.next_step.id()),
        holder: match role {
            Some(role) if row.state.is_running() => v.t1("citizen.case.holder", role.title(v.lang)),
            _ => String::new(),
        },
        due: due(v, row),
        publicity: (view.postings.iter().find(|p| p.status == "open"))
            .map(|p| v.t1("citizen.case.publicity", v.date(&p.ends_on)))
            .unwrap_or_default(),
        change: if crate::desk::living::can_tell(row.state) {
            format!("/citizen/cases/{case}/change")
        } else {
            String::new()
        },
        act: next_act(v, case, row.next_step),
        letters: view.notices.iter().rev().map(letter).collect(),
        consents: (view.members.iter().filter(|m| m.is_adult && m.lives_here))
            .map(|m| ConsentLine { id: m.person.id, name: m.person.name.clone(), given: m.consent.is_some() })
            .collect(),
        can_withdraw: row.state.is_open(),
        reasons: reasons::reasons(v, pack, view, me),
        appeal: appeal::card(v, view),
        may_declare_kin: view.offer(tuodi_casework::Offered::DeclareKin).is_some_and(|o| o.denied.is_none()),
        voice: voice::card(v, pack, view),
        rated: false,
        life: None,
    }
}
