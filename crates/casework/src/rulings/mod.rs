//! Where sources contradict each other about one person (数据多头): all values with source and date, the one in use, and
//! a person's ruling on which it is to be. What contradicts what, and who may rule, `conflicts.toml` of the pack says.
//!
//! A ruling never touches a department's value. It goes to the pool as a source of the platform's own (PF08), and rules
//! read it like any other; it holds until a day, or until somebody takes it back.

pub(crate) mod migration;
mod rows;
mod rule;
mod seen;

pub(crate) use self::rows::of_household;

pub use self::{
    rows::{ruling_rows, ruling_rows_of},
    rule::{NewRuling, Said, end_ruling, make_ruling, may_rule, readable},
    seen::{Disputed, SeenRuling, SeenValue, disputes, in_force, rulings_of},
};
