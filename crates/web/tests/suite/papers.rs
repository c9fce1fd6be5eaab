//! Documents over the pages: both doors, wrong files with everything typed kept, looking, taking back.

use crate::{
    office::office,
    support::{Answer, Browser},
};
use axum::http::{StatusCode, header};
use image::{ImageEncoder, codecs::png::PngEncoder};

fn picture(side: u32) -> Vec<u8> {
    let mut png = Vec::new();
    let pixels = vec![120; (side * side) as usize];
    PngEncoder::new(&mut png).write_image(&pixels, side, side, image::ExtendedColorType::L8).expect("a picture");
    png
}

async fn add(browser: &mut Browser, page: &str, fields: &[(&str, &str)], file: (&str, &[u8])) -> Answer {
    let token = browser.get(page).await.hidden("csrf");
    let mut all = vec![("csrf", token.as_str())];
    all.extend_from_slice(fields);
    browser.parts(page, &all, ("file", file.0, file.1)).await
}

#[tokio::test]
async fn a_family_shows_a_bill_and_the_officer_reads_it() {
    let office = office().await;
    let mut citizen = Browser::new(&office.site);
    citizen.sign_in("citizen").await;
    let start = citizen.get("/citizen/apply").await;
    let opened = citizen.post(&start, "/citizen/apply", &[]).await;
    let case = opened.location().split('/').nth(3).expect("a case").to_owned();
    let page = format!("/citizen/cases/{case}/papers");
    let shown = citizen.get(&page).await;
    assert!(shown.body.contains("看病、康复的单据") && !shown.body.contains("入户调查表"), "{}", shown.body);

    let me = office.site.applicant.to_string();
    let typed = [("kind", "bills"), ("person", me.as_str()), ("about", "省城医院的")];
    let mut giant = picture(4);
    giant.resize(21 << 20, 0);
    let wrong: [(&str, &[u8], &str); 3] = [
        ("a.jpg", b"<html>", "这个文件打不开"),
        ("a.png", &picture(30)[..60], "文件不完整"),
        ("a.png", &giant, "文件太大了"),
    ];
    for (name, bytes, message) in wrong {
        let again = add(&mut citizen, &page, &typed, (name, bytes)).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{message}");
        assert!(again.body.contains(message), "{message}: {}", again.body);
        assert!(
            again.body.contains("省城医院的") && again.body.contains(r#"value="bills" selected"#),
            "nothing is lost"
        );
    }
    let done = add(&mut citizen, &page, &typed, ("IMG_1.png", &picture(30))).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, format!("{page}?done=added").as_str()));

    let mut officer = Browser::new(&office.site);
    officer.sign_in("officer").await;
    let listed = officer.get(&format!("/desk/cases/{case}/papers")).await;
    let link = format!("/desk/cases/{case}/papers/");
    let at = listed.body.find(&link).expect("it is listed") + link.len();
    let id: String = listed.body[at..].chars().take_while(char::is_ascii_digit).collect();
    let seen = officer.get(&format!("{link}{id}")).await;
    assert_eq!(seen.headers[header::CONTENT_TYPE], "image/jpeg", "written anew");
    assert!(seen.headers[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("inline"));

    // Not for others, and not without a reason.
    let mut grid = Browser::new(&office.site);
    grid.sign_in("grid").await;
    assert_eq!(grid.get(&format!("{link}{id}")).await.status, StatusCode::FORBIDDEN);
    let mut neighbour = Browser::new(&office.site);
    neighbour.sign_in("neighbour").await;
    assert_eq!(neighbour.get(&format!("{page}/{id}")).await.status, StatusCode::FORBIDDEN);
    let kept = officer.post(&listed, &format!("{link}{id}/remove"), &[("why", "")]).await;
    assert_eq!(kept.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(kept.body.contains("请写明为什么撤回"), "{}", kept.body);
    let list = citizen.get(&page).await;
    let gone = citizen.post(&list, &format!("{page}/{id}/remove"), &[]).await;
    assert_eq!(gone.location(), format!("{page}?done=removed"));
    assert_eq!(officer.get(&format!("{link}{id}")).await.status, StatusCode::NOT_FOUND);
}
