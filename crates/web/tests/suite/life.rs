//! Proof of life on the pages: the list, the round on paper, the file, the form, and what the recipient reads.

use crate::{
    desk::{signed_in, went},
    office::{Office, office, whole},
    support::{VILLAGE, morning, pack},
};
use axum::http::{StatusCode, header};
use tuodi_casework::RosterRow;
use tuodi_pack::Fen;

/// The family's applicant is paid as a destitute person and was last seen almost a year ago.
async fn with_somebody_alone() -> Office {
    let office = office().await;
    let row = RosterRow {
        certificate: "bb".to_owned(),
        applicant: office.site.applicant,
        household: office.site.household,
        programme: "tekun".to_owned(),
        monthly: Fen::yuan(1300),
        members: 1,
        start_date: morning().date_naive() - chrono::Days::new(800),
        region_code: VILLAGE.to_owned(),
        class: Some("A".to_owned()),
        last_reverify: Some(morning().date_naive() - chrono::Days::new(360)),
    };
    tuodi_casework::import_roster(&office.site.store, &pack(), vec![row], morning()).await.expect("taken over");
    let cx = tuodi_casework::Cx {
        store: office.site.store.clone(),
        access: tuodi_access::Access::new().expect("policies"),
        pack: pack(),
        actor: tuodi_access::Actor::system(),
        channel: tuodi_casework::Channel::System,
        now: morning(),
    };
    assert_eq!(tuodi_casework::life::watch_lives(&cx).await.expect("followed"), 2, "begun and reminded");
    office
}

#[tokio::test]
async fn somebody_due_is_listed_printed_exported_seen_and_reads_how_it_is_done() {
    let office = with_somebody_alone().await;
    let mut officer = signed_in(&office, "officer").await;
    assert!(officer.get("/desk").await.body.contains("/desk/lives"), "reachable from the side");
    let list = officer.get("/desk/lives").await;
    whole(&list, "the list");
    let case = list.body.split("/desk/cases/").nth(1).unwrap_or_else(|| panic!("nobody in {}", list.body));
    let case = case.split('"').next().unwrap().to_owned();
    assert!(list.body.contains("已提醒本人") && list.body.contains(&format!("/desk/lives/round/{VILLAGE}")));
    let none = officer.get("/desk/lives?cut=late").await;
    assert!(none.body.contains("没有要认证的"), "{}", none.body);
    assert!(officer.get("/desk/lives?programme=age_allowance").await.body.contains("没有要认证的"));
    let by_name = officer.post(&list, "/desk/lives/find", &[("who", &case)]).await;
    assert!(by_name.status == StatusCode::OK && by_name.body.contains(&format!("/desk/cases/{case}/life")));
    let sheet = officer.get(&format!("/desk/lives/round/{VILLAGE}")).await;
    whole(&sheet, "the round");
    assert!(sheet.body.contains(&case) && sheet.body.contains("上门看望"), "{}", sheet.body);
    assert_eq!(officer.get("/desk/lives/round/123").await.status, StatusCode::NOT_FOUND);
    let file = officer.post(&list, "/desk/lives/export", &[("cut", "due")]).await;
    let name = file.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(file.status == StatusCode::OK && name.contains("life_"), "{name}");

    // The recipient reads until when and how.
    let own = format!("/citizen/cases/{case}");
    let mut citizen = signed_in(&office, "citizen").await;
    let page = citizen.get(&own).await;
    whole(&page, &own);
    assert!(page.body.contains("下面的方式任选一种") && page.body.contains("您不用跑腿"), "{}", page.body);
    let address = format!("/desk/cases/{case}/life");
    assert_ne!(citizen.get(&address).await.status, StatusCode::OK);

    // Entered by the village; what was typed stays where something is missing.
    let mut village = signed_in(&office, "village").await;
    let form = village.get(&address).await;
    whole(&form, &address);
    let key = form.hidden("key");
    let typed = [("key", key.as_str()), ("met", "yes"), ("way", "home"), ("on", "昨天"), ("witness", "<i>李网格</i>")];
    let wrong = village.post(&form, &address, &typed).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in ["请写是哪一天", "昨天", "&#60;i&#62;李网格"] {
        assert!(wrong.body.contains(words), "{words} in {}", wrong.body);
    }
    let on = morning().format("%Y-%m-%d").to_string();
    let typed = [("key", key.as_str()), ("met", "yes"), ("way", "home"), ("on", on.as_str()), ("witness", "李网格")];
    for _ in 0..2 {
        went(&village.post(&wrong, &address, &typed).await, &format!("{address}?done=yes"));
    }
    let seen = village.get(&format!("{address}?done=yes")).await;
    whole(&seen, "the page after it");
    assert_eq!(seen.body.matches("同行人：李网格").count(), 1, "sent twice, entered once: {}", seen.body);
    let page = citizen.get(&own).await;
    assert!(page.body.contains("前都不用办") && !page.body.contains("李网格"), "{}", page.body);
    assert!(village.get("/desk/lives").await.body.contains("没有要认证的"));
}
