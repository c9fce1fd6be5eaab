//! Feeds: the list, the page of each, agreements recorded from it, and marks on findings.

use crate::office::{office, whole};
use crate::support::Browser;
use axum::http::{StatusCode, header};
use tuodi_store::journal;

#[tokio::test]
async fn the_list_says_how_every_feed_stands_and_can_be_searched_and_filtered() {
    let office = office().await;
    let mut steward = Browser::new(&office.site);
    steward.sign_in("steward").await;
    let page = steward.get("/bureau/data?lang=en").await;
    whole(&page, "/bureau/data");
    assert_eq!(page.body.matches("href=\"/bureau/data/DS").count(), 26, "every source of the pack is there");
    assert!(page.body.contains("degraded: validity 91.5 %; promised 95 %"), "{}", page.body);

    let only = steward.get("/bureau/data?state=degraded&lang=en").await;
    assert!(only.body.contains("/bureau/data/DS02") && !only.body.contains("/bureau/data/DS21\""), "{}", only.body);
    let found = steward.get("/bureau/data?q=ds21").await;
    assert!(found.body.contains("/bureau/data/DS21") && !found.body.contains("/bureau/data/DS02\""));
    let nothing = steward.get("/bureau/data?q=%E6%97%A0%E6%AD%A4&lang=zh-CN").await;
    whole(&nothing, "an empty list");
    assert!(nothing.body.contains("没有符合条件的来源"));

    let book = steward.get("/bureau/data/export?state=degraded").await;
    assert_eq!(book.status, StatusCode::OK);
    assert!(book.headers[header::CONTENT_TYPE].to_str().unwrap().contains("spreadsheetml"));
}

#[tokio::test]
async fn the_page_of_a_feed_says_whose_it_is_what_was_agreed_and_what_rests_on_it() {
    let office = office().await;
    let mut district = Browser::new(&office.site);
    district.sign_in("district").await;
    for lang in ["zh-CN", "en"] {
        for id in ["DS02", "DS21", "DS09", "PF01", "PF07"] {
            let page = district.get(&format!("/bureau/data/{id}?lang={lang}")).await;
            assert_eq!(page.status, StatusCode::OK, "{id}: {}", page.body);
            whole(&page, id);
        }
    }
    let page = district.get("/bureau/data/DS02?lang=en").await;
    for text in
        ["12345-2102", "QY-GX-2026-02", "31 December 2028", "E01 wrong citizen number", "91.5", "M010", "batches/b-2"]
    {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    assert!(!page.body.contains("/bureau/data/DS02/agreement"), "the district looks and does not change agreements");
    assert_eq!(district.get("/bureau/data/DS99").await.status, StatusCode::NOT_FOUND);
    let mut city = Browser::new(&office.site);
    city.sign_in("city").await;
    assert_eq!(city.get("/bureau/data/DS02").await.status, StatusCode::FORBIDDEN);
    assert_eq!(city.get("/bureau/data/export").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_renewal_is_recorded_from_the_page_and_wrong_input_is_kept() {
    let office = office().await;
    let mut steward = Browser::new(&office.site);
    steward.sign_in("steward").await;
    let page = steward.get("/bureau/data/DS21?lang=en").await;
    let to = "/bureau/data/DS21/agreement";
    let fields = |until: &'static str, document: &'static str| {
        [("number", "QY-GX-2026-21"), ("until", until), ("document", document)]
    };
    let wrong = steward.post(&page, to, &fields("soon", "清数〔2028〕3号")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    whole(&wrong, "the form again");
    assert!(wrong.body.contains("soon") && wrong.body.contains("清数〔2028〕3号"), "what was typed stays");
    let early = steward.post(&page, to, &fields("2025-01-01", "")).await;
    assert!(early.body.contains("before the agreement begins") && early.body.contains("Write the number"));

    let done = steward.post(&page, to, &fields("2030/6/30", "清数〔2028〕3号")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let page = steward.get("/bureau/data/DS21?lang=en").await;
    assert!(page.body.contains("30 June 2030") && page.body.contains("清数〔2028〕3号"), "{}", page.body);
    let entries = journal::entries_of(&office.site.store, "source:DS21").await.unwrap();
    assert_eq!(entries.iter().map(|e| e.act.as_str()).collect::<Vec<_>>(), ["feed.agreement"]);
    assert_eq!(entries[0].details["until"], "2030-06-30");

    let mut district = Browser::new(&office.site);
    district.sign_in("district").await;
    let token = district.get("/bureau/packs").await;
    let refused = district.post(&token, to, &fields("2031-06-30", "x")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(journal::entries_of(&office.site.store, "source:DS21").await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_household_says_that_its_finding_rests_on_a_feed_out_of_agreement() {
    let office = office().await;
    let mut steward = Browser::new(&office.site);
    steward.sign_in("steward").await;
    let page = steward.get("/bureau/data/DS21").await;
    let ended = [("number", "QY-GX-2026-21"), ("until", "2026-01-31"), ("document", "清数〔2026〕9号")];
    let done = steward.post(&page, "/bureau/data/DS21/agreement", &ended).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);

    let mut district = Browser::new(&office.site);
    district.sign_in("district").await;
    let found = district.get("/bureau/data?state=agreement&lang=en").await;
    assert!(found.body.contains("/bureau/data/DS21"), "{}", found.body);
    let mut officer = Browser::new(&office.site);
    officer.sign_in("officer").await;
    let home = officer.get(&format!("/desk/households/{}?lang=en", office.site.household)).await;
    assert_eq!(home.status, StatusCode::OK, "{}", home.body);
    whole(&home, "the household");
    assert!(home.body.contains("out of agreement since 2026-01-31"), "{}", home.body);
}
