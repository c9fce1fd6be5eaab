//! From the authorisation to the report, its letter and the check that it is genuine, without JavaScript; and who may not.

use crate::office::{Office, office, whole};
use crate::support::{Answer, Browser};
use axum::http::{StatusCode, header};
use tuodi_store::journal;

pub(crate) const PICTURE: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

pub(crate) async fn signed_in(office: &Office, account: &str) -> Browser {
    let mut browser = Browser::new(&office.site);
    browser.sign_in(account).await;
    browser
}

pub(crate) async fn give(browser: &mut Browser, office: &Office, person: i64, name: &str, evidence: &str) -> Answer {
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
    signed_form(browser, &page, &address, &fields, ("", b"")).await
}

/// Posts the form of authorisations, with a scan where it has a name.
async fn signed_form(
    browser: &mut Browser,
    page: &Answer,
    address: &str,
    fields: &[(&str, &str)],
    (name, scan): (&str, &[u8]),
) -> Answer {
    let token = page.hidden("csrf");
    let all: Vec<(&str, &str)> = [("csrf", &*token)].into_iter().chain(fields.iter().copied()).collect();
    browser.parts(address, &all, ("scan", name, scan)).await
}

pub(crate) async fn order(browser: &mut Browser, office: &Office) -> Answer {
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
    // A paper form, scanned: neither a picture nor a PDF is told, and what was typed stays.
    let address = format!("/desk/households/{}/consents", office.site.household);
    let page = browser.get(&address).await;
    let spouse = office.site.spouse.to_string();
    let fields =
        [("purpose", "housing"), ("person", &*spouse), ("name", "周国栋"), ("mark", "paper"), ("evidence", "")];
    let strange = signed_form(&mut browser, &page, &address, &fields, ("a.docx", b"PK\x03\x04")).await;
    assert_eq!(strange.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(strange.body.contains("请用 PNG、JPG 图片或者 PDF 文件") && strange.body.contains("value=\"周国栋\""));
    let scanned = signed_form(&mut browser, &page, &address, &fields, ("a.pdf", b"%PDF-1.7 scan")).await;
    assert_eq!(scanned.status, StatusCode::SEE_OTHER, "{}", scanned.body);
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
    let token = page.hidden("csrf");
    let all = |fields: &[(&'static str, &str)]| -> Vec<(&'static str, String)> {
        let own = [("csrf", token.clone())];
        own.into_iter().chain(fields.iter().map(|(n, v)| (*n, (*v).to_owned()))).collect()
    };
    let post = async |browser: &mut Browser, fields: &[(&'static str, &str)], name: &str, bytes: &[u8]| {
        let fields = all(fields);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        browser.parts("/desk/verifications/batches", &fields, ("file", name, bytes)).await
    };
    let refused = post(&mut browser, &wrong, "", b"").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("这些行里没有身份证号或家庭编号：2") && refused.body.contains("无号"));
    let right = [("title", "九月"), ("purpose", "payment_overlap"), ("list", "9"), ("key", &*key)];
    // A picture, and a table without a number: each is told at its field, and what was typed stays.
    let picture = post(&mut browser, &right, "a.png", b"\x89PNG\xff").await;
    assert_eq!(picture.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(picture.body.contains("这不是表格") && picture.body.contains("value=\"九月\""), "{}", picture.body);
    let empty = post(&mut browser, &right, "a.csv", "姓名".as_bytes()).await;
    assert!(empty.body.contains("一个身份证号或家庭编号也没有"), "{}", empty.body);
    let ordered = post(&mut browser, &right, "a.csv", "家庭编号,备注\n9,某".as_bytes()).await;
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
