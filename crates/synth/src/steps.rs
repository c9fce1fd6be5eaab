//! Steps of cases as the system before this one recorded them.
//!
//! Reasoning: whoever came onto the roster within a year went through the seven steps shortly before; about as many again
//! were refused or have withdrawn among those who are not on it, and a few wait now. One running step in twelve is late.
//! When a family's income has passed the line it keeps its help for up to six months: a gradual exit.

use crate::chance::Chance;
use crate::district::District;
use crate::person::Story;
use crate::rows::{Programme, codes};
use chrono::{Days, Months, NaiveDate};

codes!(Step {
    Submitted = "submitted" "材料审查", Returned = "returned" "待补正", AwaitingConsent = "awaiting_consent" "待授权",
    Accepted = "accepted" "受理", Checking = "checking" "经济状况核对", Surveying = "surveying" "入户调查",
    ManualCheck = "manual_check" "人工核查", Reviewed = "reviewed" "初审", Publicised = "publicised" "公示",
    Objection = "objection" "异议复查", Confirming = "confirming" "审核确认", GradualExit = "gradual_exit" "渐退",
});
codes!(StepEnd { Passed = "passed" "转下一环节", SentBack = "sent_back" "退回", Confirmed = "confirmed" "予以确认", Refused = "refused" "不予确认", Withdrawn = "withdrawn" "撤回", Terminated = "terminated" "终止" });

#[derive(Debug, Clone)]
pub struct StepRow {
    pub person: u32,
    pub case: u32,
    pub programme: Option<Programme>,
    pub step: Step,
    pub started: NaiveDate,
    pub due: Option<NaiveDate>,
    pub ended: Option<NaiveDate>,
    pub end: Option<StepEnd>,
}

/// The usual way, with days for each step.
const WAY: [(Step, i64); 7] = [
    (Step::Submitted, 1),
    (Step::Accepted, 1),
    (Step::Checking, 5),
    (Step::Surveying, 5),
    (Step::Reviewed, 3),
    (Step::Publicised, 7),
    (Step::Confirming, 14),
];

pub fn follow(district: &mut District, chance: &mut Chance) {
    let as_of = district.as_of;
    let year = as_of.checked_sub_months(Months::new(12)).unwrap_or(as_of);
    let mut entered: Vec<(u32, Programme, NaiveDate)> = Vec::new();
    let mut leaving: Vec<(u32, Programme)> = Vec::new();
    let mut last = 0;
    for row in &district.roster {
        let story = district.household_of(row.person).story;
        if row.case == last
            || row.end.is_some()
            || row.programme == Programme::Temporary
            || matches!(story, Story::Planned | Story::Fixed)
        {
            continue;
        }
        last = row.case;
        if row.start > year {
            entered.push((row.applicant, row.programme, row.start));
        } else if row.programme == Programme::Dibao && chance.happens(0.03) {
            leaving.push((row.applicant, row.programme));
        }
    }
    for (person, programme, start) in entered {
        let done = start - Days::new(chance.between(2, 25) as u64);
        walk(district, person, Some(programme), done, WAY.len(), Some(StepEnd::Confirmed), chance);
    }
    for (person, programme) in leaving {
        let started = as_of - Days::new(chance.between(5, 170) as u64);
        let due = started.checked_add_months(Months::new(6));
        let case = next_case(district);
        let step = Step::GradualExit;
        add(district, StepRow { person, case, programme: Some(programme), step, started, due, ended: None, end: None });
    }
    for h in 0..district.households.len() {
        let share = match district.households[h].story {
            Story::Ordinary => 0.003,
            Story::Missed => 0.08,
            _ => continue,
        };
        if !chance.happens(share) {
            continue;
        }
        let head = district.households[h].first;
        if district.people[head as usize].died.is_some() {
            continue;
        }
        let day = as_of - Days::new(chance.between(3, 330) as u64);
        match chance.share() {
            s if s < 0.5 => {
                walk(district, head, Some(Programme::Dibao), day, WAY.len(), Some(StepEnd::Refused), chance)
            }
            s if s < 0.6 => walk(district, head, Some(Programme::Dibao), day, 3, Some(StepEnd::Withdrawn), chance),
            _ => {
                let at = chance.between(2, WAY.len() as i64) as usize;
                let begun = as_of - Days::new(chance.between(0, 2) as u64);
                walk(district, head, None, begun, at, None, chance);
                if let Some(step) = district.steps.last_mut().filter(|_| chance.happens(0.085)) {
                    step.due = Some(as_of - Days::new(chance.between(1, 9) as u64));
                    step.started = step.started.min(as_of - Days::new(15));
                }
            }
        }
    }
}

/// A case up to its `count`th step. With an `end` the last step ended so on `day`; without one it began on `day` and runs.
fn walk(
    district: &mut District,
    person: u32,
    programme: Option<Programme>,
    day: NaiveDate,
    count: usize,
    end: Option<StepEnd>,
    chance: &mut Chance,
) {
    let case = next_case(district);
    let mut rows = Vec::new();
    let mut at = day;
    for (i, (step, days)) in WAY[..count].iter().enumerate().rev() {
        let lastly = i + 1 == count;
        let (started, ended, how) = match (lastly, end) {
            (true, None) => (at, None, None),
            (true, Some(end)) => (at - Days::new(chance.between(1, *days) as u64), Some(at), Some(end)),
            _ => (at - Days::new(chance.between(1, *days) as u64), Some(at), Some(StepEnd::Passed)),
        };
        let due = Some(started + Days::new(*days as u64 + 1));
        rows.push(StepRow { person, case, programme, step: *step, started, due, ended, end: how });
        at = started;
    }
    rows.reverse();
    // papers were missing at first
    if count > 1 && chance.happens(0.08) {
        rows[0].end = Some(StepEnd::SentBack);
        let (started, ended) = (rows[1].started, Some(rows[1].started));
        let due = Some(started + Days::new(14));
        let end = Some(StepEnd::Passed);
        rows.insert(1, StepRow { person, case, programme, step: Step::Returned, started, due, ended, end });
    }
    // what runs is not always on the straight way
    if let Some(row) = rows.last_mut().filter(|row| row.ended.is_none() && chance.happens(0.15)) {
        row.step = match row.step {
            Step::Checking | Step::Surveying => Step::ManualCheck,
            Step::Publicised => Step::Objection,
            Step::Accepted => Step::AwaitingConsent,
            other => other,
        };
    }
    district.steps.extend(rows);
}

pub fn next_case(district: &District) -> u32 {
    district.steps.last().map_or(1, |s| s.case + 1)
}

pub fn add(district: &mut District, row: StepRow) {
    district.steps.push(row);
}
