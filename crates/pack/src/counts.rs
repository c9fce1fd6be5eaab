//! What a pack holds, in numbers.

use crate::{Pack, indicator::Kind, programme::ProgrammeKind, source::Origin};
use serde::Serialize;
use std::{collections::BTreeMap, fmt};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Sources of departments.
    pub sources: usize,
    /// Sources that Tuodi writes itself.
    pub platform_sources: usize,
    pub fact_groups: usize,
    pub facts: usize,
    pub programmes: usize,
    pub programmes_by_kind: BTreeMap<&'static str, usize>,
    pub indicators: usize,
    pub indicators_by_kind: BTreeMap<&'static str, usize>,
    pub index: IndexCounts,
    pub labels: usize,
    pub services: usize,
    /// By the category's id.
    pub services_by_category: BTreeMap<String, usize>,
    pub matters: usize,
    pub matter_departments: usize,
    pub resources: usize,
    pub resource_departments: usize,
    pub parameters: usize,
    pub cases: usize,
}

/// The three levels of the index: 6, 14 and 40 in the field's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IndexCounts {
    pub dimensions: usize,
    pub groups: usize,
    pub items: usize,
}

impl Counts {
    pub fn of(pack: &Pack) -> Counts {
        let form = &pack.assessment;
        let offer = &pack.services;
        Counts {
            sources: pack.sources.iter().filter(|s| s.origin == Origin::Department).count(),
            platform_sources: pack.sources.iter().filter(|s| s.origin == Origin::Platform).count(),
            fact_groups: pack.facts.len(),
            facts: pack.facts.iter().map(|g| g.facts.len()).sum(),
            programmes: pack.programmes.len(),
            programmes_by_kind: tally(pack.programmes.iter().map(|p| match p.kind {
                ProgrammeKind::Tier => "tier",
                ProgrammeKind::Status => "status",
                ProgrammeKind::Benefit => "benefit",
                ProgrammeKind::Levy => "levy",
                ProgrammeKind::Measure => "measure",
            })),
            indicators: pack.indicators.len(),
            indicators_by_kind: tally(pack.indicators.iter().map(|i| match i.kind {
                Kind::Trigger => "trigger",
                Kind::Score => "score",
                Kind::Compliance => "compliance",
            })),
            index: IndexCounts {
                dimensions: form.dimensions.len(),
                groups: form.groups.len(),
                items: form.items.len(),
            },
            labels: form.labels.len(),
            services: offer.services.len(),
            services_by_category: tally(offer.services.iter().map(|s| s.category.clone())),
            matters: offer.matters.len(),
            matter_departments: distinct(offer.matters.iter().map(|m| m.department.as_str())),
            resources: offer.resources.len(),
            resource_departments: distinct(offer.resources.iter().map(|r| r.department.as_str())),
            parameters: pack.parameters.all.len(),
            cases: pack.cases.len(),
        }
    }
}

fn tally<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, usize> {
    let mut all = BTreeMap::new();
    keys.for_each(|key| *all.entry(key).or_default() += 1);
    all
}

fn distinct<'a>(keys: impl Iterator<Item = &'a str>) -> usize {
    keys.collect::<std::collections::BTreeSet<_>>().len()
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |all: Vec<(&str, usize)>| {
            let each: Vec<String> = all.iter().map(|(name, n)| format!("{n} {name}")).collect();
            if each.is_empty() { String::new() } else { format!(" ({})", each.join(", ")) }
        };
        let named = |all: &BTreeMap<&'static str, usize>| list(all.iter().map(|(k, n)| (*k, *n)).collect());
        let categories = list(self.services_by_category.iter().map(|(k, n)| (k.as_str(), *n)).collect());
        writeln!(f, "sources     {} of departments, {} of the platform", self.sources, self.platform_sources)?;
        writeln!(f, "facts       {} in {} groups", self.facts, self.fact_groups)?;
        writeln!(f, "programmes  {}{}", self.programmes, named(&self.programmes_by_kind))?;
        writeln!(f, "indicators  {}{}", self.indicators, named(&self.indicators_by_kind))?;
        let index = &self.index;
        writeln!(f, "index       {} dimensions, {} groups, {} items", index.dimensions, index.groups, index.items)?;
        writeln!(f, "labels      {}", self.labels)?;
        writeln!(f, "services    {}{categories}", self.services)?;
        writeln!(f, "matters     {} of {} departments", self.matters, self.matter_departments)?;
        writeln!(f, "resources   {} of {} departments", self.resources, self.resource_departments)?;
        writeln!(f, "parameters  {}", self.parameters)?;
        write!(f, "cases       {}", self.cases)
    }
}
