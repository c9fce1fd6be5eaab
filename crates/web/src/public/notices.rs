//! Public notices: masked names, number of people, programme and amount, as long as they run (DB57 art. 19, 24).

use crate::{Cx, PageResult, View, WebError, view::place};
use askama::Template;
use axum::extract::Path;
use tuodi_casework::PublicNotice;
use tuodi_pack::Pack;

pub struct NoticeLine<'a> {
    pub id: i64,
    pub village: String,
    pub place: String,
    pub name: String,
    pub members: i32,
    pub programme: &'a str,
    /// `None` where the programme pays nothing monthly.
    pub monthly: Option<String>,
    pub posted: String,
    pub until: String,
    pub ends: bool,
}

#[derive(Template)]
#[template(path = "public/notices.html")]
pub struct NoticesPage<'a> {
    pub v: &'a View,
    /// The place asked for; `None` for all.
    pub of: Option<String>,
    pub notices: Vec<NoticeLine<'a>>,
}

pub async fn all(cx: Cx) -> PageResult {
    let pack = &cx.state.pack;
    let notices = tuodi_casework::public_notices(&cx.state.store, pack, None, cx.today()).await?;
    cx.page(&NoticesPage { v: &cx, of: None, notices: lines(&cx, pack, notices) })
}

pub async fn of_region(cx: Cx, Path(region): Path<String>) -> PageResult {
    let pack = &cx.state.pack;
    if pack.regions.get(&region).is_none() {
        return Err(WebError::NotFound);
    }
    let notices = tuodi_casework::public_notices(&cx.state.store, pack, Some(&region), cx.today()).await?;
    cx.page(&NoticesPage { v: &cx, of: Some(place(pack, &region, cx.lang)), notices: lines(&cx, pack, notices) })
}

pub fn lines<'a>(v: &View, pack: &'a Pack, notices: Vec<PublicNotice>) -> Vec<NoticeLine<'a>> {
    let line = |n: PublicNotice| NoticeLine {
        id: n.id,
        place: place(pack, &n.village, v.lang),
        village: n.village,
        name: n.name,
        members: n.members,
        programme: pack.programme(&n.programme).map_or("", |p| p.title.get(v.lang)),
        monthly: (n.monthly.0 > 0).then(|| v.money(&n.monthly)),
        posted: v.date(&n.posted_on),
        until: v.date(&n.ends_on),
        ends: n.ends,
    };
    notices.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{day, draw, pack, views};
    use tuodi_pack::{Fen, Text};

    fn notice(name: &str, monthly: i64) -> PublicNotice {
        PublicNotice {
            id: 7,
            village: "990102001001".to_owned(),
            name: name.to_owned(),
            members: 3,
            programme: "dibao".to_owned(),
            programme_title: Text::default(),
            monthly: Fen(monthly),
            posted_on: day(2026, 11, 16),
            ends_on: day(2026, 11, 23),
            ends: monthly == 0,
        }
    }

    #[test]
    fn a_notice_shows_name_number_amount_and_its_last_day_and_nothing_else() {
        let (pack, of) = (pack(), None);
        let views = views(pack);
        let (zh, en) = draw(&views, |v| NoticesPage {
            v,
            of: of.clone(),
            notices: lines(v, pack, vec![notice("李*", 172_400), notice("欧阳*", 0)]),
        });
        for words in ["李*", "3 口人", "每月 1,724 元", "公示到 11月23日（周一）", "资格认定，不按月发钱", "拟停止救助"]
        {
            assert!(zh.contains(words), "{words}");
        }
        assert!(en.contains("3 people") && en.contains("1,724 yuan a month"));
    }
}
