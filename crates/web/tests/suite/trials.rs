//! Trying rules out, on the page: who may, what is shown, what is kept back, what is written down.

use crate::office::{office, trials::BUSY, whole};
use crate::support::Browser;
use axum::http::{StatusCode, header};
use tuodi_store::{
    Page,
    journal::{self, JournalFilter},
};

const ASKED: &str = "/bureau/simulate?as_of=2026-09-01&set=dibao_standard_urban%3D102000";

async fn acts(store: &tuodi_store::Store, act: &str) -> u64 {
    let filter = JournalFilter { act: act.to_owned(), ..JournalFilter::default() };
    let found: Page<_> = journal::search(store, &filter, 1, 50).await.expect("the journal can be searched");
    found.total
}

#[tokio::test]
async fn every_page_of_trials_is_whole_in_both_languages() {
    let office = office().await;
    let two = format!("{ASKED}&against=edge_multiplier%3D1600");
    for account in ["district", "city"] {
        let mut browser = Browser::new(&office.site);
        browser.sign_in(account).await;
        for address in [
            "/bureau/simulate",
            ASKED,
            &two,
            "/bureau/simulate/cliffs",
            "/bureau/poverty",
            "/bureau/poverty?k=200&by=households",
        ] {
            for lang in ["zh-CN", "en"] {
                let join = if address.contains('?') { '&' } else { '?' };
                let answer = browser.get(&format!("{address}{join}lang={lang}")).await;
                assert_eq!(answer.status, StatusCode::OK, "{account} {address}: {}", answer.body);
                whole(&answer, address);
            }
        }
    }
}

#[tokio::test]
async fn only_those_who_may_see_the_districts_figures_come_in() {
    let office = office().await;
    for account in ["officer", "citizen", "grid", "admin"] {
        let mut browser = Browser::new(&office.site);
        browser.sign_in(account).await;
        for address in ["/bureau/simulate", "/bureau/simulate/cliffs", "/bureau/poverty"] {
            let answer = browser.get(address).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{account} {address}");
        }
    }
    let answer = Browser::new(&office.site).get("/bureau/simulate").await;
    assert_ne!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn a_run_is_read_in_yuan_written_down_and_shown_without_its_small_groups() {
    let office = office().await;
    let mut browser = Browser::new(&office.site);
    browser.sign_in("district").await;
    let form = browser.get("/bureau/simulate").await;
    let csrf = form.hidden("csrf");
    let sent =
        [("csrf", csrf.as_str()), ("as_of", "2026-09-01"), ("set0", "dibao_standard_urban"), ("set0-v", "1,020")];
    let answer = browser.post_raw("/bureau/simulate", &sent).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(answer.location(), ASKED);
    assert_eq!(acts(&office.site.store, "simulation.run").await, 1);
    let page = browser.get(ASKED).await;
    assert!(page.body.contains("&lt;10") || page.body.contains("&#60;10"), "small groups: {}", page.body);
    assert!(page.body.contains("+36,017"), "the change of cost");
}

#[tokio::test]
async fn what_cannot_be_tried_comes_back_with_what_was_typed() {
    let office = office().await;
    let mut browser = Browser::new(&office.site);
    browser.sign_in("district").await;
    let csrf = browser.get("/bureau/simulate").await.hidden("csrf");
    let sent =
        [("csrf", csrf.as_str()), ("as_of", "2026-09-01"), ("set0", "dibao_standard_urban"), ("set0-v", "a lot")];
    let answer = browser.post_raw("/bureau/simulate", &sent).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("a lot"));
    let answer = browser.post_raw("/bureau/simulate", &[("csrf", &csrf), ("as_of", "2026-09-01")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(acts(&office.site.store, "simulation.run").await, 0);
}

#[tokio::test]
async fn a_long_run_says_so_and_the_page_looks_again_by_itself() {
    let office = office().await;
    let mut browser = Browser::new(&office.site);
    browser.sign_in("district").await;
    let answer = browser.get(&format!("/bureau/simulate/cliffs?as_of={BUSY}")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.headers.contains_key(header::REFRESH) && answer.body.contains("<progress"));
    whole(&answer, "a running trial");
}

#[tokio::test]
async fn a_workbook_needs_a_purpose_and_is_written_down() {
    let office = office().await;
    let mut browser = Browser::new(&office.site);
    browser.sign_in("district").await;
    let csrf = browser.get(ASKED).await.hidden("csrf");
    let asked = [("csrf", csrf.as_str()), ("as_of", "2026-09-01"), ("set", "dibao_standard_urban=102000")];
    let answer = browser.post_raw("/bureau/simulate/file", &asked).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(acts(&office.site.store, "simulation.export").await, 0);
    let mut sent = asked.to_vec();
    sent.push(("purpose", "report"));
    let answer = browser.post_raw("/bureau/simulate/file", &sent).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.headers[header::CONTENT_DISPOSITION].to_str().unwrap().contains(".xlsx"));
    assert_eq!(acts(&office.site.store, "simulation.export").await, 1);
}
