//! People a second from records in memory to durable, sealed rows; `PEOPLE` says how many (550,000 unless set).
//!
//! SQLite in a temporary folder, PostgreSQL where `TUODI_TEST_PG` is set.

use std::time::Instant;
use tuodi_pack::id_no::{IdNo, check_character};
use tuodi_registry::{IdentityBook, PersonRecord, migrations};
use tuodi_store::Entry;
use tuodi_testing::each_store;

fn people(n: u32) -> Vec<PersonRecord> {
    (0..n)
        .map(|i| {
            let (year, month, day) = (1940 + i / 333_000 % 60, i / 27_750 % 12 + 1, i / 999 % 27 + 1);
            let first = format!("990102{year}{month:02}{day:02}{:03}", i % 999);
            let check = check_character(&first).expect("17 digits");
            PersonRecord {
                household_no: Some(format!("H{:07}", i / 3)),
                name: Some("安大川".to_owned()),
                address: Some(format!("清晏区柳岸街道柳岸社区{}号", i / 3)),
                region_code: Some("990102001001".to_owned()),
                relation: Some(if i % 3 == 0 { "02" } else { "20" }.to_owned()),
                ..PersonRecord::new(IdNo::parse(&format!("{first}{check}")).expect("a good number"))
            }
        })
        .collect()
}

fn entry() -> Entry {
    Entry {
        at: chrono::DateTime::UNIX_EPOCH,
        actor: "bench".to_owned(),
        role: "R00".to_owned(),
        act: "data.load".to_owned(),
        subject: "batch:1".to_owned(),
        region: "990102000000".to_owned(),
        details: serde_json::json!({}),
    }
}

#[tokio::main]
async fn main() {
    let n = std::env::var("PEOPLE").ok().and_then(|n| n.parse().ok()).unwrap_or(550_000);
    each_store(migrations, async |store| {
        let file = people(n);
        let again = file.clone();
        let mut book = IdentityBook::load(&store).await.expect("an empty book");
        let start = Instant::now();
        let mut ids = 0;
        for record in file {
            ids += usize::from(book.enter(record).0 > 0);
        }
        let entered = start.elapsed();
        tuodi_registry::save(&store, book.drain(), entry()).await.expect("people are saved");
        let saved = start.elapsed();
        let rate = |time: std::time::Duration| f64::from(n) / time.as_secs_f64();
        println!(
            "{:?} {ids} people: numbers given {:.0}/s, all durable {:.0}/s",
            store.backend(),
            rate(entered),
            rate(saved)
        );
        let start = Instant::now();
        let mut book = IdentityBook::load(&store).await.expect("the book loads");
        println!("{:?} book loaded: {:.0}/s", store.backend(), rate(start.elapsed()));
        let start = Instant::now();
        book.take(&store, again, entry()).await.expect("nothing to save");
        println!("{:?} the same file again: {:.0}/s", store.backend(), rate(start.elapsed()));
    })
    .await;
}
