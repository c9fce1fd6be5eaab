//! The contracts of the district's own pack are told apart by their headers alone.

use crate::common::{Bench, pack_of};
use tuodi_pack::source::{Column, Source};

fn contracts() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/qingyan/sources");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files.iter().map(|f| std::fs::read_to_string(f).unwrap()).collect()
}

/// Takes in a file of only this header and says which contract the intake saw in it.
fn recognised(texts: &[&str], header: &[String]) -> String {
    let mut bench = Bench::with(pack_of(texts));
    let report = bench.take("export.csv", header.join(",") + "\n");
    match report.refusals().next() {
        // A full list without rows is refused, but only after its contract was found.
        Some(refusal) => {
            assert!(refusal.problem.en.contains("no rows below the header"), "{refusal}");
            "full list".to_owned()
        }
        None => report.outcomes[0].source.clone().unwrap(),
    }
}

#[test]
fn every_contract_is_found_by_its_names_its_titles_and_its_required_columns() {
    let texts = contracts();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let sources: Vec<Source> = texts.iter().map(|t| toml::from_str(t).unwrap()).collect();
    let mut found = 0;
    for source in sources.iter().filter(|s| s.takes_files()) {
        let written = |keep: fn(&Column) -> bool, how: fn(&Column) -> &str| -> Vec<String> {
            source.columns.iter().filter(|c| keep(c)).map(|c| format!("\"{}\"", how(c))).collect()
        };
        for header in [
            written(|_| true, |c| &c.name),
            written(|_| true, |c| &c.title.zh),
            written(|_| true, |c| c.aliases.first().unwrap_or(&c.title.zh)),
            written(|c| !c.null, |c| &c.title.zh),
        ] {
            let seen = recognised(&texts, &header);
            let expected = match source.supersede {
                tuodi_pack::source::Supersede::Replace => "full list",
                tuodi_pack::source::Supersede::Append => source.id.as_str(),
            };
            assert_eq!(seen, expected, "{}: {header:?}", source.id);
            found += 1;
        }
    }
    assert!(found >= 4 * 13);
}
