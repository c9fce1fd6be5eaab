//! What parsing lets through and rules may not do: sub-selects, sums, unordered windows, literals of another type, codes
//! that no contract has, divisors that may be zero.

use crate::{
    locate::nearest,
    session::{ORDERED, SCALAR},
};
use arrow::datatypes::DataType;
use datafusion::{
    common::{
        DFSchema, ExprSchema, JoinType, ScalarValue,
        tree_node::{TreeNode, TreeNodeRecursion},
    },
    logical_expr::{Expr, ExprSchemable, LogicalPlan, Operator, expr::WindowFunctionDefinition},
};

/// Metadata key under which a column carries its contract's codes through a plan.
pub(crate) const CODES: &str = "codes";

/// What is wrong, the word to look for in the file, what to do.
pub(crate) struct Fault {
    pub message: String,
    pub word: Option<String>,
    pub fix: String,
}

impl Fault {
    pub fn new(message: impl Into<String>, word: Option<&str>, fix: impl Into<String>) -> Fault {
        Fault { message: message.into(), word: word.map(str::to_owned), fix: fix.into() }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Rule,
    Facts,
}

/// Faults of the joins and of every expression of a plan, sub-selects included.
pub(crate) fn plan_faults(plan: &LogicalPlan) -> Vec<Fault> {
    let mut out = Vec::new();
    let visit = plan.apply_with_subqueries(|node| {
        let mut schema = DFSchema::empty();
        for input in node.inputs() {
            schema.merge(input.schema());
        }
        // The query engine (DataFusion 55) turns such a join round when the other side is smaller, and then filters the wrong
        // side by a condition on a column that both sides have: `x.id IS NULL` leaves nobody. A LEFT JOIN keeps its columns
        // in an order in which that cannot happen.
        if let LogicalPlan::Join(join) = node
            && join.join_type == JoinType::Right
        {
            let fix = "write the table that keeps all its rows first: `b LEFT JOIN a` in place of `a RIGHT JOIN b`";
            out.push(Fault::new("RIGHT JOIN is not taken: its rows may get lost", Some("RIGHT JOIN"), fix));
        }
        node.apply_expressions(|expr| {
            out.extend(expr_faults(expr, &schema, Place::Facts));
            Ok(TreeNodeRecursion::Continue)
        })
    });
    if let Err(e) = visit {
        out.push(Fault::new(e.strip_backtrace(), None, "correct the SQL"));
    }
    out
}

/// What parsing lets through and rules may not do.
pub(crate) fn expr_faults(expr: &Expr, schema: &DFSchema, place: Place) -> Vec<Fault> {
    let mut out = Vec::new();
    let visit = expr.apply(|node| {
        match node {
            Expr::ScalarSubquery(_) | Expr::InSubquery(_) | Expr::Exists(_) | Expr::SetComparison(_)
                if place == Place::Rule =>
            {
                out.push(Fault::new("a rule may not select from tables", None, "compute it as a fact in facts/"));
                return Ok(TreeNodeRecursion::Jump);
            }
            Expr::AggregateFunction(f) => {
                let name = f.func.name();
                if place == Place::Rule {
                    let fix = "compute it as a fact in facts/";
                    out.push(Fault::new(format!("a rule may not sum over rows ({name})"), Some(name), fix));
                } else if ORDERED.contains(&name) && f.params.order_by.is_empty() {
                    out.push(unordered(name));
                }
            }
            Expr::WindowFunction(f) => {
                let name = match &f.fun {
                    WindowFunctionDefinition::AggregateUDF(udf) => udf.name(),
                    WindowFunctionDefinition::WindowUDF(udf) => udf.name(),
                };
                if place == Place::Rule {
                    let fix = "compute it as a fact in facts/";
                    out.push(Fault::new(format!("a rule may not look at other rows ({name})"), Some(name), fix));
                } else if ORDERED.contains(&name) && f.params.order_by.is_empty() {
                    out.push(unordered(name));
                }
            }
            Expr::ScalarFunction(f) if !SCALAR.contains(&f.name()) && !PLANNED.contains(&f.name()) => {
                let fix = "rules may only use functions whose answer depends on their arguments alone";
                out.push(Fault::new(format!("rules may not use the function {}()", f.name()), Some(f.name()), fix));
            }
            Expr::BinaryExpr(b) if matches!(b.op, Operator::Divide | Operator::Modulo) && !never_zero(&b.right) => {
                let word = column_in(&b.right);
                let message = "may divide by zero, which stops the whole pass";
                out.push(Fault::new(message, word.as_deref(), "write x / nullif(y, 0): no divisor, no answer"));
            }
            Expr::BinaryExpr(b) if b.op.supports_propagation() => {
                out.extend(literal_fault(&b.left, &b.right, schema));
                out.extend(literal_fault(&b.right, &b.left, schema));
            }
            Expr::InList(list) => {
                for item in &list.list {
                    out.extend(literal_fault(&list.expr, item, schema));
                }
            }
            Expr::Between(b) => {
                out.extend(literal_fault(&b.expr, &b.low, schema));
                out.extend(literal_fault(&b.expr, &b.high, schema));
            }
            _ => {}
        }
        Ok(TreeNodeRecursion::Continue)
    });
    if let Err(e) = visit {
        out.push(Fault::new(e.strip_backtrace(), None, "correct the SQL"));
    }
    out
}

/// Functions that SQL's own syntax stands for.
const PLANNED: &[&str] = &["get_field", "make_array", "named_struct", "array_element"];

fn unordered(name: &str) -> Fault {
    let message = format!("{name} without ORDER BY may give another answer each time");
    Fault::new(message, Some(name), "say the order, down to _batch and _row where rows may tie")
}

fn never_zero(divisor: &Expr) -> bool {
    match divisor {
        Expr::Literal(value, _) => match value.cast_to(&DataType::Decimal128(38, 6)) {
            Ok(ScalarValue::Decimal128(Some(n), ..)) => n != 0,
            _ => false,
        },
        Expr::ScalarFunction(f) => f.name() == "nullif",
        Expr::Cast(c) => never_zero(&c.expr),
        Expr::Alias(a) => never_zero(&a.expr),
        // A parameter that differs between counties: a choice among literals.
        Expr::Case(c) => {
            c.when_then_expr.iter().all(|(_, then)| never_zero(then))
                && c.else_expr.as_ref().is_none_or(|e| never_zero(e))
        }
        Expr::BinaryExpr(b) if b.op == Operator::Multiply => never_zero(&b.left) && never_zero(&b.right),
        _ => false,
    }
}

fn column_in(expr: &Expr) -> Option<String> {
    expr.column_refs().iter().map(|c| c.name.clone()).min()
}

/// A literal compared with something of another type, or with a code that its contract does not have.
fn literal_fault(side: &Expr, literal: &Expr, schema: &DFSchema) -> Option<Fault> {
    let Expr::Literal(value, _) = literal else { return None };
    let text = match value {
        ScalarValue::Utf8(Some(text)) | ScalarValue::Utf8View(Some(text)) | ScalarValue::LargeUtf8(Some(text)) => {
            Some(text)
        }
        _ => None,
    };
    if value.is_null() || matches!(side, Expr::Literal(..)) {
        return None;
    }
    let word = column_in(side);
    let named = word.clone().unwrap_or_else(|| "the other side".to_owned());
    let kind = side.get_type(schema).ok()?;
    let side_is_text = matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    match (text, side_is_text) {
        (Some(text), true) => {
            let Expr::Column(column) = side else { return None };
            let field = schema.field_from_column(column).ok()?;
            let codes: Vec<&str> = field.metadata().get(CODES)?.split('|').collect();
            (!codes.contains(&text.as_str())).then(|| {
                let fix = nearest(text, codes.iter().copied())
                    .map_or_else(|| format!("one of {}", codes.join(", ")), |n| format!("did you mean '{n}'?"));
                Fault::new(format!("{named} has no code '{text}'"), Some(text), fix)
            })
        }
        (Some(text), false) => {
            let date =
                matches!(kind, DataType::Date32 | DataType::Timestamp(..)) && crate::schema::date(text).is_some();
            (!date && kind != DataType::Null).then(|| {
                let message = format!("{named} is {kind} and is compared with the text '{text}'");
                Fault::new(message, word.as_deref(), "compare it with a value of its own type")
            })
        }
        (None, true) if !value.data_type().is_null() => {
            let message = format!("{named} is text and is compared with {value}");
            Some(Fault::new(message, word.as_deref(), "put the value in quotes, or compare a number"))
        }
        (None, _) => {
            let truth = |kind: &DataType| *kind == DataType::Boolean;
            (truth(&kind) != truth(&value.data_type()) && kind != DataType::Null).then(|| {
                let message = format!("{named} is {kind} and is compared with {value}");
                Fault::new(message, word.as_deref(), "compare it with a value of its own type")
            })
        }
    }
}
