//! The paper form over the pages: printed by the family, keyed by an officer, both values kept where both changed.

use crate::{
    office::office,
    support::{Answer, Browser},
};
use axum::http::StatusCode;

/// The code under the picture on the form.
fn code(form: &Answer) -> String {
    let at = form.body.find("<span class=\"url\">").expect("a code") + "<span class=\"url\">".len();
    form.body[at..].split('<').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_form_begun_at_home_is_finished_on_paper_and_keyed_into_the_same_case() {
    let office = office().await;
    let mut citizen = Browser::new(&office.site);
    citizen.sign_in("citizen").await;
    let start = citizen.get("/citizen/apply").await;
    let opened = citizen.post(&start, "/citizen/apply", &[]).await;
    let base = opened.location().trim_end_matches("/household").to_owned();
    let case = base.rsplit('/').next().expect("a case").to_owned();
    let step = citizen.get(&format!("{base}/medical")).await;
    let version = step.hidden("version");
    let fields = [("version", version.as_str()), ("self_paid_medical_12m", "38000")];
    citizen.post(&step, &format!("{base}/medical"), &fields).await;
    let page = citizen.get(&format!("/citizen/cases/{case}")).await;
    let printed = citizen.post(&page, &format!("/citizen/cases/{case}/paper-form"), &[]).await;
    let form = citizen.get(printed.location()).await;
    assert_eq!(form.status, StatusCode::OK);
    assert!(form.body.contains("38000") && form.body.contains("＿＿＿") && form.body.contains("<svg"), "{}", form.body);
    let code = code(&form);

    let mut officer = Browser::new(&office.site);
    officer.sign_in("officer").await;
    let ask = officer.get("/desk/paper-form").await;
    let wrong = officer.post(&ask, "/desk/paper-form", &[("code", "QY26-00001.1.0.0")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("QY26-00001.1.0.0") && wrong.body.contains("这个编号不对"), "{}", wrong.body);
    let scanned = format!("https://example.test/desk/paper-form/{code}");
    let found = officer.post(&ask, "/desk/paper-form", &[("code", &scanned)]).await;
    assert_eq!(found.location(), format!("/desk/paper-form/{code}"));

    // Meanwhile the family changes the same answer at home.
    let step = citizen.get(&format!("{base}/medical")).await;
    let version = step.hidden("version");
    let fields = [("version", version.as_str()), ("self_paid_medical_12m", "39000")];
    citizen.post(&step, &format!("{base}/medical"), &fields).await;

    let key = officer.get(found.location()).await;
    assert!(key.body.contains("value=\"38000\""), "what was printed is filled in: {}", key.body);
    let person = office.site.applicant.to_string();
    let mut fields = vec![("self_paid_medical_12m", "40000"), ("fin_assets", "1200"), ("signed", person.as_str())];
    let asked = officer.post(&key, found.location(), &fields).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", asked.body);
    assert!(asked.body.contains("39000") && asked.body.contains("40000"), "side by side: {}", asked.body);
    assert!(asked.body.contains("value=\"1200\""), "nothing is lost");
    fields.extend([("use.self_paid_medical_12m", "paper"), ("why.self_paid_medical_12m", "单据上是这个数")]);
    let done = officer.post(&asked, found.location(), &fields).await;
    assert_eq!(done.location(), format!("/desk/cases/{case}?done=bring_back"), "{}", done.body);
    let step = citizen.get(&format!("{base}/medical")).await;
    assert!(step.body.contains("value=\"40000\""), "{}", step.body);
    let step = citizen.get(&format!("{base}/property")).await;
    assert!(step.body.contains("value=\"1200\""), "{}", step.body);

    // Another household's family and the grid worker do not see the form.
    let mut neighbour = Browser::new(&office.site);
    neighbour.sign_in("neighbour").await;
    assert_eq!(neighbour.get(printed.location()).await.status, StatusCode::FORBIDDEN);
}
