//! Who is who: the data steward's queue of rows without a number that holds, and of people with two.

use crate::office::{Office, office, whole};
use crate::support::{Answer, Browser, VILLAGE, entry, morning};
use axum::http::StatusCode;
use tuodi_access::looks;
use tuodi_inbox::JobReport;
use tuodi_pack::{
    PersonId,
    id_no::{IdNo, check_character},
};
use tuodi_registry::{
    PersonRecord, RegistryError,
    linkage::{Evidence, NUMBERS, Suggestion, Unnumbered, current, keep, settle},
};
use tuodi_store::{Recorded, journal};

async fn browser(office: &Office, account: &str) -> Browser {
    let mut browser = Browser::new(&office.site);
    browser.sign_in(account).await;
    browser
}

fn sees(answer: &Answer, words: &[&str]) {
    for word in words {
        assert!(answer.body.contains(word), "{word} is missing in {}", answer.body);
    }
}

fn evidence() -> Vec<Evidence> {
    let one = |field: &str, level: &str, weight| Evidence {
        field: field.to_owned(),
        level: level.to_owned(),
        weight,
        frequency: 0.0,
    };
    vec![
        one("", "before", -8.0),
        one("name", "equal", 11.5),
        one("birth_date", "within_days:55", 4.0),
        one("region", "prefix:9", -1.5),
        one("id_no", "missing", 0.0),
    ]
}

/// A row that may be about the person; its candidate's number.
async fn row(office: &Office, record: Unnumbered, person: PersonId) -> i64 {
    let band = tuodi_registry::linkage::Band::Ask;
    let suggested = Suggestion { person, weight: 6.0, band, repair: false, evidence: evidence() };
    let write = office.site.store.write(move |tx| {
        Box::pin(async move {
            let kept = keep(tx, &record, &[suggested], morning()).await?;
            Ok::<_, RegistryError>(Recorded::new(kept, entry("registry.propose")))
        })
    });
    write.await.expect("the row is kept").expect("it is new")
}

fn dead_row() -> Unnumbered {
    Unnumbered {
        source: "DS02".to_owned(),
        batch: "b-3".to_owned(),
        row: 7,
        id_no: Some("990102195703160".to_owned()),
        name: "刘桂芬".to_owned(),
        region_code: VILLAGE.to_owned(),
        ..Unnumbered::default()
    }
}

#[tokio::test]
async fn a_steward_reads_the_evidence_decides_with_a_reason_and_the_row_goes_in_under_the_persons_number() {
    let office = office().await;
    let person = office.site.applicant;
    let id = row(&office, dead_row(), person).await;
    let mut steward = browser(&office, "steward").await;
    let list = steward.get("/bureau/linkage").await;
    sees(&list, &["人员比对", "刘*", "拿不准", "98.5 %", "待判定 1"]);
    assert!(!list.body.contains("刘桂芬"), "a list masks names");
    whole(&list, "/bureau/linkage");
    for (filter, there) in
        [("?source=DS02", true), ("?source=numbers", false), ("?band=same", false), ("?region=990102002000", false)]
    {
        let page = steward.get(&format!("/bureau/linkage{filter}")).await;
        assert_eq!(page.body.contains("刘*"), there, "{filter}");
    }
    let address = format!("/bureau/linkage/{id}");
    let page = steward.get(&address).await;
    sees(
        &page,
        &[
            "刘桂芬",
            "户籍人口信息",
            "姓名",
            "相差不到 55 天",
            "前 9 位相同",
            "−8.0",
            "+11.5",
            "98.5 %",
            "是不是同一个人",
        ],
    );
    assert_eq!(page.body.matches("<svg class=\"wbar").count(), 6, "a bar a field and one for the sum");
    whole(&page, &address);
    let known = tuodi_registry::person(&office.site.store, person).await.unwrap().unwrap();
    assert!(!page.body.contains(&known.id_no), "the person's number stays masked");
    let seen = looks::of_subject(&office.site.store, &format!("person:{person}"), 5).await.unwrap();
    assert_eq!((seen[0].account.as_str(), seen[0].purpose.as_str()), ("steward", "linkage: one person or two"));

    // What is missing is said, and what was typed stays.
    let decide = format!("{address}/decide");
    let again = steward.post(&page, &decide, &[("state", ""), ("why", "同一本户口簿")]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    sees(&again, &["请选一项", "同一本户口簿"]);
    let again = steward.post(&page, &decide, &[("state", "same"), ("why", "是")]).await;
    sees(&again, &["请写明理由"]);
    whole(&again, &decide);

    let done = steward.post(&page, &decide, &[("state", "same"), ("why", "与户口簿核对一致")]).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, address.as_str()));
    let mended = office.ways.mended.lock().unwrap().clone();
    assert_eq!(mended, [(7, vec!["刘桂芬".to_owned(), known.id_no.clone(), "2026-10-01".to_owned()])]);
    let jobs = tuodi_inbox::list(&office.site.store, 1, 10).await.unwrap().rows;
    assert_eq!((jobs.len(), jobs[0].corrects.as_deref(), jobs[0].source.as_deref()), (1, Some("b-3"), Some("DS02")));
    let entries = journal::entries_of(&office.site.store, &format!("person:{person}")).await.unwrap();
    let last = entries.last().unwrap();
    assert_eq!((last.act.as_str(), last.actor.as_str()), ("registry.link", "steward"));
    assert_eq!(last.details["state"], "same");
    sees(&steward.get("/bureau/linkage?state=same").await, &["刘*", "吴桂英", "与户口簿核对一致"]);
    sees(&steward.get("/bureau/linkage").await, &["没有待判定的人"]);

    // While the row is on its way the decision stays.
    let page = steward.get(&address).await;
    sees(&page, &["正在补收入库", "撤回判定"]);
    let early = steward.post(&page, &decide, &[("state", "open"), ("why", "户口簿是旧的")]).await;
    sees(&early, &["正在入库，请过一会儿再撤回"]);
    tuodi_inbox::finish(&office.site.store, &jobs[0], JobReport { files: Vec::new() }, morning()).await.unwrap();
    let write = office.site.store.write(|tx| {
        Box::pin(async move {
            settle(tx, "b-3", &[(7, 7)], "b-one").await?;
            Ok::<_, RegistryError>(Recorded::new((), entry("registry.settle")))
        })
    });
    write.await.unwrap();
    sees(&steward.get(&address).await, &["已用此人的号码补收入库", "/bureau/data/batches/b-one"]);
    let undone = steward.post(&page, &decide, &[("state", "open"), ("why", "户口簿是旧的")]).await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER, "{}", undone.body);
    let said = office.ways.words.lock().unwrap().clone();
    assert_eq!((said.len(), said[0].undone, said[0].why.as_str()), (1, true, "户口簿是旧的"));
    sees(&steward.get(&address).await, &["待判定", "与户口簿核对一致", "户口簿是旧的"]);
    let book = steward.get("/bureau/linkage/export").await;
    assert!(book.body.starts_with("PK"), "a workbook");
}

#[tokio::test]
async fn nobody_but_the_steward_sees_or_decides_who_is_who() {
    let office = office().await;
    let id = row(&office, dead_row(), office.site.applicant).await;
    let accounts = ["citizen", "checker", "district", "reviewer", "auditor"];
    for account in accounts {
        let mut browser = browser(&office, account).await;
        for address in
            ["/bureau/linkage".to_owned(), format!("/bureau/linkage/{id}"), "/bureau/linkage/export".to_owned()]
        {
            let answer = browser.get(&address).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{account} {address}");
            assert!(
                !answer.body.contains("刘*") && !answer.body.contains("刘桂芬") || account == "citizen",
                "{account}"
            );
        }
        let home = browser.get("/login").await;
        let home = if home.body.contains("name=\"csrf\"") { home } else { browser.get(home.location()).await };
        for act in ["decide", "send"] {
            let address = format!("/bureau/linkage/{id}/{act}");
            let answer = browser.post(&home, &address, &[("state", "same"), ("why", "我认识这个人")]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{account} {act}");
        }
    }
    assert!(
        journal::entries_of(&office.site.store, &format!("person:{}", office.site.applicant)).await.unwrap().is_empty()
    );
    assert!(office.ways.mended.lock().unwrap().is_empty());
    let mut steward = browser(&office, "steward").await;
    assert_eq!(steward.get("/bureau/linkage/99").await.status, StatusCode::NOT_FOUND);
    assert_eq!(steward.get("/bureau/linkage/x").await.status, StatusCode::NOT_FOUND);
}

/// 刘桂芬 once more, under another number and in a household of her own in the next village.
async fn second_number(office: &Office) -> (PersonId, IdNo) {
    let first17 = "99010219570316088";
    let id_no = IdNo::parse(&format!("{first17}{}", check_character(first17).unwrap())).unwrap();
    let record = PersonRecord {
        name: Some("刘桂芬".to_owned()),
        region_code: Some("990102001002".to_owned()),
        ..PersonRecord::new(id_no.clone())
    };
    let write = office.site.store.write(move |tx| {
        Box::pin(async move {
            let person = tuodi_registry::enter_person(tx, &record).await?;
            tuodi_registry::open_household(tx, "990102001002", &[person]).await?;
            Ok::<_, RegistryError>(Recorded::new(person, entry("test.second")))
        })
    });
    (write.await.unwrap(), id_no)
}

#[tokio::test]
async fn two_numbers_that_are_one_person_are_merged_shown_together_and_taken_apart_again() {
    let office = office().await;
    let (first, household) = (office.site.applicant, office.site.household);
    let (second, old_no) = second_number(&office).await;
    let record = Unnumbered {
        source: NUMBERS.to_owned(),
        batch: String::new(),
        row: second.0,
        id_no: Some(old_no.as_str().to_owned()),
        ..dead_row()
    };
    let id = row(&office, record, first).await;
    let address = format!("/bureau/linkage/{id}");
    let mut steward = browser(&office, "steward").await;
    sees(&steward.get("/bureau/linkage?source=numbers").await, &["同一人可能有两个号码"]);
    let page = steward.get(&address).await;
    sees(&page, &["以哪个号码为准", "另一个号码下的人", "周国栋"]);
    whole(&page, &address);
    let search = steward.post(&page, "/bureau/linkage/find", &[("q", old_no.as_str())]).await;
    sees(&search, &[&address]);
    let again = steward
        .post(&page, &format!("{address}/decide"), &[("state", "same"), ("why", "公安机关证明是重复户口")])
        .await;
    sees(&again, &["请选以哪个号码为准", "公安机关证明是重复户口"]);
    whole(&again, &address);
    let fields = [("state", "same"), ("holds", &first.to_string()), ("why", "公安机关证明是重复户口")];
    let done = steward.post(&page, &format!("{address}/decide"), &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert_eq!(current(&office.site.store, second).await.unwrap(), first);

    // By the old number to the one who holds; each household says that there is another.
    let mut officer = browser(&office, "officer").await;
    let page = officer.get("/desk/households").await;
    let found = officer.post(&page, "/desk/households/find", &[("q", old_no.as_str())]).await;
    sees(&found, &[&format!("/desk/households/{household}")]);
    let home = officer.get(&format!("/desk/households/{household}")).await;
    sees(&home, &["同一人还登记在别的户"]);
    let library = steward.get(&format!("/bureau/library/households/{household}?purpose=check_data")).await;
    sees(&library, &["同一人还登记在别的户", "刘*"]);

    let page = steward.get(&address).await;
    sees(&page, &["撤回判定", "两个号码各自恢复原样"]);
    let undone = steward.post(&page, &format!("{address}/decide"), &[("state", "open"), ("why", "证明开错了")]).await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER, "{}", undone.body);
    assert_eq!(current(&office.site.store, second).await.unwrap(), second);
    let home = officer.get(&format!("/desk/households/{household}")).await;
    assert!(!home.body.contains("同一人还登记在别的户"));
    let acts: Vec<String> = journal::entries_of(&office.site.store, &format!("person:{first}"))
        .await
        .unwrap()
        .into_iter()
        .map(|e| format!("{} {}", e.act, e.details["state"].as_str().unwrap_or_default()))
        .collect();
    assert_eq!(acts, ["registry.link same", "registry.link open"]);
    assert!(journal::verify(&office.site.store).await.is_ok());
}
