//! Children in hardship as the civil affairs bureau lists them.
//!
//! Reasoning: a child who lives with its grandparents is mostly left behind by parents who work elsewhere (rural two in
//! three, urban one in five). About one child in 2,000 is an orphan or de facto without support; most of these are known
//! for years. A status that was not ended at 18 is a usual slip of these lists.

use crate::chance::Chance;
use crate::district::District;
use crate::person::{RegStatus, Relation};
use crate::rows::codes;
use chrono::{Days, NaiveDate};

codes!(ChildStatus { Orphan = "orphan" "孤儿", DeFacto = "de_facto" "事实无人抚养儿童", LeftBehind = "left_behind" "留守儿童", Other = "other" "其他困境儿童" });
codes!(ParentState { Dead = "dead" "死亡", Missing = "missing" "失踪", Severe = "severe" "重残", Ill = "ill" "重病", Custody = "custody" "服刑在押", Lost = "lost" "失联", Ok = "ok" "正常" });
codes!(Placement { Home = "home" "亲属抚养", Institution = "institution" "机构养育", Foster = "foster" "家庭寄养" });

#[derive(Debug, Clone)]
pub struct ChildRow {
    pub person: u32,
    pub status: ChildStatus,
    pub start: NaiveDate,
    pub end: Option<NaiveDate>,
    pub guardian: Option<u32>,
    pub father: Option<ParentState>,
    pub mother: Option<ParentState>,
    /// Fen a month.
    pub benefit: Option<i64>,
    pub placement: Option<Placement>,
}

pub fn list(district: &mut District, chance: &mut Chance) {
    for h in 0..district.households.len() {
        if district.by_hand(h) {
            continue;
        }
        let rural = district.is_rural(h);
        for m in district.households[h].members() {
            let p = &district.people[m];
            let age = p.age_on(district.as_of);
            if age >= 18 || p.status != RegStatus::Active || p.died.is_some() {
                continue;
            }
            let head = district.households[h].first;
            let guardian = (head as usize != m).then_some(head);
            let oldest = (age * 330).clamp(20, 2_500);
            let start = district.as_of - Days::new(chance.between(10, oldest) as u64);
            if p.relation == Relation::Grandchild {
                if chance.happens(if rural { 0.66 } else { 0.2 }) {
                    district.children.push(ChildRow {
                        person: m as u32,
                        status: ChildStatus::LeftBehind,
                        start,
                        end: None,
                        guardian,
                        father: Some(ParentState::Ok),
                        mother: Some(ParentState::Ok),
                        benefit: None,
                        placement: Some(Placement::Home),
                    });
                }
                // of the others some have lost a parent
                else if chance.happens(0.05) {
                    supported(district, m as u32, start, guardian, chance);
                }
            }
        }
    }
}

fn supported(district: &mut District, person: u32, start: NaiveDate, guardian: Option<u32>, chance: &mut Chance) {
    let states =
        [ParentState::Dead, ParentState::Severe, ParentState::Custody, ParentState::Lost, ParentState::Missing];
    let (father, mother) = (*chance.one_of(&states), *chance.one_of(&states));
    let orphan = father == ParentState::Dead && mother == ParentState::Dead;
    let placed = chance.weighted([0.9, 0.06, 0.04].into_iter());
    district.children.push(ChildRow {
        person,
        status: if orphan { ChildStatus::Orphan } else { ChildStatus::DeFacto },
        start,
        end: None,
        guardian,
        father: Some(father),
        mother: Some(mother),
        benefit: Some(160_000),
        placement: Some([Placement::Home, Placement::Foster, Placement::Institution][placed]),
    });
}
