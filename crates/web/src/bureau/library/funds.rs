//! Money paid (资金库): by programme, month and place, exact in fen. One list at a time: what the finance bureau's list and
//! our own pay lists say of the same money is never added together.

use super::{Asked, Filters, Tab, by, export_of, look, may_export, named};
use crate::{
    Cx, FundFigure, FundState, PageResult, View, WebError,
    bureau::{cockpit::grouped, nav},
    desk::{look::width, nav::NavGroup},
    form,
    view::place,
};
use askama::Template;
use axum::extract::Query;
use std::collections::{BTreeMap, BTreeSet};
use tuodi_pack::{Fen, Purpose, region::RegionLevel};
use tuodi_registry::library::OWN;

/// Payments and their sum by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    pub paid: i64,
    pub payments: u64,
    pub returned: i64,
    pub pending: i64,
}

impl Sum {
    fn add(&mut self, figure: &FundFigure) {
        match figure.state {
            FundState::Paid => {
                self.paid += figure.sum;
                self.payments += figure.payments;
            }
            FundState::Returned => self.returned += figure.sum,
            FundState::Pending => self.pending += figure.sum,
        }
    }
}

pub struct Row {
    pub title: String,
    pub payments: String,
    pub paid: String,
    pub returned: String,
    pub pending: String,
    pub width: u64,
}

pub struct Table {
    pub title: &'static str,
    pub what: &'static str,
    pub rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "bureau/library/funds.html")]
struct FundsPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    tabs: Vec<Tab>,
    f: Filters<'a>,
    tables: Vec<Table>,
    paid: String,
    payments: String,
    returned: String,
    pending: String,
    by: String,
    nothing: bool,
    /// Why the list may not be read.
    withheld: Option<String>,
    export: Option<String>,
}

fn source(cx: &Cx, asked: &Asked) -> String {
    let known = |id: &str| id == OWN || cx.state.pack.library.funds.iter().any(|f| f.source == id);
    if known(&asked.source) {
        return asked.source.clone();
    }
    cx.state.pack.library.funds.first().map_or(OWN, |f| f.source.as_str()).to_owned()
}

/// The figures of the list, place, programme and months asked for.
pub(super) async fn figures(cx: &Cx, asked: &Asked) -> Result<Vec<FundFigure>, WebError> {
    let source = source(cx, asked);
    let all: Vec<FundFigure> = if source == OWN {
        let rows = tuodi_casework::own_funds(&cx.state.store).await?;
        let figure =
            |(programme, month, region, status, payments, sum): (String, _, String, String, i64, i64)| FundFigure {
                source: OWN.to_owned(),
                programme,
                month,
                region,
                state: if status == "paid" { FundState::Paid } else { FundState::Returned },
                payments: u64::try_from(payments).unwrap_or(0),
                sum,
            };
        rows.into_iter().map(figure).collect()
    } else {
        let renewals = tuodi_feeds::renewals(&cx.state.store).await?;
        let all = cx.state.data.funds(cx.today(), &renewals).await?;
        all.into_iter().filter(|f| f.source == source).collect()
    };
    let region = asked.region(cx)?;
    let (from, to, programme) = (form::date(&asked.from), form::date(&asked.to), asked.programme());
    let wanted = |f: &FundFigure| {
        tuodi_pack::region::contains(&region, &f.region)
            && programme.as_ref().is_none_or(|p| *p == f.programme)
            && from.is_none_or(|day| f.month >= tuodi_casework::first_of_month(day))
            && to.is_none_or(|day| f.month <= day)
    };
    Ok(all.into_iter().filter(wanted).collect())
}

/// A list whose agreement does not cover statistics is not read, and the page says so.
async fn withheld(cx: &Cx, source: &str) -> Result<Option<String>, WebError> {
    let pack = &cx.state.pack;
    let Some(source) = pack.source(source) else { return Ok(None) };
    let renewals = tuodi_feeds::renewals(&cx.state.store).await?;
    let refused = source.may_serve(Purpose::Statistics, cx.today(), &renewals).err();
    Ok(refused.map(|withheld| cx.text(&withheld.words(pack)).to_owned()))
}

pub async fn page(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    look(&cx, "funds")?;
    let figures = figures(&cx, &asked).await?;
    let pack = &cx.state.pack;
    let mut whole = Sum::default();
    figures.iter().for_each(|f| whole.add(f));
    let town = |f: &FundFigure| {
        pack.regions.ancestor(&f.region, RegionLevel::Township).map_or_else(|| f.region.clone(), |r| r.code.clone())
    };
    let programme = |id: &String| cx.text(&pack.help_title(id)).to_owned();
    let table = |title, what, rows| Table { title: cx.t(title), what: cx.t(what), rows };
    let here = source(&cx, &asked);
    let lists = pack.library.funds.iter().map(|f| f.source.as_str()).chain([OWN]);
    let title = |id: &str| pack.source(id).map_or_else(|| by(&cx, id), |s| cx.text(&s.title).to_owned());
    // What the list of programmes of payments names, in the pack's order where it knows them.
    let ids: BTreeSet<(usize, String, String)> = figures
        .iter()
        .map(|f| &f.programme)
        .chain(asked.programme().iter())
        .map(|id| (pack.programmes.iter().position(|p| p.id == *id).unwrap_or(usize::MAX), id.clone(), programme(id)))
        .collect();
    cx.page(&FundsPage {
        v: &cx,
        nav: nav(&cx),
        tabs: super::tabs(&cx, "funds"),
        f: Filters {
            programmes: named(ids.into_iter().map(|(_, id, title)| (id, title)), &asked.programme),
            sources: named(lists.map(|id| (id.to_owned(), title(id))), &here),
            any_source: false,
            ..Filters::new(&cx, "/bureau/library/funds", &asked)
        },
        tables: vec![
            table(
                "library.funds.by_programme",
                "library.filter.programme",
                rows(&cx, &figures, |f| f.programme.clone(), programme, true),
            ),
            table(
                "library.funds.by_month",
                "library.funds.month",
                rows(&cx, &figures, |f| f.month, |month| cx.month(month), false),
            ),
            table(
                "library.funds.by_place",
                "library.filter.region",
                rows(&cx, &figures, town, |code| place(pack, code, cx.lang), true),
            ),
        ],
        paid: cx.money(&Fen(whole.paid)),
        payments: grouped(whole.payments),
        returned: cx.money(&Fen(whole.returned)),
        pending: cx.money(&Fen(whole.pending)),
        by: by(&cx, &here),
        nothing: figures.is_empty(),
        withheld: withheld(&cx, &here).await?,
        export: may_export(&cx).then(|| export_of(&cx, "funds")),
    })
}

/// Sums by a key; the largest first, or in the key's order.
fn rows<K: Ord + Clone>(
    v: &View,
    figures: &[FundFigure],
    key: impl Fn(&FundFigure) -> K,
    title: impl Fn(&K) -> String,
    largest_first: bool,
) -> Vec<Row> {
    let mut sums: BTreeMap<K, Sum> = BTreeMap::new();
    for figure in figures {
        sums.entry(key(figure)).or_default().add(figure);
    }
    let most = sums.values().map(|s| s.paid).max().unwrap_or(0);
    let mut sums: Vec<(K, Sum)> = sums.into_iter().collect();
    if largest_first {
        sums.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.paid));
    }
    let part = |n: i64| u64::try_from(n).unwrap_or(0);
    sums.into_iter()
        .map(|(key, sum)| Row {
            title: title(&key),
            payments: grouped(sum.payments),
            paid: v.money(&Fen(sum.paid)),
            returned: if sum.returned == 0 { String::new() } else { v.money(&Fen(sum.returned)) },
            pending: if sum.pending == 0 { String::new() } else { v.money(&Fen(sum.pending)) },
            width: width(part(sum.paid), part(most)),
        })
        .collect()
}
