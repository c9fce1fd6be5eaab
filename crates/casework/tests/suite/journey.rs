//! From an application to the pay list, through the public face, on each database.

use crate::common::*;
use tuodi_casework::{BankFormat, CaseState, Cut, NextStep, NoticeKind, QueueFilter};
use tuodi_pack::Fen;
use tuodi_store::journal;
use tuodi_testing::each_store;

#[tokio::test]
async fn a_family_applies_and_is_on_the_pay_list_of_september() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine::dibao();
        let case = d.accepted().await;
        assert_eq!(case.0, "QY26-00001");
        let row = d.row(&case).await;
        assert_eq!((row.state, row.next_step), (CaseState::Accepted, NextStep::RunCheck));
        // Worked case 2: accepted Mon 2026-07-06, first step by 07-09, 30 working days end on 08-17.
        assert_eq!(row.due_on, Some(day(2026, 7, 9)));
        assert_eq!(row.total_due, Some(day(2026, 8, 17)));

        let officer = d.officer(day(2026, 7, 8));
        let checked = tuodi_casework::run_check(&officer, &engine, &case, row.version).await.unwrap();
        assert_eq!((checked.tier.as_str(), checked.to_judge, checked.unknown), ("dibao", 0, 0));
        assert_eq!(checked.state, CaseState::Surveying);
        let visited = tuodi_casework::record_visit(&officer, &engine, &case, checked.version, d.visit(day(2026, 7, 8)))
            .await
            .unwrap();
        assert!(visited.checked.is_some(), "the check runs again with what the visit found");

        let officer = d.officer(day(2026, 7, 9));
        let version = tuodi_casework::give_opinion(&officer, &case, visited.version, dibao(), "", "o").await.unwrap();
        let leader = d.leader(day(2026, 7, 10));
        tuodi_casework::sign_opinion(&leader, &case, version, true, "", "s").await.unwrap();
        let posted = tuodi_casework::public_notices(&d.store, &d.pack, Some(VILLAGE), day(2026, 7, 10)).await.unwrap();
        assert_eq!(posted.len(), 1);
        assert_eq!((posted[0].name.as_str(), posted[0].members, posted[0].monthly), ("安*", 3, Fen::yuan(2540)));

        let system = d.cx(tuodi_access::Actor::system(), tuodi_casework::Channel::System, day(2026, 7, 18));
        assert_eq!(tuodi_casework::end_due_publicity(&system).await.unwrap(), 1);
        let reviewer = d.reviewer(day(2026, 8, 3));
        let version = d.version(&case).await;
        let decided = tuodi_casework::decide(&reviewer, &case, version, dibao(), "", "d").await.unwrap();
        assert_eq!(decided.state, CaseState::Approved);
        let number = decided.notice.unwrap();
        assert_eq!(number, "清晏民救告〔2026〕2号");
        let letter = tuodi_casework::notice(&d.citizen(day(2026, 8, 4)), &case, &number).await.unwrap();
        assert_eq!((letter.kind, letter.to.as_str()), (NoticeKind::Approved, "安建国"));
        assert_eq!(letter.monthly, Some(Fen::yuan(2540)));
        assert_eq!(letter.effective_month, Some(day(2026, 9, 1)));
        assert_eq!(letter.lines[0].yours.zh, "820 元/月");
        assert_eq!(letter.lines[0].rule.zh, "2,880 元/月");
        assert!(letter.next.iter().any(|t| t.zh.contains("行政复议")), "remedies are printed on every decision");

        let payer = d.district_officer(day(2026, 9, 9));
        let batch = tuodi_casework::prepare_batch(&payer, day(2026, 9, 1), "p").await.unwrap();
        assert_eq!(tuodi_casework::prepare_batch(&payer, day(2026, 9, 1), "p").await.unwrap(), batch, "clicked twice");
        assert!(tuodi_casework::prepare_batch(&payer, day(2026, 9, 1), "q").await.is_err(), "one list a month");
        let view = tuodi_casework::batch(&payer, batch, 1, 25).await.unwrap();
        assert_eq!((view.row.lines, view.row.held, view.row.total), (1, 0, Fen::yuan(2540)));
        assert_eq!(view.lines.rows[0].account, "**** 4567");
        assert_eq!(view.lines.rows[0].change, "new");
        assert!(
            tuodi_casework::export_batch(&payer, batch, BankFormat::Csv).await.is_err(),
            "not before the second signature"
        );
        let own = tuodi_casework::sign_batch(&payer, batch, view.row.version, "x").await;
        assert!(matches!(own, Err(tuodi_casework::CaseError::Denied(_))), "the preparer cannot sign: {own:?}");
        tuodi_casework::sign_batch(&d.reviewer(day(2026, 9, 10)), batch, view.row.version, "y").await.unwrap();
        let file = tuodi_casework::export_batch(&payer, batch, BankFormat::Csv).await.unwrap();
        let text = String::from_utf8(file.bytes).unwrap();
        assert!(text.contains("安建国,990102198104120036,清晏农商银行,6200000000001234567"), "{text}");
        assert!(text.contains("2540.00"));
        let xlsx = tuodi_casework::export_batch(&payer, batch, BankFormat::Xlsx).await.unwrap();
        assert_eq!(&xlsx.bytes[..2], b"PK");
        tuodi_casework::record_paid(&payer, batch, view.row.version + 1, "z").await.unwrap();
        let paid = tuodi_casework::payments_of(&d.citizen(day(2026, 9, 15)), d.household).await.unwrap();
        assert_eq!(paid, [(day(2026, 9, 1), Fen::yuan(2540), "paid".to_owned())]);

        assert_eq!(d.row(&case).await.state, CaseState::Assisting);
        let acts = d.acts(&case).await;
        for act in [
            "case.open",
            "case.consent",
            "case.submit",
            "case.accept",
            "case.check",
            "case.visit",
            "case.opinion",
            "case.sign",
            "case.end_publicity",
            "case.decide",
            "notice.issue",
        ] {
            assert!(acts.iter().any(|a| a == act), "{act} is in the journal: {acts:?}");
        }
        journal::verify(&d.store).await.unwrap();
        let figures = tuodi_casework::figures(&d.reviewer(day(2026, 9, 15)), COUNTY).await.unwrap();
        assert_eq!((figures.approved, figures.refused, figures.monthly_total), (1, 0, Fen::yuan(2540)));
        // 2026-07-06 to 2026-08-03: four weeks of five working days.
        assert_eq!(figures.median_days, Some(20));
    })
    .await;
}

#[tokio::test]
async fn the_window_and_the_phone_work_on_the_same_case() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let citizen = d.citizen(day(2026, 7, 6));
        let officer = d.officer(day(2026, 7, 6));
        let case = tuodi_casework::open_draft(&citizen, d.father).await.unwrap();
        assert_eq!(tuodi_casework::open_draft(&officer, d.mother).await.unwrap(), case, "one household, one open case");
        // Typed wrong on the phone: kept as typed, and said.
        let wrong = [("fin_assets".to_owned(), "六千五".to_owned())].into();
        let saved = tuodi_casework::save_step(&citizen, &case, 1, "assets", wrong).await.unwrap();
        assert!(saved.errors.iter().any(|e| e.field == "fin_assets" && e.key == "error.amount"));
        let view = tuodi_casework::view(&officer, &case, "window").await.unwrap();
        assert_eq!(view.fields["fin_assets"], "六千五");
        // Finished at the window.
        let saved = tuodi_casework::save_step(&officer, &case, saved.version, "check", d.form()).await.unwrap();
        let submitted = tuodi_casework::submit(&officer, &case, saved.version, "w").await.unwrap();
        assert_eq!(submitted.state, CaseState::Submitted);
        assert_eq!(submitted.missing.len(), 2, "both adults have still to authorise");
        d.consents(&officer, &case).await;
        assert_eq!(d.row(&case).await.state, CaseState::Accepted, "the last consent completes it");
        assert_eq!(d.row(&case).await.members, 3);
    })
    .await;
}

#[tokio::test]
async fn the_queue_shows_what_is_due_first_and_only_ones_own_region() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.accepted().await;
        let officer = d.officer(day(2026, 7, 13));
        let page = tuodi_casework::queue(&officer, &QueueFilter::default()).await.unwrap();
        assert_eq!((page.total, page.rows[0].applicant.as_str(), page.rows[0].overdue), (1, "安建国", true));
        let counts = tuodi_casework::queue_counts(&officer).await.unwrap();
        assert_eq!((counts.all, counts.overdue, counts.mine), (1, 1, 0));
        tuodi_casework::take(&officer, &case).await.unwrap();
        let mine = QueueFilter { cut: Cut::Mine, ..QueueFilter::default() };
        assert_eq!(tuodi_casework::queue(&officer, &mine).await.unwrap().total, 1);
        for search in ["安建国", "0036", "QY26-00001"] {
            let found = QueueFilter { search: search.to_owned(), ..QueueFilter::default() };
            assert_eq!(tuodi_casework::queue(&officer, &found).await.unwrap().total, 1, "{search}");
        }
        let other = actor(tuodi_access::Role::TownshipOfficer, "other", OTHER_TOWNSHIP);
        let other = d.cx(other, tuodi_casework::Channel::Window, day(2026, 7, 13));
        assert_eq!(tuodi_casework::queue(&other, &QueueFilter::default()).await.unwrap().total, 0);
    })
    .await;
}

#[tokio::test]
async fn what_people_declare_goes_back_to_the_pool_and_what_they_do_not_know_stays_empty() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let citizen = d.citizen(day(2026, 7, 6));
        let case = tuodi_casework::open_draft(&citizen, d.father).await.unwrap();
        let mut form = d.form();
        form.insert("fin_assets".to_owned(), "unknown".to_owned());
        tuodi_casework::save_step(&citizen, &case, 1, "check", form).await.unwrap();
        assert!(tuodi_casework::platform_rows(&d.store).await.unwrap().is_empty(), "a draft declares nothing");
        d.consents(&citizen, &case).await;
        tuodi_casework::submit(&citizen, &case, d.version(&case).await, "s").await.unwrap();
        let rows = tuodi_casework::platform_rows(&d.store).await.unwrap();
        assert_eq!(rows.len(), 3, "the household, the father, the mother");
        let household = rows.iter().find(|r| r.values["person_id"].is_null()).unwrap();
        assert_eq!(household.values["self_paid_medical_12m"], 600_000);
        assert!(!household.values.contains_key("fin_assets"));
        let father = rows.iter().find(|r| r.values["person_id"] == d.father.0).unwrap();
        assert_eq!(
            (&father.values["wage_month"], &father.values["declared_date"]),
            (&180_000.into(), &"2026-07-06".into())
        );
    })
    .await;
}

#[tokio::test]
async fn a_case_is_checked_by_the_law_of_the_day_on_which_it_was_accepted() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.accepted().await;
        let officer = d.officer(day(2026, 7, 8));
        let version = d.version(&case).await;
        tuodi_casework::run_check(&officer, &Engine::dibao(), &case, version).await.unwrap();
        // b24: the facts of today, the amounts of acceptance.
        let view = tuodi_casework::view(&officer, &case, "review").await.unwrap();
        let result = view.verification.unwrap().result;
        assert_eq!((result.as_of, result.law_of), (day(2026, 7, 8), Some(day(2026, 7, 6))));
    })
    .await;
}
