//! A citizen applies without JavaScript: steps, mistakes, authorisation, sending, progress.

use crate::support::{Answer, Browser, Site, site};
use axum::http::StatusCode;

async fn start(browser: &mut Browser) -> String {
    browser.sign_in("citizen").await;
    let page = browser.get("/citizen/apply").await;
    let answer = browser.post(&page, "/citizen/apply", &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let address = answer.location().to_owned();
    assert!(address.ends_with("/household"), "{address}");
    address.trim_end_matches("/household").to_owned()
}

/// Opens a step and sends it.
async fn step(browser: &mut Browser, base: &str, name: &str, fields: &[(&str, &str)]) -> Answer {
    let page = browser.get(&format!("{base}/{name}")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let version = page.hidden("version");
    let mut all = vec![("version", version.as_str())];
    all.extend_from_slice(fields);
    browser.post(&page, &format!("{base}/{name}"), &all).await
}

async fn fill_in(browser: &mut Browser, site: &Site, base: &str) {
    let field = |name: &str, id| format!("{name}.{id}");
    let child = tuodi_pack::PersonId(site.spouse.0 + 1);
    let members = [site.applicant, site.spouse, child].map(|id| field("member", id));
    let household: Vec<(&str, &str)> = members.iter().map(|m| (m.as_str(), "here")).collect();
    let income: Vec<String> = ["wage_month", "other_income_month"]
        .iter()
        .flat_map(|fact| [field(fact, site.applicant), field(fact, site.spouse)])
        .collect();
    let income: Vec<(&str, &str)> = income.iter().map(|name| (name.as_str(), "1.2万")).collect();
    for (name, fields, next) in [
        ("household", household.as_slice(), "reasons"),
        ("reasons", &[("reasons", "illness"), ("reasons", "income")], "income"),
        ("income", income.as_slice(), "medical"),
        ("medical", &[("self_paid_medical_12m", "38,000")], "property"),
        (
            "property",
            &[
                ("fin_assets", ""),
                ("unknown", "fin_assets"),
                ("vehicle_value", "0"),
                ("home_count", "1"),
                ("company_capital", "0"),
            ],
            "account",
        ),
        ("account", &[("phone", ""), ("bank", ""), ("account", "")], "consent"),
    ] {
        let answer = step(browser, base, name, fields).await;
        assert_eq!(
            (answer.status, answer.location()),
            (StatusCode::SEE_OTHER, format!("{base}/{next}").as_str()),
            "{name}: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn a_mistake_comes_back_at_its_field_with_what_was_typed() {
    let site = site(false).await;
    let mut browser = Browser::new(&site);
    let base = start(&mut browser).await;
    let answer = step(&mut browser, &base, "medical", &[("self_paid_medical_12m", "三万八")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let message = "请填写看病自己付了多少钱，只写数字，比如 12000";
    assert!(answer.body.contains(r##"<a href="#self_paid_medical_12m">"##), "the summary links to the field");
    assert_eq!(answer.body.matches(message).count(), 2, "the summary and the field say the same words");
    assert!(answer.body.contains(r#"value="三万八""#) && answer.body.contains("<title>错误："));
    let again = browser.get(&format!("{base}/medical")).await;
    assert!(again.body.contains(r#"value="三万八""#), "what was typed is saved all the same");
}

#[tokio::test]
async fn a_draft_can_be_left_and_is_found_again_on_the_first_page() {
    let site = site(false).await;
    let mut browser = Browser::new(&site);
    let base = start(&mut browser).await;
    let answer = step(&mut browser, &base, "reasons", &[("act", "later"), ("reason_text", "厂里停工了")]).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/citizen"));
    let home = browser.get("/citizen").await;
    assert!(home.body.contains("接着填"));
    assert!(browser.get(&format!("{base}/reasons")).await.body.contains("厂里停工了"));
}

#[tokio::test]
async fn an_application_is_filled_in_authorised_sent_and_accepted() {
    let site = site(false).await;
    let mut browser = Browser::new(&site);
    let base = start(&mut browser).await;
    fill_in(&mut browser, &site, &base).await;

    let consent = format!("{base}/consent");
    for (person, name) in [(site.applicant, "刘桂芬"), (site.spouse, "周国栋")] {
        let page = browser.get(&consent).await;
        let (id, field) = (person.to_string(), format!("name.{person}"));
        let wrong = browser.post(&page, &consent, &[("person", &id), (&field, "张三")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.body.contains("名字和登记的不一样") && wrong.body.contains(r#"value="张三""#));
        let right = browser.post(&page, &consent, &[("person", &id), (&field, name)]).await;
        assert_eq!(right.status, StatusCode::SEE_OTHER, "{}", right.body);
    }

    let review = browser.get(&format!("{base}/review")).await;
    assert!(review.body.contains("12000 元/月") && review.body.contains("记不清了"), "{}", review.body);
    let (version, key) = (review.hidden("version"), review.hidden("key"));
    let without = browser.post(&review, &format!("{base}/review"), &[("version", &version), ("key", &key)]).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(without.body.contains("请勾选承诺后再提交"));
    let version = without.hidden("version");
    let fields = [("version", version.as_str()), ("key", key.as_str()), ("truth", "yes")];
    let sent = browser.post(&without, &format!("{base}/review"), &fields).await;
    assert_eq!(sent.location(), format!("{base}/done"), "{}", sent.body);

    let done = browser.get(&format!("{base}/done")).await;
    assert!(done.body.contains("申请已经受理") && done.body.contains("最晚"), "{}", done.body);
    let case = base.rsplit('/').next().unwrap();
    let progress = browser.get(&format!("/citizen/cases/{case}")).await;
    assert!(progress.body.contains("受理通知书"), "{}", progress.body);
    let letter = progress.body.split(r#"class="b" href=""#).nth(1).unwrap().split('"').next().unwrap().to_owned();
    let letter = browser.get(&letter).await;
    assert!(letter.status == StatusCode::OK && letter.body.contains("刘桂芬"), "{}", letter.body);
    let closed = browser.get(&format!("{base}/medical")).await;
    assert_eq!(closed.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_step_saved_from_an_old_page_is_not_written_over_a_newer_one() {
    let site = site(false).await;
    let mut browser = Browser::new(&site);
    let base = start(&mut browser).await;
    let address = format!("{base}/medical");
    let page = browser.get(&address).await;
    let old = page.hidden("version");
    let first = [("version", old.as_str()), ("self_paid_medical_12m", "100")];
    assert_eq!(browser.post(&page, &address, &first).await.status, StatusCode::SEE_OTHER);
    let second = [("version", old.as_str()), ("self_paid_medical_12m", "200")];
    let conflict = browser.post(&page, &address, &second).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    assert!(conflict.body.contains(r#"value="200""#) && conflict.body.contains("那边存的是：100 元"), "both are shown");
    assert!(browser.get(&address).await.body.contains(r#"value="100""#), "nothing was written over");
    let version = conflict.hidden("version");
    let chosen = [("version", version.as_str()), ("self_paid_medical_12m", "200")];
    assert_eq!(browser.post(&conflict, &address, &chosen).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_authorisation_can_be_taken_back() {
    let site = site(false).await;
    let mut browser = Browser::new(&site);
    let base = start(&mut browser).await;
    let case = base.rsplit('/').next().unwrap().to_owned();
    let (id, field) = (site.applicant.to_string(), format!("name.{}", site.applicant));
    let page = browser.get(&format!("{base}/consent")).await;
    browser.post(&page, &format!("{base}/consent"), &[("person", &id), (&field, "刘桂芬")]).await;
    let page = browser.get(&format!("/citizen/cases/{case}")).await;
    assert!(page.body.contains("确定收回"));
    let answer = browser.post(&page, &format!("/citizen/cases/{case}/withdraw-consent"), &[("person", &id)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert!(!browser.get(&format!("/citizen/cases/{case}")).await.body.contains("确定收回"));
}

#[tokio::test]
async fn every_citizen_page_is_whole_in_both_languages_and_sizes() {
    let site = site(false).await;
    let mut browser = Browser::new(&site);
    let base = start(&mut browser).await;
    let case = base.rsplit('/').next().unwrap().to_owned();
    let mut addresses: Vec<String> =
        ["household", "reasons", "income", "medical", "property", "account", "consent", "review"]
            .iter()
            .map(|name| format!("{base}/{name}"))
            .collect();
    addresses.extend(["/citizen", "/citizen/apply", "/citizen/apply/dibao"].map(str::to_owned));
    addresses.push(format!("/citizen/cases/{case}"));
    for query in ["?lang=zh-CN&elder=0", "?lang=zh-CN&elder=1", "?lang=en&elder=0", "?lang=en&elder=1"] {
        for address in &addresses {
            let answer = browser.get(&format!("{address}{query}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{address}{query}: {}", answer.body);
            assert!(!answer.body.contains('□'), "{address}{query} misses a word");
            assert_eq!(answer.body.matches("<h1").count(), 1, "{address}{query} has one heading");
            assert!(!answer.body.contains(" style="), "{address}{query}");
        }
    }
}

#[tokio::test]
async fn another_households_case_is_refused() {
    let site = site(false).await;
    let base = start(&mut Browser::new(&site)).await;
    let case = base.rsplit('/').next().unwrap();
    let mut neighbour = Browser::new(&site);
    neighbour.sign_in("neighbour").await;
    for address in [format!("/citizen/cases/{case}"), format!("{base}/household"), format!("{base}/review")] {
        let answer = neighbour.get(&address).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{address}");
        assert!(!answer.body.contains("刘桂芬"), "{address}");
    }
    assert!(neighbour.get("/citizen").await.body.contains("您还没有申请"));
}

#[tokio::test]
async fn a_case_that_is_not_there_is_not_found() {
    let site = site(false).await;
    let mut browser = Browser::new(&site);
    start(&mut browser).await;
    for address in ["/citizen/cases/QY26-99999", "/citizen/cases/x", "/citizen/applications/QY26-99999/household"] {
        assert_eq!(browser.get(address).await.status, StatusCode::NOT_FOUND, "{address}");
    }
}
