//! What uses what: which facts an entry reads, which sources those rest on, which entries read a parameter.

use crate::{Pack, facts::FactGroup};
use std::collections::{BTreeMap, BTreeSet};

/// An entry whose rules read facts and parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum User<'p> {
    Programme(&'p str),
    Indicator(&'p str),
    Label(&'p str),
    Service(&'p str),
    Matter(&'p str),
    Group(&'p str),
}

#[derive(Debug, Default)]
pub struct Uses<'p> {
    /// Fact -> who reads it.
    pub facts: BTreeMap<&'p str, BTreeSet<User<'p>>>,
    /// Parameter -> who reads it.
    pub parameters: BTreeMap<&'p str, BTreeSet<User<'p>>>,
    /// Fact group -> sources it rests on, its own and those of groups it reads.
    pub sources: BTreeMap<&'p str, BTreeSet<&'p str>>,
    /// Who -> facts read.
    pub reads: BTreeMap<User<'p>, BTreeSet<&'p str>>,
}

impl<'p> Uses<'p> {
    pub fn of(pack: &'p Pack) -> Uses<'p> {
        let mut uses = Uses::default();
        for programme in &pack.programmes {
            let user = User::Programme(&programme.id);
            for c in &programme.conditions {
                for text in [Some(&c.expr), c.measure.as_ref(), c.line.as_ref()].into_iter().flatten() {
                    uses.read(pack, user, text);
                }
            }
            if let Some(amount) = &programme.amount {
                uses.read(pack, user, &amount.expr);
                amount.parts.iter().for_each(|part| uses.read(pack, user, &part.expr));
            }
        }
        for indicator in &pack.indicators {
            let user = User::Indicator(&indicator.id);
            let texts = [Some(&indicator.expr), indicator.severity_expr.as_ref(), indicator.points_expr.as_ref()];
            texts.into_iter().flatten().chain(&indicator.evidence).for_each(|text| uses.read(pack, user, text));
        }
        for label in &pack.assessment.labels {
            uses.read(pack, User::Label(&label.id), &label.expr);
        }
        for service in &pack.services.services {
            uses.read(pack, User::Service(&service.id), &service.expr);
        }
        for matter in &pack.services.matters {
            if let Some(trigger) = &matter.trigger {
                uses.read(pack, User::Matter(&matter.id), trigger);
            }
        }
        for group in &pack.facts {
            for name in parameters_in(&group.sql) {
                if let Some(parameter) = pack.parameters.get(&name) {
                    uses.parameters.entry(&parameter.id).or_default().insert(User::Group(&group.id));
                }
            }
            uses.sources.insert(&group.id, sources_of(pack, group));
        }
        uses
    }

    fn read(&mut self, pack: &'p Pack, user: User<'p>, text: &'p str) {
        for name in parameters_in(text) {
            if let Some(parameter) = pack.parameters.get(&name) {
                self.parameters.entry(&parameter.id).or_default().insert(user);
            }
        }
        for word in words(text) {
            if let Some((_, fact)) = pack.fact(word) {
                self.facts.entry(&fact.name).or_default().insert(user);
                self.reads.entry(user).or_default().insert(&fact.name);
            }
        }
    }

    /// Programmes, indicators, labels, services and matters behind which a source stands.
    pub fn resting_on(&self, pack: &'p Pack, source: &str) -> Vec<User<'p>> {
        let rests = |user: &&User<'p>| self.sources_behind(pack, **user).contains(source);
        self.reads.keys().filter(rests).copied().collect()
    }

    /// Sources behind what somebody reads.
    pub fn sources_behind(&self, pack: &'p Pack, user: User<'p>) -> BTreeSet<&'p str> {
        let facts = self.reads.get(&user).into_iter().flatten();
        let groups = facts.filter_map(|fact| pack.fact(fact).map(|(group, _)| group.id.as_str()));
        groups.filter_map(|group| self.sources.get(group)).flatten().copied().collect()
    }
}

/// Sources a group rests on: its own, and those of the groups that its SQL reads.
fn sources_of<'p>(pack: &'p Pack, group: &'p FactGroup) -> BTreeSet<&'p str> {
    let (mut seen, mut next) = (BTreeSet::new(), vec![group]);
    let mut sources = BTreeSet::new();
    while let Some(group) = next.pop() {
        if !seen.insert(group.id.as_str()) {
            continue;
        }
        sources.extend(group.from.iter().filter(|id| pack.source(id).is_some()).map(String::as_str));
        let named: BTreeSet<&str> = words(&group.sql).collect();
        next.extend(pack.facts.iter().filter(|g| named.contains(g.id.as_str())));
    }
    sources
}

pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.lines()
        .flat_map(move |line| line.split("--").next().unwrap_or(line).split(move |c: char| !part(c)))
        .filter(|word| !word.is_empty())
}

pub fn parameters_in(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for line in text.lines() {
        let code = line.split("--").next().unwrap_or(line);
        for part in code.split('$').skip(1) {
            let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(part.len());
            names.insert(part[..end].to_owned());
        }
    }
    names
}
