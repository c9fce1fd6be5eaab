//! What a finding rests on that was late, degraded or out of agreement when it was made, and what it was refused.
//!
//! Said at display, from the batches that had arrived by then: a finding does not change because a feed falls ill later.

use crate::{BatchFigure, Cx, View, WebError};
use chrono::{DateTime, Days, Duration, NaiveDate, NaiveTime, Utc};
use std::collections::BTreeSet;
use tuodi_feeds::{Trouble, standing};
use tuodi_pack::{
    CheckResult, Pack, Renewal,
    explain::leading,
    uses::{User, Uses},
};

/// Batches and agreements, for the marks of one page.
pub struct Feeds {
    batches: Vec<BatchFigure>,
    renewals: Vec<Renewal>,
    fetches: Vec<tuodi_inbox::Fetch>,
}

impl Feeds {
    pub async fn load(cx: &Cx) -> Result<Feeds, WebError> {
        let store = &cx.state.store;
        Ok(Feeds {
            batches: cx.state.data.batches().await?,
            renewals: tuodi_feeds::renewals(store).await?,
            fetches: tuodi_inbox::fetches(store).await?,
        })
    }

    /// One line a source that something was wrong with at that moment.
    fn marks(&self, v: &View, pack: &Pack, sources: &BTreeSet<&str>, at: DateTime<Utc>) -> Vec<String> {
        let mut lines = Vec::new();
        for source in sources.iter().filter_map(|id| pack.source(id)) {
            let arrivals = self.batches.iter().filter(|b| b.source == source.id).map(|b| &b.arrival);
            let mut troubles = standing(source, arrivals, &self.renewals, at).troubles;
            // Failing then, and ever since: newer data would have been there to fetch.
            let stuck = self.fetches.iter().find(|f| f.source == source.id).and_then(|f| f.is_stuck());
            if let Some(since) = stuck.filter(|since| *since <= at) {
                troubles.push(Trouble::Unfetched { since: tuodi_feeds::local_date(since) });
            }
            let words: Vec<String> = troubles.iter().map(|t| v.text(&t.words()).to_owned()).collect();
            if !words.is_empty() {
                lines.push(v.t3("feed.rests_on", &source.id, v.text(&source.title), words.join(v.t("feed.between"))));
            }
        }
        lines
    }

    /// Of a household's finding: sources of its rows, and those behind the programme that is told first.
    pub fn of_result(&self, v: &View, pack: &Pack, result: &CheckResult, at: DateTime<Utc>) -> Vec<String> {
        let uses = Uses::of(pack);
        let mut sources: BTreeSet<&str> = result.rows.iter().map(|row| row.source.as_str()).collect();
        sources.extend(leading(pack, result).into_iter().flat_map(|id| uses.sources_behind(pack, User::Programme(id))));
        // What was withheld says itself why.
        sources.retain(|id| result.withheld.iter().all(|w| w.source != *id));
        let mut lines: Vec<String> = result.withheld.iter().map(|w| v.text(&w.words(pack)).to_owned()).collect();
        lines.extend(self.marks(v, pack, &sources, at));
        lines
    }

    /// Of an alert that was raised on a day.
    pub fn of_indicator(&self, v: &View, pack: &Pack, indicator: &str, raised: NaiveDate) -> Vec<String> {
        // The end of the day in Beijing.
        let at = (raised + Days::new(1)).and_time(NaiveTime::MIN).and_utc() - Duration::hours(8);
        let sources = Uses::of(pack).sources_behind(pack, User::Indicator(indicator));
        self.marks(v, pack, &sources, at)
    }
}
