//! Assessments that are due on the pages: listed, given to an assessor, made on a phone; and what is typed stays.

use crate::{
    desk::{registered, signed_in, went},
    office::{office, whole},
    support::{PASSWORD, morning, pack},
};
use axum::http::StatusCode;
use tuodi_access::{Account, NewAccount, Role, accounts};
use tuodi_store::Entry;

#[tokio::test]
async fn a_new_subject_is_listed_given_to_an_assessor_and_assessed_on_a_phone() {
    let office = office().await;
    let account = Account {
        id: "assessor".to_owned(),
        name: "钱评估".to_owned(),
        role: Role::ThirdPartyAssessor,
        region: "990102000000".to_owned(),
        person: None,
        household: None,
        demo: true,
    };
    let entry = Entry {
        at: morning(),
        actor: "system".to_owned(),
        role: "R00".to_owned(),
        act: "account.create".to_owned(),
        subject: "account:assessor".to_owned(),
        region: "990102000000".to_owned(),
        details: serde_json::json!({}),
    };
    let new = NewAccount { account, password: PASSWORD.to_owned() };
    accounts::create(&office.site.store, new, entry).await.expect("an account");
    let mut officer = signed_in(&office, "officer").await;
    let case = registered(&office, &mut officer, true).await;
    let of_case = officer.get(&format!("/desk/cases/{case}")).await;
    assert!(of_case.body.contains("新进对象实时评"), "{}", of_case.body);
    let list = officer.get("/desk/assessments").await;
    whole(&list, "the list");
    assert!(list.body.contains(&case) && list.body.contains("乡镇（街道）"), "{}", list.body);
    assert!(officer.get("/desk/assessments?occasion=found").await.body.contains("没有要评的家庭"));
    let id = list.body.split("/desk/assessments/").nth(1).and_then(|rest| rest.split('"').next()).expect("a task");
    let (desk, phone) = (format!("/desk/assessments/{id}"), format!("/field/assessments/{id}"));
    let page = officer.get(&desk).await;
    whole(&page, &desk);
    assert!(page.body.contains(&format!("/desk/cases/{case}/visit")), "one visit does for both: {}", page.body);

    // Nobody else's before it is given.
    let mut assessor = signed_in(&office, "assessor").await;
    assert_eq!(assessor.get(&phone).await.status, StatusCode::FORBIDDEN);
    assert!(assessor.get("/field").await.body.contains("/field/assessments"));
    assert!(assessor.get("/field/assessments?cut=mine").await.body.contains("没有要评的家庭"));
    let nobody = officer.post(&page, &format!("{desk}/give"), &[("to", "grid"), ("give_key", "g")]).await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nobody.body.contains("请选择能办这项评估的人"), "{}", nobody.body);
    for _ in 0..2 {
        let given = officer.post(&page, &format!("{desk}/give"), &[("to", "assessor"), ("give_key", "g")]).await;
        went(&given, &format!("{desk}?done=given"));
    }

    // On the phone: too little is refused with what was typed, and enough closes it.
    let mine = assessor.get("/field/assessments?cut=mine").await;
    whole(&mine, "the assessor's list");
    assert!(mine.body.contains(&phone) && !mine.body.contains("/desk/"), "{}", mine.body);
    let form = assessor.get(&phone).await;
    whole(&form, &phone);
    let key = form.hidden("key");
    let some = [("key", key.as_str()), ("on", "哪天"), ("note", "<b>屋顶漏水</b>"), ("D1.1.1", "below_standard")];
    let wrong = assessor.post(&form, &phone, &some).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in ["请写哪一天评的", "哪天", "&#60;b&#62;屋顶漏水"] {
        assert!(wrong.body.contains(words), "{words} in {}", wrong.body);
    }
    let on = morning().format("%Y-%m-%d").to_string();
    let few = assessor.post(&wrong, &phone, &[("key", key.as_str()), ("on", on.as_str())]).await;
    assert!(few.status == StatusCode::UNPROCESSABLE_ENTITY && few.body.contains("不足六成"), "{}", few.body);
    let pack = pack();
    let mut all = vec![("key", key.as_str()), ("on", on.as_str())];
    all.extend(pack.assessment.items.iter().map(|item| (item.id.as_str(), item.choices[0].id.as_str())));
    for _ in 0..2 {
        went(&assessor.post(&few, &phone, &all).await, &format!("{phone}?done=assessed"));
    }
    let done = assessor.get(&format!("{phone}?done=assessed")).await;
    whole(&done, "the page after it");
    assert!(done.body.contains("单独评估") && !done.body.contains("提交评估"), "{}", done.body);
    assert!(officer.get("/desk/assessments?cut=all").await.body.contains("没有要评的家庭"));
    let of_case = officer.get(&format!("/desk/cases/{case}")).await;
    assert!(of_case.body.contains("完成六维评估"), "told in the story of the case: {}", of_case.body);
    let mut grid = signed_in(&office, "grid").await;
    assert_eq!(grid.get("/field/assessments").await.status, StatusCode::FORBIDDEN);
    assert!(!grid.get("/field").await.body.contains("/field/assessments"));
}
