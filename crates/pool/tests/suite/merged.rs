//! Rows that came under a number since found to be another person's.

use crate::common::{Bench, at, ints, settlements_with};
use arrow::array::RecordBatch;
use std::collections::HashMap;

fn people(rows: &[RecordBatch]) -> Vec<i64> {
    let mut people: Vec<i64> = ints(rows, "person_id").into_iter().flatten().collect();
    people.sort_unstable();
    people
}

#[test]
fn rows_of_a_merged_number_are_read_as_the_other_persons_and_return_when_the_merge_is_taken_back() {
    let mut bench = Bench::new();
    bench.take("a.csv", settlements_with(&[]));
    bench.take("b.csv", settlements_with(&[]).replace("S", "T"));
    let (before, as_it_came) = (bench.pool.snapshot().unwrap(), people(&bench.rows("DS09")));
    let (from, to) = (as_it_came[0], *as_it_came.last().unwrap());
    assert_ne!(from, to);

    let read = bench.pool.revise(&HashMap::from([(from, to), (-1, to)]), at(9)).unwrap();
    assert_eq!(read, 2, "both batches name the person");
    let merged = bench.pool.snapshot().unwrap();
    let mut expected: Vec<i64> = as_it_came.iter().map(|n| if *n == from { to } else { *n }).collect();
    expected.sort_unstable();
    assert_eq!(people(&bench.rows("DS09")), expected);
    assert_ne!(merged.id, before.id, "findings made on it are others");
    assert_eq!(bench.pool.revise(&HashMap::from([(from, to)]), at(10)).unwrap(), 0, "it is so already");

    // What rested on the rows as they came, and what was known before, is found as it was.
    let names = |s: &tuodi_pool::Snapshot| s.batches("DS09").iter().map(|b| b.manifest.name()).collect::<Vec<_>>();
    assert_eq!(bench.pool.snapshot_of(&names(&before)).unwrap(), before);
    assert_eq!(bench.pool.snapshot_of(&names(&merged)).unwrap().id, merged.id);
    assert_eq!(bench.pool.snapshot_known(at(8)).unwrap().id, before.id);
    assert_eq!(bench.pool.snapshot_known(at(9)).unwrap().id, merged.id);
    bench.pool.snapshot_of(&[format!("{}.r7", before.batches("DS09")[0].manifest.batch)]).unwrap_err();

    assert_eq!(bench.pool.revise(&HashMap::new(), at(11)).unwrap(), 2);
    assert_eq!(people(&bench.rows("DS09")), as_it_came);
    assert_eq!(bench.pool.snapshot().unwrap().id, before.id);
    let reopened = tuodi_pool::Pool::open(bench.pool.dir()).unwrap();
    assert_eq!(reopened.snapshot_of(&names(&merged)).unwrap().id, merged.id, "opening sweeps nothing of it up");
    assert!(reopened.snapshot_of(&names(&merged)).unwrap().batches("DS09").iter().all(|b| b.path.exists()));
}

#[test]
fn a_batch_without_the_merged_number_is_left_alone() {
    let mut bench = Bench::new();
    bench.take("a.csv", settlements_with(&[]));
    assert_eq!(bench.pool.revise(&HashMap::from([(-5, -6)]), at(9)).unwrap(), 0);
    assert!(bench.pool.batches().unwrap().iter().all(|m| m.revisions.is_empty()));
}
