//! One assessment: who, where, by when; the six dimensions; whom it is given to.

use super::{
    Side,
    list::{names, whose},
    title,
};
use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        look::{self, Tag},
        nav::{self, NavGroup},
        one_time_key,
    },
    field::assessment::{self, Section},
    form::{self, Choice, Fields, Problems},
    view::place,
};
use askama::Template;
use tuodi_access::Account;
use tuodi_casework::{
    CaseError, CaseState,
    reassess::{AssessForm, Task, assess, assessors, give as give_to, task},
};

#[derive(Template)]
#[template(path = "assess/desk_form.html")]
struct DeskPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    problems: Problems,
    f: TaskForm,
}

#[derive(Template)]
#[template(path = "assess/field_form.html")]
struct FieldPage<'a> {
    v: &'a View,
    problems: Problems,
    f: TaskForm,
}

pub(super) struct TaskForm {
    pub(super) back: &'static str,
    pub(super) action: String,
    pub(super) who: String,
    pub(super) place: String,
    pub(super) address: String,
    pub(super) phone: String,
    pub(super) occasion: String,
    pub(super) days: String,
    pub(super) due: Tag,
    pub(super) whose: String,
    /// Said above the form; may be empty.
    pub(super) hint: &'static str,
    /// When and by what it was answered, or that nobody is assessed any more.
    pub(super) closed: String,
    /// The visit of the case answers it too.
    pub(super) visit: Option<String>,
    pub(super) may_assess: bool,
    pub(super) entered: Entered,
    pub(super) done: Option<&'static str>,
}

/// The form as it was typed, or fresh.
pub(super) struct Entered {
    pub(super) sections: Vec<Section>,
    pub(super) on: String,
    pub(super) note: String,
    pub(super) key: String,
    /// Whom it can be given to; nobody where it is not this person's to give.
    pub(super) to: Vec<Choice>,
    pub(super) give_key: String,
}

pub(super) fn value<'t>(typed: &'t Fields, name: &str) -> &'t str {
    typed.get(name).map_or("", |v| v.trim())
}

impl Entered {
    pub(super) fn of(cx: &Cx, typed: &Fields, people: Vec<Account>) -> Entered {
        let pack = &cx.state.pack;
        let value = |name| value(typed, name);
        let key = |name| Some(value(name)).filter(|k| !k.is_empty()).map_or_else(one_time_key, str::to_owned);
        let mut to = Vec::new();
        if !people.is_empty() {
            let blank = cx.t("work.choose").to_owned();
            to.push(Choice { value: String::new(), label: blank, hint: String::new(), chosen: false });
            to.extend(people.into_iter().map(|a| Choice {
                chosen: a.id == value("to"),
                label: format!("{} · {} · {}", a.name, a.role.title(cx.lang), place(pack, &a.region, cx.lang)),
                value: a.id,
                hint: String::new(),
            }));
        }
        Entered {
            sections: assessment::sections(cx, pack, typed),
            on: if typed.contains_key("on") { value("on").to_owned() } else { cx.today().to_string() },
            note: value("note").to_owned(),
            key: key("key"),
            to,
            give_key: key("give_key"),
        }
    }
}

/// What an assessor entered, for the room.
pub(super) fn said(cx: &Cx, typed: &Fields) -> AssessForm {
    AssessForm {
        on: form::date(value(typed, "on")),
        answers: assessment::answers(&cx.state.pack, typed),
        note: value(typed, "note").to_owned(),
    }
}

/// Where a visit of the case can be recorded.
fn is_visited(state: CaseState) -> bool {
    tuodi_casework::advance(state, tuodi_casework::Event::VisitDone).is_some()
}

fn closed(cx: &Cx, task: &Task) -> String {
    match &task.row.answered {
        Some((on, by)) => cx.t2("assess.answered", cx.date(on), cx.t_of("assess.by", by)),
        None if task.row.ended => cx.t("assess.ended").to_owned(),
        None => String::new(),
    }
}

async fn show(cx: &Cx, id: i64, typed: &Fields, done: &str, problems: Problems, side: Side) -> PageResult {
    let acting = side.acting(cx)?;
    let task = task(&acting, id).await?;
    let pack = &cx.state.pack;
    let open = task.row.answered.is_none() && !task.row.ended;
    let people = if open && side == Side::Desk { assessors(&acting, id).await? } else { Vec::new() };
    let names = names(cx, std::slice::from_ref(&task.row)).await?;
    let visit = open && side == Side::Desk && is_visited(task.state);
    let form = TaskForm {
        back: side.base(),
        action: format!("{}/{id}", side.base()),
        who: task.applicant.clone(),
        place: place(pack, &task.row.region_code, cx.lang),
        address: task.address.clone(),
        phone: task.phone.clone(),
        occasion: title(cx, pack, task.row.occasion),
        days: cx.t2("assess.days", cx.date(&task.row.since), cx.full_date(&task.row.due_on)),
        due: look::due(cx, Some(task.row.due_on)),
        whose: whose(cx, &names, &task.row),
        hint: "",
        closed: closed(cx, &task),
        visit: visit.then(|| format!("/desk/cases/{}/visit", task.row.case)),
        may_assess: task.may_assess,
        entered: Entered::of(cx, typed, people),
        done: crate::words::find(cx.lang, &format!("assess.done.{done}")),
    };
    shown(cx, form, problems, side)
}

pub(super) fn shown(cx: &Cx, form: TaskForm, problems: Problems, side: Side) -> PageResult {
    let again = !problems.is_empty();
    match side {
        Side::Desk => {
            let page = DeskPage { v: cx, nav: nav::desk(cx), problems, f: form };
            if again { cx.form_again(&page) } else { cx.page(&page) }
        }
        Side::Field => {
            let page = FieldPage { v: cx, problems, f: form };
            if again { cx.form_again(&page) } else { cx.page(&page) }
        }
    }
}

pub(super) fn number(id: &str) -> Result<i64, WebError> {
    id.parse().map_err(|_| WebError::NotFound)
}

pub async fn page(cx: Cx, id: String, asked: Fields, side: Side) -> PageResult {
    let done = asked.get("done").cloned().unwrap_or_default();
    show(&cx, number(&id)?, &Fields::new(), &done, Problems::default(), side).await
}

pub async fn save(cx: Cx, id: String, typed: Fields, side: Side) -> PageResult {
    let id = number(&id)?;
    match assess(&side.acting(&cx)?, id, said(&cx, &typed), value(&typed, "key")).await {
        Ok(_) => cx.go(format!("{}/{id}?done=assessed", side.base())),
        Err(CaseError::Invalid(errors)) => {
            show(&cx, id, &typed, "", Problems::from_room(&cx, "assess", &errors), side).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn give(cx: Cx, id: String, typed: Fields, side: Side) -> PageResult {
    let id = number(&id)?;
    match give_to(&side.acting(&cx)?, id, value(&typed, "to"), value(&typed, "give_key")).await {
        Ok(()) => cx.go(format!("{}/{id}?done=given", side.base())),
        Err(CaseError::Invalid(errors)) => {
            show(&cx, id, &typed, "", Problems::from_room(&cx, "assess", &errors), side).await
        }
        Err(error) => Err(error.into()),
    }
}
