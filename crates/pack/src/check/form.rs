//! The assessment form: weights, scores, references.

use super::Found;
use crate::assessment::Sign;

pub(super) fn check(found: &mut Found<'_>) {
    let pack = found.pack;
    let form = &pack.assessment;
    let file = "assessment/index.toml";
    if form.items.is_empty() && (found.files().is_lost(file) || found.files().text(file).is_none()) {
        return;
    }
    if form.items.is_empty() {
        return found.at(file, "", "the assessment has no items", "add [[item]] entries");
    }
    found.basis(file, "basis", &form.basis);
    found.unique(file, "item", form.items.iter().map(|i| i.id.as_str()), |i| format!("item/{i}/id"));
    found.unique(file, "dimension", form.dimensions.iter().map(|d| d.id.as_str()), |i| format!("dimension/{i}/id"));
    found.unique(file, "level", form.levels.iter().map(|l| l.id.as_str()), |i| format!("level/{i}/id"));
    found.unique(file, "label", form.labels.iter().map(|l| l.id.as_str()), |i| format!("label/{i}/id"));
    let weight: u32 = form.items.iter().map(|i| i.weight).sum();
    if weight != 1000 {
        found.at(
            file,
            "item",
            format!("the weights of the items come to {weight}"),
            "weights are parts per 1000 and come to 1000 together",
        );
    }
    if form.levels.first().is_none_or(|l| l.from != 0) || !form.levels.is_sorted_by_key(|l| l.from) {
        found.at(file, "level", "the levels do not rise from 0", "order them by from, the first with from = 0");
    }
    for (i, item) in form.items.iter().enumerate() {
        let path = format!("item/{i}");
        if !form.dimensions.iter().any(|d| d.id == item.dimension) {
            found.unknown(
                &item.dimension,
                (file, &format!("{path}/dimension")),
                format!("dimension {:?} of item {} is not known", item.dimension, item.id),
                "use the id of a [[dimension]]",
            );
        }
        if !item.group.is_empty() && !form.groups.iter().any(|g| g.id == item.group && g.dimension == item.dimension) {
            found.unknown(
                &item.group,
                (file, &format!("{path}/group")),
                format!("group {:?} of item {} is not in its dimension", item.group, item.id),
                "use the id of a [[group]] of the same dimension",
            );
        }
        found.unique(file, "choice", item.choices.iter().map(|c| c.id.as_str()), |c| format!("{path}/choice/{c}/id"));
        if item.choices.iter().any(|c| c.score > 100) {
            found.at(
                file,
                &format!("{path}/choice"),
                format!("a score of item {} is over 100", item.id),
                "scores run from 0 to 100",
            );
        }
        if !item.choices.iter().any(|c| c.score == 0) {
            found.at(
                file,
                &format!("{path}/choice"),
                format!("item {} has no choice that scores 0", item.id),
                "add the choice of those who are not affected",
            );
        }
    }
    let mut levels = Vec::new();
    for (i, rule) in form.dimension_rules.iter().enumerate() {
        levels.push((format!("dimension_rule/{i}/level"), &rule.level));
    }
    for (i, rule) in form.overrides.iter().enumerate() {
        levels.push((format!("override/{i}/level"), &rule.level));
        for (s, sign) in rule.all.iter().enumerate() {
            one_sign(found, file, &format!("override/{i}/all/{s}"), sign);
        }
        if rule.all.is_empty() && rule.is_of_answers() {
            found.at(file, &format!("override/{i}"), "the override asks for nothing", "add all, label or indicator");
        }
        if !rule.all.is_empty() && !rule.is_of_answers() {
            found.at(
                file,
                &format!("override/{i}"),
                "the override asks for answers and for a label or an indicator",
                "make two overrides: answers are weighed with the index, labels and alerts after it",
            );
        }
        if let Some(label) = rule.label.as_ref().filter(|id| form.labels.iter().all(|l| l.id != **id)) {
            let message = format!("label {label:?} is not known");
            found.unknown(label, (file, &format!("override/{i}/label")), message, "use the id of a [[label]]");
        }
        if let Some(id) = rule.indicator.as_ref().filter(|id| pack.indicator(id).is_none()) {
            let message = format!("indicator {id:?} is not in indicators/");
            found.unknown(id, (file, &format!("override/{i}/indicator")), message, "use the id of an indicator");
        }
    }
    for (i, floor) in form.floors.iter().enumerate() {
        levels.push((format!("floor/{i}/level"), &floor.level));
        if !pack.programmes.is_empty() && pack.programme(&floor.tier).is_none() && !on_a_roster(found, &floor.tier) {
            found.unknown(
                &floor.tier,
                (file, &format!("floor/{i}/tier")),
                format!("tier {:?} is no programme", floor.tier),
                "use the id of a programme, or a code of a source's programme column",
            );
        }
    }
    for (path, level) in levels {
        if form.level(level).is_none() {
            found.unknown(level, (file, &path), format!("level {level:?} is not known"), "use the id of a [[level]]");
        }
    }
}

/// A tier that people are in by a department's roster, though this pack has no rules for it.
fn on_a_roster(found: &Found<'_>, tier: &str) -> bool {
    let columns = found.pack.sources.iter().flat_map(|s| &s.columns);
    columns.filter(|c| c.name == "programme").any(|c| c.codes.contains_key(tier))
}

fn one_sign(found: &mut Found<'_>, file: &str, path: &str, sign: &Sign) {
    let Some(item) = found.pack.assessment.item(&sign.item) else {
        let message = format!("item {:?} is not known", sign.item);
        return found.unknown(&sign.item, (file, path), message, "use the id of an [[item]]");
    };
    match (&sign.choice, sign.at_least) {
        (None, None) => found.at(file, path, "the sign asks for nothing", "add at_least or choice"),
        (Some(choice), _) if item.choice(choice).is_none() => found.unknown(
            choice,
            (file, path),
            format!("item {} has no choice {choice:?}", sign.item),
            "use the id of one of the item's choices",
        ),
        _ => {}
    }
}
