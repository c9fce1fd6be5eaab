//! What contradicts what, as it is shown: read out of a finding, with the rulings there were.

use super::rule::{Said, said_of};
use crate::{error::Result, tables::data_ruling};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::BTreeSet;
use tuodi_pack::{CheckResult, FactValue, HouseholdId, Pack, PersonId};
use tuodi_store::Store;

/// What one source says.
#[derive(Debug, Clone, PartialEq)]
pub struct SeenValue {
    pub source: String,
    pub fact: FactValue,
    /// Day on which the newest of its rows about the person arrived, `2026-09-01`; empty where it has none.
    pub arrived: String,
}

/// A conflict about one person.
#[derive(Debug, Clone, PartialEq)]
pub struct Disputed {
    /// Id of the pack's conflict.
    pub item: String,
    pub person: PersonId,
    /// The sources contradict each other now; else only a ruling is left of it.
    pub differs: bool,
    /// Of every source that says something, in the pack's order.
    pub values: Vec<SeenValue>,
    /// What rules read.
    pub used: FactValue,
    /// A ruling decides it, as the finding has it.
    pub ruled: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenRuling {
    pub id: i64,
    pub item: String,
    pub person: PersonId,
    pub said: Said,
    pub reason: String,
    pub ruled_on: NaiveDate,
    pub until: NaiveDate,
    pub ruled_by: String,
    pub ended_on: Option<NaiveDate>,
    pub ended_by: String,
    /// Empty where a later ruling ended it.
    pub ended_why: String,
    pub ended_at: Option<DateTime<Utc>>,
}

impl SeenRuling {
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.ruled_on <= day && day <= self.until && self.ended_on.is_none_or(|ended| day < ended)
    }
}

/// The conflicts in a finding, in the pack's order; those with a ruling stay to be seen after the sources agree.
pub fn disputes(pack: &Pack, result: &CheckResult) -> Vec<Disputed> {
    let people: BTreeSet<PersonId> = result.compared.iter().filter_map(|f| f.person_id).collect();
    let mut out = Vec::new();
    for conflict in &pack.conflicts.all {
        for &person in &people {
            let fact = |name: &str| result.compared.iter().find(|f| f.name == name && f.person_id == Some(person));
            let known = |name: &str| fact(name).filter(|f| f.value.is_some());
            let differs = fact(&conflict.differs).is_some_and(|f| f.value.as_deref() == Some("true"));
            let ruled = conflict.ruling.as_ref().is_some_and(|r| known(&r.fact).is_some());
            if !differs && !ruled {
                continue;
            }
            let Some(used) = fact(&conflict.used) else { continue };
            let values = conflict.values.iter().filter_map(|v| {
                let of_source = result.rows.iter().filter(|r| r.source == v.source && r.person_id == Some(person));
                Some(SeenValue {
                    source: v.source.clone(),
                    fact: known(&v.fact)?.clone(),
                    arrived: of_source.map(|r| r.arrived.as_str()).max().unwrap_or_default().to_owned(),
                })
            });
            out.push(Disputed {
                item: conflict.id.clone(),
                person,
                differs,
                values: values.collect(),
                used: used.clone(),
                ruled,
            });
        }
    }
    out
}

/// Every ruling about the people of a household, newest first. Whoever calls has been authorised.
pub async fn rulings_of(store: &Store, household: HouseholdId) -> Result<Vec<SeenRuling>> {
    let rows = data_ruling::Entity::find()
        .filter(data_ruling::Column::HouseholdId.eq(household.0))
        .order_by_desc(data_ruling::Column::Id)
        .all(store.read())
        .await?;
    let keys = store.keys();
    rows.into_iter()
        .map(|row| {
            let why = row.ended_why.as_ref().map(|sealed| keys.open("data_ruling.ended_why", sealed)).transpose()?;
            Ok(SeenRuling {
                id: row.id,
                said: said_of(keys, &row)?,
                reason: keys.open("data_ruling.reason", &row.reason)?,
                person: PersonId(row.person_id),
                ruled_on: row.ruled_on,
                until: row.until,
                ruled_by: row.ruled_by,
                ended_on: row.ended_on,
                ended_by: row.ended_by.unwrap_or_default(),
                ended_why: why.unwrap_or_default(),
                ended_at: row.ended_at,
                item: row.item,
            })
        })
        .collect()
}

/// On whom and on what a ruling holds on this day.
pub async fn in_force(store: &Store, day: NaiveDate) -> Result<BTreeSet<(PersonId, String)>> {
    let rows = data_ruling::Entity::find()
        .filter(data_ruling::Column::EndedOn.is_null())
        .filter(data_ruling::Column::RuledOn.lte(day))
        .filter(data_ruling::Column::Until.gte(day))
        .all(store.read())
        .await?;
    Ok(rows.into_iter().map(|row| (PersonId(row.person_id), row.item)).collect())
}
