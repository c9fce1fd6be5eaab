//! Cases of who is left: released prisoners, elders alone, children without parents, parents alone.

use super::events::{certificate, enrol};
use super::work::{benefit, unknown};
use super::{Plan, When, aged};
use crate::children::{ChildRow, ChildStatus, ParentState, Placement};
use crate::disease::{DiseaseList, DiseaseStatus};
use crate::fate;
use crate::marriage::{self, MarriageEvent};
use crate::person::{Relation, Story};
use crate::rows::*;
use chrono::{Days, Months};
use tuodi_pack::id_no::Sex::{Female, Male};

pub fn lay_out(plan: &mut Plan<'_, '_>) {
    releases(plan);
    elders_alone(plan);
    children_listed(plan);
    children_of_the_register(plan);
    lone_parents(plan);
}

fn releases(plan: &mut Plan<'_, '_>) {
    for (measure, days, roster, raised, what) in [
        (Measure::Prison, 29, true, true, "低保家庭成员29天前刑满"),
        (Measure::Detox, 0, true, true, "强戒今天期满"),
        (Measure::Prison, 30, true, false, "30天前刑满，已出窗口"),
        (Measure::Prison, 10, false, false, "不属低收入家庭"),
        (Measure::Community, 10, true, false, "社区矫正期满"),
    ] {
        let who = plan.couple();
        if roster {
            enrol(plan, &who[1..], Programme::Dibao);
        }
        let end = plan.days_ago(days);
        fate::add_custody(plan.at.district, who[0], measure, plan.days_ago(700), Some(end), Some(end));
        plan.plant("M013", who[0], raised, what);
    }
    // the end that was expected counts where no other is known; a new term keeps him away
    let who = plan.couple();
    enrol(plan, &who[1..], Programme::Dibao);
    let end = plan.days_ago(5);
    fate::add_custody(plan.at.district, who[0], Measure::Prison, plan.days_ago(700), Some(end), None);
    plan.plant("M013", who[0], true, "按预计日期刑满");
    let who = plan.couple();
    enrol(plan, &who[1..], Programme::Dibao);
    fate::add_custody(plan.at.district, who[0], Measure::Prison, plan.days_ago(700), Some(end), Some(end));
    fate::add_custody(plan.at.district, who[0], Measure::Detox, plan.days_ago(4), None, None);
    plan.plant("M013", who[0], false, "刑满后又被强戒");
}

fn elders_alone(plan: &mut Plan<'_, '_>) {
    let eighty = plan.months_ago(12 * 80);
    for (birth, raised, what) in [(eighty, true, "今天满80周岁独居"), (eighty + Days::new(1), false, "明天满80周岁")]
    {
        let who = plan.home(Story::Planned, &[(When::On(birth), Female, Relation::Head)]);
        plan.plant("M020", who[0], raised, what);
    }
    let who = plan.home(Story::Planned, &[aged(84, Female, Relation::Head), aged(16, Male, Relation::Grandchild)]);
    plan.plant("M020", who[0], false, "与孙辈同住");
    let married = plan.days_ago(4_000);
    for (dies, divorced, raised, what) in
        [(false, false, false, "配偶另户在世"), (true, false, true, "配偶已去世"), (false, true, true, "已离婚")]
    {
        let wife = plan.alone(82);
        let husband = plan.home(Story::Planned, &[aged(78, Male, Relation::Head)])[0];
        let district = &mut *plan.at.district;
        marriage::register(district, MarriageEvent::Marriage, Some(husband), Some(wife), married, None);
        if divorced {
            let day = married + Days::new(2_000);
            marriage::register(district, MarriageEvent::Divorce, Some(husband), Some(wife), day, None);
        }
        if dies {
            plan.dies(husband, plan.days_ago(300), &[DeathSource::Medical]);
        }
        plan.plant("M020", wife, raised, what);
    }
    let who = plan.alone(85);
    let guardian = plan.couple()[1];
    certificate(plan, who, Disability::Mental, 2, plan.days_ago(900));
    if let Some(c) = plan.at.district.certificates.last_mut() {
        c.guardian = Some(guardian);
    }
    plan.plant("M020", who, false, "残疾人证载明监护人");
}

/// A child who lives with grandparents, whose parents are in no register here.
fn grandchild(plan: &mut Plan<'_, '_>, birth: When) -> u32 {
    plan.home(
        Story::Planned,
        &[aged(66, Male, Relation::Head), aged(64, Female, Relation::Spouse), (birth, Female, Relation::Grandchild)],
    )[2]
}

fn listed(plan: &mut Plan<'_, '_>, child: u32, days: u64, states: [ParentState; 2]) {
    let start = plan.days_ago(days);
    let guardian = Some(plan.at.district.household_of(child).first);
    plan.at.district.children.push(ChildRow {
        person: child,
        status: ChildStatus::DeFacto,
        start,
        end: None,
        guardian,
        father: Some(states[0]),
        mother: Some(states[1]),
        benefit: Some(160_000),
        placement: Some(Placement::Home),
    });
}

fn children_listed(plan: &mut Plan<'_, '_>) {
    use ParentState::{Custody, Dead, Ill, Lost, Missing, Ok, Severe};
    for (days, states, raised, what) in [
        (89, [Lost, Custody], true, "父失联、母服刑，89天前认定"),
        (90, [Lost, Custody], false, "90天前认定，已出窗口"),
        (30, [Dead, Ok], false, "只有父亲去世"),
        (30, [Missing, Severe], true, "父失踪、母重残"),
        (30, [Ill, Ill], true, "父母均重病"),
    ] {
        let child = grandchild(plan, When::Aged(9));
        listed(plan, child, days, states);
        plan.plant("M021", child, raised, what);
    }
    let adult = plan.months_ago(12 * 18);
    for (birth, raised, what) in [(adult, false, "今天满18周岁"), (adult + Days::new(1), true, "明天满18周岁")]
    {
        let child = grandchild(plan, When::On(birth));
        listed(plan, child, 20, [Lost, Lost]);
        plan.plant("M021", child, raised, what);
    }
    let child = grandchild(plan, When::Aged(7));
    listed(plan, child, 40, [Lost, Lost]);
    let ended = plan.days_ago(1);
    if let Some(row) = plan.at.district.children.last_mut() {
        row.end = Some(ended);
    }
    plan.plant("M021", child, false, "认定昨天终止");
}

fn children_of_the_register(plan: &mut Plan<'_, '_>) {
    // the father has been dead for long; the mother is what the case is about
    let half_orphan = |plan: &mut Plan<'_, '_>| {
        let who = plan.home(
            Story::Planned,
            &[
                aged(40, Male, Relation::Head),
                aged(38, Female, Relation::Spouse),
                aged(11, Male, Relation::Child),
                aged(67, Female, Relation::Parent),
            ],
        );
        plan.dies(who[0], plan.days_ago(800), &[DeathSource::Police]);
        who
    };
    for (months, raised, what) in [(6, true, "父亡，母服刑满6个月刑期"), (5, false, "父亡，母刑期5个月")]
    {
        let who = half_orphan(plan);
        let start = plan.days_ago(50);
        let end = start.checked_add_months(Months::new(months));
        fate::add_custody(plan.at.district, who[1], Measure::Prison, start, end, None);
        plan.plant("M021", who[2], raised, what);
    }
    for (kind, grade, days, raised, what) in [
        (Disability::Limb, 2, 89, true, "父亡，母89天前评为肢体二级"),
        (Disability::Limb, 2, 90, false, "父亡，母90天前评残"),
        (Disability::Limb, 3, 30, false, "父亡，母肢体三级"),
        (Disability::Mental, 4, 30, true, "父亡，母精神四级"),
    ] {
        let who = half_orphan(plan);
        certificate(plan, who[1], kind, grade, plan.days_ago(days));
        plan.plant("M021", who[2], raised, what);
    }
    for (list, raised, what) in
        [(DiseaseList::Serious, true, "父亡，母确诊重特大疾病"), (DiseaseList::Chronic, false, "父亡，母慢性病")]
    {
        let who = half_orphan(plan);
        super::health::disease(plan, who[1], list, 40, DiseaseStatus::Active);
        plan.plant("M021", who[2], raised, what);
    }
    // one parent by the register, the other by the list
    let who = half_orphan(plan);
    listed(plan, who[2], 25, [ParentState::Ok, ParentState::Lost]);
    plan.plant("M021", who[2], true, "父亡在册，母失联由民政认定");
    // father and mother of a grandchild by their ages and relations
    let who = plan.home(
        Story::Planned,
        &[
            aged(66, Male, Relation::Head),
            aged(39, Male, Relation::Child),
            aged(37, Female, Relation::Child),
            aged(10, Female, Relation::Grandchild),
        ],
    );
    plan.dies(who[1], plan.days_ago(500), &[DeathSource::Medical]);
    plan.dies(who[2], plan.days_ago(15), &[DeathSource::Medical]);
    plan.plant("M021", who[3], true, "三代同户，父母相继去世");
}

fn lone_parents(plan: &mut Plan<'_, '_>) {
    let adult = plan.months_ago(12 * 18);
    let pair = |plan: &mut Plan<'_, '_>, child: When| {
        unknown(plan, &[aged(37, Female, Relation::Head), (child, Male, Relation::Child)])
    };
    for (days, child, raised, what) in [
        (89, When::Aged(8), true, "89天前离婚"),
        (90, When::Aged(8), false, "90天前离婚，已出窗口"),
        (30, When::On(adult), false, "子女今天满18周岁"),
    ] {
        let who = pair(plan, child);
        let day = plan.days_ago(days);
        marriage::register(plan.at.district, MarriageEvent::Divorce, None, Some(who[0]), day, Some(80_000));
        plan.plant("M022", who[0], raised, what);
    }
    // 1.5 times the standard of two: 2,880.00
    for (fen, raised, what) in [(287_999, true, "人均低于1.5倍标准0.01元"), (288_000, false, "人均恰为1.5倍标准")]
    {
        let who = pair(plan, When::Aged(8));
        benefit(plan, who[0], Scheme::Injury, 1..=3, fen, Benefit::Active);
        let day = plan.days_ago(30);
        marriage::register(plan.at.district, MarriageEvent::Divorce, None, Some(who[0]), day, None);
        plan.plant("M022", who[0], raised, what);
    }
    let who = pair(plan, When::Aged(8));
    for (event, days) in [(MarriageEvent::Divorce, 60), (MarriageEvent::Marriage, 20)] {
        let day = plan.days_ago(days);
        marriage::register(plan.at.district, event, None, Some(who[0]), day, None);
    }
    plan.plant("M022", who[0], false, "离婚后已再婚");
    let who = pair(plan, When::Aged(8));
    let day = plan.days_ago(30);
    marriage::register(plan.at.district, MarriageEvent::Annul, None, Some(who[0]), day, None);
    plan.plant("M022", who[0], false, "婚姻被撤销，不是离婚");
    for (days, raised, what) in [(89, true, "配偶89天前去世"), (90, false, "配偶90天前去世，已出窗口")]
    {
        let who = unknown(
            plan,
            &[aged(61, Male, Relation::Head), aged(39, Female, Relation::Spouse), aged(8, Male, Relation::Child)],
        );
        plan.dies(who[0], plan.days_ago(days), &[DeathSource::Medical]);
        plan.plant("M022", who[1], raised, what);
    }
}
