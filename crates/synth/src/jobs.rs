//! What the employment office registers: work found and lost, hardship, training, offers and refusals.
//!
//! Reasoning: who draws unemployment benefit was registered as jobless when it began; one in three others who lost a job
//! comes by at all (urban registered unemployment 5.2 %, survey rates higher). Recipients who could work are offered jobs;
//! most refusals have a reason, such as a patient to look after.

use crate::chance::Chance;
use crate::district::District;
use crate::person::{RegStatus, Story};
use crate::rows::{Contribution, Scheme, codes};
use chrono::{Days, Months, NaiveDate};
use std::collections::BTreeSet;

codes!(JobEventKind { Employ = "employ" "就业登记", Unemploy = "unemploy" "失业登记", Difficult = "difficult" "就业困难人员认定", Training = "training" "职业培训", Offer = "offer" "岗位推荐", Refuse = "refuse" "拒绝岗位" });

#[derive(Debug, Clone)]
pub struct JobEvent {
    pub number: u32,
    pub person: u32,
    pub kind: JobEventKind,
    pub date: NaiveDate,
    pub job: &'static str,
    /// Empty where none was given.
    pub reason: &'static str,
    pub until: Option<NaiveDate>,
}

pub const JOBS: &[&str] =
    &["保洁员", "保安员", "收银员", "家政服务员", "缝纫工", "快递分拣", "餐饮服务员", "仓库管理员"];
const LOST: &[&str] = &["合同到期", "单位裁员", "个人辞职", "单位停产"];
const GROUNDS: &[&str] = &["照料病人", "身体不适", "路途过远", "照看幼儿"];

pub fn note(district: &mut District, chance: &mut Chance) {
    let today = district.as_of;
    // who is paid for being out of work, and who lost a contribution in these months
    let mut benefit = BTreeSet::new();
    let mut stopped = BTreeSet::new();
    let mut insured = BTreeSet::new();
    for s in &district.social {
        if district.by_hand(district.people[s.person as usize].household as usize) {
            continue;
        }
        if s.scheme == Scheme::Unemployment {
            benefit.insert(s.person);
        } else if s.scheme == Scheme::EmpPension && s.employer > 0 {
            insured.insert(s.person);
            if s.paid == Some(Contribution::Stopped) {
                stopped.insert(s.person);
            }
        }
    }
    for person in benefit {
        let age = district.people[person as usize].age_on(today);
        if (18..60).contains(&age) && chance.happens(0.8) {
            // benefit began three to eighteen months ago
            let day = today - Days::new(chance.between(95, 540) as u64);
            add(district, person, JobEventKind::Unemploy, day, "", LOST[chance.below(LOST.len())]);
            if chance.happens(0.25) {
                let day = day + Days::new(chance.between(20, 90) as u64);
                add(district, person, JobEventKind::Training, day, JOBS[chance.below(JOBS.len())], "");
            }
        }
    }
    for person in stopped {
        if chance.happens(0.34) {
            let day = today - Days::new(chance.between(5, 60) as u64);
            add(district, person, JobEventKind::Unemploy, day, "", LOST[chance.below(LOST.len())]);
            if chance.happens(0.2) {
                let day = (day + Days::new(15)).min(today - Days::new(1));
                add(district, person, JobEventKind::Employ, day, JOBS[chance.below(JOBS.len())], "");
            }
        }
    }
    for person in insured {
        if chance.happens(0.04) {
            let day = today - Days::new(chance.between(30, 1_400) as u64);
            add(district, person, JobEventKind::Employ, day, JOBS[chance.below(JOBS.len())], "");
        }
    }
    for i in 0..district.people.len() {
        let p = &district.people[i];
        let story = district.households[p.household as usize].story;
        let able = (20..58).contains(&p.age_on(today)) && p.status == RegStatus::Active && p.died.is_none();
        if story != Story::Dibao || !able || !chance.happens(0.12) {
            continue;
        }
        let mut day = today - Days::new(chance.between(60, 600) as u64);
        add(district, i as u32, JobEventKind::Difficult, day, "", "");
        for _ in 0..chance.between(0, 2) {
            let job = JOBS[chance.below(JOBS.len())];
            day = (day + Days::new(chance.between(5, 40) as u64)).min(today - Days::new(2));
            add(district, i as u32, JobEventKind::Offer, day, job, "");
            if chance.happens(0.5) {
                let ground = if chance.happens(0.8) { *chance.one_of(GROUNDS) } else { "" };
                add(district, i as u32, JobEventKind::Refuse, day + Days::new(1), job, ground);
            }
        }
    }
}

pub fn add(
    district: &mut District,
    person: u32,
    kind: JobEventKind,
    date: NaiveDate,
    job: &'static str,
    reason: &'static str,
) {
    let number = district.jobs.len() as u32 + 1;
    // somebody who has difficulty finding work is recognised for a year
    let until = (kind == JobEventKind::Difficult).then(|| date.checked_add_months(Months::new(12))).flatten();
    district.jobs.push(JobEvent { number, person, kind, date, job, reason, until });
}
