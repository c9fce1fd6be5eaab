//! What is refused: wrong stage, wrong region, wrong person, no consent, clicked twice.

use crate::common::*;
use tuodi_access::{Actor, Role};
use tuodi_casework::{
    CaseError, CaseState, Channel, Judgement, Proposal, QueueFilter, Use,
    papers::{Content, NewPaper, add_paper, papers, remove_paper},
};
use tuodi_pack::{Answer, Fen};
use tuodi_testing::each_store;

#[tokio::test]
async fn nothing_is_checked_without_every_adults_authorisation() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine::dibao();
        let case = d.accepted().await;
        tuodi_casework::withdraw_consent(&d.citizen(day(2026, 7, 7)), &case, d.mother).await.unwrap();
        let officer = d.officer(day(2026, 7, 8));
        let refused = tuodi_casework::run_check(&officer, &engine, &case, d.version(&case).await).await;
        assert!(matches!(&refused, Err(CaseError::NoConsent { persons }) if *persons == [d.mother]), "{refused:?}");
        assert!(engine.asked.lock().unwrap().is_empty(), "the engine was not even asked");
    })
    .await;
}

#[tokio::test]
async fn a_wrong_name_is_no_signature() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let citizen = d.citizen(day(2026, 7, 6));
        let case = tuodi_casework::open_draft(&citizen, d.father).await.unwrap();
        let form = tuodi_casework::ConsentForm {
            person: d.mother,
            name: "柳秀芬".to_owned(),
            mark: tuodi_casework::Mark::Typed,
            evidence: None,
        };
        let refused = tuodi_casework::give_consent(&citizen, &case, form).await;
        assert!(matches!(&refused, Err(CaseError::Invalid(f)) if f[0].key == "error.name_differs"), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn an_unfinished_form_comes_back_with_every_mistake_and_nothing_is_lost() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let citizen = d.citizen(day(2026, 7, 6));
        let case = tuodi_casework::open_draft(&citizen, d.father).await.unwrap();
        let mut form = d.form();
        form.remove("reasons");
        form.remove("truth");
        form.insert(format!("wage_month.{}", d.father), "很多".to_owned());
        let saved = tuodi_casework::save_step(&citizen, &case, 1, "check", form).await.unwrap();
        let refused = tuodi_casework::submit(&citizen, &case, saved.version, "s").await;
        let Err(CaseError::Invalid(problems)) = refused else { panic!("{refused:?}") };
        let fields: Vec<&str> = problems.iter().map(|p| p.field.as_str()).collect();
        assert_eq!(fields, ["reasons", &format!("wage_month.{}", d.father), "truth"]);
        let view = tuodi_casework::view(&citizen, &case, "own").await.unwrap();
        assert_eq!(view.fields[&format!("wage_month.{}", d.father)], "很多");
        assert_eq!(view.row.state, CaseState::Draft);
    })
    .await;
}

#[tokio::test]
async fn a_township_officer_cannot_open_another_townships_case() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.accepted().await;
        let other = d.cx(actor(Role::TownshipOfficer, "other", OTHER_TOWNSHIP), Channel::Window, day(2026, 7, 8));
        let refused = tuodi_casework::view(&other, &case, "curious").await;
        assert!(matches!(refused, Err(CaseError::Denied(_))));
        // Boundary b23: refused and logged.
        let looks = tuodi_access::looks::of_subject(&d.store, &case.subject(), 1).await.unwrap();
        assert_eq!((looks[0].account.as_str(), looks[0].purpose.as_str()), ("other", "refused: access-region"));
        let refused = tuodi_casework::take(&other, &case).await;
        assert!(matches!(refused, Err(CaseError::Denied(_))), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn another_household_cannot_see_or_change_the_case() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.accepted().await;
        let mut stranger = actor(Role::Applicant, "c-other", VILLAGE);
        stranger.household = Some(tuodi_pack::HouseholdId(999));
        let stranger = d.cx(stranger, Channel::Online, day(2026, 7, 8));
        assert!(matches!(tuodi_casework::view(&stranger, &case, "x").await, Err(CaseError::Denied(_))));
        let version = d.version(&case).await;
        let refused = tuodi_casework::terminate(&stranger, &case, version, "withdrawn", "", "k").await;
        assert!(matches!(refused, Err(CaseError::Denied(_))), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn whoever_visited_or_gave_the_opinion_cannot_confirm() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine::dibao();
        let case = d.confirming(&engine).await;
        let version = d.version(&case).await;
        // The same accounts in the reviewer's role: it is the person that is kept out, not the role.
        for account in ["t-officer", "v-officer", "t-leader"] {
            let same = d.cx(actor(Role::Reviewer, account, COUNTY), Channel::Window, day(2026, 7, 20));
            let refused = tuodi_casework::decide(&same, &case, version, dibao(), "", account).await;
            assert!(matches!(refused, Err(CaseError::Denied(_))), "{account}: {refused:?}");
        }
        assert!(tuodi_casework::decide(&d.reviewer(day(2026, 7, 20)), &case, version, dibao(), "", "k").await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn the_opinion_giver_cannot_sign_the_opinion() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine::dibao();
        let case = d.reviewed(&engine).await;
        let same = d.cx(actor(Role::TownshipLeader, "t-officer", TOWNSHIP), Channel::Window, day(2026, 7, 10));
        let version = d.version(&case).await;
        let refused = tuodi_casework::sign_opinion(&same, &case, version, true, "", "k").await;
        assert!(matches!(refused, Err(CaseError::Denied(_) | CaseError::SamePerson { .. })), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn a_decision_clicked_twice_is_one_decision() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine::dibao();
        let case = d.confirming(&engine).await;
        let version = d.version(&case).await;
        let reviewer = d.reviewer(day(2026, 7, 20));
        let first = tuodi_casework::decide(&reviewer, &case, version, dibao(), "", "key-1").await.unwrap();
        let second = tuodi_casework::decide(&reviewer, &case, version, dibao(), "", "key-1").await.unwrap();
        assert_eq!((first.notice, first.version), (second.notice, second.version));
        let view = tuodi_casework::view(&reviewer, &case, "check").await.unwrap();
        assert_eq!(view.benefits.len(), 1);
        assert_eq!(view.notices.len(), 2, "acceptance and decision");
        assert_eq!(d.acts(&case).await.iter().filter(|a| *a == "case.decide").count(), 1);
        // The same key for something else is a mistake, not a repetition.
        let other = tuodi_casework::send_back(&reviewer, &case, second.version, "x", "key-1").await;
        assert!(matches!(other, Err(CaseError::Invalid(_))), "{other:?}");
    })
    .await;
}

#[tokio::test]
async fn two_clicks_at_the_same_moment_are_one_decision() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine::dibao();
        let case = d.confirming(&engine).await;
        let version = d.version(&case).await;
        let reviewer = d.reviewer(day(2026, 7, 20));
        let click = || tuodi_casework::decide(&reviewer, &case, version, dibao(), "", "key-1");
        let (a, b, c) = tokio::join!(click(), click(), click());
        let numbers = [a.unwrap().notice, b.unwrap().notice, c.unwrap().notice];
        assert!(numbers.iter().all(|n| *n == numbers[0]), "{numbers:?}");
        let view = tuodi_casework::view(&reviewer, &case, "check").await.unwrap();
        assert_eq!((view.benefits.len(), view.notices.len()), (1, 2));
    })
    .await;
}

#[tokio::test]
async fn two_doors_opened_at_once_lead_to_one_case() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let (citizen, officer) = (d.citizen(day(2026, 7, 6)), d.officer(day(2026, 7, 6)));
        let (a, b) = tokio::join!(
            tuodi_casework::open_draft(&citizen, d.father),
            tuodi_casework::open_draft(&officer, d.mother)
        );
        assert_eq!(a.unwrap(), b.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_case_changed_meanwhile_is_not_overwritten() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine::dibao();
        let case = d.confirming(&engine).await;
        let version = d.version(&case).await;
        let reviewer = d.reviewer(day(2026, 7, 20));
        tuodi_casework::take(&reviewer, &case).await.unwrap();
        let refused = tuodi_casework::decide(&reviewer, &case, version, dibao(), "", "k").await;
        assert!(matches!(refused, Err(CaseError::Conflict { .. })), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn no_decision_before_publicity_has_hung_its_seven_days() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine::dibao();
        let case = d.publicised(&engine).await;
        let version = d.version(&case).await;
        let refused = tuodi_casework::decide(&d.reviewer(day(2026, 7, 13)), &case, version, dibao(), "", "k").await;
        assert!(matches!(refused, Err(CaseError::WrongStage { found: CaseState::Publicised, .. })), "{refused:?}");
        // Posted on the 10th; the day of posting is not counted, the 17th is its last day.
        let early = tuodi_casework::end_publicity(&d.officer(day(2026, 7, 17)), &case, version).await;
        assert!(matches!(early, Err(CaseError::TooEarly { until }) if until == day(2026, 7, 17)), "{early:?}");
        assert!(tuodi_casework::end_publicity(&d.officer(day(2026, 7, 18)), &case, version).await.is_ok());
        let board = tuodi_casework::public_notices(&d.store, &d.pack, None, day(2026, 7, 18)).await.unwrap();
        assert!(board.is_empty(), "nothing hangs longer than it may");
    })
    .await;
}

#[tokio::test]
async fn departing_from_the_finding_and_refusing_need_a_reason() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine::dibao();
        let case = d.surveyed(&engine).await;
        let officer = d.officer(day(2026, 7, 9));
        let version = d.version(&case).await;
        let less = Proposal::Approve { programme: "dibao".to_owned(), monthly: Fen::yuan(2000) };
        let refusal = Proposal::Refuse { reason_code: "income_over".to_owned() };
        for proposal in [less, refusal] {
            let refused = tuodi_casework::give_opinion(&officer, &case, version, proposal.clone(), " ", "").await;
            assert!(matches!(&refused, Err(CaseError::Invalid(f)) if f[0].field == "text"), "{refused:?}");
        }
        let refusal = Proposal::Refuse { reason_code: "because".to_owned() };
        let refused = tuodi_casework::give_opinion(&officer, &case, version, refusal, "理由", "").await;
        assert!(matches!(&refused, Err(CaseError::Invalid(f)) if f[0].field == "reason_code"), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn a_difference_waits_for_a_persons_judgement() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        // Declared 6,500; banks say 18,450.
        let engine = Engine { fin_assets: Some(1_845_000), ..Engine::dibao() };
        let case = d.surveyed(&engine).await;
        assert_eq!(d.row(&case).await.state, CaseState::ManualCheck);
        let officer = d.officer(day(2026, 7, 9));
        let view = tuodi_casework::view(&officer, &case, "review").await.unwrap();
        let difference = view.verification.unwrap().differences.into_iter().find(|x| x.waits_for_judgement()).unwrap();
        assert_eq!(
            (difference.item.as_str(), difference.declared, difference.found),
            ("fin_assets", Some(650_000), Some(1_845_000))
        );
        let version = d.version(&case).await;
        let refused = tuodi_casework::give_opinion(&officer, &case, version, dibao(), "", "a").await;
        assert!(matches!(refused, Err(CaseError::Unresolved { count: 1 })), "{refused:?}");
        let resolve = async |version, judgement| {
            tuodi_casework::resolve_difference(&officer, &case, version, difference.id, judgement).await
        };
        let refused = resolve(version, judged(Use::Found, "")).await;
        assert!(matches!(refused, Err(CaseError::Invalid(_))), "{refused:?}");
        let version = resolve(version, judged(Use::Found, "本人已认可")).await.unwrap();
        tuodi_casework::give_opinion(&officer, &case, version, dibao(), "", "b").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn going_by_the_declaration_against_a_department_needs_a_document_which_then_stays_on_file() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine { fin_assets: Some(1_845_000), ..Engine::dibao() };
        let case = d.surveyed(&engine).await;
        let officer = d.officer(day(2026, 7, 9));
        let resolve = async |judgement| {
            let version = d.version(&case).await;
            tuodi_casework::resolve_difference(&officer, &case, version, 1, judgement).await
        };
        let by_word = judged(Use::Declared, "存折已经注销");
        let Err(CaseError::Invalid(problems)) = resolve(by_word.clone()).await else { panic!("no document") };
        assert_eq!(problems.iter().map(|p| p.field.as_str()).collect::<Vec<_>>(), ["paper"]);
        let foreign = resolve(Judgement { paper: Some(999), ..by_word.clone() }).await;
        assert!(matches!(foreign, Err(CaseError::Invalid(_))), "{foreign:?}");
        let paper = NewPaper {
            kind: "bills".to_owned(),
            person: Some(d.father),
            content: Some(Content::read(b"%PDF-1.7 closed %%EOF").unwrap()),
            ..NewPaper::default()
        };
        let paper = add_paper(&officer, &case, paper).await.unwrap();
        resolve(Judgement { paper: Some(paper), ..by_word }).await.unwrap();
        assert_eq!(d.row(&case).await.state, CaseState::Surveying, "nothing waits for a judgement");
        let view = tuodi_casework::view(&officer, &case, "review").await.unwrap();
        let judged = view.verification.unwrap().differences.into_iter().find_map(|d| d.resolution).unwrap();
        assert_eq!(judged.paper, Some(paper));
        let row = papers(&officer, &case).await.unwrap().on_file.remove(0);
        assert!(!row.may_remove);
        let gone = remove_paper(&officer, &case, paper, "放错了").await;
        assert!(matches!(gone, Err(CaseError::WrongStage { .. })), "{gone:?}");
    })
    .await;
}

#[tokio::test]
async fn an_unknown_deciding_fact_asks_a_person_and_refuses_nobody() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine {
            tier: "none".to_owned(),
            monthly: Fen::ZERO,
            fin_assets: None,
            assets_answer: Answer::Unknown,
            ..Engine::dibao()
        };
        let case = d.surveyed(&engine).await;
        assert_eq!(d.row(&case).await.state, CaseState::ManualCheck);
        let view = tuodi_casework::view(&d.officer(day(2026, 7, 9)), &case, "review").await.unwrap();
        let unknown = view.verification.unwrap().unknown;
        assert_eq!((unknown[0].programme.as_str(), unknown[0].condition.as_str()), ("dibao", "fin_assets_within"));
    })
    .await;
}

#[tokio::test]
async fn a_refusal_names_reason_facts_and_remedies() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine {
            tier: "none".to_owned(),
            monthly: Fen::ZERO,
            fin_assets: Some(26_000_000),
            assets_answer: Answer::Fails,
            ..Engine::dibao()
        };
        let case = d.surveyed(&engine).await;
        let officer = d.officer(day(2026, 7, 9));
        let version = d.version(&case).await;
        let version = tuodi_casework::resolve_difference(&officer, &case, version, 1, judged(Use::Found, "银行流水"))
            .await
            .unwrap();
        let refuse = Proposal::Refuse { reason_code: "property_over".to_owned() };
        let version =
            tuodi_casework::give_opinion(&officer, &case, version, refuse.clone(), "存款超限", "a").await.unwrap();
        let leader = d.leader(day(2026, 7, 10));
        tuodi_casework::sign_opinion(&leader, &case, version, true, "", "b").await.unwrap();
        assert_eq!(d.row(&case).await.state, CaseState::Confirming, "a refusal is not posted on a board");
        let version = d.version(&case).await;
        let reviewer = d.reviewer(day(2026, 7, 13));
        let decided = tuodi_casework::decide(&reviewer, &case, version, refuse, "家庭存款超过限额", "c").await.unwrap();
        assert_eq!(decided.state, CaseState::Refused);
        let letter =
            tuodi_casework::notice(&d.citizen(day(2026, 7, 14)), &case, &decided.notice.unwrap()).await.unwrap();
        assert_eq!(letter.reason.unwrap().zh, "家庭财产超过规定限额");
        assert_eq!(letter.lines.len(), 1);
        assert!(letter.next.iter().any(|t| t.zh.contains("行政复议")));
        assert_eq!(letter.words, "家庭存款超过限额");
    })
    .await;
}

#[tokio::test]
async fn the_platform_itself_cannot_decide() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let engine = Engine::dibao();
        let case = d.confirming(&engine).await;
        let system = d.cx(Actor::system(), Channel::System, day(2026, 7, 20));
        let version = d.version(&case).await;
        let refused = tuodi_casework::decide(&system, &case, version, dibao(), "", "k").await;
        assert!(matches!(refused, Err(CaseError::Denied(_))), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn recipients_of_the_roster_are_taken_over_once_and_paid_by_the_finance_card() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let row = tuodi_casework::RosterRow {
            certificate: "c0ffee".to_owned(),
            applicant: d.father,
            household: d.household,
            programme: "dibao".to_owned(),
            monthly: Fen::yuan(780),
            members: 3,
            start_date: day(2025, 3, 1),
            region_code: VILLAGE.to_owned(),
            class: Some("C".to_owned()),
            last_reverify: Some(day(2026, 2, 10)),
        };
        let now = morning(day(2026, 7, 1));
        let rows = vec![row.clone(), row.clone()];
        let first = tuodi_casework::import_roster(&d.store, &d.pack, rows, now).await.unwrap();
        assert_eq!((first.cases, first.skipped), (1, 1));
        let again = tuodi_casework::import_roster(&d.store, &d.pack, vec![row], now).await.unwrap();
        assert_eq!((again.cases, again.skipped), (0, 1));
        let officer = d.officer(day(2026, 7, 1));
        let closed = QueueFilter { closed: true, ..QueueFilter::default() };
        let page = tuodi_casework::queue(&officer, &closed).await.unwrap();
        // Class C: six months after the last check.
        assert_eq!(
            (page.total, page.rows[0].state, page.rows[0].due_on),
            (1, CaseState::Assisting, Some(day(2026, 8, 10)))
        );
        assert_eq!(tuodi_casework::queue(&officer, &QueueFilter::default()).await.unwrap().total, 0);
        let payer = d.district_officer(day(2026, 7, 9));
        let batch = tuodi_casework::prepare_batch(&payer, day(2026, 7, 1), "p").await.unwrap();
        let view = tuodi_casework::batch(&payer, batch, 1, 25).await.unwrap();
        assert_eq!((view.row.lines, view.row.held, view.row.total), (1, 0, Fen::yuan(780)));
    })
    .await;
}

#[tokio::test]
async fn a_recipient_without_an_amount_is_held_on_the_pay_list_and_an_edge_household_is_not_on_it() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let row = |certificate: &str, programme: &str| tuodi_casework::RosterRow {
            certificate: certificate.to_owned(),
            applicant: d.father,
            household: d.household,
            programme: programme.to_owned(),
            monthly: Fen::ZERO,
            members: 3,
            start_date: day(2025, 3, 1),
            region_code: VILLAGE.to_owned(),
            class: Some("B".to_owned()),
            last_reverify: None,
        };
        let rows = vec![row("aa", "dibao"), row("bb", "edge")];
        tuodi_casework::import_roster(&d.store, &d.pack, rows, morning(day(2026, 7, 1))).await.unwrap();
        let payer = d.district_officer(day(2026, 7, 9));
        let batch = tuodi_casework::prepare_batch(&payer, day(2026, 7, 1), "p").await.unwrap();
        let view = tuodi_casework::batch(&payer, batch, 1, 25).await.unwrap();
        assert_eq!((view.row.lines, view.row.held, view.row.total), (0, 1, Fen::ZERO));
        let line = &view.lines.rows[0];
        assert_eq!((line.programme.as_str(), line.reason.as_deref()), ("dibao", Some("amount_unknown")));
    })
    .await;
}
