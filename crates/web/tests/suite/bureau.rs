//! The bureau's figures, and who sees which.

use crate::office::{SECRET_AMOUNT, office, whole};
use crate::support::Browser;
use axum::http::{StatusCode, header};
use tuodi_access::looks;

#[tokio::test]
async fn the_cockpit_counts_and_every_tile_leads_somewhere() {
    let office = office().await;
    let mut reviewer = Browser::new(&office.site);
    reviewer.sign_in("reviewer").await;
    let page = reviewer.get("/bureau").await;
    whole(&page, "/bureau");
    assert_eq!(page.body.matches(r#"class="card kpi""#).count(), 5);
    for (at, href) in
        [("/desk/alerts", "the tasks"), ("/desk/payments", "the lists"), ("/bureau/alerts#r-990102001001", "the place")]
    {
        assert!(page.body.contains(&format!("href=\"{at}\"")), "{href}: {}", page.body);
    }
    assert!(!page.body.contains("刘桂芬"), "nobody is named");
    let mut auditor = Browser::new(&office.site);
    auditor.sign_in("auditor").await;
    let page = auditor.get("/bureau").await;
    assert!(!page.body.contains("href=\"/desk"), "links lead only where the role may go");
}

#[tokio::test]
async fn every_bureau_page_is_whole_in_both_languages() {
    let office = office().await;
    for (account, addresses) in [
        (
            "district",
            &[
                "/bureau",
                "/bureau/alerts",
                "/bureau/data",
                "/bureau/data/batches/b-1",
                "/bureau/data/batches/b-2",
                "/bureau/packs",
            ][..],
        ),
        ("auditor", &["/bureau/journal", "/bureau/journal?act=account.create", "/bureau/journal?subject=none"]),
        ("city", &["/bureau", "/bureau/packs"]),
        ("admin", &["/bureau/admin/users", "/bureau/packs"]),
    ] {
        let mut browser = Browser::new(&office.site);
        browser.sign_in(account).await;
        for lang in ["zh-CN", "en"] {
            for address in addresses {
                let join = if address.contains('?') { '&' } else { '?' };
                let answer = browser.get(&format!("{address}{join}lang={lang}")).await;
                assert_eq!(answer.status, StatusCode::OK, "{account} {address}: {}", answer.body);
                whole(&answer, address);
                assert!(!answer.body.contains("刘桂芬") && !answer.body.contains(SECRET_AMOUNT), "{address}");
            }
        }
    }
}

#[tokio::test]
async fn each_page_is_refused_to_those_without_its_right() {
    let office = office().await;
    for (account, address, status) in [
        ("reviewer", "/bureau/admin/users", StatusCode::FORBIDDEN),
        ("city", "/bureau/data", StatusCode::FORBIDDEN),
        ("city", "/bureau/journal", StatusCode::FORBIDDEN),
        ("admin", "/bureau/journal", StatusCode::FORBIDDEN),
        ("admin", "/bureau/alerts", StatusCode::FORBIDDEN),
        ("admin", "/bureau", StatusCode::SEE_OTHER),
        ("district", "/bureau/data/batches/none", StatusCode::NOT_FOUND),
    ] {
        let mut browser = Browser::new(&office.site);
        browser.sign_in(account).await;
        assert_eq!(browser.get(address).await.status, status, "{account} {address}");
    }
}

#[tokio::test]
async fn the_journal_proves_itself() {
    let office = office().await;
    let mut auditor = Browser::new(&office.site);
    auditor.sign_in("auditor").await;
    let page = auditor.get("/bureau/journal").await;
    assert!(page.body.contains("account.create"), "{}", page.body);
    let proof = auditor.post(&page, "/bureau/journal/verify", &[]).await;
    assert!(proof.status == StatusCode::OK && proof.body.contains("日志完整"), "{}", proof.body);
}

#[tokio::test]
async fn rows_put_aside_go_to_the_steward_only_with_a_purpose_and_logged() {
    let office = office().await;
    let mut steward = Browser::new(&office.site);
    steward.sign_in("steward").await;
    let page = steward.get("/bureau/data/batches/b-2").await;
    assert!(page.body.contains("身份号码的校验码不对") && !page.body.contains("某人"), "{}", page.body);
    let without = steward.post(&page, "/bureau/data/batches/b-2/quarantine", &[]).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    let file = steward.post(&page, "/bureau/data/batches/b-2/quarantine", &[("purpose", "correct")]).await;
    assert_eq!(file.headers[header::CONTENT_DISPOSITION], "attachment; filename=\"quarantine_b-2.csv\"");
    assert_eq!(file.body, crate::office::QUARANTINED);
    let seen = looks::of_subject(&office.site.store, "batch:b-2", 5).await.expect("the log can be read");
    assert_eq!(seen.len(), 1);

    let mut district = Browser::new(&office.site);
    district.sign_in("district").await;
    let page = district.get("/bureau/data/batches/b-2").await;
    assert!(!page.body.contains("/quarantine"), "no button for those without the right");
    let page = district.get("/bureau").await;
    let token = district.get("/desk").await;
    drop(page);
    let refused = district.post(&token, "/bureau/data/batches/b-2/quarantine", &[("purpose", "correct")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}
