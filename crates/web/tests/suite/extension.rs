//! The longer limit of a case through the pages: asked for, signed, told.

use crate::{
    desk::{act, registered, signed_in, went},
    office::{office, whole},
};
use axum::http::StatusCode;

#[tokio::test]
async fn an_officer_asks_for_a_longer_limit_the_leader_signs_and_the_family_reads_why() {
    let office = office().await;
    let mut officer = signed_in(&office, "officer").await;
    let case = registered(&office, &mut officer, true).await;
    let home = format!("/desk/cases/{case}");
    let form = format!("{home}/extension");
    assert!(officer.get(&home).await.body.contains(&form), "reachable from the case");
    let page = officer.get(&form).await;
    whole(&page, &form);
    assert!(page.body.contains("从 30 个工作日延长到 45 个工作日"), "{}", page.body);
    let version = page.hidden("version");
    let typed = [("version", version.as_str()), ("text", "<b>难</b>"), ("key", "a")];
    let wrong = officer.post(&page, &format!("{home}/extend"), &typed).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("请选择是哪一种情形") && wrong.body.contains("&#60;b&#62;难"), "{}", wrong.body);
    let typed = [("version", version.as_str()), ("ground", "difficult"), ("text", "收入来自多处"), ("key", "b")];
    for _ in 0..2 {
        went(&officer.post(&wrong, &format!("{home}/extend"), &typed).await, &format!("{home}?done=extend"));
    }
    assert_eq!(officer.get(&form).await.status, StatusCode::FORBIDDEN, "the leader's to sign");
    let mut leader = signed_in(&office, "leader").await;
    assert!(leader.get("/desk").await.body.contains("1 件等您签批"), "the queue says so");
    assert!(!officer.get("/desk").await.body.contains("件等您签批"), "only to who signs");
    let list = leader.get("/desk/extensions").await;
    whole(&list, "the list");
    assert!(list.body.contains(&home) && list.body.contains("等负责人签批"), "{}", list.body);
    assert!(leader.get(&home).await.body.contains("签批延长期限"));
    let page = leader.get(&form).await;
    whole(&page, &form);
    let version = page.hidden("version");
    let silent = leader.post(&page, &format!("{home}/sign-extension"), &[("version", &version), ("key", "c")]).await;
    assert!(silent.status == StatusCode::UNPROCESSABLE_ENTITY && silent.body.contains("请选择同意还是不同意"));
    let signed =
        act(&mut leader, &case, "sign-extension", &[("version", &version), ("agree", "yes"), ("key", "d")]).await;
    went(&signed, &format!("{home}?done=extended"));
    let page = leader.get(&home).await;
    whole(&page, &home);
    assert!(page.body.contains("/ 45") || page.body.contains("45 个工作日"), "the clock shows it: {}", page.body);
    assert!(page.body.contains("收入来自多处") && page.body.contains("延长办理期限告知书"), "{}", page.body);
    assert!(!leader.get("/desk").await.body.contains("件等您签批"), "nothing is left");
    let mut citizen = signed_in(&office, "citizen").await;
    let own = citizen.get(&format!("/citizen/cases/{case}")).await;
    assert!(own.body.contains("延长办理期限告知书"), "{}", own.body);
}
