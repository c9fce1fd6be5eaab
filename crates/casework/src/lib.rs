//! Applications, consent, economic checks, visits, opinions, publicity, decisions, benefits and payments.
//!
//! Invariants: a decision is made by a person who has neither surveyed nor given an opinion; no check without every
//! adult's authorisation; every act is authorised, guarded by the table of transitions, and changes its rows
//! together with its journal entry; a form posted twice changes things once.
//!
//! This room never reads the clock, never evaluates a rule (it asks through `tuodi_pack::Evaluate`), never refuses,
//! reduces or stops help by itself, and never writes a name, a number or an amount of money a person declared into
//! the journal, a log or an error.

mod acceptance;
mod appeal;
mod application;
pub mod appraisal;
mod authorisations;
mod bank;
mod case_no;
mod change;
mod check;
mod consent;
mod course;
pub mod crossing;
mod cx;
mod decision;
mod difference;
pub mod draft;
pub mod emergency;
mod error;
mod evidence;
pub mod extension;
mod figures;
pub mod hung;
pub mod kin;
pub mod known;
mod library;
pub mod life;
mod limits;
mod living;
pub mod mandate;
pub mod matters;
mod migration;
mod money;
mod notice;
mod objection;
mod overlay;
pub mod papers;
mod pay_list;
mod pay_out;
mod platform;
mod publicity;
mod queue;
pub mod raters;
pub mod reassess;
mod review;
mod roster;
pub mod rulings;
mod scope;
pub mod special;
mod state;
mod statistics;
mod tables;
pub mod verify;
mod view;
mod visit;
mod voice;
pub mod words;
pub mod work;

pub use self::{
    acceptance::{accept, return_for_more, take},
    appeal::{Appeal, AppealAnswer, Appealed, Grounds, answer_appeal, file_appeal},
    application::{Missing, Saved, Submitted, open_case_of, open_draft, open_from_alert, save_step, submit},
    authorisations::{
        Authorisation, Authorisations, Standing, authorisations, authorised, consent_evidence, require_authorised,
    },
    bank::{BankFile, BankFormat},
    case_no::{
        CaseNo, Channel, Mark, NotACaseNo, REFUSAL_CODES, TERMINATION_CODES, WorkAbility, reason_text, reason_title,
    },
    check::{Checked, Report, Verification, reports, resolve_difference, run_check},
    consent::{ConsentForm, give_consent, give_household_consent, withdraw_consent, withdraw_household_consent},
    course::{
        CLEAN_CONDITIONS, CleanCondition, Comparison as CourseComparison, CourseFigures, CourseView, Spread,
        compare_courses, course_workbook,
    },
    cx::{Cx, beijing_date},
    decision::{Decided, Decision, decide, first_of_month, month_after, send_back, terminate},
    difference::{Comparison, Difference, Judgement, Resolution, UnknownFact, Use},
    error::{CaseError, FieldError},
    evidence::Evidence,
    figures::{CaseFigures, figures},
    library::{own_checks, own_funds, own_help},
    limits::publicity_ends,
    living::{
        Change, Recheck, STOP_CODES, Why, decide_change, give_view, open_recheck, propose_change, recheck_unchanged,
        rechecks, stop_text, tell_change,
    },
    migration::migrations,
    money::{
        FundBook, FundMonth, LineParts, NewOver, OverDecision, OverRow, PayPart, Preview, ReturnTaken, ReturnedRow,
        RowProblem, RunOrder, RunTerms, allocate, decide_over, find_over, fund_books, fund_workbook, line_parts,
        mend_return, overpayments, prepare_batch, prepare_run, preview_run, repay_over, returned, take_bank_return,
        withdraw_batch,
    },
    notice::{Arithmetic, NoticeContent, NoticeKind, NoticeLine, NoticeRow, notice, verify_notice},
    objection::{Filed, Followed, Objection, ObjectionRow, follow, object_online, record_objection, resolve_objection},
    overlay::{platform_rows, platform_rows_of},
    pay_list::{BatchRow, BatchView, LineRow, batch, batches, payments_of},
    pay_out::{export_batch, record_paid, record_returned, sign_batch},
    platform::{assessed, assessment_rows, step_rows},
    publicity::{Posting, PublicNotice, end_due_publicity, end_publicity, public_notice, public_notices},
    queue::{
        Cut, QueueCounts, QueueFilter, QueueRow, WaitsFor, cases_of_household, county_of, own_cases, queue,
        queue_counts, rows_of,
    },
    review::{Opinion, Proposal, give_opinion, sign_opinion},
    roster::{Imported, RosterRow, import_roster},
    state::{CaseState, Event, NextStep, TRANSITIONS, advance, explains, guard},
    statistics::{ClassRow, Counts, MonthReport, Shown, StatRow, month_report, month_workbook},
    view::{BenefitRow, CaseView, Consent, Member, Offer, Offered, StageRow, TimelineRow, view},
    visit::{
        FamilySignature, MemberFinding, SeenAmount, Signature, Unsigned, Visit, VisitForm, VisitMark, VisitRecord,
        Visited, Visitor, record_visit, seen_field, visit_signature,
    },
    voice::{
        Heard, OwnVoice, Rated, Rating, Said, VoiceAnswer, VoiceRow, VoiceView, answer_voice, escalate_late_voices,
        follow_voice, rate, speak_of_case, speak_up, voice, voices,
    },
};
