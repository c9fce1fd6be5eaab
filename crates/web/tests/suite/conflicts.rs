//! Data that contradict each other: who sees them, who rules, and what stays to be seen.

use crate::office::{office, whole};
use crate::support::Browser;
use axum::http::StatusCode;
use tuodi_access::looks;
use tuodi_store::journal;

#[tokio::test]
async fn a_steward_finds_a_conflict_says_why_rules_with_a_reason_and_takes_it_back() {
    let office = office().await;
    let site = &office.site;
    *office.disputed.lock().expect("a lock") = Some((site.household, site.applicant));
    let mut steward = Browser::new(site);
    steward.sign_in("steward").await;
    let list = steward.get("/bureau/data/conflicts?lang=en&pair=DS18~PF01").await;
    whole(&list, "the list");
    let href = format!("/bureau/data/conflicts/{}", site.household);
    assert!(list.body.contains(&href), "{}", list.body);
    assert!(!list.body.contains("5,200"), "no amount on a list");
    assert!(!list.body.contains("刘桂芬"), "names are masked");
    let other = steward.get("/bureau/data/conflicts?pair=DS12~DS18").await;
    assert!(!other.body.contains(&href), "only that pair of sources");

    let closed = steward.get(&href).await;
    whole(&closed, "the question why");
    assert!(!closed.body.contains("5,200"), "no value before a reason is given");
    let page = steward.get(&format!("{href}?purpose=check_data&lang=en")).await;
    whole(&page, "the household");
    assert!(page.body.contains("5,200") && page.body.contains("1,800"), "every value stays: {}", page.body);

    let person = site.applicant.to_string();
    let rule = format!("{href}/rule");
    let about = [("item", "wage"), ("person", person.as_str()), ("purpose", "check_data"), ("key", "k1")];
    let wrong = [&about[..], &[("said", ""), ("until", "2020-01-01"), ("reason", "")]].concat();
    let again = steward.post(&page, &rule, &wrong).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.body.contains("2020-01-01"), "what was typed stays");
    let until = (crate::support::morning() + chrono::Duration::days(60)).format("%Y-%m-%d").to_string();
    let right = [&about[..], &[("said", "2600"), ("until", &until), ("reason", "工资条和银行流水")]].concat();
    assert_eq!(steward.post(&page, &rule, &right).await.status, StatusCode::SEE_OTHER);
    let page = steward.get(&format!("{href}?purpose=check_data&lang=en")).await;
    assert!(page.body.contains("2,600") && page.body.contains("工资条和银行流水"), "{}", page.body);
    let list = steward.get("/bureau/data/conflicts?state=ruled").await;
    assert!(list.body.contains(&href), "ruled on, and still to be seen");

    let end = page.body.split("/rulings/").nth(1).and_then(|r| r.split('/').next()).expect("a ruling in force");
    let end = format!("{href}/rulings/{end}/end");
    let without = steward.post(&page, &end, &[("why", " "), ("purpose", "check_data")]).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = steward.post(&page, &end, &[("why", "税务已更正"), ("purpose", "check_data")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let page = steward.get(&format!("{href}?purpose=check_data")).await;
    assert!(page.body.contains("税务已更正"), "the history stays: {}", page.body);

    let acts: Vec<String> =
        journal::latest(&site.store, 40, 0).await.expect("the journal").into_iter().map(|e| e.act).collect();
    assert!(acts.iter().any(|a| a == "ruling.make") && acts.iter().any(|a| a == "ruling.end"), "{acts:?}");
}

#[tokio::test]
async fn an_officer_sees_the_conflict_on_the_household_but_does_not_rule_and_a_stranger_sees_nothing() {
    let office = office().await;
    let site = &office.site;
    *office.disputed.lock().expect("a lock") = Some((site.household, site.applicant));
    let mut officer = Browser::new(site);
    officer.sign_in("officer").await;
    let page = officer.get(&format!("/desk/households/{}?lang=en", site.household)).await;
    whole(&page, "the household");
    assert!(page.body.contains("id=\"conflicts\"") && page.body.contains("1,800"), "{}", page.body);
    assert!(!page.body.contains("/bureau/data/conflicts"), "the pack names others to rule");

    let history =
        officer.get(&format!("/desk/households/{}/history?as_of=2026-09-01&known=2026-09-02", site.household)).await;
    whole(&history, "what was known when");
    let wrong = officer.get(&format!("/desk/households/{}/history?known=morgen", site.household)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("morgen"), "what was typed stays");

    let mut village = Browser::new(site);
    village.sign_in("village").await;
    let refused = village.get(&format!("/desk/households/{}/history", site.household)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "the village sees conclusions only");
    let seen = looks::of_subject(&site.store, &format!("household:{}", site.household), 20).await.expect("the log");
    assert!(seen.iter().any(|l| l.purpose == "household history"), "every look is logged");
}
