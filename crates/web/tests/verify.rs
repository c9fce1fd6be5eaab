//! From the authorisation to the report, its letter and the check that it is genuine, without JavaScript; and who may not.

mod office;
mod support;

use axum::http::{StatusCode, header};
use office::{Office, office, whole};
use support::{Answer, Browser};
use tuodi_store::journal;

const PICTURE: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

async fn signed_in(office: &Office, account: &str) -> Browser {
    let mut browser = Browser::new(&office.site);
    browser.sign_in(account).await;
    browser
}

async fn give(browser: &mut Browser, office: &Office, person: i64, name: &str, evidence: &str) -> Answer {
    let address = format!("/desk/households/{}/consents", office.site.household);
    let page = browser.get(&address).await;
    whole(&page, &address);
    let fields = [
        ("purpose", "assistance"),
        ("person", &person.to_string()),
        ("name", name),
        ("mark", "signature"),
        ("evidence", evidence),
    ];
    browser.post(&page, &address, &fields).await
}

async fn order(browser: &mut Browser, office: &Office) -> Answer {
    let address = format!("/desk/verifications/order?household={}", office.site.household);
    let page = browser.get(&address).await;
    whole(&page, &address);
    let (household, key) = (office.site.household.to_string(), page.hidden("key"));
    let fields = [("household", &*household), ("key", &*key), ("purpose", "assistance"), ("as_of", "2026-09-01")];
    browser.post(&page, "/desk/verifications/order", &fields).await
}

#[tokio::test]
async fn an_officer_takes_authorisations_verifies_prints_and_anybody_checks_the_paper() {
    let office = office().await;
    let mut browser = signed_in(&office, "officer").await;
    let refused = order(&mut browser, &office).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("没有发出任何查询"), "{}", refused.body);
    let entries = journal::latest(&office.site.store, 20, 0).await.expect("the journal");
    assert!(entries.iter().any(|e| e.act == "verification.refused" && e.actor == "officer"), "{entries:?}");

    // A signature that was not drawn, a file that is none, another's name: nothing is lost, each is told.
    let person = office.site.applicant.0;
    let unsigned = give(&mut browser, &office, person, "刘桂芬", "").await;
    assert_eq!(unsigned.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unsigned.body.contains("请本人先在框里签名"));
    let strange = give(&mut browser, &office, person, "刘桂芬", "data:image/png;base64,PGh0bWw+").await;
    assert!(strange.body.contains("请用 PNG、JPG 图片或者 PDF 文件"), "{}", strange.body);
    let another = give(&mut browser, &office, person, "周国栋", PICTURE).await;
    assert_eq!(another.status, StatusCode::UNPROCESSABLE_ENTITY);

    for (person, name) in [(office.site.applicant.0, "刘桂芬"), (office.site.spouse.0, "周国栋")] {
        let given = give(&mut browser, &office, person, name, PICTURE).await;
        assert_eq!(given.status, StatusCode::SEE_OTHER, "{}", given.body);
    }
    let page = browser.get(&format!("/desk/households/{}/consents?done=given", office.site.household)).await;
    assert!(page.body.contains("授权有效") && page.body.contains("授权已登记"));
    let form = page.body.split('"').find(|t| t.ends_with("/form")).expect("the signature can be seen").to_owned();
    let picture = browser.get(&form).await;
    assert_eq!(picture.headers[header::CONTENT_TYPE], "image/png");

    let ordered = order(&mut browser, &office).await;
    assert_eq!(ordered.status, StatusCode::SEE_OTHER, "{}", ordered.body);
    let address = ordered.location().to_owned();
    let report = browser.get(&address).await;
    whole(&report, &address);
    assert!(report.body.contains("由人决定") && report.body.contains("银行存款等金融资产"), "{}", report.body);
    let list = browser.get("/desk/verifications").await;
    whole(&list, "/desk/verifications");
    assert!(list.body.contains(&address));

    let letter = browser.get(&format!("{address}/letter")).await;
    assert_eq!(letter.status, StatusCode::OK);
    assert!(letter.body.contains("<svg") && letter.body.contains("家庭经济状况核对报告"));
    assert!(letter.body.contains("**********") && !letter.body.contains("990102195703160028"), "numbers in part");
    let checked = letter.body.split('<').find_map(|t| t.split_once("/public/reports/")).expect("the paper's address").1;
    let json = browser.get(&format!("{address}/report.json")).await;
    assert!(json.body.contains("\"sha256\""));

    // Whoever holds the paper, without signing in.
    let mut anybody = Browser::new(&office.site);
    let genuine = anybody.get(&format!("/public/reports/{checked}")).await;
    whole(&genuine, "/public/reports");
    assert!(genuine.body.contains("这份报告是真的") && !genuine.body.contains("刘桂芬"), "{}", genuine.body);
    let (number, _) = checked.split_once('?').unwrap();
    let forged = anybody.get(&format!("/public/reports/{number}?d=0123456789abcdef")).await;
    assert!(forged.body.contains("没有查到这份报告"));
}

#[tokio::test]
async fn a_citizen_sees_and_withdraws_the_households_authorisations() {
    let office = office().await;
    let mut citizen = signed_in(&office, "citizen").await;
    let page = citizen.get("/citizen/consents").await;
    whole(&page, "/citizen/consents");
    let person = office.site.applicant.to_string();
    let fields = [("purpose", "housing"), ("person", &*person), ("name", "刘桂芬"), ("evidence", "")];
    let given = citizen.post(&page, "/citizen/consents", &fields).await;
    assert_eq!(given.location(), "/citizen/consents?done=given", "{}", given.body);
    let page = citizen.get(given.location()).await;
    assert!(page.body.contains("授权有效"));
    let fields = [("purpose", "housing"), ("person", &*person)];
    let withdrawn = citizen.post(&page, "/citizen/consents/withdraw", &fields).await;
    assert_eq!(withdrawn.location(), "/citizen/consents?done=withdrawn", "{}", withdrawn.body);
    assert!(citizen.get("/citizen/consents").await.body.contains("已收回"));
}

#[tokio::test]
async fn a_list_is_ordered_and_lines_without_a_number_are_named() {
    let office = office().await;
    let mut browser = signed_in(&office, "officer").await;
    let page = browser.get("/desk/verifications/batches").await;
    whole(&page, "/desk/verifications/batches");
    let key = page.hidden("key");
    let wrong = [("title", "九月"), ("purpose", "payment_overlap"), ("list", "身份证号\n无号\n9"), ("key", &*key)];
    let refused = browser.post(&page, "/desk/verifications/batches", &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("这些行里没有身份证号或家庭编号：2") && refused.body.contains("无号"));
    let right = [("title", "九月"), ("purpose", "payment_overlap"), ("list", "9"), ("key", &*key)];
    let ordered = browser.post(&refused, "/desk/verifications/batches", &right).await;
    assert_eq!(ordered.status, StatusCode::SEE_OTHER, "{}", ordered.body);
    let address = ordered.location().to_owned();
    let batch = browser.get(&address).await;
    whole(&batch, &address);
    assert!(batch.body.contains("排队中"));
    let stopped = browser.post(&batch, &format!("{address}/cancel"), &[]).await;
    assert_eq!(stopped.location(), address);
    assert!(browser.get(&address).await.body.contains("已停止"));
    whole(&browser.get("/desk/verifications/due").await, "/desk/verifications/due");
}

#[tokio::test]
async fn who_sees_conclusions_only_opens_no_report() {
    let office = office().await;
    let mut browser = signed_in(&office, "officer").await;
    for (person, name) in [(office.site.applicant.0, "刘桂芬"), (office.site.spouse.0, "周国栋")] {
        give(&mut browser, &office, person, name, PICTURE).await;
    }
    let address = order(&mut browser, &office).await.location().to_owned();
    let mut admin = signed_in(&office, "admin").await;
    assert_eq!(admin.get(&address).await.status, StatusCode::FORBIDDEN);
    let mut grid = signed_in(&office, "grid").await;
    assert_eq!(grid.get(&address).await.status, StatusCode::FORBIDDEN);
}
