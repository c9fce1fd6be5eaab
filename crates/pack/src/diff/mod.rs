//! What changed between two packs, in words and from when: what citizens feel first, and nothing about formatting.

mod data;
mod frame;
mod indicators;
mod offer;
mod parameters;
mod procedure;
mod programmes;
mod say;
mod trials;

use crate::{Lang, Pack, Text};
use chrono::NaiveDate;
use serde::Serialize;
use std::fmt::Write;

/// What a change is about, in the order in which it matters to citizens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// Who can get what: programmes, their conditions and amounts.
    Programme,
    /// Standards, lines and other figures.
    Parameter,
    /// Services, matters, resources.
    Service,
    /// Who does what by when.
    Procedure,
    Indicator,
    /// The six-dimension index and its labels.
    Index,
    Source,
    Fact,
    /// Places, working days, laws, the pack itself.
    Frame,
    /// Wording that people read.
    Wording,
    Case,
}

/// One thing that is different in the new pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    pub area: Area,
    /// Id of what changed.
    pub id: String,
    /// The first day on which it is different.
    pub from: NaiveDate,
    pub text: Text,
    /// Before and after, where they are short: a figure, a formula.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Text>,
}

/// Every difference of meaning between two packs.
pub fn packs(old: &Pack, new: &Pack) -> Vec<Change> {
    let mut diff = say::Diff { old, new, changes: Vec::new() };
    programmes::compare(&mut diff);
    parameters::compare(&mut diff);
    offer::compare(&mut diff);
    indicators::compare(&mut diff);
    procedure::compare(&mut diff);
    trials::compare(&mut diff);
    data::compare(&mut diff);
    frame::compare(&mut diff);
    // Within an area things stay in the pack's order.
    diff.changes.sort_by_key(|c| c.area);
    diff.changes
}

/// The changes as a text to read: a heading an area, a line a change.
pub fn plain(changes: &[Change], lang: Lang) -> String {
    if changes.is_empty() {
        return Text::new("没有变化", "no change").get(lang).to_owned();
    }
    let mut out = String::new();
    let mut area = None;
    for change in changes {
        if area != Some(change.area) {
            if area.is_some() {
                out.push('\n');
            }
            area = Some(change.area);
            let _ = writeln!(out, "{}", heading(change.area).get(lang));
        }
        let from = match lang {
            Lang::Zh => format!("{}起", change.from.format("%Y年%-m月%-d日")),
            Lang::En => format!("from {}", change.from),
        };
        let _ = writeln!(out, "- {} [{from}]", change.text.get(lang));
        // A figure stands in the sentence already; words of the other language only are not shown.
        let told = |side: &Option<Text>| side.as_ref().map(|s| s.get(lang).to_owned());
        if change.area == Area::Parameter || told(&change.old) == told(&change.new) {
            continue;
        }
        let sides = [("原：", "was: ", &change.old), ("今：", "now: ", &change.new)];
        for (zh, en, side) in sides.into_iter().filter_map(|(zh, en, s)| s.as_ref().map(|s| (zh, en, s))) {
            let _ = writeln!(out, "    {}{}", if lang == Lang::Zh { zh } else { en }, side.get(lang));
        }
    }
    out.trim_end().to_owned()
}

pub fn heading(area: Area) -> Text {
    match area {
        Area::Programme => Text::new("救助项目", "Programmes"),
        Area::Parameter => Text::new("标准和参数", "Standards and figures"),
        Area::Service => Text::new("服务、事项和资源", "Services, matters and resources"),
        Area::Procedure => Text::new("办理程序", "Procedure"),
        Area::Indicator => Text::new("监测指标", "Indicators"),
        Area::Index => Text::new("六维评估", "Assessment index"),
        Area::Source => Text::new("数据来源", "Sources"),
        Area::Fact => Text::new("事实口径", "Facts"),
        Area::Frame => Text::new("地区、日历、法规和政策包", "Places, calendar, laws and the pack itself"),
        Area::Wording => Text::new("文字", "Wording"),
        Area::Case => Text::new("算例", "Worked cases"),
    }
}
