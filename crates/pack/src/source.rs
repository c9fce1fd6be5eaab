//! Data contracts: what a department sends.

use crate::{
    Text,
    agreement::{Agreement, Contact, Promise},
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Where a source's rows come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    #[default]
    Department,
    /// Written by Tuodi itself (declared facts, home visits), back into the pool as a source like any other.
    Platform,
}

/// Whether a new batch adds to the older ones or takes their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Supersede {
    #[default]
    Append,
    Replace,
}

/// How a value is written in files and kept in the pool. See the pool's README for the mapping to Arrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// Citizen number (GB 11643): becomes a `person_id`; the number itself goes to the vault only.
    IdNo,
    /// Register's household number: becomes `household_id`.
    HouseholdNo,
    /// To the vault only; never in the pool.
    Name,
    Address,
    Phone,
    /// A number that points at one thing or account: kept as a keyed hash.
    Token,
    Money,
    Int,
    Date,
    Month,
    Datetime,
    Decimal,
    Bool,
    Enum,
    Str,
    Region,
    Code,
    /// Accepted in files and kept nowhere: no rule may rest on it (PIPL art. 6, the least that the purpose needs).
    Ignore,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: ColumnType,
    #[serde(default)]
    pub null: bool,
    pub title: Text,
    #[serde(default)]
    pub aliases: Vec<String>,
    #[serde(default)]
    pub unit: String,
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub allow_negative_if: Option<String>,
    #[serde(default)]
    pub no_future: bool,
    /// Stored code -> accepted spellings besides the code itself.
    #[serde(default)]
    pub codes: BTreeMap<String, Vec<String>>,
}

impl Column {
    /// The column's name in the pool; `None` for what only the vault may hold and for what nobody keeps.
    pub fn pool_name(&self) -> Option<String> {
        match self.kind {
            ColumnType::Name | ColumnType::Address | ColumnType::Phone | ColumnType::Ignore => None,
            ColumnType::IdNo => Some(match self.name.strip_suffix("id_no") {
                Some(stem) => format!("{stem}person_id"),
                None => format!("{}_person_id", self.name),
            }),
            ColumnType::HouseholdNo => Some("household_id".to_owned()),
            _ => Some(self.name.clone()),
        }
    }
}

/// A fact of a person that another source has too; where both give it, it should be the same.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shared {
    pub column: String,
    /// Column of the person it is about.
    #[serde(default = "id_no")]
    pub person: String,
    pub source: String,
    pub their_column: String,
    #[serde(default = "id_no")]
    pub their_person: String,
}

fn id_no() -> String {
    "id_no".to_owned()
}

/// One source's contract (`sources/<id>.toml`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub id: String,
    /// Table name in SQL.
    pub name: String,
    pub title: Text,
    pub owner: Text,
    pub grain: Text,
    pub version: u32,
    pub key: Vec<String>,
    pub frequency: String,
    pub sensitivity: String,
    pub basis: String,
    #[serde(default)]
    pub origin: Origin,
    /// A platform source that also takes files (a hotline's export, the history of a system used before). Departments'
    /// sources always do.
    #[serde(default)]
    pub accepts_files: bool,
    #[serde(default)]
    pub supersede: Supersede,
    #[serde(default)]
    pub note: crate::Note,
    /// Whom to ask about it.
    pub contact: Option<Contact>,
    pub promise: Option<Promise>,
    /// Without one nothing may be read.
    #[serde(rename = "agreement", default)]
    pub agreements: Vec<Agreement>,
    #[serde(default)]
    pub shared: Vec<Shared>,
    #[serde(rename = "column")]
    pub columns: Vec<Column>,
}

/// How often a source comes, and the days from one batch to the next.
pub const FREQUENCIES: [(&str, Option<u32>); 6] = [
    ("daily", Some(1)),
    ("weekly", Some(7)),
    ("monthly", Some(31)),
    ("quarterly", Some(92)),
    ("term", Some(184)),
    ("query", None),
];

impl Source {
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name == name)
    }

    /// Days after which the next batch is overdue; `None` for what comes on demand.
    pub fn patience_days(&self) -> Option<u32> {
        let (_, days) = FREQUENCIES.iter().find(|(name, _)| *name == self.frequency)?;
        Some((*days)? + self.promise.map_or(0, |p| p.lag_days))
    }

    /// Whether intake takes files for it.
    pub fn takes_files(&self) -> bool {
        self.origin == Origin::Department || self.accepts_files
    }
}
