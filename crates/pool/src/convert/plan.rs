//! A contract and a header, prepared so that a row costs little.

use super::{Problem, Surroundings, cell::Slot};
use crate::{Reason, contract::Header, convert::cell, manifest::Format, spelling};
use std::{borrow::Cow, collections::HashMap, sync::OnceLock};
use tuodi_pack::{
    id_no::IdNo,
    source::{ColumnType, Source},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldUse {
    Column(usize),
    /// Added by a quarantine file (`_row`, `_reason` …): not the department's data.
    Added,
    /// The steward said that it is not taken.
    LeftOut,
    /// No header above it: nothing may stand in it.
    Untitled,
}

pub(crate) struct ColumnPlan {
    pub name: String,
    pub kind: ColumnType,
    pub null: bool,
    pub key: bool,
    pub no_future: bool,
    /// The pool keeps it, or the vault needs it.
    pub wanted: bool,
    /// Where it stands in the file.
    pub field: Option<usize>,
    /// Fen in one of the file's unit.
    pub scale: i64,
    pub min: Option<i64>,
    pub max: Option<i64>,
    /// Column, and the code it must have (none: true), for a value below the minimum to be a refund.
    pub refund: Option<(usize, Option<u32>)>,
    pub codes: HashMap<String, u32>,
    pub code_names: Vec<String>,
}

impl ColumnPlan {
    pub fn read(&self, text: &str, around: &Surroundings, id: &mut Option<IdNo>) -> Result<Slot, Reason> {
        cell::read(self, text, around, id)
    }
}

/// The columns by which the register of residents is known, and what the vault takes from it.
#[derive(Debug, Clone)]
pub(crate) struct Register {
    pub id: usize,
    pub name: usize,
    pub household: usize,
    pub address: Option<usize>,
    pub phone: Option<usize>,
    pub region: Option<usize>,
    pub relation: Option<usize>,
    pub status: Option<usize>,
}

impl Register {
    /// The columns that it has.
    pub fn columns(&self) -> Vec<usize> {
        let more = [self.address, self.phone, self.region, self.relation, self.status];
        [self.id, self.name, self.household].into_iter().chain(more.into_iter().flatten()).collect()
    }

    pub fn of(source: &Source) -> Option<Register> {
        let kind = |kind: ColumnType| source.columns.iter().position(|c| c.kind == kind);
        let named = |name: &str| source.columns.iter().position(|c| c.name.starts_with(name));
        Some(Register {
            id: source.columns.iter().position(|c| c.kind == ColumnType::IdNo && source.key == [c.name.as_str()])?,
            name: kind(ColumnType::Name)?,
            household: kind(ColumnType::HouseholdNo)?,
            address: kind(ColumnType::Address),
            phone: kind(ColumnType::Phone),
            region: kind(ColumnType::Region),
            relation: named("relation"),
            status: named("reg_status"),
        })
    }
}

pub(crate) struct Plan {
    pub source: Source,
    pub header: Header,
    pub delimiter: u8,
    /// Formats that leave out trailing empty cells.
    pub padded: bool,
    /// Fields up to the last one with a header.
    pub width: usize,
    pub fields: Vec<FieldUse>,
    pub columns: Vec<ColumnPlan>,
    pub register: Option<Register>,
    /// The batch whose quarantine file came back, as its first row says.
    pub corrects: OnceLock<String>,
    /// Where a returned row says which one it was.
    pub returned: Option<usize>,
}

impl Plan {
    pub fn new(source: &Source, header: Header, delimiter: u8, format: Format) -> Plan {
        let register = Register::of(source);
        let fields: Vec<FieldUse> = header
            .cells
            .iter()
            .zip(&header.columns)
            .map(|(cell, column)| match column {
                Some(i) => FieldUse::Column(*i),
                None => match spelling::header_text(cell) {
                    text if text.starts_with('_') => FieldUse::Added,
                    text if text.is_empty() => FieldUse::Untitled,
                    _ => FieldUse::LeftOut,
                },
            })
            .collect();
        let width = fields.iter().rposition(|f| *f != FieldUse::Untitled).map_or(0, |i| i + 1);
        let code_of =
            |column: usize, code: &str| source.columns[column].codes.keys().position(|c| c == code).map(|i| i as u32);
        let columns = source
            .columns
            .iter()
            .enumerate()
            .map(|(i, column)| {
                let field = fields.iter().position(|f| *f == FieldUse::Column(i));
                let mut codes = HashMap::new();
                for (n, (code, spellings)) in column.codes.iter().enumerate() {
                    for spelling in std::iter::once(code).chain(spellings) {
                        codes.entry(cell::code_spelling(spelling).into_owned()).or_insert(n as u32);
                    }
                }
                let refund = column.allow_negative_if.as_deref().and_then(|condition| {
                    let (name, code) = match condition.split_once('=') {
                        Some((name, code)) => (name.trim(), Some(code.trim())),
                        None => (condition.trim(), None),
                    };
                    let at = source.columns.iter().position(|c| c.name == name)?;
                    Some((at, code.and_then(|code| code_of(at, code))))
                });
                let vault_only = matches!(column.kind, ColumnType::Name | ColumnType::Address | ColumnType::Phone);
                ColumnPlan {
                    name: column.name.clone(),
                    kind: column.kind,
                    null: column.null,
                    key: source.key.contains(&column.name),
                    no_future: column.no_future,
                    wanted: if vault_only { register.is_some() } else { column.kind != ColumnType::Ignore },
                    field,
                    scale: field.map_or(1, |f| header.scales[f]),
                    min: column.min,
                    max: column.max,
                    refund,
                    codes,
                    code_names: column.codes.keys().cloned().collect(),
                }
            })
            .collect();
        let returned = header.cells.iter().position(|cell| spelling::header_text(cell) == "_row");
        Plan {
            source: source.clone(),
            header,
            delimiter,
            padded: format != Format::Csv,
            width,
            fields,
            columns,
            register,
            corrects: OnceLock::new(),
            returned,
        }
    }

    /// A row with too few or too many fields says nothing reliable about any of them.
    pub fn shape_problem(&self, fields: &[Cow<'_, str>]) -> Option<Problem> {
        let short = fields.len() < self.width && !self.padded;
        let stray = fields.iter().enumerate().any(|(i, text)| {
            matches!(self.fields.get(i), None | Some(FieldUse::Untitled)) && !spelling::bare(text).is_empty()
        });
        (short || stray).then_some(Problem {
            column: None,
            reason: Reason::FieldCount { found: fields.len(), expected: self.width },
        })
    }

    /// Minimum and maximum, once the whole row is read: a refund may be negative.
    pub fn check_signs(&self, slots: &[Slot], problems: &mut Vec<Problem>) {
        for (c, (column, slot)) in self.columns.iter().zip(slots).enumerate() {
            let Slot::Int(n) = *slot else { continue };
            let money = column.kind == ColumnType::Money;
            let min = column.min.or(money.then_some(0)).unwrap_or(i64::MIN);
            if n < min {
                let refund = column.refund.is_some_and(|(at, code)| match (code, slots[at]) {
                    (None, Slot::Bool(true)) => true,
                    (Some(code), Slot::Code(found)) => code == found,
                    _ => false,
                });
                if n < 0 && refund {
                    continue;
                }
                let reason = if money && n < 0 { Reason::Negative } else { Reason::OutOfRange };
                problems.push(Problem { column: Some(c), reason });
            } else if column.max.is_some_and(|max| n > max) {
                problems.push(Problem { column: Some(c), reason: Reason::OutOfRange });
            }
        }
    }

    /// The batch's id in the `_batch` field of a returned quarantine file.
    pub fn note_correction(&self, record: &str) {
        let at = self.header.cells.iter().position(|cell| spelling::header_text(cell) == "_batch");
        if let Some(at) = at {
            let mut fields = Vec::new();
            crate::record::split(record, self.delimiter, &mut fields);
            if let Some(batch) = fields.get(at).map(|f| spelling::bare(f)).filter(|b| !b.is_empty()) {
                let _ = self.corrects.set(batch.to_owned());
            }
        }
    }
}
