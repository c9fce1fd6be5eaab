//! Sources: which data, from whom, for what.

use super::{Drawn, Page, around};
use crate::{
    HandbookError,
    book::{Book, Name, source_url},
};
use askama::Template;
use tuodi_pack::uses::User;
use tuodi_pack::{
    Text,
    source::{Column, ColumnType, Origin, Source, Supersede},
    words,
};

struct Row {
    url: String,
    title: String,
    owner: String,
    frequency: String,
    sensitivity: String,
    users: usize,
}

#[derive(Template)]
#[template(path = "sources.html")]
struct List<'a> {
    b: &'a Book<'a>,
    page: Page,
    parts: Vec<(&'static str, Vec<Row>)>,
}

struct ColumnView<'a> {
    title: &'a str,
    name: &'a str,
    kind: String,
    null: &'static str,
    about: String,
}

#[derive(Template)]
#[template(path = "source.html")]
struct One<'a> {
    b: &'a Book<'a>,
    page: Page,
    s: &'a Source,
    about: Vec<(&'static str, String)>,
    basis: String,
    users: Vec<Name>,
    groups: Vec<Name>,
    columns: Vec<ColumnView<'a>>,
    around: (Option<Name>, Option<Name>),
}

pub(super) fn pages(b: &Book<'_>) -> Result<Vec<Drawn>, HandbookError> {
    if b.pack.sources.is_empty() {
        return Ok(Vec::new());
    }
    let page = Page::of_menu("sources.html", b.w("数据来源", "Sources"));
    let above = page.title.clone();
    let rows = |origin| -> Vec<Row> {
        let of = b.pack.sources.iter().filter(|s| s.origin == origin);
        of.map(|s| Row {
            url: source_url(&s.id),
            title: format!("{} {}", s.id, b.t(&s.title)),
            owner: b.t(&s.owner).to_owned(),
            frequency: b.own(words::frequency(&s.frequency)),
            sensitivity: s.sensitivity.clone(),
            users: b.uses.resting_on(b.pack, &s.id).len(),
        })
        .collect()
    };
    let mut parts = vec![
        (b.w("部门的数据", "From departments"), rows(Origin::Department)),
        (b.w("系统自己记下的", "Written by the platform itself"), rows(Origin::Platform)),
    ];
    parts.retain(|(_, rows)| !rows.is_empty());
    let mut pages = vec![(page.path.clone(), List { b, page, parts }.render()?)];
    let names: Vec<Name> = b
        .pack
        .sources
        .iter()
        .map(|s| Name { title: format!("{} {}", s.id, b.t(&s.title)), url: source_url(&s.id) })
        .collect();
    for (i, source) in b.pack.sources.iter().enumerate() {
        let path = source_url(&source.id);
        let page = Page::below("sources.html", &above, path.clone(), names[i].title.clone());
        pages.push((path, one(b, page, source, around(&names, i)).render()?));
    }
    Ok(pages)
}

fn one<'a>(b: &'a Book<'a>, page: Page, s: &'a Source, around: (Option<Name>, Option<Name>)) -> One<'a> {
    let about = vec![
        (b.w("提供部门", "Supplied by"), b.t(&s.owner).to_owned()),
        (b.w("一行是", "A row is"), b.t(&s.grain).to_owned()),
        (b.w("频率", "How often"), b.own(words::frequency(&s.frequency))),
        (
            b.w("新批次", "A new batch"),
            match s.supersede {
                Supersede::Append => b.w("加在旧的后面", "adds to the older ones"),
                Supersede::Replace => b.w("替换旧的", "takes the place of the older ones"),
            }
            .to_owned(),
        ),
        (b.w("敏感级别", "Sensitivity"), s.sensitivity.clone()),
        (b.w("主键", "Key"), s.key.join(", ")),
        (b.w("SQL 表名", "Table in SQL"), s.name.clone()),
        (b.w("合同版本", "Contract version"), s.version.to_string()),
    ];
    let mut about = about;
    if let Some(contact) = &s.contact {
        about.push((b.w("联系岗位", "Contact"), format!("{} {}", b.t(&contact.desk), contact.phone)));
    }
    if let Some(promise) = s.promise {
        let (days, quality) = (promise.lag_days, promise.quality);
        about.push((
            b.w("承诺", "Promised"),
            b.own(Text::new(
                format!("期末后{days}天内送达，质量不低于{quality}%"),
                format!("within {days} days after its period, quality at least {quality} %"),
            )),
        ));
    }
    let agreements = s.agreements.iter().map(|a| (b.w("共享协议", "Agreement"), b.own(words::agreement(a))));
    about.extend(agreements);
    let groups = b.uses.sources.iter().filter(|(_, sources)| sources.contains(s.id.as_str()));
    One {
        about,
        basis: b.law(&s.basis, page.root),
        users: b.uses.resting_on(b.pack, &s.id).into_iter().filter_map(|u| b.user(u)).collect(),
        groups: groups.filter_map(|(group, _)| b.user(User::Group(group))).collect(),
        columns: s.columns.iter().map(|c| column(b, c)).collect(),
        around,
        b,
        page,
        s,
    }
}

fn column<'a>(b: &'a Book<'a>, c: &'a Column) -> ColumnView<'a> {
    let mut about = Vec::new();
    if !c.codes.is_empty() {
        let codes: Vec<String> = c
            .codes
            .iter()
            .map(|(code, spellings)| match spellings.first() {
                Some(first) => format!("{code} = {first}"),
                None => code.clone(),
            })
            .collect();
        about.push(codes.join(b.w("；", "; ")));
    }
    if c.kind == ColumnType::Money {
        about.push(b.unit(&c.unit));
    } else if !c.unit.is_empty() {
        about.push(c.unit.clone());
    }
    if c.pool_name().is_none() {
        about.push(
            if c.kind == ColumnType::Ignore {
                b.w("不保存", "kept nowhere")
            } else {
                b.w("只进保险库，计算时看不到", "to the vault only; the computation never sees it")
            }
            .to_owned(),
        );
    }
    if c.kind == ColumnType::IdNo {
        about.push(
            b.w("换成内部编号，号码只进保险库", "replaced by an internal number; the number itself goes to the vault")
                .to_owned(),
        );
    }
    ColumnView {
        title: b.t(&c.title),
        name: &c.name,
        kind: kind(b, c.kind).to_owned(),
        null: if c.null { b.w("是", "yes") } else { b.w("否", "no") },
        about: about.join(b.w("。", ". ")),
    }
}

fn kind<'b>(b: &'b Book<'_>, kind: ColumnType) -> &'b str {
    match kind {
        ColumnType::IdNo => b.w("身份号码", "citizen number"),
        ColumnType::HouseholdNo => b.w("户号", "household number"),
        ColumnType::Name => b.w("姓名", "name"),
        ColumnType::Address => b.w("住址", "address"),
        ColumnType::Phone => b.w("电话", "phone"),
        ColumnType::Token => b.w("编号", "number"),
        ColumnType::Money => b.w("金额", "money"),
        ColumnType::Int => b.w("整数", "whole number"),
        ColumnType::Date => b.w("日期", "date"),
        ColumnType::Month => b.w("月份", "month"),
        ColumnType::Datetime => b.w("时间", "date and time"),
        ColumnType::Decimal => b.w("小数", "decimal"),
        ColumnType::Bool => b.w("是否", "yes or no"),
        ColumnType::Enum => b.w("代码", "one of a list"),
        ColumnType::Str => b.w("文字", "text"),
        ColumnType::Region => b.w("行政区划", "region"),
        ColumnType::Code => b.w("编码", "code"),
        ColumnType::Ignore => b.w("不收", "not taken"),
    }
}
