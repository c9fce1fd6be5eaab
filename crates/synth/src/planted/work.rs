//! Cases of work and income: jobs lost, benefits that ended, incomes that fell, families below the line.

use super::families::{COUPLE, family_without_accounts};
use super::{Plan, When, aged};
use crate::jobs::{self, JobEventKind};
use crate::month::Month;
use crate::person::Relation;
use crate::property;
use crate::rows::*;
use crate::steps::{self, Step, StepRow};
use crate::taxes::{self, IncomeKind};
use crate::{assistance, declared};
use chrono::{Days, NaiveDate};
use std::ops::RangeInclusive;
use tuodi_pack::id_no::Sex::{Female, Male};
use tuodi_pack::region::Area;

pub fn lay_out(plan: &mut Plan<'_, '_>) {
    jobs_lost(plan);
    contributions_stopped(plan);
    benefits_ended(plan);
    incomes_fallen(plan);
    below_the_line(plan);
    already_seen(plan);
}

/// A household of a town of whom no department knows more than the plan says.
pub fn unknown(plan: &mut Plan<'_, '_>, members: &[(When, tuodi_pack::id_no::Sex, Relation)]) -> Vec<u32> {
    family_without_accounts(plan, Area::Urban, members, &[])
}

/// Contributions of an employer on this base in these months, counted back from the running one.
pub fn wages(plan: &mut Plan<'_, '_>, person: u32, months: RangeInclusive<i32>, base: i64) {
    insured(plan, person, months, |row| {
        row.employer = 17;
        row.base = Some(base);
        row.paid = Some(Contribution::Paid);
    });
}

/// A benefit in these months.
pub fn benefit(
    plan: &mut Plan<'_, '_>,
    person: u32,
    scheme: Scheme,
    months: RangeInclusive<i32>,
    fen: i64,
    state: Benefit,
) {
    insured(plan, person, months, |row| {
        row.scheme = scheme;
        row.benefit = Some(fen);
        row.state = Some(state);
    });
}

fn insured(plan: &mut Plan<'_, '_>, person: u32, months: RangeInclusive<i32>, say: impl Fn(&mut SocialRow)) {
    let now = Month::of(plan.as_of());
    for back in months {
        let mut row = SocialRow {
            person,
            scheme: Scheme::EmpPension,
            month: now.plus(-back),
            employer: 0,
            base: None,
            paid: None,
            benefit: None,
            central: None,
            nursing: None,
            state: None,
        };
        say(&mut row);
        plan.at.district.social.push(row);
    }
}

pub fn event(plan: &mut Plan<'_, '_>, person: u32, kind: JobEventKind, day: NaiveDate) {
    let reason = if kind == JobEventKind::Unemploy { "单位停产" } else { "" };
    jobs::add(plan.at.district, person, kind, day, "", reason);
}

fn worker(plan: &mut Plan<'_, '_>) -> u32 {
    unknown(plan, COUPLE)[0]
}

fn jobs_lost(plan: &mut Plan<'_, '_>) {
    for (lost, found, raised, what) in [
        (89, None, true, "89天前失业登记"),
        (90, None, false, "90天前失业登记，已出窗口"),
        (40, Some(39), false, "失业次日又就业"),
        (40, Some(40), true, "同日有就业和失业登记"),
        (40, Some(300), true, "失业前有就业登记"),
    ] {
        let who = worker(plan);
        let day = plan.days_ago(lost);
        event(plan, who, JobEventKind::Unemploy, day);
        if let Some(days) = found {
            let day = plan.days_ago(days);
            event(plan, who, JobEventKind::Employ, day);
        }
        plan.plant("M006", who, raised, what);
    }
    let sixty = plan.months_ago(12 * 60);
    for (birth, raised, what) in [(sixty, false, "今天满60周岁"), (sixty + Days::new(1), true, "明天满60周岁")]
    {
        let who = unknown(plan, &[(When::On(birth), Male, Relation::Head)])[0];
        let day = plan.days_ago(20);
        event(plan, who, JobEventKind::Unemploy, day);
        plan.plant("M006", who, raised, what);
    }
}

fn contributions_stopped(plan: &mut Plan<'_, '_>) {
    for (months, raised, what) in [
        (4..=9, true, "缴费6个月后断缴3个月"),
        (4..=8, false, "只缴费5个月"),
        (5..=12, false, "已断缴4个月"),
        (3..=9, false, "断缴2个月"),
    ] {
        let who = worker(plan);
        wages(plan, who, months, 460_000);
        plan.plant("M006", who, raised, what);
    }
    let who = worker(plan);
    wages(plan, who, 4..=12, 460_000);
    benefit(plan, who, Scheme::EmpPension, 1..=3, 310_000, Benefit::Active);
    plan.plant("M006", who, false, "断缴后已领养老金");
    let who = worker(plan);
    wages(plan, who, 4..=12, 460_000);
    let month = Month::of(plan.as_of()).plus(-2);
    taxes::add(plan.at.district, who, 17, month, IncomeKind::Wage, 450_000, None);
    plan.plant("M006", who, false, "断缴但仍申报工资");
    let third = Month::of(plan.as_of()).plus(-3).first();
    for (day, raised, what) in
        [(third, false, "断缴首月第一天就业登记"), (third - Days::new(1), true, "断缴前一天有就业登记")]
    {
        let who = worker(plan);
        wages(plan, who, 4..=12, 460_000);
        event(plan, who, JobEventKind::Employ, day);
        plan.plant("M006", who, raised, what);
    }
}

fn benefits_ended(plan: &mut Plan<'_, '_>) {
    let now = Month::of(plan.as_of());
    for (end, what) in [(1, "失业金上月终止"), (2, "失业金前月终止")] {
        let who = worker(plan);
        benefit(plan, who, Scheme::Unemployment, end + 1..=end + 4, 154_000, Benefit::Active);
        benefit(plan, who, Scheme::Unemployment, end..=end, 0, Benefit::Ended);
        let raised = now.plus(-end).first() > plan.days_ago(60);
        plan.plant("M007", who, raised, what);
    }
    let ended = |plan: &mut Plan<'_, '_>| {
        let who = worker(plan);
        benefit(plan, who, Scheme::Unemployment, 2..=5, 154_000, Benefit::Active);
        benefit(plan, who, Scheme::Unemployment, 1..=1, 0, Benefit::Ended);
        who
    };
    let who = ended(plan);
    let day = plan.days_ago(10);
    event(plan, who, JobEventKind::Employ, day);
    plan.plant("M007", who, false, "失业金期满，已就业登记");
    let who = ended(plan);
    wages(plan, who, 1..=1, 380_000);
    plan.plant("M007", who, false, "失业金期满，单位已缴费");
    let who = ended(plan);
    benefit(plan, who, Scheme::ResPension, 1..=1, 60_000, Benefit::Active);
    plan.plant("M007", who, false, "失业金期满，已领养老金");
    let who = worker(plan);
    benefit(plan, who, Scheme::Unemployment, 2..=2, 0, Benefit::Ended);
    benefit(plan, who, Scheme::Unemployment, 1..=1, 154_000, Benefit::Active);
    plan.plant("M007", who, false, "终止后又恢复发放");
}

fn incomes_fallen(plan: &mut Plan<'_, '_>) {
    for (before, after, last, raised, what) in [
        (600_000, 300_000, 300_000, true, "近3个月月均恰为此前6个月的一半"),
        (600_000, 300_000, 300_001, false, "近3个月收入比一半多0.01元"),
        (768_000, 384_000, 383_999, true, "人均低于2倍标准0.01元"),
        (768_000, 384_000, 384_000, false, "人均恰为2倍标准"),
    ] {
        let who = worker(plan);
        wages(plan, who, 4..=9, before);
        wages(plan, who, 2..=3, after);
        wages(plan, who, 1..=1, last);
        plan.plant("M008", who, raised, what);
    }
    // where the tax bureau knows of any wage, it is believed, not the contribution base
    for (after, raised, what) in [(100_000, true, "申报工资骤降，缴费基数未变"), (480_000, false, "申报工资未降")]
    {
        let who = worker(plan);
        wages(plan, who, 1..=9, 480_000);
        let now = Month::of(plan.as_of());
        for back in 1..=9 {
            let income = if back <= 3 { after } else { 480_000 };
            taxes::add(plan.at.district, who, 17, now.plus(-back), IncomeKind::Wage, income, None);
        }
        plan.plant("M008", who, raised, what);
    }
    // a wage lost, and benefits that make up for it
    let who = worker(plan);
    wages(plan, who, 4..=9, 400_000);
    benefit(plan, who, Scheme::Unemployment, 1..=3, 210_000, Benefit::Active);
    plan.plant("M008", who, false, "失业金补上一半以上");
}

fn poor(plan: &mut Plan<'_, '_>, second: i64) -> Vec<u32> {
    let who = unknown(plan, COUPLE);
    benefit(plan, who[0], Scheme::Unemployment, 1..=3, 96_000, Benefit::Active);
    benefit(plan, who[1], Scheme::Injury, 1..=3, second, Benefit::Active);
    who
}

fn below_the_line(plan: &mut Plan<'_, '_>) {
    for (second, raised, what) in [(95_999, true, "低于低保线0.01元，未在册"), (96_000, false, "收入恰为低保线")]
    {
        let who = poor(plan, second);
        plan.plant("M009", who[0], raised, what);
    }
    let who = unknown(plan, COUPLE);
    benefit(plan, who[0], Scheme::Unemployment, 1..=3, 50_000, Benefit::Active);
    plan.plant("M009", who[0], false, "配偶收入未知");
    let day = plan.days_ago(20);
    for (sum, raised, what) in [(4_608_000, true, "存款恰为46080.00元"), (4_608_001, false, "存款46080.01元")] {
        let who = poor(plan, 10_000);
        property::add_asset(plan.at.district, who[0], AssetKind::Deposit, sum, day);
        plan.plant("M009", who[0], raised, what);
    }
    let bought = plan.days_ago(900);
    for (second, raised, what) in
        [(2_499, true, "两套住房，人均不足25平方米"), (2_500, false, "两套住房，人均25平方米")]
    {
        let who = poor(plan, 10_000);
        for area in [2_500, second] {
            let holder = [(who[0], 100)];
            property::add_estate(plan.at.district, &holder, Usage::Residence, area, bought, EstateEvent::First, None);
        }
        plan.plant("M009", who[0], raised, what);
    }
    for (usage, raised, what) in [(CarUse::Operating, true, "营运车30000元"), (CarUse::Private, false, "自用车30000元")]
    {
        let who = poor(plan, 10_000);
        let car = Vehicle {
            plate: 0,
            owner: who[1],
            kind: "小型轿车",
            usage,
            model: "和风 M2 微型车",
            first: bought,
            transferred: None,
            value: Some(3_000_000),
            status: CarStatus::Normal,
        };
        property::add_vehicle(plan.at.district, car);
        plan.plant("M009", who[0], raised, what);
    }
    let who = poor(plan, 10_000);
    let owner = [(who[0], EntityRole::Owner)];
    property::add_firm(plan.at.district, &owner, Some(1), None, bought, EntityStatus::Active);
    plan.plant("M009", who[0], false, "名下有在业个体户");
    // 16 and over must be known, a child of 15 need not
    let sixteen = plan.months_ago(12 * 16);
    for (birth, raised, what) in
        [(sixteen + Days::new(1), true, "子女明天满16周岁"), (sixteen, false, "子女今天满16周岁")]
    {
        let who = unknown(plan, &[aged(44, Female, Relation::Head), (When::On(birth), Male, Relation::Child)]);
        benefit(plan, who[0], Scheme::Unemployment, 1..=3, 90_000, Benefit::Active);
        plan.plant("M009", who[0], raised, what);
    }
}

/// Below the line, and somebody is at it already.
fn already_seen(plan: &mut Plan<'_, '_>) {
    let who = poor(plan, 10_000);
    let spell = super::events::running(plan, 'B');
    assistance::add_roster(plan.at.district, &who, who[0], Programme::Edge, &spell);
    plan.plant("M009", who[0], false, "已在册");
    for (ended, raised, what) in [(None, false, "申请正在办理"), (Some(3), true, "申请环节已办结")] {
        let who = poor(plan, 10_000);
        let (started, ended) = (plan.days_ago(6), ended.map(|days| plan.days_ago(days)));
        let case = steps::next_case(plan.at.district);
        let due = Some(plan.as_of() + Days::new(4));
        let (programme, step, end) = (Some(Programme::Dibao), Step::Checking, None);
        let row = StepRow { person: who[0], case, programme, step, started, due, ended, end };
        steps::add(plan.at.district, row);
        plan.plant("M009", who[0], raised, what);
    }
    // a gradual exit is the end of a case, not an application
    let who = poor(plan, 10_000);
    let (started, due) = (plan.days_ago(100), Some(plan.as_of() + Days::new(80)));
    let case = steps::next_case(plan.at.district);
    let (programme, step) = (Some(Programme::Dibao), Step::GradualExit);
    let row = StepRow { person: who[0], case, programme, step, started, due, ended: None, end: None };
    steps::add(plan.at.district, row);
    plan.plant("M009", who[0], true, "只有渐退环节，没有新申请");
    let quarter = plan.months_ago(3);
    for (day, raised, what) in [(quarter + Days::new(1), false, "近3个月有申报"), (quarter, true, "申报已满3个月")]
    {
        let who = poor(plan, 10_000);
        declared::add(plan.at.district, who[0], None, day);
        plan.plant("M009", who[0], raised, what);
    }
}
