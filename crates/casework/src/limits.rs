//! Statutory clocks and limits of each step (workflow.md 3 and 4), in working days unless said.

use crate::{NextStep, error::Result};
use chrono::{Days, NaiveDate};
use tuodi_pack::{Pack, programme::LimitUnit};

/// Days for the whole case from acceptance (DB57 art. 22); longer where N83 art. 4(1) allows it.
pub const TOTAL_DAYS: u32 = 30;
pub const TOTAL_DAYS_SPECIAL: u32 = 45;

/// A draft is kept this many calendar days before its owner is reminded.
pub const DRAFT_DAYS: u64 = 30;

/// The stage of the pack that limits a step, and the law's own limit where the pack says nothing.
fn stage_of(step: NextStep) -> Option<(&'static str, u32)> {
    match step {
        NextStep::Accept => Some(("submitted", 1)),
        NextStep::Supply => Some(("returned", 10)),
        NextStep::Consent => Some(("awaiting_consent", 10)),
        NextStep::RunCheck => Some(("checking", 3)),
        NextStep::Visit => Some(("surveying", 3)),
        NextStep::ExplainDifferences => Some(("manual_check", 5)),
        NextStep::Opinion | NextStep::Sign => Some(("reviewed", 2)),
        NextStep::ResolveObjection => Some(("objection", 10)),
        NextStep::Decide => Some(("confirming", 10)),
        NextStep::FillIn
        | NextStep::WaitPublicity
        | NextStep::EndPublicity
        | NextStep::Pay
        | NextStep::Reverify
        | NextStep::Done => None,
    }
}

/// Last day for a step that begins on `from`; `None` for steps without a limit of their own.
pub(crate) fn step_due(
    pack: &Pack,
    programme: Option<&str>,
    step: NextStep,
    from: NaiveDate,
) -> Result<Option<NaiveDate>> {
    if step == NextStep::FillIn {
        return Ok(Some(from + Days::new(DRAFT_DAYS)));
    }
    let Some((stage, law)) = stage_of(step) else { return Ok(None) };
    Ok(Some(match stage_due(pack, programme, stage, from)? {
        Some(due) => due,
        None => pack.calendar.add_working_days(from, law)?,
    }))
}

/// Last day for a stage of the pack that begins on `from`; `None` where the programme does not name the stage.
pub(crate) fn stage_due(
    pack: &Pack,
    programme: Option<&str>,
    stage: &str,
    from: NaiveDate,
) -> Result<Option<NaiveDate>> {
    let programme = programme.map_or_else(|| pack.main_programme(), |id| pack.programme(id));
    Ok(match programme.and_then(|p| p.stage(stage)) {
        Some(s) if s.unit == LimitUnit::Calendar => Some(from + Days::new(u64::from(s.limit_days))),
        Some(s) => Some(pack.calendar.add_working_days(from, s.limit_days)?),
        None => None,
    })
}

pub(crate) fn total_due(pack: &Pack, accepted_on: NaiveDate, special: bool) -> Result<NaiveDate> {
    let days = if special { TOTAL_DAYS_SPECIAL } else { TOTAL_DAYS };
    Ok(pack.calendar.add_working_days(accepted_on, days)?)
}

/// Last day of publicity. The day of posting is not counted (worked case b12; Civil Code art. 201).
pub fn publicity_ends(posted_on: NaiveDate, days: u32) -> NaiveDate {
    posted_on + Days::new(u64::from(days))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_posted_on_the_third_hangs_to_the_end_of_the_tenth() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 8, d).unwrap();
        assert_eq!(publicity_ends(day(3), 7), day(10));
    }
}
