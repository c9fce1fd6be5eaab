//! Life after the decision on the pages: a family tells, an officer proposes less, the family answers, a reviewer decides;
//! and everybody else is turned away.

use crate::{
    desk::{signed_in, went},
    money::with_recipient,
    office::{Office, whole},
};
use axum::http::StatusCode;

/// The recipient's case, by its own page.
async fn case_of(office: &Office) -> String {
    let mut officer = signed_in(office, "officer").await;
    let page = officer.get("/desk/verifications/due").await;
    let page = if page.body.contains("/recheck") { page } else { officer.get("/desk?closed=yes&q=").await };
    let case = page.body.split("/desk/cases/").nth(1).unwrap_or_else(|| panic!("no case in {}", page.body));
    case.split(['"', '/', '?']).next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_family_tells_and_answers_and_less_is_decided_by_a_reviewer_who_read_it() {
    let office = with_recipient().await;
    office.pass(340);
    let case = case_of(&office).await;
    let (own, desk) = (format!("/citizen/cases/{case}"), format!("/desk/cases/{case}/recheck"));
    let mut citizen = signed_in(&office, "citizen").await;
    let page = citizen.get(&own).await;
    assert!(page.body.contains(&format!("{own}/change")), "{}", page.body);
    let form = format!("{own}/change");
    let page = citizen.get(&form).await;
    whole(&page, &form);
    let (version, key) = (page.hidden("version"), page.hidden("key"));
    let told = |note: &'static str| [("version", version.as_str()), ("key", key.as_str()), ("note", note)];
    let empty = citizen.post(&page, &form, &told(" ")).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.body.contains("请写有什么变化"), "{}", empty.body);
    for _ in 0..2 {
        went(&citizen.post(&page, &form, &told("<b>儿子十月起上班</b> 🏠")).await, &format!("{form}?done=told"));
    }
    whole(&citizen.get(&form).await, "the page while it is looked into");
    let mut neighbour = signed_in(&office, "neighbour").await;
    assert_eq!(neighbour.get(&form).await.status, StatusCode::FORBIDDEN);

    let mut officer = signed_in(&office, "officer").await;
    let page = officer.get(&desk).await;
    whole(&page, &desk);
    assert!(page.body.contains("儿子十月起上班") && !page.body.contains("<b>儿子"), "{}", page.body);
    let version = page.hidden("version");
    let propose = |change: &'static str, monthly: &'static str, code: &'static str| {
        [
            ("version", version.as_str()),
            ("key", "p1"),
            ("change", change),
            ("monthly", monthly),
            ("reason_code", code),
            ("from", "2027-11"),
            ("reporter.police", "yes"),
            ("text", "月收入 1200 元"),
        ]
    };
    let address = format!("{desk}/propose");
    for (change, monthly, code, says) in [
        ("", "", "", "错误："),
        ("lower", "很少", "", "金额"),
        ("lower", "900", "", "要比现在少"),
        ("raise", "500", "", "要比现在多"),
        ("stop", "", "death", "两个部门报告"),
    ] {
        let wrong = officer.post(&page, &address, &propose(change, monthly, code)).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{change} {monthly}");
        assert!(
            wrong.body.contains(says) && wrong.body.contains("月收入 1200 元</textarea>"),
            "{says}: {}",
            wrong.body
        );
        whole(&wrong, "the wrong form");
    }
    went(&officer.post(&page, &address, &propose("lower", "500", "")).await, &format!("{desk}?done=proposed"));

    // Nobody decides before the family has spoken or its days are over; the officer never.
    let decide = format!("{desk}/decide");
    let mut reviewer = signed_in(&office, "reviewer").await;
    let page = reviewer.get(&desk).await;
    whole(&page, "the page while the family may answer");
    assert!(page.body.contains("说明意见") && !page.body.contains(&decide), "{}", page.body);
    let mut citizen = signed_in(&office, "citizen").await;
    let page = citizen.get(&form).await;
    whole(&page, "the page where a family answers");
    let key = page.hidden("key");
    let view = [("key", key.as_str()), ("view", "只是临时工")];
    went(&citizen.post(&page, &format!("{own}/view"), &view).await, &format!("{form}?done=viewed"));
    let mut officer = signed_in(&office, "officer").await;
    let page = officer.get(&desk).await;
    assert!(!page.body.contains(&decide), "{}", page.body);

    let page = reviewer.get(&desk).await;
    whole(&page, "the page of the decision");
    let (version, key) = (page.hidden("version"), page.hidden("key"));
    let said = |agree: &'static str, text: &'static str| {
        [("version", version.as_str()), ("key", key.as_str()), ("agree", agree), ("text", text)]
    };
    for (agree, text) in [("", "合同一年"), ("yes", "")] {
        let wrong = reviewer.post(&page, &decide, &said(agree, text)).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{agree} {text}");
    }
    let other = officer.post(&page, &decide, &said("yes", "合同一年")).await;
    assert_eq!(other.status, StatusCode::FORBIDDEN, "{}", other.body);
    for _ in 0..2 {
        went(&reviewer.post(&page, &decide, &said("yes", "合同一年")).await, &format!("{desk}?done=decided"));
    }
    let page = citizen.get(&own).await;
    assert!(page.body.contains("救助调整决定书") && page.body.contains("拟调整救助告知书"), "{}", page.body);
    let letter = page.body.split(&format!("{own}/notices/")).nth(1).unwrap().split('"').next().unwrap().to_owned();
    let letter = citizen.get(&format!("{own}/notices/{letter}")).await;
    assert!(letter.body.contains("500") && letter.body.contains("申诉"), "{}", letter.body);
}
