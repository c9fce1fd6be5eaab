//! What the strict reading of a pack finds, with file, line and fix.

use crate::{pool::fixture_dir, refusals::copy};
use tuodi_engine::typecheck;
use tuodi_pack::Pack;

/// The fixture with one change; every problem as `file:line: message (fix)`.
async fn changed(file: &str, from: &str, to: &str) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    copy(&fixture_dir(), dir.path());
    let path = dir.path().join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from:?}");
    std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
    let pack = Pack::load(dir.path()).unwrap_or_else(|problems| panic!("{problems}"));
    let problems = typecheck(&pack).await;
    problems.iter().map(|p| format!("{}:{}: {} ({})", p.file, p.line, p.message, p.fix)).collect()
}

async fn finds(file: &str, from: &str, to: &str, expected: &str) {
    let found = changed(file, from, to).await;
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains(expected), "expected {expected}\nfound    {}", found[0]);
}

#[tokio::test]
async fn the_fixture_itself_has_no_problem() {
    let found = changed("facts/household.sql", "SELECT", "SELECT").await;
    assert!(found.is_empty(), "{found:#?}");
}

#[tokio::test]
async fn a_misspelt_fact_is_named_with_line_and_the_one_meant() {
    finds(
        "indicators/M001.toml",
        "household_oop_12m >= 50000",
        "houshold_oop_12m >= 50000",
        "indicators/M001.toml:7: no fact houshold_oop_12m (did you mean household_oop_12m?)",
    )
    .await;
}

#[tokio::test]
async fn a_misspelt_column_is_named_with_its_line_in_the_statement() {
    finds(
        "facts/medical.sql",
        "sum(self_paid)",
        "sum(self_payd)",
        "facts/medical.sql:1: no column self_payd (did you mean self_paid?)",
    )
    .await;
    finds(
        "facts/income.sql",
        "ORDER BY month DESC",
        "ORDER BY mont DESC",
        "facts/income.sql:4: no column mont (did you mean month?)",
    )
    .await;
}

#[tokio::test]
async fn a_misspelt_table_and_a_misspelt_function_are_named() {
    finds(
        "facts/medical.sql",
        "FROM medical_settlement",
        "FROM medical_setlement",
        "facts/medical.sql:2: no source or fact group medical_setlement (did you mean medical_settlement?)",
    )
    .await;
    finds(
        "programmes/child.toml",
        "age < 18",
        "coalesc(age, 0) < 18",
        "rules may not use the function coalesc() (did you mean coalesce()?)",
    )
    .await;
}

#[tokio::test]
async fn chance_and_the_clock_are_refused() {
    finds(
        "indicators/M001.toml",
        "household_oop_12m >= 50000",
        "household_oop_12m >= 50000 AND random() > 1",
        "indicators/M001.toml:7: rules may not use the function random()",
    )
    .await;
    finds(
        "facts/medical.sql",
        "settle_date <= $as_of",
        "settle_date <= current_date",
        "facts/medical.sql:3: rules may not ask the clock (current_date)",
    )
    .await;
}

#[tokio::test]
async fn a_claim_that_is_no_claim_is_refused() {
    finds(
        "indicators/M001.toml",
        "household_oop_12m >= 50000",
        "household_oop_12m",
        "indicators/M001.toml:7: gives Int64, not true or false",
    )
    .await;
}

#[tokio::test]
async fn literals_of_another_type_are_refused_though_sql_would_convert_them() {
    finds("programmes/child.toml", "age < 18", "age > 'abc'", "age is Int64 and is compared with the text 'abc'").await;
    finds("programmes/child.toml", "age < 18", "area = 7", "area is text and is compared with 7").await;
    finds("programmes/child.toml", "age < 18", "alive = 1", "alive is Boolean and is compared with 1").await;
}

#[tokio::test]
async fn a_code_that_the_contract_does_not_have_is_refused() {
    finds(
        "facts/person.sql",
        "r.status = 'active'",
        "r.status = 'activ'",
        "facts/person.sql:11: status has no code 'activ' (did you mean 'active'?)",
    )
    .await;
}

#[tokio::test]
async fn rules_neither_select_nor_sum_nor_look_at_other_rows() {
    finds(
        "indicators/M001.toml",
        "household_oop_12m >= 50000",
        "household_oop_12m >= (SELECT max(oop_12m) FROM medical)",
        "indicators/M001.toml:7",
    )
    .await;
    finds(
        "indicators/M001.toml",
        "household_oop_12m >= 50000",
        "sum(household_oop_12m) >= 50000",
        "a rule may not sum over rows (sum)",
    )
    .await;
    finds(
        "indicators/M001.toml",
        "household_oop_12m >= 50000",
        "lag(household_oop_12m) OVER (ORDER BY size) >= 50000",
        "a rule may not look at other rows (lag)",
    )
    .await;
}

#[tokio::test]
async fn a_divisor_that_may_be_zero_is_refused() {
    finds(
        "indicators/M001.toml",
        "household_oop_12m >= 50000",
        "household_oop_12m / size >= 50000",
        "may divide by zero",
    )
    .await;
    let found =
        changed("indicators/M001.toml", "household_oop_12m >= 50000", "household_oop_12m / nullif(size, 0) >= 50000")
            .await;
    assert!(found.is_empty(), "{found:#?}");
}

#[tokio::test]
async fn a_household_rule_cannot_read_a_persons_fact_nor_a_programme_the_tier() {
    finds(
        "indicators/M001.toml",
        "household_oop_12m >= 50000",
        "oop_12m >= 50000",
        "oop_12m is a fact of persons; this rule is about households",
    )
    .await;
    finds(
        "programmes/bills.toml",
        "household_oop_12m * 10 >",
        "tier = 'poor' AND household_oop_12m * 10 >",
        "the tier is not known yet",
    )
    .await;
}

#[tokio::test]
async fn promised_columns_must_be_given_and_given_ones_promised() {
    finds(
        "facts/medical.sql",
        ", max(settle_date) AS last_bill",
        "",
        "facts/medical.toml:13: facts/medical.sql gives no column last_bill",
    )
    .await;
    finds(
        "facts/medical.sql",
        "max(settle_date) AS last_bill",
        "max(settle_date) AS last_bill, count(*) AS bills",
        "gives column bills, which facts/medical.toml does not declare",
    )
    .await;
    finds("facts/medical.sql", "sum(self_paid) AS", "avg(self_paid) AS", "floats are not exact").await;
    finds("facts/medical.toml", "absent = \"0\"", "absent = \"nothing\"", "is not a value of the fact's type").await;
}

#[tokio::test]
async fn an_order_that_is_not_said_is_refused() {
    finds(
        "facts/person.sql",
        "ORDER BY update_time DESC, _batch DESC, _row DESC",
        "",
        "row_number without ORDER BY may give another answer each time",
    )
    .await;
}

#[tokio::test]
async fn groups_that_read_each_other_in_a_circle_are_refused() {
    let found = changed(
        "facts/medical.sql",
        "FROM medical_settlement",
        "FROM medical_settlement JOIN (SELECT household_id FROM household_medical) h ON true",
    )
    .await;
    assert!(found.iter().any(|p| p.contains("reads itself through other groups")), "{found:#?}");
}

#[tokio::test]
async fn a_parameter_by_county_asks_for_the_county() {
    finds(
        "facts/medical.sql",
        "sum(self_paid) AS",
        "sum(least(self_paid, $line)) AS",
        "parameter $line differs between counties, and county_code is not in reach",
    )
    .await;
}
