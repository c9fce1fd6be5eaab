//! Verification: authorised first, every source asked once, reports that complete themselves.

use crate::common::*;
use async_trait::async_trait;
use chrono::{Duration, NaiveDate};
use serde_json::json;
use std::sync::{Arc, Mutex};
use tuodi_casework::{
    CaseError, ConsentForm, Cx, Mark,
    verify::{self, AnswerState, Order, RequestView},
};
use tuodi_pack::{
    PersonId,
    ask::{AskError, AskSources, NotConnected, PersonReply, PersonStatus, Question, Reply},
};
use tuodi_testing::each_store;

const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 7, 6).unwrap();

/// The banks: say what a test tells them, one after the other, and remember the questions.
#[derive(Default)]
struct Banks {
    say: Mutex<Vec<Result<Reply, AskError>>>,
    asked: Mutex<Vec<Question>>,
}

impl Banks {
    fn saying(mut replies: Vec<Result<Reply, AskError>>) -> Banks {
        replies.reverse();
        Banks { say: Mutex::new(replies), asked: Mutex::default() }
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

#[async_trait]
impl AskSources for Banks {
    fn connected(&self, source: &str) -> bool {
        source == "DS21"
    }

    async fn ask(&self, _: &str, question: &Question) -> Result<Reply, AskError> {
        self.asked.lock().unwrap().push(question.clone());
        self.say.lock().unwrap().pop().unwrap_or(Err(AskError::Silent))
    }
}

fn savings(reference: &str, fen: i64) -> PersonReply {
    let row = json!({
        "query_no": "Q1", "authorisation_no": "A1", "org_code": "990001", "asset_kind": "deposit",
        "balance": fen, "query_date": "2026-07-06",
    });
    let rows = vec![row.as_object().unwrap().clone()];
    PersonReply { reference: reference.to_owned(), status: PersonStatus::Found, rows, reason: String::new() }
}

fn nothing(reference: &str) -> PersonReply {
    PersonReply { reference: reference.to_owned(), status: PersonStatus::None, rows: Vec::new(), reason: String::new() }
}

fn all(savings_fen: i64) -> Result<Reply, AskError> {
    Ok(Reply::Answers(vec![savings("1", savings_fen), nothing("2"), nothing("3")]))
}

async fn authorised(d: &District, purpose: &str) {
    for (person, name) in [(d.father, "安建国"), (d.mother, "柳秀英")] {
        let form = ConsentForm { person, name: name.to_owned(), mark: Mark::Paper, evidence: None };
        tuodi_casework::give_household_consent(&d.officer(TODAY), d.household, purpose, form).await.unwrap();
    }
}

fn order(d: &District, purpose: &str) -> Order {
    Order { household: d.household, purpose: purpose.to_owned(), as_of: TODAY }
}

/// The officer's context so many seconds after the order, and the platform's.
struct Clock(Cx, Arc<Mutex<i64>>);

impl Clock {
    fn of(d: &District) -> Clock {
        let platform = d.cx(tuodi_access::Actor::system(), tuodi_casework::Channel::System, TODAY);
        Clock(platform, Arc::default())
    }

    fn now(&self) -> impl Fn() -> Cx + Send + Sync + use<> {
        let (cx, seconds) = (self.0.clone(), self.1.clone());
        move || Cx { now: cx.now + Duration::seconds(*seconds.lock().unwrap()), ..cx.clone() }
    }

    fn set(&self, seconds: i64) {
        *self.1.lock().unwrap() = seconds;
    }
}

async fn view(d: &District, number: &str) -> RequestView {
    verify::request(&d.officer(TODAY), number, "test").await.unwrap()
}

fn state(view: &RequestView, source: &str) -> AnswerState {
    view.answers.iter().find(|a| a.source == source).expect("the source is asked").state
}

async fn journalled(d: &District, subject: &str) -> Vec<String> {
    let rows = tuodi_store::journal::entries_of(&d.store, subject).await.unwrap();
    rows.into_iter().map(|row| row.act).collect()
}

#[tokio::test]
async fn without_authorisation_nobody_is_asked_and_the_attempt_is_on_record() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let (engine, banks) = (Engine::dibao(), Banks::default());
        let refused = verify::order(&d.officer(TODAY), &engine, &banks, order(&d, "assistance"), "k").await;
        let Err(CaseError::NoConsent { persons }) = refused else { panic!("{refused:?}") };
        assert_eq!(persons, [d.father, d.mother]);
        assert!(engine.asked.lock().unwrap().is_empty() && banks.asked() == 0);
        let acts = journalled(&d, &format!("household:{}", d.household)).await;
        assert_eq!(acts, ["verification.refused"]);
        // For another purpose than the one authorised it is refused too.
        authorised(&d, "housing").await;
        let refused = verify::order(&d.officer(TODAY), &engine, &banks, order(&d, "assistance"), "k").await;
        assert!(matches!(refused, Err(CaseError::NoConsent { .. })), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn with_all_sources_in_the_pool_the_report_is_there_at_once() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        authorised(&d, "assistance").await;
        let (officer, engine) = (d.officer(TODAY), Engine::dibao());
        let done = verify::order(&officer, &engine, &NotConnected, order(&d, "assistance"), "k").await.unwrap();
        assert_eq!(done.waiting, 0);
        let again = verify::order(&officer, &engine, &NotConnected, order(&d, "assistance"), "k").await.unwrap();
        assert_eq!(again.number, done.number, "the same form sent twice is one verification");
        let seen = view(&d, &done.number).await;
        let (report, digest) = seen.report.as_ref().expect("the report");
        assert!(report.complete && report.edition == 1);
        assert_eq!(report.sources.len(), d.pack.verification.asked_for("assistance").count());
        assert_eq!(report.tier, "dibao");
        assert!(report.conclusion[0].zh.contains("由人决定"));
        assert_eq!(report.people[0].id_no, "9901**********0036");
        // Genuine by the first digits of its digest; not by others, and it says nothing of people.
        let found = verify::genuine(&d.store, &done.number, &digest[..16]).await.unwrap().expect("genuine");
        assert_eq!((found.edition, found.superseded, found.issued_on), (1, false, TODAY));
        assert_eq!(verify::genuine(&d.store, &done.number, "0123456789abcdef").await.unwrap(), None);
        assert_eq!(verify::genuine(&d.store, &done.number, &digest[..8]).await.unwrap(), None, "too short to mean it");
    })
    .await;
}

#[tokio::test]
async fn a_slow_source_is_waited_for_then_named_as_missing_then_added_and_nothing_twice() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        authorised(&d, "assistance").await;
        let banks = Banks::saying(vec![
            Err(AskError::Silent),
            Ok(Reply::Later { after_seconds: Some(30) }),
            Err(AskError::Busy { after_seconds: Some(60) }),
            all(650_000),
        ]);
        let (engine, clock) = (Engine::dibao(), Clock::of(&d));
        let now = clock.now();
        let done = verify::order(&d.officer(TODAY), &engine, &banks, order(&d, "assistance"), "k").await.unwrap();
        assert_eq!(done.waiting, 1);
        let first = verify::pursue(&now, &engine, &banks).await.unwrap();
        assert_eq!((first.asked, first.reports), (1, 0), "held back for the slow source");
        assert_eq!(verify::pursue(&now, &engine, &banks).await.unwrap().asked, 0, "not before the pause is over");

        clock.set(21);
        let held = verify::pursue(&now, &engine, &banks).await.unwrap();
        assert_eq!((held.asked, held.reports), (1, 1));
        let seen = view(&d, &done.number).await;
        let (report, _) = seen.report.as_ref().expect("the first edition");
        assert!(!report.complete);
        let missing: Vec<&str> = report.missing().map(|s| s.source.as_str()).collect();
        assert_eq!(missing, ["DS21"]);
        assert!(report.conclusion.iter().any(|t| t.zh.contains("还在等1个来源")), "{:?}", report.conclusion);
        assert_eq!(seen.answers.iter().find(|a| a.source == "DS21").unwrap().reason, "working");

        for (seconds, asked, reports) in [(40, 0, 0), (52, 1, 0), (100, 0, 0), (113, 1, 1), (4000, 0, 0)] {
            clock.set(seconds);
            let pursued = verify::pursue(&now, &engine, &banks).await.unwrap();
            assert_eq!((pursued.asked, pursued.reports), (asked, reports), "after {seconds} s");
        }
        let seen = view(&d, &done.number).await;
        let (report, _) = seen.report.as_ref().unwrap();
        assert_eq!((report.complete, report.edition, report.missing().count()), (true, 2, 0));
        assert_eq!(state(&seen, "DS21"), AnswerState::Answered);
        assert_eq!(seen.answers.iter().find(|a| a.source == "DS21").unwrap().rows, 1);
        assert_eq!(seen.editions.len(), 2);
        let old = verify::genuine(&d.store, &done.number, &seen.editions[1].2).await.unwrap().unwrap();
        assert!(old.superseded, "the first edition stays genuine, and says that there is a later one");
        // Every try under the same key; the reply went to the engine once.
        let asked = banks.asked.lock().unwrap();
        assert_eq!(asked.len(), 4);
        assert!(asked.iter().all(|q| q.key == asked[0].key));
        let overlays = engine.asked.lock().unwrap();
        let last = overlays.last().unwrap();
        assert_eq!(last.len(), 1);
        assert_eq!(last[0].values["person_id"], json!(d.father.0));
        assert_eq!(last[0].values["balance"], json!(650_000));
        assert!(last[0].values["query_no"] != json!("Q1"), "account and query numbers are hashed");
    })
    .await;
}

#[tokio::test]
async fn half_a_reply_is_kept_the_rest_asked_for_and_a_change_of_mind_told() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        authorised(&d, "assistance").await;
        let banks = Banks::saying(vec![Ok(Reply::Answers(vec![savings("1", 650_000)])), all(990_000)]);
        let (engine, clock) = (Engine::dibao(), Clock::of(&d));
        let now = clock.now();
        let done = verify::order(&d.officer(TODAY), &engine, &banks, order(&d, "assistance"), "k").await.unwrap();
        verify::pursue(&now, &engine, &banks).await.unwrap();
        let seen = view(&d, &done.number).await;
        let half = seen.answers.iter().find(|a| a.source == "DS21").unwrap();
        assert_eq!((half.state, half.reason.as_str(), half.rows), (AnswerState::Waiting, "partial", 1));
        clock.set(16);
        verify::pursue(&now, &engine, &banks).await.unwrap();
        let (report, _) = view(&d, &done.number).await.report.expect("complete");
        assert!(report.complete);
        // Both replies can be read again, the newest first: what each said of whom, and when.
        let told = verify::replies(&d.officer(TODAY), &done.number, "DS21", "test").await.unwrap().unwrap();
        let said: Vec<_> = told.replies.iter().map(|r| (r.attempt, r.state, r.people.len(), r.changed)).collect();
        assert_eq!(said, [(2, AnswerState::Answered, 3, true), (1, AnswerState::Waiting, 1, false)]);
        let balance = |i: usize| told.replies[i].rows[0].values["balance"].clone();
        assert_eq!((balance(0), balance(1)), (json!(990_000), json!(650_000)));
        assert!(verify::replies(&d.officer(TODAY), &done.number, "DS26", "test").await.unwrap().is_none());
        let grid = d.cx(actor(tuodi_access::Role::GridWorker, "g", VILLAGE), tuodi_casework::Channel::Window, TODAY);
        assert!(
            verify::replies(&grid, &done.number, "DS21", "test").await.is_err(),
            "who sees no report sees no reply"
        );
        assert_eq!(report.conflicts.len(), 1, "it said something else the second time");
        assert!(report.conflicts[0].title.zh.contains("前后两次答复不一致"));
    })
    .await;
}

#[tokio::test]
async fn a_scheduled_re_verification_reads_for_its_own_purpose_on_the_authorisation_of_the_application() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        authorised(&d, "assistance").await;
        let (officer, engine) = (d.officer(TODAY), Engine::dibao());
        assert_eq!(d.pack.reverification_purpose(), "reverification");
        let done = verify::order(&officer, &engine, &NotConnected, order(&d, "reverification"), "k").await.unwrap();
        assert_eq!(*engine.read_for.lock().unwrap(), [tuodi_pack::Purpose::Reverification]);
        let report = view(&d, &done.number).await.report.unwrap().0;
        assert_eq!(report.purpose, "reverification");
        let form = ConsentForm { person: d.father, name: "安建国".to_owned(), mark: Mark::Paper, evidence: None };
        let own = tuodi_casework::give_household_consent(&officer, d.household, "reverification", form).await;
        assert!(matches!(own, Err(CaseError::Invalid(_))), "it takes no authorisation of its own");
        // Taken back, both end.
        tuodi_casework::withdraw_household_consent(&officer, d.household, d.mother, "assistance").await.unwrap();
        let refused = verify::order(&officer, &engine, &NotConnected, order(&d, "reverification"), "k2").await;
        assert!(matches!(refused, Err(CaseError::NoConsent { .. })), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn a_reply_that_breaks_the_contract_is_not_believed_by_half() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        authorised(&d, "assistance").await;
        let mut wrong = savings("1", 1);
        wrong.rows[0].insert("balance".to_owned(), json!("许多"));
        let mut more = savings("1", 1);
        more.rows[0].insert("mother_in_law".to_owned(), json!(1));
        let replies = vec![
            Ok(Reply::Answers(vec![wrong, nothing("2"), nothing("3")])),
            Ok(Reply::Answers(vec![more, nothing("2"), nothing("3")])),
            Ok(Reply::Answers(vec![nothing("1"), nothing("1"), nothing("2")])),
            Ok(Reply::Answers(vec![nothing("7")])),
            Err(AskError::Refused("not for you".to_owned())),
        ];
        let banks = Banks::saying(replies);
        let (engine, clock) = (Engine::dibao(), Clock::of(&d));
        let now = clock.now();
        let done = verify::order(&d.officer(TODAY), &engine, &banks, order(&d, "assistance"), "k").await.unwrap();
        for (seconds, said) in [
            (0, "row 1, column balance: not a whole amount in fen within the contract's bounds"),
            (15, "row 1, column mother_in_law: not in the contract"),
            (45, "it speaks of one person twice"),
            (105, "it speaks of somebody who was not asked about"),
        ] {
            clock.set(seconds);
            verify::pursue(&now, &engine, &banks).await.unwrap();
            let seen = view(&d, &done.number).await;
            let line = seen.answers.iter().find(|a| a.source == "DS21").unwrap();
            assert_eq!(
                (line.state, line.reason.as_str(), line.words.as_str()),
                (AnswerState::Waiting, "garbled", said)
            );
            assert_eq!(line.rows, 0);
        }
        clock.set(225);
        verify::pursue(&now, &engine, &banks).await.unwrap();
        let seen = view(&d, &done.number).await;
        assert_eq!(state(&seen, "DS21"), AnswerState::Refused);
        let report = seen.report.unwrap().0;
        assert!(report.complete && report.conclusion.iter().any(|t| t.zh.contains("不能作为不予救助的理由")));
    })
    .await;
}

#[tokio::test]
async fn a_source_that_never_answers_times_out_and_the_report_says_so() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        authorised(&d, "assistance").await;
        let (engine, clock, banks) = (Engine::dibao(), Clock::of(&d), Banks::default());
        let now = clock.now();
        let done = verify::order(&d.officer(TODAY), &engine, &banks, order(&d, "assistance"), "k").await.unwrap();
        clock.set(30);
        verify::pursue(&now, &engine, &banks).await.unwrap();
        clock.set(120 * 3600);
        verify::pursue(&now, &engine, &banks).await.unwrap();
        let seen = view(&d, &done.number).await;
        assert_eq!(state(&seen, "DS21"), AnswerState::TimedOut);
        assert!(seen.row.complete && seen.row.edition == 2);
        assert_eq!(banks.asked(), 1, "after its time nobody asks");
    })
    .await;
}

#[tokio::test]
async fn a_withdrawal_stops_what_still_waits_and_drops_what_comes_too_late() {
    each_store(migrations, async |store| {
        let d = Arc::new(district(store).await);
        authorised(&d, "assistance").await;
        let (engine, clock) = (Engine::dibao(), Clock::of(&d));
        let now = clock.now();

        /// Answers only after the mother has taken her word back.
        struct Meanwhile(Arc<District>, PersonId);

        #[async_trait]
        impl AskSources for Meanwhile {
            fn connected(&self, source: &str) -> bool {
                source == "DS21"
            }

            async fn ask(&self, _: &str, _: &Question) -> Result<Reply, AskError> {
                let citizen = self.0.citizen(TODAY);
                tuodi_casework::withdraw_household_consent(&citizen, self.0.household, self.1, "assistance")
                    .await
                    .unwrap();
                all(650_000)
            }
        }

        let banks = Meanwhile(d.clone(), d.mother);
        let done = verify::order(&d.officer(TODAY), &engine, &banks, order(&d, "assistance"), "k").await.unwrap();
        verify::pursue(&now, &engine, &banks).await.unwrap();
        let seen = view(&d, &done.number).await;
        let line = seen.answers.iter().find(|a| a.source == "DS21").unwrap();
        assert_eq!((line.state, line.rows), (AnswerState::Stopped, 0));
        let acts = journalled(&d, &format!("verification:{}", done.number)).await;
        assert!(acts.iter().any(|act| act == "verification.dropped"), "{acts:?}");
        // And no further query.
        let refused = verify::order(&d.officer(TODAY), &engine, &banks, order(&d, "assistance"), "k2").await;
        assert!(matches!(&refused, Err(CaseError::NoConsent { persons }) if *persons == [d.mother]), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn another_townships_officer_neither_orders_nor_reads() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        authorised(&d, "assistance").await;
        let engine = Engine::dibao();
        let done =
            verify::order(&d.officer(TODAY), &engine, &NotConnected, order(&d, "assistance"), "k").await.unwrap();
        let other = d.cx(
            actor(tuodi_access::Role::TownshipOfficer, "other", OTHER_TOWNSHIP),
            tuodi_casework::Channel::Window,
            TODAY,
        );
        let refused = verify::order(&other, &engine, &NotConnected, order(&d, "assistance"), "k").await;
        assert!(matches!(refused, Err(CaseError::Denied(_))), "{refused:?}");
        assert!(matches!(verify::request(&other, &done.number, "x").await, Err(CaseError::Denied(_))));
        let list =
            verify::requests(&other, &verify::RequestFilter { per_page: 25, ..Default::default() }).await.unwrap();
        assert!(list.rows.is_empty());
        let own =
            verify::requests(&d.officer(TODAY), &verify::RequestFilter { per_page: 25, ..Default::default() }).await;
        assert_eq!(own.unwrap().rows[0].number, done.number);
    })
    .await;
}

#[tokio::test]
async fn a_payment_comparison_that_an_act_orders_needs_no_authorisation_and_asks_no_bank() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let (engine, banks) = (Engine::dibao(), Banks::default());
        let done = verify::order(&d.officer(TODAY), &engine, &banks, order(&d, "payment_overlap"), "k").await.unwrap();
        let seen = view(&d, &done.number).await;
        assert!(seen.answers.iter().all(|a| a.source != "DS21"));
        assert_eq!((done.waiting, banks.asked()), (0, 0));
    })
    .await;
}
