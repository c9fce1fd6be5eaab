//! Batches: what is kept, what counts, and what a killed process leaves.

use crate::common::{
    Bench, REGISTER, ROSTER, Turned, id_no, ints, leftovers, pack_of, settlement, settlements_with, texts,
};
use proptest::prelude::*;
use serde_json::json;
use std::fs;
use tuodi_pool::{BatchState, FileState, Pool, PoolError};

fn register(people: std::ops::Range<u32>) -> String {
    let mut text = "公民身份号码,姓名,性别,出生日期,户号,户籍区划代码,户籍地址,民族\n".to_owned();
    for n in people {
        text += &format!("{},人{n},女,1930-03-16,H{},990102001001,某街{n}号,汉\n", id_no(n), n / 3);
    }
    text
}

#[test]
fn people_become_numbers_and_nothing_else_of_them_stays_in_the_pool() {
    let mut bench = Bench::new();
    bench.take("DS01.csv", register(0..30));
    bench.take("DS09.csv", settlements_with(&[settlement(350)]));
    let rows = bench.rows("DS01");
    assert_eq!(ints(&rows, "person_id")[..2], [Some(1), Some(2)]);
    assert_eq!(ints(&rows, "household_id")[..4], [Some(1), Some(1), Some(1), Some(2)]);
    let names: Vec<String> = rows[0].schema().fields().iter().map(|f| f.name().clone()).collect();
    assert_eq!(names, ["person_id", "sex", "birth_date", "household_id", "reg_region_code", "_row", "_batch"]);
    assert_eq!(bench.vault.records[&1], ("人0".to_owned(), 1));
    // The same person in another source has the same number; one that only another source knows gets one too.
    let settled = bench.rows("DS09");
    assert_eq!(ints(&settled, "person_id")[0], Some(1));
    assert_eq!(ints(&settled, "person_id")[90], Some(bench.vault.persons[&id_no(350)]));
    assert_eq!(texts(&settled, "settle_id")[0].as_ref().map(String::len), Some(16));
    for path in leftovers(bench.pool.dir()) {
        let bytes = fs::read(&path).unwrap();
        for secret in [id_no(0), "人0".to_owned(), "某街".to_owned(), "S000001".to_owned()] {
            let found = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
            assert!(!found, "{} in {}", secret, path.display());
        }
    }
}

#[test]
fn the_same_file_again_changes_nothing() {
    let mut bench = Bench::new();
    let first = bench.take("a.csv", settlements_with(&[]));
    let before = (bench.pool.snapshot().unwrap(), leftovers(bench.pool.dir()), bench.vault.flushes);
    let again = bench.take("renamed.csv", settlements_with(&[]));
    assert_eq!(again.outcomes[0].state, FileState::AlreadyTaken);
    assert_eq!(again.outcomes[0].batch, first.outcomes[0].batch);
    assert_eq!((again.already_taken, again.rows_read, again.all_well()), (1, 0, true));
    assert_eq!((bench.pool.snapshot().unwrap(), leftovers(bench.pool.dir()), bench.vault.flushes), before);
}

#[test]
fn twice_in_one_intake_is_once() {
    let mut bench = Bench::new();
    let paths = [bench.file("a.csv", settlements_with(&[])), bench.file("b.csv", settlements_with(&[]))];
    let report = bench.intake(&paths);
    assert_eq!((report.taken, report.already_taken), (1, 1));
}

#[test]
fn a_batch_whose_people_were_not_kept_is_not_seen_nor_any_after_it() {
    let mut bench = Bench::new();
    bench.vault.fails_from = Some(2);
    let paths: Vec<_> =
        (0..9).map(|n| bench.file(&format!("{n}.csv"), settlements_with(&[settlement(600 + n)]))).collect();
    let failed = bench.try_intake(&paths, false).unwrap_err();
    assert!(failed.to_string().contains("vault"), "{failed}");
    let seen: Vec<String> = bench.pool.batches().unwrap().into_iter().map(|m| m.file_name).collect();
    assert_eq!(seen, ["0.csv"]);
    // Nothing is lost: once the vault holds again, the same files are taken.
    bench.vault.fails_from = None;
    let again = bench.intake(&paths);
    assert_eq!((again.already_taken, again.taken), (1, 8));
}

#[test]
fn a_dry_run_says_the_same_and_writes_nothing() {
    let mut bench = Bench::new();
    let paths = [
        bench.file("a.csv", settlements_with(&["S1,2".to_owned()])),
        bench.file("b.csv", "what,is,this\n"),
        bench.file("c.csv", register(0..5).replace("990102001001", "")),
    ];
    let dry = bench.try_intake(&paths, true).unwrap();
    assert!(leftovers(bench.pool.dir()).is_empty());
    assert!(bench.vault.persons.is_empty() && bench.vault.flushes == 0);
    let wet = bench.intake(&paths);
    let told = |r: &tuodi_pool::IntakeReport| {
        r.outcomes
            .iter()
            .map(|o| (o.state, o.rows_read, o.rows_taken, o.rows_quarantined, o.reasons.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(told(&dry), told(&wet));
}

#[test]
fn a_full_list_takes_the_place_of_the_one_before_and_files_of_one_intake_stand_together() {
    let mut bench = Bench::new();
    bench.take("2026-08.csv", register(0..60));
    let paths = [bench.file("2026-09/a.csv", register(0..40)), bench.file("2026-09/b.csv", register(40..70))];
    bench.intake(&paths);
    let snapshot = bench.pool.snapshot().unwrap();
    assert_eq!(snapshot.batches("DS01").len(), 2);
    assert_eq!(snapshot.rows(), 70);
    assert_eq!(snapshot.batches("DS01")[0].manifest.supersedes.len(), 1);
    // What was replaced is still there for whoever asks about the past.
    let batches = bench.pool.batches().unwrap();
    assert_eq!(batches.len(), 3);
    let old = bench.pool.snapshot_of(&[batches[0].batch.clone()]).unwrap();
    assert_eq!(old.rows(), 60);
    assert!(matches!(bench.pool.snapshot_of(&["none".to_owned()]), Err(PoolError::NoSuchBatch { .. })));
}

#[test]
fn a_full_list_that_was_interrupted_is_whole_after_the_next_intake() {
    let mut bench = Bench::new();
    let paths = [bench.file("a.csv", register(0..40)), bench.file("b.csv", register(40..70))];
    bench.intake(&paths[..1]);
    let report = bench.intake(&paths);
    assert_eq!((report.taken, report.already_taken), (1, 1));
    assert_eq!(bench.pool.snapshot().unwrap().rows(), 70);
    // A third time changes nothing.
    bench.intake(&paths);
    assert_eq!(bench.pool.snapshot().unwrap().rows(), 70);
}

#[test]
fn a_full_list_of_which_one_file_changed_keeps_the_others_and_drops_the_old_one() {
    let mut bench = Bench::new();
    let old = [bench.file("08/a.csv", register(0..40)), bench.file("08/b.csv", register(40..70))];
    bench.intake(&old);
    let new = [bench.file("09/a.csv", register(0..40)), bench.file("09/b.csv", register(40..60))];
    let report = bench.intake(&new);
    assert_eq!((report.taken, report.already_taken), (1, 1));
    let snapshot = bench.pool.snapshot().unwrap();
    assert_eq!(snapshot.batches("DS01").len(), 2);
    assert_eq!(snapshot.rows(), 60);
}

#[test]
fn batches_of_an_appending_source_add_up_and_change_the_snapshots_name() {
    let mut bench = Bench::new();
    let empty = bench.pool.snapshot().unwrap();
    bench.take("a.csv", settlements_with(&[]));
    let one = bench.pool.snapshot().unwrap();
    bench.take("b.csv", settlements_with(&[settlement(500)]));
    let two = bench.pool.snapshot().unwrap();
    assert_eq!((empty.rows(), one.rows(), two.rows()), (0, 90, 181));
    assert!(empty.id != one.id && one.id != two.id);
    assert_eq!(bench.pool.snapshot().unwrap().id, two.id);
}

#[test]
fn corrected_rows_come_back_beside_the_list_they_belong_to() {
    let mut bench = Bench::new();
    let broken =
        register(0..50).replace(&format!("{},人7,女,1930-03-16", id_no(7)), &format!("{},人7,女,1930-02-30", id_no(7)));
    let report = bench.take("list.csv", broken);
    assert_eq!((report.rows_taken, report.rows_quarantined), (49, 1));
    let csv = bench.quarantine(report.outcomes[0].batch.as_ref().unwrap());
    assert!(csv.starts_with("\u{feff}公民身份号码,姓名,"), "{csv}");
    assert!(csv.contains(&format!("{}\t,人7", id_no(7))), "long numbers stay text in a spreadsheet: {csv}");
    let back = bench.take("list_corrected.csv", csv.replace("1930-02-30", "1930-03-16"));
    assert_eq!((back.rows_read, back.rows_taken), (1, 1), "{back:?}");
    let snapshot = bench.pool.snapshot().unwrap();
    assert_eq!((snapshot.batches("DS01").len(), snapshot.rows()), (2, 50));
    assert_eq!(snapshot.batches("DS01")[1].manifest.corrects, report.outcomes[0].batch);
    // Sent back unchanged it is one broken row of one: held, and the list stands.
    let again = bench.take("unchanged.csv", csv);
    assert_eq!(again.outcomes[0].state, FileState::Held);
    assert_eq!(bench.pool.snapshot().unwrap().rows(), 50);
}

#[test]
fn amounts_keep_their_unit_on_the_way_through_quarantine() {
    let mut bench = Bench::new();
    let header = "结算单号,身份号码,就诊类型,结算日期,总费用,是否退费\n";
    let mut text = format!("单位：元,,,,,\n{header}");
    for n in 0..20 {
        text += &format!("S{n},{},住院,{},1.50,否\n", id_no(n), if n == 3 { "2026-02-30" } else { "2026-08-01" });
    }
    let report = bench.take("a.csv", text);
    let csv = bench.quarantine(report.outcomes[0].batch.as_ref().unwrap());
    bench.take("b.csv", csv.replace("2026-02-30", "2026-08-01"));
    assert_eq!(ints(&bench.rows("DS09"), "total_fee"), vec![Some(150); 20]);
}

#[test]
fn a_batch_with_less_than_nine_valid_rows_in_ten_is_held_whole() {
    let broken = |n: u32| settlement(n).replace("2026-08-15", "2026-02-30");
    // 90 good rows: 10 broken make 90.00 %, 11 make 89.10 %.
    let ten: Vec<String> = (100..110).map(broken).collect();
    let eleven: Vec<String> = (100..111).map(broken).collect();
    assert_eq!(Bench::new().take("a.csv", settlements_with(&ten)).rows_taken, 90);
    let mut bench = Bench::new();
    let report = bench.take("a.csv", settlements_with(&eleven));
    let outcome = &report.outcomes[0];
    assert_eq!(outcome.state, FileState::Held);
    assert_eq!((report.rows_read, report.rows_taken, report.rows_quarantined), (101, 0, 101));
    assert_eq!((outcome.reasons["HELD"], outcome.reasons["E03"]), (90, 11));
    assert!(!report.all_well());
    assert!(bench.pool.snapshot().unwrap().is_empty());
    assert_eq!(bench.vault.flushes, 0);
    let manifest = &bench.pool.batches().unwrap()[0];
    assert_eq!((manifest.state, manifest.quality.validity), (BatchState::Held, 89.1));
    let csv = bench.quarantine(&manifest.batch);
    assert_eq!(csv.lines().count(), 102);
    // Corrected, all of it comes in.
    let back = bench.take("b.csv", csv.replace("2026-02-30", "2026-08-15"));
    assert_eq!((back.rows_read, back.rows_taken), (101, 101));
}

#[test]
fn repeated_rows_do_not_hold_a_batch() {
    let doubled: Vec<String> = (0..60).map(settlement).collect();
    let mut bench = Bench::new();
    let report = bench.take("a.csv", settlements_with(&doubled));
    assert_eq!((report.rows_taken, report.outcomes[0].reasons["E05"]), (90, 60));
    let quality = bench.pool.batches().unwrap()[0].quality;
    assert_eq!((quality.validity, quality.uniqueness, quality.completeness), (100.0, 60.0, 100.0));
    // Newest settlement 15 August, 17 days before the intake; daily means three: 3/17.
    assert_eq!(quality.timeliness, Some(17.64));
}

#[test]
fn what_a_killed_intake_left_behind_is_ignored_and_swept_up() {
    let mut bench = Bench::new();
    bench.take("a.csv", settlements_with(&["S1,2".to_owned()]));
    let kept = leftovers(bench.pool.dir());
    assert_eq!(kept.len(), 3, "rows, manifest and quarantine: {kept:?}");
    let snapshot = bench.pool.snapshot().unwrap();
    let folder = bench.pool.dir().join("source=DS09");
    for name in ["batch=x.parquet.tmp", "batch=x.parquet", "batch=x.json.tmp"] {
        fs::write(folder.join(name), "half").unwrap();
    }
    for name in ["x.csv.sealed.tmp", "x.csv.sealed"] {
        fs::write(bench.pool.dir().join("quarantine").join(name), "half").unwrap();
    }
    assert_eq!(bench.pool.snapshot().unwrap(), snapshot);
    let pool = Pool::open(bench.pool.dir()).unwrap();
    assert_eq!(pool.snapshot().unwrap(), snapshot);
    assert_eq!(leftovers(pool.dir()), kept);
}

#[test]
fn two_intakes_do_not_run_at_once() {
    let mut bench = Bench::new();
    let path = bench.file("a.csv", settlements_with(&[]));
    let lock = fs::File::options().write(true).open(bench.pool.dir().join(".lock")).unwrap();
    lock.lock().unwrap();
    assert!(matches!(bench.try_intake(std::slice::from_ref(&path), false), Err(PoolError::Busy)));
    assert!(Pool::open(bench.pool.dir()).is_ok(), "reading goes on");
    lock.unlock().unwrap();
    assert_eq!(bench.intake(&[path]).taken, 1);
}

#[test]
fn folders_are_walked_and_what_systems_leave_in_them_is_not_data() {
    let mut bench = Bench::new();
    bench.file("d/医保/a.csv", settlements_with(&[]));
    bench.file("d/b.csv", register(0..5));
    bench.file("d/.DS_Store", "x");
    bench.file("d/~$b.xlsx", "x");
    bench.file("d/truth/alerts.csv", "indicator,id_no\n");
    let folder = bench.dir.path().join("in/d");
    let report = bench.intake(&[folder]);
    assert_eq!((report.files, report.taken), (2, 2));
    let sources: Vec<(&str, u64)> = report.sources.iter().map(|s| (s.source.as_str(), s.rows_taken)).collect();
    assert_eq!(sources, [("DS01", 5), ("DS09", 90)]);
}

#[test]
fn a_quarantine_file_that_was_cut_or_exchanged_is_not_given_out() {
    let mut bench = Bench::new();
    let report = bench.take("a.csv", settlements_with(&["S1,2".to_owned()]));
    let batch = report.outcomes[0].batch.clone().unwrap();
    let path = bench.pool.dir().join("quarantine").join(format!("{batch}.csv.sealed"));
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    assert!(matches!(bench.pool.quarantine_csv(&batch, &Turned), Err(PoolError::QuarantineDamaged { .. })));
    fs::write(&path, [&whole[..], &whole[..]].concat()).unwrap();
    assert!(matches!(bench.pool.quarantine_csv(&batch, &Turned), Err(PoolError::QuarantineDamaged { .. })));
    let clean = bench.take("b.csv", settlements_with(&[settlement(600)]));
    let clean = clean.outcomes[0].batch.clone().unwrap();
    assert!(matches!(bench.pool.quarantine_csv(&clean, &Turned), Err(PoolError::NothingQuarantined { .. })));
}

#[test]
fn the_platforms_own_rows_replace_those_before_and_equal_rows_make_no_batch() {
    let bench = Bench::new();
    let source = bench.pack.source("PF01").unwrap();
    let row = |wage: i64| {
        json!({"household_id": 1, "wage_month": wage, "declared_date": "2026-08-20"}).as_object().unwrap().clone()
    };
    let write =
        |rows: &[_], hour| bench.pool.write_platform(&bench.pack, source, rows, "system", crate::common::at(hour));
    let first = write(&[row(100)], 1).unwrap();
    assert_eq!(write(&[row(100)], 2).unwrap().batch, first.batch);
    let second = write(&[row(200), row(300)], 3).unwrap();
    assert_eq!(second.supersedes, [first.batch]);
    let rows = bench.rows("PF01");
    assert_eq!(ints(&rows, "wage_month"), [Some(200), Some(300)]);
    assert_eq!(ints(&rows, "person_id"), [None, None]);
    let broken = json!({"household_id": "one"}).as_object().unwrap().clone();
    assert!(matches!(write(&[broken], 4), Err(PoolError::PlatformValue { row: 1, .. })));
    let department = bench.pack.source("DS09").unwrap();
    let refused = bench.pool.write_platform(&bench.pack, department, &[], "system", crate::common::at(5));
    assert!(matches!(refused, Err(PoolError::NotAPlatformSource { .. })));
}

#[test]
fn clues_of_a_hotline_and_those_the_platform_wrote_live_side_by_side() {
    let mut bench =
        Bench::with(crate::common::pack_of(&[crate::common::REGISTER, crate::common::CLUE, crate::common::DECLARED]));
    let header = "线索编号,当事人身份号码,是否紧急,受理日期\n";
    let report = bench.take("hotline.csv", format!("{header}RX1,{},否,2026-08-01\nRX2,,是,2026-08-02\n", id_no(7)));
    assert_eq!((report.rows_taken, report.refused), (2, 0));
    let row =
        |no: &str| json!({"clue_no": no, "urgent": false, "received_at": "2026-08-20"}).as_object().unwrap().clone();
    let write = |bench: &Bench, rows: &[_], hour| {
        let source = bench.pack.source("PF05").unwrap();
        bench.pool.write_platform(&bench.pack, source, rows, "system", crate::common::at(hour)).unwrap()
    };
    let count = |bench: &Bench| bench.rows("PF05").iter().map(|b| b.num_rows()).sum::<usize>();
    let first = write(&bench, &[row("a"), row("b")], 3);
    assert_eq!((first.supersedes, count(&bench)), (Vec::<String>::new(), 4));
    // A second export adds to the first, and leaves what the platform wrote alone.
    bench.hour = 4;
    bench.take("hotline-2.csv", format!("{header}RX3,,否,2026-08-21\n"));
    assert_eq!(count(&bench), 5);
    // The platform's next rows take the place of its own only.
    let second = write(&bench, &[row("a")], 6);
    assert_eq!((second.supersedes, count(&bench)), (vec![first.batch], 4));
    // A source of the platform that says nothing of files still takes none.
    let refused = bench.take("PF01.csv", "household_id,person_id,wage_month,declared_date\n1,,100,2026-08-20\n");
    assert_eq!((refused.refused, count(&bench)), (1, 4));
}

#[test]
fn many_rows_arrive_in_their_order_whatever_thread_converted_them() {
    let mut text = format!("{}\n", crate::common::SETTLEMENT_HEADER);
    for n in 0..60_000 {
        let row = settlement(n);
        text += &(if n % 1_000 == 0 { row.replace("2026-08-15", "2026-02-30") } else { row } + "\n");
    }
    let mut bench = Bench::new();
    let report = bench.take("a.csv", text);
    assert_eq!((report.rows_read, report.rows_taken, report.rows_quarantined), (60_000, 59_940, 60));
    let rows = bench.rows("DS09");
    let numbers: Vec<i64> = ints(&rows, "_row").into_iter().flatten().collect();
    assert!(numbers.is_sorted() && numbers.len() == 59_940);
    // total_fee = 1000 + n and _row = n + 1: rows and values belong together.
    assert!(ints(&rows, "total_fee").iter().zip(&numbers).all(|(fee, row)| *fee == Some(row + 999)));
    assert_eq!(bench.quarantine(report.outcomes[0].batch.as_ref().unwrap()).lines().count(), 61);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn whatever_the_rows_hold_rows_read_are_rows_taken_plus_rows_quarantined(
        cells in prop::collection::vec(prop::collection::vec("[0-9A-Z住院否,\" -]{0,9}", 1..10), 0..30),
    ) {
        let rows: Vec<String> = cells.iter().map(|row| {
            row.iter().map(|c| format!("\"{}\"", c.replace('"', "\"\""))).collect::<Vec<_>>().join(",")
        }).collect();
        let blank = cells.iter().filter(|row| row.iter().all(|c| c.trim().is_empty())).count() as u64;
        let mut bench = Bench::new();
        let report = bench.take("DS09.csv", settlements_with(&rows));
        prop_assert_eq!(report.refused, 0);
        prop_assert_eq!(report.rows_read, 90 + rows.len() as u64 - blank);
        prop_assert_eq!(report.rows_read, report.rows_taken + report.rows_quarantined);
        let outcome = &report.outcomes[0];
        prop_assert_eq!(outcome.reasons.values().sum::<u64>(), report.rows_quarantined);
        let stored: usize = bench.rows("DS09").iter().map(|b| b.num_rows()).sum();
        prop_assert_eq!(stored as u64, report.rows_taken);
        if report.rows_quarantined > 0 {
            bench.quarantine(outcome.batch.as_ref().unwrap());
        }
    }
}

#[test]
fn an_undone_batch_no_longer_counts_and_what_it_replaced_counts_again() {
    let mut bench = Bench::new();
    bench.take("2026-08.csv", register(0..60));
    let before = bench.pool.snapshot().unwrap();
    let wrong = bench.take("2026-09.csv", register(0..40)).outcomes[0].batch.clone().unwrap();
    let with = bench.pool.snapshot().unwrap();
    assert_eq!(with.rows(), 40);
    let manifest = bench.pool.undo(&wrong, "steward", "the file of another month", crate::common::at(9)).unwrap();
    assert_eq!((manifest.words.len(), manifest.words[0].why.as_str()), (1, "the file of another month"));
    // Nothing is gone: the batch is there for whoever asks about the past, and counts no more.
    assert_eq!(bench.pool.snapshot().unwrap().id, before.id);
    assert_eq!(bench.pool.snapshot_of(std::slice::from_ref(&wrong)).unwrap().rows(), 40);
    assert!(matches!(bench.pool.undo(&wrong, "x", "", crate::common::at(9)), Err(PoolError::AlreadySo { .. })));
    bench.pool.redo(&wrong, "steward", "it was right after all", crate::common::at(10)).unwrap();
    assert_eq!(bench.pool.snapshot().unwrap().id, with.id);
    assert_eq!(bench.pool.batches().unwrap()[1].words.len(), 2);
}

#[test]
fn a_file_that_was_undone_can_be_sent_again_and_then_the_first_stays_undone() {
    let mut bench = Bench::new();
    let first = bench.take("a.csv", settlements_with(&[])).outcomes[0].batch.clone().unwrap();
    bench.pool.undo(&first, "steward", "too early", crate::common::at(9)).unwrap();
    assert_eq!(bench.pool.snapshot().unwrap().rows(), 0);
    let again = bench.take("a.csv", settlements_with(&[]));
    assert_eq!((again.taken, bench.pool.snapshot().unwrap().rows()), (1, 90));
    assert!(matches!(bench.pool.redo(&first, "x", "", crate::common::at(10)), Err(PoolError::SentAgain { .. })));
    assert!(matches!(bench.pool.undo("none", "x", "", crate::common::at(10)), Err(PoolError::NoSuchBatch { .. })));
}

#[test]
fn consistency_counts_the_facts_that_two_sources_give_alike() {
    let mut bench = Bench::new();
    bench.pack = pack_of(&[REGISTER, ROSTER]);
    // Of four people on the roster two live where the register says, one elsewhere; of one nothing is said, and one is
    // not in the register.
    let people = [(0, "990102001001"), (1, "990102001001"), (2, "990102001000"), (3, ""), (50, "990102001001")];
    let mut roster = "身份号码,所在区划\n".to_owned();
    for (n, region) in people {
        roster += &format!("{},{region}\n", id_no(n));
    }
    bench.take("DS01.csv", register(0..10));
    bench.take("DS05.csv", roster.clone());
    let quality = |bench: &Bench, source: &str| {
        let batches = bench.pool.batches().unwrap();
        batches.into_iter().rfind(|m| m.source == source).map(|m| m.quality.consistency).unwrap()
    };
    assert_eq!(quality(&bench, "DS05"), Some(66.66));
    assert_eq!(quality(&bench, "DS01"), None, "there was nothing to compare with when it came");

    // The other way round the register is measured by the roster.
    let mut bench = Bench::new();
    bench.pack = pack_of(&[REGISTER, ROSTER]);
    bench.take("DS05.csv", roster);
    bench.take("DS01.csv", register(0..10));
    assert_eq!(quality(&bench, "DS01"), Some(66.66));
}
