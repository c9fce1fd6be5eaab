//! The first look at a file: its checksum, its format, its encoding.

use super::{Found, ole_guard, zip_guard};
use crate::{Limits, Refusal, manifest::Format};
use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{Read, Seek},
};
use tuodi_pack::Text;

#[derive(Debug)]
pub(crate) struct Opened<'a> {
    pub found: Found<'a>,
    pub format: Format,
    pub bytes: u64,
    pub sha256: String,
    /// Of separated text and JSON lines.
    pub encoding: Option<&'static Encoding>,
    /// The bytes are whole in their encoding: nothing has to be replaced.
    pub faultless: bool,
    /// Of separated text; every other format becomes comma-separated.
    pub delimiter: u8,
}

impl Opened<'_> {
    pub fn file(&self) -> Result<File, Refusal> {
        self.found.open().map_err(|e| Refusal::unreadable(&e))
    }
}

const BLOCK: usize = 256 << 10;
/// Enough characters to judge an encoding by.
const ENOUGH: u64 = 20_000;

/// Counts how much of a stream of bytes is UTF-8. One pass, whatever the length.
#[derive(Default)]
struct Utf8Census {
    /// Bytes of an unfinished character at the end of the last block.
    tail: Vec<u8>,
    /// Characters of more than one byte.
    wide: u64,
    errors: u64,
}

impl Utf8Census {
    fn add(&mut self, block: &[u8]) {
        if self.errors > ENOUGH {
            return;
        }
        let joined;
        let mut rest = if self.tail.is_empty() {
            block
        } else {
            joined = [std::mem::take(&mut self.tail).as_slice(), block].concat();
            &joined[..]
        };
        loop {
            match std::str::from_utf8(rest) {
                Ok(good) => return self.count(good),
                Err(e) => {
                    let (good, bad) = rest.split_at(e.valid_up_to());
                    self.count(std::str::from_utf8(good).unwrap_or_default());
                    match e.error_len() {
                        Some(n) => {
                            self.errors += 1;
                            rest = &bad[n..];
                        }
                        None => {
                            self.tail = bad.to_vec();
                            return;
                        }
                    }
                }
            }
            if self.errors > ENOUGH {
                return;
            }
        }
    }

    fn count(&mut self, good: &str) {
        if self.wide < ENOUGH * 100 && !good.is_ascii() {
            self.wide += good.bytes().filter(|b| *b >= 0xc0).count() as u64;
        }
    }

    /// A few broken bytes in much UTF-8 are broken rows; otherwise it is the national encoding.
    fn encoding(mut self) -> (&'static Encoding, bool) {
        self.errors += u64::from(!self.tail.is_empty());
        match self.errors {
            0 => (UTF_8, true),
            errors if self.wide >= errors * 10 => (UTF_8, false),
            _ => (GB18030, false),
        }
    }
}

/// Looks through the file once. A workbook's entries are counted before anything opens it.
pub(crate) fn open<'a>(found: &Found<'a>, limits: &Limits) -> Result<Opened<'a>, Refusal> {
    let mut file = found.open().map_err(|e| Refusal::unreadable(&e))?;
    let mut hash = Sha256::new();
    let mut census = Utf8Census::default();
    let mut start: Vec<u8> = Vec::new();
    let mut format = Format::Csv;
    let mut bytes = 0_u64;
    let mut block = vec![0; BLOCK];
    loop {
        let n = match file.read(&mut block) {
            Ok(0) => break,
            Ok(n) => n,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(Refusal::unreadable(&e)),
        };
        hash.update(&block[..n]);
        if bytes == 0 {
            start = block[..n.min(64 << 10)].to_vec();
            format = format_of(&start)?;
        }
        if matches!(format, Format::Csv | Format::JsonLines) {
            census.add(&block[..n]);
        }
        bytes += n as u64;
    }
    if bytes == 0 {
        return Err(Refusal::whole(
            Text::new("文件是空的", "the file is empty"),
            Text::new("请重新导出后发送", "export it again and send it"),
        ));
    }
    file.rewind().map_err(|e| Refusal::unreadable(&e))?;
    match format {
        Format::Xlsx => zip_guard::check_workbook(file, limits)?,
        Format::Xls => ole_guard::check(file)?,
        _ => {}
    }
    let (encoding, faultless) = match Encoding::for_bom(&start) {
        Some((encoding, _)) if encoding == UTF_16LE || encoding == UTF_16BE => (encoding, false),
        Some(_) => (UTF_8, census.encoding().1),
        None => census.encoding(),
    };
    let text = matches!(format, Format::Csv | Format::JsonLines);
    let delimiter = if format == Format::Csv { delimiter_of(&encoding.decode(&start).0) } else { b',' };
    Ok(Opened {
        found: found.clone(),
        format,
        bytes,
        sha256: hex::encode(hash.finalize()),
        encoding: text.then_some(encoding),
        faultless,
        delimiter,
    })
}

fn format_of(start: &[u8]) -> Result<Format, Refusal> {
    if start.starts_with(b"PK") {
        return Ok(Format::Xlsx);
    }
    if start.starts_with(b"PAR1") {
        return Ok(Format::Parquet);
    }
    if start.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Ok(Format::Xls);
    }
    let marked = Encoding::for_bom(start);
    let utf16 = matches!(marked, Some((e, _)) if e != UTF_8);
    if !utf16 && start.iter().take(8 << 10).any(|&b| b == 0) {
        return Err(Refusal::whole(
            Text::new("这不是表格文件", "this is not a file of rows"),
            Text::new(
                "请发送 CSV、XLSX、XLS、JSON 行、Parquet 文件，或它们的 ZIP 压缩包",
                "send CSV, XLSX, XLS, JSON lines or Parquet, or a ZIP archive of these",
            ),
        ));
    }
    let text = &start[marked.map_or(0, |(_, length)| length)..];
    // The zero bytes are the other halves of UTF-16's characters.
    match text.iter().find(|b| !(b.is_ascii_whitespace() || utf16 && **b == 0)) {
        Some(b'{') => Ok(Format::JsonLines),
        _ => Ok(Format::Csv),
    }
}

/// The separator that the first lines hold most of.
fn delimiter_of(start: &str) -> u8 {
    // A first line `#source=…;rows=…` holds semicolons whatever separates the columns.
    let lines = || start.lines().filter(|l| !l.starts_with('#')).take(crate::contract::HEAD_ROWS);
    let most = |c: char| lines().map(|l| l.matches(c).count()).max().unwrap_or(0);
    // The comma comes last: of equals, `max_by_key` takes the last.
    [';', '|', '\t', ','].into_iter().max_by_key(|&c| most(c)).map_or(b',', |c| c as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn census(bytes: &[u8], block: usize) -> (&'static Encoding, bool) {
        let mut census = Utf8Census::default();
        bytes.chunks(block).for_each(|b| census.add(b));
        census.encoding()
    }

    #[test]
    fn encodings_are_told_apart_however_the_blocks_fall() {
        let text = "公民身份号码,姓名,出生日期\n990102,测试,2026年9月1日\n".repeat(30);
        let gb = GB18030.encode(&text).0.into_owned();
        for block in [1, 2, 3, 7, 4096] {
            assert_eq!(census(text.as_bytes(), block), (UTF_8, true));
            assert_eq!(census(&gb, block).0, GB18030);
        }
    }

    #[test]
    fn one_broken_byte_in_much_utf_8_does_not_make_it_something_else() {
        let mut bytes = "公民身份号码,姓名\n".repeat(30).into_bytes();
        bytes[200] = 0xff;
        assert_eq!(census(&bytes, 64), (UTF_8, false));
    }

    #[test]
    fn the_separator_is_the_one_the_header_uses() {
        assert_eq!(delimiter_of("a,b,c\n1,2,3"), b',');
        assert_eq!(delimiter_of("某某表\na\tb\tc\n1\t2,5\t3"), b'\t');
        assert_eq!(delimiter_of("a;b;c\n1,5;2;3"), b';');
        assert_eq!(delimiter_of("one"), b',');
        assert_eq!(delimiter_of("#source=DS09;batch=1;rows=1;region=9901\na,b\n1,2"), b',');
    }
}
