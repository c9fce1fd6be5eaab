//! The law of one day: a case is decided by what held when it was accepted, though facts are those of the day on which it
//! is looked into (worked case b24).

use crate::Pack;
use chrono::{Days, NaiveDate};

impl Pack {
    /// The latest day up to `day` on which anything of the law began or ended. Days with the same answer are under the same
    /// law.
    pub fn law_since(&self, day: NaiveDate) -> NaiveDate {
        let values = self.parameters.all.iter().flat_map(|p| p.values.iter().map(|v| v.effective));
        let spans = self.programmes.iter().flat_map(|p| {
            let conditions = p.conditions.iter().map(|c| (c.effective_from, c.effective_to));
            conditions.chain([(p.effective_from, p.effective_to)])
        });
        let ends = spans.flat_map(|(from, to)| [from, to.and_then(|last| last.checked_add_days(Days::new(1)))]);
        let turns = values.chain(ends.flatten()).filter(|turn| *turn <= day);
        turns.max().unwrap_or(self.info.effective_from).max(self.info.effective_from)
    }

    /// The pack whose later days are all like `day`: amounts, programmes and conditions stay as they held then. What data
    /// may be read, and all that carries no date, is as it is.
    pub fn with_law_of(&self, day: NaiveDate) -> Pack {
        let mut pack = self.clone();
        for parameter in &mut pack.parameters.all {
            // One that no law of that day knew is read by nothing of that day's either.
            if parameter.values.iter().any(|v| v.effective <= day) {
                parameter.values.retain(|v| v.effective <= day);
            }
        }
        let held = |holds: bool| (if holds { None } else { Some(NaiveDate::MAX) }, None);
        for programme in &mut pack.programmes {
            (programme.effective_from, programme.effective_to) = held(programme.in_force(day));
            for condition in &mut programme.conditions {
                (condition.effective_from, condition.effective_to) = held(condition.in_force(day));
            }
        }
        pack
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_law_of_a_day_stays_on_later_days_and_turns_are_told() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/qingyan");
        let mut pack = Pack::load(&dir).unwrap();
        let before = pack.parameters.value("dibao_standard_urban", "990102000000", day("2026-12-30"));
        let standard = pack.parameters.all.iter_mut().find(|p| p.id == "dibao_standard_urban").unwrap();
        let next = crate::parameter::ParameterValue {
            region: "990102000000".to_owned(),
            effective: day("2027-01-01"),
            amount: 102_000,
            basis: None,
        };
        standard.values.push(next);
        pack.programmes[0].effective_to = Some(day("2027-02-28"));
        assert_eq!(pack.law_since(day("2026-12-30")), pack.law_since(day("2026-12-31")));
        assert_eq!(pack.law_since(day("2027-01-20")), day("2027-01-01"));
        assert_eq!(pack.law_since(day("2027-03-01")), day("2027-03-01"), "the day after the last");
        let then = pack.with_law_of(day("2026-12-30"));
        let value = |pack: &Pack, on| pack.parameters.value("dibao_standard_urban", "990102000000", day(on));
        assert_eq!((value(&then, "2027-01-20"), value(&pack, "2027-01-20")), (before, Some(102_000)));
        assert!(then.programmes[0].in_force(day("2027-03-05")) && !pack.programmes[0].in_force(day("2027-03-05")));
    }
}
