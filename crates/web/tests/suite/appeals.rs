//! A household contests a decision on its phone, another reviewer answers, and everybody else is turned away; and what the
//! household reads of who looked.

use crate::{
    desk::{act, signed_in, surveyed, went},
    office::{Office, office, whole},
    support::{PASSWORD, entry},
};
use axum::http::StatusCode;
use tuodi_access::{Account, NewAccount, Role, accounts};

/// Refused by `reviewer`; gives the case's number.
async fn refused(office: &Office) -> String {
    let (mut officer, case) = surveyed(office, "village").await;
    let refuse = [("outcome", "refuse"), ("reason_code", "property_over"), ("text", "存款超过限额"), ("key", "o")];
    act(&mut officer, &case, "opinion", &refuse).await;
    let mut leader = signed_in(office, "leader").await;
    act(&mut leader, &case, "sign", &[("agree", "yes"), ("confirm", "yes"), ("key", "s")]).await;
    let mut reviewer = signed_in(office, "reviewer").await;
    let decided = [refuse.as_slice(), &[("confirm", "yes")]].concat();
    went(&act(&mut reviewer, &case, "decide", &decided).await, &format!("/desk/cases/{case}?done=refuse"));
    case
}

async fn second_reviewer(office: &Office) {
    let account = Account {
        id: "reviewer2".to_owned(),
        name: "任远".to_owned(),
        role: Role::Reviewer,
        region: "990102000000".to_owned(),
        person: None,
        household: None,
        demo: true,
    };
    let new = NewAccount { account, password: PASSWORD.to_owned() };
    accounts::create(&office.site.store, new, entry("account.create")).await.expect("an account");
}

#[tokio::test]
async fn a_household_appeals_and_a_second_reviewer_answers_with_the_ways_on() {
    let office = office().await;
    let case = refused(&office).await;
    let (own, form) = (format!("/citizen/cases/{case}"), format!("/citizen/cases/{case}/appeal"));
    let mut citizen = signed_in(&office, "citizen").await;
    let page = citizen.get(&own).await;
    whole(&page, &own);
    assert!(page.body.contains("我要申诉"), "{}", page.body);
    let page = citizen.get(&form).await;
    whole(&page, &form);
    let (version, key) = (page.hidden("version"), page.hidden("key"));
    let said = |text: &'static str| [("version", version.as_str()), ("key", key.as_str()), ("text", text)];
    let empty = citizen.post(&page, &form, &said(" ")).await;
    assert!(empty.status == StatusCode::UNPROCESSABLE_ENTITY && empty.body.contains("<title>错误："), "{}", empty.body);
    // Sent twice: one appeal.
    for _ in 0..2 {
        went(&citizen.post(&page, &form, &said("<b>存款是村集体的</b> 🏠")).await, &format!("{own}#appeal"));
    }
    let page = citizen.get(&own).await;
    assert!(page.body.contains("正在复查") && page.body.contains("申诉受理告知书"), "{}", page.body);
    assert_eq!(citizen.get(&form).await.status, StatusCode::CONFLICT, "one at a time");
    let mut neighbour = signed_in(&office, "neighbour").await;
    assert_eq!(neighbour.get(&form).await.status, StatusCode::FORBIDDEN);

    let answer = format!("/desk/cases/{case}/answer-appeal");
    for account in ["officer", "leader", "reviewer"] {
        let mut other = signed_in(&office, account).await;
        assert_eq!(other.get(&answer).await.status, StatusCode::FORBIDDEN, "{account}");
    }
    second_reviewer(&office).await;
    let mut second = signed_in(&office, "reviewer2").await;
    let page = second.get(&format!("/desk/cases/{case}")).await;
    whole(&page, "the case with an appeal");
    assert!(page.body.contains(&answer), "{}", page.body);
    assert!(page.body.contains("存款是村集体的") && !page.body.contains("<b>存款是村集体的"), "{}", page.body);
    let page = second.get(&answer).await;
    whole(&page, &answer);
    let (version, key) = (page.hidden("version"), page.hidden("key"));
    let fields = |outcome: &'static str, text: &'static str| {
        [("version", version.as_str()), ("key", key.as_str()), ("outcome", outcome), ("text", text)]
    };
    let wrong = second.post(&page, &answer, &fields("", "维持")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("请选择怎么处理") && wrong.body.contains("维持</textarea>"), "{}", wrong.body);
    for _ in 0..2 {
        let sent = second.post(&page, &answer, &fields("keep", "存款为本人工资所得。")).await;
        went(&sent, &format!("/desk/cases/{case}?done=answer_appeal"));
    }
    assert_eq!(second.get(&answer).await.status, StatusCode::CONFLICT, "it is answered");

    let page = citizen.get(&own).await;
    assert!(page.body.contains("存款为本人工资所得。"), "{}", page.body);
    let letter = page.body.split(&format!("{own}/notices/")).nth(1).unwrap().split('"').next().unwrap().to_owned();
    let letter = citizen.get(&format!("{own}/notices/{letter}")).await;
    assert!(letter.body.contains("申诉处理告知书") && letter.body.contains("行政复议"), "{}", letter.body);
}

#[tokio::test]
async fn the_window_takes_an_appeal_after_its_days_with_the_reason() {
    let office = office().await;
    let case = refused(&office).await;
    office.pass(62);
    let mut citizen = signed_in(&office, "citizen").await;
    let page = citizen.get(&format!("/citizen/cases/{case}")).await;
    assert!(page.body.contains("申诉期限已经过了") && !page.body.contains("我要申诉"), "{}", page.body);
    let mut officer = signed_in(&office, "officer").await;
    let form = format!("/desk/cases/{case}/appeal");
    let page = officer.get(&form).await;
    whole(&page, &form);
    let (version, key) = (page.hidden("version"), page.hidden("key"));
    let late = [("version", version.as_str()), ("key", key.as_str()), ("text", "不服")];
    let wrong = officer.post(&page, &form, &late).await;
    assert!(
        wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.body.contains("请写明为什么晚了"),
        "{}",
        wrong.body
    );
    let told = [late.as_slice(), &[("why_late", "住院")]].concat();
    went(&officer.post(&page, &form, &told).await, &format!("/desk/cases/{case}?done=appeal"));
}

#[tokio::test]
async fn a_household_reads_every_step_and_every_look_by_role_and_purpose() {
    let office = office().await;
    let (_, case) = surveyed(&office, "village").await;
    let mut citizen = signed_in(&office, "citizen").await;
    let record = format!("/citizen/cases/{case}/record");
    let page = citizen.get(&record).await;
    whole(&page, &record);
    for words in ["乡镇（街道）经办人", "办理这件事", "入户调查", "受理通知书", "您本人", "窗口"]
    {
        assert!(page.body.contains(words), "{words} in:\n{}", page.body);
    }
    assert!(!page.body.contains("陈立"), "by role, not by name");
    let mut neighbour = signed_in(&office, "neighbour").await;
    assert_eq!(neighbour.get(&record).await.status, StatusCode::FORBIDDEN);
    // Whoever tried is on the record too.
    assert!(citizen.get(&record).await.body.contains("想看，没有权限，没有看到"));
}
