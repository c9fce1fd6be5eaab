//! The monthly report on its page and as a workbook; and who may not.

use crate::{desk::signed_in, money::with_recipient, office::whole};
use axum::http::{StatusCode, header};

#[tokio::test]
async fn the_monthly_report_is_shown_for_a_day_and_exported_and_wrong_days_are_told() {
    let office = with_recipient().await;
    let mut reviewer = signed_in(&office, "reviewer").await;
    let page = reviewer.get("/bureau/statistics").await;
    whole(&page, "the report");
    assert!(page.status == StatusCode::OK && page.body.contains("780") && page.body.contains("合计"), "{}", page.body);
    let page = reviewer.get("/bureau/statistics?month=2020-01&as_of=2026-11-01").await;
    assert!(page.body.contains("这个月还没有救助对象"), "{}", page.body);
    for (asked, says) in [("month=soon", "请写年和月"), ("month=2026-11&as_of=2099-01-01", "这一天还没有到")]
    {
        let wrong = reviewer.get(&format!("/bureau/statistics?{asked}")).await;
        whole(&wrong, asked);
        assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.body.contains(says), "{}", wrong.body);
    }
    // The city reads that there is something, and nothing of a single household.
    let mut city = signed_in(&office, "city").await;
    let page = city.get("/bureau/statistics").await;
    whole(&page, "the city's report");
    assert!(page.body.contains("按规定不显示") && page.body.contains(">*<"), "{}", page.body);
    assert!(!page.body.contains("780"), "{}", page.body);
    let mut officer = signed_in(&office, "district").await;
    let page = officer.get("/bureau/statistics").await;
    let file = officer.post(&page, "/bureau/statistics", &[("month", "2026-10"), ("as_of", "2026-11-01")]).await;
    assert_eq!(file.status, StatusCode::OK, "{}", file.body);
    let kind = file.headers.get(header::CONTENT_TYPE).unwrap().to_str().unwrap();
    assert!(kind.contains("spreadsheetml"), "{kind}");
    let mut citizen = signed_in(&office, "citizen").await;
    assert_eq!(citizen.get("/bureau/statistics").await.status, StatusCode::FORBIDDEN);
}
