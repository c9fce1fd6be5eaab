//! The work queue under concurrent readers.

use super::{pages::Session, percentile};
use crate::{error::VerbError, installation::Installation, output::Output, verbs::serve};
use axum::http::StatusCode;
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// The officers' work queue, whole pages from the router, under concurrent readers signed in as the demo officer.
pub async fn queue(dir: &Path, readers: usize, seconds: u64, output: Output) -> Result<(), VerbError> {
    let installation = Installation::open(dir)?;
    let (state, _) = serve::state(installation, true).await?;
    let app = tuodi_web::router(state);
    let session = Session::open(&app, "district").await?;
    let until = Instant::now() + Duration::from_secs(seconds);
    let started = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for reader in 0..readers {
        let session = session.clone();
        tasks.spawn(async move {
            let mut took = Vec::new();
            let mut rows = 0;
            let mut page = 1 + reader % 4;
            while Instant::now() < until {
                let uri = format!("/desk?closed=1&page={page}");
                page = page % 8 + 1;
                let begun = Instant::now();
                let answer = session.get(&uri).await?;
                took.push(begun.elapsed());
                if answer.status != StatusCode::OK {
                    return Err(VerbError::Refused(format!("{uri} answered {}", answer.status)));
                }
                rows = rows.max(answer.body.matches("/desk/cases/").count());
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
