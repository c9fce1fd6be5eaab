//! Files refused whole, each with what is wrong, where, and what to do.

use crate::common::{Bench, SETTLEMENT_HEADER, id_no, settlement, settlements_with};

#[test]
fn a_file_of_no_contract_is_refused_without_quoting_it() {
    let error = Bench::new().refusal("list.csv", format!("{},张三,男\n{},李四,女\n", id_no(1), id_no(2)));
    assert!(error.contains("no header here fits a contract"), "{error}");
    assert!(!error.contains("9901") && !error.contains("张三"), "{error}");
}

#[test]
fn a_file_of_another_source_than_it_says_is_refused() {
    let error = Bench::new().refusal("DS01_户籍.csv", settlements_with(&[]));
    assert!(error.contains("calls itself Household register (DS01)"), "{error}");
    assert!(error.contains("Medical settlement (DS09)"), "{error}");
    let by_line = format!("#source=DS01;batch=1\n{}", settlements_with(&[]));
    assert!(Bench::new().refusal("export.csv", by_line).contains("calls itself Household register"));
}

#[test]
fn an_unknown_column_is_named() {
    let error = Bench::new().refusal("a.csv", format!("{SETTLEMENT_HEADER},voucher\n{},x\n", settlement(1)));
    assert!(error.contains("Medical settlement (DS09)") && error.contains("unknown column: voucher"), "{error}");
}

#[test]
fn a_missing_column_is_named() {
    let text = settlements_with(&[]).replace(",is_refund", "").replace(",否", "");
    let error = Bench::new().refusal("a.csv", text);
    assert!(error.contains("missing column: is_refund"), "{error}");
}

#[test]
fn the_same_column_twice_is_refused() {
    let error = Bench::new().refusal("a.csv", format!("{SETTLEMENT_HEADER},总费用\n{},1\n", settlement(1)));
    assert!(error.contains("the same column twice: 总费用"), "{error}");
}

#[test]
fn a_line_of_ten_megabytes_is_refused_by_its_number() {
    let mut text = settlements_with(&[]);
    text += &"9".repeat(10 << 20);
    let error = Bench::new().refusal("DS09.csv", text);
    assert!(error.contains("line 92") && error.contains("longer than 1024 KiB"), "{error}");
    let error = Bench::new().refusal("DS09.csv", "x".repeat(10 << 20));
    assert!(error.contains("line 1:"), "{error}");
}

#[test]
fn a_quote_that_is_never_closed_is_refused_where_it_opens() {
    let text = settlements_with(&[settlement(800).replace("C34.1", "\"C34.1"), settlement(801)]);
    let error = Bench::new().refusal("DS09.csv", text);
    assert!(error.contains("line 92") && error.contains("never closed"), "{error}");
}

#[test]
fn fewer_rows_than_the_first_line_promises_is_a_file_cut_off() {
    let text = format!("#source=DS09;batch=20260815-01;rows=91\n{}", settlements_with(&[]));
    assert!(Bench::new().refusal("a.csv", text).contains("promises 91 rows, and there are 90"));
    let text = format!("#source=DS09;batch=20260815-01;rows=90\n{}", settlements_with(&[]));
    assert_eq!(Bench::new().take("a.csv", text).rows_taken, 90);
}

#[test]
fn empty_files_and_full_lists_without_rows_are_refused() {
    assert!(Bench::new().refusal("a.csv", "").contains("the file is empty"));
    let header = "id_no,name,sex,birth_date,household_no,reg_region_code\n";
    assert!(Bench::new().refusal("a.csv", header).contains("no rows below the header"));
    // A day without settlements is a day without settlements.
    assert_eq!(Bench::new().take("a.csv", format!("{SETTLEMENT_HEADER}\n")).taken, 1);
}

#[test]
fn pictures_and_old_workbooks_are_refused() {
    assert!(Bench::new().refusal("a.png", [0x89, b'P', b'N', b'G', 0, 0, 0, 1]).contains("not a file of rows"));
    assert!(Bench::new().refusal("a.xls", [0xd0, 0xcf, 0x11, 0xe0, 0xa1]).contains("old Excel"));
}

#[test]
fn two_contracts_that_fit_alike_are_told_apart_by_the_files_name_only() {
    let twin = crate::common::SETTLEMENT.replace("DS09", "DS90").replace("medical_settlement", "other_settlement");
    let pack = || crate::common::pack_of(&[crate::common::SETTLEMENT, &twin]);
    let error = Bench::with(pack()).refusal("a.csv", settlements_with(&[]));
    assert!(error.contains("fit several contracts") && error.contains("DS90"), "{error}");
    let mut bench = Bench::with(pack());
    assert_eq!(bench.take("ds90_2026.csv", settlements_with(&[])).sources[0].source, "DS90");
}

#[test]
fn one_refused_file_does_not_stop_the_others() {
    let mut bench = Bench::new();
    let paths = [
        bench.file("1.csv", "what,is,this\n1,2,3\n"),
        bench.file("2.csv", settlements_with(&[])),
        bench.file("3.csv", ""),
    ];
    let report = bench.intake(&paths);
    assert_eq!((report.files, report.taken, report.refused), (3, 1, 2));
    assert!(!report.all_well());
    assert_eq!(report.rows_taken, 90);
}

#[test]
fn a_path_that_is_not_there_is_said_so() {
    let mut bench = Bench::new();
    let error = bench.try_intake(&["/nowhere/at/all.csv".into()], false).unwrap_err();
    assert!(error.to_string().contains("/nowhere/at/all.csv: there is no such file"), "{error}");
}
