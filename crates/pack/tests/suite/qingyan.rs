//! The pack of 清晏区: it loads, its calendar gives the legal dates, and its form gives the worked cases' levels.

use chrono::NaiveDate;
use std::{path::Path, sync::LazyLock};
use tuodi_pack::{
    Pack,
    assessment::{Answers, Assessment, ScoreError},
    region::{Area, RegionLevel},
    source::{Column, ColumnType, Origin},
};

static PACK: LazyLock<Pack> = LazyLock::new(|| {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/qingyan");
    Pack::load(&dir).unwrap_or_else(|problems| panic!("{problems}"))
});

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[track_caller]
fn deadline(from: &str, days: u32, expected: &str) {
    assert_eq!(PACK.calendar.add_working_days(day(from), days).unwrap(), day(expected));
}

#[test]
fn the_pack_loads_without_a_problem() {
    assert_eq!(PACK.info.id, "qingyan");
    assert_eq!(PACK.info.jurisdiction, "990102000000");
}

#[test]
fn three_working_days_from_a_friday_end_on_wednesday() {
    deadline("2026-07-03", 3, "2026-07-08"); // b13
}

#[test]
fn legal_limits_of_the_worked_cases_end_on_their_days() {
    deadline("2026-07-06", 3, "2026-07-09"); // case 2: survey
    deadline("2026-07-06", 30, "2026-08-17"); // case 2: whole procedure, DB57 art.22
    deadline("2026-07-06", 45, "2026-09-07"); // case 2: special cases
    deadline("2026-08-10", 10, "2026-08-24"); // case 7: self-care re-assessment
    deadline("2026-09-03", 3, "2026-09-08"); // case 10: merged visit
    deadline("2026-07-27", 15, "2026-08-17"); // case 15: appeal
    deadline("2026-07-20", 3, "2026-07-23"); // case 15: notice
    deadline("2026-08-02", 10, "2026-08-14"); // case 19: papers after the advance; from a Sunday
    deadline("2026-08-06", 3, "2026-08-11"); // case 20: visit
}

#[test]
fn a_make_up_sunday_counts_and_the_golden_week_does_not() {
    // 2026-09-18 is a Friday; Sunday 09-20 is worked
    deadline("2026-09-18", 1, "2026-09-20");
    // 09-24 Thursday; 09-25 to 27 Mid-Autumn, 10-01 to 07 National Day; worked: 28, 29, 30, 10-08
    deadline("2026-09-24", 4, "2026-10-08");
    assert!(PACK.calendar.is_working_day(day("2028-01-04")).is_err());
}

#[test]
fn a_year_that_is_not_published_is_told_as_provisional_with_its_line() {
    let hints = tuodi_pack::check::hints(&PACK);
    let hints: Vec<_> = hints.iter().filter(|h| h.file == "calendar.toml").collect();
    assert_eq!(hints.len(), 1, "{hints:?}");
    assert!(hints[0].message.contains("2027 is provisional") && hints[0].line > 30, "{hints:?}");
}

#[test]
fn each_published_year_has_as_many_days_off_as_announced() {
    // 2025: 1 + 8 + 3 + 5 + 3 + 8; 2026: 3 + 9 + 3 + 5 + 3 + 3 + 7
    for (year, holidays, worked_weekends) in [(2025, 28, 5), (2026, 33, 6)] {
        let days = (0..365).map(|n| NaiveDate::from_yo_opt(year, n + 1).unwrap());
        let weekend = |d: &NaiveDate| chrono::Datelike::weekday(d).num_days_from_monday() >= 5;
        let is_off = |d: &NaiveDate| !PACK.calendar.is_working_day(*d).unwrap();
        let (weekends, weekdays): (Vec<_>, Vec<_>) = days.partition(weekend);
        assert_eq!(weekends.iter().filter(|d| !is_off(d)).count(), worked_weekends);
        let off = weekdays.iter().filter(|d| is_off(d)).count();
        let file =
            std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/qingyan/calendar.toml"))
                .unwrap();
        let block = file.split("[[year]]").find(|b| b.contains(&format!("year = {year}\n"))).unwrap();
        let listed = block.split("workdays").next().unwrap().matches(&format!("{year}-")).count();
        assert_eq!(listed, holidays, "{year}");
        assert!(off < holidays && off > 15, "{year}: {off}");
    }
}

#[test]
fn the_district_has_its_streets_towns_communities_and_villages() {
    let regions = &PACK.regions;
    assert_eq!(regions.ancestor("990102001001", RegionLevel::County).unwrap().name.zh, "清晏区");
    assert_eq!(regions.ancestor("990121101203", RegionLevel::Township).unwrap().name.zh, "青石镇");
    assert_eq!(regions.get("990121101203").unwrap().area, Some(Area::Rural));
    assert_eq!(regions.get("990102001001").unwrap().area, Some(Area::Urban));
    assert!(regions.children("990102000000").count() >= 4);
    let villages = regions.at_level(RegionLevel::Village).filter(|r| r.code.starts_with("990102")).count();
    assert!(villages >= 24, "{villages}");
    assert!(regions.iter().all(|r| r.code.starts_with("99")), "99 belongs to no real province");
}

#[test]
fn the_pool_holds_no_name_number_or_address() {
    for source in &PACK.sources {
        for column in &source.columns {
            let vault_only =
                matches!(column.kind, ColumnType::Name | ColumnType::Address | ColumnType::Phone | ColumnType::Ignore);
            assert_eq!(column.pool_name().is_none(), vault_only, "{}.{}", source.id, column.name);
            if let Some(name) = column.pool_name() {
                assert!(!name.ends_with("id_no"), "{}.{name}", source.id);
            }
        }
    }
}

#[test]
fn departments_contracts_name_whom_a_row_is_about() {
    assert!(PACK.sources.len() >= 15);
    for source in PACK.sources.iter().filter(|s| s.origin == Origin::Department) {
        assert!(source.columns.iter().any(|c| c.kind == ColumnType::IdNo), "{}", source.id);
    }
    for id in ["PF01", "PF02"] {
        let source = PACK.source(id).unwrap();
        assert_eq!(source.origin, Origin::Platform);
        let household = |c: &&Column| c.pool_name().as_deref() == Some("household_id");
        assert!(source.columns.iter().find(household).is_some_and(|c| !c.null), "{id}");
    }
}

/// Answers with these scores; every other item scores 0.
fn answers(form: &Assessment, scores: &[(&str, u32)]) -> Answers {
    for (id, _) in scores {
        assert!(form.item(id).is_some(), "no item {id}");
    }
    form.items
        .iter()
        .map(|item| {
            let score = scores.iter().find(|(id, _)| *id == item.id).map_or(0, |(_, s)| *s);
            // Of two choices with one score the milder stands last.
            let choice = item.choices.iter().rev().find(|c| c.score == score);
            let choice = choice.unwrap_or_else(|| panic!("{} has no choice that scores {score}", item.id));
            (item.id.clone(), choice.id.clone())
        })
        .collect()
}

const CASE_1: [(&str, u32); 21] = [
    ("D1.1.1", 50),
    ("D1.1.2", 75),
    ("D1.1.4", 50),
    ("D1.2.1", 50),
    ("D1.2.2", 50),
    ("D1.3.1", 50),
    ("D1.3.2", 50),
    ("D1.3.3", 100),
    ("D2.1.1", 25),
    ("D2.2.3", 100),
    ("D3.1.2", 100),
    ("D4.1.3", 100),
    ("D4.2.1", 50),
    ("D4.2.2", 25),
    ("D4.3.1", 50),
    ("D6.1.1", 50),
    ("D6.1.2", 50),
    ("D6.1.3", 50),
    ("D6.2.1", 50),
    ("D6.2.2", 100),
    ("D6.2.3", 50),
];

const CASE_2: [(&str, u32); 13] = [
    ("D1.1.1", 100),
    ("D1.1.2", 100),
    ("D1.1.4", 100),
    ("D1.2.1", 50),
    ("D3.1.2", 50),
    ("D3.2.1", 50),
    ("D3.2.2", 50),
    ("D4.1.1", 75),
    ("D4.2.1", 75),
    ("D4.2.2", 25),
    ("D4.2.3", 50),
    ("D6.2.1", 50),
    ("D6.2.3", 50),
];

#[test]
fn case_1_scores_31_375_and_is_moderate() {
    let form = &PACK.assessment;
    let answers = answers(form, &CASE_1);
    let index = form.score(&answers).unwrap();
    // D1 11 000 + D2 2 750 + D3 3 000 + D4 6 375 + D6 8 250
    assert_eq!((index.low, index.high, index.completeness), (31_375, 31_375, 1000));
    assert_eq!((index.level.as_str(), index.decided_by.as_str()), ("moderate", "total"));
    // 11 000 of 220, 2 750 of 140, 3 000 of 160, 6 375 of 240, 8 250 of 140
    let shares: Vec<u32> = index.dimensions.values().copied().collect();
    assert_eq!(shares, [50_000, 19_642, 18_750, 26_562, 0, 58_928]);
    assert!(!index.needs_visit && !index.is_preliminary());
    assert_eq!(form.deprivation(&answers).unwrap(), 285);
}

#[test]
fn case_2_scores_mild_and_its_tier_makes_it_moderate() {
    let form = &PACK.assessment;
    let answers = answers(form, &CASE_2);
    let index = form.score(&answers).unwrap();
    assert_eq!(index.low, 23_750);
    assert_eq!((index.level.as_str(), index.decided_by.as_str()), ("mild", "total"));
    assert_eq!(form.with_tier_floor(&index.level, "dibao"), "moderate");
    assert_eq!(form.with_tier_floor(&index.level, "edge"), "mild");
    assert_eq!(form.with_tier_floor("severe", "dibao"), "severe");
    assert_eq!(form.with_tier_floor("none", "none"), "none");
    assert_eq!(form.deprivation(&answers).unwrap(), 230);
}

#[test]
fn case_10_is_moderate_by_one_dimension_alone() {
    let form = &PACK.assessment;
    let answers = answers(
        form,
        &[
            ("D1.1.1", 75),
            ("D1.1.2", 100),
            ("D1.1.3", 50),
            ("D4.1.1", 75),
            ("D4.2.1", 100),
            ("D4.2.2", 100),
            ("D4.2.3", 100),
            ("D5.2.2", 50),
            ("D6.2.1", 100),
        ],
    );
    let index = form.score(&answers).unwrap();
    assert_eq!(index.low, 23_375);
    assert_eq!((index.level.as_str(), index.decided_by.as_str()), ("moderate", "dimension"));
    assert_eq!(form.deprivation(&answers).unwrap(), 250); // b9: poor exactly at k = 0.25
}

#[test]
fn case_16_is_severe_because_nobody_is_near() {
    let form = &PACK.assessment;
    let scores = [
        ("D1.1.1", 100),
        ("D1.1.2", 100),
        ("D1.1.4", 100),
        ("D1.2.1", 50),
        ("D1.2.2", 50),
        ("D1.2.3", 100),
        ("D1.3.1", 50),
        ("D1.3.2", 100),
        ("D1.3.3", 100),
        ("D2.1.1", 75),
        ("D2.2.2", 50),
        ("D2.2.3", 100),
        ("D3.1.2", 100),
        ("D4.1.3", 50),
        ("D4.3.1", 100),
        ("D6.1.1", 100),
        ("D6.1.2", 100),
        ("D6.1.3", 100),
        ("D6.2.1", 100),
        ("D6.2.2", 100),
        ("D6.2.3", 100),
    ];
    let index = form.score(&answers(form, &scores)).unwrap();
    assert_eq!(index.low, 42_000);
    assert_eq!((index.level.as_str(), index.decided_by.as_str()), ("severe", "dimension"));
    assert_eq!(form.deprivation(&answers(form, &scores)).unwrap(), 465);
}

#[test]
fn fifteen_thirty_and_fifty_points_begin_their_levels() {
    let form = &PACK.assessment;
    let levels = [(14_999, "none"), (15_000, "mild"), (29_999, "mild"), (30_000, "moderate"), (49_999, "moderate")];
    for (total, level) in levels.into_iter().chain([(50_000, "severe"), (0, "none"), (100_000, "severe")]) {
        assert_eq!(form.level_of(total).unwrap().id, level, "{total}"); // b8
    }
    // 30x100 + 30x100 + 30x100 + 20x100 + 20x100 + 40x50 = 15 000, no dimension at 50
    let scores = [("D1.1.1", 100), ("D1.1.2", 100), ("D3.1.2", 100), ("D4.3.2", 100), ("D6.1.2", 100), ("D5.1.1", 50)];
    let index = form.score(&answers(form, &scores)).unwrap();
    assert_eq!((index.low, index.level.as_str()), (15_000, "mild"));
    let index = form.score(&answers(form, &scores[..5])).unwrap();
    assert_eq!((index.low, index.level.as_str()), (13_000, "none"));
}

#[test]
fn nobody_asked_means_unknown_and_a_visit_not_hardship() {
    let form = &PACK.assessment;
    let index = form.score(&Answers::new()).unwrap();
    assert_eq!((index.low, index.high, index.completeness), (0, 100_000, 0));
    assert_eq!(index.level, "none");
    assert!(index.needs_visit && index.is_preliminary());
    assert_eq!(form.deprivation(&Answers::new()).unwrap(), 0);
}

#[test]
fn hunger_without_income_is_severe_whatever_the_sum() {
    let form = &PACK.assessment;
    let mut answers = answers(form, &[("D1.2.1", 100)]);
    assert_eq!(form.score(&answers).unwrap().level, "none");
    answers.insert("D1.1.1".into(), "no_income".into());
    let index = form.score(&answers).unwrap();
    assert_eq!((index.level.as_str(), index.decided_by.as_str()), ("severe", "override"));
    // With the income unknown it may be so: somebody must go and see.
    answers.remove("D1.1.1");
    let index = form.score(&answers).unwrap();
    assert_eq!(index.level, "none");
    assert!(index.needs_visit);
}

#[test]
fn an_answer_the_form_does_not_know_is_refused() {
    let form = &PACK.assessment;
    let strange = Answers::from([("D9.1.1".to_owned(), "yes".to_owned())]);
    assert_eq!(form.score(&strange), Err(ScoreError::UnknownItem { item: "D9.1.1".into() }));
    let strange = Answers::from([("D1.1.1".to_owned(), "perhaps".to_owned())]);
    let refused = ScoreError::UnknownChoice { item: "D1.1.1".into(), choice: "perhaps".into() };
    assert_eq!(form.score(&strange), Err(refused.clone()));
    assert_eq!(form.deprivation(&strange), Err(refused));
}

#[test]
fn the_form_has_six_dimensions_fourteen_groups_and_forty_items() {
    let form = &PACK.assessment;
    assert_eq!((form.dimensions.len(), form.groups.len(), form.items.len()), (6, 14, 40));
    let weight = |id: &str| -> u32 { form.items.iter().filter(|i| i.dimension == id).map(|i| i.weight).sum() };
    assert_eq!(["D1", "D2", "D3", "D4", "D5", "D6"].map(weight), [220, 140, 160, 240, 100, 140]);
}
