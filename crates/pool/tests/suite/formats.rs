//! The formats and encodings in which departments send their rows.

use crate::common::{
    Bench, SETTLEMENT_HEADER, archive, dates, id_no, ints, leftovers, settlement, settlements_with, texts, xls,
};
use rust_xlsxwriter::{Format, Workbook};

fn zh_table(rows: u32) -> String {
    let mut text = "结算单号,身份证号,就诊类型,结算日期,主要诊断,总费用（元）,是否退费\r\n".to_owned();
    for n in 0..rows {
        text += &format!("S{n},{},门诊,2026年8月{}日,,\"1,234.5{}\",否\r\n", id_no(n), n % 28 + 1, n % 10);
    }
    text
}

fn check_zh_table(bench: &Bench, rows: u32) {
    let table = bench.rows("DS09");
    assert_eq!(ints(&table, "total_fee")[..2], [Some(123_450), Some(123_451)]);
    assert_eq!(dates(&table, "settle_date")[..2], ["2026-08-01", "2026-08-02"]);
    assert_eq!(texts(&table, "visit_type")[0].as_deref(), Some("outpatient"));
    assert_eq!(ints(&table, "_row"), (1..=i64::from(rows)).map(Some).collect::<Vec<_>>());
    assert_eq!(ints(&table, "days"), vec![None; rows as usize]);
}

#[test]
fn utf_8_with_and_without_its_mark_and_gb18030_and_utf_16_hold_the_same_rows() {
    let text = zh_table(50);
    let marked = format!("\u{feff}{text}").into_bytes();
    let gb = encoding_rs_gb18030(&text);
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let turned: Vec<u8> = [0xfe, 0xff].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
    for (bytes, encoding) in [
        (text.clone().into_bytes(), "UTF-8"),
        (marked, "UTF-8"),
        (gb, "gb18030"),
        (utf16, "UTF-16LE"),
        (turned, "UTF-16BE"),
    ] {
        let mut bench = Bench::new();
        let report = bench.take("export.csv", bytes);
        assert_eq!((report.rows_read, report.rows_taken), (50, 50), "{encoding}: {report:?}");
        assert_eq!(report.outcomes[0].encoding.as_deref(), Some(encoding));
        check_zh_table(&bench, 50);
    }
}

/// Written with the characters that the table above uses, so that no encoder is needed.
fn encoding_rs_gb18030(text: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(text).0.into_owned()
}

#[test]
fn title_lines_above_the_header_are_passed_over_and_may_give_the_unit() {
    let mut bench = Bench::new();
    let text = format!("清晏区医保结算明细,,,,,,\n单位：万元,,,,,,\n{}", zh_table(3).replace("总费用（元）", "总费用"));
    let report = bench.take("export.csv", text.replace("\"1,234.5", "\"0.5"));
    assert_eq!((report.rows_read, report.rows_taken), (3, 3), "{report:?}");
    assert_eq!(ints(&bench.rows("DS09"), "total_fee"), [Some(500_000), Some(510_000), Some(520_000)]);
}

#[test]
fn the_order_of_columns_is_free_and_tabs_separate_too() {
    let mut bench = Bench::new();
    let text =
        format!("总费用\t是否退费\t结算单号\t身份号码\t就诊类型\t结算日期\n5\t否\tA\t{}\t住院\t20260801\n", id_no(1));
    assert_eq!(bench.take("export.txt", text).rows_taken, 1);
    assert_eq!(ints(&bench.rows("DS09"), "total_fee"), [Some(5)]);
}

fn xlsx(path: &std::path::Path, rows: u32) {
    let mut workbook = Workbook::new();
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let sheet = workbook.add_worksheet();
    sheet.write_string(0, 0, "清晏区医保结算明细表（2026年8月）").unwrap();
    for (c, name) in ["结算单号", "身份证号", "就诊类型", "结算日期", "主要诊断", "总费用(元)", "住院天数", "是否退费"]
        .iter()
        .enumerate()
    {
        sheet.write_string(1, c as u16, *name).unwrap();
    }
    for n in 0..rows {
        let r = n + 2;
        sheet.write_string(r, 0, format!("S{n}")).unwrap();
        sheet.write_string(r, 1, id_no(n % 400)).unwrap();
        sheet.write_string(r, 2, "住院").unwrap();
        if n % 2 == 0 {
            sheet.write_number_with_format(r, 3, 46_250.0, &date).unwrap();
        } else {
            sheet.write_number(r, 3, 46_250.0).unwrap();
        }
        sheet.write_number(r, 5, 1_234.56).unwrap();
        sheet.write_number(r, 6, 7.0).unwrap();
        sheet.write_boolean(r, 7, false).unwrap();
    }
    workbook.add_worksheet().set_name("填报说明").unwrap().write_string(0, 0, "请按说明填报").unwrap();
    workbook.save(path).unwrap();
}

#[test]
fn a_workbook_with_a_title_row_and_a_sheet_of_notes_is_read() {
    let mut bench = Bench::new();
    let path = bench.file("a.xlsx", "");
    xlsx(&path, 300);
    let report = bench.intake(&[path]);
    assert_eq!((report.rows_read, report.rows_taken), (300, 300), "{report:?}");
    let table = bench.rows("DS09");
    assert_eq!(dates(&table, "settle_date")[..2], ["2026-08-16", "2026-08-16"]);
    assert_eq!(ints(&table, "total_fee")[..2], [Some(123_456), Some(123_456)]);
    assert_eq!(ints(&table, "days")[0], Some(7));
    assert_eq!(texts(&table, "diag_code")[0], None);
}

#[test]
fn a_citizen_number_that_a_spreadsheet_rounded_is_never_taken_for_another() {
    let mut bench = Bench::new();
    let path = bench.file("a.xlsx", "");
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (c, name) in SETTLEMENT_HEADER.split(',').enumerate() {
        sheet.write_string(0, c as u16, name).unwrap();
    }
    for n in 0..40_u32 {
        for (c, value) in settlement(n).split(',').enumerate() {
            sheet.write_string(n + 1, c as u16, value).unwrap();
        }
    }
    // Any of these, written out in full, may by chance carry a right check character.
    sheet.write_number(1, 1, 990_102_195_703_160_000.0).unwrap();
    workbook.save(&path).unwrap();
    let report = bench.intake(&[path]);
    assert_eq!((report.rows_taken, report.outcomes[0].reasons["E01"]), (39, 1), "{report:?}");
}

#[test]
fn a_workbook_cut_off_is_refused() {
    let bench = Bench::new();
    let path = bench.file("a.xlsx", "");
    xlsx(&path, 300);
    let whole = std::fs::read(&path).unwrap();
    for kept in [whole.len() / 2, whole.len() - 10, 30] {
        let error = Bench::new().refusal("a.xlsx", &whole[..kept]);
        assert!(error.contains("cut off or damaged"), "{kept}: {error}");
    }
    // One byte of the sheet's own data changed: the checksum tells.
    let mut changed = whole.clone();
    let at = changed.windows(14).position(|w| w == b"xl/worksheets/").unwrap() + 80;
    changed[at] ^= 0xff;
    let error = Bench::new().refusal("a.xlsx", changed);
    assert!(error.contains("XLSX"), "{error}");
}

#[test]
fn a_zip_bomb_is_not_opened() {
    let zeros = vec![b' '; 80 << 20];
    let bomb = archive(&[("xl/workbook.xml", b"<workbook/>"), ("xl/worksheets/sheet1.xml", &zeros)]);
    assert!(bomb.len() < 1 << 20);
    let error = Bench::new().refusal("bomb.xlsx", bomb);
    assert!(error.contains("zip bomb"), "{error}");
}

#[test]
fn files_packed_in_an_archive_are_taken_one_by_one() {
    let mut bench = Bench::new();
    let book = bench.file("book.xlsx", "");
    xlsx(&book, 20);
    let book = std::fs::read(&book).unwrap();
    let gb = encoding_rs_gb18030(&zh_table(5));
    let path = bench.file(
        "八月.zip",
        archive(&[
            ("__MACOSX/._a.csv", b"x"),
            ("医保/DS09_a.csv", zh_table(7).as_bytes()),
            ("医保/b.csv", &gb),
            ("医保/c.xlsx", &book),
            ("医保/d.xls", &xls(&settlement_rows(4))),
            ("说明.txt", "这不是数据".as_bytes()),
        ]),
    );
    let report = bench.intake(std::slice::from_ref(&path));
    assert_eq!((report.files, report.taken, report.refused), (5, 4, 1), "{report:?}");
    assert_eq!((report.rows_read, report.rows_taken), (36, 36));
    let refused = report.refusals().next().unwrap();
    assert!(refused.file.ends_with("八月.zip/说明.txt"), "{refused}");
    assert_eq!(bench.pool.batches().unwrap()[0].file_name, "DS09_a.csv");
    // The same files in another archive are the same files.
    let again = bench.take("again.zip", archive(&[("x/b.csv", &gb)]));
    assert_eq!((again.already_taken, again.taken), (1, 0));
    // Nothing unpacked stays behind.
    assert!(leftovers(bench.pool.dir()).iter().all(|p| p.to_string_lossy().contains("batch=")), "{path:?}");
}

#[test]
fn an_archive_in_an_archive_is_refused_and_its_neighbours_are_taken() {
    let mut bench = Bench::new();
    let inner = archive(&[("a.csv", zh_table(3).as_bytes())]);
    let report = bench.take("a.zip", archive(&[("inner.zip", &inner), ("b.csv", zh_table(2).as_bytes())]));
    assert_eq!((report.taken, report.refused, report.rows_taken), (1, 1, 2), "{report:?}");
    let error = report.refusals().next().unwrap().to_string();
    assert!(error.contains("archive inside an archive"), "{error}");
}

#[test]
fn an_archive_that_is_empty_or_a_bomb_is_refused_whole() {
    let error = Bench::new().refusal("a.zip", archive(&[(".DS_Store", b"x")]));
    assert!(error.contains("no file in the archive"), "{error}");
    let zeros = vec![b' '; 80 << 20];
    let error = Bench::new().refusal("a.zip", archive(&[("a.csv", &zeros), ("b.csv", zh_table(2).as_bytes())]));
    assert!(error.contains("zip bomb"), "{error}");
    let many: Vec<(String, &[u8])> = (0..2_500).map(|n| (format!("{n}.csv"), b"x".as_slice())).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(n, b)| (n.as_str(), *b)).collect();
    assert!(Bench::new().refusal("a.zip", archive(&many)).contains("zip bomb"));
}

fn settlement_rows(rows: u32) -> Vec<Vec<String>> {
    let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
    std::iter::once(cells(SETTLEMENT_HEADER)).chain((0..rows).map(|n| cells(&settlement(n + 700)))).collect()
}

#[test]
fn an_old_workbook_is_read() {
    let mut bench = Bench::new();
    let report = bench.take("a.xls", xls(&settlement_rows(300)));
    assert_eq!((report.rows_read, report.rows_taken), (300, 300), "{report:?}");
    let table = bench.rows("DS09");
    assert_eq!(dates(&table, "settle_date")[0], "2026-08-15");
    assert_eq!(ints(&table, "total_fee")[..2], [Some(1_700), Some(1_701)]);
    assert_eq!(ints(&table, "days")[299], Some(7));
}

#[test]
fn an_old_workbook_that_wants_the_machines_memory_does_not_get_it() {
    let rows = settlement_rows(3);
    let whole = xls(&rows);
    let at = whole.windows(6).position(|w| w == [0, 2, 14, 0, 0, 0]).unwrap() + 4;
    for (offset, bytes) in [(4, [0xff, 0xff, 0xff, 0x7f]), (10, [0xff, 0xff, 0, 0]), (0, [9, 0, 0, 0])] {
        let mut changed = whole.clone();
        changed[at + offset..at + offset + 4].copy_from_slice(&bytes);
        let error = Bench::new().refusal("a.xls", changed);
        assert!(error.contains("(.xls)"), "{error}");
    }
}

#[test]
fn a_workbook_with_a_password_says_so() {
    let mut file = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    file.create_stream("/EncryptedPackage").unwrap();
    let error = Bench::new().refusal("a.xlsx", file.into_inner().into_inner());
    assert!(error.contains("has a password"), "{error}");
}

#[test]
fn json_lines_may_leave_out_what_is_null() {
    let mut bench = Bench::new();
    let mut text = String::new();
    for n in 0..250 {
        let days = if n % 2 == 0 { String::new() } else { ",\"days\":3".to_owned() };
        text += &format!(
            "{{\"settle_id\":\"S{n}\",\"id_no\":\"{}\",\"visit_type\":\"inpatient\",\"settle_date\":\"2026-08-01\",\"total_fee\":{n}{days},\"is_refund\":false}}\n",
            id_no(n)
        );
    }
    let report = bench.take("a.jsonl", text);
    assert_eq!((report.rows_read, report.rows_taken), (250, 250), "{report:?}");
    let table = bench.rows("DS09");
    assert_eq!(ints(&table, "days")[..2], [None, Some(3)]);
    assert_eq!(ints(&table, "total_fee")[249], Some(249));
}

#[test]
fn json_lines_in_utf_16_are_told_from_separated_text() {
    let line = format!(
        "{{\"结算单号\":\"S1\",\"身份号码\":\"{}\",\"就诊类型\":\"住院\",\"结算日期\":\"2026-08-01\",\"总费用\":5,\"是否退费\":false}}\n",
        id_no(1)
    );
    for (mark, bytes) in [([0xff, 0xfe], u16::to_le_bytes as fn(u16) -> [u8; 2]), ([0xfe, 0xff], u16::to_be_bytes)] {
        let mut bench = Bench::new();
        let text: Vec<u8> = mark.into_iter().chain(line.encode_utf16().flat_map(bytes)).collect();
        assert_eq!(bench.take("a.jsonl", text).rows_taken, 1);
    }
}

#[test]
fn a_json_line_that_is_no_object_is_refused_by_its_number() {
    let error = Bench::new().refusal("a.jsonl", "{\"settle_id\":\"1\"}\n{\"settle_id\":");
    assert!(error.contains("line 2"), "{error}");
}

#[test]
fn parquet_with_the_contracts_columns_is_read() {
    use arrow::array::{BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray};
    use std::sync::Arc;
    let mut bench = Bench::new();
    let columns: Vec<(&str, arrow::array::ArrayRef)> = vec![
        ("settle_id", Arc::new(StringArray::from_iter_values((0..30).map(|n| format!("S{n}"))))),
        ("id_no", Arc::new(StringArray::from_iter_values((0..30).map(id_no)))),
        ("visit_type", Arc::new(StringArray::from_iter_values((0..30).map(|_| "inpatient")))),
        ("settle_date", Arc::new(Date32Array::from_iter_values((0..30).map(|_| 20_668)))),
        ("total_fee", Arc::new(Int64Array::from_iter_values(0..30))),
        ("is_refund", Arc::new(BooleanArray::from(vec![false; 30]))),
    ];
    let table = RecordBatch::try_from_iter(columns).unwrap();
    let path = bench.file("a.parquet", "");
    let file = std::fs::File::create(&path).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, table.schema(), None).unwrap();
    writer.write(&table).unwrap();
    writer.close().unwrap();
    let report = bench.intake(&[path]);
    assert_eq!((report.rows_read, report.rows_taken), (30, 30), "{report:?}");
    assert_eq!(dates(&bench.rows("DS09"), "settle_date")[0], "2026-08-03");
}

#[test]
fn a_quoted_line_feed_and_blank_lines_do_not_disturb_the_count() {
    let mut bench = Bench::new();
    let mut text = settlements_with(&[]);
    text += "\n,,,,,,,\n";
    text += &settlement(900).replace("C34.1", "\"C34\n.1\"");
    let report = bench.take("DS09.csv", text);
    assert_eq!((report.rows_read, report.rows_taken), (91, 91), "{report:?}");
    // Blank lines are no rows, but they keep their place: row 93 is where an editor shows it.
    assert_eq!(ints(&bench.rows("DS09"), "_row").last(), Some(&Some(93)));
}
