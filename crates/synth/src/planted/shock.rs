//! Cases of houses, calamities, clues, exits and refusals, and of what other bodies report.

use super::Plan;
use super::events::{certificate, enrol, running};
use super::families::COUPLE;
use super::work::{benefit, event, unknown};
use crate::assistance::{self, Spell};
use crate::calamity::{self, CalamityKind, Harm, HouseDamage};
use crate::clue::{self, Channel, Clue, ClueKind};
use crate::housing::{self, HouseGrade, HousingRow};
use crate::jobs::JobEventKind;
use crate::partner::{PartnerRow, Roster};
use crate::rows::*;
use crate::rural::{self, RuralKind, RuralRisk};
use crate::steps::{self, Step, StepEnd, StepRow};
use chrono::{Days, NaiveDate};

pub fn lay_out(plan: &mut Plan<'_, '_>) {
    houses(plan);
    calamities(plan);
    accidents(plan);
    rural_risks(plan);
    partner_rosters(plan);
    clues(plan);
    relapses(plan);
    refusals(plan);
    exits(plan);
    prices(plan);
    moves(plan);
}

fn houses(plan: &mut Plan<'_, '_>) {
    use HouseGrade::{A, B, C, D};
    let year = plan.months_ago(12);
    let recent = plan.days_ago(100);
    let old = plan.days_ago(300);
    for (surveys, raised, what) in [
        (vec![(D, recent)], true, "房屋鉴定为D级"),
        (vec![(C, year + Days::new(1))], true, "窗口第一天鉴定为C级"),
        (vec![(C, year)], false, "恰在12个月前鉴定"),
        (vec![(B, recent)], false, "房屋鉴定为B级"),
        (vec![(D, old), (A, recent)], false, "改造后复查为A级"),
        (vec![(A, old), (C, recent)], true, "复查降为C级"),
    ] {
        let who = plan.couple();
        enrol(plan, &who, Programme::Dibao);
        for (grade, day) in surveys {
            housing::add(plan.at.district, HousingRow { start: Some(day), ..housing::survey(who[1], grade) });
        }
        plan.plant("M016", who[0], raised, what);
    }
    let who = plan.couple();
    housing::add(plan.at.district, HousingRow { start: Some(recent), ..housing::survey(who[0], D) });
    plan.plant("M016", who[0], false, "D级，不属低收入家庭");
}

/// One person in one event of these days ago.
fn hit(plan: &mut Plan<'_, '_>, who: u32, kind: CalamityKind, days: u64, harm: Harm, damage: HouseDamage) {
    let district = &mut *plan.at.district;
    let number = calamity::next(district);
    let village = district.household_of(who).village;
    let day = district.as_of - Days::new(days);
    calamity::push(district, number, kind, day, village, Some(who), (harm, damage), Some(800_000));
}

fn calamities(plan: &mut Plan<'_, '_>) {
    use CalamityKind::{Drought, Fire, Flood, Other, Quake, Storm};
    for (kind, days, damage, moved, raised, what) in [
        (Flood, 29, HouseDamage::Collapsed, None, true, "洪涝房屋倒塌，29天前"),
        (Flood, 30, HouseDamage::Collapsed, None, false, "30天前，已出窗口"),
        (Storm, 5, HouseDamage::Severe, None, true, "风雹房屋严重损坏"),
        (Quake, 5, HouseDamage::General, None, false, "地震房屋一般损坏"),
        (Other, 5, HouseDamage::General, Some(true), true, "转移安置"),
        (Drought, 5, HouseDamage::None, Some(false), false, "旱灾，房屋无损"),
    ] {
        let who = plan.couple();
        hit(plan, who[1], kind, days, Harm::None, damage);
        if let Some(row) = plan.at.district.calamities.last_mut() {
            row.moved = moved;
        }
        plan.plant("M017", who[0], raised, what);
    }
    for (days, harm, damage, raised, what) in [
        (29, Harm::None, HouseDamage::General, true, "火灾房屋一般损坏，29天前"),
        (30, Harm::None, HouseDamage::Collapsed, false, "火灾30天前，已出窗口"),
        (3, Harm::Minor, HouseDamage::None, true, "火灾轻伤"),
        (3, Harm::None, HouseDamage::None, false, "火灾无人伤、房无损"),
    ] {
        let who = plan.couple();
        hit(plan, who[0], Fire, days, harm, damage);
        plan.plant("M018", who[0], raised, what);
    }
}

fn accidents(plan: &mut Plan<'_, '_>) {
    // 52,800 yuan a head and year: 8,800.00 a month for two
    for (days, harm, second, raised, what) in [
        (29, Harm::Severe, 439_999, true, "重伤，人均低于平均0.01元"),
        (29, Harm::Severe, 440_000, false, "重伤，人均恰为平均"),
        (30, Harm::Severe, 10_000, false, "30天前，已出窗口"),
        (5, Harm::Minor, 10_000, false, "轻伤"),
    ] {
        let who = unknown(plan, COUPLE);
        benefit(plan, who[0], Scheme::EmpPension, 1..=3, 440_000, Benefit::Active);
        benefit(plan, who[1], Scheme::EmpPension, 1..=3, second, Benefit::Active);
        hit(plan, who[1], CalamityKind::Traffic, days, harm, HouseDamage::None);
        plan.plant("M019", who[0], raised, what);
    }
    let who = unknown(plan, COUPLE);
    plan.dies(who[0], plan.days_ago(6), &[DeathSource::Medical]);
    hit(plan, who[0], CalamityKind::Traffic, 6, Harm::Dead, HouseDamage::None);
    plan.plant("M019", who[1], true, "交通事故死亡");
}

fn rural_risks(plan: &mut Plan<'_, '_>) {
    let half = plan.months_ago(6);
    let day = Days::new(1);
    let cases: [(NaiveDate, Option<u64>, bool, bool, &str); 7] = [
        (plan.days_ago(89), None, false, true, "89天前纳入监测"),
        (plan.days_ago(90), None, false, false, "90天前纳入，不满6个月"),
        (half, None, false, false, "纳入恰满6个月"),
        (half - day, None, false, true, "纳入超过6个月，风险未消除"),
        (half - day, Some(10), false, false, "风险已消除"),
        (plan.days_ago(20), Some(0), false, false, "风险今天消除"),
        (plan.days_ago(20), None, true, false, "已在册"),
    ];
    for (entered, cleared, roster, raised, what) in cases {
        let who = plan.couple();
        if roster {
            enrol(plan, &who, Programme::Rigid);
        }
        let cleared = cleared.map(|days| plan.days_ago(days));
        let (kind, risk) = (RuralKind::Sudden, RuralRisk::Job);
        rural::list(plan.at.district, &who, kind, risk, entered, cleared, Some(860_000));
        plan.plant("M024", who[0], raised, what);
    }
}

fn partner_rosters(plan: &mut Plan<'_, '_>) {
    for (roster, days, ended, enrolled, raised, what) in [
        (Roster::Worker, 89, None, false, true, "89天前列入困难职工"),
        (Roster::Worker, 90, None, false, false, "90天前列入，已出窗口"),
        (Roster::WomenCancer, 10, None, false, true, "新列入两癌妇女"),
        (Roster::Charity, 10, None, false, false, "慈善救助名册"),
        (Roster::Worker, 60, Some(1), false, false, "昨天退出名册"),
        (Roster::Worker, 60, Some(0), false, true, "名册今天到期"),
        (Roster::Worker, 10, None, true, false, "已在册"),
    ] {
        let who = plan.couple()[1];
        if enrolled {
            enrol(plan, &[who], Programme::Edge);
        }
        let (start, end) = (plan.days_ago(days), ended.map(|days| plan.days_ago(days)));
        plan.at.district.partners.push(PartnerRow { person: who, roster, start, end, aid: Some(200_000) });
        plan.plant("M025", who, raised, what);
    }
}

fn clues(plan: &mut Plan<'_, '_>) {
    use Channel::{Code, Grid, Hotline, Media, Petition, Volunteer};
    for (indicator, channel, kind, urgent, closed, raised, what) in [
        ("M026", Hotline, ClueKind::Living, false, None, true, "热线求助未办结"),
        ("M026", Code, ClueKind::Disaster, true, None, true, "幸福码紧急求助"),
        ("M026", Volunteer, ClueKind::Other, false, None, true, "志愿者报告"),
        ("M026", Grid, ClueKind::Care, false, Some(0), false, "网格上报，今天办结"),
        ("M026", Petition, ClueKind::Living, false, None, false, "信访另按M027"),
        ("M027", Petition, ClueKind::Medical, false, None, true, "信访反映看病困难"),
        ("M027", Media, ClueKind::Child, true, None, true, "媒体报道困境儿童"),
        ("M027", Petition, ClueKind::Other, false, None, false, "信访反映其他事项"),
        ("M027", Media, ClueKind::Living, false, Some(2), false, "媒体报道已办结"),
    ] {
        let who = plan.couple();
        let (received, closed) = (plan.days_ago(6), closed.map(|days| plan.days_ago(days)));
        let home = plan.at.district.household_of(who[0]).clone();
        let household = plan.at.district.people[who[0] as usize].household;
        // half of them name the person, half the household only
        let named = household.is_multiple_of(2);
        let outcome = closed.map(|_| clue::ClueOutcome::Refused);
        let row = Clue {
            number: 0,
            channel,
            person: named.then_some(who[1]),
            household: (!named).then_some(household),
            village: home.village,
            kind,
            urgent,
            received,
            closed,
            outcome,
        };
        clue::add(plan.at.district, row);
        plan.plant(indicator, who[0], raised, what);
    }
}

fn left(plan: &mut Plan<'_, '_>, end: NaiveDate) -> Vec<u32> {
    let who = plan.couple();
    let spell = Spell { end: Some(end), stop_reason: "收入超过标准", ..running(plan, 'B') };
    assistance::add_roster(plan.at.district, &who, who[0], Programme::Dibao, &spell);
    who
}

fn relapses(plan: &mut Plan<'_, '_>) {
    let year = plan.months_ago(12);
    let (yesterday, summer) = (plan.days_ago(1), plan.days_ago(200));
    for (end, oop, raised, what) in [
        (yesterday, 2_000_000, true, "昨天退出，自付恰为20000.00元"),
        (yesterday, 1_999_999, false, "昨天退出，自付19999.99元"),
        (year + Days::new(1), 2_000_000, true, "退出在窗口第一天"),
        (year, 2_000_000, false, "恰在12个月前退出"),
    ] {
        let who = left(plan, end);
        plan.bill(who[0], Visit::Inpatient, summer, oop);
        plan.plant("M029", who[0], raised, what);
    }
    let who = left(plan, yesterday);
    certificate(plan, who[1], Disability::Limb, 3, plan.days_ago(20));
    plan.plant("M029", who[0], true, "退出后新增残疾");
    let who = left(plan, yesterday);
    plan.plant("M029", who[0], false, "退出后没有新的困难");
    let who = left(plan, yesterday);
    enrol(plan, &who, Programme::Edge);
    plan.bill(who[0], Visit::Inpatient, summer, 3_000_000);
    plan.plant("M029", who[0], false, "转入边缘家庭，仍在册");
}

fn refused(plan: &mut Plan<'_, '_>, who: u32, day: NaiveDate) {
    let district = &mut *plan.at.district;
    let case = steps::next_case(district);
    let started = day - Days::new(9);
    let row = StepRow {
        person: who,
        case,
        programme: Some(Programme::Dibao),
        step: Step::Confirming,
        started,
        due: Some(day + Days::new(5)),
        ended: Some(day),
        end: Some(StepEnd::Refused),
    };
    steps::add(district, row);
}

fn refusals(plan: &mut Plan<'_, '_>) {
    let half = plan.months_ago(6);
    let cases: [(NaiveDate, u64, bool, &str); 6] = [
        (plan.days_ago(100), 89, true, "未通过后89天前新增残疾"),
        (plan.days_ago(100), 90, false, "新增残疾已满90天"),
        (half + Days::new(1), 30, true, "未通过在窗口第一天"),
        (half, 30, false, "未通过已满6个月"),
        (plan.days_ago(40), 40, false, "评残与未通过同一天"),
        (plan.days_ago(40), 41, false, "评残早于未通过"),
    ];
    for (day, days, raised, what) in cases {
        let who = plan.couple();
        refused(plan, who[0], day);
        certificate(plan, who[1], Disability::Hearing, 4, plan.days_ago(days));
        plan.plant("M030", who[0], raised, what);
    }
    let day = plan.days_ago(50);
    let who = plan.couple();
    refused(plan, who[0], day);
    hit(plan, who[1], CalamityKind::Traffic, 9, Harm::Severe, HouseDamage::None);
    plan.plant("M030", who[0], true, "未通过后重伤");
    let who = plan.couple();
    refused(plan, who[0], day);
    hit(plan, who[1], CalamityKind::Traffic, 9, Harm::Minor, HouseDamage::None);
    plan.plant("M030", who[0], false, "未通过后轻伤");
    let who = plan.couple();
    refused(plan, who[0], day);
    plan.dies(who[1], plan.days_ago(30), &[DeathSource::Medical]);
    plan.plant("M030", who[0], true, "未通过后成员去世");
    let who = plan.couple();
    refused(plan, who[0], day);
    let lost = plan.days_ago(20);
    event(plan, who[1], JobEventKind::Unemploy, lost);
    plan.plant("M030", who[0], true, "未通过后失业");
}

fn exits(plan: &mut Plan<'_, '_>) {
    let today = plan.as_of();
    for (due, ended, raised, what) in [
        (today, false, true, "渐退期今天届满"),
        (today + Days::new(30), false, true, "渐退期30天后届满"),
        (today + Days::new(31), false, false, "渐退期31天后届满"),
        (today - Days::new(1), false, false, "渐退期昨天届满"),
        (today + Days::new(10), true, false, "渐退已终止"),
    ] {
        let who = plan.couple();
        let district = &mut *plan.at.district;
        let case = steps::next_case(district);
        let started = today - Days::new(150);
        let row = StepRow {
            person: who[0],
            case,
            programme: Some(Programme::Dibao),
            step: Step::GradualExit,
            started,
            due: Some(due),
            ended: ended.then(|| today - Days::new(2)),
            end: ended.then_some(StepEnd::Terminated),
        };
        steps::add(district, row);
        plan.plant("M031", who[0], raised, what);
    }
    for (programme, days, raised, what) in [
        (Programme::Dibao, 30, true, "低保30天后到期"),
        (Programme::DibaoSingle, 3, true, "单人保3天后到期"),
        (Programme::Dibao, 31, false, "低保31天后到期"),
        (Programme::Edge, 3, false, "边缘家庭认定到期不属渐退"),
    ] {
        let who = plan.couple();
        let spell = Spell { end: Some(today + Days::new(days)), ..running(plan, 'B') };
        assistance::add_roster(plan.at.district, &who[..1], who[0], programme, &spell);
        plan.plant("M031", who[0], raised, what);
    }
}

fn prices(plan: &mut Plan<'_, '_>) {
    for (programme, raised, what) in [
        (Programme::Dibao, true, "价格补贴启动，低保家庭"),
        (Programme::Tekun, true, "价格补贴启动，特困家庭"),
        (Programme::Edge, false, "边缘家庭不在发放范围"),
        (Programme::Rigid, false, "刚性支出家庭不在发放范围"),
    ] {
        // nobody of them may draw unemployment benefit by chance
        let who = unknown(plan, COUPLE);
        enrol(plan, &who[..1], programme);
        plan.plant("M032", who[0], raised, what);
    }
    for (state, raised, what) in [(Benefit::Active, true, "在领失业金"), (Benefit::Suspended, false, "失业金已暂停")]
    {
        let who = unknown(plan, COUPLE);
        benefit(plan, who[0], Scheme::Unemployment, 1..=1, 154_000, state);
        plan.plant("M032", who[0], raised, what);
    }
}

fn moves(plan: &mut Plan<'_, '_>) {
    for (elsewhere, days, raised, what) in [
        (Some(0), 89, true, "户籍89天前迁入，名册仍在外区"),
        (Some(0), 90, false, "户籍变动已满90天"),
        (None, 10, false, "名册在本区"),
    ] {
        let who = plan.couple()[0];
        enrol(plan, &[who], Programme::Dibao);
        if let Some(row) = plan.at.district.roster.last_mut() {
            row.elsewhere = elsewhere;
        }
        let day = plan.days_ago(days);
        plan.at.district.updates.insert(who, day);
        plan.plant("M033", who, raised, what);
    }
}
