//! The side navigation: only what the role can use stands there.

use crate::Cx;
use tuodi_access::{Act, Resource};

pub struct NavItem {
    pub href: &'static str,
    pub icon: &'static str,
    pub label: &'static str,
    pub current: bool,
}

pub struct NavGroup {
    pub title: &'static str,
    pub items: Vec<NavItem>,
}

/// One entry: address, icon, key of its name, and the act without which it is not shown.
pub struct Entry {
    pub href: &'static str,
    pub icon: &'static str,
    pub key: &'static str,
    /// With the kind of thing it is done to.
    pub needs: Option<(Act, &'static str)>,
}

const fn entry(href: &'static str, icon: &'static str, key: &'static str, act: Act, kind: &'static str) -> Entry {
    Entry { href, icon, key, needs: Some((act, kind)) }
}

const DAILY: &[Entry] = &[
    entry("/desk", "list", "desk.nav.queue", Act::ViewQueue, "queue"),
    entry("/desk/matters", "clipboard-check", "matters.desk.title", Act::ViewQueue, "matters"),
    entry("/desk/emergencies", "heart-handshake", "emergency.title", Act::ViewQueue, "emergency"),
    entry("/desk/intake/new", "clipboard-list", "desk.nav.intake", Act::Apply, "household"),
    entry("/desk/paper-form", "clipboard-text", "crossing.find_title", Act::Accept, "household"),
    entry("/desk/verifications", "shield-lock", "desk.nav.verifications", Act::ViewCase, "verification"),
    entry("/desk/publicity", "speakerphone", "desk.nav.publicity", Act::ViewQueue, "queue"),
    entry("/desk/voices", "message", "voice.desk.title", Act::AnswerVoice, "voice"),
    entry("/desk/lives", "user-check", "life.title", Act::ViewQueue, "life"),
    entry("/desk/assessments", "activity-heartbeat", "assess.title", Act::ViewQueue, "assessment"),
    entry("/desk/extensions", "clock", "extend.title", Act::ViewQueue, "queue"),
    entry("/desk/kin", "users", "kin.title", Act::ViewQueue, "kin"),
    entry("/desk/leave", "calendar", "work.leave.title", Act::ViewQueue, "queue"),
    entry("/desk/payments", "wallet", "desk.nav.payments", Act::ViewPayment, "payment"),
];
const WATCHED: &[Entry] = &[
    entry("/desk/alerts", "alert-triangle", "desk.nav.alerts", Act::ViewTask, "task"),
    entry("/desk/households", "users", "desk.nav.households", Act::SearchPeople, "people"),
];

pub fn desk(cx: &Cx) -> Vec<NavGroup> {
    groups(cx, "/desk", &[("desk.nav.daily", DAILY), ("desk.nav.watched", WATCHED)])
}

/// Groups with at least one entry; the longest address that begins this page's is the current one.
pub fn groups(cx: &Cx, home: &str, wanted: &[(&'static str, &'static [Entry])]) -> Vec<NavGroup> {
    let here = cx.path.as_str();
    let is_here = |href: &str| {
        if href == home {
            here == home || here.starts_with(&format!("{home}/cases"))
        } else {
            here.starts_with(stem(href))
        }
    };
    let entries = || wanted.iter().flat_map(|(_, entries)| entries.iter());
    let longest = entries().filter(|e| is_here(e.href)).map(|e| e.href.len()).max();
    let allowed = |entry: &&Entry| match (&cx.who, entry.needs) {
        (_, None) => true,
        (Some(who), Some((act, kind))) => {
            let region = match act {
                // Pay lists are the county's: a township, which may see its own lines, has no list of its own.
                Act::ViewPayment => format!("{:0<12}", who.region.get(..6).unwrap_or_default()),
                _ => who.region.clone(),
            };
            cx.state.access.authorise(who, act, &Resource::general(kind, "", region), "menu").is_ok()
        }
        (None, Some(_)) => false,
    };
    wanted
        .iter()
        .map(|(title, entries)| NavGroup {
            title: cx.t(title),
            items: entries
                .iter()
                .filter(allowed)
                .map(|e| NavItem {
                    href: e.href,
                    icon: e.icon,
                    label: cx.t(e.key),
                    current: is_here(e.href) && longest == Some(e.href.len()),
                })
                .collect(),
        })
        .filter(|group| !group.items.is_empty())
        .collect()
}

/// `/desk/intake/new` is also the place of `/desk/intake/QY26-00001`.
fn stem(href: &str) -> &str {
    href.strip_suffix("/new").unwrap_or(href)
}
