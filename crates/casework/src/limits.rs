//! Limits of a case and of each of its steps. Every figure is the pack's: stages of programmes, else `workflow.toml`.

use crate::{NextStep, error::Result};
use chrono::{Days, NaiveDate};
use tuodi_pack::{Pack, programme::LimitUnit};

/// The stage of the pack that limits a step.
fn stage_of(step: NextStep) -> Option<&'static str> {
    match step {
        NextStep::FillIn => Some("draft"),
        NextStep::Accept => Some("submitted"),
        NextStep::Supply => Some("returned"),
        NextStep::Consent => Some("awaiting_consent"),
        NextStep::RunCheck => Some("checking"),
        NextStep::Visit => Some("surveying"),
        NextStep::ExplainDifferences => Some("manual_check"),
        NextStep::Opinion | NextStep::Sign => Some("reviewed"),
        NextStep::ResolveObjection => Some("objection"),
        NextStep::Appraise => Some("appraisal"),
        NextStep::Decide => Some("confirming"),
        // An appeal and a special review have the days that the pack gives them.
        NextStep::WaitPublicity
        | NextStep::EndPublicity
        | NextStep::Pay
        | NextStep::Reverify
        | NextStep::AnswerAppeal
        | NextStep::EndExit
        | NextStep::Watch
        | NextStep::Deliberate
        | NextStep::Done => None,
        NextStep::Recheck => Some("reverifying"),
        NextStep::DecideChange => Some("adjusting"),
    }
}

fn after(pack: &Pack, from: NaiveDate, days: u32, unit: LimitUnit) -> Result<NaiveDate> {
    Ok(match unit {
        LimitUnit::Calendar => from + Days::new(u64::from(days)),
        LimitUnit::Working => pack.calendar.add_working_days(from, days)?,
    })
}

/// Last day for a step that begins on `from`; `None` for steps without a limit of their own.
pub(crate) fn step_due(
    pack: &Pack,
    programme: Option<&str>,
    step: NextStep,
    from: NaiveDate,
) -> Result<Option<NaiveDate>> {
    let Some(stage) = stage_of(step) else { return Ok(None) };
    if let Some(due) = stage_due(pack, programme, stage, from)? {
        return Ok(Some(due));
    }
    pack.workflow.step(stage).map(|s| after(pack, from, s.limit_days, s.unit)).transpose()
}

/// Last day for a stage of the pack that begins on `from`; `None` where the programme does not name the stage.
pub(crate) fn stage_due(
    pack: &Pack,
    programme: Option<&str>,
    stage: &str,
    from: NaiveDate,
) -> Result<Option<NaiveDate>> {
    let programme = programme.map_or_else(|| pack.main_programme(), |id| pack.programme(id));
    programme.and_then(|p| p.stage(stage)).map(|s| after(pack, from, s.limit_days, s.unit)).transpose()
}

/// Last day for the decision on a case accepted then; `special` where the pack allows longer. `None` where it says
/// nothing.
pub(crate) fn total_due(
    pack: &Pack,
    programme: Option<&str>,
    accepted_on: NaiveDate,
    special: bool,
) -> Result<Option<NaiveDate>> {
    let Some(clock) = pack.workflow.clock(programme) else { return Ok(None) };
    let days = clock.special_days.filter(|_| special).unwrap_or(clock.total_days);
    after(pack, accepted_on, days, LimitUnit::Working).map(Some)
}

/// Last day of publicity. The day of posting is not counted (worked case b12; Civil Code art. 201).
pub fn publicity_ends(posted_on: NaiveDate, days: u32) -> NaiveDate {
    posted_on + Days::new(u64::from(days))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn pack() -> Pack {
        Pack::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/qingyan")).unwrap()
    }

    fn day(m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, m, d).unwrap()
    }

    #[test]
    fn a_list_posted_on_the_third_hangs_to_the_end_of_the_tenth() {
        assert_eq!(publicity_ends(day(8, 3), 7), day(8, 10));
    }

    #[test]
    fn the_statutory_days_are_the_packs_and_a_programme_may_have_its_own() {
        let mut pack = pack();
        let due = |pack: &Pack, programme, special| total_due(pack, programme, day(7, 6), special).unwrap();
        assert_eq!(due(&pack, Some("dibao"), false), Some(day(8, 17)), "thirty working days");
        assert_eq!(due(&pack, Some("dibao"), true), Some(day(9, 7)), "forty-five");
        let mut own = pack.workflow.clocks[0].clone();
        (own.programmes, own.total_days, own.special_days) = (vec!["tekun".to_owned()], 20, None);
        pack.workflow.clocks.push(own);
        assert_eq!(due(&pack, Some("tekun"), false), Some(day(8, 3)));
        assert_eq!(due(&pack, Some("tekun"), true), Some(day(8, 3)), "never longer");
        pack.workflow.clocks.clear();
        assert_eq!(due(&pack, Some("tekun"), false), None, "a pack may set no total");
    }

    #[test]
    fn a_step_goes_by_its_programme_then_by_the_workflow_and_else_has_no_limit() {
        let mut pack = pack();
        let due = |pack: &Pack, programme, step| step_due(pack, programme, step, day(7, 6)).unwrap();
        assert_eq!(due(&pack, Some("tekun"), NextStep::Decide), Some(day(7, 27)), "fifteen days of TK art. 16");
        assert_eq!(due(&pack, Some("cash_for_work"), NextStep::Decide), Some(day(7, 20)), "ten where nobody says");
        assert_eq!(due(&pack, Some("dibao"), NextStep::FillIn), Some(day(8, 5)), "thirty days of the calendar");
        pack.workflow.steps.clear();
        assert_eq!(due(&pack, Some("cash_for_work"), NextStep::Decide), None);
    }
}
