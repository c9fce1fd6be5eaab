//! What is compared and how, as data (TOML).
//!
//! ```toml
//! id = ["record", "编号"]             # column that names a row, the first that a file has; without it the line does
//! relation = "one_to_one"             # two files: one_to_one, or many
//!
//! [bands]
//! same = 0.95                         # probability from which two rows are said to be one person
//! ask = 0.10                          # from which a person is asked
//! margin = 3.0                        # bits by which the best partner must be ahead of the next (one_to_one)
//!
//! [[field]]
//! name = "name"
//! columns = ["name", "姓名"]          # the first that a file has
//! kind = "name"
//! levels = ["equal", "variant", "homophone", "transposed", "one_edit", "surname"]
//! frequency = true                    # agreeing on a rare value says more
//! optional = false                    # whether a file may be without the column
//! contains = []                       # fields that this one repeats, as a citizen number does the birth date
//!
//! [[block]]
//! on = ["name.sound"]                 # pairs that share all of these are compared; several rules add up
//! ```

use crate::{Kind, Level, error::ConfigError, key::Part};
use serde::{Deserialize, Serialize};
use toml::Spanned;

/// A checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Titles of the column that names a row, the first that a file has; none: rows are known by their line.
    pub id: Vec<String>,
    pub relation: Relation,
    pub bands: Bands,
    pub training: Training,
    pub fields: Vec<Field>,
    pub blocks: Vec<Block>,
}

/// How rows of two files may belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Neither file names a person twice.
    #[default]
    OneToOne,
    /// A row may have any number of partners.
    Many,
}

/// Where the bands *same*, *ask a person* and *different* begin.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bands {
    /// Probability from which the machine says *same*.
    pub same: f64,
    /// Probability from which it asks a person.
    pub ask: f64,
    /// Bits by which a row's best partner must be ahead of its next best, or a person is asked.
    pub margin: f64,
}

impl Default for Bands {
    fn default() -> Bands {
        Bands { same: 0.95, ask: 0.1, margin: 3.0 }
    }
}

/// How much the model learns from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Training {
    /// Pairs drawn at random, for u.
    pub random_pairs: u64,
    /// Pairs of the blocking rules, for m; more are sampled.
    pub candidate_pairs: u64,
    pub iterations: u32,
    /// Rows of one block; larger blocks say nothing and are skipped, with a note.
    pub largest_block: u32,
}

impl Default for Training {
    fn default() -> Training {
        Training { random_pairs: 4_000_000, candidate_pairs: 4_000_000, iterations: 200, largest_block: 5_000 }
    }
}

#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    /// Titles of the column, the first that a file has.
    pub columns: Vec<String>,
    pub kind: Kind,
    /// Best first.
    pub levels: Vec<Level>,
    pub frequency: bool,
    /// A file may be without the column; the field then says nothing of its rows.
    pub optional: bool,
    /// Sets: the field with the name of whom the row is about.
    pub owner: Option<usize>,
    /// Fields that this one repeats: where it speaks for one person, that they agree too says nothing new.
    pub contains: Vec<usize>,
}

/// One blocking rule.
#[derive(Debug, Clone)]
pub struct Block {
    /// As written.
    pub on: Vec<String>,
    pub(crate) parts: Vec<(usize, Part)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConfig {
    #[serde(default)]
    id: Vec<String>,
    #[serde(default)]
    relation: Relation,
    bands: Option<Spanned<Bands>>,
    #[serde(default)]
    training: Training,
    #[serde(default)]
    field: Vec<Spanned<RawField>>,
    #[serde(default)]
    block: Vec<Spanned<RawBlock>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawField {
    name: Spanned<String>,
    #[serde(default)]
    columns: Vec<String>,
    kind: Kind,
    levels: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    frequency: bool,
    #[serde(default)]
    optional: bool,
    owner: Option<Spanned<String>>,
    #[serde(default)]
    contains: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBlock {
    on: Vec<Spanned<String>>,
}

/// Fields that fit into one pattern of levels.
const MOST_FIELDS: usize = 16;
/// Levels of a field; one more is *differs* and one is *missing*.
const MOST_LEVELS: usize = 14;

impl Config {
    /// Reads and checks a configuration. The first mistake is told, with its line.
    pub fn parse(text: &str) -> Result<Config, ConfigError> {
        let line = |at: usize| text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
        let wrong = |at: usize, message: String| ConfigError { line: line(at), message };
        let raw: RawConfig = toml::from_str(text)
            .map_err(|e| wrong(e.span().map_or(0, |span| span.start), e.message().trim().to_owned()))?;
        if raw.field.is_empty() {
            return Err(wrong(0, "no field is compared; add one with [[field]]".to_owned()));
        }
        if raw.field.len() > MOST_FIELDS {
            return Err(wrong(raw.field[MOST_FIELDS].span().start, format!("{MOST_FIELDS} fields at most")));
        }
        let names: Vec<String> = raw.field.iter().map(|field| field.get_ref().name.get_ref().clone()).collect();
        let find = |name: &Spanned<String>, wanted: &str| {
            let found = names.iter().position(|n| n == wanted);
            found.ok_or_else(|| {
                wrong(name.span().start, format!("there is no field {wanted:?}; the fields are {}", names.join(", ")))
            })
        };
        let mut fields = Vec::new();
        for (at, field) in raw.field.iter().enumerate() {
            let field = field.get_ref();
            let name = field.name.get_ref().clone();
            let here = field.name.span().start;
            if names[..at].contains(&name) {
                return Err(wrong(here, format!("the field {name:?} stands here a second time")));
            }
            if name.is_empty() || name.contains('.') {
                return Err(wrong(here, "a field's name has at least one character and no dot".to_owned()));
            }
            let levels = match &field.levels {
                None => field.kind.usual_levels(),
                Some(levels) => levels
                    .iter()
                    .map(|level| Level::parse(level.get_ref(), field.kind).map_err(|e| wrong(level.span().start, e)))
                    .collect::<Result<Vec<Level>, ConfigError>>()?,
            };
            if levels.is_empty() || levels.len() > MOST_LEVELS {
                return Err(wrong(here, format!("{name:?}: one to {MOST_LEVELS} levels")));
            }
            let owner = match &field.owner {
                None => None,
                Some(owner) => {
                    let found = find(owner, owner.get_ref())?;
                    if field.kind != Kind::Set || raw.field[found].get_ref().kind != Kind::Name {
                        let message =
                            "only a field of kind set has an owner, and it is a field of kind name".to_owned();
                        return Err(wrong(owner.span().start, message));
                    }
                    Some(found)
                }
            };
            if levels.contains(&Level::NamesOther) && owner.is_none() && field.levels.is_some() {
                let message = format!("{name:?}: names_other needs owner = the field with the person's own name");
                return Err(wrong(here, message));
            }
            if field.frequency && !matches!(field.kind, Kind::Exact | Kind::Name | Kind::Text | Kind::Code | Kind::Set)
            {
                return Err(wrong(
                    here,
                    format!("{name:?}: frequency is for fields of kind name, exact, code, set or text"),
                ));
            }
            let contains = field.contains.iter().map(|other| {
                let found = find(other, other.get_ref())?;
                if found == at || !raw.field[found].get_ref().contains.is_empty() {
                    let message = "a field contains others, and those contain none".to_owned();
                    return Err(wrong(other.span().start, message));
                }
                Ok(found)
            });
            let contains = contains.collect::<Result<Vec<usize>, ConfigError>>()?;
            let columns = if field.columns.is_empty() { vec![name.clone()] } else { field.columns.clone() };
            fields.push(Field {
                name,
                columns,
                kind: field.kind,
                levels,
                frequency: field.frequency,
                optional: field.optional,
                contains,
                owner,
            });
        }
        let mut blocks = Vec::new();
        for block in &raw.block {
            let mut parts = Vec::new();
            for key in &block.get_ref().on {
                let (name, part) =
                    key.get_ref().split_once('.').map_or((key.get_ref().as_str(), None), |(n, p)| (n, Some(p)));
                let field = find(key, name)?;
                let part = match part {
                    None => Part::Whole,
                    Some(part) => Part::parse(part, fields[field].kind).map_err(|e| wrong(key.span().start, e))?,
                };
                parts.push((field, part));
            }
            if parts.is_empty() {
                return Err(wrong(
                    block.span().start,
                    "a rule without a key would compare everybody with everybody".to_owned(),
                ));
            }
            blocks.push(Block { on: block.get_ref().on.iter().map(|k| k.get_ref().clone()).collect(), parts });
        }
        if blocks.is_empty() {
            return Err(wrong(0, "no blocking rule says which rows are compared; add one with [[block]]".to_owned()));
        }
        let bands = raw.bands.as_ref().map(|bands| *bands.get_ref()).unwrap_or_default();
        if !(0.0 < bands.ask && bands.ask <= bands.same && bands.same < 1.0 && bands.margin >= 0.0) {
            let at = raw.bands.as_ref().map_or(0, |bands| bands.span().start);
            let message = "bands are probabilities: 0 < ask <= same < 1, and the margin is not negative".to_owned();
            return Err(wrong(at, message));
        }
        Ok(Config { id: raw.id, relation: raw.relation, bands, training: raw.training, fields, blocks })
    }
}
