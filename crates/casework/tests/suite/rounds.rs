//! Departments that answer only in batches: a list goes out once, its reply is matched, late and missing answers are told.

use crate::common::*;
use async_trait::async_trait;
use calamine::Reader;
use chrono::{Duration, NaiveDate};
use serde_json::{Map, json};
use tuodi_casework::{
    ConsentForm, Cx, Mark,
    verify::{self, AnswerState, Order, ReplyRow, RequestView},
};
use tuodi_pack::{
    Text,
    ask::{AskError, AskSources, Question, Reply},
};
use tuodi_testing::each_store;

const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 7, 6).unwrap();

/// An installation that asks the banks on lists.
struct OnLists;

#[async_trait]
impl AskSources for OnLists {
    fn connected(&self, _: &str) -> bool {
        false
    }

    fn by_file(&self, source: &str) -> bool {
        source == "DS21"
    }

    async fn ask(&self, _: &str, _: &Question) -> Result<Reply, AskError> {
        panic!("nobody is asked directly");
    }
}

fn steward(d: &District) -> Cx {
    let steward = actor(tuodi_access::Role::DataSteward, "steward", COUNTY);
    d.cx(steward, tuodi_casework::Channel::System, TODAY)
}

async fn ordered(d: &District, engine: &Engine) -> String {
    for (person, name) in [(d.father, "安建国"), (d.mother, "柳秀英")] {
        let form = ConsentForm { person, name: name.to_owned(), mark: Mark::Paper, evidence: None };
        tuodi_casework::give_household_consent(&d.officer(TODAY), d.household, "assistance", form).await.unwrap();
    }
    let order = Order { household: d.household, purpose: "assistance".to_owned(), as_of: TODAY };
    verify::order(&d.officer(TODAY), engine, &OnLists, order, "k").await.unwrap().number
}

fn row(n: usize, reference: &str, result: &str, balance: Option<i64>) -> ReplyRow {
    let mut own = vec![String::new(); verify::ROUND_COLUMNS.len()];
    own[0] = reference.to_owned();
    own[5] = result.to_owned();
    let mut values = Map::new();
    if let Some(balance) = balance {
        let row = json!({
            "query_no": "Q1", "authorisation_no": "A1", "org_code": "990001", "asset_kind": "deposit",
            "balance": balance, "query_date": "2026-07-06",
        });
        values = row.as_object().unwrap().clone();
    }
    ReplyRow { row: n, own, values, problems: Vec::new() }
}

async fn view(d: &District, number: &str) -> RequestView {
    verify::request(&d.officer(TODAY), number, "test").await.unwrap()
}

fn banks(view: &RequestView) -> (AnswerState, &str, i32) {
    let banks = view.answers.iter().find(|a| a.source == "DS21").unwrap();
    (banks.state, banks.reason.as_str(), banks.rows)
}

/// The platform so many hours after the order.
async fn look(d: &District, engine: &Engine, hours: i64) -> usize {
    let platform = d.cx(tuodi_access::Actor::system(), tuodi_casework::Channel::System, TODAY);
    let now = move || Cx { now: platform.now + Duration::hours(hours), ..platform.clone() };
    verify::pursue(&now, engine, &OnLists).await.unwrap().reports
}

#[tokio::test]
async fn a_list_goes_out_once_and_its_reply_completes_the_report() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine::dibao();
        let number = ordered(&d, &engine).await;
        assert_eq!(banks(&view(&d, &number).await), (AnswerState::Waiting, "unlisted", 0));
        assert!(verify::to_ask(&d.officer(TODAY)).await.is_err(), "lists are the steward's");
        let steward = steward(&d);
        let waiting = verify::to_ask(&steward).await.unwrap();
        assert_eq!((waiting[0].source.as_str(), waiting[0].households), ("DS21", 1));
        let id = verify::make_round(&steward, "DS21").await.unwrap().expect("a list");
        assert_eq!(verify::make_round(&steward, "DS21").await.unwrap(), None, "nobody is listed twice");

        let bytes = verify::round_file(&steward, id).await.unwrap();
        let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
        let sheet = book.worksheet_range_at(0).unwrap().unwrap();
        let cell = |r: usize, c: usize| sheet.get((r, c)).map(ToString::to_string).unwrap_or_default();
        assert_eq!((sheet.height(), cell(0, 0), cell(1, 1)), (4, "询问编号".to_owned(), "安建国".to_owned()));
        let first = cell(1, 0);
        let numbers: Vec<String> = (0..sheet.width()).map(|c| cell(1, c)).collect();
        assert!(numbers.contains(&"990102198104120036".to_owned()), "the number as text, whole: {numbers:?}");
        let entries = tuodi_store::journal::entries_of(&d.store, &format!("verification_round:{id}")).await.unwrap();
        assert!(entries.iter().any(|e| e.act == "verification.round_out"));
        assert!(entries.iter().all(|e| !e.details.to_string().contains("990102")), "no number in the journal");

        assert_eq!(look(&d, &engine, 1).await, 1, "the first report names what is missing");
        let stem = first.strip_suffix('1').unwrap().to_owned();
        let of = |n: usize| format!("{stem}{n}");
        // A wrong result, a stranger and one unreadable value: told by row, and nothing is believed by half.
        let mut unreadable = row(3, &of(2), "有", None);
        unreadable.problems.push((Text::new("余额", "balance"), Text::new("看不懂", "unreadable")));
        let wrong =
            [row(2, &of(1), "有", Some(650_000)), unreadable, row(4, "99-1", "无", None), row(5, &of(3), "也许", None)];
        let taken = verify::take_reply(&steward, id, &wrong).await.unwrap();
        assert_eq!(taken.wrong.iter().map(|(row, _)| *row).collect::<Vec<_>>(), [3, 4, 5]);
        assert_eq!((taken.answered, banks(&view(&d, &number).await).0), (0, AnswerState::Waiting));
        // Some of the people: kept, and the rest still waited for.
        let part = [row(2, &of(1), "有", Some(650_000))];
        let taken = verify::take_reply(&steward, id, &part).await.unwrap();
        assert_eq!((taken.partial, taken.answered), (1, 0));
        assert_eq!(banks(&view(&d, &number).await), (AnswerState::Waiting, "partial", 1));
        let whole = [row(2, &of(1), "", Some(650_000)), row(3, &of(2), "无", None), row(4, &of(3), "无", None)];
        let taken = verify::take_reply(&steward, id, &whole).await.unwrap();
        assert_eq!((taken.answered, taken.wrong.len()), (1, 0));
        let again = verify::take_reply(&steward, id, &whole).await.unwrap();
        assert_eq!((again.answered, again.closed), (0, 1), "sent again it changes nothing");
        assert_eq!(look(&d, &engine, 2).await, 1);
        let seen = view(&d, &number).await;
        assert_eq!(banks(&seen), (AnswerState::Answered, "", 1));
        assert!(seen.row.complete && seen.row.edition == 2);
        assert_eq!(verify::round(&steward, id).await.unwrap().waiting, 0);
        let told = verify::replies(&d.officer(TODAY), &number, "DS21", "test").await.unwrap().unwrap();
        assert_eq!(told.replies.len(), 2, "what came by file can be read again too");
    })
    .await;
}

#[tokio::test]
async fn what_comes_after_its_time_is_told_as_late_and_completes_the_report() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine::dibao();
        let number = ordered(&d, &engine).await;
        let steward = steward(&d);
        let id = verify::make_round(&steward, "DS21").await.unwrap().unwrap();
        assert_eq!(look(&d, &engine, 120).await, 1);
        let seen = view(&d, &number).await;
        assert_eq!(banks(&seen).0, AnswerState::TimedOut);
        assert!(seen.row.complete);
        let late = Cx { now: steward.now + Duration::hours(200), ..steward.clone() };
        let whole: Vec<ReplyRow> = (1..=3).map(|n| row(n + 1, &format!("{id}-{n}"), "无", None)).collect();
        let taken = verify::take_reply(&late, id, &whole).await.unwrap();
        assert_eq!((taken.answered, taken.late), (1, 1));
        assert_eq!(look(&d, &engine, 200).await, 1, "a new edition");
        let seen = view(&d, &number).await;
        assert_eq!(banks(&seen), (AnswerState::Silent, "late", 0));
        let (report, _) = seen.report.unwrap();
        let banks = report.sources.iter().find(|s| s.source == "DS21").unwrap();
        assert!(report.complete && banks.reason_words.zh.contains("超过时限"), "{:?}", banks.reason_words);
    })
    .await;
}

#[tokio::test]
async fn who_takes_the_authorisation_back_is_not_put_on_a_list() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine::dibao();
        let number = ordered(&d, &engine).await;
        tuodi_casework::withdraw_household_consent(&d.officer(TODAY), d.household, d.mother, "assistance")
            .await
            .unwrap();
        assert_eq!(verify::make_round(&steward(&d), "DS21").await.unwrap(), None);
        assert_eq!(banks(&view(&d, &number).await).0, AnswerState::Stopped);
    })
    .await;
}
