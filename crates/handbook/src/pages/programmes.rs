//! Programmes: who can have what, how much, by which way.

use super::{Drawn, Page, around};
use crate::{
    HandbookError,
    book::{Book, Name, ValueRow, programme_url},
};
use askama::Template;
use tuodi_pack::uses::User;
use tuodi_pack::{
    Lang,
    case::WorkedCase,
    programme::{Per, Programme, ProgrammeKind, Publicity},
    words,
};

/// A programme in a list.
pub(super) struct Short {
    pub title: String,
    pub url: String,
    pub about: String,
}

struct Overlap {
    title: String,
    url: String,
    excludes: String,
    difference: String,
}

#[derive(Template)]
#[template(path = "programmes.html")]
struct List<'a> {
    b: &'a Book<'a>,
    page: Page,
    kinds: Vec<(String, Vec<Short>)>,
    overlaps: Vec<Overlap>,
}

struct ConditionView<'a> {
    name: &'a str,
    title: &'a str,
    holds: &'a str,
    fails: &'a str,
    unknown: &'a str,
    change: &'a str,
    basis: String,
    expr: &'a str,
    measure: String,
    line: Option<String>,
    unit: String,
    values: Vec<ValueRow>,
    note: &'a str,
}

struct AmountView<'a> {
    explain: &'a str,
    when: String,
    basis: String,
    expr: &'a str,
    parts: Vec<(&'a str, &'a str)>,
    values: Vec<ValueRow>,
}

struct StageView<'a> {
    title: &'a str,
    role: String,
    limit: String,
    basis: String,
}

#[derive(Template)]
#[template(path = "programme.html")]
struct One<'a> {
    b: &'a Book<'a>,
    page: Page,
    p: &'a Programme,
    kind: String,
    grain: String,
    delivery: Option<String>,
    together: String,
    conditions: Vec<ConditionView<'a>>,
    amount: Option<AmountView<'a>>,
    stages: Vec<StageView<'a>>,
    publicity: String,
    /// Who decides; empty where it is the bureau itself.
    decider: String,
    valid: Option<String>,
    counted: &'static str,
    evidence: Vec<(&'a str, String, String)>,
    excludes: Vec<Name>,
    difference: Vec<Name>,
    basis: String,
    sources: Vec<Name>,
    facts: Vec<Name>,
    cases: Vec<String>,
    around: (Option<Name>, Option<Name>),
}

const KINDS: [ProgrammeKind; 5] =
    [ProgrammeKind::Tier, ProgrammeKind::Status, ProgrammeKind::Benefit, ProgrammeKind::Levy, ProgrammeKind::Measure];

/// Programmes by kind, each kind in decision order.
pub(super) fn by_kind(b: &Book<'_>) -> Vec<(String, Vec<Short>)> {
    let of = |kind| {
        let list = b.pack.programmes.iter().filter(move |p| p.kind == kind);
        list.map(|p| Short {
            title: b.t(&p.title).to_owned(),
            url: programme_url(&p.id),
            about: b.t(&p.summary).to_owned(),
        })
        .collect::<Vec<_>>()
    };
    KINDS
        .into_iter()
        .map(|kind| (b.own(words::programme_kind(kind)), of(kind)))
        .filter(|(_, list)| !list.is_empty())
        .collect()
}

pub(super) fn pages(b: &Book<'_>) -> Result<Vec<Drawn>, HandbookError> {
    if b.pack.programmes.is_empty() {
        return Ok(Vec::new());
    }
    let page = Page::of_menu("programmes.html", b.w("救助项目", "Programmes"));
    let above = page.title.clone();
    let mut pages = vec![(page.path.clone(), List { b, page, kinds: by_kind(b), overlaps: overlaps(b) }.render()?)];
    let ordered: Vec<&Programme> =
        KINDS.into_iter().flat_map(|kind| b.pack.programmes.iter().filter(move |p| p.kind == kind)).collect();
    let names: Vec<Name> =
        ordered.iter().map(|p| Name { title: b.t(&p.title).to_owned(), url: programme_url(&p.id) }).collect();
    for (i, programme) in ordered.into_iter().enumerate() {
        let path = programme_url(&programme.id);
        let page = Page::below("programmes.html", &above, path.clone(), b.t(&programme.title).to_owned());
        pages.push((path, one(b, page, programme, around(&names, i)).render()?));
    }
    Ok(pages)
}

fn named(b: &Book<'_>, ids: &[String]) -> Vec<Name> {
    let known = ids.iter().filter_map(|id| b.pack.programme(id));
    known.map(|p| Name { title: b.t(&p.title).to_owned(), url: programme_url(&p.id) }).collect()
}

/// What a programme names itself and what names it: the relation has two sides.
fn both_sides(b: &Book<'_>, programme: &Programme, of: impl Fn(&Programme) -> &[String]) -> Vec<String> {
    let mut ids: Vec<String> = of(programme).to_vec();
    let others = b.pack.programmes.iter().filter(|p| of(p).contains(&programme.id)).map(|p| p.id.clone());
    ids.extend(others);
    ids.sort();
    ids.dedup();
    ids
}

fn overlaps(b: &Book<'_>) -> Vec<Overlap> {
    let list = |names: Vec<Name>| {
        let titles: Vec<String> = names.into_iter().map(|n| n.title).collect();
        if titles.is_empty() { "—".to_owned() } else { titles.join(b.w("、", ", ")) }
    };
    let rows = b.pack.programmes.iter().map(|p| {
        let excludes = named(b, &both_sides(b, p, |p| &p.excludes));
        let difference = named(b, &both_sides(b, p, |p| &p.difference_with));
        (excludes.is_empty() && difference.is_empty(), p, excludes, difference)
    });
    rows.filter(|(none, ..)| !none)
        .map(|(_, p, excludes, difference)| Overlap {
            title: b.t(&p.title).to_owned(),
            url: programme_url(&p.id),
            excludes: list(excludes),
            difference: list(difference),
        })
        .collect()
}

fn one<'a>(b: &'a Book<'a>, page: Page, p: &'a Programme, around: (Option<Name>, Option<Name>)) -> One<'a> {
    let root = page.root;
    let conditions = p
        .conditions
        .iter()
        .map(|c| ConditionView {
            name: &c.name,
            title: b.t(&c.title),
            holds: b.t(&c.holds),
            fails: b.t(&c.fails),
            unknown: b.t(&c.unknown),
            change: b.t(&c.change),
            basis: b.law(&c.basis, root),
            expr: &c.expr,
            measure: c.measure.as_ref().map(|m| b.formula(m, root)).unwrap_or_default(),
            line: c.line.as_ref().map(|l| b.formula(l, root)),
            unit: b.unit(&c.unit),
            values: b.values_in(
                [Some(&c.expr), c.measure.as_ref(), c.line.as_ref()].into_iter().flatten().map(String::as_str),
            ),
            note: b.note(&c.note),
        })
        .collect();
    let amount = p.amount.as_ref().map(|a| {
        let formulas = std::iter::once(a.expr.as_str()).chain(a.parts.iter().map(|part| part.expr.as_str()));
        AmountView {
            explain: b.t(&a.explain),
            when: match a.per {
                Per::Week => b.w("按周发放。", "Paid every week."),
                Per::Month => b.w("按月发放。", "Paid every month."),
                Per::Year => b.w("按年发放。", "Paid once a year."),
                Per::Once => b.w("一次性发放。", "Paid once."),
            }
            .to_owned(),
            basis: b.law(&a.basis, root),
            expr: &a.expr,
            parts: a.parts.iter().map(|part| (b.t(&part.title), part.expr.as_str())).collect(),
            values: b.values_in(formulas),
        }
    });
    let stages = p
        .stages
        .iter()
        .map(|s| StageView {
            title: b.t(&s.title),
            role: words::role(&s.role).map_or_else(|| s.role.clone(), |r| b.own(r)),
            limit: b.own(words::limit(s.limit_days, s.unit)),
            basis: b.law(&s.basis, root),
        })
        .collect();
    let evidence = p
        .evidence
        .iter()
        .map(|e| {
            let sources = b.sources(e.sources.iter().map(String::as_str));
            let links: Vec<String> =
                sources.iter().map(|s| crate::html::link(&format!("{root}{}", s.url), &s.title)).collect();
            (b.t(&e.title), b.own(words::evidence_by(e.by)), links.join(b.w("、", ", ")))
        })
        .collect();
    let user = User::Programme(&p.id);
    let mut basis: Vec<String> = p.basis.iter().map(|basis| b.law(basis, root)).collect();
    basis.dedup();
    One {
        kind: b.own(words::programme_kind(p.kind)),
        grain: b.own(words::grain(p.grain)),
        delivery: p.delivery.map(|d| b.own(words::delivery(d))),
        together: match p.rollup {
            Some(_) => b.w(
                "家里每个人都符合下面全部条件，这个家庭才算符合。有一条还不清楚，就先弄清楚，不会因此拒绝。",
                "Every member of the household must meet all of these. What is not known is asked; nobody is refused for it.",
            ),
            None => b.w(
                "下面的条件都要符合。有一条还不清楚，就先弄清楚，不会因此拒绝。",
                "All of these must hold. What is not known is asked; nobody is refused for it.",
            ),
        }
        .to_owned(),
        conditions,
        amount,
        stages,
        publicity: match p.publicity {
            Publicity::Village => match b.lang {
                Lang::Zh => format!("在村（社区）公示 {} 天", p.publicity_days),
                Lang::En => format!("{} days at the village board", p.publicity_days),
            },
            Publicity::None => b.w("不公示", "none").to_owned(),
        },
        decider: match b.pack.deciders(p, &b.pack.info.jurisdiction, b.pack.info.effective_from) {
            Some(by_amount) => b.own(by_amount),
            None => b.o(&p.decider).to_owned(),
        },
        valid: p.valid_months.map(|n| match b.lang {
            Lang::Zh => format!("{n} 个月"),
            Lang::En => format!("{n} months"),
        }),
        counted: if p.income_counted { b.w("计入", "yes") } else { b.w("不计入", "no") },
        evidence,
        excludes: named(b, &both_sides(b, p, |p| &p.excludes)),
        difference: named(b, &both_sides(b, p, |p| &p.difference_with)),
        basis: basis.join(b.w("；", "; ")),
        sources: b.sources(b.uses.sources_behind(b.pack, user)),
        facts: b.facts(b.uses.reads.get(&user).into_iter().flatten().copied()),
        cases: b.pack.cases.iter().filter_map(|case| example(b, p, case)).take(12).collect(),
        around,
        b,
        page,
        p,
    }
}

/// A worked case that ends with this programme, in one line.
fn example(b: &Book<'_>, p: &Programme, case: &WorkedCase) -> Option<String> {
    let money = |fen: i64| b.quantity(fen, &b.pack.info.money_unit);
    let title = b.t(&case.title);
    if p.is_tier() && case.expect.tier == p.id {
        let paid = case.expect.monthly;
        return Some(match (paid > 0, b.lang) {
            (true, Lang::Zh) => format!("{title}：每月 {}", money(paid)),
            (true, Lang::En) => format!("{title}: {} a month", money(paid)),
            (false, _) => title.to_owned(),
        });
    }
    let benefit = case.expect.benefits.iter().find(|e| e.programme == p.id)?;
    Some(match benefit.amount {
        0 => title.to_owned(),
        amount => format!("{title}{}{}", b.w("：", ": "), money(amount)),
    })
}
