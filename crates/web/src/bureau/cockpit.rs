//! What is wrong today: five figures, the way from alert to help, the communities, and what is paid.

use crate::{
    BatchFigure, Cx, Door, PageResult, PassFigure, View,
    bureau::{authorise, nav},
    desk::{look, nav::NavGroup},
};
use askama::Template;
use std::collections::BTreeMap;
use tuodi_access::{Act, Role};
use tuodi_casework::{CaseFigures, CaseState, Channel};
use tuodi_pack::{Pack, region, region::RegionLevel};
use tuodi_watch::WatchFigures;

pub struct Tile {
    pub href: String,
    pub label: &'static str,
    pub value: String,
    pub unit: &'static str,
    /// Colour class, icon and words of the line below.
    pub kind: &'static str,
    pub icon: &'static str,
    pub line: String,
}

/// A bar with its words.
pub struct Bar {
    pub label: String,
    pub value: String,
    pub width: u64,
    pub words: String,
}

pub struct CommunityTile {
    pub name: String,
    pub open: u64,
    pub overdue: u64,
    /// h0 to h5
    pub class: &'static str,
    pub worst: bool,
    pub href: String,
}

pub struct TownshipRow {
    pub name: String,
    pub tiles: Vec<CommunityTile>,
}

#[derive(Template)]
#[template(path = "bureau/cockpit.html")]
pub struct CockpitPage<'a> {
    pub v: &'a View,
    pub nav: Vec<NavGroup>,
    pub now: String,
    pub data: String,
    pub pass: Option<String>,
    pub tiles: Vec<Tile>,
    pub path: Vec<Bar>,
    pub townships: Vec<TownshipRow>,
    pub tiers: Vec<Bar>,
    pub tiers_title: String,
    pub states: Vec<Bar>,
    pub programmes: Vec<(String, u64, String)>,
    pub places: Vec<(String, u64, String)>,
    pub channels: Vec<Bar>,
    pub money: String,
}

pub async fn page(cx: Cx) -> PageResult {
    // Administrators have accounts to look after, not figures.
    if cx.actor()?.role == Role::SystemAdmin {
        return cx.go("/bureau/admin/users");
    }
    let acting = authorise(&cx, Act::ViewOverview, "overview")?;
    let cases = tuodi_casework::figures(&acting, &acting.actor.region).await?;
    let watch = tuodi_watch::figures(&acting, &acting.actor.region).await?;
    let pass = cx.state.data.last_pass().await?;
    let batches = cx.state.data.batches().await?;
    cx.page(&draw(&cx, &cases, &watch, pass.as_ref(), &batches))
}

pub fn draw<'a>(
    cx: &'a Cx,
    cases: &CaseFigures,
    watch: &WatchFigures,
    pass: Option<&PassFigure>,
    batches: &[BatchFigure],
) -> CockpitPage<'a> {
    let pack = &cx.state.pack;
    let scope = cx.who.as_ref().map_or("", |w| w.region.as_str());
    let newest = batches.iter().map(|b| b.arrived).max();
    let mut sources: Vec<&str> = batches.iter().map(|b| b.source.as_str()).collect();
    sources.sort_unstable();
    sources.dedup();
    CockpitPage {
        v: cx,
        nav: nav(cx),
        now: cx.moment(&cx.now),
        data: match newest {
            Some(at) => cx.t2("bureau.cockpit.data", sources.len(), cx.moment(&at)),
            None => cx.t("bureau.cockpit.no_data").to_owned(),
        },
        pass: pass
            .map(|p| cx.t3("bureau.cockpit.pass", cx.moment(&p.finished), grouped(p.households), grouped(p.people))),
        tiles: tiles(cx, cases, watch),
        path: path(cx, watch),
        townships: townships(cx, pack, watch, scope),
        tiers: tiers(cx, pack, pass),
        tiers_title: pass.map(|p| cx.t1("bureau.cockpit.tiers_as_of", cx.full_date(&p.as_of))).unwrap_or_default(),
        states: states(cx, cases),
        programmes: (cases.by_programme.iter())
            .map(|(id, n, sum)| (look::tier(cx, pack, id), *n, sum.to_string()))
            .collect(),
        places: (cases.by_township.iter())
            .map(|(code, n, sum)| (crate::view::place(pack, code, cx.lang), *n, sum.to_string()))
            .collect(),
        channels: channels(cx, cases),
        money: cases.monthly_total.to_string(),
    }
}

/// `1,284`
pub fn grouped(n: u64) -> String {
    tuodi_pack::Fen::yuan(i64::try_from(n).unwrap_or(i64::MAX / 100)).to_string()
}

fn percent(part: u64, whole: u64) -> u64 {
    (part * 100).checked_div(whole).unwrap_or(0)
}

fn tiles(cx: &Cx, cases: &CaseFigures, watch: &WatchFigures) -> Vec<Tile> {
    // Those who work at the desk go straight to its lists; the others to the tables of this door.
    let desk = cx.view.who.as_ref().is_some_and(|w| w.doors.contains(&Door::Desk));
    let link = |at_desk: &str, here: &str| if desk { at_desk.to_owned() } else { here.to_owned() };
    let red = watch.by_severity.iter().find(|(s, _)| *s == tuodi_pack::indicator::Severity::Red).map_or(0, |(_, n)| *n);
    let decided = cases.approved + cases.refused;
    let on_time = cases.open.saturating_sub(cases.overdue);
    vec![
        Tile {
            href: link("/desk/alerts", "/bureau/alerts#places"),
            label: cx.t("bureau.tile.alerts"),
            value: grouped(watch.open),
            unit: cx.t("bureau.unit.households"),
            kind: if red > 0 { "bad" } else { "ok" },
            icon: if red > 0 { "alert-triangle" } else { "circle-check" },
            line: cx.t1("bureau.tile.alerts_line", grouped(red)),
        },
        Tile {
            href: link("/desk/alerts?cut=overdue", "/bureau/alerts#places"),
            label: cx.t("bureau.tile.overdue"),
            value: grouped(watch.overdue),
            unit: cx.t("bureau.unit.households"),
            kind: if watch.overdue > 0 { "bad" } else { "ok" },
            icon: if watch.overdue > 0 { "clock" } else { "circle-check" },
            line: cx.t1("bureau.tile.overdue_line", percent(watch.overdue, watch.open)),
        },
        Tile {
            href: link("/desk", "#cases"),
            label: cx.t("bureau.tile.cases"),
            value: grouped(cases.open),
            unit: cx.t("bureau.unit.cases"),
            kind: if cases.overdue > 0 { "warn" } else { "ok" },
            icon: if cases.overdue > 0 { "alert-triangle" } else { "circle-check" },
            line: cx.t2("bureau.tile.cases_line", grouped(on_time), grouped(cases.overdue)),
        },
        Tile {
            href: link("/desk?closed=1", "#cases"),
            label: cx.t("bureau.tile.decided"),
            value: cases.median_days.map_or_else(|| "—".to_owned(), |d| d.to_string()),
            unit: if cases.median_days.is_some() { cx.t("bureau.unit.working_days") } else { "" },
            kind: if decided > 0 && cases.within_limit < decided { "warn" } else { "ok" },
            icon: "history",
            line: if decided == 0 {
                cx.t("bureau.tile.decided_none").to_owned()
            } else {
                cx.t2("bureau.tile.decided_line", grouped(decided), percent(cases.within_limit, decided))
            },
        },
        Tile {
            href: link("/desk/payments", "#money"),
            label: cx.t("bureau.tile.money"),
            value: cases.monthly_total.to_string(),
            unit: cx.t("common.unit.yuan_word"),
            kind: "ok",
            icon: "wallet",
            line: cx.t1("bureau.tile.money_line", grouped(cases.benefits)),
        },
    ]
}

/// From hit to help, with what was lost on the way in words.
fn path(cx: &Cx, watch: &WatchFigures) -> Vec<Bar> {
    let alerts = watch.alerts_open + watch.alerts_closed;
    let tasks = watch.open + watch.closed;
    let confirmed: u64 = watch.outcomes.iter().filter(|(c, _)| c.confirms()).map(|(_, n)| n).sum();
    let whole = alerts.max(tasks).max(1);
    let bar = |key: &str, n: u64, words: String| Bar {
        label: cx.t_of("bureau.path", key).to_owned(),
        value: grouped(n),
        width: look::width(n, whole),
        words,
    };
    vec![
        bar("alerts", alerts, cx.t1("bureau.path.alerts_words", grouped(watch.pooled))),
        bar("tasks", tasks, cx.t("bureau.path.tasks_words").to_owned()),
        bar("visited", watch.visited, cx.t1("bureau.path.visited_words", grouped(tasks.saturating_sub(watch.visited)))),
        bar("closed", watch.closed, cx.t1("bureau.path.closed_words", grouped(watch.overdue))),
        bar("confirmed", confirmed, cx.t1("bureau.path.confirmed_words", percent(confirmed, watch.closed))),
        bar("cases", watch.to_case, cx.t("bureau.path.cases_words").to_owned()),
    ]
}

/// Every community of the scope, those without anything open too: an empty tile is news as well.
fn townships(cx: &Cx, pack: &Pack, watch: &WatchFigures, scope: &str) -> Vec<TownshipRow> {
    let open: BTreeMap<&str, (u64, u64)> =
        watch.by_village.iter().map(|(code, open, overdue)| (code.as_str(), (*open, *overdue))).collect();
    let most = open.values().map(|(n, _)| *n).max().unwrap_or(0);
    let mut rows = Vec::new();
    for township in pack.regions.at_level(RegionLevel::Township) {
        if !region::contains(scope, &township.code) && !region::contains(&township.code, scope) {
            continue;
        }
        let villages = pack.regions.children(&township.code).filter(|r| region::contains(scope, &r.code));
        let tile = |village: &region::Region| {
            let (n, overdue) = open.get(village.code.as_str()).copied().unwrap_or((0, 0));
            CommunityTile {
                name: short(cx, cx.text(&village.name)),
                open: n,
                overdue,
                class: step(n, most),
                worst: n > 0 && n == most,
                href: format!("/bureau/alerts#r-{}", village.code),
            }
        };
        let tiles: Vec<CommunityTile> = villages.map(tile).collect();
        if !tiles.is_empty() {
            rows.push(TownshipRow { name: short(cx, cx.text(&township.name)), tiles });
        }
    }
    rows
}

/// Without the word for its kind: tiles are narrow.
fn short(v: &View, name: &str) -> String {
    let kinds: &[&str] = if v.is_zh() {
        &["社区", "街道", "村", "镇", "乡"]
    } else {
        &[" Community", " Subdistrict", " Village", " Town", " Township"]
    };
    let cut = kinds.iter().find_map(|kind| name.strip_suffix(kind)).filter(|rest| rest.chars().count() > 1);
    cut.unwrap_or(name).to_owned()
}

/// Six steps from none to the most.
fn step(n: u64, most: u64) -> &'static str {
    if n == 0 {
        return "h0";
    }
    match n * 5 / most.max(1) {
        0 | 1 => "h1",
        2 => "h2",
        3 => "h3",
        4 => "h4",
        _ => "h5",
    }
}

fn tiers(cx: &Cx, pack: &Pack, pass: Option<&PassFigure>) -> Vec<Bar> {
    let Some(pass) = pass else { return Vec::new() };
    let order = |id: &str| pack.programme(id).map_or(u32::MAX, |p| p.order);
    let mut tiers: Vec<&(String, u64)> = pass.tiers.iter().filter(|(id, _)| id != "none").collect();
    tiers.sort_by_key(|(id, _)| order(id));
    let whole = tiers.iter().map(|(_, n)| *n).max().unwrap_or(1);
    let bar = |(id, n): &(String, u64)| Bar {
        label: look::tier(cx, pack, id),
        value: grouped(*n),
        width: look::width(*n, whole),
        words: String::new(),
    };
    tiers.into_iter().map(bar).collect()
}

fn states(cx: &Cx, cases: &CaseFigures) -> Vec<Bar> {
    // Recipients of earlier years would hide everything that moves.
    let moving: Vec<&(CaseState, u64)> =
        cases.by_state.iter().filter(|(s, n)| *n > 0 && *s != CaseState::Assisting).collect();
    let whole = moving.iter().map(|(_, n)| *n).max().unwrap_or(1);
    let bar = |(state, n): &(CaseState, u64)| Bar {
        label: state.title(cx.lang).to_owned(),
        value: grouped(*n),
        width: look::width(*n, whole),
        words: state.id().to_owned(),
    };
    moving.into_iter().map(bar).collect()
}

fn channels(cx: &Cx, cases: &CaseFigures) -> Vec<Bar> {
    let known: Vec<(Channel, u64)> = (cases.by_channel.iter())
        .filter_map(|(id, n)| Channel::from_id(id).map(|c| (c, *n)))
        // The roster that was taken over came through no door.
        .filter(|(c, n)| *c != Channel::System && *n > 0)
        .collect();
    let whole: u64 = known.iter().map(|(_, n)| n).sum();
    let bar = |(channel, n): &(Channel, u64)| Bar {
        label: channel.title(cx.lang).to_owned(),
        value: grouped(*n),
        width: look::width(*n, whole),
        words: String::new(),
    };
    known.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_worst_community_has_the_darkest_tile() {
        assert_eq!([0, 1, 2, 3, 4, 5].map(|n| step(n, 5)), ["h0", "h1", "h2", "h3", "h4", "h5"]);
        assert_eq!(step(99, 100), "h4");
        assert_eq!(step(0, 0), "h0");
    }

    #[test]
    fn figures_have_separators() {
        assert_eq!([0, 1284, 1_850_221].map(grouped), ["0", "1,284", "1,850,221"]);
    }
}
