//! Objections to a public notice: who may, what follows, who answers, and what the objector is told.

use crate::common::*;
use tuodi_access::Actor;
use tuodi_casework::{CaseError, CaseNo, CaseState, Channel, Filed, Objection, Proposal};
use tuodi_pack::Fen;
use tuodi_testing::each_store;

fn said(text: &str) -> Objection {
    Objection { text: text.to_owned(), how: "oral".to_owned(), ..Objection::default() }
}

impl District {
    async fn notice(&self, m: u32, d: u32) -> i64 {
        let board = tuodi_casework::public_notices(&self.store, &self.pack, None, day(2026, m, d)).await.unwrap();
        assert_eq!(board.len(), 1);
        board[0].id
    }

    async fn object(&self, m: u32, d: u32, text: &str, key: &str) -> Filed {
        let notice = self.notice(m, d).await;
        tuodi_casework::object_online(&self.passer_by(day(2026, m, d)), notice, said(text), key).await.unwrap()
    }

    async fn visited_again(&self, engine: &Engine, case: &CaseNo, m: u32, d: u32) -> i32 {
        let (cx, version) = (self.second_officer(day(2026, m, d)), self.version(case).await);
        tuodi_casework::record_visit(&cx, engine, case, version, self.visit(day(2026, m, d))).await.unwrap().version
    }
}

#[tokio::test]
async fn anybody_may_object_online_and_read_the_answer_by_their_code_only() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine::dibao();
        let case = d.publicised(&engine).await;
        let objection =
            Objection { from: "邻居".to_owned(), contact: "139 0000 1111".to_owned(), ..said("他家有一辆车") };
        let cx = d.passer_by(day(2026, 7, 14));
        let notice = d.notice(7, 14).await;
        let filed = tuodi_casework::object_online(&cx, notice, objection.clone(), "form-1").await.unwrap();
        // Ten working days from 14 July.
        assert_eq!(filed.due, Some(day(2026, 7, 28)));
        assert_eq!((filed.code.len(), d.row(&case).await.state), (14, CaseState::Objection));
        // The form sent again gives the same code and no second objection.
        let again = tuodi_casework::object_online(&cx, notice, objection, "form-1").await.unwrap();
        assert_eq!(again.code, filed.code);
        let officer = d.second_officer(day(2026, 7, 14));
        let view = tuodi_casework::view(&officer, &case, "review").await.unwrap();
        let [row] = view.postings[0].objections.as_slice() else { panic!("{:?}", view.postings) };
        assert_eq!((row.objection.how.as_str(), row.objection.from.as_str()), ("online", "邻居"));
        assert_eq!(row.code.as_ref(), Some(&filed.code));

        let asked =
            tuodi_casework::follow(&d.store, &filed.code.to_lowercase().replace('-', " ")).await.unwrap().unwrap();
        assert_eq!(
            (asked.filed_on, asked.due_on, asked.answered, asked.moot),
            (day(2026, 7, 14), filed.due, None, false)
        );
        let other = filed.code.replace(filed.code.chars().next().unwrap(), "Z");
        assert!(other == filed.code || tuodi_casework::follow(&d.store, &other).await.unwrap().is_none());
        assert!(tuodi_casework::follow(&d.store, "").await.unwrap().is_none());

        let version = d.visited_again(&engine, &case, 7, 15).await;
        let answer = "经再次入户核实，该车不是其家庭所有。";
        tuodi_casework::resolve_objection(&officer, &case, version, dibao(), "查无此事", answer, "r").await.unwrap();
        let told = tuodi_casework::follow(&d.store, &filed.code).await.unwrap().unwrap();
        assert_eq!(told.answered, Some((day(2026, 7, 14), answer.to_owned())));
        assert_eq!(d.row(&case).await.state, CaseState::Confirming);
        let acts = d.acts(&case).await;
        assert_eq!(acts.iter().filter(|a| *a == "case.object").count(), 1, "{acts:?}");
        assert!(acts.contains(&"case.resolve_objection".to_owned()));
        let journal = format!("{:?}", tuodi_store::journal::entries_of(&d.store, &case.subject()).await.unwrap());
        assert!(!journal.contains("邻居") && !journal.contains("辆车") && !journal.contains(&filed.code));
    })
    .await;
}

#[tokio::test]
async fn publicity_does_not_end_and_the_case_does_not_move_while_an_objection_is_open() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.publicised(&Engine::dibao()).await;
        d.object(7, 16, "有异议", "a").await;
        let row = d.row(&case).await;
        // 45 working days from 2026-07-06 (worked case 2; N83 art. 4(1)).
        assert_eq!((row.state, row.total_due), (CaseState::Objection, Some(day(2026, 9, 7))));
        let later = d.cx(Actor::system(), Channel::System, day(2026, 7, 30));
        assert_eq!(tuodi_casework::end_due_publicity(&later).await.unwrap(), 0);
        let officer = d.officer(day(2026, 7, 30));
        let ended = tuodi_casework::end_publicity(&officer, &case, row.version).await;
        assert!(matches!(ended, Err(CaseError::WrongStage { .. })), "{ended:?}");
        let reviewer = d.reviewer(day(2026, 7, 30));
        let decided = tuodi_casework::decide(&reviewer, &case, row.version, dibao(), "", "d").await;
        assert!(matches!(decided, Err(CaseError::WrongStage { .. })), "{decided:?}");
    })
    .await;
}

#[tokio::test]
async fn others_may_object_too_until_the_last_day_and_all_are_answered() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine::dibao();
        let case = d.publicised(&engine).await;
        let first = d.object(7, 13, "他家有车", "a").await;
        // The second comes to the window, the third is online again, on the last day.
        let officer = d.officer(day(2026, 7, 15));
        let version = d.version(&case).await;
        let second = tuodi_casework::record_objection(&officer, &case, version, said("有存款"), "b").await.unwrap();
        let third = d.object(7, 17, "有房子", "c").await;
        assert_eq!((second.due, third.due), (first.due, first.due), "the limit is that of the first");
        let board = tuodi_casework::public_notices(&d.store, &d.pack, None, day(2026, 7, 18)).await.unwrap();
        assert!(board.is_empty(), "its days are over");
        d.visited_again(&engine, &case, 7, 20).await;
        assert_eq!(d.row(&case).await.due_on, first.due, "a visit does not move the day that was told");
        let (cx, version) = (d.second_officer(day(2026, 7, 20)), d.version(&case).await);
        tuodi_casework::resolve_objection(&cx, &case, version, dibao(), "查无此事", "已核实，不属实。", "r")
            .await
            .unwrap();
        for filed in [first, second, third] {
            let told = tuodi_casework::follow(&d.store, &filed.code).await.unwrap().unwrap();
            assert_eq!(told.answered, Some((day(2026, 7, 20), "已核实，不属实。".to_owned())));
        }
    })
    .await;
}

#[tokio::test]
async fn a_notice_that_is_gone_or_unknown_takes_no_objection() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.publicised(&Engine::dibao()).await;
        let notice = d.notice(7, 17).await;
        for (when, id) in [(day(2026, 7, 18), notice), (day(2026, 7, 14), notice + 1)] {
            let refused = tuodi_casework::object_online(&d.passer_by(when), id, said("有异议"), "k").await;
            assert!(matches!(refused, Err(CaseError::NotFound { kind: "notice", .. })), "{refused:?}");
        }
        let long = said(&"长".repeat(2001));
        for (objection, key) in [(said("  "), "error.required"), (long, "error.too_long")] {
            let refused = tuodi_casework::object_online(&d.passer_by(day(2026, 7, 14)), notice, objection, "k").await;
            assert!(matches!(&refused, Err(CaseError::Invalid(e)) if e[0].key == key), "{refused:?}");
        }
        assert_eq!(d.row(&case).await.state, CaseState::Publicised);
    })
    .await;
}

#[tokio::test]
async fn somebody_else_than_the_case_s_officer_looks_into_it_and_answers_with_reasons() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine::dibao();
        let case = d.publicised(&engine).await;
        let filed = d.object(7, 14, "有异议", "a").await;
        let resolve = async |cx: &tuodi_casework::Cx, version, answer: &str| {
            tuodi_casework::resolve_objection(cx, &case, version, dibao(), "查无此事", answer, "r").await
        };
        let other = d.second_officer(day(2026, 7, 14));
        let refused = resolve(&other, filed.version, "不属实").await;
        assert!(matches!(refused, Err(CaseError::NoVisit)), "{refused:?}");
        let version = d.visited_again(&engine, &case, 7, 14).await;
        let refused = resolve(&d.officer(day(2026, 7, 14)), version, "不属实").await;
        assert!(matches!(refused, Err(CaseError::Denied(_))), "{refused:?}");
        let refused = resolve(&other, version, " ").await;
        assert!(matches!(&refused, Err(CaseError::Invalid(e)) if e[0].field == "answer"), "{refused:?}");
        resolve(&other, version, "不属实").await.unwrap();
        // The household learns that there was an objection, never whose.
        let own = tuodi_casework::view(&d.citizen(day(2026, 7, 15)), &case, "own").await.unwrap();
        assert!(own.postings[0].objected_on.is_some() && own.postings[0].objections.is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_application_that_ends_leaves_nobody_waiting_for_an_answer() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.publicised(&Engine::dibao()).await;
        let filed = d.object(7, 14, "有异议", "a").await;
        let citizen = d.citizen(day(2026, 7, 15));
        let version = d.version(&case).await;
        tuodi_casework::terminate(&citizen, &case, version, "withdrawn", "", "t").await.unwrap();
        let told = tuodi_casework::follow(&d.store, &filed.code).await.unwrap().unwrap();
        assert!(told.moot && told.answered.is_none());
        let board = tuodi_casework::public_notices(&d.store, &d.pack, None, day(2026, 7, 15)).await.unwrap();
        assert!(board.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_tekun_proposal_that_stands_after_an_objection_is_posted_again() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine { tier: "tekun".to_owned(), monthly: Fen::yuan(1358), ..Engine::dibao() };
        let case = d.surveyed(&engine).await;
        let tekun = Proposal::Approve { programme: "tekun".to_owned(), monthly: Fen::yuan(1358) };
        let version = d.version(&case).await;
        let officer = d.officer(day(2026, 7, 9));
        let version = tuodi_casework::give_opinion(&officer, &case, version, tekun.clone(), "", "a").await.unwrap();
        let leader = d.leader(day(2026, 7, 10));
        tuodi_casework::sign_opinion(&leader, &case, version, true, "", "b").await.unwrap();
        d.object(7, 14, "有子女", "c").await;
        let version = d.visited_again(&engine, &case, 7, 14).await;
        // TK art. 15; boundary b22.
        let cx = d.second_officer(day(2026, 7, 14));
        tuodi_casework::resolve_objection(&cx, &case, version, tekun, "无子女", "不属实", "d").await.unwrap();
        assert_eq!(d.row(&case).await.state, CaseState::Publicised);
        let board = tuodi_casework::public_notices(&d.store, &d.pack, None, day(2026, 7, 14)).await.unwrap();
        assert_eq!((board.len(), board[0].ends_on), (1, day(2026, 7, 21)));
        // The second posting may be objected to like the first, by the same person too.
        let again = d.object(7, 20, "还是有子女", "e").await;
        assert_eq!(d.row(&case).await.due_on, again.due);
    })
    .await;
}

#[tokio::test]
async fn objections_of_an_older_installation_are_taken_over() {
    use sea_orm::{ConnectionTrait, DbBackend, Statement, TryGetable};

    let before =
        || migrations().into_iter().take_while(|migration| migration.name() != "casework_0004_objection").collect();
    each_store(before, async |store| {
        let sealed = store.keys().seal("publicity.objection", r#"{"from":"","text":"他家有车","how":"oral"}"#);
        let answer = store.keys().seal("publicity.answer", "不属实");
        let conn = store.read();
        let mark = |n: usize| if conn.get_database_backend() == DbBackend::Postgres { format!("${n}") } else { "?".to_owned() };
        for (status, objection, answer) in
            [("objected", Some(sealed.clone()), Some(answer)), ("objected", Some(sealed), None), ("open", None, None)]
        {
            let sql = format!(
                "INSERT INTO publicity (case_no, village, masked_name, members, programme, monthly, posted_on, ends_on, \
                 status, objected_on, objection, answer) VALUES ('QY26-00001', '{VILLAGE}', '李*', 3, 'dibao', 100, \
                 '2026-07-10', '2026-07-17', '{status}', '2026-07-14', {}, {})",
                mark(1),
                mark(2)
            );
            store
                .write(move |tx| {
                    Box::pin(async move {
                        let conn = tx.conn();
                        let values = [objection.into(), answer.into()];
                        let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, values);
                        conn.execute_raw(statement).await?;
                        Ok::<_, tuodi_store::StoreError>(tuodi_store::Recorded::new((), entry("test")))
                    })
                })
                .await
                .unwrap();
        }
        store.migrate(migrations()).await.unwrap();
        let read = async |sql: &str| {
            let conn = store.read();
            conn.query_all_raw(Statement::from_string(conn.get_database_backend(), sql)).await.unwrap()
        };
        let rows = read("SELECT number, content, answer FROM objection ORDER BY number").await;
        let content = |i: usize| Vec::<u8>::try_get(&rows[i], "", "content").unwrap();
        assert_eq!(rows.len(), 2);
        assert!(store.keys().open("publicity.objection", &content(1)).unwrap().contains("他家有车"));
        assert!(Option::<Vec<u8>>::try_get(&rows[0], "", "answer").unwrap().is_some());
        let states = read("SELECT status FROM publicity ORDER BY id").await;
        let states: Vec<String> = states.iter().map(|r| String::try_get(r, "", "status").unwrap()).collect();
        assert_eq!(states, ["ended", "objected", "open"], "what was answered hangs no more");
    })
    .await;
}

#[tokio::test]
async fn a_photograph_of_the_board_stands_for_all_that_hangs_there_that_day() {
    use tuodi_access::Role;
    use tuodi_casework::{
        hung::{hung_of, hung_photo, record_hung},
        papers::Content,
    };
    each_store(migrations, async |store| {
        let d = district(store).await;
        let picture = || {
            let mut png = Vec::new();
            let blank = image::DynamicImage::new_rgb8(8, 8);
            blank.write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
            Content::read(&png).unwrap()
        };
        let village = d.cx(actor(Role::VillageOfficer, "v-officer", VILLAGE), Channel::Village, day(2026, 7, 14));
        let nothing = record_hung(&village, VILLAGE, picture(), "").await;
        assert!(matches!(&nothing, Err(CaseError::Invalid(e)) if e[0].key == "error.nothing_hangs"), "{nothing:?}");
        let case = d.publicised(&Engine::dibao()).await;
        assert!(hung_of(&village, std::slice::from_ref(&case)).await.unwrap().is_empty());
        let id = record_hung(&village, VILLAGE, picture(), "k").await.unwrap();
        assert_eq!(record_hung(&village, VILLAGE, picture(), "k").await.unwrap(), id, "clicked twice");
        let hung = hung_of(&d.leader(day(2026, 7, 15)), std::slice::from_ref(&case)).await.unwrap();
        assert_eq!((hung[&case].photo, hung[&case].on), (id, day(2026, 7, 14)));
        let kept = hung_photo(&d.leader(day(2026, 7, 15)), VILLAGE, id).await.unwrap();
        assert!(kept.mime().starts_with("image/"));
        assert!(hung_photo(&village, "990102001002", id).await.is_err(), "another village's board");
        let pdf = record_hung(&village, VILLAGE, Content::read(b"%PDF-1.7 a form %%EOF\n").unwrap(), "").await;
        assert!(matches!(&pdf, Err(CaseError::Invalid(e)) if e[0].key == "error.file_kind"), "{pdf:?}");
        for other in [d.citizen(day(2026, 7, 14)), d.reviewer(day(2026, 7, 14))] {
            assert!(matches!(record_hung(&other, VILLAGE, picture(), "").await, Err(CaseError::Denied(_))));
        }
    })
    .await;
}
