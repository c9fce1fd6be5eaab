use crate::{entry, noon, notes};
use sea_orm::ConnectionTrait;
use tuodi_store::{
    Recorded, Store, StoreError,
    journal::{JournalFilter, LANES, LaneHead, What, entries_of, latest, search, verify, verify_against},
};
use tuodi_testing::each_store;

/// Writes `n` entries about each of 40 subjects, which lie in most of the lanes.
async fn fill(store: &Store, n: usize) {
    for round in 0..n {
        let first = entry("note.write", "note:0");
        let written: Result<(), StoreError> = store
            .write(move |_| {
                Box::pin(async move {
                    let mut recorded = Recorded::new((), first);
                    for subject in 1..40 {
                        let mut next = entry("note.write", &format!("note:{subject}"));
                        next.details = serde_json::json!({ "round": round, "z": 1, "a": { "y": null, "b": [true] } });
                        recorded = recorded.and(next);
                    }
                    Ok(recorded)
                })
            })
            .await;
        written.unwrap();
    }
}

/// What somebody with the database's password, but not the key, may do.
async fn tamper(store: &Store, sql: &str) {
    let sql = sql.to_owned();
    let done: Result<(), StoreError> = store
        .upkeep(move |tx| {
            Box::pin(async move {
                let touched = tx.conn().execute_unprepared(&sql).await?.rows_affected();
                assert!(touched > 0, "{sql} touched nothing");
                Ok(())
            })
        })
        .await;
    done.unwrap();
}

async fn broken_by(sql: &'static str, expected: fn(&What) -> bool) {
    each_store(notes, async |store| {
        fill(&store, 4).await;
        verify(&store).await.unwrap();
        tamper(&store, sql).await;
        let broken = verify(&store).await.expect_err(sql);
        assert!(expected(&broken.what), "{sql}: {broken}");
    })
    .await;
}

/// The lane of `note:7`, as a subquery.
macro_rules! lane {
    () => {
        "(SELECT lane FROM journal WHERE subject = 'note:7' LIMIT 1)"
    };
}

#[tokio::test]
async fn an_untouched_journal_verifies_and_lies_in_many_lanes() {
    each_store(notes, async |store| {
        assert_eq!(verify(&store).await.unwrap().entries, 0);
        fill(&store, 3).await;
        let verified = verify(&store).await.unwrap();
        assert_eq!(verified.entries, 120);
        assert_eq!(verified.lanes.len(), LANES as usize);
        assert!(verified.lanes.iter().filter(|head| head.seq > 0).count() >= 12);
        assert_eq!(verified.lanes.iter().map(|head| head.seq).sum::<i64>(), 120);
    })
    .await;
}

#[tokio::test]
async fn a_changed_entry_is_found() {
    broken_by("UPDATE journal SET details = '{\"fen\":1}' WHERE subject = 'note:7' AND seq > 1", |what| {
        matches!(what, What::Changed)
    })
    .await;
    broken_by("UPDATE journal SET at_us = at_us + 1 WHERE subject = 'note:7'", |what| matches!(what, What::Changed))
        .await;
    broken_by("UPDATE journal SET actor = 'somebody.else' WHERE subject = 'note:7'", |what| {
        matches!(what, What::Changed)
    })
    .await;
}

#[tokio::test]
async fn an_entry_removed_from_the_middle_is_found() {
    broken_by(concat!("DELETE FROM journal WHERE seq = 2 AND lane = ", lane!()), |what| matches!(what, What::Removed))
        .await;
}

#[tokio::test]
async fn entries_removed_from_the_end_are_found() {
    broken_by(concat!("DELETE FROM journal WHERE seq > 2 AND lane = ", lane!()), |what| matches!(what, What::CutOff))
        .await;
}

#[tokio::test]
async fn entries_removed_from_the_end_with_the_head_put_back_are_found_by_the_seal() {
    each_store(notes, async |store| {
        fill(&store, 4).await;
        tamper(
            &store,
            concat!(
                "UPDATE journal_lane SET seq = 2, hash = (SELECT hash FROM journal WHERE seq = 2 AND lane = ",
                lane!(),
                ") WHERE lane = ",
                lane!()
            ),
        )
        .await;
        tamper(&store, concat!("DELETE FROM journal WHERE seq > 2 AND lane = ", lane!())).await;
        let broken = verify(&store).await.unwrap_err();
        assert!(matches!(broken.what, What::Unsealed), "{broken}");
    })
    .await;
}

#[tokio::test]
async fn entries_that_changed_places_are_found() {
    each_store(notes, async |store| {
        fill(&store, 4).await;
        for sql in [
            concat!("UPDATE journal SET seq = -1 WHERE seq = 2 AND lane = ", lane!()),
            concat!("UPDATE journal SET seq = 2 WHERE seq = 3 AND lane = ", lane!()),
            concat!("UPDATE journal SET seq = 3 WHERE seq = -1 AND lane = ", lane!()),
        ] {
            tamper(&store, sql).await;
        }
        let broken = verify(&store).await.unwrap_err();
        assert!(matches!(broken.what, What::Unchained), "{broken}");
        assert_eq!(broken.seq, 2);
    })
    .await;
}

#[tokio::test]
async fn an_entry_added_without_the_platform_is_found() {
    broken_by(
        concat!(
            "INSERT INTO journal SELECT lane, seq + 1, at_us, actor, role, act, subject, region, details, hash, hash \
             FROM journal WHERE (lane, seq) IN (SELECT lane, MAX(seq) FROM journal WHERE lane = ",
            lane!(),
            " GROUP BY lane)"
        ),
        |what| matches!(what, What::Changed | What::Added),
    )
    .await;
}

#[tokio::test]
async fn a_lane_without_its_head_is_found_and_takes_no_more_entries() {
    each_store(notes, async |store| {
        fill(&store, 1).await;
        tamper(&store, concat!("DELETE FROM journal_lane WHERE lane = ", lane!())).await;
        assert!(matches!(verify(&store).await.unwrap_err().what, What::NoHead));
        let refused: Result<(), StoreError> =
            store.write(|_| Box::pin(async { Ok(Recorded::new((), entry("note.write", "note:7"))) })).await;
        assert!(matches!(refused, Err(StoreError::LaneMissing { .. })), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn a_journal_put_back_to_yesterday_verifies_alone_but_not_against_todays_heads() {
    each_store(notes, async |store| {
        fill(&store, 2).await;
        let yesterday = verify(&store).await.unwrap();
        fill(&store, 1).await;
        let today = verify(&store).await.unwrap();
        // Growing further keeps every earlier head.
        verify_against(&store, &yesterday.lanes).await.unwrap();
        verify_against(&store, &today.lanes).await.unwrap();
        let mut other: Vec<LaneHead> = yesterday.lanes.clone();
        other[3].hash = today.lanes[3].hash.clone();
        assert!(matches!(verify_against(&store, &other).await.unwrap_err().what, What::NotTheCopy));
        let mut longer = today.lanes.clone();
        longer[3].seq += 1;
        assert!(matches!(verify_against(&store, &longer).await.unwrap_err().what, What::NotTheCopy));
    })
    .await;
}

#[tokio::test]
async fn nanoseconds_are_dropped_before_hashing_so_that_both_databases_agree() {
    each_store(notes, async |store| {
        let written: Result<(), StoreError> = store
            .write(|_| {
                Box::pin(async {
                    let mut entry = entry("note.write", "note:1");
                    entry.at = noon() + chrono::TimeDelta::nanoseconds(1_234_567);
                    Ok(Recorded::new((), entry))
                })
            })
            .await;
        written.unwrap();
        verify(&store).await.unwrap();
        let rows = entries_of(&store, "note:1").await.unwrap();
        assert_eq!(rows[0].at, noon() + chrono::TimeDelta::microseconds(1_234));
    })
    .await;
}

#[tokio::test]
async fn a_list_narrows_by_region_act_and_person_who_acted() {
    each_store(notes, async |store| {
        fill(&store, 1).await;
        let elsewhere: Result<(), StoreError> = store
            .write(|_| {
                Box::pin(async {
                    let mut other = entry("case.decide", "case:QY26-00001");
                    other.region = "990121101000".to_owned();
                    other.actor = "zhao.ke".to_owned();
                    Ok(Recorded::new((), other))
                })
            })
            .await;
        elsewhere.unwrap();
        let total = async |filter: JournalFilter| search(&store, &filter, 1, 10).await.unwrap().total;
        assert_eq!(total(JournalFilter::default()).await, 41);
        assert_eq!(total(JournalFilter { scope: "990102000000".into(), ..Default::default() }).await, 40);
        assert_eq!(total(JournalFilter { scope: "990121000000".into(), ..Default::default() }).await, 1);
        assert_eq!(total(JournalFilter { scope: "990100000000".into(), ..Default::default() }).await, 41);
        assert_eq!(total(JournalFilter { act: "case.decide".into(), ..Default::default() }).await, 1);
        assert_eq!(total(JournalFilter { actor: "zhao.ke".into(), ..Default::default() }).await, 1);
        assert_eq!(
            total(JournalFilter { from: Some(noon() + chrono::TimeDelta::seconds(1)), ..Default::default() }).await,
            0
        );
        assert_eq!(search(&store, &JournalFilter::default(), 5, 10).await.unwrap().rows.len(), 1);
        assert_eq!(latest(&store, 5, 0).await.unwrap().len(), 5);
    })
    .await;
}
