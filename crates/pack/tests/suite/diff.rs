//! What `diff` says of two packs: the starter pack, and the same with something changed.

use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;
use tuodi_pack::{
    Lang, Pack,
    diff::{self, Change},
};

fn starter() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/starter")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn load(dir: &Path) -> Pack {
    Pack::load(dir).unwrap_or_else(|problems| panic!("{problems}"))
}

/// What changed after each `old` has become `new` in its file.
fn changes(edits: &[(&str, &str, &str)]) -> Vec<Change> {
    changes_of(&starter(), edits)
}

fn changes_of(pack: &Path, edits: &[(&str, &str, &str)]) -> Vec<Change> {
    let dir = TempDir::new().unwrap();
    copy(pack, dir.path());
    for (file, old, new) in edits {
        let path = dir.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{file} does not hold {old:?}");
        fs::write(path, text.replacen(old, new, 1)).unwrap();
    }
    diff::packs(&load(pack), &load(dir.path()))
}

/// The same of the district's own pack, which has a workflow and trials.
fn district_said(edits: &[(&str, &str, &str)]) -> String {
    let district = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/qingyan");
    let changes = changes_of(&district, edits);
    format!("{}\n\n{}", diff::plain(&changes, Lang::Zh), diff::plain(&changes, Lang::En))
}

/// Both languages of what `diff` prints.
fn said(edits: &[(&str, &str, &str)]) -> String {
    let changes = changes(edits);
    format!("{}\n\n{}", diff::plain(&changes, Lang::Zh), diff::plain(&changes, Lang::En))
}

#[test]
fn the_same_pack_has_no_change() {
    assert_eq!(said(&[]), "没有变化\n\nno change");
}

#[test]
fn formatting_order_and_comments_are_no_change() {
    let sql = ("facts/medical.sql", "-- what everybody", "-- everybody's bills\n  -- what everybody");
    let expr = ("programmes/dibao.toml", "\"income < $standard * size\"", "\"income<$standard  *  size\"");
    let number = ("parameters.toml", "96_000", "96000");
    assert_eq!(changes(&[sql, expr, number]), []);
}

#[test]
fn a_value_written_again_without_effect_is_no_change() {
    let again = "amount = 96_000\n\n[[parameter.value]]\nregion = \"990102000000\"\neffective = 2026-01-01\namount = 96_000\n\n\
                 [[parameter.value]]\nregion = \"990102000000\"\neffective = 2026-07-01\namount = 99_000";
    assert_eq!(changes(&[("parameters.toml", "amount = 96_000", again)]), []);
}

#[test]
fn a_standard_that_rises_is_told_with_both_amounts_place_and_day() {
    let edits = [("parameters.toml", "amount = 99_000", "amount = 102_000")];
    assert_eq!(changes(&edits)[0].from.to_string(), "2026-07-01");
    insta::assert_snapshot!(said(&edits));
}

#[test]
fn an_earlier_day_is_told_from_the_day_on_which_it_is_different() {
    insta::assert_snapshot!(said(&[("parameters.toml", "effective = 2026-07-01", "effective = 2026-04-01")]));
}

#[test]
fn a_new_edition_of_a_pack_is_told_in_the_order_in_which_citizens_feel_it() {
    let edits = [
        ("pack.toml", "version = \"1\"", "version = \"2\""),
        ("pack.toml", "effective_from = 2026-01-01", "effective_from = 2026-02-01"),
        ("sources/DS09.toml", "frequency = \"daily\"", "frequency = \"weekly\""),
        ("sources/DS09.toml", "title = { zh = \"个人自付\"", "null = true\ntitle = { zh = \"个人自付\""),
        ("sources/DS01.toml", "moved = [\"迁出\", \"2\"]", "moved = [\"迁出\", \"2\"]\ndead = [\"死亡\"]"),
        ("facts/medical.sql", "INTERVAL '12 months'", "INTERVAL '6 months'"),
        ("facts/medical.toml", "absent = \"0\"", "absent = \"unknown\""),
        ("programmes/dibao.toml", "expr = \"income < $standard * size\"", "expr = \"income <= $standard * size\""),
        (
            "programmes/dibao.toml",
            "expr = \"$standard * size - income\"",
            "expr = \"$standard * size - income * 4 / 5\"",
        ),
        ("programmes/dibao.toml", "标准×人数－家庭月收入", "标准×人数－家庭月收入的八成"),
        ("programmes/dibao.toml", "limit_days = 10", "limit_days = 7"),
        ("programmes/dibao.toml", "publicity_days = 7", "publicity_days = 5"),
        ("programmes/dibao.toml", "The income is below the standard.", "Income is below the standard."),
        ("indicators/M001.toml", "severity = \"orange\"", "severity = \"red\""),
        ("indicators/M001.toml", "limit_days = 3", "limit_days = 2"),
        ("assessment/index.toml", "score = 100, title = { zh = \"经常\"", "score = 80, title = { zh = \"经常\""),
        ("regions.csv", "柳岸社区,Liu'an Community", "柳岸新村,Liu'an New Village"),
        ("calendar.toml", "2026-01-02]", "2026-01-02, 2026-01-05]"),
    ];
    insta::assert_snapshot!(said(&edits));
}

#[test]
fn what_is_added_or_taken_out_is_named() {
    let dir = TempDir::new().unwrap();
    copy(&starter(), dir.path());
    fs::remove_file(dir.path().join("programmes/heating.toml")).unwrap();
    let cut = |file: &str, piece: &str, other: &str| {
        let path = dir.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(piece), "{file} does not hold {piece:?}");
        fs::write(&path, text.replacen(piece, other, 1)).unwrap();
    };
    cut("services/services.toml", "[\"heating\"]", "[]");
    cut("cases/one-person.toml", "[[expect.benefit]]\nprogramme = \"heating\"\namount = 60_000\n", "");
    let parameters = dir.path().join("parameters.toml");
    let text = fs::read_to_string(&parameters).unwrap();
    fs::write(&parameters, text.split("\n[[parameter]]\nid = \"heating_allowance\"").next().unwrap()).unwrap();
    let (old, new) = (load(&starter()), load(dir.path()));
    insta::assert_snapshot!("taken_out", diff::plain(&diff::packs(&old, &new), Lang::Zh));
    insta::assert_snapshot!("added", diff::plain(&diff::packs(&new, &old), Lang::En));
}

#[test]
fn how_alerts_become_visits_is_told_figure_by_figure() {
    let edits = [
        ("workflow.toml", "worse_permille = 200", "worse_permille = 300"),
        ("workflow.toml", "trigger = 90, score", "trigger = 60, score"),
        ("workflow.toml", "tries = 2", "tries = 3"),
        ("workflow.toml", "takeover = \"township\"", "takeover = \"district\""),
        ("workflow.toml", "next_level_after = 1\n", ""),
        ("indicators/M002.toml", "measure = \"household_oop_3m\"", "worse = \"lower\"\npool_below = \"orange\""),
    ];
    insta::assert_snapshot!(district_said(&edits));
}

#[test]
fn a_rule_that_ends_on_a_day_and_another_way_to_group_trials_are_told() {
    let edits = [
        ("programmes/dibao.toml", "[[condition]]\n", "[[condition]]\neffective_to = 2027-12-31\n"),
        ("simulation.toml", "expr = \"oldest < 40\"", "expr = \"oldest < 35\""),
    ];
    insta::assert_snapshot!(district_said(&edits));
}

#[test]
fn no_part_of_the_procedure_changes_without_being_told() {
    for (old, new, told) in [
        ("months = [1, 3, 6, 12]", "months = [1, 3]", "能委托谁代办"),
        ("complete_permille = 800", "complete_permille = 900", "案件走哪种流程"),
        ("told_days = 180", "told_days = 90", "哪些不用再填"),
        ("advance_hours = 24", "advance_hours = 48", "急难救助"),
        ("recheck = true", "recheck = false", "近亲属备案"),
        ("members = 3\nlimit_days = 10", "members = 5\nlimit_days = 10", "一事一议"),
        ("told = \"district\"\ndays = 5", "told = \"district\"\ndays = 6", "超期报告"),
        ("watch_months = 12", "watch_months = 6", "救助以后"),
        ("warn_days = 60", "warn_days = 30", "数据迟到"),
        ("least = 10", "least = 20", "对上级隐去"),
    ] {
        let said = district_said(&[("workflow.toml", old, new)]);
        assert!(said.contains(told), "{old}: {said}");
    }
}
