//! Indicators: what raises an alert, who acts by when.

use super::{
    Area,
    say::{Diff, Subject, both, pairs, yes},
};
use crate::{Lang, Pack, Text, indicator::Indicator, words, workflow::Worse};

pub(super) fn compare(diff: &mut Diff<'_>) {
    let (old, new) = (diff.old, diff.new);
    let all = pairs(&old.indicators, &new.indicators, |i| i.id.as_str());
    for indicator in all.added {
        let (id, severity) = (&indicator.id, words::severity(indicator.severity));
        let (zh, en) = (indicator.title.get(Lang::Zh), indicator.title.get(Lang::En));
        diff.say(
            Area::Indicator,
            id,
            format!("新增 {id}“{zh}”（{}）", severity.zh),
            format!("New: {id} “{en}” ({})", severity.en),
        );
    }
    for indicator in all.gone {
        let id = &indicator.id;
        let (zh, en) = (indicator.title.get(Lang::Zh), indicator.title.get(Lang::En));
        diff.say(Area::Indicator, id, format!("取消 {id}“{zh}”"), format!("Removed: {id} “{en}”"));
    }
    for (before, after) in all.both {
        one(diff, before, after);
    }
}

fn one(diff: &mut Diff<'_>, before: &Indicator, after: &Indicator) {
    let title = Text::new(
        format!("{} {}", after.id, after.title.get(Lang::Zh)),
        format!("{} {}", after.id, after.title.get(Lang::En)),
    );
    let of = Subject { area: Area::Indicator, id: &after.id, title: &title };
    diff.formula(of, ("命中条件", "what raises it"), Some(&before.expr), Some(&after.expr));
    diff.field(of, ("类别", "the kind"), words::indicator_kind(before.kind), words::indicator_kind(after.kind));
    diff.field(of, ("对象", "the subject"), words::grain(before.grain), words::grain(after.grain));
    diff.field(of, ("等级", "the severity"), words::severity(before.severity), words::severity(after.severity));
    let name = ("分级算法", "the formula of the severity");
    diff.formula(of, name, before.severity_expr.as_deref(), after.severity_expr.as_deref());
    diff.field(of, ("分值", "the points"), both(before.points), both(after.points));
    let name = ("积分算法", "the formula of the points");
    diff.formula(of, name, before.points_expr.as_deref(), after.points_expr.as_deref());
    diff.field(of, ("先由谁处理", "who acts first"), words::level(before.actor), words::level(after.actor));
    let report = |i: &Indicator| i.report_to.map(words::level).unwrap_or_default();
    diff.field(of, ("报送", "who is told"), report(before), report(after));
    let days = |n: u32| Text::new(format!("{n} 个工作日"), format!("{n} working days"));
    diff.field(of, ("处理时限", "the time to act"), days(before.limit_days), days(after.limit_days));
    let days = |n: u32| Text::new(format!("{n} 天"), format!("{n} days"));
    diff.field(
        of,
        ("不重复预警的时间", "the time without a second alert"),
        days(before.cooldown_days),
        days(after.cooldown_days),
    );
    diff.field(of, ("回看期", "the time looked back on"), both(&before.lookback), both(&after.lookback));
    diff.field(of, ("是否派任务", "whether it opens a task"), yes(before.opens_task()), yes(after.opens_task()));
    diff.field(of, ("是否只入线索池", "whether it enters the pool only"), yes(before.pool_only), yes(after.pool_only));
    let least = |i: &Indicator| i.pool_below.map(words::severity).unwrap_or_default();
    diff.field(of, ("派任务的最低等级", "the least severity that opens a task"), least(before), least(after));
    let named = |measure: &str, pack: &Pack| pack.fact(measure).map_or_else(|| both(measure), |(_, f)| f.title.clone());
    let measure = |i: &Indicator, pack: &Pack| i.measure.as_deref().map(|m| named(m, pack)).unwrap_or_default();
    let (was, is) = (measure(before, diff.old), measure(after, diff.new));
    diff.field(of, ("衡量加重的事实", "the fact that says whether it got worse"), was, is);
    let worse = |i: &Indicator| match i.worse {
        Worse::Higher => Text::new("变大算加重", "worse when it rises"),
        Worse::Lower => Text::new("变小算加重", "worse when it falls"),
    };
    diff.field(of, ("加重的方向", "which way it gets worse"), worse(before), worse(after));
    diff.field(of, ("依据", "the legal basis"), both(&before.basis), both(&after.basis));
    let evidence = |i: &Indicator, pack: &Pack| -> Vec<Text> {
        i.evidence.iter().map(|e| pack.fact(e).map_or_else(|| both(e), |(_, f)| f.title.clone())).collect()
    };
    let (shown, now) = (evidence(before, diff.old), evidence(after, diff.new));
    diff.names(of, ("附带的事实", "the facts shown with it"), &shown, &now);
    diff.wording(
        of,
        &[
            ("名称", "title", &before.title, &after.title),
            ("上门理由", "the reason shown", &before.reason, &after.reason),
        ],
    );
}
