//! Life after the decision, as the offices work on it.

mod life;
mod lives;
mod recheck;

use crate::AppState;
use crate::route::{get, post};
use axum::Router;
use tuodi_casework::CaseState;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/desk/lives", get(lives::list))
        .route("/desk/lives/find", post(lives::find))
        .route("/desk/lives/export", post(lives::export))
        .route("/desk/lives/round/{village}", get(lives::round))
        .route("/desk/cases/{case}/life", get(life::page).merge(post(life::enter)))
        .route("/desk/cases/{case}/recheck", get(recheck::page).merge(post(recheck::open)))
        .route("/desk/cases/{case}/recheck/tell", post(recheck::tell))
        .route("/desk/cases/{case}/recheck/unchanged", post(recheck::unchanged))
        .route("/desk/cases/{case}/recheck/propose", post(recheck::propose))
        .route("/desk/cases/{case}/recheck/view", post(recheck::view))
        .route("/desk/cases/{case}/recheck/decide", post(recheck::decide))
}

/// Whether a case has a life after its decision to show.
pub fn has_page(state: CaseState) -> bool {
    can_tell(state) || state == CaseState::Exited
}

/// Whether a family can say that something has changed at home, or answer what is proposed.
pub fn can_tell(state: CaseState) -> bool {
    use CaseState::{Adjusting, Assisting, GradualExit, Reverifying};
    matches!(state, Assisting | Reverifying | Adjusting | GradualExit)
}
