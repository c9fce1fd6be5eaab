//! Is this report genuine? For whoever holds the paper: number, day, office. Nothing of whom it is about.

use crate::{Cx, PageResult, View};
use askama::Template;
use axum::extract::{Path, Query};
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    d: String,
    number: String,
}

/// What was found for what was asked.
pub struct Genuine {
    pub number: String,
    pub edition: i32,
    pub day: String,
    pub superseded: bool,
}

#[derive(Template)]
#[template(path = "public/report.html")]
pub struct ReportPage<'a> {
    pub v: &'a View,
    pub number: String,
    pub digest: String,
    pub asked: bool,
    pub found: Option<Genuine>,
}

pub async fn page(cx: Cx, Path(number): Path<String>, Query(asked): Query<Asked>) -> PageResult {
    answer(&cx, number, asked.d).await
}

/// Typed from the paper.
pub async fn ask(cx: Cx, Query(asked): Query<Asked>) -> PageResult {
    answer(&cx, asked.number, asked.d).await
}

async fn answer(cx: &Cx, number: String, digest: String) -> PageResult {
    let number: String = number.trim().to_ascii_uppercase().chars().take(40).collect();
    let digest: String = digest.chars().filter(|c| !c.is_whitespace()).take(64).collect();
    let asked = !number.is_empty() && !digest.is_empty();
    let found = match asked {
        true => tuodi_casework::verify::genuine(&cx.state.store, &number, &digest).await?,
        false => None,
    };
    let found = found.map(|g| Genuine {
        number: g.number,
        edition: g.edition,
        day: cx.full_date(&g.issued_on),
        superseded: g.superseded,
    });
    cx.page(&ReportPage { v: cx, number, digest, asked, found })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{draw, pack, views};

    fn page(v: &View, found: bool, superseded: bool) -> ReportPage<'_> {
        ReportPage {
            v,
            number: "QYHD26-00001".to_owned(),
            digest: "0123456789abcdef".to_owned(),
            asked: true,
            found: found.then(|| Genuine {
                number: "QYHD26-00001".to_owned(),
                edition: 1,
                day: "2026年11月20日".to_owned(),
                superseded,
            }),
        }
    }

    #[test]
    fn it_says_genuine_by_whom_and_when_or_that_nothing_like_it_was_issued() {
        let pack = pack();
        let views = views(pack);
        let (zh, en) = draw(&views, |v| page(v, true, true));
        assert!(zh.contains("这份报告是真的") && zh.contains("清晏区民政局") && zh.contains("已有更新的一版"));
        assert!(en.contains("This report is genuine"));
        let (zh, _) = draw(&views, |v| page(v, false, false));
        assert!(zh.contains("没有查到这份报告") && !zh.contains("这份报告是真的"));
    }
}
