//! The connector against a department that misbehaves, on this machine, with small delays and no look at the clock.

use department::{Behaviour, Department, savings};
use tuodi_connect::{Connections, ConnectorConfig};
use tuodi_pack::ask::{AskError, AskSources, AskedPerson, PersonStatus, Question, Reply};

const NUMBERS: [&str; 2] = ["990102198104120036", "990102198309200021"];

fn question(key: &str) -> Question {
    Question {
        key: key.to_owned(),
        report: "QYHD26-00001".to_owned(),
        source: "financial_assets".to_owned(),
        version: 1,
        purpose: "assistance".to_owned(),
        as_of: chrono::NaiveDate::from_ymd_opt(2026, 9, 1).unwrap(),
        people: (1..)
            .zip(NUMBERS)
            .map(|(n, id_no)| AskedPerson {
                reference: n.to_string(),
                id_no: id_no.to_owned(),
                name: "某".to_owned(),
                authorisation: format!("QY-{n}"),
            })
            .collect(),
    }
}

async fn connected(behaviours: &[Behaviour], timeout_ms: u64) -> (Department, Connections) {
    let department = Department::new(behaviours.to_vec(), Some("s3cret".to_owned()));
    let url = department.start().await.unwrap();
    let config = ConnectorConfig {
        source: "DS21".to_owned(),
        url,
        key: Some("s3cret".to_owned()),
        timeout_ms,
        per_minute: None,
    };
    (department, Connections::of(vec![config]))
}

#[tokio::test]
async fn an_answer_comes_back_person_by_person() {
    let (_, connections) = connected(&[Behaviour::Answer], 5000).await;
    let Ok(Reply::Answers(answers)) = connections.ask("DS21", &question("k1")).await else { panic!("no answer") };
    for (answer, number) in answers.iter().zip(NUMBERS) {
        match savings(number) {
            None => assert_eq!(answer.status, PersonStatus::None),
            Some(fen) => assert_eq!(answer.rows[0]["balance"], fen),
        }
    }
}

#[tokio::test]
async fn each_misbehaviour_is_told_for_what_it_is() {
    let steps = [
        Behaviour::Fail(500),
        Behaviour::Garbage,
        Behaviour::Cut,
        Behaviour::Later(7),
        Behaviour::Decline,
        Behaviour::Half,
    ];
    let (department, connections) = connected(&steps, 5000).await;
    let question = question("k2");
    let mut said = Vec::new();
    for _ in steps {
        said.push(connections.ask("DS21", &question).await);
    }
    assert_eq!(said[0], Err(AskError::Unreachable("it answers 500".to_owned())));
    assert!(matches!(&said[1], Err(AskError::Garbled(w)) if w.contains("line 1, column 1")), "{:?}", said[1]);
    assert!(matches!(&said[2], Err(AskError::Garbled(_))), "{:?}", said[2]);
    assert_eq!(said[3], Ok(Reply::Later { after_seconds: Some(7) }));
    assert!(matches!(&said[4], Err(AskError::Refused(w)) if w.contains("authorisation form")), "{:?}", said[4]);
    assert!(matches!(&said[5], Ok(Reply::Answers(a)) if a.len() == 1), "{:?}", said[5]);
    assert_eq!(department.tries()["k2"], 6);
}

#[tokio::test]
async fn a_department_that_takes_too_long_is_silent() {
    let (_, connections) = connected(&[Behaviour::Slow(60_000)], 100).await;
    assert_eq!(connections.ask("DS21", &question("k3")).await, Err(AskError::Silent));
}

#[tokio::test]
async fn who_asks_for_patience_is_left_alone_also_with_other_questions() {
    let (department, connections) = connected(&[Behaviour::Busy(600)], 5000).await;
    assert_eq!(connections.ask("DS21", &question("k4")).await, Err(AskError::Busy { after_seconds: Some(600) }));
    let next = connections.ask("DS21", &question("k5")).await;
    assert!(matches!(next, Err(AskError::Busy { after_seconds: Some(1..=600) })), "{next:?}");
    assert_eq!(department.tries().len(), 1, "the second question was not sent");
}

#[tokio::test]
async fn nobody_there_and_a_wrong_key_are_tries_that_failed() {
    let (_, connections) = connected(&[Behaviour::Answer], 5000).await;
    assert!(connections.connected("DS21") && !connections.connected("DS18"));
    let free = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let config = |url: String, key: &str| ConnectorConfig {
        source: "DS21".to_owned(),
        url,
        key: Some(key.to_owned()),
        timeout_ms: 2000,
        per_minute: None,
    };
    let gone = Connections::of(vec![config(format!("http://{free}/ask"), "s3cret")]);
    assert!(matches!(gone.ask("DS21", &question("k6")).await, Err(AskError::Unreachable(_))));
    let department = Department::new(vec![Behaviour::Answer], Some("s3cret".to_owned()));
    let strange = Connections::of(vec![config(department.start().await.unwrap(), "other")]);
    let said = strange.ask("DS21", &question("k7")).await;
    assert!(matches!(&said, Err(AskError::Unreachable(w)) if w.contains("401")), "{said:?}");
    assert!(department.tries().is_empty(), "it counts only those it knows");
}

#[tokio::test]
async fn the_agreed_pace_is_kept() {
    let department = Department::new(vec![Behaviour::Answer], None);
    let url = department.start().await.unwrap();
    let config = ConnectorConfig { source: "DS21".to_owned(), url, key: None, timeout_ms: 5000, per_minute: Some(1) };
    let connections = Connections::of(vec![config]);
    assert!(connections.ask("DS21", &question("k8")).await.is_ok());
    assert!(matches!(connections.ask("DS21", &question("k9")).await, Err(AskError::Busy { .. })));
    assert_eq!(department.tries().len(), 1);
}
