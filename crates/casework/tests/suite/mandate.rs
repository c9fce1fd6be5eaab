//! Acting for somebody: named by a number, in one case, within what was said, until a day or until it is taken back.

use crate::common::*;
use chrono::{Duration, NaiveDate};
use tuodi_access::{Account, Actor, NewAccount, Role, accounts};
use tuodi_casework::{
    CaseError, CaseNo, Channel, ConsentForm, Cx, Evidence, Mark,
    mandate::{
        MandateForm, MandateStanding, Proxy, begin, end_mandate, entrust, mandate_form, mandates_held,
        mandates_of_case, mandates_of_household, new_code, standing_in,
    },
};
use tuodi_testing::each_store;

const HELPER: &str = "c-helper";
const ON: (u32, u32) = (7, 1);

fn on() -> NaiveDate {
    day(2026, ON.0, ON.1)
}

/// A neighbour with an account of their own and no household here.
async fn helper(d: &District) -> Account {
    let account = Account {
        id: HELPER.to_owned(),
        name: "何阿姨".to_owned(),
        role: Role::Applicant,
        region: VILLAGE.to_owned(),
        person: None,
        household: None,
        demo: false,
    };
    let new = NewAccount { account, password: "long enough".to_owned() };
    accounts::create(&d.store, new, entry("access.create_account")).await.unwrap()
}

fn helpers(d: &District, date: NaiveDate) -> Cx {
    d.cx(actor(Role::Applicant, HELPER, VILLAGE), Channel::Online, date)
}

async fn number(d: &District, date: NaiveDate) -> String {
    new_code(&helpers(d, date)).await.unwrap().number
}

fn form(code: &str) -> MandateForm {
    MandateForm {
        case: None,
        proxy: Some(Proxy::Code(code.to_owned())),
        relation: "other".to_owned(),
        months: 3,
        sensitive: Some(false),
        authorises: Some(false),
        form: None,
    }
}

fn paper() -> Evidence {
    Evidence::new(b"%PDF-1.7 signed".to_vec()).unwrap()
}

fn wrong(done: Result<i64, CaseError>) -> (String, &'static str) {
    match done {
        Err(CaseError::Invalid(errors)) => (errors[0].field.clone(), errors[0].key),
        other => panic!("{other:?}"),
    }
}

fn denied<T: std::fmt::Debug>(done: Result<T, CaseError>) -> bool {
    matches!(done, Err(CaseError::Denied(_)))
}

/// As whom the helper acts under a mandate on a day.
async fn standing(d: &District, account: &Account, id: i64, date: NaiveDate) -> Option<Actor> {
    let now = d.cx(Actor::system(), Channel::System, date).now;
    standing_in(&d.store, account, id, now).await.unwrap().map(|(actor, _)| actor)
}

async fn proxy(d: &District, account: &Account, id: i64, date: NaiveDate) -> Cx {
    d.cx(standing(d, account, id, date).await.expect("in force"), Channel::Proxy, date)
}

#[tokio::test]
async fn a_neighbour_applies_for_somebody_signs_nothing_for_them_and_sees_no_other_case() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let account = helper(&d).await;
        let code = number(&d, on()).await;
        let id = entrust(&d.citizen(on()), d.household, form(&code), "k").await.unwrap();
        assert_eq!(entrust(&d.citizen(on()), d.household, form(&code), "k").await.unwrap(), id, "clicked twice");
        let held = mandates_held(&helpers(&d, on())).await.unwrap();
        assert_eq!((held.len(), held[0].name.as_str(), held[0].case.clone()), (1, "安建国", None));

        begin(&helpers(&d, on()), &account, id).await.unwrap();
        let cx = proxy(&d, &account, id, on()).await;
        let case = tuodi_casework::open_draft(&cx, d.father).await.unwrap();
        let none = denied(tuodi_casework::view(&cx, &case, "own case").await);
        assert!(none, "as of the request before: it had no case yet");
        let cx = proxy(&d, &account, id, on()).await;
        let saved = tuodi_casework::save_step(&cx, &case, 1, "check", d.form()).await.unwrap();
        assert!(saved.errors.is_empty(), "{:?}", saved.errors);
        // Signing needs a word of its own in the mandate.
        let sign =
            |person, name: &str| ConsentForm { person, name: name.to_owned(), mark: Mark::Typed, evidence: None };
        assert!(denied(tuodi_casework::give_consent(&cx, &case, sign(d.father, "安建国")).await));
        assert!(denied(tuodi_casework::authorisations(&cx, d.household).await));
        d.consents(&d.citizen(on()), &case).await;
        tuodi_casework::submit(&cx, &case, d.version(&case).await, "s").await.unwrap();
        let story = d.story(&case).await;
        let sent = story.iter().find(|step| step.act == "case.submit").unwrap();
        assert_eq!((sent.role.as_str(), sent.channel, sent.actor.as_str()), ("R02", Channel::Proxy, HELPER));

        let own = tuodi_casework::own_cases(&cx).await.unwrap();
        assert_eq!(own.iter().map(|row| row.case.as_str()).collect::<Vec<_>>(), [case.as_str()]);
        let view = tuodi_casework::view(&cx, &case, "own case").await.unwrap();
        assert!(!view.full && view.verification.is_none(), "no means, no illness");
        assert!(denied(mandates_of_household(&cx, d.household).await), "nothing is handed on");
        let again = entrust(&cx, d.household, form(&number(&d, on()).await), "k2").await;
        assert!(denied(again));
        let seen = tuodi_access::looks::of_subject(&d.store, &format!("household:{}", d.household), 10).await.unwrap();
        assert!(seen.iter().any(|look| look.purpose == "acting for" && look.role == "R02"), "the family can read it");
    })
    .await;
}

#[tokio::test]
async fn a_mandate_that_says_so_signs_for_whoever_gave_it_and_for_no_other_adult() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let account = helper(&d).await;
        let case = tuodi_casework::open_draft(&d.citizen(on()), d.father).await.unwrap();
        let form = MandateForm {
            case: Some(case.clone()),
            authorises: Some(true),
            sensitive: Some(true),
            ..form(&number(&d, on()).await)
        };
        let id = entrust(&d.citizen(on()), d.household, form, "k").await.unwrap();
        let cx = proxy(&d, &account, id, on()).await;
        let sign =
            |person, name: &str| ConsentForm { person, name: name.to_owned(), mark: Mark::Typed, evidence: None };
        tuodi_casework::give_consent(&cx, &case, sign(d.father, "安建国")).await.unwrap();
        for done in [
            tuodi_casework::give_consent(&cx, &case, sign(d.mother, "柳秀英")).await,
            tuodi_casework::withdraw_consent(&cx, &case, d.mother).await,
        ] {
            assert!(matches!(&done, Err(CaseError::Invalid(e)) if e[0].key == "error.own_hand"), "{done:?}");
        }
        assert!(tuodi_casework::view(&cx, &case, "own case").await.unwrap().full);
    })
    .await;
}

#[tokio::test]
async fn what_is_taken_back_given_up_or_over_opens_nothing_from_that_moment() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let account = helper(&d).await;
        let citizen = d.citizen(on());
        let first = entrust(&citizen, d.household, form(&number(&d, on()).await), "1").await.unwrap();
        let second = entrust(&citizen, d.household, form(&number(&d, on()).await), "2").await;
        assert_eq!(wrong(second), ("case".to_owned(), "error.entrusted"), "one at a time");
        let stranger = d.cx(actor(Role::Applicant, "c-other", VILLAGE), Channel::Online, on());
        assert!(denied(end_mandate(&stranger, first).await));
        end_mandate(&citizen, first).await.unwrap();
        end_mandate(&citizen, first).await.unwrap();
        assert_eq!(standing(&d, &account, first, on()).await, None);
        assert!(begin(&helpers(&d, on()), &account, first).await.is_err());

        let given_up = entrust(&citizen, d.household, form(&number(&d, on()).await), "3").await.unwrap();
        end_mandate(&helpers(&d, on()), given_up).await.unwrap();
        assert_eq!(standing(&d, &account, given_up, on()).await, None);

        let third = entrust(&citizen, d.household, form(&number(&d, on()).await), "4").await.unwrap();
        assert!(standing(&d, &account, third, day(2026, 10, 1)).await.is_some(), "its last day");
        assert_eq!(standing(&d, &account, third, day(2026, 10, 2)).await, None);
        assert!(mandates_held(&helpers(&d, day(2026, 10, 2))).await.unwrap().is_empty());
        // What is over stands in nobody's way.
        let later = d.citizen(day(2026, 10, 2));
        entrust(&later, d.household, form(&number(&d, day(2026, 10, 2)).await), "5").await.unwrap();
        let all = mandates_of_household(&later, d.household).await.unwrap();
        let standings: Vec<MandateStanding> = all.iter().map(|m| m.standing).collect();
        use MandateStanding::{Expired, GivenUp, InForce, TakenBack};
        assert_eq!(standings, [InForce, Expired, GivenUp, TakenBack]);
    })
    .await;
}

#[tokio::test]
async fn a_number_names_one_account_for_a_while_and_once() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        helper(&d).await;
        let citizen = d.citizen(on());
        let give = async |cx: &Cx, code: &str| entrust(cx, d.household, form(code), "").await;
        assert_eq!(wrong(give(&citizen, "1234 5678").await), ("code".to_owned(), "error.proxy_code"));
        let old = number(&d, on()).await;
        let new = number(&d, on()).await;
        assert_eq!(wrong(give(&citizen, &old).await).1, "error.proxy_code", "the newer one holds");
        let mut late = citizen.clone();
        late.now += Duration::minutes(31);
        assert_eq!(wrong(give(&late, &new).await).1, "error.proxy_code");
        let own = new_code(&citizen).await.unwrap().number;
        assert_eq!(wrong(give(&citizen, &own).await).1, "error.proxy_code", "no account of the father's is on file");
        let spaced = format!(" {} ", new.replace(' ', "-"));
        let id = give(&citizen, &spaced).await.unwrap();
        end_mandate(&citizen, id).await.unwrap();
        assert_eq!(wrong(give(&citizen, &new).await).1, "error.proxy_code", "used");
        let journal = tuodi_store::journal::entries_of(&d.store, &format!("household:{}", d.household)).await.unwrap();
        let acts: Vec<&str> = journal.iter().map(|e| e.act.as_str()).filter(|a| a.starts_with("mandate")).collect();
        assert_eq!(acts, ["mandate.give", "mandate.end"]);
        let said = format!("{journal:?}");
        assert!(!said.contains("何阿姨") && !said.contains(&new.replace(' ', "")), "{said}");
    })
    .await;
}

#[tokio::test]
async fn a_window_takes_a_mandate_on_signed_paper_for_whoever_has_no_phone() {
    each_store(migrations, async |store| {
        let d = district(store).await;
        let case: CaseNo = tuodi_casework::open_draft(&d.citizen(on()), d.father).await.unwrap();
        let officer = d.officer(on());
        let named = |id_no: &str| MandateForm {
            case: Some(case.clone()),
            proxy: Some(Proxy::Named {
                name: "何阿姨".into(), id_no: id_no.to_owned(), phone: "139 0000 0001".into()
            }),
            form: Some(paper()),
            ..form("")
        };
        let neighbour = "990102196503070022";
        let give = async |form| wrong(entrust(&officer, d.household, form, "").await);
        assert_eq!(give(MandateForm { form: None, ..named(neighbour) }).await, ("form".to_owned(), "error.required"));
        assert_eq!(give(MandateForm { months: 24, ..named(neighbour) }).await, ("months".to_owned(), "error.choice"));
        assert_eq!(give(MandateForm { relation: "boss".into(), ..named(neighbour) }).await.0, "relation");
        assert_eq!(give(MandateForm { case: None, ..named(neighbour) }).await, ("case".to_owned(), "error.choice"));
        assert_eq!(give(named("990102196503070025")).await, ("id_no".to_owned(), "error.id_no"));
        assert_eq!(give(named("990102198104120036")).await, ("id_no".to_owned(), "error.oneself"));
        let citizens = entrust(&d.citizen(on()), d.household, named(neighbour), "").await;
        assert_eq!(wrong(citizens).0, "code", "on one's own page by number only");
        for other in [d.leader(on()), d.reviewer(on())] {
            assert!(denied(entrust(&other, d.household, named(neighbour), "").await));
        }
        let nothing = MandateForm { proxy: None, relation: String::new(), months: 0, sensitive: None, ..form("") };
        let Err(CaseError::Invalid(all)) = entrust(&officer, d.household, nothing, "").await else { panic!() };
        let fields: Vec<&str> = all.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, ["how", "relation", "months", "sensitive", "form"], "all at once");
        let id = entrust(&officer, d.household, named(neighbour), "k").await.unwrap();
        let told = mandates_of_case(&d.reviewer(on()), &case).await.unwrap();
        assert_eq!((told.len(), told[0].proxy.as_str(), told[0].online, told[0].has_form), (1, "何阿姨", false, true));
        assert_eq!(mandate_form(&d.reviewer(on()), &case, id).await.unwrap().bytes(), paper().bytes());
        let mut wife = actor(Role::Applicant, "c-mother", VILLAGE);
        (wife.person, wife.household) = (Some(d.mother), Some(d.household));
        let wife = d.cx(wife, Channel::Online, on());
        let hers = MandateForm { case: Some(case.clone()), ..form("1111 1111") };
        assert_eq!(wrong(entrust(&wife, d.household, hers, "").await), ("case".to_owned(), "error.not_applicant"));
        end_mandate(&officer, id).await.unwrap();
        assert_eq!(mandates_of_case(&officer, &case).await.unwrap()[0].standing, MandateStanding::TakenBack);
    })
    .await;
}
