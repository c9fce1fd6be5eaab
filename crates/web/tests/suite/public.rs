//! Pages that anybody may read.

use crate::support::{Browser, pack, site};
use axum::http::StatusCode;
use tuodi_pack::programme::{Delivery, ProgrammeKind};

#[tokio::test]
async fn every_programme_of_the_pack_has_its_page_in_both_languages() {
    let site = site(false).await;
    let mut browser = Browser::new(&site);
    for programme in pack().programmes.iter().filter(|p| p.kind != ProgrammeKind::Measure) {
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
async fn figures_for_offices_have_no_public_page() {
    let site = site(false).await;
    let mut browser = Browser::new(&site);
    let list = browser.get("/public/programmes").await.body;
    for programme in pack().programmes.iter().filter(|p| p.kind == ProgrammeKind::Measure) {
        assert!(!list.contains(&format!("/public/programmes/{}\"", programme.id)), "{}", programme.id);
        let page = browser.get(&format!("/public/programmes/{}", programme.id)).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn only_what_is_applied_for_has_a_button_and_every_stage_is_shown() {
    let site = site(false).await;
    let mut browser = Browser::new(&site);
    for programme in pack().programmes.iter().filter(|p| p.kind != ProgrammeKind::Measure) {
        let page = browser.get(&format!("/public/programmes/{}", programme.id)).await.body;
        let button = page.contains(&format!("/citizen/apply/{}\"", programme.id));
        assert_eq!(button, programme.delivery == Some(Delivery::Application), "{}", programme.id);
        if programme.delivery == Some(Delivery::Automatic) {
            assert!(page.contains("免申即享"), "{}", programme.id);
        }
        for stage in &programme.stages {
            assert!(page.contains(&stage.title.zh), "{}: {}", programme.id, stage.id);
        }
        for evidence in &programme.evidence {
            assert!(page.contains(&evidence.title.zh), "{}: {}", programme.id, evidence.id);
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

#[tokio::test]
async fn the_handbook_is_open_to_everybody_in_their_language_and_leads_back() {
    let site = site(false).await;
    let mut browser = Browser::new(&site);
    let list = browser.get("/public/programmes").await;
    assert!(list.body.contains(r#"href="/handbook""#));
    assert_eq!(browser.get("/handbook?lang=en").await.location(), "/handbook/en/index.html");
    assert_eq!(browser.get("/handbook?lang=zh-CN").await.location(), "/handbook/zh-CN/index.html");

    let front = browser.get("/handbook/zh-CN/index.html").await;
    assert_eq!(front.status, StatusCode::OK);
    assert!(front.body.contains(r#"<a href="/">回到首页</a>"#), "{}", front.body);
    // What each page asks for by itself is there, as what it is.
    for (name, kind) in
        [("handbook.css", "text/css"), ("find.js", "text/javascript"), ("entries-zh-CN.js", "text/javascript")]
    {
        assert!(front.body.contains(&format!("../assets/{name}")), "{name}");
        let asset = browser.get(&format!("/handbook/assets/{name}")).await;
        assert_eq!(asset.status, StatusCode::OK);
        assert!(asset.headers["content-type"].to_str().is_ok_and(|found| found.starts_with(kind)), "{name}");
    }
    for programme in &pack().programmes {
        let page = browser.get(&format!("/handbook/zh-CN/programmes/{}.html", programme.id)).await;
        assert_eq!(page.status, StatusCode::OK, "{}", programme.id);
    }
    assert_eq!(browser.get("/handbook/zh-CN/nothing.html").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/handbook/../Cargo.toml").await.status, StatusCode::NOT_FOUND);
}
