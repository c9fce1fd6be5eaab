//! Facts: named values of a person or a household, each group computed by one SELECT.

use crate::Text;
use serde::Deserialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grain {
    Person,
    Household,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactType {
    Money,
    Int,
    Bool,
    Date,
    Text,
    Ratio,
}

/// Which way a fact can move. What would change an answer is told only where somebody could bring it about or show that
/// it is so: nobody grows younger, and a family does not set the standards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moves {
    #[default]
    Freely,
    Up,
    Never,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: FactType,
    #[serde(default)]
    pub unit: String,
    /// Value where all sources of the group have arrived and there is no row: an SQL literal, or `unknown`.
    pub absent: String,
    pub title: Text,
    #[serde(default)]
    pub sensitivity: String,
    #[serde(default)]
    pub moves: Moves,
    #[serde(default)]
    pub note: crate::Note,
}

/// `facts/<id>.toml` with its `facts/<id>.sql`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactGroup {
    pub id: String,
    pub grain: Grain,
    #[serde(default)]
    pub dense: bool,
    /// Source ids it rests on.
    pub from: Vec<String>,
    /// Sources among those it rests on, directly or through other groups, that it can do without: an order of trust
    /// falls back to the next. Without a batch of theirs the facts are not unknown; their tables are then empty.
    #[serde(default)]
    pub optional: Vec<String>,
    #[serde(default)]
    pub note: crate::Note,
    #[serde(rename = "fact", default)]
    pub facts: Vec<Fact>,
    /// The text of the `.sql` file, filled in by the loader.
    #[serde(skip)]
    pub sql: String,
}
