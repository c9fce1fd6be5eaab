//! How offices work through what the rules find (`workflow.toml`).

use super::{
    Area,
    say::{Diff, Subject, both, pairs},
};
use crate::{
    Lang, Text, words,
    workflow::{Clock, Monitoring},
};

pub(super) fn compare(diff: &mut Diff<'_>) {
    let (old, new) = (&diff.old.workflow, &diff.new.workflow);
    let days = |n: u32| Text::new(format!("{n} 个工作日"), format!("{n} working days"));
    let risks = pairs(&old.risks, &new.risks, |r| r.id.as_str());
    for (list, zh, en) in [(risks.added, "新增", "New"), (risks.gone, "取消", "Removed")] {
        for risk in list {
            let (title_zh, title_en) = (risk.title.get(Lang::Zh), risk.title.get(Lang::En));
            diff.say(
                Area::Procedure,
                &risk.id,
                format!("{zh}积分等级“{title_zh}”（{} 分起）", risk.points),
                format!("{en}: level of points “{title_en}” (from {} points)", risk.points),
            );
        }
    }
    for (before, after) in risks.both {
        let of = Subject { area: Area::Procedure, id: &after.id, title: &after.title };
        diff.field(of, ("起点分", "the points it begins with"), both(before.points), both(after.points));
        let limit = |r: &crate::workflow::Risk| r.task.map(|t| days(t.limit_days)).unwrap_or_default();
        diff.field(of, ("上门时限", "the time for the visit"), limit(before), limit(after));
        let actor = |r: &crate::workflow::Risk| r.task.map(|t| words::level(t.actor)).unwrap_or_default();
        diff.field(of, ("先由谁上门", "who calls first"), actor(before), actor(after));
        diff.wording(of, &[("名称", "title", &before.title, &after.title)]);
    }
    let key = |c: &Clock| c.programmes.join(", ");
    for after in &new.clocks {
        let Some(before) = old.clocks.iter().find(|c| key(c) == key(after)) else { continue };
        let of_whom = match key(after) {
            none if none.is_empty() => Text::new("办理总时限", "The time for a whole case"),
            ids => Text::new(format!("办理总时限（{ids}）"), format!("The time for a whole case ({ids})")),
        };
        let of = Subject { area: Area::Procedure, id: "clock", title: &of_whom };
        diff.field(of, ("一般时限", "the usual limit"), days(before.total_days), days(after.total_days));
        let special = |c: &Clock| c.special_days.map(days).unwrap_or_default();
        diff.field(of, ("特殊情形时限", "the longer limit"), special(before), special(after));
    }
    let steps = pairs(&old.steps, &new.steps, |s| s.stage.as_str());
    for (before, after) in steps.both {
        let title = Text::new(format!("环节 {}", after.stage), format!("The stage {}", after.stage));
        let of = Subject { area: Area::Procedure, id: &after.stage, title: &title };
        let limit = |s: &crate::workflow::Step| words::limit(s.limit_days, s.unit);
        diff.field(of, ("时限", "the limit"), limit(before), limit(after));
    }
    monitoring(diff, &old.monitoring, &new.monitoring);
    // What has no names of its own is told as a whole.
    let ids = |clocks: &[Clock]| clocks.iter().map(key).collect::<Vec<_>>();
    let grounds = |clocks: &[Clock]| clocks.iter().map(|c| format!("{:?}", c.grounds)).collect::<Vec<_>>();
    let stages = |w: &crate::workflow::Workflow| w.steps.iter().map(|s| s.stage.clone()).collect::<Vec<_>>();
    let differ = |a: &dyn std::fmt::Debug, b: &dyn std::fmt::Debug| format!("{a:?}") != format!("{b:?}");
    let rest = [
        (
            "哪些情形可以延长办理期限改了",
            "The grounds on which a case may take longer change",
            grounds(&old.clocks) != grounds(&new.clocks),
        ),
        (
            "能委托谁代办、委托多久改了",
            "Who may act for somebody, and for how long, changes",
            differ(&old.mandate, &new.mandate),
        ),
        (
            "民主评议由谁参加、至少几人改了",
            "Who sits at an appraisal, and how many at least, changes",
            differ(&old.appraisal, &new.appraisal),
        ),
        (
            "案件走哪种流程、什么情况由系统提请审签改了",
            "Which course cases take, and when the platform puts one forward, changes",
            differ(&old.flow, &new.flow),
        ),
        ("申请时哪些不用再填改了", "What an applicant need not say again changes", differ(&old.known, &new.known)),
        (
            "入户要拍什么、签什么、复核什么改了",
            "What is photographed, signed and asked again at a visit changes",
            differ(&old.visit, &new.visit),
        ),
        (
            "什么时候要重新评估、抽查多少改了",
            "When a household is assessed again, and how many are assessed twice, changes",
            differ(&old.assess, &new.assess),
        ),
        (
            "急难救助的时限、先行金额和材料改了",
            "The time, the first amount and the papers of help in an emergency change",
            differ(&old.emergency, &new.emergency),
        ),
        (
            "近亲属备案、一事一议、超期报告的规则改了",
            "The rules on relatives, special reviews and who is told of delays change",
            differ(
                &(&old.kin, &old.special_review, &old.escalations),
                &(&new.kin, &new.special_review, &new.escalations),
            ),
        ),
        (
            "救助以后的复核、渐退、生存认证和退出规则改了",
            "The rules on checks, gradual exit, proof of life and the end of help change",
            differ(&old.living, &new.living),
        ),
        (
            "从哪笔资金发、另外发哪些、多发的怎么退改了",
            "Which fund pays, what is paid besides, and how over-payments come back changes",
            differ(&(&old.funds, &old.runs, &old.recovery), &(&new.funds, &new.runs, &new.recovery)),
        ),
        (
            "数据迟到怎么办、对上级隐去多小的数改了",
            "What follows from late data, and how small a figure is withheld from those above, changes",
            differ(&(&old.feeds, &old.report), &(&new.feeds, &new.report)),
        ),
        (
            "申报和部门数据比对的规则改了",
            "The rules by which declarations are compared with departments' data change",
            differ(&old.compared, &new.compared),
        ),
        (
            "可以交哪些材料、哪些部门数据能代替改了",
            "Which documents may be put on file, and which data take their place, change",
            differ(&old.papers, &new.papers),
        ),
        (
            "哪些家庭进低收入人口库、归哪一层、看多久改了",
            "Whom the low-income library holds, in which layer and for how long, changes",
            differ(&diff.old.library.rules, &diff.new.library.rules),
        ),
        (
            "哪些对象、哪些环节有时限改了",
            "Which programmes and stages have a limit changes",
            ids(&old.clocks) != ids(&new.clocks) || stages(old) != stages(new),
        ),
        (
            "经济状况核对问谁、授权多久、等多久的规则改了",
            "Whom a verification of means asks, how long an authorisation holds and how long is waited change",
            differ(&diff.old.verification, &diff.new.verification),
        ),
        (
            "申诉、投诉、数据异议和评价由谁答复、多久答复改了",
            "Who answers appeals, complaints, contested figures and ratings, and in what time, changes",
            differ(&(&old.appeal, &old.voices, &old.satisfaction), &(&new.appeal, &new.voices, &new.satisfaction)),
        ),
        (
            "来源数据互相矛盾时用哪个、谁可以裁定的规则改了",
            "Which value is used where sources contradict each other, and who may rule otherwise, change",
            differ(&diff.old.conflicts, &diff.new.conflicts),
        ),
    ];
    for (zh, en, _) in rest.into_iter().filter(|(_, _, changed)| *changed) {
        diff.say(Area::Procedure, "workflow", zh.to_owned(), en.to_owned());
    }
}

/// How alerts become visits and go up.
fn monitoring(diff: &mut Diff<'_>, before: &Monitoring, after: &Monitoring) {
    let title = Text::new("预警和上门", "Alerts and visits");
    let of = Subject { area: Area::Procedure, id: "monitoring", title: &title };
    let days = |n: u32| Text::new(format!("{n} 天"), format!("{n} days"));
    let worse = |m: &Monitoring| both(format!("{}‰", m.worse_permille));
    diff.field(of, ("加重的认定幅度", "the rise that counts as worse"), worse(before), worse(after));
    let stand = |m: &Monitoring| days(m.points_stand_days);
    diff.field(of, ("积分有效的时间", "the time that points count for"), stand(before), stand(after));
    let (was, is) = (before.cooldown_days, after.cooldown_days);
    for (zh, en, was, is) in [
        ("触发类", "trigger", was.trigger, is.trigger),
        ("评分类", "score", was.score, is.score),
        ("合规类", "compliance", was.compliance, is.compliance),
    ] {
        let name = (format!("{zh}指标不重复预警的时间"), format!("the time without a second alert of {en} indicators"));
        diff.field(of, (&name.0, &name.1), days(was), days(is));
    }
    diff.field(of, ("上门找不到人的次数上限", "the calls that may find nobody"), both(before.tries), both(after.tries));
    let takeover = |m: &Monitoring| m.takeover.map(words::level).unwrap_or_default();
    diff.field(of, ("接手的层级", "who takes over"), takeover(before), takeover(after));
    let times = |n: Option<u32>| {
        n.map(|n| Text::new(format!("{n} 倍时限"), format!("{n} times the limit"))).unwrap_or_default()
    };
    for (zh, en, was, is) in [
        (
            "报上一级的超期倍数",
            "the time until the next level is told",
            before.next_level_after,
            after.next_level_after,
        ),
        (
            "列入区级名单的超期倍数",
            "the time until it is on the district's list",
            before.district_after,
            after.district_after,
        ),
    ] {
        diff.field(of, (zh, en), times(was), times(is));
    }
    diff.field(of, ("依据", "the legal basis"), both(&before.basis), both(&after.basis));
}
