//! Runs: what each pays and why, once; what came back; what was paid too much; the books.

use crate::common::*;
use chrono::NaiveDate;
use tuodi_casework::{
    CaseError, Cx, NewOver, OverDecision, RosterRow, RunOrder, RunTerms, allocate, batch, fund_books, prepare_batch,
    prepare_run, preview_run, sign_batch, take_bank_return,
};
use tuodi_pack::Fen;
use tuodi_registry::Account;
use tuodi_store::StoreError;
use tuodi_testing::each_store;

fn row(d: &District, certificate: &str, programme: &str, yuan: i64) -> RosterRow {
    RosterRow {
        certificate: certificate.to_owned(),
        applicant: d.father,
        household: d.household,
        programme: programme.to_owned(),
        monthly: Fen::yuan(yuan),
        members: 3,
        start_date: day(2025, 3, 1),
        region_code: VILLAGE.to_owned(),
        class: Some("B".to_owned()),
        last_reverify: None,
    }
}

async fn recipients(d: &District, rows: Vec<RosterRow>) {
    tuodi_casework::import_roster(&d.store, &d.pack, rows, morning(day(2026, 7, 1))).await.unwrap();
}

/// Changes a row as nothing in the program does.
async fn sql(d: &District, sql: &'static str) -> Result<(), StoreError> {
    d.store
        .upkeep(move |tx| {
            Box::pin(async move {
                use sea_orm::ConnectionTrait;
                tx.conn().execute_unprepared(sql).await?;
                Ok(())
            })
        })
        .await
}

/// Made, signed by somebody else, and paid by the bank.
async fn paid(d: &District, month: NaiveDate) -> i64 {
    let payer = d.district_officer(month);
    let id = prepare_batch(&payer, month, "").await.unwrap();
    signed(d, &payer, id).await;
    let version = batch(&payer, id, 1, 10).await.unwrap().row.version;
    tuodi_casework::record_paid(&payer, id, version, "").await.unwrap();
    id
}

async fn signed(d: &District, payer: &Cx, id: i64) {
    let version = batch(payer, id, 1, 10).await.unwrap().row.version;
    sign_batch(&d.reviewer(payer.today()), id, version, "").await.unwrap();
}

#[tokio::test]
async fn a_forgotten_month_comes_as_arrears_and_what_the_roster_paid_before_does_not() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        recipients(&d, vec![row(&d, "aa", "dibao", 780)]).await;
        paid(&d, day(2026, 7, 1)).await;
        // August was forgotten.
        let payer = d.district_officer(day(2026, 9, 9));
        let order = RunOrder::monthly(day(2026, 9, 1));
        let preview = preview_run(&payer, &order).await.unwrap();
        assert_eq!((preview.lines, preview.total), (1, Fen::yuan(1_560)));
        assert_eq!((preview.parts["month"], preview.parts["arrears"]), (Fen::yuan(780), Fen::yuan(780)));
        let id = prepare_run(&payer, &order, "k").await.unwrap();
        let view = batch(&payer, id, 1, 10).await.unwrap();
        assert_eq!(view.row.total, preview.total, "the list is what the preview said");
        let parts = tuodi_casework::line_parts(&payer, id, view.lines.rows[0].id).await.unwrap().parts;
        let told: Vec<_> = parts.iter().map(|p| (p.what.as_str(), p.month, p.amount)).collect();
        assert_eq!(told, [("arrears", day(2026, 8, 1), 78_000), ("month", day(2026, 9, 1), 78_000)]);
    })
    .await;
}

#[tokio::test]
async fn nobody_is_paid_twice_for_one_thing_in_one_month_whatever_the_program_does() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        // The same household stands on the roster twice.
        recipients(&d, vec![row(&d, "aa", "dibao", 780), row(&d, "bb", "dibao", 780)]).await;
        let payer = d.district_officer(day(2026, 7, 9));
        let id = prepare_batch(&payer, day(2026, 7, 1), "").await.unwrap();
        let view = batch(&payer, id, 1, 10).await.unwrap();
        assert_eq!((view.row.lines, view.row.held, view.row.total), (1, 1, Fen::yuan(780)));
        let held = view.lines.rows.iter().find(|l| l.status == "held").unwrap();
        assert_eq!(held.reason.as_deref(), Some("twice"));
        // And the database refuses it by itself.
        let again = sql(
            &d,
            "INSERT INTO payment_item (batch_id, benefit_id, subject, programme, month, kind, because, what, amount)
             SELECT batch_id, benefit_id + 1, subject, programme, month, kind, because, what, amount FROM payment_item",
        )
        .await;
        assert!(again.unwrap_err().is_duplicate());
    })
    .await;
}

#[tokio::test]
async fn an_unsigned_list_is_taken_back_and_made_anew_and_a_signed_one_is_not() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        recipients(&d, vec![row(&d, "aa", "dibao", 780)]).await;
        let payer = d.district_officer(day(2026, 7, 9));
        let first = prepare_batch(&payer, day(2026, 7, 1), "a").await.unwrap();
        tuodi_casework::withdraw_batch(&payer, first, 2, "w").await.unwrap();
        let second = prepare_batch(&payer, day(2026, 7, 1), "b").await.unwrap();
        assert_ne!(first, second);
        let view = batch(&payer, second, 1, 10).await.unwrap();
        assert_eq!((view.row.lines, view.row.total), (1, Fen::yuan(780)));
        signed(&d, &payer, second).await;
        let late = tuodi_casework::withdraw_batch(&payer, second, 3, "w2").await;
        assert!(matches!(late, Err(CaseError::WrongBatchState { .. })), "{late:?}");
        let stranger = d.officer(day(2026, 7, 9));
        let denied = tuodi_casework::withdraw_batch(&stranger, second, 3, "w3").await;
        assert!(matches!(denied, Err(CaseError::Denied(_))), "{denied:?}");
    })
    .await;
}

#[tokio::test]
async fn what_the_bank_sends_back_is_mended_and_paid_again_once_and_the_books_close() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        recipients(&d, vec![row(&d, "aa", "dibao", 780), row(&d, "bb", "tekun", 1_248)]).await;
        let payer = d.district_officer(day(2026, 7, 9));
        allocate(&payer, "livelihood", day(2026, 7, 1), Fen::yuan(10_000), "清财社〔2026〕1号", "").await.unwrap();
        let id = prepare_batch(&payer, day(2026, 7, 1), "").await.unwrap();
        signed(&d, &payer, id).await;
        let view = batch(&payer, id, 1, 10).await.unwrap();
        let cells = |result: [&str; 2]| -> Vec<Vec<String>> {
            let mut rows = vec![["流水号", "金额（元）", "结果", "原因"].map(str::to_owned).to_vec()];
            for (line, result) in view.lines.rows.iter().zip(result) {
                let yuan = format!("{}.{:02}", line.amount.0 / 100, line.amount.0 % 100);
                rows.push(vec![format!("{id}-{}", line.id), yuan, result.to_owned(), "户名不符".to_owned()]);
            }
            rows
        };
        let wrong = take_bank_return(&payer, id, view.row.version, &cells(["成功", "?"]), "").await.unwrap();
        assert_eq!(wrong.unwrap_err()[0].key, "result");
        assert_eq!(batch(&payer, id, 1, 10).await.unwrap().row.status, "signed", "nothing was taken of a wrong file");
        let taken = take_bank_return(&payer, id, view.row.version, &cells(["成功", "失败"]), "").await.unwrap();
        assert_eq!(taken.map(|t| (t.paid, t.returned, t.open)), Ok((1, 1, 0)));
        let back = tuodi_casework::returned(&payer).await.unwrap();
        assert_eq!((back.len(), back[0].reason.as_str(), back[0].mended_on), (1, "户名不符", None));

        // What never arrived is no over-payment; once it is out again, it may be one.
        let over = NewOver {
            case: back[0].case.parse().unwrap(),
            from: day(2026, 7, 1),
            to: day(2026, 7, 1),
            due: Fen::ZERO,
            cause: "late_report".to_owned(),
            note: "7月已经工作".to_owned(),
        };
        let nothing = tuodi_casework::find_over(&payer, over.clone(), "").await;
        let Err(CaseError::Invalid(problems)) = nothing else { panic!("{nothing:?}") };
        assert_eq!((problems[0].field.as_str(), problems[0].key), ("due", "error.nothing_over"));

        let order = RunOrder::again(day(2026, 7, 1));
        assert_eq!(preview_run(&payer, &order).await.unwrap().lines, 0, "not before somebody has mended it");
        let account = Account { bank: "清晏农商银行".to_owned(), number: "6200000000007654321".to_owned() };
        tuodi_casework::mend_return(&payer, back[0].line, Some(account), "").await.unwrap();
        let again = prepare_run(&payer, &order, "").await.unwrap();
        signed(&d, &payer, again).await;
        let books = fund_books(&payer, day(2026, 7, 1), day(2026, 7, 1)).await.unwrap();
        let book =
            |books: &[tuodi_casework::FundBook]| books.iter().find(|b| b.fund == "livelihood").unwrap().months[0].1;
        let before = book(&books);
        assert_eq!((before.listed, before.returned, before.difference()), (202_800, back[0].amount.0, 0));
        let version = batch(&payer, again, 1, 10).await.unwrap().row.version;
        tuodi_casework::record_paid(&payer, again, version, "").await.unwrap();
        let after = book(&fund_books(&payer, day(2026, 7, 1), day(2026, 7, 1)).await.unwrap());
        assert_eq!((after.paid(), after.closing, after.difference()), (202_800, 1_000_000 - 202_800, 0));
        assert!(tuodi_casework::returned(&payer).await.unwrap().is_empty());
        let none = prepare_run(&payer, &order, "").await.unwrap();
        assert_eq!(batch(&payer, none, 1, 10).await.unwrap().row.lines, 0, "paid again once");
        tuodi_casework::find_over(&payer, over, "").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn heating_is_paid_once_a_winter_and_a_rise_of_prices_by_the_head() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        recipients(&d, vec![row(&d, "aa", "dibao", 780)]).await;
        let payer = d.district_officer(day(2026, 11, 9));
        let run = |month, kind: &str, terms| RunOrder { month, kind: kind.to_owned(), terms };
        let heating = |month| run(month, "heating", RunTerms::default());
        let id = prepare_run(&payer, &heating(day(2026, 11, 1)), "").await.unwrap();
        assert_eq!(batch(&payer, id, 1, 10).await.unwrap().row.total, Fen::yuan(1_200));
        let later = preview_run(&payer, &heating(day(2026, 12, 1))).await.unwrap();
        assert_eq!(later.lines, 0, "the same winter");
        assert_eq!(preview_run(&payer, &heating(day(2027, 11, 1))).await.unwrap().lines, 1);

        let terms = |rise| RunTerms { rise_permille: Some(rise), paper: "10月CPI".to_owned(), ..RunTerms::default() };
        let prices = preview_run(&payer, &run(day(2026, 11, 1), "price_subsidy", terms(38))).await.unwrap();
        // 960 yuan × 3.8 % = 36.48, up to 37 a head, three heads.
        assert_eq!((prices.total, prices.below_line), (Fen::yuan(111), false));
        let low = preview_run(&payer, &run(day(2026, 11, 1), "price_subsidy", terms(20))).await.unwrap();
        assert!(low.below_line);
        let nothing = preview_run(&payer, &run(day(2026, 11, 1), "price_subsidy", RunTerms::default())).await;
        assert!(matches!(nothing, Err(CaseError::Invalid(_))), "{nothing:?}");
        let entered =
            RunTerms { amount: Some(Fen::yuan(200)), paper: "春节慰问".to_owned(), ..RunTerms::default() };
        let once = preview_run(&payer, &run(day(2026, 11, 1), "one_off", entered)).await.unwrap();
        assert_eq!(once.total, Fen::yuan(600));
    })
    .await;
}

#[tokio::test]
async fn what_was_paid_too_much_comes_back_by_instalments_that_another_person_decided() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        recipients(&d, vec![row(&d, "aa", "dibao", 780)]).await;
        for month in [day(2026, 7, 1), day(2026, 8, 1)] {
            paid(&d, month).await;
        }
        let payer = d.district_officer(day(2026, 9, 2));
        let case = tuodi_casework::cases_of_household(&payer, d.household).await.unwrap()[0].case.clone();
        let new = |cause: &str, due| NewOver {
            case: case.clone(),
            from: day(2026, 8, 1),
            to: day(2026, 8, 1),
            due: Fen::yuan(due),
            cause: cause.to_owned(),
            note: "8月找到工作，9月才说".to_owned(),
        };
        let nothing = tuodi_casework::find_over(&payer, new("late_report", 780), "").await;
        assert!(matches!(nothing, Err(CaseError::Invalid(_))), "{nothing:?}");
        let id = tuodi_casework::find_over(&payer, new("late_report", 380), "f").await.unwrap();
        let twice = tuodi_casework::find_over(&payer, new("late_data", 380), "g").await;
        assert!(matches!(twice, Err(CaseError::Invalid(_))), "the same months stand in the ledger: {twice:?}");
        let recover = |yuan, share_permille| OverDecision::Recover { amount: Fen::yuan(yuan), share_permille };
        let own = tuodi_casework::decide_over(&payer, id, recover(400, 200), "按规定退回", "").await;
        assert!(matches!(own, Err(CaseError::Denied(_))), "who found it does not decide: {own:?}");
        let reviewer = d.reviewer(day(2026, 9, 3));
        for (decision, field) in
            [(recover(300, 200), "amount"), (recover(400, 500), "share"), (OverDecision::Waive, "decision")]
        {
            let refused = tuodi_casework::decide_over(&reviewer, id, decision, "理由", "").await;
            let Err(CaseError::Invalid(problems)) = refused else { panic!("{refused:?}") };
            assert_eq!(problems[0].field, field);
        }
        tuodi_casework::decide_over(&reviewer, id, recover(400, 200), "按规定退回", "").await.unwrap();
        // A fifth of 780 is 156: 156 + 156, then the last 88 in cash.
        for (month, total) in [(day(2026, 9, 1), 624), (day(2026, 10, 1), 624)] {
            let list = paid(&d, month).await;
            assert_eq!(batch(&payer, list, 1, 10).await.unwrap().row.total, Fen::yuan(total));
        }
        let cash = d.district_officer(day(2026, 10, 20));
        let repay =
            async |yuan| tuodi_casework::repay_over(&cash, id, Fen::yuan(yuan), day(2026, 10, 20), "收据3号", "").await;
        assert!(repay(89).await.is_err(), "more than is left");
        repay(88).await.unwrap();
        let ledger = tuodi_casework::overpayments(&cash).await.unwrap();
        assert_eq!((ledger[0].status, ledger[0].recovered), ("settled", Fen::yuan(400)));
        let list = paid(&d, day(2026, 11, 1)).await;
        assert_eq!(batch(&payer, list, 1, 10).await.unwrap().row.total, Fen::yuan(780));
        let letters = tuodi_casework::view(&reviewer, &case, "test").await.unwrap().notices;
        assert!(letters.iter().any(|n| n.kind == tuodi_casework::NoticeKind::Recovery));
    })
    .await;
}
