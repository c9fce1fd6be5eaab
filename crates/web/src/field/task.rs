//! One household to visit, as its visitor may see it. The desk shows the same with what its roles may see more.

use crate::{
    Cx, PageResult, View, WebError,
    desk::{self, nav::NavGroup},
    field::{
        acting,
        home::{TaskLine, line},
    },
    rests::Feeds,
};
use askama::Template;
use tuodi_access::{Act, Resource};
use tuodi_casework::words::{basis_text, fact_text};
use tuodi_pack::{Pack, PersonId};
use tuodi_watch::{TaskState, TaskView};

/// Whose page it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Field,
    Desk,
}

impl Side {
    /// Address of a task, before its number.
    pub fn base(self) -> &'static str {
        match self {
            Side::Field => "/field/tasks",
            Side::Desk => "/desk/alerts",
        }
    }

    pub fn acting(self, cx: &Cx) -> Result<tuodi_casework::Cx, WebError> {
        match self {
            Side::Field => acting(cx),
            Side::Desk => desk::acting(cx),
        }
    }
}

pub struct MemberLine {
    pub name: String,
    pub about: String,
}

pub struct AlertLine {
    pub title: String,
    pub reason: String,
    pub person: String,
    pub raised: String,
    /// How many later runs saw it again.
    pub again: i32,
    /// For roles that may see the facts behind it; empty for a grid worker.
    pub facts: Vec<(String, String)>,
    pub basis: String,
    /// Feeds behind it that were late, degraded or out of agreement then.
    pub marks: Vec<String>,
}

pub struct OutcomeLine {
    pub code: &'static str,
    pub when: String,
    pub with_whom: String,
    pub note: String,
    pub level: String,
}

/// Everything the page of a task draws.
pub struct TaskBody {
    pub id: i64,
    pub version: i32,
    pub base: &'static str,
    pub line: TaskLine,
    pub address: String,
    pub phone: Option<String>,
    pub members: Vec<MemberLine>,
    pub alerts: Vec<AlertLine>,
    pub outcomes: Vec<OutcomeLine>,
    /// The role sees the facts behind the reasons.
    pub full: bool,
    pub open: bool,
    pub started: bool,
    pub may_record: bool,
    /// Whom one may open an application for, right from here.
    pub apply_for: Option<PersonId>,
    pub case_href: Option<String>,
    pub household_href: Option<String>,
}

#[derive(Template)]
#[template(path = "field/task.html")]
struct FieldTaskPage<'a> {
    v: &'a View,
    t: TaskBody,
}

#[derive(Template)]
#[template(path = "desk/task.html")]
struct DeskTaskPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    t: TaskBody,
}

#[derive(serde::Deserialize)]
pub struct Started {
    version: i32,
}

pub fn number(id: &str) -> Result<i64, WebError> {
    id.parse().map_err(|_| WebError::NotFound)
}

pub async fn open(cx: &Cx, id: &str, side: Side) -> Result<TaskView, WebError> {
    Ok(tuodi_watch::task(&side.acting(cx)?, number(id)?, "home visit").await?)
}

pub async fn page(cx: Cx, id: String, side: Side) -> PageResult {
    let view = open(&cx, &id, side).await?;
    let mut t = body(&cx, &view, side);
    // Sources may say more than the plain reason: only where the facts are shown too.
    if view.alerts.iter().any(|a| a.evidence.is_some()) {
        let feeds = Feeds::load(&cx).await?;
        for (line, alert) in t.alerts.iter_mut().zip(&view.alerts).filter(|(_, a)| a.evidence.is_some()) {
            line.marks = feeds.of_indicator(&cx, &cx.state.pack, &alert.indicator, alert.raised_on);
        }
    }
    match side {
        Side::Field => cx.page(&FieldTaskPage { v: &cx, t }),
        Side::Desk => cx.page(&DeskTaskPage { v: &cx, nav: desk::nav::desk(&cx), t }),
    }
}

pub async fn start(cx: Cx, id: String, form: Started, side: Side) -> PageResult {
    let number = number(&id)?;
    tuodi_watch::start_visit(&side.acting(&cx)?, number, form.version).await?;
    cx.go(format!("{}/{number}/visit", side.base()))
}

pub fn body(cx: &Cx, view: &TaskView, side: Side) -> TaskBody {
    let pack = &cx.state.pack;
    let row = &view.row;
    let member = |(_, name, age): &(PersonId, String, Option<i32>)| MemberLine {
        name: name.clone(),
        about: age.map(|age| cx.t1("desk.person.age", age)).unwrap_or_default(),
    };
    let outcome = |o: &tuodi_watch::OutcomeView| OutcomeLine {
        code: o.code.title(cx.lang),
        when: cx.date(&o.visited_on),
        with_whom: o.with_whom.clone(),
        note: o.note.clone(),
        level: (o.index.as_ref())
            .and_then(|i| pack.assessment.level(&i.level))
            .map(|l| cx.text(&l.title).to_owned())
            .unwrap_or_default(),
    };
    let role = cx.who.as_ref().map(|w| w.role);
    let region = row.region_code.as_str();
    let may = |act, kind| role.is_some_and(|r| cx.state.access.role_may(r, act, &Resource::general(kind, "", region)));
    let desk_door = role.is_some_and(|r| crate::Door::of(r).contains(&crate::Door::Desk));
    let open = row.state != TaskState::Closed;
    let adult = view.members.iter().find(|(_, _, age)| age.is_none_or(|age| age >= 18));
    TaskBody {
        id: row.id,
        version: row.version,
        base: side.base(),
        line: line(cx, pack, row, side.base()),
        address: view.address.clone().unwrap_or_default(),
        phone: view.phone.clone(),
        members: view.members.iter().map(member).collect(),
        alerts: view.alerts.iter().map(|a| alert(cx, pack, a)).collect(),
        outcomes: view.outcomes.iter().map(outcome).collect(),
        full: view.full,
        open,
        started: row.state == TaskState::Visiting,
        may_record: open && may(Act::RecordOutcome, "task"),
        apply_for: adult.filter(|_| desk_door && may(Act::Apply, "household")).map(|(id, ..)| *id),
        case_href: row.case.as_ref().filter(|_| desk_door).map(|c| format!("/desk/cases/{c}")),
        household_href: (side == Side::Desk && view.full && may(Act::ViewHousehold, "household"))
            .then(|| format!("/desk/households/{}", row.household)),
    }
}

fn alert(cx: &Cx, pack: &Pack, a: &tuodi_watch::AlertView) -> AlertLine {
    let basis = pack.indicator(&a.indicator).map(|i| basis_text(pack, &i.basis));
    AlertLine {
        title: cx.text(&a.title).to_owned(),
        reason: cx.text(&a.reason).to_owned(),
        person: a.person_name.clone(),
        raised: cx.date(&a.raised_on),
        again: a.appended,
        facts: a.evidence.as_ref().map(|e| evidence(cx, pack, e)).unwrap_or_default(),
        basis: basis.filter(|_| a.evidence.is_some()).map(|b| cx.text(&b).to_owned()).unwrap_or_default(),
        marks: Vec::new(),
    }
}

/// Facts by name, as the alert keeps them, in the pack's words.
fn evidence(cx: &Cx, pack: &Pack, evidence: &serde_json::Value) -> Vec<(String, String)> {
    let Some(facts) = evidence.as_object() else { return Vec::new() };
    let line = |(name, value): (&String, &serde_json::Value)| {
        let fact = pack.fact(name).map(|(_, fact)| fact);
        let title = fact.map_or(name.as_str(), |f| cx.text(&f.title)).to_owned();
        let plain = match value {
            serde_json::Value::Null => None,
            serde_json::Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        let unit = fact.map_or("", |f| f.unit.as_str());
        (title, cx.text(&fact_text(plain.as_deref(), unit)).to_owned())
    };
    facts.iter().map(line).collect()
}
