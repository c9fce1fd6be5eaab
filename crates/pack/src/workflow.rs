//! `workflow.toml`: how offices work through what the rules find: points that open a visit, cool-downs, tries, escalation,
//! the limits of a case, and what a declaration is compared with. A pack need not have one; then points open nothing,
//! nothing is compared, and only the stages of programmes set limits.

use crate::{
    Pack, Text,
    indicator::{Indicator, Kind, Level, Severity},
    programme::LimitUnit,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    #[serde(default)]
    pub flow: Flow,
    #[serde(default)]
    pub monitoring: Monitoring,
    #[serde(default)]
    pub feeds: Feeds,
    #[serde(default)]
    pub report: Report,
    /// By points, the fewest first.
    #[serde(rename = "risk", default)]
    pub risks: Vec<Risk>,
    #[serde(rename = "clock", default)]
    pub clocks: Vec<Clock>,
    #[serde(rename = "step", default)]
    pub steps: Vec<Step>,
    /// Kinds of things people say that must be answered.
    #[serde(rename = "voice", default)]
    pub voices: Vec<Voice>,
    /// Unset: nobody is asked what they thought of a step.
    #[serde(default)]
    pub satisfaction: Option<Satisfaction>,
    /// Unset: a decision is contested outside this platform only.
    #[serde(default)]
    pub appeal: Option<Appeal>,
    /// Unset: nobody is asked whether an officer is a relative.
    #[serde(default)]
    pub kin: Option<Kin>,
    /// Unset: nobody stands in for anybody.
    #[serde(default)]
    pub mandate: Option<crate::mandate::Mandates>,
    /// Unset: every objection is looked into by another visit.
    #[serde(default)]
    pub appraisal: Option<crate::appraisal::Appraisals>,
    /// Unset: no case goes before a special review.
    #[serde(default)]
    pub special_review: Option<SpecialReview>,
    /// Who is told of a step that is due or late. Empty: nobody.
    #[serde(rename = "escalation", default)]
    pub escalations: Vec<Escalation>,
    #[serde(default)]
    pub living: crate::living::Living,
    /// Occasions on which a household is assessed.
    #[serde(default)]
    pub assess: crate::reassess::Reassess,
    /// Unset: nothing is photographed, and a paper form stays in the archive.
    #[serde(default)]
    pub visit: Option<crate::visit::Visits>,
    /// Unset: help in an emergency goes the way of any application.
    #[serde(default)]
    pub emergency: Option<crate::emergency::Emergency>,
    #[serde(rename = "compare", default)]
    pub compared: Vec<Compared>,
    /// What is filled in on the application. Empty: everything is asked.
    #[serde(default)]
    pub known: Vec<crate::known::Known>,
    #[serde(default)]
    pub recovery: crate::payments::Recovery,
    #[serde(rename = "fund", default)]
    pub funds: Vec<crate::payments::Fund>,
    #[serde(rename = "run", default)]
    pub runs: Vec<crate::payments::Run>,
    /// Kinds of documents, in the order in which pages offer them.
    #[serde(rename = "paper", default)]
    pub papers: Vec<crate::paper::Paper>,
}

/// The course of a case between the home visit and the leader's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Course {
    /// Every case waits for an officer's opinion.
    #[default]
    SixSteps,
    /// A case in which everything is known and consistent is put before the leader by the platform; anything else goes to a
    /// person.
    PutForward,
}

impl Course {
    pub fn id(self) -> &'static str {
        match self {
            Course::SixSteps => "six_steps",
            Course::PutForward => "put_forward",
        }
    }

    pub fn from_id(id: &str) -> Option<Course> {
        [Course::SixSteps, Course::PutForward].into_iter().find(|c| c.id() == id)
    }
}

/// Which course cases take, and when the platform may put one forward. A case keeps the course it was accepted under.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    #[serde(default)]
    pub course: Course,
    /// So much of the assessment, in parts per 1000 of its weight, must be answered.
    #[serde(default)]
    pub complete_permille: u32,
    /// Programmes that the platform may put forward; empty: every tier.
    #[serde(default)]
    pub programmes: Vec<String>,
    /// Regions where it does; empty: everywhere in the pack.
    #[serde(default)]
    pub regions: Vec<String>,
    #[serde(default)]
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

impl Flow {
    pub fn covers(&self, region: &str) -> bool {
        self.regions.is_empty() || self.regions.iter().any(|own| region.starts_with(crate::region::prefix(own)))
    }

    pub fn may(&self, programme: &str) -> bool {
        self.programmes.is_empty() || self.programmes.iter().any(|own| own == programme)
    }
}

/// Feeds that are late, degraded or out of agreement.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feeds {
    /// Working days that the desk has to see to it.
    #[serde(default)]
    pub limit_days: u32,
    /// Calendar days before its end in which an agreement is said to end soon.
    #[serde(default)]
    pub warn_days: u32,
}

/// Figures for those above the district.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// No figure about fewer households than this is shown to them.
    pub least: u64,
    #[serde(default)]
    pub basis: String,
}

impl Default for Report {
    fn default() -> Self {
        Self { least: 10, basis: String::new() }
    }
}

/// Alerts and the visits they become.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Monitoring {
    /// After closing, an alert comes back within its cool-down only if it is worse by so much; severer always counts.
    #[serde(default)]
    pub worse_permille: u32,
    /// Calendar days that points count for after the pass that last saw them.
    #[serde(default)]
    pub points_stand_days: u32,
    /// Cool-downs where an indicator names none, in calendar days.
    #[serde(default)]
    pub cooldown_days: Cooldowns,
    /// Calls that found nobody, after which the next office takes over or the visit ends; 0 and 1 both end it at once.
    #[serde(default)]
    pub tries: u32,
    /// Who takes over from the levels below; unset: nobody.
    pub takeover: Option<Level>,
    /// How many times the limit must pass until the next level is told, and until it is on the district's list.
    pub next_level_after: Option<u32>,
    pub district_after: Option<u32>,
    #[serde(default)]
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cooldowns {
    #[serde(default)]
    pub trigger: u32,
    #[serde(default)]
    pub score: u32,
    #[serde(default)]
    pub compliance: u32,
}

/// What a household's points come to from so many on: each score indicator counts once, at its highest.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Risk {
    pub id: String,
    /// From so many points on.
    pub points: u32,
    pub title: Text,
    /// Why a worker calls, in plain words; needed where there is a task.
    #[serde(default)]
    pub reason: Option<Text>,
    /// The visit it opens; unset: the household is watched and nobody is sent.
    #[serde(default)]
    pub task: Option<RiskTask>,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskTask {
    pub severity: Severity,
    pub actor: Level,
    /// Working days.
    pub limit_days: u32,
}

/// Working days for a whole case from acceptance.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Of these programmes; empty: of all that have no clock of their own.
    #[serde(default)]
    pub programmes: Vec<String>,
    pub total_days: u32,
    /// Where the law allows longer: an objection to the publicity, say. Unset: never longer.
    pub special_days: Option<u32>,
    /// Why a township may ask for the longer limit, beside an objection, which brings it by itself.
    #[serde(default, rename = "ground")]
    pub grounds: Vec<Ground>,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

/// A reason that the law gives for taking longer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ground {
    pub id: String,
    pub title: Text,
    pub basis: String,
}

/// The limit of a step where the stages of the programme say nothing.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub stage: String,
    pub limit_days: u32,
    #[serde(default)]
    pub unit: LimitUnit,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

/// A kind of thing that people say and that must be answered: a complaint, a report, a contested figure.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voice {
    pub id: String,
    pub title: Text,
    /// When to choose it, in plain words.
    pub hint: Text,
    /// Whose to answer; what is late goes to the district.
    pub desk: Desk,
    /// Working days until the answer.
    pub limit_days: u32,
    /// Said of one's own case only; others are taken from anybody, without a name.
    #[serde(default)]
    pub of_case: bool,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

/// Who answers what is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Desk {
    Township,
    District,
    Steward,
}

/// Officers who are relatives of an applicant.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kin {
    #[serde(rename = "relation", default)]
    pub relations: Vec<Relation>,
    /// The district looks at the home itself before such a case is approved.
    #[serde(default)]
    pub recheck: bool,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    pub id: String,
    pub title: Text,
}

/// A case that the county's mechanism talks over.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecialReview {
    /// So many sit at least.
    pub members: u32,
    /// Working days until the decision.
    pub limit_days: u32,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

/// Who is told of a step that is due or late, and when.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    pub told: Told,
    /// Working days after the last day of the step; before it where negative.
    pub days: i32,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// Whoever has the step; the household where it waits for them.
    Holder,
    /// The level above: the leader of a township, for all others the district.
    Next,
    District,
}

/// What people are asked after a step (好差评).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Satisfaction {
    /// Steps of a case after which somebody is asked.
    pub steps: Vec<String>,
    /// So many of five stars or fewer must be answered,
    pub bad: i32,
    /// as this kind of thing said.
    pub voice: String,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

/// Contesting a decision.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appeal {
    /// Calendar days from the decision in which the person may appeal.
    pub file_days: u32,
    /// Working days until the answer.
    pub limit_days: u32,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

/// A thing declared, beside the fact that says the same.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compared {
    pub id: String,
    pub title: Text,
    /// Columns of the declaration that add up to it.
    pub declared: Vec<String>,
    /// A number of the household, or of each person who declared something.
    pub fact: String,
    /// A fact that says whether departments know it at all; where it is not true the fact is not compared.
    #[serde(default)]
    pub known: Option<String>,
    /// Whose answers the fact is made of; unset: all that its group rests on.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Parts per 1000 of the larger of the two that count as equal.
    #[serde(default)]
    pub tolerance_permille: u32,
    /// So much more, in the fact's own unit (fen), counts as equal.
    #[serde(default)]
    pub tolerance: i64,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}

/// Which way a measured value gets worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Worse {
    #[default]
    Higher,
    Lower,
}

impl Workflow {
    /// The heaviest band that so many points reach.
    pub fn risk_at(&self, points: u32) -> Option<&Risk> {
        self.risks.iter().filter(|r| r.points <= points).max_by_key(|r| r.points)
    }

    pub fn risk(&self, id: &str) -> Option<&Risk> {
        self.risks.iter().find(|r| r.id == id)
    }

    /// Points from which on a household is watched; `None` where points mean nothing.
    pub fn pool_points(&self) -> Option<u32> {
        self.risks.iter().map(|r| r.points).min()
    }

    /// The clock of a programme, or the one of all others.
    pub fn clock(&self, programme: Option<&str>) -> Option<&Clock> {
        let own = programme.and_then(|id| self.clocks.iter().find(|c| c.programmes.iter().any(|p| p == id)));
        own.or_else(|| self.clocks.iter().find(|c| c.programmes.is_empty()))
    }

    /// What may be filled in of a question of the application; `wage_month.7` is asked as `wage_month`.
    pub fn known(&self, field: &str) -> Option<&crate::known::Known> {
        let asked = field.split('.').next().unwrap_or_default();
        self.known.iter().find(|k| k.field == asked)
    }

    /// The comparison that a single declared field is the whole of.
    pub fn compared_alone(&self, field: &str) -> Option<&Compared> {
        self.compared.iter().find(|c| matches!(c.declared.as_slice(), [one] if one == field))
    }

    pub fn step(&self, stage: &str) -> Option<&Step> {
        self.steps.iter().find(|s| s.stage == stage)
    }
}

impl Pack {
    /// Calendar days after closing in which an indicator's alert comes back only if it is worse.
    pub fn cooldown_days(&self, indicator: &Indicator) -> u32 {
        let usual = self.workflow.monitoring.cooldown_days;
        match (indicator.cooldown_days, indicator.kind) {
            (0, Kind::Trigger) => usual.trigger,
            (0, Kind::Score) => usual.score,
            (0, Kind::Compliance) => usual.compliance,
            (days, _) => days,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workflow() -> Workflow {
        toml::from_str(
            r#"
            [[risk]]
            id = "high"
            points = 60
            title = { zh = "高", en = "High" }
            basis = "X"
            [[risk]]
            id = "pool"
            points = 30
            title = { zh = "库", en = "Pool" }
            basis = "X"
            [[clock]]
            total_days = 30
            basis = "X"
            [[clock]]
            programmes = ["child"]
            total_days = 20
            basis = "X"
            "#,
        )
        .unwrap()
    }

    #[test]
    fn points_reach_the_heaviest_band_and_below_the_first_none() {
        let workflow = workflow();
        let at = |points| workflow.risk_at(points).map(|r| r.id.as_str());
        assert_eq!([at(29), at(30), at(59), at(60)], [None, Some("pool"), Some("pool"), Some("high")]);
        assert_eq!(workflow.pool_points(), Some(30));
    }

    #[test]
    fn a_programme_without_a_clock_of_its_own_has_the_common_one() {
        let workflow = workflow();
        let days = |id| workflow.clock(id).map(|c| c.total_days);
        assert_eq!([days(Some("child")), days(Some("dibao")), days(None)], [Some(20), Some(30), Some(30)]);
    }

    #[test]
    fn without_the_file_points_open_nothing_and_no_clock_runs() {
        let none = Workflow::default();
        assert!(none.risk_at(500).is_none() && none.clock(None).is_none() && none.pool_points().is_none());
    }
}
