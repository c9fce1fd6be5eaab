//! How offices work through what the rules find (`workflow.toml`).

use super::{
    Area,
    say::{Diff, Subject, both, pairs},
};
use crate::{Lang, Text, words, workflow::Clock};

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
    // What has no names of its own is told as a whole.
    let ids = |clocks: &[Clock]| clocks.iter().map(key).collect::<Vec<_>>();
    let stages = |w: &crate::workflow::Workflow| w.steps.iter().map(|s| s.stage.clone()).collect::<Vec<_>>();
    let rest = [
        (
            "预警怎样变成上门、怎样升级的规则改了",
            "The rules by which alerts become visits and go up change",
            format!("{:?}", old.monitoring) != format!("{:?}", new.monitoring),
        ),
        (
            "申报和部门数据比对的规则改了",
            "The rules by which declarations are compared with departments' data change",
            format!("{:?}", old.compared) != format!("{:?}", new.compared),
        ),
        (
            "哪些对象、哪些环节有时限改了",
            "Which programmes and stages have a limit changes",
            ids(&old.clocks) != ids(&new.clocks) || stages(old) != stages(new),
        ),
    ];
    for (zh, en, _) in rest.into_iter().filter(|(_, _, changed)| *changed) {
        diff.say(Area::Procedure, "workflow", zh.to_owned(), en.to_owned());
    }
}
