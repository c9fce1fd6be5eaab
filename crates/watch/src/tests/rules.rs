//! Cool-downs, measures, tries and escalation are the pack's to say.

use super::*;
use crate::{Escalation, record_outcome};
use std::sync::Arc;
use tuodi_pack::{Pack, indicator::Level};
use tuodi_testing::each_store;

fn by(d: District, change: impl FnOnce(&mut Pack)) -> District {
    let mut pack = (*d.pack).clone();
    change(&mut pack);
    District { pack: Arc::new(pack), ..d }
}

/// Evidence of an indicator, a value for each fact.
fn of(d: &District, indicator: &str, values: &[(&str, &str)]) -> NewAlert {
    let facts: Vec<_> = values.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    NewAlert { evidence: json!(facts).to_string(), ..alert(d, indicator, 0) }
}

async fn close(d: &District, on: NaiveDate) {
    let row = only_task(d, on).await;
    let outcome = form(d, OutcomeCode::VerifiedHelped, on);
    record_outcome(&village_officer(d, on), row.id, row.version, outcome, "").await.unwrap();
}

#[tokio::test]
async fn worse_is_read_from_the_fact_that_the_pack_names_and_the_way_it_says() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        // Wages of three months, less is worse; the size beside them says nothing.
        let wages = |now, size| of(&d, "M008", &[("earned_3m", now), ("earned_prev_6m", "900000"), ("size", size)]);
        raise_on(&d, "r1", vec![wages("200000", "3")], thursday()).await;
        close(&d, friday()).await;
        let later = day(2026, 9, 10);
        assert_eq!(raise_on(&d, "r2", vec![wages("300000", "3")], later).await.suppressed, 1, "they earn more now");
        assert_eq!(raise_on(&d, "r3", vec![wages("160001", "9")], later).await.suppressed, 1);
        assert_eq!(raise_on(&d, "r4", vec![wages("160000", "3")], later).await.new, 1, "a fifth less");
    })
    .await;
}

#[tokio::test]
async fn a_day_in_the_evidence_is_never_taken_for_a_measure() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        // M012 has the number of entries first; the school year of M014 is a number that measures nothing.
        let school = |year| of(&d, "M014", &[("school_status", "dropped"), ("school_year", year)]);
        let custody = |day| of(&d, "M012", &[("custody_entries_90d", "1"), ("last_custody_start", day), ("size", "3")]);
        raise_on(&d, "r1", vec![school("2025"), custody("2026-08-01")], thursday()).await;
        close(&d, friday()).await;
        let again = raise_on(&d, "r2", vec![school("9999"), custody("2026-09-09")], day(2026, 9, 10)).await;
        assert_eq!((again.new, again.suppressed), (0, 2));
    })
    .await;
}

#[tokio::test]
async fn how_much_worse_counts_and_how_long_an_alert_rests_is_the_packs_to_say() {
    each_store(all_migrations, async |store| {
        let d = by(district(store).await, |pack| {
            pack.workflow.monitoring.worse_permille = 500;
            pack.workflow.monitoring.cooldown_days.compliance = 10;
            pack.indicators.iter_mut().filter(|i| i.id == "M003").for_each(|i| i.cooldown_days = 400);
        });
        let all = |cost| vec![alert(&d, "M001", cost), alert(&d, "M071", 1), alert(&d, "M003", 1)];
        raise_on(&d, "r1", all(5_000_000), thursday()).await;
        close(&d, friday()).await;
        // A quarter more is not half more; nothing else has changed.
        assert_eq!(raise_on(&d, "r2", all(6_250_000), day(2026, 9, 13)).await.suppressed, 3);
        let after_ten_days = raise_on(&d, "r3", all(6_250_000), day(2026, 9, 14)).await;
        assert_eq!((after_ten_days.new, after_ten_days.suppressed), (1, 2), "the compliance finding only");
    })
    .await;
}

#[tokio::test]
async fn a_compliance_finding_rests_for_half_a_year_in_the_district() {
    each_store(all_migrations, async |store| {
        let d = district(store).await;
        raise_on(&d, "r1", vec![alert(&d, "M071", 1)], thursday()).await;
        let row = only_task(&d, friday()).await;
        let officer = d.officer(friday());
        record_outcome(&officer, row.id, row.version, form(&d, OutcomeCode::VerifiedHelped, friday()), "")
            .await
            .unwrap();
        assert_eq!(raise_on(&d, "r2", vec![alert(&d, "M071", 1)], day(2027, 3, 2)).await.suppressed, 1);
        assert_eq!(raise_on(&d, "r3", vec![alert(&d, "M071", 1)], day(2027, 3, 3)).await.new, 1);
    })
    .await;
}

#[tokio::test]
async fn how_often_is_tried_and_who_takes_over_is_the_packs_to_say() {
    each_store(all_migrations, async |store| {
        let d = by(district(store).await, |pack| {
            pack.workflow.monitoring.tries = 3;
            pack.workflow.monitoring.takeover = Some(Level::District);
        });
        raise_on(&d, "r1", vec![alert(&d, "M001", 5_000_000)], thursday()).await;
        let cx = village_officer(&d, friday());
        let nobody = || OutcomeForm { with_whom: String::new(), ..form(&d, OutcomeCode::Unreachable, friday()) };
        for tries in 1..=2 {
            let row = only_task(&d, friday()).await;
            record_outcome(&cx, row.id, row.version, nobody(), "").await.unwrap();
            let row = only_task(&d, friday()).await;
            assert_eq!((row.attempts, row.level), (tries, Level::Village));
        }
        let row = only_task(&d, friday()).await;
        record_outcome(&cx, row.id, row.version, nobody(), "").await.unwrap();
        let row = only_task(&d, friday()).await;
        assert_eq!((row.attempts, row.level, row.assignee), (0, Level::District, None));
        assert_eq!(row.due_on, day(2026, 9, 9), "three working days of its own");
    })
    .await;
}

#[tokio::test]
async fn without_a_takeover_the_last_try_ends_the_visit() {
    each_store(all_migrations, async |store| {
        let d = by(district(store).await, |pack| pack.workflow.monitoring.takeover = None);
        raise_on(&d, "r1", vec![alert(&d, "M001", 5_000_000)], thursday()).await;
        let cx = village_officer(&d, friday());
        for left in [1, 0] {
            let row = only_task(&d, friday()).await;
            let nobody = OutcomeForm { with_whom: String::new(), ..form(&d, OutcomeCode::Unreachable, friday()) };
            record_outcome(&cx, row.id, row.version, nobody, "").await.unwrap();
            assert_eq!(open_tasks(&d, friday()).await.len(), left);
        }
    })
    .await;
}

#[tokio::test]
async fn when_the_next_level_and_the_district_hear_of_it_is_the_packs_to_say() {
    each_store(all_migrations, async |store| {
        // M003 has five working days: twice that ends on 09-17, three times on 09-23 (Sunday 09-20 is worked).
        let d = by(district(store).await, |pack| {
            pack.workflow.monitoring.next_level_after = Some(2);
            pack.workflow.monitoring.district_after = Some(3);
        });
        raise_on(&d, "r1", vec![alert(&d, "M003", 1)], thursday()).await;
        for (on, expected) in [
            (day(2026, 9, 17), Escalation::OnTime),
            (day(2026, 9, 18), Escalation::NextLevel),
            (day(2026, 9, 23), Escalation::NextLevel),
            (day(2026, 9, 24), Escalation::District),
        ] {
            assert_eq!(only_task(&d, on).await.escalation, expected, "on {on}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_pack_that_says_nothing_of_the_district_never_puts_a_visit_on_its_list() {
    each_store(all_migrations, async |store| {
        let d = by(district(store).await, |pack| pack.workflow.monitoring.district_after = None);
        raise_on(&d, "r1", vec![alert(&d, "M003", 1)], thursday()).await;
        assert_eq!(only_task(&d, day(2030, 1, 1)).await.escalation, Escalation::NextLevel);
    })
    .await;
}
