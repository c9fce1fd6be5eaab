//! The low-income library, by the rules of the fictional district, on each database.

use super::{entry as journalled, number, record};
use crate::{
    IdentityBook, PersonRecord, RegistryError,
    library::{
        Act, Filter, Granted, HelpFilter, HelpRow, Kept, OWN, Place, Survey, counts, decided_approved, decided_refused,
        ended, entries, entry, events, help, help_of, search, visited,
    },
    migrations,
};
use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use sea_orm::{ConnectionTrait, Statement};
use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};
use tuodi_pack::{
    HouseholdId, Pack, PersonId,
    indicator::Severity,
    library::{Layer, Way},
};
use tuodi_store::{BoxFuture, Recorded, Store, Tx};
use tuodi_testing::each_store;

const COUNTY: &str = "990102000000";
const VILLAGE: &str = "990102001001";
const OTHER: &str = "990102002001";

/// The district's pack, read once for all tests.
fn pack() -> Arc<Pack> {
    static PACK: LazyLock<Arc<Pack>> = LazyLock::new(|| {
        Arc::new(Pack::load(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/qingyan")).unwrap())
    });
    PACK.clone()
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn at(day: NaiveDate) -> DateTime<Utc> {
    Utc.from_utc_datetime(&day.and_hms_opt(2, 0, 0).unwrap())
}

/// Three households of one person each: 张秀梅 and 单国强 at one village, 李大山 at another.
async fn people(store: &Store) -> Vec<PersonId> {
    let person = |born, n, name: &str, no: &str, village: &str| PersonRecord {
        household_no: Some(no.to_owned()),
        region_code: Some(village.to_owned()),
        relation: Some("01".to_owned()),
        ..record(born, n, name)
    };
    let people = vec![
        person("19500101", 2, "张秀梅", "H0001", VILLAGE),
        person("19600101", 1, "单国强", "H0002", VILLAGE),
        person("19700101", 3, "李大山", "H0003", OTHER),
    ];
    IdentityBook::load(store).await.unwrap().take(store, people, journalled()).await.unwrap()
}

fn line(person: PersonId, programme: &str, from: NaiveDate, to: Option<NaiveDate>) -> HelpRow {
    HelpRow { person, source: "DS05".to_owned(), programme: programme.to_owned(), from, to, monthly: Some(50_000) }
}

fn survey(run: &str, on: NaiveDate, help: Vec<HelpRow>) -> Survey {
    Survey { run: run.to_owned(), on, help, sources: ["DS05".to_owned(), OWN.to_owned()].into(), ..Survey::default() }
}

/// Both halves, as a pass does them.
async fn keep(store: &Store, pack: &Pack, survey: Survey, now: DateTime<Utc>) -> Result<Kept, RegistryError> {
    let listed = crate::library::list(store, pack, &survey, now).await?;
    crate::library::keep(store, pack, survey, listed, now).await
}

async fn home(store: &Store, person: PersonId) -> HouseholdId {
    crate::household_of(store, person).await.unwrap().unwrap()
}

async fn acts(store: &Store, household: HouseholdId) -> Vec<String> {
    events(store, household).await.unwrap().into_iter().rev().map(|e| e.act).collect()
}

async fn journal(store: &Store) -> i64 {
    let sql = "SELECT COUNT(*) AS n FROM journal";
    let row = store.read().query_one_raw(Statement::from_string(store.backend(), sql)).await.unwrap().unwrap();
    row.try_get("", "n").unwrap()
}

fn act(household: HouseholdId, on: NaiveDate) -> Act {
    Act {
        household,
        region_code: VILLAGE.to_owned(),
        on,
        about: "case:QY26-00001".to_owned(),
        actor: "reviewer".to_owned(),
        role: "R08".to_owned(),
    }
}

/// One act in a transaction of its own, as casework and watch do it.
async fn doing<F>(store: &Store, body: F)
where
    F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<(), crate::RegistryError>> + Send + 'static,
{
    let done =
        store.write(move |tx| Box::pin(async move { body(tx).await.map(|()| Recorded::new((), journalled())) })).await;
    done.unwrap();
}

#[tokio::test]
async fn the_same_pass_again_writes_nothing_at_all() {
    each_store(migrations, async |store| {
        let (pack, ids) = (pack(), people(&store).await);
        let on = day(2026, 9, 1);
        let help = vec![line(ids[0], "dibao", day(2024, 3, 1), None), line(ids[2], "temporary", day(2026, 5, 1), None)];
        let first = keep(&store, &pack, survey("1", on, help.clone()), at(on)).await.unwrap();
        assert_eq!((first.households, first.entered, first.help), (1, 1, 2));
        let (before, seen) = (journal(&store).await, acts(&store, home(&store, ids[0]).await).await);
        assert_eq!(seen, ["entered"]);
        let again = keep(&store, &pack, survey("2", on, help), at(on)).await.unwrap();
        assert_eq!((again.households, again.entered, again.moved, again.left, again.help), (1, 0, 0, 0, 0));
        assert_eq!(journal(&store).await, before);
        let found = entry(&store, home(&store, ids[0]).await).await.unwrap().unwrap();
        assert_eq!((found.place, found.way), (Place::In(Layer::Registered), Some(Way::Roster)));
        assert_eq!(found.entered_on, day(2024, 3, 1), "a roster tells of what began before it came");
        assert!(entry(&store, home(&store, ids[2]).await).await.unwrap().is_none(), "a single grant is no layer");
    })
    .await;
}

#[tokio::test]
async fn who_leaves_dibao_is_watched_for_a_year_and_the_history_stays() {
    each_store(migrations, async |store| {
        let (pack, ids) = (pack(), people(&store).await);
        let household = home(&store, ids[0]).await;
        let pass = async |run: &str, on: NaiveDate, to: Option<NaiveDate>| {
            let help = vec![line(ids[0], "dibao", day(2024, 3, 1), to)];
            keep(&store, &pack, survey(run, on, help), at(on)).await.unwrap()
        };
        pass("1", day(2026, 7, 1), None).await;
        let last = day(2026, 7, 31);
        assert_eq!(pass("2", day(2026, 9, 1), Some(last)).await.moved, 1);
        let watched = entry(&store, household).await.unwrap().unwrap();
        assert_eq!((watched.place, watched.rule.as_str()), (Place::In(Layer::Extended), "recently_left"));
        assert_eq!((watched.since, watched.until), (last, Some(day(2027, 7, 31))));

        // A steward looks for whom left dibao last month.
        let asked = Filter {
            region: COUNTY.to_owned(),
            programme: Some("dibao".to_owned()),
            ended: true,
            from: Some(day(2026, 7, 1)),
            to: Some(last),
            today: day(2026, 9, 1),
            per_page: 25,
            ..Filter::default()
        };
        assert_eq!(entries(&store, &asked).await.unwrap().rows[0].household, household);
        let earlier = Filter { to: Some(day(2026, 7, 30)), ..asked };
        assert_eq!(entries(&store, &earlier).await.unwrap().total, 0);

        assert_eq!(pass("3", day(2027, 8, 1), Some(last)).await.left, 1);
        let out = entry(&store, household).await.unwrap().unwrap();
        assert_eq!((out.place, out.reason.as_deref()), (Place::Out, Some("over:recently_left")));
        assert_eq!(acts(&store, household).await, ["entered", "moved", "left"]);
        assert_eq!(help_of(&store, &[household]).await.unwrap().len(), 1, "what was given stays known");
    })
    .await;
}

#[tokio::test]
async fn a_line_that_a_list_names_no_longer_stays_and_one_of_a_list_that_did_not_come_is_untouched() {
    each_store(migrations, async |store| {
        let (pack, ids) = (pack(), people(&store).await);
        let household = home(&store, ids[1]).await;
        let on = day(2026, 9, 1);
        keep(&store, &pack, survey("1", on, vec![line(ids[1], "dibao", day(2026, 1, 1), None)]), at(on)).await.unwrap();
        let silent = Survey { run: "2".to_owned(), on, ..Survey::default() };
        keep(&store, &pack, silent, at(on)).await.unwrap();
        assert!(help_of(&store, &[household]).await.unwrap()[0].named, "the list did not come");
        keep(&store, &pack, survey("3", on, Vec::new()), at(on)).await.unwrap();
        let lines = help_of(&store, &[household]).await.unwrap();
        assert_eq!((lines.len(), lines[0].named), (1, false));
    })
    .await;
}

#[tokio::test]
async fn a_refusal_near_the_line_is_watched_and_one_far_from_it_only_remembered() {
    each_store(migrations, async |store| {
        let (pack, ids) = (pack(), people(&store).await);
        let on = day(2026, 9, 1);
        for (person, missed, place) in [
            (ids[0], Some(50), Place::In(Layer::Extended)),
            (ids[1], Some(600), Place::Out),
            (ids[2], None, Place::Out),
        ] {
            let household = home(&store, person).await;
            let (rules, act) = (pack.clone(), act(household, on));
            doing(&store, move |tx| {
                Box::pin(async move { decided_refused(tx, &rules, &act, "income_over", missed).await })
            })
            .await;
            let found = entry(&store, household).await.unwrap().unwrap();
            assert_eq!(found.place, place);
            assert!(acts(&store, household).await.contains(&"refused".to_owned()));
        }
        // The pass after it knows of the refusal.
        keep(&store, &pack, survey("1", day(2026, 9, 2), Vec::new()), at(on)).await.unwrap();
        let found = entry(&store, home(&store, ids[0]).await).await.unwrap().unwrap();
        assert_eq!((found.place, found.way), (Place::In(Layer::Extended), Some(Way::Application)));
    })
    .await;
}

#[tokio::test]
async fn an_alert_suspects_a_visit_clears_and_an_approval_registers_before_the_first_payment() {
    each_store(migrations, async |store| {
        let (pack, ids) = (pack(), people(&store).await);
        let (on, household) = (day(2026, 9, 1), home(&store, ids[0]).await);
        let other = home(&store, ids[1]).await;
        let alerts = BTreeMap::from([("M001".to_owned(), Severity::Orange)]);
        let both = [(household, alerts.clone()), (other, alerts)].into();
        keep(&store, &pack, Survey { alerts: both, ..survey("1", on, Vec::new()) }, at(on)).await.unwrap();
        let found = entry(&store, household).await.unwrap().unwrap();
        assert_eq!((found.place, found.way), (Place::In(Layer::Suspected), Some(Way::Alert)));

        for (household, outcome, place) in
            [(other, "verified_no_hardship", Place::Out), (household, "need_confirmed", Place::In(Layer::Extended))]
        {
            let (rules, act) = (pack.clone(), act(household, on));
            doing(&store, move |tx| Box::pin(async move { visited(tx, &rules, &act, outcome).await })).await;
            assert_eq!(entry(&store, household).await.unwrap().unwrap().place, place);
        }
        let (rules, decided) = (pack.clone(), act(household, on));
        let granted = Granted {
            payee: ids[0],
            programme: "dibao".to_owned(),
            monthly: 72_000,
            from: day(2026, 10, 1),
            to: None,
            check_on: Some(day(2027, 3, 1)),
        };
        doing(&store, move |tx| Box::pin(async move { decided_approved(tx, &rules, &decided, granted).await })).await;
        let own =
            HelpRow { source: OWN.to_owned(), monthly: Some(72_000), ..line(ids[0], "dibao", day(2026, 10, 1), None) };
        let checks = [(household, day(2027, 3, 1))].into();
        keep(&store, &pack, Survey { checks, ..survey("2", on, vec![own]) }, at(on)).await.unwrap();
        let found = entry(&store, household).await.unwrap().unwrap();
        assert_eq!(found.place, Place::In(Layer::Registered));
        assert_eq!(found.review_on, Some(day(2027, 3, 1)));
        assert_eq!(acts(&store, household).await, ["entered", "visited", "moved", "approved", "moved"]);

        let (rules, stopped) = (pack.clone(), act(other, on));
        doing(&store, move |tx| Box::pin(async move { ended(tx, &rules, &stopped, "withdrawn").await })).await;
        assert_eq!(entry(&store, other).await.unwrap().unwrap().place, Place::Out);
    })
    .await;
}

#[tokio::test]
async fn a_household_is_found_by_name_initials_tail_and_its_number_within_the_region_only() {
    each_store(migrations, async |store| {
        let (pack, ids) = (pack(), people(&store).await);
        let on = day(2026, 9, 1);
        let help = ids.iter().map(|id| line(*id, "dibao", day(2026, 1, 1), None)).collect();
        keep(&store, &pack, survey("1", on, help), at(on)).await.unwrap();
        let first = home(&store, ids[0]).await;
        let number = number("19500101", 2).as_str().to_owned();
        for typed in ["张秀梅", "zxm", "ZXM", &number, &number[14..], "H0001"] {
            assert_eq!(search(&store, typed, COUNTY).await.unwrap(), [first], "{typed}");
            assert!(search(&store, typed, OTHER).await.unwrap().is_empty(), "{typed} from another village");
        }
        // 单 as a surname is shan, though it is dan elsewhere.
        assert_eq!(search(&store, "sgq", VILLAGE).await.unwrap(), [home(&store, ids[1]).await]);
        assert!(search(&store, "张", COUNTY).await.unwrap().is_empty());

        let of = |region: &str, page| Filter {
            region: region.to_owned(),
            today: on,
            page,
            per_page: 1,
            ..Filter::default()
        };
        assert_eq!(entries(&store, &of(COUNTY, 1)).await.unwrap().pages(), 3);
        assert_eq!(entries(&store, &of(VILLAGE, 2)).await.unwrap().rows.len(), 1);
        assert_eq!(counts(&store, OTHER, on).await.unwrap().registered, 1);
    })
    .await;
}

#[tokio::test]
async fn people_who_are_given_several_things_are_seen_together() {
    each_store(migrations, async |store| {
        let (pack, ids) = (pack(), people(&store).await);
        let on = day(2026, 9, 1);
        let subsidy = |person, to| HelpRow {
            source: "DS08".to_owned(),
            ..line(person, "disability_living", day(2026, 2, 1), to)
        };
        let lines = vec![
            line(ids[0], "tekun", day(2026, 1, 1), None),
            subsidy(ids[0], None),
            line(ids[1], "dibao", day(2026, 1, 1), None),
            subsidy(ids[1], Some(day(2026, 3, 1))),
        ];
        keep(&store, &pack, survey("1", on, lines), at(on)).await.unwrap();
        let asked =
            HelpFilter { region: COUNTY.to_owned(), several: true, today: on, per_page: 25, ..HelpFilter::default() };
        let found = help(&store, &asked).await.unwrap();
        assert_eq!(found.total, 2);
        assert!(found.rows.iter().all(|row| row.person == ids[0]));
        let ended = HelpFilter { several: false, ended: true, ..asked };
        assert_eq!(help(&store, &ended).await.unwrap().rows[0].person, ids[1]);
    })
    .await;
}

#[tokio::test]
async fn a_household_is_found_by_part_of_its_address_once_that_is_noted() {
    each_store(migrations, async |store| {
        let ids = people(&store).await;
        let lived = PersonRecord {
            address: Some("清晏区柳岸社区7栋2单元301室".to_owned()),
            ..record("19500101", 2, "张秀梅")
        };
        let mut book = IdentityBook::load(&store).await.unwrap();
        book.take(&store, vec![lived], journalled()).await.unwrap();
        let home = home(&store, ids[0]).await;
        let found = async |typed: &str, scope: &str| crate::look_up(&store, typed, scope).await.unwrap();
        assert!(found("柳岸社区7栋", COUNTY).await.is_empty(), "nothing is noted yet");
        let entry = journalled();
        store
            .write(move |tx| {
                Box::pin(async move {
                    crate::note_look_ups(tx, &[home]).await?;
                    Ok::<_, RegistryError>(Recorded::new((), entry))
                })
            })
            .await
            .unwrap();
        for typed in ["柳岸社区7栋", "７栋 2单元", "301室", "zxm", "张秀梅"] {
            assert_eq!(found(typed, COUNTY).await, [home], "{typed}");
            assert!(found(typed, OTHER).await.is_empty(), "{typed} from another village");
        }
        for typed in ["2栋", "社区7栋3单元", "柳社", "301室7栋", "柳"] {
            assert!(found(typed, COUNTY).await.is_empty(), "{typed}");
        }
    })
    .await;
}
