//! Programmes: who can get what, how much, and by which way.

use super::{
    Area,
    say::{Diff, Subject, both, pairs, yes},
};
use crate::{
    Lang, Text,
    programme::{Amount, Condition, Programme, Publicity, Round, Stage},
    words,
};
use chrono::NaiveDate;

pub(super) fn compare(diff: &mut Diff<'_>) {
    let (old, new) = (diff.old, diff.new);
    let all = pairs(&old.programmes, &new.programmes, |p| p.id.as_str());
    for programme in all.added {
        let (zh, en) = (programme.title.get(Lang::Zh), programme.title.get(Lang::En));
        let (about_zh, about_en) = (programme.summary.get(Lang::Zh), programme.summary.get(Lang::En));
        let (zh, en) = (format!("新增“{zh}”：{about_zh}"), format!("New: “{en}”: {about_en}"));
        diff.say(Area::Programme, &programme.id, zh, en);
    }
    for programme in all.gone {
        let (zh, en) = (programme.title.get(Lang::Zh), programme.title.get(Lang::En));
        diff.say(Area::Programme, &programme.id, format!("取消“{zh}”"), format!("Removed: “{en}”"));
    }
    for (before, after) in all.both {
        one(diff, before, after);
    }
}

fn one(diff: &mut Diff<'_>, before: &Programme, after: &Programme) {
    let (old, new) = (diff.old, diff.new);
    let of = Subject { area: Area::Programme, id: &after.id, title: &after.title };
    diff.field(of, ("类别", "the kind"), words::programme_kind(before.kind), words::programme_kind(after.kind));
    diff.field(of, ("对象", "the subject"), words::grain(before.grain), words::grain(after.grain));
    diff.field(of, ("认定顺序", "the order of decision"), both(before.order), both(after.order));
    if before.rollup != after.rollup {
        let word = |p: &Programme| match p.rollup {
            Some(_) => Text::new("全家每个人都要符合", "every member must meet it"),
            None => Text::new("按个人", "each person apart"),
        };
        diff.field(of, ("合并方式", "how persons make a household"), word(before), word(after));
    }
    let days = |p: &Programme| span(p.effective_from, p.effective_to);
    diff.field(of, ("施行期间", "the days on which it is law"), days(before), days(after));
    conditions(diff, of, &before.conditions, &after.conditions);
    amount(diff, of, before.amount.as_ref(), after.amount.as_ref());
    let months = |p: &Programme| {
        p.valid_months.map(|n| Text::new(format!("{n} 个月"), format!("{n} months"))).unwrap_or_default()
    };
    diff.field(of, ("有效期", "the time it holds"), months(before), months(after));
    diff.field(
        of,
        ("是否计入收入", "whether it counts as income"),
        yes(before.income_counted),
        yes(after.income_counted),
    );
    let titles = |pack: &crate::Pack, ids: &[String]| -> Vec<Text> {
        ids.iter().map(|id| pack.programme(id).map_or_else(|| both(id), |p| p.title.clone())).collect()
    };
    diff.names(
        of,
        ("不能同时享受的项目", "programmes that cannot be held beside it"),
        &titles(old, &before.excludes),
        &titles(new, &after.excludes),
    );
    diff.names(
        of,
        ("只补差额的项目", "programmes beside which the difference is paid"),
        &titles(old, &before.difference_with),
        &titles(new, &after.difference_with),
    );
    let basis = |p: &Programme| -> Vec<Text> { p.basis.iter().map(both).collect() };
    diff.names(of, ("依据", "the legal basis"), &basis(before), &basis(after));
    procedure(diff, before, after);
    let exit = |p: &Programme| p.exit.clone().unwrap_or_default();
    diff.wording(
        of,
        &[
            ("名称", "title", &before.title, &after.title),
            ("简介", "summary", &before.summary, &after.summary),
            ("退出", "exit", &exit(before), &exit(after)),
        ],
    );
}

fn conditions(diff: &mut Diff<'_>, of: Subject<'_>, old: &[Condition], new: &[Condition]) {
    let all = pairs(old, new, |c| c.name.as_str());
    let (zh, en) = (of.title.get(Lang::Zh), of.title.get(Lang::En));
    for condition in all.added {
        diff.formula(
            Subject { title: &Text::new(zh, en), ..of },
            (
                &format!("条件“{}”", condition.title.get(Lang::Zh)),
                &format!("the condition “{}”", condition.title.get(Lang::En)),
            ),
            None,
            Some(&condition.expr),
        );
    }
    for condition in all.gone {
        diff.formula(
            of,
            (
                &format!("条件“{}”", condition.title.get(Lang::Zh)),
                &format!("the condition “{}”", condition.title.get(Lang::En)),
            ),
            Some(&condition.expr),
            None,
        );
    }
    for (before, after) in all.both {
        let (zh, en) = (after.title.get(Lang::Zh), after.title.get(Lang::En));
        let name = (format!("条件“{zh}”"), format!("the condition “{en}”"));
        diff.formula(of, (&name.0, &name.1), Some(&before.expr), Some(&after.expr));
        let line = (format!("条件“{zh}”显示的线"), format!("the line shown with “{en}”"));
        diff.formula(of, (&line.0, &line.1), before.line.as_deref(), after.line.as_deref());
        let measure = (format!("条件“{zh}”显示的数"), format!("the number shown with “{en}”"));
        diff.formula(of, (&measure.0, &measure.1), before.measure.as_deref(), after.measure.as_deref());
        let days = (format!("条件“{zh}”的施行期间"), format!("the days on which “{en}” is asked"));
        let (was, is) =
            (span(before.effective_from, before.effective_to), span(after.effective_from, after.effective_to));
        diff.field(of, (&days.0, &days.1), was, is);
        let basis = (format!("条件“{zh}”的依据"), format!("the legal basis of “{en}”"));
        diff.field(of, (&basis.0, &basis.1), both(&before.basis), both(&after.basis));
        diff.wording(
            Subject { title: &Text::new(format!("{}：{zh}", of.title.zh), format!("{}: {en}", of.title.en)), ..of },
            &[
                ("名称", "title", &before.title, &after.title),
                ("符合时的话", "words when it holds", &before.holds, &after.holds),
                ("不符合时的话", "words when it fails", &before.fails, &after.fails),
                ("不清楚时的话", "words when unknown", &before.unknown, &after.unknown),
                ("怎样会改变", "what would change it", &before.change, &after.change),
            ],
        );
    }
}

/// First and last day, where the law names any.
fn span(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Text {
    match (from, to) {
        (None, None) => Text::new("一直有效", "always"),
        (Some(from), None) => Text::new(format!("{from} 起"), format!("from {from}")),
        (None, Some(to)) => Text::new(format!("到 {to} 为止"), format!("until {to}")),
        (Some(from), Some(to)) => Text::new(format!("{from} 至 {to}"), format!("{from} to {to}")),
    }
}

fn amount(diff: &mut Diff<'_>, of: Subject<'_>, old: Option<&Amount>, new: Option<&Amount>) {
    let name = ("金额算法", "the formula of the amount");
    diff.formula(of, name, old.map(|a| a.expr.as_str()), new.map(|a| a.expr.as_str()));
    let (Some(old), Some(new)) = (old, new) else { return };
    diff.field(of, ("发放周期", "how often it is paid"), words::per(old.per), words::per(new.per));
    let round = |a: &Amount| match a.round {
        Round::Whole => Text::new("进到整元", "up to whole units"),
        Round::None => Text::new("不进位", "not rounded up"),
    };
    diff.field(of, ("进位", "rounding"), round(old), round(new));
    diff.field(of, ("金额依据", "the legal basis of the amount"), both(&old.basis), both(&new.basis));
    let parts = pairs(&old.parts, &new.parts, |p| p.id.as_str());
    for (before, after) in parts
        .gone
        .iter()
        .map(|p| (Some(*p), None))
        .chain(parts.added.iter().map(|p| (None, Some(*p))))
        .chain(parts.both.iter().map(|(o, n)| (Some(*o), Some(*n))))
    {
        let Some(part) = after.or(before) else { continue };
        let name = (
            format!("金额构成“{}”", part.title.get(Lang::Zh)),
            format!("the part “{}” of the amount", part.title.get(Lang::En)),
        );
        diff.formula(of, (&name.0, &name.1), before.map(|p| p.expr.as_str()), after.map(|p| p.expr.as_str()));
    }
    diff.wording(of, &[("金额说明", "the amount in words", &old.explain, &new.explain)]);
}

fn procedure(diff: &mut Diff<'_>, before: &Programme, after: &Programme) {
    let of = Subject { area: Area::Procedure, id: &after.id, title: &after.title };
    let publicity = |p: &Programme| match p.publicity {
        Publicity::Village => Text::new(
            format!("村（社区）公示 {} 天", p.publicity_days),
            format!("{} days at the village board", p.publicity_days),
        ),
        Publicity::None => Text::new("不公示", "none"),
    };
    diff.field(of, ("公示", "publicity"), publicity(before), publicity(after));
    diff.field(
        of,
        ("异议后再次公示", "a second publicity after an objection"),
        yes(before.second_publicity),
        yes(after.second_publicity),
    );
    let all = pairs(&before.stages, &after.stages, |s| s.id.as_str());
    let limit = |s: &Stage| words::limit(s.limit_days, s.unit);
    for stage in all.added {
        let (title, limit) = (&stage.title, limit(stage));
        diff.say(
            Area::Procedure,
            &after.id,
            format!("“{}”增加环节“{}”，{}", after.title.get(Lang::Zh), title.get(Lang::Zh), limit.zh),
            format!("“{}”: the stage “{}” is new, {}", after.title.get(Lang::En), title.get(Lang::En), limit.en),
        );
    }
    for stage in all.gone {
        diff.say(
            Area::Procedure,
            &after.id,
            format!("“{}”取消环节“{}”", after.title.get(Lang::Zh), stage.title.get(Lang::Zh)),
            format!("“{}”: the stage “{}” is gone", after.title.get(Lang::En), stage.title.get(Lang::En)),
        );
    }
    for (old, new) in all.both {
        let (zh, en) = (new.title.get(Lang::Zh), new.title.get(Lang::En));
        let time = (format!("“{zh}”时限"), format!("the time for “{en}”"));
        diff.field(of, (&time.0, &time.1), limit(old), limit(new));
        let role = |s: &Stage| words::role(&s.role).unwrap_or_else(|| both(&s.role));
        let who = (format!("“{zh}”经办人"), format!("who does “{en}”"));
        diff.field(of, (&who.0, &who.1), role(old), role(new));
    }
    let kept: Vec<&str> =
        before.stages.iter().filter(|s| after.stage(&s.id).is_some()).map(|s| s.id.as_str()).collect();
    let now: Vec<&str> = after.stages.iter().filter(|s| before.stage(&s.id).is_some()).map(|s| s.id.as_str()).collect();
    if kept != now {
        diff.say(
            Area::Procedure,
            &after.id,
            format!("“{}”的环节顺序改了", after.title.get(Lang::Zh)),
            format!("“{}”: the stages stand in another order", after.title.get(Lang::En)),
        );
    }
    let evidence = |p: &Programme| -> Vec<Text> { p.evidence.iter().map(|e| e.title.clone()).collect() };
    diff.names(of, ("材料", "the evidence asked for"), &evidence(before), &evidence(after));
    let decider = |p: &Programme| p.decider.clone().unwrap_or_default();
    diff.field(of, ("决定机关", "who decides"), decider(before), decider(after));
    let by_amount = |pack: &crate::Pack, p: &Programme| {
        pack.deciders(p, &pack.info.jurisdiction, diff.new.info.effective_from).unwrap_or_default()
    };
    let (was, is) = (by_amount(diff.old, before), by_amount(diff.new, after));
    diff.field(of, ("按金额由谁决定", "who decides by amount"), was, is);
    let delivery = |p: &Programme| p.delivery.map(words::delivery).unwrap_or_default();
    diff.field(of, ("办理方式", "how it is obtained"), delivery(before), delivery(after));
}
