//! All conflicts of the reader's region, by kind, by pair of sources, by place.

use super::{Asked, PER_PAGE, Row, figures, log, look, page_number, pair_words, rows};
use crate::{
    Cx, PageResult, View, WebError,
    bureau::{cockpit::grouped, library::places, nav},
    desk::{look::Tag, nav::NavGroup},
    view::place,
};
use askama::Template;
use axum::{Form, extract::Query};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use tuodi_access::Act;
use tuodi_pack::{HouseholdId, PersonId};
use tuodi_store::Page;

pub struct Line {
    pub href: String,
    pub name: String,
    pub place: String,
    pub title: String,
    pub pairs: String,
    pub state: Tag,
}

pub struct Named {
    pub id: String,
    pub title: String,
    pub chosen: bool,
}

/// One pair of sources and how many people they disagree about.
pub struct PairCount {
    pub href: String,
    pub title: String,
    pub n: String,
}

#[derive(Template)]
#[template(path = "bureau/conflicts/list.html")]
struct ListPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    q: String,
    searched: bool,
    items: Vec<Named>,
    pairs: Vec<Named>,
    regions: Vec<Named>,
    states: Vec<Named>,
    counts: Vec<PairCount>,
    lines: Vec<Line>,
    page: Page<()>,
    on: bool,
    as_of: String,
    snapshot: String,
    asked: &'a Asked,
    may_export: bool,
}

#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    q: String,
}

pub async fn page(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    look(&cx)?;
    log(&cx, "conflicts of sources").await?;
    draw(&cx, &asked, None).await
}

/// By name, number or its last four. The words stay out of the log.
pub async fn find(cx: Cx, Form(typed): Form<Typed>) -> PageResult {
    let acting = look(&cx)?;
    let region = acting.actor.region.clone();
    acting.authorise_region(Act::SearchPeople, "people", "", &region)?;
    log(&cx, "conflicts of sources: find a person").await?;
    let found = tuodi_registry::find(&cx.state.store, typed.q.trim(), &region, 200).await?;
    draw(&cx, &Asked::default(), Some((typed.q.trim(), found.into_iter().collect()))).await
}

fn named(all: impl IntoIterator<Item = (String, String)>, chosen: &str) -> Vec<Named> {
    all.into_iter().map(|(id, title)| Named { chosen: id == chosen, id, title }).collect()
}

async fn draw(cx: &Cx, asked: &Asked, search: Option<(&str, BTreeSet<PersonId>)>) -> PageResult {
    let all = figures(cx).await?;
    // The pairs are those of everything else that was asked: choosing one does not make the others vanish.
    let wide = rows(cx, &Asked { pair: String::new(), ..asked.clone() }, &all).await?;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for pair in wide.iter().flat_map(|row| &row.pairs) {
        *counts.entry(pair).or_default() += 1;
    }
    let mut counted: Vec<(&str, usize)> = counts.iter().map(|(pair, n)| (*pair, *n)).collect();
    counted.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let pairs = named(counted.iter().map(|(pair, _)| ((*pair).to_owned(), pair_words(cx, pair))), &asked.pair);
    let count = |(pair, n): &(&str, usize)| PairCount {
        href: cx.here_with("pair", pair),
        title: pair_words(cx, pair),
        n: grouped(*n as u64),
    };
    let counts: Vec<PairCount> = counted.iter().map(count).collect();
    let chosen: Vec<Row<'_>> = rows(cx, asked, &all)
        .await?
        .into_iter()
        .filter(|row| search.as_ref().is_none_or(|(_, people)| people.contains(&row.figure.person)))
        .collect();
    let (total, number) = (chosen.len() as u64, page_number(asked));
    let searched = search.is_some();
    let per_page = if searched { 200 } else { PER_PAGE };
    let from = usize::try_from(Page::<()>::offset(number, per_page)).unwrap_or(usize::MAX);
    let shown: Vec<Row<'_>> = chosen.into_iter().skip(from).take(per_page as usize).collect();
    let lines = lines(cx, &shown).await?;
    let conflicts = cx.state.pack.conflicts.all.iter();
    cx.page(&ListPage {
        v: cx,
        nav: nav(cx),
        q: search.map(|(q, _)| q.to_owned()).unwrap_or_default(),
        searched,
        items: named(conflicts.map(|c| (c.id.clone(), cx.text(&c.title).to_owned())), &asked.item),
        pairs,
        regions: named(places(cx), &asked.region),
        states: named(["open", "ruled"].map(|s| (s.to_owned(), cx.t_of("conflict.state", s).to_owned())), &asked.state),
        counts,
        lines,
        page: Page { rows: Vec::new(), total, page: number, per_page },
        on: [&asked.item, &asked.pair, &asked.region, &asked.state].iter().any(|f| !f.is_empty()),
        as_of: cx.full_date(&all.as_of),
        snapshot: all.snapshot.clone(),
        asked,
        may_export: super::may_export(cx),
    })
}

/// Rows as the page and the file show them, names masked.
pub(super) async fn lines(cx: &Cx, rows: &[Row<'_>]) -> Result<Vec<Line>, WebError> {
    let pack = &cx.state.pack;
    let ids: Vec<PersonId> = rows.iter().map(|r| r.figure.person).collect();
    let people = tuodi_registry::persons(&cx.state.store, &ids).await?;
    let line = |row: &Row<'_>| {
        let conflict = pack.conflicts.get(&row.figure.item);
        let household: HouseholdId = row.figure.household;
        Line {
            href: format!("/bureau/data/conflicts/{household}"),
            name: people.get(&row.figure.person).map(|p| tuodi_registry::mask_name(&p.name)).unwrap_or_default(),
            place: place(pack, &row.figure.region, cx.lang),
            title: conflict.map_or_else(|| row.figure.item.clone(), |c| cx.text(&c.title).to_owned()),
            pairs: row.pairs.iter().map(|p| pair_words(cx, p)).collect::<Vec<_>>().join(cx.t("feed.between")),
            state: match row.ruled {
                true => Tag::new("ok", "gavel", cx.t("conflict.ruled")),
                false => Tag::new("warn", "alert-triangle", cx.t("conflict.open")),
            },
        }
    };
    Ok(rows.iter().map(line).collect())
}
