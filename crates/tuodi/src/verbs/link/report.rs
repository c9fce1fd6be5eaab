//! What `tuodi link` says.

use super::Rows;
use crate::output::{Output, peak_rss_bytes};
use serde::Serialize;
use tuodi_linkage::{Band, Found, Judged, Model, Point, Quality};

#[derive(Serialize)]
pub struct Times {
    pub read: u64,
    pub train: u64,
    pub link: u64,
    pub total: u64,
}

fn line(name: &str, point: &Point) -> String {
    format!(
        "{name:<12} {:>8.1} {:>9} {:>9} {:>10.4} {:>8.4} {:>8.4}\n",
        point.weight, point.found, point.right, point.precision, point.recall, point.f1
    )
}

/// The curve thinned to what a page holds; `--json` has all of it.
fn curve(quality: &Quality) -> String {
    let step = quality.curve.len().div_ceil(24).max(1);
    quality.curve.iter().step_by(step).map(|point| line("", point)).collect()
}

pub fn tell(
    output: Output,
    rows: &Rows,
    model: &Model,
    found: &Found,
    told: &[Judged],
    quality: Option<&Quality>,
    times: &Times,
) {
    let count = |band: Band| told.iter().filter(|pair| pair.band == band).count();
    let (same, ask) = (count(Band::Same), count(Band::Ask));
    let mut plain = String::new();
    if let Some(q) = quality {
        plain += &format!(
            "{:<12} {:>8} {:>9} {:>9} {:>10} {:>8} {:>8}\n",
            "threshold", "bits", "found", "right", "precision", "recall", "F1"
        );
        plain += &curve(q);
        plain += &line("same", &q.same);
        plain += &line("same or ask", &q.same_or_ask);
        plain += &line("best", &q.best);
        plain += &format!(
            "{} true pairs, {:.2} % of them within reach of the blocking rules\n",
            q.truth,
            q.reachable * 100.0
        );
    }
    plain += &format!(
        "{} rows, {} pairs compared: {same} the same, {ask} for a person to decide; {} ms, {} MB",
        rows.names.len(),
        found.compared,
        times.total,
        peak_rss_bytes() >> 20
    );
    output.answer(
        &serde_json::json!({
            "rows": rows.names.len(), "compared": found.compared, "same": same, "ask": ask,
            "skipped": found.skipped, "model": model, "quality": quality,
            "precision": quality.map(|q| q.same.precision), "recall": quality.map(|q| q.same.recall),
            "f1": quality.map(|q| q.same.f1), "ms": times, "peak_rss_bytes": peak_rss_bytes(),
        }),
        plain,
    );
}
