//! The rows of findings: the files of a pass.

use crate::{
    EngineError,
    evidence::Evidence,
    frame::Chunk,
    program::{Indicator, Programme},
};
use arrow::{
    array::{
        Array, ArrayRef, AsArray, BooleanArray, Int64Array, Int64Builder, RecordBatch, StringArray, StringBuilder,
        UInt32Array,
    },
    compute::take_record_batch,
    datatypes::{DataType, Field, Int64Type, Schema, SchemaRef},
    error::ArrowError,
};
use std::sync::{Arc, LazyLock};
use tuodi_pack::{facts::Grain, indicator::Severity, programme::ProgrammeKind};

fn schema(fields: &[(&str, DataType, bool)]) -> SchemaRef {
    let fields: Vec<Field> = fields.iter().map(|(name, kind, null)| Field::new(*name, kind.clone(), *null)).collect();
    Arc::new(Schema::new(fields))
}

pub(crate) static HOUSEHOLDS: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(&[
        ("household_id", DataType::Int64, false),
        ("tier", DataType::Utf8, false),
        ("monthly_fen", DataType::Int64, false),
        ("income_pc_fen", DataType::Int64, true),
        ("unknown", DataType::Utf8, false),
        ("points", DataType::Int64, false),
        ("level", DataType::Utf8, true),
        ("decided_by", DataType::Utf8, true),
    ])
});

pub(crate) static ALERTS: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(&[
        ("person_id", DataType::Int64, true),
        ("household_id", DataType::Int64, true),
        ("indicator", DataType::Utf8, false),
        ("evidence", DataType::Utf8, false),
        ("severity", DataType::Utf8, false),
        ("points", DataType::Int64, false),
    ])
});

pub(crate) static BENEFITS: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(&[
        ("household_id", DataType::Int64, true),
        ("person_id", DataType::Int64, true),
        ("programme", DataType::Utf8, false),
        ("amount_fen", DataType::Int64, false),
        ("per", DataType::Utf8, false),
        ("kind", DataType::Utf8, false),
    ])
});

pub(crate) static LABELS: LazyLock<SchemaRef> =
    LazyLock::new(|| schema(&[("household_id", DataType::Int64, false), ("label", DataType::Utf8, false)]));

pub(crate) static NEEDS: LazyLock<SchemaRef> =
    LazyLock::new(|| schema(&[("household_id", DataType::Int64, false), ("service", DataType::Utf8, false)]));

/// Who was looked at, and in which household: what an incremental pass needs to know about the pass before it.
pub(crate) static PEOPLE: LazyLock<SchemaRef> =
    LazyLock::new(|| schema(&[("person_id", DataType::Int64, false), ("household_id", DataType::Int64, true)]));

/// Person and household of each row of a chunk.
pub(crate) struct Subjects {
    persons: Option<Int64Array>,
    homes: Int64Array,
}

impl Subjects {
    pub fn of(chunk: &Chunk<'_>) -> Result<Subjects, EngineError> {
        let keys = chunk.frame.keys.slice(chunk.start, chunk.len);
        Ok(match chunk.frame.grain {
            Grain::Household => Subjects { persons: None, homes: keys },
            Grain::Person => {
                let homes = chunk.column(crate::schema::HOUSEHOLD)?;
                Subjects { persons: Some(keys), homes: homes.as_primitive::<Int64Type>().clone() }
            }
        })
    }

    fn household(&self, row: usize) -> Option<i64> {
        (!self.homes.is_null(row)).then(|| self.homes.value(row))
    }
}

pub(crate) fn kind_word(kind: ProgrammeKind) -> &'static str {
    match kind {
        ProgrammeKind::Tier => "tier",
        ProgrammeKind::Status => "status",
        ProgrammeKind::Benefit => "benefit",
        ProgrammeKind::Levy => "levy",
        ProgrammeKind::Measure => "measure",
    }
}

/// Rows found in one chunk.
#[derive(Default)]
pub(crate) struct Rows {
    alerts: AlertRows,
    benefits: BenefitRows,
    labels: Named,
    needs: Named,
}

/// The same as batches, without those that are empty.
#[derive(Default)]
pub(crate) struct Batches {
    pub alerts: Option<RecordBatch>,
    pub benefits: Option<RecordBatch>,
    pub labels: Option<RecordBatch>,
    pub needs: Option<RecordBatch>,
}

#[derive(Default)]
struct AlertRows {
    person: Int64Builder,
    household: Int64Builder,
    indicator: StringBuilder,
    evidence: StringBuilder,
    severity: StringBuilder,
    points: Int64Builder,
}

#[derive(Default)]
struct BenefitRows {
    household: Int64Builder,
    person: Int64Builder,
    programme: StringBuilder,
    amount: Int64Builder,
    per: StringBuilder,
    kind: StringBuilder,
}

#[derive(Default)]
struct Named {
    household: Int64Builder,
    name: StringBuilder,
}

impl Rows {
    /// `severities` and `points` of the rows where `raised` is true.
    pub fn alerts(
        &mut self,
        indicator: &Indicator,
        chunk: &Chunk<'_>,
        subjects: &Subjects,
        raised: &BooleanArray,
        severities: &[Severity],
        points: &[u32],
    ) -> Result<(), EngineError> {
        // Few rows are gathered by themselves; of many, the whole columns serve the other indicators too.
        let few = chunk.few(raised.values()).map(|rows| chunk.pick(rows));
        let evidence = Evidence::gather(few.as_ref().unwrap_or(chunk), &indicator.evidence)?;
        let out = &mut self.alerts;
        let mut text = String::new();
        let rows = raised.values().set_indices().zip(severities).zip(points);
        for (i, ((row, severity), points)) in rows.enumerate() {
            out.person.append_option(subjects.persons.as_ref().map(|p| p.value(row)));
            out.household.append_option(subjects.household(row));
            text.clear();
            evidence.write(if few.is_some() { i } else { row }, &mut text);
            out.indicator.append_value(&indicator.id);
            out.evidence.append_value(&text);
            out.severity.append_value(severity.word());
            out.points.append_value(i64::from(*points));
        }
        Ok(())
    }

    pub fn benefits(&mut self, programme: &Programme, subjects: &Subjects, held: &BooleanArray, amounts: &[i64]) {
        let out = &mut self.benefits;
        let per = programme.amount.as_ref().map_or("", |a| a.per.word());
        let kind = kind_word(programme.kind);
        for row in held.values().set_indices() {
            out.household.append_option(subjects.household(row));
            out.person.append_option(subjects.persons.as_ref().map(|p| p.value(row)));
            out.programme.append_value(&programme.id);
            out.amount.append_value(amounts[row]);
            out.per.append_value(per);
            out.kind.append_value(kind);
        }
    }

    pub fn label(&mut self, label: &str, subjects: &Subjects, held: &BooleanArray) {
        self.labels.add(label, subjects, held);
    }

    pub fn need(&mut self, service: &str, subjects: &Subjects, held: &BooleanArray) {
        self.needs.add(service, subjects, held);
    }

    pub fn finish(mut self) -> Result<Batches, EngineError> {
        let (a, b) = (&mut self.alerts, &mut self.benefits);
        Ok(Batches {
            alerts: batch(
                &ALERTS,
                vec![
                    Arc::new(a.person.finish()),
                    Arc::new(a.household.finish()),
                    Arc::new(a.indicator.finish()),
                    Arc::new(a.evidence.finish()),
                    Arc::new(a.severity.finish()),
                    Arc::new(a.points.finish()),
                ],
            )?,
            benefits: batch(
                &BENEFITS,
                vec![
                    Arc::new(b.household.finish()),
                    Arc::new(b.person.finish()),
                    Arc::new(b.programme.finish()),
                    Arc::new(b.amount.finish()),
                    Arc::new(b.per.finish()),
                    Arc::new(b.kind.finish()),
                ],
            )?,
            labels: self.labels.finish(&LABELS)?,
            needs: self.needs.finish(&NEEDS)?,
        })
    }
}

impl Named {
    fn add(&mut self, name: &str, subjects: &Subjects, held: &BooleanArray) {
        for row in held.values().set_indices() {
            self.household.append_value(subjects.homes.value(row));
            self.name.append_value(name);
        }
    }

    fn finish(&mut self, schema: &SchemaRef) -> Result<Option<RecordBatch>, EngineError> {
        batch(schema, vec![Arc::new(self.household.finish()), Arc::new(self.name.finish())])
    }
}

fn batch(schema: &SchemaRef, columns: Vec<ArrayRef>) -> Result<Option<RecordBatch>, EngineError> {
    if columns[0].is_empty() {
        return Ok(None);
    }
    RecordBatch::try_new(schema.clone(), columns)
        .and_then(|batch| in_order(&batch))
        .map(Some)
        .map_err(|e| EngineError::Rule { rule: "findings".to_owned(), message: e.to_string() })
}

/// Rows in the order of their subjects' numbers, those of one subject as they were found: wherever a chunk begins, a
/// file comes out the same.
fn in_order(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let numbers = |name: &str| {
        let column = batch.column_by_name(name)?.as_primitive_opt::<Int64Type>()?;
        (column.null_count() == 0).then_some(column)
    };
    let Some(keys) = numbers("person_id").or_else(|| numbers("household_id")) else { return Ok(batch.clone()) };
    let mut order: Vec<u32> = (0..batch.num_rows() as u32).collect();
    order.sort_by_key(|row| keys.value(*row as usize));
    take_record_batch(batch, &UInt32Array::from(order))
}

/// The rows of all households, in batches of at most `size`.
pub(crate) fn households(columns: Vec<ArrayRef>, size: usize) -> Result<Vec<RecordBatch>, EngineError> {
    let whole = RecordBatch::try_new(HOUSEHOLDS.clone(), columns)
        .map_err(|e| EngineError::Rule { rule: "households".to_owned(), message: e.to_string() })?;
    let rows = whole.num_rows();
    Ok((0..rows).step_by(size.max(1)).map(|start| whole.slice(start, size.min(rows - start))).collect())
}

/// A column that holds nothing, where the pack does not give it.
pub(crate) fn no_words(rows: usize) -> ArrayRef {
    Arc::new(StringArray::new_null(rows))
}
