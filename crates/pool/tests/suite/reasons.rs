//! Every reason for which a row is put aside, each beside its acceptance.

use crate::common::{Bench, id_no, settlement, settlements_with};

/// Takes ninety good rows and this one, and says with which code and column it was put aside.
fn put_aside(row: &str) -> (String, String) {
    let mut bench = Bench::new();
    let report = bench.take("DS09.csv", settlements_with(&[row.to_owned()]));
    assert_eq!((report.rows_read, report.rows_taken, report.rows_quarantined), (91, 90, 1), "{report:?}");
    let batch = report.outcomes[0].batch.clone().unwrap();
    let csv = bench.quarantine(&batch);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].ends_with("_batch,_row,_column,_reason_code,_reason"));
    let cells: Vec<&str> = lines[1].rsplitn(6, ',').collect();
    // From the end: reason, code, column, row, batch.
    assert_eq!((cells[3], cells[4]), ("91", batch.as_str()), "{csv}");
    let code = cells[1].to_owned();
    assert_eq!(report.outcomes[0].reasons.keys().collect::<Vec<_>>(), [&code]);
    (code, cells[2].to_owned())
}

fn code(row: &str) -> String {
    put_aside(row).0
}

fn is_taken(row: &str) {
    let report = Bench::new().take("DS09.csv", settlements_with(&[row.to_owned()]));
    assert_eq!((report.rows_taken, report.rows_quarantined), (91, 0), "{row}: {:?}", report.outcomes[0].reasons);
}

fn with(id: &str, visit: &str, date: &str, fee: &str, days: &str, refund: &str) -> String {
    format!("S999999,{id},{visit},{date},,{fee},{days},{refund}")
}

fn plain(id: &str, date: &str, fee: &str) -> String {
    with(id, "住院", date, fee, "", "否")
}

#[test]
fn e01_a_citizen_number_with_a_wrong_check_character() {
    let good = id_no(1);
    let wrong = format!("{}{}", &good[..17], if good.ends_with('5') { '6' } else { '5' });
    assert_eq!(put_aside(&plain(&wrong, "2026-08-01", "1")), ("E01".to_owned(), "id_no".to_owned()));
    assert_eq!(code(&plain("9.90102E+17", "2026-08-01", "1")), "E01");
}

#[test]
fn fifteen_digits_a_small_x_and_full_width_digits_are_all_citizen_numbers() {
    is_taken(&plain("990102570316002", "2026-08-01", "1"));
    let x = (0..400).map(id_no).find(|id| id.ends_with('X')).unwrap();
    is_taken(&plain(&x.to_lowercase(), "2026-08-01", "1"));
    let wide: String = x.chars().map(|c| char::from_u32(c as u32 + 0xfee0).unwrap()).collect();
    is_taken(&plain(&wide, "2026-08-01", "1"));
}

#[test]
fn e02_a_region_that_is_not_in_the_table() {
    let mut bench = Bench::new();
    let mut text = "id_no,name,sex,birth_date,household_no,reg_region_code\n".to_owned();
    for (n, region) in
        ["990102001001", "990102001", "990102", "９９０１０２００１００１"].into_iter().cycle().take(20).enumerate()
    {
        text += &format!("{},某人,男,1950-01-01,H{n},{region}\n", id_no(n as u32));
    }
    text += &format!("{},某人,男,1950-01-01,H1,110101001001\n", id_no(30));
    let report = bench.take("DS01.csv", text);
    assert_eq!((report.rows_taken, report.rows_quarantined), (20, 1));
    assert_eq!(report.outcomes[0].reasons["E02"], 1);
    let kept = crate::common::texts(&bench.rows("DS01"), "reg_region_code");
    assert_eq!(kept[..3], ["990102001001", "990102001000", "990102000000"].map(|r| Some(r.to_owned())));
}

#[test]
fn e03_a_day_that_does_not_exist() {
    assert_eq!(put_aside(&plain(&id_no(1), "2026-02-30", "1")), ("E03".to_owned(), "settle_date".to_owned()));
    assert_eq!(code(&plain(&id_no(1), "soon", "1")), "E03");
    is_taken(&plain(&id_no(1), "２０２６年２月２８日", "1"));
}

#[test]
fn e04_a_code_that_the_contract_does_not_list() {
    assert_eq!(
        put_aside(&with(&id_no(1), "体检", "2026-08-01", "1", "", "否")),
        ("E04".to_owned(), "visit_type".to_owned())
    );
    is_taken(&with(&id_no(1), "INPATIENT", "2026-08-01", "1", "", "否"));
    is_taken(&with(&id_no(1), "３", "2026-08-01", "1", "", "否"));
}

#[test]
fn e05_a_key_that_came_before_even_when_the_whole_row_is_the_same() {
    assert_eq!(put_aside(&settlement(5)), ("E05".to_owned(), "settle_id".to_owned()));
    // The same key in full width is the same key.
    assert_eq!(code(&settlement(5).replace("S000005", "Ｓ０００００５")), "E05");
}

#[test]
fn a_key_first_seen_in_a_broken_row_is_free_for_a_good_one() {
    let broken = settlement(500).replace("2026-08-15", "2026-02-30");
    let mut bench = Bench::new();
    let report = bench.take("DS09.csv", settlements_with(&[broken, settlement(500)]));
    assert_eq!((report.rows_taken, report.rows_quarantined), (91, 1));
}

#[test]
fn e06_a_negative_amount_unless_it_is_a_refund() {
    assert_eq!(put_aside(&plain(&id_no(1), "2026-08-01", "-5")), ("E06".to_owned(), "total_fee".to_owned()));
    is_taken(&with(&id_no(1), "住院", "2026-08-01", "-5", "", "是"));
}

#[test]
fn e07_a_value_that_must_be_there() {
    assert_eq!(put_aside(&plain("", "2026-08-01", "1")), ("E07".to_owned(), "id_no".to_owned()));
    assert_eq!(code(&plain(&id_no(1), "NULL", "1")), "E07");
}

#[test]
fn e08_a_date_in_the_future_begins_tomorrow() {
    assert_eq!(put_aside(&plain(&id_no(1), "2026-09-02", "1")), ("E08".to_owned(), "settle_date".to_owned()));
    is_taken(&plain(&id_no(1), "2026-09-01", "1"));
}

#[test]
fn e09_a_value_of_another_kind_or_out_of_range() {
    assert_eq!(put_aside(&plain(&id_no(1), "2026-08-01", "many")), ("E09".to_owned(), "total_fee".to_owned()));
    assert_eq!(code(&with(&id_no(1), "住院", "2026-08-01", "1", "401", "否")), "E09");
    assert_eq!(code(&with(&id_no(1), "住院", "2026-08-01", "1", "", "maybe")), "E09");
    assert_eq!(code(&plain(&id_no(1), "2026-08-01", "0.5")), "E09");
    is_taken(&with(&id_no(1), "住院", "2026-08-01", "1", "400", "否"));
}

#[test]
fn e10_a_row_with_too_many_or_too_few_fields() {
    assert_eq!(put_aside(&format!("{},stray", settlement(700))), ("E10".to_owned(), String::new()));
    assert_eq!(code("S1,2"), "E10");
    is_taken(&format!("{},,", settlement(700)));
}

#[test]
fn every_problem_of_a_row_is_named_and_the_first_is_counted() {
    assert_eq!(
        Bench::new().take("DS09.csv", settlements_with(&[plain("9901", "2026-02-30", "-5")])).outcomes[0]
            .reasons
            .iter()
            .map(|(c, n)| (c.as_str(), *n))
            .collect::<Vec<_>>(),
        [("E01", 1)]
    );
    let mut bench = Bench::new();
    let report = bench.take("DS09.csv", settlements_with(&[plain("9901", "2026-02-30", "-5")]));
    let csv = bench.quarantine(report.outcomes[0].batch.as_ref().unwrap());
    assert!(csv.contains(",id_no;settle_date;total_fee,E01;E03;E06,"), "{csv}");
    assert!(csv.contains("公民身份号码应为18位") && csv.contains("no such date"));
}

#[test]
fn a_byte_that_is_no_character_puts_its_row_aside_and_no_other() {
    let mut bytes = settlements_with(&["S999999,990102,??,2026-08-01,,1,,否".to_owned()]).into_bytes();
    let at = bytes.windows(2).position(|w| w == b"??").unwrap();
    bytes[at] = 0xff;
    let report = Bench::new().take("DS09.csv", bytes);
    assert_eq!((report.rows_taken, report.rows_quarantined), (90, 1), "{report:?}");
}
