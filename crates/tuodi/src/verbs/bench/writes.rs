//! Durable writes: many clients against one.

use super::percentile;
use crate::{error::VerbError, installation::migrations, output::Output};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tuodi_access::{Access, Actor, Role};
use tuodi_casework::{CaseNo, Channel, Cx};
use tuodi_pack::{Pack, PersonId, id_no};
use tuodi_registry::{IdentityBook, PersonRecord};
use tuodi_store::{Entry, Keys, Store};

/// Many clients changing cases against one, on the same database, one after the other.
pub async fn writes(clients: usize, seconds: u64, db: Option<String>, output: Output) -> Result<(), VerbError> {
    let folder = tempfile::tempdir().map_err(|e| VerbError::Refused(format!("no temporary folder: {e}")))?;
    let url = db.unwrap_or_else(|| format!("sqlite://{}", folder.path().join("bench.db").display()));
    let store = Store::open(&url, Keys::load_or_create(&folder.path().join("bench.key"))?).await?;
    store.migrate(migrations()).await?;
    let pack = Arc::new(crate::installation::load_pack(Path::new("packs/qingyan"))?);
    let cases = drafts(&store, &pack, clients).await?;
    let one = rate(&cases[..1], seconds).await?;
    let many = rate(&cases, seconds).await?;
    let ratio = many.per_second / one.per_second;
    output.answer(
        &serde_json::json!({ "clients": clients, "one": one, "many": many, "ratio": ratio }),
        format!(
            "1 client: {:.0} durable changes/s (p95 {:.1} ms); {clients} clients: {:.0}/s (p95 {:.1} ms); {ratio:.1}x",
            one.per_second, one.p95_ms, many.per_second, many.p95_ms
        ),
    );
    Ok(())
}

#[derive(Serialize)]
struct Rate {
    changes: usize,
    per_second: f64,
    p50_ms: f64,
    p95_ms: f64,
}

/// People of a bench's own, each with a draft case opened at the window.
pub async fn drafts(store: &Store, pack: &Arc<Pack>, how_many: usize) -> Result<Vec<(Cx, CaseNo, i32)>, VerbError> {
    let village = pack
        .regions
        .at_level(tuodi_pack::region::RegionLevel::Village)
        .find(|r| tuodi_pack::region::contains(&pack.info.jurisdiction, &r.code))
        .expect("a checked pack has villages");
    let now = crate::now();
    let people: Vec<PersonRecord> = (0..how_many)
        .map(|i| {
            let first17 = format!("99010219800101{i:03}");
            let check = id_no::check_character(&first17).expect("17 digits");
            PersonRecord {
                id_no: id_no::IdNo::parse(&format!("{first17}{check}")).expect("a number made to be right"),
                household_no: Some(format!("bench-{i}")),
                name: Some("测试".to_owned()),
                phone: None,
                address: None,
                region_code: Some(village.code.clone()),
                relation: Some("02".to_owned()),
                registered: true,
            }
        })
        .collect();
    let mut book = IdentityBook::load(store).await?;
    let entry = Entry {
        at: now,
        actor: "system".to_owned(),
        role: Role::System.id().to_owned(),
        act: "registry.take".to_owned(),
        subject: "registry:people".to_owned(),
        region: village.code.clone(),
        details: serde_json::json!({ "people": how_many }),
    };
    let ids: Vec<PersonId> = book.take(store, people, entry).await?;
    let access = Access::new()?;
    let mut cases = Vec::with_capacity(ids.len());
    for (i, person) in ids.into_iter().enumerate() {
        let cx = clerk(store, &access, pack, &format!("bench{i}"));
        let case = tuodi_casework::open_draft(&cx, person).await?;
        let version = tuodi_casework::view(&cx, &case, "bench").await?.row.version;
        cases.push((cx, case, version));
    }
    Ok(cases)
}

/// An officer of the pack's whole district, at the window.
pub fn clerk(store: &Store, access: &Access, pack: &Arc<Pack>, account: &str) -> Cx {
    Cx {
        store: store.clone(),
        access: access.clone(),
        pack: pack.clone(),
        actor: Actor {
            account: account.to_owned(),
            name: account.to_owned(),
            role: Role::TownshipOfficer,
            region: pack.info.jurisdiction.clone(),
            ..Actor::system()
        },
        channel: Channel::Window,
        now: crate::now(),
    }
}

async fn rate(cases: &[(Cx, CaseNo, i32)], seconds: u64) -> Result<Rate, VerbError> {
    let until = Instant::now() + Duration::from_secs(seconds);
    let started = Instant::now();
    let mut clients = tokio::task::JoinSet::new();
    for (cx, case, _) in cases {
        let (cx, case) = (cx.clone(), case.clone());
        clients.spawn(async move {
            let mut took = Vec::new();
            let mut version = tuodi_casework::view(&cx, &case, "bench").await?.row.version;
            while Instant::now() < until {
                let begun = Instant::now();
                let fields = BTreeMap::from([("reason_text".to_owned(), format!("第 {} 次填写", took.len()))]);
                version = tuodi_casework::save_step(&cx, &case, version, "reasons", fields).await?.version;
                took.push(begun.elapsed());
            }
            Ok::<_, VerbError>(took)
        });
    }
    let mut took = Vec::new();
    while let Some(done) = clients.join_next().await {
        took.extend(done.expect("a client does not panic")?);
    }
    let elapsed = started.elapsed().as_secs_f64();
    took.sort_unstable();
    Ok(Rate {
        changes: took.len(),
        per_second: took.len() as f64 / elapsed,
        p50_ms: percentile(&took, 50),
        p95_ms: percentile(&took, 95),
    })
}
