//! Both courses through the pages: why a case was not put forward, and the bureau's comparison.

use crate::desk::{act, signed_in, surveyed, went};
use crate::office::{office, whole};
use axum::http::{StatusCode, header};

#[tokio::test]
async fn the_page_of_a_case_says_what_keeps_it_from_the_leader_and_the_bureau_counts_it() {
    let office = office().await;
    let (mut officer, case) = surveyed(&office, "village").await;
    for lang in ["zh-CN", "en"] {
        let page = officer.get(&format!("/desk/cases/{case}?lang={lang}")).await;
        whole(&page, "the case");
        assert!(page.body.contains(r#"id="course""#), "{}", page.body);
    }
    let page = officer.get(&format!("/desk/cases/{case}?lang=zh-CN")).await;
    assert!(page.body.contains("申报的和部门查到的一致") && page.body.contains("平台提请签署的条件"), "{}", page.body);

    let refusal = [("outcome", "refuse"), ("reason_code", "income_over"), ("text", "收入超限"), ("key", "k1")];
    went(&act(&mut officer, &case, "opinion", &refusal).await, &format!("/desk/cases/{case}?done=opinion"));
    let mut leader = signed_in(&office, "leader").await;
    act(&mut leader, &case, "sign", &[("agree", "yes"), ("confirm", "yes"), ("key", "k2")]).await;
    let mut reviewer = signed_in(&office, "reviewer").await;
    let refusal = [refusal[0], refusal[1], refusal[2], ("key", "k3"), ("confirm", "yes")];
    act(&mut reviewer, &case, "decide", &refusal).await;

    for lang in ["zh-CN", "en"] {
        let page = reviewer.get(&format!("/bureau/courses?lang={lang}")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        whole(&page, "/bureau/courses");
        assert!(!page.body.contains("刘桂芬"), "nobody is named");
    }
    let page = reviewer.get("/bureau/courses?lang=zh-CN").await;
    assert!(page.body.contains("新流程") && page.body.contains("办理工作日，中位数"), "{}", page.body);
    let export = page.body.split("href=\"/bureau/courses/export").nth(1).expect("the sheet is offered");
    let export = export.split('"').next().unwrap_or_default().replace("&#38;", "&").replace("&amp;", "&");
    let sheet = reviewer.get(&format!("/bureau/courses/export{export}")).await;
    assert_eq!(sheet.status, StatusCode::OK, "{}", sheet.body);
    assert!(sheet.headers[header::CONTENT_DISPOSITION].to_str().expect("ASCII").contains("courses_"));
    let other = reviewer.get("/bureau/courses?region=990102002000").await;
    assert!(other.body.contains("这段时间没有办结的案件"), "{}", other.body);
}

#[tokio::test]
async fn the_comparison_refuses_what_cannot_be_meant_and_those_without_the_right() {
    let office = office().await;
    let mut reviewer = signed_in(&office, "reviewer").await;
    for (asked, message) in
        [("from=2026-11-31", "日期写成"), ("from=2026-11-10&to=2026-11-01", "开始日期不能晚于结束日期")]
    {
        let page = reviewer.get(&format!("/bureau/courses?{asked}")).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        whole(&page, asked);
        assert!(page.body.contains(message), "{asked}: {}", page.body);
        assert!(page.body.contains(asked.split(['=', '&']).nth(1).expect("a value")), "what was typed stays");
    }
    assert_eq!(reviewer.get("/bureau/courses?region=000000000000").await.status, StatusCode::NOT_FOUND);
    // A region of the pack outside the actor's own.
    let mut leader = signed_in(&office, "leader").await;
    let outside = leader.get("/bureau/courses?region=990102002000").await;
    assert!(matches!(outside.status, StatusCode::FORBIDDEN | StatusCode::SEE_OTHER), "{}", outside.status);
    let mut admin = signed_in(&office, "admin").await;
    assert_eq!(admin.get("/bureau/courses/export").await.status, StatusCode::FORBIDDEN);
    let mut citizen = signed_in(&office, "citizen").await;
    let refused = citizen.get("/bureau/courses").await.status;
    assert!(matches!(refused, StatusCode::FORBIDDEN | StatusCode::SEE_OTHER | StatusCode::NOT_FOUND), "{refused}");
}
