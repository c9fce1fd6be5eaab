//! What each expression may mention: the facts of its grain, and of what the engine finds itself only what is found
//! before it.

use crate::{
    EngineError,
    faults::CODES,
    order::structural,
    program::{LEVEL, TIER, TIER_AMOUNT},
    schema::fact_type,
};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::DFSchema;
use std::collections::HashSet;
use tuodi_pack::{
    Pack,
    facts::Grain,
    indicator::Indicator,
    programme::{Programme, ProgrammeKind},
};

/// `dibao_holds`: whether a programme's conditions hold.
pub(crate) fn holds(programme: &str) -> String {
    format!("{}_holds", programme.to_lowercase())
}

/// `dibao_amount`: fen, 0 unless it holds.
pub(crate) fn amount(programme: &str) -> String {
    format!("{}_amount", programme.to_lowercase())
}

/// `age_allowance_members`: how many members of the household hold a programme of persons.
pub(crate) fn members(programme: &str) -> String {
    format!("{}_members", programme.to_lowercase())
}

/// `age_allowance_total`: what they hold together, in fen.
pub(crate) fn total(programme: &str) -> String {
    format!("{}_total", programme.to_lowercase())
}

/// `alert_m010`; SQL folds names to lower case.
pub(crate) fn alert(indicator: &str) -> String {
    format!("alert_{}", indicator.to_lowercase())
}

pub(crate) fn label(label: &str) -> String {
    format!("label_{}", label.to_lowercase())
}

/// Whether a programme is asked of each person and stays that person's.
pub(crate) fn of_person(programme: &Programme) -> bool {
    programme.grain == Grain::Person && programme.kind != ProgrammeKind::Tier
}

pub(crate) struct Schemas<'a> {
    pack: &'a Pack,
    person: Vec<Field>,
    household: Vec<Field>,
}

type Named = (String, DataType);

impl<'a> Schemas<'a> {
    pub fn of(pack: &'a Pack) -> Schemas<'a> {
        let base = |grains: &[Grain]| {
            let mut seen = HashSet::new();
            let mut fields: Vec<Field> = Vec::new();
            let structural = structural(grains[0], true).into_iter().map(|(name, kind)| (name.to_owned(), kind));
            let groups = pack.facts.iter().filter(|g| grains.contains(&g.grain));
            let facts = groups.flat_map(|g| &g.facts).map(|f| (f.name.clone(), fact_type(f.kind)));
            for (name, kind) in structural.chain(facts) {
                if seen.insert(name.clone()) {
                    fields.push(Field::new(name, kind, true));
                }
            }
            fields
        };
        Schemas { pack, person: base(&[Grain::Person, Grain::Household]), household: base(&[Grain::Household]) }
    }

    fn with(&self, grain: Grain, results: impl IntoIterator<Item = Named>) -> Result<DFSchema, EngineError> {
        let base = match grain {
            Grain::Person => &self.person,
            Grain::Household => &self.household,
        };
        // A result wins over a fact of the same name, which the strict reading of the pack reports.
        let mut seen = HashSet::new();
        let results: Vec<Named> = results.into_iter().filter(|(name, _)| seen.insert(name.clone())).collect();
        let names: HashSet<&str> = results.iter().map(|(name, _)| name.as_str()).collect();
        let kept = base.iter().filter(|f| !names.contains(f.name().as_str())).cloned();
        let fields: Vec<Field> =
            kept.chain(results.iter().map(|(name, kind)| self.coded(Field::new(name, kind.clone(), true)))).collect();
        DFSchema::try_from(Schema::new(fields))
            .map_err(|e| EngineError::Rule { rule: "facts".to_owned(), message: e.strip_backtrace() })
    }

    /// The tier and the level with the words they may be, so that a word that they never are is found.
    fn coded(&self, field: Field) -> Field {
        let words: Vec<&str> = match field.name().as_str() {
            TIER => self.pack.tiers().map(|p| p.id.as_str()).chain(["none"]).collect(),
            LEVEL => self.pack.assessment.levels.iter().map(|l| l.id.as_str()).collect(),
            _ => return field,
        };
        field.with_metadata([(CODES.to_owned(), words.join("|"))].into())
    }

    /// Tier and results of the tiers, and of the programmes beside them as far as `include` says.
    fn results(&self, grain: Grain, include: impl Fn(&Programme) -> bool) -> Vec<Named> {
        let mut out = vec![(TIER.to_owned(), DataType::Utf8), (TIER_AMOUNT.to_owned(), DataType::Int64)];
        for programme in self.pack.programmes.iter().filter(|p| p.is_tier() || include(p)) {
            let id = &programme.id;
            if of_person(programme) {
                out.extend([(members(id), DataType::Int64), (total(id), DataType::Int64)]);
            }
            if !of_person(programme) || grain == Grain::Person {
                out.extend([(holds(id), DataType::Boolean), (amount(id), DataType::Int64)]);
            }
        }
        out
    }

    pub fn of_programme(&self, programme: &Programme) -> Result<DFSchema, EngineError> {
        if programme.is_tier() {
            return self.with(programme.grain, []);
        }
        self.with(programme.grain, self.results(programme.grain, |other| other.order < programme.order))
    }

    pub fn of_indicator(&self, indicator: &Indicator) -> Result<DFSchema, EngineError> {
        self.with(indicator.grain, self.results(indicator.grain, |_| true))
    }

    fn alerts(&self) -> impl Iterator<Item = Named> {
        self.pack.indicators.iter().map(|i| (alert(&i.id), DataType::Boolean))
    }

    fn labels(&self) -> impl Iterator<Item = Named> {
        self.pack.assessment.labels.iter().map(|l| (label(&l.id), DataType::Boolean))
    }

    /// A label may read those above it.
    pub fn of_label(&self, position: usize) -> Result<DFSchema, EngineError> {
        let results = self.results(Grain::Household, |_| true).into_iter();
        self.with(Grain::Household, results.chain(self.alerts()).chain(self.labels().take(position)))
    }

    /// Of claims about persons that read no results.
    pub fn of_persons(&self) -> Result<DFSchema, EngineError> {
        self.with(Grain::Person, [])
    }

    /// Of services and of the triggers of matters.
    pub fn of_need(&self) -> Result<DFSchema, EngineError> {
        let results = self.results(Grain::Household, |_| true).into_iter();
        let level = (!self.pack.assessment.levels.is_empty()).then(|| (LEVEL.to_owned(), DataType::Utf8));
        self.with(Grain::Household, results.chain(self.alerts()).chain(self.labels()).chain(level))
    }
}
