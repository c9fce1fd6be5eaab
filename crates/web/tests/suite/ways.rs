//! Files on their way in, as the data steward and others see them; without a pool.

use crate::office::{Office, office, whole};
use crate::support::{Answer, Browser, morning};
use axum::http::StatusCode;
use std::collections::BTreeMap;
use tuodi_access::{Access, Actor, Role};
use tuodi_inbox::{FileOutcome, Job, JobReport, Stage};
use tuodi_pack::Text;

async fn steward(office: &Office) -> Browser {
    let mut browser = Browser::new(&office.site);
    browser.sign_in("steward").await;
    browser
}

async fn send(browser: &mut Browser, file: &str) -> String {
    let page = browser.get("/bureau/data/upload").await;
    let token = page.hidden("csrf");
    let answer = browser.upload("/bureau/data/upload", &[("csrf", &token), ("source", "")], "a.csv", file).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location().to_owned()
}

async fn job(office: &Office, address: &str) -> Job {
    tuodi_inbox::find(&office.site.store, address.rsplit('/').next().unwrap()).await.unwrap()
}

fn report(state: &str) -> JobReport {
    JobReport {
        files: vec![FileOutcome {
            file: "a.csv".to_owned(),
            state: state.to_owned(),
            source: Some("DS26".to_owned()),
            batch: Some("b-2".to_owned()),
            rows_read: 100,
            rows_taken: 98,
            rows_quarantined: 2,
            reasons: BTreeMap::from([("E03".to_owned(), 2)]),
            refusal: (state == "refused").then(|| {
                let text = |zh: &str, en: &str| Text::new(zh, en);
                [
                    text("第1行", "row 1"),
                    text("缺少必需的列", "missing column"),
                    text("请改正表头", "correct the header"),
                ]
            }),
        }],
    }
}

/// What the run would say next.
async fn runs(office: &Office, address: &str, state: &str) {
    let job = job(office, address).await;
    tuodi_inbox::finish(&office.site.store, &job, report(state), morning()).await.unwrap();
}

fn sees(answer: &Answer, words: &[&str]) {
    for word in words {
        assert!(answer.body.contains(word), "{word} is missing in {}", answer.body);
    }
}

#[tokio::test]
async fn a_file_is_sent_tried_confirmed_and_taken() {
    let office = office().await;
    let mut browser = steward(&office).await;
    let address = send(&mut browser, "a,b\n1,2\n").await;
    let received = job(&office, &address).await;
    assert_eq!((received.stage, received.file_name.as_str(), received.bytes), (Stage::Checking, "a.csv", 8));
    assert_eq!(office.ways.file(&received.id).unwrap(), b"a,b\n1,2\n");
    let page = browser.get(&address).await;
    assert!(page.headers.contains_key("refresh"), "a page without scripts looks again by itself");
    sees(&page, &["正在试收", "已读 1,200 行", "water"]);
    runs(&office, &address, "taken").await;
    let page = browser.get(&address).await;
    assert!(!page.headers.contains_key("refresh"));
    sees(&page, &["等您确认", "可以收", "日期不对", "确认入库"]);
    assert_eq!(browser.post(&page, &format!("{address}/confirm"), &[]).await.location(), address);
    assert_eq!(job(&office, &address).await.stage, Stage::Taking);
    runs(&office, &address, "taken").await;
    let page = browser.get(&address).await;
    sees(&page, &["已办完", "/bureau/data/batches/b-2/rows"]);
    // Once more is too late, and says so.
    let list = browser.get("/bureau/data/upload").await;
    sees(&list, &["a.csv", "已办完"]);
    let answer = browser.post(&list, &format!("{address}/cancel"), &[]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_form_with_a_file_needs_its_token_first_and_a_file_that_fits() {
    let office = office().await;
    let mut browser = steward(&office).await;
    let page = browser.get("/bureau/data/upload").await;
    let token = page.hidden("csrf");
    for fields in [&[("source", "")][..], &[("source", ""), ("csrf", &token)], &[("csrf", "0123")]] {
        let answer = browser.upload("/bureau/data/upload", fields, "a.csv", "x").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{fields:?}");
    }
    let big = "x".repeat(crate::office::ways::LIMIT as usize + 1);
    let answer = browser.upload("/bureau/data/upload", &[("csrf", &token)], "a.csv", &big).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    sees(&answer, &["文件太大，最多 4 KB"]);
    let answer = browser.upload("/bureau/data/upload", &[("csrf", &token)], "", "").await;
    sees(&answer, &["请选一个文件"]);
    whole(&answer, "upload");
    assert_eq!(office.ways.files(), 0, "nothing stays behind of what was not received");
}

#[tokio::test]
async fn strange_headings_are_explained_once() {
    let office = office().await;
    let mut browser = steward(&office).await;
    let address = send(&mut browser, "票号,类别,备注\n").await;
    runs(&office, &address, "refused").await;
    let page = browser.get(&address).await;
    sees(&page, &["告诉系统每一列是什么", "缺少必需的列", "票号"]);
    assert!(!page.body.contains("确认入库"), "what is refused cannot be confirmed");
    let base = [("source", "DS26"), ("k0", "票号"), ("k1", "类别"), ("k2", "备注")];
    let with = |more: &[(&'static str, &'static str)]| [&base[..], more].concat();
    let wrong = with(&[("h0", "kind"), ("h1", "kind"), ("h2", "")]);
    let answer = browser.post(&page, &format!("{address}/headings"), &wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    sees(&answer, &["这一列已经选过了", "还缺必需的列"]);
    whole(&answer, "headings");
    assert!(tuodi_inbox::saved_headings(&office.site.store).await.unwrap().is_empty());
    // The pack's other obligatory columns stand behind further headings of this file.
    let right = [
        ("source", "DS26"),
        ("k0", "票号"),
        ("h0", "account_no"),
        ("k1", "类别"),
        ("h1", "kind"),
        ("k2", "月"),
        ("h2", "month"),
        ("k3", "量"),
        ("h3", "quantity"),
        ("k4", "钱"),
        ("h4", "amount|元"),
        ("k5", "备注"),
        ("h5", ""),
    ];
    let answer = browser.post(&page, &format!("{address}/headings"), &right).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let saved = tuodi_inbox::saved_headings(&office.site.store).await.unwrap();
    assert_eq!((saved[0].source.as_str(), saved[0].headings["钱"].as_str()), ("DS26", "amount|元"));
    let again = job(&office, &address).await;
    assert_eq!((again.stage, again.source.as_deref()), (Stage::Checking, Some("DS26")));
    let page = browser.get("/bureau/data/headings").await;
    sees(&page, &["票号", "不收这一列"]);
    let answer = browser.post(&page, &format!("/bureau/data/headings/{}/forget", saved[0].id), &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(tuodi_inbox::saved_headings(&office.site.store).await.unwrap().is_empty());
}

#[tokio::test]
async fn rows_put_aside_are_mended_on_the_page_and_each_look_is_logged() {
    let office = office().await;
    let mut browser = steward(&office).await;
    let address = "/bureau/data/batches/b-2/rows";
    let page = browser.get(address).await;
    sees(&page, &["第 4 行", "2026-02-30", "日期不存在", "其他列"]);
    let looks = tuodi_access::looks::of_subject(&office.site.store, "batch:b-2", 9).await.unwrap();
    assert_eq!((looks.len(), looks[0].account.as_str()), (1, "steward"));
    let unchanged = [("c4-1", "2026-02-30"), ("c9-1", "2026-13-01")];
    let answer = browser.post(&page, address, &unchanged).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    sees(&answer, &["还没有改动任何一格"]);
    let answer = browser.post(&page, address, &[("c4-1", " 2026-02-28 "), ("c9-1", "2026-13-01")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let mended = office.ways.mended.lock().unwrap().clone();
    assert_eq!(mended, [(4, vec!["某人".to_owned(), "2026-02-28".to_owned()])]);
    let sent = job(&office, answer.location()).await;
    assert_eq!((sent.stage, sent.corrects.as_deref()), (Stage::Taking, Some("b-2")));
    sees(&browser.get(answer.location()).await, &["修改隔离行，属于这一批"]);
}

#[tokio::test]
async fn a_batch_is_undone_with_a_reason_and_taken_up_again() {
    let office = office().await;
    let mut browser = steward(&office).await;
    let address = "/bureau/data/batches/b-2";
    let page = browser.get(address).await;
    sees(&page, &["在用", "撤销这一批"]);
    let answer = browser.post(&page, &format!("{address}/undo"), &[("why", "错")]).await;
    sees(&answer, &["请写明原因"]);
    let answer = browser.post(&page, &format!("{address}/undo"), &[("why", "发错了月份")]).await;
    assert_eq!(answer.location(), address);
    let page = browser.get(address).await;
    sees(&page, &["已撤销", "发错了月份", "恢复这一批"]);
    browser.post(&page, &format!("{address}/redo"), &[("why", "月份其实没错")]).await;
    sees(&browser.get(address).await, &["在用", "月份其实没错"]);
    let answer = browser.post(&page, "/bureau/data/batches/b-1/undo", &[("why", "试一试看")]).await;
    sees(&answer, &["这一批是平台自己写的"]);
}

#[tokio::test]
async fn only_the_steward_sends_mends_and_undoes() {
    let office = office().await;
    let mut steward = steward(&office).await;
    let job = send(&mut steward, "a,b\n1,2\n").await;
    for account in ["district", "auditor", "city"] {
        let mut browser = Browser::new(&office.site);
        browser.sign_in(account).await;
        let pages = ["/bureau/data/upload", "/bureau/data/headings", "/bureau/data/batches/b-2/rows", job.as_str()];
        for address in pages {
            assert_eq!(browser.get(address).await.status, StatusCode::FORBIDDEN, "{account} {address}");
        }
    }
    let mut district = Browser::new(&office.site);
    district.sign_in("district").await;
    let page = district.get("/bureau/data/batches/b-2").await;
    assert!(!page.body.contains("撤销这一批") && !page.body.contains("/rows"));
    let token = district.get("/bureau/data").await;
    let refused = district.post(&token, "/bureau/data/batches/b-2/undo", &[("why", "发错了月份")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(office.ways.words.lock().unwrap().is_empty());
}

#[tokio::test]
async fn every_page_of_the_ways_in_is_whole_in_both_languages() {
    let office = office().await;
    let mut browser = steward(&office).await;
    let running = send(&mut browser, "a,b\n1,2\n").await;
    let refused = send(&mut browser, "票号,类别,备注\n").await;
    runs(&office, &refused, "refused").await;
    let checked = send(&mut browser, "a,b\n1,2\n").await;
    runs(&office, &checked, "held").await;
    let done = send(&mut browser, "a,b\n1,2\n").await;
    runs(&office, &done, "taken").await;
    let actor = Actor {
        account: "steward".to_owned(),
        name: String::new(),
        role: Role::DataSteward,
        region: crate::office::DISTRICT.to_owned(),
        ..Actor::system()
    };
    let store = office.site.store.clone();
    let cx = tuodi_inbox::Cx { store: store.clone(), access: Access::new().unwrap(), actor, now: morning() };
    tuodi_inbox::confirm(&cx, done.rsplit('/').next().unwrap()).await.unwrap();
    runs(&office, &done, "already_taken").await;
    let cancelled = send(&mut browser, "a,b\n1,2\n").await;
    tuodi_inbox::cancel(&cx, cancelled.rsplit('/').next().unwrap()).await.unwrap();
    let failed = send(&mut browser, "a,b\n1,2\n").await;
    tuodi_inbox::fail(&store, &job(&office, &failed).await, "the disk is full".to_owned(), morning()).await.unwrap();
    tuodi_inbox::explain(&cx, "DS26", BTreeMap::from([("钱".to_owned(), "amount|元".to_owned())])).await.unwrap();
    let jobs = [running, refused, checked, done, cancelled, failed];
    let others =
        ["upload", "headings", "batches/b-1", "batches/b-2", "batches/b-2/rows"].map(|p| format!("/bureau/data/{p}"));
    for address in jobs.iter().chain(&others) {
        for lang in ["zh-CN", "en"] {
            let answer = browser.get(&format!("{address}?lang={lang}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{address}: {}", answer.body);
            whole(&answer, address);
        }
    }
}

#[tokio::test]
async fn how_fetching_a_source_goes_is_shown_and_it_can_be_fetched_at_once() {
    use chrono::Duration;
    use tuodi_inbox::{Outcome, PATIENCE, Run};
    let office = office().await;
    let store = &office.site.store;
    let mut browser = steward(&office).await;
    sees(&browser.get("/bureau/data/DS26/ways").await, &["没有设置自动获取"]);
    let page = browser.get("/bureau/data/DS26/ways").await;
    let answer = browser.post(&page, "/bureau/data/DS26/fetch", &[]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "what is not fetched is not fetched at once");
    tuodi_inbox::plan_fetches(store, &[("DS26".to_owned(), "postgresql")], morning()).await.unwrap();
    let ran = async |outcome: Outcome| {
        let next = morning() + Duration::hours(9);
        let run = Run { source: "DS26".to_owned(), outcome, digest: None, job: None, next };
        tuodi_inbox::ran(store, run, morning()).await.unwrap();
    };
    ran(Outcome::Same).await;
    let page = browser.get("/bureau/data/DS26/ways").await;
    sees(&page, &["PostgreSQL", "内容没有变化", "18:00"]);
    assert!(!browser.get("/bureau/data").await.body.contains("自动获取一直失败"));
    for _ in 0..PATIENCE {
        ran(Outcome::Failed { code: "refused".to_owned(), detail: "SQLSTATE 42501".to_owned() }).await;
    }
    let page = browser.get("/bureau/data/DS26/ways").await;
    whole(&page, "ways of a source");
    sees(&page, &["没有给读取的权限", "SQLSTATE 42501", "已连续失败 5 次"]);
    for address in ["/bureau/data", "/bureau/data?state=unfetched", "/bureau/data/DS26"] {
        sees(&browser.get(address).await, &["自2026-11-20起自动获取一直失败"]);
    }
    let mut district = Browser::new(&office.site);
    district.sign_in("district").await;
    let theirs = district.get("/bureau/data/DS26/ways").await;
    assert!(!theirs.body.contains("现在就获取"));
    let answer = district.post(&theirs, "/bureau/data/DS26/fetch", &[]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(tuodi_inbox::due_fetches(store, morning()).await.unwrap().is_empty());
    let answer = browser.post(&page, "/bureau/data/DS26/fetch", &[]).await;
    assert_eq!(answer.location(), "/bureau/data/DS26/ways#fetch");
    assert_eq!(tuodi_inbox::due_fetches(store, morning()).await.unwrap().len(), 1);
    sees(&browser.get("/bureau/data/DS26/ways").await, &["马上"]);
}
