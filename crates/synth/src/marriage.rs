//! Marriages and divorces as the registry holds them.
//!
//! Reasoning: the national register is electronic since the early 2000s, so couples who married earlier are seldom in it,
//! and divorces by a court never are. Two divorces a year for a thousand people (Ministry of Civil Affairs, 2023): a lone
//! parent below 50 is divorced in six cases of ten. A former spouse mostly lives in another household or county and is
//! written down with a number nobody here knows, so it is left empty.

use crate::chance::Chance;
use crate::district::District;
use crate::person::{RegStatus, Relation};
use crate::rows::codes;
use chrono::{Days, Months, NaiveDate};

codes!(MarriageEvent { Marriage = "marriage" "结婚登记", Divorce = "divorce" "离婚登记", Annul = "annul" "撤销婚姻" });

#[derive(Debug, Clone)]
pub struct Marriage {
    pub number: u32,
    pub event: MarriageEvent,
    pub man: Option<u32>,
    pub woman: Option<u32>,
    pub date: NaiveDate,
    /// Fen a month.
    pub support: Option<i64>,
}

pub fn wed(district: &mut District, chance: &mut Chance) {
    let today = district.as_of;
    let oldest = today.checked_sub_months(Months::new(12 * 22)).unwrap_or(today);
    for h in 0..district.households.len() {
        if district.by_hand(h) || !district.monitored(h) {
            continue;
        }
        let home = &district.households[h];
        let head = home.first;
        let spouse =
            home.members().map(|m| m as u32).find(|m| district.people[*m as usize].relation == Relation::Spouse);
        let minor = home.members().any(|m| district.people[m].age_on(today) < 18);
        let moved = |p: u32| district.people[p as usize].status == RegStatus::Moved;
        let of_age = |p: u32| {
            let birth = district.people[p as usize].birth;
            birth.checked_add_months(Months::new(12 * 22)).unwrap_or(birth)
        };
        match spouse {
            Some(spouse) if !moved(head) => {
                let first = of_age(head).max(of_age(spouse)).max(oldest);
                if first < today - Days::new(200) && chance.happens(0.85) {
                    let day = first + Days::new(chance.between(0, (today - first).num_days() - 120) as u64);
                    let (man, woman) = if district.is_male(head) { (head, spouse) } else { (spouse, head) };
                    register(district, MarriageEvent::Marriage, Some(man), Some(woman), day, None);
                }
            }
            None if minor && district.people[head as usize].age_on(today) < 50 && chance.happens(0.6) => {
                let day = today - Days::new(chance.between(10, 2_400) as u64);
                let support = chance.happens(0.5).then(|| chance.between(3, 15) * 10_000);
                let (man, woman) = if district.is_male(head) { (Some(head), None) } else { (None, Some(head)) };
                register(district, MarriageEvent::Divorce, man, woman, day, support);
            }
            _ => {}
        }
    }
}

pub fn register(
    district: &mut District,
    event: MarriageEvent,
    man: Option<u32>,
    woman: Option<u32>,
    date: NaiveDate,
    support: Option<i64>,
) {
    let number = district.marriages.len() as u32 + 1;
    district.marriages.push(Marriage { number, event, man, woman, date, support });
}
