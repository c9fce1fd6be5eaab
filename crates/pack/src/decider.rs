//! Who decides by how much is given: the township up to its limit, the district above, the heaviest case by case.

use crate::{Fen, Pack, Text, programme::Programme, words};
use chrono::NaiveDate;
use serde::Deserialize;

/// One who decides, up to an amount. A programme lists them from the smallest limit up; the last has none.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecidedBy {
    pub id: String,
    /// As it stands in "decided by …".
    pub title: Text,
    /// Parameter in fen: up to it and at it this one decides.
    pub up_to: Option<String>,
    /// Decides by a special review.
    #[serde(default)]
    pub special: bool,
}

impl Pack {
    /// Who decides on an amount of a programme at a place on a day. `None`: the programme does not divide it by amount, or
    /// a limit has no value there and then, which says nothing about who may.
    pub fn decider<'p>(
        &self,
        programme: &'p Programme,
        amount: Fen,
        region: &str,
        on: NaiveDate,
    ) -> Option<&'p DecidedBy> {
        for by in &programme.decided_by {
            match &by.up_to {
                Some(limit) if amount.0 > self.parameters.value(limit, region, on)? => {}
                _ => return Some(by),
            }
        }
        None
    }

    /// The division in words: 5,760 元以内由乡镇（街道）决定，… `None` as with [`Pack::decider`].
    pub fn deciders(&self, programme: &Programme, region: &str, on: NaiveDate) -> Option<Text> {
        let (mut zh, mut en) = (Vec::new(), Vec::new());
        let mut below: Option<Text> = None;
        for by in &programme.decided_by {
            let limit = match &by.up_to {
                Some(id) => Some(self.parameters.value(id, region, on)?),
                None => None,
            };
            let money = |lang| limit.map(|fen| words::quantity(&self.info, fen, &self.info.money_unit, lang));
            let limit = money(crate::Lang::Zh).zip(money(crate::Lang::En)).map(|(zh, en)| Text { zh, en });
            let (who_zh, who_en) = (&by.title.zh, &by.title.en);
            let (said_zh, said_en) = match (&below, &limit) {
                (None, Some(l)) => (format!("{}以内由{who_zh}决定", l.zh), format!("up to {}: {who_en}", l.en)),
                (Some(b), Some(l)) => (
                    format!("超过 {}、不超过 {}的由{who_zh}决定", b.zh, l.zh),
                    format!("above {} up to {}: {who_en}", b.en, l.en),
                ),
                (Some(b), None) => (format!("超过 {}的由{who_zh}决定", b.zh), format!("above {}: {who_en}", b.en)),
                (None, None) => (format!("由{who_zh}决定"), who_en.clone()),
            };
            zh.push(said_zh);
            en.push(said_en);
            below = limit;
        }
        (!zh.is_empty()).then(|| Text { zh: zh.join("，"), en: en.join("; ") })
    }
}
