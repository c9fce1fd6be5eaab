//! Trials as a district of 12,000 households gives them, with a group too small to be told.

use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::Arc;
use tuodi_pack::trial::{Question, Standing, Step, TryOut};

pub struct Trials;

/// Asked about this day, nothing is ready yet.
pub const BUSY: &str = "2026-06-01";

fn row(id: &str, title: &str, change: Value) -> Value {
    json!({
        "id": id, "title": { "zh": title, "en": title }, "households": 312, "helped": 312, "gain": change, "lose": 0,
        "enter": null, "leave": 0, "change_tier": 0, "month": 4_000_000, "month_change": 3_601_700,
        "year": 48_000_000, "year_change": change.as_i64().map(|n| n * 12_000),
    })
}

fn outcome(name: &str, settings: Value) -> Value {
    json!({
        "name": name, "settings": settings, "total": row("all", "全区", json!(467)),
        "tiers": [{ "id": "dibao", "title": { "zh": "低保", "en": "dibao" }, "before": 312, "after": null }],
        "moves": [{ "from": "none", "to": "edge", "households": null }, { "from": "edge", "to": "dibao", "households": 11 }],
        "programmes": [{
            "id": "dibao", "title": { "zh": "低保", "en": "dibao" }, "before": 312, "after": null,
            "year": 400_000_000_i64, "year_change": 43_220_400,
        }],
        "tables": [{
            "id": "township", "title": { "zh": "乡镇", "en": "Township" },
            "rows": [row("990102001000", "柳岸街道", json!(105)), row("*", "合计", Value::Null)],
        }],
        "sizes": [{ "from": 5000, "to": 10000, "households": 35 }, { "from": -5000, "to": 0, "households": null }],
    })
}

fn measured(k: u32) -> Value {
    let row = |id: &str, told: bool| {
        json!({
            "id": id, "title": { "zh": "全区", "en": "All" }, "assessed": 293, "poor": told.then_some(79),
            "incidence": told.then_some(269_625), "intensity": told.then_some(332_900), "m0": told.then_some(89_758),
            "contribution": told.then_some(1_000_000),
        })
    };
    json!({
        "k": k, "total": row("all", true),
        "items": [{
            "id": "D1.1.1", "dimension": "economy", "title": { "zh": "收入", "en": "Income" }, "weight": 60,
            "uncensored": 300_000, "censored": 200_000, "contribution": 133_700,
        }],
        "tables": [{ "id": "tier", "title": { "zh": "类别", "en": "Tier" }, "rows": [row("dibao", true), row("*", false)] }],
    })
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> Arc<T> {
    Arc::new(serde_json::from_value(value).expect("a trial as the engine writes it"))
}

#[async_trait]
impl TryOut for Trials {
    async fn ask(&self, question: Question) -> Standing {
        if question.as_of().to_string() == BUSY {
            return Standing::Running(Step::Today);
        }
        let day = question.as_of().to_string();
        match question {
            Question::Trial { scenarios, .. } => {
                let outcomes: Vec<Value> = scenarios
                    .iter()
                    .map(|s| {
                        let settings = s.settings.iter().map(|set| {
                            json!({
                                "parameter": set.parameter, "title": { "zh": "低保标准", "en": "Standard" },
                                "region": null, "unit": "fen/person/month", "from": 96_000, "to": set.amount,
                            })
                        });
                        outcome(&s.name, settings.collect())
                    })
                    .collect();
                Standing::Trial(read(json!({
                    "as_of": day, "pack_version": "2026.1", "pack_digest": "d", "snapshot": "s", "people": 29_751,
                    "households": 12_011, "helped": 1275, "month": 49_504_050, "year": 709_427_479,
                    "outcomes": outcomes,
                    "ms": { "total": 1, "base": 0, "scenarios": [1], "groups_again": 9, "groups": 42 },
                })))
            }
            Question::Cliffs { .. } => Standing::Cliffs(read(json!({
                "as_of": day, "pack_version": "2026.1", "snapshot": "s", "households": 12_011, "ms": 1,
                "curves": [{
                    "id": "one", "title": { "zh": "单人户", "en": "One person" }, "persons": 1,
                    "points": [
                        { "income": 0, "tier": "dibao", "support": 1_298_200 },
                        { "income": 95_900, "tier": "dibao", "support": 166_200 },
                        { "income": 96_000, "tier": "edge", "support": 20_000 },
                    ],
                    "drops": [{
                        "before": 95_900, "after": 96_000, "tier_before": "dibao", "tier_after": "edge",
                        "lost": ["heating"], "support": 146_200, "worse_off": 145_000, "even_at": 108_500,
                    }],
                }],
                "lines": [{
                    "programme": "dibao", "condition": "income_below_line", "title": { "zh": "低保线", "en": "Line" },
                    "under": 91, "over": null, "bands": [{ "from": -20, "to": 0, "households": 30 }],
                }],
                "stacking": [{ "programmes": 1, "households": 733, "mean_year": 108_499 }],
                "pairs": [{ "first": "dibao", "second": "heating", "households": 312 }],
                "gaps": [{
                    "programme": "dibao", "title": { "zh": "低保", "en": "dibao" }, "entitled": 312, "missing": 70,
                    "beyond": null,
                }],
            }))),
            Question::Poverty { .. } => Standing::Poverty(Some(read(json!({
                "as_of": day, "pack_version": "2026.1", "snapshot": "s", "households": 12_011, "people": 29_751,
                "assessed_households": 142, "assessed_people": 293, "share_households": 11, "share_people": 9,
                "oldest": "2025-12-02", "by_people": [measured(200), measured(250)], "by_households": [measured(250)],
                "ms": 1,
            })))),
        }
    }
}
