//! The list: what is due first stands first, with its clock.

use super::word;
use crate::{
    Cx, PageResult, View,
    desk::{
        acting,
        look::Tag,
        nav::{self, NavGroup},
        page_of,
    },
    form::Fields,
};
use askama::Template;
use axum::extract::Query;
use tuodi_access::{Act, Resource};
use tuodi_casework::emergency::{EmergencyFilter, EmergencyRow, EmergencyState, emergencies};
use tuodi_store::Page;

const PER_PAGE: u64 = 25;

pub struct Line {
    pub no: String,
    pub who: String,
    pub kind: String,
    pub place: String,
    pub state: Tag,
    pub due: Tag,
    pub raised: Option<&'static str>,
    pub paid: String,
}

#[derive(Template)]
#[template(path = "desk/emergencies.html")]
struct ListPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    closed: bool,
    late: bool,
    lines: Vec<Line>,
    page: Page<()>,
    may_report: bool,
    may_reserve: bool,
}

pub fn state_tag(v: &View, state: EmergencyState) -> Tag {
    let (kind, icon) = match state {
        EmergencyState::Reported | EmergencyState::Verified => ("warn", "clock"),
        EmergencyState::Chasing => ("bad", "alert-triangle"),
        EmergencyState::Advanced | EmergencyState::Documented => ("info", "file-text"),
        EmergencyState::Proposed => ("info", "scale"),
        EmergencyState::Granted => ("info", "wallet"),
        EmergencyState::Closed => ("neutral", "circle-check"),
    };
    Tag::new(kind, icon, state.title(v.lang))
}

/// The clock: hours while nobody has helped, days afterwards.
pub fn due_tag(v: &View, row: &EmergencyRow) -> Tag {
    let hours = matches!(row.state, EmergencyState::Reported | EmergencyState::Verified);
    if row.state == EmergencyState::Closed {
        return Tag::new(
            "neutral",
            "circle-check",
            v.t_of("emergency.outcome", row.outcome.as_deref().unwrap_or("helped")),
        );
    }
    let left = row.due_at - v.now;
    let late = |words: String| Tag::new("bad", "alert-triangle", words);
    match (hours, row.late) {
        (true, true) => late(v.t1("emergency.late_hours", (-left.num_hours()).max(1))),
        (true, false) => Tag::new("warn", "clock", v.t2("emergency.left", left.num_hours(), left.num_minutes() % 60)),
        // The end of a day is the first moment of the next.
        (false, is_late) => {
            let day = v.day_of(&(row.due_at - chrono::Duration::seconds(1)));
            let words = v.t1("emergency.until", v.date(&day));
            if is_late { late(words) } else { Tag::new("neutral", "calendar", words) }
        }
    }
}

pub async fn page(cx: Cx, Query(asked): Query<Fields>) -> PageResult {
    let value = |name: &str| asked.get(name).map_or("", String::as_str);
    let acting = acting(&cx)?;
    let (closed, late) = (value("closed") == "1", value("late") == "1");
    let filter = EmergencyFilter { closed, late, page: page_of(value("page")), per_page: PER_PAGE };
    let found = emergencies(&acting, &filter).await?;
    let kinds = cx.state.pack.workflow.emergency.as_ref().map(|e| e.kinds.as_slice()).unwrap_or_default();
    let line = |row: &EmergencyRow| Line {
        no: row.no.clone(),
        who: row.name.clone(),
        kind: word(&cx, kinds, &row.kind),
        place: cx.text(&row.region).to_owned(),
        state: state_tag(&cx, row.state),
        due: due_tag(&cx, row),
        raised: row.raised.as_deref().map(|to| cx.t_of("emergency.raised", to)),
        paid: if row.paid.0 == 0 { String::new() } else { cx.money(&row.paid) },
    };
    let may = |act: Act, kind: &'static str| {
        let resource = Resource::general(kind, "", acting.actor.region.as_str());
        cx.state.access.authorise(&acting.actor, act, &resource, "menu").is_ok()
    };
    cx.page(&ListPage {
        v: &cx,
        nav: nav::desk(&cx),
        closed,
        late,
        lines: found.rows.iter().map(line).collect(),
        page: found.map(|_| ()),
        may_report: may(Act::Apply, "emergency"),
        may_reserve: may(Act::ViewPayment, "payment"),
    })
}
