//! Money at the desk: looked at before it is made, taken back, answered by the bank, mended and paid again, paid too much,
//! and the books; and who may not.

use crate::office::{Office, TOWNSHIP, office, whole};
use crate::support::{Answer, Browser, VILLAGE, morning, pack};
use axum::http::StatusCode;
use tuodi_casework::RosterRow;
use tuodi_pack::Fen;

async fn signed_in(office: &Office, account: &str) -> Browser {
    let mut browser = Browser::new(&office.site);
    browser.sign_in(account).await;
    browser
}

#[track_caller]
fn went(answer: &Answer, to: &str) {
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, to), "{}", answer.body);
}

/// An office with one household on the roster.
pub async fn with_recipient() -> Office {
    let office = office().await;
    let row = RosterRow {
        certificate: "aa".to_owned(),
        applicant: office.site.applicant,
        household: office.site.household,
        programme: "dibao".to_owned(),
        monthly: Fen::yuan(780),
        members: 3,
        start_date: morning().date_naive() - chrono::Days::new(400),
        region_code: VILLAGE.to_owned(),
        class: Some("B".to_owned()),
        last_reverify: Some(morning().date_naive()),
    };
    tuodi_casework::import_roster(&office.site.store, &pack(), vec![row], morning()).await.expect("taken over");
    office
}

async fn signed(office: &Office, list: &str) {
    let mut second = signed_in(office, "district2").await;
    let confirm = second.get(&format!("{list}/sign")).await;
    let version = confirm.hidden("version");
    went(
        &second.post(&confirm, &format!("{list}/sign"), &[("version", &version)]).await,
        &format!("{list}?done=signed"),
    );
}

#[tokio::test]
async fn a_list_is_looked_at_made_taken_back_answered_by_the_bank_and_paid_again() {
    let office = with_recipient().await;
    let mut officer = signed_in(&office, "district").await;
    let list = officer.get("/desk/payments").await;
    assert!(list.body.contains("取暖救助") && list.body.contains("/desk/payments/funds"), "{}", list.body);
    went(&officer.get("/desk/payments/preview").await, "/desk/payments");
    let preview = officer.get("/desk/payments/preview?month=2026-12&kind=monthly").await;
    whole(&preview, "the preview");
    assert!(preview.body.contains("780"), "{}", preview.body);
    let make = [("month", "2026-12"), ("kind", "monthly"), ("key", "p-1")];
    went(&officer.post(&preview, "/desk/payments", &make).await, "/desk/payments/2026-12?done=prepared");

    // Taken back and made anew.
    let confirm = officer.get("/desk/payments/2026-12/withdraw").await;
    let version = confirm.hidden("version");
    let back = officer.post(&confirm, "/desk/payments/2026-12/withdraw", &[("version", &version)]).await;
    went(&back, "/desk/payments?done=withdrawn");
    assert_eq!(officer.get("/desk/payments/2026-12").await.status, StatusCode::NOT_FOUND);
    let make = [("month", "2026-12"), ("kind", "monthly"), ("key", "p-2")];
    went(&officer.post(&preview, "/desk/payments", &make).await, "/desk/payments/2026-12?done=prepared");
    signed(&office, "/desk/payments/2026-12").await;

    // What the line is made of; then the bank's answer, first one that does not fit.
    let page = officer.get("/desk/payments/2026-12").await;
    let link = page.body.split("/desk/payments/2026-12/lines/").nth(1).expect("a line").split('"').next().unwrap();
    let line = officer.get(&format!("/desk/payments/2026-12/lines/{link}")).await;
    whole(&line, "the line");
    assert!(line.body.contains("当月") && line.body.contains("从原名册接入"), "{}", line.body);
    let form = officer.get("/desk/payments/2026-12/bank").await;
    whole(&form, "the bank's answer");
    let (csrf, version) = (form.hidden("csrf"), form.hidden("version"));
    let fields = [("csrf", csrf.as_str()), ("version", version.as_str()), ("key", "b-1")];
    let batch = {
        let file = officer.post(&page, "/desk/payments/2026-12/file", &[("format", "csv")]).await;
        let row = file.body.lines().nth(1).expect("a row").to_owned();
        row.rsplit(',').next().expect("its number").trim().to_owned()
    };
    let wrong = format!("流水号,金额（元）,结果\n{batch},79,成功\n");
    let refused = officer.upload("/desk/payments/2026-12/bank", &fields, "a.csv", &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("金额和名册不一样") && refused.body.contains(">79<"), "{}", refused.body);
    let right = format!("流水号,金额（元）,结果,原因\n{batch},780.00,失败,账号已注销\n");
    let taken = officer.upload("/desk/payments/2026-12/bank", &fields, "a.csv", &right).await;
    went(&taken, "/desk/payments/returned?done=taken");

    let back = officer.get("/desk/payments/returned").await;
    whole(&back, "what came back");
    let line = back.body.split("action=\"/desk/payments/returned/").nth(1).expect("a form").split('"').next().unwrap();
    let mend = format!("/desk/payments/returned/{line}");
    let half = officer.post(&back, &mend, &[("bank", "农商银行"), ("account", "12"), ("key", "m")]).await;
    assert_eq!(half.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(half.body.contains("农商银行"), "what was typed stays: {}", half.body);
    went(&officer.post(&back, &mend, &[("key", "m")]).await, "/desk/payments/returned?done=mended");
    let preview = officer.get("/desk/payments/preview?month=2026-12&kind=again").await;
    let make = [("month", "2026-12"), ("kind", "again"), ("key", "p-3")];
    went(&officer.post(&preview, "/desk/payments", &make).await, "/desk/payments/2026-12.again?done=prepared");

    // A township looks at no list of the county, and nobody outside makes one.
    let mut township = signed_in(&office, "officer").await;
    assert_eq!(township.get("/desk/payments/funds").await.status, StatusCode::FORBIDDEN);
    assert_eq!(township.get("/desk/payments/over").await.status, StatusCode::FORBIDDEN);
    assert!(TOWNSHIP.starts_with("990102"));
}

#[tokio::test]
async fn a_run_asks_for_its_figures_and_too_much_is_decided_by_somebody_else() {
    let office = with_recipient().await;
    let mut officer = signed_in(&office, "district").await;
    let first = officer.get("/desk/payments/preview?month=2026-12&kind=price_subsidy").await;
    whole(&first, "a run that asks");
    let wrong = officer.get("/desk/payments/preview?month=2026-12&kind=price_subsidy&rise=x&paper=a").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("请写公布的涨幅"), "{}", wrong.body);
    let low = officer.get("/desk/payments/preview?month=2026-12&kind=price_subsidy&rise=2&paper=a").await;
    assert!(low.body.contains("没有到启动线"), "{}", low.body);

    let page = officer.get("/desk/payments/preview?month=2026-11&kind=monthly").await;
    let make = [("month", "2026-11"), ("kind", "monthly"), ("key", "p-1")];
    went(&officer.post(&page, "/desk/payments", &make).await, "/desk/payments/2026-11?done=prepared");
    signed(&office, "/desk/payments/2026-11").await;
    let confirm = officer.get("/desk/payments/2026-11/paid").await;
    let version = confirm.hidden("version");
    officer.post(&confirm, "/desk/payments/2026-11/paid", &[("version", &version)]).await;

    let ledger = officer.get("/desk/payments/over").await;
    whole(&ledger, "the ledger");
    let list = officer.get("/desk/payments/2026-11").await;
    let case = list.body.split("/desk/cases/").nth(1).expect("a case").split('"').next().unwrap().to_owned();
    let new = |due: &'static str| {
        [
            ("case", case.clone()),
            ("from", "2026-11".to_owned()),
            ("to", "2026-11".to_owned()),
            ("due", due.to_owned()),
            ("cause", "late_data".to_owned()),
            ("note", "数据晚到".to_owned()),
            ("key", format!("f-{due}")),
        ]
    };
    let fields = |new: &[(&'static str, String); 7]| -> Vec<(&'static str, String)> { new.to_vec() };
    let typed = fields(&new("780"));
    let typed: Vec<(&str, &str)> = typed.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let nothing = officer.post(&ledger, "/desk/payments/over", &typed).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nothing.body.contains("这几个月没有多发") && nothing.body.contains("数据晚到"), "{}", nothing.body);
    let typed = fields(&new("700"));
    let typed: Vec<(&str, &str)> = typed.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let found = officer.post(&ledger, "/desk/payments/over", &typed).await;
    assert_eq!(found.status, StatusCode::SEE_OTHER, "{}", found.body);
    let address = found.location().split('?').next().unwrap().to_owned();
    let own = officer.get(&address).await;
    assert!(own.body.contains("登记的人不能自己决定"), "{}", own.body);
    let waive = [("decision", "waive"), ("reason", "不是本人的错"), ("key", "d-1")];
    assert_eq!(officer.post(&own, &address, &waive).await.status, StatusCode::FORBIDDEN);
    let mut second = signed_in(&office, "district2").await;
    let page = second.get(&address).await;
    whole(&page, "an over-payment");
    let most =
        second.post(&page, &address, &[("decision", "recover"), ("amount", "80"), ("share", "50"), ("reason", "x")]);
    let most = most.await;
    assert_eq!(most.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(most.body.contains("超过了规定"), "{}", most.body);
    went(&second.post(&page, &address, &waive).await, &format!("{address}?done=decided"));

    let funds = officer.get("/desk/payments/funds").await;
    whole(&funds, "the books");
    let bad = [("fund", "livelihood"), ("amount", "十万"), ("on", "2026-11-01"), ("paper", "1号")];
    assert_eq!(officer.post(&funds, "/desk/payments/funds", &bad).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let good = [("fund", "livelihood"), ("amount", "10万"), ("on", "2026-11-01"), ("paper", "1号"), ("key", "a-1")];
    went(&officer.post(&funds, "/desk/payments/funds", &good).await, "/desk/payments/funds?done=allocated");
    let funds = officer.get("/desk/payments/funds").await;
    assert!(funds.body.contains("99,220"), "100,000 came in and 780 went out: {}", funds.body);
    let book = officer.post(&funds, "/desk/payments/funds/workbook", &[]).await;
    assert!(book.body.starts_with("PK"));
}
