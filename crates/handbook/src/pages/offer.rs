//! Services, matters of the one application, departments' resources.

use super::{Drawn, Page};
use crate::{
    HandbookError,
    book::{Book, Name, programme_url},
};
use askama::Template;
use tuodi_pack::{Lang, Text, services::Service, words};

struct ServiceView<'a> {
    id: &'a str,
    title: &'a str,
    facts: Vec<(&'static str, String)>,
    answers: Vec<Name>,
    expr: &'a str,
    basis: String,
    note: &'a str,
}

struct CategoryView<'a> {
    id: &'a str,
    title: &'a str,
    services: Vec<ServiceView<'a>>,
}

#[derive(Template)]
#[template(path = "services.html")]
struct Services<'a> {
    b: &'a Book<'a>,
    page: Page,
    categories: Vec<CategoryView<'a>>,
}

struct MatterView<'a> {
    id: &'a str,
    title: &'a str,
    facts: Vec<(&'static str, String)>,
    programmes: Vec<Name>,
    trigger: Option<&'a str>,
    basis: String,
    note: &'a str,
}

#[derive(Template)]
#[template(path = "matters.html")]
struct Matters<'a> {
    b: &'a Book<'a>,
    page: Page,
    matters: Vec<MatterView<'a>>,
}

struct ResourceView<'a> {
    id: &'a str,
    title: &'a str,
    content: &'a str,
    facts: Vec<(&'static str, String)>,
    programme: Option<Name>,
    basis: String,
    note: &'a str,
}

struct DepartmentView<'a> {
    id: &'a str,
    title: &'a str,
    resources: Vec<ResourceView<'a>>,
}

#[derive(Template)]
#[template(path = "resources.html")]
struct Resources<'a> {
    b: &'a Book<'a>,
    page: Page,
    departments: Vec<DepartmentView<'a>>,
}

pub(super) fn pages(b: &Book<'_>) -> Result<Vec<Drawn>, HandbookError> {
    let offer = &b.pack.services;
    let mut pages = Vec::new();
    if !offer.services.is_empty() {
        let page = Page::of_menu("services.html", b.w("服务清单", "Services"));
        let categories = offer
            .categories
            .iter()
            .map(|c| CategoryView {
                id: &c.id,
                title: b.t(&c.title),
                services: offer.services.iter().filter(|s| s.category == c.id).map(|s| service(b, s)).collect(),
            })
            .collect();
        pages.push((page.path.clone(), Services { b, page, categories }.render()?));
    }
    if !offer.matters.is_empty() {
        let page = Page::of_menu("matters.html", b.w("“一件事”事项", "Matters"));
        pages.push((page.path.clone(), Matters { b, page, matters: matters(b) }.render()?));
    }
    if !offer.resources.is_empty() {
        let page = Page::of_menu("resources.html", b.w("部门资源", "Departments' resources"));
        pages.push((page.path.clone(), Resources { b, page, departments: departments(b) }.render()?));
    }
    Ok(pages)
}

fn titles<'t>(b: &Book<'_>, all: impl Iterator<Item = &'t Text>) -> String {
    all.map(|t| b.t(t)).collect::<Vec<_>>().join(b.w("、", ", "))
}

fn service<'a>(b: &'a Book<'a>, s: &'a Service) -> ServiceView<'a> {
    let offer = &b.pack.services;
    let mut facts = vec![(b.w("给谁", "For whom"), b.t(&s.target).to_owned())];
    let providers = offer.providers.iter().filter(|p| s.provider.contains(&p.id)).map(|p| &p.title);
    facts.push((b.w("谁提供", "Provided by"), titles(b, providers)));
    facts.push((b.w("单位", "Unit"), b.t(&s.unit).to_owned()));
    if let Some(most) = s.most {
        facts.push((b.w("最高金额", "At most"), b.quantity(most, &b.pack.info.money_unit)));
    }
    facts.push((b.w("频次", "How often"), b.t(&s.frequency).to_owned()));
    if let Some(hours) = s.within_hours {
        let text = match b.lang {
            Lang::Zh => format!("{hours} 小时内开始"),
            Lang::En => format!("begins within {hours} hours"),
        };
        facts.push((b.w("急", "Urgent"), text));
    }
    facts.push((b.w("能力按什么算", "Capacity counted by"), b.t(&s.capacity).to_owned()));
    let funding = offer.fundings.iter().filter(|f| s.funding.contains(&f.id)).map(|f| &f.title);
    facts.push((b.w("钱从哪来", "Funded by"), titles(b, funding)));
    if s.check_required {
        facts.push((
            b.w("人员要求", "Workers"),
            b.w("和未成年人接触的人员要先查从业禁止", "must have a background check for work with minors").to_owned(),
        ));
    }
    facts.retain(|(_, value)| !value.is_empty());
    ServiceView {
        id: &s.id,
        title: b.t(&s.title),
        facts,
        answers: s.answers.iter().filter_map(|need| need_name(b, need)).collect(),
        expr: &s.expr,
        basis: b.law(&s.basis, ""),
        note: b.note(&s.note),
    }
}

/// `label:medical_burden` by its title and place.
fn need_name(b: &Book<'_>, need: &str) -> Option<Name> {
    let (kind, id) = need.split_once(':')?;
    match kind {
        "label" => b.name(&format!("label_{id}")).cloned(),
        "indicator" => {
            let i = b.pack.indicator(id)?;
            Some(Name { title: format!("{id} {}", b.t(&i.title)), url: crate::book::indicator_url(id) })
        }
        "item" => {
            let i = b.pack.assessment.item(id)?;
            Some(Name { title: format!("{id} {}", b.t(&i.title)), url: format!("assessment.html#item-{id}") })
        }
        "programme" => programme(b, id),
        _ => None,
    }
}

fn programme(b: &Book<'_>, id: &str) -> Option<Name> {
    b.pack.programme(id).map(|p| Name { title: b.t(&p.title).to_owned(), url: programme_url(id) })
}

fn department(b: &Book<'_>, id: &str) -> String {
    let known = b.pack.services.departments.iter().find(|d| d.id == id);
    known.map_or(id, |d| b.t(&d.title)).to_owned()
}

fn matters<'a>(b: &'a Book<'a>) -> Vec<MatterView<'a>> {
    let view = |m: &'a tuodi_pack::services::Matter| {
        let mut facts = vec![(b.w("部门", "Department"), department(b, &m.department))];
        if !m.with.is_empty() {
            let with: Vec<String> = m.with.iter().map(|d| department(b, d)).collect();
            facts.push((b.w("配合部门", "Together with"), with.join(b.w("、", ", "))));
        }
        facts.push((b.w("怎样算同意", "Consent"), b.own(words::consent(m.consent))));
        let days = |n: u32| b.own(words::limit(n, tuodi_pack::programme::LimitUnit::Working));
        facts.push((b.w("答复时限", "Answer within"), days(m.due_days)));
        if let Some(urgent) = m.urgent_days {
            facts.push((b.w("紧急时", "In an emergency"), days(urgent)));
        }
        MatterView {
            id: &m.id,
            title: b.t(&m.title),
            facts,
            programmes: m.programmes.iter().filter_map(|id| programme(b, id)).collect(),
            trigger: m.trigger.as_deref(),
            basis: b.law(&m.basis, ""),
            note: b.note(&m.note),
        }
    };
    b.pack.services.matters.iter().map(view).collect()
}

fn departments<'a>(b: &'a Book<'a>) -> Vec<DepartmentView<'a>> {
    let all = &b.pack.services;
    let view = |r: &'a tuodi_pack::services::Resource| {
        let tiers: Vec<String> = r.tiers.iter().filter_map(|id| programme(b, id)).map(|n| n.title).collect();
        let labels = b.pack.assessment.labels.iter().filter(|l| r.labels.contains(&l.id)).map(|l| &l.title);
        let mut facts = vec![
            (b.w("对象类别", "For tiers"), tiers.join(b.w("、", ", "))),
            (b.w("对象标签", "For labels"), titles(b, labels)),
            (b.w("标准", "Amount"), b.o(&r.amount).to_owned()),
            (b.w("渠道", "Channel"), b.o(&r.channel).to_owned()),
            (b.w("材料", "Documents"), b.o(&r.documents).to_owned()),
            (b.w("找谁问", "Whom to ask"), r.contact.map(|l| b.own(words::level(l))).unwrap_or_default()),
            (b.w("有效期", "Valid"), b.o(&r.valid).to_owned()),
            (b.w("名额", "Quota"), r.quota.map(|n| n.to_string()).unwrap_or_default()),
        ];
        facts.retain(|(_, value)| !value.is_empty());
        ResourceView {
            id: &r.id,
            title: b.t(&r.title),
            content: b.t(&r.content),
            facts,
            programme: r.programme.as_ref().and_then(|id| programme(b, id)),
            basis: b.law(&r.basis, ""),
            note: b.note(&r.note),
        }
    };
    let of = |id: &str| all.resources.iter().filter(|r| r.department == id).map(view).collect::<Vec<_>>();
    let departments =
        all.departments.iter().map(|d| DepartmentView { id: &d.id, title: b.t(&d.title), resources: of(&d.id) });
    departments.filter(|d| !d.resources.is_empty()).collect()
}
