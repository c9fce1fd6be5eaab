//! Findings in words: what officers, citizens and letters read.

use std::{collections::BTreeMap, path::Path, sync::LazyLock};
use tuodi_pack::{
    Answer, CheckResult, ConditionResult, FactChange, FactValue, Fen, HouseholdId, Lang, NeedFinding, Pack,
    ParameterUsed, PartResult, PersonId, ProgrammeResult, SourceRow,
    explain::{FindingWords, ProgrammeWords, Teller, Voice, law},
    programme::{Per, ProgrammeKind},
};

static PACK: LazyLock<Pack> = LazyLock::new(|| {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/qingyan");
    Pack::load(&dir).unwrap_or_else(|problems| panic!("{problems}"))
});

const WIFE: PersonId = PersonId(7);
const HUSBAND: PersonId = PersonId(8);

fn fact(name: &str, person: Option<PersonId>, value: Option<&str>, unit: &str) -> FactValue {
    FactValue { name: name.to_owned(), person_id: person, value: value.map(str::to_owned), unit: unit.to_owned() }
}

fn change(fact: &str, from: Option<&str>, to: &str, unit: &str, answer: Answer) -> FactChange {
    FactChange {
        fact: fact.to_owned(),
        person_id: None,
        from: from.map(str::to_owned),
        to: to.to_owned(),
        unit: unit.to_owned(),
        answer,
    }
}

fn condition(name: &str, answer: Answer) -> ConditionResult {
    ConditionResult {
        name: name.to_owned(),
        answer,
        person_id: None,
        facts: Vec::new(),
        measure: None,
        line: None,
        margin: None,
        unit: String::new(),
        basis: "DB57 art.8, 13; OP20 para.13".to_owned(),
        rows: Vec::new(),
        parameters: Vec::new(),
        changes: Vec::new(),
    }
}

fn programme(id: &str, answer: Answer, conditions: Vec<ConditionResult>) -> ProgrammeResult {
    let rules = PACK.programme(id).unwrap_or_else(|| panic!("{id} is in the pack"));
    ProgrammeResult {
        programme: id.to_owned(),
        kind: rules.kind,
        answer,
        person_id: None,
        conditions,
        monthly: None,
        per: rules.amount.as_ref().map(|a| a.per).unwrap_or_default(),
        parts: Vec::new(),
        amount_facts: Vec::new(),
        changes: Vec::new(),
    }
}

/// A couple whose income is 12.50 yuan over the dibao line, with savings nobody has asked for.
fn finding() -> CheckResult {
    let income = ConditionResult {
        measure: Some(193_250),
        line: Some(192_000),
        margin: Some(-1_250),
        unit: "fen/month".to_owned(),
        facts: vec![
            fact("income_known_month", None, Some("193250"), "fen/month"),
            fact("dibao_standard", None, Some("96000"), "fen/person/month"),
            fact("size", None, Some("2"), "persons"),
        ],
        rows: vec![0, 1],
        parameters: ["dibao_standard_urban", "dibao_standard_rural"]
            .map(|id| ParameterUsed {
                id: id.to_owned(),
                amount: if id.ends_with("urban") { 96_000 } else { 84_000 },
                unit: "fen/person/month".to_owned(),
                region: "990100000000".to_owned(),
                effective: "2026-01-01".parse().expect("a day"),
                basis: "IM art.10".to_owned(),
            })
            .to_vec(),
        changes: vec![
            change("income_known_month", Some("193250"), "191999", "fen/month", Answer::Holds),
            change("dibao_standard", Some("96000"), "96626", "fen/person/month", Answer::Holds),
            change("size", Some("2"), "3", "persons", Answer::Holds),
        ],
        ..condition("income_below_line", Answer::Fails)
    };
    let savings = ConditionResult {
        line: Some(4_608_000),
        unit: "fen".to_owned(),
        facts: vec![fact("fin_assets", None, None, "fen")],
        changes: vec![change("fin_assets", None, "0", "fen", Answer::Holds)],
        ..condition("fin_assets_within", Answer::Unknown)
    };
    let age = ConditionResult {
        measure: Some(67),
        line: Some(80),
        margin: Some(13),
        unit: "years".to_owned(),
        changes: vec![change("age", Some("67"), "80", "years", Answer::Holds)],
        ..condition("old_enough", Answer::Fails)
    };
    let own_income = ConditionResult {
        measure: Some(120_000),
        line: Some(96_000),
        margin: Some(-24_000),
        unit: "fen/month".to_owned(),
        facts: vec![fact("own_income_month", Some(HUSBAND), Some("120000"), "fen/month")],
        changes: vec![FactChange {
            person_id: Some(HUSBAND),
            ..change("own_income_month", Some("120000"), "95999", "fen/month", Answer::Holds)
        }],
        person_id: Some(HUSBAND),
        ..condition("no_income", Answer::Fails)
    };
    let row = |source: &str| SourceRow {
        source: source.to_owned(),
        batch: "b1".to_owned(),
        row: 3,
        person_id: Some(WIFE),
        arrived: "2026-11-02T08:00:00Z".to_owned(),
        values: serde_json::Map::new(),
    };
    CheckResult {
        household_id: HouseholdId(1),
        as_of: "2026-11-20".parse().expect("a day"),
        law_of: None,
        pack_version: "2026.1".to_owned(),
        snapshot: "abc".to_owned(),
        tier: "edge".to_owned(),
        monthly: Fen::ZERO,
        income_pc: Some(Fen(96_625)),
        programmes: vec![
            ProgrammeResult { person_id: Some(HUSBAND), ..programme("tekun", Answer::Fails, vec![own_income]) },
            programme("dibao", Answer::Fails, vec![income, savings.clone()]),
            programme("edge", Answer::Holds, vec![condition("income_all_known", Answer::Holds)]),
            programme("rigid", Answer::Holds, vec![condition("income_all_known", Answer::Holds)]),
            ProgrammeResult {
                person_id: Some(WIFE),
                monthly: Some(Fen(20_000)),
                ..programme("medical_premium", Answer::Holds, vec![condition("in_group", Answer::Holds)])
            },
            ProgrammeResult {
                monthly: Some(Fen(768_000)),
                parts: vec![
                    PartResult { part: "advance".to_owned(), amount: Some(Fen(100_000)) },
                    PartResult { part: "second".to_owned(), amount: Some(Fen(668_000)) },
                ],
                ..programme("temporary_emergency", Answer::Holds, Vec::new())
            },
            programme(
                "housing_rent_subsidy",
                Answer::Fails,
                vec![ConditionResult {
                    changes: vec![
                        change("home_area", Some("47.700000"), "14.999999", "m²", Answer::Holds),
                        change("item_d2_2_1", Some("0"), "50", "points", Answer::Holds),
                        change("public_rent_month", Some("0"), "1", "fen/month", Answer::Holds),
                    ],
                    ..condition("housing_need", Answer::Fails)
                }],
            ),
            ProgrammeResult { person_id: Some(WIFE), ..programme("age_allowance", Answer::Fails, vec![age]) },
            programme("legal_aid", Answer::Unknown, vec![condition("asked_for", Answer::Unknown)]),
        ],
        alerts: Vec::new(),
        labels: Vec::new(),
        needs: vec![NeedFinding { service: "F03".to_owned(), facts: Vec::new() }],
        matters: vec!["medical".to_owned()],
        points: 15,
        level: Some("severe".to_owned()),
        decided_by: Some("indicator:M021".to_owned()),
        compared: Vec::new(),
        rows: vec![row("DS12"), row("DS12")],
        withheld: Vec::new(),
    }
}

fn told(lang: Lang, voice: Voice) -> FindingWords {
    let names = BTreeMap::from([(WIFE, "王芳".to_owned()), (HUSBAND, "李明".to_owned())]);
    Teller { pack: &PACK, lang, voice, names: &names }.finding(&finding())
}

fn all(found: &FindingWords) -> Vec<&ProgrammeWords> {
    [&found.tiers, &found.given, &found.asked, &found.on_request, &found.not_now].into_iter().flatten().collect()
}

/// The sentences as a page has them, one a line.
fn page(found: &FindingWords) -> String {
    let mut text = format!("{} {}\n", found.tier_title, found.amount);
    for p in all(found) {
        text += &format!("# {} | {} | {:?} | {} | {:?}\n", p.title, p.who, p.answer, p.amount, p.parts);
        text += &format!("  {} on_request={}\n", p.beside, p.on_request);
        for c in &p.conditions {
            text += &format!("  {:?} {} | {} | {}\n", c.answer, c.title, c.numbers, c.margin);
            text += &format!("    {}\n    {}\n", c.sentence, c.law);
            for (title, value) in &c.facts {
                text += &format!("    {title} = {value}\n");
            }
            for x in &c.parameters {
                text += &format!("    {} {} {} {} direct={}\n", x.title, x.amount, x.place, x.since, x.direct);
            }
            for s in &c.suppliers {
                text += &format!("    from {} x{} {}\n", s.name, s.rows, s.arrived);
            }
            for change in c.changes.iter().chain([&c.advice]).filter(|t| !t.is_empty()) {
                text += &format!("    -> {change}\n");
            }
        }
    }
    text += &format!("{:?} {}\n{:?}\n{:?}\n", found.level, found.points, found.needs, found.matters);
    text
}

#[test]
fn an_officer_reads_the_finding_in_chinese() {
    insta::assert_snapshot!(page(&told(Lang::Zh, Voice::Officer)));
}

#[test]
fn an_officer_reads_the_finding_in_english() {
    insta::assert_snapshot!(page(&told(Lang::En, Voice::Officer)));
}

#[test]
fn the_nearest_change_says_how_much_less_and_never_that_the_standard_should_rise() {
    let found = told(Lang::Zh, Voice::Officer);
    let dibao = found.tiers.iter().find(|p| p.id == "dibao").expect("dibao was asked");
    let changes = &dibao.conditions[0].changes;
    assert!(changes[0].contains("再少 12.51 元（到 1,919.99 元/月），这一条就符合了"), "{changes:?}");
    assert!(changes[1].contains("再多 1 人"), "{changes:?}");
    assert_eq!(changes.len(), 2, "{changes:?}");
}

#[test]
fn an_unknown_fact_is_asked_with_what_would_help() {
    let found = told(Lang::Zh, Voice::Citizen(Some(WIFE)));
    let dibao = found.tiers.iter().find(|p| p.id == "dibao").expect("dibao was asked");
    assert!(dibao.conditions[1].changes[0].starts_with("要问清"), "{:?}", dibao.conditions[1].changes);
    assert_eq!(dibao.conditions[1].numbers, "规定线 46,080 元");
}

#[test]
fn a_lower_tier_that_fits_says_which_one_applies() {
    let found = told(Lang::Zh, Voice::Officer);
    let rigid = found.tiers.iter().find(|p| p.id == "rigid").expect("rigid was asked");
    assert!(rigid.beside.contains("低保边缘家庭"), "{}", rigid.beside);
    let edge = found.tiers.iter().find(|p| p.id == "edge").expect("edge was asked");
    assert!(edge.beside.is_empty());
}

#[test]
fn what_only_the_family_can_say_is_offered_and_not_asked_for() {
    let found = told(Lang::Zh, Voice::Officer);
    let ids = |list: &[ProgrammeWords]| list.iter().map(|p| p.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&found.on_request), ["legal_aid"]);
    assert!(found.asked.is_empty());
}

#[test]
fn a_wife_is_not_told_her_husbands_income_and_nobody_a_score() {
    let found = told(Lang::Zh, Voice::Citizen(Some(WIFE)));
    let tekun = found.tiers.iter().find(|p| p.id == "tekun").expect("tekun was asked");
    let text = page(&FindingWords { points: 0, level: None, ..found.clone() });
    assert!(!text.contains("1,200"), "{text}");
    assert_eq!(tekun.conditions[0].measure, "");
    assert!(!tekun.conditions[0].sentence.is_empty(), "the conclusion is told");
    assert!(!text.contains("六维评估"), "{text}");
    let officer = page(&told(Lang::Zh, Voice::Officer));
    assert!(officer.contains("1,200 元/月") && officer.contains("六维评估"), "{officer}");
}

#[test]
fn amounts_say_how_often_and_of_what() {
    let found = told(Lang::Zh, Voice::Officer);
    let given: Vec<&str> = found.given.iter().map(|p| p.amount.as_str()).collect();
    assert_eq!(given, ["200 元/年", "7,680 元（一次性）"]);
    assert!(found.given.iter().all(|p| p.kind == ProgrammeKind::Benefit));
    assert_eq!(found.given[1].parts.len(), 2);
    let names = BTreeMap::new();
    let english = Teller { pack: &PACK, lang: Lang::En, voice: Voice::Officer, names: &names };
    assert_eq!(english.paid(Fen(768_000), Per::Once), "7,680 yuan once");
}

#[test]
fn articles_paragraphs_and_unknown_laws_are_cited_as_a_reader_expects() {
    let zh = law(&PACK, "DB57 art.8, 13; OP20 para.13", Lang::Zh);
    assert!(zh.contains("》第8条、第13条；《") && zh.ends_with("》第13项"), "{zh}");
    assert_eq!(law(&PACK, "XX art.1", Lang::Zh), "XX art.1");
    assert!(law(&PACK, "DB57 art.8", Lang::En).ends_with(", art.8"));
}
