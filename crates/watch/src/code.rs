//! Codes of tasks and outcomes (workflow.md 3.2; indicators.md B1, closing codes).

use serde::{Deserialize, Serialize};
use tuodi_pack::{
    Text,
    indicator::{Level, Severity},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    Assigned,
    Visiting,
    Closed,
}

impl TaskState {
    pub const ALL: [TaskState; 3] = [TaskState::Assigned, TaskState::Visiting, TaskState::Closed];

    pub fn id(self) -> &'static str {
        match self {
            TaskState::Assigned => "assigned",
            TaskState::Visiting => "visiting",
            TaskState::Closed => "closed",
        }
    }

    pub fn from_id(id: &str) -> Option<TaskState> {
        TaskState::ALL.into_iter().find(|s| s.id() == id)
    }

    pub fn text(self) -> Text {
        match self {
            TaskState::Assigned => Text::new("待上门", "to visit"),
            TaskState::Visiting => Text::new("在办", "under way"),
            TaskState::Closed => Text::new("已办结", "closed"),
        }
    }
}

/// How an alert ended. Written by a person, never by the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeCode {
    /// In difficulty and not helped yet: a case is opened.
    NeedConfirmed,
    VerifiedHelped,
    VerifiedAlreadyCovered,
    VerifiedNoHardship,
    /// The source is wrong; goes back to the data steward.
    DataError,
    /// Not met. The second time the township takes over.
    Unreachable,
    /// Help was offered and declined; kept on the care list.
    RefusedHelp,
    Transferred,
}

impl OutcomeCode {
    pub const ALL: [OutcomeCode; 8] = [
        OutcomeCode::NeedConfirmed,
        OutcomeCode::VerifiedHelped,
        OutcomeCode::VerifiedAlreadyCovered,
        OutcomeCode::VerifiedNoHardship,
        OutcomeCode::DataError,
        OutcomeCode::Unreachable,
        OutcomeCode::RefusedHelp,
        OutcomeCode::Transferred,
    ];

    pub fn id(self) -> &'static str {
        match self {
            OutcomeCode::NeedConfirmed => "need_confirmed",
            OutcomeCode::VerifiedHelped => "verified_helped",
            OutcomeCode::VerifiedAlreadyCovered => "verified_already_covered",
            OutcomeCode::VerifiedNoHardship => "verified_no_hardship",
            OutcomeCode::DataError => "data_error",
            OutcomeCode::Unreachable => "unreachable",
            OutcomeCode::RefusedHelp => "refused_help",
            OutcomeCode::Transferred => "transferred",
        }
    }

    pub fn from_id(id: &str) -> Option<OutcomeCode> {
        OutcomeCode::ALL.into_iter().find(|c| c.id() == id)
    }

    pub fn text(self) -> Text {
        match self {
            OutcomeCode::NeedConfirmed => Text::new("确有困难，帮他家申请", "in difficulty: open an application"),
            OutcomeCode::VerifiedHelped => Text::new("有困难，已经帮上", "in difficulty, helped"),
            OutcomeCode::VerifiedAlreadyCovered => Text::new("有困难，已在救助中", "in difficulty, already covered"),
            OutcomeCode::VerifiedNoHardship => Text::new("核实过，没有困难", "verified, no hardship"),
            OutcomeCode::DataError => Text::new("数据不对", "the data are wrong"),
            OutcomeCode::Unreachable => Text::new("没见到人", "not reached"),
            OutcomeCode::RefusedHelp => Text::new("本人不愿接受帮助", "declined help"),
            OutcomeCode::Transferred => Text::new("已转给别的部门或单位", "passed on to another body"),
        }
    }

    /// The alert was right: somebody is in difficulty.
    pub fn confirms(self) -> bool {
        matches!(
            self,
            OutcomeCode::NeedConfirmed
                | OutcomeCode::VerifiedHelped
                | OutcomeCode::VerifiedAlreadyCovered
                | OutcomeCode::RefusedHelp
                | OutcomeCode::Transferred
        )
    }
}

pub(crate) fn level_id(level: Level) -> &'static str {
    match level {
        Level::Grid => "grid",
        Level::Village => "village",
        Level::Township => "township",
        Level::District => "district",
    }
}

pub(crate) fn level_from(id: &str) -> Level {
    match id {
        "grid" => Level::Grid,
        "village" => Level::Village,
        "township" => Level::Township,
        _ => Level::District,
    }
}

pub(crate) fn severity_id(severity: Severity) -> &'static str {
    match severity {
        Severity::Blue => "blue",
        Severity::Yellow => "yellow",
        Severity::Orange => "orange",
        Severity::Red => "red",
    }
}

pub(crate) fn severity_from(id: &str) -> Severity {
    match id {
        "red" => Severity::Red,
        "orange" => Severity::Orange,
        "yellow" => Severity::Yellow,
        _ => Severity::Blue,
    }
}
