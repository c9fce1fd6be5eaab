//! Floods, fires and accidents that somebody was hurt or lost something in.
//!
//! Reasoning: one registered fire a year for about 1,600 people and one road accident with injuries for about 5,500 (fire
//! and traffic statistics, 2022); one summer flood damages some houses of one village. Lists of people are not always
//! complete: one row in ten names nobody.

use crate::chance::Chance;
use crate::district::District;
use crate::person::RegStatus;
use crate::rows::codes;
use chrono::{Days, NaiveDate};

codes!(CalamityKind { Flood = "flood" "洪涝", Quake = "quake" "地震", Storm = "storm" "风雹", Drought = "drought" "干旱", Fire = "fire" "火灾", Traffic = "traffic" "道路交通事故", Other = "other" "其他" });
codes!(Harm { Dead = "dead" "死亡", Severe = "severe" "重伤", Minor = "minor" "轻伤", None = "none" "无" });
codes!(HouseDamage { Collapsed = "collapsed" "倒塌", Severe = "severe" "严重损坏", General = "general" "一般损坏", None = "none" "无" });

/// One person or household in one event.
#[derive(Debug, Clone)]
pub struct Calamity {
    pub event: u32,
    pub kind: CalamityKind,
    pub day: NaiveDate,
    pub village: u16,
    pub person: Option<u32>,
    pub harm: Option<Harm>,
    pub damage: Option<HouseDamage>,
    pub loss: Option<i64>,
    pub moved: Option<bool>,
}

pub fn strike(district: &mut District, chance: &mut Chance) {
    let today = district.as_of;
    let mut flood = None;
    for h in 0..district.households.len() {
        let home = &district.households[h];
        let (village, head) = (home.village, home.first);
        if district.by_hand(h) || district.people[head as usize].status != RegStatus::Active {
            continue;
        }
        let named = |chance: &mut Chance, person| if chance.happens(0.9) { Some(person) } else { None };
        if chance.happens(0.001_6) {
            let event = next(district);
            let day = today - Days::new(chance.between(2, 400) as u64);
            let damage = [HouseDamage::None, HouseDamage::General, HouseDamage::Severe, HouseDamage::Collapsed]
                [chance.weighted([0.55, 0.35, 0.08, 0.02].into_iter())];
            let harm = if chance.happens(0.05) { Harm::Minor } else { Harm::None };
            let person = named(chance, head);
            let loss = Some(chance.money(12_000.0, 0.9, 100));
            push(district, event, CalamityKind::Fire, day, village, person, (harm, damage), loss);
        }
        let people = f64::from(home_size(district, h));
        if chance.happens(0.000_2 * people) {
            let event = next(district);
            let day = today - Days::new(chance.between(2, 400) as u64);
            let harm = [Harm::Minor, Harm::Severe][chance.weighted([0.8, 0.2].into_iter())];
            let who = head + chance.below(people as usize) as u32;
            if district.people[who as usize].died.is_none() {
                let person = named(chance, who);
                push(district, event, CalamityKind::Traffic, day, village, person, (harm, HouseDamage::None), None);
            }
        }
        // the July flood of the first village of the list that lies in the country
        if district.is_rural(h) && flood.is_none_or(|(_, v)| v == village) && chance.happens(0.08) {
            let event = match flood {
                Some((event, _)) => event,
                None => next(district),
            };
            flood = Some((event, village));
            let day = today - Days::new(44);
            let damage = if chance.happens(0.06) { HouseDamage::Severe } else { HouseDamage::General };
            let loss = Some(chance.money(5_000.0, 0.6, 100));
            push(district, event, CalamityKind::Flood, day, village, Some(head), (Harm::None, damage), loss);
            if let Some(last) = district.calamities.last_mut() {
                last.moved = Some(damage == HouseDamage::Severe);
            }
        }
    }
}

fn home_size(district: &District, h: usize) -> u8 {
    district.households[h].size
}

pub fn next(district: &District) -> u32 {
    district.calamities.last().map_or(1, |c| c.event + 1)
}

#[expect(clippy::too_many_arguments, reason = "one row of the list, column by column")]
pub fn push(
    district: &mut District,
    event: u32,
    kind: CalamityKind,
    day: NaiveDate,
    village: u16,
    person: Option<u32>,
    (harm, damage): (Harm, HouseDamage),
    loss: Option<i64>,
) {
    let (harm, damage, moved) = (Some(harm), Some(damage), None);
    district.calamities.push(Calamity { event, kind, day, village, person, harm, damage, loss, moved });
}
