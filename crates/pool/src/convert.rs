//! Records to typed columns. Runs on several threads; knows neither the vault nor the disk.

mod cell;
mod plan;

pub(crate) use plan::{FieldUse, Plan, Register};

use crate::{Reason, Tokeniser, dates, record, record::Rows, spelling};
use arrow::{
    array::{
        ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Int64Builder, StringBuilder,
        TimestampMicrosecondBuilder,
    },
    datatypes::DataType,
};
use cell::KeyHash;
pub(crate) use cell::Slot;
use chrono::NaiveDate;
use std::{borrow::Cow, collections::HashSet, sync::Arc};
use tuodi_pack::{Pack, id_no::IdNo, source::ColumnType};

/// What conversion asks besides the contract.
pub(crate) struct Surroundings {
    pub regions: HashSet<[u8; 12]>,
    /// Days since 1970-01-01.
    pub today: i32,
    pub tokeniser: Tokeniser,
}

impl Surroundings {
    pub fn new(pack: &Pack, today: NaiveDate, tokeniser: Tokeniser) -> Surroundings {
        let regions = pack.regions.iter().filter_map(|r| r.code.as_bytes().try_into().ok()).collect();
        Surroundings { regions, today: dates::to_days(today), tokeniser }
    }
}

/// What is wrong with one cell; no column for the row as a whole.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Problem {
    pub column: Option<usize>,
    pub reason: Reason,
}

pub(crate) enum Built {
    Array(ArrayRef),
    /// Waits for the vault.
    Ids(Vec<Option<IdNo>>),
    /// Not kept in the pool, nor needed by the vault.
    Nothing,
}

/// One piece of a file, converted.
pub(crate) struct Converted {
    pub sequence: u64,
    pub plan: Arc<Plan>,
    /// Row number of the first record.
    pub first: i64,
    pub rows: Rows,
    /// Records that are not blank.
    pub read: u64,
    /// Index of each good record, in order; the columns below are as long.
    pub good: Vec<u32>,
    pub columns: Vec<Built>,
    /// Hash of each good record's key; `None` where there is no key to compare.
    pub keys: Vec<Option<u128>>,
    pub bad: Vec<(u32, Vec<Problem>)>,
    /// Key cells that are empty, over all records read.
    pub empty_keys: u64,
    /// Of a quarantine file that came back: which rows of its batch these records were.
    pub returned: Vec<i64>,
    /// The newest date that may not lie in the future.
    pub newest: Option<i32>,
}

enum Builder {
    Int(Int64Builder),
    Days(Date32Builder),
    Micros(TimestampMicrosecondBuilder),
    Decimal(Decimal128Builder),
    Bool(BooleanBuilder),
    Text(StringBuilder),
    Ids(Vec<Option<IdNo>>),
    Nothing,
}

impl Builder {
    fn new(kind: ColumnType, wanted: bool, rows: usize) -> Builder {
        if !wanted {
            return Builder::Nothing;
        }
        match kind {
            ColumnType::IdNo => Builder::Ids(Vec::with_capacity(rows)),
            // Still a number in its own spelling; the vault turns it into an id.
            ColumnType::HouseholdNo | ColumnType::Name | ColumnType::Address | ColumnType::Phone => {
                Builder::Text(StringBuilder::with_capacity(rows, rows * 16))
            }
            _ => match crate::schema::data_type(kind) {
                Some(DataType::Int64) => Builder::Int(Int64Builder::with_capacity(rows)),
                Some(DataType::Date32) => Builder::Days(Date32Builder::with_capacity(rows)),
                Some(kind @ DataType::Timestamp(..)) => {
                    Builder::Micros(TimestampMicrosecondBuilder::with_capacity(rows).with_data_type(kind))
                }
                Some(kind @ DataType::Decimal128(..)) => {
                    Builder::Decimal(Decimal128Builder::with_capacity(rows).with_data_type(kind))
                }
                Some(DataType::Boolean) => Builder::Bool(BooleanBuilder::with_capacity(rows)),
                Some(_) => Builder::Text(StringBuilder::with_capacity(rows, rows * 12)),
                None => Builder::Nothing,
            },
        }
    }

    fn null(&mut self) {
        match self {
            Builder::Int(b) => b.append_null(),
            Builder::Days(b) => b.append_null(),
            Builder::Micros(b) => b.append_null(),
            Builder::Decimal(b) => b.append_null(),
            Builder::Bool(b) => b.append_null(),
            Builder::Text(b) => b.append_null(),
            Builder::Ids(b) => b.push(None),
            Builder::Nothing => {}
        }
    }

    fn finish(self) -> Built {
        Built::Array(match self {
            Builder::Int(mut b) => Arc::new(b.finish()),
            Builder::Days(mut b) => Arc::new(b.finish()),
            Builder::Micros(mut b) => Arc::new(b.finish()),
            Builder::Decimal(mut b) => Arc::new(b.finish()),
            Builder::Bool(mut b) => Arc::new(b.finish()),
            Builder::Text(mut b) => Arc::new(b.finish()),
            Builder::Ids(ids) => return Built::Ids(ids),
            Builder::Nothing => return Built::Nothing,
        })
    }
}

pub(crate) fn convert(sequence: u64, first: i64, rows: Rows, plan: Arc<Plan>, around: &Surroundings) -> Converted {
    let count = rows.len();
    let mut builders: Vec<Builder> = plan.columns.iter().map(|c| Builder::new(c.kind, c.wanted, count)).collect();
    let mut good = Vec::with_capacity(count);
    let mut keys = Vec::with_capacity(count);
    let mut bad: Vec<(u32, Vec<Problem>)> = Vec::new();
    let (mut read, mut empty_keys, mut newest) = (0, 0, None);
    let mut returned = Vec::new();
    let mut slots: Vec<Slot> = Vec::with_capacity(plan.columns.len());
    let mut ids: Vec<Option<IdNo>> = vec![None; plan.columns.len()];
    let mut fields: Vec<Cow<'_, str>> = Vec::with_capacity(plan.width + 1);
    for i in 0..count {
        record::split(rows.record(i), plan.delimiter, &mut fields);
        if fields.iter().zip(&plan.fields).all(|(f, used)| *used == FieldUse::Added || spelling::bare(f).is_empty())
            && fields.iter().skip(plan.fields.len()).all(|f| spelling::bare(f).is_empty())
        {
            continue;
        }
        read += 1;
        returned.extend(plan.returned.and_then(|f| spelling::bare(fields.get(f)?).parse::<i64>().ok()));
        if let Some(problem) = plan.shape_problem(&fields) {
            bad.push((i as u32, vec![problem]));
            continue;
        }
        slots.clear();
        let mut problems: Vec<Problem> = Vec::new();
        for (c, column) in plan.columns.iter().enumerate() {
            let text = column.field.and_then(|f| fields.get(f)).map_or("", |f| spelling::bare(f));
            let slot = if rows.lossy && text.contains('\u{fffd}') {
                Err(Reason::Undecodable)
            } else {
                column.read(text, around, &mut ids[c])
            };
            empty_keys += u64::from(column.key && matches!(slot, Ok(Slot::Null) | Err(Reason::Missing)));
            slots.push(slot.unwrap_or_else(|reason| {
                problems.push(Problem { column: Some(c), reason });
                Slot::Null
            }));
        }
        plan.check_signs(&slots, &mut problems);
        if !problems.is_empty() {
            problems.sort_by_key(|p| p.column);
            bad.push((i as u32, problems));
            continue;
        }
        good.push(i as u32);
        let mut key = KeyHash::new();
        for (c, (column, slot)) in plan.columns.iter().zip(&slots).enumerate() {
            let text = || column.field.and_then(|f| fields.get(f)).map_or("", |f| spelling::bare(f));
            if column.key {
                key.add(*slot, column.kind, ids[c].as_ref(), text());
            }
            if let (true, Slot::Days(days)) = (column.no_future, *slot) {
                newest = newest.max(Some(days));
            }
            match (&mut builders[c], *slot) {
                (Builder::Nothing, _) => {}
                (builder, Slot::Null) => builder.null(),
                (Builder::Int(b), Slot::Int(n)) => b.append_value(n),
                (Builder::Days(b), Slot::Days(n)) => b.append_value(n),
                (Builder::Micros(b), Slot::Micros(n)) => b.append_value(n),
                (Builder::Decimal(b), Slot::Decimal(n)) => b.append_value(n),
                (Builder::Bool(b), Slot::Bool(v)) => b.append_value(v),
                (Builder::Text(b), Slot::Code(code)) => b.append_value(&column.code_names[code as usize]),
                (Builder::Text(b), Slot::Region(code)) => {
                    b.append_value(std::str::from_utf8(&code).unwrap_or_default())
                }
                (Builder::Text(b), Slot::Text) => match column.kind {
                    ColumnType::Token => {
                        b.append_value((around.tokeniser)(&column.name, &spelling::half_width(text())));
                    }
                    ColumnType::Code | ColumnType::HouseholdNo | ColumnType::Phone => {
                        b.append_value(spelling::half_width(text()));
                    }
                    _ => b.append_value(text()),
                },
                (Builder::Ids(list), Slot::Id) => list.push(ids[c].take()),
                // A slot's kind follows from its column's type, so no other pair occurs; unknown is the honest value.
                (builder, _) => builder.null(),
            }
        }
        keys.push(key.finish());
    }
    // The fields borrow the text that moves on below.
    drop(fields);
    Converted {
        sequence,
        plan,
        first,
        rows,
        read,
        good,
        columns: builders.into_iter().map(Builder::finish).collect(),
        keys,
        bad,
        empty_keys,
        returned,
        newest,
    }
}
