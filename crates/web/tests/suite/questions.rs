//! A department that answers only on lists: the steward takes the list away and brings the reply; the officer reads it.

use crate::office::{office_asking, whole};
use crate::support::Browser;
use crate::verify::{PICTURE, give, order, signed_in};
use async_trait::async_trait;
use axum::http::StatusCode;
use std::sync::Arc;
use tuodi_pack::ask::{AskError, AskSources, Question, Reply};
use tuodi_store::journal;

/// The banks answer on lists.
struct OnLists;

#[async_trait]
impl AskSources for OnLists {
    fn connected(&self, _: &str) -> bool {
        false
    }

    fn by_file(&self, source: &str) -> bool {
        source == "DS21"
    }

    async fn ask(&self, _: &str, _: &Question) -> Result<Reply, AskError> {
        Err(AskError::Unreachable("nobody is asked directly".to_owned()))
    }
}

const LISTS: &str = "/bureau/data/questions";

async fn bring(steward: &mut Browser, list: &str, name: &str, reply: &[u8]) -> crate::support::Answer {
    let page = steward.get(list).await;
    let token = page.hidden("csrf");
    steward.parts(&format!("{list}/reply"), &[("csrf", &token)], ("file", name, reply)).await
}

#[tokio::test]
async fn a_steward_takes_a_list_to_the_banks_and_the_officer_reads_what_they_said() {
    let office = office_asking(Arc::new(OnLists)).await;
    let mut officer = signed_in(&office, "officer").await;
    let mut steward = signed_in(&office, "steward").await;
    let empty = steward.get(LISTS).await;
    whole(&empty, LISTS);
    assert!(empty.body.contains("现在没有等待列入名单的家庭"), "{}", empty.body);
    for (person, name) in [(office.site.applicant.0, "刘桂芬"), (office.site.spouse.0, "周国栋")] {
        assert_eq!(give(&mut officer, &office, person, name, PICTURE).await.status, StatusCode::SEE_OTHER);
    }
    let report = order(&mut officer, &office).await.location().to_owned();
    assert_eq!(officer.get(LISTS).await.status, StatusCode::FORBIDDEN, "lists are the steward's");

    let waiting = steward.get(LISTS).await;
    assert!(waiting.body.contains("银行存款等金融资产"), "{}", waiting.body);
    let made = steward.post(&waiting, LISTS, &[("source", "DS21")]).await;
    let list = made.location().to_owned();
    // Clicked twice: nobody is on two lists.
    let again = steward.post(&waiting, LISTS, &[("source", "DS21")]).await;
    assert_eq!(again.location(), format!("{LISTS}?nobody=1"));
    let page = steward.get(&list).await;
    whole(&page, &list);
    let file = steward.post(&page, &format!("{list}/file"), &[]).await;
    assert_eq!((file.status, file.body.starts_with("PK")), (StatusCode::OK, true));
    let entries = journal::latest(&office.site.store, 20, 0).await.expect("the journal");
    assert!(entries.iter().any(|e| e.act == "verification.round_out" && e.actor == "steward"), "{entries:?}");

    let number = list.rsplit('/').next().unwrap();
    let heads = "询问编号,查询对象,核对授权号,核对用途,情况截至,结果（有/无/拒绝）,拒绝原因";
    let nothing = bring(&mut steward, &list, "", b"").await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    let strange = bring(&mut steward, &list, "a.docx", &[0x50, 0x4b, 0xff, 0xfe]).await;
    assert!(strange.body.contains("这不是表格"), "{}", strange.body);
    let wrong = format!("{heads}\n999-1,,,,,无,\n{number}-1,,,,,也许,");
    let told = bring(&mut steward, &list, "a.csv", wrong.as_bytes()).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    whole(&told, &list);
    assert!(told.body.contains("第 2 行") && told.body.contains("第 3 行"), "{}", told.body);
    let reply = format!("{heads}\n{number}-1,,,,,无,\n{number}-2,,,,,拒绝,授权书过期\n{number}-3,,,,,无,");
    let came = bring(&mut steward, &list, "a.csv", reply.as_bytes()).await;
    assert_eq!(came.status, StatusCode::SEE_OTHER, "{}", came.body);
    whole(&steward.get(came.location()).await, &list);

    let address = format!("{report}/answers/DS21");
    let said = officer.get(&address).await;
    whole(&said, &address);
    assert!(said.body.contains("刘桂芬") && said.body.contains("授权书过期"), "{}", said.body);
    assert_eq!(steward.get(&address).await.status, StatusCode::FORBIDDEN, "what was said is the case's");
    assert_eq!(officer.get(&format!("{report}/answers/DS99")).await.status, StatusCode::NOT_FOUND);
}
