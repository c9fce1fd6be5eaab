//! Assessments that are due on the pages: listed, given to an assessor, made on a phone; and what is typed stays.

use crate::{
    desk::{registered, signed_in, surveyed, went},
    office::{Office, office, whole},
    support::{PASSWORD, SIGNED, morning, pack},
};
use axum::http::{StatusCode, header};
use tuodi_access::{Account, NewAccount, Role, accounts};
use tuodi_store::Entry;

#[tokio::test]
async fn a_new_subject_is_listed_given_to_an_assessor_and_assessed_on_a_phone() {
    let office = office().await;
    assessor_of(&office).await;
    let mut officer = signed_in(&office, "officer").await;
    let case = registered(&office, &mut officer, true).await;
    let of_case = officer.get(&format!("/desk/cases/{case}")).await;
    assert!(of_case.body.contains("新进对象实时评"), "{}", of_case.body);
    let list = officer.get("/desk/assessments").await;
    whole(&list, "the list");
    assert!(list.body.contains(&case) && list.body.contains("乡镇（街道）"), "{}", list.body);
    assert!(officer.get("/desk/assessments?occasion=found").await.body.contains("没有要评的家庭"));
    let id = list.body.split("/desk/assessments/").nth(1).and_then(|rest| rest.split('"').next()).expect("a task");
    let (desk, phone) = (format!("/desk/assessments/{id}"), format!("/field/assessments/{id}"));
    let page = officer.get(&desk).await;
    whole(&page, &desk);
    assert!(page.body.contains(&format!("/desk/cases/{case}/visit")), "one visit does for both: {}", page.body);

    // Nobody else's before it is given.
    let mut assessor = signed_in(&office, "assessor").await;
    assert_eq!(assessor.get(&phone).await.status, StatusCode::FORBIDDEN);
    assert!(assessor.get("/field").await.body.contains("/field/assessments"));
    assert!(assessor.get("/field/assessments?cut=mine").await.body.contains("没有要评的家庭"));
    let nobody = officer.post(&page, &format!("{desk}/give"), &[("to", "grid"), ("give_key", "g")]).await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nobody.body.contains("请选择能办这项评估的人"), "{}", nobody.body);
    for _ in 0..2 {
        let given = officer.post(&page, &format!("{desk}/give"), &[("to", "assessor"), ("give_key", "g")]).await;
        went(&given, &format!("{desk}?done=given"));
    }

    // On the phone: too little is refused with what was typed, and enough closes it.
    let mine = assessor.get("/field/assessments?cut=mine").await;
    whole(&mine, "the assessor's list");
    assert!(mine.body.contains(&phone) && !mine.body.contains("/desk/"), "{}", mine.body);
    let form = assessor.get(&phone).await;
    whole(&form, &phone);
    let key = form.hidden("key");
    let some = [("key", key.as_str()), ("on", "哪天"), ("note", "<b>屋顶漏水</b>"), ("D1.1.1", "below_standard")];
    let wrong = assessor.post(&form, &phone, &some).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in ["请写哪一天评的", "哪天", "&#60;b&#62;屋顶漏水"] {
        assert!(wrong.body.contains(words), "{words} in {}", wrong.body);
    }
    let on = morning().format("%Y-%m-%d").to_string();
    let few = assessor.post(&wrong, &phone, &[("key", key.as_str()), ("on", on.as_str())]).await;
    assert!(few.status == StatusCode::UNPROCESSABLE_ENTITY && few.body.contains("不足六成"), "{}", few.body);
    let pack = pack();
    let mut all = vec![("key", key.as_str()), ("on", on.as_str())];
    all.extend(pack.assessment.items.iter().map(|item| (item.id.as_str(), item.choices[0].id.as_str())));
    for _ in 0..2 {
        went(&assessor.post(&few, &phone, &all).await, &format!("{phone}?done=assessed"));
    }
    let done = assessor.get(&format!("{phone}?done=assessed")).await;
    whole(&done, "the page after it");
    assert!(done.body.contains("单独评估") && !done.body.contains("提交评估"), "{}", done.body);
    assert!(officer.get("/desk/assessments?cut=all").await.body.contains("没有要评的家庭"));
    let of_case = officer.get(&format!("/desk/cases/{case}")).await;
    assert!(of_case.body.contains("完成六维评估"), "told in the story of the case: {}", of_case.body);
    let mut grid = signed_in(&office, "grid").await;
    assert_eq!(grid.get("/field/assessments").await.status, StatusCode::FORBIDDEN);
    assert!(!grid.get("/field").await.body.contains("/field/assessments"));
}

/// The district's third-party assessor.
async fn assessor_of(office: &Office) {
    let account = Account {
        id: "assessor".to_owned(),
        name: "钱评估".to_owned(),
        role: Role::ThirdPartyAssessor,
        region: "990102000000".to_owned(),
        person: None,
        household: None,
        demo: true,
    };
    let entry = Entry {
        at: morning(),
        actor: "system".to_owned(),
        role: "R00".to_owned(),
        act: "account.create".to_owned(),
        subject: "account:assessor".to_owned(),
        region: "990102000000".to_owned(),
        details: serde_json::json!({}),
    };
    let new = NewAccount { account, password: PASSWORD.to_owned() };
    accounts::create(&office.site.store, new, entry).await.expect("an account");
}

#[tokio::test]
async fn a_drawn_assessment_is_made_again_without_the_first_and_the_district_reads_how_far_the_two_agree() {
    let office = office().await;
    assessor_of(&office).await;
    let (mut officer, case) = surveyed(&office, "village").await;
    let visit = format!("/desk/cases/{case}/visit");
    let page = officer.get(&visit).await;
    let version = page.hidden("version");
    let pack = pack();
    let mut whole_visit = vec![
        ("version", version.as_str()),
        ("visited_on", "2026-11-20"),
        ("visitor.0", "陈立"),
        ("account.0", "officer"),
        ("visitor.1", "何敏"),
        ("account.1", "village"),
    ];
    whole_visit.extend(SIGNED);
    whole_visit.extend(pack.assessment.items.iter().map(|item| (item.id.as_str(), item.choices[0].id.as_str())));
    went(&officer.post_parts(&page, &visit, &whole_visit).await, &format!("/desk/cases/{case}?done=visit"));

    office.pass(15);
    let cx = tuodi_casework::Cx {
        store: office.site.store.clone(),
        access: crate::support::access(),
        pack: pack.clone(),
        actor: tuodi_access::Actor::system(),
        channel: tuodi_casework::Channel::System,
        now: morning() + chrono::Duration::days(15),
    };
    assert_eq!(tuodi_casework::raters::draw_seconds(&cx).await.expect("drawn"), 1);
    let mut leader = signed_in(&office, "leader").await;
    let list = leader.get("/desk/assessments").await;
    whole(&list, "the list with the sample");
    let id = list.body.split("/desk/second-assessments/").nth(1).and_then(|rest| rest.split('"').next());
    let id = id.unwrap_or_else(|| panic!("nothing drawn in {}", list.body)).to_owned();
    let (desk, phone) = (format!("/desk/second-assessments/{id}"), format!("/field/second-assessments/{id}"));
    let give = leader.get(&desk).await;
    whole(&give, &desk);
    assert!(!give.body.contains(r#"value="officer""#), "the first assessor is not offered: {}", give.body);
    let given = leader.post(&give, &format!("{desk}/give"), &[("to", "assessor"), ("give_key", "g")]).await;
    went(&given, &format!("{desk}?done=given"));
    let mut first = signed_in(&office, "officer").await;
    assert!(first.get(&desk).await.body.contains("不能做复评"));

    let mut assessor = signed_in(&office, "assessor").await;
    assert!(assessor.get("/field/assessments").await.body.contains(&phone));
    let form = assessor.get(&phone).await;
    whole(&form, &phone);
    let key = form.hidden("key");
    let wrong = [("key", key.as_str()), ("on", "哪天"), ("note", "<b>屋里很冷</b>")];
    let wrong = assessor.post(&form, &phone, &wrong).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in ["请写哪一天评的", "哪天", "&#60;b&#62;屋里很冷"] {
        assert!(wrong.body.contains(words), "{words} in {}", wrong.body);
    }
    let least = |item: &tuodi_pack::assessment::Item| item.choices.iter().min_by_key(|c| c.score).unwrap().id.clone();
    let answers: Vec<(String, String)> =
        pack.assessment.items.iter().map(|item| (item.id.clone(), least(item))).collect();
    let mut second = vec![("key", key.as_str()), ("on", "2026-12-05")];
    second.extend(answers.iter().map(|(item, choice)| (item.as_str(), choice.as_str())));
    for _ in 0..2 {
        went(&assessor.post(&wrong, &phone, &second).await, &format!("{phone}?done=assessed"));
    }

    let mut district = signed_in(&office, "district").await;
    let report = district.get("/bureau/raters?from=2026-11&to=2026-11").await;
    whole(&report, "the report");
    for words in [&case, "抽中 1 份", "2026-11|990102000000", "样本太少", "要一起看", "Cohen"] {
        assert!(report.body.contains(words), "{words} in {}", report.body);
    }
    let bad = district.get("/bureau/raters?from=11").await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    let file = district.post(&report, "/bureau/raters/export", &[("from", "2026-11"), ("to", "2026-11")]).await;
    assert!(
        file.status == StatusCode::OK
            && file.headers[header::CONTENT_DISPOSITION].to_str().unwrap().contains("raters_")
    );
    let pair = format!("/bureau/raters/{id}");
    let page = district.get(&pair).await;
    whole(&page, &pair);
    let key = page.hidden("key");
    let empty = district.post(&page, &pair, &[("key", key.as_str()), ("text", " ")]).await;
    assert!(empty.status == StatusCode::UNPROCESSABLE_ENTITY && empty.body.contains("请写差在哪里"), "{}", empty.body);
    let said = [("key", key.as_str()), ("text", "<i>取暖那题</i>以屋内温度为准")];
    for _ in 0..2 {
        went(&district.post(&page, &pair, &said).await, &format!("{pair}?done=yes"));
    }
    let page = district.get(&pair).await;
    assert!(page.body.contains("&#60;i&#62;取暖那题") && !page.body.contains("name=\"text\""), "{}", page.body);
    for (who, address) in [("officer", "/bureau/raters"), ("steward", "/bureau/raters"), ("city", "/bureau/raters")] {
        assert_ne!(signed_in(&office, who).await.get(address).await.status, StatusCode::OK, "{who}");
    }
    assert_eq!(signed_in(&office, "auditor").await.get("/bureau/raters").await.status, StatusCode::OK);
}
