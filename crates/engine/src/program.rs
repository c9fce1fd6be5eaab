//! A pack compiled for one date: fact groups in the order they need each other, and every expression.

use crate::{
    EngineConfig, EngineError,
    locate::meant,
    order::{Group, fill, keep, key, order, structural, used_columns},
    rule::{Expected, Rule},
    schema::fact_type,
    session::session,
};
use arrow::datatypes::{DataType, Field, Schema};
use chrono::NaiveDate;
use datafusion::{common::DFSchema, execution::SessionState};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use tuodi_pack::{Pack, facts::Grain};

/// The household's tier as a fact, for indicators and programmes of single persons.
pub(crate) const TIER: &str = "tier";
/// Facts that the output's `income_pc_fen` is made of.
pub(crate) const INCOME: &str = "income_known_month";
pub(crate) const SIZE: &str = "size";
/// Person fact; who is not alive does not count in a roll-up.
pub(crate) const ALIVE: &str = "alive";

pub(crate) struct Condition {
    pub rule: Rule,
    pub measure: Option<Rule>,
    pub line: Option<Rule>,
}

/// A programme of the pack, compiled; [`Program::programmes`] keeps the pack's order.
pub(crate) struct Programme {
    pub id: String,
    pub grain: Grain,
    /// Gives the household's tier: asked of the household, or of each living member.
    pub of_household: bool,
    pub conditions: Vec<Condition>,
    pub amount: Option<Rule>,
}

pub(crate) struct Indicator {
    pub id: String,
    pub grain: Grain,
    pub rule: Rule,
    pub evidence: Vec<String>,
}

pub(crate) struct Program {
    pub groups: Vec<Group>,
    pub person: usize,
    pub household: usize,
    pub programmes: Vec<Programme>,
    pub indicators: Vec<Indicator>,
    /// The pack has the facts of `income_pc_fen`.
    pub has_income: bool,
    pub has_alive: bool,
    /// Pool columns that facts read, by source id.
    pub used: BTreeMap<String, BTreeSet<String>>,
    /// Facts that rules about persons mention.
    pub person_facts: HashSet<String>,
}

impl Program {
    pub fn compile(pack: &Pack, as_of: NaiveDate) -> Result<Program, EngineError> {
        let state = session(&EngineConfig { partitions: 1, ..EngineConfig::default() }).state();
        let mut groups = order(pack, &state, as_of)?;
        let dense = |grain, name| {
            groups
                .iter()
                .position(|g: &Group| g.dense && g.grain == grain && g.id == name)
                .ok_or(EngineError::NoDenseGroup(name))
        };
        let (person, household) = (dense(Grain::Person, "person")?, dense(Grain::Household, "household")?);

        let schemas = Schemas::of(pack)?;
        let compiler = Compiler { pack, as_of, state: &state };
        let programmes = compiler.programmes(&schemas)?;
        let indicators = compiler.indicators(&schemas)?;

        let mut mentioned: HashSet<String> = [INCOME, SIZE, ALIVE].map(str::to_owned).into();
        let mut person_facts: HashSet<String> = [ALIVE.to_owned()].into();
        let rules = programmes.iter().flat_map(|p| {
            let conditions = p.conditions.iter().flat_map(|c| [Some(&c.rule), c.measure.as_ref(), c.line.as_ref()]);
            conditions.chain([p.amount.as_ref()]).flatten().map(move |r| (p.grain, &r.columns))
        });
        let rules = rules.chain(indicators.iter().flat_map(|i| [(i.grain, &i.rule.columns), (i.grain, &i.evidence)]));
        for (grain, columns) in rules {
            mentioned.extend(columns.iter().cloned());
            if grain == Grain::Person {
                person_facts.extend(columns.iter().cloned());
            }
        }
        keep(&mut groups, &mentioned);
        let used = used_columns(pack, &groups);
        let has =
            |grain, name: &str| pack.facts.iter().any(|g| g.grain == grain && g.facts.iter().any(|f| f.name == name));
        Ok(Program {
            person,
            household,
            programmes,
            indicators,
            has_income: has(Grain::Household, INCOME) && has(Grain::Household, SIZE),
            has_alive: has(Grain::Person, ALIVE),
            used,
            person_facts,
            groups,
        })
    }

    /// Group that a fact comes from.
    pub fn group_of(&self, fact: &str) -> Option<&Group> {
        self.groups.iter().find(|g| g.facts.iter().any(|f| f.name == fact))
    }

    /// Every statement with its name, in the order of the pass.
    pub fn statements(&self, pack: &Pack) -> Vec<(String, String)> {
        let mut out: Vec<(String, String)> =
            self.groups.iter().map(|g| (format!("facts.{}", g.id), g.statement(false))).collect();
        for programme in &self.programmes {
            let columns: Vec<String> = programme
                .conditions
                .iter()
                .map(|c| &c.rule)
                .zip(pack.programme(&programme.id).map(|p| &p.conditions[..]).unwrap_or_default())
                .map(|(rule, condition)| format!("({}) AS \"{}\"", rule.sql.trim(), condition.name))
                .chain(programme.amount.as_ref().map(|a| format!("({}) AS monthly_fen", a.sql.trim())))
                .collect();
            let grain = programme.grain;
            let frame = frame_name(grain);
            out.push((
                format!("programme.{}", programme.id),
                format!("SELECT {}, {} FROM {frame}", key(grain), columns.join(", ")),
            ));
        }
        for indicator in &self.indicators {
            let (grain, frame) = (indicator.grain, frame_name(indicator.grain));
            let evidence: String = indicator.evidence.iter().map(|e| format!(", \"{e}\"")).collect();
            out.push((
                format!("indicator.{}", indicator.id),
                format!("SELECT {}{evidence} FROM {frame} WHERE {}", key(grain), indicator.rule.sql.trim()),
            ));
        }
        out
    }
}

fn frame_name(grain: Grain) -> &'static str {
    match grain {
        Grain::Person => "all_facts_of_persons",
        Grain::Household => "all_facts_of_households",
    }
}

/// What expressions may mention.
pub(crate) struct Schemas {
    pub person: DFSchema,
    pub household: DFSchema,
    /// The same with the household's tier.
    pub person_tier: DFSchema,
    pub household_tier: DFSchema,
}

impl Schemas {
    pub fn of(pack: &Pack) -> Result<Schemas, EngineError> {
        let fail = |message: String| EngineError::Rule { rule: "facts".to_owned(), message };
        let build = |grains: &[Grain], tier: bool| {
            let mut fields: Vec<Field> = Vec::new();
            let mut push = |name: &str, kind: DataType| {
                if fields.iter().all(|f| f.name() != name) {
                    fields.push(Field::new(name, kind, true));
                }
            };
            for (name, kind) in structural(grains[0], true) {
                push(name, kind);
            }
            for group in pack.facts.iter().filter(|g| grains.contains(&g.grain)) {
                for fact in &group.facts {
                    push(&fact.name, fact_type(fact.kind));
                }
            }
            if tier {
                push(TIER, DataType::Utf8);
            }
            DFSchema::try_from(Schema::new(fields)).map_err(|e| fail(e.strip_backtrace()))
        };
        let both = [Grain::Person, Grain::Household];
        Ok(Schemas {
            person: build(&both, false)?,
            household: build(&[Grain::Household], false)?,
            person_tier: build(&both, true)?,
            household_tier: build(&[Grain::Household], true)?,
        })
    }

    pub fn of_programme(&self, programme: &tuodi_pack::programme::Programme) -> &DFSchema {
        match (programme.grain, programme.rollup) {
            (Grain::Household, _) => &self.household,
            (Grain::Person, Some(_)) => &self.person,
            (Grain::Person, None) => &self.person_tier,
        }
    }

    pub fn of_indicator(&self, grain: Grain) -> &DFSchema {
        match grain {
            Grain::Household => &self.household_tier,
            Grain::Person => &self.person_tier,
        }
    }
}

struct Compiler<'a> {
    pack: &'a Pack,
    as_of: NaiveDate,
    state: &'a SessionState,
}

impl Compiler<'_> {
    fn rule(&self, place: String, sql: &str, facts: &DFSchema, expected: Expected) -> Result<Rule, EngineError> {
        let sql = fill(self.pack, self.as_of, &place, sql)?;
        Rule::compile(self.state, place, sql, facts, expected)
    }

    fn programmes(&self, schemas: &Schemas) -> Result<Vec<Programme>, EngineError> {
        self.pack
            .programmes
            .iter()
            .map(|programme| {
                let facts = schemas.of_programme(programme);
                let place = |name: &str| format!("programmes/{}: {name}", programme.id);
                let number = |name: String, sql: &Option<String>| {
                    sql.as_ref().map(|sql| self.rule(name, sql, facts, Expected::Number)).transpose()
                };
                let conditions = programme.conditions.iter().map(|c| {
                    Ok(Condition {
                        rule: self.rule(place(&c.name), &c.expr, facts, Expected::Claim)?,
                        measure: number(place(&format!("{}, measure", c.name)), &c.measure)?,
                        line: number(place(&format!("{}, line", c.name)), &c.line)?,
                    })
                });
                Ok(Programme {
                    id: programme.id.clone(),
                    grain: programme.grain,
                    of_household: programme.grain == Grain::Household || programme.rollup.is_some(),
                    conditions: conditions.collect::<Result<_, EngineError>>()?,
                    amount: number(place("amount"), &programme.amount.as_ref().map(|a| a.expr.clone()))?,
                })
            })
            .collect()
    }

    fn indicators(&self, schemas: &Schemas) -> Result<Vec<Indicator>, EngineError> {
        self.pack
            .indicators
            .iter()
            .map(|i| {
                let facts = schemas.of_indicator(i.grain);
                let place = format!("indicators/{}", i.id);
                for name in &i.evidence {
                    if facts.as_arrow().field_with_name(name).is_err() {
                        let known = facts.as_arrow().fields().iter().map(|f| f.name().as_str());
                        let message = format!("no fact `{name}` for its evidence{}", meant(name, known));
                        return Err(EngineError::Rule { rule: place, message });
                    }
                }
                Ok(Indicator {
                    id: i.id.clone(),
                    grain: i.grain,
                    rule: self.rule(place, &i.expr, facts, Expected::Claim)?,
                    evidence: i.evidence.clone(),
                })
            })
            .collect()
    }
}
