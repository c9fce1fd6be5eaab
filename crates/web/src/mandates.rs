//! What the citizens' page and the window's form of a mandate have in common: choices, what was said, how it stands.

use crate::{
    Cx, View,
    form::{Choice, Fields},
};
use tuodi_casework::mandate::{Mandate, MandateForm, MandateStanding, Proxy};

pub fn text<'t>(typed: &'t Fields, name: &str) -> &'t str {
    typed.get(name).map_or("", |t| t.trim())
}

pub fn yes_no(title: impl Fn(&str) -> &'static str, chosen: &str) -> Vec<Choice> {
    ["yes", "no"].map(|id| Choice::new(id, title(id), chosen)).into()
}

pub fn powers(v: &View, sensitive: bool, authorises: bool) -> Vec<&'static str> {
    [
        Some(v.t("proxy.power.always")),
        sensitive.then(|| v.t("proxy.power.sensitive")),
        authorises.then(|| v.t("proxy.power.authorises")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Relations and terms of the pack, as a form offers them.
pub fn offered(cx: &Cx, typed: &Fields) -> (Vec<Choice>, Vec<Choice>) {
    let Some(rules) = &cx.state.pack.workflow.mandate else { return (Vec::new(), Vec::new()) };
    let none = || Choice::new("", cx.t("proxy.choose"), "-");
    let relations = rules.relations.iter().map(|r| Choice::new(&r.id, cx.text(&r.title), text(typed, "relation")));
    let months =
        rules.months.iter().map(|m| Choice::new(m.to_string(), cx.tn("proxy.months", m), text(typed, "months")));
    (std::iter::once(none()).chain(relations).collect(), std::iter::once(none()).chain(months).collect())
}

/// What a form says.
pub fn said(typed: &Fields, proxy: Option<Proxy>) -> MandateForm {
    let yes = |name: &str| match text(typed, name) {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    MandateForm {
        case: None,
        proxy,
        relation: text(typed, "relation").to_owned(),
        months: text(typed, "months").parse().unwrap_or_default(),
        sensitive: yes("sensitive"),
        authorises: yes("authorises"),
        form: None,
    }
}

pub fn standing(v: &View, mandate: &Mandate) -> (&'static str, &'static str, String) {
    let ended = mandate.ended_on.map(|day| v.date(&day)).unwrap_or_default();
    match mandate.standing {
        MandateStanding::InForce => ("ok", "circle-check", v.t1("proxy.in_force", v.date(&mandate.until))),
        MandateStanding::Expired => ("neutral", "clock", v.t1("proxy.expired", v.date(&mandate.until))),
        MandateStanding::TakenBack => ("neutral", "ban", v.t1("proxy.taken_back", ended)),
        MandateStanding::GivenUp => ("neutral", "ban", v.t1("proxy.given_up", ended)),
    }
}
