//! Records of separated text. Finding where records end is kept apart from splitting one into fields, so that one
//! thread can cut a file and others can split; both read quotes alike: a quote opens only at a field's beginning.

use memchr::{memchr, memchr2};
use std::borrow::Cow;

/// Where the record that starts at `from` ends, just behind its line feed; `None` when the text ends before it does.
pub(crate) fn end(bytes: &[u8], from: usize, delimiter: u8) -> Option<usize> {
    let line = from + memchr(b'\n', &bytes[from..])? + 1;
    if memchr(b'"', &bytes[from..line]).is_none() {
        return Some(line);
    }
    let mut at = from;
    loop {
        if bytes.get(at) == Some(&b'"') {
            at = closing_quote(bytes, at + 1)? + 1;
        }
        at += memchr2(delimiter, b'\n', bytes.get(at..)?)?;
        if bytes[at] == b'\n' {
            return Some(at + 1);
        }
        at += 1;
    }
}

/// The quote that closes a field; two in a row are one quote inside it.
fn closing_quote(bytes: &[u8], mut from: usize) -> Option<usize> {
    loop {
        let at = from + memchr(b'"', bytes.get(from..)?)?;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        from = at + 2;
    }
}

/// Whether a quote was opened in this (last) record and never closed.
pub(crate) fn is_open(record: &[u8], delimiter: u8) -> bool {
    let mut at = 0;
    loop {
        if record.get(at) == Some(&b'"') {
            match closing_quote(record, at + 1) {
                Some(close) => at = close + 1,
                None => return true,
            }
        }
        match record.get(at..).and_then(|rest| memchr(delimiter, rest)) {
            Some(skip) => at += skip + 1,
            None => return false,
        }
    }
}

/// Splits one record (with or without its line end) into `fields`, which is emptied first.
pub(crate) fn split<'a>(record: &'a str, delimiter: u8, fields: &mut Vec<Cow<'a, str>>) {
    fields.clear();
    let record = record.strip_suffix('\n').unwrap_or(record);
    let record = record.strip_suffix('\r').unwrap_or(record);
    let bytes = record.as_bytes();
    let mut at = 0;
    loop {
        if bytes.get(at) == Some(&b'"') {
            let close = closing_quote(bytes, at + 1).unwrap_or(bytes.len());
            let inside = &record[at + 1..close];
            let after = (close + 1).min(bytes.len());
            let next = memchr(delimiter, &bytes[after..]).map_or(bytes.len(), |i| after + i);
            let tail = &record[after..next];
            fields.push(if inside.contains('"') || !tail.is_empty() {
                Cow::Owned(inside.replace("\"\"", "\"") + tail)
            } else {
                Cow::Borrowed(inside)
            });
            at = next;
        } else {
            let next = memchr(delimiter, &bytes[at..]).map_or(bytes.len(), |i| at + i);
            fields.push(Cow::Borrowed(&record[at..next]));
            at = next;
        }
        if at >= bytes.len() {
            return;
        }
        at += 1;
        if at == bytes.len() {
            fields.push(Cow::Borrowed(""));
            return;
        }
    }
}

/// Writes one field so that `split` gives it back.
pub(crate) fn write_field(out: &mut String, field: &str, first: bool) {
    if !first {
        out.push(',');
    }
    if field.bytes().any(|b| matches!(b, b',' | b'"' | b'\n' | b'\r')) {
        out.push('"');
        out.push_str(&field.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(field);
    }
}

pub(crate) fn write<S: AsRef<str>>(out: &mut String, fields: impl IntoIterator<Item = S>) {
    for (i, field) in fields.into_iter().enumerate() {
        write_field(out, field.as_ref(), i == 0);
    }
    out.push('\n');
}

/// Records in one piece of text, as readers hand them on.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub text: String,
    /// Where each record starts, and the end of the last.
    pub starts: Vec<u32>,
    /// Some bytes could not be decoded and stand as U+FFFD.
    pub lossy: bool,
}

impl Rows {
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    pub fn record(&self, i: usize) -> &str {
        &self.text[self.starts[i] as usize..self.starts[i + 1] as usize]
    }

    pub fn push<S: AsRef<str>>(&mut self, fields: impl IntoIterator<Item = S>) {
        if self.starts.is_empty() {
            self.starts.push(0);
        }
        write(&mut self.text, fields);
        self.starts.push(self.text.len() as u32);
    }

    /// Large enough to hand on.
    pub fn is_full(&self) -> bool {
        self.text.len() >= 1 << 20 || self.len() >= 16_384
    }

    pub fn drop_front(&mut self, records: usize) {
        self.starts.drain(..records.min(self.starts.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fields(record: &str) -> Vec<String> {
        let mut out = Vec::new();
        split(record, b',', &mut out);
        out.into_iter().map(Cow::into_owned).collect()
    }

    #[test]
    fn quotes_hold_delimiters_quotes_and_line_ends() {
        assert_eq!(fields("a,\"b,\"\"c\"\"\n\",d\r\n"), ["a", "b,\"c\"\n", "d"]);
        assert_eq!(fields("a,,\n"), ["a", "", ""]);
        assert_eq!(fields("\n"), [""]);
        assert_eq!(fields("\"a\"x,b"), ["ax", "b"]);
        assert_eq!(fields("\"open,b"), ["open,b"]);
    }

    #[test]
    fn a_quote_inside_a_plain_field_opens_nothing() {
        let text = b"5\" pipe,1\nnext,2\n";
        assert_eq!(end(text, 0, b','), Some(10));
        assert_eq!(fields("5\" pipe,1\n"), ["5\" pipe", "1"]);
        assert!(!is_open(b"5\" pipe,1", b','));
        assert!(is_open(b"a,\"never closed,1", b','));
    }

    #[test]
    fn a_line_feed_in_quotes_does_not_end_the_record() {
        let text = b"a,\"x\ny\",b\nc";
        assert_eq!(end(text, 0, b','), Some(10));
        assert_eq!(end(text, 10, b','), None);
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_split_into_the_same_fields(rows in prop::collection::vec(prop::collection::vec("[a-z\",\n\r 中]{0,6}", 1..5), 1..6)) {
            let mut all = Rows::default();
            for row in &rows {
                all.push(row);
            }
            let mut from = 0;
            for (i, row) in rows.iter().enumerate() {
                let stop = end(all.text.as_bytes(), from, b',').unwrap();
                prop_assert_eq!(&all.text[from..stop], all.record(i));
                prop_assert_eq!(&fields(all.record(i)), row);
                from = stop;
            }
        }

        #[test]
        fn no_text_makes_the_splitter_panic(text in "[a\",\n\r]{0,40}") {
            let mut from = 0;
            while let Some(stop) = end(text.as_bytes(), from, b',') {
                fields(&text[from..stop]);
                from = stop;
            }
            fields(&text[from..]);
            is_open(&text.as_bytes()[from..], b',');
        }
    }
}
