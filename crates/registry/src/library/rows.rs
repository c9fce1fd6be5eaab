//! Entries and events as their tables hold them, and what changes when a standing does.

use crate::RegistryError;
use chrono::{Months, NaiveDate};
use sea_orm::{QueryResult, Value};
use tuodi_pack::{
    HouseholdId, Pack,
    library::{Layer, Standing},
};
use tuodi_store::{Tx, insert_rows};

/// The layer of those who left.
pub(crate) const OUT: &str = "out";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntryRow {
    pub household: i64,
    pub region_code: String,
    pub layer: String,
    pub rule: String,
    pub way: String,
    pub entered_on: NaiveDate,
    pub since: NaiveDate,
    pub until: Option<NaiveDate>,
    pub review_on: Option<NaiveDate>,
    pub reason: Option<String>,
    /// Empty text: nothing is known yet.
    pub standing: String,
}

pub(crate) const ENTRY: &str = "household_id, region_code, township, county, layer, rule, way, entered_on, since, \
    until_on, review_on, reason, standing";

const ENTRY_UPDATE: &str = " ON CONFLICT (household_id) DO UPDATE SET region_code = excluded.region_code, \
    township = excluded.township, county = excluded.county, layer = excluded.layer, rule = excluded.rule, \
    way = excluded.way, entered_on = excluded.entered_on, since = excluded.since, until_on = excluded.until_on, \
    review_on = excluded.review_on, reason = excluded.reason, standing = excluded.standing";

pub(crate) fn open_entry(row: &QueryResult) -> Result<EntryRow, RegistryError> {
    Ok(EntryRow {
        household: row.try_get("", "household_id")?,
        region_code: row.try_get("", "region_code")?,
        layer: row.try_get("", "layer")?,
        rule: row.try_get("", "rule")?,
        way: row.try_get("", "way")?,
        entered_on: row.try_get("", "entered_on")?,
        since: row.try_get("", "since")?,
        until: row.try_get("", "until_on")?,
        review_on: row.try_get("", "review_on")?,
        reason: row.try_get("", "reason")?,
        standing: row.try_get("", "standing")?,
    })
}

impl EntryRow {
    pub(crate) fn standing(&self) -> Result<Standing, RegistryError> {
        let household = HouseholdId(self.household);
        serde_json::from_str(&self.standing).map_err(|_| RegistryError::BadStanding { household })
    }
}

fn level(code: &str, digits: usize) -> String {
    let head: String = code.chars().take(digits).collect();
    format!("{head:0<12}")
}

pub(crate) async fn put_entries(tx: &Tx, rows: Vec<EntryRow>) -> Result<(), RegistryError> {
    let values = rows.into_iter().map(|row| -> [Value; 13] {
        [
            row.household.into(),
            row.region_code.clone().into(),
            level(&row.region_code, 9).into(),
            level(&row.region_code, 6).into(),
            row.layer.into(),
            row.rule.into(),
            row.way.into(),
            row.entered_on.into(),
            row.since.into(),
            row.until.into(),
            row.review_on.into(),
            row.reason.into(),
            row.standing.into(),
        ]
    });
    Ok(insert_rows(tx, "library_entry", ENTRY, values, ENTRY_UPDATE).await?)
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EventRow {
    pub household: i64,
    pub on: NaiveDate,
    pub act: &'static str,
    pub layer: Option<String>,
    pub rule: Option<String>,
    pub way: Option<String>,
    pub programme: Option<String>,
    pub reason: Option<String>,
    /// What it rests on: `case:QY26-00001`, `task:7`, `run:…`.
    pub about: Option<String>,
    pub actor: String,
    pub role: String,
}

pub(crate) async fn add_events(tx: &Tx, rows: Vec<EventRow>) -> Result<(), RegistryError> {
    let columns = "household_id, on_day, act, layer, rule, way, programme, reason, about, actor, role";
    let values = rows.into_iter().map(|row| -> [Value; 11] {
        [
            row.household.into(),
            row.on.into(),
            row.act.into(),
            row.layer.into(),
            row.rule.into(),
            row.way.into(),
            row.programme.into(),
            row.reason.into(),
            row.about.into(),
            row.actor.into(),
            row.role.into(),
        ]
    });
    Ok(insert_rows(tx, "library_event", columns, values, "").await?)
}

/// By whom and through what a standing changed.
#[derive(Debug, Clone)]
pub(crate) struct Cause {
    pub on: NaiveDate,
    /// Instead of the rule's own way, for somebody who comes in by it.
    pub way: Option<&'static str>,
    pub reason: Option<String>,
    /// Somebody has looked at the household: the next look is counted from today.
    pub looked: bool,
    pub about: String,
    pub actor: String,
    pub role: String,
}

impl Cause {
    pub(crate) fn event(&self, household: i64, act: &'static str) -> EventRow {
        EventRow {
            household,
            on: self.on,
            act,
            layer: None,
            rule: None,
            way: None,
            programme: None,
            reason: self.reason.clone(),
            about: Some(self.about.clone()),
            actor: self.actor.clone(),
            role: self.role.clone(),
        }
    }
}

/// The row of a household after its standing changed, and the line of its history; `None` where the library does not and
/// did not hold it and `remember` is false, or where nothing is different.
pub(crate) fn placed(
    pack: &Pack,
    old: Option<&EntryRow>,
    household: i64,
    region_code: &str,
    standing: &Standing,
    cause: &Cause,
    remember: bool,
) -> Option<(EntryRow, Option<EventRow>)> {
    let now = pack.place(standing, cause.on);
    if now.is_none() && old.is_none() && !remember {
        return None;
    }
    let (was, was_rule) = old.map_or((OUT, ""), |row| (row.layer.as_str(), row.rule.as_str()));
    let layer = now.map_or(OUT, |placed| placed.rule.layer.id());
    let rule = now.map_or(was_rule, |placed| placed.rule.id.as_str());
    let came = was == OUT && layer != OUT;
    let moved = was != layer || (now.is_some() && was_rule != rule);
    let way = match (came, now) {
        (true, Some(placed)) => cause.way.unwrap_or(placed.rule.way.id()),
        _ => old.map_or("", |row| row.way.as_str()),
    };
    // A roster tells of what began or ended before it came.
    let begun = now.and_then(|placed| placed.since).filter(|day| *day < cause.on).unwrap_or(cause.on);
    let since = if moved { begun } else { old.map_or(begun, |row| row.since) };
    let until = now.and_then(|placed| placed.until);
    // A day that has passed stays where it is until somebody has looked.
    let kept = old.filter(|_| !moved && !cause.looked).and_then(|row| row.review_on);
    let named = standing.check_on.filter(|_| layer == Layer::Registered.id());
    let review = now
        .and_then(|placed| placed.rule.review_months)
        .map(|months| named.or(kept).unwrap_or(cause.on + Months::new(months)));
    let review_on = match (review, until) {
        (Some(review), Some(until)) => Some(review.min(until)),
        (review, until) => review.or(until),
    };
    let left = was != OUT && layer == OUT;
    let reason = match (left, layer == OUT) {
        (true, _) => Some(cause.reason.clone().unwrap_or_else(|| format!("over:{was_rule}"))),
        (false, true) => cause.reason.clone().or_else(|| old.and_then(|row| row.reason.clone())),
        (false, false) => None,
    };
    let region = if region_code.is_empty() { old.map_or("", |row| row.region_code.as_str()) } else { region_code };
    let region = if region.is_empty() { pack.info.jurisdiction.as_str() } else { region };
    let row = EntryRow {
        household,
        region_code: region.to_owned(),
        layer: layer.to_owned(),
        rule: rule.to_owned(),
        way: way.to_owned(),
        entered_on: if came { begun } else { old.map_or(begun, |row| row.entered_on) },
        since,
        until,
        review_on,
        reason: reason.clone(),
        standing: serde_json::to_string(standing).expect("codes and days are plain data"),
    };
    if old == Some(&row) {
        return None;
    }
    let act = match (came, left, moved) {
        (true, ..) => Some("entered"),
        (_, true, _) => Some("left"),
        (.., true) => Some("moved"),
        _ => None,
    };
    let event = act.map(|act| EventRow {
        on: if moved { row.since } else { cause.on },
        layer: Some(row.layer.clone()),
        rule: Some(row.rule.clone()).filter(|r| !r.is_empty()),
        way: came.then(|| row.way.clone()),
        reason,
        ..cause.event(household, act)
    });
    Some((row, event))
}
