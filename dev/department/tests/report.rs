//! A household's report while the banks misbehave, from the order to the last answer, over HTTP on this machine: it waits
//! within its limit, says what is missing, completes by itself and counts nothing twice. The clock is the test's own.

#[path = "../../../crates/casework/tests/suite/common/mod.rs"]
mod common;

use chrono::Duration;
use common::{District, Engine, day, district, migrations};
use department::{Behaviour, Department, savings};
use std::sync::{Arc, Mutex};
use tuodi_casework::{
    ConsentForm, Cx, Mark,
    verify::{self, AnswerState, Order},
};
use tuodi_connect::{Connections, ConnectorConfig};
use tuodi_testing::each_store;

async fn ordered(d: &District, connections: &Connections, engine: &Engine) -> String {
    let officer = d.officer(day(2026, 7, 6));
    for (person, name) in [(d.father, "安建国"), (d.mother, "柳秀英")] {
        let form = ConsentForm { person, name: name.to_owned(), mark: Mark::Paper, evidence: None };
        tuodi_casework::give_household_consent(&officer, d.household, "assistance", form).await.unwrap();
    }
    let order = Order { household: d.household, purpose: "assistance".to_owned(), as_of: day(2026, 7, 6) };
    verify::order(&officer, engine, connections, order, "k").await.unwrap().number
}

#[tokio::test]
async fn a_report_survives_a_department_that_does_everything_wrong() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let behaviours = vec![
            Behaviour::Slow(30_000),
            Behaviour::Fail(500),
            Behaviour::Garbage,
            Behaviour::Cut,
            Behaviour::Half,
            Behaviour::Later(5),
            Behaviour::Other,
        ];
        let department = Department::new(behaviours, None);
        let url = department.start().await.unwrap();
        let config = ConnectorConfig { source: "DS21".to_owned(), url, key: None, timeout_ms: 300, per_minute: None };
        let connections = Connections::of(vec![config]);
        let engine = Engine::dibao();
        let number = ordered(&d, &connections, &engine).await;

        let seconds = Arc::new(Mutex::new(0));
        let platform = d.cx(tuodi_access::Actor::system(), tuodi_casework::Channel::System, day(2026, 7, 6));
        let clock = seconds.clone();
        let now = move || Cx { now: platform.now + Duration::seconds(*clock.lock().unwrap()), ..platform.clone() };
        let mut editions = Vec::new();
        // Far enough between the looks that each finds the next try due.
        for hour in 0..12 {
            *seconds.lock().unwrap() = hour * 3700;
            verify::pursue(&now, &engine, &connections).await.unwrap();
            let seen = verify::request(&d.officer(day(2026, 7, 6)), &number, "test").await.unwrap();
            let banks = seen.answers.iter().find(|a| a.source == "DS21").unwrap();
            editions.push((seen.row.edition, banks.reason.clone(), banks.state));
        }
        let reasons: Vec<&str> = editions.iter().map(|(_, reason, _)| reason.as_str()).collect();
        assert_eq!(reasons[..7], ["no_reply", "unreachable", "garbled", "garbled", "partial", "working", ""]);
        let waiting = |i: usize| editions[i].2 == AnswerState::Waiting;
        assert!((0..6).all(waiting) && !waiting(6), "{editions:?}");
        assert_eq!((editions[0].0, editions[1].0, editions[6].0, editions[11].0), (0, 1, 2, 2), "two reports, no more");
        let officer = d.officer(day(2026, 7, 6));
        let told = verify::replies(&officer, &number, "DS21", "test").await.unwrap().unwrap().replies;
        assert_eq!(told.len(), 7, "each try is kept with its day and what came of it");
        assert!(told[0].state.is_said() && told[0].people.len() == 3 && told[2].people.len() == 1);
        assert_eq!((told[6].reason.as_str(), told[6].people.len()), ("no_reply", 0));
        assert_eq!(
            department.tries().into_values().collect::<Vec<_>>(),
            [7],
            "one question, and none after the answer"
        );

        let seen = verify::request(&d.officer(day(2026, 7, 6)), &number, "test").await.unwrap();
        let (report, _) = seen.report.unwrap();
        assert!(report.complete);
        let people = ["990102198104120036", "990102198309200021", "990102201406010013"];
        let with_savings = people.iter().filter(|n| savings(n).is_some()).count();
        let banks = report.sources.iter().find(|s| s.source == "DS21").unwrap();
        assert_eq!(banks.rows as usize, with_savings, "half a reply and the whole one are not added up");
        // The half spoke of the first person; the whole says something else of the same.
        assert_eq!(report.conflicts.len(), usize::from(savings(people[0]).is_some()));
    })
    .await;
}
