//! What is told beside answers and is the same for every household: units, the sources and parameters behind each
//! condition. Worked out once a program, at the first check.

use crate::{
    program::{Condition, Program, TIER_AMOUNT},
    schemas::{amount, holds, members, of_person, total},
    template,
};
use std::collections::{BTreeSet, HashMap};
use tuodi_pack::{Pack, facts::Grain, programme::Per};

/// A fact or a result by its name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Name {
    /// Of the pack's facts, which may be moved; a result follows from other things.
    pub is_fact: bool,
    pub of_person: bool,
    pub unit: String,
}

/// What stands behind one condition.
#[derive(Default)]
pub(crate) struct Behind {
    /// Facts and results that it, its measure and its line mention, in the order of their names.
    pub names: Vec<String>,
    /// Positions in [`Told::sources`], ascending.
    pub sources: Vec<usize>,
    /// Positions in the pack's parameters: those of its own expressions first, then of the statements of its facts.
    pub parameters: Vec<usize>,
}

pub(crate) struct Told {
    names: HashMap<String, Name>,
    /// Ids of the sources that facts read, in order.
    pub sources: Vec<String>,
    /// By position of the programme and of the condition in the program.
    conditions: Vec<Vec<Behind>>,
}

impl Told {
    pub fn of(pack: &Pack, program: &Program) -> Told {
        let sources: Vec<String> = program.used.keys().cloned().collect();
        // Many conditions read the same few statements.
        let mut statements: HashMap<&str, Vec<usize>> = HashMap::new();
        for group in &pack.facts {
            statements.insert(&group.id, mentioned(pack, &group.sql));
        }
        let behind = |programme: &tuodi_pack::programme::Programme, condition: &Condition| {
            let mut behind = Behind { names: names(condition), ..Behind::default() };
            let groups: BTreeSet<usize> = behind.names.iter().flat_map(|name| program.groups_behind(name)).collect();
            let rests_on: BTreeSet<&str> =
                groups.iter().flat_map(|g| &program.groups[*g].rests_on).map(String::as_str).collect();
            behind.sources = (0..sources.len()).filter(|i| rests_on.contains(sources[*i].as_str())).collect();
            if let Some(text) = programme.conditions.get(condition.place) {
                let own = [Some(&text.expr), text.measure.as_ref(), text.line.as_ref()];
                behind.parameters = own.into_iter().flatten().flat_map(|sql| mentioned(pack, sql)).collect();
            }
            let ids: BTreeSet<&str> = groups.iter().map(|g| program.groups[*g].id.as_str()).collect();
            let used = pack.facts.iter().filter(|g| ids.contains(g.id.as_str()));
            behind.parameters.extend(used.flat_map(|g| statements.get(g.id.as_str()).into_iter().flatten()));
            let mut seen = BTreeSet::new();
            behind.parameters.retain(|p| seen.insert(*p));
            behind
        };
        let conditions = program.programmes.iter().map(|programme| match pack.programme(&programme.id) {
            Some(text) => programme.conditions.iter().map(|condition| behind(text, condition)).collect(),
            None => Vec::new(),
        });
        let conditions = conditions.collect();
        Told { names: all_names(pack), sources, conditions }
    }

    /// `None`: a column of the register, or a name that nobody declares.
    pub fn name(&self, name: &str) -> Option<&Name> {
        self.names.get(name)
    }

    /// What stands behind a condition of a programme; by positions in the program.
    pub fn behind(&self, programme: usize, condition: usize) -> Option<&Behind> {
        self.conditions.get(programme)?.get(condition)
    }

    pub fn source(&self, id: &str) -> Option<usize> {
        self.sources.binary_search_by(|s| s.as_str().cmp(id)).ok()
    }
}

/// Positions of the parameters that a text mentions, in its order.
fn mentioned(pack: &Pack, sql: &str) -> Vec<usize> {
    let place = |name: &str| pack.parameters.all.iter().position(|p| p.id == name);
    template::parameters_in(sql).into_iter().filter_map(place).collect()
}

fn names(condition: &Condition) -> Vec<String> {
    let rules = [Some(&condition.rule), condition.measure.as_ref(), condition.line.as_ref()];
    let names: BTreeSet<&String> = rules.into_iter().flatten().flat_map(|rule| &rule.columns).collect();
    names.into_iter().cloned().collect()
}

fn all_names(pack: &Pack) -> HashMap<String, Name> {
    let money = |per: Per| match per {
        Per::Month => format!("{}/month", pack.info.money_unit),
        Per::Week => format!("{}/week", pack.info.money_unit),
        Per::Year => format!("{}/year", pack.info.money_unit),
        Per::Once => pack.info.money_unit.clone(),
    };
    let mut out: HashMap<String, Name> = HashMap::new();
    for group in &pack.facts {
        for fact in &group.facts {
            let of_person = group.grain == Grain::Person;
            let name = Name { is_fact: true, of_person, unit: fact.unit.clone() };
            out.entry(fact.name.clone()).or_insert(name);
        }
    }
    let tier_amount = Name { unit: money(Per::Month), ..Name::default() };
    out.entry(TIER_AMOUNT.to_owned()).or_insert(tier_amount);
    for programme in &pack.programmes {
        let (id, own) = (&programme.id, of_person(programme));
        let paid = money(programme.amount.as_ref().map_or(Per::Month, |a| a.per));
        let results = [
            (holds(id), own, String::new()),
            (amount(id), own, paid.clone()),
            (total(id), false, paid),
            (members(id), false, "persons".to_owned()),
        ];
        for (name, of_person, unit) in results {
            out.entry(name).or_insert(Name { is_fact: false, of_person, unit });
        }
    }
    out
}
