//! Everything that can be found in the handbook: for the search box and for the page of all entries.

use crate::book::{Book, fact_url, indicator_url, parameter_url, programme_url, source_url};

pub(crate) struct Entry {
    pub title: String,
    /// What it is: a programme, an indicator.
    pub kind: String,
    pub url: String,
    /// Other words it may be looked for by.
    pub also: String,
}

pub(crate) fn all(book: &Book<'_>) -> Vec<Entry> {
    let pack = book.pack;
    let mut all = Vec::new();
    let mut put = |kind: &str, title: String, url: String, also: String| {
        all.push(Entry { title, kind: kind.to_owned(), url, also });
    };
    for p in &pack.programmes {
        let title = book.t(&p.title).to_owned();
        put(book.w("救助项目", "programme"), title, programme_url(&p.id), format!("{} {}", p.id, book.t(&p.summary)));
    }
    for s in &pack.services.services {
        let title = format!("{} {}", s.id, book.t(&s.title));
        let also = format!("{} {}", s.name, book.t(&s.target));
        put(book.w("服务", "service"), title, format!("services.html#service-{}", s.id), also);
    }
    for m in &pack.services.matters {
        let url = format!("matters.html#matter-{}", m.id);
        put(book.w("“一件事”事项", "matter"), book.t(&m.title).to_owned(), url, m.id.clone());
    }
    for r in &pack.services.resources {
        let url = format!("resources.html#resource-{}", r.id);
        let also = format!("{} {}", r.id, book.t(&r.content));
        put(book.w("部门资源", "resource"), book.t(&r.title).to_owned(), url, also);
    }
    for i in &pack.indicators {
        let title = format!("{} {}", i.id, book.t(&i.title));
        put(book.w("监测指标", "indicator"), title, indicator_url(&i.id), format!("{} {}", i.name, book.t(&i.reason)));
    }
    for l in &pack.assessment.labels {
        let url = format!("assessment.html#label-{}", l.id);
        put(book.w("难困标签", "label"), book.t(&l.title).to_owned(), url, l.id.clone());
    }
    for i in &pack.assessment.items {
        let title = format!("{} {}", i.id, book.t(&i.title));
        let url = format!("assessment.html#item-{}", i.id);
        put(book.w("评估项", "assessment item"), title, url, book.t(&i.question).to_owned());
    }
    for p in &pack.parameters.all {
        put(book.w("标准和参数", "figure"), book.t(&p.title).to_owned(), parameter_url(&p.id), p.id.clone());
    }
    for s in &pack.sources {
        let title = format!("{} {}", s.id, book.t(&s.title));
        put(book.w("数据来源", "source"), title, source_url(&s.id), format!("{} {}", s.name, book.t(&s.owner)));
    }
    for group in &pack.facts {
        for f in &group.facts {
            put(book.w("事实", "fact"), book.t(&f.title).to_owned(), fact_url(&group.id, &f.name), f.name.clone());
        }
    }
    for l in &pack.info.legal {
        put(book.w("法规", "law"), book.t(&l.title).to_owned(), format!("laws.html#law-{}", l.id), l.id.clone());
    }
    all
}
