//! Help in an emergency through the pages: told at the window, verified, handed out, papers, decided, paid; and the book of
//! the reserve.

use crate::{
    desk::{signed_in, went},
    office::{office, whole},
    support::VILLAGE,
};
use axum::http::StatusCode;

#[tokio::test]
async fn a_family_from_elsewhere_is_helped_by_its_pages_and_the_reserve_is_booked() {
    let office = office().await;
    let mut district = signed_in(&office, "district").await;
    let reserve = "/desk/emergencies/reserve";
    let page = district.get(reserve).await;
    whole(&page, reserve);
    let (township, paper) = (("township", "990102001000"), ("paper", "财社8号"));
    let wrong =
        district.post(&page, reserve, &[township, paper, ("amount", "很多"), ("on", "明天"), ("key", "t")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("value=\"很多\"") && wrong.body.contains("不晚于今天"), "{}", wrong.body);
    let good = [township, paper, ("amount", "2000"), ("on", "2026-11-19"), ("key", "t")];
    for _ in 0..2 {
        went(&district.post(&page, reserve, &good).await, "/desk/emergencies/reserve?done=topped_up");
    }

    let mut officer = signed_in(&office, "officer").await;
    let page = officer.get("/desk/emergencies/new").await;
    whole(&page, "the form");
    let told = |name: &'static str| {
        [
            ("name", name),
            ("place", "镇中学安置点"),
            ("region", VILLAGE),
            ("kind", "fire"),
            ("source", "walk_in"),
            ("persons", "3"),
            ("told_at", "2026-11-20 7:00"),
            ("text", "<b>房子烧了</b>"),
            ("key", "r"),
        ]
    };
    let wrong = officer.post(&page, "/desk/emergencies", &told("")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    whole(&wrong, "the wrong form");
    assert!(wrong.body.contains("怎么称呼") && wrong.body.contains("镇中学安置点"), "{}", wrong.body);
    let answer = officer.post(&page, "/desk/emergencies", &told("林远")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let own = answer.location().split('?').next().unwrap().to_owned();
    let list = officer.get("/desk/emergencies").await;
    whole(&list, "the list");
    assert!(list.body.contains(&own) && list.body.contains("还有 22 小时 0 分"), "{}", list.body);

    let page = officer.get(&own).await;
    whole(&page, &own);
    assert!(page.body.contains("&#60;b&#62;房子烧了"), "{}", page.body);
    let address = format!("{own}/verify");
    let (version, key) = (page.hidden("version"), page.hidden("key"));
    let found = |grade: &'static str, text: &'static str| {
        [
            ("version", version.as_str()),
            ("key", key.as_str()),
            ("how", "visit"),
            ("at", "2026-11-20 8:00"),
            ("holds", "yes"),
            ("grade", grade),
            ("persons", "3"),
            ("text", text),
        ]
    };
    let wrong = officer.post(&page, &address, &found("", "墙都塌了")).await;
    assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.body.contains("墙都塌了</textarea>"));
    went(&officer.post(&page, &address, &found("b", "墙都塌了")).await, &format!("{own}?done=verify"));

    let page = officer.get(&own).await;
    whole(&page, "the page of the first help");
    let (version, key) = (page.hidden("version"), page.hidden("key"));
    let pay = |amount: &'static str, way: &'static str, witness: &'static str| {
        [
            ("version", version.as_str()),
            ("key", key.as_str()),
            ("amount", amount),
            ("way", way),
            ("source", "reserve"),
            ("at", "2026-11-20 8:30"),
            ("paper", "收001"),
            ("received_by", "林远"),
            ("witness", witness),
        ]
    };
    let address = format!("{own}/advance");
    let wrong = officer.post(&page, &address, &pay("1000.01", "cash", "")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("超过了先行救助限额") && wrong.body.contains("value=\"1000.01\""), "{}", wrong.body);
    for _ in 0..2 {
        went(&officer.post(&page, &address, &pay("1000", "cash", "何敏")).await, &format!("{own}?done=advance"));
    }
    let page = officer.get(&own).await;
    whole(&page, "the page of papers");
    assert!(page.body.contains("补手续到") && page.body.contains("12月4日"), "{}", page.body);
    let (version, key) = (page.hidden("version"), page.hidden("key"));
    let sent = [("version", version.as_str()), ("key", key.as_str())];
    let none = officer.post(&page, &format!("{own}/papers"), &sent).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    let papers =
        [&sent[..], &[("kinds.signed", "yes"), ("kinds.identity", "yes"), ("note", "火灾认定书还没有出")]].concat();
    went(&officer.post(&page, &format!("{own}/papers"), &papers).await, &format!("{own}?done=papers"));

    let page = officer.get(&own).await;
    whole(&page, "the page of the proposal");
    let (version, key) = (page.hidden("version"), page.hidden("key"));
    assert!(page.body.contains("value=\"5760\"") || page.body.contains("value=\"5,760\""), "{}", page.body);
    let proposal = [
        ("version", version.as_str()),
        ("key", key.as_str()),
        ("total", "5760"),
        ("referrals.charity", "yes"),
        ("text", ""),
    ];
    went(&officer.post(&page, &format!("{own}/propose"), &proposal).await, &format!("{own}?done=propose"));
    let page = officer.get(&own).await;
    assert!(!page.body.contains(&format!("{own}/decide")), "who proposed is not offered the decision");

    let mut leader = signed_in(&office, "leader").await;
    let page = leader.get(&own).await;
    whole(&page, "the page of the decision");
    let (version, key) = (page.hidden("version"), page.hidden("key"));
    let unsaid = [("version", version.as_str()), ("key", key.as_str()), ("decide_text", "再看看")];
    let wrong = leader.post(&page, &format!("{own}/decide"), &unsaid).await;
    assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.body.contains("再看看</textarea>"));
    let agreed = [("version", version.as_str()), ("key", key.as_str()), ("agree", "yes")];
    went(&leader.post(&page, &format!("{own}/decide"), &agreed).await, &format!("{own}?done=decide"));

    let page = officer.get(&own).await;
    whole(&page, "the page of the second part");
    assert!(page.body.contains("备用金只剩"), "the reserve is not enough, and it says so: {}", page.body);
    let (version, key) = (page.hidden("version"), page.hidden("key"));
    let second = [
        ("version", version.as_str()),
        ("key", key.as_str()),
        ("amount", "4760"),
        ("way", "transfer"),
        ("source", "county"),
        ("at", "2026-11-20 8:50"),
        ("paper", "行002"),
        ("received_by", "林远"),
    ];
    went(&officer.post(&page, &format!("{own}/second"), &second).await, &format!("{own}?done=second"));
    let page = officer.get(&own).await;
    whole(&page, "the page at the end");
    assert!(page.body.contains("已救助") && page.body.contains("何敏 在场"), "{}", page.body);
    let page = district.get(reserve).await;
    whole(&page, reserve);
    assert!(page.body.contains("1,000.00") || page.body.contains("1,000"), "{}", page.body);
    let mut checker = signed_in(&office, "checker").await;
    assert_eq!(checker.get("/desk/emergencies").await.status, StatusCode::FORBIDDEN);
    assert_eq!(checker.get(&own).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn somebody_of_the_register_is_chosen_without_standing_in_an_address() {
    let office = office().await;
    let mut officer = signed_in(&office, "officer").await;
    let page = officer.get("/desk/emergencies/new").await;
    let found = officer.post(&page, "/desk/emergencies/find", &[("q", "刘桂芬")]).await;
    whole(&found, "who was found");
    let person = found.hidden("person");
    let form = officer.post(&found, "/desk/emergencies/form", &[("person", &person)]).await;
    whole(&form, "the form of a known person");
    assert!(form.body.contains("刘桂芬") && !form.body.contains("id=\"id_no\""), "{}", form.body);
    let told = [
        ("person", person.as_str()),
        ("place", "家里"),
        ("region", VILLAGE),
        ("kind", "illness"),
        ("source", "phone"),
        ("persons", "1"),
        ("told_at", "2026-11-20 8:00"),
        ("text", "突发脑梗"),
    ];
    let first = officer.post(&form, "/desk/emergencies", &told).await;
    assert!(first.location().contains("done=report"), "{}", first.body);
    let again = officer.post(&form, "/desk/emergencies", &told).await;
    assert!(again.location().contains("done=known"), "the same family is one file: {}", again.location());
}
