//! Whatever bytes a file holds, the process stands and no row is lost: rows read are rows taken and rows put aside, and
//! both can be found where the report says.

use crate::common::{Bench, SETTLEMENT_HEADER, archive, id_no, leftovers, settlement, xls};
use arrow::array::{ArrayRef, RecordBatch, StringArray};
use proptest::prelude::*;
use std::sync::{Arc, LazyLock};
use tuodi_pool::{FileState, IntakeReport};

type Table = Vec<Vec<String>>;

fn cells(line: &str) -> Vec<String> {
    line.split(',').map(str::to_owned).collect()
}

fn good_table() -> Table {
    std::iter::once(cells(SETTLEMENT_HEADER)).chain((0..60).map(|n| cells(&settlement(n)))).collect()
}

fn csv(table: &Table) -> String {
    let quoted = |cell: &String| match cell.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.clone(),
    };
    table.iter().map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\n").collect()
}

fn utf_16(text: &str, mark: [u8; 2], bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    mark.into_iter().chain(text.encode_utf16().flat_map(bytes)).collect()
}

fn json_lines(table: &Table) -> Vec<u8> {
    let mut out = String::new();
    for row in &table[1..] {
        let members: serde_json::Map<String, serde_json::Value> =
            table[0].iter().cloned().zip(row.iter().map(|cell| cell.as_str().into())).collect();
        out += &serde_json::Value::Object(members).to_string();
        out.push('\n');
    }
    out.into_bytes()
}

fn xlsx(table: &Table) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (r, row) in table.iter().enumerate() {
        for (c, cell) in row.iter().enumerate() {
            sheet.write_string(r as u32, c as u16, cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

fn parquet(table: &Table) -> Vec<u8> {
    let columns = table[0].iter().enumerate().map(|(c, name)| {
        let array: ArrayRef = Arc::new(StringArray::from_iter_values(table[1..].iter().map(|row| &row[c])));
        (name.as_str(), array)
    });
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut out = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut out, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    out
}

/// One table in every format that is read.
fn in_every_format(table: &Table) -> Vec<(&'static str, Vec<u8>)> {
    let text = csv(table);
    let packed = archive(&[("DS09.csv", text.as_bytes())]);
    vec![
        ("a.csv", text.clone().into_bytes()),
        ("gb.csv", encoding_rs::GB18030.encode(&text).0.into_owned()),
        ("le.csv", utf_16(&text, [0xff, 0xfe], u16::to_le_bytes)),
        ("be.csv", utf_16(&text, [0xfe, 0xff], u16::to_be_bytes)),
        ("a.jsonl", json_lines(table)),
        ("a.xlsx", xlsx(table)),
        ("a.xls", xls(table)),
        ("a.parquet", parquet(table)),
        ("a.zip", packed),
    ]
}

static GOOD: LazyLock<Vec<(&str, Vec<u8>)>> = LazyLock::new(|| in_every_format(&good_table()));

/// Takes the bytes in and counts what is there afterwards.
fn taken(name: &str, bytes: &[u8]) -> IntakeReport {
    let mut bench = Bench::new();
    let report = bench.take(name, bytes);
    for file in &report.outcomes {
        assert_eq!(file.rows_read, file.rows_taken + file.rows_quarantined, "{file:?}");
        if let Some(refusal) = &file.refusal {
            assert_eq!((file.state, file.rows_read), (FileState::Refused, 0));
            let texts = [&refusal.place, &refusal.problem, &refusal.remedy];
            assert!(texts.iter().all(|t| !t.zh.is_empty() && !t.en.is_empty()), "{refusal}");
        }
        if let Some(batch) = &file.batch {
            let kept: usize = bench.rows("DS09").iter().map(RecordBatch::num_rows).sum();
            assert_eq!(kept as u64, file.rows_taken);
            if file.rows_quarantined > 0 {
                let aside = bench.quarantine(batch);
                let records = csv::Reader::from_reader(aside.trim_start_matches('\u{feff}').as_bytes()).into_records();
                assert_eq!(records.filter(|r| r.is_ok()).count() as u64, file.rows_quarantined, "{aside}");
            }
        }
    }
    if report.refused == report.files {
        assert_eq!(leftovers(bench.pool.dir()), Vec::<std::path::PathBuf>::new());
    }
    report
}

#[test]
fn a_good_table_is_taken_whole_in_every_format() {
    for (name, bytes) in GOOD.iter() {
        let report = taken(name, bytes);
        assert_eq!((report.rows_read, report.rows_taken), (60, 60), "{name}: {report:?}");
    }
}

/// Cells good and bad, none of them so that it would make a row blank.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => Just("住院".to_owned()),
        2 => (0_u32..400).prop_map(id_no),
        2 => Just("2026-08-15".to_owned()),
        1 => Just("9".to_owned()),
        1 => Just("否".to_owned()),
        2 => "[-0-9a-z,\"\n 中文人￥.]{1,12}".prop_filter("not blank", |s| !s.trim().is_empty()),
    ]
}

fn table() -> impl Strategy<Value = Table> {
    let row = (proptest::collection::vec(cell(), 8), 0_u32..9).prop_map(|(mut row, n)| {
        // Enough good rows among them that a batch is not always held.
        if n < 5 {
            row = cells(&settlement(n * 7));
            row[0] = format!("S{}", row[7].len() * 1000 + n as usize);
        }
        row
    });
    proptest::collection::vec(row, 1..30).prop_map(|mut rows| {
        for (i, row) in rows.iter_mut().enumerate() {
            row[0] = format!("S{i}");
        }
        rows.insert(0, cells(SETTLEMENT_HEADER));
        rows
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_row_of_any_table_is_taken_or_put_aside_in_every_format(table in table()) {
        let rows = table.len() as u64 - 1;
        let mut outcomes = Vec::new();
        for (name, bytes) in in_every_format(&table) {
            let report = taken(name, &bytes);
            prop_assert_eq!((report.refused, report.rows_read), (0, rows), "{}: {:?}", name, report);
            outcomes.push((report.rows_taken, report.outcomes[0].reasons.clone()));
        }
        // The format says nothing about the rows.
        prop_assert!(outcomes.windows(2).all(|two| two[0] == two[1]), "{:?}", outcomes);
    }

    #[test]
    fn changed_bytes_never_lose_a_row(
        which in 0..9_usize,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let (name, bytes) = &GOOD[which];
        let mut bytes = bytes.clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        taken(name, &bytes);
    }

    #[test]
    fn a_file_cut_off_never_loses_a_row(which in 0..9_usize, at in any::<prop::sample::Index>()) {
        let (name, bytes) = &GOOD[which];
        taken(name, &bytes[..at.index(bytes.len())]);
    }

    #[test]
    fn a_piece_moved_within_a_file_never_loses_a_row(
        which in 0..9_usize,
        (from, to, length) in (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1..2_000_usize),
    ) {
        let (name, bytes) = &GOOD[which];
        let from = from.index(bytes.len());
        let piece = bytes[from..(from + length).min(bytes.len())].to_vec();
        let to = to.index(bytes.len());
        let mut bytes = bytes.clone();
        bytes.splice(to..to, piece);
        taken(name, &bytes);
    }

    #[test]
    fn random_bytes_are_taken_for_what_they_are(start in 0..8_usize, noise in proptest::collection::vec(any::<u8>(), 0..3_000)) {
        let mark: &[u8] = [&b""[..], b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf"][start];
        let report = taken("noise", &[mark, &noise].concat());
        prop_assert_eq!(report.rows_read, 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Behind the checksums of the archive.
    #[test]
    fn a_workbook_whose_parts_were_changed_never_loses_a_row(
        which in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        use std::io::Read;
        let mut book = zip::ZipArchive::new(std::io::Cursor::new(&GOOD[5].1)).unwrap();
        let which = which.index(book.len());
        let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
        for i in 0..book.len() {
            let mut part = book.by_index(i).unwrap();
            let mut bytes = Vec::new();
            part.read_to_end(&mut bytes).unwrap();
            parts.push((part.name().unwrap().into_owned(), bytes));
        }
        for (at, byte) in changes {
            let part = &mut parts[which].1;
            let at = at.index(part.len());
            part[at] = byte;
        }
        let parts: Vec<(&str, &[u8])> = parts.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect();
        taken("a.xlsx", &archive(&parts));
    }
}
