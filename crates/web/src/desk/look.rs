//! How states, due dates and tiers look and are called, the same on every office and field page.

use crate::{View, words};
use chrono::NaiveDate;
use tuodi_casework::{CaseState, NextStep, StageRow};
use tuodi_pack::{Answer, Fen, Pack, indicator::Severity};

/// Colour, icon and word together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    pub kind: &'static str,
    pub icon: &'static str,
    pub text: String,
}

impl Tag {
    pub fn new(kind: &'static str, icon: &'static str, text: impl Into<String>) -> Tag {
        Tag { kind, icon, text: text.into() }
    }
}

pub fn state(v: &View, state: CaseState) -> Tag {
    let (kind, icon) = match state {
        CaseState::Draft => ("neutral", "pencil"),
        CaseState::Returned | CaseState::AwaitingConsent => ("hold", "hand-stop"),
        CaseState::Approved | CaseState::Assisting => ("ok", "circle-check"),
        CaseState::Refused | CaseState::Terminated | CaseState::Exited => ("neutral", "info-circle"),
        CaseState::Objection | CaseState::Appraisal | CaseState::ManualCheck | CaseState::Appealed => {
            ("warn", "alert-triangle")
        }
        CaseState::Publicised => ("info", "speakerphone"),
        CaseState::Confirming | CaseState::SpecialReview => ("info", "scale"),
        CaseState::Surveying => ("info", "home"),
        _ => ("info", "clock"),
    };
    Tag::new(kind, icon, state.title(v.lang))
}

pub fn step_icon(step: NextStep) -> &'static str {
    match step {
        NextStep::Visit => "home",
        NextStep::Appraise => "users",
        NextStep::RunCheck => "database",
        NextStep::ExplainDifferences | NextStep::Decide | NextStep::Deliberate | NextStep::AnswerAppeal => "scale",
        NextStep::Opinion | NextStep::Sign => "pencil",
        NextStep::WaitPublicity | NextStep::EndPublicity => "speakerphone",
        NextStep::Pay => "wallet",
        _ => "clock",
    }
}

/// The engine's answer. "Not now" is neutral, never red and never a cross (ui/brief.md 8).
pub fn answer(v: &View, answer: Answer) -> Tag {
    match answer {
        Answer::Holds => Tag::new("ok", "circle-check", v.t("desk.answer.holds")),
        Answer::Fails => Tag::new("neutral", "info-circle", v.t("desk.answer.fails")),
        Answer::Unknown => Tag::new("hold", "help-circle", v.t("desk.answer.unknown")),
    }
}

pub fn severity(v: &View, severity: Severity) -> Tag {
    let (kind, icon) = match severity {
        Severity::Red => ("bad", "alert-triangle"),
        Severity::Orange => ("warmth", "flag"),
        Severity::Yellow => ("warn", "bell"),
        Severity::Blue => ("info", "info-circle"),
    };
    Tag::new(kind, icon, v.t_of("desk.severity", tuodi_watch::severity_id(severity)))
}

/// How near a due date is.
pub fn due(v: &View, due: Option<NaiveDate>) -> Tag {
    let Some(due) = due else { return Tag::new("calm", "clock", v.t("desk.due.none")) };
    let days = (due - v.today()).num_days();
    match days {
        ..0 => Tag::new("late", "alert-triangle", v.tn("desk.due.late", -days)),
        0 => Tag::new("late", "clock", v.t("desk.due.today")),
        1 => Tag::new("soon", "clock", v.t("desk.due.tomorrow")),
        2..=3 => Tag::new("soon", "clock", v.tn("desk.due.in", days)),
        _ => Tag::new("calm", "clock", v.tn("desk.due.in", days)),
    }
}

/// A tier or programme by the pack's name.
pub fn tier(v: &View, pack: &Pack, id: &str) -> String {
    match pack.programme(id) {
        Some(programme) => v.text(&programme.title).to_owned(),
        None => words::find(v.lang, &format!("desk.tier.{id}")).unwrap_or(id).to_owned(),
    }
}

/// `1,724 元/月`, or that nothing is paid monthly.
pub fn monthly(v: &View, amount: Fen) -> String {
    if amount.0 > 0 { v.t1("desk.unit.yuan_month", amount) } else { v.t("desk.unit.no_money").to_owned() }
}

/// Width of a bar in parts of a hundred; never over the end.
pub fn width(part: u64, whole: u64) -> u64 {
    (part * 100).checked_div(whole).unwrap_or(0).min(100)
}

/// One dot of the line of stages, for `ui::stages`.
pub struct Dot {
    pub title: String,
    pub when: String,
    /// done, now, todo
    pub at: &'static str,
}

pub fn stages(v: &View, rows: &[StageRow]) -> Vec<Dot> {
    let dot = |row: &StageRow| Dot {
        title: v.text(&row.title).to_owned(),
        when: match (row.now, row.done_on) {
            (true, _) => v.t("desk.case.now").to_owned(),
            (false, Some(day)) => v.short_date(&day),
            (false, None) => String::new(),
        },
        at: match (row.now, row.done_on) {
            (true, _) => "now",
            (false, Some(_)) => "done",
            (false, None) => "todo",
        },
    };
    rows.iter().map(dot).collect()
}

/// `9901**********2846`
pub fn mask_id(id_no: &str) -> String {
    tuodi_pack::id_no::IdNo::parse(id_no).map(|n| n.masked()).unwrap_or_else(|_| "****".to_owned())
}

/// The relation to the head of the household (GB/T 4761), where it is one of the usual codes.
pub fn relation(v: &View, code: Option<&str>) -> String {
    let group = match code.unwrap_or_default() {
        "01" | "02" | "03" => "head",
        c if c.starts_with('1') => "spouse",
        c if c.starts_with('2') => "son",
        c if c.starts_with('3') => "daughter",
        c if c.starts_with('4') => "grandchild",
        c if c.starts_with('5') => "parent",
        c if c.starts_with('6') => "grandparent",
        c if c.starts_with('7') => "sibling",
        "" => return String::new(),
        _ => "other",
    };
    v.t_of("desk.relation", group).to_owned()
}
