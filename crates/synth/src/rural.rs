//! Households watched against relapse into poverty, one row a member.
//!
//! Reasoning: about one rural household in seventy is watched (national figures of the end of 2023: 6.2 million people of
//! some 480 million rural residents), most of them poor on the data too. Two risks in three are cleared by now.

use crate::chance::Chance;
use crate::district::District;
use crate::person::Story;
use crate::rows::codes;
use chrono::{Days, NaiveDate};

codes!(RuralKind { Unstable = "unstable" "脱贫不稳定户", Marginal = "marginal" "边缘易致贫户", Sudden = "sudden" "突发严重困难户" });
codes!(RuralRisk { Illness = "illness" "因病", Disability = "disability" "因残", Education = "education" "因学", Disaster = "disaster" "因灾", Job = "job" "务工就业不稳", Other = "other" "其他" });

#[derive(Debug, Clone)]
pub struct RuralRow {
    pub code: u32,
    pub head: u32,
    pub member: u32,
    pub kind: RuralKind,
    pub risk: RuralRisk,
    pub entered: NaiveDate,
    pub cleared: bool,
    pub cleared_on: Option<NaiveDate>,
    pub income: Option<i64>,
}

pub fn watch(district: &mut District, chance: &mut Chance) {
    for h in 0..district.households.len() {
        if !district.is_rural(h) {
            continue;
        }
        let share = match district.households[h].story {
            Story::Planned | Story::Fixed => continue,
            Story::Ordinary => 0.004,
            Story::Tekun => 0.02,
            Story::Dibao | Story::Rigid => 0.14,
            Story::Edge | Story::Missed => 0.22,
        };
        if !chance.happens(share) {
            continue;
        }
        let entered = district.as_of - Days::new(chance.between(4, 1_500) as u64);
        let cleared = chance.happens(0.66);
        let cleared_on =
            cleared.then(|| entered + Days::new(chance.between(90, 700) as u64)).filter(|day| *day < district.as_of);
        let kind = [RuralKind::Unstable, RuralKind::Marginal, RuralKind::Sudden]
            [chance.weighted([0.35, 0.45, 0.2].into_iter())];
        let risk = [
            RuralRisk::Illness,
            RuralRisk::Disability,
            RuralRisk::Education,
            RuralRisk::Disaster,
            RuralRisk::Job,
            RuralRisk::Other,
        ][chance.weighted([0.42, 0.2, 0.08, 0.05, 0.2, 0.05].into_iter())];
        let income = Some(chance.between(5_800, 14_500) * 100);
        let members: Vec<u32> = district.households[h].members().map(|m| m as u32).collect();
        list(district, &members, kind, risk, entered, cleared_on, income);
    }
}

/// One household on the list; the risk is cleared where there is a day of it.
pub fn list(
    district: &mut District,
    members: &[u32],
    kind: RuralKind,
    risk: RuralRisk,
    entered: NaiveDate,
    cleared_on: Option<NaiveDate>,
    income: Option<i64>,
) {
    let code = district.rural.last().map_or(1, |r| r.code + 1);
    for &member in members {
        let cleared = cleared_on.is_some();
        let head = members[0];
        district.rural.push(RuralRow { code, head, member, kind, risk, entered, cleared, cleared_on, income });
    }
}
