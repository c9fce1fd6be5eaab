//! What help there is, from the pack: who decides, conditions, amount, evidence, how long, by what law.

use crate::{Cx, PageResult, View, WebError, public::cite, view::place};
use askama::Template;
use axum::extract::Path;
use chrono::NaiveDate;
use std::collections::BTreeMap;
use tuodi_pack::{
    Pack,
    explain::{MatterWords, Teller, Voice},
    parameter::Parameter,
    programme::{Delivery, EvidenceBy, LimitUnit, Programme, ProgrammeKind, Publicity},
    words,
};

pub struct Group<'a> {
    pub title: &'static str,
    pub lead: &'static str,
    pub programmes: Vec<&'a Programme>,
}

#[derive(Template)]
#[template(path = "public/programmes.html")]
pub struct ProgrammesPage<'a> {
    pub v: &'a View,
    pub groups: Vec<Group<'a>>,
}

/// One condition in the citizen's words.
pub struct ConditionLine<'a> {
    pub title: &'a str,
    pub change: &'a str,
    pub law: String,
}

pub struct StageLine<'a> {
    pub title: &'a str,
    pub who: String,
    pub limit: String,
}

/// An amount of the pack that the programme's rules mention, as it stands today.
pub struct StandardLine<'a> {
    pub title: &'a str,
    /// By place: amount, place, since when.
    pub amounts: Vec<(String, String, String)>,
    pub law: String,
}

/// Evidence of one origin.
pub struct EvidenceGroup {
    pub title: &'static str,
    /// What, and who has it where that is a department.
    pub items: Vec<(String, String)>,
}

/// A link to another programme.
pub struct Other<'a> {
    pub href: String,
    pub title: &'a str,
}

#[derive(Template)]
#[template(path = "public/programme.html")]
pub struct ProgrammePage<'a> {
    pub v: &'a View,
    pub programme: &'a Programme,
    pub decider: String,
    pub delivery: String,
    pub conditions: Vec<ConditionLine<'a>>,
    pub per: String,
    pub parts: Vec<&'a str>,
    pub standards: Vec<StandardLine<'a>>,
    pub evidence: Vec<EvidenceGroup>,
    pub stages: Vec<StageLine<'a>>,
    pub excludes: Vec<Other<'a>>,
    pub difference_with: Vec<Other<'a>>,
    pub matters: Vec<MatterWords>,
    pub laws: Vec<String>,
    pub publicity: bool,
    pub applied_for: bool,
    pub automatic: bool,
}

/// Programmes that the public meets: figures worked out for offices are none.
fn is_public(programme: &Programme) -> bool {
    programme.kind != ProgrammeKind::Measure
}

/// Where a programme stands in the list: by what it says of a household, and how it comes.
fn group_of(programme: &Programme) -> &'static str {
    match (programme.kind, programme.delivery) {
        (ProgrammeKind::Tier | ProgrammeKind::Status, _) => "recognition",
        (ProgrammeKind::Levy, _) => "levy",
        (_, Some(Delivery::Automatic)) => "automatic",
        (_, Some(Delivery::Matter)) => "matter",
        _ => "application",
    }
}

pub async fn list(cx: Cx) -> PageResult {
    let groups = ["recognition", "automatic", "matter", "application", "levy"].into_iter().map(|id| Group {
        title: cx.t_of("public.programmes.group", id),
        lead: cx.t_of("public.programmes.group_lead", id),
        programmes: cx.state.pack.programmes.iter().filter(|p| is_public(p) && group_of(p) == id).collect(),
    });
    cx.page(&ProgrammesPage { v: &cx, groups: groups.filter(|g| !g.programmes.is_empty()).collect() })
}

pub async fn one(cx: Cx, Path(id): Path<String>) -> PageResult {
    let programme = cx.state.pack.programme(&id).filter(|p| is_public(p)).ok_or(WebError::NotFound)?;
    cx.page(&describe(&cx, &cx.state.pack, programme))
}

pub fn describe<'a>(v: &'a View, pack: &'a Pack, programme: &'a Programme) -> ProgrammePage<'a> {
    let limit = |days: u32, unit: LimitUnit| match unit {
        LimitUnit::Working => v.tn("public.programme.working_days", days),
        LimitUnit::Calendar => v.tn("public.programme.days", days),
    };
    let who = |role: &str| words::role(role).map(|r| v.text(&r).to_owned()).unwrap_or_default();
    let others = |ids: &[String]| -> Vec<Other<'a>> {
        let found = ids.iter().filter_map(|id| pack.programme(id)).filter(|p| is_public(p));
        found.map(|p| Other { href: format!("/public/programmes/{}", p.id), title: v.text(&p.title) }).collect()
    };
    let names = BTreeMap::new();
    let teller = Teller { pack, lang: v.lang, voice: Voice::Citizen(None), names: &names };
    let amount = programme.amount.as_ref();
    ProgrammePage {
        v,
        programme,
        decider: match pack.deciders(programme, &pack.info.jurisdiction, v.today()) {
            Some(by_amount) => v.text(&by_amount).to_owned(),
            None => programme.decider.as_ref().map_or(v.bureau(), |d| v.text(d)).to_owned(),
        },
        delivery: teller.delivery(programme.delivery),
        conditions: (programme.conditions.iter().filter(|c| c.in_force(v.today())))
            .map(|c| ConditionLine {
                title: v.text(&c.title),
                change: v.text(&c.change),
                law: cite(pack, &c.basis, v.lang),
            })
            .collect(),
        per: amount.map(|a| v.text(&words::per(a.per)).to_owned()).unwrap_or_default(),
        parts: amount.iter().flat_map(|a| &a.parts).map(|p| v.text(&p.title)).collect(),
        standards: standards(v, pack, programme, v.today()),
        evidence: evidence(v, pack, programme),
        stages: (programme.stages.iter())
            .map(|s| StageLine { title: v.text(&s.title), who: who(&s.role), limit: limit(s.limit_days, s.unit) })
            .collect(),
        excludes: others(&programme.excludes),
        difference_with: others(&programme.difference_with),
        matters: (pack.services.matters.iter().filter(|m| m.programmes.contains(&programme.id)))
            .map(|m| teller.matter(m))
            .collect(),
        laws: programme.basis.iter().map(|b| cite(pack, b, v.lang)).collect(),
        publicity: programme.publicity == Publicity::Village,
        applied_for: programme.delivery == Some(Delivery::Application),
        automatic: programme.delivery == Some(Delivery::Automatic),
    }
}

/// Who brings what: what the family brings first, then what we fetch ourselves.
fn evidence(v: &View, pack: &Pack, programme: &Programme) -> Vec<EvidenceGroup> {
    let groups = [
        (EvidenceBy::Applicant, "public.programme.evidence.applicant"),
        (EvidenceBy::Source, "public.programme.evidence.source"),
        (EvidenceBy::Survey, "public.programme.evidence.survey"),
        (EvidenceBy::File, "public.programme.evidence.file"),
    ];
    let owners = |sources: &[String]| {
        let mut owners: Vec<&str> = sources.iter().filter_map(|id| pack.source(id)).map(|s| v.text(&s.owner)).collect();
        owners.dedup();
        owners.join(v.t("public.comma"))
    };
    let group = |(by, key): (EvidenceBy, &str)| EvidenceGroup {
        title: v.t(key),
        items: (programme.evidence.iter().filter(|e| e.by == by))
            .map(|e| (v.text(&e.title).to_owned(), owners(&e.sources)))
            .collect(),
    };
    groups.into_iter().map(group).filter(|g| !g.items.is_empty()).collect()
}

/// Money parameters named in the programme's expressions or in those of the facts it reads directly.
fn standards<'a>(v: &View, pack: &'a Pack, programme: &Programme, today: NaiveDate) -> Vec<StandardLine<'a>> {
    let mut texts = String::new();
    for condition in &programme.conditions {
        for text in [Some(&condition.expr), condition.line.as_ref()].into_iter().flatten() {
            texts.push_str(text);
            texts.push(' ');
        }
    }
    if let Some(amount) = &programme.amount {
        texts.push_str(&amount.expr);
        for part in &amount.parts {
            texts.push(' ');
            texts.push_str(&part.expr);
        }
    }
    let names: Vec<&str> = texts.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).collect();
    let mentioned = |id: &str| {
        // A fact may carry the parameter under its name without the area: `dibao_standard` for `dibao_standard_urban`.
        let stem = id.trim_end_matches("_urban").trim_end_matches("_rural");
        names.iter().any(|n| n.trim_start_matches('$') == id || n.trim_start_matches('$') == stem)
    };
    let money = pack.parameters.all.iter().filter(|p| p.unit.starts_with(&pack.info.money_unit) && mentioned(&p.id));
    money
        .filter_map(|p| {
            let amounts = by_place(v, pack, p, today);
            let basis = p.value(&pack.info.jurisdiction, today).and_then(|x| x.basis.as_deref()).unwrap_or(&p.basis);
            let law = cite(pack, basis, v.lang);
            (!amounts.is_empty()).then(|| StandardLine { title: p.title.get(v.lang), amounts, law })
        })
        .collect()
}

/// What holds today in each place that has a value of its own.
fn by_place(v: &View, pack: &Pack, parameter: &Parameter, today: NaiveDate) -> Vec<(String, String, String)> {
    let mut newest: BTreeMap<&str, (NaiveDate, i64)> = BTreeMap::new();
    for value in parameter.values.iter().filter(|x| x.effective <= today) {
        let held = newest.entry(&value.region).or_insert((value.effective, value.amount));
        if value.effective >= held.0 {
            *held = (value.effective, value.amount);
        }
    }
    let line = |(region, (since, amount)): (&str, (NaiveDate, i64))| {
        let amount = words::quantity(&pack.info, amount, &parameter.unit, v.lang);
        (amount, place(pack, region, v.lang), v.t1("public.programme.since", v.full_date(&since)))
    };
    newest.into_iter().map(line).collect()
}
