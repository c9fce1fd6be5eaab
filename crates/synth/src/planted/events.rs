//! Cases for what happens to people: bills, certificates, deaths, custody, age, stays, lone parents, temporary help.

use super::{Plan, When, aged};
use crate::assistance::{self, Spell};
use crate::fate;
use crate::person::{Relation, Story};
use crate::rows::*;
use chrono::{Days, Months, NaiveDate};
use tuodi_pack::id_no::Sex::{Female, Male};

pub fn lay_out(plan: &mut Plan<'_, '_>) {
    bills(plan);
    surges(plan);
    certificates(plan);
    deaths_in_prime_age(plan);
    deaths_of_recipients(plan);
    custody(plan);
    age_allowance(plan);
    stays(plan);
    lone_parents(plan);
    temporary_help(plan);
}

fn bills(plan: &mut Plan<'_, '_>) {
    let year = plan.months_ago(12);
    let cases: [(i64, NaiveDate, bool, &str); 5] = [
        (1_000_000, plan.days_ago(200), true, "自付恰为10000.00元"),
        (999_999, plan.days_ago(200), false, "自付9999.99元"),
        (5_000_000, year, false, "恰在12个月前结算，不计"),
        (5_000_000, year + Days::new(1), true, "12个月窗口内第一天结算"),
        (9_000_000, plan.days_ago(150), true, "自付90000.00元"),
    ];
    for (oop, day, raised, what) in cases {
        let who = plan.couple()[0];
        plan.bill(who, Visit::Inpatient, day, oop);
        plan.plant("M001", who, raised, what);
    }
    let who = plan.couple();
    plan.bill(who[0], Visit::Inpatient, plan.days_ago(160), 500_000);
    plan.bill(who[1], Visit::Chronic, plan.days_ago(140), 500_000);
    plan.plant("M001", who[0], true, "两名成员合计恰为10000.00元");
    let who = plan.couple();
    plan.bill(who[0], Visit::Inpatient, plan.days_ago(160), 900_000);
    plan.bill(who[0], Visit::Outpatient, plan.days_ago(150), 200_000);
    plan.refund(plan.days_ago(140));
    plan.plant("M001", who[0], false, "退费后低于10000元");
    let who = plan.couple();
    plan.bill(who[0], Visit::Inpatient, plan.days_ago(170), 6_000_000);
    plan.dies(who[0], plan.days_ago(120), &[DeathSource::Medical, DeathSource::Cremation]);
    plan.plant("M001", who[1], true, "已故成员的费用计入家庭");
}

fn surges(plan: &mut Plan<'_, '_>) {
    let edge = plan.months_ago(3);
    let cases: [(i64, NaiveDate, i64, bool, &str); 5] = [
        (600_000, plan.days_ago(20), 600_000, true, "近3个月恰为6000元且恰为前9个月月均3倍"),
        (600_000, plan.days_ago(20), 600_001, false, "不足前9个月月均3倍（差0.01元）"),
        (599_999, plan.days_ago(20), 0, false, "近3个月5999.99元"),
        (600_000, edge, 0, false, "恰在3个月前结算，属于前9个月"),
        (600_000, edge + Days::new(1), 0, true, "3个月窗口内第一天结算，此前无费用"),
    ];
    for (recent, day, earlier, raised, what) in cases {
        let who = plan.couple()[1];
        plan.bill(who, Visit::Inpatient, day, recent);
        if earlier > 0 {
            plan.bill(who, Visit::Inpatient, plan.days_ago(200), earlier);
        }
        plan.plant("M002", who, raised, what);
    }
}

/// A certificate with what the plan does not mind filled in.
pub fn certificate(plan: &mut Plan<'_, '_>, person: u32, kind: Disability, grade: u8, issued: NaiveDate) {
    plan.at.district.certificates.push(Certificate {
        person,
        kind,
        grade,
        issued,
        expires: issued.checked_add_months(Months::new(120)),
        status: CertStatus::Valid,
        guardian: None,
    });
}

fn last_certificate<'p>(plan: &'p mut Plan<'_, '_>) -> Option<&'p mut Certificate> {
    plan.at.district.certificates.last_mut()
}

fn certificates(plan: &mut Plan<'_, '_>) {
    for (days, status, raised, what) in [
        (89, CertStatus::Valid, true, "89天前签发"),
        (90, CertStatus::Valid, false, "90天前签发，已出窗口"),
        (1, CertStatus::Valid, true, "昨天签发"),
        (10, CertStatus::Frozen, false, "新证已冻结"),
    ] {
        let who = plan.alone(52);
        certificate(plan, who, Disability::Limb, 2, plan.days_ago(days));
        if let Some(c) = last_certificate(plan) {
            c.status = status;
        }
        plan.plant("M003", who, raised, what);
    }
    for (kind, grade, raised, what) in [
        (Disability::Limb, 3, true, "肢体三级"),
        (Disability::Hearing, 4, true, "听力四级"),
        (Disability::Mental, 4, true, "精神四级"),
        (Disability::Mental, 3, false, "精神三级属重度"),
        (Disability::Intellectual, 3, false, "智力三级属重度"),
        (Disability::Visual, 2, false, "视力二级属重度"),
    ] {
        let who = plan.alone(48);
        certificate(plan, who, kind, grade, plan.days_ago(900));
        plan.plant("M044", who, raised, what);
    }
    let today = plan.as_of();
    for (expires, raised, what) in [(today, true, "今天到期，仍有效"), (today - Days::new(1), false, "昨天到期")]
    {
        let who = plan.alone(50);
        certificate(plan, who, Disability::Limb, 4, plan.days_ago(3_640));
        if let Some(c) = last_certificate(plan) {
            c.expires = Some(expires);
        }
        plan.plant("M044", who, raised, what);
    }
    // of two valid certificates the later one counts
    let who = plan.alone(50);
    certificate(plan, who, Disability::Limb, 3, plan.days_ago(2_000));
    certificate(plan, who, Disability::Limb, 1, plan.days_ago(400));
    plan.plant("M044", who, false, "两证以较新的一级证为准");
}

fn deaths_in_prime_age(plan: &mut Plan<'_, '_>) {
    let both = [DeathSource::Medical, DeathSource::Police];
    let died = plan.days_ago(30);
    let birthday =
        |years: u32, late: u64| died.checked_sub_months(Months::new(12 * years)).unwrap_or(died) + Days::new(late);
    for (birth, raised, what) in [
        (birthday(25, 0), true, "25周岁生日当天去世"),
        (birthday(25, 1), false, "25周岁前一天去世"),
        (birthday(51, 1), true, "51周岁前一天去世"),
        (birthday(51, 0), false, "51周岁生日当天去世"),
        (birthday(38, 9), true, "37周岁去世"),
    ] {
        let who = plan.home(
            Story::Planned,
            &[
                (When::On(birth), Male, Relation::Head),
                aged(35, Female, Relation::Spouse),
                aged(9, Male, Relation::Child),
            ],
        );
        plan.dies(who[0], died, &both);
        plan.plant("M010", who[1], raised, what);
    }
    for (days, raised, what) in [(59, true, "59天前去世"), (60, false, "60天前去世，已出窗口")] {
        let who = plan.couple();
        plan.dies(who[0], plan.days_ago(days), &[DeathSource::Medical]);
        plan.plant("M010", who[1], raised, what);
    }
    // three reports, three dates: the earliest counts
    let who = plan.couple();
    plan.dies(who[0], plan.days_ago(61), &[DeathSource::Cremation]);
    fate::report(plan.at.district, who[0], plan.days_ago(58), DeathSource::Medical, None, 1);
    plan.plant("M010", who[1], false, "三方日期不一，以最早的为准");
    let who = plan.alone(40);
    plan.dies(who, plan.days_ago(20), &both);
    plan.plant("M010", who, false, "独居者去世，无在世家庭成员");
}

/// A running spell whose re-verification is not due.
pub fn running(plan: &Plan<'_, '_>, class: char) -> Spell {
    Spell {
        start: plan.months_ago(30),
        end: None,
        class,
        reverified: plan.days_ago(40),
        monthly: None,
        stop_reason: "",
    }
}

pub fn enrol(plan: &mut Plan<'_, '_>, members: &[u32], programme: Programme) {
    let spell = running(plan, 'B');
    assistance::add_roster(plan.at.district, members, members[0], programme, &spell);
}

fn deaths_of_recipients(plan: &mut Plan<'_, '_>) {
    for (days, raised, what) in [
        (89, true, "低保家庭成员89天前去世"),
        (90, false, "90天前去世，已出窗口"),
        (45, true, "低保家庭成员45天前去世"),
    ] {
        let who = plan.home(Story::Planned, &[aged(68, Male, Relation::Head), aged(66, Female, Relation::Spouse)]);
        enrol(plan, &who, Programme::Dibao);
        plan.dies(who[0], plan.days_ago(days), &[DeathSource::Medical, DeathSource::Police]);
        plan.plant("M011", who[1], raised, what);
    }
    let who = plan.home(Story::Planned, &[aged(70, Male, Relation::Head), aged(69, Female, Relation::Spouse)]);
    enrol(plan, &who[..1], Programme::Tekun);
    plan.dies(who[0], plan.days_ago(30), &[DeathSource::Cremation]);
    plan.plant("M011", who[1], true, "只有死者本人在册");
    let who = plan.home(Story::Planned, &[aged(70, Male, Relation::Head), aged(69, Female, Relation::Spouse)]);
    let spell = Spell { end: Some(plan.days_ago(60)), ..running(plan, 'B') };
    assistance::add_roster(plan.at.district, &who, who[0], Programme::Dibao, &spell);
    plan.dies(who[0], plan.days_ago(30), &[DeathSource::Medical]);
    plan.plant("M011", who[1], false, "去世前已停保");
}

fn custody(plan: &mut Plan<'_, '_>) {
    for (measure, days, raised, what) in [
        (Measure::Prison, 89, true, "89天前入狱"),
        (Measure::Prison, 90, false, "90天前入狱，已出窗口"),
        (Measure::Detox, 20, true, "20天前强制隔离戒毒"),
        (Measure::Detention, 20, false, "羁押不属服刑强戒"),
        (Measure::Community, 20, false, "社区矫正不离家"),
    ] {
        let who = plan.couple();
        let expected = plan.as_of().checked_add_months(Months::new(18));
        fate::add_custody(plan.at.district, who[0], measure, plan.days_ago(days), expected, None);
        plan.plant("M012", who[1], raised, what);
    }
    let who = plan.couple();
    let released = plan.days_ago(2);
    fate::add_custody(plan.at.district, who[0], Measure::Prison, plan.days_ago(70), Some(released), Some(released));
    plan.plant("M012", who[1], false, "已释放");
    let who = plan.alone(41);
    fate::add_custody(plan.at.district, who, Measure::Prison, plan.days_ago(30), None, None);
    plan.plant("M012", who, false, "独居者入狱，无共同生活成员");
}

/// A subsidy that runs, with a fresh proof of life.
pub fn subsidy(plan: &mut Plan<'_, '_>, person: u32, kind: SubsidyKind, amount: i64, status: SubsidyStatus) {
    plan.at.district.subsidies.push(SubsidyRow {
        person,
        kind,
        amount,
        start: plan.months_ago(20),
        end: None,
        liveness: Some(plan.days_ago(50)),
        liveness_due: Some(plan.as_of() + Days::new(300)),
        status,
    });
}

fn age_allowance(plan: &mut Plan<'_, '_>) {
    let turns = plan.months_ago(12 * 80);
    for (birth, raised, what) in [
        (turns, true, "今天满80周岁，未享高龄津贴"),
        (turns + Days::new(1), false, "明天满80周岁"),
        (turns - Days::new(400), true, "81周岁，未享高龄津贴"),
    ] {
        let who = plan.home(Story::Planned, &[(When::On(birth), Female, Relation::Head)]);
        plan.plant("M034", who[0], raised, what);
    }
    for (status, raised, what) in [
        (SubsidyStatus::Active, false, "在享高龄津贴"),
        (SubsidyStatus::Suspended, false, "高龄津贴暂停，仍算已办"),
        (SubsidyStatus::Stopped, true, "高龄津贴已停发"),
    ] {
        let who = plan.alone(86);
        subsidy(plan, who, SubsidyKind::Age, 6_000, status);
        plan.plant("M034", who, raised, what);
    }
}

fn stays(plan: &mut Plan<'_, '_>) {
    let year = plan.months_ago(12);
    for (third, raised, what) in [
        (plan.days_ago(30), true, "12个月内住院3次"),
        (year, false, "第三次恰在12个月前"),
        (year + Days::new(1), true, "第三次在窗口第一天"),
    ] {
        let who = plan.alone(58);
        for day in [plan.days_ago(300), plan.days_ago(180), third] {
            plan.bill(who, Visit::Inpatient, day, 90_000);
        }
        plan.plant("M037", who, raised, what);
    }
    let who = plan.alone(58);
    plan.bill(who, Visit::Inpatient, plan.days_ago(300), 90_000);
    plan.bill(who, Visit::Inpatient, plan.days_ago(180), 90_000);
    plan.refund(plan.days_ago(170));
    plan.plant("M037", who, false, "两次住院和一次退费");
}

fn lone_parents(plan: &mut Plan<'_, '_>) {
    let adult = plan.months_ago(12 * 18);
    for (birth, raised, what) in [(adult + Days::new(1), true, "子女明天满18周岁"), (adult, false, "子女今天满18周岁")]
    {
        let who =
            plan.home(Story::Planned, &[aged(43, Female, Relation::Head), (When::On(birth), Male, Relation::Child)]);
        plan.plant("M049", who[0], raised, what);
    }
    let family = [aged(40, Male, Relation::Head), aged(38, Female, Relation::Spouse), aged(10, Male, Relation::Child)];
    let who = plan.home(Story::Planned, &family);
    fate::add_custody(plan.at.district, who[0], Measure::Prison, plan.days_ago(700), None, None);
    plan.plant("M049", who[1], true, "配偶服刑，只剩一名成年人");
    let who = plan.home(Story::Planned, &family);
    plan.plant("M049", who[0], false, "双亲都在");
}

fn temporary_help(plan: &mut Plan<'_, '_>) {
    let year = plan.months_ago(12);
    for (start, raised, what) in [
        (plan.days_ago(100), true, "100天前获临时救助"),
        (year + Days::new(1), true, "窗口第一天获临时救助"),
        (year, false, "恰在12个月前获临时救助"),
    ] {
        let who = plan.couple()[0];
        assistance::temporary(plan.at.district, who, start, 192_000);
        plan.plant("M051", who, raised, what);
    }
}
