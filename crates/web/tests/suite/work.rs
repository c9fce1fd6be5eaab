//! The list as a place to work: cases handed over and reminded of from it, leave with somebody who stands in, filters
//! kept, and what is refused.

use crate::{
    desk::{act, registered, signed_in, went},
    office::{office, whole},
};
use axum::http::StatusCode;

#[tokio::test]
async fn ticked_cases_are_handed_over_and_reminded_of_and_the_case_says_so() {
    let office = office().await;
    let mut officer = signed_in(&office, "officer").await;
    let case = registered(&office, &mut officer, true).await;
    act(&mut officer, &case, "take", &[]).await;
    let list = officer.get("/desk?cut=mine").await;
    whole(&list, "the list");
    assert!(list.body.contains(&format!(r#"name="case" value="{case}""#)), "{}", list.body);
    let none = officer.post(&list, "/desk/batch", &[("act", "assign")]).await;
    assert!(none.status == StatusCode::UNPROCESSABLE_ENTITY && none.body.contains("请先选案件"), "{}", none.body);
    assert_eq!(officer.post(&list, "/desk/batch", &[("act", "erase")]).await.status, StatusCode::NOT_FOUND);
    let form = officer.post(&list, "/desk/batch", &[("act", "assign"), ("case", &case)]).await;
    whole(&form, "the batch");
    let key = form.hidden("key");
    let empty = [("case", case.as_str()), ("to", ""), ("reason", " "), ("key", &key)];
    let wrong = officer.post(&form, "/desk/batch/assign", &empty).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("请写明为什么交给别人") && wrong.body.contains("请选择交给谁"), "{}", wrong.body);
    let fields = [("case", case.as_str()), ("to", "leader"), ("reason", "<b>要回避</b>"), ("key", &key)];
    for _ in 0..2 {
        went(&officer.post(&wrong, "/desk/batch/assign", &fields).await, "/desk?done=assign");
    }
    assert!(officer.get("/desk?done=assign").await.body.contains("已经交给同事"));
    let other = [("case", case.as_str()), ("to", "officer"), ("reason", "拿回来"), ("key", "k2")];
    let taken = officer.post(&form, "/desk/batch/assign", &other).await;
    assert_eq!(taken.status, StatusCode::FORBIDDEN, "what the leader holds the leader gives");
    let mut leader = signed_in(&office, "leader").await;
    let form = leader.get(&format!("/desk/batch?act=remind&case={case}")).await;
    let fields = [("case", case.as_str()), ("reason", "今天办完"), ("key", "r")];
    went(&leader.post(&form, "/desk/batch/remind", &fields).await, "/desk?done=remind");
    let page = leader.get(&format!("/desk/cases/{case}")).await;
    whole(&page, "the case");
    for words in ["交办和催办", "&#60;b&#62;要回避", "今天办完"] {
        assert!(page.body.contains(words), "{words} in {}", page.body);
    }
    let mut checker = signed_in(&office, "checker").await;
    let own = checker.get("/desk").await;
    let refused = checker.post(&own, "/desk/batch/remind", &fields).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let mut village = signed_in(&office, "village").await;
    assert!(!village.get("/desk").await.body.contains(r#"name="case""#), "who hands nothing over ticks nothing");
}

#[tokio::test]
async fn leave_is_entered_with_somebody_of_the_same_post_and_ended_early() {
    let office = office().await;
    let mut district = signed_in(&office, "district").await;
    let page = district.get("/desk/leave").await;
    whole(&page, "leave");
    assert!(page.body.contains("没有请假安排"));
    let wrong =
        [("account", "district"), ("delegate", "officer"), ("from", "2020-01-01"), ("to", "明天"), ("key", "a")];
    let wrong = district.post(&page, "/desk/leave", &wrong).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in ["请选同一岗位、同一地方的另一位同事", "请写今天或者以后的日子", "明天"]
    {
        assert!(wrong.body.contains(words), "{words} in {}", wrong.body);
    }
    let leave = [
        ("account", "district"),
        ("delegate", "district2"),
        ("from", "2026-11-20"),
        ("to", "2026/11/25"),
        ("key", "b"),
    ];
    went(&district.post(&wrong, "/desk/leave", &leave).await, "/desk/leave?done=entered");
    let page = district.get("/desk/leave?done=entered").await;
    whole(&page, "leave");
    let id = page.body.split("/desk/leave/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let mut officer = signed_in(&office, "officer").await;
    let own = officer.get("/desk/leave").await;
    assert!(!own.body.contains("代办</b>"), "the district's leave is none of the township's: {}", own.body);
    let refused = officer.post(&own, &format!("/desk/leave/{id}/back"), &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    went(&district.post(&page, &format!("/desk/leave/{id}/back"), &[]).await, "/desk/leave?done=back");
}

#[tokio::test]
async fn a_filter_is_kept_under_a_name_and_a_case_is_found_by_initials_and_whom_it_waits_for() {
    let office = office().await;
    let mut officer = signed_in(&office, "officer").await;
    let case = registered(&office, &mut officer, true).await;
    let page = officer.get("/desk?who=check_centre&state=accepted").await;
    assert!(page.body.contains(&case), "{}", page.body);
    assert!(!officer.get("/desk?who=district").await.body.contains(&case));
    let wrong = officer.post(&page, "/desk/filters?who=check_centre", &[("name", "")]).await;
    assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.body.contains("请给这个筛选起个名字"));
    whole(&wrong, "the list with an error");
    let kept = officer.post(&page, "/desk/filters?who=check_centre&x=%3Cscript", &[("name", "等核对<i>")]).await;
    went(&kept, "/desk?who=check_centre");
    let page = officer.get("/desk?who=check_centre").await;
    assert!(page.body.contains("等核对&#60;i&#62;") && page.body.contains("/forget"), "{}", page.body);
    let id = page.body.split("/desk/filters/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let mut leader = signed_in(&office, "leader").await;
    let list = leader.get("/desk").await;
    let refused = leader.post(&list, &format!("/desk/filters/{id}/forget"), &[]).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    went(&officer.post(&page, &format!("/desk/filters/{id}/forget"), &[]).await, "/desk");
    let found = officer.post(&page, "/desk/search", &[("q", "lgf")]).await;
    assert!(found.body.contains(&case), "by the initials of 刘桂芬: {}", found.body);
    let form = officer.get("/desk/export?who=check_centre").await;
    assert!(form.body.contains("等谁办：核对中心"), "{}", form.body);
}
