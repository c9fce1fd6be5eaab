//! The monthly report: what it counts, and that a day's figures stay what they were.

use crate::common::*;
use tuodi_access::Role;
use tuodi_casework::{
    CaseError, Change, Channel, Counts, MonthReport, Why, decide_change, month_report, month_workbook, open_recheck,
    propose_change,
};
use tuodi_pack::{Fen, Lang};
use tuodi_testing::each_store;

async fn of(d: &District, month: (i32, u32), as_of: chrono::NaiveDate) -> MonthReport {
    let cx = d.reviewer(day(2027, 1, 5));
    month_report(&cx, COUNTY, day(month.0, month.1, 1), as_of).await.unwrap()
}

fn sums(report: &MonthReport) -> (u64, u64, u64, u64, Fen, Fen) {
    let c = report.of(Some("dibao"), None);
    (c.households, c.people, c.new, c.stopped, c.due, c.listed)
}

#[tokio::test]
async fn a_month_is_counted_as_it_stood_on_a_day_whatever_is_decided_later() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.confirming(&Engine::dibao()).await;
        let version = d.version(&case).await;
        tuodi_casework::decide(&d.reviewer(day(2026, 7, 20)), &case, version, dibao(), "", "").await.unwrap();
        let (full, none) = (Fen::yuan(2540), Fen::ZERO);
        assert_eq!(sums(&of(&d, (2026, 8), day(2026, 7, 19)).await), (0, 0, 0, 0, none, none), "not decided yet");
        let decided = of(&d, (2026, 8), day(2026, 7, 20)).await;
        assert_eq!(sums(&decided), (1, 3, 1, 0, full, none));
        let list =
            tuodi_casework::prepare_batch(&d.district_officer(day(2026, 8, 9)), day(2026, 8, 1), "").await.unwrap();
        assert_eq!(sums(&of(&d, (2026, 8), day(2026, 8, 9)).await).5, none, "nobody has signed it");
        let reviewer = d.reviewer(day(2026, 8, 10));
        let version = tuodi_casework::batch(&reviewer, list, 1, 1).await.unwrap().row.version;
        tuodi_casework::sign_batch(&reviewer, list, version, "").await.unwrap();
        let august = of(&d, (2026, 8), day(2026, 8, 31)).await;
        assert_eq!(sums(&august), (1, 3, 1, 0, full, full));
        assert_eq!(august.townships(), [TOWNSHIP]);
        assert_eq!(august.classes.iter().map(|c| c.class.as_str()).collect::<Vec<_>>(), ["C"]);

        // In September it is decided that August should have been more, and that it ends with the month.
        let officer = d.officer(day(2026, 9, 1));
        let version = open_recheck(&officer, &case, d.version(&case).await, Why::Declared, "失业", "").await.unwrap();
        let more = Change::Raise { monthly: Fen::yuan(2880), from: day(2026, 8, 1) };
        let version = propose_change(&officer, &case, version, more, "失业", "").await.unwrap();
        let version = decide_change(&d.reviewer(day(2026, 9, 2)), &case, version, true, "", "").await.unwrap();
        assert_eq!(sums(&of(&d, (2026, 8), day(2026, 9, 2)).await).4, Fen::yuan(2880));
        let version = open_recheck(&officer, &case, version, Why::Moved, "迁出", "").await.unwrap();
        let stop = Change::Stop { reason_code: "moved".to_owned(), from: None, reporters: Vec::new() };
        let version = propose_change(&officer, &case, version, stop, "迁出", "").await.unwrap();
        decide_change(&d.reviewer(day(2026, 9, 14)), &case, version, true, "", "").await.unwrap();
        assert_eq!(sums(&of(&d, (2026, 10), day(2026, 9, 14)).await), (0, 0, 0, 1, none, none));
        assert_eq!(sums(&of(&d, (2026, 10), day(2026, 9, 13)).await), (1, 3, 0, 0, Fen::yuan(2880), none));
        assert_eq!(of(&d, (2026, 8), day(2026, 8, 31)).await, august, "August as August knew it");
        assert_eq!(of(&d, (2026, 8), day(2026, 7, 20)).await, decided);

        let officer = d.officer(day(2026, 9, 20));
        for (month, as_of) in [(day(2026, 9, 1), day(2026, 9, 21)), (day(2026, 11, 1), day(2026, 9, 20))] {
            let refused = month_report(&officer, TOWNSHIP, month, as_of).await;
            assert!(matches!(refused, Err(CaseError::Invalid(_))), "{month} {as_of}: {refused:?}");
        }
        for (role, region) in [(Role::Applicant, VILLAGE), (Role::TownshipOfficer, OTHER_TOWNSHIP)] {
            let cx = d.cx(actor(role, "x", region), Channel::Window, day(2026, 9, 20));
            let refused = month_report(&cx, TOWNSHIP, day(2026, 9, 1), day(2026, 9, 20)).await;
            assert!(matches!(refused, Err(CaseError::Denied(_))), "{role:?}: {refused:?}");
        }
        // The city reads sums: of one household it reads nothing, nor which category it is in.
        let city = d.cx(actor(Role::CityViewer, "city", "990100000000"), Channel::Window, day(2026, 9, 20));
        let seen = month_report(&city, "990100000000", day(2026, 8, 1), day(2026, 8, 31)).await.unwrap();
        for shown in [seen.shown("dibao", None), seen.shown("dibao", Some(TOWNSHIP)), seen.shown_classes()[0].2] {
            assert!(shown.whole.iter().all(Option::is_none) && shown.sums.iter().all(Option::is_none), "{shown:?}");
        }
        assert!(month_workbook(&city, &seen, Lang::Zh).is_ok());
        assert_eq!(august.shown("dibao", None).whole, [1, 3, 1, 0, 0].map(Some));

        let file = month_workbook(&reviewer, &august, Lang::Zh).unwrap();
        assert!(file.name.contains("2026-08") && file.bytes.starts_with(b"PK"));
        assert_ne!(august.of(None, None), Counts::default());
    })
    .await;
}
