//! Figures: compared by what holds where and when, not by how the values are written down.

use super::{
    Area, Change,
    say::{Diff, Subject, both, pairs},
};
use crate::{Lang, Pack, Text, parameter::Parameter, words};
use chrono::NaiveDate;
use std::collections::BTreeSet;

pub(super) fn compare(diff: &mut Diff<'_>) {
    let (old, new) = (diff.old, diff.new);
    let all = pairs(&old.parameters.all, &new.parameters.all, |p| p.id.as_str());
    for (before, after) in all.both {
        one(diff, before, after);
    }
    for parameter in all.added {
        let values = listed(new, parameter);
        let (zh, en) = (parameter.title.get(Lang::Zh), parameter.title.get(Lang::En));
        diff.say(
            Area::Parameter,
            &parameter.id,
            format!("新增“{zh}”：{}", values.zh),
            format!("New: “{en}”: {}", values.en),
        );
    }
    for parameter in all.gone {
        let values = listed(old, parameter);
        let (zh, en) = (parameter.title.get(Lang::Zh), parameter.title.get(Lang::En));
        diff.say(
            Area::Parameter,
            &parameter.id,
            format!("取消“{zh}”（原为：{}）", values.zh),
            format!("Removed: “{en}” (it was: {})", values.en),
        );
    }
}

fn one(diff: &mut Diff<'_>, before: &Parameter, after: &Parameter) {
    let (old, new) = (diff.old, diff.new);
    let of = Subject { area: Area::Parameter, id: &after.id, title: &after.title };
    diff.field(of, ("单位", "the unit"), both(&before.unit), both(&after.unit));
    diff.field(of, ("依据", "the legal basis"), both(&before.basis), both(&after.basis));
    let regions: BTreeSet<&str> = before.values.iter().chain(&after.values).map(|v| v.region.as_str()).collect();
    let dates: BTreeSet<NaiveDate> = before.values.iter().chain(&after.values).map(|v| v.effective).collect();
    for region in regions {
        let mut last = None;
        for date in &dates {
            let was = before.value(region, *date).map(|v| v.amount);
            let is = after.value(region, *date).map(|v| v.amount);
            let pair = (was != is).then_some((was, is));
            if let Some((was, is)) = pair.filter(|_| pair != last) {
                value(diff, after, region, *date, (was, is), (old, new));
            }
            last = pair;
        }
    }
    diff.wording(of, &[("名称", "title", &before.title, &after.title)]);
}

fn value(
    diff: &mut Diff<'_>,
    parameter: &Parameter,
    region: &str,
    date: NaiveDate,
    (was, is): (Option<i64>, Option<i64>),
    (old, new): (&Pack, &Pack),
) {
    let unit = &parameter.unit;
    let said = |pack: &Pack, n: i64| {
        Text::new(words::quantity(&pack.info, n, unit, Lang::Zh), words::quantity(&pack.info, n, unit, Lang::En))
    };
    let (was, is) = (was.map(|n| (n, said(old, n))), is.map(|n| (n, said(new, n))));
    let place = new.regions.get(region).map_or_else(|| both(region), |r| r.name.clone());
    let (zh, en) = (parameter.title.get(Lang::Zh), parameter.title.get(Lang::En));
    let text = match (&was, &is) {
        (Some((a, was)), Some((b, is))) => {
            let (up_zh, up_en) = if b > a { ("提高", "rises") } else { ("降低", "falls") };
            Text::new(
                format!("“{zh}”（{}）由 {} {up_zh}到 {}", place.zh, was.zh, is.zh),
                format!("“{en}” ({}) {up_en} from {} to {}", place.en, was.en, is.en),
            )
        }
        (None, Some((_, is))) => Text::new(
            format!("“{zh}”（{}）定为 {}，此前没有数", place.zh, is.zh),
            format!("“{en}” ({}) is set to {}; there was no figure", place.en, is.en),
        ),
        (Some((_, was)), None) => Text::new(
            format!("“{zh}”（{}）不再有数，原为 {}", place.zh, was.zh),
            format!("“{en}” ({}) has no figure any more; it was {}", place.en, was.en),
        ),
        (None, None) => return,
    };
    diff.push(Change {
        area: Area::Parameter,
        id: parameter.id.clone(),
        from: date,
        text,
        old: was.map(|(_, t)| t),
        new: is.map(|(_, t)| t),
    });
}

/// Every value of a parameter in one line.
fn listed(pack: &Pack, parameter: &Parameter) -> Text {
    let each = |lang: Lang| -> String {
        let values: Vec<String> = parameter
            .values
            .iter()
            .map(|v| {
                let place = pack.regions.get(&v.region).map_or(v.region.as_str(), |r| r.name.get(lang));
                let amount = words::quantity(&pack.info, v.amount, &parameter.unit, lang);
                match lang {
                    Lang::Zh => format!("{place} {amount}（{}起）", v.effective),
                    Lang::En => format!("{place} {amount} (from {})", v.effective),
                }
            })
            .collect();
        values.join(if lang == Lang::Zh { "；" } else { "; " })
    };
    Text::new(each(Lang::Zh), each(Lang::En))
}
