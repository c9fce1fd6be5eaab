//! What people are asked and offered: the index and its labels, services, matters, resources.

use super::{
    Area,
    say::{Diff, Subject, both, pairs},
};
use crate::{Lang, Text, assessment::Item, words};

pub(super) fn compare(diff: &mut Diff<'_>) {
    index(diff);
    labels(diff);
    services(diff);
    matters(diff);
    resources(diff);
}

/// Tells what is only in one of two lists.
fn listed<'t, T>(
    diff: &mut Diff<'_>,
    area: Area,
    (zh, en): (&str, &str),
    gone: &[&'t T],
    added: &[&'t T],
    entry: impl Fn(&'t T) -> (&'t str, &'t Text),
) {
    for (all, word_zh, word_en) in [(added, "新增", "New"), (gone, "取消", "Removed")] {
        for (id, title) in all.iter().map(|e| entry(e)) {
            diff.say(
                area,
                id,
                format!("{word_zh}{zh} {id}“{}”", title.get(Lang::Zh)),
                format!("{word_en}: {en} {id} “{}”", title.get(Lang::En)),
            );
        }
    }
}

fn index(diff: &mut Diff<'_>) {
    let (old, new) = (&diff.old.assessment, &diff.new.assessment);
    let items = pairs(&old.items, &new.items, |i| i.id.as_str());
    listed(diff, Area::Index, ("评估项", "item"), &items.gone, &items.added, |i| (&i.id, &i.title));
    for (before, after) in items.both {
        item(diff, before, after);
    }
    let levels = pairs(&old.levels, &new.levels, |l| l.id.as_str());
    listed(diff, Area::Index, ("等级", "level"), &levels.gone, &levels.added, |l| (&l.id, &l.title));
    for (before, after) in levels.both {
        let of = Subject { area: Area::Index, id: &after.id, title: &after.title };
        let points = |from: u32| {
            let n = f64::from(from) / 1000.0;
            Text::new(format!("{n} 分"), format!("{n} points"))
        };
        diff.field(of, ("起点", "the score it begins with"), points(before.from), points(after.from));
        diff.wording(of, &[("名称", "title", &before.title, &after.title)]);
    }
    // Rules of level have no names of their own.
    let rules = |a: &crate::assessment::Assessment| format!("{:?}{:?}{:?}", a.dimension_rules, a.overrides, a.floors);
    if rules(old) != rules(new) {
        diff.say(
            Area::Index,
            "level",
            "提级规则（维度、特定答案、对象类别的最低等级）改了".to_owned(),
            "The rules that raise a level (dimensions, single answers, the least level of a tier) change".to_owned(),
        );
    }
}

fn item(diff: &mut Diff<'_>, before: &Item, after: &Item) {
    let title = Text::new(
        format!("{} {}", after.id, after.title.get(Lang::Zh)),
        format!("{} {}", after.id, after.title.get(Lang::En)),
    );
    let of = Subject { area: Area::Index, id: &after.id, title: &title };
    let share = |n: u32| both(format!("{}‰", n));
    diff.field(of, ("权重", "the weight"), share(before.weight), share(after.weight));
    diff.field(of, ("剥夺临界分", "the score that counts as deprived"), both(before.cut), both(after.cut));
    diff.field(of, ("维度", "the dimension"), both(&before.dimension), both(&after.dimension));
    let choices = pairs(&before.choices, &after.choices, |c| c.id.as_str());
    let titles = |all: &[&crate::assessment::Choice]| -> Vec<Text> { all.iter().map(|c| c.title.clone()).collect() };
    diff.names(of, ("选项", "the answers"), &titles(&choices.gone), &titles(&choices.added));
    for (old, new) in choices.both {
        let zh = format!("答案“{}”的分值", new.title.get(Lang::Zh));
        let en = format!("the score of “{}”", new.title.get(Lang::En));
        diff.field(of, (&zh, &en), both(old.score), both(new.score));
        diff.wording(of, &[("选项", "an answer", &old.title, &new.title)]);
    }
    diff.wording(
        of,
        &[("名称", "title", &before.title, &after.title), ("问题", "the question", &before.question, &after.question)],
    );
}

fn labels(diff: &mut Diff<'_>) {
    let (old, new) = (&diff.old.assessment.labels, &diff.new.assessment.labels);
    let all = pairs(old, new, |l| l.id.as_str());
    listed(diff, Area::Index, ("标签", "label"), &all.gone, &all.added, |l| (&l.id, &l.title));
    for (before, after) in all.both {
        let of = Subject { area: Area::Index, id: &after.id, title: &after.title };
        diff.formula(of, ("标签条件", "what gives the label"), Some(&before.expr), Some(&after.expr));
        diff.wording(of, &[("名称", "title", &before.title, &after.title)]);
    }
}

fn services(diff: &mut Diff<'_>) {
    let (old, new) = (&diff.old.services.services, &diff.new.services.services);
    let all = pairs(old, new, |s| s.id.as_str());
    listed(diff, Area::Service, ("服务", "service"), &all.gone, &all.added, |s| (&s.id, &s.title));
    for (before, after) in all.both {
        let of = Subject { area: Area::Service, id: &after.id, title: &after.title };
        diff.formula(of, ("提供条件", "when it is proposed"), Some(&before.expr), Some(&after.expr));
        let list = |all: &[String]| -> Vec<Text> { all.iter().map(both).collect() };
        diff.names(of, ("对应的需求", "the needs it answers"), &list(&before.answers), &list(&after.answers));
        diff.names(of, ("提供方", "the providers"), &list(&before.provider), &list(&after.provider));
        diff.names(of, ("资金", "the funding"), &list(&before.funding), &list(&after.funding));
        diff.field(of, ("类别", "the category"), both(&before.category), both(&after.category));
        diff.field(of, ("频次", "how often"), before.frequency.clone(), after.frequency.clone());
        diff.field(of, ("计量单位", "the unit"), before.unit.clone(), after.unit.clone());
        let unit = diff.new.info.money_unit.clone();
        let info = &diff.new.info;
        let most = |n: Option<i64>| {
            n.map(|n| Text::new(words::quantity(info, n, &unit, Lang::Zh), words::quantity(info, n, &unit, Lang::En)))
                .unwrap_or_default()
        };
        diff.field(of, ("最高金额", "the most money"), most(before.most), most(after.most));
        diff.wording(
            of,
            &[("名称", "title", &before.title, &after.title), ("对象", "for whom", &before.target, &after.target)],
        );
    }
}

fn matters(diff: &mut Diff<'_>) {
    let (old, new) = (&diff.old.services.matters, &diff.new.services.matters);
    let all = pairs(old, new, |m| m.id.as_str());
    listed(diff, Area::Service, ("事项", "matter"), &all.gone, &all.added, |m| (&m.id, &m.title));
    for (before, after) in all.both {
        let of = Subject { area: Area::Service, id: &after.id, title: &after.title };
        diff.formula(of, ("转办条件", "when it is passed on"), before.trigger.as_deref(), after.trigger.as_deref());
        let days = |n: u32| Text::new(format!("{n} 个工作日"), format!("{n} working days"));
        diff.field(of, ("答复时限", "the time to answer"), days(before.due_days), days(after.due_days));
        diff.field(of, ("部门", "the department"), both(&before.department), both(&after.department));
        diff.field(of, ("同意方式", "the consent"), words::consent(before.consent), words::consent(after.consent));
        diff.wording(of, &[("名称", "title", &before.title, &after.title)]);
    }
}

fn resources(diff: &mut Diff<'_>) {
    let (old, new) = (&diff.old.services.resources, &diff.new.services.resources);
    let all = pairs(old, new, |r| r.id.as_str());
    listed(diff, Area::Service, ("资源", "resource"), &all.gone, &all.added, |r| (&r.id, &r.title));
    for (before, after) in all.both {
        let of = Subject { area: Area::Service, id: &after.id, title: &after.title };
        let list = |all: &[String]| -> Vec<Text> { all.iter().map(both).collect() };
        diff.field(of, ("部门", "the department"), both(&before.department), both(&after.department));
        diff.names(of, ("对象类别", "the tiers it is for"), &list(&before.tiers), &list(&after.tiers));
        diff.names(of, ("对象标签", "the labels it is for"), &list(&before.labels), &list(&after.labels));
        let amount = |r: &crate::services::Resource| r.amount.clone().unwrap_or_default();
        diff.field(of, ("标准", "the amount"), amount(before), amount(after));
        let quota = |n: Option<i64>| n.map(both).unwrap_or_default();
        diff.field(of, ("名额", "the quota"), quota(before.quota), quota(after.quota));
        diff.wording(
            of,
            &[("名称", "title", &before.title, &after.title), ("内容", "content", &before.content, &after.content)],
        );
    }
}
