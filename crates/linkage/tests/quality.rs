//! A FEBRL-style test: two files about mostly the same people, with slips, and the truth; the pack's own configuration.

use chrono::NaiveDate;
use std::{collections::HashMap, fs::File, path::Path};
use tuodi_linkage::{
    Band, Config, Index, Judged, Model, Quality, Records, RowNames, Scope, Truth, judge, link, measure, read_csv,
};
use tuodi_synth::{LinkageForm, LinkageOptions, generate_linkage};

const PACK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/qingyan");

fn config() -> Config {
    Config::parse(&std::fs::read_to_string(Path::new(PACK).join("linkage.toml")).unwrap()).unwrap()
}

fn synth(out: &Path, rows: u64, without_numbers: bool, form: LinkageForm) {
    let pack = tuodi_pack::Pack::load(Path::new(PACK)).unwrap();
    let as_of = NaiveDate::from_ymd_opt(2026, 9, 1).unwrap();
    let options = LinkageOptions { rows, seed: 7, as_of, broken: 0.05, without_numbers, form };
    generate_linkage(out, &options, &pack.regions, &|_| {}).unwrap();
}

struct Linked {
    records: Records,
    names: RowNames,
    scope: Scope,
    model: Model,
    judged: Vec<Judged>,
    quality: Quality,
}

fn linked(dir: &Path, files: &[&str], config: &Config) -> Linked {
    let (mut records, mut names) = (Records::new(config), RowNames::default());
    let read: Vec<usize> = files
        .iter()
        .map(|file| read_csv(&mut records, &mut names, config, "", File::open(dir.join(file)).unwrap()).unwrap())
        .collect();
    let scope = if files.len() == 2 { Scope::Between { left: read[0] } } else { Scope::Within };
    let model = Model::train(&records, config, scope, 1).unwrap();
    let found = link(&records, config, &model, scope).unwrap();
    let judged = judge(&records, config, &model, scope, &found).unwrap();
    let mut persons: HashMap<String, u32> = HashMap::new();
    for row in csv::Reader::from_path(dir.join("truth.csv")).unwrap().records() {
        let row = row.unwrap();
        persons.insert(row[0].to_owned(), row[1].parse().unwrap());
    }
    let truth = Truth::new((0..names.len() as u32).map(|row| persons.get(names.get(row)).copied()));
    let quality = measure(&records, scope, &judged, &truth);
    Linked { records, names, scope, model, judged, quality }
}

#[test]
fn two_files_of_ten_thousand_are_linked_without_numbers() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("files");
    synth(&out, 10_000, true, LinkageForm::TwoFiles { overlap: 0.8 });
    let linked = linked(&out, &["a.csv", "b.csv"], &config());
    let quality = &linked.quality;
    assert!(linked.model.converged);
    assert_eq!(quality.truth, 8_000);
    assert!(quality.same.f1 >= 0.97, "{:?}", quality.same);
    assert!(quality.same.precision >= 0.995, "{:?}", quality.same);
    assert!(quality.curve.len() > 10 && quality.curve.windows(2).all(|two| two[0].recall >= two[1].recall));
}

#[test]
fn two_files_of_ten_thousand_are_linked_where_one_number_in_twenty_is_broken() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("files");
    synth(&out, 10_000, false, LinkageForm::TwoFiles { overlap: 0.8 });
    let linked = linked(&out, &["a.csv", "b.csv"], &config());
    assert!(linked.quality.same.f1 >= 0.995, "{:?}", linked.quality.same);
    // Neither file names a person twice.
    let mut rows: Vec<u32> = linked.judged.iter().flat_map(|pair| [pair.left, pair.right]).collect();
    rows.sort_unstable();
    assert!(rows.windows(2).all(|two| two[0] != two[1]));
}

#[test]
fn repeated_people_of_one_file_become_clusters_and_new_rows_find_what_a_full_run_finds() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("files");
    synth(&out, 10_000, false, LinkageForm::OneFile { repeated: 0.2 });
    let config = config();
    let full = linked(&out, &["people.csv"], &config);
    assert!(full.quality.same.f1 >= 0.99, "{:?}", full.quality.same);
    // Whoever is the same as a third is the same as the second.
    let same: std::collections::HashSet<(u32, u32)> =
        full.judged.iter().filter(|pair| pair.band == Band::Same).map(|pair| (pair.left, pair.right)).collect();
    for &(a, b) in &same {
        for &(c, d) in same.iter().filter(|(c, _)| *c == b) {
            assert!(same.contains(&(a, d)), "{a} {b} {c} {d}");
        }
    }
    let text = std::fs::read_to_string(out.join("people.csv")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let (old, new) = lines.split_at(lines.len() - 500);
    let (mut records, mut names) = (Records::new(&config), RowNames::default());
    let from = read_csv(&mut records, &mut names, &config, "", old.join("\n").as_bytes()).unwrap();
    let index = Index::of(&records);
    let new = format!("{}\n{}", lines[0], new.join("\n"));
    read_csv(&mut records, &mut names, &config, "", new.as_bytes()).unwrap();
    let arrived = index.link_new(&records, &config, &full.model, from).unwrap();
    let whole = link(&full.records, &config, &full.model, full.scope).unwrap();
    let expected: Vec<_> = whole.pairs.into_iter().filter(|pair| pair.right as usize >= from).collect();
    assert!(expected.len() > 50 && full.names.len() == names.len());
    assert_eq!(arrived.pairs, expected);
}

#[test]
fn equal_input_gives_equal_output_whatever_the_number_of_threads() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("files");
    synth(&out, 3_000, false, LinkageForm::TwoFiles { overlap: 0.8 });
    let config = config();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let linked = linked(&out, &["a.csv", "b.csv"], &config);
            (linked.model, linked.judged)
        })
    };
    assert_eq!(with(1), with(3));
}
