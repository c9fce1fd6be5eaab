//! Which households live on little, and which of them are on the roster.
//!
//! Reasoning: about 2.8 % of people receive dibao (national figure, end of 2023: 40.0 million of 1,410 million), destitute
//! persons are mostly old people who live alone, edge households are about a third of dibao households. Households with
//! one adult and children, old people alone and rural households are poorer than others. Four households in a thousand
//! are below the line and have not applied: discovery is there for them.

use crate::chance::Chance;
use crate::district::District;
use crate::person::Story;

pub fn tell(district: &mut District, chance: &mut Chance) {
    for i in 0..district.households.len() {
        if district.households[i].story != Story::Ordinary {
            continue;
        }
        let rural = if district.is_rural(i) { 1.4 } else { 0.9 };
        let ages: Vec<i64> =
            district.households[i].members().map(|m| district.people[m].age_on(district.as_of)).collect();
        let adults = ages.iter().filter(|a| **a >= 18).count();
        let minors = ages.len() - adults;
        let old_alone = ages.len() == 1 && ages[0] >= 60;
        let poor = if adults == 1 && minors > 0 {
            0.062
        } else if old_alone {
            0.05
        } else if ages.len() == 1 {
            0.026
        } else {
            0.019
        } * rural;
        let tekun = if old_alone { 0.045 * rural } else { 0.0 };
        let story =
            chance.weighted([1.0 - poor * 1.75 - tekun, poor, tekun, poor * 0.4, poor * 0.12, poor * 0.23].into_iter());
        district.households[i].story =
            [Story::Ordinary, Story::Dibao, Story::Tekun, Story::Edge, Story::Rigid, Story::Missed][story];
    }
}
