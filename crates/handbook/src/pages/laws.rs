//! Laws: what every rule rests on.

use super::{Drawn, Page};
use crate::{
    HandbookError,
    book::{Book, Name, indicator_url, parameter_url, programme_url, source_url},
};
use askama::Template;

struct LawView<'a> {
    id: &'a str,
    title: &'a str,
    users: Vec<Name>,
}

#[derive(Template)]
#[template(path = "laws.html")]
struct Laws<'a> {
    b: &'a Book<'a>,
    page: Page,
    laws: Vec<LawView<'a>>,
}

pub(super) fn page(b: &Book<'_>) -> Result<Drawn, HandbookError> {
    let page = Page::of_menu("laws.html", b.w("法规依据", "Laws"));
    let cited = cited(b);
    let laws = b
        .pack
        .info
        .legal
        .iter()
        .map(|l| LawView {
            id: &l.id,
            title: b.t(&l.title),
            users: cited.iter().filter(|(law, _)| *law == l.id).map(|(_, name)| name.clone()).collect(),
        })
        .collect();
    Ok((page.path.clone(), Laws { b, page, laws }.render()?))
}

/// Ids of laws with the entries that cite them, each entry once a law.
fn cited(b: &Book<'_>) -> Vec<(String, Name)> {
    let pack = b.pack;
    let mut all: Vec<(String, Name)> = Vec::new();
    let mut put = |bases: Vec<&str>, title: String, url: String| {
        let ids =
            bases.iter().flat_map(|basis| basis.split([';', '；'])).filter_map(|part| part.split_whitespace().next());
        for id in ids {
            if !all.iter().any(|(law, name)| law == id && name.url == url) {
                all.push((id.to_owned(), Name { title: title.clone(), url: url.clone() }));
            }
        }
    };
    for p in &pack.programmes {
        let conditions = p.conditions.iter().map(|c| c.basis.as_str());
        let stages = p.stages.iter().map(|s| s.basis.as_str());
        let amount = p.amount.iter().map(|a| a.basis.as_str());
        let bases = p.basis.iter().map(String::as_str).chain(conditions).chain(stages).chain(amount).collect();
        put(bases, b.t(&p.title).to_owned(), programme_url(&p.id));
    }
    for i in &pack.indicators {
        put(vec![&i.basis], format!("{} {}", i.id, b.t(&i.title)), indicator_url(&i.id));
    }
    put(vec![&pack.assessment.basis], b.w("六维评估", "Assessment").to_owned(), "assessment.html".to_owned());
    for s in &pack.services.services {
        put(vec![&s.basis], format!("{} {}", s.id, b.t(&s.title)), format!("services.html#service-{}", s.id));
    }
    for m in &pack.services.matters {
        put(vec![&m.basis], b.t(&m.title).to_owned(), format!("matters.html#matter-{}", m.id));
    }
    for r in &pack.services.resources {
        put(vec![&r.basis], b.t(&r.title).to_owned(), format!("resources.html#resource-{}", r.id));
    }
    for p in &pack.parameters.all {
        put(vec![&p.basis], b.t(&p.title).to_owned(), parameter_url(&p.id));
    }
    for s in &pack.sources {
        put(vec![&s.basis], format!("{} {}", s.id, b.t(&s.title)), source_url(&s.id));
    }
    all
}
