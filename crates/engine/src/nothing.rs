//! When a statement surely gives no rows: most of what departments know is about other households, and a statement over
//! empty tables need not run.

use datafusion::logical_expr::{Expr, JoinType, LogicalPlan};

/// Which tables must be empty for a statement to give no rows.
#[derive(Debug)]
pub(crate) enum Nothing {
    Table(String),
    Any(Vec<Nothing>),
    All(Vec<Nothing>),
    /// It may give rows over whatever tables.
    Never,
}

impl Nothing {
    pub fn of(plan: &LogicalPlan) -> Nothing {
        let only = |plan: &LogicalPlan| plan.inputs().first().map_or(Nothing::Never, |input| Nothing::of(input));
        match plan {
            LogicalPlan::TableScan(scan) => Nothing::Table(scan.table_name.table().to_owned()),
            LogicalPlan::Projection(_)
            | LogicalPlan::Filter(_)
            | LogicalPlan::Window(_)
            | LogicalPlan::Sort(_)
            | LogicalPlan::Limit(_)
            | LogicalPlan::Distinct(_)
            | LogicalPlan::Repartition(_)
            | LogicalPlan::SubqueryAlias(_) => only(plan),
            // Without groups there is one row over nothing; a set of groupings may hold the empty one.
            LogicalPlan::Aggregate(a)
                if !a.group_expr.is_empty() && !a.group_expr.iter().any(|e| matches!(e, Expr::GroupingSet(_))) =>
            {
                only(plan)
            }
            LogicalPlan::Join(join) => {
                let (left, right) = (Nothing::of(&join.left), Nothing::of(&join.right));
                match join.join_type {
                    JoinType::Inner | JoinType::LeftSemi | JoinType::RightSemi => Nothing::Any(vec![left, right]),
                    JoinType::Left | JoinType::LeftAnti | JoinType::LeftMark => left,
                    JoinType::Right | JoinType::RightAnti | JoinType::RightMark => right,
                    JoinType::Full => Nothing::All(vec![left, right]),
                }
            }
            LogicalPlan::Union(union) => Nothing::All(union.inputs.iter().map(|input| Nothing::of(input)).collect()),
            _ => Nothing::Never,
        }
    }

    pub fn is_certain(&self, empty: &impl Fn(&str) -> bool) -> bool {
        match self {
            Nothing::Table(name) => empty(name),
            Nothing::Any(parts) => parts.iter().any(|p| p.is_certain(empty)),
            Nothing::All(parts) => parts.iter().all(|p| p.is_certain(empty)),
            Nothing::Never => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EngineConfig, session::session};
    use arrow::datatypes::{DataType, Field, Schema};
    use datafusion::datasource::empty::EmptyTable;
    use std::sync::Arc;

    /// Whether the statement surely gives nothing when these of the tables a, b, c are empty; and asked of the engine
    /// itself, with all of them empty, that it gives nothing when this says so.
    async fn certain(sql: &str, empty: &[&str]) -> bool {
        let context = session(&EngineConfig::default());
        for name in ["a", "b", "c"] {
            let schema =
                Schema::new(vec![Field::new("id", DataType::Int64, true), Field::new("n", DataType::Int64, true)]);
            context.register_table(name, Arc::new(EmptyTable::new(Arc::new(schema)))).unwrap();
        }
        let plan = context.state().create_logical_plan(sql).await.unwrap();
        let certain = Nothing::of(&plan).is_certain(&|name| empty.contains(&name));
        let rows: usize = context.sql(sql).await.unwrap().collect().await.unwrap().iter().map(|b| b.num_rows()).sum();
        assert!(!certain || rows == 0, "{sql}");
        certain
    }

    #[tokio::test]
    async fn a_join_with_nothing_is_nothing_and_a_left_join_keeps_its_left_side() {
        assert!(certain("select a.id from a join b on a.id = b.id", &["b"]).await);
        assert!(!certain("select a.id from a left join b on a.id = b.id", &["b"]).await);
        assert!(certain("select a.id from a left join b on a.id = b.id", &["a"]).await);
        assert!(!certain("select a.id from a full join b on a.id = b.id", &["a"]).await);
        assert!(!certain("select id from a where id not in (select id from b)", &["b"]).await);
        assert!(certain("select id from a where id not in (select id from b)", &["a"]).await);
    }

    #[tokio::test]
    async fn a_union_is_nothing_only_where_all_its_parts_are() {
        let sql = "with x as (select id from a union all select id from b where n > 0) select id, count(*) from x group by id";
        assert!(!certain(sql, &["a"]).await);
        assert!(certain(sql, &["a", "b"]).await);
    }

    #[tokio::test]
    async fn a_sum_over_nothing_is_a_row_and_a_sum_by_groups_is_none() {
        assert!(!certain("select sum(n) from a", &["a"]).await);
        assert!(certain("select id, sum(n) from a group by id", &["a"]).await);
        assert!(!certain("select id, sum(n) from a group by rollup (id)", &["a"]).await);
        assert!(!certain("select 1 as id", &["a", "b", "c"]).await);
    }
}
