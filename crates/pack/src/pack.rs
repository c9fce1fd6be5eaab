//! The pack as a whole.

use crate::{
    Calendar, Files, Text, assessment::Assessment, case::WorkedCase, conflict::Conflicts, facts::FactGroup,
    indicator::Indicator, library::Library, parameter::Parameters, programme::Programme, region::Regions,
    services::Services, simulation::Simulation, source::Source, verification::Verification, workflow::Workflow,
};
use chrono::NaiveDate;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Legal {
    pub id: String,
    pub title: Text,
}

/// `pack.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Info {
    pub id: String,
    pub version: String,
    /// Code of the county whose bureau runs this installation.
    pub jurisdiction: String,
    /// Letters before case numbers: `QY26-00001`.
    pub case_prefix: String,
    #[serde(deserialize_with = "crate::date::one")]
    pub effective_from: NaiveDate,
    #[serde(default, deserialize_with = "crate::date::optional")]
    pub effective_to: Option<NaiveDate>,
    pub languages: Vec<String>,
    /// ISO 4217.
    #[serde(default = "yuan")]
    pub currency: String,
    /// The smallest unit of money, a hundredth; amounts are whole numbers of it.
    #[serde(default = "fen")]
    pub money_unit: String,
    /// Id of the programme whose limits hold while a case names none, and which is shown first; the first tier that pays
    /// unless said.
    pub main_programme: Option<String>,
    pub title: Text,
    /// Who signs decisions and notices.
    pub bureau: Text,
    pub hotline: String,
    /// Where a decision can be contested: reconsideration body and court.
    pub reconsideration: Text,
    #[serde(rename = "legal")]
    pub legal: Vec<Legal>,
}

fn yuan() -> String {
    "CNY".to_owned()
}

fn fen() -> String {
    "fen".to_owned()
}

/// A loaded pack. Load it with [`Pack::load`].
#[derive(Debug, Clone)]
pub struct Pack {
    pub info: Info,
    pub regions: Regions,
    pub calendar: Calendar,
    pub parameters: Parameters,
    pub sources: Vec<Source>,
    pub facts: Vec<FactGroup>,
    /// In decision order.
    pub programmes: Vec<Programme>,
    pub indicators: Vec<Indicator>,
    /// Without items where the pack assesses nobody.
    pub assessment: Assessment,
    pub services: Services,
    /// How trials of the rules divide the district.
    pub simulation: Simulation,
    pub workflow: Workflow,
    /// Whom the low-income library holds.
    pub library: Library,
    pub verification: Verification,
    /// Where sources contradict each other, and what is done about it.
    pub conflicts: Conflicts,
    pub cases: Vec<WorkedCase>,
    /// Hash of all its files: a version may be edited before it is released, and a decision must name what it rested on.
    pub digest: String,
    /// The texts it was read from, so that later checks can name file and line too.
    pub files: Files,
}

impl Pack {
    pub fn source(&self, id: &str) -> Option<&Source> {
        self.sources.iter().find(|s| s.id == id)
    }

    pub fn source_by_name(&self, name: &str) -> Option<&Source> {
        self.sources.iter().find(|s| s.name == name)
    }

    pub fn programme(&self, id: &str) -> Option<&Programme> {
        self.programmes.iter().find(|p| p.id == id)
    }

    /// What a fact is called: one of `facts/`, or one that the engine finds.
    pub fn fact_title(&self, name: &str) -> Option<Text> {
        if let Some((_, fact)) = self.fact(name) {
            return Some(fact.title.clone());
        }
        let of = |suffix: &str, zh: &str, en: &str| {
            let title = &name.strip_suffix(suffix).and_then(|id| self.programme(id))?.title;
            Some(Text::new(format!("{}{zh}", title.zh), format!("{}{en}", title.en)))
        };
        let label = |id| self.assessment.labels.iter().find(|l| l.id == id).map(|l| l.title.clone());
        let alert = |id: &str| self.indicators.iter().find(|i| i.id.eq_ignore_ascii_case(id)).map(|i| i.title.clone());
        match name {
            "tier" => Some(Text::new("对象类别", "Tier")),
            "tier_amount" => Some(Text::new("本类救助月金额", "What the tier pays a month")),
            "level" => Some(Text::new("困难等级", "Level of hardship")),
            _ => of("_holds", "：是否符合", ": whether it holds")
                .or_else(|| of("_amount", "：金额", ": amount"))
                .or_else(|| of("_members", "：符合的人数", ": members who hold it"))
                .or_else(|| of("_total", "：全家合计", ": the household together"))
                .or_else(|| name.strip_prefix("label_").and_then(label))
                .or_else(|| name.strip_prefix("alert_").and_then(alert)),
        }
    }

    /// The programmes that can be a household's tier, in decision order.
    pub fn tiers(&self) -> impl Iterator<Item = &Programme> {
        self.programmes.iter().filter(|p| p.is_tier())
    }

    /// The programme that most applications are about.
    pub fn main_programme(&self) -> Option<&Programme> {
        let named = self.info.main_programme.as_deref().and_then(|id| self.programme(id));
        named.or_else(|| self.tiers().find(|p| p.amount.is_some())).or_else(|| self.programmes.first())
    }

    /// Whether a name is that of a fact that the engine finds itself: a programme's result, a label, an alert.
    pub fn is_result(&self, name: &str) -> bool {
        let programme = |suffix: &str| name.strip_suffix(suffix).is_some_and(|id| self.programme(id).is_some());
        ["tier", "tier_amount"].contains(&name)
            || ["_holds", "_amount", "_members", "_total"].into_iter().any(programme)
            || name.strip_prefix("label_").is_some_and(|id| self.assessment.labels.iter().any(|l| l.id == id))
            || name
                .strip_prefix("alert_")
                .is_some_and(|id| self.indicators.iter().any(|i| i.id.eq_ignore_ascii_case(id)))
    }

    pub fn indicator(&self, id: &str) -> Option<&Indicator> {
        self.indicators.iter().find(|i| i.id == id)
    }

    /// The group and the fact of that name.
    pub fn fact(&self, name: &str) -> Option<(&FactGroup, &crate::facts::Fact)> {
        self.facts.iter().find_map(|g| g.facts.iter().find(|f| f.name == name).map(|f| (g, f)))
    }
}
