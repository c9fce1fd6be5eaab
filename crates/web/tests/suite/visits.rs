//! The home visit over the pages: files that arrive stay though the form comes back, signatures are shown to whoever sees
//! the data, and what the visit found stands in the case beside the rest.

use crate::{
    desk::{act, registered, signed_in, went},
    office::office,
    support::{Browser, SIGNED},
};
use axum::http::{StatusCode, header};
use image::{ImageEncoder, codecs::png::PngEncoder};

fn photograph() -> Vec<u8> {
    let mut png = Vec::new();
    PngEncoder::new(&mut png).write_image(&[120; 900], 30, 30, image::ExtendedColorType::L8).expect("a picture");
    png
}

#[tokio::test]
async fn a_photograph_stays_on_file_while_the_form_is_mended() {
    let office = office().await;
    let mut officer = signed_in(&office, "officer").await;
    let case = registered(&office, &mut officer, true).await;
    went(&act(&mut officer, &case, "check", &[]).await, &format!("/desk/cases/{case}?done=check"));
    let address = format!("/desk/cases/{case}/visit");
    let page = officer.get(&address).await;
    let (token, version) = (page.hidden("csrf"), page.hidden("version"));
    let mut fields = vec![
        ("csrf", token.as_str()),
        ("version", version.as_str()),
        ("visited_on", "2026-11-20"),
        ("visitor.0", "陈立"),
        ("account.0", "officer"),
        ("visitor.1", "何敏"),
        ("account.1", "village"),
        ("seen.fin_assets", "两万"),
    ];
    let wrong = officer.parts(&address, &fields, ("photo", "a.png", b"MZ a program")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("这个文件打不开"), "{}", wrong.body);
    assert!(wrong.body.contains("请选择户里的人签字了没有"), "{}", wrong.body);
    assert!(wrong.body.contains("两万") && wrong.body.contains("请只写数字，没有就写 0"), "{}", wrong.body);

    let wrong = officer.parts(&address, &fields, ("photo", "a.png", &photograph())).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mark = r#"name="paper" value=""#;
    let id = wrong.body.split(mark).nth(1).and_then(|rest| rest.split('"').next()).expect("it is on file").to_owned();
    assert!(wrong.body.contains(&format!(r#"{mark}{id}" checked"#)), "and chosen");

    // Signed on paper, and no paper.
    fields.retain(|(name, _)| *name != "seen.fin_assets");
    fields.extend([("seen.fin_assets", "2万"), ("paper", id.as_str()), ("signed", "none"), ("mark.0", "paper")]);
    fields.extend(SIGNED.iter().filter(|(name, _)| name.ends_with(".1")));
    let wrong = officer.parts(&address, &fields, ("photo", "", b"")).await;
    assert!(wrong.body.contains("请上传签好字的调查表") && wrong.body.contains("为什么没有签字"), "{}", wrong.body);
    fields.extend([("unsigned", "disagrees"), ("unsigned_words", "说存款是老人的")]);
    let done = officer.parts(&address, &fields, ("form", "form.pdf", b"%PDF-1.7 signed %%EOF")).await;
    went(&done, &format!("/desk/cases/{case}?done=visit"));

    let shown = officer.get(&format!("/desk/cases/{case}")).await;
    for words in ["20,000元", "入户所见", "按入户所见", "说存款是老人的", "签在纸质表上"] {
        assert!(shown.body.contains(words), "{words}: {}", shown.body);
    }
    assert!(shown.body.contains(&format!("/desk/cases/{case}/papers/{id}")), "{}", shown.body);
    let link = format!("/desk/cases/{case}/visits/");
    let at = shown.body.find(&link).expect("a signature is shown");
    let address: String = shown.body[at..].chars().take_while(|c| *c != '"').collect();
    assert!(address.ends_with("/signatures/visitor.1"), "{address}: the others signed on paper, or not");
    let seen = officer.get(&address).await;
    assert_eq!((seen.status, &seen.headers[header::CONTENT_TYPE]), (StatusCode::OK, &"image/jpeg".parse().unwrap()));
    let mut grid = Browser::new(&office.site);
    grid.sign_in("grid").await;
    assert_eq!(grid.get(&address).await.status, StatusCode::FORBIDDEN);
    let missing = officer.get(&address.replace("visitor.1", "visitor.0")).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}
