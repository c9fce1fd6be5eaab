//! A source outside its agreement is not read from the command line either, and the refusal is in the journal.

use crate::common::{AS_OF, District, json, refused, repository};
use std::{fs, path::Path};
use tuodi_store::journal;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("the pack") {
        let entry = entry.expect("an entry").path();
        let target = to.join(entry.file_name().expect("a name"));
        if entry.is_dir() {
            copy(&entry, &target)
        } else {
            let _bytes = fs::copy(&entry, &target).expect("copied");
        }
    }
}

/// One household as a page of the running server asks for it.
fn page(data: &str, as_of: &str) -> tuodi_pack::CheckResult {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let installation = tuodi::installation::Installation::open(Path::new(data)).expect("an installation");
        let (state, _jobs) = tuodi::verbs::serve::state(installation, false).await.expect("a server");
        let (household, day) = (tuodi_pack::HouseholdId(2), as_of.parse().expect("a day"));
        state.engine.read_for(tuodi_pack::Purpose::Verification, household, day, &[]).await.expect("a finding")
    })
}

/// What the journal says about withheld sources: subject, and the source.
fn withheld_in_journal(data: &str) -> Vec<(String, String)> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let installation = tuodi::installation::Installation::open(Path::new(data)).expect("an installation");
        let store = installation.store().await.expect("its database");
        let entries = journal::latest(&store, 200, 0).await.expect("the journal");
        journal::verify(&store).await.expect("an unbroken journal");
        let ours = entries.into_iter().filter(|e| e.act == "feed.withhold");
        ours.map(|e| (e.subject, e.details["source"].as_str().unwrap_or_default().to_owned())).collect()
    })
}

fn has_entry(data: &str, act: &str, subject: &str) -> bool {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let installation = tuodi::installation::Installation::open(Path::new(data)).expect("an installation");
        let store = installation.store().await.expect("its database");
        let entries = journal::latest(&store, 200, 0).await.expect("the journal");
        entries.iter().any(|e| e.act == act && e.subject == subject)
    })
}

#[test]
fn an_expired_agreement_withholds_a_source_from_the_pass_and_the_check_until_it_is_renewed() {
    let district = District { dir: tempfile::tempdir().expect("a temporary folder") };
    let pack = district.dir.path().join("pack");
    copy(&repository().join("packs/qingyan"), &pack);
    // The tax bureau's agreement ended in June; that on bank deposits never covered statistics.
    let edit = |source: &str, old: &str, new: &str| {
        let file = pack.join(format!("sources/{source}.toml"));
        let text = fs::read_to_string(&file).expect("the contract");
        assert!(text.contains(old), "{source}");
        fs::write(&file, text.replacen(old, new, 1)).expect("written");
    };
    edit("DS18", "until = 2027-12-31", "until = 2026-06-30");
    edit("DS21", ", \"statistics\"", "");
    let (files, data) = (district.files(), district.data());
    json(&["synth", "--out", &files, "--people", "1000", "--seed", "3", "--as-of", AS_OF, "--clean"]);
    json(&["init", "--data", &data, "--pack", pack.to_str().expect("a plain path")]);
    json(&["intake", &files, "--data", &data, "--as-of", AS_OF]);

    let pass = json(&["pass", "--data", &data, "--as-of", AS_OF]);
    assert_eq!(pass["withheld"][0]["source"], "DS18", "{}", pass["withheld"]);
    assert_eq!(pass["withheld"][0]["why"], "ended", "{}", pass["withheld"]);
    assert_eq!(pass["withheld"].as_array().map(Vec::len), Some(1), "monitoring may read the rest");

    let ask = |purpose: &str, as_of: &str| {
        json(&["check", "--data", &data, "--household", "1", "--as-of", as_of, "--purpose", purpose])
    };
    let told = refused(&["check", "--data", &data, "--household", "1", "--as-of", AS_OF, "--purpose", "verification"]);
    assert!(told.contains("authorised") && told.contains("nothing was read"), "{told}");
    let check = json(&["check", "--data", &data, "--household", "1", "--as-of", AS_OF]);
    assert_eq!(check["purpose"], "monitoring", "without authorisations only what the law allows");
    assert_eq!(check["withheld"][0]["agreement"], serde_json::Value::Null);
    assert_eq!(check["withheld"][0]["number"], "QY-GX-2026-18", "{}", check["withheld"]);
    assert!(check["snapshot"].as_str().is_some_and(|id| id.ends_with("~DS18")), "{}", check["snapshot"]);
    assert!(!check["rows"].to_string().contains("DS18"), "a row of a source that may not be read");
    let service = ask("service", AS_OF);
    let sources: Vec<&str> =
        service["withheld"].as_array().expect("a list").iter().filter_map(|w| w["source"].as_str()).collect();
    assert_eq!(sources, ["DS06", "DS15", "DS17", "DS18", "DS19", "DS20", "DS21"]);
    assert!(
        refused(&["check", "--data", &data, "--household", "1", "--as-of", AS_OF, "--purpose", "statistics"])
            .contains("reverification")
    );
    assert_eq!(ask("monitoring", AS_OF)["tier"], check["tier"]);

    let seen = page(&data, AS_OF);
    assert!(seen.withheld.iter().any(|w| w.source == "DS18"), "{:?}", seen.withheld);
    assert!(seen.rows.iter().all(|row| row.source != "DS18"), "a row of a source that may not be read");

    let poverty = json(&["poverty", "--data", &data, "--as-of", AS_OF]);
    let sources: Vec<&str> =
        poverty["withheld"].as_array().expect("a list").iter().filter_map(|w| w["source"].as_str()).collect();
    assert_eq!(sources, ["DS18", "DS21"]);

    let told = withheld_in_journal(&data);
    assert!(has_entry(&data, "verification.refused", "household:1"), "an unauthorised question is on record");
    let has = |subject: &str, source: &str| told.contains(&(subject.to_owned(), source.to_owned()));
    assert!(
        has("pass", "DS18")
            && has("household:1", "DS18")
            && has("household:1", "DS06")
            && has("household:2", "DS18")
            && has("poverty", "DS21"),
        "{told:?}"
    );
}
