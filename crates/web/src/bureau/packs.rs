//! The rules in force: programmes, amounts with basis and date, indicators. Read only.

use crate::{
    Cx, PageResult, View,
    bureau::nav,
    desk::{
        look::{self, Tag},
        nav::NavGroup,
    },
    view::place,
};
use askama::Template;
use tuodi_casework::words::{basis_text, value_text};
use tuodi_pack::Pack;
use tuodi_watch::level_id;

pub struct ProgrammeRow {
    pub title: String,
    pub summary: String,
    pub basis: String,
    pub amount: String,
    pub conditions: Vec<(String, String)>,
}

pub struct ParameterRow {
    pub title: String,
    pub value: String,
    pub place: String,
    pub from: String,
    pub basis: String,
    /// Today's value, not an earlier or a coming one.
    pub in_force: bool,
}

pub struct IndicatorRow {
    pub id: String,
    pub title: String,
    pub reason: String,
    pub severity: Tag,
    pub who: &'static str,
    pub limit: u32,
    pub basis: String,
}

#[derive(Template)]
#[template(path = "bureau/packs.html")]
struct PacksPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    title: String,
    version: String,
    from: String,
    laws: Vec<String>,
    programmes: Vec<ProgrammeRow>,
    parameters: Vec<ParameterRow>,
    indicators: Vec<IndicatorRow>,
}

pub async fn page(cx: Cx) -> PageResult {
    let pack = &cx.state.pack;
    let info = &pack.info;
    cx.page(&PacksPage {
        v: &cx,
        nav: nav(&cx),
        title: cx.text(&info.title).to_owned(),
        version: cx.pack_version.clone(),
        from: match info.effective_to {
            Some(to) => cx.t2("bureau.packs.from_to", cx.full_date(&info.effective_from), cx.full_date(&to)),
            None => cx.t1("bureau.packs.from", cx.full_date(&info.effective_from)),
        },
        laws: info.legal.iter().map(|l| cx.text(&l.title).to_owned()).collect(),
        programmes: programmes(&cx, pack),
        parameters: parameters(&cx, pack),
        indicators: indicators(&cx, pack),
    })
}

fn basis(v: &View, pack: &Pack, basis: &str) -> String {
    v.text(&basis_text(pack, basis)).to_owned()
}

fn programmes(v: &View, pack: &Pack) -> Vec<ProgrammeRow> {
    let row = |p: &tuodi_pack::programme::Programme| ProgrammeRow {
        title: v.text(&p.title).to_owned(),
        summary: v.text(&p.summary).to_owned(),
        basis: basis(v, pack, &p.basis.join("; ")),
        amount: p.amount.as_ref().map(|a| v.text(&a.explain).to_owned()).unwrap_or_default(),
        conditions: p.conditions.iter().map(|c| (v.text(&c.title).to_owned(), basis(v, pack, &c.basis))).collect(),
    };
    pack.programmes.iter().map(row).collect()
}

fn parameters(v: &View, pack: &Pack) -> Vec<ParameterRow> {
    let today = v.today();
    let mut rows = Vec::new();
    for parameter in &pack.parameters.all {
        for value in &parameter.values {
            let now = parameter.value(&value.region, today);
            rows.push(ParameterRow {
                title: v.text(&parameter.title).to_owned(),
                value: v.text(&value_text(value.amount, &parameter.unit)).to_owned(),
                place: place(pack, &value.region, v.lang),
                from: v.full_date(&value.effective),
                basis: basis(v, pack, value.basis.as_deref().unwrap_or(&parameter.basis)),
                in_force: now.is_some_and(|n| n.effective == value.effective && n.region == value.region),
            });
        }
    }
    rows
}

fn indicators(v: &View, pack: &Pack) -> Vec<IndicatorRow> {
    let row = |i: &tuodi_pack::indicator::Indicator| IndicatorRow {
        id: i.id.clone(),
        title: v.text(&i.title).to_owned(),
        reason: v.text(&i.reason).to_owned(),
        severity: look::severity(v, i.severity),
        who: v.t_of("field.level", level_id(i.actor)),
        limit: i.limit_days,
        basis: basis(v, pack, &i.basis),
    };
    pack.indicators.iter().map(row).collect()
}
