//! Occasions of assessments on the page of a case.

use super::{
    list::{names, whose},
    title,
};
use crate::{
    Cx, WebError,
    desk::{acting, look::Tag},
};
use tuodi_casework::{
    CaseNo,
    reassess::{DueRow, due_of_case},
};

pub struct DueLine {
    pub occasion: String,
    /// While it is open.
    pub href: Option<String>,
    pub about: String,
    pub tag: Tag,
}

pub struct DueCard {
    pub lines: Vec<DueLine>,
}

fn line(cx: &Cx, names: &std::collections::BTreeMap<String, String>, row: &DueRow) -> DueLine {
    let tag = match &row.answered {
        Some((on, by)) => {
            let text = cx.t2("assess.answered", cx.date(on), cx.t_of("assess.by", by));
            Tag::new("ok", "circle-check", text)
        }
        None if row.ended => Tag::new("neutral", "check", cx.t("assess.ended")),
        None => crate::desk::look::due(cx, Some(row.due_on)),
    };
    let open = row.answered.is_none() && !row.ended;
    DueLine {
        occasion: title(cx, &cx.state.pack, row.occasion),
        href: open.then(|| format!("/desk/assessments/{}", row.id)),
        about: cx.t2("assess.until", cx.date(&row.due_on), whose(cx, names, row)),
        tag: if open { Tag::new(open_kind(tag.kind), tag.icon, tag.text) } else { tag },
    }
}

/// The colour of a day as a tag has it.
fn open_kind(due: &str) -> &'static str {
    match due {
        "late" => "bad",
        "soon" => "warn",
        _ => "neutral",
    }
}

/// None where nothing was ever due.
pub async fn card(cx: &Cx, case: &CaseNo) -> Result<Option<DueCard>, WebError> {
    let rows = due_of_case(&acting(cx)?, case).await?;
    let names = names(cx, &rows).await?;
    let lines: Vec<DueLine> = rows.iter().map(|row| line(cx, &names, row)).collect();
    Ok((!lines.is_empty()).then_some(DueCard { lines }))
}
