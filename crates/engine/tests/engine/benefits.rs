//! Programmes beside the tiers, points, labels, needs, the level of hardship.

use crate::pool::{Pool, as_of};
use tuodi_pack::{
    Answer, CheckResult, Evaluate, Fen, HouseholdId, PersonId, ProgrammeResult, indicator::Severity, programme::Per,
};

async fn check(pool: &Pool, household: i64) -> CheckResult {
    let (engine, _dir) = pool.engine();
    engine.check(HouseholdId(household), as_of(), &[]).await.unwrap()
}

fn arrived() -> Pool {
    Pool { assets: Some(Vec::new()), ..Pool::default() }
}

/// Person 1 has savings over the savings plan's line and under the tier's.
fn saved() -> Pool {
    Pool { assets: Some(vec![(1, 150_000)]), ..Pool::default() }
}

fn of<'r>(result: &'r CheckResult, programme: &str, person: Option<i64>) -> &'r ProgrammeResult {
    let person = person.map(PersonId);
    result.programmes.iter().find(|p| p.programme == programme && p.person_id == person).unwrap()
}

fn found(result: &ProgrammeResult) -> (Answer, Option<i64>) {
    (result.answer, result.monthly.map(|f| f.0))
}

#[tokio::test]
async fn a_benefit_sees_the_tier_and_the_benefits_before_it() {
    let mut pool = arrived();
    // Tier `bills` gives the child its 51 yuan; the child gives the home its heating; the home gives the others a meal.
    pool.person(1, 1, "1990-01-01").person(2, 1, "2015-01-01").wage(1, 300_000).bill(1, 9_000_000);
    let result = check(&pool, 1).await;
    assert_eq!(result.tier, "bills");
    assert_eq!(found(of(&result, "child", Some(2))), (Answer::Holds, Some(5_100)));
    let heating = of(&result, "heating", None);
    assert_eq!((found(heating), heating.per), ((Answer::Holds, Some(25_100)), Per::Year));
    // 25 100 / 3 is 8 366.67: to the fen where the programme says so, not up to the yuan.
    assert_eq!(found(of(&result, "meal", Some(1))), (Answer::Holds, Some(8_367)));
    assert_eq!(found(of(&result, "meal", Some(2))), (Answer::Fails, None));
    // None of it is the household's tier or its money.
    assert_eq!(result.monthly, Fen(0));
    assert!(result.tiers().all(|p| !["child", "heating", "meal"].contains(&p.programme.as_str())));
    let facts: Vec<(&str, Option<&str>, &str)> =
        heating.conditions[0].facts.iter().map(|f| (f.name.as_str(), f.value.as_deref(), f.unit.as_str())).collect();
    assert_eq!(facts, [("child_members", Some("1"), "persons"), ("tier", Some("bills"), "")]);
    // A result rests on the rows that it was made of.
    let behind: Vec<&str> = heating.conditions[0].rows.iter().map(|i| result.rows[*i].source.as_str()).collect();
    assert!(behind.contains(&"DS09"), "{behind:?}");
}

#[tokio::test]
async fn a_benefit_that_is_unknown_never_keeps_another_away() {
    let mut pool = Pool { assets: None, ..Pool::default() };
    pool.person(1, 1, "1990-01-01").wage(1, 10_000);
    let result = check(&pool, 1).await;
    assert_eq!(of(&result, "savings_plan", None).answer, Answer::Unknown);
    assert_eq!(found(of(&result, "relief", None)), (Answer::Holds, Some(100)));
}

#[tokio::test]
async fn the_dead_hold_nothing_but_what_is_about_the_dead() {
    let mut pool = arrived();
    pool.person(1, 1, "1950-01-01").person(2, 1, "1952-01-01").wage(1, 0);
    pool.deaths.push((2, "2026-02-01"));
    let result = check(&pool, 1).await;
    assert_eq!(found(of(&result, "wake", Some(2))), (Answer::Holds, Some(7_700)));
    assert_eq!(of(&result, "wake", Some(1)).answer, Answer::Fails);
    assert!(result.programmes.iter().all(|p| p.programme != "meal" || p.person_id != Some(PersonId(2))));
}

#[tokio::test]
async fn a_measure_may_be_below_zero_and_what_is_given_may_not() {
    let mut pool = saved();
    pool.person(1, 1, "1990-01-01").wage(1, 10_000);
    let result = check(&pool, 1).await;
    // 86 000 of the tier, less 86 100 of relief and a meal of 6 667.
    assert_eq!(found(of(&result, "balance", None)), (Answer::Holds, Some(-6_767)));
}

#[tokio::test]
async fn points_and_severity_go_in_steps_and_the_indicators_own_hold_where_no_step_does() {
    let mut pool = arrived();
    pool.person(1, 1, "1990-01-01").person(2, 1, "1991-01-01").person(3, 1, "1992-01-01");
    pool.wage(1, 900_000).bill(1, 30_000).bill(2, 20_000).bill(3, 19_999);
    let result = check(&pool, 1).await;
    let of = |person| result.alerts.iter().find(|a| a.indicator == "M004" && a.person_id == Some(PersonId(person)));
    let steps: Vec<_> = [1, 2, 3].into_iter().map(|p| of(p).map(|a| (a.points, a.severity)).unwrap()).collect();
    let (red, orange, yellow) = (Some(Severity::Red), Some(Severity::Orange), Some(Severity::Yellow));
    assert_eq!(steps, [(30, red), (20, orange), (10, yellow)]);
    // Each indicator once for the household, at its highest.
    assert_eq!(result.points, 30);
    // A trigger opens a task and scores nothing.
    assert!(result.alerts.iter().any(|a| a.indicator == "M001" && a.points == 0));
}

#[tokio::test]
async fn labels_and_needs_see_alerts_of_the_members_and_a_label_raises_the_level() {
    let mut pool = saved();
    pool.person(1, 1, "1990-01-01").wage(1, 10_000);
    let result = check(&pool, 1).await;
    let names = |r: &CheckResult| -> (Vec<String>, Vec<String>) {
        let labels = r.labels.iter().map(|l| l.label.clone()).collect();
        (labels, r.needs.iter().map(|n| n.service.clone()).collect())
    };
    assert_eq!(names(&result), (vec!["poor_child".to_owned()], vec!["F02".to_owned()]));
    assert_eq!((result.level.as_deref(), result.decided_by.as_deref()), (Some("mild"), Some("tier")));

    // The spouse, who lives elsewhere, is ill: an alert of the person, a label of the household.
    pool.person(2, 2, "1991-01-01").bill(2, 40_000);
    pool.marriages.push((1, 2));
    let result = check(&pool, 1).await;
    assert_eq!(
        names(&result),
        (vec!["poor_child".to_owned(), "ill".to_owned()], vec!["F01".to_owned(), "F02".to_owned()])
    );
    assert_eq!((result.level.as_deref(), result.decided_by.as_deref()), (Some("severe"), Some("label:ill")));

    // Nobody assessed it and nothing floors it: the level is unknown, not `none`.
    let mut pool = arrived();
    pool.person(1, 1, "1990-01-01").wage(1, 900_000);
    assert_eq!(check(&pool, 1).await.level, None);
}
