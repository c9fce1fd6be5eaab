//! `library.toml`: whom the low-income library (低收入人口库) holds, in which layer, for how long, and from which lists it
//! knows what people are given. A pack need not have one; then the library stays empty.
//!
//! Placing a household is a pure function of what is known of it and of the day: an act at a desk and the pass over
//! everybody come to the same layer.

use crate::{
    Pack, Text,
    indicator::{Kind, Severity},
};
use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// 在册、拓展、疑似 (OP23: layered monitoring of low-income people).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// In a programme now.
    Registered,
    /// Not in one, and watched: left not long ago, refused near the line, seen to be in hardship.
    Extended,
    /// Found by monitoring and not asked yet.
    Suspected,
}

impl Layer {
    pub const ALL: [Layer; 3] = [Layer::Registered, Layer::Extended, Layer::Suspected];

    pub fn id(self) -> &'static str {
        match self {
            Layer::Registered => "registered",
            Layer::Extended => "extended",
            Layer::Suspected => "suspected",
        }
    }

    pub fn from_id(id: &str) -> Option<Layer> {
        Layer::ALL.into_iter().find(|l| l.id() == id)
    }
}

/// How a household came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    Roster,
    Application,
    Alert,
    /// Somebody told: a neighbour, the hotline, the happiness code.
    Report,
    Finding,
}

impl Way {
    pub const ALL: [Way; 5] = [Way::Roster, Way::Application, Way::Alert, Way::Report, Way::Finding];

    pub fn id(self) -> &'static str {
        match self {
            Way::Roster => "roster",
            Way::Application => "application",
            Way::Alert => "alert",
            Way::Report => "report",
            Way::Finding => "finding",
        }
    }

    pub fn from_id(id: &str) -> Option<Way> {
        Way::ALL.into_iter().find(|w| w.id() == id)
    }
}

/// Puts a household into a layer where its one claim holds; of several the first in the file does.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub id: String,
    pub layer: Layer,
    pub way: Way,
    pub title: Text,
    /// Somebody of the household is in one of these now.
    #[serde(default)]
    pub programmes: Vec<String>,
    /// The household left one of these, at most `months` ago.
    #[serde(default)]
    pub left: Vec<String>,
    /// Refused at most `months` ago, and no condition that failed was missed by more than so many parts per 1000.
    pub refused_within_permille: Option<u32>,
    /// A visit came to this, at most `months` ago.
    #[serde(default)]
    pub outcomes: Vec<String>,
    /// The rules find this tier.
    #[serde(default)]
    pub found: Vec<String>,
    /// One of these is open.
    #[serde(default)]
    pub alerts: Vec<String>,
    /// An alert of one of these kinds is open, `severity` or above.
    #[serde(default)]
    pub alert_kinds: Vec<Kind>,
    pub severity: Option<Severity>,
    /// How long what is past still counts.
    pub months: Option<u32>,
    /// When somebody looks again; unset: at the end of the watch only.
    pub review_months: Option<u32>,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

/// One kind of help a list may name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HelpKind {
    /// As the contract's column codes it.
    pub code: String,
    /// The pack's programme it is; where it is none, the title says what it is.
    pub programme: Option<String>,
    pub title: Option<Text>,
}

/// A department's list of people who are given something.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Help {
    pub source: String,
    /// Column with the person's citizen number.
    pub person: String,
    /// Column that says what it is; where there is none the whole list is of one `programme`.
    pub kind: Option<String>,
    pub programme: Option<String>,
    pub from: String,
    pub to: Option<String>,
    /// Column that says how it stands, and its codes for help that is over.
    pub state: Option<String>,
    #[serde(default)]
    pub over: Vec<String>,
    /// Column of money a month.
    pub monthly: Option<String>,
    /// Codes that stand for no help.
    #[serde(default)]
    pub skip: Vec<String>,
    /// Codes that are not the id of a programme of the pack.
    #[serde(rename = "kinds", default)]
    pub kinds: Vec<HelpKind>,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

impl Help {
    /// Whether a row says that help is over without saying since when: then it is nobody's help, of no known time.
    pub fn is_over(&self, state: Option<&str>, to: Option<NaiveDate>) -> bool {
        to.is_none() && state.is_some_and(|state| self.over.iter().any(|code| code == state))
    }
}

/// A department's list of payments.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fund {
    pub source: String,
    pub person: String,
    pub kind: String,
    /// Column of money.
    pub amount: String,
    /// Column of the month paid for.
    pub month: String,
    pub region: String,
    pub status: String,
    /// Code of a payment that arrived.
    pub paid: String,
    /// Code of one that came back.
    pub returned: String,
    #[serde(rename = "kinds", default)]
    pub kinds: Vec<HelpKind>,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Library {
    #[serde(rename = "rule", default)]
    pub rules: Vec<Rule>,
    #[serde(rename = "help", default)]
    pub help: Vec<Help>,
    #[serde(rename = "fund", default)]
    pub funds: Vec<Fund>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    pub on: NaiveDate,
    /// Parts per 1000 by which the line was missed; unset where it cannot be told.
    pub missed_permille: Option<u32>,
    pub reason: String,
}

/// What the library knows of a household: what its layer follows from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// In force, and since when.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub programmes: BTreeMap<String, NaiveDate>,
    /// Ended, and their last day.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left: BTreeMap<String, NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refused>,
    /// What the last visit came to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<(String, NaiveDate)>,
    /// The tier that the rules find.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// When the case or the roster says that it is checked next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_on: Option<NaiveDate>,
    /// Open alerts at their most severe.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub alerts: BTreeMap<String, Severity>,
}

/// Where a household stands, and until when if nothing happens.
#[derive(Debug, Clone, Copy)]
pub struct Placed<'p> {
    pub rule: &'p Rule,
    /// The day from which that holds, where it is known: the day help began, or ended.
    pub since: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
}

/// The days between which a claim holds, as far as they are known.
type Days = (Option<NaiveDate>, Option<NaiveDate>);

impl Library {
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|r| r.id == id)
    }
}

impl Rule {
    /// `Some` where the claim holds, with the first day and, of what is counted from a day in the past, the last.
    fn holds(&self, pack: &Pack, standing: &Standing, today: NaiveDate) -> Option<Days> {
        let named = |list: &[String], id: &str| list.iter().any(|other| other == id);
        // What ended in the future (a last day stated ahead) is no past yet.
        let still = |on: NaiveDate| {
            let until = on + Months::new(self.months.unwrap_or(0));
            (on <= today && today <= until).then_some((Some(on), Some(until)))
        };
        let held = standing.programmes.iter().filter(|(p, _)| named(&self.programmes, p)).map(|(_, since)| *since);
        if let Some(since) = held.min() {
            return Some((Some(since.min(today)), None));
        }
        let last = standing.left.iter().filter(|(p, _)| named(&self.left, p)).map(|(_, on)| *on).max();
        if let Some(days) = last.and_then(still) {
            return Some(days);
        }
        if let (Some(most), Some(refused)) = (self.refused_within_permille, &standing.refused)
            && refused.missed_permille.is_some_and(|missed| missed <= most)
            && let Some(days) = still(refused.on)
        {
            return Some(days);
        }
        if let Some((code, on)) = &standing.outcome
            && named(&self.outcomes, code)
            && let Some(days) = still(*on)
        {
            return Some(days);
        }
        if standing.found.as_deref().is_some_and(|tier| named(&self.found, tier)) {
            return Some((None, None));
        }
        let counts = |(id, severity): (&String, &Severity)| {
            let kind = || pack.indicator(id).map(|i| i.kind);
            let severe = self.severity.is_none_or(|least| *severity >= least);
            named(&self.alerts, id) || (severe && kind().is_some_and(|k| self.alert_kinds.contains(&k)))
        };
        standing.alerts.iter().any(counts).then_some((None, None))
    }
}

impl Pack {
    /// The first rule of the library that holds; `None`: the household is not in it.
    pub fn place(&self, standing: &Standing, today: NaiveDate) -> Option<Placed<'_>> {
        self.library
            .rules
            .iter()
            .find_map(|rule| rule.holds(self, standing, today).map(|(since, until)| Placed { rule, since, until }))
    }

    /// What a programme of the library is called: the pack's own, or one that only a list names.
    pub fn help_title(&self, id: &str) -> Text {
        if let Some(programme) = self.programme(id) {
            return programme.title.clone();
        }
        let kinds = self.library.help.iter().flat_map(|h| &h.kinds);
        let kinds = kinds.chain(self.library.funds.iter().flat_map(|f| &f.kinds));
        kinds.filter(|k| k.code == id).find_map(|k| k.title.clone()).unwrap_or_else(|| Text::new(id, id))
    }
}

/// The programme, or the kind's own word, that a code of a list stands for; `None` for what is skipped.
pub fn kind_of<'a>(kinds: &'a [HelpKind], skip: &[String], code: &'a str) -> Option<&'a str> {
    if skip.iter().any(|s| s == code) {
        return None;
    }
    let kind = kinds.iter().find(|k| k.code == code);
    Some(kind.and_then(|k| k.programme.as_deref()).unwrap_or(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack() -> Pack {
        Pack::load(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/qingyan")).unwrap()
    }

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap()
    }

    fn layer(pack: &Pack, standing: &Standing, today: NaiveDate) -> Option<Layer> {
        pack.place(standing, today).map(|p| p.rule.layer)
    }

    #[test]
    fn who_is_in_a_programme_is_registered_whatever_else_is_known() {
        let pack = pack();
        let standing = Standing {
            programmes: [("dibao".to_owned(), day(1, 1))].into(),
            alerts: [("M010".to_owned(), Severity::Red)].into(),
            ..Standing::default()
        };
        assert_eq!(layer(&pack, &standing, day(11, 20)), Some(Layer::Registered));
    }

    #[test]
    fn who_left_is_watched_for_a_year_to_the_day_and_then_let_go() {
        let pack = pack();
        let standing = Standing { left: [("dibao".to_owned(), day(3, 31))].into(), ..Standing::default() };
        let last = NaiveDate::from_ymd_opt(2027, 3, 31).unwrap();
        assert_eq!(layer(&pack, &standing, last), Some(Layer::Extended));
        assert_eq!(pack.place(&standing, last).unwrap().until, Some(last));
        assert_eq!(layer(&pack, &standing, last + chrono::Days::new(1)), None);
        assert_eq!(layer(&pack, &standing, day(3, 30)), None, "a last day stated ahead is no past yet");
    }

    #[test]
    fn a_refusal_counts_near_the_line_only_and_not_where_nobody_can_tell() {
        let pack = pack();
        let refused = |missed| Standing {
            refused: Some(Refused { on: day(6, 1), missed_permille: missed, reason: "income_over".to_owned() }),
            ..Standing::default()
        };
        let near = pack.library.rules.iter().find_map(|r| r.refused_within_permille).unwrap();
        assert_eq!(layer(&pack, &refused(Some(near)), day(7, 1)), Some(Layer::Extended));
        assert_eq!(layer(&pack, &refused(Some(near + 1)), day(7, 1)), None);
        assert_eq!(layer(&pack, &refused(None), day(7, 1)), None);
    }

    #[test]
    fn an_alert_makes_suspected_and_a_compliance_finding_does_not() {
        let pack = pack();
        let of = |kind| pack.indicators.iter().find(|i| i.kind == kind).unwrap().id.clone();
        let with = |id: String| Standing { alerts: [(id, Severity::Red)].into(), ..Standing::default() };
        assert_eq!(layer(&pack, &with(of(Kind::Trigger)), day(7, 1)), Some(Layer::Suspected));
        assert_eq!(layer(&pack, &with(of(Kind::Compliance)), day(7, 1)), None);
        assert_eq!(layer(&pack, &Standing::default(), day(7, 1)), None);
    }

    #[test]
    fn a_code_is_its_programme_its_own_word_or_no_help() {
        let kinds = [HelpKind { code: "elder_service".into(), programme: Some("voucher".into()), title: None }];
        let skip = ["left_behind".to_owned()];
        assert_eq!(kind_of(&kinds, &skip, "elder_service"), Some("voucher"));
        assert_eq!(kind_of(&kinds, &skip, "orphan"), Some("orphan"));
        assert_eq!(kind_of(&kinds, &skip, "left_behind"), None);
    }

    #[test]
    fn a_subsidy_that_is_stopped_without_a_day_is_no_help_in_force() {
        let pack = pack();
        let help = pack.library.help.iter().find(|h| h.source == "DS08").unwrap();
        assert!(help.is_over(Some("stopped"), None));
        assert!(!help.is_over(Some("stopped"), Some(day(6, 30))), "with its last day it is history");
        assert!(!help.is_over(Some("suspended"), None) && !help.is_over(Some("active"), None));
        assert!(!help.is_over(None, None), "what is not said is not over");
    }
}
