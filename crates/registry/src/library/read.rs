//! Reading the library. Who may look is the caller's to ask first.

use super::{
    initials,
    rows::{ENTRY, OUT, open_entry},
};
use crate::{RegistryError, vault::Vault};
use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, Statement, Value};
use std::collections::BTreeSet;
use tuodi_pack::{
    HouseholdId,
    library::{Layer, Standing, Way},
    region::RegionLevel,
};
use tuodi_store::{Page, Store};

/// Where a household stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    In(Layer),
    /// It left, or was never in: it applied and was refused.
    Out,
}

impl Place {
    pub fn id(self) -> &'static str {
        match self {
            Place::In(layer) => layer.id(),
            Place::Out => OUT,
        }
    }

    pub fn from_id(id: &str) -> Option<Place> {
        if id == OUT { Some(Place::Out) } else { Layer::from_id(id).map(Place::In) }
    }
}

/// One household of the library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub household: HouseholdId,
    pub region_code: String,
    pub place: Place,
    /// Rule of the pack that puts it there, or put it there last.
    pub rule: String,
    /// How it came in; unset for somebody who never was.
    pub way: Option<Way>,
    pub entered_on: NaiveDate,
    /// In this layer since.
    pub since: NaiveDate,
    /// Watched until then, if nothing happens.
    pub until: Option<NaiveDate>,
    pub review_on: Option<NaiveDate>,
    /// Why it is out: `over:<rule>`, `refused:<code>`, `visit:<code>`, `ended:<code>`.
    pub reason: Option<String>,
    pub standing: Standing,
}

/// One line of a household's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub on: NaiveDate,
    /// entered, moved, left, approved, refused, ended, visited
    pub act: String,
    pub place: Option<Place>,
    pub rule: Option<String>,
    pub way: Option<Way>,
    pub programme: Option<String>,
    pub reason: Option<String>,
    pub about: Option<String>,
    pub actor: String,
    pub role: String,
}

#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// 12 digits: this region and everything below.
    pub region: String,
    /// Unset: every layer, without those that are out.
    pub place: Option<Place>,
    /// With a line of help of this programme.
    pub programme: Option<String>,
    /// Of that programme: the line has ended by `today`, instead of being in force.
    pub ended: bool,
    pub way: Option<Way>,
    /// Days of the present layer; with a programme the days on which its line began, or ended.
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    /// Those whose review was due before today only.
    pub review_due: bool,
    pub today: NaiveDate,
    pub households: Option<Vec<HouseholdId>>,
    /// First page is 1.
    pub page: u64,
    pub per_page: u64,
}

/// Households of a region by layer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub registered: u64,
    pub extended: u64,
    pub suspected: u64,
    pub out: u64,
    /// Of those in the library, with a review that was due before today.
    pub review_due: u64,
}

/// A WHERE with its values.
pub(super) struct Where {
    pub sql: String,
    pub values: Vec<Value>,
}

impl Where {
    pub fn new() -> Where {
        Where { sql: "TRUE".to_owned(), values: Vec::new() }
    }

    /// Adds a value and gives its place.
    pub fn value(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    pub fn and(&mut self, condition: impl AsRef<str>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition.as_ref());
    }

    pub fn statement(&self, store: &Store, sql: String) -> Statement {
        Statement::from_sql_and_values(store.backend(), sql, self.values.clone())
    }
}

pub(super) fn range(region: &str) -> (String, String) {
    let prefix = if region.bytes().all(|b| b == b'0') { "" } else { tuodi_pack::region::prefix(region) };
    (format!("{prefix:0<12}"), format!("{prefix:9<12}"))
}

/// On the column of the region's level, so that its index gives the order too.
fn within(of: &mut Where, region: &str) {
    let column = match RegionLevel::of_code(region) {
        RegionLevel::Village => "region_code",
        RegionLevel::Township => "township",
        RegionLevel::County => "county",
        RegionLevel::City | RegionLevel::Province => {
            let (first, last) = range(region);
            let (first, last) = (of.value(first), of.value(last));
            return of.and(format!("e.county BETWEEN {first} AND {last}"));
        }
    };
    let region = of.value(region);
    of.and(format!("e.{column} = {region}"));
}

fn condition(filter: &Filter) -> Where {
    let mut of = Where::new();
    within(&mut of, &filter.region);
    match filter.place {
        Some(place) => {
            let layer = of.value(place.id());
            of.and(format!("e.layer = {layer}"));
        }
        // Named one by one: the index on layer is used.
        None if filter.households.is_none() && filter.programme.is_none() => {
            of.and("e.layer IN ('registered', 'extended', 'suspected')");
        }
        None => {}
    }
    if let Some(way) = filter.way {
        let way = of.value(way.id());
        of.and(format!("e.way = {way}"));
    }
    let days = |of: &mut Where, column: &str| {
        let mut sql = String::new();
        for (day, sign) in [(filter.from, ">="), (filter.to, "<=")] {
            if let Some(day) = day {
                let day = of.value(day);
                sql.push_str(&format!(" AND {column} {sign} {day}"));
            }
        }
        sql
    };
    match &filter.programme {
        Some(programme) => {
            let (programme, today) = (of.value(programme.as_str()), of.value(filter.today));
            let (state, column) = match filter.ended {
                true => (format!("h.to_day < {today}"), "h.to_day"),
                false => (format!("h.named AND (h.to_day IS NULL OR h.to_day >= {today})"), "h.from_day"),
            };
            let days = days(&mut of, column);
            of.and(format!(
                "e.household_id IN (SELECT h.household_id FROM library_help h WHERE h.programme = {programme} \
                 AND {state}{days})"
            ));
        }
        None => {
            let days = days(&mut of, "e.since");
            of.sql.push_str(&days);
        }
    }
    if filter.review_due {
        let today = of.value(filter.today);
        of.and(format!("e.layer <> '{OUT}' AND e.review_on < {today}"));
    }
    if let Some(households) = &filter.households {
        let list = crate::person::id_list(households.iter().map(|h| h.0));
        of.and(if list.is_empty() { "FALSE".to_owned() } else { format!("e.household_id IN ({list})") });
    }
    of
}

/// One page, the newest in their layer first.
pub async fn entries(store: &Store, filter: &Filter) -> Result<Page<Entry>, RegistryError> {
    let of = condition(filter);
    let count = format!("SELECT COUNT(*) AS n FROM library_entry e WHERE {}", of.sql);
    let (page, per_page) = (filter.page.max(1), filter.per_page.clamp(1, 1_000));
    let sql = format!(
        "SELECT {ENTRY} FROM library_entry e WHERE {} ORDER BY e.since DESC, e.household_id DESC \
         LIMIT {per_page} OFFSET {}",
        of.sql,
        Page::<()>::offset(page, per_page)
    );
    let total = number(store, &of, count).await?;
    let rows = store.read().query_all_raw(of.statement(store, sql)).await?;
    let rows = rows.iter().map(open).collect::<Result<Vec<_>, _>>()?;
    Ok(Page { rows, total, page, per_page })
}

pub(super) async fn number(store: &Store, of: &Where, sql: String) -> Result<u64, RegistryError> {
    let row = store.read().query_one_raw(of.statement(store, sql)).await?;
    let n: i64 = row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0);
    Ok(u64::try_from(n).unwrap_or(0))
}

fn open(row: &sea_orm::QueryResult) -> Result<Entry, RegistryError> {
    let row = open_entry(row)?;
    Ok(Entry {
        household: HouseholdId(row.household),
        place: Place::from_id(&row.layer).unwrap_or(Place::Out),
        way: Way::from_id(&row.way),
        entered_on: row.entered_on,
        since: row.since,
        until: row.until,
        review_on: row.review_on,
        standing: row.standing()?,
        region_code: row.region_code,
        rule: row.rule,
        reason: row.reason,
    })
}

pub async fn entry(store: &Store, household: HouseholdId) -> Result<Option<Entry>, RegistryError> {
    let sql = format!("SELECT {ENTRY} FROM library_entry WHERE household_id = {household}");
    let row = store.read().query_one_raw(Statement::from_string(store.backend(), sql)).await?;
    row.as_ref().map(open).transpose()
}

/// A household's history, the newest first.
pub async fn events(store: &Store, household: HouseholdId) -> Result<Vec<Event>, RegistryError> {
    let sql = format!(
        "SELECT on_day, act, layer, rule, way, programme, reason, about, actor, role FROM library_event \
         WHERE household_id = {household} ORDER BY on_day DESC, id DESC"
    );
    let rows = store.read().query_all_raw(Statement::from_string(store.backend(), sql)).await?;
    rows.iter()
        .map(|row| {
            let (layer, way): (Option<String>, Option<String>) = (row.try_get("", "layer")?, row.try_get("", "way")?);
            Ok(Event {
                on: row.try_get("", "on_day")?,
                act: row.try_get("", "act")?,
                place: layer.as_deref().and_then(Place::from_id),
                rule: row.try_get("", "rule")?,
                way: way.as_deref().and_then(Way::from_id),
                programme: row.try_get("", "programme")?,
                reason: row.try_get("", "reason")?,
                about: row.try_get("", "about")?,
                actor: row.try_get("", "actor")?,
                role: row.try_get("", "role")?,
            })
        })
        .collect()
}

/// How many households of a region stand in each layer.
pub async fn counts(store: &Store, region: &str, today: NaiveDate) -> Result<Counts, RegistryError> {
    let mut of = Where::new();
    within(&mut of, region);
    let today = of.value(today);
    let sql = format!(
        "SELECT e.layer AS layer, COUNT(*) AS n, \
         CAST(COALESCE(SUM(CASE WHEN e.review_on < {today} THEN 1 ELSE 0 END), 0) AS BIGINT) AS due \
         FROM library_entry e WHERE {} GROUP BY e.layer",
        of.sql
    );
    let mut counts = Counts::default();
    for row in store.read().query_all_raw(of.statement(store, sql)).await? {
        let (layer, n, due): (String, i64, i64) =
            (row.try_get("", "layer")?, row.try_get("", "n")?, row.try_get("", "due")?);
        let n = u64::try_from(n).unwrap_or(0);
        match Place::from_id(&layer) {
            Some(Place::In(Layer::Registered)) => counts.registered = n,
            Some(Place::In(Layer::Extended)) => counts.extended = n,
            Some(Place::In(Layer::Suspected)) => counts.suspected = n,
            Some(Place::Out) | None => counts.out += n,
        }
        if layer != OUT {
            counts.review_due += u64::try_from(due).unwrap_or(0);
        }
    }
    Ok(counts)
}

/// Most households a search gives.
const FOUND: u64 = 200;

/// Households of a region by somebody's name, initials, citizen number or its last four, or by the household's number.
pub async fn search(store: &Store, typed: &str, region: &str) -> Result<Vec<HouseholdId>, RegistryError> {
    let typed = typed.trim();
    let mut found: BTreeSet<i64> = BTreeSet::new();
    let (first, last) = range(region);
    if initials::are_initials(typed) {
        found.extend(initials::find(store, typed, (&first, &last), FOUND).await?);
    }
    let people = crate::find(store, typed, region, FOUND).await?;
    found.extend(crate::persons(store, &people).await?.values().filter_map(|p| p.household_id).map(|h| h.0));
    if (4..=32).contains(&typed.len()) {
        let vault = Vault::new(store.keys());
        let sql = "SELECT id FROM household WHERE no_blind = $1 AND region_code >= $2 AND region_code <= $3";
        let values: [Value; 3] =
            [vault.household_no.blind(typed).to_vec().into(), first.as_str().into(), last.as_str().into()];
        let statement = Statement::from_sql_and_values(store.backend(), sql, values);
        if let Some(row) = store.read().query_one_raw(statement).await? {
            found.insert(row.try_get("", "id")?);
        }
    }
    Ok(found.into_iter().map(HouseholdId).collect())
}
