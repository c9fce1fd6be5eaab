//! What a pair weighs, and what each field contributes to it.

use crate::{Config, LinkError, Model, Records, kind::Kind, level::Level, model::NO_LEVEL};
use serde::{Deserialize, Serialize};

/// What one field says of a pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    pub field: String,
    /// The level's word, `different` or `missing`.
    pub level: String,
    /// Bits by which it changes the odds, that of `frequency` included; 0 where another field has said the same.
    pub weight: f64,
    /// Bits of it that come from the value being rarer or commoner than most.
    pub frequency: f64,
}

/// Weights laid out for comparing many pairs.
pub struct Scorer<'a> {
    records: &'a Records,
    config: &'a Config,
    prior: f32,
    /// By field and level; the entries from the last level to [`NO_LEVEL`] are 0.
    weights: Vec<[f32; 16]>,
    /// By field and level: logarithm of u over the levels that share its table of frequencies; NaN where it has none.
    rarity: Vec<[f32; 16]>,
    /// Fields, the cheapest comparison first.
    order: Vec<usize>,
    /// By place in `order`: the most that this field and those after it can add.
    most: Vec<f32>,
    log_rows: f32,
}

/// Which table of frequencies a level's agreement is rare or common in.
enum Table {
    Written,
    Sounding,
    None,
}

fn table(level: Option<&Level>) -> Table {
    match level {
        Some(Level::Equal | Level::Variant) => Table::Written,
        Some(Level::Homophone) => Table::Sounding,
        _ => Table::None,
    }
}

impl<'a> Scorer<'a> {
    pub fn new(records: &'a Records, config: &'a Config, model: &Model) -> Result<Scorer<'a>, LinkError> {
        let fits = model.fields.len() == config.fields.len()
            && model
                .fields
                .iter()
                .zip(&config.fields)
                .all(|(m, c)| m.field == c.name && m.levels.len() == c.levels.len() + 1);
        if !fits {
            return Err(LinkError::OtherFields { model: model.fields.len(), config: config.fields.len() });
        }
        let log_rows = (records.rows().max(2) as f32).log2();
        let mut weights = vec![[0.0; 16]; config.fields.len()];
        let mut rarity = vec![[f32::NAN; 16]; config.fields.len()];
        for (at, field) in config.fields.iter().enumerate() {
            for (level, learnt) in model.fields[at].levels.iter().enumerate() {
                weights[at][level] = learnt.weight() as f32;
            }
            if records.columns[at].frequencies.is_none() {
                continue;
            }
            // Who agrees on a sound agrees on it as written or not: u of a homophone is that of all that sound alike.
            let u_of = |wanted: fn(&Table) -> bool| -> f64 {
                let levels = field.levels.iter().zip(&model.fields[at].levels);
                levels.filter(|(level, _)| wanted(&table(Some(level)))).map(|(_, learnt)| learnt.u).sum()
            };
            let written = u_of(|table| matches!(table, Table::Written)).log2() as f32;
            let sounding = u_of(|table| !matches!(table, Table::None)).log2() as f32;
            for (level, of) in field.levels.iter().enumerate() {
                rarity[at][level] = match table(Some(of)) {
                    Table::Written => written,
                    Table::Sounding => sounding,
                    Table::None => f32::NAN,
                };
            }
        }
        let cost = |field: &usize| match config.fields[*field].kind {
            Kind::Exact => 0,
            Kind::Code => 1,
            Kind::Date => 2,
            Kind::IdNumber => 3,
            Kind::Name => 4,
            Kind::Set => 5,
            Kind::Text => 6,
        };
        let mut order: Vec<usize> = (0..config.fields.len()).collect();
        // Fields that repeat others come after them.
        order.sort_by_key(|field| (!config.fields[*field].contains.is_empty(), cost(field)));
        let mut most = vec![0.0; order.len() + 1];
        for (place, field) in order.iter().enumerate().rev() {
            let rarest = |level: usize| {
                if rarity[*field][level].is_nan() { 0.0 } else { (rarity[*field][level] + log_rows).max(0.0) }
            };
            let best = (0..16).map(|level| weights[*field][level] + rarest(level)).fold(0.0, f32::max);
            most[place] = most[place + 1] + best;
        }
        Ok(Scorer { records, config, prior: model.prior_weight() as f32, weights, rarity, order, most, log_rows })
    }

    /// Bits by which agreeing on this value says more than agreeing on one of usual frequency.
    fn frequency(&self, field: usize, level: u8, a: u32, b: u32) -> f32 {
        let usual = self.rarity[field][usize::from(level)];
        let Some(frequencies) = self.records.columns[field].frequencies.as_ref().filter(|_| !usual.is_nan()) else {
            return 0.0;
        };
        let groups = match table(self.config.fields[field].levels.get(usize::from(level))) {
            Table::Written => &frequencies.written,
            _ => &frequencies.sounding,
        };
        // The commoner of the two, where they differ, so that a rare misspelling proves nothing.
        let rows = groups.rows_like(a).max(groups.rows_like(b));
        usual - ((rows as f32).log2() - self.log_rows)
    }

    /// The pair's weight; `None` as soon as it cannot reach `least`.
    #[inline]
    pub fn weight_from(&self, a: u32, b: u32, least: f32) -> Option<f32> {
        let (x, y) = (self.records.row(a), self.records.row(b));
        let mut weight = self.prior;
        let mut said = [0.0f32; 16];
        for (place, &field) in self.order.iter().enumerate() {
            let of = &self.config.fields[field];
            let level = self.records.level(field, &of.levels, x, y);
            let mut says = self.weights[field][usize::from(level)];
            if !self.rarity[field][usize::from(level)].is_nan() {
                says += self.frequency(field, level, x[field], y[field]);
            }
            weight += says;
            said[field] = says;
            if says > 0.0 {
                weight -= of.contains.iter().map(|other| said[*other].max(0.0)).sum::<f32>();
            }
            if weight + self.most[place + 1] < least {
                return None;
            }
        }
        Some(weight)
    }

    pub fn weight(&self, a: u32, b: u32) -> f32 {
        self.weight_from(a, b, f32::NEG_INFINITY).unwrap_or(f32::NEG_INFINITY)
    }
}

/// The place of each field's level, in the configuration's order.
pub(crate) fn levels(records: &Records, config: &Config, a: u32, b: u32) -> impl Iterator<Item = u8> {
    let (x, y) = (records.row(a), records.row(b));
    config.fields.iter().enumerate().map(move |(at, field)| records.level(at, &field.levels, x, y))
}

/// What each field says of two rows, in the configuration's order; with the prior it sums to the pair's weight.
pub fn evidence(records: &Records, config: &Config, model: &Model, a: u32, b: u32) -> Result<Vec<Evidence>, LinkError> {
    let scorer = Scorer::new(records, config, model)?;
    let (x, y) = (records.row(a), records.row(b));
    let of = |(at, field): (usize, &crate::Field)| {
        let level = records.level(at, &field.levels, x, y);
        let frequency = if level == NO_LEVEL { 0.0 } else { f64::from(scorer.frequency(at, level, x[at], y[at])) };
        let word = match field.levels.get(usize::from(level)) {
            _ if level == NO_LEVEL => "missing".to_owned(),
            Some(level) => level.to_string(),
            None => "different".to_owned(),
        };
        let weight = f64::from(scorer.weights[at][usize::from(level)]) + frequency;
        Evidence { field: field.name.clone(), level: word, weight, frequency }
    };
    let mut all: Vec<Evidence> = config.fields.iter().enumerate().map(of).collect();
    for (at, field) in config.fields.iter().enumerate() {
        if all[at].weight > 0.0 {
            for other in &field.contains {
                all[*other].weight = all[*other].weight.min(0.0);
            }
        }
    }
    Ok(all)
}
