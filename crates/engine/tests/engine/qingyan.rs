//! The packs of the repository: they type, and their worked cases hold in the check and in the pass.

use std::{
    path::Path,
    sync::{Arc, LazyLock},
};
use tuodi_engine::{run_cases, typecheck};
use tuodi_pack::Pack;

/// The district's pack, read once for all tests.
pub fn qingyan() -> Arc<Pack> {
    static PACK: LazyLock<Arc<Pack>> = LazyLock::new(|| pack("qingyan"));
    PACK.clone()
}

fn pack(name: &str) -> Arc<Pack> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs").join(name);
    Arc::new(Pack::load(&dir).unwrap_or_else(|problems| panic!("{problems}")))
}

async fn types(pack: Arc<Pack>) {
    let problems = typecheck(&pack).await;
    let lines: Vec<String> =
        problems.iter().map(|p| format!("{}:{}: {} ({})", p.file, p.line, p.message, p.fix)).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

async fn holds(pack: Arc<Pack>) {
    let outcomes = run_cases(pack).await;
    assert!(!outcomes.is_empty(), "the pack has worked cases");
    let failed: Vec<String> =
        outcomes.iter().filter(|o| !o.passed).map(|o| format!("{}: {}", o.id, o.problems.join("; "))).collect();
    assert!(failed.is_empty(), "{} of {} failed:\n{}", failed.len(), outcomes.len(), failed.join("\n"));
}

#[tokio::test]
async fn the_pack_of_qingyan_types() {
    types(qingyan()).await;
}

#[tokio::test]
async fn the_worked_cases_of_qingyan_hold() {
    holds(qingyan()).await;
}

#[tokio::test]
async fn another_countrys_pack_types() {
    types(pack("country-template")).await;
}

#[tokio::test]
async fn the_worked_cases_of_another_country_hold() {
    holds(pack("country-template")).await;
}
