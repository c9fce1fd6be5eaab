//! The low-income library: who finds whom, what a list shows, and what leaves the house.

use crate::office::{Office, office, whole};
use crate::support::{Browser, morning, pack};
use axum::http::StatusCode;
use std::collections::BTreeMap;
use tuodi_access::looks;
use tuodi_pack::{PersonId, indicator::Severity};
use tuodi_registry::library::{HelpRow, Survey, keep, list};

/// The family left dibao last month and was given two things that do not go together before; an alert is open.
async fn kept(office: &Office) {
    let site = &office.site;
    let on = morning().date_naive();
    let ended = tuodi_casework::first_of_month(on).pred_opt().expect("a day");
    let line = |person: PersonId, source: &str, programme: &str, to| HelpRow {
        person,
        source: source.to_owned(),
        programme: programme.to_owned(),
        from: ended - chrono::Days::new(400),
        to,
        monthly: Some(72_050),
    };
    let survey = Survey {
        run: "run-1".to_owned(),
        on,
        help: vec![
            line(site.applicant, "DS05", "dibao", Some(ended)),
            line(site.spouse, "DS08", "disability_living", None),
            line(site.spouse, "DS05", "tekun", Some(ended)),
        ],
        sources: ["DS05".to_owned(), "DS08".to_owned()].into(),
        alerts: [(site.household, BTreeMap::from([("M001".to_owned(), Severity::Orange)]))].into(),
        ..Survey::default()
    };
    let listed = list(&site.store, &pack(), &survey, morning()).await.expect("lines of help are kept");
    keep(&site.store, &pack(), survey, listed, morning()).await.expect("the library is kept");
}

fn last_month() -> (String, String) {
    let first = tuodi_casework::first_of_month(morning().date_naive());
    let last = first.pred_opt().expect("a day");
    (tuodi_casework::first_of_month(last).to_string(), last.to_string())
}

#[tokio::test]
async fn a_steward_finds_a_household_that_left_dibao_last_month_and_says_why_before_opening_it() {
    let office = office().await;
    kept(&office).await;
    let mut steward = Browser::new(&office.site);
    steward.sign_in("steward").await;
    let (from, to) = last_month();
    let page = steward.get(&format!("/bureau/library?programme=dibao&ended=1&from={from}&to={to}")).await;
    whole(&page, "the list");
    let href = format!("/bureau/library/households/{}", office.site.household);
    assert!(page.body.contains(&href), "{}", page.body);
    assert!(!page.body.contains("刘桂芬"), "a steward sees masked names");
    assert!(!page.body.contains("/bureau/library/export"), "a steward exports nothing");
    let none = steward.get(&format!("/bureau/library?programme=dibao&ended=1&to={from}")).await;
    assert!(!none.body.contains(&href) && none.body.contains("没有符合这些条件的"), "{}", none.body);

    let asked = steward.get(&href).await;
    assert!(asked.body.contains("为什么要看这户人家") && !asked.body.contains("停止享受"), "{}", asked.body);
    let opened = steward.get(&format!("{href}?purpose=check_data")).await;
    whole(&opened, "the household");
    for words in ["拓展", "退出不满一年", "停止享受", "进库：拓展"] {
        assert!(opened.body.contains(words), "{words}: {}", opened.body);
    }
    let logged = looks::of_account(&office.site.store, "steward", 20).await.expect("looks");
    let subject = format!("household:{}", office.site.household);
    assert!(logged.iter().any(|l| l.subject == subject && l.purpose == "check_data"));
    assert!(logged.iter().any(|l| l.subject == "library:households"));
}

#[tokio::test]
async fn a_household_is_searched_by_post_and_what_was_typed_stands_in_no_address_and_no_log() {
    let office = office().await;
    kept(&office).await;
    let mut district = Browser::new(&office.site);
    district.sign_in("district").await;
    let list = district.get("/bureau/library").await;
    let found = district.post(&list, "/bureau/library/find", &[("q", "刘桂芬")]).await;
    whole(&found, "found");
    assert!(found.body.contains(&format!("/bureau/library/households/{}", office.site.household)), "{}", found.body);
    let nobody = district.post(&list, "/bureau/library/find", &[("q", "zzzz")]).await;
    assert!(nobody.body.contains("没有找到"), "{}", nobody.body);
    for look in looks::of_account(&office.site.store, "district", 20).await.expect("looks") {
        assert!(!look.subject.contains("刘") && !look.purpose.contains("刘"));
    }
}

#[tokio::test]
async fn each_list_is_whole_in_both_languages_and_refused_to_those_without_its_right() {
    let office = office().await;
    kept(&office).await;
    let mut district = Browser::new(&office.site);
    district.sign_in("district").await;
    let household = format!("/bureau/library/households/{}", office.site.household);
    for lang in ["zh-CN", "en"] {
        for address in [
            "/bureau/library?a=1",
            "/bureau/library?layer=suspected",
            "/bureau/library?from=soon",
            "/bureau/library/helped?only=1",
            "/bureau/library/helped?programme=disability_living",
            "/bureau/library/funds?a=1",
            "/bureau/library/funds?source=case",
            "/bureau/library/export?list=households",
            &format!("{household}?a=1"),
        ] {
            let page = district.get(&format!("{address}&lang={lang}")).await;
            assert_eq!(page.status, StatusCode::OK, "{address}: {}", page.body);
            whole(&page, address);
        }
    }
    for (account, status) in [("city", StatusCode::FORBIDDEN), ("admin", StatusCode::FORBIDDEN)] {
        let mut browser = Browser::new(&office.site);
        browser.sign_in(account).await;
        for address in ["/bureau/library", "/bureau/library/helped", "/bureau/library/funds", &household] {
            assert_eq!(browser.get(address).await.status, status, "{account} {address}");
        }
    }
    let mut steward = Browser::new(&office.site);
    steward.sign_in("steward").await;
    assert_eq!(steward.get("/bureau/library/export?list=helped").await.status, StatusCode::FORBIDDEN);
    assert_eq!(steward.get("/bureau/library/export?list=none").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn sums_of_money_are_exact_to_the_fen_and_sources_are_never_added() {
    let office = office().await;
    let mut district = Browser::new(&office.site);
    district.sign_in("district").await;
    let page = district.get("/bureau/library/funds").await;
    whole(&page, "funds");
    // 1234.57 + 1000.01 + 2000.00
    for sum in ["4,234.58", "2,234.58", "3,000.01", "50"] {
        assert!(page.body.contains(sum), "{sum}: {}", page.body);
    }
    let october = district.get("/bureau/library/funds?from=2026-10-01&programme=dibao").await;
    assert!(october.body.contains("1,000.01") && !october.body.contains("2,234.58"), "{}", october.body);
    let own = district.get("/bureau/library/funds?source=case").await;
    assert!(!own.body.contains("4,234.58"), "{}", own.body);
}

#[tokio::test]
async fn a_list_leaves_the_house_with_a_purpose_and_the_journal_says_so() {
    let office = office().await;
    kept(&office).await;
    let mut district = Browser::new(&office.site);
    district.sign_in("district").await;
    let form = district.get("/bureau/library/export?list=households").await;
    let without = district.post(&form, "/bureau/library/export", &[("list", "households")]).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(without.body.contains("请选择导出的用途"), "{}", without.body);
    for list in ["households", "helped", "funds"] {
        let file = district.post(&form, "/bureau/library/export", &[("list", list), ("purpose", "audit")]).await;
        assert_eq!(file.status, StatusCode::OK, "{list}");
    }
    let journal = tuodi_store::journal::entries_of(&office.site.store, "library:helped").await.expect("the journal");
    assert!(journal.iter().any(|e| e.act == "library.export" && e.details["purpose"] == "audit"), "{journal:?}");
}

#[tokio::test]
async fn who_needs_which_service_is_listed_filtered_found_and_taken_along() {
    let office = office().await;
    let site = &office.site;
    *office.disputed.lock().expect("a lock") = Some((site.household, site.applicant));
    let mut director = Browser::new(site);
    director.sign_in("district").await;
    let href = format!("/bureau/library/households/{}", site.household);
    let pack = pack();
    let service = |id: &str| pack.services.service(id).expect("a service").title.en.clone();
    let page = director.get("/bureau/library/needs?service=F01&label=medical_burden&lang=en").await;
    whole(&page, "needs of service");
    assert!(page.body.contains(&href) && page.body.contains(&service("E01")), "{}", page.body);
    let others = director.get("/bureau/library/needs?service=F02").await;
    assert!(!others.body.contains(&href), "nobody needs that one");
    let found = director.post(&page, "/bureau/library/needs/find", &[("q", "刘桂芬")]).await;
    assert!(found.body.contains(&href), "found by name: {}", found.body);
    let nobody = director.post(&page, "/bureau/library/needs/find", &[("q", "无此人")]).await;
    assert!(!nobody.body.contains(&href), "{}", nobody.body);

    let form = director.get("/bureau/library/export?list=needs&service=F01").await;
    whole(&form, "the export");
    let file = director
        .post(&form, "/bureau/library/export", &[("list", "needs"), ("service", "F01"), ("purpose", "daily")])
        .await;
    assert_eq!(file.status, StatusCode::OK);
    let seen = looks::of_subject(&site.store, "library:needs", 10).await.expect("the log");
    assert!(seen.iter().any(|l| l.purpose == "export: daily"), "every look is logged");
}
