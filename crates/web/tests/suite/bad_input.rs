//! Every form that a role meets, with what nobody should type: the answer is a page in words, what was typed is kept where
//! something is to be mended, and nothing of it runs.

use crate::{
    desk::{act, registered, surveyed, went},
    office::{Office, office},
    support::{
        Answer, Browser,
        html::{Field, Form, forms_of, links_of},
    },
};
use axum::http::{StatusCode, header};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Pages of one shape (`/desk/cases/…/visit`) that are read, and pages of one role in all.
const OF_A_SHAPE: usize = 2;
const PAGES: usize = 90;
/// Would run if it were written as it was typed.
const SCRIPT: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";

/// A field that no person sees; what fills it in is a program.
const TRAP: &str = "website";

fn hostile() -> Vec<String> {
    vec![
        String::new(),
        "长".repeat(30_000),
        SCRIPT.to_owned(),
        "🙂🧓🏽👩\u{200d}👩\u{200d}👧\u{200d}👦 \u{202e}倒".to_owned(),
        "X".repeat(18),
        "2999-12-31".to_owned(),
        "-1".to_owned(),
    ]
}

fn forms(page: &Answer, at: &str) -> Vec<Form> {
    forms_of(&page.body, at)
}

fn links(page: &Answer) -> Vec<String> {
    let own = |l: &String| l.starts_with('/') && !l.starts_with("//");
    links_of(&page.body).into_iter().filter(own).map(|l| strip(&l).to_owned()).collect()
}

fn strip(address: &str) -> &str {
    address.split('#').next().unwrap_or_default()
}

/// `/desk/cases/QY26-00001/visit?page=2` is `/desk/cases/…/visit`.
fn shape(address: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let part =
        |p: &str| if p.chars().any(|c| c.is_ascii_digit() || !c.is_ascii()) { "…".to_owned() } else { p.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn is_page(answer: &Answer) -> bool {
    let kind = answer.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    answer.status == StatusCode::OK && kind.starts_with("text/html")
}

/// Pages that can be reached from these by links.
async fn pages(browser: &mut Browser, from: &[&str]) -> Vec<String> {
    let mut waiting: VecDeque<String> = from.iter().map(|a| (*a).to_owned()).collect();
    let (mut seen, mut shapes, mut found) = (BTreeSet::new(), BTreeMap::<String, usize>::new(), Vec::new());
    while let Some(address) = waiting.pop_front() {
        let of_shape = shapes.entry(shape(&address)).or_default();
        if found.len() >= PAGES || !seen.insert(address.clone()) || *of_shape >= OF_A_SHAPE {
            continue;
        }
        *of_shape += 1;
        let page = browser.get(&address).await;
        assert!(!page.status.is_server_error(), "{address}: {}", page.body);
        if is_page(&page) {
            waiting.extend(links(&page));
            found.push(address);
        }
    }
    found
}

async fn send(browser: &mut Browser, form: &Form, fields: &[(String, String)]) -> Answer {
    let pairs: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    if form.file {
        let file = form.fields.iter().find(|f| f.kind == "file").map_or("file", |f| f.name.as_str());
        return browser.parts(&form.action, &pairs, (file, "页.jpg", b"MZ this is a program, not a picture")).await;
    }
    if form.post {
        return browser.post_raw(&form.action, &pairs).await;
    }
    let query: String = fields.iter().map(|(n, v)| format!("{n}={}&", percent(v))).collect();
    let path = form.action.split('?').next().unwrap_or_default();
    browser.get(&format!("{path}?{query}")).await
}

fn percent(text: &str) -> String {
    // An address of any length is cut by every browser and proxy; ours is asked with what fits.
    let cut: String = text.chars().take(500).collect();
    percent_encoding::utf8_percent_encode(&cut, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// The forms of a page that were not yet tried, each with every hostile value in what can be typed, and once with choices
/// that nobody offered.
async fn try_page(
    browser: &mut Browser,
    who: &str,
    address: &str,
    tried: &mut BTreeSet<String>,
    wrong: &mut Vec<String>,
) {
    let count = forms(&browser.get(address).await, address).len();
    for nth in 0..count {
        let mut round = 0;
        let values = hostile();
        loop {
            // Each time anew: with its own version, key and token.
            let page = browser.get(address).await;
            let Some(form) = forms(&page, address).into_iter().nth(nth) else { break };
            let names: Vec<&str> = form.fields.iter().map(|f| f.name.as_str()).collect();
            let id = format!("{who} {} {}", shape(&form.action), names.join(","));
            if ["/logout", "/lang", "/look"].iter().any(|a| form.action.starts_with(a))
                || round == 0 && !tried.insert(id)
            {
                break;
            }
            let typed = form.fields.iter().any(Field::is_typed);
            let invented = round == values.len();
            if round > values.len() || !typed && !invented && round > 0 {
                break;
            }
            let value = values.get(round).map_or(SCRIPT, String::as_str);
            let of = |f: &Field| match f.kind.as_str() {
                "hidden" if f.name == "csrf" => Some(f.value.clone()),
                "hidden" => Some(if invented { SCRIPT.to_owned() } else { f.value.clone() }),
                "radio" | "checkbox" | "select" if invented => Some(SCRIPT.to_owned()),
                "select" => Some(f.value.clone()),
                "radio" | "checkbox" | "file" | "submit" => None,
                _ if f.name == TRAP => Some(String::new()),
                _ => Some(value.to_owned()),
            };
            let fields: Vec<(String, String)> =
                form.fields.iter().filter_map(|f| Some((f.name.clone(), of(f)?))).collect();
            let answer = send(browser, &form, &fields).await;
            for fault in faults(&form, &fields, &answer) {
                wrong.push(format!("{who} {address} -> {} with {:.20}: {fault}", form.action, value));
            }
            round += 1;
        }
    }
}

fn faults(form: &Form, fields: &[(String, String)], answer: &Answer) -> Vec<String> {
    let mut faults = Vec::new();
    let status = answer.status.as_u16();
    if ![200, 303, 403, 404, 409, 413, 422].contains(&status) {
        faults.push(format!("answered {status}: {:.200}", answer.body));
        return faults;
    }
    let kind = answer.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if status == 303 || status == 200 && !kind.starts_with("text/html") {
        return faults;
    }
    if !answer.body.contains("<h1") {
        faults.push(format!("{status} without a page: {:.200}", answer.body));
    }
    if answer.body.contains("<script>alert") || answer.body.contains("<img src=x") {
        faults.push("what was typed would run".to_owned());
    }
    if status == 422 && form.post {
        if !answer.body.contains("role=\"alert\"") {
            faults.push("422 says nothing of what is wrong".to_owned());
        }
        let again = forms(answer, &form.action);
        let own = again.iter().filter(|f| shape(&f.action) == shape(&form.action));
        let kept: Vec<&Field> = own.flat_map(|f| &f.fields).collect();
        // The trap is for programs; what is left empty may come back with what is usual.
        for field in form.fields.iter().filter(|f| f.is_typed() && f.kind != "password" && f.name != TRAP) {
            let typed = fields.iter().find(|(n, _)| *n == field.name).map_or("", |(_, v)| v.trim());
            if !typed.is_empty() && !kept.iter().any(|k| k.name == field.name && k.value.trim() == typed) {
                let now: Vec<&str> = kept.iter().filter(|k| k.name == field.name).map(|k| k.value.as_str()).collect();
                faults.push(format!("{} lost what was typed: {now:.60?}", field.name));
            }
        }
    }
    faults
}

async fn try_role(office: &Office, who: &str, from: &[&str], wrong: &mut Vec<String>) {
    let mut browser = Browser::new(&office.site);
    if !who.is_empty() {
        browser.sign_in(who).await;
    }
    let mut tried = BTreeSet::new();
    for address in pages(&mut browser, from).await {
        try_page(&mut browser, who, &address, &mut tried, wrong).await;
    }
    assert!(!tried.is_empty(), "{who} meets no form at all");
}

#[track_caller]
fn nothing(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn before_an_application_is_sent_no_form_breaks_or_loses_what_was_typed() {
    let office = office().await;
    let mut officer = Browser::new(&office.site);
    officer.sign_in("officer").await;
    let case = registered(&office, &mut officer, false).await;
    let mut wrong = Vec::new();
    try_role(&office, "", &["/"], &mut wrong).await;
    let application = format!("/citizen/applications/{case}");
    try_role(&office, "citizen", &["/citizen", &application], &mut wrong).await;
    let intake = format!("/desk/intake/{case}");
    for who in ["officer", "village"] {
        try_role(&office, who, &["/desk", &intake], &mut wrong).await;
    }
    nothing(&wrong);
}

#[tokio::test]
async fn while_a_case_is_looked_into_no_form_breaks_or_loses_what_was_typed() {
    let office = office().await;
    let (_, case) = surveyed(&office, "village").await;
    let mut wrong = Vec::new();
    let (desk, own) = (format!("/desk/cases/{case}"), format!("/citizen/cases/{case}"));
    for who in ["leader", "reviewer", "officer"] {
        try_role(&office, who, &[&desk, "/desk"], &mut wrong).await;
    }
    try_role(&office, "citizen", &[&own], &mut wrong).await;
    nothing(&wrong);
}

/// Surveyed, with an opinion, and signed by the leader: the notice hangs.
async fn publicised(office: &Office) -> String {
    let (mut officer, case) = surveyed(office, "village").await;
    let home = format!("/desk/cases/{case}");
    let opinion = [AGREED, &[("key", "o")]].concat();
    went(&act(&mut officer, &case, "opinion", &opinion).await, &format!("{home}?done=opinion"));
    let mut leader = Browser::new(&office.site);
    leader.sign_in("leader").await;
    let signed = [("agree", "yes"), ("confirm", "yes"), ("key", "s")];
    went(&act(&mut leader, &case, "sign", &signed).await, &format!("{home}?done=sign"));
    case
}

const AGREED: &[(&str, &str)] =
    &[("outcome", "approve"), ("programme", "dibao"), ("monthly", "1724"), ("text", "符合规定")];

#[tokio::test]
async fn while_a_notice_hangs_no_form_breaks_or_loses_what_was_typed() {
    let office = office().await;
    publicised(&office).await;
    let mut wrong = Vec::new();
    try_role(&office, "", &["/public", "/"], &mut wrong).await;
    nothing(&wrong);
}

#[tokio::test]
async fn after_a_decision_no_form_breaks_or_loses_what_was_typed() {
    let office = office().await;
    let case = publicised(&office).await;
    let home = format!("/desk/cases/{case}");
    office.pass(8);
    let mut officer = Browser::new(&office.site);
    officer.sign_in("officer").await;
    went(&act(&mut officer, &case, "end-publicity", &[]).await, &format!("{home}?done=end_publicity"));
    let mut reviewer = Browser::new(&office.site);
    reviewer.sign_in("reviewer").await;
    let decision = [AGREED, &[("confirm", "yes"), ("key", "d")]].concat();
    went(&act(&mut reviewer, &case, "decide", &decision).await, &format!("{home}?done=approve"));
    let mut wrong = Vec::new();
    let own = format!("/citizen/cases/{case}");
    try_role(&office, "citizen", &[&own], &mut wrong).await;
    try_role(&office, "district", &["/desk", "/desk/payments", &home], &mut wrong).await;
    nothing(&wrong);
}

#[tokio::test]
async fn in_the_other_offices_no_form_breaks_or_loses_what_was_typed() {
    let office = office().await;
    let mut wrong = Vec::new();
    for (who, from) in [
        ("grid", "/field"),
        ("steward", "/bureau"),
        ("district2", "/bureau"),
        ("auditor", "/desk"),
        ("city", "/bureau"),
        ("checker", "/desk"),
        ("admin", "/"),
    ] {
        try_role(&office, who, &[from, "/"], &mut wrong).await;
    }
    nothing(&wrong);
}
