//! Cases of illness, insurance, school and care.

use super::events::{certificate, enrol};
use super::{Plan, When, aged};
use crate::disease::{DiseaseList, DiseaseRow, DiseaseStatus};
use crate::enrolment::{Enrolment, EnrolmentStatus, MedicalScheme};
use crate::month::Month;
use crate::person::{Relation, Story};
use crate::rows::*;
use crate::school::{self, Pupil, PupilStatus, Stage};
use crate::utility::{self, Meter, UtilityRow};
use crate::{fate, rural};
use chrono::{Datelike, Days};
use tuodi_pack::id_no::Sex::{Female, Male};

pub fn lay_out(plan: &mut Plan<'_, '_>) {
    serious(plan);
    insurance(plan);
    dropouts(plan);
    admissions(plan);
    carers(plan);
    silent_meters(plan);
    lost_function(plan);
}

/// An entry of the register of diseases.
pub fn disease(plan: &mut Plan<'_, '_>, person: u32, list: DiseaseList, days: u64, status: DiseaseStatus) {
    let confirmed = plan.days_ago(days);
    let code = if list == DiseaseList::Serious { "C50.9" } else { "I10" };
    plan.at.district.diseases.push(DiseaseRow { person, code, list, confirmed, org: 7, followed: None, status });
}

fn serious(plan: &mut Plan<'_, '_>) {
    for (list, days, status, raised, what) in [
        (DiseaseList::Serious, 89, DiseaseStatus::Active, true, "89天前确诊重特大疾病"),
        (DiseaseList::Serious, 90, DiseaseStatus::Active, false, "90天前确诊，已出窗口"),
        (DiseaseList::Chronic, 10, DiseaseStatus::Active, false, "慢性病"),
        (DiseaseList::Rare, 10, DiseaseStatus::Active, false, "罕见病目录"),
        (DiseaseList::Serious, 30, DiseaseStatus::Cured, false, "已治愈"),
    ] {
        let who = plan.alone(51);
        disease(plan, who, list, days, status);
        plan.plant("M004", who, raised, what);
    }
}

fn insurance(plan: &mut Plan<'_, '_>) {
    use EnrolmentStatus::{Active, Arrears, Stopped};
    let this = plan.as_of().year();
    for (rows, raised, what) in [
        (vec![(0, Stopped)], true, "低保对象当年停保"),
        (vec![(0, Arrears)], true, "低保对象当年欠费"),
        (vec![(0, Stopped), (0, Active)], false, "停一个险种，另一险种正常"),
        (vec![(1, Stopped)], false, "只有上年停保记录"),
        (vec![(1, Active), (0, Stopped)], true, "上年正常，当年停保"),
    ] {
        let who = plan.couple();
        enrol(plan, &who, Programme::Dibao);
        for (i, (back, status)) in rows.into_iter().enumerate() {
            enrolled(plan, who[1], this - back, i > 0, status);
        }
        plan.plant("M005", who[1], raised, what);
    }
    let who = plan.couple();
    enrolled(plan, who[1], this, false, Stopped);
    plan.plant("M005", who[1], false, "不属低收入家庭");
    for (cleared, raised, what) in [(None, true, "监测户停保"), (Some(3), false, "监测户风险已消除")] {
        let who = plan.couple();
        let (entered, cleared) = (plan.days_ago(120), cleared.map(|days| plan.days_ago(days)));
        let (kind, risk) = (rural::RuralKind::Marginal, rural::RuralRisk::Illness);
        rural::list(plan.at.district, &who, kind, risk, entered, cleared, Some(900_000));
        enrolled(plan, who[0], this, false, Arrears);
        plan.plant("M005", who[0], raised, what);
    }
}

fn enrolled(plan: &mut Plan<'_, '_>, person: u32, year: i32, employee: bool, status: EnrolmentStatus) {
    let scheme = if employee { MedicalScheme::Employee } else { MedicalScheme::Resident };
    let (own, aid, category) = (None, None, "");
    plan.at.district.enrolments.push(Enrolment { person, year, scheme, status, own, aid, category });
}

fn family(plan: &mut Plan<'_, '_>, child: When) -> Vec<u32> {
    plan.home(
        Story::Planned,
        &[aged(42, Male, Relation::Head), aged(40, Female, Relation::Spouse), (child, Male, Relation::Child)],
    )
}

fn at_school(plan: &mut Plan<'_, '_>, person: u32, row: Pupil) {
    plan.at.district.pupils.push(Pupil { person, ..row });
}

fn dropouts(plan: &mut Plan<'_, '_>) {
    let year = school::listed_year(plan.as_of());
    let row = |stage, grade, year, status| Pupil { status, ..school::pupil(0, stage, grade, year) };
    for (age, rows, raised, what) in [
        (12, vec![row(Stage::Junior, 1, year, PupilStatus::Dropped)], true, "初一辍学"),
        (12, vec![row(Stage::Junior, 1, year, PupilStatus::Suspended)], false, "休学不算辍学"),
        (16, vec![row(Stage::Junior, 3, year, PupilStatus::Dropped)], false, "16周岁，已过义务教育年龄"),
        (15, vec![row(Stage::Junior, 3, year, PupilStatus::Dropped)], true, "15周岁辍学"),
        (11, vec![row(Stage::Primary, 5, year - 1, PupilStatus::Enrolled)], true, "上学年在读，本学年没有学籍"),
        (15, vec![row(Stage::Junior, 3, year - 1, PupilStatus::Enrolled)], false, "上学年初三，已到毕业"),
        (
            13,
            vec![
                row(Stage::Junior, 1, year - 1, PupilStatus::Dropped),
                row(Stage::Junior, 1, year, PupilStatus::Enrolled),
            ],
            false,
            "上学年辍学，本学年已复学",
        ),
        (13, vec![row(Stage::Junior, 1, year - 1, PupilStatus::Dropped)], false, "辍学记录属上学年"),
    ] {
        let who = family(plan, When::Aged(age));
        for row in rows {
            at_school(plan, who[2], row);
        }
        plan.plant("M014", who[2], raised, what);
    }
}

fn admissions(plan: &mut Plan<'_, '_>) {
    let year = school::school_year(plan.as_of());
    for (stage, grade, year, roster, raised, what) in [
        (Stage::Undergraduate, 1, year, Some(Programme::Dibao), true, "低保家庭子女考入本科"),
        (Stage::College, 1, year, Some(Programme::Edge), true, "边缘家庭子女考入专科"),
        (Stage::College, 2, year, Some(Programme::Dibao), false, "专科二年级"),
        (Stage::Vocational, 1, year, Some(Programme::Dibao), false, "中职新生"),
        (Stage::Undergraduate, 1, year - 1, Some(Programme::Dibao), false, "上一年入学"),
        (Stage::Undergraduate, 1, year, None, false, "不属低收入家庭"),
    ] {
        let who = family(plan, When::Aged(18));
        if let Some(programme) = roster {
            enrol(plan, &who, programme);
        }
        at_school(plan, who[2], school::pupil(0, stage, grade, year));
        plan.plant("M015", who[2], raised, what);
    }
}

fn carers(plan: &mut Plan<'_, '_>) {
    let frail = |plan: &mut Plan<'_, '_>, kind: Disability| {
        let who = plan.home(Story::Planned, &[aged(52, Female, Relation::Head), aged(24, Male, Relation::Child)]);
        certificate(plan, who[1], kind, 1, plan.days_ago(1_400));
        who
    };
    for (kind, days, raised, what) in [
        (Disability::Multiple, 59, true, "照料者59天前去世"),
        (Disability::Multiple, 60, false, "照料者60天前去世，已出窗口"),
        (Disability::Visual, 20, false, "视力一级不在完全失能推定之列"),
    ] {
        let who = frail(plan, kind);
        plan.dies(who[0], plan.days_ago(days), &[DeathSource::Medical]);
        plan.plant("M023", who[1], raised, what);
    }
    for (measure, raised, what) in
        [(Measure::Detox, true, "照料者强制隔离戒毒"), (Measure::Detention, false, "照料者羁押未决")]
    {
        let who = frail(plan, Disability::Limb);
        fate::add_custody(plan.at.district, who[0], measure, plan.days_ago(30), None, None);
        plan.plant("M023", who[1], raised, what);
    }
    for (stay, raised, what) in [(31, true, "照料者住院31天"), (30, false, "照料者住院30天")] {
        let who = frail(plan, Disability::Intellectual);
        let day = plan.days_ago(12);
        plan.bill(who[0], Visit::Inpatient, day, 300_000);
        if let Some(bill) = plan.at.district.settlements.last_mut() {
            bill.admitted = Some(day - Days::new(stay));
        }
        plan.plant("M023", who[1], raised, what);
    }
    let who = frail(plan, Disability::Limb);
    certificate(plan, who[0], Disability::Limb, 1, plan.days_ago(1_400));
    plan.dies(who[0], plan.days_ago(30), &[DeathSource::Medical]);
    plan.plant("M023", who[1], true, "去世的照料者自己也是一级残疾");
    let who = plan.home(
        Story::Planned,
        &[aged(55, Male, Relation::Head), aged(53, Female, Relation::Spouse), aged(25, Male, Relation::Child)],
    );
    certificate(plan, who[2], Disability::Mental, 1, plan.days_ago(1_400));
    plan.dies(who[0], plan.days_ago(20), &[DeathSource::Medical]);
    plan.plant("M023", who[2], false, "还有一名照料者");
}

fn meter(plan: &mut Plan<'_, '_>, holder: u32, kind: Meter, months: i32, last: i64) {
    let account = utility::next_account(plan.at.district);
    let now = Month::of(plan.as_of());
    let household = plan.at.district.people[holder as usize].household;
    for back in (1..=months + 2).rev() {
        let row = UtilityRow {
            account,
            kind,
            month: now.plus(-back),
            holder: Some(holder),
            household,
            quantity: if back == 1 { last } else { 10_000 },
            amount: 5_600,
            arrears: None,
            arrears_months: None,
        };
        utility::add(plan.at.district, row);
    }
}

fn silent_meters(plan: &mut Plan<'_, '_>) {
    for (age, kind, months, last, raised, what) in [
        (75, Meter::Power, 12, 999, true, "上月用电不足均值一成"),
        (75, Meter::Power, 12, 1_000, false, "上月用电恰为均值一成"),
        (75, Meter::Water, 6, 0, true, "上月用水为零，只有6个月可比"),
        (75, Meter::Water, 5, 0, false, "只有5个月可比"),
        (75, Meter::Gas, 12, 0, false, "燃气不作生命体征"),
        (69, Meter::Power, 12, 0, false, "69周岁，非重度残疾"),
        (70, Meter::Power, 12, 0, true, "70周岁独居"),
    ] {
        let who = plan.alone(age);
        meter(plan, who, kind, months, last);
        plan.plant("M028", who, raised, what);
    }
    for (grade, raised, what) in [(2, true, "二级残疾人独居，停电"), (3, false, "三级残疾人独居，停电")]
    {
        let who = plan.alone(50);
        certificate(plan, who, Disability::Limb, grade, plan.days_ago(1_000));
        meter(plan, who, Meter::Power, 12, 0);
        plan.plant("M028", who, raised, what);
    }
    let who = plan.home(Story::Planned, &[aged(76, Male, Relation::Head), aged(74, Female, Relation::Spouse)]);
    meter(plan, who[0], Meter::Power, 12, 0);
    plan.plant("M028", who[0], false, "两人同住");
}

fn lost_function(plan: &mut Plan<'_, '_>) {
    for (programme, code, days, raised, what) in [
        (Programme::Tekun, "I63.9", 29, true, "特困老人脑梗出院29天"),
        (Programme::Tekun, "I63.9", 30, false, "出院已30天"),
        (Programme::Tekun, "S72.0", 3, true, "特困老人髋部骨折出院"),
        (Programme::Tekun, "J18.9", 3, false, "肺炎出院"),
        (Programme::Dibao, "I63.9", 3, false, "低保对象不属特困供养"),
    ] {
        let who = plan.alone(68);
        enrol(plan, &[who], programme);
        let day = plan.days_ago(days);
        plan.bill(who, Visit::Inpatient, day, 90_000);
        if let Some(bill) = plan.at.district.settlements.last_mut() {
            bill.diagnosis = code;
        }
        plan.plant("M035", who, raised, what);
    }
}
