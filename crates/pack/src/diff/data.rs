//! Sources and facts: what departments send, and what is made of it.

use super::{
    Area,
    say::{Diff, Subject, both, normal, pairs, yes},
};
use crate::{
    Lang, Text,
    facts::FactGroup,
    source::{Column, Source, Supersede},
    words,
};

pub(super) fn compare(diff: &mut Diff<'_>) {
    let (old, new) = (diff.old, diff.new);
    let all = pairs(&old.sources, &new.sources, |s| s.id.as_str());
    for (list, zh, en) in [(all.added, "新增数据来源", "New source"), (all.gone, "停用数据来源", "Removed source")]
    {
        for source in list {
            let (owner, title) = (&source.owner, &source.title);
            diff.say(
                Area::Source,
                &source.id,
                format!("{zh} {}“{}”（{}）", source.id, title.get(Lang::Zh), owner.get(Lang::Zh)),
                format!("{en}: {} “{}” ({})", source.id, title.get(Lang::En), owner.get(Lang::En)),
            );
        }
    }
    for (before, after) in all.both {
        source(diff, before, after);
    }
    facts(diff);
}

fn source(diff: &mut Diff<'_>, before: &Source, after: &Source) {
    let title = Text::new(
        format!("{} {}", after.id, after.title.get(Lang::Zh)),
        format!("{} {}", after.id, after.title.get(Lang::En)),
    );
    let of = Subject { area: Area::Source, id: &after.id, title: &title };
    diff.field(of, ("表名", "the table's name"), both(&before.name), both(&after.name));
    diff.field(
        of,
        ("频率", "how often it comes"),
        words::frequency(&before.frequency),
        words::frequency(&after.frequency),
    );
    diff.field(of, ("敏感级别", "the sensitivity"), both(&before.sensitivity), both(&after.sensitivity));
    diff.field(of, ("依据", "the legal basis"), both(&before.basis), both(&after.basis));
    diff.field(of, ("主键", "the key"), both(before.key.join(", ")), both(after.key.join(", ")));
    let way = |s: &Source| match s.supersede {
        Supersede::Append => Text::new("逐批累加", "each batch adds"),
        Supersede::Replace => Text::new("新批替换旧批", "a new batch replaces the old"),
    };
    diff.field(of, ("批次关系", "what a new batch does"), way(before), way(after));
    diff.field(of, ("合同版本", "the contract's version"), both(before.version), both(after.version));
    let lag = |s: &Source| s.promise.map_or_else(Text::default, |p| both(p.lag_days));
    diff.field(of, ("承诺时延（天）", "the promised lag in days"), lag(before), lag(after));
    let quality = |s: &Source| s.promise.map_or_else(Text::default, |p| both(format!("{} %", p.quality)));
    diff.field(of, ("承诺质量", "the promised quality"), quality(before), quality(after));
    let agreements = |s: &Source| -> Vec<Text> { s.agreements.iter().map(words::agreement).collect() };
    let (gone, new): (Vec<Text>, Vec<Text>) = {
        let (before, after) = (agreements(before), agreements(after));
        let missing = |from: &[Text], of: &[Text]| of.iter().filter(|t| !from.contains(t)).cloned().collect();
        (missing(&after, &before), missing(&before, &after))
    };
    diff.names(of, ("共享协议", "agreements"), &gone, &new);
    let columns = pairs(&before.columns, &after.columns, |c| c.name.as_str());
    let named = |all: &[&Column]| -> Vec<Text> {
        all.iter()
            .map(|c| {
                Text::new(
                    format!("{}（{}）", c.title.get(Lang::Zh), c.name),
                    format!("{} ({})", c.title.get(Lang::En), c.name),
                )
            })
            .collect()
    };
    diff.names(of, ("字段", "columns"), &named(&columns.gone), &named(&columns.added));
    for (old, new) in columns.both {
        column(diff, of, old, new);
    }
    diff.wording(
        of,
        &[
            ("名称", "title", &before.title, &after.title),
            ("提供部门", "who supplies it", &before.owner, &after.owner),
            ("粒度", "what a row is", &before.grain, &after.grain),
        ],
    );
}

fn column(diff: &mut Diff<'_>, of: Subject<'_>, old: &Column, new: &Column) {
    let (zh, en) = (new.title.get(Lang::Zh), new.title.get(Lang::En));
    let mut field = |name: (&str, &str), before: Text, after: Text| {
        let (name_zh, name_en) = (format!("字段“{zh}”的{}", name.0), format!("column “{en}”: {}", name.1));
        diff.field(of, (&name_zh, &name_en), before, after);
    };
    let kind = |c: &Column| both(format!("{:?}", c.kind).to_lowercase());
    field(("类型", "the type"), kind(old), kind(new));
    field(("单位", "the unit"), both(&old.unit), both(&new.unit));
    field(("可空", "whether it may be empty"), yes(old.null), yes(new.null));
    let limits = |c: &Column| {
        let end = |n: Option<i64>| n.map_or_else(|| "…".to_owned(), |n| n.to_string());
        if c.min.is_none() && c.max.is_none() {
            Text::default()
        } else {
            both(format!("{}–{}", end(c.min), end(c.max)))
        }
    };
    field(("范围", "the range"), limits(old), limits(new));
    let codes = |c: &Column| -> Vec<Text> { c.codes.keys().map(both).collect() };
    let name = (format!("字段“{zh}”的代码"), format!("codes of the column “{en}”"));
    diff.names(of, (&name.0, &name.1), &codes(old), &codes(new));
    // Spellings and headers are how a department writes, but a file that was taken may be refused without them.
    let accepted = |c: &Column| -> Vec<Text> {
        let spellings = c.codes.iter().flat_map(|(code, all)| all.iter().map(move |s| format!("{s} = {code}")));
        c.aliases.iter().cloned().chain(spellings).map(both).collect()
    };
    let name = (format!("字段“{zh}”接受的写法"), format!("accepted spellings of “{en}”"));
    diff.names(of, (&name.0, &name.1), &accepted(old), &accepted(new));
}

fn facts(diff: &mut Diff<'_>) {
    let (old, new) = (diff.old, diff.new);
    let groups = pairs(&old.facts, &new.facts, |g| g.id.as_str());
    let titles = |group: &FactGroup, lang: Lang| {
        let all: Vec<&str> = group.facts.iter().map(|f| f.title.get(lang)).collect();
        all.join(if lang == Lang::Zh { "、" } else { ", " })
    };
    for (list, zh, en) in
        [(groups.added, "新增事实组", "New group of facts"), (groups.gone, "取消事实组", "Removed group of facts")]
    {
        for group in list {
            let (id, all_zh, all_en) = (&group.id, titles(group, Lang::Zh), titles(group, Lang::En));
            diff.say(Area::Fact, id, format!("{zh} {id}：{all_zh}"), format!("{en}: {id}: {all_en}"));
        }
    }
    for (before, after) in groups.both {
        let title = both(&after.id);
        let of = Subject { area: Area::Fact, id: &after.id, title: &title };
        if normal(&before.sql) != normal(&after.sql) {
            let (id, all_zh, all_en) = (&after.id, titles(after, Lang::Zh), titles(after, Lang::En));
            diff.say(
                Area::Fact,
                id,
                format!("事实组 {id} 的算法改了，涉及：{all_zh}"),
                format!("The SQL of the group {id} changes; it gives: {all_en}"),
            );
        }
        diff.names(
            of,
            ("数据来源", "the sources"),
            &before.from.iter().map(both).collect::<Vec<_>>(),
            &after.from.iter().map(both).collect::<Vec<_>>(),
        );
        diff.names(
            of,
            ("可缺的数据来源", "the sources it can do without"),
            &before.optional.iter().map(both).collect::<Vec<_>>(),
            &after.optional.iter().map(both).collect::<Vec<_>>(),
        );
        let all = pairs(&before.facts, &after.facts, |f| f.name.as_str());
        let named = |all: &[&crate::facts::Fact]| -> Vec<Text> {
            all.iter()
                .map(|f| {
                    Text::new(
                        format!("{}（{}）", f.title.get(Lang::Zh), f.name),
                        format!("{} ({})", f.title.get(Lang::En), f.name),
                    )
                })
                .collect()
        };
        diff.names(of, ("事实", "facts"), &named(&all.gone), &named(&all.added));
        for (old, new) in all.both {
            let of = Subject { id: &new.name, title: &new.title, ..of };
            diff.field(of, ("类型", "the type"), words::fact_type(old.kind), words::fact_type(new.kind));
            diff.field(of, ("单位", "the unit"), both(&old.unit), both(&new.unit));
            diff.field(of, ("没有记录时的值", "the value without a row"), both(&old.absent), both(&new.absent));
            diff.wording(of, &[("名称", "title", &old.title, &new.title)]);
        }
    }
}
