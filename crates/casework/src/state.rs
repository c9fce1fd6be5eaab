//! The states of a recognition case and the table of its transitions (workflow.md 3).

use crate::case_no::codes;
use tuodi_access::Act;

codes! {
    CaseState {
        Draft = "draft", "填写中", "being filled in";
        AwaitingConsent = "awaiting_consent", "待授权", "waiting for agreement";
        Submitted = "submitted", "已提交", "submitted";
        Returned = "returned", "待补正", "waiting for missing papers";
        Accepted = "accepted", "已受理", "accepted";
        Checking = "checking", "核对中", "economic check";
        Surveying = "surveying", "调查中", "home visit";
        ManualCheck = "manual_check", "人工核查", "checked by a person";
        Reviewed = "reviewed", "已初审", "reviewed";
        Publicised = "publicised", "公示中", "publicity";
        Objection = "objection", "有异议", "objection";
        Confirming = "confirming", "审核确认", "confirmation";
        Approved = "approved", "已确认", "approved";
        Refused = "refused", "不予确认", "refused";
        Terminated = "terminated", "终止", "ended";
        Assisting = "assisting", "救助中", "assisted";
        Appealed = "appealed", "申诉中", "appealed";
        Reverifying = "reverifying", "复核中", "checked again";
        Adjusting = "adjusting", "调整中", "being adjusted";
        GradualExit = "gradual_exit", "渐退", "leaving gradually";
        Exited = "exited", "退出", "left";
        SpecialReview = "special_review", "一事一议", "special review";
        Appraisal = "appraisal", "民主评议", "appraisal by the neighbourhood";
    }
}

codes! {
    /// What moves a case.
    Event {
        Submit = "submit", "提交", "submit";
        Accept = "accept", "受理", "accept";
        Return = "return", "一次性告知补正", "ask for what is missing";
        CheckDone = "check_done", "核对完成", "check done";
        VisitDone = "visit_done", "入户完成", "visit done";
        Conflict = "conflict", "转人工核查", "a person must judge";
        Judge = "judge", "差异已判断", "differences judged";
        PutForward = "put_forward", "齐全一致，提请签署", "put forward for signature";
        Review = "review", "初审", "review";
        Publicise = "publicise", "公示", "publicise";
        Forward = "forward", "报审核确认", "forward to the district";
        Object = "object", "提出异议", "object";
        CallAppraisal = "call_appraisal", "提请民主评议", "call an appraisal";
        Appraise = "appraise", "记录民主评议", "minutes of the appraisal";
        CallOff = "call_off", "取消民主评议", "call the appraisal off";
        SendBack = "send_back", "退回调查", "send back";
        Approve = "approve", "确认", "approve";
        Refuse = "refuse", "不予确认", "refuse";
        Terminate = "terminate", "终止", "end";
        Pay = "pay", "列入发放", "pay";
        Appeal = "appeal", "提出申诉", "appeal";
        Reopen = "reopen", "重新审核确认", "decide anew";
        KeepRefusal = "keep_refusal", "维持不予确认", "keep the refusal";
        KeepApproval = "keep_approval", "维持原确认", "keep the approval";
        Convene = "convene", "提请一事一议", "put before the special review";
        Meet = "meet", "记录会议", "minutes of the meeting";
        KeepAid = "keep_aid", "维持原待遇", "keep what is given";
        KeepGradual = "keep_gradual", "维持渐退决定", "keep the gradual exit";
        KeepExit = "keep_exit", "维持退出决定", "keep the exit";
        Recheck = "recheck", "开始复核", "check again";
        Tell = "tell", "说明家庭变化", "tell of a change";
        Unchanged = "unchanged", "没有变化", "no change";
        ProposeChange = "propose_change", "提出调整", "propose a change";
        DecideChange = "decide_change", "决定调整", "decide the change";
        BeginExit = "begin_exit", "开始渐退", "begin the gradual exit";
        ResumeExit = "resume_exit", "继续渐退", "go on leaving gradually";
        Exit = "exit", "退出", "leave";
    }
}

codes! {
    /// What the case waits for now: the queue's "blocked by" and "next step".
    NextStep {
        FillIn = "fill_in", "等申请人填完提交", "applicant to finish";
        Consent = "consent", "等家庭成员授权", "members to authorise";
        Accept = "accept", "材料审查", "check the papers";
        Supply = "supply", "等申请人补正", "applicant to supply papers";
        RunCheck = "run_check", "核对家庭经济状况", "run the economic check";
        Visit = "visit", "派人入户调查", "visit the home";
        ExplainDifferences = "explain_differences", "看差异，写说明", "judge the differences";
        Opinion = "opinion", "写初审意见", "write the opinion";
        Sign = "sign", "负责人签署", "sign the opinion";
        WaitPublicity = "wait_publicity", "公示期内", "publicity running";
        EndPublicity = "end_publicity", "公示期满，报确认", "publicity over, forward";
        ResolveObjection = "resolve_objection", "复查异议", "look into the objection";
        Appraise = "appraise", "开民主评议会", "hold the appraisal";
        Decide = "decide", "审核确认", "decide";
        Pay = "pay", "列入发放名单", "put on the pay list";
        Reverify = "reverify", "定期核查", "periodic check";
        AnswerAppeal = "answer_appeal", "复查申诉", "hear the appeal";
        Recheck = "recheck", "复核并提出意见", "check again and say what changes";
        DecideChange = "decide_change", "决定调整", "decide the change";
        EndExit = "end_exit", "渐退期满核查", "check at the end of the gradual exit";
        Watch = "watch", "退出后关注", "kept in view after leaving";
        Deliberate = "deliberate", "开会议定", "hold the special review";
        Done = "done", "已办结", "finished";
    }
}

/// Whole table, as data: from, event, to.
pub const TRANSITIONS: &[(CaseState, Event, CaseState)] = {
    use CaseState as S;
    use Event as E;
    &[
        (S::Draft, E::Submit, S::Submitted),
        (S::AwaitingConsent, E::Submit, S::Submitted),
        (S::Returned, E::Submit, S::Submitted),
        (S::Submitted, E::Accept, S::Accepted),
        (S::Submitted, E::Return, S::Returned),
        // Check and visit run side by side; the state names what is still out (transition 10).
        (S::Accepted, E::CheckDone, S::Surveying),
        (S::Accepted, E::VisitDone, S::Checking),
        (S::Checking, E::CheckDone, S::Surveying),
        (S::Checking, E::VisitDone, S::Checking),
        (S::Surveying, E::CheckDone, S::Surveying),
        // What a visit found is not in the report before the check is run again.
        (S::Surveying, E::VisitDone, S::Checking),
        (S::ManualCheck, E::CheckDone, S::Surveying),
        (S::ManualCheck, E::VisitDone, S::Checking),
        // Follows a check at once (transition 11).
        (S::Surveying, E::Conflict, S::ManualCheck),
        // Everything known and consistent: the platform puts it before the leader, who signs or not (transitions 12, 14).
        (S::Surveying, E::PutForward, S::Reviewed),
        (S::ManualCheck, E::Judge, S::Surveying),
        (S::Surveying, E::Judge, S::Surveying),
        (S::Surveying, E::Review, S::Reviewed),
        (S::ManualCheck, E::Review, S::Reviewed),
        // The leader sends the opinion back.
        (S::Reviewed, E::SendBack, S::Surveying),
        (S::Reviewed, E::Publicise, S::Publicised),
        (S::Reviewed, E::Forward, S::Confirming),
        (S::Publicised, E::Forward, S::Confirming),
        (S::Publicised, E::Object, S::Objection),
        // Others may object too while somebody looks into it.
        (S::Objection, E::Object, S::Objection),
        (S::Objection, E::VisitDone, S::Objection),
        (S::Objection, E::CheckDone, S::Objection),
        (S::Objection, E::Judge, S::Objection),
        (S::Objection, E::Forward, S::Confirming),
        // Instead of another visit, or besides it, the neighbourhood is asked whether what was found is true.
        (S::Objection, E::CallAppraisal, S::Appraisal),
        (S::Appraisal, E::Appraise, S::Objection),
        (S::Appraisal, E::CallOff, S::Objection),
        (S::Appraisal, E::Object, S::Appraisal),
        // Where the programme asks for publicity again (TK art. 15).
        (S::Objection, E::Publicise, S::Publicised),
        (S::Confirming, E::SendBack, S::Surveying),
        (S::Confirming, E::Approve, S::Approved),
        (S::Confirming, E::Refuse, S::Refused),
        // Transitions 22 and 23: the county's mechanism meets, and the decision follows its minutes.
        (S::Confirming, E::Convene, S::SpecialReview),
        (S::SpecialReview, E::Meet, S::SpecialReview),
        (S::SpecialReview, E::SendBack, S::Surveying),
        (S::SpecialReview, E::Approve, S::Approved),
        (S::SpecialReview, E::Refuse, S::Refused),
        (S::SpecialReview, E::Terminate, S::Terminated),
        (S::Draft, E::Terminate, S::Terminated),
        (S::AwaitingConsent, E::Terminate, S::Terminated),
        (S::Submitted, E::Terminate, S::Terminated),
        (S::Returned, E::Terminate, S::Terminated),
        (S::Accepted, E::Terminate, S::Terminated),
        (S::Checking, E::Terminate, S::Terminated),
        (S::Surveying, E::Terminate, S::Terminated),
        (S::ManualCheck, E::Terminate, S::Terminated),
        (S::Reviewed, E::Terminate, S::Terminated),
        (S::Publicised, E::Terminate, S::Terminated),
        (S::Objection, E::Terminate, S::Terminated),
        (S::Appraisal, E::Terminate, S::Terminated),
        (S::Confirming, E::Terminate, S::Terminated),
        (S::Approved, E::Pay, S::Assisting),
        // Transitions 33 to 35: heard by somebody else than who decided.
        (S::Refused, E::Appeal, S::Appealed),
        (S::Approved, E::Appeal, S::Appealed),
        (S::Assisting, E::Appeal, S::Appealed),
        (S::Appealed, E::Reopen, S::Confirming),
        (S::Appealed, E::KeepRefusal, S::Refused),
        (S::Appealed, E::KeepApproval, S::Approved),
        (S::Appealed, E::KeepAid, S::Assisting),
        // Life after the decision (transitions 26 to 32).
        (S::Assisting, E::Recheck, S::Reverifying),
        (S::Assisting, E::Tell, S::Reverifying),
        (S::GradualExit, E::Recheck, S::Reverifying),
        (S::GradualExit, E::Tell, S::Reverifying),
        // Data first, a visit where needed.
        (S::Reverifying, E::CheckDone, S::Reverifying),
        (S::Reverifying, E::VisitDone, S::Reverifying),
        (S::Reverifying, E::Judge, S::Reverifying),
        (S::Reverifying, E::Unchanged, S::Assisting),
        (S::Reverifying, E::ResumeExit, S::GradualExit),
        (S::Reverifying, E::ProposeChange, S::Adjusting),
        // Against an end that is posted (TK art. 26).
        (S::Adjusting, E::Object, S::Adjusting),
        (S::Adjusting, E::DecideChange, S::Assisting),
        (S::Adjusting, E::ResumeExit, S::GradualExit),
        (S::Adjusting, E::BeginExit, S::GradualExit),
        (S::Adjusting, E::Exit, S::Exited),
        (S::GradualExit, E::Appeal, S::Appealed),
        (S::Exited, E::Appeal, S::Appealed),
        (S::Appealed, E::KeepGradual, S::GradualExit),
        (S::Appealed, E::KeepExit, S::Exited),
    ]
};

/// Where `event` takes a case that is at `from`; `None` is a wrong stage.
pub fn advance(from: CaseState, event: Event) -> Option<CaseState> {
    TRANSITIONS.iter().find(|(f, e, _)| *f == from && *e == event).map(|(_, _, to)| *to)
}

/// Whether one act may take a case from one state to the other: a step of the table, or a check with what it shows: a
/// conflict, or that nothing is open.
pub fn explains(from: CaseState, to: CaseState) -> bool {
    let steps = |from: CaseState| TRANSITIONS.iter().filter(move |(f, _, _)| *f == from);
    steps(from).any(|(_, event, there)| {
        let shows = |next| *event == Event::CheckDone && advance(*there, next) == Some(to);
        *there == to || shows(Event::Conflict) || shows(Event::PutForward)
    })
}

/// What whoever moves a case by `event` from `from` must be permitted: no step is without.
pub fn guard(from: CaseState, event: Event) -> Act {
    match event {
        Event::Submit => Act::Apply,
        Event::Accept => Act::Accept,
        Event::Return => Act::Return,
        Event::CheckDone | Event::Conflict | Event::PutForward => Act::RecordCheck,
        Event::VisitDone => Act::RecordVisit,
        Event::Review | Event::Judge => Act::Review,
        Event::CallAppraisal | Event::Appraise | Event::CallOff => Act::Review,
        // The leader's signature; after an objection the new opinion.
        Event::Publicise | Event::Forward | Event::SendBack if from == CaseState::Reviewed => Act::Publicise,
        Event::Publicise | Event::Forward => Act::Review,
        Event::Object => Act::RecordObjection,
        Event::SendBack | Event::Approve | Event::Refuse | Event::Convene | Event::Meet => Act::Decide,
        Event::Reopen | Event::KeepRefusal | Event::KeepApproval | Event::KeepAid => Act::Decide,
        Event::KeepGradual | Event::KeepExit => Act::Decide,
        Event::Appeal => Act::Appeal,
        Event::Terminate => Act::Terminate,
        Event::Pay => Act::PreparePayment,
        Event::Recheck => Act::RecordCheck,
        // The family itself, or whoever writes down what it says.
        Event::Tell => Act::ContestFact,
        Event::Unchanged | Event::ProposeChange => Act::Review,
        Event::ResumeExit if from == CaseState::Reverifying => Act::Review,
        Event::DecideChange | Event::ResumeExit | Event::BeginExit | Event::Exit => Act::Decide,
    }
}

impl CaseState {
    /// Still waiting for a decision or its first payment.
    pub fn is_open(self) -> bool {
        !matches!(
            self,
            CaseState::Refused
                | CaseState::Terminated
                | CaseState::Assisting
                | CaseState::GradualExit
                | CaseState::Exited
        )
    }

    /// The statutory clock runs: accepted and not decided, and not with the applicant.
    pub fn is_running(self) -> bool {
        matches!(
            self,
            CaseState::Accepted
                | CaseState::Checking
                | CaseState::Surveying
                | CaseState::ManualCheck
                | CaseState::Reviewed
                | CaseState::Publicised
                | CaseState::Objection
                | CaseState::Appraisal
                | CaseState::Confirming
                | CaseState::SpecialReview
        )
    }
}

impl NextStep {
    /// The role that acts next (workflow.md 2).
    pub fn role(self) -> &'static str {
        match self {
            NextStep::FillIn | NextStep::Consent | NextStep::Supply => "R01",
            NextStep::RunCheck => "R09",
            NextStep::Accept
            | NextStep::Visit
            | NextStep::ExplainDifferences
            | NextStep::Opinion
            | NextStep::WaitPublicity
            | NextStep::EndPublicity
            | NextStep::ResolveObjection
            | NextStep::Appraise
            | NextStep::Reverify
            | NextStep::Recheck
            | NextStep::EndExit
            | NextStep::Watch => "R05",
            NextStep::Sign => "R06",
            NextStep::Decide | NextStep::Deliberate | NextStep::AnswerAppeal | NextStep::DecideChange => "R08",
            NextStep::Pay => "R07",
            NextStep::Done => "",
        }
    }

    /// Nobody in an office can move the case now.
    pub fn waits_for_others(self) -> bool {
        matches!(self, NextStep::FillIn | NextStep::Consent | NextStep::Supply | NextStep::WaitPublicity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_decision_without_the_stage_before_it() {
        let decided = [CaseState::Confirming, CaseState::SpecialReview];
        for state in CaseState::ALL.iter().filter(|s| !decided.contains(s)) {
            assert_eq!(advance(*state, Event::Approve), None, "{state:?}");
            assert_eq!(advance(*state, Event::Refuse), None, "{state:?}");
        }
    }

    #[test]
    fn a_decided_case_cannot_be_ended_or_reopened_by_the_loop() {
        for (from, event, _) in TRANSITIONS.iter().filter(|(from, _, _)| !from.is_open()) {
            assert!([Event::Appeal, Event::Recheck, Event::Tell].contains(event), "{from:?} {event:?}");
        }
    }

    #[test]
    fn a_pack_may_set_limits_in_these_states_and_ends_where_the_table_ends() {
        let ids: Vec<&str> = CaseState::ALL.iter().map(|s| s.id()).collect();
        assert_eq!(ids, tuodi_pack::stages::STATES);
        let last = CaseState::ALL.iter().filter(|s| !s.is_open());
        assert_eq!(last.map(|s| s.id()).collect::<Vec<_>>(), tuodi_pack::stages::TERMINAL);
    }

    #[test]
    fn no_state_is_out_of_reach_and_none_is_a_dead_end() {
        let reaches = |from: CaseState, goal: &dyn Fn(CaseState) -> bool| {
            let (mut seen, mut left) = (vec![from], vec![from]);
            while let Some(state) = left.pop() {
                for (_, _, to) in TRANSITIONS.iter().filter(|(f, _, _)| *f == state) {
                    if !seen.contains(to) {
                        seen.push(*to);
                        left.push(*to);
                    }
                }
            }
            seen.into_iter().any(goal)
        };
        for state in CaseState::ALL {
            assert!(reaches(*state, &|s| !s.is_open()), "{state:?} is a dead end");
            let begins = [CaseState::Draft, CaseState::AwaitingConsent];
            assert!(begins.iter().any(|b| reaches(*b, &|s| s == *state)), "{state:?} is out of reach");
        }
        for event in Event::ALL {
            assert!(TRANSITIONS.iter().any(|(_, e, _)| e == event), "{event:?} moves nothing");
        }
    }

    #[test]
    fn each_event_leads_one_way_from_each_state() {
        for (i, (from, event, _)) in TRANSITIONS.iter().enumerate() {
            assert!(!TRANSITIONS[i + 1..].iter().any(|(f, e, _)| f == from && e == event), "{from:?} {event:?}");
        }
    }
}
