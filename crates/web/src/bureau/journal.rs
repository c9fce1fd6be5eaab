//! What was done, by whom, when: the newest entries, and the proof that none was changed.

use crate::{
    Cx, PageResult, View,
    bureau::{authorise, nav},
    desk::{nav::NavGroup, page_of},
    view::place,
};
use askama::Template;
use axum::extract::Query;
use serde::Deserialize;
use tuodi_access::{Act, Role};
use tuodi_store::{
    Page,
    journal::{self, JournalFilter, JournalRow},
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    act: String,
    subject: String,
    page: String,
}

pub struct EntryLine {
    pub at: String,
    pub actor: String,
    pub role: String,
    pub act: String,
    pub subject: String,
    pub place: String,
    pub proof: String,
}

pub enum Proof {
    /// Entries, and each lane with its length and end.
    Whole(u64, Vec<(i16, i64, String)>),
    Broken(String),
}

#[derive(Template)]
#[template(path = "bureau/journal.html")]
struct JournalPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    act: String,
    subject: String,
    filtered: bool,
    lines: Vec<EntryLine>,
    page: Page<()>,
    proof: Option<Proof>,
}

pub async fn page(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    show(&cx, asked, None).await
}

pub async fn verify(cx: Cx) -> PageResult {
    authorise(&cx, Act::ViewJournal, "journal")?;
    let proof = match journal::verify(&cx.state.store).await {
        Ok(whole) => {
            let lanes = whole.lanes.into_iter().map(|l| (l.lane, l.seq, l.hash.chars().take(16).collect()));
            Proof::Whole(whole.entries, lanes.collect())
        }
        Err(broken) => {
            tracing::error!(lane = broken.lane, seq = broken.seq, what = %broken.what, "the journal is broken");
            Proof::Broken(cx.t2("bureau.journal.broken_at", broken.lane, broken.seq))
        }
    };
    show(&cx, Asked::default(), Some(proof)).await
}

async fn show(cx: &Cx, asked: Asked, proof: Option<Proof>) -> PageResult {
    let acting = authorise(cx, Act::ViewJournal, "journal")?;
    let filter = JournalFilter {
        scope: acting.actor.region.clone(),
        act: asked.act.trim().to_owned(),
        subject: asked.subject.trim().to_owned(),
        ..JournalFilter::default()
    };
    let found = journal::search(&cx.state.store, &filter, page_of(&asked.page), 50).await?;
    cx.page(&JournalPage {
        v: cx,
        nav: nav(cx),
        filtered: !filter.act.is_empty() || !filter.subject.is_empty(),
        act: filter.act,
        subject: filter.subject,
        lines: found.rows.iter().map(|row| line(cx, row)).collect(),
        page: found.map(|_| ()),
        proof,
    })
}

fn line(cx: &Cx, row: &JournalRow) -> EntryLine {
    EntryLine {
        at: cx.moment(&row.at),
        actor: row.actor.clone(),
        role: Role::from_id(&row.role).map_or(row.role.as_str(), |r| r.title(cx.lang)).to_owned(),
        act: row.act.clone(),
        subject: row.subject.clone(),
        place: place(&cx.state.pack, &row.region, cx.lang),
        proof: format!("{}/{} {}", row.lane, row.seq, row.hash.get(..8).unwrap_or_default()),
    }
}
