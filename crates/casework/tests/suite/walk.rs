//! The machine of states walked whole: every step of the table by every role, every event where it does not belong, from
//! another region, and a second time. New steps of the table are walked without a line here, unless their act is new.
//!
//! On SQLite only: each of some hundred attempts begins from a copy of the case's file at that stage. That the acts work
//! alike on PostgreSQL, their own tests show.

use crate::{common::*, machine::roles};
use std::path::{Path, PathBuf};
use tuodi_access::{Act, Actor, Entrusted, Resource, Role, Sensitivity};
use tuodi_casework::{
    AppealAnswer, CaseError, CaseNo, CaseState, Change, Channel, Cx, Event, Evidence, Grounds, Objection, Proposal,
    QueueRow, TRANSITIONS, TimelineRow, Use, Why, advance, appraisal, explains, guard, special,
};
use tuodi_pack::{Answer, Fen, HouseholdId};
use tuodi_store::Store;
use tuodi_testing::test_keys;

/// After the board's seven days: any step that may be taken at all may be taken now.
const ON: (u32, u32) = (7, 20);

fn agreeing() -> Engine {
    Engine::dibao()
}

/// Declared 6,500; banks say 18,450.
fn contradicting() -> Engine {
    Engine { fin_assets: Some(1_845_000), ..Engine::dibao() }
}

/// Everything known, and no tier.
fn unentitled(d: &District) -> Engine {
    Engine { tier: "none".to_owned(), monthly: Fen::ZERO, ..d.knowing() }
}

fn unknowing() -> Engine {
    let (tier, assets_answer) = ("none".to_owned(), Answer::Unknown);
    Engine { tier, monthly: Fen::ZERO, fin_assets: None, assets_answer, ..Engine::dibao() }
}

fn tekun() -> Proposal {
    Proposal::Approve { programme: "tekun".to_owned(), monthly: Fen::yuan(1358) }
}

fn refusal() -> Proposal {
    Proposal::Refuse { reason_code: "income_over".to_owned() }
}

fn grounds() -> Grounds {
    Grounds { text: "账户里的钱是村集体的".to_owned(), ..Grounds::default() }
}

fn raise() -> Change {
    Change::Raise { monthly: Fen::yuan(2600), from: day(2026, 8, 1) }
}

fn moved_away() -> Change {
    Change::Stop { reason_code: "moved".to_owned(), from: None, reporters: Vec::new() }
}

fn minutes(approve: bool) -> special::Minutes {
    special::Minutes {
        met_on: Some(day(2026, 7, 20)),
        members: ["民政局 何平", "财政局 罗明", "医保局 高原"].map(str::to_owned).into(),
        approve: Some(approve),
        text: "一致同意".to_owned(),
    }
}

pub(crate) fn calling() -> appraisal::Calling {
    appraisal::Calling {
        meets_on: Some(day(2026, 7, 20)),
        place: "村委会".to_owned(),
        points: "在外地打工有没有收入".to_owned(),
    }
}

/// Held with seven, five of them of the neighbourhood.
pub(crate) fn held() -> appraisal::Held {
    let sat = [("township", 1), ("committee", 1), ("resident", 5)];
    let member = |side: &str, i: i32| appraisal::Member { name: format!("{side} {i}"), side: side.to_owned() };
    appraisal::Held {
        held_on: Some(day(2026, 7, 20)),
        members: sat.iter().flat_map(|(side, n)| (0..*n).map(|i| member(side, i))).collect(),
        votes: appraisal::Votes { holds: 5, untrue: 1, unsure: 1 },
        text: "大家都说他今年没有出去打工".to_owned(),
        sheet: Some(Evidence::new(b"%PDF-1.7 signed".to_vec()).unwrap()),
    }
}

fn objection() -> Objection {
    Objection { text: "有异议".to_owned(), how: "oral".to_owned(), ..Objection::default() }
}

impl District {
    /// A case that stands where `event` may be tried from `from`, with all that the event needs besides.
    async fn standing(&self, from: CaseState, event: Event) -> CaseNo {
        let officer = self.officer(day(2026, 7, 8));
        match (from, event) {
            (CaseState::Draft, _) => self.filled(false).await,
            (CaseState::AwaitingConsent, _) => {
                let system = self.cx(Actor::system(), Channel::System, day(2026, 7, 6));
                let case =
                    tuodi_casework::open_from_alert(&system, self.household, Some(self.father), "1").await.unwrap();
                let citizen = self.citizen(day(2026, 7, 6));
                tuodi_casework::save_step(&citizen, &case, 1, "check", self.form()).await.unwrap();
                case
            }
            (CaseState::Submitted, Event::Accept) => self.submitted(true).await,
            (CaseState::Submitted, _) => self.submitted(false).await,
            (CaseState::Returned, _) => {
                let case = self.submitted(false).await;
                let (version, missing) = (self.version(&case).await, vec!["户口簿".to_owned()]);
                tuodi_casework::return_for_more(&officer, &case, version, &[], missing, String::new(), "t")
                    .await
                    .unwrap();
                case
            }
            (CaseState::Accepted, _) => self.accepted().await,
            (CaseState::Checking, _) => {
                let (case, form) = (self.accepted().await, self.visit(day(2026, 7, 8)));
                let version = self.version(&case).await;
                tuodi_casework::record_visit(&officer, &agreeing(), &case, version, form).await.unwrap();
                case
            }
            (CaseState::Surveying, Event::Judge) => {
                let case = self.accepted().await;
                tuodi_casework::run_check(&officer, &contradicting(), &case, self.version(&case).await).await.unwrap();
                case
            }
            (CaseState::Surveying, Event::PutForward) => {
                self.surveyed_whole(&unentitled(self), self.whole_form()).await
            }
            (CaseState::Surveying, _) => self.surveyed(&agreeing()).await,
            (CaseState::ManualCheck, Event::Review) => self.surveyed(&unknowing()).await,
            (CaseState::ManualCheck, _) => self.surveyed(&contradicting()).await,
            (CaseState::Reviewed, Event::Forward) => {
                let case = self.surveyed(&agreeing()).await;
                let version = self.version(&case).await;
                tuodi_casework::give_opinion(&officer, &case, version, refusal(), "收入超限", "t").await.unwrap();
                case
            }
            (CaseState::Reviewed, _) => self.reviewed(&agreeing()).await,
            (CaseState::Publicised, _) => self.publicised(&agreeing()).await,
            (CaseState::Objection, Event::Publicise) => {
                let engine = Engine { tier: "tekun".to_owned(), monthly: Fen::yuan(1358), ..agreeing() };
                let case = self.surveyed(&engine).await;
                let version = self.version(&case).await;
                let version = tuodi_casework::give_opinion(&officer, &case, version, tekun(), "", "t").await.unwrap();
                let leader = self.leader(day(2026, 7, 10));
                tuodi_casework::sign_opinion(&leader, &case, version, true, "", "t").await.unwrap();
                self.objected(&engine, &case).await;
                case
            }
            (CaseState::Objection, Event::Judge) => {
                let case = self.publicised(&agreeing()).await;
                self.objected(&contradicting(), &case).await;
                case
            }
            (CaseState::Objection, _) => {
                let case = self.publicised(&agreeing()).await;
                self.objected(&agreeing(), &case).await;
                case
            }
            (CaseState::Appraisal, _) => {
                let case = self.publicised(&agreeing()).await;
                self.objected(&agreeing(), &case).await;
                let (cx, version) = (self.second_officer(day(2026, 7, 14)), self.version(&case).await);
                appraisal::call_appraisal(&cx, &case, version, calling(), "a").await.unwrap();
                case
            }
            (CaseState::Confirming, _) => self.confirming(&agreeing()).await,
            (CaseState::SpecialReview, event) => {
                let case = self.confirming(&agreeing()).await;
                let (cx, version) = (self.reviewer(day(2026, 7, 20)), self.version(&case).await);
                let version = special::convene(&cx, &case, version, "情况复杂", "t1").await.unwrap();
                if matches!(event, Event::Approve | Event::Refuse) {
                    let held = minutes(event == Event::Approve);
                    special::record_minutes(&cx, &case, version, held, "t2").await.unwrap();
                }
                case
            }
            (CaseState::Approved, _) => self.approved().await,
            (CaseState::Assisting, _) => self.assisted().await,
            (CaseState::Refused, _) => self.refused().await,
            (CaseState::GradualExit, _) => self.leaving().await,
            (CaseState::Exited, _) => self.left().await,
            (CaseState::Reverifying, event) => {
                let case = if event == Event::ResumeExit { self.leaving().await } else { self.assisted().await };
                self.checked_again(&case).await;
                if event == Event::Judge {
                    let (cx, version) = (self.officer(day(2026, 7, 20)), self.version(&case).await);
                    tuodi_casework::run_check(&cx, &contradicting(), &case, version).await.unwrap();
                }
                case
            }
            (CaseState::Adjusting, Event::Object) => {
                // Where the end of the programme is posted.
                let mut pack = (*self.pack).clone();
                pack.workflow.living.ends_posted.push("dibao".to_owned());
                let d = District { pack: pack.into(), ..self.over(self.store.clone()) };
                let case = d.assisted().await;
                d.proposed(&case, moved_away()).await;
                case
            }
            (CaseState::Adjusting, event) => {
                let case = if event == Event::ResumeExit { self.leaving().await } else { self.assisted().await };
                let change = match event {
                    Event::BeginExit => Change::Gradual,
                    Event::Exit => moved_away(),
                    Event::ResumeExit => Change::Lower { monthly: Fen::yuan(1) },
                    _ => raise(),
                };
                self.proposed(&case, change).await;
                case
            }
            (CaseState::Appealed, event) => {
                let case = match event {
                    Event::KeepApproval => self.approved().await,
                    Event::KeepAid => self.assisted().await,
                    Event::KeepGradual => self.leaving().await,
                    Event::KeepExit => self.left().await,
                    _ => self.refused().await,
                };
                let (citizen, version) = (self.citizen(day(2026, 7, 21)), self.version(&case).await);
                tuodi_casework::file_appeal(&citizen, &case, version, grounds(), "t").await.unwrap();
                case
            }
            (CaseState::Terminated, _) => {
                let case = self.accepted().await;
                let version = self.version(&case).await;
                tuodi_casework::terminate(&officer, &case, version, "moved", "已迁出", "t").await.unwrap();
                case
            }
        }
    }

    async fn approved(&self) -> CaseNo {
        let case = self.confirming(&agreeing()).await;
        self.decided(&case, dibao(), "").await;
        case
    }

    async fn assisted(&self) -> CaseNo {
        let case = self.approved().await;
        let payer = self.district_officer(day(2026, 8, 5));
        tuodi_casework::prepare_batch(&payer, day(2026, 8, 1), "t").await.unwrap();
        case
    }

    async fn checked_again(&self, case: &CaseNo) {
        let (cx, version) = (self.officer(day(2026, 7, 20)), self.version(case).await);
        tuodi_casework::open_recheck(&cx, case, version, Why::Period, "", "").await.unwrap();
    }

    /// Proposed, and the family has spoken: it can be decided.
    async fn proposed(&self, case: &CaseNo, change: Change) {
        self.checked_again(case).await;
        let (cx, version, more) = (self.officer(day(2026, 7, 20)), self.version(case).await, change == raise());
        tuodi_casework::propose_change(&cx, case, version, change, "核查属实", "").await.unwrap();
        if !more {
            tuodi_casework::give_view(&self.citizen(day(2026, 7, 20)), case, "知道了", "").await.unwrap();
        }
    }

    async fn changed(&self, change: Change) -> CaseNo {
        let case = self.assisted().await;
        self.proposed(&case, change).await;
        let (cx, version) = (self.reviewer(day(2026, 7, 20)), self.version(&case).await);
        tuodi_casework::decide_change(&cx, &case, version, true, "属实", "").await.unwrap();
        case
    }

    async fn leaving(&self) -> CaseNo {
        self.changed(Change::Gradual).await
    }

    async fn left(&self) -> CaseNo {
        self.changed(moved_away()).await
    }

    async fn refused(&self) -> CaseNo {
        let case = self.confirming(&agreeing()).await;
        self.decided(&case, refusal(), "收入超限").await;
        case
    }

    async fn filled(&self, consents: bool) -> CaseNo {
        let citizen = self.citizen(day(2026, 7, 6));
        let case = tuodi_casework::open_draft(&citizen, self.father).await.unwrap();
        tuodi_casework::save_step(&citizen, &case, 1, "check", self.form()).await.unwrap();
        if consents {
            self.consents(&citizen, &case).await;
        }
        case
    }

    /// Submitted and not accepted: an authorisation is missing, or the region, which a clerk must look at.
    async fn submitted(&self, consents: bool) -> CaseNo {
        let case = self.filled(consents).await;
        let mut citizen = self.citizen(day(2026, 7, 6));
        if consents {
            let mut pack = (*self.pack).clone();
            pack.regions = Default::default();
            citizen.pack = pack.into();
        }
        tuodi_casework::submit(&citizen, &case, self.version(&case).await, "t").await.unwrap();
        case
    }

    async fn objected(&self, engine: &Engine, case: &CaseNo) {
        let (on, version) = (day(2026, 7, 14), self.version(case).await);
        tuodi_casework::record_objection(&self.officer(on), case, version, objection(), "o").await.unwrap();
        let (cx, version) = (self.second_officer(on), self.version(case).await);
        tuodi_casework::record_visit(&cx, engine, case, version, self.visit(on)).await.unwrap();
    }

    async fn decided(&self, case: &CaseNo, outcome: Proposal, text: &str) {
        let (cx, version) = (self.reviewer(day(2026, 7, 20)), self.version(case).await);
        tuodi_casework::decide(&cx, case, version, outcome, text, "t").await.unwrap();
    }

    pub async fn story(&self, case: &CaseNo) -> Vec<TimelineRow> {
        tuodi_casework::view(&self.reviewer(day(2026, 7, 20)), case, "test").await.unwrap().timeline
    }
}

/// Does the act that is `event`. Where the event does not belong, the act that it mostly is.
async fn perform(
    d: &District,
    cx: &Cx,
    case: &CaseNo,
    from: CaseState,
    event: Event,
    version: i32,
) -> Result<(), CaseError> {
    use tuodi_casework as c;
    // A key of each event's own: one used for another act is refused.
    let (today, k) = (cx.today(), event.id());
    match event {
        Event::Submit => c::submit(cx, case, version, k).await.map(drop),
        Event::Accept => c::accept(cx, case, version).await,
        Event::Return => {
            c::return_for_more(cx, case, version, &[], vec!["户口簿".to_owned()], String::new(), k).await.map(drop)
        }
        Event::CheckDone => c::run_check(cx, &agreeing(), case, version).await.map(drop),
        Event::PutForward => c::run_check(cx, &d.knowing(), case, version).await.map(drop),
        Event::Conflict => c::run_check(cx, &contradicting(), case, version).await.map(drop),
        Event::VisitDone => c::record_visit(cx, &agreeing(), case, version, d.visit(today)).await.map(drop),
        Event::Judge => c::resolve_difference(cx, case, version, 1, judged(Use::Found, "本人已认可")).await.map(drop),
        Event::Review => c::give_opinion(cx, case, version, dibao(), "据实际情况", k).await.map(drop),
        Event::Publicise | Event::Forward | Event::SendBack if from == CaseState::Reviewed => {
            c::sign_opinion(cx, case, version, event != Event::SendBack, "再查", k).await.map(drop)
        }
        Event::Forward if from == CaseState::Publicised => c::end_publicity(cx, case, version).await.map(drop),
        Event::Publicise => c::resolve_objection(cx, case, version, tekun(), "属实", "不属实", k).await.map(drop),
        Event::Forward => c::resolve_objection(cx, case, version, dibao(), "属实", "不属实", k).await.map(drop),
        Event::Object => c::record_objection(cx, case, version, objection(), k).await.map(drop),
        Event::CallAppraisal => appraisal::call_appraisal(cx, case, version, calling(), k).await.map(drop),
        Event::Appraise => appraisal::record_appraisal(cx, case, version, held(), k).await.map(drop),
        Event::CallOff => appraisal::call_off(cx, case, version, "人来不齐", k).await.map(drop),
        Event::Convene => c::special::convene(cx, case, version, "情况复杂", k).await.map(drop),
        Event::Meet => c::special::record_minutes(cx, case, version, minutes(true), k).await.map(drop),
        Event::SendBack => c::send_back(cx, case, version, "再查", k).await.map(drop),
        Event::Approve => c::decide(cx, case, version, dibao(), "", k).await.map(drop),
        Event::Refuse => c::decide(cx, case, version, refusal(), "收入超限", k).await.map(drop),
        Event::Terminate => c::terminate(cx, case, version, "no_cooperation", "不配合", k).await.map(drop),
        Event::Pay => c::prepare_batch(cx, day(2026, 8, 1), k).await.map(drop),
        Event::Appeal => c::file_appeal(cx, case, version, grounds(), k).await.map(drop),
        Event::Reopen => {
            let said = AppealAnswer::Reopen { office_error: false };
            c::answer_appeal(cx, case, version, said, "补充了新情况", k).await.map(drop)
        }
        Event::KeepRefusal | Event::KeepApproval | Event::KeepAid | Event::KeepGradual | Event::KeepExit => {
            c::answer_appeal(cx, case, version, AppealAnswer::Keep, "维持", k).await.map(drop)
        }
        Event::Recheck => c::open_recheck(cx, case, version, Why::Period, "", k).await.map(drop),
        Event::Tell => c::tell_change(cx, case, version, "找到工作了", k).await.map(drop),
        Event::Unchanged => c::recheck_unchanged(cx, case, version, "看了工资单", k).await.map(drop),
        Event::ResumeExit if from == CaseState::Reverifying => {
            c::recheck_unchanged(cx, case, version, "看了工资单", k).await.map(drop)
        }
        Event::ProposeChange => c::propose_change(cx, case, version, raise(), "孩子上学", k).await.map(drop),
        Event::DecideChange | Event::ResumeExit | Event::BeginExit | Event::Exit => {
            c::decide_change(cx, case, version, event != Event::ResumeExit, "据实际情况", k).await.map(drop)
        }
    }
}

/// Somebody of this role who has had nothing to do with the case.
fn somebody(d: &District, case: &CaseNo, role: Role, elsewhere: bool) -> Cx {
    let region = match role {
        Role::GridWorker | Role::VillageOfficer | Role::Applicant | Role::Proxy => VILLAGE,
        Role::TownshipOfficer | Role::TownshipLeader => TOWNSHIP,
        _ => COUNTY,
    };
    let region = if elsewhere { OTHER_COUNTY } else { region };
    let mut somebody = if role == Role::System { Actor::system() } else { actor(role, "x-somebody", region) };
    if role.is_citizen() {
        somebody.household = Some(if elsewhere { HouseholdId(999) } else { d.household });
    }
    if role == Role::Proxy {
        somebody.entrusted = Some(Entrusted { case: Some(case.0.clone()), sensitive: false, authorises: true });
    }
    d.cx(somebody, Channel::Window, day(2026, ON.0, ON.1))
}

const OTHER_COUNTY: &str = "990103000000";

fn permitted(d: &District, case: &CaseNo, cx: &Cx, act: Act) -> bool {
    let case = || Resource::of_household("case", case.as_str(), VILLAGE, d.household, Sensitivity::Personal);
    let what = if act == Act::PreparePayment { Resource::general("payment", "1", COUNTY) } else { case() };
    cx.access.authorise(&cx.actor, act, &what, "casework").is_ok()
}

/// A SQLite file with what has not been moved into it yet.
fn copy_database(from: &Path, to: &Path) {
    for end in ["", "-wal"] {
        let with = |path: &Path| PathBuf::from(format!("{}{end}", path.display()));
        if with(from).exists() {
            std::fs::copy(with(from), with(to)).unwrap();
        }
    }
}

/// A folder of database files: one a stage, copied for each attempt.
pub(crate) struct Shelf {
    folder: tempfile::TempDir,
    copies: usize,
}

impl Shelf {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) async fn open(&mut self, from: &Path) -> Store {
        self.copies += 1;
        let copy = self.path(&format!("copy-{}.db", self.copies));
        copy_database(from, &copy);
        Store::open(&Store::sqlite_url(&copy), test_keys()).await.unwrap()
    }

    /// The case at a stage, in a file that nobody holds open.
    pub(crate) async fn stage(
        &mut self,
        empty: &District,
        base: &Path,
        from: CaseState,
        event: Event,
    ) -> (PathBuf, CaseNo) {
        let path = self.path(&format!("{}-{}.db", from.id(), event.id()));
        copy_database(base, &path);
        let store = Store::open(&Store::sqlite_url(&path), test_keys()).await.unwrap();
        let d = empty.over(store);
        let case = d.standing(from, event).await;
        assert_eq!(d.row(&case).await.state, from, "the stage of {event:?}");
        d.store.close().await.unwrap();
        (path, case)
    }
}

impl District {
    pub(crate) fn over(&self, store: Store) -> District {
        let (access, pack) = (self.access.clone(), self.pack.clone());
        District { store, access, pack, ..*self }
    }

    async fn unchanged(&self, case: &CaseNo, before: &QueueRow, what: &str) {
        assert_eq!(&self.row(case).await, before, "{what} changed the case");
    }
}

pub(crate) async fn shelf() -> (Shelf, District, PathBuf) {
    let shelf = Shelf { folder: tempfile::tempdir().unwrap(), copies: 0 };
    let base = shelf.path("base.db");
    let store = Store::open(&Store::sqlite_url(&base), test_keys()).await.unwrap();
    store.migrate(migrations()).await.unwrap();
    let empty = district(store).await;
    empty.store.clone().close().await.unwrap();
    (shelf, empty, base)
}

#[tokio::test]
async fn every_step_is_taken_by_those_who_may_once_and_by_nobody_else() {
    let (mut shelf, empty, base) = shelf().await;
    for (from, event, to) in TRANSITIONS.iter().copied() {
        let (file, case) = shelf.stage(&empty, &base, from, event).await;
        let act = guard(from, event);
        let (mut may, mut may_not) = (Vec::new(), Vec::new());
        for role in roles() {
            let list = if permitted(&empty, &case, &somebody(&empty, &case, role, false), act) {
                &mut may
            } else {
                &mut may_not
            };
            list.push(role);
        }
        assert!(!may.is_empty() && !may_not.is_empty(), "{from:?} {event:?}: {may:?}");

        let d = empty.over(shelf.open(&file).await);
        let before = d.row(&case).await;
        let tries = may_not.iter().map(|r| (r, false)).chain(may.iter().map(|r| (r, true)));
        for (role, elsewhere) in tries.filter(|(role, elsewhere)| !elsewhere || **role != Role::System) {
            let what = format!("{from:?} {event:?} by {role:?}, elsewhere: {elsewhere}");
            let cx = somebody(&d, &case, *role, elsewhere);
            // A pay list is the actor's own county's: elsewhere it is another list.
            let refused = perform(&d, &cx, &case, from, event, before.version).await;
            let own_list = elsewhere && event == Event::Pay;
            assert!(own_list || matches!(refused, Err(CaseError::Denied(_))), "{what}: {refused:?}");
            d.unchanged(&case, &before, &what).await;
        }

        for role in may {
            let d = empty.over(shelf.open(&file).await);
            let told = d.story(&case).await.len();
            let cx = somebody(&d, &case, role, false);
            let done = perform(&d, &cx, &case, from, event, before.version).await;
            assert!(done.is_ok(), "{from:?} {event:?} by {role:?}: {done:?}");
            let story = d.story(&case).await;
            let step = &story[told];
            assert_eq!((step.from, step.to), (Some(from), to), "{event:?} by {role:?}");
            for step in story.iter().filter(|step| step.from.is_some_and(|from| from != step.to)) {
                assert!(explains(step.from.unwrap(), step.to), "no step of the table: {step:?}");
            }
            // The page sent again: answered as the first time or refused, and nothing happens twice.
            let after = d.row(&case).await;
            let again = perform(&d, &cx, &case, from, event, before.version).await;
            if !matches!(
                &again,
                Ok(()) | Err(CaseError::Conflict { .. } | CaseError::WrongStage { .. } | CaseError::Denied(_))
            ) {
                panic!("{from:?} {event:?} by {role:?} again: {again:?}");
            }
            d.unchanged(&case, &after, "the second click").await;
        }
    }
}

#[tokio::test]
async fn no_event_moves_a_case_from_where_it_does_not_belong() {
    let (mut shelf, empty, base) = shelf().await;
    let mut wrong = Vec::new();
    for state in CaseState::ALL.iter().copied() {
        let misplaced = Event::ALL.iter().copied().filter(|event| advance(state, *event).is_none());
        let (file, case) = shelf.stage(&empty, &base, state, Event::Terminate).await;
        let misplaced = misplaced.filter(|event| match event {
            // A conflict, or that nothing is open, is what a check shows: the same act.
            Event::Conflict | Event::PutForward => advance(state, Event::CheckDone).is_none(),
            // One act: what is kept is what there was.
            Event::KeepRefusal | Event::KeepApproval | Event::KeepAid | Event::KeepGradual | Event::KeepExit => {
                state != CaseState::Appealed
            }
            _ => true,
        });
        let d = empty.over(shelf.open(&file).await);
        let before = d.row(&case).await;
        for event in misplaced {
            let act = guard(state, event);
            for role in roles().filter(|role| permitted(&d, &case, &somebody(&d, &case, *role, false), act)) {
                let what = format!("{state:?} {event:?} by {role:?}");
                let refused = perform(&d, &somebody(&d, &case, role, false), &case, state, event, before.version).await;
                // The month's list is made whether or not this case is on it.
                let list = event == Event::Pay;
                if !list && !matches!(refused, Err(CaseError::WrongStage { .. })) {
                    wrong.push(format!("{what}: {refused:?}"));
                }
                d.unchanged(&case, &before, &what).await;
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
