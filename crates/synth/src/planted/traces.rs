//! Cases for loans, rents, meters and assessments, and for people who leave hardly a trace.

use super::Plan;
use super::events::{certificate, subsidy};
use super::score::{contribution, enrolled, flat, single};
use crate::assessments::{AssessmentRow, DecidedBy, Hardship};
use crate::enrolment::{EnrolmentStatus, MedicalScheme};
use crate::fund::{self, FundAccount};
use crate::housing::HousingKind;
use crate::month::Month;
use crate::rows::*;
use crate::utility::{self, Meter, UtilityRow};
use chrono::NaiveDate;

pub fn lay_out(plan: &mut Plan<'_, '_>) {
    loans(plan);
    rents(plan);
    drops(plan);
    unpaid_meters(plan);
    assessments(plan);
    silence(plan);
}

/// M046.
fn loans(plan: &mut Plan<'_, '_>) {
    for (overdue, raised, what) in [(2, true, "公积金贷款逾期2期"), (1, false, "公积金贷款逾期1期")] {
        let person = single(plan, 39);
        let last = Some(Month::of(plan.as_of()).plus(-4));
        fund::add(
            plan.at.district,
            FundAccount {
                account: 0,
                person,
                balance: 260_000,
                deposit: Some(60_000),
                base: Some(420_000),
                loan: Some(21_000_000),
                overdue: Some(overdue),
                last,
            },
        );
        plan.plant("M046", person, raised, what);
    }
}

/// M047.
fn rents(plan: &mut Plan<'_, '_>) {
    let (today, yesterday) = (plan.as_of(), plan.days_ago(1));
    for (kind, arrears, end, raised, what) in [
        (HousingKind::Rental, 2, None, true, "公租房欠租2个月"),
        (HousingKind::Rental, 2, Some(today), true, "租约今天到期，当天仍算"),
        (HousingKind::Rental, 1, None, false, "公租房欠租1个月"),
        (HousingKind::Rental, 5, Some(yesterday), false, "租约昨天已终止"),
        (HousingKind::Subsidy, 3, None, false, "租赁补贴户，不是公租房"),
    ] {
        let who = single(plan, 47);
        flat(plan, who, kind, arrears, end);
        plan.plant("M047", who, raised, what);
    }
}

/// One account: quantity by months back.
fn meter(plan: &mut Plan<'_, '_>, person: u32, kind: Meter, months: &[(i32, i64, Option<i64>)]) {
    let district = &mut *plan.at.district;
    let account = utility::next_account(district);
    let household = district.people[person as usize].household;
    let now = Month::of(district.as_of);
    for &(back, quantity, behind) in months {
        let amount = quantity * 56 / 100;
        utility::add(
            district,
            UtilityRow {
                account,
                kind,
                month: now.plus(-back),
                holder: Some(person),
                household,
                quantity,
                amount,
                arrears: behind.map(|b| b * amount),
                arrears_months: behind,
            },
        );
    }
}

/// M052: 100.00 kWh a month in the year before.
fn drops(plan: &mut Plan<'_, '_>) {
    for (kind, earlier, recent, raised, what) in [
        (Meter::Power, 12, [5_000, 5_000], true, "近两月用电恰为此前月均的一半"),
        (Meter::Power, 12, [5_001, 5_000], false, "两月前略高于一半"),
        (Meter::Power, 12, [5_000, 5_001], false, "上月略高于一半"),
        (Meter::Water, 6, [0, 0], true, "有6个月可比，用水为零"),
        (Meter::Water, 5, [0, 0], false, "只有5个月可比"),
        (Meter::Gas, 12, [0, 0], false, "燃气不计"),
    ] {
        let who = single(plan, 58);
        let mut months: Vec<_> = (3..3 + earlier).map(|back| (back, 10_000, None)).collect();
        months.extend([(2, recent[0], None), (1, recent[1], None)]);
        meter(plan, who, kind, &months);
        plan.plant("M052", who, raised, what);
    }
}

/// M053: steady use, so that nothing but the bill speaks.
fn unpaid_meters(plan: &mut Plan<'_, '_>) {
    for (months, raised, what) in [
        (&[(2, None), (1, Some(2))][..], true, "上月累计欠费2个月"),
        (&[(2, None), (1, Some(1))], false, "欠费1个月"),
        (&[(2, Some(3)), (1, None)], false, "欠费已结清"),
        (&[(6, Some(4))], true, "最近账期在6个月前，仍欠费"),
        (&[(7, Some(4))], false, "最近账期已超过6个月"),
    ] {
        let who = single(plan, 58);
        let months: Vec<_> = months.iter().map(|(back, behind)| (*back, 700, *behind)).collect();
        meter(plan, who, Meter::Water, &months);
        plan.plant("M053", who, raised, what);
    }
}

/// Days of assessments with their scores in thousandths.
type Scores<'a> = &'a [(NaiveDate, u32)];

/// M054.
fn assessments(plan: &mut Plan<'_, '_>) {
    let year = plan.months_ago(12);
    let recent = plan.days_ago(60);
    let cases: [(Scores<'_>, bool, &str); 6] = [
        (&[(recent, 30_000)], true, "评估恰为30分，计15分"),
        (&[(recent, 29_999)], false, "评估29.999分"),
        (&[(recent, 50_000)], true, "评估恰为50分，计30分"),
        (&[(year, 61_000)], false, "评估恰在12个月前"),
        (&[(year.succ_opt().unwrap_or(year), 61_000)], true, "窗口第一天评估"),
        (&[(plan.days_ago(200), 61_000), (recent, 12_000)], false, "以最近一次评估为准"),
    ];
    for (rows, raised, what) in cases {
        let who = single(plan, 50);
        let household = plan.at.district.people[who as usize].household;
        for &(on, low) in rows {
            let level = match low {
                ..15_000 => Hardship::None,
                15_000..30_000 => Hardship::Mild,
                30_000..50_000 => Hardship::Moderate,
                _ => Hardship::Severe,
            };
            plan.at.district.assessments.push(AssessmentRow {
                household,
                on,
                low,
                high: low,
                completeness: 1_000,
                level,
                decided_by: Some(DecidedBy::Total),
                deprivation: low * 8 / 1_000,
            });
        }
        plan.plant("M054", who, raised, what);
    }
}

/// M055: the register is always one trace.
fn silence(plan: &mut Plan<'_, '_>) {
    let insured =
        |plan: &mut Plan<'_, '_>, who| enrolled(plan, who, 0, MedicalScheme::Resident, EnrolmentStatus::Active);
    let who = single(plan, 70);
    plan.plant("M055", who, true, "70岁，只有户籍信息");
    let who = single(plan, 69);
    plan.plant("M055", who, false, "69岁，无残疾证");
    let who = single(plan, 74);
    insured(plan, who);
    plan.plant("M055", who, true, "只有户籍和参保两处");
    let who = single(plan, 74);
    insured(plan, who);
    plan.bill(who, Visit::Pharmacy, plan.days_ago(300), 4_500);
    plan.plant("M055", who, false, "户籍、参保、购药三处");
    let who = single(plan, 74);
    insured(plan, who);
    let long_ago = plan.months_ago(12);
    plan.bill(who, Visit::Outpatient, long_ago, 4_500);
    plan.plant("M055", who, true, "就诊恰在12个月前，不计");
    let who = single(plan, 40);
    let issued = plan.days_ago(800);
    certificate(plan, who, Disability::Hearing, 4, issued);
    insured(plan, who);
    plan.plant("M055", who, false, "残疾人，户籍、残疾证、参保三处");
    let who = single(plan, 40);
    certificate(plan, who, Disability::Hearing, 4, issued);
    plan.plant("M055", who, true, "残疾人，只有户籍和残疾证");
    let who = single(plan, 81);
    subsidy(plan, who, SubsidyKind::Age, 6_000, SubsidyStatus::Suspended);
    contribution(plan, who, Scheme::ResPension, 3, Contribution::Paid, None);
    plan.plant("M055", who, false, "户籍、津贴（暂停）、居民养老三处");
    let who = single(plan, 76);
    insured(plan, who);
    meter(plan, who, Meter::Power, &[(3, 1, None)]);
    plan.plant("M055", who, false, "户籍、参保、用电三处");
    let who = single(plan, 76);
    insured(plan, who);
    meter(plan, who, Meter::Power, &[(3, 0, None)]);
    plan.plant("M055", who, true, "用电为零不算踪迹");
}
