//! Help in an emergency: first the help, then the papers, then what follows; paid once, booked to the fen, told upwards when
//! late, and nothing taken back by itself.

use crate::common::*;
use chrono::{DateTime, Duration, Utc};
use tuodi_access::{Actor, Role};
use tuodi_casework::{
    CaseError, Channel, Cx,
    emergency::{
        Decision, EmergencyAct, EmergencyFilter, EmergencyState, Found, Papers, Payment, Proposal, Report,
        decide_emergency, emergencies, emergency, excuse_papers, pay_advance, pay_second, propose_help, record_papers,
        report_emergency, reserve_books, tell_late_emergencies, top_up, verify_emergency,
    },
    fund_books,
};
use tuodi_pack::Fen;
use tuodi_testing::each_store;

/// Ten in the morning of 3 August 2026, a Monday.
fn told() -> DateTime<Utc> {
    morning(day(2026, 8, 3))
}

fn later(cx: Cx, hours: i64) -> Cx {
    Cx { now: told() + Duration::hours(hours), ..cx }
}

fn officer(d: &District, hours: i64) -> Cx {
    later(d.officer(day(2026, 8, 3)), hours)
}

fn leader(d: &District, hours: i64) -> Cx {
    later(d.leader(day(2026, 8, 3)), hours)
}

fn platform(d: &District, hours: i64) -> Cx {
    later(d.cx(Actor::system(), Channel::System, day(2026, 8, 3)), hours)
}

/// A family from elsewhere whose home burnt: on no register here (worked case 19).
fn fire() -> Report {
    Report {
        person: None,
        name: "林远".to_owned(),
        id_no: String::new(),
        phone: "13900000000".to_owned(),
        place: "镇中学安置点".to_owned(),
        region: VILLAGE.to_owned(),
        kind: "fire".to_owned(),
        source: "walk_in".to_owned(),
        persons: Some(3),
        told_at: Some(told()),
        text: "昨晚租的房子烧了".to_owned(),
    }
}

fn seen() -> Found {
    Found {
        how: "visit".to_owned(),
        at: Some(told() + Duration::hours(1)),
        holds: Some(true),
        grade: "b".to_owned(),
        persons: Some(3),
        text: "房子四十五天不能住".to_owned(),
    }
}

fn cash(amount: i64, hours: i64) -> Payment {
    Payment {
        amount: Some(Fen::yuan(amount)),
        way: "cash".to_owned(),
        source: "reserve".to_owned(),
        at: Some(told() + Duration::hours(hours)),
        paper: format!("收{amount}"),
        received_by: "林远".to_owned(),
        witness: "何敏".to_owned(),
        goods: String::new(),
    }
}

fn all_papers() -> Papers {
    Papers { kinds: ["signed", "identity", "event"].map(str::to_owned).into(), note: String::new() }
}

fn whole(total: i64) -> Proposal {
    Proposal { total: Some(Fen::yuan(total)), referrals: vec!["charity".to_owned()], text: "住房烧毁".to_owned() }
}

fn yes() -> Decision {
    Decision { agree: Some(true), ..Decision::default() }
}

/// Told, verified and first helped with a thousand yuan after three hours: number and version.
async fn advanced(d: &District) -> (String, i32) {
    let no = report_emergency(&officer(d, 0), fire(), "r").await.unwrap().no;
    let v = verify_emergency(&officer(d, 2), &no, 1, seen(), "v").await.unwrap();
    let v = pay_advance(&officer(d, 3), &no, v, cash(1000, 3), "a").await.unwrap();
    (no, v)
}

#[tokio::test]
async fn a_family_on_no_register_is_helped_within_hours_and_the_rest_follows_its_papers() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let money = later(d.district_officer(day(2026, 8, 3)), 0);
        top_up(&money, TOWNSHIP, Some(day(2026, 8, 1)), Some(Fen::yuan(3000)), "财社〔2026〕8号", "t").await.unwrap();
        let (no, v) = advanced(&d).await;
        let view = emergency(&officer(&d, 4), &no).await.unwrap();
        assert_eq!(view.papers_due, Some(day(2026, 8, 17)), "ten working days");
        assert_eq!((view.computed, view.reserve), (Some(Fen::yuan(5760)), Fen::yuan(2000)));
        // Paid is paid: neither a second click nor another officer pays it again.
        assert_eq!(pay_advance(&officer(&d, 4), &no, v - 1, cash(1000, 3), "a").await.unwrap(), v);
        let again = pay_advance(&later(d.second_officer(day(2026, 8, 3)), 4), &no, v, cash(500, 3), "b").await;
        assert!(matches!(again, Err(CaseError::EmergencyStage { .. })), "{again:?}");
        let v = record_papers(&officer(&d, 48), &no, v, all_papers(), "p").await.unwrap();
        let below = propose_help(&officer(&d, 49), &no, v, whole(900), "q0").await;
        assert!(matches!(&below, Err(CaseError::Invalid(e)) if e[0].key == "error.below_paid"), "{below:?}");
        let v = propose_help(&officer(&d, 49), &no, v, whole(5760), "q").await.unwrap();
        let own = decide_emergency(&officer(&d, 50), &no, v, yes(), "d0").await;
        assert!(matches!(own, Err(CaseError::Denied(_))), "who proposed does not decide: {own:?}");
        let v = decide_emergency(&leader(&d, 50), &no, v, yes(), "d").await.unwrap();
        let decider = pay_second(&leader(&d, 51), &no, v, cash(4760, 51), "s0").await;
        assert!(matches!(decider, Err(CaseError::Denied(_))), "who decided does not pay: {decider:?}");
        let other = pay_second(&officer(&d, 51), &no, v, cash(4000, 51), "s1").await;
        assert!(matches!(&other, Err(CaseError::Invalid(e)) if e[0].key == "error.not_the_rest"), "{other:?}");
        let second = Payment { way: "transfer".to_owned(), source: "county".to_owned(), ..cash(4760, 51) };
        for _ in 0..2 {
            pay_second(&officer(&d, 51), &no, v, second.clone(), "s").await.unwrap();
        }
        let view = emergency(&officer(&d, 52), &no).await.unwrap();
        assert_eq!((view.row.state, view.row.outcome.as_deref()), (EmergencyState::Closed, Some("helped")));
        assert_eq!((view.row.paid, view.may), (Fen::yuan(5760), Vec::new()));
        // The township's book and the fund's close to the fen.
        let books = reserve_books(&later(d.district_officer(day(2026, 8, 3)), 60)).await.unwrap();
        assert_eq!((books.len(), books[0].balance, books[0].lines.len()), (1, 200_000, 2));
        let funds =
            fund_books(&later(d.reviewer(day(2026, 8, 3)), 60), day(2026, 8, 1), day(2026, 8, 1)).await.unwrap();
        let month = funds.iter().find(|b| b.fund == "livelihood").unwrap().months[0].1;
        assert_eq!((month.urgent, month.closing), (576_000, -576_000));
        let journal =
            format!("{:?}", tuodi_store::journal::entries_of(&d.store, &format!("emergency:{no}")).await.unwrap());
        assert!(journal.contains("emergency.second"));
        for hidden in ["林远", "13900000000", "安置点", "烧"] {
            assert!(!journal.contains(hidden), "{hidden}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_late_goes_up_by_the_hour_and_late_papers_wait_for_a_person_who_takes_nothing_back() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let no = report_emergency(&officer(&d, 0), fire(), "r").await.unwrap().no;
        let mut said = Vec::new();
        for hours in [1, 12, 13, 24, 25, 26] {
            said.push((hours, tell_late_emergencies(&platform(&d, hours)).await.unwrap()));
        }
        assert_eq!(said, [(1, 0), (12, 1), (13, 0), (24, 0), (25, 1), (26, 0)]);
        let late = EmergencyFilter { late: true, per_page: 20, ..EmergencyFilter::default() };
        let list = emergencies(&later(d.district_officer(day(2026, 8, 3)), 25), &late).await.unwrap();
        assert_eq!((list.total, list.rows[0].raised.as_deref(), list.rows[0].late), (1, Some("district"), true));
        // The word upwards is in nobody's way: the version that the officer has open holds.
        let found = Found { at: Some(told() + Duration::hours(25)), ..seen() };
        let v = verify_emergency(&officer(&d, 26), &no, 1, found, "v").await.unwrap();
        let v = pay_advance(&officer(&d, 26), &no, v, cash(600, 26), "a").await.unwrap();
        assert_eq!(tell_late_emergencies(&platform(&d, 24 * 15)).await.unwrap(), 0, "the last day is not over");
        let over = 24 * 16;
        assert_eq!(tell_late_emergencies(&platform(&d, over)).await.unwrap(), 1);
        assert_eq!(tell_late_emergencies(&platform(&d, over + 1)).await.unwrap(), 0);
        let view = emergency(&leader(&d, over + 1), &no).await.unwrap();
        assert_eq!(
            (view.row.state, view.may),
            (EmergencyState::Chasing, vec![EmergencyAct::Papers, EmergencyAct::Excuse])
        );
        let who_paid = excuse_papers(&officer(&d, over + 2), &no, v + 1, Some(false), "找不到人", "x0").await;
        assert!(matches!(who_paid, Err(CaseError::Denied(_))), "{who_paid:?}");
        let unsaid = excuse_papers(&leader(&d, over + 2), &no, v + 1, None, " ", "x1").await;
        assert!(matches!(&unsaid, Err(CaseError::Invalid(e)) if e.len() == 2), "{unsaid:?}");
        excuse_papers(&leader(&d, over + 2), &no, v + 1, Some(false), "一家人已经离开", "x").await.unwrap();
        let view = emergency(&leader(&d, over + 3), &no).await.unwrap();
        assert_eq!(view.row.outcome.as_deref(), Some("advance_only"));
        assert_eq!(view.row.paid, Fen::yuan(600), "what was given stays given");
    })
    .await;
}

#[tokio::test]
async fn a_second_word_of_the_same_household_goes_to_the_same_file_while_another_case_of_it_is_open() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        d.accepted().await;
        let of = |text: &str| Report { person: Some(d.father), text: text.to_owned(), ..fire() };
        let first = report_emergency(&officer(&d, 0), of("房子烧了"), "a").await.unwrap();
        let village =
            later(d.cx(actor(Role::VillageOfficer, "v-officer", VILLAGE), Channel::Village, day(2026, 8, 3)), 1);
        let second = report_emergency(&village, of("邻居也来说"), "b").await.unwrap();
        assert_eq!((second.no.as_str(), first.known, second.known), (first.no.as_str(), false, true));
        // The number alone leads to the same family.
        let by_number = Report { id_no: "990102198104120036".to_owned(), ..fire() };
        assert!(report_emergency(&officer(&d, 2), by_number, "c").await.unwrap().known);
        let view = emergency(&officer(&d, 2), &first.no).await.unwrap();
        assert_eq!((view.who.words.len(), view.who.name.as_str()), (3, "安建国"));
        let elsewhere = d.cx(actor(Role::TownshipOfficer, "o", OTHER_TOWNSHIP), Channel::Window, day(2026, 8, 3));
        assert!(matches!(emergency(&elsewhere, &first.no).await, Err(CaseError::Denied(_))));
        let centre = d.cx(actor(Role::CheckCentre, "c", COUNTY), Channel::Window, day(2026, 8, 3));
        let filter = EmergencyFilter { per_page: 20, ..EmergencyFilter::default() };
        assert!(matches!(emergencies(&centre, &filter).await, Err(CaseError::Denied(_))), "nothing to check here");
        // A village officer visits, but does not send anybody away.
        let none = Found { holds: Some(false), ..seen() };
        let away = verify_emergency(&village, &first.no, 3, none.clone(), "v0").await;
        assert!(matches!(away, Err(CaseError::Denied(_))), "{away:?}");
        verify_emergency(&officer(&d, 3), &first.no, 3, none, "v").await.unwrap();
        let view = emergency(&officer(&d, 3), &first.no).await.unwrap();
        assert_eq!(view.row.outcome.as_deref(), Some("no_emergency"));
        assert!(!report_emergency(&officer(&d, 4), of("又出事了"), "e").await.unwrap().known, "a new one may begin");
    })
    .await;
}

#[tokio::test]
async fn above_the_townships_limit_the_district_decides_and_above_its_own_only_after_the_special_review() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let (no, v) = advanced(&d).await;
        let v = record_papers(&officer(&d, 5), &no, v, all_papers(), "p").await.unwrap();
        let v = propose_help(&officer(&d, 6), &no, v, whole(20_000), "q").await.unwrap();
        let township = decide_emergency(&leader(&d, 7), &no, v, yes(), "d0").await;
        assert!(matches!(township, Err(CaseError::Denied(_))), "{township:?}");
        let reviewer = later(d.reviewer(day(2026, 8, 3)), 8);
        let alone = decide_emergency(&reviewer, &no, v, yes(), "d1").await;
        assert!(matches!(&alone, Err(CaseError::Invalid(e)) if e[0].field == "minutes"), "{alone:?}");
        let no_words = Decision { agree: Some(false), ..Decision::default() };
        assert!(matches!(decide_emergency(&reviewer, &no, v, no_words, "d2").await, Err(CaseError::Invalid(_))));
        let met = Decision { minutes: "区府纪〔2026〕3号".to_owned(), ..yes() };
        let v = decide_emergency(&reviewer, &no, v, met, "d").await.unwrap();
        let view = emergency(&officer(&d, 9), &no).await.unwrap();
        assert_eq!((view.row.state, view.rest, view.row.version), (EmergencyState::Granted, Fen::yuan(19_000), v));
    })
    .await;
}

#[tokio::test]
async fn wrong_fields_are_named_and_nothing_is_booked() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let empty = report_emergency(&officer(&d, 0), Report::default(), "e").await;
        let Err(CaseError::Invalid(errors)) = &empty else { panic!("{empty:?}") };
        let fields: Vec<&str> = errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, ["name", "place", "text", "kind", "source", "persons", "region", "told_at"]);
        let no = report_emergency(&officer(&d, 0), fire(), "r").await.unwrap().no;
        let early = Found { at: Some(told() - Duration::hours(1)), grade: "z".to_owned(), ..seen() };
        let wrong = verify_emergency(&officer(&d, 2), &no, 1, early, "w").await;
        assert!(matches!(&wrong, Err(CaseError::Invalid(e)) if e.len() == 2), "{wrong:?}");
        let v = verify_emergency(&officer(&d, 2), &no, 1, seen(), "v").await.unwrap();
        let much = pay_advance(&officer(&d, 3), &no, v, cash(1001, 3), "a0").await;
        assert!(matches!(&much, Err(CaseError::Invalid(e)) if e[0].key == "error.above_advance"), "{much:?}");
        let alone = Payment { witness: " ".to_owned(), ..cash(1000, 3) };
        let alone = pay_advance(&officer(&d, 3), &no, v, alone, "a1").await;
        assert!(matches!(&alone, Err(CaseError::Invalid(e)) if e[0].field == "witness"), "{alone:?}");
        let stale = pay_advance(&officer(&d, 3), &no, v - 1, cash(1000, 3), "a2").await;
        assert!(matches!(stale, Err(CaseError::EmergencyChanged { .. })), "{stale:?}");
        assert!(reserve_books(&officer(&d, 4)).await.unwrap().is_empty());
        let money = later(d.district_officer(day(2026, 8, 3)), 0);
        let wrong = top_up(&money, VILLAGE, None, None, "", "t").await;
        assert!(matches!(&wrong, Err(CaseError::Invalid(e)) if e.len() == 4), "{wrong:?}");
        let township = top_up(&leader(&d, 0), TOWNSHIP, Some(day(2026, 8, 1)), Some(Fen(1)), "x", "u").await;
        assert!(matches!(township, Err(CaseError::Denied(_))), "{township:?}");
    })
    .await;
}
