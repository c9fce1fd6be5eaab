//! Services, the matters of one application (一件事) and departments' own resources: what answers a need.
//!
//! Every file of `services/` may hold entries of all these lists; ids are unique within a list.

use crate::Text;
use serde::Deserialize;

/// A group of services: families, elders, minors.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    pub id: String,
    pub title: Text,
    #[serde(default)]
    pub note: crate::Note,
}

/// A kind of provider, or a way of paying; services name it by id.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    pub id: String,
    pub title: Text,
    #[serde(default)]
    pub note: crate::Note,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// `F03`
    pub id: String,
    /// `lottery_fund_aid`
    pub name: String,
    pub category: String,
    pub title: Text,
    /// For whom, in words.
    pub target: Text,
    /// SQL over household facts, item scores, labels, alerts, tier and programme results; only TRUE proposes it.
    pub expr: String,
    /// What it answers: `label:medical_burden`, `item:D1.2.2`, `indicator:M026`, `programme:dibao`.
    #[serde(default)]
    pub answers: Vec<String>,
    /// Ids of `[[provider]]`.
    #[serde(default)]
    pub provider: Vec<String>,
    /// What is counted: a visit, an hour, a grant.
    pub unit: Text,
    /// The most money in one unit, in fen, where it is money.
    pub most: Option<i64>,
    pub frequency: Text,
    pub capacity: Text,
    /// Ids of `[[funding]]`.
    #[serde(default)]
    pub funding: Vec<String>,
    /// Place in the ranking of needs; smaller is more urgent.
    #[serde(default)]
    pub rank: u32,
    /// Hours within which it must begin, where it is urgent.
    pub within_hours: Option<u32>,
    /// Workers need a check of their background (work with children).
    #[serde(default)]
    pub check_required: bool,
    #[serde(default)]
    pub basis: String,
    #[serde(default)]
    pub note: crate::Note,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Department {
    pub id: String,
    pub title: Text,
    #[serde(default)]
    pub note: crate::Note,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// The household applies for it itself.
    Application,
    /// A tick in the one application.
    Tick,
    /// None is needed: the department is told.
    None,
}

/// When a confirmed matter goes to its department.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forward {
    /// With the decision, since it rests on the recognition.
    #[default]
    Decision,
    /// At once.
    Confirmation,
}

/// One matter of the single application.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matter {
    pub id: String,
    /// Id of a `[[department]]`.
    pub department: String,
    /// Departments that take part.
    #[serde(default)]
    pub with: Vec<String>,
    pub title: Text,
    /// SQL as in a service; a base matter, which is applied for, has none.
    pub trigger: Option<String>,
    /// Programmes that it asks for.
    #[serde(default)]
    pub programmes: Vec<String>,
    pub consent: Consent,
    #[serde(default)]
    pub forward: Forward,
    pub due_days: u32,
    /// Of the answer where it is faster in an emergency.
    pub urgent_days: Option<u32>,
    #[serde(default)]
    pub basis: String,
    #[serde(default)]
    pub note: crate::Note,
}

/// What a department itself can give.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    pub id: String,
    pub department: String,
    pub title: Text,
    /// Tiers and statuses it is for, by id; empty is anybody.
    #[serde(default)]
    pub tiers: Vec<String>,
    #[serde(default)]
    pub labels: Vec<String>,
    /// The programme with its rules, where the pack has it.
    pub programme: Option<String>,
    pub content: Text,
    /// The rule of the amount, in words.
    pub amount: Option<Text>,
    pub channel: Option<Text>,
    pub documents: Option<Text>,
    /// Who is asked: village, township, district.
    pub contact: Option<crate::indicator::Level>,
    pub valid: Option<Text>,
    pub quota: Option<i64>,
    #[serde(default)]
    pub basis: String,
    #[serde(default)]
    pub note: crate::Note,
}

/// One file of `services/`, and all of them together.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Services {
    #[serde(rename = "category", default)]
    pub categories: Vec<Category>,
    #[serde(rename = "provider", default)]
    pub providers: Vec<Kind>,
    #[serde(rename = "funding", default)]
    pub fundings: Vec<Kind>,
    #[serde(rename = "service", default)]
    pub services: Vec<Service>,
    #[serde(rename = "department", default)]
    pub departments: Vec<Department>,
    #[serde(rename = "matter", default)]
    pub matters: Vec<Matter>,
    #[serde(rename = "resource", default)]
    pub resources: Vec<Resource>,
    #[serde(default)]
    pub basis: String,
    #[serde(default)]
    pub note: crate::Note,
}

impl Services {
    pub fn service(&self, id: &str) -> Option<&Service> {
        self.services.iter().find(|s| s.id == id)
    }

    pub fn matter(&self, id: &str) -> Option<&Matter> {
        self.matters.iter().find(|m| m.id == id)
    }

    pub(crate) fn add(&mut self, file: Services) {
        self.categories.extend(file.categories);
        self.providers.extend(file.providers);
        self.fundings.extend(file.fundings);
        self.services.extend(file.services);
        self.departments.extend(file.departments);
        self.matters.extend(file.matters);
        self.resources.extend(file.resources);
    }
}
