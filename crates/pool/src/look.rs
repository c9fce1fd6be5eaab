//! A first look at files that were sent: whose they are, what their headings stand for, and how the first rows would be
//! taken. Personal values are shown masked.

use crate::{
    IntakeOptions, Mapping, Pool, PoolError, Refusal, Tokeniser,
    contract::{Contracts, Hint},
    convert::{FieldUse, Plan, Slot, Surroundings},
    dates,
    input::{self, Found, Halt},
    pipeline::head_of,
    record,
    record::Rows,
    spelling,
};
use serde::Serialize;
use std::{borrow::Cow, path::Path, sync::Arc};
use tuodi_pack::{
    Fen, Pack, Text,
    source::{ColumnType, Source},
};

/// One file, or one of an archive.
#[derive(Debug, Clone, Serialize)]
pub struct Seen {
    /// Without folders.
    pub file: String,
    pub encoding: Option<String>,
    /// Where the file fits a contract, or the one it comes nearest to.
    pub source: Option<String>,
    /// Why it would not be taken as it is.
    pub refusal: Option<Refusal>,
    /// Of the header, or of the row that comes nearest to one. Empty where there is none.
    pub headings: Vec<Heading>,
    /// The first rows, a value a heading. Empty while the file is refused.
    pub rows: Vec<Vec<Value>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Heading {
    /// As written, without digits that could be somebody's number.
    pub text: String,
    /// As [`Mapping::heading`] writes it; empty for what is no column of data.
    pub key: String,
    /// The contract's column it stands for; where it is refused, the one it may stand for.
    pub column: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Value {
    pub raw: String,
    /// As it would be taken; `None` for what is empty, left out or wrong.
    pub taken: Option<String>,
    pub reason: Option<Text>,
}

impl Pool {
    /// Looks at the first `rows` rows. Nothing is kept; the tokeniser is only there for the contract's sake.
    pub fn look(
        &self,
        path: &Path,
        pack: &Pack,
        tokeniser: Tokeniser,
        options: &IntakeOptions<'_>,
        rows: usize,
    ) -> Result<Vec<Seen>, PoolError> {
        let around = Surroundings::new(pack, options.as_of_today, tokeniser);
        let contracts = Contracts::new(&pack.sources, options.mappings);
        let whole = Found::on_disk(path, options.open);
        Ok(match whole.inside(&options.limits, self.dir()) {
            Ok(files) => files.iter().map(|file| seen(file, pack, &contracts, &around, options, rows)).collect(),
            Err(refusal) => vec![Seen::refused(&whole, refusal)],
        })
    }
}

impl Seen {
    fn refused(file: &Found<'_>, refusal: Refusal) -> Seen {
        Seen {
            file: file.name(),
            encoding: None,
            source: None,
            refusal: Some(Refusal { file: file.name(), ..refusal }),
            headings: Vec::new(),
            rows: Vec::new(),
        }
    }
}

fn seen(
    file: &Found<'_>,
    pack: &Pack,
    contracts: &Contracts<'_>,
    around: &Surroundings,
    options: &IntakeOptions<'_>,
    count: usize,
) -> Seen {
    let opened = match input::open(file, &options.limits) {
        Ok(opened) => opened,
        Err(refusal) => return Seen::refused(file, refusal),
    };
    let mut first: Option<Rows> = None;
    let read = input::read(&opened, &options.limits, contracts, &mut |rows| {
        first = Some(rows);
        Err(Halt::Gone)
    });
    if let Err(Halt::Refused(refusal)) = read {
        return Seen::refused(file, refusal);
    }
    let mut rows = first.unwrap_or_default();
    let head = head_of(&rows, opened.delimiter);
    let hint = match &options.source {
        Some(id) => Hint::of_source(id),
        None => Hint::of_file_name(&file.name(), &pack.sources),
    };
    let encoding = opened.encoding.map(|e| e.name().to_owned());
    match contracts.find(&head, &hint) {
        Ok(header) => {
            let source = &pack.sources[header.source];
            rows.drop_front(header.row + 1);
            let plan = Arc::new(Plan::new(source, header, opened.delimiter, opened.format));
            let headings = plan.header.cells.iter().zip(&plan.header.columns);
            Seen {
                file: file.name(),
                encoding,
                source: Some(source.id.clone()),
                refusal: None,
                headings: headings
                    .map(|(cell, column)| heading(cell, column.map(|c| source.columns[c].name.clone())))
                    .collect(),
                rows: values(&plan, &rows, around, count),
            }
        }
        Err(refusal) => {
            let near = contracts.nearest(&head, hint.source.as_deref());
            let source = near.as_ref().map(|near| &pack.sources[near.source]);
            let headings = near.as_ref().zip(source).map(|(near, source)| {
                let cells = head[near.row].iter().zip(&near.columns);
                let known: Vec<String> =
                    near.columns.iter().flatten().map(|&c| source.columns[c].name.clone()).collect();
                let column = |(cell, column): (&String, &Option<usize>)| {
                    let column = column.map(|c| source.columns[c].name.clone());
                    heading(cell, column.or_else(|| guess(cell, source, &known)))
                };
                cells.map(column).collect()
            });
            Seen {
                encoding,
                source: source.map(|s| s.id.clone()),
                headings: headings.unwrap_or_default(),
                ..Seen::refused(file, refusal)
            }
        }
    }
}

fn heading(cell: &str, column: Option<String>) -> Heading {
    Heading {
        text: crate::contract::quotable(spelling::bare(cell)),
        key: Mapping::heading(cell).unwrap_or_default(),
        column,
    }
}

/// The column whose names hold this heading, or are held by it, where there is just one.
fn guess(cell: &str, source: &Source, known: &[String]) -> Option<String> {
    let text = Mapping::heading(cell)?;
    let near = |name: &str| {
        let name = spelling::header_text(name);
        name.chars().count() > 1 && text.chars().count() > 1 && (name.contains(&text) || text.contains(&name))
    };
    let mut columns = source.columns.iter().filter(|column| {
        let names = [&column.name, &column.title.zh, &column.title.en];
        !known.contains(&column.name) && names.into_iter().chain(&column.aliases).any(|name| near(name))
    });
    let found = columns.next()?;
    columns.next().is_none().then(|| found.name.clone())
}

fn values(plan: &Plan, rows: &Rows, around: &Surroundings, count: usize) -> Vec<Vec<Value>> {
    let mut fields: Vec<Cow<'_, str>> = Vec::new();
    let mut out = Vec::new();
    for i in 0..rows.len() {
        record::split(rows.record(i), plan.delimiter, &mut fields);
        if out.len() == count {
            break;
        }
        if fields.iter().all(|field| spelling::bare(field).is_empty()) {
            continue;
        }
        let cell = |(i, used): (usize, &FieldUse)| {
            let text = fields.get(i).map_or("", |field| spelling::bare(field));
            match *used {
                FieldUse::Column(c) => value(plan, c, text, around),
                FieldUse::Added | FieldUse::LeftOut | FieldUse::Untitled => {
                    Value { raw: masked(text), taken: None, reason: None }
                }
            }
        };
        out.push(plan.fields.iter().enumerate().map(cell).collect());
    }
    out
}

fn value(plan: &Plan, column: usize, text: &str, around: &Surroundings) -> Value {
    let column = &plan.columns[column];
    let personal = matches!(
        column.kind,
        ColumnType::IdNo
            | ColumnType::Name
            | ColumnType::Address
            | ColumnType::Phone
            | ColumnType::HouseholdNo
            | ColumnType::Token
            | ColumnType::Ignore
    );
    let raw = if personal { masked(text) } else { text.to_owned() };
    match column.read(text, around, &mut None) {
        Ok(slot) => {
            let taken = match slot {
                Slot::Null => None,
                Slot::Int(n) if column.kind == ColumnType::Money => Some(Fen(n).to_string()),
                Slot::Int(n) => Some(n.to_string()),
                Slot::Days(n) => dates::from_days(n).map(|day| day.to_string()),
                Slot::Micros(n) => {
                    chrono::DateTime::from_timestamp_micros(n).map(|at| at.format("%Y-%m-%d %H:%M:%SZ").to_string())
                }
                Slot::Decimal(n) => Some(format!("{}", n as f64 / 10_000.0)),
                Slot::Bool(yes) => Some(yes.to_string()),
                Slot::Code(code) => column.code_names.get(code as usize).cloned(),
                Slot::Region(code) => std::str::from_utf8(&code).ok().map(str::to_owned),
                Slot::Text | Slot::Id => Some(raw.clone()),
            };
            Value { raw, taken, reason: None }
        }
        Err(reason) => Value { raw, taken: None, reason: Some(reason.text()) },
    }
}

/// The beginning of a text, and of a long number its end: enough to see that it stands in the right column.
fn masked(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    match chars.len() {
        0 => String::new(),
        n @ 15.. => {
            let (first, last): (String, String) = (chars[..4].iter().collect(), chars[n - 4..].iter().collect());
            format!("{first}**********{last}")
        }
        n => format!("{}{}", chars[0], "*".repeat((n - 1).clamp(1, 6))),
    }
}
