//! The whole list, page by page, as a system that is fetched on a schedule gives it.

use crate::{Behaviour, Department, refusal};
use axum::{
    Json,
    body::Body,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// Rows of the list, and of a page.
pub const ROWS: usize = 5;
const A_PAGE: usize = 3;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    page: usize,
}

/// Meters of a waterworks, by the contract of `utility_usage`.
fn row(n: usize, more: f64) -> Value {
    json!({ "户号": format!("W{n}"), "类别": "水", "月份": "2026-07", "用量": n + 1, "金额（元）": 1.5 + more })
}

fn list(page: usize, more: f64, has_next: bool) -> Value {
    let rows: Vec<Value> = (0..ROWS).skip(page * A_PAGE).take(A_PAGE).map(|n| row(n, more)).collect();
    let next = (has_next && (page + 1) * A_PAGE < ROWS).then(|| format!("/export?page={}", page + 1));
    json!({ "total": ROWS, "rows": rows, "next": next })
}

pub async fn page(State(department): State<Department>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    if !department.knows(&headers) {
        return refusal(StatusCode::UNAUTHORIZED, "the key is not known here");
    }
    if asked.page > 0 {
        return Json(list(asked.page, 0.0, true)).into_response();
    }
    let answer = |more| Json(list(0, more, true)).into_response();
    match department.next("export") {
        Behaviour::Answer => answer(0.0),
        Behaviour::Other => answer(1.0),
        Behaviour::Slow(ms) => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            answer(0.0)
        }
        Behaviour::Fail(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            refusal(status, "internal error")
        }
        Behaviour::Garbage => {
            ([(header::CONTENT_TYPE, "text/html")], "<html><body>系统维护中</body></html>").into_response()
        }
        // The line breaks in the middle of the text.
        Behaviour::Cut => {
            let text = list(0, 0.0, true).to_string();
            let half: String = text.chars().take(text.chars().count() / 2).collect();
            // A moment later: what came before has to be on its way.
            let broken = async {
                tokio::time::sleep(Duration::from_millis(100)).await;
                Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
            };
            let body = Body::from_stream(stream::iter([Ok(half)]).chain(stream::once(broken)));
            ([(header::CONTENT_TYPE, "application/json")], body).into_response()
        }
        // The first page says that there are more rows, and not where.
        Behaviour::Half => Json(list(0, 0.0, false)).into_response(),
        Behaviour::Busy(seconds) => {
            let mut response = refusal(StatusCode::TOO_MANY_REQUESTS, "too many questions");
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            response
        }
        Behaviour::Later(seconds) => {
            let mut response = refusal(StatusCode::SERVICE_UNAVAILABLE, "the list is being made");
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            response
        }
        Behaviour::Decline => refusal(StatusCode::FORBIDDEN, "the list is not for you"),
    }
}
