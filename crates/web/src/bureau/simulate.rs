//! Trying other values of parameters on the whole district: the form, the run, what came out (政策试算).

use crate::{
    Cx, PageResult, View, WebError,
    bureau::{authorise, nav, trial_book::trial_book, trial_view::ResultView},
    desk::nav::NavGroup,
    form::{Choice, Problems, date},
    url::escape,
};
use askama::Template;
use axum::{Form, extract::Query, http::header, response::Response};
use chrono::NaiveDate;
use tuodi_access::{Act, Resource};
use tuodi_pack::{
    Pack, Setting, SettingError,
    trial::{Question, Scenario, Standing, Step, TrialError},
    words,
};
use tuodi_store::{Entry, Recorded, StoreError};

type Pairs = Vec<(String, String)>;

/// Parameters that one scenario may change on the page; a longer list is a case for two packs.
const ROWS: usize = 3;
const NAMES: [&str; 2] = ["set", "against"];
const PURPOSES: [&str; 3] = ["decision", "report", "study"];
const SHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

pub struct Parameter {
    pub id: String,
    pub label: String,
}

/// One line of the form.
pub struct Line {
    pub field: String,
    /// Of its value.
    pub value_field: String,
    pub parameter: String,
    pub value: String,
}

pub struct Side {
    pub title: &'static str,
    pub lines: Vec<Line>,
    pub optional: bool,
}

#[derive(Template)]
#[template(path = "bureau/simulate.html")]
struct SimulatePage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    as_of: String,
    parameters: Vec<Parameter>,
    sides: Vec<Side>,
    problems: Problems,
    running: Option<&'static str>,
    failed: Option<String>,
    result: Option<ResultView>,
    /// What was asked, for the file.
    asked: Pairs,
    purposes: Vec<Choice>,
    may_export: bool,
}

/// Who may see figures of the whole district may try rules on it: everything that comes out is a figure of a group.
fn open(cx: &Cx) -> Result<tuodi_casework::Cx, WebError> {
    authorise(cx, Act::ViewOverview, "overview")
}

/// The day of the newest pass, or today.
pub async fn usual_day(cx: &Cx) -> Result<NaiveDate, WebError> {
    Ok(cx.state.data.last_pass().await?.map_or_else(|| cx.today(), |p| p.as_of))
}

/// Why a run gave nothing, in words.
pub fn failure(cx: &Cx, error: &TrialError) -> String {
    match error {
        TrialError::NoData(day) => cx.t1("trial.failed.no_data", cx.full_date(day)),
        TrialError::NoRules(day) => cx.t1("trial.failed.no_rules", cx.full_date(day)),
        TrialError::Fault(_) => cx.t("trial.failed.fault").to_owned(),
    }
}

pub fn step(cx: &Cx, step: Step) -> &'static str {
    match step {
        Step::Today => cx.t("trial.running.today"),
        Step::Question => cx.t("trial.running.question"),
    }
}

/// A page that shows how far the work is looks again by itself, with or without JavaScript.
pub fn look_again(mut page: Response, running: bool) -> Response {
    if running {
        page.headers_mut().insert(header::REFRESH, header::HeaderValue::from_static("2"));
    }
    page
}

fn first<'a>(pairs: &'a Pairs, name: &str) -> &'a str {
    pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
}

/// The scenarios of an address; parts that cannot be read are left out, as in any address that somebody has cut.
fn scenarios(cx: &Cx, pairs: &Pairs) -> Vec<Scenario> {
    let pack = &cx.state.pack;
    let mut out = Vec::new();
    for (place, name) in NAMES.into_iter().enumerate() {
        let texts = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
        let settings: Vec<Setting> = texts.filter_map(|text| Setting::parse(pack, text).ok()).take(ROWS).collect();
        if !settings.is_empty() {
            out.push(Scenario { name: cx.t_of("trial.side", NAMES[place]).to_owned(), settings });
        }
    }
    out
}

/// Today's value at the district, in the parameter's own unit.
fn today(pack: &Pack, id: &str, as_of: NaiveDate) -> Option<i64> {
    pack.parameters.value(id, &pack.info.jurisdiction, as_of)
}

/// What a person types for a value: yuan for money, the unit itself for the rest.
fn typed(unit: &str, amount: i64) -> String {
    match is_money(unit) {
        true => tuodi_pack::Fen(amount).to_string().replace(',', ""),
        false => amount.to_string(),
    }
}

fn is_money(unit: &str) -> bool {
    unit.split('/').next() == Some("fen")
}

fn parameters(cx: &Cx, as_of: NaiveDate) -> Vec<Parameter> {
    let pack = &cx.state.pack;
    let listed = pack.parameters.all.iter().filter_map(|p| {
        let value = today(pack, &p.id, as_of)?;
        let label = format!("{} · {}", cx.text(&p.title), words::quantity(&pack.info, value, &p.unit, cx.lang));
        Some(Parameter { id: p.id.clone(), label })
    });
    listed.collect()
}

/// Lines of the form as they were sent, or as the address says.
fn sides(cx: &Cx, typed_in: Option<&Pairs>, scenarios: &[(usize, Vec<Setting>)]) -> Vec<Side> {
    let pack = &cx.state.pack;
    let side = |place: usize| {
        let lines = (0..ROWS).map(|row| {
            let field = format!("{}{row}", NAMES[place]);
            let value_field = format!("{field}-v");
            if let Some(pairs) = typed_in {
                let value = first(pairs, &value_field).to_owned();
                return Line { parameter: first(pairs, &field).to_owned(), value, field, value_field };
            }
            let own = scenarios.iter().find(|(at, _)| *at == place).and_then(|(_, settings)| settings.get(row));
            let unit = own.and_then(|s| pack.parameters.get(&s.parameter)).map_or("", |p| p.unit.as_str());
            Line {
                parameter: own.map(|s| s.parameter.clone()).unwrap_or_default(),
                value: own.map(|s| typed(unit, s.amount)).unwrap_or_default(),
                field,
                value_field,
            }
        });
        Side { title: cx.t_of("trial.side", NAMES[place]), lines: lines.collect(), optional: place > 0 }
    };
    (0..NAMES.len()).map(side).collect()
}

pub async fn page(cx: Cx, Query(pairs): Query<Pairs>) -> PageResult {
    let acting = open(&cx)?;
    let as_of = match date(first(&pairs, "as_of")) {
        Some(day) => day,
        None => usual_day(&cx).await?,
    };
    let scenarios = scenarios(&cx, &pairs);
    let mut page = draw(&cx, &acting, as_of, None);
    if !scenarios.is_empty() {
        let placed: Vec<(usize, Vec<Setting>)> = scenarios
            .iter()
            .map(|s| (usize::from(s.name == cx.t_of("trial.side", NAMES[1])), s.settings.clone()))
            .collect();
        page.sides = sides(&cx, None, &placed);
        match cx.state.trials.ask(Question::Trial { as_of, scenarios }).await {
            Standing::Running(at) => page.running = Some(step(&cx, at)),
            Standing::Trial(trial) => page.result = Some(ResultView::of(&cx, &trial)),
            Standing::Failed(error) => page.failed = Some(failure(&cx, &error)),
            Standing::Cliffs(_) | Standing::Poverty(_) => return Err(WebError::NotFound),
        }
        page.asked = pairs;
    }
    let running = page.running.is_some();
    Ok(look_again(cx.page(&page)?, running))
}

fn draw<'a>(cx: &'a Cx, acting: &tuodi_casework::Cx, as_of: NaiveDate, typed_in: Option<&Pairs>) -> SimulatePage<'a> {
    let resource = Resource::general("overview", "simulation", acting.actor.region.as_str());
    SimulatePage {
        v: cx,
        nav: nav(cx),
        as_of: as_of.to_string(),
        parameters: parameters(cx, as_of),
        sides: sides(cx, typed_in, &[]),
        problems: Problems::default(),
        running: None,
        failed: None,
        result: None,
        asked: Vec::new(),
        purposes: purposes(cx),
        may_export: cx.state.access.authorise(&acting.actor, Act::Export, &resource, "simulation").is_ok(),
    }
}

fn purposes(cx: &Cx) -> Vec<Choice> {
    let choice = |p: &&str| Choice {
        value: (*p).to_owned(),
        label: cx.t_of("trial.purpose", p).to_owned(),
        hint: String::new(),
        chosen: false,
    };
    PURPOSES.iter().map(choice).collect()
}

/// Reads the form, writes the run into the journal and leads to the address of its result.
pub async fn run(cx: Cx, Form(pairs): Form<Pairs>) -> PageResult {
    let acting = open(&cx)?;
    let pack = &cx.state.pack;
    let mut problems = Problems::default();
    let as_of = date(first(&pairs, "as_of"));
    if as_of.is_none() {
        problems.add("as_of", cx.t("trial.problem.as_of"));
    }
    let mut address = format!("/bureau/simulate?as_of={}", as_of.unwrap_or_else(|| cx.today()));
    let mut settings = Vec::new();
    for name in NAMES {
        for row in 0..ROWS {
            let field = format!("{name}{row}");
            let (id, value) = (first(&pairs, &field).trim(), first(&pairs, &format!("{field}-v")).trim());
            if id.is_empty() && value.is_empty() {
                continue;
            }
            let Some(parameter) = pack.parameters.get(id) else {
                problems.add(field, cx.t("trial.problem.parameter"));
                continue;
            };
            match Setting::amount(&crate::form::plain_digits(value), &parameter.unit, true) {
                Ok(amount) => {
                    address.push_str(&format!("&{name}={}", escape(&format!("{id}={amount}"))));
                    settings.push(format!("{name} {id}={amount}"));
                }
                Err(SettingError::Value { money, .. }) => {
                    let key = if money { "trial.problem.money" } else { "trial.problem.number" };
                    problems.add(format!("{field}-v"), cx.t(key));
                }
                Err(_) => problems.add(format!("{field}-v"), cx.t("trial.problem.number")),
            }
        }
    }
    if settings.is_empty() && problems.is_empty() {
        problems.add("set0", cx.t("trial.problem.nothing"));
    }
    if !problems.is_empty() {
        let mut page = draw(&cx, &acting, as_of.unwrap_or_else(|| cx.today()), Some(&pairs));
        page.as_of = first(&pairs, "as_of").to_owned();
        page.problems = problems;
        return cx.form_again(&page);
    }
    let details = serde_json::json!({ "as_of": as_of, "settings": settings });
    write(&cx, &acting, "simulation.run", details).await?;
    cx.go(address)
}

async fn write(cx: &Cx, acting: &tuodi_casework::Cx, act: &str, details: serde_json::Value) -> Result<(), WebError> {
    let entry = Entry {
        at: acting.at(),
        actor: acting.actor.account.clone(),
        role: acting.actor.role.id().to_owned(),
        act: act.to_owned(),
        subject: "simulation".to_owned(),
        region: acting.actor.region.clone(),
        details,
    };
    cx.state.store.write(move |_| Box::pin(async move { Ok::<_, StoreError>(Recorded::new((), entry)) })).await?;
    Ok(())
}

/// The same figures as a workbook, with a purpose and an entry in the journal.
pub async fn file(cx: Cx, Form(pairs): Form<Pairs>) -> PageResult {
    let acting = open(&cx)?;
    let purpose = first(&pairs, "purpose");
    let resource = Resource::general("overview", "simulation", acting.actor.region.as_str());
    cx.state.access.authorise(&acting.actor, Act::Export, &resource, purpose)?;
    let Some(as_of) = date(first(&pairs, "as_of")) else { return Err(WebError::NotFound) };
    let scenarios = scenarios(&cx, &pairs);
    if scenarios.is_empty() {
        return Err(WebError::NotFound);
    }
    if !PURPOSES.contains(&purpose) {
        let mut page = draw(&cx, &acting, as_of, None);
        page.problems.add("purpose", cx.t("trial.problem.purpose"));
        page.asked = pairs;
        return cx.form_again(&page);
    }
    let Standing::Trial(trial) = cx.state.trials.ask(Question::Trial { as_of, scenarios }).await else {
        // Forgotten since: the page works it out again.
        let kept = pairs.iter().filter(|(key, _)| NAMES.contains(&key.as_str()) || key == "as_of");
        let query: Vec<String> = kept.map(|(key, value)| format!("{key}={}", escape(value))).collect();
        return cx.go(format!("/bureau/simulate?{}", query.join("&")));
    };
    let who = cx.view.who.as_ref().map(|w| format!("{} · {} · {}", w.name, w.role, w.place)).unwrap_or_default();
    let book = trial_book(&cx.state.pack, &trial, cx.lang, &who).map_err(WebError::fault)?;
    let settings: Vec<&String> =
        pairs.iter().filter(|(key, _)| NAMES.contains(&key.as_str())).map(|(_, value)| value).collect();
    let details = serde_json::json!({ "as_of": as_of, "settings": settings, "purpose": purpose });
    write(&cx, &acting, "simulation.export", details).await?;
    cx.file(&format!("simulation_{as_of}.xlsx"), SHEET, book)
}
