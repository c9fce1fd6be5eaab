//! Acting for somebody, through the pages: a number said aloud, a mandate, an application, and its end.

use crate::{
    desk::{registered, signed_in, went},
    office::{office, whole},
    support::{Answer, Browser, Site, VILLAGE, entry, site},
};
use axum::http::StatusCode;
use tuodi_access::{Account, NewAccount, Role, accounts};

/// The number that the neighbour's page shows.
async fn number(neighbour: &mut Browser) -> String {
    let page = neighbour.get("/citizen/proxy").await;
    let shown = neighbour.post(&page, "/citizen/proxy/code", &[]).await;
    let (_, after) = shown.body.split_once(r#"id="proxy-code">"#).unwrap_or_else(|| panic!("{}", shown.body));
    after.split('<').next().unwrap().to_owned()
}

fn fields<'a>(code: &'a str, sign: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("key", "k"),
        ("code", code),
        ("relation", "other"),
        ("case", ""),
        ("months", "3"),
        ("sensitive", "no"),
        ("authorises", sign),
    ]
}

fn mandate_of(page: &Answer) -> String {
    let (_, after) = page.body.split_once(r#"name="mandate" value=""#).unwrap_or_else(|| panic!("{}", page.body));
    after.split('"').next().unwrap().to_owned()
}

async fn entrusted(site: &Site, sign: &str) -> (Browser, Browser) {
    let (mut citizen, mut neighbour) = (Browser::new(site), Browser::new(site));
    citizen.sign_in("citizen").await;
    neighbour.sign_in("neighbour").await;
    let code = number(&mut neighbour).await;
    let page = citizen.get("/citizen/proxy").await;
    let given = citizen.post(&page, "/citizen/proxy", &fields(&code, sign)).await;
    went(&given, "/citizen/proxy?done=given");
    (citizen, neighbour)
}

#[tokio::test]
async fn a_neighbour_applies_for_an_old_woman_until_she_takes_it_back() {
    let site = site(false).await;
    let (mut citizen, mut neighbour) = entrusted(&site, "no").await;
    let hers = citizen.get("/citizen/proxy?done=given").await;
    whole(&hers, "/citizen/proxy");
    assert!(hers.body.contains("赵明") && hers.body.contains("随时可以在这里收回"), "{}", hers.body);

    let page = neighbour.get("/citizen/proxy").await;
    assert!(page.body.contains("替 刘桂芬 办"), "{}", page.body);
    let id = mandate_of(&page);
    went(&neighbour.post(&page, "/citizen/proxy/begin", &[("mandate", &id)]).await, "/citizen");
    let home = neighbour.get("/citizen").await;
    whole(&home, "/citizen");
    assert!(home.body.contains("您正在替 刘桂芬 办事"), "said on every page: {}", home.body);
    assert!(!home.body.contains(r#"href="/citizen/consents""#), "signing was not entrusted");
    let page = neighbour.get("/citizen/apply").await;
    let opened = neighbour.post(&page, "/citizen/apply", &[]).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.body);
    let base = opened.location().trim_end_matches("/household").to_owned();
    let case = base.rsplit('/').next().unwrap().to_owned();
    assert_eq!(neighbour.get(&format!("{base}/household")).await.status, StatusCode::OK);
    let consent = neighbour.get(&format!("{base}/consent")).await;
    assert!(consent.body.contains("这一份要由 刘桂芬 本人签"), "{}", consent.body);
    for refused in ["/citizen/consents".to_owned(), format!("/citizen/cases/{case}/record")] {
        let page = neighbour.get(&refused).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{refused}: {}", page.body);
    }
    assert!(!neighbour.get("/citizen").await.body.contains(r#"class="tile" href="/citizen/apply""#), "it has its case");

    let looks = citizen.get(&format!("/citizen/cases/{case}/record")).await;
    assert!(looks.body.contains("开始替您家办事"), "{}", looks.body);
    let page = citizen.get("/citizen/proxy").await;
    assert!(page.body.contains(&case), "{}", page.body);
    let id = mandate_of(&page);
    went(&citizen.post(&page, "/citizen/proxy/end", &[("mandate", &id)]).await, "/citizen/proxy?done=ended");
    let after = neighbour.get(&format!("{base}/household")).await;
    assert_eq!(after.status, StatusCode::FORBIDDEN, "at once: {}", after.body);
    assert!(!neighbour.get("/citizen").await.body.contains("您正在替"));
}

#[tokio::test]
async fn mistakes_stand_at_their_fields_and_nothing_typed_is_lost() {
    let site = site(false).await;
    let mut citizen = Browser::new(&site);
    citizen.sign_in("citizen").await;
    let page = citizen.get("/citizen/proxy").await;
    let wrong = citizen.post(&page, "/citizen/proxy", &fields("１２３４ 5678", "no")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("没有这个代办号") && wrong.body.contains("１２３４ 5678"), "{}", wrong.body);
    let empty = citizen.post(&page, "/citizen/proxy", &[("key", "k")]).await;
    assert!(empty.body.contains("请选择能不能看这些细节"), "{}", empty.body);
    let foreign = citizen.post(&page, "/citizen/proxy/begin", &[("mandate", "1")]).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert_eq!(citizen.post(&page, "/citizen/proxy/end", &[("mandate", "x")]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_account_of_a_proxy_without_a_mandate_is_led_to_where_one_is_given() {
    let site = site(false).await;
    let account = Account {
        id: "helper".to_owned(),
        name: "赵明".to_owned(),
        role: Role::Proxy,
        region: VILLAGE.to_owned(),
        person: None,
        // Even where an account names one: without a mandate it opens nothing.
        household: Some(site.household),
        demo: true,
    };
    let new = NewAccount { account, password: crate::support::PASSWORD.to_owned() };
    accounts::create(&site.store, new, entry("account.create")).await.unwrap();
    let mut helper = Browser::new(&site);
    helper.sign_in("helper").await;
    went(&helper.get("/citizen").await, "/citizen/proxy");
    let page = helper.get("/citizen/proxy").await;
    whole(&page, "/citizen/proxy");
    assert!(!page.body.contains("委托别人替我办"), "a proxy hands nothing on");
    assert_eq!(number(&mut helper).await.len(), 9);
}

#[tokio::test]
async fn the_window_registers_a_mandate_from_signed_paper_and_ends_it() {
    let office = office().await;
    let mut officer = signed_in(&office, "officer").await;
    let case = registered(&office, &mut officer, true).await;
    let home = format!("/desk/cases/{case}");
    let form = format!("{home}/mandate");
    assert!(officer.get(&home).await.body.contains(&form), "reachable from the case");
    let page = officer.get(&form).await;
    whole(&page, &form);
    let token = page.hidden("csrf");
    let mut typed = vec![
        ("csrf", token.as_str()),
        ("key", "k"),
        ("how", "named"),
        ("name", "赵明<b>"),
        ("id_no", "990102196503070022"),
        ("phone", "139 0000 0001"),
        ("relation", "other"),
        ("months", "6"),
        ("sensitive", "no"),
        ("authorises", "no"),
    ];
    let wrong = officer.parts(&form, &typed, ("form", "", b"")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("请上传签好字的委托书") && wrong.body.contains("赵明&#60;b&#62;"), "{}", wrong.body);
    let wrong = officer.parts(&form, &typed, ("form", "a.exe", b"MZ")).await;
    assert!(wrong.body.contains("委托书请用照片"), "{}", wrong.body);
    typed[3].1 = "赵明";
    let pdf: &[u8] = b"%PDF-1.7 signed";
    for _ in 0..2 {
        went(&officer.parts(&form, &typed, ("form", "a.pdf", pdf)).await, &format!("{home}?done=entrusted"));
    }
    let page = officer.get(&home).await;
    whole(&page, &home);
    assert!(page.body.contains("赵明（邻居、朋友、志愿者、社工）"), "{}", page.body);
    let id = mandate_of(&page);
    let paper = officer.get(&format!("{home}/mandates/{id}")).await;
    assert!(paper.body.starts_with("%PDF"), "{}", paper.body);
    let mut leader = signed_in(&office, "leader").await;
    assert!(!leader.get(&home).await.body.contains(&format!("{form}\"")), "registered by those who sit at the window");
    assert_eq!(leader.get(&form).await.status, StatusCode::NOT_FOUND);
    let ended = officer.post(&page, &format!("{home}/mandate/end"), &[("mandate", &id)]).await;
    went(&ended, &format!("{home}?done=mandate_ended"));
    assert!(officer.get(&home).await.body.contains("收回"));
}
