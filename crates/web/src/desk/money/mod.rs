//! Everything about money beside the list itself: what a run would pay, what a line is made of, what the bank sends back,
//! what was paid too much, and the books of each fund.

mod bank;
mod funds;
mod line;
mod over;
mod run;

pub use self::run::{Asked, asked_order, kind_title, kinds, show as show_order};

use crate::AppState;
use crate::route::{get, post};
use axum::{Router, extract::DefaultBodyLimit};

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/desk/payments/preview", get(run::preview))
        .route("/desk/payments/returned", get(bank::returned))
        .route("/desk/payments/returned/{line}", post(bank::mend))
        .route("/desk/payments/over", get(over::list).merge(post(over::find)))
        .route("/desk/payments/over/{id}", get(over::page).merge(post(over::decide)))
        .route("/desk/payments/over/{id}/repaid", post(over::repaid))
        .route("/desk/payments/funds", get(funds::page).merge(post(funds::allocate)))
        .route("/desk/payments/funds/workbook", post(funds::workbook))
        .route("/desk/payments/{list}/lines/{line}", get(line::page))
        .route("/desk/payments/{list}/withdraw", get(line::confirm_withdraw).merge(post(line::withdraw)))
        // Where files come, the handler counts the bytes itself.
        .route("/desk/payments/{list}/bank", get(bank::page).merge(post(bank::take)).layer(DefaultBodyLimit::disable()))
}
