//! Proof of life (生存认证): once a period somebody sees that the recipient is alive, in a way that the pack names. The
//! recipient is told before; a lapse sends somebody there. Nothing here stops, holds or lowers money: whoever was not met is
//! looked for, and what follows is a re-verification that an officer opens (workflow.md 3, transition 26).

mod enter;
mod list;
pub(crate) mod migration;
pub(crate) mod tables;
mod watch;

pub use self::{
    enter::{LifeForm, enter_life},
    list::{Life, LifeCut, LifeFilter, LifeRow, Proof, Round, life_of, lives, round},
    watch::watch_lives,
};

/// Longest text here, in characters.
const MOST_TEXT: usize = 500;
const SEALED: &str = "life_proof.content";

#[derive(serde::Serialize, serde::Deserialize)]
struct Sealed {
    witness: String,
    words: String,
}
