//! The home visit of a case: two visitors, what was found of each member and of what was declared, six dimensions,
//! photographs, everybody's signature.
//!
//! A file is put on file as it arrives: a form that comes back for a mistake cannot carry it again.

use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting, case, case_no,
        nav::{self, NavGroup},
        visit_papers::{self, PaperChoice},
        visit_signs::{self, Pad},
    },
    field::assessment::{self, Section},
    form::{Choice, Fields, Problems, date, money, plain_digits},
};
use askama::Template;
use axum::extract::{Multipart, Path};
use tuodi_casework::{
    CaseError, CaseView, FieldError, MemberFinding, Offered, SeenAmount, VisitForm, Visitor, WorkAbility, seen_field,
};
use tuodi_pack::{Pack, PersonId, facts::Grain};

/// The six things of TK art. 21.
const SELF_CARE: [&str; 6] = ["eat", "dress", "bed", "toilet", "walk", "wash"];

pub struct MemberForm {
    pub id: PersonId,
    pub name: String,
    pub about: String,
    pub self_care: Vec<Choice>,
    pub all_done: bool,
    pub work: Vec<Choice>,
    pub supporter: Vec<Choice>,
    pub disease: Vec<Choice>,
    pub here: Vec<Choice>,
    pub wage: String,
    pub seen: Vec<SeenLine>,
}

/// One amount or number asked again at the home.
pub struct SeenLine {
    pub field: String,
    pub label: String,
    pub hint: String,
    pub unit: &'static str,
    pub value: String,
}

pub struct VisitorFields {
    pub label: String,
    pub name_field: String,
    pub account_field: String,
    pub name: String,
    pub account: String,
    /// The question how this one signs.
    pub ask: String,
    pub how: Vec<Choice>,
    pub pad: Pad,
}

#[derive(Template)]
#[template(path = "desk/visit.html")]
struct VisitPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    case: &'a str,
    whom: String,
    address: String,
    version: i32,
    visited_on: String,
    visitors: [VisitorFields; 3],
    members: Vec<MemberForm>,
    sections: Vec<Section>,
    /// Of the household.
    seen: Vec<SeenLine>,
    signed: Vec<Choice>,
    family_pad: Pad,
    unsigned: Vec<Choice>,
    unsigned_words: String,
    /// The pack has photographs of visits.
    takes_papers: bool,
    papers: Vec<PaperChoice>,
    photo_hint: String,
    note: String,
    problems: Problems,
}

pub type Typed = Vec<(String, String)>;

pub fn value<'a>(typed: &'a [(String, String)], name: &str) -> &'a str {
    typed.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.trim())
}

pub async fn page(cx: Cx, Path(case): Path<String>) -> PageResult {
    show(&cx, &case, &[], Problems::default()).await
}

async fn show(cx: &Cx, case: &str, typed: &[(String, String)], problems: Problems) -> PageResult {
    let view = case::open(cx, case).await?;
    let offer = view.offer(Offered::RecordVisit).ok_or(WebError::Conflict("common.conflict.stage"))?;
    if let Some(denied) = &offer.denied {
        return Err(denied.clone().into());
    }
    let papers = visit_papers::choices(cx, &view, typed).await?;
    let page = draw(cx, &view, typed, papers, problems);
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

fn draw<'a>(
    cx: &'a Cx,
    view: &'a CaseView,
    typed: &[(String, String)],
    papers: Vec<PaperChoice>,
    problems: Problems,
) -> VisitPage<'a> {
    let fields: Fields = typed.iter().cloned().collect();
    let who = cx.who.as_ref();
    let first = typed.is_empty();
    let visitor = |n: usize| {
        let (name_field, account_field) = (format!("visitor.{n}"), format!("account.{n}"));
        let (name, account) = match (first, n, who) {
            (true, 0, Some(who)) => (who.name.as_str(), who.account.as_str()),
            _ => (value(typed, &name_field), value(typed, &account_field)),
        };
        VisitorFields {
            label: cx.t1("desk.visit.visitor", n + 1),
            name: name.to_owned(),
            account: account.to_owned(),
            ask: cx.t2("desk.visit.mark", n + 1, name),
            how: visit_signs::how(cx, n, typed),
            pad: visit_signs::pad(cx, Some(n), typed),
            name_field,
            account_field,
        }
    };
    let rules = cx.state.pack.workflow.visit.as_ref();
    VisitPage {
        v: cx,
        nav: nav::desk(cx),
        case: view.row.case.as_str(),
        whom: format!("{} · {}", view.row.applicant, view.row.case),
        address: view.members.iter().find_map(|m| m.person.address.clone()).unwrap_or_default(),
        version: view.row.version,
        visited_on: if first { cx.today().to_string() } else { value(typed, "visited_on").to_owned() },
        visitors: [0, 1, 2].map(visitor),
        members: view.members.iter().map(|m| member(cx, m, typed)).collect(),
        sections: assessment::sections(cx, &cx.state.pack, &fields),
        seen: seen_lines(cx, None, typed),
        signed: visit_signs::family(cx, typed),
        family_pad: visit_signs::pad(cx, None, typed),
        unsigned: visit_signs::reasons(cx, typed),
        unsigned_words: value(typed, "unsigned_words").to_owned(),
        takes_papers: rules.is_some(),
        papers,
        photo_hint: cx.t2("desk.visit.photo_hint", visit_papers::MOST_MB, rules.map_or(0, |r| r.most)),
        note: value(typed, "note").to_owned(),
        problems,
    }
}

fn member(cx: &Cx, m: &tuodi_casework::Member, typed: &[(String, String)]) -> MemberForm {
    let id = m.person.id;
    let field = |name: &str| value(typed, &format!("{name}.{id}")).to_owned();
    let choices = |name: &str, all: &[(&str, &str)]| -> Vec<Choice> {
        let answer = field(name);
        let choice = |(value, label): &(&str, &str)| Choice {
            value: (*value).to_owned(),
            label: (*label).to_owned(),
            hint: String::new(),
            chosen: answer == *value,
        };
        all.iter().map(choice).collect()
    };
    let not_asked = ("", cx.t("desk.visit.not_asked"));
    let yes_no = [("yes", cx.t("desk.yes")), ("no", cx.t("desk.no")), not_asked];
    let mut work: Vec<(&str, &str)> = WorkAbility::ALL.iter().map(|w| (w.id(), w.title(cx.lang))).collect();
    work.push(not_asked);
    let self_care = format!("self_care.{id}");
    let ticked = |item: &str| typed.iter().any(|(n, v)| *n == self_care && v == item);
    MemberForm {
        id,
        name: m.person.name.clone(),
        about: m.age.map(|age| cx.t1("desk.person.age", age)).unwrap_or_default(),
        self_care: SELF_CARE
            .iter()
            .map(|item| Choice {
                value: (*item).to_owned(),
                label: cx.t_of("desk.visit.self_care", item).to_owned(),
                hint: String::new(),
                chosen: ticked(item),
            })
            .collect(),
        all_done: ticked("none"),
        work: choices("work", &work),
        supporter: choices("supporter", &yes_no),
        disease: choices("disease", &yes_no),
        here: choices("here", &yes_no),
        wage: field("wage"),
        seen: seen_lines(cx, Some(id), typed),
    }
}

/// What is asked of a member, or of the household: column, counted in fen, title, hint.
fn asks(pack: &Pack, of_person: bool) -> impl Iterator<Item = (&tuodi_pack::visit::Ask, bool)> {
    pack.visit_asks().filter_map(move |(ask, item)| {
        let (group, fact) = pack.fact(&item.fact)?;
        (matches!(group.grain, Grain::Person) == of_person).then(|| (ask, fact.unit.starts_with("fen")))
    })
}

fn seen_lines(cx: &Cx, person: Option<PersonId>, typed: &[(String, String)]) -> Vec<SeenLine> {
    let line = |(ask, is_money): (&tuodi_pack::visit::Ask, bool)| {
        let field = seen_field(&ask.name, person);
        SeenLine {
            label: cx.text(&ask.title).to_owned(),
            hint: ask.hint.as_ref().map(|hint| cx.text(hint).to_owned()).unwrap_or_default(),
            unit: cx.t(if is_money { "desk.visit.times" } else { "desk.visit.count" }),
            value: value(typed, &field).to_owned(),
            field,
        }
    };
    asks(&cx.state.pack, person.is_some()).map(line).collect()
}

/// What was asked again; what was left empty was not asked.
fn seen_of(cx: &Cx, person: Option<PersonId>, typed: &Typed, problems: &mut Problems) -> Vec<SeenAmount> {
    let mut seen = Vec::new();
    for (ask, is_money) in asks(&cx.state.pack, person.is_some()) {
        let field = seen_field(&ask.name, person);
        let text = value(typed, &field);
        if text.is_empty() {
            continue;
        }
        let amount =
            if is_money { money(text).map(|fen| fen.0) } else { plain_digits(text).parse::<u32>().ok().map(i64::from) };
        match amount {
            Some(value) => seen.push(SeenAmount { name: ask.name.clone(), person, value }),
            None => problems.add(field, cx.t("desk.problem.seen_amount")),
        }
    }
    seen
}

/// What was asked of one member; the rest stays unknown.
fn finding(cx: &Cx, person: PersonId, typed: &[(String, String)], problems: &mut Problems) -> MemberFinding {
    let field = |name: &str| value(typed, &format!("{name}.{person}"));
    let yes_no = |name: &str| match field(name) {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    let self_care = format!("self_care.{person}");
    let ticked: Vec<&str> = typed.iter().filter(|(n, _)| *n == self_care).map(|(_, v)| v.as_str()).collect();
    let fails = SELF_CARE.iter().filter(|item| ticked.contains(*item)).count();
    let wage = match field("wage") {
        "" => None,
        text => {
            let wage = money(text);
            if wage.is_none() {
                problems.add(format!("wage.{person}"), cx.t("common.form.error.amount"));
            }
            wage
        }
    };
    MemberFinding {
        person,
        // Something ticked, or "all can be done": otherwise it was not asked.
        self_care_fail: (fails > 0 || ticked.contains(&"none")).then_some(fails as u8),
        work_ability: WorkAbility::from_id(field("work")),
        has_able_supporter: yes_no("supporter"),
        lives_here: yes_no("here"),
        serious_disease: yes_no("disease"),
        wage_month: wage,
    }
}

/// An account typed beside a name must be somebody: it decides who may confirm later. With the row of each.
async fn visitors(cx: &Cx, typed: &Typed, problems: &mut Problems) -> Result<Vec<(usize, Visitor)>, WebError> {
    let mut visitors = Vec::new();
    for n in 0..3 {
        let name = value(typed, &format!("visitor.{n}")).to_owned();
        let account = value(typed, &format!("account.{n}")).to_owned();
        if name.is_empty() && account.is_empty() {
            continue;
        }
        if account.is_empty() {
            visitors.push((n, Visitor { account: None, name }));
            continue;
        }
        match tuodi_access::accounts::find(&cx.state.store, &account).await? {
            Some(found) => {
                let name = if name.is_empty() { found.name } else { name };
                visitors.push((n, Visitor { name, account: Some(account) }));
            }
            None => problems.add(format!("account.{n}"), cx.t("desk.problem.account_unknown")),
        }
    }
    Ok(visitors)
}

/// The room counts visitors, the page rows: one may have been left empty.
fn in_rows(errors: Vec<FieldError>, rows: &[usize]) -> Vec<FieldError> {
    let in_row = |error: FieldError| {
        let at = error.field.strip_prefix("mark.").and_then(|n| n.parse::<usize>().ok());
        match at.and_then(|at| rows.get(at)) {
            Some(row) => FieldError { field: format!("mark.{row}"), ..error },
            None => error,
        }
    };
    errors.into_iter().map(in_row).collect()
}

pub async fn save(cx: Cx, Path(case): Path<String>, form: Multipart) -> PageResult {
    let case = case_no(&case)?;
    let mut problems = Problems::default();
    // Whoever may not record a visit here leaves nothing on file either.
    let view = case::open(&cx, case.as_str()).await?;
    let offer = view.offer(Offered::RecordVisit).ok_or(WebError::Conflict("common.conflict.stage"))?;
    if let Some(denied) = &offer.denied {
        return Err(denied.clone().into());
    }
    let typed = visit_papers::take(&cx, &case, form, &mut problems).await?;
    let visited_on = date(value(&typed, "visited_on"));
    if visited_on.is_none() {
        problems.add("visited_on", cx.t("desk.problem.visited_on_date"));
    }
    let (rows, visitors): (Vec<usize>, Vec<Visitor>) = visitors(&cx, &typed, &mut problems).await?.into_iter().unzip();
    let mut signatures = Vec::new();
    for row in &rows {
        signatures.push(visit_signs::of_visitor(&cx, *row, &typed, &mut problems).await?);
    }
    let family = visit_signs::of_family(&cx, &typed, &mut problems).await?;
    let members = view.members.iter().map(|m| finding(&cx, m.person.id, &typed, &mut problems)).collect();
    let mut seen = seen_of(&cx, None, &typed, &mut problems);
    for member in &view.members {
        seen.extend(seen_of(&cx, Some(member.person.id), &typed, &mut problems));
    }
    let Some(visited_on) = visited_on.filter(|_| problems.is_empty()) else {
        return show(&cx, case.as_str(), &typed, problems).await;
    };
    let fields: Fields = typed.iter().cloned().collect();
    let form = VisitForm {
        visited_on,
        visitors,
        members,
        seen,
        answers: assessment::answers(&cx.state.pack, &fields),
        signatures,
        family,
        papers: visit_papers::chosen(&typed),
        note: value(&typed, "note").to_owned(),
    };
    let version = value(&typed, "version").parse().unwrap_or(0);
    match tuodi_casework::record_visit(&acting(&cx)?, cx.state.engine.as_ref(), &case, version, form).await {
        Ok(_) => cx.go(format!("/desk/cases/{case}?done=visit")),
        Err(CaseError::Invalid(errors)) => {
            let problems = Problems::from_room(&cx, "desk", &in_rows(errors, &rows));
            show(&cx, case.as_str(), &typed, problems).await
        }
        Err(error) => Err(error.into()),
    }
}
