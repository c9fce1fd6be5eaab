//! A whole finding in words, in the order people read it: the tier, what else the household has, what is still to be
//! asked, what it may ask for, what does not fit now; then its hardship and what could be done.

use super::{Of, ProgrammeWords, Teller};
use crate::{
    Answer, CheckResult, Fen, Pack, ProgrammeResult,
    programme::{Delivery, ProgrammeKind},
    words,
};

/// A service that answers a need: a proposal, nothing is ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeedWords {
    pub id: String,
    pub title: String,
    pub category: String,
    /// The facts its rule read.
    pub facts: Vec<(String, String)>,
    pub within_hours: Option<u32>,
}

/// A matter of the single application that a department would answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatterWords {
    pub id: String,
    pub title: String,
    pub department: String,
    pub due_days: u32,
    pub urgent_days: Option<u32>,
    pub consent: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelWords {
    pub title: String,
    /// What decided it.
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertWords {
    pub id: String,
    pub title: String,
    pub severity: String,
    pub points: u32,
    pub who: String,
    pub facts: Vec<(String, String)>,
    pub changes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingWords {
    /// Id of the tier, or `none`.
    pub tier: String,
    pub tier_title: String,
    /// What the tier pays a month; empty where it pays nothing.
    pub amount: String,
    /// In decision order.
    pub tiers: Vec<ProgrammeWords>,
    /// Statuses and benefits that hold.
    pub given: Vec<ProgrammeWords>,
    /// What departments or a visit still have to find out.
    pub asked: Vec<ProgrammeWords>,
    /// What only the family can ask for.
    pub on_request: Vec<ProgrammeWords>,
    pub not_now: Vec<ProgrammeWords>,
    /// Figures worked out of the others that hold; for offices only.
    pub measures: Vec<ProgrammeWords>,
    pub level: Option<LevelWords>,
    pub points: u32,
    pub labels: Vec<(String, Vec<(String, String)>)>,
    pub needs: Vec<NeedWords>,
    pub matters: Vec<MatterWords>,
    pub alerts: Vec<AlertWords>,
}

/// The programme to tell first: the tier found; where there is none the first tier that still asks something, else the
/// main one.
pub fn leading<'r>(pack: &Pack, result: &'r CheckResult) -> Option<&'r str> {
    let is_main = |p: &&ProgrammeResult| pack.main_programme().is_some_and(|main| main.id == p.programme);
    result
        .tiers()
        .find(|p| p.programme == result.tier)
        .or_else(|| result.tiers().find(|p| p.answer == Answer::Unknown))
        .or_else(|| result.tiers().find(is_main))
        .or_else(|| result.tiers().next())
        .map(|p| p.programme.as_str())
}

impl Teller<'_> {
    pub fn finding(&self, result: &CheckResult) -> FindingWords {
        let all = |kinds: &[ProgrammeKind]| -> Vec<ProgrammeWords> {
            let of = result.programmes.iter().filter(|p| kinds.contains(&p.kind));
            of.map(|p| self.programme(result, p)).collect()
        };
        let (mut given, mut asked, mut on_request, mut not_now) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for p in all(&[ProgrammeKind::Status, ProgrammeKind::Benefit, ProgrammeKind::Levy]) {
            match p.answer {
                Answer::Holds => given.push(p),
                Answer::Unknown if p.on_request => on_request.push(p),
                Answer::Unknown => asked.push(p),
                Answer::Fails => not_now.push(p),
            }
        }
        let mut measures = all(&[ProgrammeKind::Measure]);
        measures.retain(|p| p.answer == Answer::Holds);
        FindingWords {
            tier: result.tier.clone(),
            tier_title: self.tier_title(&result.tier),
            amount: match result.monthly {
                Fen::ZERO => String::new(),
                paid => self.paid(paid, crate::programme::Per::Month),
            },
            tiers: all(&[ProgrammeKind::Tier]),
            given,
            asked,
            on_request,
            not_now,
            measures,
            level: self.level(result),
            points: result.points,
            labels: self.labels(result),
            needs: self.needs(result),
            matters: self.matters(result),
            alerts: self.alerts(result),
        }
    }

    pub fn level(&self, result: &CheckResult) -> Option<LevelWords> {
        let level = self.pack.assessment.level(result.level.as_deref()?)?;
        let by = result.decided_by.as_deref().unwrap_or_default();
        let why = match by.split_once(':') {
            Some(("label", id)) => {
                let label = self.pack.assessment.labels.iter().find(|l| l.id == id).map_or(id, |l| self.t(&l.title));
                self.because(label)
            }
            Some(("indicator", id)) => self.because(self.pack.indicator(id).map_or(id, |i| self.t(&i.title))),
            _ => {
                let (zh, en) = match by {
                    "total" => ("按六维评估的总分", "by the total of the assessment"),
                    "dimension" => ("因为有一个方面特别难", "because one dimension is very hard"),
                    "override" => {
                        ("因为评估里有必须从重的情形", "because the answers show what always counts as severe")
                    }
                    "index" => ("按上一次评估", "by the last assessment"),
                    "tier" => ("按救助类别的最低等级", "by the least level of the tier"),
                    _ => ("", ""),
                };
                self.w(zh, en).to_owned()
            }
        };
        Some(LevelWords { title: self.t(&level.title).to_owned(), why })
    }

    fn because(&self, title: &str) -> String {
        match self.lang {
            crate::Lang::Zh => format!("因为“{title}”"),
            crate::Lang::En => format!("because of \"{title}\""),
        }
    }

    fn labels(&self, result: &CheckResult) -> Vec<(String, Vec<(String, String)>)> {
        let title = |id: &str| {
            let label = self.pack.assessment.labels.iter().find(|l| l.id == id);
            label.map_or(id, |l| self.t(&l.title)).to_owned()
        };
        let facts = |facts: &[crate::FactValue]| facts.iter().map(|f| self.fact(f, None)).collect();
        result.labels.iter().map(|l| (title(&l.label), facts(&l.facts))).collect()
    }

    /// The most urgent first, as the pack ranks them.
    fn needs(&self, result: &CheckResult) -> Vec<NeedWords> {
        let services = &self.pack.services;
        let mut needs: Vec<(u32, NeedWords)> = result
            .needs
            .iter()
            .filter_map(|n| {
                let service = services.service(&n.service)?;
                let category = services.categories.iter().find(|c| c.id == service.category);
                let words = NeedWords {
                    id: service.id.clone(),
                    title: self.t(&service.title).to_owned(),
                    category: category.map_or("", |c| self.t(&c.title)).to_owned(),
                    facts: n.facts.iter().map(|f| self.fact(f, None)).collect(),
                    within_hours: service.within_hours,
                };
                Some((service.rank, words))
            })
            .collect();
        needs.sort_by_key(|(rank, _)| *rank);
        needs.into_iter().map(|(_, words)| words).collect()
    }

    fn matters(&self, result: &CheckResult) -> Vec<MatterWords> {
        let matters = result.matters.iter().filter_map(|id| self.pack.services.matter(id));
        matters.map(|m| self.matter(m)).collect()
    }

    pub fn matter(&self, m: &crate::services::Matter) -> MatterWords {
        let departments = &self.pack.services.departments;
        let department = departments.iter().find(|d| d.id == m.department);
        MatterWords {
            id: m.id.clone(),
            title: self.t(&m.title).to_owned(),
            department: department.map_or(m.department.as_str(), |d| self.t(&d.title)).to_owned(),
            due_days: m.due_days,
            urgent_days: m.urgent_days,
            consent: self.own(words::consent(m.consent)),
        }
    }

    fn alerts(&self, result: &CheckResult) -> Vec<AlertWords> {
        let severity = |a: &crate::AlertFinding| {
            let usual = self.pack.indicator(&a.indicator).map(|i| i.severity);
            a.severity.or(usual).map(|s| self.own(words::severity(s))).unwrap_or_default()
        };
        let title = |id: &str| self.pack.indicator(id).map_or(id, |i| self.t(&i.title)).to_owned();
        result
            .alerts
            .iter()
            .map(|a| AlertWords {
                id: a.indicator.clone(),
                title: title(&a.indicator),
                severity: severity(a),
                points: a.points,
                who: a.person_id.map(|p| self.name(p)).unwrap_or_default(),
                facts: a.evidence.iter().map(|f| self.fact(f, a.person_id)).collect(),
                changes: self.changes(&a.changes, Of::Alert, a.person_id),
            })
            .collect()
    }

    /// How a benefit comes to those who are entitled; empty where the pack does not say.
    pub fn delivery(&self, delivery: Option<Delivery>) -> String {
        delivery.map(|d| self.own(words::delivery(d))).unwrap_or_default()
    }
}
