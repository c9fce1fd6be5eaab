//! Where sources contradict each other about a household's people: every value with its source and day, the one in use and
//! why, and what a person ruled. Shown on case, household and steward's pages alike.

use crate::{Cx, View, WebError, desk::case::rules::teller, form::Choice, view::place};
use std::collections::BTreeMap;
use tuodi_casework::rulings::{self, Disputed, Said, SeenRuling};
use tuodi_pack::{
    CheckResult, FactValue, Fen, HouseholdId, Pack, PersonId,
    conflict::{Conflict, Kind},
};

pub struct ValueLine {
    pub source: String,
    pub what: String,
    pub value: String,
    pub arrived: String,
}

pub struct RulingLine {
    pub id: i64,
    pub said: String,
    pub reason: String,
    /// From when, until when, by whom.
    pub about: String,
    pub holds: bool,
    /// When it was taken back and why.
    pub ended: String,
}

pub struct Item {
    pub id: String,
    pub person: PersonId,
    pub title: String,
    pub who: String,
    /// The sources still contradict each other.
    pub differs: bool,
    pub values: Vec<ValueLine>,
    pub used: (String, String),
    /// A ruling made the value in use.
    pub ruled: bool,
    pub rule: String,
    pub law: String,
    pub rulings: Vec<RulingLine>,
    /// What a ruling here would say; unset where this person may not rule.
    pub form: Option<Kind>,
    /// What may be ruled where it is yes or no.
    pub choices: Vec<Choice>,
    /// Months that it may hold.
    pub months: u32,
}

impl Item {
    pub fn is_money(&self) -> bool {
        self.form == Some(Kind::Money)
    }
}

pub struct Card {
    pub items: Vec<Item>,
    /// Where somebody who may rule does so; empty on that page itself and for others.
    pub href: String,
}

/// A fact in words; places by name.
pub fn value(v: &View, pack: &Pack, fact: &FactValue) -> (String, String) {
    let names = BTreeMap::new();
    let (title, value) = teller(v, pack, &names).fact(&FactValue { person_id: None, ..fact.clone() }, None);
    let region = fact.value.as_deref().filter(|code| pack.regions.get(code).is_some());
    (title, region.map_or(value, |code| place(pack, code, v.lang)))
}

fn said(v: &View, conflict: &Conflict, said: Said) -> String {
    let ruling = conflict.ruling.as_ref();
    match said {
        Said::Money(fen) => v.t1("conflict.a_month", v.money(&fen)),
        Said::YesNo(true) => ruling.and_then(|r| r.yes.as_ref()).map_or("yes", |t| v.text(t)).to_owned(),
        Said::YesNo(false) => ruling.and_then(|r| r.no.as_ref()).map_or("no", |t| v.text(t)).to_owned(),
    }
}

fn ruling_line(cx: &Cx, conflict: &Conflict, r: &SeenRuling, names: &BTreeMap<String, String>) -> RulingLine {
    let name = |account: &str| names.get(account).cloned().unwrap_or_else(|| account.to_owned());
    let ended = r.ended_on.map(|day| match r.ended_why.as_str() {
        "" => cx.t1("conflict.replaced", cx.full_date(&day)),
        why => cx.t3("conflict.taken_back", cx.full_date(&day), name(&r.ended_by), why),
    });
    RulingLine {
        id: r.id,
        said: said(cx, conflict, r.said),
        reason: r.reason.clone(),
        about: cx.t3("conflict.since_until", cx.full_date(&r.ruled_on), cx.full_date(&r.until), name(&r.ruled_by)),
        holds: r.holds_on(cx.today()),
        ended: ended.unwrap_or_default(),
    }
}

fn item(cx: &Cx, conflict: &Conflict, d: &Disputed, who: String, rulings: Vec<RulingLine>, may_rule: bool) -> Item {
    let pack = &cx.state.pack;
    let source = |id: &str| {
        pack.source(id).map_or_else(
            || id.to_owned(),
            |s| {
                let owner = cx.text(&s.owner);
                format!("{owner} · {}", cx.text(&s.title))
            },
        )
    };
    let values = d.values.iter().map(|seen| {
        let (what, shown) = value(cx, pack, &seen.fact);
        ValueLine { source: source(&seen.source), what, value: shown, arrived: seen.arrived.clone() }
    });
    let ruling = conflict.ruling.as_ref();
    Item {
        id: d.item.clone(),
        person: d.person,
        title: cx.text(&conflict.title).to_owned(),
        who,
        differs: d.differs,
        values: values.collect(),
        used: value(cx, pack, &d.used),
        ruled: d.ruled,
        rule: cx.text(&conflict.rule).to_owned(),
        law: crate::public::cite(pack, &conflict.basis, cx.lang),
        rulings,
        form: ruling.filter(|_| may_rule).and_then(|r| r.kind(pack)),
        choices: choices(cx, conflict),
        months: ruling.map_or(0, |r| r.months),
    }
}

fn choices(v: &View, conflict: &Conflict) -> Vec<Choice> {
    let choice = |value: &str, yes: bool| Choice {
        value: value.to_owned(),
        label: said(v, conflict, Said::YesNo(yes)),
        hint: String::new(),
        chosen: false,
    };
    vec![choice("yes", true), choice("no", false)]
}

/// The conflicts of one finding. `None` where there are none: most households. Whoever calls may see the finding.
pub async fn card(
    cx: &Cx,
    acting: &tuodi_casework::Cx,
    household: HouseholdId,
    region: &str,
    result: &CheckResult,
    people: &BTreeMap<PersonId, String>,
) -> Result<Option<Card>, WebError> {
    let pack = &cx.state.pack;
    let disputed = rulings::disputes(pack, result);
    if disputed.is_empty() {
        return Ok(None);
    }
    let made = rulings::rulings_of(&cx.state.store, household).await?;
    let mut names = BTreeMap::new();
    for account in made.iter().flat_map(|r| [&r.ruled_by, &r.ended_by]).filter(|a| !a.is_empty()) {
        if !names.contains_key(account)
            && let Some(found) = tuodi_access::accounts::find(&cx.state.store, account).await?
        {
            names.insert(account.clone(), found.name);
        }
    }
    let mut may_any = false;
    let items = disputed.iter().filter_map(|d| {
        let conflict = pack.conflicts.get(&d.item)?;
        let of_item = made.iter().filter(|r| r.item == d.item && r.person == d.person);
        let may = rulings::may_rule(acting, conflict, household, region);
        may_any |= may;
        let who = people.get(&d.person).cloned().unwrap_or_default();
        Some(item(cx, conflict, d, who, of_item.map(|r| ruling_line(cx, conflict, r, &names)).collect(), may))
    });
    let items: Vec<Item> = items.collect();
    let href = if may_any { format!("/bureau/data/conflicts/{household}") } else { String::new() };
    Ok(Some(Card { items, href }))
}

/// What was typed for a ruling: an amount or yes or no, as the pack's conflict has it.
pub fn typed(kind: Kind, text: &str) -> Option<Said> {
    match kind {
        Kind::Money => crate::form::money(text).filter(|fen| *fen >= Fen(0)).map(Said::Money),
        Kind::YesNo => match text {
            "yes" => Some(Said::YesNo(true)),
            "no" => Some(Said::YesNo(false)),
            _ => None,
        },
    }
}
