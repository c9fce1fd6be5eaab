//! What people say, through the pages: a report without a name, a contested figure, a bad rating; and who is turned away.

use crate::{
    desk::{signed_in, surveyed, went},
    office::{office, whole},
    support::{Answer, Browser},
};
use axum::http::StatusCode;

/// The newest thing on a desk's list.
async fn first(browser: &mut Browser, list: &str) -> (Answer, String) {
    let page = browser.get(list).await;
    whole(&page, list);
    let mark = format!("href=\"{list}/");
    let rest = page.body.split(&mark).nth(1).unwrap_or_else(|| panic!("nothing on {list}:\n{}", page.body));
    let address = format!("{list}/{}", rest.split('"').next().unwrap_or_default());
    let one = browser.get(&address).await;
    (one, address)
}

#[tokio::test]
async fn somebody_reports_without_a_name_and_reads_the_answer_by_the_code() {
    let office = office().await;
    let mut reader = Browser::new(&office.site);
    let page = reader.get("/public/voice").await;
    whole(&page, "/public/voice");
    assert!(!page.body.contains("数据不对"), "what is said of one's own case is not said here");
    let key = page.hidden("key");
    let fields = |kind: &'static str, text: &'static str| {
        [("kind", kind), ("region", "990102001000"), ("text", text), ("from", ""), ("contact", ""), ("website", "")]
    };
    let wrong =
        reader.post(&page, "/public/voice", &[fields("", "留着的话").as_slice(), &[("key", &key)]].concat()).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("请选择要说的是哪一类") && wrong.body.contains("留着的话"), "{}", wrong.body);
    let sent = [fields("report", "有人给亲戚办低保").as_slice(), &[("key", &key)]].concat();
    let filed = reader.post(&page, "/public/voice", &sent).await;
    whole(&filed, "the code");
    let code = filed.body.split("id=\"code\">").nth(1).unwrap_or_else(|| panic!("{}", filed.body)).split('<').next();

    let mut leader = signed_in(&office, "leader").await;
    assert!(leader.get("/desk/voices").await.body.contains("没有要办的"), "it is the district's");
    let mut officer = signed_in(&office, "officer").await;
    assert_eq!(officer.get("/desk/voices").await.status, StatusCode::FORBIDDEN);
    let mut district = signed_in(&office, "district").await;
    let (page, address) = first(&mut district, "/desk/voices").await;
    whole(&page, &address);
    assert!(page.body.contains("有人给亲戚办低保"), "{}", page.body);
    assert_eq!(leader.get(&address).await.status, StatusCode::NOT_FOUND);
    let key = page.hidden("key");
    let empty = district.post(&page, &address, &[("key", &key), ("text", "写了一半")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.body.contains("请选择核实的结果") && empty.body.contains("写了一半"), "{}", empty.body);
    let answer = [("key", key.as_str()), ("found", "partly"), ("text", "已责成街道复核。")];
    for _ in 0..2 {
        went(&district.post(&page, &address, &answer).await, "/desk/voices?done=answered");
    }
    let late = district.post(&page, &address, &[("key", "other"), ("found", "not"), ("text", "x")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "answered once");

    let page = reader.get("/public/voice/answer").await;
    let told = reader.post(&page, "/public/voice/answer", &[("code", code.unwrap_or_default())]).await;
    whole(&told, "the answer");
    assert!(told.body.contains("部分属实") && told.body.contains("已责成街道复核。"), "{}", told.body);
    assert!(!told.body.contains("有人给亲戚办低保"), "the code alone does not show what was said");
}

#[tokio::test]
async fn a_household_contests_a_figure_and_rates_a_step_and_reads_both_answers_on_its_page() {
    let office = office().await;
    let (_, case) = surveyed(&office, "village").await;
    let own = format!("/citizen/cases/{case}");
    let mut citizen = signed_in(&office, "citizen").await;
    let form = format!("{own}/voice/fact");
    let page = citizen.get(&form).await;
    whole(&page, &form);
    let key = page.hidden("key");
    let empty = citizen.post(&page, &form, &[("key", &key), ("about", "存款"), ("text", "")]).await;
    assert!(
        empty.status == StatusCode::UNPROCESSABLE_ENTITY && empty.body.contains("value=\"存款\""),
        "{}",
        empty.body
    );
    let said = [("key", key.as_str()), ("about", "存款"), ("text", "那笔钱是村里的")];
    went(&citizen.post(&page, &form, &said).await, &format!("{own}#voice"));
    assert_eq!(citizen.get(&format!("{own}/voice/nothing")).await.status, StatusCode::NOT_FOUND);
    let mut neighbour = signed_in(&office, "neighbour").await;
    assert_eq!(neighbour.get(&form).await.status, StatusCode::FORBIDDEN);

    let page = citizen.get(&own).await;
    whole(&page, &own);
    assert!(page.body.contains("入户调查这一步，您满意吗？"), "{}", page.body);
    let (key, step) = (page.hidden("key"), page.hidden("step"));
    let rate = format!("{own}/rate");
    let bad = [("key", key.as_str()), ("step", step.as_str()), ("stars", "1"), ("words", "没有打电话就来了")];
    for _ in 0..2 {
        went(&citizen.post(&page, &rate, &bad).await, &format!("{own}?rated=yes#voice"));
    }
    let again = [("key", "k2"), ("step", step.as_str()), ("stars", "5"), ("words", "")];
    assert_eq!(citizen.post(&page, &rate, &again).await.status, StatusCode::CONFLICT);

    let mut leader = signed_in(&office, "leader").await;
    let (page, address) = first(&mut leader, "/desk/voices").await;
    let key = page.hidden("key");
    let sorry = [("key", key.as_str()), ("found", "upheld"), ("text", "已提醒入户人员先打电话。")];
    went(&leader.post(&page, &address, &sorry).await, "/desk/voices?done=answered");
    let mut steward = signed_in(&office, "steward").await;
    let (page, address) = first(&mut steward, "/bureau/voices").await;
    whole(&page, &address);
    let key = page.hidden("key");
    let answer = [("key", key.as_str()), ("found", "not"), ("text", "已向银行核对，是本人的定期存款。")];
    went(&steward.post(&page, &address, &answer).await, "/bureau/voices?done=answered");
    let page = citizen.get(&own).await;
    for words in ["已提醒入户人员先打电话。", "已向银行核对，是本人的定期存款。"] {
        assert!(page.body.contains(words), "{words} in:\n{}", page.body);
    }
}
