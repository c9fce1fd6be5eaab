//! DataFusion sessions, and the functions that rules may use.

use crate::EngineConfig;
use datafusion::{
    config::ConfigOptions,
    execution::{SessionStateBuilder, SessionStateDefaults, runtime_env::RuntimeEnvBuilder},
    prelude::{SessionConfig, SessionContext},
};

/// Functions (by their first name; other spellings come along) whose answer depends on their arguments only. What is not named here (`now`, `random`, `uuid`, …) does
/// not exist for rules: a finding must be computable again years later.
pub(crate) const SCALAR: &[&str] = &[
    // choice and absence
    "coalesce",
    "greatest",
    "least",
    "nullif",
    "nvl",
    "nvl2",
    // numbers
    "abs",
    "ceil",
    "floor",
    "round",
    "signum",
    "trunc",
    // dates
    "date_bin",
    "date_part",
    "date_trunc",
    "make_date",
    "to_char",
    "to_date",
    // texts
    "btrim",
    "character_length",
    "concat",
    "concat_ws",
    "contains",
    "ends_with",
    "left",
    "lower",
    "lpad",
    "ltrim",
    "regexp_count",
    "regexp_like",
    "regexp_replace",
    "repeat",
    "replace",
    "reverse",
    "right",
    "rpad",
    "rtrim",
    "split_part",
    "starts_with",
    "strpos",
    "substr",
    "translate",
    "upper",
];

pub(crate) const AGGREGATE: &[&str] = &[
    "array_agg",
    "avg",
    "bool_and",
    "bool_or",
    "count",
    "first_value",
    "last_value",
    "max",
    "median",
    "min",
    "string_agg",
    "sum",
];

pub(crate) const WINDOW: &[&str] =
    &["dense_rank", "first_value", "lag", "last_value", "lead", "nth_value", "ntile", "rank", "row_number"];

/// Aggregates and windows whose answer needs an order to be the same each time.
pub(crate) const ORDERED: &[&str] =
    &["array_agg", "first_value", "lag", "last_value", "lead", "nth_value", "ntile", "row_number", "string_agg"];

/// Span of keys for which a join keeps a position for each (4 bytes): up to 16 MB.
const DIRECT_KEYS: usize = 4 << 20;
/// The same where few rows are joined: 4 kB.
const FEW_KEYS: usize = 1 << 10;

pub(crate) fn session(config: &EngineConfig) -> SessionContext {
    build(config, |_| {})
}

/// A session whose plans may run many times: without the filters that a running plan makes for itself, which would
/// outlive the rows they were made from, and for few rows.
pub(crate) fn reusable_session(config: &EngineConfig) -> SessionContext {
    build(config, |options| {
        options.optimizer.enable_dynamic_filter_pushdown = false;
        options.optimizer.enable_join_dynamic_filter_pushdown = false;
        options.optimizer.enable_topk_dynamic_filter_pushdown = false;
        options.optimizer.enable_aggregate_dynamic_filter_pushdown = false;
        // Few people with numbers far apart: a position for every number between them would cost more than all the rest.
        options.execution.perfect_hash_join_small_build_threshold = FEW_KEYS;
    })
}

fn build(config: &EngineConfig, adjust: impl FnOnce(&mut ConfigOptions)) -> SessionContext {
    let mut settings = SessionConfig::new()
        .with_target_partitions(config.partitions.max(1))
        .with_batch_size(config.batch_size)
        .with_information_schema(false);
    let options = settings.options_mut();
    // 0.8 in a rule is exactly 0.8.
    options.sql_parser.parse_float_as_decimal = true;
    // One text type everywhere, so that pass and check compile the same expressions.
    options.sql_parser.map_string_types_to_utf8view = false;
    options.execution.parquet.schema_force_view_types = false;
    options.sql_parser.collect_spans = true;
    // Numbers of people and households are dense: a table of positions beats hashing, and with it one build side for all
    // threads beats sending every row of both sides through a partition first.
    options.execution.perfect_hash_join_small_build_threshold = DIRECT_KEYS;
    options.execution.perfect_hash_join_min_key_density = 0.02;
    options.optimizer.hash_join_single_partition_threshold = usize::MAX;
    options.optimizer.hash_join_single_partition_threshold_rows = usize::MAX;
    for (name, value) in &config.options {
        if let Err(e) = options.set(name, value) {
            tracing::warn!(name, value, message = e.strip_backtrace(), "no such setting of the query engine");
        }
    }
    adjust(options);
    let mut runtime = RuntimeEnvBuilder::new();
    if let Some(bytes) = config.memory_bytes {
        runtime = runtime.with_memory_limit(bytes, 1.0);
    }
    let mut builder = SessionStateBuilder::new().with_config(settings).with_default_features();
    if let Ok(env) = runtime.build_arc() {
        builder = builder.with_runtime_env(env);
    }
    let mut scalar = SessionStateDefaults::default_scalar_functions();
    scalar.retain(|f| SCALAR.contains(&f.name()));
    let mut aggregate = SessionStateDefaults::default_aggregate_functions();
    aggregate.retain(|f| AGGREGATE.contains(&f.name()));
    let mut window = SessionStateDefaults::default_window_functions();
    window.retain(|f| WINDOW.contains(&f.name()));
    let builder =
        builder.with_scalar_functions(scalar).with_aggregate_functions(aggregate).with_window_functions(window);
    SessionContext::new_with_state(builder.build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_that_rules_may_use_exists() {
        let state = session(&EngineConfig::default()).state();
        for (names, known) in [
            (SCALAR, state.scalar_functions().keys().collect::<Vec<_>>()),
            (AGGREGATE, state.aggregate_functions().keys().collect()),
            (WINDOW, state.window_functions().keys().collect()),
        ] {
            for name in names {
                assert!(known.iter().any(|k| k == name), "{name}");
            }
        }
    }

    #[test]
    fn chance_and_the_clock_do_not_exist_for_rules() {
        let state = session(&EngineConfig::default()).state();
        for name in ["now", "random", "uuid", "current_date", "current_timestamp", "today"] {
            assert!(!state.scalar_functions().contains_key(name), "{name}");
        }
    }
}
