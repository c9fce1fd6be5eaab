//! The matters of one application (一件事): proposed by the check, confirmed by the household one by one, forwarded to the
//! department that each belongs to, answered there within the pack's days.
//!
//! Nothing goes to a department that the household has not confirmed. Base matters, which are applied for, are the case
//! itself and stand in no table of their own.

mod answer;
mod choose;
pub(crate) mod migration;
mod read;
mod seats;
pub(crate) mod tables;

pub(crate) use self::choose::{decided_in, propose_in};
pub use self::{
    answer::{Reply, answer_matter},
    choose::choose_matters,
    read::{Desk, DeskRow, MatterCard, MatterRow, Matters, desk_matters, matter, matters_of},
    seats::{department_of, seat, seats},
};

crate::case_no::codes! {
    /// How a matter stands.
    MatterState {
        Proposed = "proposed", "等您确认", "for you to confirm";
        Declined = "declined", "没有勾选", "not wanted";
        Confirmed = "confirmed", "已确认，等认定结果", "confirmed, waits for the decision";
        Forwarded = "forwarded", "已转给部门", "sent to the department";
        Accepted = "accepted", "部门办理中", "with the department";
        Done = "done", "已办好", "done";
        Refused = "refused", "部门不予办理", "refused by the department";
        Lapsed = "lapsed", "随申请结束", "ended with the application";
    }
}

impl MatterState {
    /// Still with a department.
    pub fn is_with_department(self) -> bool {
        matches!(self, MatterState::Forwarded | MatterState::Accepted)
    }

    /// The household may still choose.
    pub fn is_open_to_choice(self) -> bool {
        matches!(self, MatterState::Proposed | MatterState::Declined | MatterState::Confirmed)
    }
}
