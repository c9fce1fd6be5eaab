//! The frame of a pack: when and where it holds, its laws, working days, places, cases.

use super::{
    Area,
    say::{Diff, Subject, both, pairs},
};
use crate::{Lang, Text};
use chrono::NaiveDate;
use std::collections::BTreeSet;

pub(super) fn compare(diff: &mut Diff<'_>) {
    let (old, new) = (&diff.old.info, &diff.new.info);
    let of = Subject { area: Area::Frame, id: &new.id, title: &new.title };
    let day = |d: Option<NaiveDate>| d.map(both).unwrap_or_default();
    diff.field(of, ("版本", "the version"), both(&old.version), both(&new.version));
    diff.field(of, ("施行日期", "the first day"), both(old.effective_from), both(new.effective_from));
    diff.field(of, ("截止日期", "the last day"), day(old.effective_to), day(new.effective_to));
    diff.field(of, ("适用地区", "where it holds"), both(&old.jurisdiction), both(&new.jurisdiction));
    diff.field(of, ("热线", "the hotline"), both(&old.hotline), both(&new.hotline));
    diff.field(of, ("货币", "the currency"), both(&old.currency), both(&new.currency));
    let languages: (Vec<Text>, Vec<Text>) =
        (old.languages.iter().map(both).collect(), new.languages.iter().map(both).collect());
    diff.names(of, ("语言", "the languages"), &languages.0, &languages.1);
    let laws = pairs(&old.legal, &new.legal, |l| l.id.as_str());
    let titles = |all: &[&crate::pack::Legal]| -> Vec<Text> { all.iter().map(|l| l.title.clone()).collect() };
    diff.names(of, ("法规依据", "the laws"), &titles(&laws.gone), &titles(&laws.added));
    for (before, after) in laws.both {
        let of = Subject { id: &after.id, title: &after.title, ..of };
        diff.wording(of, &[("法规名称", "the law's title", &before.title, &after.title)]);
    }
    diff.wording(
        of,
        &[
            ("名称", "title", &old.title, &new.title),
            ("决定机关", "the bureau", &old.bureau, &new.bureau),
            ("救济途径", "reconsideration", &old.reconsideration, &new.reconsideration),
        ],
    );
    calendar(diff);
    regions(diff);
    cases(diff);
}

fn calendar(diff: &mut Diff<'_>) {
    let (old, new) = (&diff.old.calendar, &diff.new.calendar);
    let title = Text::new("工作日历", "Calendar of working days");
    let of = Subject { area: Area::Frame, id: "calendar", title: &title };
    let years = |c: &crate::Calendar| -> Vec<Text> { c.years().map(both).collect() };
    diff.names(of, ("年份", "years"), &years(old), &years(new));
    // Days of a year that only one of them has are told by the year.
    let shared: BTreeSet<i32> = old.years().filter(|y| new.years().any(|n| n == *y)).collect();
    let days = |all: &BTreeSet<NaiveDate>| -> Vec<Text> {
        use chrono::Datelike;
        all.iter().filter(|d| shared.contains(&d.year())).map(both).collect()
    };
    diff.names(of, ("放假日", "holidays"), &days(old.holidays()), &days(new.holidays()));
    diff.names(of, ("调休上班日", "worked weekend days"), &days(old.workdays()), &days(new.workdays()));
}

fn regions(diff: &mut Diff<'_>) {
    let (old, new) = (&diff.old.regions, &diff.new.regions);
    let title = Text::new("行政区划", "Regions");
    let of = Subject { area: Area::Frame, id: "regions", title: &title };
    let only = |one: &crate::region::Regions, other: &crate::region::Regions| -> Vec<Text> {
        let alone = one.iter().filter(|r| other.get(&r.code).is_none());
        alone.map(|r| Text::new(format!("{} {}", r.code, r.name.zh), format!("{} {}", r.code, r.name.en))).collect()
    };
    diff.names(of, ("地区", "regions"), &only(old, new), &only(new, old));
    let moved: Vec<(String, Text)> = new
        .iter()
        .filter_map(|r| old.get(&r.code).map(|o| (o, r)))
        .filter(|(o, r)| (&o.parent, &o.name, o.area) != (&r.parent, &r.name, r.area))
        .map(|(o, r)| {
            let same = o.name == r.name;
            let (zh, en) = (r.name.get(Lang::Zh), r.name.get(Lang::En));
            let text = if same {
                Text::new(
                    format!("{} {zh} 的上级或城乡属性改了", r.code),
                    format!("{} {en}: its parent or area changes", r.code),
                )
            } else {
                Text::new(
                    format!("{} 由“{}”更名为“{zh}”", r.code, o.name.get(Lang::Zh)),
                    format!("{} is renamed from “{}” to “{en}”", r.code, o.name.get(Lang::En)),
                )
            };
            (r.code.clone(), text)
        })
        .collect();
    for (code, text) in moved {
        diff.say(Area::Frame, &code, text.zh, text.en);
    }
}

/// Worked cases show what the rules mean: a case that expects something else says that they changed.
fn cases(diff: &mut Diff<'_>) {
    let (old, new) = (diff.old, diff.new);
    let all = pairs(&old.cases, &new.cases, |c| c.id.as_str());
    let title = Text::new("算例", "Worked cases");
    let of = Subject { area: Area::Case, id: "cases", title: &title };
    let titles = |list: &[&crate::case::WorkedCase]| -> Vec<Text> { list.iter().map(|c| c.title.clone()).collect() };
    diff.names(of, ("题目", "cases"), &titles(&all.gone), &titles(&all.added));
    for (before, after) in all.both {
        if format!("{:?}", before.expect) != format!("{:?}", after.expect) {
            diff.say(
                Area::Case,
                &after.id,
                format!("算例“{}”的预期结果改了", after.title.get(Lang::Zh)),
                format!("The worked case “{}” expects something else", after.title.get(Lang::En)),
            );
        }
    }
}
