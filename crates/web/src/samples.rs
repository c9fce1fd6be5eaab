//! What page tests share: the district's pack, and the guises a page is drawn in.

use crate::View;
use askama::Template;
use chrono::{NaiveDate, TimeZone, Utc};
use std::{path::Path, sync::LazyLock};
use tuodi_pack::{Lang, Pack};

pub fn pack() -> &'static Pack {
    static PACK: LazyLock<Pack> = LazyLock::new(|| {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/qingyan");
        Pack::load(&dir).expect("the district's pack loads")
    });
    &PACK
}

/// 20 November 2026, nine in the morning in Beijing.
pub fn view(pack: &Pack, lang: Lang, elder: bool) -> View {
    let now = Utc.with_ymd_and_hms(2026, 11, 20, 1, 0, 0).single().expect("a real moment");
    View { lang, elder, csrf: "t".repeat(32), ..View::new(pack, now) }
}

pub fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a real day")
}

/// Draws a page in both languages and sizes; gives the Chinese and the English one.
pub fn draw<'v, T: Template>(views: &'v [View; 4], page: impl Fn(&'v View) -> T) -> (String, String) {
    let html = views.each_ref().map(|v| {
        let html = page(v).render().expect("the page renders");
        assert!(!html.contains('□'), "a word is missing in {}", v.lang.tag());
        assert!(!html.contains(" style="), "the content policy forbids inline style");
        assert_eq!(html.matches("<h1").count(), 1, "one heading a page");
        html
    });
    let [zh, _, en, _] = html;
    (zh, en)
}

pub fn views(pack: &Pack) -> [View; 4] {
    [(Lang::Zh, false), (Lang::Zh, true), (Lang::En, false), (Lang::En, true)]
        .map(|(lang, elder)| view(pack, lang, elder))
}
