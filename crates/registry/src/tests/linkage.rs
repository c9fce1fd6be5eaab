use super::{entry, noon, number, record};
use crate::{
    IdentityBook, PersonRecord, RegistryError, find, find_numbers, household, household_of,
    linkage::{
        By, CandidateFilter, LinkBook, LinkState, NUMBERS, Unnumbered, also, candidate, candidates, current, decide,
        decisions, doubles, keep, kept, last_decisions, merge, merges, of_batch, reached, record_names, redirections,
        set_reached, settle, unmerge, unsettle,
    },
    migrations, person, persons, recorded,
};
use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, Statement};
use tuodi_linkage::{Band, Config};
use tuodi_pack::PersonId;
use tuodi_store::{Recorded, Store};
use tuodi_testing::each_store;

fn config() -> Config {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/qingyan/linkage.toml");
    Config::parse(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A village of 400 in households of four, and in one of them the twins 李梓轩 and 李梓涵.
async fn village(store: &Store) -> Vec<PersonId> {
    let surnames: Vec<char> = "王李张刘陈杨赵黄周吴".chars().collect();
    let given: Vec<char> = "伟芳娜敏静强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉".chars().collect();
    let mut people = Vec::new();
    for at in 0..400usize {
        let name: String = [surnames[at / 4 % 10], given[at * 7 % 24], given[at * 11 % 23]].iter().collect();
        let born = format!("{}{:02}{:02}", 1940 + at * 13 % 70, 1 + at * 5 % 12, 1 + at * 3 % 28);
        people.push(PersonRecord {
            household_no: Some(format!("H{:04}", at / 4)),
            region_code: Some(format!("9901020010{:02}", 1 + at / 4 % 9)),
            ..record(&born, 100 + at as u32 % 800, &name)
        });
    }
    for (n, name) in [(21, "李梓轩"), (23, "李梓涵")] {
        people.push(PersonRecord { household_no: Some("H9001".to_owned()), ..record("20120606", n, name) });
    }
    people.push(PersonRecord { household_no: Some("H9001".to_owned()), ..record("19850217", 44, "欧阳静") });
    IdentityBook::load(store).await.unwrap().take(store, people, entry()).await.unwrap()
}

fn unnumbered(row: i64, name: &str, born: (i32, u32, u32)) -> Unnumbered {
    Unnumbered {
        source: "DS24".to_owned(),
        batch: "1".to_owned(),
        row,
        name: name.to_owned(),
        birth_date: NaiveDate::from_ymd_opt(born.0, born.1, born.2),
        region_code: "990102001001".to_owned(),
        ..Unnumbered::default()
    }
}

fn by(reason: &str) -> By {
    By { account: "steward".to_owned(), at: noon(), reason: reason.to_owned() }
}

async fn put(store: &Store, rows: Vec<Unnumbered>) -> Vec<Option<i64>> {
    let mut book = LinkBook::load(store, config(), 1).await.unwrap();
    let suggested = book.suggest(&rows).unwrap();
    store
        .write(move |tx| {
            Box::pin(async move {
                let mut kept = Vec::new();
                for (row, suggested) in rows.iter().zip(&suggested) {
                    kept.push(keep(tx, row, suggested, noon()).await?);
                }
                Ok::<_, RegistryError>(Recorded::new(kept, entry()))
            })
        })
        .await
        .unwrap()
}

async fn decided(store: &Store, id: i64, state: LinkState, reason: &'static str) -> Result<PersonId, RegistryError> {
    store
        .write(move |tx| {
            Box::pin(async move {
                let person = decide(tx, id, state, None, &by(reason)).await?;
                Ok::<_, RegistryError>(Recorded::new(person, entry()))
            })
        })
        .await
}

async fn waiting(store: &Store) -> Vec<i64> {
    let page = candidates(store, &CandidateFilter::default(), 1, 50).await.unwrap();
    assert_eq!(page.total as usize, page.rows.len());
    page.rows.iter().map(|row| row.id).collect()
}

#[tokio::test]
async fn a_row_without_a_number_is_proposed_to_the_person_and_not_to_the_twin() {
    each_store(migrations, async |store| {
        let ids = village(&store).await;
        let twin = ids[400];
        let mut row = unnumbered(1, "李子轩", (2012, 6, 6));
        row.members = vec!["欧阳静".to_owned(), "李梓涵".to_owned()];
        let mut stranger = unnumbered(2, "诸葛明远", (1971, 9, 30));
        stranger.region_code = "990102002009".to_owned();
        let mut book = LinkBook::load(&store, config(), 1).await.unwrap();
        assert_eq!(book.people(), 403);
        let suggested = book.suggest(&[row, stranger]).unwrap();
        assert_eq!(suggested[0][0].person, twin);
        assert_eq!(suggested[0][0].band, Band::Same);
        assert!(suggested[0].iter().all(|one| one.person == twin || one.weight < suggested[0][0].weight - 8.0));
        let sum: f64 = suggested[0][0].evidence.iter().map(|e| e.weight).sum();
        assert!((sum - suggested[0][0].weight).abs() < 0.01);
        assert!(suggested[1].is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_number_that_fails_its_check_is_a_suggestion_and_changes_nobody() {
    each_store(migrations, async |store| {
        let ids = village(&store).await;
        let right = number("20120606", 21);
        let wrong = format!("{}{}", &right.as_str()[..17], if right.as_str().ends_with('0') { '1' } else { '0' });
        let mut row = unnumbered(1, "李梓轩", (2012, 6, 6));
        row.id_no = Some(wrong);
        put(&store, vec![row]).await;
        let list = candidates(&store, &CandidateFilter::default(), 1, 10).await.unwrap();
        assert_eq!(list.rows[0].person_id, ids[400]);
        assert!(list.rows[0].repair);
        let known = person(&store, ids[400]).await.unwrap().unwrap();
        assert_eq!(known.id_no, right.as_str());
        let opened = candidate(&store, list.rows[0].id).await.unwrap().unwrap();
        assert_eq!(opened.record.name, "李梓轩");
        assert!(opened.evidence.iter().any(|e| e.field == "id_no" && e.level == "check_digit" && e.weight > 5.0));
        assert!(candidate(&store, 99).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_row_that_comes_again_is_kept_once_and_nothing_of_it_lies_readable() {
    each_store(migrations, async |store| {
        village(&store).await;
        let row = unnumbered(7, "李梓轩", (2012, 6, 6));
        assert_eq!(put(&store, vec![row.clone()]).await.iter().flatten().count(), 1);
        assert_eq!(put(&store, vec![row]).await, [None]);
        let sql = match store.backend() {
            tuodi_store::DbBackend::Postgres => {
                "SELECT string_agg(r::text || c::text, ' ') AS t FROM link_record r JOIN link_candidate c ON c.record_id = r.id"
            }
            _ => {
                "SELECT group_concat(quote(content) || quote(evidence)) AS t FROM link_record r \
                 JOIN link_candidate c ON c.record_id = r.id"
            }
        };
        let found = store.read().query_one_raw(Statement::from_string(store.backend(), sql)).await.unwrap().unwrap();
        let text: String = found.try_get::<String>("", "t").unwrap().to_lowercase();
        for plain in ["李梓轩", "birth_date", "2012-06-06"] {
            let hex: String = plain.bytes().map(|b| format!("{b:02x}")).collect();
            assert!(!text.contains(plain) && !text.contains(&hex), "{plain}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_decision_hides_the_other_candidates_and_taking_it_back_restores_them() {
    each_store(migrations, async |store| {
        let ids = village(&store).await;
        // Without a household the twins are hard to tell apart: both are proposed.
        let mut row = unnumbered(1, "李梓", (2012, 6, 6));
        row.region_code = "990102001001".to_owned();
        put(&store, vec![row]).await;
        let before = waiting(&store).await;
        assert!(before.len() >= 2, "{before:?}");
        let [first, second] = [before[0], before[1]];
        assert!(matches!(decided(&store, first, LinkState::Same, "  ").await, Err(RegistryError::NoReason)));
        let chosen = decided(&store, first, LinkState::Same, "与户口簿核对一致").await.unwrap();
        assert!(ids[400..402].contains(&chosen));
        assert!(waiting(&store).await.is_empty());
        let second_same = decided(&store, second, LinkState::Same, "看错了").await;
        assert!(matches!(second_same, Err(RegistryError::LinkedAlready { candidate }) if candidate == first));
        assert!(matches!(
            decided(&store, first, LinkState::Same, "再点一次").await,
            Err(RegistryError::DecidedSo { .. })
        ));
        decided(&store, first, LinkState::Open, "户口簿是旧的").await.unwrap();
        assert_eq!(waiting(&store).await, before);
        let history: Vec<(LinkState, String)> =
            decisions(&store, first).await.unwrap().into_iter().map(|d| (d.state, d.reason)).collect();
        let expected = [(LinkState::Same, "与户口簿核对一致".to_owned()), (LinkState::Open, "户口簿是旧的".to_owned())];
        assert_eq!(history, expected);
        decided(&store, first, LinkState::Different, "不是同一人").await.unwrap();
        assert_eq!(waiting(&store).await, before[1..]);
        let filter = CandidateFilter { state: Some(LinkState::Different), ..CandidateFilter::default() };
        assert_eq!(candidates(&store, &filter, 1, 10).await.unwrap().rows[0].id, first);
        let elsewhere = CandidateFilter { region: Some("990121".to_owned()), ..CandidateFilter::default() };
        assert_eq!(candidates(&store, &elsewhere, 1, 10).await.unwrap().total, 0);
        assert!(matches!(decided(&store, 99, LinkState::Same, "x").await, Err(RegistryError::NoCandidate { .. })));
    })
    .await;
}

#[tokio::test]
async fn while_nobody_is_known_nobody_is_proposed() {
    each_store(migrations, async |store| {
        assert_eq!(put(&store, vec![unnumbered(1, "李梓轩", (2012, 6, 6))]).await, [Some(1)]);
        assert!(waiting(&store).await.is_empty());
    })
    .await;
}

async fn merged(store: &Store, person: PersonId, into: PersonId) -> Result<i64, RegistryError> {
    store
        .write(move |tx| {
            Box::pin(async move {
                let id = merge(tx, person, into, &by("同一人的新旧号码")).await?;
                Ok::<_, RegistryError>(Recorded::new(id, entry()))
            })
        })
        .await
}

async fn unmerged(store: &Store, id: i64) -> Result<(), RegistryError> {
    store
        .write(move |tx| {
            Box::pin(async move {
                unmerge(tx, id, &by("核实为两个人")).await?;
                Ok::<_, RegistryError>(Recorded::new((), entry()))
            })
        })
        .await
}

#[tokio::test]
async fn a_merge_redirects_and_taking_it_back_restores_everything_exactly() {
    each_store(migrations, async |store| {
        let ids = village(&store).await;
        let [a, b, c] = [ids[10], ids[20], ids[30]];
        let before = persons(&store, &ids).await.unwrap();
        let first = merged(&store, a, b).await.unwrap();
        let second = merged(&store, b, c).await.unwrap();
        assert_eq!(current(&store, a).await.unwrap(), c);
        assert_eq!(redirections(&store).await.unwrap(), std::collections::HashMap::from([(a, c), (b, c)]));
        // No circle, no second target, nobody into himself or into nobody.
        assert!(matches!(merged(&store, c, a).await, Err(RegistryError::MergedAlready { .. })));
        assert!(matches!(merged(&store, a, c).await, Err(RegistryError::MergedAlready { .. })));
        assert!(matches!(merged(&store, c, c).await, Err(RegistryError::MergedAlready { .. })));
        assert!(matches!(merged(&store, c, PersonId(9_999)).await, Err(RegistryError::NoPerson { .. })));
        unmerged(&store, second).await.unwrap();
        assert_eq!(current(&store, a).await.unwrap(), b);
        assert_eq!(current(&store, b).await.unwrap(), b);
        unmerged(&store, first).await.unwrap();
        assert!(redirections(&store).await.unwrap().is_empty());
        assert_eq!(persons(&store, &ids).await.unwrap(), before);
        assert!(matches!(unmerged(&store, first).await, Err(RegistryError::NoMerge { .. })));
        let history = merges(&store, b).await.unwrap();
        assert_eq!(history.len(), 2);
        assert!(
            history.iter().all(|merge| merge.undone.as_ref().is_some_and(|undone| undone.reason == "核实为两个人"))
        );
        // And again, as if it had never been.
        merged(&store, a, b).await.unwrap();
        assert_eq!(current(&store, a).await.unwrap(), b);
    })
    .await;
}

/// 李梓轩 under a second number: the register of another town wrote his birthday a day later.
async fn with_second_number(store: &Store, ids: &[PersonId]) -> (PersonId, i64) {
    let all = doubles(store, config(), PersonId(0), 1).await.unwrap();
    assert!(all.found.is_empty(), "the village has nobody twice: {:?}", all.found);
    assert_eq!(all.upto, *ids.last().unwrap());
    let again = PersonRecord {
        household_no: Some("H9101".to_owned()),
        region_code: Some("990102001001".to_owned()),
        ..record("20120606", 55, "李梓轩")
    };
    let mother = PersonRecord { household_no: Some("H9101".to_owned()), ..record("19850218", 46, "欧阳静") };
    let mut book = IdentityBook::load(store).await.unwrap();
    let second = book.take(store, vec![again, mother], entry()).await.unwrap()[0];
    let found = doubles(store, config(), all.upto, 1).await.unwrap();
    let of_second: Vec<_> = found.found.iter().filter(|(row, _)| row.row == second.0).collect();
    let [(row, suggested)] = of_second.as_slice() else { panic!("{:?}", found.found) };
    assert_eq!((row.source.as_str(), row.name.as_str()), (NUMBERS, "李梓轩"));
    assert_eq!(suggested[0].person, ids[400], "{suggested:?}");
    assert!(suggested[0].evidence.iter().all(|e| e.field != "id_no"), "{suggested:?}");
    let (row, suggested) = (row.clone(), suggested.clone());
    store
        .write(move |tx| {
            Box::pin(async move {
                keep(tx, &row, &suggested, noon()).await?;
                set_reached(tx, found.upto).await?;
                Ok::<_, RegistryError>(Recorded::new((), entry()))
            })
        })
        .await
        .unwrap();
    assert_eq!(reached(store).await.unwrap(), found.upto);
    (second, waiting(store).await[0])
}

#[tokio::test]
async fn a_second_number_is_proposed_when_it_arrives_and_an_officer_merges_it() {
    each_store(migrations, async |store| {
        let ids = village(&store).await;
        let (second, id) = with_second_number(&store, &ids).await;
        let (first, old_no) = (ids[400], number("20120606", 55));
        let list = candidates(&store, &CandidateFilter::default(), 1, 10).await.unwrap();
        assert_eq!(list.rows[0].other(), Some(second));
        let before = persons(&store, &[first, second]).await.unwrap();
        assert_ne!(before[&first].id_no, before[&second].id_no);

        decided(&store, id, LinkState::Same, "公安机关证明").await.unwrap();
        assert_eq!(current(&store, second).await.unwrap(), first);
        // By either number to the one who holds.
        for asked in [number("20120606", 21).as_str(), old_no.as_str(), "李梓轩"] {
            assert_eq!(find(&store, asked, "990102001000", 10).await.unwrap(), [first], "{asked}");
        }
        assert_eq!(person(&store, second).await.unwrap().unwrap(), before[&first]);
        assert_eq!(household_of(&store, second).await.unwrap(), before[&first].household_id);
        let numbers = [old_no.clone()];
        assert_eq!(find_numbers(&store, &numbers).await.unwrap()[&old_no], (first, before[&first].household_id));
        // Papers of the second household stay where they are and name him as he is.
        let home = household(&store, before[&second].household_id.unwrap()).await.unwrap().unwrap();
        let member = home.members.iter().find(|m| m.id == second).unwrap();
        assert_eq!(member.id_no, before[&first].id_no);
        assert_eq!(also(&store, &[first]).await.unwrap(), [(second, first)]);
        assert_eq!(recorded(&store, second).await.unwrap().unwrap(), before[&second]);
        // New rows arrive under the one who holds, and say nothing about who that is.
        let mut book = IdentityBook::load(&store).await.unwrap();
        let row = PersonRecord { household_no: Some("H9101".to_owned()), ..record("20120606", 55, "李子轩") };
        assert_eq!(book.take(&store, vec![row], entry()).await.unwrap(), [first]);
        assert_eq!(book.resolve(&old_no), Some(first));
        assert_eq!(persons(&store, &[first]).await.unwrap()[&first], before[&first]);

        decided(&store, id, LinkState::Open, "证明开错了").await.unwrap();
        assert_eq!(persons(&store, &[first, second]).await.unwrap(), before);
        assert_eq!(find(&store, old_no.as_str(), "990102001000", 10).await.unwrap(), [second]);
        assert!(also(&store, &[first, second]).await.unwrap().is_empty());
        assert_eq!(IdentityBook::load(&store).await.unwrap().resolve(&old_no), Some(second));
    })
    .await;
}

#[tokio::test]
async fn the_number_that_holds_may_be_the_newer_one() {
    each_store(migrations, async |store| {
        let ids = village(&store).await;
        let (second, id) = with_second_number(&store, &ids).await;
        let change = store.write(move |tx| {
            Box::pin(async move {
                decide(tx, id, LinkState::Same, Some(second), &by("号码已由公安更正")).await?;
                Ok::<_, RegistryError>(Recorded::new((), entry()))
            })
        });
        change.await.unwrap();
        assert_eq!(redirections(&store).await.unwrap(), std::collections::HashMap::from([(ids[400], second)]));
        decided(&store, id, LinkState::Different, "查明是两个人").await.unwrap();
        assert!(redirections(&store).await.unwrap().is_empty());
        assert!(!waiting(&store).await.contains(&id), "who was told apart is not asked about again");
        assert_eq!(last_decisions(&store, &[id]).await.unwrap()[&id].reason, "查明是两个人");
    })
    .await;
}

#[tokio::test]
async fn a_row_that_was_mended_waits_no_longer_until_its_correction_is_taken_back() {
    each_store(migrations, async |store| {
        village(&store).await;
        put(&store, vec![unnumbered(7, "李梓轩", (2012, 6, 6)), unnumbered(9, "李梓涵", (2012, 6, 6))]).await;
        let before = waiting(&store).await;
        assert_eq!(kept(&store, "1").await.unwrap(), std::collections::HashSet::from([7, 9]));
        assert_eq!(of_batch(&store, "1").await.unwrap().len(), 2);
        let filter = |people: Vec<PersonId>| CandidateFilter { people: Some(people), ..CandidateFilter::default() };
        assert_eq!(candidates(&store, &filter(Vec::new()), 1, 10).await.unwrap().total, 0);
        let settled = |settle_it: bool| {
            let store = store.clone();
            async move {
                let change = store.write(move |tx| {
                    Box::pin(async move {
                        let n =
                            if settle_it { settle(tx, "1", &[(1, 7)], "2").await? } else { unsettle(tx, "2").await? };
                        Ok::<_, RegistryError>(Recorded::new(n, entry()))
                    })
                });
                change.await.unwrap()
            }
        };
        assert_eq!(settled(true).await, 1);
        let left = candidates(&store, &CandidateFilter::default(), 1, 50).await.unwrap();
        assert!(left.total > 0 && left.rows.iter().all(|row| row.row_no == 9), "{:?}", left.rows);
        let names = record_names(&store, &[left.rows[0].record_id]).await.unwrap();
        assert_eq!(names[&left.rows[0].record_id], "李梓涵");
        assert_eq!(settled(false).await, 1);
        assert_eq!(waiting(&store).await, before);
    })
    .await;
}
