//! The monthly list of many households: looked at, made, signed and written for the bank.

use super::writes::clerk;
use crate::{error::VerbError, installation::migrations, output::Output};
use chrono::NaiveDate;
use std::{path::Path, sync::Arc, time::Instant};
use tuodi_access::{Access, Actor, Role};
use tuodi_casework::{Cx, RosterRow, RunOrder};
use tuodi_pack::{Fen, HouseholdId, PersonId, region::RegionLevel};
use tuodi_store::{Keys, Store};

/// Makes the list of a month over a roster of its own.
pub async fn payments(households: usize, db: Option<String>, output: Output) -> Result<(), VerbError> {
    let folder = tempfile::tempdir().map_err(|e| VerbError::Refused(format!("no temporary folder: {e}")))?;
    let url = db.unwrap_or_else(|| format!("sqlite://{}", folder.path().join("bench.db").display()));
    let store = Store::open(&url, Keys::load_or_create(&folder.path().join("bench.key"))?).await?;
    store.migrate(migrations()).await?;
    let pack = Arc::new(crate::installation::load_pack(Path::new("packs/qingyan"))?);
    let villages: Vec<String> = (pack.regions.at_level(RegionLevel::Village))
        .filter(|r| tuodi_pack::region::contains(&pack.info.jurisdiction, &r.code))
        .map(|r| r.code.clone())
        .collect();
    let month = NaiveDate::from_ymd_opt(2026, 9, 1).expect("a day");
    let rows = (1..=households as i64).map(|i| RosterRow {
        certificate: format!("bench-{i}"),
        applicant: PersonId(i),
        household: HouseholdId(i),
        programme: if i % 9 == 0 { "tekun" } else { "dibao" }.to_owned(),
        monthly: Fen(10_000 + i % 200_000),
        members: 1 + (i % 5) as i32,
        start_date: month - chrono::Days::new(400),
        region_code: villages[i as usize % villages.len()].clone(),
        class: Some("B".to_owned()),
        last_reverify: Some(month),
    });
    tuodi_casework::import_roster(&store, &pack, rows.collect(), crate::now()).await?;
    let access = Access::new()?;
    let by = |account: &str, role: Role| -> Cx {
        let cx = clerk(&store, &access, &pack, account);
        Cx { actor: Actor { role, ..cx.actor.clone() }, ..cx }
    };
    let payer = by("bench-payer", Role::DistrictOfficer);
    let order = RunOrder::monthly(month);
    let started = Instant::now();
    let preview = tuodi_casework::preview_run(&payer, &order).await?;
    let previewed = started.elapsed().as_secs_f64();
    let started = Instant::now();
    let id = tuodi_casework::prepare_run(&payer, &order, "").await?;
    let made = started.elapsed().as_secs_f64();
    let list = tuodi_casework::batch(&payer, id, 1, 1).await?.row;
    let started = Instant::now();
    tuodi_casework::sign_batch(&by("bench-signer", Role::Reviewer), id, list.version, "").await?;
    let signed = started.elapsed().as_secs_f64();
    let again = tuodi_casework::preview_run(&payer, &order).await?.lines;
    output.answer(
        &serde_json::json!({ "households": households, "lines": list.lines, "total": list.total.0, "preview_s": previewed,
            "make_s": made, "sign_s": signed, "agrees": preview.total == list.total, "left": again }),
        format!(
            "{} lines, {} yuan: looked at in {previewed:.1} s, made in {made:.1} s, signed in {signed:.1} s; {again} left to pay",
            list.lines, list.total
        ),
    );
    Ok(())
}
