//! How a feed stands against what its owner promised, at a moment: freshness, quality, agreement.

use crate::local_date;
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::collections::BTreeMap;
use tuodi_pack::{Purpose, Renewal, Text, WithheldWhy, source::Source};

/// The five scores of a batch (data-sources.md 0.5), each 0 to 100 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Score {
    /// Cells of key columns that hold a value.
    Completeness,
    /// Rows without a broken value: check digits, code lists, dates, amounts.
    Validity,
    /// Rows that do not repeat the key of another row of the file.
    Uniqueness,
    /// How recent the newest row is against the lag promised: 100 within it, less in proportion beyond.
    Timeliness,
    /// Facts that another source has too and gives the same, of all facts that both have.
    Consistency,
}

impl Score {
    pub const ALL: [Score; 5] =
        [Score::Completeness, Score::Validity, Score::Uniqueness, Score::Timeliness, Score::Consistency];

    pub fn title(self) -> Text {
        match self {
            Score::Completeness => Text::new("完整性", "completeness"),
            Score::Validity => Text::new("有效性", "validity"),
            Score::Uniqueness => Text::new("唯一性", "uniqueness"),
            Score::Timeliness => Text::new("及时性", "timeliness"),
            Score::Consistency => Text::new("一致性", "consistency"),
        }
    }
}

/// Percent; `None`: cannot be told for this batch.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Scores {
    pub completeness: Option<f64>,
    pub validity: Option<f64>,
    pub uniqueness: Option<f64>,
    pub timeliness: Option<f64>,
    pub consistency: Option<f64>,
}

impl Scores {
    pub fn get(&self, score: Score) -> Option<f64> {
        match score {
            Score::Completeness => self.completeness,
            Score::Validity => self.validity,
            Score::Uniqueness => self.uniqueness,
            Score::Timeliness => self.timeliness,
            Score::Consistency => self.consistency,
        }
    }
}

/// A batch as far as this room needs to know it.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival {
    pub batch: String,
    /// Batches of one group stand together: the parts of one list.
    pub group: String,
    pub at: DateTime<Utc>,
    /// Not held: its rows are in the pool.
    pub taken: bool,
    /// Came as a file; what the platform writes itself is never late.
    pub from_file: bool,
    pub contract_version: u32,
    pub scores: Scores,
    /// Rows put aside, by the code of their first problem.
    pub reasons: BTreeMap<String, u64>,
}

/// What is wrong with a feed.
#[derive(Debug, Clone, PartialEq)]
pub enum Trouble {
    /// Days since the next batch was due.
    Late { days: i64, newest: NaiveDate },
    /// The newest batch was put aside whole, or scores under the promise.
    Degraded { held: bool, below: Vec<(Score, f64)>, promised: u32 },
    /// Purposes that were agreed once and are not covered now.
    Agreement { purposes: Vec<Purpose>, ended: Option<NaiveDate> },
    /// Fetching it on its schedule has failed again and again since this day. Told by whoever fetches.
    Unfetched { since: NaiveDate },
}

impl Trouble {
    /// As tasks and files write it.
    pub fn id(&self) -> &'static str {
        match self {
            Trouble::Late { .. } => "late",
            Trouble::Degraded { .. } => "degraded",
            Trouble::Agreement { .. } => "agreement",
            Trouble::Unfetched { .. } => "unfetched",
        }
    }

    /// In a few words, for a list.
    pub fn words(&self) -> Text {
        match self {
            Trouble::Late { days, newest } => Text::new(
                format!("迟了{days}天（最近一批{newest}）"),
                format!("late by {days} days (newest batch {newest})"),
            ),
            Trouble::Degraded { held: true, .. } => {
                Text::new("最近一批不合格，整批隔离", "the newest batch was put aside whole")
            }
            Trouble::Degraded { below, promised, .. } => {
                let list = |lang| {
                    let parts: Vec<String> =
                        below.iter().map(|(s, v)| format!("{} {v:.1} %", s.title().get(lang))).collect();
                    parts.join(if lang == tuodi_pack::Lang::Zh { "、" } else { ", " })
                };
                Text::new(
                    format!("质量下降：{}，承诺{promised} %", list(tuodi_pack::Lang::Zh)),
                    format!("degraded: {}; promised {promised} %", list(tuodi_pack::Lang::En)),
                )
            }
            Trouble::Unfetched { since } => {
                Text::new(format!("自{since}起自动获取一直失败"), format!("fetching has failed since {since}"))
            }
            Trouble::Agreement { purposes, ended } => {
                let list = |lang, between: &str| {
                    let parts: Vec<String> = purposes.iter().map(|p| p.title().get(lang).to_owned()).collect();
                    parts.join(between)
                };
                let (zh, en) = (list(tuodi_pack::Lang::Zh, "、"), list(tuodi_pack::Lang::En, ", "));
                match ended {
                    Some(day) => Text::new(
                        format!("协议已于{day}到期，不能用于{zh}"),
                        format!("out of agreement since {day}: not for {en}"),
                    ),
                    None => {
                        Text::new(format!("没有有效协议，不能用于{zh}"), format!("no agreement holds: not for {en}"))
                    }
                }
            }
        }
    }
}

/// How one feed stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    pub source: String,
    /// The newest batch that is in the pool.
    pub newest: Option<DateTime<Utc>>,
    /// Day by which the next batch is promised; none where nothing is, or nothing has come yet.
    pub due: Option<NaiveDate>,
    /// The agreement that holds and ends last, with its last day.
    pub agreement: Option<(String, Option<NaiveDate>)>,
    pub troubles: Vec<Trouble>,
}

impl Standing {
    /// Days until the agreement ends, where it does.
    pub fn days_left(&self, today: NaiveDate) -> Option<i64> {
        let (_, until) = self.agreement.as_ref()?;
        Some((*until.as_ref()? - today).num_days())
    }
}

/// How the source stood at that moment: batches that arrived later do not count, nor does what would be due later.
pub fn standing<'a>(
    source: &Source,
    arrivals: impl IntoIterator<Item = &'a Arrival>,
    renewals: &[Renewal],
    at: DateTime<Utc>,
) -> Standing {
    let today = local_date(at);
    let by_then: Vec<&Arrival> = arrivals.into_iter().filter(|a| a.at <= at).collect();
    let newest = by_then.iter().filter(|a| a.taken).max_by_key(|a| a.at);
    let mut troubles = Vec::new();
    let promised_from = newest.filter(|a| a.from_file).map(|a| local_date(a.at));
    let due = promised_from.zip(source.patience_days()).and_then(|(day, n)| day.checked_add_days(Days::new(n.into())));
    if let Some((due, newest)) = due.zip(promised_from).filter(|(due, _)| *due < today) {
        troubles.push(Trouble::Late { days: (today - due).num_days(), newest });
    }
    troubles.extend(degraded(source, &by_then));
    troubles.extend(out_of_agreement(source, renewals, today));
    Standing {
        source: source.id.clone(),
        newest: newest.map(|a| a.at),
        due,
        agreement: source.agreement_on(today, renewals).map(|(a, until)| (a.number.clone(), until)),
        troubles,
    }
}

/// What a batch is judged by. Timeliness is shown and not judged: where events are rare the newest row is old in a batch
/// that came on time; that nothing comes at all is told as [`Trouble::Late`].
const JUDGED: [Score; 4] = [Score::Completeness, Score::Validity, Score::Uniqueness, Score::Consistency];

/// The newest group of batches; of a list in several files the worst part counts.
fn degraded(source: &Source, by_then: &[&Arrival]) -> Option<Trouble> {
    let last = by_then.iter().max_by_key(|a| a.at)?;
    let promised = source.promise?.quality;
    let parts = || by_then.iter().filter(|a| a.group == last.group);
    let below: Vec<(Score, f64)> = JUDGED
        .into_iter()
        .filter_map(|score| Some((score, parts().filter_map(|a| a.scores.get(score)).reduce(f64::min)?)))
        .filter(|(_, value)| *value < f64::from(promised))
        .collect();
    let held = !last.taken;
    (held || !below.is_empty()).then_some(Trouble::Degraded { held, below, promised })
}

fn out_of_agreement(source: &Source, renewals: &[Renewal], today: NaiveDate) -> Option<Trouble> {
    let refused = |p: &Purpose| source.may_serve(*p, today, renewals).err();
    let agreed_once = |p: &Purpose| source.agreements.iter().any(|a| a.from <= today && a.purposes.contains(p));
    let lapsed: Vec<_> = Purpose::ALL.into_iter().filter(agreed_once).filter_map(|p| Some((p, refused(&p)?))).collect();
    let ended = lapsed.iter().filter_map(|(_, w)| match w.why {
        WithheldWhy::Ended { until } => Some(until),
        WithheldWhy::NoAgreement | WithheldWhy::NotForPurpose => None,
    });
    let ended = ended.max();
    (!lapsed.is_empty()).then(|| Trouble::Agreement { purposes: lapsed.into_iter().map(|(p, _)| p).collect(), ended })
}
