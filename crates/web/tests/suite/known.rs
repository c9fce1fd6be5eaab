//! What is on file is filled in with its source, and a correction stands beside it, through the pages.

use crate::{
    desk::{registered, signed_in},
    office::{office, whole},
    support::entry,
};
use axum::http::StatusCode;
use tuodi_registry::{Account, RegistryError};
use tuodi_store::Recorded;

const ON_FILE: &str = "6217000000000007788";

#[tokio::test]
async fn an_account_on_file_is_shown_by_its_end_kept_unless_corrected_and_the_officer_sees_both() {
    let office = office().await;
    let person = office.site.applicant;
    let put = office.site.store.write(move |tx| {
        Box::pin(async move {
            let account = Account { bank: "工商银行".to_owned(), number: ON_FILE.to_owned() };
            tuodi_registry::set_account(tx, person, Some(&account)).await?;
            Ok::<_, RegistryError>(Recorded::new((), entry("test.account")))
        })
    });
    put.await.expect("the account is written");

    let mut citizen = signed_in(&office, "citizen").await;
    let start = citizen.get("/citizen/apply").await;
    let opened = citizen.post(&start, "/citizen/apply", &[]).await;
    let base = opened.location().trim_end_matches("/household").to_owned();
    let step = format!("{base}/account");
    let page = citizen.get(&step).await;
    whole(&page, &step);
    for words in ["**** 7788", "来源：平台登记的人员信息", "不对，或者有变化", r#"value="工商银行""#]
    {
        assert!(page.body.contains(words), "{words} in {}", page.body);
    }
    assert!(!page.body.contains(ON_FILE), "never the whole number");
    let version = page.hidden("version");
    let wrong = [("version", version.as_str()), ("bank", "工商银行"), ("account", "12<b>")];
    let wrong = citizen.post(&page, &step, &wrong).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("12&#60;b&#62;") && wrong.body.contains("<details open>"), "{}", wrong.body);
    let version = wrong.hidden("version");
    let kept = [("version", version.as_str()), ("bank", "工商银行"), ("account", "")];
    assert_eq!(citizen.post(&wrong, &step, &kept).await.status, StatusCode::SEE_OTHER);
    let review = citizen.get(&format!("{base}/review")).await;
    assert!(review.body.contains("**** 7788") && review.body.contains("来源：平台登记的人员信息"), "{}", review.body);

    let mut officer = signed_in(&office, "officer").await;
    let case = base.rsplit('/').next().expect("a case");
    let form = officer.get(&format!("/desk/intake/{case}")).await;
    whole(&form, "the form at the window");
    assert!(form.body.contains("**** 7788") && !form.body.contains(ON_FILE), "{}", form.body);
    // The form that the window sends names another account.
    assert_eq!(registered(&office, &mut officer, true).await, case);
    let page = officer.get(&format!("/desk/cases/{case}")).await;
    whole(&page, "the case");
    for words in ["平台已经知道的", "**** 7788", "**** 2345", "申请人更正"] {
        assert!(page.body.contains(words), "{words} in {}", page.body);
    }
    assert!(!page.body.contains("6212260000000012345"), "nor that of the other one");
    let mut neighbour = signed_in(&office, "neighbour").await;
    assert_ne!(neighbour.get(&step).await.status, StatusCode::OK);
}
