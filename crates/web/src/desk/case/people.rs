//! The household, the visit and what happened so far.

use crate::{
    Cx, View,
    desk::look::{self, Tag},
    papers::kind_title,
    words,
};
use std::collections::BTreeMap;
use tuodi_access::Role;
use tuodi_casework::{CaseView, Member, ObjectionRow, TimelineRow, Visit, VisitMark};
use tuodi_pack::{Pack, PersonId};

pub struct MemberLine {
    pub id: PersonId,
    pub name: String,
    pub about: String,
    pub id_no: String,
    pub applicant: bool,
    pub here: bool,
    pub consent: Option<Tag>,
}

pub struct EventLine {
    pub what: String,
    pub details: String,
    pub when: String,
    pub who: String,
}

pub struct DimensionBar {
    pub title: String,
    pub points: u32,
    pub width: u32,
}

pub struct VisitCard {
    pub when: String,
    pub visitors: String,
    pub signed: bool,
    /// Who, how, and where the signature is shown.
    pub signatures: Vec<SignatureLine>,
    /// Photographs and forms: words and address.
    pub papers: Vec<(String, String)>,
    pub note: String,
    pub level: String,
    pub points: u32,
    pub complete: u32,
    pub dimensions: Vec<DimensionBar>,
    pub answers: Vec<(String, String)>,
    pub findings: Vec<(String, String)>,
}

pub struct SignatureLine {
    pub who: String,
    pub how: String,
    /// Empty where there is no picture, or none for this reader.
    pub href: String,
}

pub struct ObjectionCard {
    pub when: String,
    pub how: String,
    pub from: String,
    pub contact: String,
    pub text: String,
    pub code: Option<String>,
    /// Until when it is to be answered.
    pub due: Option<String>,
    pub answer: Option<String>,
}

pub fn names(members: &[Member]) -> BTreeMap<PersonId, String> {
    members.iter().map(|m| (m.person.id, m.person.name.clone())).collect()
}

pub fn members(cx: &Cx, view: &CaseView) -> Vec<MemberLine> {
    let line = |m: &Member| {
        let mut about = Vec::new();
        about.extend(m.age.map(|age| cx.t1("desk.person.age", age)));
        about.extend(m.person.sex.map(|sex| sex_word(cx, sex)));
        let relation = look::relation(cx, m.person.relation.as_deref());
        if !relation.is_empty() {
            about.push(relation);
        }
        MemberLine {
            id: m.person.id,
            name: m.person.name.clone(),
            about: about.join(" · "),
            id_no: look::mask_id(&m.person.id_no),
            applicant: m.person.id == view.applicant_id,
            here: m.lives_here,
            consent: match (&m.consent, m.is_adult && m.lives_here) {
                (Some(c), _) => Some(Tag::new(
                    "ok",
                    "circle-check",
                    cx.t2("desk.person.consented", cx.short_date(&cx.day_of(&c.given_at)), c.mark.title(cx.lang)),
                )),
                (None, true) => Some(Tag::new("hold", "hand-stop", cx.t("desk.person.no_consent"))),
                (None, false) => None,
            },
        }
    };
    view.members.iter().map(line).collect()
}

pub fn sex_word(v: &View, sex: tuodi_pack::id_no::Sex) -> String {
    let id = match sex {
        tuodi_pack::id_no::Sex::Male => "male",
        tuodi_pack::id_no::Sex::Female => "female",
    };
    v.t_of("desk.person.sex", id).to_owned()
}

/// Newest first.
pub fn events(cx: &Cx, view: &CaseView, accounts: &BTreeMap<String, String>) -> Vec<EventLine> {
    let line = |e: &TimelineRow| {
        let act = e.act.rsplit('.').next().unwrap_or_default();
        let role = Role::from_id(&e.role).map_or("", |r| r.title(cx.lang));
        let name = accounts.get(&e.actor).map_or("", String::as_str);
        EventLine {
            what: words::find(cx.lang, &format!("desk.event.{act}")).unwrap_or(act).to_owned(),
            details: details(cx, e),
            when: cx.moment(&e.at),
            who: [name, role, e.channel.title(cx.lang)]
                .into_iter()
                .filter(|p| !p.is_empty())
                .collect::<Vec<_>>()
                .join(" · "),
        }
    };
    view.timeline.iter().rev().map(line).collect()
}

/// The few details of an act that help: number of the letter, tier found, reason.
fn details(cx: &Cx, e: &TimelineRow) -> String {
    let text = |name: &str| e.details.get(name).and_then(|d| d.as_str());
    let number = |name: &str| e.details.get(name).and_then(serde_json::Value::as_u64);
    let mut parts = Vec::new();
    parts.extend(text("tier").map(|t| look::tier(cx, &cx.state.pack, t)));
    parts.extend(number("to_judge").filter(|n| *n > 0).map(|n| cx.tn("desk.case.to_judge", n)));
    parts.extend(text("reason_code").map(|c| tuodi_casework::reason_title(c, cx.lang)));
    parts.extend(text("notice").map(str::to_owned));
    parts.join(" · ")
}

pub fn visit_card(cx: &Cx, pack: &Pack, view: &CaseView) -> Option<VisitCard> {
    let visit = view.visits.first()?;
    let record = &visit.record;
    let form = &pack.assessment;
    let people = names(&view.members);
    let answers = form.items.iter().filter_map(|item| {
        let choice = item.choice(record.answers.get(&item.id)?)?;
        // What is no hardship needs no line.
        (choice.score > 0).then(|| (cx.text(&item.title).to_owned(), cx.text(&choice.title).to_owned()))
    });
    let mut findings = Vec::new();
    for m in &record.members {
        let Some(name) = people.get(&m.person) else { continue };
        let mut said = Vec::new();
        said.extend(m.self_care_fail.map(|n| cx.t1("desk.visit.self_care_result", n)));
        said.extend(m.work_ability.map(|w| w.title(cx.lang).to_owned()));
        said.extend(m.has_able_supporter.map(|yes| cx.t_of("desk.visit.supporter_result", yes_no(yes)).to_owned()));
        said.extend(m.serious_disease.map(|yes| cx.t_of("desk.visit.disease_result", yes_no(yes)).to_owned()));
        said.extend(m.lives_here.filter(|here| !here).map(|_| cx.t("desk.visit.not_here").to_owned()));
        said.extend(m.wage_month.map(|w| cx.t1("desk.visit.wage_result", w)));
        if !said.is_empty() {
            findings.push((name.clone(), said.join(if cx.is_zh() { "；" } else { "; " })));
        }
    }
    Some(VisitCard {
        when: cx.date(&visit.visited_on),
        visitors: record.visitors.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join("、"),
        signed: record.signed,
        signatures: signatures(cx, view, visit),
        papers: visit
            .papers
            .iter()
            .filter(|_| view.full)
            .map(|(id, kind)| (kind_title(cx, kind), format!("/desk/cases/{}/papers/{id}", view.row.case)))
            .collect(),
        note: record.note.clone(),
        level: form.level(&record.index.level).map(|l| cx.text(&l.title).to_owned()).unwrap_or_default(),
        points: record.index.low / 1000,
        complete: record.index.completeness / 10,
        dimensions: form
            .dimensions
            .iter()
            .map(|d| {
                let points = record.index.dimensions.get(&d.id).copied().unwrap_or(0) / 1000;
                DimensionBar { title: cx.text(&d.title).to_owned(), points, width: points.min(100) }
            })
            .collect(),
        answers: answers.collect(),
        findings,
    })
}

/// Each visitor's and the family's. Records older than signatures say only whether the family signed.
fn signatures(cx: &Cx, view: &CaseView, visit: &Visit) -> Vec<SignatureLine> {
    let record = &visit.record;
    if record.marks.is_empty() && record.unsigned.is_none() {
        return Vec::new();
    }
    let line = |who: String, mark: Option<&VisitMark>| SignatureLine {
        who,
        how: match mark {
            Some(mark) if mark.drawn => String::new(),
            Some(_) => cx.t("desk.visit.signature_paper").to_owned(),
            None => cx.t("desk.visit.signature_none").to_owned(),
        },
        href: mark
            .filter(|mark| mark.drawn && view.full)
            .map(|mark| format!("/desk/cases/{}/visits/{}/signatures/{}", view.row.case, visit.id, mark.place))
            .unwrap_or_default(),
    };
    let visitors = record.visitors.iter().enumerate().map(|(at, p)| line(p.name.clone(), record.mark_of(at)));
    let mut all: Vec<SignatureLine> = visitors.collect();
    let mut family = line(cx.t("desk.visit.family").to_owned(), record.family_mark());
    if let Some(why) = &record.unsigned {
        let reason = cx.state.pack.unsigned(&why.code).map(|u| cx.text(&u.title).to_owned());
        let said = reason.into_iter().chain((!why.words.is_empty()).then(|| why.words.clone()));
        family.how =
            cx.t1("desk.visit.unsigned_result", said.collect::<Vec<_>>().join(if cx.is_zh() { "；" } else { "; " }));
    }
    all.push(family);
    all
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// All that were made in this case, newest first.
pub fn objections(cx: &Cx, view: &CaseView) -> Vec<ObjectionCard> {
    let card = |row: &ObjectionRow| {
        let said = &row.objection;
        let unnamed = cx.t("desk.objection.unnamed");
        ObjectionCard {
            when: cx.date(&row.filed_on),
            how: words::find(cx.lang, &format!("desk.objection.how.{}", said.how)).unwrap_or_default().to_owned(),
            from: if said.from.is_empty() { unnamed.to_owned() } else { said.from.clone() },
            contact: said.contact.clone(),
            text: said.text.clone(),
            code: row.code.clone(),
            due: row.due_on.filter(|_| row.answer.is_none()).map(|d| cx.date(&d)),
            answer: row.answer.clone(),
        }
    };
    view.postings.iter().flat_map(|p| p.objections.iter().rev().map(card)).collect()
}
