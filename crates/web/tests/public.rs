//! Pages that anybody may read.

mod support;

use axum::http::StatusCode;
use support::{Browser, pack, site};

#[tokio::test]
async fn every_programme_of_the_pack_has_its_page_in_both_languages() {
    let site = site(false).await;
    let mut browser = Browser::new(&site);
    for programme in pack().programmes {
        for (lang, title) in [("zh-CN", &programme.title.zh), ("en", &programme.title.en)] {
            let answer = browser.get(&format!("/public/programmes/{}?lang={lang}", programme.id)).await;
            assert_eq!(answer.status, StatusCode::OK);
            assert!(answer.body.contains("<h1>") && !answer.body.contains('□'), "{} {lang}", programme.id);
            let listed = browser.get("/public/programmes").await;
            assert!(listed.body.contains(&title.replace('\'', "&#39;")), "{title} is in the list");
        }
    }
}

#[tokio::test]
async fn a_citation_is_written_in_words() {
    let site = site(false).await;
    let answer = Browser::new(&site).get("/public/programmes/dibao").await;
    assert!(answer.body.contains("《最低生活保障审核确认办法"), "{}", answer.body);
    assert!(!answer.body.contains("DB57"), "the pack's short names stay inside");
}

#[tokio::test]
async fn with_nobody_under_notice_the_page_says_so() {
    let site = site(false).await;
    let mut browser = Browser::new(&site);
    for address in ["/public/notices", "/public/notices/990102001001"] {
        let answer = browser.get(address).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.body.contains("现在没有公示"), "{address}");
    }
    assert_eq!(browser.get("/public/notices/000000000001").await.status, StatusCode::NOT_FOUND);
}
