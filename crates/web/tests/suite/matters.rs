//! Everything in one over the pages: the family ticks, the department answers, nobody else sees it.

use crate::{
    desk::registered,
    office::{DISTRICT, office},
    support::{Browser, PASSWORD, entry},
};
use axum::http::StatusCode;
use tuodi_access::{Account, NewAccount, Role, accounts};

#[tokio::test]
async fn a_family_ticks_legal_aid_and_the_bureau_of_justice_answers() {
    let office = office().await;
    for id in ["justice", "school"] {
        let account = Account {
            id: id.to_owned(),
            name: id.to_owned(),
            role: Role::DepartmentOfficer,
            region: DISTRICT.to_owned(),
            person: None,
            household: None,
            demo: false,
        };
        let new = NewAccount { account, password: PASSWORD.to_owned() };
        accounts::create(&office.site.store, new, entry("account.create")).await.expect("an account");
    }
    let mut justice = Browser::new(&office.site);
    justice.sign_in("justice").await;
    let home = justice.get("/desk").await;
    assert_eq!(home.location(), "/desk/matters", "a department has matters, and no cases");
    assert_eq!(justice.get("/desk/matters").await.status, StatusCode::FORBIDDEN, "no seat yet");

    let mut admin = Browser::new(&office.site);
    admin.sign_in("admin").await;
    let users = admin.get("/bureau/admin/users").await;
    for (account, department) in [("justice", "justice"), ("school", "education")] {
        let fields = [("account", account), ("department", department)];
        let set = admin.post(&users, "/bureau/admin/users", &fields).await;
        assert_eq!(set.location(), "/bureau/admin/users?done=seat", "{}", set.body);
    }

    let mut officer = Browser::new(&office.site);
    officer.sign_in("officer").await;
    let case = registered(&office, &mut officer, true).await;
    let mut citizen = Browser::new(&office.site);
    citizen.sign_in("citizen").await;
    let address = format!("/citizen/cases/{case}/matters");
    let page = citizen.get(&address).await;
    assert!(page.body.contains("法律援助") && page.body.contains("司法局"), "{}", page.body);
    let key = page.hidden("key");
    let wrong = citizen.post(&page, &address, &[("key", "x"), ("matters", "dibao")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "what is applied for is no matter of another's");
    let chosen = citizen.post(&page, &address, &[("key", &key), ("matters", "legal")]).await;
    assert_eq!(chosen.location(), format!("{address}?done=chosen"), "{}", chosen.body);

    let list = justice.get("/desk/matters").await;
    assert!(list.body.contains("刘桂芬"), "{}", list.body);
    let at = list.body.find("/desk/matters/").expect("a link") + "/desk/matters/".len();
    let id: String = list.body[at..].chars().take_while(char::is_ascii_digit).collect();
    let matter = format!("/desk/matters/{id}");
    let mut school = Browser::new(&office.site);
    school.sign_in("school").await;
    assert!(!school.get("/desk/matters").await.body.contains("刘桂芬"), "another department's");
    assert_eq!(school.get(&matter).await.status, StatusCode::FORBIDDEN);
    assert_eq!(justice.get(&format!("/desk/cases/{case}")).await.status, StatusCode::FORBIDDEN);

    let card = justice.get(&matter).await;
    let silent = justice.post(&card, &matter, &[("act", "refuse"), ("text", " "), ("key", "a")]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.body.contains("请写明办理结果或者理由"), "{}", silent.body);
    let fields = [("act", "done"), ("text", "已经指派律师，会打电话给您"), ("key", "b")];
    assert_eq!(justice.post(&card, &matter, &fields).await.location(), "/desk/matters?done=answered");
    let again = justice.post(&card, &matter, &[("act", "take"), ("key", "c")]).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "it is answered");
    let page = citizen.get(&address).await;
    assert!(page.body.contains("已经指派律师") && page.body.contains("已办好"), "{}", page.body);
}
