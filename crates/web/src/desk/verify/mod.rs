//! Verification of means (核对) at the desk: authorisations, orders, reports, the printed letter.

mod batches;
mod consents;
mod list;
mod order;
mod replies;
mod report;

use crate::AppState;
use crate::route::{get, post};
use axum::{Router, extract::DefaultBodyLimit};

pub(crate) use self::{
    consents::{PurposeCard, cards, evidence_of},
    report::state_tag,
};

pub fn routes() -> Router<AppState> {
    Router::new()
        // Where files come, the handler counts the bytes itself.
        .route("/desk/verifications", get(list::page))
        .route("/desk/verifications/due", get(list::due))
        .route("/desk/verifications/order", get(order::page).merge(post(order::send)))
        .route("/desk/verifications/due/batch", post(batches::order_due))
        .route(
            "/desk/verifications/batches",
            get(batches::list).merge(post(batches::order)).layer(DefaultBodyLimit::disable()),
        )
        .route("/desk/verifications/batches/{id}", get(batches::page))
        .route("/desk/verifications/batches/{id}/cancel", post(batches::cancel))
        .route("/desk/verifications/batches/{id}/workbook", get(batches::workbook))
        .route("/desk/verifications/{number}", get(report::page))
        .route("/desk/verifications/{number}/answers/{source}", get(replies::page))
        .route("/desk/verifications/{number}/letter", get(report::letter))
        .route("/desk/verifications/{number}/report.json", get(report::json))
        .route(
            "/desk/households/{id}/consents",
            get(consents::page).merge(post(consents::give)).layer(DefaultBodyLimit::disable()),
        )
        .route("/desk/households/{id}/consents/withdraw", post(consents::withdraw))
        .route("/desk/households/{id}/consents/{consent}/form", get(consents::form))
}
