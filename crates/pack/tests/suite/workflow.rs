//! `workflow.toml`: a pack may do without it, and a wrong word in it is told with its line.

use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;
use tuodi_pack::{Pack, Problem, indicator::Severity};

fn packs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs")
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

/// Problems of the small pack with this text in `file`, in place of `old` or as the whole file.
fn problems(file: &str, old: &str, new: &str) -> Vec<Problem> {
    let dir = TempDir::new().unwrap();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/small"), dir.path());
    let path = dir.path().join(file);
    let text = if old.is_empty() { new.to_owned() } else { fs::read_to_string(&path).unwrap().replacen(old, new, 1) };
    fs::write(path, text).unwrap();
    Pack::load(dir.path()).err().map(|problems| problems.0).unwrap_or_default()
}

const SOUND: &str = r#"[monitoring]
worse_permille = 200
tries = 2
takeover = "township"
next_level_after = 1
district_after = 2
basis = "IM art.10"

[[risk]]
id = "high"
points = 60
title = { zh = "高", en = "High" }
reason = { zh = "看看", en = "Call" }
task = { severity = "orange", actor = "village", limit_days = 5 }
basis = "IM art.10"

[[clock]]
total_days = 30
special_days = 45
basis = "DB57 art.22"

[[step]]
stage = "confirming"
limit_days = 10
basis = "DB57 art.20"

[appeal]
file_days = 60
limit_days = 15
basis = "IM art.65"

[[voice]]
id = "service"
title = { zh = "不满意", en = "Not content" }
hint = { zh = "对某一步不满意", en = "Not content with a step" }
desk = "township"
limit_days = 3
of_case = true
basis = "IM art.65"

[satisfaction]
steps = ["surveying"]
bad = 2
voice = "service"
basis = "IM art.65"

[[known]]
field = "phone"
register = true
basis = "DB57 art.10"
"#;

/// Expects a problem at `line` of `workflow.toml` whose message holds `message`, and that it says what to do.
#[track_caller]
fn check(old: &str, new: &str, line: usize, message: &str) {
    assert!(SOUND.contains(old), "{old:?}");
    let all = problems("workflow.toml", "", &SOUND.replacen(old, new, 1));
    let shown: Vec<String> = all.iter().map(|p| format!("{}:{}: {}", p.file, p.line, p.message)).collect();
    let found =
        all.iter().find(|p| (p.file.as_str(), p.line) == ("workflow.toml", line) && p.message.contains(message));
    assert!(!found.unwrap_or_else(|| panic!("wanted {line}: …{message}…, found {shown:#?}")).fix.is_empty());
}

#[test]
fn a_sound_workflow_loads_and_a_pack_without_one_does_too() {
    assert_eq!(problems("workflow.toml", "", SOUND), []);
    for pack in ["country-template", "starter"] {
        let pack = Pack::load(&packs().join(pack)).unwrap_or_else(|problems| panic!("{problems}"));
        assert!(pack.workflow.risks.is_empty() && pack.workflow.clocks.is_empty());
    }
}

#[test]
fn every_wrong_word_is_told_with_its_line() {
    check("tries = 2", "trys = 2", 3, "unknown field `trys`");
    check("\"township\"", "\"town\"", 4, "unknown variant `town`");
    check("tries = 2\n", "", 3, "after no try at all");
    check("district_after = 2", "district_after = 1", 6, "no later than the next level");
    check("next_level_after = 1", "next_level_after = 0", 5, "late before it is due");
    check("basis = \"IM art.10\"\n\n[[risk]]", "basis = \"IX art.1\"\n\n[[risk]]", 7, "\"IX\"");
    check("points = 60", "points = 0", 11, "no band of their own");
    check("id = \"high\"", "id = \"M001\"", 10, "cannot be told from an indicator");
    check("reason = { zh = \"看看\", en = \"Call\" }\n", "", 13, "the worker is not told why");
    check("limit_days = 5", "limit_days = 0", 14, "no time to be done in");
    check("total_days = 30", "total_days = 0", 18, "no day to be decided in");
    check("special_days = 45", "special_days = 20", 19, "no longer than total_days");
    check("total_days = 30", "programmes = [\"dibo\"]\ntotal_days = 30", 18, "\"dibo\" is not in programmes/");
    check("\"confirming\"", "\"confirmed\"", 23, "no step of a case");
    check("\"confirming\"", "\"refused\"", 23, "no step of a case");
    check("file_days = 60", "file_days = 0", 28, "no day for it");
    check("desk = \"township\"", "desk = \"village\"", 36, "unknown variant `village`");
    check("limit_days = 3", "limit_days = 0", 37, "answer in no days");
    check("[\"surveying\"]", "[\"survey\"]", 42, "no case has the step \"survey\"");
    check("bad = 2", "bad = 6", 43, "there are five stars");
    check("voice = \"service\"", "voice = \"servise\"", 44, "no [[voice]] of a case");
    check("register = true", "told_days = 0", 48, "known from nowhere");
    check("register = true", "checked_days = 9\nsensitive = true", 49, "no comparison has \"phone\" alone");
    check("register = true", "checked_days = 9", 48, "shown to the whole household");
    check(", en = \"Call\"", "", 13, "the text in English is missing");
}

#[test]
fn documents_are_of_known_kinds_and_only_applicants_are_asked() {
    let told = |file: &str, from: &str, to: &str, wanted: &str| {
        let dir = TempDir::new().unwrap();
        copy(&packs().join("qingyan"), dir.path());
        let path = dir.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let problems = Pack::load(dir.path()).err().map(|p| p.0).unwrap_or_default();
        assert!(problems.iter().any(|p| p.file == file && p.message.contains(wanted)), "{problems:#?}");
    };
    let rigid = "programmes/rigid.toml";
    told(rigid, "[\"bills\", \"school\"]", "[\"bils\"]", "document \"bils\" is not in workflow.toml");
    told(rigid, "by = \"survey\"", "by = \"survey\"\noptional = true", "is not asked of the applicant");
    told(rigid, "shown_by = [\"form\"", "shown_by = [\"hearsay\"", "unknown variant `hearsay`");
    told("workflow.toml", "[[paper]]\nid = \"identity\"", "[[paper]]\nid = \"bills\"", "bills");
    told("workflow.toml", "sources = [\"DS01\"]", "sources = [\"DS99\"]", "\"DS99\" is not in sources/");
    let visit = |from: &str, to: &str, wanted: &str| told("workflow.toml", from, to, wanted);
    visit("photo = \"photo\"", "photo = \"foto\"", "no [[paper]] is called \"foto\"");
    visit("form = \"visit\"", "form = \"bills\"", "\"bills\" is of one member");
    visit("form = \"visit\"", "form = \"photo\"", "could not be told from the signed form");
    visit("most = 12", "most = 1", "1 documents do not hold");
    visit("name = \"vehicle_value\"", "name = \"vehicle\"", "no [[compare]] names \"vehicle\"");
    visit("name = \"vehicle_value\"", "name = \"wage_month\"", "asked of every member anyway");
}

#[test]
fn what_is_compared_must_be_declared_and_be_a_number_that_facts_give() {
    let compare = |declared: &str, fact: &str, more: &str| {
        let item = format!(
            "[[compare]]\nid = \"wage\"\ntitle = {{ zh = \"工资\", en = \"Wage\" }}\ndeclared = [\"{declared}\"]\n\
             fact = \"{fact}\"\n{more}basis = \"DB57 art.17\"\n"
        );
        let dir = TempDir::new().unwrap();
        copy(&packs().join("qingyan"), dir.path());
        // Programmes name the pack's kinds of documents: those stay.
        let whole = fs::read_to_string(dir.path().join("workflow.toml")).unwrap();
        let papers = &whole[whole.find("[[paper]]").unwrap()..];
        fs::write(dir.path().join("workflow.toml"), format!("{item}\n{papers}")).unwrap();
        let problems = Pack::load(dir.path()).err().map(|p| p.0).unwrap_or_default();
        problems.into_iter().map(|p| format!("{}:{}: {} ({})", p.file, p.line, p.message, p.fix)).collect::<Vec<_>>()
    };
    assert_eq!(compare("wage_month", "own_income_month", "known = \"income_known\"\n"), [""; 0]);
    let told = |found: Vec<String>, wanted: &str| assert!(found.iter().any(|p| p.contains(wanted)), "{found:#?}");
    told(compare("wages", "own_income_month", ""), "workflow.toml:4: \"wages\" is declared nowhere");
    told(compare("wage_month", "own_income_mont", ""), "did you mean own_income_month?");
    told(compare("wage_month", "income_known", ""), "workflow.toml:5: \"income_known\" is no whole number");
    told(compare("wage_month", "own_income_month", "known = \"age\"\n"), "workflow.toml:6: \"age\" does not say");
    told(compare("wage_month", "own_income_month", "tolerance = -1\n"), "workflow.toml:6: a tolerance below nought");
    told(compare("wage_month", "own_income_month", "sources = [\"DS99\"]\n"), "source \"DS99\" is not in sources/");
}

#[test]
fn what_an_indicator_says_of_its_alerts_must_make_sense() {
    let file = "indicators/M001.toml";
    let told = |old: &str, new: &str, wanted: &str| {
        let found: Vec<String> = problems(file, old, new).into_iter().map(|p| p.message).collect();
        assert!(found.iter().any(|m| m.contains(wanted)), "{found:#?}");
    };
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/small").join(file)).unwrap();
    let line = |key: &str| text.lines().find(|l| l.starts_with(key)).unwrap().to_owned();
    let (evidence, severity) = (line("evidence"), line("severity"));
    let beside = |more: &str| format!("{evidence}\n{more}");
    told(&evidence, &beside("measure = \"nothing_of_it\""), "is not among the evidence");
    told(&evidence, &beside("pool_below = \"blue\""), "keeps nothing back");
    told(&evidence, &beside("pool_only = true\nopen_task = true"), "contradict");
    told(&evidence, &beside("open_task = false\npool_below = \"red\""), "opens no task at all");
    told(&severity, "severity = \"blue\"\npool_below = \"red\"", "none would ever open a task");
    assert_eq!(problems(file, &evidence, &beside("measure = \"none\"")), []);
}

#[test]
fn high_medical_cost_from_yellow_on_sends_somebody_and_blue_only_informs() {
    let pack = Pack::load(&packs().join("qingyan")).unwrap_or_else(|problems| panic!("{problems}"));
    let cost = pack.indicator("M001").unwrap();
    let opens = [Severity::Blue, Severity::Yellow, Severity::Orange].map(|s| cost.opens_task_at(s));
    assert_eq!(opens, [false, true, true]);
    assert!(!pack.indicator("M032").unwrap().opens_task_at(Severity::Red), "the price subsidy opens no visit");
    assert!(pack.indicator("M055").unwrap().opens_task_at(Severity::Blue), "silence of data does");
    let bands: Vec<u32> =
        [29, 30, 59, 60, 75, 89, 90].map(|points| pack.workflow.risk_at(points).map_or(0, |r| r.points)).into();
    assert_eq!(bands, [0, 30, 30, 60, 60, 60, 90]);
}

#[test]
fn proof_of_life_is_told_in_time_by_a_way_that_exists() {
    let proof = |months: u32, remind: u32, programme: &str, basis: &str, ways: &str| {
        let text = format!(
            "{SOUND}\n[living.proof]\nprogrammes = [{programme}]\nmonths = {months}\nremind_days = {remind}\n\
             visit_days = 10\nbasis = \"{basis}\"\n{ways}"
        );
        let all = problems("workflow.toml", "", &text);
        all.into_iter().map(|p| p.message).collect::<Vec<_>>()
    };
    let way = "[[living.proof.way]]\nid = \"home\"\ntitle = { zh = \"看望\", en = \"Seen\" }\n\
               how = { zh = \"上门\", en = \"We call\" }\n";
    assert_eq!(proof(12, 30, "", "IM art.10", way), Vec::<String>::new());
    let twice = format!("{way}{way}");
    for (told, found) in [
        ("holds for no time", proof(0, 30, "", "IM art.10", way)),
        ("told in time", proof(12, 0, "", "IM art.10", way)),
        ("told in time", proof(1, 28, "", "IM art.10", way)),
        ("is not in programmes/", proof(12, 30, "\"dibau\"", "IM art.10", way)),
        ("no legal basis", proof(12, 30, "", "", way)),
        ("nobody can prove", proof(12, 30, "", "IM art.10", "way = []\n")),
        ("stands", proof(12, 30, "", "IM art.10", &twice)),
    ] {
        assert!(found.iter().any(|m| m.contains(told)), "wanted {told}, found {found:?}");
    }
}

/// The district's workflow with `from` written as `to` is refused in these words, with what to do.
fn told(from: &str, to: &str, wanted: &str) {
    let dir = TempDir::new().unwrap();
    copy(&packs().join("qingyan"), dir.path());
    let path = dir.path().join("workflow.toml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "no {from}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
    let problems = Pack::load(dir.path()).err().map(|p| p.0).unwrap_or_default();
    let found = problems.iter().any(|p| p.file == "workflow.toml" && p.message.contains(wanted) && !p.fix.is_empty());
    assert!(found, "wanted {wanted}: {problems:#?}");
}

#[test]
fn the_emergency_lane_can_be_kept_and_its_words_exist() {
    told("advance_hours = 24", "advance_hours = 0", "advance_hours is 0");
    told("warn_hours = 12", "warn_hours = 36", "after the help is due");
    told("papers_days = 10", "papers_days = 0", "papers_days is 0");
    told("advance = \"temp_advance\"", "advance = \"temp_persons\"", "it is an amount");
    told("unit = \"temp_unit\"", "unit = \"temp_unt\"", "\"temp_unt\" is not in parameters.toml");
    told("township = \"township\"\nbasis", "township = \"town\"\nbasis", "no [[decided_by]] called \"town\"");
    told("units = \"temp_grade_b\"", "units = \"temp_grade_d\"", "\"temp_grade_d\" is not in parameters.toml");
    told(
        "programme = \"temporary_emergency\"\nadvance",
        "programme = \"dibo\"\nadvance",
        "\"dibo\" is not in programmes/",
    );
}

#[test]
fn occasions_of_assessments_have_a_limit_and_name_what_exists() {
    let new = "desk = \"township\"\nlimit_days = 7";
    told(new, "desk = \"township\"\nlimit_days = 0", "without a day on which it is due");
    told(new, "desk = \"township\"\nlimit_days = 7\nahead_days = 3", "has no interval");
    told(new, "desk = \"township\"\nlimit_days = 7\non = [\"data\"]", "not set off by a re-verification");
    told("when = \"found\"", "when = \"new\"", "\"new\" stands here twice");
    let on = "on = [\"declared\", \"data\", \"death\", \"moved\"]";
    told(on, "on = []", "nothing counts as a change");
    told(on, "on = [\"declard\"]", "called \"declard\"");
    let class = "class = [{ id = \"C\", months = \"reverify_months_unstable\" }]";
    told(
        class,
        "class = [{ id = \"D\", months = \"reverify_months_unstable\" }]",
        "no class of checks is called \"D\"",
    );
    told(class, "class = [{ id = \"C\", months = \"reverify_months\" }]", "\"reverify_months\" is not in parameters");
    let of = "programmes = [\"dibao\", \"dibao_single\", \"tekun\", \"edge\", \"rigid\"]\nmonths";
    told(of, "programmes = []\nmonths", "nobody is assessed at intervals");
    told(of, "programmes = [\"dibau\"]\nmonths", "\"dibau\" is not in programmes/");
    told("share_permille = 50\nleast", "share_permille = 1001\nleast", "share_permille is 1001");
    told("enough = 30", "enough = 1", "chance cannot be told from skill");
    told("large = 15000", "large = 0", "large is 0");
}
