//! The handbook of the starter pack: what stands on its pages, that every link leads somewhere, that no host is asked.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;
use tuodi_handbook::HandbookError;
use tuodi_pack::{Lang, Pack};

fn pack(name: &str) -> Pack {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs").join(name);
    Pack::load(&dir).unwrap_or_else(|problems| panic!("{problems}"))
}

fn written(languages: &[Lang]) -> TempDir {
    let out = TempDir::new().unwrap();
    tuodi_handbook::write(&pack("starter"), out.path(), languages).unwrap();
    out
}

fn pages(dir: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()) {
        if entry.is_dir() {
            all.extend(pages(&entry));
        } else if entry.extension().is_some_and(|e| e == "html") {
            all.push(entry);
        }
    }
    all
}

/// What stands in quotation marks after `name=`.
fn values<'h>(html: &'h str, name: &str) -> Vec<&'h str> {
    let start = format!("{name}=\"");
    html.split(&start).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn a_programme_says_who_how_much_by_which_way_and_from_which_data() {
    let out = written(&Lang::ALL);
    let zh = fs::read_to_string(out.path().join("zh-CN/programmes/dibao.html")).unwrap();
    for words in [
        "<html lang=\"zh-CN\">",
        "家庭月收入低于标准",
        "全家月收入低于标准。",
        "标准×人数－家庭月收入",
        "990 元/人/月",
        "2026-07-01",
        "《社会救助暂行办法》第9条",
        "7 个工作日",
        "户籍登记（公安局）",
        "一人户，没有工资，看病花了两万元：每月 990 元",
        "income &#60; $standard * size",
    ] {
        assert!(zh.contains(words), "{words} is not on the page");
    }
    let en = fs::read_to_string(out.path().join("en/programmes/dibao.html")).unwrap();
    for words in ["Income is below the standard", "990 yuan a person a month", "7 working days", "Interim Measures"] {
        assert!(en.contains(words), "{words} is not on the page");
    }
}

#[test]
fn a_formula_is_told_in_the_titles_of_what_it_names() {
    let out = written(&[Lang::Zh]);
    let html = fs::read_to_string(out.path().join("zh-CN/indicators/M001.html")).unwrap();
    let formula = html.split("<p class=\"formula\">").nth(1).and_then(|rest| rest.split("</p>").next()).unwrap();
    let text: String = formula.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
    assert_eq!(text, "近十二个月自付医疗费 ≥ 高额医疗费线 并且 六十岁以上人数 ≥ 0");
    assert!(formula.contains("href=\"../facts/medical.html#medical_cost_12m\""));
    assert!(formula.contains("href=\"../parameters.html#medical_line\""));
}

#[test]
fn a_source_says_from_whom_it_comes_and_which_rules_use_it() {
    let out = written(&[Lang::En]);
    let html = fs::read_to_string(out.path().join("en/sources/DS09.html")).unwrap();
    for words in ["Medical insurance bureau", "M001 High medical cost", "facts: medical", "out_of_pocket"] {
        assert!(html.contains(words), "{words} is not on the page");
    }
    assert!(!html.contains("Minimum living guarantee"), "dibao reads no medical bills here");
}

#[test]
fn every_link_leads_to_a_page_and_a_place_that_are_there() {
    let out = written(&Lang::ALL);
    let all = pages(out.path());
    assert!(all.len() > 20, "{} pages", all.len());
    let mut broken = Vec::new();
    for page in &all {
        let html = fs::read_to_string(page).unwrap();
        for link in values(&html, "href").into_iter().chain(values(&html, "src")).chain(values(&html, "action")) {
            let (file, place) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            let found = fs::read_to_string(&target);
            let there = found.is_ok_and(|text| place.is_empty() || values(&text, "id").contains(&place));
            if !there {
                broken.push(format!("{} → {link}", page.display()));
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn what_the_search_box_finds_is_there() {
    let out = written(&[Lang::Zh]);
    let data = fs::read_to_string(out.path().join("assets/entries-zh-CN.js")).unwrap();
    let rows: Vec<[String; 4]> =
        serde_json::from_str(data.trim().strip_prefix("window.handbook = ").unwrap().trim_end_matches(';')).unwrap();
    for [title, _, url, _] in &rows {
        let (file, place) = url.split_once('#').unwrap_or((url, ""));
        let html = fs::read_to_string(out.path().join("zh-CN").join(file)).unwrap();
        assert!(place.is_empty() || values(&html, "id").contains(&place), "{title}: {url}");
    }
    let titles: BTreeSet<&str> = rows.iter().map(|[title, ..]| title.as_str()).collect();
    for title in
        ["最低生活保障", "M001 高额医疗费用", "低保标准", "近十二个月自付医疗费", "DS09 医保结算", "D1.1.1 吃饭"]
    {
        assert!(titles.contains(title), "{title} cannot be found");
    }
}

#[test]
fn no_page_asks_another_host_or_carries_script_or_style_of_its_own() {
    let out = written(&Lang::ALL);
    for page in pages(out.path()) {
        let html = fs::read_to_string(&page).unwrap();
        for foreign in ["http:", "https:", "//cdn", "<script>", " style=", " onclick="] {
            assert!(!html.contains(foreign), "{} holds {foreign}", page.display());
        }
    }
}

#[test]
fn a_page_has_no_id_twice_and_one_heading_of_its_own() {
    let out = written(&Lang::ALL);
    for page in pages(out.path()) {
        let html = fs::read_to_string(&page).unwrap();
        let ids = values(&html, " id");
        let different: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), different.len(), "{}", page.display());
        assert_eq!(html.matches("<h1>").count(), 1, "{}", page.display());
    }
}

#[test]
fn a_new_handbook_takes_the_place_of_an_old_one_but_not_of_other_files() {
    let out = written(&[Lang::Zh]);
    let left = out.path().join("zh-CN/indicators/M999.html");
    fs::write(&left, "an indicator that the pack no longer has").unwrap();
    tuodi_handbook::write(&pack("starter"), out.path(), &[Lang::Zh]).unwrap();
    assert!(!left.exists());

    let other = TempDir::new().unwrap();
    fs::write(other.path().join("letter.txt"), "not a handbook").unwrap();
    let refused = tuodi_handbook::write(&pack("starter"), other.path(), &[Lang::Zh]);
    assert!(matches!(refused, Err(HandbookError::NotEmpty(_))), "{refused:?}");
}
