//! The old course and the new one side by side: days, hands, documents, share of clean cases. Counts only.

use crate::{
    Cx, PageResult, View, WebError,
    bureau::{acting, cockpit::grouped, nav},
    desk::nav::NavGroup,
    form::{self, Choice, Problems},
};
use askama::Template;
use axum::extract::Query;
use chrono::{Months, NaiveDate};
use serde::Deserialize;
use tuodi_access::{Act, Resource};
use tuodi_casework::{CourseComparison, CourseFigures};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    from: String,
    to: String,
    region: String,
}

pub struct Line {
    pub title: &'static str,
    /// One a course.
    pub cells: Vec<String>,
}

#[derive(Template)]
#[template(path = "bureau/courses.html")]
struct CoursesPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    from: String,
    to: String,
    regions: Vec<Choice>,
    now: String,
    heads: Vec<&'static str>,
    lines: Vec<Line>,
    none: bool,
    /// Empty for those who may not take lists out.
    export: String,
    problems: Problems,
}

struct Wanted {
    from: NaiveDate,
    to: NaiveDate,
    region: String,
}

/// The last three months where nothing is asked; the region is the actor's or one within it.
fn wanted(cx: &Cx, acting: &tuodi_casework::Cx, asked: &Asked, problems: &mut Problems) -> Wanted {
    let mut day = |field: &str, typed: &str, usual: NaiveDate| {
        if typed.trim().is_empty() {
            return usual;
        }
        form::date(typed.trim()).unwrap_or_else(|| {
            problems.add(field, cx.t("course.compare.bad_day"));
            usual
        })
    };
    let to = day("to", &asked.to, cx.today());
    let from = day("from", &asked.from, to - Months::new(3));
    if from > to {
        problems.add("from", cx.t("course.compare.bad_period"));
    }
    let own = acting.actor.region.clone();
    let region = if asked.region.is_empty() { own } else { asked.region.clone() };
    Wanted { from, to, region }
}

async fn compared(cx: &Cx, acting: &tuodi_casework::Cx, wanted: &Wanted) -> Result<CourseComparison, WebError> {
    // Nothing but a region of the pack is looked for.
    if cx.state.pack.regions.get(&wanted.region).is_none() && wanted.region != acting.actor.region {
        return Err(WebError::NotFound);
    }
    Ok(tuodi_casework::compare_courses(acting, &wanted.region, wanted.from, wanted.to).await?)
}

fn may_export(acting: &tuodi_casework::Cx) -> bool {
    let sums = Resource::general("overview", "courses", acting.actor.region.as_str());
    acting.access.authorise(&acting.actor, Act::Export, &sums, "report").is_ok()
}

pub async fn page(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    let acting = acting(&cx)?;
    let mut problems = Problems::default();
    let wanted = wanted(&cx, &acting, &asked, &mut problems);
    let found = if problems.is_empty() { Some(compared(&cx, &acting, &wanted).await?) } else { None };
    let pack = &cx.state.pack;
    let own = pack.regions.get(&acting.actor.region).into_iter();
    let regions = own.chain(pack.regions.children(&acting.actor.region)).map(|region| Choice {
        value: region.code.clone(),
        label: cx.text(&region.name).to_owned(),
        hint: String::new(),
        chosen: region.code == wanted.region,
    });
    let typed = |typed: &str, day: NaiveDate| if typed.is_empty() { day.to_string() } else { typed.to_owned() };
    let wrong = !problems.is_empty();
    let page = CoursesPage {
        v: &cx,
        nav: nav(&cx),
        from: typed(&asked.from, wanted.from),
        to: typed(&asked.to, wanted.to),
        regions: regions.collect(),
        now: cx.t1("course.compare.now", cx.t_of("course.name", pack.workflow.flow.course.id())),
        heads: found.iter().flat_map(CourseComparison::courses).map(|(c, _)| cx.t_of("course.name", c.id())).collect(),
        lines: found.as_ref().map(|found| lines(&cx, found)).unwrap_or_default(),
        none: found.as_ref().is_some_and(|found| found.courses().iter().all(|(_, f)| f.decided == 0)),
        export: match found {
            Some(_) if may_export(&acting) => {
                format!("/bureau/courses/export?from={}&to={}&region={}", wanted.from, wanted.to, wanted.region)
            }
            _ => String::new(),
        },
        problems,
    };
    if wrong { cx.form_again(&page) } else { cx.page(&page) }
}

fn lines(cx: &Cx, found: &CourseComparison) -> Vec<Line> {
    let number = |n: Option<i64>| n.map_or_else(|| "—".to_owned(), |n| n.to_string());
    let share = |n: u64, of: u64| match of {
        0 => "—".to_owned(),
        of => format!("{}（{}%）", grouped(n), (n * 100 + of / 2) / of),
    };
    let share = |n, of| if cx.is_zh() { share(n, of) } else { share(n, of).replace('（', " (").replace('）', ")") };
    type Cell<'a> = Box<dyn Fn(&CourseFigures) -> String + 'a>;
    let cells: [(&str, Cell<'_>); 9] = [
        ("decided", Box::new(|f| grouped(f.decided))),
        ("days_median", Box::new(|f| number(f.days.median))),
        ("days_p90", Box::new(|f| number(f.days.p90))),
        ("hands_median", Box::new(|f| number(f.hand_overs.median))),
        ("hands_p90", Box::new(|f| number(f.hand_overs.p90))),
        ("papers", Box::new(|f| grouped(f.papers))),
        ("asked", Box::new(|f| share(f.asked, f.decided))),
        ("clean", Box::new(|f| share(f.clean, f.decided))),
        ("forward", Box::new(|f| share(f.forward, f.decided))),
    ];
    let line = |(id, cell): &(&str, Cell<'_>)| Line {
        title: cx.t_of("course.line", id),
        cells: found.courses().iter().map(|(_, figures)| cell(figures)).collect(),
    };
    cells.iter().map(line).collect()
}

pub async fn export(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    let acting = acting(&cx)?;
    acting.access.authorise(
        &acting.actor,
        Act::Export,
        &Resource::general("overview", "courses", acting.actor.region.as_str()),
        "report",
    )?;
    let mut problems = Problems::default();
    let wanted = wanted(&cx, &acting, &asked, &mut problems);
    if !problems.is_empty() {
        return Err(WebError::NotFound);
    }
    let found = compared(&cx, &acting, &wanted).await?;
    let book = tuodi_casework::course_workbook(&acting, &found, cx.lang)?;
    cx.file(&book.name, book.mime, book.bytes)
}
