//! A pack in one language: titles, addresses of pages, words, citations.

use crate::html::{escape, link};
use std::collections::BTreeMap;
use tuodi_pack::uses::{User, Uses};
use tuodi_pack::{Lang, Pack, Text, parameter::Parameter, words};

/// What a formula may name: its title and its place in the handbook.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    pub title: String,
    /// From the language's own folder.
    pub url: String,
}

pub(crate) struct Book<'p> {
    pub pack: &'p Pack,
    pub lang: Lang,
    pub uses: Uses<'p>,
    /// Languages that the handbook is written in.
    pub languages: Vec<Lang>,
    /// The site that serves it, where one does.
    pub home: Option<String>,
    names: BTreeMap<String, Name>,
}

/// One value of a parameter.
pub(crate) struct ValueRow {
    pub title: String,
    pub url: String,
    pub place: String,
    pub from: String,
    pub amount: String,
}

impl<'p> Book<'p> {
    pub fn new(pack: &'p Pack, lang: Lang, languages: &[Lang], home: Option<&str>) -> Book<'p> {
        let mut book = Book {
            pack,
            lang,
            uses: Uses::of(pack),
            languages: languages.to_vec(),
            home: home.map(str::to_owned),
            names: BTreeMap::new(),
        };
        book.names = book.all_names();
        book
    }

    /// One of two words, by the language of the book.
    pub fn w<'w>(&self, zh: &'w str, en: &'w str) -> &'w str {
        if self.lang == Lang::Zh { zh } else { en }
    }

    pub fn t<'w>(&self, text: &'w Text) -> &'w str {
        text.get(self.lang)
    }

    /// An optional text; empty where there is none.
    pub fn o<'w>(&self, text: &'w Option<Text>) -> &'w str {
        text.as_ref().map_or("", |t| t.get(self.lang))
    }

    /// A text whose languages are both at hand.
    pub fn own(&self, text: Text) -> String {
        text.get(self.lang).to_owned()
    }

    pub fn name(&self, token: &str) -> Option<&Name> {
        // SQL folds names to lower case.
        self.names.get(token).or_else(|| self.names.get(&token.to_lowercase()))
    }

    fn all_names(&self) -> BTreeMap<String, Name> {
        let mut names = BTreeMap::new();
        let mut put = |key: String, title: String, url: String| {
            names.entry(key.to_lowercase()).or_insert_with(|| Name { title: title.clone(), url: url.clone() });
            names.entry(key).or_insert(Name { title, url });
        };
        for group in &self.pack.facts {
            for fact in &group.facts {
                put(fact.name.clone(), self.t(&fact.title).to_owned(), fact_url(&group.id, &fact.name));
            }
        }
        for parameter in &self.pack.parameters.all {
            put(format!("${}", parameter.id), self.t(&parameter.title).to_owned(), parameter_url(&parameter.id));
        }
        put("tier".to_owned(), self.w("对象类别", "tier").to_owned(), "programmes.html".to_owned());
        for programme in &self.pack.programmes {
            let (title, url) = (self.t(&programme.title), programme_url(&programme.id));
            let said = |zh: &str, en: &str| match self.lang {
                Lang::Zh => format!("{title}{zh}"),
                Lang::En => format!("{title}: {en}"),
            };
            for (end, zh, en) in [
                ("holds", "（符合）", "holds"),
                ("amount", "（金额）", "amount"),
                ("members", "（家中符合人数）", "members who meet it"),
                ("total", "（全家合计金额）", "sum for the household"),
            ] {
                put(format!("{}_{end}", programme.id), said(zh, en), url.clone());
            }
        }
        for indicator in &self.pack.indicators {
            let title = format!("{}{} {}", self.w("预警 ", "alert "), indicator.id, self.t(&indicator.title));
            put(format!("alert_{}", indicator.id), title, indicator_url(&indicator.id));
        }
        for label in &self.pack.assessment.labels {
            let title = format!("{}{}", self.w("标签 ", "label "), self.t(&label.title));
            put(format!("label_{}", label.id), title, format!("assessment.html#label-{}", label.id));
        }
        names
    }

    /// A text in quotation marks: a programme's id by its title, others as they stand.
    pub fn quoted(&self, token: &str) -> String {
        let code = token.trim_matches('\'');
        if code == "none" {
            return self.w("无", "none").to_owned();
        }
        if let Some(programme) = self.pack.programme(code) {
            return self.t(&programme.title).to_owned();
        }
        if let Some(level) = self.pack.assessment.level(code) {
            return self.t(&level.title).to_owned();
        }
        match tuodi_pack::indicator::Severity::from_word(code) {
            Some(severity) => self.own(words::severity(severity)),
            None => code.to_owned(),
        }
    }

    /// Citations in words, each with a link to the page of laws: `DB57 art.8; IM art.9`.
    pub fn law(&self, basis: &str, root: &str) -> String {
        let parts: Vec<String> = basis
            .split([';', '；'])
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| {
                let (id, place) = part.split_once(' ').unwrap_or((part, ""));
                match self.pack.info.legal.iter().find(|l| l.id == id) {
                    Some(law) => {
                        link(&format!("{root}laws.html#law-{id}"), &self.cited(self.t(&law.title), place.trim()))
                    }
                    None => escape(part),
                }
            })
            .collect();
        parts.join(self.w("；", "; "))
    }

    fn cited(&self, title: &str, place: &str) -> String {
        if self.lang == Lang::En {
            return if place.is_empty() { title.to_owned() } else { format!("{title}, {place}") };
        }
        let title = if title.starts_with('《') { title.to_owned() } else { format!("《{title}》") };
        let article = |n: &str| if n.is_empty() { String::new() } else { format!("第{n}条") };
        match (place.strip_prefix("art."), place.strip_prefix("ch.")) {
            (_, Some(chapter)) => format!("{title}第{}章", chapter.trim()),
            (Some(articles), _) => {
                let list: Vec<String> = articles.split(',').map(|n| article(n.trim())).collect();
                format!("{title}{}", list.join("、"))
            }
            (None, None) => match place.strip_prefix("para.") {
                Some(paragraph) => format!("{title}第{}项", paragraph.trim()),
                None => format!("{title}{place}"),
            },
        }
    }

    pub fn quantity(&self, value: i64, unit: &str) -> String {
        words::quantity(&self.pack.info, value, unit, self.lang)
    }

    pub fn unit(&self, unit: &str) -> String {
        words::unit(&self.pack.info, unit, self.lang)
    }

    pub fn values(&self, parameter: &Parameter) -> Vec<ValueRow> {
        let mut rows: Vec<ValueRow> = parameter
            .values
            .iter()
            .map(|v| ValueRow {
                title: self.t(&parameter.title).to_owned(),
                url: parameter_url(&parameter.id),
                place: self.pack.regions.get(&v.region).map_or(v.region.clone(), |r| self.t(&r.name).to_owned()),
                from: v.effective.to_string(),
                amount: self.quantity(v.amount, &parameter.unit),
            })
            .collect();
        rows.sort_by(|a, b| (&a.place, &a.from).cmp(&(&b.place, &b.from)));
        rows
    }

    /// Every value of the parameters that some formulas name.
    pub fn values_in<'s>(&self, formulas: impl Iterator<Item = &'s str>) -> Vec<ValueRow> {
        let mut names: Vec<String> = Vec::new();
        for formula in formulas {
            for name in tuodi_pack::uses::parameters_in(formula) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names.iter().filter_map(|name| self.pack.parameters.get(name)).flat_map(|p| self.values(p)).collect()
    }

    /// Who reads something, by the user's own title and page.
    pub fn user(&self, user: User<'_>) -> Option<Name> {
        let pack = self.pack;
        let coded = |id: &str, title: &Text| format!("{id} {}", self.t(title));
        Some(match user {
            User::Programme(id) => {
                Name { title: self.t(&pack.programme(id)?.title).to_owned(), url: programme_url(id) }
            }
            User::Indicator(id) => Name { title: coded(id, &pack.indicator(id)?.title), url: indicator_url(id) },
            User::Label(id) => {
                let label = pack.assessment.labels.iter().find(|l| l.id == id)?;
                let title = format!("{}{}", self.w("标签：", "label: "), self.t(&label.title));
                Name { title, url: format!("assessment.html#label-{id}") }
            }
            User::Service(id) => Name {
                title: format!("{}{}", self.w("服务：", "service: "), coded(id, &pack.services.service(id)?.title)),
                url: format!("services.html#service-{id}"),
            },
            User::Matter(id) => Name {
                title: format!("{}{}", self.w("事项：", "matter: "), self.t(&pack.services.matter(id)?.title)),
                url: format!("matters.html#matter-{id}"),
            },
            User::Group(id) => {
                Name { title: format!("{}{id}", self.w("事实组 ", "facts: ")), url: format!("facts/{id}.html") }
            }
        })
    }
}

pub(crate) fn programme_url(id: &str) -> String {
    format!("programmes/{id}.html")
}

pub(crate) fn indicator_url(id: &str) -> String {
    format!("indicators/{id}.html")
}

pub(crate) fn source_url(id: &str) -> String {
    format!("sources/{id}.html")
}

pub(crate) fn fact_url(group: &str, fact: &str) -> String {
    format!("facts/{group}.html#{fact}")
}

pub(crate) fn parameter_url(id: &str) -> String {
    format!("parameters.html#{id}")
}
