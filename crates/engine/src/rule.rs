//! One expression of the pack, compiled.

use crate::{
    EngineError,
    frame::{Chunk, spread},
};
use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions, StringArray},
    compute::{cast, filter_record_batch},
    datatypes::{DataType, Decimal128Type, Field, Int64Type, Schema, SchemaRef},
};
use datafusion::{
    common::{
        DFSchema, DataFusionError, ScalarValue,
        tree_node::{TreeNode, TreeNodeRecursion},
    },
    execution::SessionState,
    logical_expr::{Expr, ExprSchemable, simplify::SimplifyContext, utils::split_conjunction},
    optimizer::simplify_expressions::ExprSimplifier,
    physical_expr::PhysicalExpr,
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tuodi_pack::programme::Round;

pub(crate) struct Rule {
    /// File and name, for messages: `programmes/dibao: income_below_line`.
    pub place: String,
    /// As it runs, parameters put in.
    pub sql: String,
    /// The facts it mentions.
    pub columns: Vec<String>,
    /// The values written in it, parameters among them.
    pub constants: Vec<ScalarValue>,
    schema: SchemaRef,
    expr: Arc<dyn PhysicalExpr>,
    /// A claim's conjunction part by part: where one fails, all of it does.
    pub parts: Vec<Part>,
    /// No two rules have the same.
    pub serial: u64,
}

/// One part of a conjunction, with the facts that it mentions.
pub(crate) struct Part {
    pub columns: Vec<String>,
    schema: SchemaRef,
    expr: Arc<dyn PhysicalExpr>,
}

impl Part {
    fn compile(state: &SessionState, expr: &Expr, facts: &Schema) -> Result<Part, DataFusionError> {
        let mut columns: Vec<String> = expr.column_refs().iter().map(|c| c.name.clone()).collect();
        columns.sort();
        let fields = columns.iter().map(|name| facts.field_with_name(name).cloned());
        let schema = Arc::new(Schema::new(fields.collect::<Result<Vec<Field>, _>>()?));
        let expr = state.create_physical_expr(expr.clone(), &DFSchema::try_from(schema.clone())?)?;
        Ok(Part { columns, schema, expr })
    }
}

fn serial() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}

impl Rule {
    /// `facts` are all that this rule may mention. The rule keeps only those it does mention: evaluating it never
    /// filters or copies another rule's columns.
    pub fn compile(
        state: &SessionState,
        place: String,
        sql: String,
        facts: &DFSchema,
        expected: Expected,
    ) -> Result<Rule, EngineError> {
        let fail = |message: String| EngineError::Rule { rule: place.clone(), message };
        let compiled = (|| {
            let expr = state.create_logical_expr(&sql, facts)?;
            let mut columns: Vec<String> = expr.column_refs().iter().map(|c| c.name.clone()).collect();
            columns.sort();
            let fields: Vec<Field> =
                columns.iter().map(|name| facts.as_arrow().field_with_name(name).cloned()).collect::<Result<_, _>>()?;
            let schema = Arc::new(Schema::new(fields));
            let df_schema = DFSchema::try_from(schema.clone())?;
            let context = SimplifyContext::builder().with_schema(Arc::new(df_schema.clone())).build();
            let simplifier = ExprSimplifier::new(context);
            let expr: Expr = simplifier.simplify(simplifier.coerce(expr, &df_schema)?)?;
            let kind = expr.get_type(&df_schema)?;
            let mut constants = Vec::new();
            expr.apply(|part| {
                if let Expr::Literal(value, _) = part
                    && !value.is_null()
                {
                    constants.push(value.clone());
                }
                Ok(TreeNodeRecursion::Continue)
            })?;
            let parts = match expected {
                Expected::Claim => split_conjunction(&expr)
                    .into_iter()
                    .filter(|part| part.any_column_refs())
                    .map(|part| Part::compile(state, part, &schema))
                    .collect::<Result<Vec<_>, _>>()?,
                Expected::Number | Expected::Word => Vec::new(),
            };
            let expr = state.create_physical_expr(expr, &df_schema)?;
            Ok::<_, DataFusionError>((
                Rule {
                    place: String::new(),
                    sql: String::new(),
                    columns,
                    constants,
                    schema,
                    expr,
                    parts,
                    serial: serial(),
                },
                kind,
            ))
        })();
        let (rule, kind) = compiled.map_err(|e| fail(e.strip_backtrace()))?;
        if !expected.admits(&kind) {
            return Err(fail(format!("gives {kind}, not {}", expected.words())));
        }
        Ok(Rule { place, sql, ..rule })
    }

    fn batch(&self, chunk: &Chunk<'_>) -> Result<RecordBatch, EngineError> {
        let columns = self.columns.iter().map(|name| chunk.column(name)).collect::<Result<Vec<_>, _>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(chunk.len));
        RecordBatch::try_new_with_options(self.schema.clone(), columns, &options).map_err(|e| self.fail(e.to_string()))
    }

    fn run(&self, batch: &RecordBatch) -> Result<ArrayRef, EngineError> {
        self.expr
            .evaluate(batch)
            .and_then(|value| value.into_array(batch.num_rows()))
            .map_err(|e| self.fail(e.strip_backtrace()))
    }

    fn fail(&self, message: String) -> EngineError {
        EngineError::Rule { rule: self.place.clone(), message }
    }

    /// A condition over a chunk. NULL is unknown.
    pub fn answers(&self, chunk: &Chunk<'_>) -> Result<BooleanArray, EngineError> {
        match chunk.candidates(self)? {
            Some(rows) if rows.is_empty() => Ok(vec![false; chunk.len].into()),
            Some(rows) => Ok(spread(&self.claimed(&chunk.pick(rows.clone()))?, &rows, chunk.len)),
            None => self.claimed(chunk),
        }
    }

    fn claimed(&self, chunk: &Chunk<'_>) -> Result<BooleanArray, EngineError> {
        let array = self.run(&self.batch(chunk)?)?;
        let array = cast(&array, &DataType::Boolean).map_err(|e| self.fail(e.to_string()))?;
        Ok(array.as_boolean().clone())
    }

    /// Whether a part of this rule is false for one row with these facts, in the order of the part's columns.
    pub fn part_fails(&self, part: &Part, facts: Vec<ArrayRef>) -> Result<bool, EngineError> {
        let batch = RecordBatch::try_new(part.schema.clone(), facts).map_err(|e| self.fail(e.to_string()))?;
        let answer = part.expr.evaluate(&batch).and_then(|value| value.into_array(1));
        let answer = answer.map_err(|e| self.fail(e.strip_backtrace()))?;
        Ok(answer.as_boolean_opt().is_some_and(|answer| answer.is_valid(0) && !answer.value(0)))
    }

    /// A number over the rows of a chunk where `rows` is true, in millionths of a fen, exact; one value for each such
    /// row. Other rows are not evaluated: an amount need only make sense where the programme holds.
    pub fn amounts(&self, chunk: &Chunk<'_>, rows: &BooleanArray) -> Result<Vec<Option<i128>>, EngineError> {
        self.exact(&self.batch_of(chunk, rows)?)
    }

    /// The rows where `rows` is true.
    fn batch_of(&self, chunk: &Chunk<'_>, rows: &BooleanArray) -> Result<RecordBatch, EngineError> {
        match chunk.few(rows.values()) {
            Some(chosen) => self.batch(&chunk.pick(chosen)),
            None => filter_record_batch(&self.batch(chunk)?, rows).map_err(|e| self.fail(e.to_string())),
        }
    }

    /// Whole numbers of the rows of a chunk where `rows` is true, one for each such row.
    pub fn counts(&self, chunk: &Chunk<'_>, rows: &BooleanArray) -> Result<Vec<Option<i64>>, EngineError> {
        let exact = self.amounts(chunk, rows)?;
        Ok(exact.into_iter().map(|v| v.and_then(|v| i64::try_from(v.div_euclid(MILLION)).ok())).collect())
    }

    /// Words of the rows of a chunk where `rows` is true, one for each such row.
    pub fn words(&self, chunk: &Chunk<'_>, rows: &BooleanArray) -> Result<StringArray, EngineError> {
        let array =
            cast(&self.run(&self.batch_of(chunk, rows)?)?, &DataType::Utf8).map_err(|e| self.fail(e.to_string()))?;
        Ok(array.as_string::<i32>().clone())
    }

    /// A measure or a line: whole units, rounded down.
    pub fn whole(&self, chunk: &Chunk<'_>) -> Result<Vec<Option<i64>>, EngineError> {
        let exact = self.exact(&self.batch(chunk)?)?;
        Ok(exact.into_iter().map(|v| v.and_then(|v| i64::try_from(v.div_euclid(MILLION)).ok())).collect())
    }

    fn exact(&self, batch: &RecordBatch) -> Result<Vec<Option<i128>>, EngineError> {
        let array = self.run(batch)?;
        if let Some(whole) = array.as_primitive_opt::<Int64Type>() {
            return Ok(whole.iter().map(|v| v.map(|v| i128::from(v) * MILLION)).collect());
        }
        let array = cast(&array, &DataType::Decimal128(38, 6)).map_err(|e| self.fail(e.to_string()))?;
        Ok(array.as_primitive::<Decimal128Type>().iter().collect())
    }
}

const MILLION: i128 = 1_000_000;

/// Rounds an amount once, at the end, as its programme says; in the smallest unit of money. What is given or owed is
/// never below zero; a measure may be.
pub(crate) fn rounded(millionths: i128, round: Round, signed: bool) -> i64 {
    let exact = if signed { millionths } else { millionths.max(0) };
    let whole = match round {
        // Up, in the citizen's favour (programmes.md, rule 1).
        Round::Whole => -((-exact).div_euclid(100 * MILLION)) * 100,
        Round::None => (exact.abs() + MILLION / 2) / MILLION * exact.signum(),
    };
    i64::try_from(whole).unwrap_or(if whole < 0 { i64::MIN } else { i64::MAX })
}

/// What an expression must give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    Claim,
    Number,
    Word,
}

impl Expected {
    pub fn admits(self, kind: &DataType) -> bool {
        match self {
            Expected::Claim => matches!(kind, DataType::Boolean | DataType::Null),
            Expected::Number => kind.is_integer() || matches!(kind, DataType::Decimal128(..) | DataType::Null),
            Expected::Word => {
                matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null)
            }
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Expected::Claim => "true or false",
            Expected::Number => "a whole or exact decimal number",
            Expected::Word => "a text",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_of_a_fen_rounds_up_to_a_yuan_and_whole_yuan_stay() {
        let yuan = |millionths| rounded(millionths, Round::Whole, false);
        assert_eq!(yuan(333_333), 100);
        assert_eq!(yuan(100 * MILLION), 100);
        assert_eq!(yuan(100 * MILLION + 1), 200);
        assert_eq!(yuan(0), 0);
        assert_eq!(yuan(-5 * MILLION), 0);
    }

    #[test]
    fn without_rounding_to_wholes_half_a_cent_goes_away_from_zero() {
        let cents = |millionths| rounded(millionths, Round::None, true);
        assert_eq!(cents(500_000), 1);
        assert_eq!(cents(499_999), 0);
        assert_eq!(cents(-500_000), -1);
        assert_eq!(rounded(-500_000, Round::None, false), 0);
    }
}
