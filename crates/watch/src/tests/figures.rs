//! Figures add up.

use super::{
    common::{OTHER_TOWNSHIP, TOWNSHIP},
    *,
};
use crate::{WatchFigures, record_outcome};
use tuodi_pack::indicator::{Level, Severity};
use tuodi_testing::each_store;

const OTHER_VILLAGE: &str = "990102002001";

async fn of(d: &District, region: &str, on: NaiveDate) -> WatchFigures {
    crate::figures(&d.district_officer(on), region).await.unwrap()
}

#[tokio::test]
async fn open_tasks_add_up_by_severity_level_township_and_village() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        let alerts = vec![
            at(&d, HouseholdId(501), VILLAGE, "M010", 1),
            at(&d, HouseholdId(502), VILLAGE, "M001", 5_000_000),
            at(&d, HouseholdId(503), OTHER_VILLAGE, "M001", 5_000_000),
            at(&d, HouseholdId(504), OTHER_VILLAGE, "M071", 1),
        ];
        raise_on(&d, "r1", alerts, thursday()).await;
        // Three working days end on 09-08, ten on 09-17.
        let all = of(&d, COUNTY, day(2026, 9, 9)).await;
        assert_eq!((all.open, all.overdue, all.closed, all.to_case), (4, 3, 0, 0));
        assert_eq!(all.by_severity, [(Severity::Red, 1), (Severity::Orange, 3)]);
        assert_eq!(all.by_level, [(Level::Village, 3), (Level::Township, 1)]);
        assert_eq!(all.by_township, [(TOWNSHIP.to_owned(), 2, 2), (OTHER_TOWNSHIP.to_owned(), 2, 1)]);
        assert_eq!(all.by_village, [(VILLAGE.to_owned(), 2, 2), (OTHER_VILLAGE.to_owned(), 2, 1)]);
        let run = all.last_run.unwrap();
        assert_eq!((run.id.as_str(), run.as_of, run.findings), ("r1", thursday(), 4));
        let one = of(&d, OTHER_TOWNSHIP, day(2026, 9, 9)).await;
        assert_eq!((one.open, one.overdue), (2, 1));
    })
    .await;
}

#[tokio::test]
async fn precision_counts_confirmed_of_closed_by_indicator_and_wrong_data_apart() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        // The registered family confirms its need; the others end otherwise.
        let mut alerts = vec![alert(&d, "M001", 5_000_000)];
        for household in [502, 503, 504, 505] {
            alerts.push(at(&d, HouseholdId(household), VILLAGE, "M001", 5_000_000));
        }
        alerts.push(at(&d, HouseholdId(502), VILLAGE, "M003", 1));
        raise_on(&d, "r1", alerts, thursday()).await;
        let cx = village_officer(&d, friday());
        for row in open_tasks(&d, friday()).await {
            let code = match row.household {
                household if household == d.household => OutcomeCode::NeedConfirmed,
                HouseholdId(502) => OutcomeCode::VerifiedNoHardship,
                HouseholdId(503) => OutcomeCode::DataError,
                HouseholdId(504) => OutcomeCode::RefusedHelp,
                _ => continue,
            };
            record_outcome(&cx, row.id, row.version, form(&d, code, friday()), "").await.unwrap();
        }
        let figures = of(&d, COUNTY, friday()).await;
        assert_eq!((figures.open, figures.closed, figures.visited, figures.to_case), (1, 4, 4, 1));
        assert_eq!((figures.alerts_open, figures.alerts_closed), (1, 5));
        assert_eq!(
            figures.outcomes,
            [
                (OutcomeCode::NeedConfirmed, 1),
                (OutcomeCode::VerifiedNoHardship, 1),
                (OutcomeCode::DataError, 1),
                (OutcomeCode::RefusedHelp, 1),
            ]
        );
        let of = |id: &str| figures.indicators.iter().find(|i| i.indicator == id).unwrap();
        let cost = of("M001");
        assert_eq!((cost.open, cost.closed, cost.confirmed, cost.data_error), (1, 4, 2, 1));
        assert_eq!(cost.precision_permille(), Some(500));
        let disability = of("M003");
        assert_eq!((disability.open, disability.closed, disability.precision_permille()), (0, 1, Some(0)));
    })
    .await;
}

#[tokio::test]
async fn before_anything_is_closed_there_is_no_precision() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        assert_eq!(of(&d, COUNTY, thursday()).await, WatchFigures::default());
        raise_on(&d, "r1", vec![alert(&d, "M001", 5_000_000)], thursday()).await;
        assert_eq!(of(&d, COUNTY, thursday()).await.indicators[0].precision_permille(), None);
    })
    .await;
}

#[tokio::test]
async fn the_pool_counts_households_from_thirty_points_on() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        // 10 + 10 + 15 = 35 and in the pool; 10 + 15 = 25 and not; one indicator of three members is 10 once.
        let mut alerts: Vec<NewAlert> =
            ["M037", "M044", "M049"].map(|id| at(&d, HouseholdId(501), VILLAGE, id, 1)).into();
        alerts.extend(["M037", "M049"].map(|id| at(&d, HouseholdId(502), VILLAGE, id, 1)));
        for person in [d.father, d.mother, d.son] {
            alerts.push(NewAlert { person_id: Some(person), ..alert(&d, "M037", 3) });
        }
        assert_eq!(raise_on(&d, "r1", alerts, thursday()).await.pooled, 8);
        assert_eq!(of(&d, COUNTY, thursday()).await.pooled, 1);
        assert_eq!(of(&d, OTHER_TOWNSHIP, thursday()).await.pooled, 0);
        assert_eq!(of(&d, COUNTY, day(2026, 12, 1)).await.pooled, 0, "not seen for a month");
    })
    .await;
}
