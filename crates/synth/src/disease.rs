//! The register of serious and chronic disease, as far as family doctors and hospitals report.
//!
//! Reasoning: who was treated for a serious disease is registered in nine cases of ten, mostly some weeks after the first
//! stay; who comes for a chronic disease in seven of ten. One entry in fifty is closed as cured or lost. People over 80 have
//! dementia in one case of twenty that is known. Illnesses come from the bills, so that the two sources agree.

use crate::chance::Chance;
use crate::district::District;
use crate::rows::{Visit, codes};
use chrono::{Days, NaiveDate};
use std::collections::BTreeMap;

codes!(DiseaseList { Serious = "serious" "重特大疾病", Chronic = "chronic" "慢性病", Mental = "mental" "严重精神障碍", Rare = "rare" "罕见病", Dementia = "dementia" "失智症" });
codes!(DiseaseStatus { Active = "active" "在管", Cured = "cured" "治愈", Lost = "lost" "失访" });

#[derive(Debug, Clone)]
pub struct DiseaseRow {
    pub person: u32,
    /// ICD-10.
    pub code: &'static str,
    pub list: DiseaseList,
    pub confirmed: NaiveDate,
    pub org: u8,
    pub followed: Option<NaiveDate>,
    pub status: DiseaseStatus,
}

pub fn register(district: &mut District, chance: &mut Chance) {
    // the first treatment of each illness, by person and code; of serious ones the first alone is reported
    let mut first: BTreeMap<(u32, &'static str), (NaiveDate, u8, DiseaseList)> = BTreeMap::new();
    let mut serious: BTreeMap<u32, (NaiveDate, &'static str, u8)> = BTreeMap::new();
    for s in &district.settlements {
        let list = match s.visit {
            Visit::Inpatient if crate::illness::SERIOUS.contains(&s.diagnosis) => DiseaseList::Serious,
            Visit::Chronic if s.diagnosis.starts_with('F') => DiseaseList::Mental,
            Visit::Chronic => DiseaseList::Chronic,
            _ => continue,
        };
        if s.refund || district.by_hand(district.people[s.person as usize].household as usize) {
            continue;
        }
        let day = s.admitted.unwrap_or(s.settled);
        if list == DiseaseList::Serious {
            let at = serious.entry(s.person).or_insert((day, s.diagnosis, s.org));
            *at = (*at).min((day, s.diagnosis, s.org));
            continue;
        }
        let at = first.entry((s.person, s.diagnosis)).or_insert((day, s.org, list));
        at.0 = at.0.min(day);
    }
    first.extend(serious.into_iter().map(|(who, (day, code, org))| ((who, code), (day, org, DiseaseList::Serious))));
    let today = district.as_of;
    for ((person, code), (day, org, list)) in first {
        let known = if list == DiseaseList::Serious { 0.9 } else { 0.7 };
        if !chance.happens(known) {
            continue;
        }
        // chronic illnesses were mostly there before the oldest bill
        let birth = district.people[person as usize].birth;
        let confirmed = if list == DiseaseList::Serious || chance.happens(0.1) {
            (day + Days::new(chance.between(0, 25) as u64)).min(today - Days::new(1))
        } else {
            (day - Days::new(chance.between(300, 4_000) as u64)).max(birth)
        };
        let status = match chance.share() {
            s if s < 0.01 => DiseaseStatus::Cured,
            s if s < 0.02 => DiseaseStatus::Lost,
            _ => DiseaseStatus::Active,
        };
        let followed = chance.happens(0.6).then(|| (today - Days::new(chance.between(3, 300) as u64)).max(confirmed));
        district.diseases.push(DiseaseRow { person, code, list, confirmed, org, followed, status });
    }
    for i in 0..district.people.len() {
        let home = district.people[i].household as usize;
        if !district.by_hand(home)
            && district.watched[i]
            && district.people[i].age_on(today) >= 80
            && chance.happens(0.05)
        {
            let confirmed = today - Days::new(chance.between(40, 1_800) as u64);
            let (list, status) = (DiseaseList::Dementia, DiseaseStatus::Active);
            let row = DiseaseRow { person: i as u32, code: "F03", list, confirmed, org: 9, followed: None, status };
            district.diseases.push(row);
        }
    }
}
