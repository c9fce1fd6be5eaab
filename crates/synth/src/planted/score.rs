//! Cases for the indicators that only add points: burdens, incomes near a line, families without anybody who can work.
//!
//! Everybody here is laid out to the last row, so that each sum is known.

use super::events::certificate;
use super::families::{COUPLE, family_without_accounts};
use super::{Plan, When, aged};
use crate::children::{ChildRow, ChildStatus};
use crate::disease::{DiseaseList, DiseaseRow, DiseaseStatus};
use crate::enrolment::{Enrolment, EnrolmentStatus, MedicalScheme};
use crate::housing::{self, HousingKind, HousingRow};
use crate::livelihood::Means;
use crate::month::Month;
use crate::person::{Relation, Story};
use crate::rows::*;
use crate::school::{Pupil, PupilStatus, SchoolNature, Stage, pupil};
use chrono::{Datelike, Days, NaiveDate};
use tuodi_pack::id_no::Sex::{Female, Male};
use tuodi_pack::region::Area;

pub fn lay_out(plan: &mut Plan<'_, '_>) {
    medical_share(plan);
    chronic_elders(plan);
    near_the_edge(plan);
    no_labour(plan);
    students(plan);
    private_schools(plan);
    arrears(plan);
    gaps(plan);
    old_couples(plan);
    left_behind(plan);
}

/// Somebody who lives alone, with nothing on file that is not laid out.
pub fn single(plan: &mut Plan<'_, '_>, age: i64) -> u32 {
    plan.home(Story::Fixed, &[aged(age, Male, Relation::Head)])[0]
}

/// A grown person in town with this benefit a month, in fen, and no bank asked.
pub fn on_benefit(plan: &mut Plan<'_, '_>, age: i64, fen: i64) -> u32 {
    let means = Means::Unemployed { fen };
    family_without_accounts(plan, Area::Urban, &[aged(age, Male, Relation::Head)], &[means])[0]
}

/// M036: the share of income that bills take, of 1,000.00 yuan a month.
fn medical_share(plan: &mut Plan<'_, '_>) {
    for (oop, raised, what) in [
        (120_000, true, "自付恰为收入的10%，计10分"),
        (119_999, false, "自付比收入的10%少0.01元"),
        (480_000, true, "自付恰为收入的40%，计30分"),
    ] {
        let who = on_benefit(plan, 44, 100_000);
        plan.bill(who, Visit::Inpatient, plan.days_ago(100), oop);
        plan.plant("M036", who, raised, what);
    }
    let who = single(plan, 44);
    plan.bill(who, Visit::Inpatient, plan.days_ago(100), 900_000);
    plan.plant("M036", who, false, "收入未知，不推定");
}

fn chronic(plan: &mut Plan<'_, '_>, person: u32, code: &'static str, status: DiseaseStatus) {
    disease(plan, person, code, DiseaseList::Chronic, status);
}

fn disease(plan: &mut Plan<'_, '_>, person: u32, code: &'static str, list: DiseaseList, status: DiseaseStatus) {
    let confirmed = plan.days_ago(700);
    plan.at.district.diseases.push(DiseaseRow { person, code, list, confirmed, org: 3, followed: None, status });
}

/// M038.
fn chronic_elders(plan: &mut Plan<'_, '_>) {
    use DiseaseStatus::{Active, Cured};
    for (ages, second, raised, what) in [
        (&[66][..], Active, true, "独居老人两种慢病在管"),
        (&[66], Cured, false, "第二种慢病已治愈"),
        (&[66, 59], Active, false, "家中有一人59岁"),
    ] {
        let members: Vec<_> = ages.iter().map(|age| aged(*age, Female, Relation::Head)).collect();
        let who = plan.home(Story::Fixed, &members);
        chronic(plan, who[0], "I10", Active);
        chronic(plan, who[0], "E11.9", second);
        plan.plant("M038", who[0], raised, what);
    }
}

/// M039: urban, alone. 1.5 standards are 1,440.00, 1.8 are 1,728.00.
fn near_the_edge(plan: &mut Plan<'_, '_>) {
    for (fen, raised, what) in [
        (144_000, true, "收入恰为1440.00元（1.5倍标准）"),
        (143_999, false, "收入1439.99元"),
        (172_799, true, "收入1727.99元"),
        (172_800, false, "收入恰为1728.00元（1.8倍标准）"),
    ] {
        let who = on_benefit(plan, 38, fen);
        plan.plant("M039", who, raised, what);
    }
    // of two one says nothing
    let who = family_without_accounts(plan, Area::Urban, COUPLE, &[Means::Unemployed { fen: 300_000 }]);
    plan.plant("M039", who[0], false, "一名成年人的收入未知");
}

/// M040.
fn no_labour(plan: &mut Plan<'_, '_>) {
    let sixty = plan.months_ago(12 * 60);
    for (birth, raised, what) in
        [(sixty, true, "今天满60周岁"), (sixty + Days::new(1), false, "明天满60周岁，仍在劳动年龄")]
    {
        let who = plan.home(Story::Fixed, &[(When::On(birth), Male, Relation::Head)]);
        plan.plant("M040", who[0], raised, what);
    }
    for (grade, raised, what) in [(1, true, "一级残疾，无劳动能力"), (3, false, "肢体三级，视为有劳动能力")]
    {
        let who = single(plan, 45);
        let issued = plan.days_ago(900);
        certificate(plan, who, Disability::Limb, grade, issued);
        plan.plant("M040", who, raised, what);
    }
    for (status, raised, what) in
        [(DiseaseStatus::Active, true, "重特大疾病在治"), (DiseaseStatus::Cured, false, "已治愈")]
    {
        let who = single(plan, 45);
        disease(plan, who, "C50.9", DiseaseList::Serious, status);
        plan.plant("M040", who, raised, what);
    }
}

fn at_school<'p>(plan: &'p mut Plan<'_, '_>, person: u32, stage: Stage) -> &'p mut Pupil {
    let year = crate::school::listed_year(plan.as_of());
    let pupils = &mut plan.at.district.pupils;
    pupils.push(pupil(person, stage, 1, year));
    let last = pupils.len() - 1;
    &mut pupils[last]
}

/// M041: brother and sister who keep house together.
fn students(plan: &mut Plan<'_, '_>) {
    use Stage::{College, Junior, Senior, Undergraduate};
    for (stages, status, raised, what) in [
        ([College, Senior], PupilStatus::Enrolled, true, "大专和高中各一人在读"),
        ([Undergraduate, Junior], PupilStatus::Enrolled, false, "初中属义务教育"),
        ([College, Senior], PupilStatus::Graduated, false, "一人已毕业"),
    ] {
        let who = plan.home(Story::Fixed, &[aged(21, Male, Relation::Head), aged(15, Female, Relation::Sibling)]);
        at_school(plan, who[0], stages[0]).status = status;
        at_school(plan, who[1], stages[1]);
        plan.plant("M041", who[0], raised, what);
    }
}

/// M042: 30 % of 12,000.00 a year are 3,600.00.
fn private_schools(plan: &mut Plan<'_, '_>) {
    use SchoolNature::{Private, Public};
    for (nature, tuition, aid, raised, what) in [
        (Private, 560_001, 200_000, true, "民办中职净学费略高于收入的30%"),
        (Private, 560_000, 200_000, false, "民办中职净学费恰为收入的30%"),
        (Public, 900_000, 0, false, "公办学校"),
    ] {
        let who = on_benefit(plan, 18, 100_000);
        let school = at_school(plan, who, Stage::Vocational);
        (school.nature, school.tuition, school.aid) = (nature, tuition, aid);
        plan.plant("M042", who, raised, what);
    }
}

pub fn enrolled(plan: &mut Plan<'_, '_>, person: u32, years_back: i32, scheme: MedicalScheme, status: EnrolmentStatus) {
    let year = plan.as_of().year() - years_back;
    let own = (status == EnrolmentStatus::Active).then_some(40_000);
    plan.at.district.enrolments.push(Enrolment { person, year, scheme, status, own, aid: None, category: "" });
}

/// A month of contributions to the residents' or the employees' pension.
pub fn contribution(
    plan: &mut Plan<'_, '_>,
    person: u32,
    scheme: Scheme,
    back: i32,
    paid: Contribution,
    base: Option<i64>,
) {
    let month = Month::of(plan.as_of()).plus(-back);
    plan.at.district.social.push(SocialRow {
        person,
        scheme,
        month,
        employer: if scheme == Scheme::EmpPension { 7 } else { 0 },
        base,
        paid: Some(paid),
        benefit: None,
        central: None,
        nursing: None,
        state: None,
    });
}

/// M043.
fn arrears(plan: &mut Plan<'_, '_>) {
    use EnrolmentStatus::{Active, Arrears, Stopped};
    use MedicalScheme::{Employee, Resident};
    for (last, now, raised, what) in [
        (Arrears, None, true, "居民医保欠费一年"),
        (Arrears, Some(Active), false, "今年已转职工医保"),
        (Stopped, None, false, "上年停保，不是欠费"),
    ] {
        let who = single(plan, 41);
        enrolled(plan, who, 1, Resident, last);
        if let Some(status) = now {
            enrolled(plan, who, 0, Employee, status);
        }
        plan.plant("M043", who, raised, what);
    }
    for (months, raised, what) in [(12, true, "居民养老欠缴12个月"), (11, false, "居民养老欠缴11个月")]
    {
        let who = single(plan, 52);
        for back in 5..5 + months {
            contribution(plan, who, Scheme::ResPension, back, Contribution::Arrears, None);
        }
        plan.plant("M043", who, raised, what);
    }
}

/// M045.
fn gaps(plan: &mut Plan<'_, '_>) {
    use Contribution::{Arrears, Paid, Stopped};
    for (age, months, raised, what) in [
        (36, [Some(Paid), Some(Paid), Some(Stopped)], true, "上月停保"),
        (36, [Some(Paid), Some(Arrears), Some(Stopped)], true, "停缴两个月"),
        (36, [Some(Paid), Some(Paid), Some(Paid)], false, "逐月缴费"),
        (36, [Some(Paid), Some(Paid), None], false, "上月没有记录，不推定停缴"),
        (36, [Some(Stopped), Some(Stopped), Some(Stopped)], false, "停缴三个月以上，不属短期中断"),
        (61, [Some(Paid), Some(Paid), Some(Stopped)], false, "已过60周岁"),
    ] {
        let who = single(plan, age);
        for (back, paid) in [3, 2, 1].into_iter().zip(months) {
            if let Some(paid) = paid {
                contribution(plan, who, Scheme::EmpPension, back, paid, Some(420_000));
            }
        }
        plan.plant("M045", who, raised, what);
    }
}

/// M048.
fn old_couples(plan: &mut Plan<'_, '_>) {
    let old = plan.months_ago(12 * 65);
    for (birth, raised, what) in [(old, true, "今天都满65周岁"), (old + Days::new(1), false, "一人明天满65周岁")]
    {
        let who =
            plan.home(Story::Fixed, &[aged(72, Male, Relation::Head), (When::On(birth), Female, Relation::Spouse)]);
        plan.plant("M048", who[0], raised, what);
    }
}

/// A child on the list of children's welfare.
pub fn child(
    plan: &mut Plan<'_, '_>,
    person: u32,
    status: ChildStatus,
    start: NaiveDate,
    end: Option<NaiveDate>,
    benefit: Option<i64>,
) {
    let row =
        ChildRow { person, status, start, end, guardian: None, father: None, mother: None, benefit, placement: None };
    plan.at.district.children.push(row);
}

/// M050.
fn left_behind(plan: &mut Plan<'_, '_>) {
    let grown = plan.months_ago(12 * 18);
    let (today, yesterday) = (plan.as_of(), plan.days_ago(1));
    for (birth, status, end, raised, what) in [
        (grown + Days::new(1), ChildStatus::LeftBehind, None, true, "留守儿童，明天满18周岁"),
        (grown, ChildStatus::LeftBehind, None, false, "今天满18周岁"),
        (grown + Days::new(900), ChildStatus::LeftBehind, Some(today), true, "今天终止，当天仍算"),
        (grown + Days::new(900), ChildStatus::LeftBehind, Some(yesterday), false, "父母昨天返乡，已终止"),
        (grown + Days::new(900), ChildStatus::Other, None, false, "其他困境儿童"),
    ] {
        let who = plan.home(Story::Fixed, &[(When::On(birth), Female, Relation::Head)])[0];
        let start = plan.days_ago(400);
        child(plan, who, status, start, end, None);
        plan.plant("M050", who, raised, what);
    }
}

/// A public flat with this rent behind, for the cases of [`super::traces`].
pub fn flat(plan: &mut Plan<'_, '_>, applicant: u32, kind: HousingKind, arrears: u8, end: Option<NaiveDate>) {
    let row = HousingRow {
        number: 0,
        applicant,
        kind,
        grade: None,
        area: Some(4_800),
        rent: Some(22_000),
        arrears: Some(arrears),
        start: Some(plan.days_ago(1_400)),
        end,
    };
    housing::add(plan.at.district, row);
}
