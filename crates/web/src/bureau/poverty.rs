//! Hardship in six dimensions over the district: how many, how deep, in what (Alkire-Foster).

use crate::{
    Cx, PageResult, View, WebError,
    bureau::{
        authorise,
        cockpit::grouped,
        nav,
        simulate::{failure, look_again, step, usual_day},
        trial_view::{Bar, Cells, count},
    },
    desk::nav::NavGroup,
};
use askama::Template;
use axum::extract::Query;
use serde::Deserialize;
use tuodi_access::Act;
use tuodi_pack::trial::{Measured, Poverty, PovertyRow, Question, Standing};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    as_of: String,
    /// Poverty line, parts per thousand.
    k: String,
    /// `people` or `households`.
    by: String,
}

pub struct Link {
    pub href: String,
    pub label: String,
    pub current: bool,
}

pub struct Figure {
    pub label: &'static str,
    pub value: String,
    pub line: &'static str,
}

pub struct Table {
    pub title: String,
    pub rows: Vec<Cells>,
}

pub struct PovertyView {
    pub lead: String,
    pub sample: String,
    pub lines: Vec<Link>,
    pub weights: Vec<Link>,
    pub figures: Vec<Figure>,
    pub dimensions: Vec<Bar>,
    pub items: Vec<Cells>,
    pub tables: Vec<Table>,
    pub few: bool,
}

#[derive(Template)]
#[template(path = "bureau/poverty.html")]
struct PovertyPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    running: Option<&'static str>,
    failed: Option<String>,
    nobody: bool,
    result: Option<PovertyView>,
}

pub async fn page(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    authorise(&cx, Act::ViewOverview, "overview")?;
    let as_of = match crate::form::date(&asked.as_of) {
        Some(day) => day,
        None => usual_day(&cx).await?,
    };
    let mut page = PovertyPage { v: &cx, nav: nav(&cx), running: None, failed: None, nobody: false, result: None };
    match cx.state.trials.ask(Question::Poverty { as_of }).await {
        Standing::Running(at) => page.running = Some(step(&cx, at)),
        Standing::Poverty(Some(poverty)) if poverty.assessed_households > 0 => {
            page.result = view(&cx, &poverty, &asked);
        }
        Standing::Poverty(_) => page.nobody = true,
        Standing::Failed(error) => page.failed = Some(failure(&cx, &error)),
        Standing::Trial(_) | Standing::Cliffs(_) => return Err(WebError::NotFound),
    }
    let running = page.running.is_some();
    Ok(look_again(cx.page(&page)?, running))
}

/// Millionths as a percentage with one place.
fn percent(millionths: Option<u64>) -> String {
    millionths.map_or_else(|| "—".to_owned(), |m| format!("{}.{}%", (m + 500) / 10_000, (m + 500) % 10_000 / 1000))
}

/// Millionths as a number with three places.
fn index(millionths: Option<u64>) -> String {
    millionths
        .map_or_else(|| "—".to_owned(), |m| format!("{}.{:03}", (m + 500) / 1_000_000, (m + 500) % 1_000_000 / 1000))
}

const PEOPLE: &str = "people";
const HOUSEHOLDS: &str = "households";
/// The usual line (indicators.md A2).
const USUAL: u32 = 250;

fn view(cx: &Cx, poverty: &Poverty, asked: &Asked) -> Option<PovertyView> {
    let by = if asked.by == HOUSEHOLDS { HOUSEHOLDS } else { PEOPLE };
    let all: &[Measured] = if by == HOUSEHOLDS { &poverty.by_households } else { &poverty.by_people };
    let k: u32 = asked.k.parse().unwrap_or(USUAL);
    let measured = all.iter().find(|m| m.k == k).or_else(|| all.iter().find(|m| m.k == USUAL)).or(all.first())?;
    let link = |k: u32, by: &str, label: String, current: bool| Link {
        href: format!("/bureau/poverty?as_of={}&k={k}&by={by}", poverty.as_of),
        label,
        current,
    };
    let lines = all.iter().map(|m| link(m.k, by, format!("{}%", m.k / 10), m.k == measured.k));
    let weights = [PEOPLE, HOUSEHOLDS].into_iter();
    let figure = |key: &str, value: String| Figure {
        label: cx.t_of("trial.poverty.figure", key),
        value,
        line: cx.t_of("trial.poverty.figure_line", key),
    };
    let total = &measured.total;
    let assessed = if by == HOUSEHOLDS { poverty.assessed_households } else { poverty.assessed_people };
    Some(PovertyView {
        lead: cx.t3(
            "trial.poverty.lead",
            cx.full_date(&poverty.as_of),
            grouped(poverty.assessed_households),
            format!("{}.{}%", poverty.share_households / 10, poverty.share_households % 10),
        ),
        sample: match &poverty.oldest {
            Some(day) => cx.t1("trial.poverty.sample", cx.full_date(day)),
            None => String::new(),
        },
        lines: lines.collect(),
        weights: weights.map(|w| link(measured.k, w, cx.t_of("trial.poverty.by", w).to_owned(), w == by)).collect(),
        figures: vec![
            figure("assessed", grouped(assessed)),
            figure("poor", count(total.poor)),
            figure("incidence", percent(total.incidence)),
            figure("intensity", percent(total.intensity)),
            figure("m0", index(total.m0)),
        ],
        dimensions: dimensions(cx, measured),
        items: items(cx, measured),
        tables: measured.tables.iter().map(|t| table(cx, t)).collect(),
        few: total.m0.is_none(),
    })
}

/// What each dimension contributes to the whole, as far as its items are told.
fn dimensions(cx: &Cx, measured: &Measured) -> Vec<Bar> {
    let form = &cx.state.pack.assessment;
    let share = |id: &str| {
        let own = measured.items.iter().filter(|i| i.dimension == id);
        own.filter_map(|i| i.contribution).sum::<u64>()
    };
    if measured.total.m0.is_none() {
        return Vec::new();
    }
    let bar = |dimension: &tuodi_pack::assessment::Dimension| {
        let share = share(&dimension.id);
        Bar {
            label: cx.text(&dimension.title).to_owned(),
            value: percent(Some(share)),
            width: (share / 10_000).min(100),
            less: false,
        }
    };
    form.dimensions.iter().map(bar).collect()
}

fn items(cx: &Cx, measured: &Measured) -> Vec<Cells> {
    let mut items: Vec<_> = measured.items.iter().collect();
    items.sort_by_key(|i| std::cmp::Reverse(i.contribution));
    let cells = items.into_iter().map(|i| Cells {
        title: format!("{} {}", i.id, cx.text(&i.title)),
        cells: vec![
            format!("{}.{}%", i.weight / 10, i.weight % 10),
            percent(i.uncensored),
            percent(i.censored),
            percent(i.contribution),
        ],
    });
    cells.collect()
}

fn table(cx: &Cx, table: &tuodi_pack::trial::PovertyTable) -> Table {
    let cells = |row: &PovertyRow| Cells {
        title: cx.text(&row.title).to_owned(),
        cells: vec![
            grouped(row.assessed),
            count(row.poor),
            percent(row.incidence),
            percent(row.intensity),
            index(row.m0),
            percent(row.contribution),
        ],
    };
    Table { title: cx.text(&table.title).to_owned(), rows: table.rows.iter().map(cells).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_to_the_place_that_is_shown() {
        assert_eq!(percent(Some(750_000)), "75.0%");
        assert_eq!(percent(Some(381_667)), "38.2%");
        assert_eq!(percent(Some(999_600)), "100.0%");
        assert_eq!(index(Some(286_250)), "0.286");
        assert_eq!(index(Some(999_600)), "1.000");
        assert_eq!(percent(None), "—");
    }
}
