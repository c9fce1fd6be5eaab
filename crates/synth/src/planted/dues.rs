//! Cases for what is paid twice, what was not said, and what the offices themselves are late with.

use super::events::{certificate, enrol, running, subsidy};
use super::score::{child, contribution, single};
use super::{Plan, When, aged};
use crate::assistance::{self, Spell};
use crate::children::ChildStatus;
use crate::declared;
use crate::jobs::{self, JobEventKind};
use crate::month::Month;
use crate::partner::{PartnerRow, Roster};
use crate::person::{Relation, Story};
use crate::property;
use crate::rows::*;
use crate::steps::{self, Step, StepEnd, StepRow};
use crate::taxes::{self, IncomeKind};
use chrono::{Days, NaiveDate};
use tuodi_pack::id_no::Sex::Male;
use tuodi_pack::region::Area;

pub fn lay_out(plan: &mut Plan<'_, '_>) {
    injury_care(plan);
    two_cares(plan);
    orphans(plan);
    assets(plan);
    refusals(plan);
    wages(plan);
    transactions(plan);
    stacking(plan);
    two_counties(plan);
    gradual_exits(plan);
    late_steps(plan);
    returned(plan);
}

fn issue(plan: &mut Plan<'_, '_>, person: u32, grade: u8) {
    let issued = plan.days_ago(1_300);
    certificate(plan, person, Disability::Limb, grade, issued);
}

/// Somebody of a town, where 960.00 yuan a month is the standard.
fn townsman(plan: &mut Plan<'_, '_>, age: i64) -> u32 {
    super::families::family_without_accounts(plan, Area::Urban, &[aged(age, Male, Relation::Head)], &[])[0]
}

/// M058.
fn injury_care(plan: &mut Plan<'_, '_>) {
    use Benefit::{Active, Ended};
    for (nursing, state, status, raised, what) in [
        (Some(150_000), Active, SubsidyStatus::Active, true, "工伤护理费和护理补贴同时在享"),
        (None, Active, SubsidyStatus::Active, false, "工伤待遇不含护理费"),
        (Some(150_000), Ended, SubsidyStatus::Active, false, "上月工伤待遇已终止"),
        (Some(150_000), Active, SubsidyStatus::Suspended, false, "护理补贴已暂停"),
    ] {
        let who = single(plan, 49);
        issue(plan, who, 1);
        subsidy(plan, who, SubsidyKind::Nursing, 16_000, status);
        let now = Month::of(plan.as_of());
        for back in [2, 1] {
            plan.at.district.social.push(SocialRow {
                person: who,
                scheme: Scheme::Injury,
                month: now.plus(-back),
                employer: 0,
                base: None,
                paid: None,
                benefit: Some(380_000),
                central: None,
                nursing,
                state: Some(if back == 1 { state } else { Active }),
            });
        }
        plan.plant("M058", who, raised, what);
    }
}

/// M059.
fn two_cares(plan: &mut Plan<'_, '_>) {
    for (kind, status, raised, what) in [
        (SubsidyKind::Nursing, SubsidyStatus::Active, true, "护理补贴和养老服务补贴同时在享"),
        (SubsidyKind::Nursing, SubsidyStatus::Suspended, false, "护理补贴已暂停"),
        (SubsidyKind::Living, SubsidyStatus::Active, false, "生活补贴不属护理类"),
    ] {
        let who = single(plan, 73);
        issue(plan, who, 1);
        subsidy(plan, who, kind, 16_000, status);
        subsidy(plan, who, SubsidyKind::Service, 20_000, SubsidyStatus::Active);
        plan.plant("M059", who, raised, what);
    }
}

/// M061: the full rate of a child whom nobody in fact brings up is 1,600.00.
fn orphans(plan: &mut Plan<'_, '_>) {
    for (status, benefit, ended, raised, what) in [
        (ChildStatus::Orphan, Some(190_000), false, true, "孤儿同时在享残疾人生活补贴"),
        (ChildStatus::DeFacto, Some(160_000), false, true, "全额保障的事实无人抚养儿童"),
        (ChildStatus::DeFacto, Some(159_999), false, false, "补差发放的事实无人抚养儿童"),
        (ChildStatus::Orphan, Some(190_000), true, false, "孤儿保障昨天已终止"),
    ] {
        let birth = plan.months_ago(12 * 13);
        let who = plan.home(Story::Fixed, &[(When::On(birth), Male, Relation::Head)])[0];
        issue(plan, who, 2);
        subsidy(plan, who, SubsidyKind::Living, 12_000, SubsidyStatus::Active);
        let (start, end) = (plan.days_ago(900), ended.then(|| plan.days_ago(1)));
        child(plan, who, status, start, end, benefit);
        plan.plant("M061", who, raised, what);
    }
}

/// M062: one person in town; 24, 36 and 48 standards are 23,040.00, 34,560.00 and 46,080.00.
fn assets(plan: &mut Plan<'_, '_>) {
    let recent = plan.days_ago(30);
    let quarter = plan.months_ago(3);
    for (programme, balance, day, raised, what) in [
        (Programme::Dibao, 2_304_001, recent, true, "低保，金融资产23040.01元"),
        (Programme::Dibao, 2_304_000, recent, false, "低保，金融资产恰为23040.00元"),
        (Programme::Edge, 3_456_001, recent, true, "低保边缘，金融资产34560.01元"),
        (Programme::Edge, 3_456_000, recent, false, "低保边缘，金融资产恰为34560.00元"),
        (Programme::Rigid, 4_608_001, recent, true, "刚性支出，金融资产46080.01元"),
        (Programme::Dibao, 9_000_000, quarter, false, "查询恰在3个月前，须重新授权核对"),
    ] {
        let who = townsman(plan, 42);
        enrol(plan, &[who], programme);
        property::add_asset(plan.at.district, who, AssetKind::Deposit, balance - 1_000, day);
        property::add_asset(plan.at.district, who, AssetKind::Internet, 1_000, day);
        plan.plant("M062", who, raised, what);
    }
}

/// Another event of the same person: what, when, why.
type Other = Option<(JobEventKind, NaiveDate, &'static str)>;

/// M063.
fn refusals(plan: &mut Plan<'_, '_>) {
    use JobEventKind::{Employ, Refuse};
    let border = plan.months_ago(24);
    let ago = |plan: &Plan<'_, '_>, days: &[u64]| days.iter().map(|d| plan.days_ago(*d)).collect::<Vec<_>>();
    let cases: [(Vec<NaiveDate>, Other, Programme, bool, &str); 7] = [
        (ago(plan, &[200, 120, 40]), None, Programme::Dibao, true, "连续三次无正当理由拒绝"),
        (ago(plan, &[200, 120]), None, Programme::Dibao, false, "只拒绝两次"),
        (vec![border, plan.days_ago(120), plan.days_ago(40)], None, Programme::Dibao, false, "第一次恰在24个月前"),
        (
            ago(plan, &[200, 120, 40]),
            Some((Employ, plan.days_ago(100), "")),
            Programme::Dibao,
            false,
            "期间曾就业，重新计算",
        ),
        (
            ago(plan, &[200, 120, 40]),
            Some((Refuse, plan.days_ago(60), "照料病人")),
            Programme::Dibao,
            false,
            "中间一次有正当理由",
        ),
        (
            ago(plan, &[200, 120, 40]),
            Some((Refuse, plan.days_ago(300), "照料病人")),
            Programme::Dibao,
            true,
            "有理由的一次在前",
        ),
        (ago(plan, &[200, 120, 40]), None, Programme::Edge, false, "低保边缘不适用"),
    ];
    for (days, other, programme, raised, what) in cases {
        let who = single(plan, 35);
        enrol(plan, &[who], programme);
        for day in days {
            jobs::add(plan.at.district, who, Refuse, day, "保洁", "");
        }
        if let Some((kind, day, reason)) = other {
            jobs::add(plan.at.district, who, kind, day, "保洁", reason);
        }
        plan.plant("M063", who, raised, what);
    }
}

/// M066: 2,000.00 declared; more than 2,400.00 in each of three months.
fn wages(plan: &mut Plan<'_, '_>) {
    let now = Month::of(plan.as_of());
    for (programme, base, taxed, raised, what) in [
        (Some(Programme::Dibao), [240_001; 3], None, true, "三个月基数都高出20%以上"),
        (Some(Programme::Dibao), [240_000; 3], None, false, "恰高出20%"),
        (Some(Programme::Dibao), [240_001, 240_001, 240_000], None, false, "有一个月未高出20%"),
        (Some(Programme::Edge), [100_000; 3], Some((200_001, 40_000)), true, "工资与劳务合计高出20%以上"),
        (Some(Programme::Edge), [100_000; 3], Some((200_000, 40_000)), false, "工资与劳务合计恰高出20%"),
        (None, [500_000; 3], None, false, "不是救助对象"),
    ] {
        let who = single(plan, 37);
        if let Some(programme) = programme {
            enrol(plan, &[who], programme);
        }
        let on = plan.days_ago(200);
        declared::add(plan.at.district, who, Some(200_000), on);
        for (back, base) in [1, 2, 3].into_iter().zip(base) {
            contribution(plan, who, Scheme::EmpPension, back, Contribution::Paid, Some(base));
            if let Some((wage, fee)) = taxed {
                taxes::add(plan.at.district, who, 7, now.plus(-back), IncomeKind::Wage, wage, None);
                taxes::add(plan.at.district, who, 900_011, now.plus(-back), IncomeKind::Labour, fee, None);
            }
        }
        plan.plant("M066", who, raised, what);
    }
}

/// M068: on the roster for thirty months.
fn transactions(plan: &mut Plan<'_, '_>) {
    use EstateEvent::{Cancel, First, Mortgage, Transfer};
    let recent = plan.days_ago(100);
    let year = plan.months_ago(12);
    for (event, usage, price, day, raised, what) in [
        (Transfer, Usage::Residence, Some(36_000_000), recent, true, "救助期间转移登记"),
        (Cancel, Usage::Residence, None, recent, true, "救助期间注销登记"),
        (First, Usage::Residence, Some(52_000_000), recent, true, "救助期间新购住房"),
        (First, Usage::Residence, None, recent, false, "首次登记无成交价（老宅确权）"),
        (Mortgage, Usage::Residence, None, recent, false, "抵押登记"),
        (Transfer, Usage::Residence, Some(36_000_000), year, false, "恰在12个月前"),
        (Transfer, Usage::Other, Some(3_000_000), recent, false, "车位，不是住房"),
    ] {
        let who = single(plan, 46);
        enrol(plan, &[who], Programme::Dibao);
        property::add_estate(plan.at.district, &[(who, 100)], usage, 4_000, day, event, price);
        plan.plant("M068", who, raised, what);
    }
    let who = single(plan, 46);
    let spell = Spell { start: plan.days_ago(99), ..running(plan, 'B') };
    assistance::add_roster(plan.at.district, &[who], who, Programme::Dibao, &spell);
    let sold = Some(36_000_000);
    property::add_estate(plan.at.district, &[(who, 100)], Usage::Residence, 4_000, recent, Transfer, sold);
    plan.plant("M068", who, false, "转移登记在纳入救助前一天");
}

/// M070: one person in town; one and a half standards for a year are 17,280.00.
fn stacking(plan: &mut Plan<'_, '_>) {
    let month = Month::of(plan.as_of()).plus(-2);
    for (last, charity, raised, what) in [
        (Some(PayItem::Temporary), 128_001, true, "四处帮扶合计17280.01元"),
        (Some(PayItem::Temporary), 128_000, false, "四处帮扶合计恰为17280.00元"),
        (None, 900_000, false, "只有三处帮扶"),
    ] {
        let who = townsman(plan, 71);
        let paid =
            [Some((PayItem::Dibao, 800_000)), Some((PayItem::ElderService, 400_000)), last.map(|l| (l, 400_000))];
        for (item, amount) in paid.into_iter().flatten() {
            assistance::pay(plan.at.district, item, who, who, amount, month, month.day(12), PayState::Paid);
        }
        let start = plan.days_ago(300);
        plan.at.district.partners.push(PartnerRow {
            person: who,
            roster: Roster::Charity,
            start,
            end: None,
            aid: Some(charity),
        });
        plan.plant("M070", who, raised, what);
    }
}

/// M073. A map of one county has no such cases.
fn two_counties(plan: &mut Plan<'_, '_>) {
    if plan.at.district.neighbours.is_empty() {
        return;
    }
    for (first, second, elsewhere, ended, raised, what) in [
        (Programme::Dibao, Programme::Dibao, Some(0), None, true, "两个区县同时在享低保"),
        (Programme::Dibao, Programme::Dibao, None, None, false, "同一区县两条记录"),
        (Programme::Dibao, Programme::Edge, Some(0), None, false, "两个区县，类别不同"),
        (Programme::Dibao, Programme::Dibao, Some(0), Some(1), false, "外区县昨天已终止"),
    ] {
        let who = single(plan, 57);
        enrol(plan, &[who], first);
        let spell =
            Spell { start: plan.months_ago(18), end: ended.map(|days| plan.days_ago(days)), ..running(plan, 'B') };
        assistance::add_roster(plan.at.district, &[who], who, second, &spell);
        if let Some(row) = plan.at.district.roster.last_mut() {
            row.elsewhere = elsewhere;
        }
        plan.plant("M073", who, raised, what);
    }
}

fn step(plan: &mut Plan<'_, '_>, person: u32, step: Step, started: NaiveDate, due: Option<NaiveDate>) {
    let case = steps::next_case(plan.at.district);
    let programme = Some(Programme::Dibao);
    steps::add(plan.at.district, StepRow { person, case, programme, step, started, due, ended: None, end: None });
}

/// M074.
fn gradual_exits(plan: &mut Plan<'_, '_>) {
    let half = plan.months_ago(6);
    for (started, ended, raised, what) in [
        (half - Days::new(1), false, true, "渐退期超过6个月一天"),
        (half, false, false, "渐退期恰满6个月"),
        (half - Days::new(40), true, false, "渐退已办结"),
    ] {
        let who = single(plan, 53);
        enrol(plan, &[who], Programme::Dibao);
        let due = started.checked_add_months(chrono::Months::new(6));
        step(plan, who, Step::GradualExit, started, due);
        let yesterday = plan.days_ago(1);
        if let Some(row) = plan.at.district.steps.last_mut().filter(|_| ended) {
            (row.ended, row.end) = (Some(yesterday), Some(StepEnd::Terminated));
        }
        plan.plant("M074", who, raised, what);
    }
}

/// M075, the first half: steps that run late.
fn late_steps(plan: &mut Plan<'_, '_>) {
    let (today, yesterday) = (plan.as_of(), plan.days_ago(1));
    for (which, due, ended, raised, what) in [
        (Step::Surveying, yesterday, false, true, "入户调查昨天到期未办结"),
        (Step::Confirming, today, false, false, "审核确认今天到期"),
        (Step::Reviewed, yesterday, true, false, "初审已办结"),
        (Step::Returned, yesterday, false, false, "等申请人补正，不计"),
    ] {
        let who = single(plan, 43);
        let started = plan.days_ago(12);
        step(plan, who, which, started, Some(due));
        if let Some(row) = plan.at.district.steps.last_mut().filter(|_| ended) {
            (row.ended, row.end) = (Some(yesterday), Some(StepEnd::Passed));
        }
        plan.plant("M075", who, raised, what);
    }
}

/// M075, the second half: payments that came back.
fn returned(plan: &mut Plan<'_, '_>) {
    use PayState::{Paid, Returned};
    for (days, again, raised, what) in [
        (89, None, true, "89天前发放被退回"),
        (90, None, false, "90天前发放被退回，已出窗口"),
        (60, Some(50), false, "退回后已补发"),
        (60, Some(70), true, "补发在退回之前"),
    ] {
        let who = single(plan, 64);
        let day = plan.days_ago(days);
        let month = Month::of(day);
        assistance::pay(plan.at.district, PayItem::AgeAllowance, who, who, 6_000, month, day, Returned);
        if let Some(again) = again {
            let day = plan.days_ago(again);
            assistance::pay(plan.at.district, PayItem::AgeAllowance, who, who, 6_000, month, day, Paid);
        }
        plan.plant("M075", who, raised, what);
    }
}
