//! Families whose tier and amount follow from the data alone: both sides of each line of dibao, edge and rigid, and
//! destitute persons already recognised. The sums are worked by hand from parameter set QY-2026.

use super::events::enrol;
use super::{Plan, When, aged};
use crate::illness;
use crate::livelihood::{self, CENTRAL, Means};
use crate::person::{Relation, Story};
use crate::property;
use crate::rows::*;
use tuodi_pack::id_no::Sex::{self, Female, Male};
use tuodi_pack::region::Area;

/// A family and what must come out for it.
#[derive(Debug, Clone)]
pub struct Family {
    pub household: u32,
    pub tier: &'static str,
    /// Fen a month.
    pub monthly: i64,
    pub what: &'static str,
}

pub const COUPLE: &[(When, Sex, Relation)] =
    &[(When::Aged(45), Male, Relation::Head), (When::Aged(43), Female, Relation::Spouse)];
const WITH_CHILD: &[(When, Sex, Relation)] = &[
    (When::Aged(41), Male, Relation::Head),
    (When::Aged(39), Female, Relation::Spouse),
    (When::Aged(10), Male, Relation::Child),
];

pub fn lay_out(plan: &mut Plan<'_, '_>) {
    incomes(plan);
    properties(plan);
    rigid(plan);
    destitute(plan);
    unknown(plan);
}

/// A family with these means of its adults, in order, and 1,000 yuan in the bank each.
fn family(plan: &mut Plan<'_, '_>, area: Area, members: &[(When, Sex, Relation)], means: &[Means]) -> Vec<u32> {
    let who = family_without_accounts(plan, area, members, means);
    let day = plan.days_ago(20);
    for person in &who[..means.len()] {
        property::add_asset(plan.at.district, *person, AssetKind::Deposit, 100_000, day);
    }
    who
}

pub fn family_without_accounts(
    plan: &mut Plan<'_, '_>,
    area: Area,
    members: &[(When, Sex, Relation)],
    means: &[Means],
) -> Vec<u32> {
    let villages: Vec<u16> = (0..plan.at.district.villages.len() as u16)
        .filter(|v| plan.at.district.villages[*v as usize].area == area)
        .collect();
    // a map without villages of that kind has no such families
    let village = villages.get(plan.next % villages.len().max(1)).copied().unwrap_or(0);
    plan.next += 1;
    let who = plan.home_in(village, Story::Fixed, members);
    for (person, means) in who.iter().zip(means) {
        livelihood::give(plan.at.district, *person, *means, plan.chance);
    }
    who
}

fn expect(plan: &mut Plan<'_, '_>, who: &[u32], tier: &'static str, yuan: i64, what: &'static str) {
    let household = plan.at.district.people[who[0] as usize].household;
    plan.families.push(Family { household, tier, monthly: yuan * 100, what });
}

fn incomes(plan: &mut Plan<'_, '_>) {
    use Area::{Rural, Urban};
    let wage = |yuan: i64| Means::Wage { fen: yuan * 100 };
    let dole = |fen: i64| Means::Unemployed { fen };
    // wage 2,000 less 480 (half the standard, less than 30 % = 600) = 1,520; with 500 that is 2,020 for 3.
    // 960 x 3 - 2,020 = 860; the child's top-up is 192: 1,052
    let who = family(plan, Urban, WITH_CHILD, &[wage(2_000), dole(50_000)]);
    expect(plan, &who, "dibao", 1_052, "三口之家，收入2020元");
    // rural: wage 1,200 less 360 = 840; with 300 that is 1,140; 840 x 3 - 1,140 = 1,380; the child 168: 1,548
    let who = family(plan, Rural, WITH_CHILD, &[wage(1_200), dole(30_000)]);
    expect(plan, &who, "dibao", 1_548, "农村三口之家，收入1140元");
    // exactly the line of two: 1,920. Not dibao (strictly below), so edge
    let who = family(plan, Urban, COUPLE, &[dole(96_000), dole(96_000)]);
    expect(plan, &who, "edge", 0, "人均收入恰为960.00元");
    // one fen below: 0.01 yuan, rounded up to 1
    let who = family(plan, Urban, COUPLE, &[dole(96_000), dole(95_999)]);
    expect(plan, &who, "dibao", 1, "低于低保线0.01元");
    // edge line 1,440 a head
    let who = family(plan, Urban, COUPLE, &[dole(144_000), dole(143_999)]);
    expect(plan, &who, "edge", 0, "低于边缘线0.01元");
    let who = family(plan, Rural, COUPLE, &[dole(126_000), dole(125_999)]);
    expect(plan, &who, "edge", 0, "农村，低于边缘线0.01元");
    // at the edge line: not edge. Living 23,040 of 34,560 a year is 66.7 %: not rigid either
    let who = family(plan, Urban, COUPLE, &[dole(144_000), dole(144_000)]);
    expect(plan, &who, "none", 0, "人均收入恰为1440.00元");
    // two elders of 72: pensions 400 and 300 besides the central part; 1,920 - 700 = 1,220; top-ups 192 each: 1,604
    let elders = [aged(72, Male, Relation::Head), aged(71, Female, Relation::Spouse)];
    let pension = |yuan: i64| Means::ResidentPension { fen: CENTRAL + yuan * 100 };
    let who = family(plan, Urban, &elders, &[pension(400), pension(300)]);
    expect(plan, &who, "dibao", 1_604, "两位老人，中央基础养老金不计");
    // 840 - 250 = 590; top-up of a woman of 75: 168. 758
    let who = family(plan, Rural, &[aged(75, Female, Relation::Head)], &[pension(250)]);
    expect(plan, &who, "dibao", 758, "农村独居老人");
}

fn properties(plan: &mut Plan<'_, '_>) {
    let dole = |yuan: i64| Means::Unemployed { fen: yuan * 100 };
    let poor = [dole(400), dole(300)];
    let day = plan.days_ago(20);
    // limit of two for dibao: 24 x 960 x 2 = 46,080; for edge 69,120. Income 700: 1,920 - 700 = 1,220
    for (over, tier, monthly, what) in [
        (0, "dibao", 1_220, "金融资产恰为46080.00元"),
        (1, "edge", 0, "金融资产46080.01元，低保超限"),
        (6_912_000 - 4_608_000, "edge", 0, "金融资产恰为69120.00元"),
    ] {
        let who = family_without_accounts(plan, Area::Urban, COUPLE, &poor);
        property::add_asset(plan.at.district, who[0], AssetKind::Deposit, 4_600_000, day);
        property::add_asset(plan.at.district, who[1], AssetKind::Deposit, 8_000 + over, day);
        expect(plan, &who, tier, monthly, what);
    }
    let bought = plan.days_ago(2_000);
    for (second, tier, monthly, what) in
        [(2_499, "dibao", 1_220, "两套住房，人均不足25平方米"), (2_500, "none", 0, "两套住房，人均恰为25平方米")]
    {
        let who = family(plan, Area::Urban, COUPLE, &poor);
        for area in [2_500, second] {
            let holder = [(who[0], 100)];
            property::add_estate(plan.at.district, &holder, Usage::Residence, area, bought, EstateEvent::First, None);
        }
        expect(plan, &who, tier, monthly, what);
    }
    for (usage, value, tier, monthly, what) in [
        (CarUse::Operating, 3_000_000, "dibao", 1_220, "营运车恰为30000.00元"),
        (CarUse::Private, 1_000_000, "edge", 0, "有自用车，低保不符，边缘符合"),
    ] {
        let who = family(plan, Area::Urban, COUPLE, &poor);
        let car = Vehicle {
            plate: 0,
            owner: who[0],
            kind: "小型轿车",
            usage,
            model: "和风 M2 微型车",
            first: bought,
            transferred: None,
            value: Some(value),
            status: CarStatus::Normal,
        };
        property::add_vehicle(plan.at.district, car);
        expect(plan, &who, tier, monthly, what);
    }
    let who = family(plan, Area::Urban, COUPLE, &poor);
    let owner = [(who[1], EntityRole::Owner)];
    property::add_firm(plan.at.district, &owner, Some(5_000_000), None, bought, EntityStatus::Active);
    expect(plan, &who, "none", 0, "名下有在业个体户");
}

fn rigid(plan: &mut Plan<'_, '_>) {
    // two wages of 2,000: gross 48,000 a year; after 480 each 3,040 a month, above the edge line of 2,880.
    // 80 % of 48,000 is 38,400; living is 960 x 2 x 12 = 23,040; so the in-policy bills must pass 15,360.00
    for (bills, tier, what) in
        [(1_536_001, "rigid", "刚性支出占比略高于80%"), (1_536_000, "none", "刚性支出占比恰为80%")]
    {
        let wage = Means::Wage { fen: 200_000 };
        let who = family(plan, Area::Urban, COUPLE, &[wage, wage]);
        let settled = plan.days_ago(120);
        illness::add_settlement(
            plan.at.district,
            Settlement {
                number: 0,
                person: who[1],
                visit: Visit::Inpatient,
                org: 3,
                admitted: Some(plan.days_ago(140)),
                settled,
                diagnosis: "I50.9",
                total: bills * 3,
                basic: bills * 2,
                major: 0,
                assist: 0,
                oop_policy: bills,
                oop_outside: 0,
                refund: false,
            },
        );
        expect(plan, &who, tier, 0, what);
    }
}

fn destitute(plan: &mut Plan<'_, '_>) {
    // basic 1.3 x 960 = 1,248 and care for those who manage alone 110: 1,358; rural 1,092 + 110 = 1,202
    for (area, monthly, what) in
        [(Area::Urban, 1_358, "城市特困老人，已认定"), (Area::Rural, 1_202, "农村特困老人，已认定")]
    {
        let pension = Means::ResidentPension { fen: CENTRAL + 6_000 };
        let who = family(plan, area, &[aged(68, Male, Relation::Head)], &[pension]);
        enrol(plan, &who, Programme::Tekun);
        expect(plan, &who, "tekun", monthly, what);
    }
}

fn unknown(plan: &mut Plan<'_, '_>) {
    let dole = Means::Unemployed { fen: 40_000 };
    let who = family_without_accounts(plan, Area::Urban, COUPLE, &[dole, dole]);
    expect(plan, &who, "none", 0, "没有授权核对，金融资产未知");
    let who = family(plan, Area::Urban, COUPLE, &[dole]);
    expect(plan, &who, "none", 0, "一名成年人的收入未知");
}
