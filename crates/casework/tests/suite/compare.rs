//! What a declaration is compared with, and how far the two may differ, is the pack's to say.

use crate::common::{District, Engine, day, district, migrations};
use std::sync::Arc;
use tuodi_casework::{Checked, run_check};
use tuodi_pack::workflow::Compared;
use tuodi_testing::each_store;

/// The family declares 6,500 yuan; banks know of 6,600.
async fn checked(d: &District) -> Checked {
    let engine = Engine { fin_assets: Some(660_000), ..Engine::dibao() };
    let case = d.accepted().await;
    run_check(&d.officer(day(2026, 7, 8)), &engine, &case, d.version(&case).await).await.unwrap()
}

fn by(d: District, change: impl FnOnce(&mut Vec<Compared>)) -> District {
    let mut pack = (*d.pack).clone();
    change(&mut pack.workflow.compared);
    District { pack: Arc::new(pack), ..d }
}

#[tokio::test]
async fn property_that_differs_is_judged_by_a_person() {
    each_store(migrations, async |store| {
        assert_eq!(checked(&district(store).await).await.to_judge, 1);
    })
    .await;
}

#[tokio::test]
async fn a_tolerance_of_the_pack_lets_small_change_pass() {
    each_store(migrations, async |store| {
        let d = by(district(store).await, |items| {
            items.iter_mut().filter(|i| i.id == "fin_assets").for_each(|i| i.tolerance = 10_000);
        });
        assert_eq!(checked(&d).await.to_judge, 0);
    })
    .await;
}

#[tokio::test]
async fn a_thing_that_the_pack_adds_is_compared_without_a_line_of_program() {
    each_store(migrations, async |store| {
        let d = by(district(store).await, |items| {
            let homes = items.iter().find(|i| i.id == "home_count").unwrap().clone();
            // One home was declared; of this fact departments say nought.
            items.push(Compared { id: "added".to_owned(), fact: "vehicle_value_max".to_owned(), ..homes });
        });
        assert_eq!(checked(&d).await.to_judge, 2);
    })
    .await;
}

#[tokio::test]
async fn a_pack_that_compares_nothing_leaves_nothing_to_judge() {
    each_store(migrations, async |store| {
        let d = by(district(store).await, Vec::clear);
        assert_eq!(checked(&d).await.to_judge, 0);
    })
    .await;
}
