//! A case at the desk, from the window to the pay list, without JavaScript; and who may not.

use crate::office::{Office, SECRET_AMOUNT, office, whole};
use crate::support::{Answer, Browser, DRAWN, SIGNED};
use axum::http::{StatusCode, header};
use base64::{Engine, engine::general_purpose::STANDARD};
use tuodi_access::looks;

pub async fn signed_in(office: &Office, account: &str) -> Browser {
    let mut browser = Browser::new(&office.site);
    browser.sign_in(account).await;
    browser
}

/// Posts a form of the case's page with its version.
pub async fn act(browser: &mut Browser, case: &str, last: &str, fields: &[(&str, &str)]) -> Answer {
    let page = browser.get(&format!("/desk/cases/{case}")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    // A page that offers nothing carries no version.
    let version = if page.body.contains(r#"name="version""#) { page.hidden("version") } else { "0".to_owned() };
    let mut all = vec![("version", version.as_str())];
    all.extend_from_slice(fields);
    browser.post(&page, &format!("/desk/cases/{case}/{last}"), &all).await
}

#[track_caller]
pub fn went(answer: &Answer, to: &str) {
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, to), "{}", answer.body);
}

#[tokio::test]
async fn whoever_calls_is_registered_as_by_telephone_and_found_as_such() {
    let office = office().await;
    let mut officer = signed_in(&office, "officer").await;
    let page = officer.get("/desk/intake/new").await;
    let found = officer.post(&page, "/desk/intake/find", &[("q", "刘桂芬")]).await;
    let person = office.site.applicant.to_string();
    let opened = officer.post(&found, "/desk/intake", &[("person", &person), ("by", "phone")]).await;
    let case = opened.location().rsplit('/').next().unwrap_or_default().to_owned();
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.body);
    let own = officer.get(&format!("/desk/cases/{case}")).await;
    assert!(own.body.contains("· 电话"), "{}", own.body);
    assert!(officer.get("/desk?channel=hotline").await.body.contains(&case));
    assert!(!officer.get("/desk?channel=window").await.body.contains(&case));
}

/// Registers the family at the window; gives the case's number. With `send`, submits it with consents.
pub async fn registered(office: &Office, browser: &mut Browser, send: bool) -> String {
    registered_saying(office, browser, send, &[]).await
}

/// The same with more answers on the form.
pub async fn registered_saying(office: &Office, browser: &mut Browser, send: bool, more: &[(&str, &str)]) -> String {
    let page = browser.get("/desk/intake/new").await;
    let found = browser.post(&page, "/desk/intake/find", &[("q", "刘桂芬")]).await;
    assert!(found.body.contains("9901**********"), "numbers are masked: {}", found.body);
    let person = office.site.applicant.to_string();
    let opened = browser.post(&found, "/desk/intake", &[("person", &person)]).await;
    let case = opened.location().rsplit('/').next().unwrap_or_default().to_owned();
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.body);
    if send {
        let form = format!("/desk/intake/{case}");
        let page = browser.get(&form).await;
        let answer = post_form(browser, office, &page, &form, true, more).await;
        went(&answer, &format!("/desk/cases/{case}?done=accepted"));
    }
    case
}

async fn post_form(
    browser: &mut Browser,
    office: &Office,
    page: &Answer,
    address: &str,
    truth: bool,
    more: &[(&str, &str)],
) -> Answer {
    let people = [office.site.applicant.0, office.site.spouse.0, office.site.spouse.0 + 1];
    let mut fields: Vec<(String, String)> = people.map(|p| (format!("member.{p}"), "here".to_owned())).into();
    for person in &people[..2] {
        fields.push((format!("wage_month.{person}"), "620".to_owned()));
        fields.push((format!("other_income_month.{person}"), "0".to_owned()));
        fields.push(("consent".to_owned(), person.to_string()));
    }
    for (name, value) in [
        ("reasons", "illness"),
        ("self_paid_medical_12m", "1.2万"),
        ("fin_assets", "12000"),
        ("vehicle_value", "0"),
        ("home_count", "1"),
        ("company_capital", "0"),
        ("bank", "农商银行"),
        ("account", "6212260000000012345"),
        ("mark", "paper"),
        ("act", "submit"),
        ("truth", if truth { "yes" } else { "" }),
        ("version", &page.hidden("version")),
        ("key", &page.hidden("key")),
    ] {
        fields.push((name.to_owned(), value.to_owned()));
    }
    let mut pairs: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    pairs.extend_from_slice(more);
    browser.post(page, address, &pairs).await
}

/// Checks, visits (with a second visitor) and judges; gives the officer's browser.
pub async fn surveyed(office: &Office, second: &str) -> (Browser, String) {
    let mut officer = signed_in(office, "officer").await;
    let case = registered(office, &mut officer, true).await;
    went(&act(&mut officer, &case, "check", &[]).await, &format!("/desk/cases/{case}?done=check"));
    let visit = format!("/desk/cases/{case}/visit");
    let page = officer.get(&visit).await;
    whole(&page, &visit);
    let version = page.hidden("version");
    let alone =
        [("version", version.as_str()), ("visited_on", "2026-11-20"), ("visitor.0", "陈立"), ("account.0", "officer")];
    let wrong = officer.post_parts(&page, &visit, &alone).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("请选择户里的人签字了没有"), "{}", wrong.body);
    let mut both = alone.to_vec();
    both.extend([("note", "住房老旧"), ("D1.1.1", "below_standard")]);
    both.extend(SIGNED);
    let wrong = officer.post_parts(&wrong, &visit, &both).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("至少写两位入户人员") && wrong.body.contains("住房老旧"), "{}", wrong.body);
    assert!(wrong.body.contains(DRAWN), "nobody signs twice because somebody else mistyped");
    both.extend([("visitor.1", "何敏"), ("account.1", second)]);
    went(&officer.post_parts(&wrong, &visit, &both).await, &format!("/desk/cases/{case}?done=visit"));
    judged(&mut officer, &case).await;
    (officer, case)
}

/// Settles every difference that waits for a person.
async fn judged(officer: &mut Browser, case: &str) {
    for _ in 0..8 {
        let page = officer.get(&format!("/desk/cases/{case}")).await;
        let Some(id) = page.body.split(&format!("/desk/cases/{case}/differences/")).nth(1) else { break };
        let id = id.split('"').next().unwrap_or_default().to_owned();
        let last = format!("differences/{id}");
        let empty = act(officer, case, &last, &[("use", "found")]).await;
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY, "a judgement needs its reason");
        let by_word = act(officer, case, &last, &[("use", "declared"), ("reason", "他说的")]).await;
        assert_eq!(by_word.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(by_word.body.contains("请选择凭什么材料") && by_word.body.contains("他说的"), "{}", by_word.body);
        let answer = act(officer, case, &last, &[("use", "found"), ("reason", "本人已认可")]).await;
        went(&answer, &format!("/desk/cases/{case}?done=judge#differences"));
    }
}

/// A second look at the home by these two, the day after.
async fn visited_again(officer: &mut Browser, case: &str, accounts: [&str; 2]) {
    let visit = format!("/desk/cases/{case}/visit");
    let page = officer.get(&visit).await;
    let version = page.hidden("version");
    let mut fields = vec![
        ("version", version.as_str()),
        ("visited_on", "2026-11-21"),
        ("visitor.0", "方志远"),
        ("account.0", accounts[0]),
        ("visitor.1", "何敏"),
        ("account.1", accounts[1]),
        ("D1.1.1", "below_standard"),
    ];
    fields.extend(SIGNED);
    went(&officer.post_parts(&page, &visit, &fields).await, &format!("/desk/cases/{case}?done=visit"));
    judged(officer, case).await;
}

pub const AGREED: &[(&str, &str)] =
    &[("outcome", "approve"), ("programme", "dibao"), ("monthly", "1724"), ("text", "符合规定"), ("key", "opinion-1")];

#[tokio::test]
async fn a_case_goes_from_the_window_to_the_pay_list() {
    let office = office().await;
    let (mut officer, case) = surveyed(&office, "village").await;
    let home = format!("/desk/cases/{case}");
    let page = officer.get(&home).await;
    whole(&page, &home);
    for words in ["1,724 元/月", "这是计算结果，不是决定", "2026-11-16", "陈立", "受理通知书"] {
        assert!(page.body.contains(words), "{words} in:\n{}", page.body);
    }
    let nothing = act(&mut officer, &case, "opinion", &[("outcome", "")]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nothing.body.contains("请选择意见") && nothing.body.contains("<title>错误："));
    whole(&nothing, "the case page with an error");
    went(&act(&mut officer, &case, "opinion", AGREED).await, &format!("{home}?done=opinion"));
    assert_eq!(
        act(&mut officer, &case, "sign", &[("agree", "yes"), ("confirm", "yes")]).await.status,
        StatusCode::FORBIDDEN
    );

    let mut leader = signed_in(&office, "leader").await;
    let confirm = act(&mut leader, &case, "sign", &[("agree", "yes"), ("key", "sign-1")]).await;
    assert!(confirm.status == StatusCode::OK && confirm.body.contains("签署并公示"), "{}", confirm.body);
    whole(&confirm, "the confirmation");
    let version = confirm.hidden("version");
    let fields = [("version", version.as_str()), ("agree", "yes"), ("confirm", "yes"), ("key", "sign-1")];
    went(&leader.post(&confirm, &format!("{home}/sign"), &fields).await, &format!("{home}?done=sign"));
    // Sent twice: the first one holds, nothing else happens.
    went(&leader.post(&confirm, &format!("{home}/sign"), &fields).await, &format!("{home}?done=sign"));
    let list = leader.get("/desk/publicity").await;
    assert!(list.body.contains(&case));
    let board = format!("/desk/publicity/{}/hung", crate::support::VILLAGE);
    assert!(list.body.contains(&board), "nobody has photographed it yet");
    let page = leader.get(&board).await;
    whole(&page, &board);
    let token = page.hidden("csrf");
    let typed = [("csrf", token.as_str()), ("key", "board-1")];
    let wrong = leader.parts(&board, &typed, ("board", "", b"")).await;
    assert!(
        wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.body.contains("请选择张贴照片"),
        "{}",
        wrong.body
    );
    let wrong = leader.parts(&board, &typed, ("board", "a.exe", b"MZ")).await;
    assert!(wrong.body.contains("张贴照片请用 JPG"), "{}", wrong.body);
    let png = STANDARD.decode(DRAWN.split_once(',').unwrap().1).unwrap();
    went(&leader.parts(&board, &typed, ("board", "a.png", &png)).await, "/desk/publicity");
    let list = leader.get("/desk/publicity").await;
    whole(&list, "/desk/publicity");
    assert!(list.body.contains("已张贴，看照片"), "{}", list.body);
    let photo = leader.get(&format!("{board}/1")).await;
    assert_eq!(photo.headers[header::CONTENT_TYPE], "image/jpeg");

    office.pass(8);
    let mut officer = signed_in(&office, "officer").await;
    went(&act(&mut officer, &case, "end-publicity", &[]).await, &format!("{home}?done=end_publicity"));
    let mut reviewer = signed_in(&office, "reviewer").await;
    let decision =
        [("outcome", "approve"), ("programme", "dibao"), ("monthly", "1724"), ("text", ""), ("key", "decide-1")];
    let confirm = act(&mut reviewer, &case, "decide", &decision).await;
    assert!(confirm.status == StatusCode::OK && confirm.body.contains("2026年12月"), "{}", confirm.body);
    let version = confirm.hidden("version");
    let mut fields = decision.to_vec();
    fields.extend([("version", version.as_str()), ("confirm", "yes")]);
    went(&reviewer.post(&confirm, &format!("{home}/decide"), &fields).await, &format!("{home}?done=approve"));
    let page = reviewer.get(&home).await;
    let letter = page.body.split(&format!("{home}/notices/")).nth(1).unwrap().split('"').next().unwrap();
    let letter = reviewer.get(&format!("{home}/notices/{letter}")).await;
    assert!(letter.status == StatusCode::OK && letter.body.contains("审核确认告知书"), "{}", letter.body);

    pays(&office, &case).await;
}

async fn pays(office: &Office, case: &str) {
    let mut district = signed_in(office, "district").await;
    let page = district.get("/desk/payments").await;
    let wrong = district.post(&page, "/desk/payments", &[("month", "next"), ("key", "p")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let prepared = district.post(&page, "/desk/payments", &[("month", "2026-12"), ("key", "p-1")]).await;
    went(&prepared, "/desk/payments/2026-12?done=prepared");
    let list = district.get("/desk/payments/2026-12").await;
    assert!(list.body.contains("1,724") && list.body.contains("刘*") && list.body.contains(case), "{}", list.body);
    assert!(list.body.contains("请由没有经手过的人办"), "who prepared is told that somebody else signs");
    let own = district.get("/desk/payments/2026-12/sign").await;
    let version = own.hidden("version");
    let refused = district.post(&own, "/desk/payments/2026-12/sign", &[("version", &version), ("key", "s-0")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);

    let mut second = signed_in(office, "district2").await;
    let confirm = second.get("/desk/payments/2026-12/sign").await;
    let version = confirm.hidden("version");
    let signed = second.post(&confirm, "/desk/payments/2026-12/sign", &[("version", &version), ("key", "s-1")]).await;
    went(&signed, "/desk/payments/2026-12?done=signed");
    let page = second.get("/desk/payments/2026-12").await;
    let file = second.post(&page, "/desk/payments/2026-12/file", &[("format", "csv")]).await;
    assert_eq!(file.headers[header::CONTENT_DISPOSITION], "attachment; filename=\"payments_2026-12.csv\"");
    assert!(file.body.contains("刘桂芬") && file.body.contains("1724.00"));
    let confirm = second.get("/desk/payments/2026-12/paid").await;
    let version = confirm.hidden("version");
    let paid = second.post(&confirm, "/desk/payments/2026-12/paid", &[("version", &version), ("key", "d-1")]).await;
    went(&paid, "/desk/payments/2026-12?done=paid");
    let page = second.get("/desk/payments/2026-12").await;
    whole(&page, "the paid list");
    let line = page.hidden("line");
    let empty = second.post(&page, "/desk/payments/2026-12/returned", &[("line", &line), ("reason", " ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = [("line", line.as_str()), ("reason", "账号已注销"), ("key", "r-1")];
    went(&second.post(&page, "/desk/payments/2026-12/returned", &fields).await, "/desk/payments/2026-12?done=returned");
}

#[tokio::test]
async fn whoever_visited_is_not_offered_the_decision_and_learns_who_can() {
    let office = office().await;
    let (mut officer, case) = surveyed(&office, "reviewer").await;
    let home = format!("/desk/cases/{case}");
    went(&act(&mut officer, &case, "opinion", AGREED).await, &format!("{home}?done=opinion"));
    let mut leader = signed_in(&office, "leader").await;
    act(&mut leader, &case, "sign", &[("agree", "yes"), ("confirm", "yes"), ("key", "s")]).await;
    office.pass(8);
    let mut officer = signed_in(&office, "officer").await;
    act(&mut officer, &case, "end-publicity", &[]).await;
    let mut reviewer = signed_in(&office, "reviewer").await;
    let page = reviewer.get(&home).await;
    assert!(page.body.contains("请由没有经手过的人办") && page.body.contains("岗位分离"), "{}", page.body);
    assert!(!page.body.contains(&format!("{home}/decide")), "no form that would be refused");
    let refused = reviewer
        .post(
            &page,
            &format!("{home}/decide"),
            &[("outcome", "approve"), ("programme", "dibao"), ("monthly", "1724"), ("confirm", "yes")],
        )
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
}

#[tokio::test]
async fn a_refusal_is_confirmed_on_its_own_page_with_reason_and_basis() {
    let office = office().await;
    let (mut officer, case) = surveyed(&office, "village").await;
    let refuse = [("outcome", "refuse"), ("reason_code", "property_over"), ("text", "存款超过限额"), ("key", "o")];
    act(&mut officer, &case, "opinion", &refuse).await;
    let mut leader = signed_in(&office, "leader").await;
    // A refusal is not posted: it goes straight to the district.
    act(&mut leader, &case, "sign", &[("agree", "yes"), ("confirm", "yes"), ("key", "s")]).await;
    let mut reviewer = signed_in(&office, "reviewer").await;
    let without =
        act(&mut reviewer, &case, "decide", &[("outcome", "refuse"), ("reason_code", ""), ("text", "")]).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    let confirm = act(&mut reviewer, &case, "decide", &refuse).await;
    for words in ["确认不予，发告知书", "家庭财产超过规定限额", "存款超过限额", "第20", "行政复议"]
    {
        assert!(confirm.body.contains(words), "{words} in:\n{}", confirm.body);
    }
    let page = reviewer.get(&format!("/desk/cases/{case}")).await;
    assert!(!page.body.contains("不予确认告知书"), "nothing has happened yet");
}

#[tokio::test]
async fn an_objection_and_a_sending_back_have_their_pages() {
    let office = office().await;
    let (mut officer, case) = surveyed(&office, "village").await;
    let home = format!("/desk/cases/{case}");
    act(&mut officer, &case, "opinion", AGREED).await;
    let mut leader = signed_in(&office, "leader").await;
    let back = act(&mut leader, &case, "sign", &[("agree", "no"), ("text", "")]).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY, "sending back needs its reason");
    act(&mut leader, &case, "sign", &[("agree", "yes"), ("confirm", "yes"), ("key", "s")]).await;
    office.pass(1);
    let mut officer = signed_in(&office, "officer").await;
    let form = format!("{home}/objection");
    let page = officer.get(&form).await;
    whole(&page, &form);
    let version = page.hidden("version");
    let wrong = officer.post(&page, &form, &[("version", &version), ("from", "邻居"), ("text", "")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("value=\"邻居\"") && wrong.body.contains("请选择怎么提出的"));
    let fields =
        [("version", version.as_str()), ("from", "邻居"), ("how", "oral"), ("text", "他家有车"), ("key", "ob")];
    let filed = officer.post(&wrong, &form, &fields).await;
    assert!(filed.status == StatusCode::OK && filed.body.contains("请把查询码交给提出人"), "{}", filed.body);
    let mut other = signed_in(&office, "officer2").await;
    let page = other.get(&home).await;
    assert!(page.body.contains("他家有车") && page.body.contains("异议提出以后还没有再次入户调查"), "{}", page.body);
    let gone = officer.get(&format!("{home}/return")).await;
    assert_eq!(gone.status, StatusCode::CONFLICT, "the stage for it is over");
}

#[tokio::test]
async fn whoever_reads_a_notice_objects_online_without_a_name_and_reads_the_answer_by_its_code() {
    let office = office().await;
    let (mut first, case) = surveyed(&office, "village").await;
    act(&mut first, &case, "opinion", AGREED).await;
    let mut leader = signed_in(&office, "leader").await;
    act(&mut leader, &case, "sign", &[("agree", "yes"), ("confirm", "yes"), ("key", "s")]).await;
    office.pass(1);
    let mut reader = Browser::new(&office.site);
    let board = reader.get("/public/notices").await;
    let from = board.body.find("/public/notices/99").expect("a notice with its way to object");
    let form = board.body[from..].split('"').find(|a| a.ends_with("/objection")).expect("an address").to_owned();
    assert!(!form.contains(&case), "the address says nothing of the case");
    let page = reader.get(&form).await;
    whole(&page, &form);
    let key = page.hidden("key");
    let said = |text: &'static str, more: &[(&'static str, &'static str)]| {
        [vec![("text", text), ("from", "王邻居"), ("contact", ""), ("website", "")], more.to_vec()].concat()
    };
    let mut empty = said("", &[]);
    empty.push(("key", &key));
    let wrong = reader.post(&page, &form, &empty).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("王邻居") && wrong.body.contains("请写明您的意见和理由"), "{}", wrong.body);
    let mut robot = said("他家有车", &[]);
    robot[3].1 = "http://example.org";
    let caught = reader.post(&page, &form, &robot).await;
    assert!(caught.status == StatusCode::UNPROCESSABLE_ENTITY && caught.body.contains("他家有车"));

    // Three from here are enough for a day; the first sent twice is one.
    let mut codes = Vec::new();
    for key in ["a", "a", "b"] {
        let filed = reader.post(&page, &form, &said("他家有车", &[("key", key)])).await;
        assert_eq!(filed.status, StatusCode::OK, "{}", filed.body);
        let at = filed.body.find(r#"id="code">"#).expect("a code") + 10;
        codes.push(filed.body[at..at + 14].to_owned());
    }
    assert!(codes[0] == codes[1] && codes[1] != codes[2], "{codes:?}");
    let slowed = reader.post(&page, &form, &said("他家有车", &[("key", "c")])).await;
    assert!(slowed.status == StatusCode::UNPROCESSABLE_ENTITY && slowed.body.contains("明天再提"), "{}", slowed.body);

    let page = reader.get("/public/objections").await;
    let look =
        async |reader: &mut Browser, code: &str| reader.post(&page, "/public/objections", &[("code", code)]).await;
    assert_eq!(look(&mut reader, " ").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(look(&mut reader, "2222-2222-2222").await.body.contains("没有查到"));
    assert!(look(&mut reader, &codes[0]).await.body.contains("正在重新调查"));

    // The officer whose opinion was posted is not offered the answer; another is, after a visit.
    let mut officer = signed_in(&office, "officer").await;
    let page = officer.get(&format!("/desk/cases/{case}")).await;
    assert!(page.body.contains("他家有车") && !page.body.contains("提交复查结果"), "{}", page.body);
    let mut other = signed_in(&office, "officer2").await;
    assert!(other.get(&format!("/desk/cases/{case}")).await.body.contains(&codes[2]));
    visited_again(&mut other, &case, ["officer2", "village"]).await;
    let mut result = AGREED.to_vec();
    let unanswered = act(&mut other, &case, "resolve-objection", &result).await;
    assert_eq!(unanswered.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unanswered.body.contains("请写明对异议的答复和理由"), "{}", unanswered.body);
    result.push(("answer", "已再次入户核实，车辆不是这家的。"));
    let went_on = act(&mut other, &case, "resolve-objection", &result).await;
    went(&went_on, &format!("/desk/cases/{case}?done=resolve_objection"));
    for code in &codes {
        assert!(look(&mut reader, code).await.body.contains("车辆不是这家的"));
    }
    let over = reader.get(&form).await;
    assert!(over.status == StatusCode::CONFLICT && over.body.contains("这条公示已经撤下"), "{}", over.body);
}

#[tokio::test]
async fn an_ending_is_confirmed_by_typing_the_number() {
    let office = office().await;
    let mut officer = signed_in(&office, "officer").await;
    let case = registered(&office, &mut officer, true).await;
    let form = format!("/desk/cases/{case}/terminate");
    let page = officer.get(&form).await;
    let (version, key) = (page.hidden("version"), page.hidden("key"));
    let mut fields =
        vec![("version", version.as_str()), ("key", key.as_str()), ("reason_code", "moved"), ("text", "迁往外地")];
    let wrong = officer.post(&page, &form, &fields).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("迁往外地") && wrong.body.contains("一个字不差"));
    fields.push(("confirm_case", &case));
    went(&officer.post(&wrong, &form, &fields).await, &format!("/desk/cases/{case}?done=terminate"));
}

#[tokio::test]
async fn the_form_at_the_window_keeps_everything_and_stale_pages_are_refused() {
    let office = office().await;
    let mut officer = signed_in(&office, "officer").await;
    let case = registered(&office, &mut officer, false).await;
    let form = format!("/desk/intake/{case}");
    let page = officer.get(&form).await;
    whole(&page, &form);
    let wrong = post_form(&mut officer, &office, &page, &form, false, &[]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.body);
    assert!(wrong.body.contains("请勾选承诺后再提交") && wrong.body.contains("value=\"12000\""), "{}", wrong.body);
    let stale = post_form(&mut officer, &office, &page, &form, true, &[]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "the page was older than the last save");
}

#[tokio::test]
async fn what_a_village_officer_leaves_empty_keeps_what_the_family_wrote() {
    let office = office().await;
    let mut officer = signed_in(&office, "officer").await;
    let case = registered(&office, &mut officer, false).await;
    let form = format!("/desk/intake/{case}");
    let page = officer.get(&form).await;
    let wrong = post_form(&mut officer, &office, &page, &form, false, &[]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "kept though it cannot be sent: {}", wrong.body);

    let mut village = signed_in(&office, "village").await;
    let page = village.get(&form).await;
    assert!(page.status == StatusCode::OK && !page.body.contains("value=\"12000\""), "{}", page.body);
    let (version, key) = (page.hidden("version"), page.hidden("key"));
    let typed = [
        ("vehicle_value", "3000"),
        ("fin_assets", ""),
        ("self_paid_medical_12m", ""),
        ("act", "save"),
        ("version", version.as_str()),
        ("key", key.as_str()),
    ];
    went(&village.post(&page, &form, &typed).await, &format!("{form}?saved=1"));
    let page = officer.get(&form).await;
    assert!(page.body.contains("value=\"12000\"") && page.body.contains("value=\"3000\""), "{}", page.body);
}

#[tokio::test]
async fn names_never_stand_in_an_address_and_searches_are_logged() {
    let office = office().await;
    let mut officer = signed_in(&office, "officer").await;
    let case = registered(&office, &mut officer, true).await;
    let page = officer.get("/desk").await;
    assert!(page.body.contains(r#"method="post" action="/desk/search""#));
    let found = officer.post(&page, "/desk/search", &[("q", "刘桂芬")]).await;
    assert!(found.status == StatusCode::OK && found.body.contains(&case), "{}", found.body);
    whole(&found, "/desk/search");
    let number = officer.post(&page, "/desk/search", &[("q", &case.to_lowercase())]).await;
    went(&number, &format!("/desk/cases/{case}"));
    let seen = looks::of_subject(&office.site.store, "people:search", 10).await.expect("the log can be read");
    assert!(seen.iter().any(|look| look.account == "officer"));
}

#[tokio::test]
async fn a_citizen_number_is_shown_only_after_a_purpose_and_the_look_is_logged() {
    let office = office().await;
    let mut officer = signed_in(&office, "officer").await;
    let case = registered(&office, &mut officer, true).await;
    let person = office.site.applicant.to_string();
    let reveal = format!("/desk/cases/{case}/reveal");
    let page = officer.get(&format!("{reveal}?person={person}")).await;
    assert!(page.body.contains("9901**********") && !page.body.contains("99010219570316"));
    let without = officer.post(&page, &reveal, &[("person", &person)]).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    let shown = officer.post(&page, &reveal, &[("person", &person), ("purpose", "identity")]).await;
    assert!(shown.body.contains("99010219570316"), "{}", shown.body);
    assert!(shown.headers[header::REFRESH].to_str().expect("ASCII").starts_with("60;"));
    let seen =
        looks::of_subject(&office.site.store, &format!("person:{person}"), 5).await.expect("the log can be read");
    assert_eq!(seen.len(), 1);
}

#[tokio::test]
async fn the_export_asks_why_and_is_journalled() {
    let office = office().await;
    let mut officer = signed_in(&office, "officer").await;
    registered(&office, &mut officer, true).await;
    let page = officer.get("/desk/export?cut=all").await;
    whole(&page, "/desk/export");
    assert_eq!(officer.post(&page, "/desk/export", &[]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let file = officer.post(&page, "/desk/export", &[("purpose", "daily")]).await;
    assert_eq!(file.status, StatusCode::OK);
    assert!(file.body.starts_with("PK"), "a workbook is a zip file");
    let entries = tuodi_store::journal::entries_of(&office.site.store, "queue").await.expect("the journal");
    assert_eq!((entries.len(), entries[0].act.as_str()), (1, "queue.export"));
    let mut village = signed_in(&office, "village").await;
    assert_eq!(village.get("/desk/export").await.status, StatusCode::FORBIDDEN, "lists of names stay in the house");
}

#[tokio::test]
async fn every_desk_page_is_whole_in_both_languages() {
    let office = office().await;
    let (mut officer, case) = surveyed(&office, "village").await;
    let household = office.site.household;
    let addresses = [
        "/desk".to_owned(),
        "/desk?cut=overdue&state=checking&programme=dibao&channel=window".to_owned(),
        "/desk?cut=nonsense&page=x".to_owned(),
        "/desk?closed=1".to_owned(),
        "/desk/intake/new".to_owned(),
        "/desk/publicity".to_owned(),
        "/desk/alerts".to_owned(),
        "/desk/alerts?severity=orange&indicator=M001".to_owned(),
        "/desk/alerts/1".to_owned(),
        "/desk/alerts/1/visit".to_owned(),
        "/desk/households".to_owned(),
        format!("/desk/households/{household}"),
        format!("/desk/cases/{case}"),
        format!("/desk/cases/{case}/rules"),
        format!("/desk/cases/{case}/rules?programme=dibao"),
        format!("/desk/cases/{case}/visit"),
        format!("/desk/cases/{case}/terminate"),
        format!("/desk/intake/{case}"),
    ];
    for lang in ["zh-CN", "en"] {
        for address in &addresses {
            let join = if address.contains('?') { '&' } else { '?' };
            let answer = officer.get(&format!("{address}{join}lang={lang}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{address} {lang}: {}", answer.body);
            whole(&answer, address);
        }
    }
    for (address, status) in [
        ("/desk/cases/QY26-99999", StatusCode::NOT_FOUND),
        ("/desk/cases/x", StatusCode::NOT_FOUND),
        ("/desk/alerts/x", StatusCode::NOT_FOUND),
        ("/desk/households/x", StatusCode::NOT_FOUND),
        ("/desk/payments", StatusCode::FORBIDDEN),
    ] {
        assert_eq!(officer.get(address).await.status, status, "{address}");
    }
}

#[tokio::test]
async fn a_finding_opens_down_to_the_rows_it_rests_on() {
    let office = office().await;
    let (mut officer, case) = surveyed(&office, "village").await;
    let page = officer.get(&format!("/desk/cases/{case}")).await;
    assert!(page.body.contains(&format!("/desk/cases/{case}/rules?programme=dibao#rows")), "{}", page.body);
    assert!(page.body.contains("这是计算结果，不是决定。"));
    let detail = officer.get(&format!("/desk/cases/{case}/rules?programme=dibao")).await;
    for words in ["原始记录（1 条）", "2026-11-16", "第 7 行", "1,724 元/月", "家庭金融资产", "18,450 元"]
    {
        assert!(detail.body.contains(words), "{words}: {}", detail.body);
    }
    let other = officer.get(&format!("/desk/cases/{case}/rules?programme=no_such")).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_rows_behind_a_household_s_finding_are_shown_for_a_stated_purpose_and_the_look_is_logged() {
    let office = office().await;
    let mut officer = signed_in(&office, "officer").await;
    let home = format!("/desk/households/{}", office.site.household);
    let page = officer.get(&home).await;
    assert!(page.body.contains(&format!("{home}/rules?programme=dibao#rows")), "{}", page.body);
    let rows = format!("{home}/rules");
    let page = officer.get(&format!("{rows}?programme=dibao")).await;
    whole(&page, &rows);
    assert!(page.body.contains("原始记录（1 条）") && !page.body.contains("第 7 行"), "not before a purpose");
    let without = officer.post(&page, &rows, &[("programme", "dibao")]).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(without.body.contains("请选择用途") && !without.body.contains("第 7 行"));
    let shown = officer.post(&page, &rows, &[("programme", "dibao"), ("purpose", "data")]).await;
    for words in ["2026-11-16", "第 7 行", "18,450 元"] {
        assert!(shown.body.contains(words), "{words}: {}", shown.body);
    }
    let subject = format!("household:{}", office.site.household);
    let seen = looks::of_subject(&office.site.store, &subject, 9).await.expect("the log can be read");
    assert_eq!(seen.iter().filter(|look| look.purpose == "source rows: data").count(), 1);
    // Conclusions only.
    let mut village = signed_in(&office, "village").await;
    assert_eq!(village.get(&format!("{rows}?programme=dibao")).await.status, StatusCode::FORBIDDEN);
    let other = officer.get(&format!("{rows}?programme=no_such")).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn each_role_meets_its_own_doors_only() {
    let office = office().await;
    for (account, address) in [
        ("grid", "/desk"),
        ("grid", "/bureau"),
        ("citizen", "/desk"),
        ("officer", "/bureau"),
        ("admin", "/desk"),
        ("steward", "/desk"),
        ("reviewer", "/field"),
    ] {
        let mut browser = signed_in(&office, account).await;
        let answer = browser.get(address).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{account} {address}");
        assert!(answer.body.contains("这些岗位可以办"), "{account} learns who can");
    }
}

#[tokio::test]
async fn a_village_officer_sees_conclusions_and_can_help_to_apply() {
    let office = office().await;
    let (_, case) = surveyed(&office, "village").await;
    let mut village = signed_in(&office, "village").await;
    let page = village.get(&format!("/desk/cases/{case}")).await;
    assert!(page.status == StatusCode::OK && page.body.contains("您的岗位只看结论"), "{}", page.body);
    assert!(!page.body.contains("18,450") && !page.body.contains(SECRET_AMOUNT));
    let household = village.get(&format!("/desk/households/{}", office.site.household)).await;
    assert!(household.status == StatusCode::OK && !household.body.contains("18,450"), "{}", household.body);
}
