//! A trial in words and bars, ready for its page.

use crate::{Cx, bureau::trial_book::span, desk::look};
use tuodi_pack::{
    Fen, Text,
    trial::{Count, Outcome, Row, Sum, Trial},
    words,
};

/// A figure with its bar.
pub struct Bar {
    pub label: String,
    pub value: String,
    pub width: u64,
    /// Less rather than more.
    pub less: bool,
}

pub struct Figure {
    pub label: &'static str,
    pub value: String,
    pub unit: &'static str,
    pub line: String,
}

pub struct Cells {
    pub title: String,
    pub cells: Vec<String>,
}

pub struct TableView {
    pub id: String,
    pub title: String,
    pub rows: Vec<Cells>,
    /// Change of cost a year.
    pub bars: Vec<Bar>,
}

pub struct OutcomeView {
    pub name: String,
    /// Parameter, value today, value tried.
    pub settings: Vec<(String, String, String)>,
    pub figures: Vec<Figure>,
    pub sizes: Vec<Bar>,
    pub moves: Vec<(String, String, String)>,
    pub programmes: Vec<Cells>,
    pub tables: Vec<TableView>,
    /// Last word of ids on the page.
    pub key: usize,
}

pub struct ResultView {
    pub lead: String,
    pub base: String,
    pub outcomes: Vec<OutcomeView>,
    pub two: bool,
}

pub fn count(n: Count) -> String {
    n.map_or_else(|| "<10".to_owned(), super::cockpit::grouped)
}

/// Whole yuan: fen say nothing about a district.
pub fn money(fen: Sum) -> String {
    fen.map_or_else(|| "—".to_owned(), |fen| Fen::yuan((fen + 50).div_euclid(100)).to_string())
}

fn signed(fen: Sum) -> String {
    match fen {
        Some(fen) if fen > 0 => format!("+{}", money(Some(fen))),
        other => money(other),
    }
}

impl ResultView {
    pub fn of(cx: &Cx, trial: &Trial) -> ResultView {
        ResultView {
            lead: cx.t3(
                "trial.lead",
                cx.full_date(&trial.as_of),
                super::cockpit::grouped(trial.households),
                super::cockpit::grouped(trial.people),
            ),
            base: cx.t3("trial.base", count(trial.helped), money(trial.month), money(trial.year)),
            outcomes: trial.outcomes.iter().enumerate().map(|(key, o)| outcome(cx, o, key)).collect(),
            two: trial.outcomes.len() > 1,
        }
    }
}

fn outcome(cx: &Cx, outcome: &Outcome, key: usize) -> OutcomeView {
    let pack = &cx.state.pack;
    let quantity = |value: i64, unit: &str| words::quantity(&pack.info, value, unit, cx.lang);
    let settings = outcome.settings.iter().map(|s| {
        let from = s.from.map_or_else(|| cx.t("trial.differs").to_owned(), |v| quantity(v, &s.unit));
        (cx.text(&s.title).to_owned(), from, quantity(s.to, &s.unit))
    });
    let total = &outcome.total;
    let households = cx.t("bureau.unit.households");
    let yuan = cx.t("common.unit.yuan_word");
    let figure = |label: &str, value: String, unit: &'static str, line: String| Figure {
        label: cx.t_of("trial.figure", label),
        value,
        unit,
        line,
    };
    let figures = vec![
        figure("month", signed(total.month_change), yuan, cx.t1("trial.figure_line.month", money(total.month))),
        figure("year", signed(total.year_change), yuan, cx.t1("trial.figure_line.year", money(total.year))),
        figure("gain", count(total.gain), households, cx.t("trial.figure_line.gain").to_owned()),
        figure("lose", count(total.lose), households, cx.t("trial.figure_line.lose").to_owned()),
        figure(
            "enter",
            count(total.enter),
            households,
            cx.t2("trial.figure_line.enter", count(total.leave), count(total.change_tier)),
        ),
    ];
    let most = outcome.sizes.iter().filter_map(|s| s.households).max().unwrap_or(0).max(1);
    let sizes = outcome.sizes.iter().filter(|s| s.households != Some(0)).map(|s| Bar {
        label: span(s.from, s.to),
        value: count(s.households),
        width: look::width(s.households.unwrap_or(0), most),
        less: s.to.is_some_and(|to| to <= 0),
    });
    let tier = |id: &str| match pack.programme(id) {
        Some(p) => cx.text(&p.title).to_owned(),
        None => cx.t("trial.no_tier").to_owned(),
    };
    let moves = outcome.moves.iter().map(|m| (tier(&m.from), tier(&m.to), count(m.households)));
    let programmes = outcome.programmes.iter().filter(|p| p.before != Some(0) || p.after != Some(0)).map(|p| Cells {
        title: cx.text(&p.title).to_owned(),
        cells: vec![count(p.before), count(p.after), money(p.year), signed(p.year_change)],
    });
    OutcomeView {
        name: outcome.name.clone(),
        settings: settings.collect(),
        figures,
        sizes: sizes.collect(),
        moves: moves.collect(),
        programmes: programmes.collect(),
        tables: outcome.tables.iter().map(|t| table(cx, &t.id, &t.title, &t.rows)).collect(),
        key,
    }
}

fn table(cx: &Cx, id: &str, title: &Text, rows: &[Row]) -> TableView {
    let cells = rows.iter().map(|row| Cells {
        title: cx.text(&row.title).to_owned(),
        cells: vec![
            super::cockpit::grouped(row.households),
            count(row.gain),
            count(row.lose),
            count(row.enter),
            count(row.leave),
            count(row.change_tier),
            signed(row.month_change),
            signed(row.year_change),
        ],
    });
    let most = rows.iter().filter_map(|r| r.year_change).map(i64::unsigned_abs).max().unwrap_or(0).max(1);
    let bars = rows.iter().map(|row| Bar {
        label: cx.text(&row.title).to_owned(),
        value: signed(row.year_change),
        width: look::width(row.year_change.unwrap_or(0).unsigned_abs(), most),
        less: row.year_change.is_some_and(|c| c < 0),
    });
    TableView { id: id.to_owned(), title: cx.text(title).to_owned(), rows: cells.collect(), bars: bars.collect() }
}
