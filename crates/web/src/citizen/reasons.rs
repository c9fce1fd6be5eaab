//! Why, in the household's own words: which conditions hold by what departments know, what would change the others, and
//! how to say that a figure is wrong. Never a score, never what only another member may know (workflow.md 7).

use crate::View;
use std::collections::BTreeMap;
use tuodi_casework::CaseView;
use tuodi_pack::{
    Answer, Pack, PersonId,
    explain::{ConditionWords, ProgrammeWords, Teller, Voice, leading},
};

pub struct ReasonLine {
    /// r-ok, r-ask, r-no
    pub class: &'static str,
    pub icon: &'static str,
    pub answer: &'static str,
    pub title: String,
    pub who: String,
    pub numbers: String,
    pub sentence: String,
    pub changes: Vec<String>,
    /// Who supplied it and when.
    pub from: String,
    pub law: String,
}

pub struct Reasons {
    pub as_of: String,
    pub headline: String,
    /// Conditions that do not hold first.
    pub open: Vec<ReasonLine>,
    pub met: Vec<ReasonLine>,
    /// Benefits that hold: title and amount; of other members without the amount.
    pub given: Vec<(String, String)>,
    /// What the family itself may ask for, with how.
    pub on_request: Vec<(String, String)>,
}

/// `None` before anything was checked.
pub fn reasons(v: &View, pack: &Pack, view: &CaseView, me: Option<PersonId>) -> Option<Reasons> {
    let result = &view.verification.as_ref()?.result;
    let names: BTreeMap<PersonId, String> = view.members.iter().map(|m| (m.person.id, m.person.name.clone())).collect();
    let teller = Teller { pack, lang: v.lang, voice: Voice::Citizen(me), names: &names };
    let leading = leading(pack, result)?;
    let of = result.programmes.iter().filter(|p| p.programme == leading);
    let conditions: Vec<ConditionWords> =
        of.flat_map(|p| p.conditions.iter().map(|c| teller.condition(result, p, c))).collect();
    let (open, met): (Vec<_>, Vec<_>) = conditions.into_iter().partition(|c| c.answer != Answer::Holds);
    let found = teller.finding(result);
    let others = names.len() > 1;
    let line = |c: ConditionWords| reason(v, c, others);
    Some(Reasons {
        as_of: v.full_date(&result.as_of),
        headline: match (result.tier.as_str(), found.amount.is_empty()) {
            ("none", _) if result.tiers().any(|p| p.answer == Answer::Unknown) => {
                v.t1("citizen.reasons.unknown", teller.tier_title(leading))
            }
            ("none", _) => v.t1("citizen.reasons.none", teller.tier_title(leading)),
            (_, true) => v.t1("citizen.reasons.found", &found.tier_title),
            (_, false) => v.t2("citizen.reasons.found_paid", &found.tier_title, &found.amount),
        },
        open: open.into_iter().map(line).collect(),
        met: met.into_iter().map(line).collect(),
        given: given(&found.given, me, &names),
        on_request: found
            .on_request
            .iter()
            .filter(|p| p.who.is_empty() || me.and_then(|me| names.get(&me)) == Some(&p.who))
            .map(|p| (p.title.clone(), p.open().first().map(|c| c.sentence.clone()).unwrap_or_default()))
            .collect(),
    })
}

fn reason(v: &View, c: ConditionWords, others: bool) -> ReasonLine {
    let (class, icon) = match c.answer {
        Answer::Holds => ("r-ok", "circle-check"),
        Answer::Fails => ("r-no", "info-circle"),
        Answer::Unknown => ("r-ask", "help-circle"),
    };
    let supplier = |s: &tuodi_pack::explain::Supplier| v.t2("citizen.reasons.supplier", &s.name, &s.arrived);
    let from: Vec<String> = c.suppliers.iter().take(3).map(supplier).collect();
    let mut changes: Vec<String> = c.changes.into_iter().take(2).collect();
    changes.extend([c.advice].into_iter().filter(|a| !a.is_empty()));
    ReasonLine {
        class,
        icon,
        answer: v.t_of("citizen.reasons.answer", class),
        title: c.title,
        who: if others { c.who } else { String::new() },
        numbers: c.numbers,
        sentence: c.sentence,
        changes,
        from: from.join(v.t("citizen.reasons.comma")),
        law: c.law,
    }
}

/// Each benefit once; amounts of the household and of the reader only.
fn given(list: &[ProgrammeWords], me: Option<PersonId>, names: &BTreeMap<PersonId, String>) -> Vec<(String, String)> {
    let own = me.and_then(|me| names.get(&me));
    let mut given: Vec<(String, String)> = Vec::new();
    for p in list {
        let amount = if p.who.is_empty() || Some(&p.who) == own { p.amount.clone() } else { String::new() };
        match given.iter_mut().find(|(title, _)| *title == p.title) {
            Some((_, told)) if told.is_empty() => *told = amount,
            Some(_) => {}
            None => given.push((p.title.clone(), amount)),
        }
    }
    given
}
