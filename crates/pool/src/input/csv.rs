//! Separated text: cut into records, decoded on the way.

use super::{Halt, Opened, Sink};
use crate::{Limits, Refusal, record, record::Rows};
use encoding_rs::{CoderResult, Decoder, UTF_8};
use std::{fs::File, io::Read};
use tuodi_pack::Text;

const BLOCK: usize = 256 << 10;
const PIECE: usize = 1 << 20;

/// A file as UTF-8, block by block. Bytes that are whole UTF-8 already pass untouched.
pub(super) struct Utf8Blocks {
    file: File,
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    first: bool,
    pub lossy: bool,
}

impl Utf8Blocks {
    pub fn open(file: &Opened<'_>) -> Result<Utf8Blocks, Refusal> {
        let encoding = file.encoding.unwrap_or(UTF_8);
        let decoder = (encoding != UTF_8 || !file.faultless).then(|| encoding.new_decoder_with_bom_removal());
        let file = file.file()?;
        Ok(Utf8Blocks { file, decoder, raw: vec![0; BLOCK], first: true, lossy: false })
    }

    /// Appends the next block to `out`; `false` at the end of the file.
    pub fn next(&mut self, out: &mut Vec<u8>) -> Result<bool, Refusal> {
        let n = loop {
            match self.file.read(&mut self.raw) {
                Ok(n) => break n,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(Refusal::unreadable(&e)),
            }
        };
        let last = n == 0;
        let mut raw = &self.raw[..n];
        match &mut self.decoder {
            None => {
                if std::mem::take(&mut self.first) {
                    raw = raw.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(raw);
                }
                out.extend_from_slice(raw);
            }
            Some(decoder) => loop {
                let filled = out.len();
                let room = decoder.max_utf8_buffer_length(raw.len()).unwrap_or(BLOCK * 3).max(64);
                out.resize(filled + room, 0);
                let (result, read, written, errors) = decoder.decode_to_utf8(raw, &mut out[filled..], last);
                out.truncate(filled + written);
                self.lossy |= errors;
                raw = &raw[read..];
                if result == CoderResult::InputEmpty {
                    break;
                }
            },
        }
        Ok(!last)
    }
}

/// The place of a record in the file, for people who open it in an editor.
fn line_place(line: u64) -> Text {
    Text::new(format!("第{line}行"), format!("line {line}"))
}

pub(super) fn too_long(line: u64, limit: usize) -> Refusal {
    Refusal::new(
        line_place(line),
        Text::new(format!("一行超过{} KiB", limit >> 10), format!("one line is longer than {} KiB", limit >> 10)),
        Text::new(
            "请检查换行和引号是否完整，重新导出后发送",
            "check that line ends and quotes are whole, export the file again and send it",
        ),
    )
}

pub(super) fn read(file: &Opened<'_>, limits: &Limits, sink: &mut Sink<'_>) -> Result<(), Halt> {
    let mut blocks = Utf8Blocks::open(file)?;
    let mut text: Vec<u8> = Vec::with_capacity(PIECE + 2 * BLOCK);
    let mut starts: Vec<u32> = vec![0];
    // Where the record now being read began, and its line.
    let mut from = 0;
    let mut line = 1_u64;
    loop {
        let more = blocks.next(&mut text)?;
        loop {
            let stop = match record::end(&text, from, file.delimiter) {
                Some(stop) => stop,
                None if !more && from < text.len() => text.len(),
                None => break,
            };
            if stop - from > limits.line_bytes {
                return Err(too_long(line, limits.line_bytes).into());
            }
            if stop == text.len() && !more && record::is_open(&text[from..stop], file.delimiter) {
                return Err(Refusal::new(
                    line_place(line),
                    Text::new(
                        "引号打开后没有关闭，文件可能不完整",
                        "a quote is opened and never closed; the file may be cut off",
                    ),
                    Text::new("请重新导出完整文件后发送", "export the whole file again and send it"),
                )
                .into());
            }
            line += memchr::memchr_iter(b'\n', &text[from..stop]).count() as u64;
            from = stop;
            starts.push(stop as u32);
            if from >= PIECE {
                hand_on(&mut text, &mut starts, &mut from, blocks.lossy, sink)?;
            }
        }
        if text.len() - from > limits.line_bytes {
            return Err(too_long(line, limits.line_bytes).into());
        }
        if !more {
            return if starts.len() > 1 {
                hand_on(&mut text, &mut starts, &mut from, blocks.lossy, sink)
            } else {
                Ok(())
            };
        }
    }
}

/// Gives the whole records to the sink and keeps the unfinished one.
fn hand_on(
    text: &mut Vec<u8>,
    starts: &mut Vec<u32>,
    from: &mut usize,
    lossy: bool,
    sink: &mut Sink<'_>,
) -> Result<(), Halt> {
    let mut rest = Vec::with_capacity(PIECE + 2 * BLOCK);
    rest.extend_from_slice(&text[*from..]);
    text.truncate(*from);
    *from = 0;
    let whole = std::mem::replace(text, rest);
    // The first look proved the bytes or the decoder wrote them; a file changed meanwhile must still not pass.
    let (text, lossy) = match String::from_utf8(whole) {
        Ok(text) => (text, lossy),
        Err(_) => {
            return Err(Refusal::whole(
                Text::new("文件在读取过程中被改动", "the file changed while it was being read"),
                Text::new("请等文件写完后再发送", "send it when it is complete"),
            )
            .into());
        }
    };
    sink(Rows { text, starts: std::mem::replace(starts, vec![0]), lossy })
}
