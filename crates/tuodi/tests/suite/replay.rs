//! A past finding is made again from what it rested on, whatever has come since.

use crate::common::{AS_OF, District, json, repository};
use std::{collections::BTreeMap, path::Path, sync::Arc};
use tuodi::{adapters::snapshot, installation::Installation, verbs::bench::clerk};
use tuodi_access::Access;
use tuodi_casework::{CaseNo, ConsentForm, Cx, Mark};
use tuodi_pack::{HouseholdId, Pack};

/// Somebody who lives alone and has no case, with an application checked against the pool.
async fn checked(dir: &Path) -> CaseNo {
    let installation = Installation::open(dir).expect("an installation");
    let store = installation.store().await.expect("its database");
    let access = Access::new().expect("policies");
    let pack: Arc<Pack> = installation.pack.clone();
    let cx: Cx = clerk(&store, &access, &pack, "window");
    for household in 1..1_000 {
        let Some(home) = tuodi_registry::household(&store, HouseholdId(household)).await.expect("a read") else {
            continue;
        };
        let [alone] = home.members.as_slice() else { continue };
        let Ok(case) = tuodi_casework::open_draft(&cx, alone.id).await else { continue };
        let version = tuodi_casework::view(&cx, &case, "test").await.expect("the case").row.version;
        let fields: BTreeMap<String, String> = [
            ("reasons".to_owned(), "income".to_owned()),
            ("phone".to_owned(), "139 0000 0000".to_owned()),
            ("bank".to_owned(), "清晏农商银行".to_owned()),
            ("account".to_owned(), "6200 0000 0000 1234 567".to_owned()),
            ("fin_assets".to_owned(), "6,500".to_owned()),
            ("vehicle_value".to_owned(), "0".to_owned()),
            ("company_capital".to_owned(), "0".to_owned()),
            ("self_paid_medical_12m".to_owned(), "6000".to_owned()),
            ("home_count".to_owned(), "1".to_owned()),
            ("truth".to_owned(), "yes".to_owned()),
            (format!("member.{}", alone.id), "here".to_owned()),
            (format!("wage_month.{}", alone.id), "500".to_owned()),
            (format!("other_income_month.{}", alone.id), "0".to_owned()),
        ]
        .into();
        let Ok(saved) = tuodi_casework::save_step(&cx, &case, version, "check", fields).await else { continue };
        assert!(saved.errors.is_empty(), "{:?}", saved.errors);
        let form = ConsentForm { person: alone.id, name: alone.name.clone(), mark: Mark::Typed, evidence: None };
        tuodi_casework::give_consent(&cx, &case, form).await.expect("consent");
        let version = tuodi_casework::view(&cx, &case, "test").await.expect("the case").row.version;
        tuodi_casework::submit(&cx, &case, version, "submit").await.expect("submitted");
        let version = tuodi_casework::view(&cx, &case, "test").await.expect("the case").row.version;
        let engine = snapshot::engine(&installation).expect("an engine");
        tuodi_casework::run_check(&cx, &engine, &case, version).await.expect("checked");
        store.close().await.expect("closed");
        return case;
    }
    panic!("nobody lives alone in the district");
}

#[test]
fn a_report_is_made_again_byte_for_byte_after_new_data_and_new_rules() {
    let district = District::with(1_000, 5, &["--clean"]);
    district.intake();
    let dir = district.dir.path().join("data");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let case = runtime.block_on(checked(&dir));

    let replay = || json(&["replay", "--data", &district.data(), "--case", &case.0]);
    let first = replay();
    assert_eq!(first["identical"], true, "{first}");
    assert_eq!(first["reports"][0]["todays_rules"], serde_json::Value::Null);

    // A department sends its lists again a month later, and the bureau raises the standard.
    let later = district.dir.path().join("later");
    let later = later.to_str().expect("a plain path");
    json(&["synth", "--out", later, "--people", "1000", "--seed", "6", "--as-of", AS_OF, "--clean"]);
    json(&["intake", later, "--data", &district.data(), "--as-of", AS_OF]);
    let second = replay();
    assert_eq!(second["identical"], true, "{second}");
    assert!(second["reports"][0]["later_data"]["snapshot"].is_string(), "{second}");

    let raised = district.dir.path().join("raised");
    copy(&repository().join("packs/qingyan"), &raised);
    let file = raised.join("parameters.toml");
    let text = std::fs::read_to_string(&file).expect("parameters");
    let standards = [("amount = 96_000", "amount = 102_000"), ("amount = 84_000", "amount = 90_000")];
    let text = standards.iter().fold(text, |text, (was, now)| {
        assert!(text.contains(was), "the standard {was}");
        text.replace(was, now)
    });
    std::fs::write(&file, text).expect("written");
    let configuration = dir.join("tuodi.toml");
    let text = std::fs::read_to_string(&configuration).expect("the configuration");
    let pack = repository().join("packs/qingyan");
    let text = text.replace(pack.to_str().expect("a plain path"), raised.to_str().expect("a plain path"));
    std::fs::write(&configuration, text).expect("written");
    let third = replay();
    assert_eq!(third["identical"], true, "{third}");
    let today = &third["reports"][0]["todays_rules"];
    assert!(
        today["differs"].as_array().is_some_and(|d| !d.is_empty()),
        "a higher standard is a different line: {third}"
    );
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        match entry.path().is_dir() {
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => {
                std::fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
            }
        }
    }
}
