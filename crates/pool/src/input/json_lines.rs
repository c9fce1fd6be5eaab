//! JSON lines: one object a line, its members named as the contract names columns.

use super::{
    Halt, Opened, Sink,
    csv::{Utf8Blocks, too_long},
};
use crate::{Limits, Refusal, record::Rows};
use memchr::memchr;
use serde_json::{Map, Value};
use tuodi_pack::Text;

/// The header is the union of the members of so many first objects: senders leave out what is null.
const LOOKED_AT: usize = 200;

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(s) => s.clone(),
        other => other.to_string(),
    }
}

struct Columns {
    names: Vec<String>,
    waiting: Vec<Map<String, Value>>,
    announced: bool,
    rows: Rows,
}

impl Columns {
    fn add(&mut self, object: Map<String, Value>) {
        if self.announced {
            self.write(&object);
            return;
        }
        for name in object.keys() {
            if !self.names.contains(name) {
                self.names.push(name.clone());
            }
        }
        self.waiting.push(object);
        if self.waiting.len() == LOOKED_AT {
            self.announce();
        }
    }

    fn announce(&mut self) {
        if !std::mem::replace(&mut self.announced, true) {
            self.rows.push(&self.names);
            for object in std::mem::take(&mut self.waiting) {
                self.write(&object);
            }
        }
    }

    fn write(&mut self, object: &Map<String, Value>) {
        let named = self.names.iter().map(|name| object.get(name).map(cell).unwrap_or_default());
        // A member that no earlier object had makes the row too long for its header, and so it is put aside (E10).
        let late = object.iter().filter(|(name, _)| !self.names.contains(name)).map(|(_, value)| cell(value));
        let cells: Vec<String> = named.chain(late).collect();
        self.rows.push(cells);
    }
}

pub(super) fn read(file: &Opened<'_>, limits: &Limits, sink: &mut Sink<'_>) -> Result<(), Halt> {
    let mut blocks = Utf8Blocks::open(file)?;
    let mut columns = Columns { names: Vec::new(), waiting: Vec::new(), announced: false, rows: Rows::default() };
    let mut text: Vec<u8> = Vec::new();
    let mut line = 1_u64;
    loop {
        let more = blocks.next(&mut text)?;
        let mut from = 0;
        while from < text.len() {
            let stop = match memchr(b'\n', &text[from..]) {
                Some(n) => from + n + 1,
                None if !more => text.len(),
                None => break,
            };
            if stop - from > limits.line_bytes {
                return Err(too_long(line, limits.line_bytes).into());
            }
            let json = text[from..stop].trim_ascii();
            if !json.is_empty() {
                columns.add(serde_json::from_slice(json).map_err(|e| not_an_object(line, e.column()))?);
            }
            from = stop;
            line += 1;
            if columns.rows.is_full() {
                columns.rows.lossy = blocks.lossy;
                sink(std::mem::take(&mut columns.rows))?;
            }
        }
        text.drain(..from);
        if text.len() > limits.line_bytes {
            return Err(too_long(line, limits.line_bytes).into());
        }
        if !more {
            columns.announce();
            columns.rows.lossy = blocks.lossy;
            return sink(columns.rows);
        }
    }
}

fn not_an_object(line: u64, column: usize) -> Refusal {
    Refusal::new(
        Text::new(format!("第{line}行第{column}列"), format!("line {line}, column {column}")),
        Text::new("这一行不是完整的 JSON 对象", "this line is not a whole JSON object"),
        Text::new("请每行写一个 JSON 对象，重新发送", "write one JSON object on each line and send the file again"),
    )
}
