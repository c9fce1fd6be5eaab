//! Cases for what is paid: after a death, twice, without a certificate, with too much property, in custody, unchecked.

use super::events::{certificate, enrol, running, subsidy};
use super::{Plan, aged};
use crate::assistance::{self, Spell};
use crate::month::Month;
use crate::person::{Relation, Story};
use crate::rows::*;
use crate::{fate, property};
use chrono::{Days, NaiveDate};
use tuodi_pack::id_no::Sex::{Female, Male};

pub fn lay_out(plan: &mut Plan<'_, '_>) {
    payments_after_death(plan);
    tekun_with_subsidies(plan);
    lapsed_certificates(plan);
    homes(plan);
    vehicles(plan);
    firms(plan);
    prisoners(plan);
    reverification(plan);
    liveness(plan);
}

fn payments_after_death(plan: &mut Plan<'_, '_>) {
    let now = Month::of(plan.as_of());
    for (item, back, state, raised, what) in [
        (PayItem::Dibao, 3, PayState::Paid, true, "去世次月仍发放低保"),
        (PayItem::AgeAllowance, 2, PayState::Paid, true, "去世后仍发放高龄津贴"),
        (PayItem::Dibao, 4, PayState::Paid, false, "去世当月的发放"),
        (PayItem::Dibao, 3, PayState::Returned, false, "去世后发放已退回"),
    ] {
        let who = plan.home(Story::Planned, &[aged(77, Male, Relation::Head), aged(74, Female, Relation::Spouse)]);
        plan.dies(who[0], now.plus(-4).day(16), &[DeathSource::Medical, DeathSource::Police]);
        let month = now.plus(-back);
        assistance::pay(plan.at.district, item, who[0], who[0], 85_200, month, month.day(20), state);
        plan.plant("M056", who[0], raised, what);
    }
}

fn tekun_with_subsidies(plan: &mut Plan<'_, '_>) {
    for (kind, status, raised, what) in [
        (SubsidyKind::Nursing, SubsidyStatus::Active, true, "特困同时在享护理补贴"),
        (SubsidyKind::Living, SubsidyStatus::Active, true, "特困同时在享生活补贴"),
        (SubsidyKind::Nursing, SubsidyStatus::Suspended, false, "护理补贴已暂停"),
        (SubsidyKind::Age, SubsidyStatus::Active, false, "高龄津贴可以同享"),
    ] {
        let who = plan.alone(if kind == SubsidyKind::Age { 84 } else { 67 });
        enrol(plan, &[who], Programme::Tekun);
        certificate(plan, who, Disability::Limb, 1, plan.days_ago(1_500));
        subsidy(plan, who, kind, 12_000, status);
        plan.plant("M057", who, raised, what);
    }
    let who = plan.alone(67);
    let spell = Spell { end: Some(plan.days_ago(1)), ..running(plan, 'A') };
    assistance::add_roster(plan.at.district, &[who], who, Programme::Tekun, &spell);
    certificate(plan, who, Disability::Limb, 1, plan.days_ago(1_500));
    subsidy(plan, who, SubsidyKind::Nursing, 16_000, SubsidyStatus::Active);
    plan.plant("M057", who, false, "特困供养昨天已终止");
}

fn lapsed_certificates(plan: &mut Plan<'_, '_>) {
    let today = plan.as_of();
    for (status, expires, raised, what) in [
        (CertStatus::Valid, today - Days::new(1), true, "残疾人证昨天到期仍发补贴"),
        (CertStatus::Valid, today, false, "残疾人证今天到期，仍有效"),
        (CertStatus::Cancelled, today + Days::new(500), true, "残疾人证已注销仍发补贴"),
        (CertStatus::Frozen, today + Days::new(500), true, "残疾人证已冻结仍发补贴"),
    ] {
        let who = plan.alone(55);
        certificate(plan, who, Disability::Visual, 1, plan.days_ago(3_600));
        if let Some(c) = plan.at.district.certificates.last_mut() {
            c.status = status;
            c.expires = Some(expires);
        }
        subsidy(plan, who, SubsidyKind::Nursing, 16_000, SubsidyStatus::Active);
        plan.plant("M060", who, raised, what);
    }
    let who = plan.alone(55);
    subsidy(plan, who, SubsidyKind::Nursing, 16_000, SubsidyStatus::Active);
    plan.plant("M060", who, false, "残联名册中没有此人");
}

fn homes(plan: &mut Plan<'_, '_>) {
    let registered = plan.days_ago(1_200);
    // two homes of two people: 50.00 square metres are 25 a head
    for (areas, event, raised, what) in [
        ([2_400, 2_600], EstateEvent::Transfer, true, "两套住房，人均恰为25.00平方米"),
        ([2_400, 2_599], EstateEvent::Transfer, false, "两套住房，合计49.99平方米"),
        ([6_000, 7_000], EstateEvent::Cancel, false, "第二套已注销登记"),
        ([6_000, 7_000], EstateEvent::Mortgage, true, "两套住房，一套已抵押"),
    ] {
        let who = plan.couple();
        enrol(plan, &who, Programme::Dibao);
        property::add_estate(
            plan.at.district,
            &[(who[0], 100)],
            Usage::Residence,
            areas[0],
            registered,
            EstateEvent::First,
            None,
        );
        property::add_estate(plan.at.district, &[(who[1], 100)], Usage::Residence, areas[1], registered, event, None);
        plan.plant("M064", who[0], raised, what);
    }
    let who = plan.couple();
    enrol(plan, &who, Programme::Edge);
    let both = [(who[0], 50), (who[1], 50)];
    property::add_estate(plan.at.district, &both, Usage::Residence, 9_000, registered, EstateEvent::First, None);
    plan.plant("M064", who[0], false, "夫妻共有一套，只算一套");
    let who = plan.couple();
    enrol(plan, &who, Programme::Edge);
    property::add_estate(
        plan.at.district,
        &both_of(&who),
        Usage::Residence,
        6_000,
        registered,
        EstateEvent::First,
        None,
    );
    property::add_estate(plan.at.district, &both_of(&who), Usage::Shop, 6_000, registered, EstateEvent::First, None);
    plan.plant("M064", who[0], false, "一套住房和一间商铺");
}

fn both_of(who: &[u32]) -> [(u32, u8); 2] {
    [(who[0], 50), (who[1], 50)]
}

fn vehicles(plan: &mut Plan<'_, '_>) {
    use CarStatus::{Normal, Scrapped};
    use CarUse::{Disability as Scooter, Operating, Private};
    for (programme, usage, value, status, raised, what) in [
        (Programme::Dibao, Private, 800_000, Normal, true, "低保家庭自用车，价值8000元"),
        (Programme::Dibao, Operating, 3_000_000, Normal, false, "低保家庭营运车恰为30000.00元"),
        (Programme::Dibao, Operating, 3_000_001, Normal, true, "低保家庭营运车30000.01元"),
        (Programme::Dibao, Scooter, 900_000, Normal, false, "残疾人代步车不计"),
        (Programme::Dibao, Private, 2_000_000, Scrapped, false, "已报废"),
        (Programme::Edge, Private, 8_000_000, Normal, false, "边缘家庭车辆恰为80000.00元"),
        (Programme::Edge, Private, 8_000_001, Normal, true, "边缘家庭车辆80000.01元"),
        (Programme::Rigid, Private, 15_000_000, Normal, false, "刚性支出家庭车辆恰为150000.00元"),
        (Programme::Rigid, Private, 15_000_001, Normal, true, "刚性支出家庭车辆150000.01元"),
    ] {
        let who = plan.couple();
        enrol(plan, &who, programme);
        let first = plan.days_ago(900);
        property::add_vehicle(
            plan.at.district,
            Vehicle {
                plate: 0,
                owner: who[1],
                kind: if usage == Operating { "轻型普通货车" } else { "小型轿车" },
                usage,
                model: "启程 S1 轿车",
                first,
                transferred: None,
                value: Some(value),
                status,
            },
        );
        plan.plant("M065", who[0], raised, what);
    }
}

fn firms(plan: &mut Plan<'_, '_>) {
    for (role, status, capital, paid, raised, what) in [
        (EntityRole::Owner, EntityStatus::Active, Some(1), None, true, "在业个体户，出资0.01元"),
        (EntityRole::Owner, EntityStatus::Active, Some(0), None, false, "出资为零"),
        (EntityRole::LegalRep, EntityStatus::Active, Some(0), Some(5_000_000), true, "实缴50000元"),
        (EntityRole::Shareholder, EntityStatus::Active, Some(20_000_000), None, true, "在业公司股东"),
        (EntityRole::Shareholder, EntityStatus::Revoked, Some(20_000_000), None, false, "公司已吊销"),
        (EntityRole::Owner, EntityStatus::Cancelled, Some(3_000_000), None, false, "个体户已注销"),
    ] {
        let who = plan.couple();
        enrol(plan, &who, Programme::Dibao);
        let founded = plan.days_ago(800);
        property::add_firm(plan.at.district, &[(who[0], role)], capital, paid, founded, status);
        plan.plant("M067", who[0], raised, what);
    }
    let who = plan.couple();
    enrol(plan, &who, Programme::Edge);
    let founded = plan.days_ago(800);
    let active = EntityStatus::Active;
    property::add_firm(plan.at.district, &[(who[0], EntityRole::Supervisor)], Some(9_000_000), None, founded, active);
    plan.plant("M067", who[0], false, "监事不出资");
}

fn prisoners(plan: &mut Plan<'_, '_>) {
    for (measure, programme, days, raised, what) in [
        (Measure::Prison, Programme::Dibao, 200, true, "服刑人员仍在低保名册"),
        (Measure::Detox, Programme::Dibao, 200, true, "强戒人员仍在低保名册"),
        (Measure::Detention, Programme::Dibao, 30, false, "羁押未决不计"),
        (Measure::Prison, Programme::Edge, 200, false, "低保边缘没有现金待遇"),
    ] {
        let who = plan.couple();
        enrol(plan, &who, programme);
        fate::add_custody(plan.at.district, who[0], measure, plan.days_ago(days), None, None);
        plan.plant("M069", who[0], raised, what);
    }
    let who = plan.alone(63);
    enrol(plan, &[who], Programme::Tekun);
    let released = plan.days_ago(10);
    fate::add_custody(plan.at.district, who, Measure::Prison, plan.days_ago(400), Some(released), Some(released));
    plan.plant("M069", who, false, "已释放的特困人员");
}

fn reverification(plan: &mut Plan<'_, '_>) {
    let half = plan.months_ago(6);
    let year = plan.months_ago(12);
    let day = Days::new(1);
    let cases: [(char, NaiveDate, bool, &str); 5] = [
        ('C', half - day, true, "C类超过6个月一天"),
        ('C', half, false, "C类恰满6个月"),
        ('B', year - day, true, "B类超过12个月一天"),
        ('B', year, false, "B类恰满12个月"),
        ('A', half - day, false, "A类只满6个月"),
    ];
    for (class, reverified, raised, what) in cases {
        let who = plan.couple();
        let spell = Spell { reverified, ..running(plan, class) };
        assistance::add_roster(plan.at.district, &who, who[0], Programme::Dibao, &spell);
        plan.plant("M071", who[0], raised, what);
    }
}

fn liveness(plan: &mut Plan<'_, '_>) {
    for (overdue, seen, raised, what) in [
        (1, None, true, "认证昨天到期，无就诊记录"),
        (0, None, false, "认证今天到期"),
        (30, Some((Visit::Outpatient, 89)), false, "认证到期，89天前看过门诊"),
        (30, Some((Visit::Outpatient, 90)), true, "认证到期，就诊已满90天"),
        (30, Some((Visit::Pharmacy, 5)), true, "认证到期，药店购药不算"),
    ] {
        let who = plan.alone(83);
        subsidy(plan, who, SubsidyKind::Age, 6_000, SubsidyStatus::Active);
        let due = plan.days_ago(overdue);
        if let Some(s) = plan.at.district.subsidies.last_mut() {
            s.liveness_due = Some(due);
            s.liveness = Some(super::before(due, 12));
        }
        if let Some((visit, days)) = seen {
            let day = plan.days_ago(days);
            plan.bill(who, visit, day, 6_000);
        }
        plan.plant("M072", who, raised, what);
    }
}
