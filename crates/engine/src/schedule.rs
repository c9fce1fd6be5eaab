//! The order in which rules are asked: phases over persons and over households in turn, each reading what the phases
//! before it have found.

use crate::{
    program::{INDEX_DECIDED_BY, INDEX_LEVEL, LEVEL, Program, TIER, TIER_AMOUNT},
    schemas::{alert, amount, holds, label, members, total},
};
use std::collections::{BTreeMap, HashMap, HashSet};
use tuodi_pack::facts::Grain;

/// One thing to ask; numbers are positions in the program's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Task {
    /// A tier asked of persons, to be rolled up.
    Members(usize),
    /// All the tiers of households.
    Tiers,
    /// A programme beside the tiers.
    Programme(usize),
    Indicator(usize),
    Label(usize),
    /// The level of hardship.
    Level,
    Service(usize),
    Matter(usize),
}

pub(crate) struct Phase {
    pub grain: Grain,
    pub tasks: Vec<Task>,
}

/// The earliest phase in which a name may be read, by who reads it. Phases over persons have even numbers, those over
/// households odd ones.
#[derive(Clone, Copy)]
struct From {
    persons: usize,
    households: usize,
}

/// Puts every task into the earliest phase in which all it reads is known.
pub(crate) fn plan(program: &Program) -> Vec<Phase> {
    let mut known: HashMap<String, From> = HashMap::new();
    let mut phases: BTreeMap<usize, Vec<Task>> = BTreeMap::new();
    for task in tasks(program) {
        let grain = grain(program, task);
        let least = match grain {
            Grain::Person => 0,
            Grain::Household => 1,
        };
        let read = phase_reads(program, task);
        let at = read.iter().filter_map(|name| known.get(name.as_str())).map(|from| match grain {
            Grain::Person => from.persons,
            Grain::Household => from.households,
        });
        let phase = at.fold(least, usize::max);
        phases.entry(phase).or_default().push(task);
        let (own, summed) = gives(program, task);
        for name in own {
            let from = match grain {
                Grain::Person => From { persons: phase, households: phase + 1 },
                Grain::Household => From { persons: phase + 1, households: phase },
            };
            known.insert(name, from);
        }
        for name in summed {
            known.insert(name, From { persons: phase + 2, households: phase + 1 });
        }
    }
    let grain = |phase| if phase % 2 == 0 { Grain::Person } else { Grain::Household };
    phases.into_iter().map(|(phase, tasks)| Phase { grain: grain(phase), tasks }).collect()
}

/// Every task, each after those it may read.
fn tasks(program: &Program) -> Vec<Task> {
    let tiers = program.programmes.iter().enumerate().filter(|(_, p)| p.is_tier);
    let mut out: Vec<Task> = tiers.filter(|(_, p)| p.grain == Grain::Person).map(|(i, _)| Task::Members(i)).collect();
    out.push(Task::Tiers);
    let beside = program.programmes.iter().enumerate().filter(|(_, p)| !p.is_tier);
    out.extend(beside.map(|(i, _)| Task::Programme(i)));
    out.extend((0..program.indicators.len()).map(Task::Indicator));
    out.extend((0..program.labels.len()).map(Task::Label));
    if program.level.is_some() {
        out.push(Task::Level);
    }
    out.extend((0..program.services.len()).map(Task::Service));
    out.extend((0..program.matters.len()).map(Task::Matter));
    out
}

pub(crate) fn grain(program: &Program, task: Task) -> Grain {
    match task {
        Task::Members(_) => Grain::Person,
        Task::Programme(i) => program.programmes[i].grain,
        Task::Indicator(i) => program.indicators[i].grain,
        Task::Tiers | Task::Label(_) | Task::Level | Task::Service(_) | Task::Matter(_) => Grain::Household,
    }
}

pub(crate) fn phase_reads(program: &Program, task: Task) -> Vec<String> {
    match task {
        Task::Members(i) | Task::Programme(i) => program.programmes[i].reads(),
        Task::Tiers => {
            let tiers = program.programmes.iter().filter(|p| p.is_tier);
            let read = |p: &crate::program::Programme| match p.grain {
                Grain::Household => p.reads(),
                Grain::Person => vec![holds(&p.id), amount(&p.id)],
            };
            tiers.flat_map(read).collect()
        }
        Task::Indicator(i) => program.indicators[i].reads(),
        Task::Label(i) => program.labels[i].rule.columns.clone(),
        Task::Level => program.level.as_ref().map(|l| l.reads()).unwrap_or_default(),
        Task::Service(i) => program.services[i].rule.columns.clone(),
        Task::Matter(i) => program.matters[i].rule.columns.clone(),
    }
}

/// Names found for the subject itself, and for the household from its persons.
fn gives(program: &Program, task: Task) -> (Vec<String>, Vec<String>) {
    match task {
        Task::Members(i) => {
            let id = &program.programmes[i].id;
            (Vec::new(), vec![holds(id), amount(id)])
        }
        Task::Tiers => {
            let tiers = program.programmes.iter().filter(|p| p.is_tier && p.grain == Grain::Household);
            let own = tiers.flat_map(|p| [holds(&p.id), amount(&p.id)]);
            (own.chain([TIER.to_owned(), TIER_AMOUNT.to_owned()]).collect(), Vec::new())
        }
        Task::Programme(i) => {
            let programme = &program.programmes[i];
            let id = &programme.id;
            let summed = match programme.grain {
                Grain::Person => vec![members(id), total(id)],
                Grain::Household => Vec::new(),
            };
            (vec![holds(id), amount(id)], summed)
        }
        Task::Indicator(i) => {
            let indicator = &program.indicators[i];
            match indicator.grain {
                Grain::Person => (Vec::new(), vec![alert(&indicator.id)]),
                Grain::Household => (vec![alert(&indicator.id)], Vec::new()),
            }
        }
        Task::Label(i) => (vec![label(&program.labels[i].id)], Vec::new()),
        Task::Level => (vec![LEVEL.to_owned()], Vec::new()),
        Task::Service(_) | Task::Matter(_) => (Vec::new(), Vec::new()),
    }
}

/// Every name that some rule mentions: facts to compute and results to keep. `true`: a rule about persons does.
pub(crate) fn mentioned(program: &Program) -> (HashSet<String>, HashSet<String>) {
    let (mut all, mut of_persons) = (HashSet::new(), HashSet::new());
    for task in tasks(program) {
        let mut names = phase_reads(program, task);
        if let Task::Members(i) | Task::Programme(i) = task {
            names.extend(program.programmes[i].shown());
        }
        if task == Task::Tiers {
            names.extend(program.programmes.iter().filter(|p| p.is_tier).flat_map(|p| p.shown()));
        }
        if task == Task::Level {
            names.extend([INDEX_LEVEL, INDEX_DECIDED_BY].map(str::to_owned));
        }
        if grain(program, task) == Grain::Person {
            of_persons.extend(names.iter().cloned());
        }
        all.extend(names);
    }
    (all, of_persons)
}
