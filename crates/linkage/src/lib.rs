//! Which rows speak of the same person: probabilistic record linkage over any fields (Fellegi and Sunter, 1969).
//!
//! A [`Config`] names the fields, how each is compared (an ordered list of *levels*, the first that holds counts) and the
//! blocking rules that say which pairs are compared at all. [`Records`] keeps every distinct value once, with what its
//! comparison needs. [`Model::train`] estimates how often each level is met among pairs of one person (m, by
//! expectation-maximisation) and among pairs of two (u, by random pairs). [`link`] weighs the pairs,
//! [`judge`] makes of them clusters or one-to-one links in the bands *same*, *ask a person*, *different*,
//! [`evidence`] says what each field contributed, and [`measure`] compares with a known truth.
//!
//! Invariants: this room opens no file, socket or database and reads neither clock nor chance; the seed is an argument, and
//! equal input gives equal output whatever the number of threads. Rows are known by their position; values leave this room
//! in no error and no result. It proposes: who is merged is decided by its callers, and by a person where the band says so.

mod block;
mod cluster;
mod config;
mod dictionary;
mod em;
mod error;
mod han;
mod key;
mod kind;
mod level;
mod model;
mod pairs;
mod quality;
mod records;
mod score;
mod table;

pub use self::{
    cluster::{Band, Judged, judge},
    config::{Bands, Block, Config, Field, Relation, Training},
    error::{ConfigError, LinkError},
    kind::{Kind, date},
    level::Level,
    model::{FieldModel, LevelModel, Model},
    pairs::{Found, Index, Pair, Scope, Skipped, link},
    quality::{Point, Quality, Truth, measure},
    records::{Chunk, Records},
    score::{Evidence, evidence},
    table::{RowNames, TableError, read_csv, write_pairs},
};
