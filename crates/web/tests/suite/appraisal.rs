//! An appraisal by the neighbourhood through the pages: called, its sheet printed, its minutes typed, read on the case.

use crate::{
    desk::{AGREED, act, signed_in, surveyed, went},
    office::{office, whole},
};
use axum::http::StatusCode;

const DAY: &str = "2026-11-21";

#[tokio::test]
async fn an_officer_calls_an_appraisal_prints_its_sheet_and_types_what_it_came_to() {
    let office = office().await;
    let (mut officer, case) = surveyed(&office, "village").await;
    act(&mut officer, &case, "opinion", AGREED).await;
    let mut leader = signed_in(&office, "leader").await;
    act(&mut leader, &case, "sign", &[("agree", "yes"), ("confirm", "yes"), ("key", "s")]).await;
    office.pass(1);
    let home = format!("/desk/cases/{case}");
    let form = format!("{home}/appraisal");
    let mut other = signed_in(&office, "officer2").await;
    assert_eq!(other.get(&form).await.status, StatusCode::CONFLICT, "nobody has objected");
    let objection = format!("{home}/objection");
    let page = other.get(&objection).await;
    let version = page.hidden("version");
    let said = [("version", version.as_str()), ("how", "oral"), ("text", "他家有人打工"), ("key", "o")];
    assert_eq!(other.post(&page, &objection, &said).await.status, StatusCode::OK);
    assert!(other.get(&home).await.body.contains(&form), "reachable from the case");
    assert_eq!(signed_in(&office, "officer").await.get(&form).await.status, StatusCode::FORBIDDEN, "their opinion");

    let page = other.get(&form).await;
    whole(&page, &form);
    let version = page.hidden("version");
    let call = format!("{form}/call");
    let mut typed =
        vec![("version", version.as_str()), ("key", "a"), ("place", "村委会<b>"), ("points", "有没有打工收入")];
    let wrong = other.post(&page, &call, &typed).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.body.contains("请写开会的日子，从今天起") && wrong.body.contains("村委会&#60;b&#62;"),
        "{}",
        wrong.body
    );
    typed[2].1 = "村委会";
    typed.push(("meets_on", DAY));
    for _ in 0..2 {
        went(&other.post(&wrong, &call, &typed).await, &format!("{home}?done=call_appraisal"));
    }
    let page = other.get(&home).await;
    whole(&page, &home);
    assert!(page.body.contains("有没有打工收入") && page.body.contains("等开会"), "{}", page.body);
    let notices = other.get("/desk/publicity").await;
    assert!(notices.body.contains(&format!("{home}#act")), "still among the notices: {}", notices.body);
    let at = page.body.find(&format!("{home}/appraisals/")).expect("its sheet");
    let sheet = page.body[at..].split('"').next().expect("an address").to_owned();
    let printed = other.get(&sheet).await;
    whole(&printed, &sheet);
    assert!(printed.body.contains("民主评议表") && !printed.body.contains("他家有人打工"), "{}", printed.body);
    let mut citizen = signed_in(&office, "citizen").await;
    let own = citizen.get(&format!("/citizen/cases/{case}")).await;
    assert!(own.body.contains("请熟悉情况的人评议") && !own.body.contains("打工"), "{}", own.body);

    let page = other.get(&form).await;
    whole(&page, &form);
    let minutes = format!("{form}/minutes");
    let (token, version) = (page.hidden("csrf"), page.hidden("version"));
    let mut typed = vec![
        ("csrf", token.as_str()),
        ("version", version.as_str()),
        ("key", "b"),
        ("held_on", DAY),
        ("members_township", "何平"),
        ("members_committee", "罗明"),
        ("members_resident", "甲一，甲二\n甲三、甲四\r\n甲五\n"),
        ("holds", "５"),
        ("untrue", "很多"),
        ("text", "都说没有出去打工"),
    ];
    let wrong = other.parts(&minutes, &typed, ("sheet", "", b"")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    whole(&wrong, "the form with its problems");
    for words in ["请附上签了名的评议表", "三项票数加起来要等于参加的人数", "很多", "甲三、甲四", "都说没有出去打工"]
    {
        assert!(wrong.body.contains(words), "{words} in:\n{}", wrong.body);
    }
    let wrong = other.parts(&minutes, &typed, ("sheet", "a.exe", b"MZ")).await;
    assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.body.contains("href=\"#sheet\""));
    typed[8].1 = "2";
    let pdf: &[u8] = b"%PDF-1.7 signed";
    for _ in 0..2 {
        went(&other.parts(&minutes, &typed, ("sheet", "a.pdf", pdf)).await, &format!("{home}?done=appraise"));
    }
    let page = other.get(&home).await;
    whole(&page, &home);
    assert!(
        page.body.contains("多数认为属实") && page.body.contains("属实 5 票，不属实 2 票，说不清 0 票"),
        "{}",
        page.body
    );
    assert!(page.body.contains("甲五（党员代表、村（居）民代表）"), "{}", page.body);
    let at = page.body.find("/signed\"").expect("the signed sheet");
    let signed = page.body[..at + 7].rsplit('"').next().expect("an address").to_owned();
    assert!(other.get(&signed).await.body.starts_with("%PDF"));
    assert!(!page.body.contains("异议提出以后还没有再次入户调查"), "no second visit is asked for");
    let mut result = AGREED.to_vec();
    result.push(("answer", "已请村里评议，没有打工收入。"));
    let went_on = act(&mut other, &case, "resolve-objection", &result).await;
    went(&went_on, &format!("{home}?done=resolve_objection"));
}
