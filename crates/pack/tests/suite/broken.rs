//! One thing broken in a small pack; the message must name the file, the line and the fix.

use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;
use tuodi_pack::{Pack, Problem};

fn small() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/small")
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

/// The problems after `old` has become `new` in `file`; an empty `old` appends.
fn broken(file: &str, old: &str, new: &str) -> Vec<Problem> {
    let dir = TempDir::new().unwrap();
    copy(&small(), dir.path());
    let path = dir.path().join(file);
    let text = fs::read_to_string(&path).unwrap();
    let changed = if old.is_empty() { format!("{text}{new}") } else { text.replacen(old, new, 1) };
    assert_ne!(text, changed, "{file} does not hold {old:?}");
    fs::write(path, changed).unwrap();
    match Pack::load(dir.path()) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.0,
    }
}

/// Expects a problem at `place` (`file:line`) whose message holds `message`, and that it says what to do.
#[track_caller]
fn check(file: &str, old: &str, new: &str, place: &str, message: &str) {
    let problems = broken(file, old, new);
    let shown: Vec<String> = problems.iter().map(|p| format!("{}:{}: {}", p.file, p.line, p.message)).collect();
    let found = problems.iter().find(|p| format!("{}:{}", p.file, p.line) == place && p.message.contains(message));
    let found = found.unwrap_or_else(|| panic!("wanted {place}: …{message}…, found {shown:#?}"));
    assert!(!found.fix.is_empty());
}

#[test]
fn the_small_pack_itself_is_sound() {
    if let Err(problems) = Pack::load(&small()) {
        panic!("{problems}");
    }
}

#[test]
fn regions_must_be_well_formed_and_hang_together() {
    let file = "regions.csv";
    check(file, "990102001000,柳", "990103001000,柳", "regions.csv:6", "is not in regions.csv");
    check(file, "990102001001,village", "99010200100,village", "regions.csv:6", "is not 12 digits");
    check(file, "990102001001,village", "990102001001,township", "regions.csv:6", "digits of another level");
    check(file, "990102001001,village", "990103001001,village", "regions.csv:6", "does not begin with the digits");
    check(file, "990102001000,township,990102000000", "990102001000,township,", "regions.csv:5", "has no parent");
    check(file, "Community,urban", "Community,", "regions.csv:6", "area of 990102001001");
    check(file, "Community,urban", "Community,town", "regions.csv:6", "\"town\"");
    check(file, "Anhe City,", ",", "regions.csv:3", "lacks a name");
    check(file, "", "990102001001,village,990102001000,甲社区,A,urban\n", "regions.csv:7", "stands twice");
    check(file, ",city,", ",town,", "regions.csv:3", "unknown variant");
}

#[test]
fn the_pack_says_where_and_when_it_holds() {
    let file = "pack.toml";
    check(file, "\"990102000000\"", "\"990199000000\"", "pack.toml:3", "is not in regions.csv");
    check(file, "\"990102000000\"", "\"990100000000\"", "pack.toml:3", "is not a county");
    check(file, "\"SM\"", "\"sm\"", "pack.toml:4", "capital letters");
    check(file, "2026-01-01\n", "2025-01-01\n", "calendar.toml:1", "no year 2025");
    check(file, "\"en\"]", "\"fr\"]", "pack.toml:6", "there are no pages in \"fr\"");
    check(file, "id = \"DB57\"", "id = \"IM\"", "pack.toml:17", "\"IM\" stands here twice");
    check(file, "en = \"Bureau\"", "en = \"\"", "pack.toml:8", "the text in English is missing");
    check(file, ", en = \"Bureau\"", "", "pack.toml:8", "the text in English is missing");
}

#[test]
fn the_calendar_keeps_days_in_their_year() {
    let file = "calendar.toml";
    check(file, "2026-01-02]", "2027-01-02]", "calendar.toml:3", "2027-01-02 is not in 2026");
    check(file, "[2026-01-04]", "[2026-01-05]", "calendar.toml:4", "no Saturday or Sunday");
    check(file, "[2026-01-04]", "[2026-01-01]", "calendar.toml:4", "both worked and a holiday");
    check(file, "", "[[year]]\nyear = 2026\nholidays = []\nworkdays = []\n", "calendar.toml:6", "stands twice");
}

#[test]
fn an_amount_has_unit_basis_region_and_one_value_a_day() {
    let file = "parameters.toml";
    check(file, "\"fen/person/month\"", "\"\"", "parameters.toml:3", "has no unit");
    check(file, "basis = \"IM art.10\"", "basis = \"\"", "parameters.toml:5", "no legal basis");
    check(file, "\"IM art.10\"", "\"XX art.1\"", "parameters.toml:5", "\"XX\"");
    check(file, "\"990100000000\"", "\"990900000000\"", "parameters.toml:8", "is not in regions.csv");
    check(file, "2027-01-01", "2026-01-01", "parameters.toml:14", "two values");
    check(file, "amount = 99000", "amount = 990.00", "parameters.toml:15", "invalid type");
    let unused = "[[parameter]]\nid = \"spare\"\nunit = \"days\"\ntitle = { zh = \"备\", en = \"Spare\" }\n\
                  basis = \"IM\"\nvalue = [{ region = \"990000000000\", effective = 2026-01-01, amount = 1 }]\n";
    check(file, "", unused, "parameters.toml:17", "used by no fact");
    assert_eq!(broken(file, "", &unused.replace("unit =", "used_by = \"casework\"\nunit =")), []);
}

#[test]
fn a_contract_has_its_keys_codes_and_units() {
    let file = "sources/DS01.toml";
    check(file, "[\"id_no\"]", "[\"idno\"]", "sources/DS01.toml:7", "\"idno\" is not among the columns");
    check(file, "[\"id_no\"]", "[]", "sources/DS01.toml:7", "has no key");
    check(file, "male = [\"男\", \"1\"]\nfemale = [\"女\", \"2\"]", "", "sources/DS01.toml:23", "has no codes");
    check(file, "\"女\"", "\"男\"", "sources/DS01.toml:29", "means both");
    check(file, "unit = \"fen/month\"\n", "", "sources/DS01.toml:32", "no unit in fen");
    check(file, "zh = \"工资\"", "zh = \"户号\"", "sources/DS01.toml:32", "header \"户号\"");
    check(file, "name = \"wage\"", "name = \"sex\"", "sources/DS01.toml:33", "\"sex\" stands here twice");
    check(file, "type = \"money\"", "type = \"cash\"", "sources/DS01.toml:34", "unknown variant");
    check(file, "\"monthly\"", "\"often\"", "sources/DS01.toml:8", "\"often\" is not known");
    let money = "type = \"money\"\n";
    let with = |line: &str| format!("{money}{line}");
    let refund = with("allow_negative_if = \"sex\"\n");
    check(file, money, &refund, "sources/DS01.toml:35", "is not a bool column");
    check(file, money, &with("no_future = true\n"), "sources/DS01.toml:35", "is no date");
}

#[test]
fn a_source_has_somebody_to_ask_a_promise_and_an_agreement_that_ends() {
    let file = "sources/DS01.toml";
    check(file, "phone = \"12345-2101\"", "phone = \" \"", "sources/DS01.toml:40", "no telephone");
    check(file, "quality = 90", "quality = 900", "sources/DS01.toml:44", "900 % cannot be");
    check(file, "until = 2030-12-31", "", "sources/DS01.toml:46", "agreement GX-01 has no end");
    check(file, "until = 2030-12-31", "until = 2025-12-31", "sources/DS01.toml:50", "before it begins");
    check(
        file,
        "from = 2026-01-01\nuntil = 2030-12-31",
        "from = 2025-01-01\nuntil = 2025-12-31",
        "sources/DS01.toml:50",
        "has ended",
    );
    let second = |purpose: &str| {
        format!(
            "\n[[agreement]]\nnumber = \"GX-02\"\npurposes = [\"{purpose}\"]\nfrom = 2027-01-01\nuntil = 2027-12-31\n"
        )
    };
    check(file, "", &second("service"), "sources/DS01.toml:55", "both cover service from 2027-01-01");
    check(file, "", &second("service").replace("GX-02", "GX-01"), "sources/DS01.toml:53", "stands here twice");
    check(file, "[\"monitoring\", ", "[\"gossip\", \"monitoring\", ", "sources/DS01.toml:48", "unknown variant");
}

#[test]
fn facts_rest_on_known_sources_and_have_one_owner() {
    let file = "facts/person.toml";
    check(file, "[\"DS01\"]", "[\"DS99\"]", "facts/person.toml:4", "\"DS99\" is not in sources/");
    check(file, "name = \"wage\"", "name = \"income\"", "facts/person.toml:7", "already in the group \"household\"");
    check(file, "unit = \"fen/month\"\n", "", "facts/person.toml:6", "no unit in fen");
    check(file, "dense = true", "dense = false", "facts/person.toml:3", "one row for everybody");
    check(file, "id = \"person\"", "id = \"people\"", "facts/people.sql:1", "the file is missing");
    check(file, "id = \"person\"", "id = \"people\"", "facts/person.toml:1", "\"person\" is missing");
    check(file, "id = \"person\"", "id = \"household\"", "facts/person.toml:1", "already that of facts/household.toml");
    check("facts/household.sql", "SUM(wage)", "SUM(wage) + $gap", "facts/household.sql:3", "$gap is not in parameters");
}

#[test]
fn programmes_name_real_laws_roles_and_parameters() {
    let file = "programmes/dibao.toml";
    check(file, "[\"IM ch.2\"]", "[\"IX ch.2\"]", "programmes/dibao.toml:6", "\"IX\"");
    check(file, "DB57 art.8\"", "DB58 art.8\"", "programmes/dibao.toml:21", "\"DB58\"");
    check(file, "basis = \"DB57 art.23\"", "basis = \" \"", "programmes/dibao.toml:26", "no legal basis");
    check(file, "\"R05\"", "\"R25\"", "programmes/dibao.toml:32", "\"R25\" is not known");
    check(file, "< $standard\"", "< $standart\"", "programmes/dibao.toml:12", "$standart is not in");
    check(file, "measure = \"income\"\n", "", "programmes/dibao.toml:10", "only one of measure and line");
    check(file, "zh = \"低于。\"", "zh = \"  \"", "programmes/dibao.toml:17", "the text in Chinese is missing");
    let asked = "[[evidence]]\nid = \"words\"\ntitle = { zh = \"话\", en = \"Words\" }\nby = \"applicant\"\n\n[amount]";
    check(file, "[amount]", asked, "programmes/dibao.toml:24", "can be shown by nothing");
    check(file, "expr = \"income <", "exp = \"income <", "programmes/dibao.toml:12", "unknown field");
}

#[test]
fn indicators_point_at_facts_that_exist() {
    let file = "indicators/M001.toml";
    check(file, "[\"income\"]", "[\"incom\"]", "indicators/M001.toml:9", "\"incom\" is in no group");
    check(file, "[\"income\"]", "[]", "indicators/M001.toml:9", "no evidence");
    check(file, "\"trigger\"", "\"score\"", "indicators/M001.toml:1", "without points");
    check(file, "limit_days = 3", "limit_days = 0", "indicators/M001.toml:11", "no time");
    check(file, "limit_days", "limit_day", "indicators/M001.toml:11", "unknown field");
}

#[test]
fn the_form_weighs_1000_and_knows_its_items() {
    let file = "assessment/index.toml";
    check(file, "weight = 1000", "weight = 990", "assessment/index.toml:25", "come to 990");
    check(file, "from = 0\n", "from = 1\n", "assessment/index.toml:3", "do not rise from 0");
    check(file, "dimension = \"D1\"", "dimension = \"D2\"", "assessment/index.toml:27", "dimension \"D2\"");
    check(file, "score = 100", "score = 101", "assessment/index.toml:32", "is over 100");
    check(file, "score = 0,", "score = 1,", "assessment/index.toml:32", "no choice that scores 0");
    check(file, "choice = \"no\"", "choice = \"maybe\"", "assessment/index.toml:19", "no choice \"maybe\"");
    check(file, "level = \"severe\"\nall", "level = \"dire\"\nall", "assessment/index.toml:18", "\"dire\"");
    check(file, "tier = \"dibao\"", "tier = \"tekun\"", "assessment/index.toml:22", "is no programme");
}

#[test]
fn worked_cases_speak_the_pack_s_words() {
    let file = "cases/case-01.toml";
    check(file, "\"DS01\"", "\"DS02\"", "cases/case-01.toml:6", "\"DS02\" is not in sources/");
    check(file, "wage = 0", "salary = 0", "cases/case-01.toml:7", "\"salary\" is no column of DS01");
    check(file, "\"male\"", "\"男\"", "cases/case-01.toml:7", "is no code of \"sex\"");
    check(file, "tier = \"dibao\"", "tier = \"tekun\"", "cases/case-01.toml:10", "\"tekun\" is no programme");
    check(file, "\"M001\"", "\"M999\"", "cases/case-01.toml:12", "\"M999\"");
    check(file, "name = \"income\"\n", "name = \"incom\"\n", "cases/case-01.toml:15", "\"incom\" is in no group");
    check(file, "\"income_below_line\"", "\"income_low\"", "cases/case-01.toml:20", "is no condition of dibao");
}

#[test]
fn every_problem_is_told_at_once() {
    let dir = TempDir::new().unwrap();
    copy(&small(), dir.path());
    for (file, old, new) in [("parameters.toml", "IM art.10", "XX"), ("sources/DS01.toml", "\"L3\"", "\"L9\"")] {
        let path = dir.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace(old, new)).unwrap();
    }
    fs::remove_file(dir.path().join("facts/household.sql")).unwrap();
    let problems = Pack::load(dir.path()).expect_err("three things are broken");
    let files: Vec<&str> = problems.0.iter().map(|p| p.file.as_str()).collect();
    for file in ["parameters.toml", "sources/DS01.toml", "facts/household.sql"] {
        assert!(files.contains(&file), "{file} is not among {files:?}");
    }
    let text = problems.to_string();
    assert!(text.contains("parameters.toml:5: ") && text.contains(" ("), "{text}");
}

#[test]
fn a_folder_that_is_no_pack_is_told_so() {
    let dir = TempDir::new().unwrap();
    let problems = Pack::load(dir.path()).expect_err("nothing is there");
    assert!(problems.0.iter().any(|p| p.file == "pack.toml" && p.message.contains("is missing")));
}
