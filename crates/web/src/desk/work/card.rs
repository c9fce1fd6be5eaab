//! Through whose hands a case went and what was said of its delays, on its page.

use crate::{Cx, WebError, desk::acting};
use tuodi_access::accounts;
use tuodi_casework::{CaseNo, work};

pub struct WorkLine {
    pub what: String,
    pub text: String,
    pub when: String,
}

pub struct WorkCard {
    pub lines: Vec<WorkLine>,
}

async fn name(cx: &Cx, account: &str) -> Result<String, WebError> {
    if account == "system" {
        return Ok(cx.t("work.platform").to_owned());
    }
    Ok(accounts::find(&cx.state.store, account).await?.map_or_else(|| account.to_owned(), |a| a.name))
}

/// Newest first within each kind; none where nothing happened.
pub async fn card(cx: &Cx, case: &CaseNo) -> Result<Option<WorkCard>, WebError> {
    let acting = acting(cx)?;
    let mut lines = Vec::new();
    for given in work::hand_overs(&acting, case).await? {
        let (by, to) = (name(cx, &given.by).await?, name(cx, &given.to).await?);
        lines.push(WorkLine { what: cx.t2("work.card.given", by, to), text: given.reason, when: cx.date(&given.on) });
    }
    for call in work::calls(&acting, case).await? {
        let by = name(cx, &call.by).await?;
        let step = call.step.title(cx.lang);
        let what = match call.level.as_str() {
            "asked" => cx.t2("work.card.reminded", by, step),
            level => cx.t_of("work.card.level", level).replace("{0}", step),
        };
        lines.push(WorkLine { what, text: call.text, when: cx.date(&call.on) });
    }
    Ok((!lines.is_empty()).then_some(WorkCard { lines }))
}
