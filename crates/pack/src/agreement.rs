//! Agreements: for what purposes a department's data may be used, and until when.
//!
//! A datum outside its agreed purpose is not readable (PIPL art. 6 and 13; IM art. 58): whoever opens a snapshot says for
//! what, and sources whose agreement does not cover that on that day are left out. What is left out is unknown, never no.

use crate::{Pack, Text, source::Source};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What data may be used for. The vocabulary of agreements, of the engine's readings and of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The pass over everybody: finding people in difficulty.
    Monitoring,
    /// The check of a household that applies or is visited.
    Verification,
    /// The check of a household that is assisted already.
    Reverification,
    /// Figures of groups: trials of the rules, measures of poverty.
    Statistics,
    /// Finding and ordering services for a household.
    Service,
}

impl Purpose {
    pub const ALL: [Purpose; 5] =
        [Purpose::Monitoring, Purpose::Verification, Purpose::Reverification, Purpose::Statistics, Purpose::Service];

    /// As files write it: `reverification`.
    pub fn id(self) -> &'static str {
        match self {
            Purpose::Monitoring => "monitoring",
            Purpose::Verification => "verification",
            Purpose::Reverification => "reverification",
            Purpose::Statistics => "statistics",
            Purpose::Service => "service",
        }
    }

    pub fn from_id(id: &str) -> Option<Purpose> {
        Purpose::ALL.into_iter().find(|p| p.id() == id)
    }

    pub fn title(self) -> Text {
        match self {
            Purpose::Monitoring => Text::new("动态监测", "monitoring"),
            Purpose::Verification => Text::new("经济状况核对", "verification"),
            Purpose::Reverification => Text::new("定期复核", "re-verification"),
            Purpose::Statistics => Text::new("统计分析", "statistics"),
            Purpose::Service => Text::new("服务对接", "service"),
        }
    }
}

/// Whom to ask about a feed: a desk, not a person.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    pub desk: Text,
    pub phone: String,
}

/// What the owner promises of each batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    /// Days after the end of its period until a batch has arrived.
    pub lag_days: u32,
    /// Percent that each quality score reaches; below it the feed is degraded.
    pub quality: u32,
}

/// One agreement on the use of a source, as the pack has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    pub number: String,
    pub purposes: Vec<Purpose>,
    #[serde(deserialize_with = "crate::date::one")]
    pub from: NaiveDate,
    /// Last day; unset: for as long as the platform keeps its own records. Departments' agreements end.
    #[serde(default, deserialize_with = "crate::date::optional")]
    pub until: Option<NaiveDate>,
    #[serde(default)]
    pub note: String,
}

/// What an installation has recorded since: an agreement holds until another day than the pack says, later (renewed) or
/// earlier (ended). The latest record of an agreement counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewal {
    pub source: String,
    pub number: String,
    pub until: NaiveDate,
}

/// Why a source was not given to a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum WithheldWhy {
    /// No agreement, or none that has begun.
    NoAgreement,
    /// An agreement holds on that day, and not for this purpose.
    NotForPurpose,
    Ended {
        until: NaiveDate,
    },
}

/// A source that was not given to a reading, because its agreement does not cover it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withheld {
    pub source: String,
    pub purpose: Purpose,
    pub on: NaiveDate,
    /// The agreement that comes nearest; empty where there is none.
    pub number: String,
    #[serde(flatten)]
    pub why: WithheldWhy,
}

/// For logs and errors of the command line; pages say [`Withheld::words`].
impl std::fmt::Display for Withheld {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (source, purpose, on, number) = (&self.source, self.purpose.id(), self.on, &self.number);
        match self.why {
            WithheldWhy::NoAgreement => {
                write!(f, "source {source} may not be read for {purpose}: no agreement holds on {on}; conclude one")
            }
            WithheldWhy::NotForPurpose => write!(
                f,
                "source {source} may not be read for {purpose}: agreement {number} does not cover it on {on}; agree it with the owner"
            ),
            WithheldWhy::Ended { until } => write!(
                f,
                "source {source} may not be read for {purpose} on {on}: agreement {number} ended on {until}; renew it and record it on the source's page"
            ),
        }
    }
}

impl Withheld {
    /// In plain words, with the source's title and what to do.
    pub fn words(&self, pack: &Pack) -> Text {
        let title = pack.source(&self.source).map(|s| s.title.clone()).unwrap_or_default();
        let (zh, en) = (format!("{}{}", self.source, title.zh), format!("{} {}", self.source, title.en));
        let purpose = self.purpose.title();
        let (on, number) = (self.on, &self.number);
        match self.why {
            WithheldWhy::NoAgreement => Text::new(
                format!("{zh}：{on}没有有效的共享协议，不能用于{}；请数据管理员与提供部门签订协议", purpose.zh),
                format!(
                    "{en}: no agreement holds on {on}, so it may not be used for {}; the data steward concludes one with the owner",
                    purpose.en
                ),
            ),
            WithheldWhy::NotForPurpose => Text::new(
                format!("{zh}：协议{number}不包括“{}”用途，未提供使用", purpose.zh),
                format!("{en}: agreement {number} does not cover {}, so it was withheld", purpose.en),
            ),
            WithheldWhy::Ended { until } => Text::new(
                format!("{zh}：协议{number}已于{until}到期，未提供使用；续签后请在数据来源页登记"),
                format!(
                    "{en}: agreement {number} ended on {until}, so it was withheld; once renewed, record it on the source's page"
                ),
            ),
        }
    }
}

impl Agreement {
    /// The last day, with what an installation has recorded about it.
    pub fn until(&self, source: &str, renewals: &[Renewal]) -> Option<NaiveDate> {
        let recorded = renewals.iter().rev().find(|r| r.source == source && r.number == self.number);
        recorded.map_or(self.until, |r| Some(r.until))
    }

    fn holds(&self, source: &str, on: NaiveDate, renewals: &[Renewal]) -> bool {
        self.from <= on && self.until(source, renewals).is_none_or(|until| on <= until)
    }
}

impl Source {
    /// Whether its rows may be read for this purpose on this day. `renewals`: all that the installation has recorded, in
    /// the order in which it did.
    ///
    /// # Errors
    /// What to say where they may not.
    pub fn may_serve(&self, purpose: Purpose, on: NaiveDate, renewals: &[Renewal]) -> Result<(), Withheld> {
        let holding = |a: &&Agreement| a.holds(&self.id, on, renewals);
        let covers = |a: &&Agreement| a.purposes.contains(&purpose);
        if self.agreements.iter().any(|a| holding(&a) && covers(&a)) {
            return Ok(());
        }
        let ended = |a: &Agreement| a.until(&self.id, renewals).filter(|until| *until < on);
        let last = self.agreements.iter().filter(covers).filter_map(|a| Some((a, ended(a)?))).max_by_key(|(_, u)| *u);
        let (number, why) = match (last, self.agreements.iter().find(holding)) {
            (Some((agreement, until)), _) => (agreement.number.as_str(), WithheldWhy::Ended { until }),
            (None, Some(agreement)) => (agreement.number.as_str(), WithheldWhy::NotForPurpose),
            (None, None) => ("", WithheldWhy::NoAgreement),
        };
        Err(Withheld { source: self.id.clone(), purpose, on, number: number.to_owned(), why })
    }

    /// The agreement that holds on a day, with its last day; of several the one that ends last.
    pub fn agreement_on(&self, on: NaiveDate, renewals: &[Renewal]) -> Option<(&Agreement, Option<NaiveDate>)> {
        let holding = self.agreements.iter().filter(|a| a.holds(&self.id, on, renewals));
        let with_end = holding.map(|a| (a, a.until(&self.id, renewals)));
        with_end.max_by_key(|(_, until)| until.unwrap_or(NaiveDate::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn source(agreements: &str) -> Source {
        let text = format!(
            r#"id = "DS09"
name = "settlement"
title = {{ zh = "结算", en = "Settlement" }}
owner = {{ zh = "医保局", en = "Insurance" }}
grain = {{ zh = "一次", en = "one" }}
version = 1
key = ["no"]
frequency = "daily"
sensitivity = "L4"
basis = "IM"
column = []
{agreements}"#
        );
        toml::from_str(&text).unwrap()
    }

    const ONE: &str = "[[agreement]]\nnumber = \"A1\"\npurposes = [\"monitoring\", \"verification\"]\nfrom = 2026-01-01\nuntil = 2026-12-31";

    #[test]
    fn a_source_serves_what_was_agreed_on_the_days_agreed() {
        let source = source(ONE);
        assert_eq!(source.may_serve(Purpose::Monitoring, day("2026-12-31"), &[]), Ok(()));
        let why = |purpose, on: &str| source.may_serve(purpose, day(on), &[]).unwrap_err().why;
        assert_eq!(why(Purpose::Statistics, "2026-06-01"), WithheldWhy::NotForPurpose);
        assert_eq!(why(Purpose::Monitoring, "2027-01-01"), WithheldWhy::Ended { until: day("2026-12-31") });
        assert_eq!(why(Purpose::Monitoring, "2025-12-31"), WithheldWhy::NoAgreement);
    }

    #[test]
    fn without_an_agreement_nothing_is_readable() {
        let withheld = source("").may_serve(Purpose::Monitoring, day("2026-06-01"), &[]).unwrap_err();
        assert_eq!((withheld.why, withheld.number.as_str()), (WithheldWhy::NoAgreement, ""));
    }

    #[test]
    fn the_latest_record_of_the_installation_counts() {
        let source = source(ONE);
        let until = |day_: &str| Renewal { source: "DS09".into(), number: "A1".into(), until: day(day_) };
        let renewed = [until("2027-12-31")];
        assert_eq!(source.may_serve(Purpose::Monitoring, day("2027-06-01"), &renewed), Ok(()));
        let ended = [until("2027-12-31"), until("2026-03-31")];
        let why = source.may_serve(Purpose::Monitoring, day("2026-06-01"), &ended).unwrap_err().why;
        assert_eq!(why, WithheldWhy::Ended { until: day("2026-03-31") });
        let other = [Renewal { source: "DS10".into(), ..until("2027-12-31") }];
        assert!(source.may_serve(Purpose::Monitoring, day("2027-06-01"), &other).is_err());
    }

    #[test]
    fn every_purpose_is_read_as_it_is_written() {
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::from_id(purpose.id()), Some(purpose));
            assert_eq!(serde_json::to_value(purpose).unwrap(), purpose.id());
        }
    }

    #[test]
    fn what_was_withheld_reads_back_as_written() {
        let withheld = source(ONE).may_serve(Purpose::Monitoring, day("2027-01-01"), &[]).unwrap_err();
        let text = serde_json::to_string(&withheld).unwrap();
        assert_eq!(serde_json::from_str::<Withheld>(&text).unwrap(), withheld, "{text}");
    }
}
