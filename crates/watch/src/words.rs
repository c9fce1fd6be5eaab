//! Codes of tasks and outcomes, with their words.

use tuodi_pack::{
    codes,
    indicator::{Level, Severity},
};

codes! {
    TaskState {
        Assigned = "assigned", "待上门", "to visit";
        Visiting = "visiting", "上门中", "being visited";
        Closed = "closed", "已办结", "closed";
    }
}

codes! {
    /// How a task ends (indicators.md B1, closing codes). `need_confirmed` opens a case.
    OutcomeCode {
        NeedConfirmed = "need_confirmed", "确有困难，帮助申请", "in need: help to apply";
        VerifiedHelped = "verified_helped", "有困难，已当场帮助", "in need: helped";
        VerifiedAlreadyCovered = "verified_already_covered", "已在享受救助", "already covered";
        VerifiedNoHardship = "verified_no_hardship", "核实无困难", "no hardship";
        DataError = "data_error", "数据有误", "data wrong";
        Unreachable = "unreachable", "没找到人", "not found";
        RefusedHelp = "refused_help", "本人不需要帮助", "help declined";
        Transferred = "transferred", "转其他部门办理", "passed on";
    }
}

impl OutcomeCode {
    /// Counts towards an indicator's precision: it pointed at people who needed something (indicators.md B1).
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

codes! {
    /// What overdue has made of a task, computed when it is read.
    Escalation {
        OnTime = "on_time", "期限内", "in time";
        /// One limit passed: the next level and the supervisor see it.
        NextLevel = "next_level", "已超期，上一级督办", "overdue: next level";
        /// Two limits passed: the district's list.
        District = "district", "严重超期，区级督办", "long overdue: district";
    }
}

pub fn severity_id(severity: Severity) -> &'static str {
    match severity {
        Severity::Blue => "blue",
        Severity::Yellow => "yellow",
        Severity::Orange => "orange",
        Severity::Red => "red",
    }
}

pub fn severity_from(id: &str) -> Option<Severity> {
    [Severity::Blue, Severity::Yellow, Severity::Orange, Severity::Red].into_iter().find(|s| severity_id(*s) == id)
}

/// Stored as a number, so that the database can sort by it: 4 is red.
pub(crate) fn severity_rank(severity: Severity) -> i32 {
    match severity {
        Severity::Blue => 1,
        Severity::Yellow => 2,
        Severity::Orange => 3,
        Severity::Red => 4,
    }
}

pub(crate) fn severity_of_rank(rank: i32) -> Severity {
    match rank {
        4 => Severity::Red,
        3 => Severity::Orange,
        2 => Severity::Yellow,
        _ => Severity::Blue,
    }
}

pub fn level_id(level: Level) -> &'static str {
    match level {
        Level::Grid => "grid",
        Level::Village => "village",
        Level::Township => "township",
        Level::District => "district",
    }
}

pub fn level_from(id: &str) -> Option<Level> {
    [Level::Grid, Level::Village, Level::Township, Level::District].into_iter().find(|l| level_id(*l) == id)
}
