//! A pack compiled for one date: fact groups in the order they need each other, and every expression.

use crate::{
    EngineConfig, EngineError,
    locate::meant,
    order::{Group, fill, keep, order, used_columns},
    rows::read_schema,
    rule::{Expected, Rule},
    schedule::{self, Phase},
    schemas::{self, Schemas},
    session::session,
    told::Told,
};
use arrow::datatypes::SchemaRef;
use chrono::NaiveDate;
use datafusion::{common::DFSchema, execution::SessionState};
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::OnceLock,
};
use tuodi_pack::{
    Pack,
    facts::Grain,
    indicator::{Kind, Severity},
    programme::{Per, ProgrammeKind, Round},
};

/// The household's tier as a fact, and what it pays a month.
pub(crate) const TIER: &str = "tier";
pub(crate) const TIER_AMOUNT: &str = "tier_amount";
/// The household's level of hardship, after the tier's floor and the overrides.
pub(crate) const LEVEL: &str = "level";
/// Facts of the latest assessment that the level is made of.
pub(crate) const INDEX_LEVEL: &str = "index_level";
pub(crate) const INDEX_DECIDED_BY: &str = "index_decided_by";
/// Facts that the output's `income_pc_fen` is made of.
pub(crate) const INCOME: &str = "income_known_month";
pub(crate) const SIZE: &str = "size";
/// Person fact; who is not alive does not count in a roll-up and holds nothing.
pub(crate) const ALIVE: &str = "alive";

pub(crate) struct Condition {
    /// Position in the pack's programme: not every condition is law on every day.
    pub place: usize,
    pub rule: Rule,
    pub measure: Option<Rule>,
    pub line: Option<Rule>,
}

pub(crate) struct Amount {
    pub rule: Rule,
    pub round: Round,
    pub per: Per,
    pub parts: Vec<Claim>,
}

/// A programme of the pack, compiled; [`Program::programmes`] keeps the pack's order.
pub(crate) struct Programme {
    pub id: String,
    pub kind: ProgrammeKind,
    pub grain: Grain,
    /// Can be the household's tier: asked of the household, or of each living member.
    pub is_tier: bool,
    /// Law on the day that is asked about; otherwise nobody holds it.
    pub in_force: bool,
    /// The dead are asked too.
    pub after_death: bool,
    pub conditions: Vec<Condition>,
    pub amount: Option<Amount>,
}

impl Programme {
    /// Names that its answer and its amount are made of.
    pub fn reads(&self) -> Vec<String> {
        let rules = self.conditions.iter().map(|c| &c.rule).chain(self.amount.iter().map(|a| &a.rule));
        rules.flat_map(|r| r.columns.iter().cloned()).collect()
    }

    /// Names that are only shown.
    pub fn shown(&self) -> Vec<String> {
        let conditions = self.conditions.iter().flat_map(|c| c.measure.iter().chain(&c.line));
        let parts = self.amount.iter().flat_map(|a| &a.parts).map(|p| &p.rule);
        conditions.chain(parts).flat_map(|r| r.columns.iter().cloned()).collect()
    }
}

pub(crate) struct Indicator {
    pub id: String,
    pub grain: Grain,
    pub rule: Rule,
    pub severity: Severity,
    pub severity_rule: Option<Rule>,
    /// 0 where it does not score.
    pub points: u32,
    pub points_rule: Option<Rule>,
    pub evidence: Vec<String>,
}

impl Indicator {
    pub fn reads(&self) -> Vec<String> {
        let rules = [Some(&self.rule), self.severity_rule.as_ref(), self.points_rule.as_ref()];
        rules.into_iter().flatten().flat_map(|r| &r.columns).chain(&self.evidence).cloned().collect()
    }
}

/// A label, a service, a matter, a part of an amount: one expression with a name.
pub(crate) struct Claim {
    pub id: String,
    pub rule: Rule,
}

/// What raises the level of hardship besides the answers, in the order in which they are asked.
pub(crate) struct Level {
    /// Level ids from the least.
    pub ids: Vec<String>,
    /// The pack has the facts of an assessment.
    pub has_index: bool,
    pub has_decided_by: bool,
    pub raises: Vec<Raise>,
}

pub(crate) struct Raise {
    /// `tier`, `label:…` or `indicator:…`.
    pub by: String,
    /// Position in [`Level::ids`].
    pub to: usize,
    pub when: When,
}

pub(crate) enum When {
    /// The household's tier.
    Tier(String),
    /// A result that is true, or a number over 0.
    Result(String),
}

impl Level {
    pub fn reads(&self) -> Vec<String> {
        let raises = self.raises.iter().map(|r| match &r.when {
            When::Tier(_) => TIER.to_owned(),
            When::Result(name) => name.clone(),
        });
        raises.collect()
    }
}

pub(crate) struct Program {
    pub groups: Vec<Group>,
    pub person: usize,
    pub household: usize,
    pub programmes: Vec<Programme>,
    pub indicators: Vec<Indicator>,
    pub labels: Vec<Claim>,
    pub services: Vec<Claim>,
    pub matters: Vec<Claim>,
    pub level: Option<Level>,
    pub phases: Vec<Phase>,
    /// The pack has the facts of `income_pc_fen`.
    pub has_income: bool,
    pub has_alive: bool,
    /// Pool columns that facts read, by source id.
    pub used: BTreeMap<String, BTreeSet<String>>,
    /// The columns of these sources that a check reads.
    pub schemas: BTreeMap<String, SchemaRef>,
    /// Facts and results that some rule mentions.
    pub mentioned: HashSet<String>,
    /// Those that rules about persons mention.
    pub person_facts: HashSet<String>,
    told: OnceLock<Told>,
}

impl Program {
    pub fn compile(pack: &Pack, as_of: NaiveDate) -> Result<Program, EngineError> {
        let state = session(&EngineConfig { partitions: 1, ..EngineConfig::default() }).state();
        let groups = order(pack, &state, as_of)?;
        let dense = |grain, name| {
            groups
                .iter()
                .position(|g: &Group| g.dense && g.grain == grain && g.id == name)
                .ok_or(EngineError::NoDenseGroup(name))
        };
        let (person, household) = (dense(Grain::Person, "person")?, dense(Grain::Household, "household")?);
        let compiler = Compiler { pack, as_of, state: &state, schemas: Schemas::of(pack) };
        let has =
            |grain, name: &str| pack.facts.iter().any(|g| g.grain == grain && g.facts.iter().any(|f| f.name == name));
        let mut program = Program {
            person,
            household,
            programmes: compiler.programmes()?,
            indicators: compiler.indicators()?,
            labels: compiler.labels()?,
            services: compiler.services()?,
            matters: compiler.matters()?,
            level: level(pack, has(Grain::Household, INDEX_LEVEL), has(Grain::Household, INDEX_DECIDED_BY)),
            phases: Vec::new(),
            has_income: has(Grain::Household, INCOME) && has(Grain::Household, SIZE),
            has_alive: has(Grain::Person, ALIVE),
            used: BTreeMap::new(),
            schemas: BTreeMap::new(),
            mentioned: HashSet::new(),
            person_facts: HashSet::new(),
            told: OnceLock::new(),
            groups,
        };
        (program.mentioned, program.person_facts) = schedule::mentioned(&program);
        program.mentioned.extend([INCOME, SIZE, ALIVE].map(str::to_owned));
        program.person_facts.insert(ALIVE.to_owned());
        program.phases = schedule::plan(&program);
        keep(&mut program.groups, &program.mentioned);
        program.used = used_columns(pack, &program.groups);
        let sources = program.used.iter().filter_map(|(id, columns)| Some((id, pack.source(id)?, columns)));
        program.schemas = sources.map(|(id, source, columns)| (id.clone(), read_schema(source, columns))).collect();
        Ok(program)
    }

    /// What explanations tell beside answers; `pack` is the one this was compiled from.
    pub fn told(&self, pack: &Pack) -> &Told {
        self.told.get_or_init(|| Told::of(pack, self))
    }

    /// Group that a fact comes from.
    pub fn group_of(&self, fact: &str) -> Option<&Group> {
        self.groups.iter().find(|g| g.facts.iter().any(|f| f.name == fact))
    }

    /// The groups that a fact or a result comes from, through other results.
    pub fn groups_behind(&self, name: &str) -> Vec<usize> {
        let (mut out, mut seen, mut next) = (Vec::new(), HashSet::new(), vec![name.to_owned()]);
        while let Some(name) = next.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            match self.groups.iter().position(|g| g.facts.iter().any(|f| f.name == name)) {
                Some(group) => out.push(group),
                None => next.extend(self.made_of(&name)),
            }
        }
        out
    }

    /// The names that a result is made of.
    fn made_of(&self, name: &str) -> Vec<String> {
        if name == TIER || name == TIER_AMOUNT {
            return self.programmes.iter().filter(|p| p.is_tier).flat_map(|p| p.reads()).collect();
        }
        let programme = self.programmes.iter().find(|p| {
            let id = &p.id;
            [schemas::holds(id), schemas::amount(id), schemas::members(id), schemas::total(id)]
                .iter()
                .any(|n| n == name)
        });
        if let Some(programme) = programme {
            return programme.reads();
        }
        if let Some(label) = self.labels.iter().find(|l| schemas::label(&l.id) == name) {
            return label.rule.columns.clone();
        }
        if let Some(indicator) = self.indicators.iter().find(|i| schemas::alert(&i.id) == name) {
            return indicator.reads();
        }
        match &self.level {
            Some(level) if name == LEVEL => level.reads().into_iter().chain([INDEX_LEVEL.to_owned()]).collect(),
            _ => Vec::new(),
        }
    }
}

/// Floors of tiers and statuses first, then what labels and alerts raise.
fn level(pack: &Pack, has_index: bool, has_decided_by: bool) -> Option<Level> {
    let form = &pack.assessment;
    let place = |id: &str| form.levels.iter().position(|l| l.id == id);
    let floors = form.floors.iter().filter_map(|floor| {
        let when = match pack.programme(&floor.tier) {
            Some(programme) if programme.is_tier() => When::Tier(floor.tier.clone()),
            Some(programme) if schemas::of_person(programme) => When::Result(schemas::members(&programme.id)),
            Some(programme) => When::Result(schemas::holds(&programme.id)),
            None => return None,
        };
        Some(Raise { by: "tier".to_owned(), to: place(&floor.level)?, when })
    });
    let overrides = form.overrides.iter().filter_map(|rule| {
        let (by, name) = match (&rule.label, &rule.indicator) {
            (Some(id), _) => (format!("label:{id}"), schemas::label(id)),
            (None, Some(id)) => (format!("indicator:{id}"), schemas::alert(id)),
            (None, None) => return None,
        };
        Some(Raise { by, to: place(&rule.level)?, when: When::Result(name) })
    });
    (!form.levels.is_empty()).then(|| Level {
        ids: form.levels.iter().map(|l| l.id.clone()).collect(),
        has_index,
        has_decided_by,
        raises: floors.chain(overrides).collect(),
    })
}

struct Compiler<'a> {
    pack: &'a Pack,
    as_of: NaiveDate,
    state: &'a SessionState,
    schemas: Schemas<'a>,
}

impl Compiler<'_> {
    fn rule(&self, place: String, sql: &str, facts: &DFSchema, expected: Expected) -> Result<Rule, EngineError> {
        let sql = fill(self.pack, self.as_of, &place, sql)?;
        Rule::compile(self.state, place, sql, facts, expected)
    }

    fn programmes(&self) -> Result<Vec<Programme>, EngineError> {
        self.pack
            .programmes
            .iter()
            .map(|programme| {
                let facts = &self.schemas.of_programme(programme)?;
                let place = |name: &str| format!("programmes/{}: {name}", programme.id);
                let number = |name: String, sql: &str| self.rule(name, sql, facts, Expected::Number);
                let in_force = programme.in_force(self.as_of);
                let conditions = programme.conditions.iter().enumerate();
                let conditions = conditions.filter(|(_, c)| in_force && c.in_force(self.as_of)).map(|(place_in, c)| {
                    let shown = |what: &str, sql: &Option<String>| {
                        sql.as_ref().map(|sql| number(place(&format!("{}, {what}", c.name)), sql)).transpose()
                    };
                    Ok(Condition {
                        place: place_in,
                        rule: self.rule(place(&c.name), &c.expr, facts, Expected::Claim)?,
                        measure: shown("measure", &c.measure)?,
                        line: shown("line", &c.line)?,
                    })
                });
                let amount = programme.amount.as_ref().filter(|_| in_force).map(|a| {
                    let parts = a.parts.iter().map(|part| {
                        let rule = number(place(&format!("part {}", part.id)), &part.expr)?;
                        Ok::<_, EngineError>(Claim { id: part.id.clone(), rule })
                    });
                    Ok::<_, EngineError>(Amount {
                        rule: number(place("amount"), &a.expr)?,
                        round: a.round,
                        per: a.per,
                        parts: parts.collect::<Result<_, _>>()?,
                    })
                });
                Ok(Programme {
                    id: programme.id.clone(),
                    kind: programme.kind,
                    grain: programme.grain,
                    is_tier: programme.is_tier(),
                    in_force,
                    after_death: programme.after_death,
                    conditions: conditions.collect::<Result<_, EngineError>>()?,
                    amount: amount.transpose()?,
                })
            })
            .collect()
    }

    fn indicators(&self) -> Result<Vec<Indicator>, EngineError> {
        let of = |grain| self.pack.indicators.iter().find(|i| i.grain == grain);
        let schema = |grain| of(grain).map(|i| self.schemas.of_indicator(i)).transpose();
        let (person, household) = (schema(Grain::Person)?, schema(Grain::Household)?);
        self.pack
            .indicators
            .iter()
            .filter_map(|i| {
                let facts = match i.grain {
                    Grain::Person => person.as_ref()?,
                    Grain::Household => household.as_ref()?,
                };
                Some((i, facts))
            })
            .map(|(i, facts)| {
                let place = format!("indicators/{}", i.id);
                for name in &i.evidence {
                    if facts.as_arrow().field_with_name(name).is_err() {
                        let known = facts.as_arrow().fields().iter().map(|f| f.name().as_str());
                        let message = format!("no fact `{name}` for its evidence{}", meant(name, known));
                        return Err(EngineError::Rule { rule: place, message });
                    }
                }
                let shown = |what: &str, sql: &Option<String>, expected| {
                    sql.as_ref().map(|sql| self.rule(format!("{place}, {what}"), sql, facts, expected)).transpose()
                };
                Ok(Indicator {
                    id: i.id.clone(),
                    grain: i.grain,
                    severity: i.severity,
                    severity_rule: shown("severity", &i.severity_expr, Expected::Word)?,
                    points: if i.kind == Kind::Score { i.points } else { 0 },
                    points_rule: shown("points", &i.points_expr, Expected::Number)?,
                    rule: self.rule(place, &i.expr, facts, Expected::Claim)?,
                    evidence: i.evidence.clone(),
                })
            })
            .collect()
    }

    fn claim(&self, place: &str, id: &str, sql: &str, facts: &DFSchema) -> Result<Claim, EngineError> {
        let rule = self.rule(format!("{place} {id}"), sql, facts, Expected::Claim)?;
        Ok(Claim { id: id.to_owned(), rule })
    }

    fn labels(&self) -> Result<Vec<Claim>, EngineError> {
        let labels = self.pack.assessment.labels.iter().enumerate();
        labels.map(|(i, l)| self.claim("label", &l.id, &l.expr, &self.schemas.of_label(i)?)).collect()
    }

    fn services(&self) -> Result<Vec<Claim>, EngineError> {
        let facts = self.schemas.of_need()?;
        self.pack.services.services.iter().map(|s| self.claim("service", &s.id, &s.expr, &facts)).collect()
    }

    fn matters(&self) -> Result<Vec<Claim>, EngineError> {
        let facts = self.schemas.of_need()?;
        let matters = self.pack.services.matters.iter();
        matters.filter_map(|m| Some(self.claim("matter", &m.id, m.trigger.as_ref()?, &facts))).collect()
    }
}
