//! Today's work: what is due first, what blocks it, and the next step.

use crate::{
    Cx, PageResult, View,
    desk::{
        acting,
        look::{self, Tag},
        nav::{self, NavGroup},
        page_of,
        work::{self, Kept},
    },
    form::Problems,
};
use askama::Template;
use axum::extract::Query;
use serde::Deserialize;
use tuodi_access::{Act, Resource};
use tuodi_casework::{
    CaseState, Channel, Cut, QueueCounts, QueueFilter, QueueRow, WaitsFor, extension::extensions_waiting,
};
use tuodi_pack::Pack;
use tuodi_store::Page;

/// The query of the address: a link to a list can be sent to a colleague.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub cut: String,
    pub state: String,
    pub programme: String,
    pub channel: String,
    /// Whom it waits for.
    pub who: String,
    pub closed: String,
    pub page: String,
    /// The act that was just done, for one line of confirmation.
    pub done: String,
}

impl Asked {
    pub fn filter(&self) -> QueueFilter {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        QueueFilter {
            cut: Cut::from_id(&self.cut).unwrap_or_default(),
            state: CaseState::from_id(&self.state),
            programme: some(&self.programme),
            channel: Channel::from_id(&self.channel),
            search: String::new(),
            next_step: None,
            waits_for: WaitsFor::from_id(&self.who),
            closed: self.closed == "1",
            page: page_of(&self.page),
            per_page: 25,
        }
    }

    /// What was understood of it, as in an address: known words only.
    pub fn query(&self) -> String {
        let filter = self.filter();
        let parts = [
            (filter.cut != Cut::All).then(|| ("cut", filter.cut.id().to_owned())),
            filter.state.map(|s| ("state", s.id().to_owned())),
            filter.programme.map(|p| ("programme", crate::url::escape(&p))),
            filter.channel.map(|c| ("channel", c.id().to_owned())),
            filter.waits_for.map(|w| ("who", w.id().to_owned())),
            filter.closed.then(|| ("closed", "1".to_owned())),
        ];
        parts.into_iter().flatten().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    }

    /// Nothing narrows the list.
    fn is_plain(&self) -> bool {
        [&self.cut, &self.state, &self.programme, &self.channel, &self.who, &self.closed].iter().all(|f| f.is_empty())
    }
}

pub struct Chip {
    pub href: String,
    pub icon: &'static str,
    pub label: &'static str,
    pub count: String,
    pub current: bool,
    pub class: &'static str,
}

pub struct Used {
    pub text: String,
    pub width: u64,
    pub class: &'static str,
}

pub struct Line {
    pub href: String,
    pub name: String,
    pub case: String,
    pub place: String,
    pub what: String,
    pub channel: &'static str,
    pub due: Tag,
    pub due_day: String,
    pub state: Tag,
    pub next: &'static str,
    /// Late and told upwards, in words.
    pub raised: Option<&'static str>,
    /// Since when the clock stands, and why.
    pub stopped: Option<String>,
    pub used: Option<Used>,
}

pub struct Named {
    pub id: String,
    pub title: String,
    pub chosen: bool,
}

/// A filter in force, with the address that lifts it.
pub struct Active {
    pub text: String,
    pub href: String,
}

#[derive(Template)]
#[template(path = "desk/queue.html")]
pub struct QueuePage<'a> {
    pub v: &'a View,
    pub nav: Vec<NavGroup>,
    pub today: String,
    pub chips: Vec<Chip>,
    pub cut: String,
    pub closed: bool,
    pub states: Vec<Named>,
    pub programmes: Vec<Named>,
    pub channels: Vec<Named>,
    pub waits: Vec<Named>,
    /// Filters that this officer keeps; the name just typed for one, and what is wrong with it.
    pub kept: Vec<Kept>,
    pub typed: String,
    pub problems: Problems,
    /// The address of this list, without what was done.
    pub here: String,
    pub done: Option<&'static str>,
    /// Longer limits that wait for this leader's signature.
    pub to_sign: u64,
    pub may_assign: bool,
    pub may_remind: bool,
    pub active: Vec<Active>,
    pub lines: Vec<Line>,
    pub page: Page<()>,
    pub plain: bool,
    pub all: i64,
    pub may_intake: bool,
    pub may_export: bool,
    pub export: String,
}

pub async fn page(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    // A department has matters, and no cases.
    if cx.actor()?.role == tuodi_access::Role::DepartmentOfficer {
        return cx.go("/desk/matters");
    }
    show(&cx, &asked, "", Problems::default()).await
}

pub async fn show(cx: &Cx, asked: &Asked, name: &str, problems: Problems) -> PageResult {
    let acting = acting(cx)?;
    let page = tuodi_casework::queue(&acting, &asked.filter()).await?;
    let counts = tuodi_casework::queue_counts(&acting).await?;
    let mut page = draw(cx, asked, page, counts);
    page.kept = work::kept(cx, &page.here).await?;
    page.typed = name.to_owned();
    page.done = crate::words::find(cx.lang, &format!("work.done.{}", asked.done));
    page.problems = problems;
    if may(cx, Act::SignExtension, "case") {
        page.to_sign = extensions_waiting(&acting).await?;
    }
    if page.problems.is_empty() { cx.page(&page) } else { cx.form_again(&page) }
}

/// Whether the role does this at all.
fn may(cx: &Cx, act: Act, kind: &'static str) -> bool {
    let here = |who: &tuodi_access::Actor| Resource::general(kind, "", who.region.as_str());
    cx.who.as_ref().is_some_and(|who| cx.state.access.role_may(who.role, act, &here(who)))
}

pub fn draw<'a>(cx: &'a Cx, asked: &Asked, page: Page<QueueRow>, counts: QueueCounts) -> QueuePage<'a> {
    let pack = &cx.state.pack;
    let may = |act, kind| may(cx, act, kind);
    let filter = asked.filter();
    QueuePage {
        v: cx,
        nav: nav::desk(cx),
        today: cx.moment(&cx.now),
        chips: chips(cx, asked, counts, page.total),
        cut: asked.cut.clone(),
        closed: filter.closed,
        states: named(CaseState::ALL.iter().map(|s| (s.id(), s.title(cx.lang).to_owned())), &asked.state),
        programmes: named(pack.tiers().map(|p| (p.id.as_str(), cx.text(&p.title).to_owned())), &asked.programme),
        channels: named(Channel::ALL.iter().map(|c| (c.id(), c.title(cx.lang).to_owned())), &asked.channel),
        waits: named(
            WaitsFor::ALL.iter().map(|w| (w.id(), cx.t_of("work.queue.waits", w.id()).to_owned())),
            &asked.who,
        ),
        kept: Vec::new(),
        typed: String::new(),
        problems: Problems::default(),
        here: asked.query(),
        done: None,
        to_sign: 0,
        may_assign: may(Act::Assign, "case"),
        may_remind: may(Act::Remind, "case"),
        active: active(cx, &filter, pack),
        plain: asked.is_plain(),
        all: counts.all,
        may_intake: may(Act::Apply, "household"),
        may_export: may(Act::Export, "queue"),
        export: if cx.query.is_empty() { "/desk/export".to_owned() } else { format!("/desk/export?{}", cx.query) },
        lines: page.rows.iter().map(|row| line(cx, pack, row)).collect(),
        page: page.map(|_| ()),
    }
}

fn named<'a>(all: impl Iterator<Item = (&'a str, String)>, chosen: &str) -> Vec<Named> {
    all.map(|(id, title)| Named { id: id.to_owned(), title, chosen: id == chosen }).collect()
}

fn chips(v: &View, asked: &Asked, counts: QueueCounts, total: u64) -> Vec<Chip> {
    let closed = asked.closed == "1";
    let cut = Cut::from_id(&asked.cut).unwrap_or_default();
    let chip = |of: Cut, icon, class, count: i64| Chip {
        href: if of == Cut::All { "/desk".to_owned() } else { format!("/desk?cut={}", of.id()) },
        icon,
        label: v.t_of("desk.cut", of.id()),
        count: count.to_string(),
        current: !closed && cut == of,
        class,
    };
    vec![
        chip(Cut::All, "list", "", counts.all),
        chip(Cut::Overdue, "alert-triangle", "late", counts.overdue),
        chip(Cut::Raised, "bell", "late", counts.raised),
        chip(Cut::Due, "clock", "soon", counts.due),
        chip(Cut::Unit, "user-check", "", counts.unit),
        chip(Cut::Mine, "user", "", counts.mine),
        chip(Cut::Waiting, "hand-stop", "", counts.waiting),
        Chip {
            href: "/desk?closed=1".to_owned(),
            icon: "history",
            label: v.t_of("desk.cut", "closed"),
            // Counted only when asked for: recipients of many years are among them.
            count: if closed { total.to_string() } else { String::new() },
            current: closed,
            class: "",
        },
    ]
}

/// Whom it waits for, as a filter says it.
pub fn waits_for(v: &View, whom: WaitsFor) -> String {
    v.t_of("work.queue.waits", whom.id()).to_owned()
}

fn active(v: &View, filter: &QueueFilter, pack: &Pack) -> Vec<Active> {
    let mut active = Vec::new();
    let mut add = |name: &str, text: String| active.push(Active { text, href: v.here_with(name, "") });
    if let Some(state) = filter.state {
        add("state", state.title(v.lang).to_owned());
    }
    if let Some(programme) = &filter.programme {
        add("programme", look::tier(v, pack, programme));
    }
    if let Some(whom) = filter.waits_for {
        add("who", waits_for(v, whom));
    }
    if let Some(channel) = filter.channel {
        add("channel", channel.title(v.lang).to_owned());
    }
    active
}

pub fn line(v: &View, pack: &Pack, row: &QueueRow) -> Line {
    Line {
        href: format!("/desk/cases/{}", row.case),
        name: row.applicant.clone(),
        case: row.case.to_string(),
        place: v.text(&row.region).to_owned(),
        what: row.programme.as_deref().map_or_else(|| v.t("desk.queue.open").to_owned(), |id| look::tier(v, pack, id)),
        channel: row.channel.title(v.lang),
        due: if row.next_step.waits_for_others() && row.due_on.is_none_or(|d| d < v.today()) {
            Tag::new("calm", "hand-stop", v.t("desk.due.waits"))
        } else {
            look::due(v, row.due_on)
        },
        due_day: row.due_on.map(|day| v.short_date(&day)).unwrap_or_default(),
        state: look::state(v, row.state),
        next: row.next_step.title(v.lang),
        raised: row.raised.as_deref().map(|to| v.t_of("work.raised", to)),
        stopped: row.stopped.map(|day| v.t2("work.stopped", v.short_date(&day), row.next_step.title(v.lang))),
        used: row.used_days.zip(row.total_days).map(|(days, limit)| used(v, days, limit)),
    }
}

fn used(v: &View, days: i64, limit: i64) -> Used {
    let limit = limit.unsigned_abs();
    let width = look::width(days.unsigned_abs(), limit);
    Used {
        text: v.t2("desk.queue.used", days, limit),
        width,
        class: match width {
            100.. => "badb",
            80..100 => "warnb",
            _ => "",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_somebody_changed_by_hand_still_gives_a_list() {
        let asked = Asked { cut: "x".to_owned(), state: "y".to_owned(), page: "-3".to_owned(), ..Asked::default() };
        let filter = asked.filter();
        assert_eq!((filter.cut, filter.state, filter.page), (Cut::All, None, 1));
    }
}
