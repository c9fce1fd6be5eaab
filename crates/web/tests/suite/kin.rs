//! Relatives among the officers, and special reviews, through the pages.

use crate::{
    desk::{act, registered, registered_saying, signed_in, surveyed, went},
    office::{Office, office, whole},
    support::VILLAGE,
};
use axum::http::{StatusCode, header};

const AGREED: &[(&str, &str)] =
    &[("outcome", "approve"), ("programme", "dibao"), ("monthly", "1724"), ("text", "符合规定"), ("key", "opinion-1")];

#[tokio::test]
async fn a_household_names_a_relative_who_is_then_out_and_the_district_has_it_on_its_list() {
    let office = office().await;
    let mut officer = signed_in(&office, "officer").await;
    let case = registered(&office, &mut officer, true).await;
    let own = format!("/citizen/cases/{case}/kin");
    let mut citizen = signed_in(&office, "citizen").await;
    assert!(citizen.get(&format!("/citizen/cases/{case}")).await.body.contains(&own), "reachable from the case");
    let form = citizen.get(&own).await;
    whole(&form, &own);
    let wrong = citizen.post(&form, &own, &[("name", "<i>陈立</i>"), ("relation", ""), ("key", "a")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("请选择是什么关系") && wrong.body.contains("&#60;i&#62;陈立"), "{}", wrong.body);
    let said = [("name", "陈立"), ("post", "街道办"), ("relation", "sibling"), ("key", "b")];
    for _ in 0..2 {
        went(&citizen.post(&wrong, &own, &said).await, &format!("/citizen/cases/{case}#kin"));
    }
    let mut neighbour = signed_in(&office, "neighbour").await;
    let refused = neighbour.get(&own).await;
    assert!(matches!(refused.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND), "{}", refused.status);
    assert_eq!(act(&mut officer, &case, "check", &[]).await.status, StatusCode::FORBIDDEN, "the relative is out");
    let page = officer.get(&format!("/desk/cases/{case}")).await;
    assert!(page.body.contains("区里还没有入户复核"), "{}", page.body);
    assert_eq!(officer.get("/desk/kin").await.status, StatusCode::FORBIDDEN);
    let mut district = signed_in(&office, "district").await;
    let list = district.get("/desk/kin").await;
    whole(&list, "the list");
    assert_eq!(list.body.matches(&format!("/desk/cases/{case}")).count(), 1, "said once: {}", list.body);
    let file = district.post(&list, "/desk/kin/export", &[]).await;
    let name = file.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(file.status == StatusCode::OK && name.contains("kin_990102000000"), "{name}");
    let mut steward = signed_in(&office, "checker").await;
    let own = steward.get("/desk").await;
    assert_eq!(steward.post(&own, "/desk/kin/export", &[]).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_yes_on_the_form_asks_the_family_and_the_officer_who_it_is() {
    let office = office().await;
    let mut officer = signed_in(&office, "officer").await;
    let case = registered_saying(&office, &mut officer, true, &[("relative", "yes")]).await;
    let page = officer.get(&format!("/desk/cases/{case}")).await;
    whole(&page, "the case");
    for words in ["申请书上说有，还没有写明是哪一位", "区里还没有入户复核", "写明是哪一位</a>"]
    {
        assert!(page.body.contains(words), "{words} in {}", page.body);
    }
    let mut citizen = signed_in(&office, "citizen").await;
    let done = format!("/citizen/applications/{case}/done");
    let page = citizen.get(&done).await;
    whole(&page, &done);
    let own = format!("/citizen/cases/{case}/kin");
    assert!(page.body.contains(&own) && page.body.contains("好让这位同志回避"), "{}", page.body);
    let form = citizen.get(&own).await;
    let said = [("name", "何平"), ("post", "街道办"), ("relation", "sibling"), ("key", "b")];
    went(&citizen.post(&form, &own, &said).await, &format!("/citizen/cases/{case}#kin"));
    let page = officer.get(&format!("/desk/cases/{case}")).await;
    assert!(page.body.contains("何平") && !page.body.contains("还没有写明是哪一位"), "{}", page.body);
    assert!(!citizen.get(&done).await.body.contains(&own), "asked once");
}

/// The village's sheet: what the board shows, for who hangs it up, and for nobody elsewhere.
async fn hangs(office: &Office, case: &str) {
    let mut village = signed_in(office, "village").await;
    let sheet = format!("/desk/publicity/{VILLAGE}");
    assert!(village.get("/desk/publicity").await.body.contains(&sheet), "reachable from the list");
    let page = village.get(&sheet).await;
    whole(&page, &sheet);
    assert!(page.body.contains("刘*") && page.body.contains("1,724"), "{}", page.body);
    for secret in ["桂芬", case, "9901", "疾病"] {
        assert!(!page.body.contains(secret), "{secret} in {}", page.body);
    }
    assert_eq!(village.get("/desk/publicity/990102002001").await.status, StatusCode::FORBIDDEN, "another village");
    assert_eq!(village.get("/desk/publicity/123").await.status, StatusCode::NOT_FOUND);
    let board = village.get(&format!("/public/notices/{VILLAGE}")).await;
    assert!(board.headers["x-robots-tag"].to_str().unwrap().contains("noindex"));
}

#[tokio::test]
async fn a_case_goes_before_the_special_review_and_is_decided_as_its_minutes_say() {
    let office = office().await;
    let (mut officer, case) = surveyed(&office, "village").await;
    let home = format!("/desk/cases/{case}");
    act(&mut officer, &case, "opinion", AGREED).await;
    let mut leader = signed_in(&office, "leader").await;
    act(&mut leader, &case, "sign", &[("agree", "yes"), ("confirm", "yes"), ("key", "s")]).await;
    assert_eq!(leader.get(&format!("{home}/special")).await.status, StatusCode::CONFLICT, "not at this stage");
    hangs(&office, &case).await;
    office.pass(8);
    let mut officer = signed_in(&office, "officer").await;
    act(&mut officer, &case, "end-publicity", &[]).await;
    let mut reviewer = signed_in(&office, "reviewer").await;
    let form = reviewer.get(&format!("{home}/special")).await;
    whole(&form, "the special review");
    let version = form.hidden("version");
    let empty = reviewer.post(&form, &format!("{home}/convene"), &[("version", &version), ("text", " ")]).await;
    assert!(empty.status == StatusCode::UNPROCESSABLE_ENTITY && empty.body.contains("请写明为什么要一事一议"));
    let fields = [("version", version.as_str()), ("text", "支出情况复杂"), ("key", "c")];
    for _ in 0..2 {
        went(&reviewer.post(&form, &format!("{home}/convene"), &fields).await, &format!("{home}?done=convene"));
    }
    let form = reviewer.get(&format!("{home}/special")).await;
    let version = form.hidden("version");
    let few =
        [("version", version.as_str()), ("met_on", "昨天"), ("members", "民政局 何平"), ("text", "x"), ("key", "m")];
    let wrong = reviewer.post(&form, &format!("{home}/minutes"), &few).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in ["请写开会的日子", "参加的人不够", "请选择会议意见", "昨天", "民政局 何平"]
    {
        assert!(wrong.body.contains(words), "{words} in {}", wrong.body);
    }
    let today = (crate::support::morning() + chrono::Duration::days(8)).format("%Y-%m-%d").to_string();
    let held = [
        ("version", version.as_str()),
        ("met_on", &today),
        ("members", "民政局 何平\n财政局 罗明\n医保局 高原"),
        ("approve", "refuse"),
        ("text", "不同意"),
        ("key", "m"),
    ];
    went(&reviewer.post(&form, &format!("{home}/minutes"), &held).await, &format!("{home}?done=minutes"));
    let mut fields = AGREED.to_vec();
    fields.push(("confirm", "yes"));
    let other = act(&mut reviewer, &case, "decide", &fields).await;
    assert!(other.status == StatusCode::UNPROCESSABLE_ENTITY, "{}", other.status);
    assert!(other.body.contains("请按会议意见作决定"), "{}", other.body);
    let page = reviewer.get(&home).await;
    whole(&page, "the case");
    assert!(page.body.contains("财政局 罗明") && page.body.contains("支出情况复杂"), "{}", page.body);
}
