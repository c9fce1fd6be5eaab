//! Sources that contradict each other: the list of all, and one household with the rulings on it.
//!
//! The list names nobody in full and shows no amount; who opens a household says why, and the look is logged.

mod export;
mod household;
mod list;

use crate::{
    AppState, Cx, WebError,
    desk::page_of,
    route::{get, post},
};
use axum::Router;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, sync::Arc};
use tuodi_access::{Act, Resource, Sensitivity, looks};
use tuodi_casework::beijing_date;
use tuodi_pack::Pack;

use crate::{ConflictFigure, ConflictFigures};

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/bureau/data/conflicts", get(list::page))
        .route("/bureau/data/conflicts/find", post(list::find))
        .route("/bureau/data/conflicts/export", post(export::download))
        .route("/bureau/data/conflicts/{household}", get(household::page))
        .route("/bureau/data/conflicts/{household}/rule", post(household::rule))
        .route("/bureau/data/conflicts/{household}/rulings/{id}/end", post(household::end))
}

const PER_PAGE: u64 = 25;

/// The query of the list's address.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub item: String,
    /// `DS12~DS18`
    pub pair: String,
    pub region: String,
    /// `open` or `ruled`; both where empty.
    pub state: String,
    pub page: String,
    pub purpose: String,
}

/// A row of the list with what it is filtered by.
pub struct Row<'f> {
    pub figure: &'f ConflictFigure,
    pub pairs: Vec<String>,
    pub ruled: bool,
}

/// Who may see that somebody is in conflict, without the values.
fn look(cx: &Cx) -> Result<tuodi_casework::Cx, WebError> {
    let acting = super::acting(cx)?;
    let region = acting.actor.region.clone();
    let resource = Resource { sensitivity: Sensitivity::Personal, ..Resource::general("conflict", "", region) };
    cx.state.access.authorise(&acting.actor, Act::ViewHousehold, &resource, "check_data")?;
    Ok(acting)
}

/// Whether the reader may take the list along: no values, names masked.
fn exporting(cx: &Cx) -> Result<tuodi_casework::Cx, WebError> {
    let acting = look(cx)?;
    let region = acting.actor.region.clone();
    let resource = Resource { sensitivity: Sensitivity::Personal, ..Resource::general("conflict", "export", region) };
    cx.state.access.authorise(&acting.actor, Act::Export, &resource, "check_data")?;
    Ok(acting)
}

fn may_export(cx: &Cx) -> bool {
    exporting(cx).is_ok()
}

async fn figures(cx: &Cx) -> Result<Arc<ConflictFigures>, WebError> {
    let renewals = tuodi_feeds::renewals(&cx.state.store).await?;
    Ok(cx.state.data.conflicts(beijing_date(cx.now), &renewals).await?)
}

fn pair_id(a: &str, b: &str) -> String {
    format!("{a}~{b}")
}

/// Both sources of a pair by name.
fn pair_words(cx: &Cx, pair: &str) -> String {
    let title = |id: &str| cx.state.pack.source(id).map_or_else(|| id.to_owned(), |s| cx.text(&s.title).to_owned());
    pair.split('~').map(title).collect::<Vec<_>>().join(" / ")
}

fn pairs(pack: &Pack, figure: &ConflictFigure) -> Vec<String> {
    let said = |name: &str| figure.facts.iter().find(|f| f.name == name)?.value.clone();
    let conflict = pack.conflicts.get(&figure.item);
    conflict.map(|c| c.pairs(said).into_iter().map(|(a, b)| pair_id(a, b)).collect()).unwrap_or_default()
}

/// The rows that the reader may see and asked for.
async fn rows<'f>(cx: &Cx, asked: &Asked, all: &'f ConflictFigures) -> Result<Vec<Row<'f>>, WebError> {
    let actor = cx.actor()?;
    let ruled: BTreeSet<_> = tuodi_casework::rulings::in_force(&cx.state.store, beijing_date(cx.now)).await?;
    let here = |code: &str| {
        actor.covers(code) && (asked.region.is_empty() || tuodi_pack::region::contains(&asked.region, code))
    };
    let found = all.all.iter().filter(|f| here(&f.region) && (asked.item.is_empty() || f.item == asked.item));
    let found = found.map(|figure| Row {
        figure,
        pairs: pairs(&cx.state.pack, figure),
        ruled: ruled.contains(&(figure.person, figure.item.clone())),
    });
    Ok(found
        .filter(|row| asked.pair.is_empty() || row.pairs.contains(&asked.pair))
        .filter(|row| match asked.state.as_str() {
            "open" => !row.ruled,
            "ruled" => row.ruled,
            _ => true,
        })
        .collect())
}

async fn log(cx: &Cx, purpose: &str) -> Result<(), WebError> {
    looks::record(&cx.state.store, cx.actor()?, "conflicts", purpose, cx.now).await?;
    Ok(())
}

fn page_number(asked: &Asked) -> u64 {
    page_of(&asked.page)
}
