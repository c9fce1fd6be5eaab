//! The six-dimension index and its labels.

use super::{Drawn, Page};
use crate::{
    HandbookError,
    book::{Book, Name},
};
use askama::Template;
use tuodi_pack::{
    Lang,
    assessment::{Item, Sign},
};

struct ItemView<'a> {
    id: &'a str,
    title: &'a str,
    weight: String,
    question: &'a str,
    /// Words, score, whether it counts as deprived.
    choices: Vec<(&'a str, String, bool)>,
}

struct GroupView<'a> {
    title: &'a str,
    items: Vec<ItemView<'a>>,
}

struct DimensionView<'a> {
    id: &'a str,
    title: &'a str,
    weight: String,
    groups: Vec<GroupView<'a>>,
}

struct LabelView<'a> {
    id: &'a str,
    title: &'a str,
    expr: &'a str,
    answers: Vec<Name>,
    note: &'a str,
}

#[derive(Template)]
#[template(path = "assessment.html")]
struct Form<'a> {
    b: &'a Book<'a>,
    page: Page,
    levels: Vec<(&'a str, String)>,
    raises: Vec<String>,
    dimensions: Vec<DimensionView<'a>>,
    labels: Vec<LabelView<'a>>,
    basis: String,
}

pub(super) fn pages(b: &Book<'_>) -> Result<Vec<Drawn>, HandbookError> {
    let form = &b.pack.assessment;
    if form.items.is_empty() && form.labels.is_empty() {
        return Ok(Vec::new());
    }
    let page = Page::of_menu("assessment.html", b.w("六维评估", "Assessment"));
    let view = Form {
        levels: form.levels.iter().map(|l| (b.t(&l.title), points(b, l.from))).collect(),
        raises: raises(b),
        dimensions: form
            .dimensions
            .iter()
            .map(|d| {
                let weight = form.items.iter().filter(|i| i.dimension == d.id).map(|i| i.weight).sum();
                DimensionView { id: &d.id, title: b.t(&d.title), weight: share(b, weight), groups: groups(b, &d.id) }
            })
            .collect(),
        labels: form
            .labels
            .iter()
            .map(|l| LabelView {
                id: &l.id,
                title: b.t(&l.title),
                expr: &l.expr,
                answers: answers(b, &format!("label:{}", l.id)),
                note: b.note(&l.note),
            })
            .collect(),
        basis: b.law(&form.basis, ""),
        b,
        page,
    };
    Ok(vec![("assessment.html".to_owned(), view.render()?)])
}

/// Services that answer a need.
fn answers(b: &Book<'_>, need: &str) -> Vec<Name> {
    let services = b.pack.services.services.iter().filter(|s| s.answers.iter().any(|a| a == need));
    services
        .map(|s| Name { title: format!("{} {}", s.id, b.t(&s.title)), url: format!("services.html#service-{}", s.id) })
        .collect()
}

fn groups<'a>(b: &'a Book<'a>, dimension: &str) -> Vec<GroupView<'a>> {
    let form = &b.pack.assessment;
    let mut groups: Vec<GroupView<'a>> = Vec::new();
    let mut last = None;
    for item in form.items.iter().filter(|i| i.dimension == dimension) {
        if last != Some(&item.group) {
            let title = form.groups.iter().find(|g| g.id == item.group).map_or("", |g| b.t(&g.title));
            groups.push(GroupView { title, items: Vec::new() });
            last = Some(&item.group);
        }
        if let Some(group) = groups.last_mut() {
            group.items.push(item_view(b, item));
        }
    }
    groups
}

fn item_view<'a>(b: &'a Book<'a>, item: &'a Item) -> ItemView<'a> {
    ItemView {
        id: &item.id,
        title: b.t(&item.title),
        weight: share(b, item.weight),
        question: b.t(&item.question),
        choices: item.choices.iter().map(|c| (b.t(&c.title), points(b, c.score * 1000), c.score >= item.cut)).collect(),
    }
}

/// Thousandths of a point in words.
fn points(b: &Book<'_>, thousandths: u32) -> String {
    let n = f64::from(thousandths) / 1000.0;
    match b.lang {
        Lang::Zh => format!("{n} 分"),
        Lang::En => format!("{n} points"),
    }
}

fn share(b: &Book<'_>, weight: u32) -> String {
    let percent = b.quantity(i64::from(weight), "permille");
    match b.lang {
        Lang::Zh => format!("权重 {percent}"),
        Lang::En => format!("weight {percent}"),
    }
}

/// What raises a level whatever the total.
fn raises(b: &Book<'_>) -> Vec<String> {
    let form = &b.pack.assessment;
    let level = |id: &str| form.level(id).map_or(id, |l| b.t(&l.title)).to_owned();
    let mut all = Vec::new();
    for rule in &form.dimension_rules {
        let (n, from, level) = (rule.dimensions, points(b, rule.from), level(&rule.level));
        all.push(match b.lang {
            Lang::Zh => format!("有 {n} 个维度达到 {from}：至少{level}"),
            Lang::En => format!("{n} dimension(s) at {from} or more: at least {level}"),
        });
    }
    for rule in &form.overrides {
        let mut signs: Vec<String> = rule.all.iter().map(|sign| sign_words(b, sign)).collect();
        if let Some(label) = rule.label.as_ref().and_then(|id| form.labels.iter().find(|l| l.id == *id)) {
            signs.push(format!("{}{}", b.w("标签：", "label: "), b.t(&label.title)));
        }
        if let Some(indicator) = rule.indicator.as_ref().and_then(|id| b.pack.indicator(id)) {
            signs.push(format!("{}{} {}", b.w("预警：", "alert: "), indicator.id, b.t(&indicator.title)));
        }
        let signs = signs.join(b.w("，并且", ", and "));
        all.push(match b.lang {
            Lang::Zh => format!("{signs}：至少{}", level(&rule.level)),
            Lang::En => format!("{signs}: at least {}", level(&rule.level)),
        });
    }
    for floor in &form.floors {
        let tier = b.pack.programme(&floor.tier).map_or(floor.tier.as_str(), |p| b.t(&p.title));
        all.push(match b.lang {
            Lang::Zh => format!("已经是{tier}的家庭：至少{}", level(&floor.level)),
            Lang::En => format!("{tier}: at least {}", level(&floor.level)),
        });
    }
    all
}

fn sign_words(b: &Book<'_>, sign: &Sign) -> String {
    let Some(item) = b.pack.assessment.item(&sign.item) else { return sign.item.clone() };
    let title = b.t(&item.title);
    match (&sign.choice, sign.at_least) {
        (Some(choice), _) => {
            let choice = item.choice(choice).map_or(choice.as_str(), |c| b.t(&c.title));
            format!("{title}{}{choice}", b.w("：", ": "))
        }
        (None, Some(least)) => match b.lang {
            Lang::Zh => format!("{title}达到 {least} 分"),
            Lang::En => format!("{title} at {least} points or more"),
        },
        (None, None) => title.to_owned(),
    }
}
