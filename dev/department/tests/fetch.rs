//! Fetching whole lists: from a department that misbehaves, and from a database of its own.

use department::{Behaviour, Department};
use std::{
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};
use tuodi_connect::{FetchConfig, FetchError, FetchFrom, Fetched, Fetches};

/// What was written, to be looked at afterwards.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, piece: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(piece)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Kept {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

fn of(from: FetchFrom, timeout_ms: u64) -> Fetches {
    let at = chrono::NaiveTime::MIN;
    let timeout = Duration::from_millis(timeout_ms);
    Fetches::of(vec![FetchConfig { source: "DS26".to_owned(), from, at, every_days: None, timeout }])
}

async fn fetch(fetches: &Fetches) -> (Result<Fetched, FetchError>, String) {
    let kept = Kept::default();
    let fetched = fetches.fetch("DS26", kept.clone(), 1 << 20).await;
    (fetched.map(|(fetched, _)| fetched), kept.text())
}

async fn department(behaviours: &[Behaviour], timeout_ms: u64) -> Fetches {
    let department = Department::new(behaviours.to_vec(), Some("s3cret".to_owned()));
    let url = department.start().await.unwrap().replace("/ask", "/export");
    of(FetchFrom::Http { url, key: Some("s3cret".to_owned()) }, timeout_ms)
}

#[tokio::test]
async fn a_list_comes_whole_whatever_its_pages_and_the_same_list_has_the_same_digest() {
    let fetches = department(&[Behaviour::Answer, Behaviour::Answer, Behaviour::Other], 5_000).await;
    let (first, text) = fetch(&fetches).await;
    let first = first.unwrap();
    assert_eq!((text.lines().count(), first.bytes, first.file_name.as_str()), (5, text.len() as u64, "DS26.jsonl"));
    assert!(text.lines().all(|line| line.contains("\"月份\":\"2026-07\"")), "{text}");
    assert_eq!(fetch(&fetches).await.0.unwrap(), first);
    assert_ne!(fetch(&fetches).await.0.unwrap().sha256, first.sha256, "it has changed its mind");
    let small = fetches.fetch("DS26", Kept::default(), 100).await;
    assert!(matches!(small, Err(FetchError::TooLarge(100))));
}

#[tokio::test]
async fn each_way_to_fail_is_told_for_what_it_is() {
    let steps = [
        (Behaviour::Fail(500), "unreachable: it answers 500"),
        (Behaviour::Garbage, "garbled: it answers with a page for people"),
        (Behaviour::Cut, "garbled: "),
        (Behaviour::Half, "garbled: 5 rows were promised and 3 came"),
        (Behaviour::Busy(7), "busy: "),
        (Behaviour::Later(9), "busy: "),
        (Behaviour::Decline, "refused: it answers 403"),
        (Behaviour::Slow(3_000), "silent: "),
    ];
    let behaviours: Vec<Behaviour> = steps.iter().map(|(b, _)| *b).chain([Behaviour::Answer]).collect();
    let fetches = department(&behaviours, 1_000).await;
    for (behaviour, expected) in steps {
        let error = fetch(&fetches).await.0.unwrap_err();
        let told = format!("{}: {}", error.code(), error.detail());
        assert!(told.starts_with(expected), "{behaviour:?}: {told}");
        if let Behaviour::Busy(n) | Behaviour::Later(n) = behaviour {
            assert!(matches!(error, FetchError::Busy { after_seconds: Some(s) } if s == n), "{error:?}");
        }
    }
    assert!(fetch(&fetches).await.0.is_ok(), "and in the end it answers");
    let stranger = Department::new(vec![], Some("another".to_owned())).start().await.unwrap();
    let stranger = of(FetchFrom::Http { url: stranger.replace("/ask", "/export"), key: None }, 1_000);
    assert!(matches!(fetch(&stranger).await.0, Err(FetchError::Refused(_))));
    let gone = of(FetchFrom::Http { url: "http://127.0.0.1:1/export".to_owned(), key: None }, 1_000);
    assert!(matches!(fetch(&gone).await.0, Err(FetchError::Unreachable(_))));
}

#[tokio::test]
async fn a_query_of_a_database_comes_as_one_file_and_can_change_nothing_there() {
    use sea_orm::{ConnectionTrait, Database};
    let Ok(server) = std::env::var("TUODI_TEST_PG") else {
        assert!(std::env::var_os("TUODI_TEST_PG_REQUIRED").is_none(), "run through scripts/with-postgres");
        return eprintln!("SKIPPED: no PostgreSQL (set TUODI_TEST_PG, or run through scripts/with-postgres)");
    };
    let table = format!("meters_{}", uuid::Uuid::new_v4().simple());
    let admin = Database::connect(&server).await.unwrap();
    for sql in [
        format!("CREATE TABLE {table} (no TEXT, month DATE, tons NUMERIC(9, 2))"),
        format!("INSERT INTO {table} VALUES ('W1', '2026-07-01', 3.50), ('W,2', '2026-07-01', NULL)"),
    ] {
        admin.execute_unprepared(&sql).await.unwrap();
    }
    let run = async |query: &str, timeout: u64| {
        let query = query.replace("METERS", &table);
        fetch(&of(FetchFrom::Postgres { url: server.clone(), query }, timeout)).await
    };
    let select =
        "SELECT no AS \"户号\", to_char(month, 'YYYY-MM') AS \"月份\", tons AS \"用量\" FROM METERS ORDER BY no;";
    let (fetched, text) = run(select, 5_000).await;
    assert_eq!(text, "户号,月份,用量\n\"W,2\",2026-07,\nW1,2026-07,3.50\n");
    let fetched = fetched.unwrap();
    assert_eq!((fetched.file_name.as_str(), fetched.bytes), ("DS26.csv", text.len() as u64));
    let failed = async |query: &str, timeout: u64| {
        let error = run(query, timeout).await.0.unwrap_err();
        format!("{}: {}", error.code(), error.detail())
    };
    assert_eq!(failed("DELETE FROM METERS RETURNING no", 5_000).await, "refused: SQLSTATE 25006");
    assert_eq!(failed("SELECT nothing FROM METERS", 5_000).await, "garbled: SQLSTATE 42703");
    assert_eq!(failed("SELECT 1 / (tons - tons) FROM METERS", 5_000).await, "garbled: SQLSTATE 22012");
    assert_eq!(failed("SELECT pg_sleep(9)", 300).await, "silent: ");
    assert_eq!(run(select, 5_000).await.1, text, "nothing was changed");
    let nobody = "postgres://reader@127.0.0.1:1/none".to_owned();
    let gone = fetch(&of(FetchFrom::Postgres { url: nobody, query: "SELECT 1".to_owned() }, 5_000)).await.0;
    assert!(matches!(gone, Err(FetchError::Unreachable(_))), "{gone:?}");
    admin.execute_unprepared(&format!("DROP TABLE {table}")).await.unwrap();
}
