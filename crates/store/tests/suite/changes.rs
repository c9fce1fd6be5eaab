use crate::{entry, notes};
use sea_orm::{ConnectionTrait, Statement};
use tuodi_store::{Keys, Recorded, Store, StoreError, Tx, journal, next_number};
use tuodi_testing::{each_store, sqlite_store, test_keys};

async fn insert(tx: &Tx, id: i64, text: &str) -> Result<(), StoreError> {
    let conn = tx.conn();
    let sql = "INSERT INTO note (id, text) VALUES ($1, $2)";
    conn.execute_raw(Statement::from_sql_and_values(conn.get_database_backend(), sql, [id.into(), text.into()]))
        .await?;
    Ok(())
}

async fn write_note(store: &Store, id: i64) -> Result<i64, StoreError> {
    store
        .write(move |tx| {
            Box::pin(async move {
                insert(tx, id, "note").await?;
                Ok(Recorded::new(id, entry("note.write", &format!("note:{id}"))))
            })
        })
        .await
}

async fn count(store: &Store, table: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) AS n FROM {table}");
    let row = store.read().query_one_raw(Statement::from_string(store.backend(), sql)).await.unwrap().unwrap();
    row.try_get("", "n").unwrap()
}

#[tokio::test]
async fn a_change_and_its_entry_are_there_together() {
    each_store(notes, async |store| {
        assert_eq!(write_note(&store, 7).await.unwrap(), 7);
        assert_eq!(count(&store, "note").await, 1);
        let entries = journal::entries_of(&store, "note:7").await.unwrap();
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].act, "note.write");
        assert_eq!(entries[0].details["fen"], 172_400);
        assert_eq!(entries[0].at, crate::noon());
    })
    .await;
}

#[tokio::test]
async fn a_failing_change_leaves_neither_rows_nor_entries() {
    each_store(notes, async |store| {
        let failed: Result<(), StoreError> = store
            .write(|tx| {
                Box::pin(async move {
                    insert(tx, 1, "half").await?;
                    Err(StoreError::KeyFormat)
                })
            })
            .await;
        assert!(matches!(failed, Err(StoreError::KeyFormat)));
        assert_eq!(count(&store, "note").await, 0);
        assert_eq!(count(&store, "journal").await, 0);
        write_note(&store, 1).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn among_many_waiting_changes_only_the_failing_ones_are_undone() {
    each_store(notes, async |store| {
        write_note(&store, 40).await.unwrap();
        let tasks: Vec<_> = (0..100)
            .map(|id| {
                let store = store.clone();
                tokio::spawn(async move { write_note(&store, id).await })
            })
            .collect();
        let mut failed = Vec::new();
        for (id, task) in tasks.into_iter().enumerate() {
            match task.await.unwrap() {
                Ok(_) => {}
                Err(error) => {
                    assert!(error.is_duplicate(), "{error:?}");
                    failed.push(id);
                }
            }
        }
        assert_eq!(failed, [40]);
        assert_eq!(count(&store, "note").await, 100);
        assert_eq!(journal::verify(&store).await.unwrap().entries, 100);
    })
    .await;
}

#[tokio::test]
async fn a_change_that_panics_is_undone_and_the_next_one_goes_through() {
    each_store(notes, async |store| {
        let broken: Result<(), StoreError> = store
            .write(|tx| {
                Box::pin(async move {
                    insert(tx, 1, "half").await?;
                    panic!("a bug in a room");
                })
            })
            .await;
        assert!(matches!(broken, Err(StoreError::Panicked)));
        assert_eq!(count(&store, "note").await, 0);
        write_note(&store, 1).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_change_inside_a_change_is_refused_instead_of_waiting_for_itself() {
    each_store(notes, async |store| {
        let inner = store.clone();
        let nested: Result<i64, StoreError> = store
            .write(move |_| {
                Box::pin(async move {
                    write_note(&inner, 1).await?;
                    Ok(Recorded::new(1, entry("note.write", "note:1")))
                })
            })
            .await;
        assert!(matches!(nested, Err(StoreError::Nested)));
        assert_eq!(count(&store, "note").await, 0);
    })
    .await;
}

#[tokio::test]
async fn readers_cannot_write() {
    each_store(notes, async |store| {
        let sql = "INSERT INTO note (id, text) VALUES (1, 'past the journal')";
        assert!(store.read().execute_unprepared(sql).await.is_err());
        assert_eq!(count(&store, "note").await, 0);
    })
    .await;
}

#[tokio::test]
async fn an_entry_with_a_citizen_number_fails_its_change() {
    each_store(notes, async |store| {
        let refused: Result<(), StoreError> = store
            .write(|tx| {
                Box::pin(async move {
                    insert(tx, 1, "note").await?;
                    let mut entry = entry("note.write", "note:1");
                    entry.details = serde_json::json!({ "who": ["990102195703160028"] });
                    Ok(Recorded::new((), entry))
                })
            })
            .await;
        assert!(matches!(refused, Err(StoreError::PersonalData { act }) if act == "note.write"));
        assert_eq!(count(&store, "note").await, 0);
        write_note(&store, 1).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn upkeep_leaves_no_entry() {
    each_store(notes, async |store| {
        let done: Result<(), StoreError> =
            store.upkeep(|tx| Box::pin(async move { insert(tx, 1, "session").await })).await;
        done.unwrap();
        assert_eq!(count(&store, "note").await, 1);
        assert_eq!(count(&store, "journal").await, 0);
    })
    .await;
}

#[tokio::test]
async fn numbers_have_no_gaps_even_when_changes_fail() {
    each_store(notes, async |store| {
        let draw = |fail: bool| {
            let store = store.clone();
            async move {
                store
                    .write(move |tx| {
                        Box::pin(async move {
                            let number = next_number(tx, "case").await?;
                            if fail {
                                Err(StoreError::KeyFormat)
                            } else {
                                Ok(Recorded::new(number, entry("case.open", "case:1")))
                            }
                        })
                    })
                    .await
            }
        };
        assert_eq!(draw(false).await.unwrap(), 1);
        assert!(draw(true).await.is_err());
        assert_eq!(draw(false).await.unwrap(), 2);
        let tasks: Vec<_> = (0..20).map(|_| tokio::spawn(draw(false))).collect();
        let mut drawn = Vec::new();
        for task in tasks {
            drawn.push(task.await.unwrap().unwrap());
        }
        drawn.sort_unstable();
        assert_eq!(drawn, (3..=22).collect::<Vec<i64>>());
    })
    .await;
}

#[tokio::test]
async fn another_key_is_refused_before_it_can_seal_anything() {
    each_store(notes, async |store| {
        store.migrate(notes()).await.unwrap();
    })
    .await;
    // On the file: the same database opened by another installation's key.
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("tuodi.db").display());
    let store = Store::open(&url, test_keys()).await.unwrap();
    store.migrate(notes()).await.unwrap();
    store.close().await.unwrap();
    let stranger = Store::open(&url, Keys::generate()).await.unwrap();
    assert!(matches!(stranger.migrate(notes()).await, Err(StoreError::WrongKey)));
}

#[tokio::test]
async fn two_migrations_of_one_name_are_refused() {
    sqlite_store(notes, async |store| {
        let twice = notes().into_iter().chain(notes()).collect();
        assert!(matches!(store.migrate(twice).await, Err(StoreError::MigrationNamedTwice { name }) if name == "m0001_test_notes"));
    })
    .await;
}

/// SQLite only: PostgreSQL has no file that two processes share.
#[tokio::test]
async fn two_writers_of_one_file_take_turns() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("tuodi.db").display());
    let serve = Store::open(&url, test_keys()).await.unwrap();
    serve.migrate(notes()).await.unwrap();
    let pass = Store::open(&url, test_keys()).await.unwrap();
    let tasks: Vec<_> = (0..60)
        .map(|id| {
            let store = if id % 2 == 0 { serve.clone() } else { pass.clone() };
            tokio::spawn(async move { write_note(&store, id).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(journal::verify(&serve).await.unwrap().entries, 60);
}

/// SQLite only: the settings are ours to make there.
#[tokio::test]
async fn every_sqlite_connection_syncs_in_full_and_keeps_foreign_keys() {
    sqlite_store(notes, async |store| {
        let pragma = async |store: &Store, name: &str| -> String {
            let sql = format!("SELECT CAST({name} AS TEXT) AS v FROM pragma_{name}");
            let row = store.read().query_one_raw(Statement::from_string(store.backend(), sql)).await.unwrap().unwrap();
            row.try_get("", "v").unwrap()
        };
        assert_eq!(pragma(&store, "journal_mode").await, "wal");
        assert_eq!(pragma(&store, "foreign_keys").await, "1");
        let of_writer: Result<(i64, i64), StoreError> = store
            .upkeep(|tx| {
                Box::pin(async move {
                    let get = async |name: &str| -> Result<i64, StoreError> {
                        let sql = format!("PRAGMA {name}");
                        let backend = tx.conn().get_database_backend();
                        let row = tx.conn().query_one_raw(Statement::from_string(backend, sql)).await?;
                        Ok(row.ok_or(StoreError::WriterEnded)?.try_get_by_index(0)?)
                    };
                    Ok((get("synchronous").await?, get("foreign_keys").await?))
                })
            })
            .await;
        // 2 is FULL.
        assert_eq!(of_writer.unwrap(), (2, 1));
    })
    .await;
}

/// SQLite only: PostgreSQL groups commits itself.
#[tokio::test]
async fn sixty_four_clients_share_commits() {
    sqlite_store(notes, async |store| {
        let before = store.group_commits().unwrap();
        let clients: Vec<_> = (0..64)
            .map(|client| {
                let store = store.clone();
                tokio::spawn(async move {
                    for n in 0..10 {
                        write_note(&store, client * 10 + n).await.unwrap();
                    }
                })
            })
            .collect();
        for client in clients {
            client.await.unwrap();
        }
        let commits = store.group_commits().unwrap() - before;
        // 640 changes; every client waits for its answer before the next, so 10 commits at best.
        assert!(commits <= 64, "{commits} commits for 640 changes");
        assert_eq!(journal::verify(&store).await.unwrap().entries, 640);
    })
    .await;
}

/// SQLite only: PostgreSQL has no path.
#[tokio::test]
async fn a_path_may_hold_spaces_and_signs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("清晏 100%? #1.db");
    let store = Store::open(&Store::sqlite_url(&path), test_keys()).await.unwrap();
    store.migrate(notes()).await.unwrap();
    write_note(&store, 1).await.unwrap();
    assert!(path.exists());
}

/// What a waiting change does first, and whether it ends well.
#[derive(Clone, Copy)]
enum First {
    Write,
    Read,
    Together,
    Nothing,
    WriteThenFail,
    TogetherThenFail,
    FailAtOnce,
}

async fn act(tx: &Tx, id: i64, first: First) -> Result<(), StoreError> {
    let backend = tx.conn().get_database_backend();
    let note = |id: i64| {
        let sql = "INSERT INTO note (id, text) VALUES ($1, $2) RETURNING id";
        let values = [id.into(), "note".into()];
        match backend {
            sea_orm::DbBackend::Postgres => Statement::from_sql_and_values(backend, sql, values),
            _ => Statement::from_sql_and_values(backend, sql.replace("$1", "?").replace("$2", "?"), values),
        }
    };
    match first {
        First::Nothing => return Ok(()),
        First::FailAtOnce => return Err(StoreError::KeyFormat),
        First::Read => {
            let seen =
                tx.conn().query_one_raw(Statement::from_string(backend, "SELECT COUNT(*) AS n FROM note")).await?;
            assert!(seen.is_some());
            insert(tx, id, "note").await?;
        }
        First::Write | First::WriteThenFail => insert(tx, id, "note").await?,
        First::Together | First::TogetherThenFail => {
            assert_eq!(tx.execute_together(vec![note(id), note(id + 1000)]).await?, 2);
        }
    }
    match first {
        First::WriteThenFail | First::TogetherThenFail => Err(StoreError::KeyFormat),
        _ => Ok(()),
    }
}

#[tokio::test]
async fn whatever_a_waiting_change_does_first_its_neighbours_stay_as_they_are() {
    each_store(notes, async |store| {
        let kinds = [
            First::Nothing,
            First::Read,
            First::WriteThenFail,
            First::FailAtOnce,
            First::Together,
            First::TogetherThenFail,
            First::Write,
            First::FailAtOnce,
        ];
        let tasks: Vec<_> = (0..160)
            .map(|id: i64| {
                let (store, first) = (store.clone(), kinds[id as usize % kinds.len()]);
                tokio::spawn(async move {
                    let done: Result<i64, StoreError> = store
                        .write(move |tx| {
                            Box::pin(async move {
                                act(tx, id, first).await?;
                                Ok(Recorded::new(id, entry("note.write", &format!("note:{id}"))))
                            })
                        })
                        .await;
                    done.is_ok()
                })
            })
            .collect();
        let mut well = 0;
        for task in tasks {
            well += i64::from(task.await.unwrap());
        }
        assert_eq!(well, 80, "nothing, read, together and write end well");
        assert_eq!(count(&store, "journal").await, 80);
        assert_eq!(count(&store, "note").await, 20 + 40 + 20, "read one row each, together two, write one");
    })
    .await;
}
