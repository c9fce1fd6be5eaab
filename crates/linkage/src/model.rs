//! What was learnt: how often each level is met among pairs of one person and of two.

use crate::{
    Config, LinkError, Records,
    em::{self, Patterns},
    pairs::Scope,
};
use serde::{Deserialize, Serialize};

/// A pair's level of a field where either row has no value: it says nothing.
pub(crate) const NO_LEVEL: u8 = 15;

/// Can be written and read again, so that new rows are weighed as the old ones were.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Share of all pairs that are one person.
    pub prior: f64,
    pub fields: Vec<FieldModel>,
    /// Rounds until nothing moved.
    pub iterations: u32,
    pub converged: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldModel {
    pub field: String,
    /// In the configuration's order, last what agrees on no level.
    pub levels: Vec<LevelModel>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LevelModel {
    pub level: String,
    /// Share among pairs of one person whose values are known.
    pub m: f64,
    /// Share among pairs of two persons.
    pub u: f64,
}

impl LevelModel {
    /// Bits by which the level changes the odds.
    pub fn weight(&self) -> f64 {
        (self.m / self.u).log2()
    }
}

impl Model {
    /// Learns from the rows alone: u from random pairs, m by expectation-maximisation over the pairs of the blocking rules.
    ///
    /// Pairs outside every rule are taken to be two persons, so that the posterior holds for all pairs and no field has
    /// to be left out for being in a rule.
    pub fn train(records: &Records, config: &Config, scope: Scope, seed: u64) -> Result<Model, LinkError> {
        let all = scope.pairs(records.rows());
        if all < 1.0 {
            let what = match scope {
                Scope::Within => "the file has fewer than two rows",
                Scope::Between { .. } => "one of the files has no rows",
            };
            return Err(LinkError::NoPairs { what });
        }
        let random = Patterns::random(records, config, scope, seed);
        let candidates = Patterns::candidates(records, config, scope, seed);
        if candidates.is_empty() {
            return Err(LinkError::NoCandidates);
        }
        let start = em::start(config, records.rows(), scope);
        let learnt = em::learn(&candidates, &random, all, start, config.training.iterations);
        Ok(Model::of(config, learnt))
    }

    /// A model for rows of which no pairs are known yet: u from random pairs of the rows, m as learning would begin. `prior`
    /// is the share of all pairs that are one person.
    pub fn before_learning(records: &Records, config: &Config, prior: f64, seed: u64) -> Result<Model, LinkError> {
        if records.rows() < 2 {
            return Err(LinkError::NoPairs { what: "fewer than two people are known" });
        }
        let random = Patterns::random(records, config, Scope::Within, seed);
        let mut learnt = em::start(config, records.rows(), Scope::Within);
        learnt.u = em::u_of(&random, &learnt.u);
        learnt.prior = prior.clamp(1e-12, 0.5);
        Ok(Model::of(config, learnt))
    }

    fn of(config: &Config, learnt: em::Learnt) -> Model {
        let fields = config.fields.iter().enumerate().map(|(at, field)| {
            let names = field.levels.iter().map(ToString::to_string).chain(["different".to_owned()]);
            let levels = names.enumerate().map(|(level, name)| LevelModel {
                level: name,
                m: learnt.m[at][level],
                u: learnt.u[at][level],
            });
            FieldModel { field: field.name.clone(), levels: levels.collect() }
        });
        Model {
            prior: learnt.prior,
            fields: fields.collect(),
            iterations: learnt.iterations,
            converged: learnt.converged,
        }
    }

    /// Bits of the odds before anything is compared.
    pub fn prior_weight(&self) -> f64 {
        (self.prior / (1.0 - self.prior)).log2()
    }
}
