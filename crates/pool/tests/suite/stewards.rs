//! What a steward does with files that do not fit: look, say what headings mean, mend rows.

use crate::common::{Bench, SETTLEMENT_HEADER, Turned, id_no, ints, leftovers, settlement, settlements_with, today};
use std::cell::Cell;
use tuodi_pool::{Counts, FileState, IntakeOptions, Mapping, PoolError, Seen, Vault, open_count};

fn look(bench: &Bench, name: &str, bytes: impl AsRef<[u8]>) -> Vec<Seen> {
    let path = bench.file(name, bytes);
    let mut options = IntakeOptions::new(today(), crate::common::at(1), "steward");
    options.mappings = &bench.mappings;
    bench.pool.look(&path, &bench.pack, bench.vault.tokeniser(), &options, 5).unwrap()
}

/// A department's own words: `票号` is the settlement number, `合计` an amount in yuan, `经办人` nobody's business.
fn strange(rows: u32) -> String {
    let mut text = "票号,身份证号,就诊类型,结算日期,主要诊断,合计,住院天数,是否退费,经办人\n".to_owned();
    for n in 0..rows {
        text += &format!("S{n},{},门诊,2026-08-{:02},,12.50,,否,王五\n", id_no(n), n % 28 + 1);
    }
    text
}

fn said() -> Mapping {
    let pairs = [
        ("票号", "settle_id"),
        ("身份证号", "id_no"),
        ("就诊类型", "visit_type"),
        ("结算日期", "settle_date"),
        ("主要诊断", "diag_code"),
        ("合计", "total_fee|元"),
        ("住院天数", "days"),
        ("是否退费", "is_refund"),
        ("经办人", ""),
    ];
    let headings = pairs.map(|(heading, column)| (heading.to_owned(), column.to_owned())).into();
    Mapping { source: "DS09".to_owned(), headings }
}

#[test]
fn a_first_look_shows_how_rows_would_be_taken_and_hides_who_they_are_about() {
    let bench = Bench::new();
    let text = settlements_with(&[]).replace("C34.1,1001,", "C34.1,many,");
    let seen = &look(&bench, "a.csv", text)[0];
    assert_eq!((seen.source.as_deref(), seen.rows.len()), (Some("DS09"), 5));
    assert!(seen.refusal.is_none());
    let row = &seen.rows[1];
    assert!(row[1].raw.starts_with("9901*") && !row[1].raw.contains(&id_no(1)), "{row:?}");
    assert_eq!((row[2].raw.as_str(), row[2].taken.as_deref()), ("住院", Some("inpatient")));
    assert_eq!((row[5].raw.as_str(), row[5].taken.as_deref()), ("many", None));
    assert!(row[5].reason.as_ref().unwrap().en.contains("cannot be read"));
    assert_eq!(seen.rows[0][5].taken.as_deref(), Some("10"));
    assert!(leftovers(bench.pool.dir()).is_empty());
}

#[test]
fn a_first_look_at_strange_headings_says_what_is_wrong_and_what_they_may_mean() {
    let bench = Bench::new();
    let seen = &look(&bench, "a.csv", strange(3))[0];
    assert!(seen.refusal.as_ref().unwrap().to_string().contains("missing column"));
    assert_eq!((seen.source.as_deref(), seen.rows.len()), (Some("DS09"), 0));
    let column = |key: &str| seen.headings.iter().find(|h| h.key == key).unwrap().column.as_deref();
    assert_eq!((column("身份证号"), column("票号"), column("经办人")), (Some("id_no"), None, None));
    let archive =
        crate::common::archive(&[("a.csv", strange(2).as_bytes()), ("b.csv", settlements_with(&[]).as_bytes())]);
    let both = look(&bench, "a.zip", archive);
    assert_eq!(both.iter().map(|s| s.refusal.is_some()).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn headings_that_a_steward_explained_are_taken_from_then_on_and_on_the_way_back_too() {
    let mut bench = Bench::new();
    assert_eq!(bench.take("a.csv", strange(40)).refused, 1);
    bench.mappings = vec![said()];
    let text = strange(40).replace("S7,", "S7,7");
    let report = bench.take("a.csv", text);
    assert_eq!((report.rows_read, report.rows_taken, report.rows_quarantined), (40, 39, 1), "{report:?}");
    assert_eq!(ints(&bench.rows("DS09"), "total_fee")[0], Some(1_250));
    assert_eq!(bench.pool.batches().unwrap()[0].mapped["合计"], "total_fee|元");
    let batch = report.outcomes[0].batch.clone().unwrap();
    let returned = bench.quarantine(&batch).replace("S7,7", "S7,");
    assert!(returned.contains("合计（元）") && returned.contains("经办人"), "{returned}");
    let report = bench.take("back.csv", returned);
    assert_eq!((report.rows_read, report.rows_taken), (1, 1), "{report:?}");
    assert_eq!(ints(&bench.rows("DS09"), "total_fee"), vec![Some(1_250); 40]);
    // In another order they are the same headings; with one more they are not.
    let turned: String =
        strange(20).lines().map(|line| line.split(',').rev().collect::<Vec<_>>().join(",") + "\n").collect();
    assert_eq!(bench.take("c.csv", turned).rows_taken, 20);
    assert_eq!(
        bench.take("d.csv", strange(5).replace("经办人\n", "经办人,备注\n").replace("王五\n", "王五,x\n")).refused,
        1
    );
}

#[test]
fn an_explanation_that_names_no_column_or_one_twice_is_refused_in_words() {
    let mut bench = Bench::new();
    let mut wrong = said();
    wrong.headings.insert("票号".to_owned(), "id_no".to_owned());
    bench.mappings = vec![wrong];
    let error = bench.refusal("a.csv", strange(5));
    assert!(error.contains("missing column"), "{error}");
}

#[test]
fn rows_are_mended_a_few_at_a_time_until_none_is_open() {
    let mut bench = Bench::new();
    let wrong: Vec<String> = (0..4).map(|n| settlement(200 + n).replace("2026-08-15", "2026-18-15")).collect();
    let batch = bench.take("a.csv", settlements_with(&wrong)).outcomes[0].batch.clone().unwrap();
    let open = bench.pool.open_rows(&batch, &Turned).unwrap();
    assert_eq!(open.headings, SETTLEMENT_HEADER.split(',').collect::<Vec<_>>());
    assert_eq!(open.rows.iter().map(|r| r.row).collect::<Vec<_>>(), [91, 92, 93, 94]);
    assert_eq!(open.rows[0].problems[0].0, "settle_date");
    assert_eq!((open.rows[0].problems[0].1.as_str(), open.rows[0].cells[1].as_str()), ("E03", id_no(200).as_str()));
    // Two are sent again: one right, one still wrong.
    let mut mended: Vec<(i64, Vec<String>)> = open.rows[..2].iter().map(|r| (r.row, r.cells.clone())).collect();
    mended[0].1[3] = "2026-08-15".to_owned();
    let report = bench.take("mended.csv", open.correction(&batch, &mended));
    assert_eq!((report.rows_read, report.rows_taken, report.rows_quarantined, report.held), (2, 1, 1, 0), "{report:?}");
    mended[1].1[3] = "2026-08-16".to_owned();
    let first = report.outcomes[0].batch.clone().unwrap();
    let manifests = bench.pool.batches().unwrap();
    assert_eq!(manifests[1].brings_back, [(91, 92)]);
    assert_eq!((open_count(&manifests, &manifests[0]), open_count(&manifests, &manifests[1])), (2, 1));
    let left = bench.pool.open_rows(&batch, &Turned).unwrap();
    assert_eq!(left.rows.iter().map(|r| r.row).collect::<Vec<_>>(), [93, 94]);
    let again = bench.pool.open_rows(&first, &Turned).unwrap();
    let fixed = [(again.rows[0].row, mended[1].1.clone())];
    let report = bench.take("mended2.csv", again.correction(&first, &fixed));
    assert_eq!((report.rows_taken, report.rows_quarantined), (1, 0), "{report:?}");
    assert_eq!(bench.pool.snapshot().unwrap().rows(), 92);
    assert!(bench.pool.open_rows(&first, &Turned).unwrap().rows.is_empty());
    // Undone, its rows wait again.
    let second = report.outcomes[0].batch.clone().unwrap();
    bench.pool.undo(&second, "steward", "mistyped", crate::common::at(9)).unwrap();
    assert_eq!(bench.pool.open_rows(&first, &Turned).unwrap().rows.len(), 1);
}

#[test]
fn an_intake_that_is_stopped_leaves_nothing_and_can_be_begun_again() {
    let mut bench = Bench::new();
    let path = bench.file("a.csv", settlements_with(&[]));
    let asked = Cell::new(0);
    let stop = || {
        asked.set(asked.get() + 1);
        true
    };
    let mut options = IntakeOptions::new(today(), crate::common::at(1), "steward");
    options.stop = Some(&stop);
    let stopped = bench.pool.intake(std::slice::from_ref(&path), &bench.pack, &mut bench.vault, &Turned, &options);
    assert!(matches!(stopped, Err(PoolError::Stopped)), "{stopped:?}");
    assert!(asked.get() > 0 && leftovers(bench.pool.dir()).is_empty());
    assert_eq!(bench.intake(&[path]).outcomes[0].state, FileState::Taken);
}

#[test]
fn a_source_that_a_person_named_counts_for_more_than_the_files_name() {
    let bench = Bench::new();
    let path = bench.file("DS01_x.csv", settlements_with(&[]));
    let mut options = IntakeOptions::new(today(), crate::common::at(1), "steward");
    options.source = Some("DS09".to_owned());
    let seen = bench.pool.look(&path, &bench.pack, bench.vault.tokeniser(), &options, 1).unwrap();
    assert!(seen[0].refusal.is_none(), "{:?}", seen[0]);
}

#[test]
fn what_was_known_on_an_earlier_day_is_seen_again_whatever_came_or_was_undone_since() {
    let mut bench = Bench::new();
    bench.take("DS09.csv", settlements_with(&[settlement(200)]));
    let then = bench.pool.snapshot().unwrap();
    bench.take("DS09.csv", settlements_with(&[settlement(201)]));
    let first = then.batches("DS09")[0].manifest.batch.clone();
    bench.pool.undo(&first, "steward", "wrong month", crate::common::at(9)).unwrap();

    assert_eq!(bench.pool.snapshot_known(crate::common::at(1)).unwrap(), then, "the undoing came later");
    assert_eq!(bench.pool.snapshot_known(crate::common::at(2)).unwrap().batches("DS09").len(), 2);
    assert_eq!(bench.pool.snapshot_known(crate::common::at(10)).unwrap().id, bench.pool.snapshot().unwrap().id);
    assert!(bench.pool.snapshot_known(crate::common::at(0)).unwrap().is_empty(), "nothing had arrived");

    let person = ints(&bench.rows("DS09"), "person_id")[0].unwrap();
    let said = bench.pool.rows_about(&[person].into(), 0, |_| true).unwrap();
    let stands: Vec<Counts> = said.iter().map(|row| row.counts).collect();
    assert_eq!(stands, [Counts::Undone, Counts::Now], "{said:?}");
    assert!(said.iter().all(|row| row.person == Some(person) && row.values.contains_key("total_fee")), "{said:?}");
    assert!(bench.pool.rows_about(&[person].into(), 0, |source| source != "DS09").unwrap().is_empty());
}
