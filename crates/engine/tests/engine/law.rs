//! A case accepted under one law and looked into under the next (b24).

use crate::pool::{Pool, as_of, day, fixture};
use std::sync::Arc;
use tuodi_engine::Engine;
use tuodi_pack::{Evaluate, Fen, HouseholdId, parameter::ParameterValue};

#[tokio::test]
async fn a_case_is_checked_by_the_law_of_its_acceptance_with_the_facts_of_today() {
    let mut pack = (*fixture()).clone();
    let line = pack.parameters.all.iter_mut().find(|p| p.id == "line").unwrap();
    let next = |region: &str, amount| ParameterValue {
        region: region.to_owned(),
        effective: day("2026-08-01"),
        amount,
        basis: None,
    };
    line.values.extend([next("990102000000", 102_000), next("990121000000", 90_000)]);
    let mut pool = Pool { assets: Some(Vec::new()), ..Pool::default() };
    pool.person(1, 1, "1990-01-01").wage(1, 10_000);
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::new(Arc::new(pack), pool.write(dir.path())).unwrap();

    let today = engine.check(HouseholdId(1), as_of(), &[]).await.unwrap();
    assert_eq!((today.monthly, today.law_of), (Fen(92_000), None), "the new line");
    let accepted = engine.check_under(HouseholdId(1), as_of(), day("2026-07-31"), &[]).await.unwrap();
    assert_eq!((accepted.monthly, accepted.as_of), (Fen(86_000), as_of()), "the line of the day of acceptance");
    assert_eq!(accepted.law_of, Some(day("2026-01-01")), "the day on which that law began");
    assert_eq!(accepted.income_pc, today.income_pc, "facts are those of today");
    let condition =
        |of: &tuodi_pack::CheckResult| of.programmes.iter().find(|p| p.programme == "poor").unwrap().conditions[0].line;
    assert_eq!((condition(&accepted), condition(&today)), (Some(96_000), Some(102_000)));
    // Two days of one law are one law: the same answer, to the letter.
    let same = engine.check_under(HouseholdId(1), as_of(), day("2026-08-15"), &[]).await.unwrap();
    assert_eq!(same, today);
}
