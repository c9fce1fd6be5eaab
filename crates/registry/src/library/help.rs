//! Who is given what (对象库): lines of all lists and of our own decisions side by side.

use super::read::{Where, number, range};
use crate::RegistryError;
use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use tuodi_pack::{HouseholdId, PersonId};
use tuodi_store::{Page, Store};

/// One person, one kind of help, one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelpLine {
    pub person: PersonId,
    pub household: HouseholdId,
    pub region_code: String,
    /// Source id, or [`super::OWN`].
    pub source: String,
    pub programme: String,
    pub from: NaiveDate,
    /// Last day; unset while it goes on.
    pub to: Option<NaiveDate>,
    /// Fen; of the household where the list says so.
    pub monthly: Option<i64>,
    /// The list still names it.
    pub named: bool,
}

impl HelpLine {
    pub fn in_force(&self, today: NaiveDate) -> bool {
        self.named && self.to.is_none_or(|to| to >= today)
    }
}

#[derive(Debug, Clone, Default)]
pub struct HelpFilter {
    pub region: String,
    pub programme: Option<String>,
    pub source: Option<String>,
    /// What has ended instead of what goes on.
    pub ended: bool,
    /// People who are given more than one kind of help only.
    pub several: bool,
    /// Days on which it began, or with `ended` on which it ended.
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub today: NaiveDate,
    pub households: Option<Vec<HouseholdId>>,
    pub page: u64,
    pub per_page: u64,
}

const LINE: &str = "person_id, household_id, region_code, source, programme, from_day, to_day, monthly, named";

fn open(row: &QueryResult) -> Result<HelpLine, RegistryError> {
    Ok(HelpLine {
        person: PersonId(row.try_get("", "person_id")?),
        household: HouseholdId(row.try_get("", "household_id")?),
        region_code: row.try_get("", "region_code")?,
        source: row.try_get("", "source")?,
        programme: row.try_get("", "programme")?,
        from: row.try_get("", "from_day")?,
        to: row.try_get("", "to_day")?,
        monthly: row.try_get("", "monthly")?,
        named: row.try_get("", "named")?,
    })
}

fn in_force(today: &str) -> String {
    format!("h.named AND (h.to_day IS NULL OR h.to_day >= {today})")
}

fn condition(filter: &HelpFilter) -> Where {
    let mut of = Where::new();
    let (first, last) = range(&filter.region);
    let (first, last, today) = (of.value(first), of.value(last), of.value(filter.today));
    of.and(format!("h.region_code BETWEEN {first} AND {last}"));
    let ended = format!("(h.to_day < {today} OR NOT h.named)");
    of.and(if filter.ended { ended } else { in_force(&today) });
    for (column, value) in [("programme", &filter.programme), ("source", &filter.source)] {
        if let Some(value) = value {
            let value = of.value(value.as_str());
            of.and(format!("h.{column} = {value}"));
        }
    }
    let column = if filter.ended { "h.to_day" } else { "h.from_day" };
    for (day, sign) in [(filter.from, ">="), (filter.to, "<=")] {
        if let Some(day) = day {
            let day = of.value(day);
            of.and(format!("{column} {sign} {day}"));
        }
    }
    if filter.several {
        of.and(format!(
            "h.person_id IN (SELECT h.person_id FROM library_help h WHERE h.region_code BETWEEN {first} AND {last} \
             AND {} GROUP BY h.person_id HAVING COUNT(DISTINCT h.programme) > 1)",
            in_force(&today)
        ));
    }
    if let Some(households) = &filter.households {
        let list = crate::person::id_list(households.iter().map(|h| h.0));
        of.and(if list.is_empty() { "FALSE".to_owned() } else { format!("h.household_id IN ({list})") });
    }
    of
}

/// One page; a household's lines stand together.
pub async fn help(store: &Store, filter: &HelpFilter) -> Result<Page<HelpLine>, RegistryError> {
    let of = condition(filter);
    let (page, per_page) = (filter.page.max(1), filter.per_page.clamp(1, 1_000));
    let total = number(store, &of, format!("SELECT COUNT(*) AS n FROM library_help h WHERE {}", of.sql)).await?;
    let sql = format!(
        "SELECT {LINE} FROM library_help h WHERE {} \
         ORDER BY h.household_id, h.person_id, h.from_day, h.id LIMIT {per_page} OFFSET {}",
        of.sql,
        Page::<()>::offset(page, per_page)
    );
    let rows = store.read().query_all_raw(of.statement(store, sql)).await?;
    let rows = rows.iter().map(open).collect::<Result<Vec<_>, _>>()?;
    Ok(Page { rows, total, page, per_page })
}

/// Everything that people of these households are or were given, the oldest first.
pub async fn help_of(store: &Store, households: &[HouseholdId]) -> Result<Vec<HelpLine>, RegistryError> {
    let mut lines = Vec::new();
    for chunk in households.chunks(crate::person::CHUNK) {
        let list = crate::person::id_list(chunk.iter().map(|h| h.0));
        let sql = format!(
            "SELECT {LINE} FROM library_help WHERE household_id IN ({list}) ORDER BY household_id, from_day, id"
        );
        for row in store.read().query_all_raw(Statement::from_string(store.backend(), sql)).await? {
            lines.push(open(&row)?);
        }
    }
    Ok(lines)
}

/// People who are given each kind of help now, the most first; and how many people that are together.
pub async fn help_counts(
    store: &Store,
    region: &str,
    today: NaiveDate,
) -> Result<(Vec<(String, u64)>, u64), RegistryError> {
    let of = condition(&HelpFilter { region: region.to_owned(), today, ..HelpFilter::default() });
    let sql = format!(
        "SELECT h.programme AS programme, COUNT(DISTINCT h.person_id) AS n FROM library_help h WHERE {} \
         GROUP BY h.programme ORDER BY n DESC, h.programme",
        of.sql
    );
    let mut counts = Vec::new();
    for row in store.read().query_all_raw(of.statement(store, sql)).await? {
        let n: i64 = row.try_get("", "n")?;
        counts.push((row.try_get("", "programme")?, u64::try_from(n).unwrap_or(0)));
    }
    let all = format!("SELECT COUNT(DISTINCT h.person_id) AS n FROM library_help h WHERE {}", of.sql);
    Ok((counts, number(store, &of, all).await?))
}
