//! What would change an answer, and the parameters behind it.

use crate::pool::{Pool, as_of};
use tuodi_pack::{Answer, CheckResult, Evaluate, HouseholdId, ProgrammeResult};

async fn check(pool: &Pool, household: i64) -> CheckResult {
    let (engine, _dir) = pool.engine();
    engine.check(HouseholdId(household), as_of(), &[]).await.unwrap()
}

fn poor(result: &CheckResult) -> &ProgrammeResult {
    result.programmes.iter().find(|p| p.programme == "poor").unwrap()
}

fn arrived() -> Pool {
    Pool { assets: Some(Vec::new()), ..Pool::default() }
}

#[tokio::test]
async fn one_fen_less_than_the_line_is_what_would_change_an_income_on_the_line() {
    let mut pool = arrived();
    pool.person(1, 1, "1990-01-01").wage(1, 96_000);
    let result = check(&pool, 1).await;
    let income = poor(&result).conditions.iter().find(|c| c.name == "income_below_line").unwrap();
    assert_eq!(income.answer, Answer::Fails);
    let change = income.changes.iter().find(|c| c.fact == "income_known_month").unwrap();
    assert_eq!((change.from.as_deref(), change.to.as_str(), change.answer), (Some("96000"), "95999", Answer::Holds));

    // The same alone turns the whole programme, because nothing else stands in the way.
    assert_eq!(poor(&result).answer, Answer::Fails);
    assert!(poor(&result).changes.contains(change));

    let mut pool = arrived();
    pool.person(1, 1, "1990-01-01").wage(1, 95_999);
    let result = check(&pool, 1).await;
    assert_eq!(poor(&result).answer, Answer::Holds);
    let back = poor(&result).changes.iter().find(|c| c.fact == "income_known_month").unwrap();
    assert_eq!((back.from.as_deref(), back.to.as_str(), back.answer), (Some("95999"), "96000", Answer::Fails));
}

#[tokio::test]
async fn a_change_that_is_told_does_turn_the_answer_and_one_step_less_does_not() {
    // 2, 3, 5 and 7 times the line and a bit: the nearest income below each line is found exactly.
    for (people, wage) in [(1i64, 200_001), (2, 288_007), (3, 500_000), (4, 700_123)] {
        let mut pool = arrived();
        for person in 1..=people {
            pool.person(person, 1, "1990-01-01");
        }
        pool.wage(1, wage);
        let result = check(&pool, 1).await;
        let change = poor(&result).changes.iter().find(|c| c.fact == "income_known_month").unwrap();
        assert_eq!(change.to, (96_000 * people - 1).to_string());
    }
}

#[tokio::test]
async fn an_unknown_fact_is_asked_for_with_the_value_from_which_the_family_is_helped() {
    let mut pool = Pool { assets: None, ..Pool::default() };
    pool.person(1, 1, "1990-01-01").wage(1, 10_000);
    let result = check(&pool, 1).await;
    let assets = poor(&result).conditions.iter().find(|c| c.name == "assets_within").unwrap();
    assert_eq!(assets.answer, Answer::Unknown);
    let asked = assets.changes.iter().find(|c| c.fact == "fin_assets").unwrap();
    assert_eq!((asked.from.as_deref(), asked.answer), (None, Answer::Holds));
}

#[tokio::test]
async fn a_condition_names_the_parameters_behind_it_with_their_dates() {
    let mut pool = arrived();
    pool.person(1, 1, "1990-01-01").wage(1, 10_000);
    let result = check(&pool, 1).await;
    let income = poor(&result).conditions.iter().find(|c| c.name == "income_below_line").unwrap();
    let used = income.parameters.first().unwrap();
    assert_eq!(used.amount, 96_000);
    assert!(used.effective <= as_of());
    assert!(!used.basis.is_empty() && !used.unit.is_empty());
}
