//! What holds whatever stands in a file.

use proptest::prelude::*;
use tuodi_linkage::{Config, LinkError, Model, Records, RowNames, Scope, evidence, judge, link, read_csv};

const CONFIG: &str = r#"
[[field]]
name = "name"
kind = "name"
frequency = true
[[field]]
name = "birth"
kind = "date"
[[field]]
name = "number"
kind = "id_number"
contains = ["birth", "sex"]
[[field]]
name = "region"
kind = "code"
[[field]]
name = "others"
kind = "set"
owner = "name"
[[field]]
name = "address"
kind = "text"
levels = ["equal", "contains", "distance:1", "similarity:90"]
[[field]]
name = "sex"
kind = "exact"
[[block]]
on = ["name.sound"]
[[block]]
on = ["birth.month", "region.first6"]
[[block]]
on = ["number.last4"]
[[block]]
on = ["number.birth", "name.initials", "birth.day", "birth.year", "name.given", "name.surname"]
[[block]]
on = ["sex", "address.first3"]
"#;

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[王李张陈伟静秀英德福國強闫]{0,4}",
        "(19|20)[0-9]{2}[-/年.]?[01]?[0-9][-/月.]?[0-3]?[0-9]日?",
        "99[0-9*]{0,18}[0-9Xx]?",
        "[王李张]{1,2}[、;, ][伟静]{1,2}",
        Just(String::new()),
    ]
}

fn rows() -> impl Strategy<Value = Vec<Vec<String>>> {
    prop::collection::vec(prop::collection::vec(cell(), 7), 2..24)
}

fn csv_of(rows: &[Vec<String>]) -> Vec<u8> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["name", "birth", "number", "region", "others", "address", "sex"]).unwrap();
    for row in rows {
        csv.write_record(row).unwrap();
    }
    csv.into_inner().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_is_linked_without_panic_and_both_ways_alike(rows in rows()) {
        let config = Config::parse(CONFIG).unwrap();
        let (mut records, mut names) = (Records::new(&config), RowNames::default());
        let read = read_csv(&mut records, &mut names, &config, "", csv_of(&rows).as_slice()).unwrap();
        prop_assert_eq!(read, rows.len());
        let model = match Model::train(&records, &config, Scope::Within, 1) {
            Ok(model) => model,
            Err(LinkError::NoCandidates) => return Ok(()),
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        };
        for field in &model.fields {
            prop_assert!((field.levels.iter().map(|level| level.m).sum::<f64>() - 1.0).abs() < 1e-9);
            prop_assert!((field.levels.iter().map(|level| level.u).sum::<f64>() - 1.0).abs() < 1e-9);
        }
        let found = link(&records, &config, &model, Scope::Within).unwrap();
        for pair in &found.pairs {
            let one = evidence(&records, &config, &model, pair.left, pair.right).unwrap();
            let other = evidence(&records, &config, &model, pair.right, pair.left).unwrap();
            prop_assert_eq!(&one, &other);
            let sum = model.prior_weight() + one.iter().map(|e| e.weight).sum::<f64>();
            prop_assert!((sum - f64::from(pair.weight)).abs() < 1e-3, "{} {}", sum, pair.weight);
            prop_assert!(pair.left < pair.right);
        }
        let judged = judge(&records, &config, &model, Scope::Within, &found).unwrap();
        prop_assert!(judged.iter().all(|pair| (0.0..=1.0).contains(&pair.probability())));
    }

    #[test]
    fn any_bytes_are_a_table_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let config = Config::parse(CONFIG).unwrap();
        let (mut records, mut names) = (Records::new(&config), RowNames::default());
        let _ = read_csv(&mut records, &mut names, &config, "", bytes.as_slice());
    }

    #[test]
    fn any_text_is_a_configuration_or_an_error_with_a_line(text in any::<String>()) {
        if let Err(error) = Config::parse(&text) {
            prop_assert!(error.line >= 1 && !error.message.is_empty());
        }
    }
}
