//! The work queue under concurrent readers.

use super::percentile;
use crate::{error::VerbError, installation::Installation, output::Output, verbs::serve};
use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use std::{
    path::Path,
    time::{Duration, Instant},
};
use tower::ServiceExt;

/// The officers' work queue, whole pages from the router, under concurrent readers signed in as the demo officer.
pub async fn queue(dir: &Path, readers: usize, seconds: u64, output: Output) -> Result<(), VerbError> {
    let installation = Installation::open(dir)?;
    let (state, _) = serve::state(installation, true).await?;
    let app = tuodi_web::router(state);
    let cookies = sign_in(&app, "district").await?;
    let until = Instant::now() + Duration::from_secs(seconds);
    let started = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for reader in 0..readers {
        let (app, cookies) = (app.clone(), cookies.clone());
        tasks.spawn(async move {
            let mut took = Vec::new();
            let mut rows = 0;
            let mut page = 1 + reader % 4;
            while Instant::now() < until {
                let uri = format!("/desk?closed=1&page={page}");
                page = page % 8 + 1;
                let begun = Instant::now();
                let (status, _, body) = get(&app, &uri, &cookies).await?;
                took.push(begun.elapsed());
                if status != StatusCode::OK {
                    return Err(VerbError::Refused(format!("{uri} answered {status}")));
                }
                rows = rows.max(body.matches("/desk/cases/").count());
            }
            Ok((took, rows))
        });
    }
    let (mut took, mut rows) = (Vec::new(), 0);
    while let Some(done) = tasks.join_next().await {
        let (times, seen) = done.expect("a reader does not panic")?;
        took.extend(times);
        rows = rows.max(seen);
    }
    let elapsed = started.elapsed().as_secs_f64();
    took.sort_unstable();
    let (p50, p95, p99) = (percentile(&took, 50), percentile(&took, 95), percentile(&took, 99));
    let per_second = took.len() as f64 / elapsed;
    output.answer(
        &serde_json::json!({
            "readers": readers, "requests": took.len(), "per_second": per_second,
            "p50_ms": p50, "p95_ms": p95, "p99_ms": p99, "links_on_a_page": rows,
        }),
        format!("{readers} readers: {per_second:.0} pages/s, p50 {p50:.1} ms, p95 {p95:.1} ms, p99 {p99:.1} ms"),
    );
    Ok(())
}

async fn get(app: &axum::Router, uri: &str, cookies: &str) -> Result<(StatusCode, Vec<String>, String), VerbError> {
    let request = Request::get(uri).header(header::COOKIE, cookies).body(Body::empty()).expect("a plain request");
    answer(app, request).await
}

async fn answer(app: &axum::Router, request: Request<Body>) -> Result<(StatusCode, Vec<String>, String), VerbError> {
    let response = match app.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let status = response.status();
    let set = response
        .headers()
        .get_all(header::SET_COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok()?.split(';').next().map(str::to_owned))
        .collect();
    let body = to_bytes(response.into_body(), 16 << 20)
        .await
        .map_err(|e| VerbError::Refused(format!("the page could not be read: {e}")))?;
    Ok((status, set, String::from_utf8_lossy(&body).into_owned()))
}

/// Signs in as a demo account; gives the cookie header of the session.
async fn sign_in(app: &axum::Router, account: &str) -> Result<String, VerbError> {
    let (_, first, body) = get(app, "/login", "").await?;
    let csrf = body
        .split("name=\"csrf\"")
        .nth(1)
        .and_then(|rest| rest.split("value=\"").nth(1))
        .and_then(|rest| rest.split('"').next())
        .ok_or_else(|| VerbError::Refused("the sign-in page has no form".to_owned()))?;
    let request = Request::post("/login/demo")
        .header(header::COOKIE, first.join("; "))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!("csrf={csrf}&account={account}")))
        .expect("a plain request");
    let (status, set, _) = answer(app, request).await?;
    if !status.is_redirection() {
        return Err(VerbError::Refused(format!(
            "signing in as {account} answered {status}; make the demo accounts with `tuodi user demo`"
        )));
    }
    Ok(first.into_iter().chain(set).collect::<Vec<_>>().join("; "))
}
