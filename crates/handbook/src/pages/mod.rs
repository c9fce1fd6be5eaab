//! The pages, one module a part of the pack.

mod assessment;
mod facts;
mod front;
mod indicators;
mod laws;
mod offer;
mod parameters;
mod programmes;
mod sources;

use crate::{
    HandbookError,
    book::{Book, Name},
    entry, formula,
};
use askama::Template;
use tuodi_pack::{Lang, Note, Pack, source::Origin};

/// File name within the language's folder, and the page.
pub(crate) type Drawn = (String, String);

/// What every page says of itself.
pub(crate) struct Page {
    pub title: String,
    /// From the page to its language's folder: empty or `../`.
    pub root: &'static str,
    /// Its own place in that folder.
    pub path: String,
    /// The entry of the menu it belongs to.
    pub section: &'static str,
    /// The page above it.
    pub up: Option<(String, String)>,
}

impl Page {
    /// A page of the menu.
    fn of_menu(section: &'static str, title: impl Into<String>) -> Page {
        Page { title: title.into(), root: "", path: section.to_owned(), section, up: None }
    }

    /// A page of one entry, one folder down.
    fn below(section: &'static str, above: &str, path: String, title: String) -> Page {
        Page { title, root: "../", path, section, up: Some((section.to_owned(), above.to_owned())) }
    }
}

/// One line of the menu.
pub(crate) struct MenuItem {
    pub url: &'static str,
    pub title: &'static str,
    pub count: usize,
    pub about: &'static str,
}

impl Book<'_> {
    pub fn menu(&self) -> Vec<MenuItem> {
        let pack = self.pack;
        let parts = [
            (
                "programmes.html",
                "救助项目",
                "Programmes",
                pack.programmes.len(),
                "谁能享受、能给多少、怎么办",
                "Who can have what, how much, by which way",
            ),
            (
                "services.html",
                "服务清单",
                "Services",
                pack.services.services.len(),
                "除了钱，还能得到哪些帮助",
                "Help other than money",
            ),
            (
                "matters.html",
                "“一件事”事项",
                "Matters",
                pack.services.matters.len(),
                "一次申请，几个部门一起办",
                "One application for several departments",
            ),
            (
                "resources.html",
                "部门资源",
                "Departments' resources",
                pack.services.resources.len(),
                "各部门各自能给什么",
                "What each department can give",
            ),
            (
                "indicators.html",
                "监测指标",
                "Indicators",
                pack.indicators.len(),
                "什么情况会有人上门看看",
                "When somebody will call",
            ),
            (
                "assessment.html",
                "六维评估",
                "Assessment",
                pack.assessment.items.len(),
                "上门问什么、怎么打分分级",
                "What a visit asks, scores and levels",
            ),
            (
                "parameters.html",
                "标准和参数",
                "Standards and figures",
                pack.parameters.all.len(),
                "各地各时期的标准和限额",
                "Standards and limits by place and date",
            ),
            (
                "sources.html",
                "数据来源",
                "Sources",
                pack.sources.len(),
                "用了哪些部门的数据、用来做什么",
                "Which data are used, from whom, for what",
            ),
            (
                "facts.html",
                "事实口径",
                "Facts",
                pack.facts.iter().map(|g| g.facts.len()).sum(),
                "规则里的数是怎么算出来的",
                "How the numbers in the rules are computed",
            ),
            ("laws.html", "法规依据", "Laws", pack.info.legal.len(), "每条规则依据什么", "What every rule rests on"),
        ];
        let mut menu = vec![MenuItem { url: "index.html", title: self.w("首页", "Front page"), count: 0, about: "" }];
        menu.extend(parts.into_iter().filter(|part| part.3 > 0).map(|(url, zh, en, count, about_zh, about_en)| {
            MenuItem {
                url,
                title: if self.lang == Lang::Zh { zh } else { en },
                count,
                about: if self.lang == Lang::Zh { about_zh } else { about_en },
            }
        }));
        menu.push(MenuItem {
            url: "all.html",
            title: self.w("全部条目", "All entries"),
            count: 0,
            about: self.w("一页列出手册里的每一条", "Every entry on one page"),
        });
        menu
    }

    /// Tag and own name of the other languages of the handbook.
    pub fn other_languages(&self) -> Vec<(&'static str, &'static str)> {
        self.languages.iter().filter(|l| **l != self.lang).map(|l| (l.tag(), own_name(*l))).collect()
    }

    pub fn formula(&self, sql: &str, root: &str) -> String {
        formula::in_words(self, sql, root)
    }

    /// Notes are written in one language only.
    /// In this book's language.
    pub fn note<'s>(&self, note: &'s Note) -> &'s str {
        note.get(self.lang)
    }

    pub fn note_is_english(&self, text: &str) -> bool {
        self.lang != Lang::En && text.is_ascii()
    }

    /// Titles and pages of facts, in the order given.
    pub fn facts<'s>(&self, names: impl IntoIterator<Item = &'s str>) -> Vec<Name> {
        names.into_iter().filter_map(|name| self.name(name).cloned()).collect()
    }

    pub fn sources<'s>(&self, ids: impl IntoIterator<Item = &'s str>) -> Vec<Name> {
        let sources = ids.into_iter().filter_map(|id| self.pack.source(id));
        sources
            .map(|s| {
                let owner = self.t(&s.owner);
                let title = match (s.origin, self.lang) {
                    (Origin::Platform, _) => format!("{} {}", s.id, self.t(&s.title)),
                    (Origin::Department, Lang::Zh) => format!("{} {}（{owner}）", s.id, self.t(&s.title)),
                    (Origin::Department, Lang::En) => format!("{} {} ({owner})", s.id, self.t(&s.title)),
                };
                Name { title, url: crate::book::source_url(&s.id) }
            })
            .collect()
    }
}

fn own_name(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "中文",
        Lang::En => "English",
    }
}

/// The entries before and after one.
fn around(names: &[Name], at: usize) -> (Option<Name>, Option<Name>) {
    (at.checked_sub(1).and_then(|i| names.get(i)).cloned(), names.get(at + 1).cloned())
}

/// Every page in one language.
pub(crate) fn all(book: &Book<'_>) -> Result<Vec<Drawn>, HandbookError> {
    let mut pages = vec![front::page(book)?];
    pages.extend(programmes::pages(book)?);
    pages.extend(offer::pages(book)?);
    pages.extend(indicators::pages(book)?);
    pages.extend(assessment::pages(book)?);
    pages.extend(parameters::pages(book)?);
    pages.extend(sources::pages(book)?);
    pages.extend(facts::pages(book)?);
    pages.push(laws::page(book)?);
    pages.push(everything(book)?);
    Ok(pages)
}

#[derive(Template)]
#[template(path = "everything.html")]
struct Everything<'a> {
    b: &'a Book<'a>,
    page: Page,
    kinds: Vec<(String, Vec<entry::Entry>)>,
}

fn everything(b: &Book<'_>) -> Result<Drawn, HandbookError> {
    let mut kinds: Vec<(String, Vec<entry::Entry>)> = Vec::new();
    for entry in entry::all(b) {
        match kinds.iter_mut().find(|(kind, _)| *kind == entry.kind) {
            Some((_, list)) => list.push(entry),
            None => kinds.push((entry.kind.clone(), vec![entry])),
        }
    }
    let page = Page::of_menu("all.html", b.w("全部条目", "All entries"));
    Ok((page.path.clone(), Everything { b, page, kinds }.render()?))
}

#[derive(Template)]
#[template(path = "door.html")]
struct Door {
    title: String,
    first: &'static str,
    languages: Vec<(&'static str, &'static str, String)>,
}

/// The page that leads to the first language and offers the others.
pub(crate) fn door(pack: &Pack, languages: &[Lang]) -> Result<String, HandbookError> {
    let first = languages.first().copied().unwrap_or_default();
    let door = Door {
        title: pack.info.title.get(first).to_owned(),
        first: first.tag(),
        languages: languages.iter().map(|l| (l.tag(), own_name(*l), pack.info.title.get(*l).to_owned())).collect(),
    };
    Ok(door.render()?)
}
