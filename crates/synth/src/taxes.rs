//! What employers withhold: monthly declarations of wages and fees.
//!
//! Reasoning: every employer declares every wage, taxed or not, so whoever has a wage in social insurance has one here.
//! Nine employers in ten pay contributions on what they pay; the others on less, mostly the lowest base. One wage earner
//! in fifty has a fee from somebody else besides, seldom interest or business. Sent for families of the low-income pool only: the tax bureau answers
//! about people who are asked about, and never about a whole town.

use crate::chance::Chance;
use crate::district::District;
use crate::month::Month;
use crate::person::Story;
use crate::rows::{Contribution, codes};

codes!(IncomeKind { Wage = "wage" "工资薪金所得", Labour = "labour" "劳务报酬所得", Business = "business" "经营所得", Interest = "interest" "利息股息红利所得" });

#[derive(Debug, Clone)]
pub struct TaxRow {
    pub person: u32,
    pub payer: u32,
    pub month: Month,
    pub kind: IncomeKind,
    pub income: i64,
    pub tax: i64,
    pub deduct: Option<i64>,
}

/// Monthly allowance before any tax, fen.
const FREE: i64 = 500_000;

pub fn declare(district: &mut District, chance: &mut Chance) {
    let mut last = u32::MAX;
    let (mut percent, mut fee, mut deduct) = (100, 0, None);
    for i in 0..district.social.len() {
        let row = &district.social[i];
        let (person, month, employer) = (row.person, row.month, row.employer);
        let story = district.household_of(person).story;
        let (Some(base), Some(Contribution::Paid)) = (row.base, row.paid) else { continue };
        if employer == 0 || matches!(story, Story::Ordinary | Story::Planned | Story::Fixed) {
            continue;
        }
        if person != last {
            last = person;
            percent = if chance.happens(0.9) { chance.between(98, 104) } else { chance.between(115, 160) };
            fee = if chance.happens(0.02) { chance.between(2, 12) * 10_000 } else { 0 };
            deduct = chance.happens(0.4).then(|| chance.between(1, 3) * 100_000);
        }
        let income = base * percent / 100;
        add(district, person, employer, month, IncomeKind::Wage, income, deduct);
        if fee > 0 {
            let kind = match person % 20 {
                0 => IncomeKind::Interest,
                1 => IncomeKind::Business,
                _ => IncomeKind::Labour,
            };
            add(district, person, 900_000 + person % 40, month, kind, fee, None);
        }
    }
}

pub fn add(
    district: &mut District,
    person: u32,
    payer: u32,
    month: Month,
    kind: IncomeKind,
    income: i64,
    deduct: Option<i64>,
) {
    let tax = (income - FREE - deduct.unwrap_or(0)).max(0) * 3 / 100;
    district.taxes.push(TaxRow { person, payer, month, kind, income, tax, deduct });
}
