//! Housing fund accounts and loans.
//!
//! Reasoning: half of the employees of firms have an account (7 % each side of the contribution base), one account in
//! eight carries a loan, and of a hundred loans about two are late by two instalments or more. One in thirty holds a
//! sealed account of an earlier employer besides.

use crate::chance::Chance;
use crate::district::District;
use crate::month::Month;
use crate::person::Story;
use crate::rows::Contribution;

#[derive(Debug, Clone)]
pub struct FundAccount {
    pub account: u32,
    pub person: u32,
    pub balance: i64,
    pub deposit: Option<i64>,
    pub base: Option<i64>,
    pub loan: Option<i64>,
    pub overdue: Option<i64>,
    pub last: Option<Month>,
}

pub fn open(district: &mut District, chance: &mut Chance) {
    let newest = Month::of(district.as_of).plus(-1);
    for i in 0..district.social.len() {
        let row = &district.social[i];
        let (person, month, employer) = (row.person, row.month, row.employer);
        let (Some(base), Some(Contribution::Paid)) = (row.base, row.paid) else { continue };
        let story = district.household_of(person).story;
        if month != newest || employer == 0 || matches!(story, Story::Planned | Story::Fixed) {
            continue;
        }
        // those who live on little work where nobody pays into a fund
        if !chance.happens(if story == Story::Ordinary { 0.16 } else { 0.12 }) {
            continue;
        }
        let deposit = base * 14 / 100;
        let loan = chance.happens(0.125).then(|| chance.between(40, 480) * 100_000);
        let overdue = loan.map(|_| match chance.share() {
            s if s < 0.955 => 0,
            s if s < 0.98 => 1,
            _ => chance.between(2, 9),
        });
        let balance = deposit * chance.between(3, 90);
        add(
            district,
            FundAccount {
                account: 0,
                person,
                balance,
                deposit: Some(deposit),
                base: Some(base),
                loan,
                overdue,
                last: Some(newest),
            },
        );
        if chance.happens(0.033) {
            let balance = chance.between(500, 30_000) * 100;
            let last = Some(newest.plus(-(chance.between(14, 90) as i32)));
            let sealed =
                FundAccount { account: 0, person, balance, deposit: None, base: None, loan: None, overdue: None, last };
            add(district, sealed);
        }
    }
}

pub fn add(district: &mut District, mut account: FundAccount) {
    account.account = district.funds.len() as u32 + 1;
    district.funds.push(account);
}
