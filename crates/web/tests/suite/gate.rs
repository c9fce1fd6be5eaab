//! Signing in, languages, doors and the protection of forms.

use crate::support::{Browser, site};
use axum::http::{StatusCode, header};

#[tokio::test]
async fn a_stranger_is_sent_to_sign_in_and_comes_back() {
    let site = site(false).await;
    let mut browser = Browser::new(&site);
    let answer = browser.get("/citizen/apply?x=1").await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/login?next=/citizen/apply%3Fx%3D1"));
    let page = browser.get(answer.location()).await;
    assert_eq!(page.hidden("next"), "/citizen/apply?x=1");
    let next = page.hidden("next");
    let fields = [("account", "citizen"), ("password", crate::support::PASSWORD), ("next", next.as_str())];
    let answer = browser.post(&page, "/login", &fields).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/citizen/apply?x=1"));
}

#[tokio::test]
async fn a_wrong_password_keeps_the_account_and_does_not_say_which_was_wrong() {
    let site = site(false).await;
    let mut browser = Browser::new(&site);
    let page = browser.get("/login").await;
    let wrong = browser.post(&page, "/login", &[("account", "citizen"), ("password", "x")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains(r#"value="citizen""#) && wrong.body.contains("账号或密码不对"), "{}", wrong.body);
    let unknown = browser.post(&page, "/login", &[("account", "nobody"), ("password", "x")]).await;
    assert!(unknown.body.contains("账号或密码不对"));
}

#[tokio::test]
async fn after_five_wrong_passwords_even_the_right_one_waits() {
    let site = site(false).await;
    let mut browser = Browser::new(&site);
    let page = browser.get("/login").await;
    for _ in 0..5 {
        browser.post(&page, "/login", &[("account", "citizen"), ("password", "x")]).await;
    }
    let answer = browser.post(&page, "/login", &[("account", "citizen"), ("password", crate::support::PASSWORD)]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("10 分钟以后再试"), "{}", answer.body);
}

#[tokio::test]
async fn by_https_the_cookies_travel_that_way_only_and_the_browser_stays_with_it() {
    for tls in [true, false] {
        let site = crate::support::site_reached(false, tls).await;
        let answer = Browser::new(&site).get("/login").await;
        let cookies: Vec<&str> =
            answer.headers.get_all(header::SET_COOKIE).iter().map(|c| c.to_str().expect("ASCII")).collect();
        assert!(!cookies.is_empty());
        for cookie in cookies {
            assert_eq!(cookie.contains("; Secure"), tls, "{cookie}");
        }
        assert_eq!(answer.headers.contains_key(header::STRICT_TRANSPORT_SECURITY), tls);
    }
}

#[tokio::test]
async fn a_form_without_its_token_is_refused() {
    let site = site(true).await;
    let mut browser = Browser::new(&site);
    let answer = browser.post_raw("/login", &[("account", "citizen"), ("password", crate::support::PASSWORD)]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    browser.sign_in("citizen").await;
    let answer = browser.post_raw("/citizen/apply", &[("csrf", "00000000000000000000000000000000")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn another_roles_door_stays_shut_and_says_who_may() {
    let site = site(false).await;
    let mut browser = Browser::new(&site);
    browser.sign_in("officer").await;
    let answer = browser.get("/citizen").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("申请人"), "{}", answer.body);
}

#[tokio::test]
async fn personas_sign_in_with_one_click_in_a_demonstration_only() {
    let real = site(false).await;
    let mut browser = Browser::new(&real);
    let page = browser.get("/login").await;
    assert!(!page.body.contains("/login/demo"));
    let answer = browser.post(&page, "/login/demo", &[("account", "citizen")]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);

    let demo = site(true).await;
    let mut browser = Browser::new(&demo);
    let page = browser.get("/login").await;
    let answer = browser.post(&page, "/login/demo", &[("account", "citizen"), ("next", "//evil.example")]).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/citizen"));
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let site = site(false).await;
    let mut browser = Browser::new(&site);
    browser.sign_in("citizen").await;
    let page = browser.get("/citizen").await;
    assert_eq!(page.status, StatusCode::OK);
    browser.post(&page, "/logout", &[]).await;
    assert_eq!(browser.get("/citizen").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_language_comes_from_the_address_then_the_cookie_then_the_browser() {
    let site = site(false).await;
    let mut browser = Browser::new(&site);
    assert!(browser.get("/").await.body.contains(r#"<html lang="zh-CN">"#));
    assert!(browser.get("/?lang=en").await.body.contains(r#"<html lang="en">"#));
    let answer = browser.get("/public/programmes").await;
    assert!(answer.body.contains(r#"<html lang="en">"#));
    assert_eq!(answer.headers[header::CONTENT_LANGUAGE], "en");
}

#[tokio::test]
async fn the_elder_size_is_remembered() {
    let site = site(false).await;
    let mut browser = Browser::new(&site);
    browser.get("/?elder=1").await;
    assert!(browser.get("/").await.body.contains(r#"class="elder""#));
    browser.get("/?elder=0").await;
    assert!(!browser.get("/").await.body.contains(r#"class="elder""#));
}

#[tokio::test]
async fn every_answer_carries_the_content_policy_and_personal_pages_are_not_stored() {
    let site = site(false).await;
    let mut browser = Browser::new(&site);
    for address in ["/", "/login", "/no-such-page", "/healthz"] {
        let answer = browser.get(address).await;
        let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("default-src 'self'") && !policy.contains("unsafe"), "{address}");
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store", "{address}");
    }
}

#[tokio::test]
async fn an_unknown_address_is_a_page_that_leads_home() {
    let site = site(false).await;
    let answer = Browser::new(&site).get("/public/programmes/no-such").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.body.contains("没有找到这一页") && answer.body.contains(r#"href="/""#));
}

#[tokio::test]
async fn assets_are_served_for_good_under_their_hash() {
    let site = site(false).await;
    let answer = Browser::new(&site).get(tuodi_web::asset("app.css")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
}
