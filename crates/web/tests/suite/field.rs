//! A visit by a grid worker, on a phone, without JavaScript.

use crate::office::{SECRET_AMOUNT, office, whole};
use crate::support::Browser;
use axum::http::StatusCode;

#[tokio::test]
async fn a_worker_sees_where_and_why_but_no_amount() {
    let office = office().await;
    let mut grid = Browser::new(&office.site);
    grid.sign_in("grid").await;
    let home = grid.get("/field").await;
    assert!(home.body.contains("刘桂芬") && home.body.contains("橙色"), "{}", home.body);
    let task = grid.get("/field/tasks/1").await;
    whole(&task, "/field/tasks/1");
    assert!(
        task.body.contains("上门看看") && !task.body.contains(SECRET_AMOUNT) && !task.body.contains("高额医疗费用")
    );
    let mut officer = Browser::new(&office.site);
    officer.sign_in("officer").await;
    let task = officer.get("/desk/alerts/1").await;
    assert!(task.body.contains(SECRET_AMOUNT), "the desk sees the facts: {}", task.body);
}

#[tokio::test]
async fn a_visit_that_finds_need_opens_a_case_and_a_mistake_loses_nothing() {
    let office = office().await;
    let mut grid = Browser::new(&office.site);
    grid.sign_in("grid").await;
    let task = grid.get("/field/tasks/1").await;
    let version = task.hidden("version");
    let started = grid.post(&task, "/field/tasks/1/start", &[("version", &version)]).await;
    assert_eq!(
        (started.status, started.location()),
        (StatusCode::SEE_OTHER, "/field/tasks/1/visit"),
        "{}",
        started.body
    );
    let page = grid.get("/field/tasks/1/visit").await;
    whole(&page, "/field/tasks/1/visit");
    let (version, key) = (page.hidden("version"), page.hidden("key"));
    let mut fields = vec![
        ("version", version.as_str()),
        ("key", key.as_str()),
        ("visited_on", "2026/11/20"),
        ("note", "家里一人长期住院"),
        ("D1.1.1", "no_income"),
    ];
    let wrong = grid.post(&page, "/field/tasks/1/visit", &fields).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("请选择一个结果") && wrong.body.contains("家里一人长期住院"));
    assert!(wrong.body.contains(r#"value="no_income" checked"#), "answers are kept: {}", wrong.body);
    fields.push(("code", "need_confirmed"));
    let wrong = grid.post(&wrong, "/field/tasks/1/visit", &fields).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "whom they met is missing");
    assert!(wrong.body.contains("请写见到了谁"), "{}", wrong.body);
    fields.push(("with_whom", "本人"));
    for _ in 0..2 {
        let sent = grid.post(&wrong, "/field/tasks/1/visit", &fields).await;
        assert_eq!((sent.status, sent.location()), (StatusCode::SEE_OTHER, "/field/tasks/1/done"), "{}", sent.body);
    }
    let done = grid.get("/field/tasks/1/done").await;
    whole(&done, "/field/tasks/1/done");
    assert!(done.body.contains("QY26-00001") && done.body.contains("授权"), "{}", done.body);
    assert!(!done.body.contains("/desk/intake"), "a grid worker has no desk");
}

#[tokio::test]
async fn a_village_officer_helps_the_household_to_apply_from_the_visit() {
    let office = office().await;
    let mut village = Browser::new(&office.site);
    village.sign_in("village").await;
    let task = village.get("/field/tasks/1").await;
    assert!(task.body.contains(r#"action="/desk/intake""#));
    let person = task.hidden("person");
    let opened = village.post(&task, "/desk/intake", &[("person", &person)]).await;
    assert_eq!(opened.location(), "/desk/intake/QY26-00001", "{}", opened.body);
    let form = village.get("/desk/intake/QY26-00001").await;
    assert_eq!(form.status, StatusCode::OK, "{}", form.body);
}

#[tokio::test]
async fn every_field_page_is_whole_in_both_languages_and_sizes() {
    let office = office().await;
    let mut grid = Browser::new(&office.site);
    grid.sign_in("grid").await;
    for query in ["lang=zh-CN&elder=0", "lang=en&elder=0", "lang=zh-CN&elder=1"] {
        for address in [
            "/field",
            "/field?cut=overdue",
            "/field?cut=closed",
            "/field/policies",
            "/field/tasks/1",
            "/field/tasks/1/visit",
        ] {
            let join = if address.contains('?') { '&' } else { '?' };
            let answer = grid.get(&format!("{address}{join}{query}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{address}: {}", answer.body);
            whole(&answer, address);
        }
    }
    assert_eq!(grid.get("/field/tasks/99").await.status, StatusCode::NOT_FOUND);
    assert_eq!(grid.get("/field/tasks/1/done").await.status, StatusCode::NOT_FOUND, "nothing is done yet");
}
