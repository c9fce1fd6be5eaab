//! What people say: whose it is to answer, until when, by whom not; and what a bad rating leads to.

use crate::common::*;
use tuodi_access::{Actor, Role};
use tuodi_casework::{CaseError, Channel, Cx, Said, VoiceAnswer};
use tuodi_testing::each_store;

fn said(text: &str) -> Said {
    Said { text: text.to_owned(), ..Said::default() }
}

fn not_so() -> VoiceAnswer {
    VoiceAnswer { found: "not".to_owned(), text: "已核实，与反映的情况不符。".to_owned() }
}

impl District {
    fn steward(&self, m: u32, d: u32) -> Cx {
        self.cx(actor(Role::DataSteward, "d-steward", COUNTY), Channel::System, day(2026, m, d))
    }
}

#[tokio::test]
async fn anybody_may_complain_without_a_name_and_reads_the_answer_by_the_code_only() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let cx = d.passer_by(day(2026, 7, 14));
        let complaint = Said { from: "王邻居".to_owned(), ..said("窗口让我跑了三趟") };
        let heard = tuodi_casework::speak_up(&cx, "complaint", TOWNSHIP, complaint.clone(), "k").await.unwrap();
        // Fifteen working days.
        assert_eq!(heard.due, day(2026, 8, 4));
        let again = tuodi_casework::speak_up(&cx, "complaint", TOWNSHIP, complaint, "k").await.unwrap();
        assert_eq!(again, heard, "the form sent twice is one complaint");
        for (kind, region, text) in
            [("fact", TOWNSHIP, "x"), ("complaint", "110000000000", "x"), ("report", TOWNSHIP, " ")]
        {
            let refused = tuodi_casework::speak_up(&cx, kind, region, said(text), "w").await;
            assert!(matches!(refused, Err(CaseError::Invalid(_))), "{kind}: {refused:?}");
        }
        let district = d.district_officer(day(2026, 7, 15));
        let list = tuodi_casework::voices(&district, false, 1).await.unwrap();
        assert_eq!((list.total, list.rows[0].kind.as_str()), (1, "complaint"));
        let id = list.rows[0].id;
        assert_eq!(tuodi_casework::voice(&district, id).await.unwrap().said.from, "王邻居");
        // Not the township's to answer, nor another county's.
        let leader = tuodi_casework::voice(&d.leader(day(2026, 7, 15)), id).await;
        assert!(matches!(leader, Err(CaseError::NotFound { .. })), "{leader:?}");
        let elsewhere = d.cx(actor(Role::DistrictOfficer, "x", "990103000000"), Channel::Window, day(2026, 7, 15));
        assert!(tuodi_casework::answer_voice(&elsewhere, id, not_so(), "x").await.is_err());
        let reviewer = tuodi_casework::voices(&d.reviewer(day(2026, 7, 15)), false, 1).await;
        assert!(matches!(reviewer, Err(CaseError::Denied(_))), "{reviewer:?}");
        let empty = VoiceAnswer { found: String::new(), text: " ".to_owned() };
        let refused = tuodi_casework::answer_voice(&district, id, empty, "a").await;
        assert!(matches!(&refused, Err(CaseError::Invalid(e)) if e.len() == 2), "{refused:?}");
        for _ in 0..2 {
            tuodi_casework::answer_voice(&district, id, not_so(), "a").await.unwrap();
        }
        let second = tuodi_casework::answer_voice(&district, id, not_so(), "b").await;
        assert!(matches!(second, Err(CaseError::Answered { .. })), "{second:?}");
        let told = tuodi_casework::follow_voice(&d.store, &heard.code.to_lowercase()).await.unwrap().unwrap();
        assert_eq!(told.answered, Some((day(2026, 7, 15), "not".to_owned(), not_so().text)));
        assert!(tuodi_casework::follow_voice(&d.store, "ABCD").await.unwrap().is_none());
        let journal = format!("{:?}", tuodi_store::journal::entries_of(&d.store, "voice:complaint").await.unwrap());
        assert!(journal.contains("voice.file") && !journal.contains("王邻居") && !journal.contains("三趟"));
    })
    .await;
}

#[tokio::test]
async fn a_contested_figure_goes_to_the_steward_and_late_to_the_district_but_never_to_who_worked_on_the_case() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.surveyed(&Engine::dibao()).await;
        let citizen = d.citizen(day(2026, 7, 9));
        let fact = Said { about: "存款".to_owned(), ..said("那笔钱是村里的") };
        let heard = tuodi_casework::speak_of_case(&citizen, "fact", &case, fact, "f").await.unwrap();
        assert_eq!(heard.due, day(2026, 7, 16), "five working days");
        assert_eq!(tuodi_casework::voices(&d.steward(7, 10), false, 1).await.unwrap().total, 1);
        let system = |m, dd| d.cx(Actor::system(), Channel::System, day(2026, m, dd));
        assert_eq!(tuodi_casework::escalate_late_voices(&system(7, 16)).await.unwrap(), 0, "its last day");
        assert_eq!(tuodi_casework::escalate_late_voices(&system(7, 17)).await.unwrap(), 1);
        assert_eq!(tuodi_casework::escalate_late_voices(&system(7, 18)).await.unwrap(), 0, "once");
        assert_eq!(tuodi_casework::voices(&d.steward(7, 17), false, 1).await.unwrap().total, 0);
        let district = d.district_officer(day(2026, 7, 17));
        let list = tuodi_casework::voices(&district, false, 1).await.unwrap();
        let id = list.rows[0].id;
        // Whoever worked on the case, in whatever role now, does not answer.
        let same = d.cx(actor(Role::DistrictOfficer, "t-officer", COUNTY), Channel::Window, day(2026, 7, 17));
        let refused = tuodi_casework::answer_voice(&same, id, not_so(), "a").await;
        assert!(matches!(refused, Err(CaseError::Denied(_))), "{refused:?}");
        tuodi_casework::answer_voice(&district, id, not_so(), "a").await.unwrap();
        let own = tuodi_casework::view(&citizen, &case, "own").await.unwrap();
        assert!(own.voices[0].escalated_on.is_some() && own.voices[0].answered.is_some());
        let officer = tuodi_casework::view(&d.officer(day(2026, 7, 18)), &case, "case work").await.unwrap();
        assert!(officer.voices.is_empty(), "what the household says is not on the officer's page");
        let stranger = d.cx(actor(Role::Applicant, "c-other", VILLAGE), Channel::Online, day(2026, 7, 18));
        let refused = tuodi_casework::speak_of_case(&stranger, "complaint", &case, said("x"), "s").await;
        assert!(matches!(refused, Err(CaseError::Denied(_))), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn a_step_is_rated_once_when_it_is_done_and_a_bad_rating_must_be_answered() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case = d.accepted().await;
        let citizen = d.citizen(day(2026, 7, 7));
        let early = tuodi_casework::rate(&citizen, &case, "surveying", 1, "", "a").await;
        assert!(matches!(&early, Err(CaseError::Invalid(_))), "not visited yet: {early:?}");
        let officer = tuodi_casework::rate(&d.officer(day(2026, 7, 7)), &case, "accepted", 5, "", "b").await;
        assert!(officer.is_err(), "only the household: {officer:?}");
        let view = tuodi_casework::view(&citizen, &case, "own").await.unwrap();
        assert_eq!(view.to_rate, Some("accepted"));
        let good = tuodi_casework::rate(&citizen, &case, "accepted", 5, "", "c").await.unwrap();
        assert!(good.heard.is_none());
        let twice = tuodi_casework::rate(&citizen, &case, "accepted", 1, "", "d").await;
        assert!(matches!(&twice, Err(CaseError::Invalid(e)) if e[0].key == "error.rated"), "{twice:?}");
        let officer = d.officer(day(2026, 7, 8));
        tuodi_casework::run_check(&officer, &Engine::dibao(), &case, d.version(&case).await).await.unwrap();
        let form = d.visit(day(2026, 7, 8));
        tuodi_casework::record_visit(&officer, &Engine::dibao(), &case, d.version(&case).await, form).await.unwrap();
        let bad = tuodi_casework::rate(&d.citizen(day(2026, 7, 9)), &case, "surveying", 2, "", "e").await.unwrap();
        assert_eq!(bad.heard.map(|h| h.due), Some(day(2026, 7, 16)));
        let list = tuodi_casework::voices(&d.leader(day(2026, 7, 10)), false, 1).await.unwrap();
        assert_eq!((list.total, list.rows[0].kind.as_str()), (1, "service"), "the township's leader answers");
    })
    .await;
}
