//! What help there is, from the pack: conditions, amount, how long, by what law.

use crate::{Cx, PageResult, View, WebError, public::cite};
use askama::Template;
use axum::extract::Path;
use chrono::NaiveDate;
use tuodi_pack::{
    Pack,
    programme::{LimitUnit, Programme, Publicity},
};

/// The way an application takes when nothing is missing and nobody objects.
const USUAL_STAGES: &[&str] =
    &["submitted", "accepted", "checking", "surveying", "reviewed", "publicised", "confirming", "approved"];

#[derive(Template)]
#[template(path = "public/programmes.html")]
pub struct ProgrammesPage<'a> {
    pub v: &'a View,
    pub programmes: &'a [Programme],
}

/// One condition in the citizen's words.
pub struct ConditionLine<'a> {
    pub title: &'a str,
    pub change: &'a str,
    pub law: String,
}

pub struct StageLine<'a> {
    pub title: &'a str,
    pub limit: String,
}

/// An amount of the pack that the programme's rules mention, as it stands today.
pub struct StandardLine<'a> {
    pub title: &'a str,
    pub amount: String,
    pub law: String,
}

#[derive(Template)]
#[template(path = "public/programme.html")]
pub struct ProgrammePage<'a> {
    pub v: &'a View,
    pub programme: &'a Programme,
    pub conditions: Vec<ConditionLine<'a>>,
    pub standards: Vec<StandardLine<'a>>,
    pub stages: Vec<StageLine<'a>>,
    pub laws: Vec<String>,
    pub publicity: bool,
}

pub async fn list(cx: Cx) -> PageResult {
    cx.page(&ProgrammesPage { v: &cx, programmes: &cx.state.pack.programmes })
}

pub async fn one(cx: Cx, Path(id): Path<String>) -> PageResult {
    let programme = cx.state.pack.programme(&id).ok_or(WebError::NotFound)?;
    cx.page(&describe(&cx, &cx.state.pack, programme))
}

pub fn describe<'a>(v: &'a View, pack: &'a Pack, programme: &'a Programme) -> ProgrammePage<'a> {
    let limit = |days: u32, unit: LimitUnit| match unit {
        LimitUnit::Working => v.tn("public.programme.working_days", days),
        LimitUnit::Calendar => v.tn("public.programme.days", days),
    };
    ProgrammePage {
        v,
        programme,
        conditions: (programme.conditions.iter())
            .map(|c| ConditionLine {
                title: v.text(&c.title),
                change: v.text(&c.change),
                law: cite(pack, &c.basis, v.lang),
            })
            .collect(),
        standards: standards(v, pack, programme, v.today()),
        stages: (programme.stages.iter().filter(|s| USUAL_STAGES.contains(&s.id.as_str())))
            .map(|s| StageLine { title: v.text(&s.title), limit: limit(s.limit_days, s.unit) })
            .collect(),
        laws: programme.basis.iter().map(|b| cite(pack, b, v.lang)).collect(),
        publicity: programme.publicity == Publicity::Village,
    }
}

/// Money parameters named in the programme's expressions or in those of the facts it reads directly.
fn standards<'a>(v: &View, pack: &'a Pack, programme: &Programme, today: NaiveDate) -> Vec<StandardLine<'a>> {
    let mut texts = String::new();
    for condition in &programme.conditions {
        texts.push_str(&condition.expr);
        texts.push(' ');
        texts.push_str(condition.line.as_deref().unwrap_or_default());
        texts.push(' ');
    }
    texts.push_str(programme.amount.as_ref().map_or("", |a| a.expr.as_str()));
    let names: Vec<&str> = texts.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).collect();
    let mentioned = |id: &str| {
        // A fact may carry the parameter under its name without the area: `dibao_standard` for `dibao_standard_urban`.
        let stem = id.trim_end_matches("_urban").trim_end_matches("_rural");
        names.iter().any(|n| n.trim_start_matches('$') == id || n.trim_start_matches('$') == stem)
    };
    let money = pack.parameters.all.iter().filter(|p| p.unit.starts_with("fen") && mentioned(&p.id));
    money
        .filter_map(|p| {
            let value = p.value(&pack.info.jurisdiction, today)?;
            Some(StandardLine {
                title: p.title.get(v.lang),
                amount: v.text(&tuodi_casework::words::value_text(value.amount, &p.unit)).to_owned(),
                law: cite(pack, value.basis.as_deref().unwrap_or(&p.basis), v.lang),
            })
        })
        .collect()
}
