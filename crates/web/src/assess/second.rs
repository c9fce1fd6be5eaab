//! The second assessment of a drawn household: the same form, without a word of the first.

use super::{
    Side,
    form::{Entered, TaskForm, number, said, shown, value},
};
use crate::{
    Cx, PageResult,
    desk::look,
    form::{Fields, Problems},
    view::place,
};
use std::collections::BTreeMap;
use tuodi_access::accounts;
use tuodi_casework::{
    CaseError,
    raters::{Sample, assess_second, give_second, sample, second_assessors, seconds},
};

/// One line of the list.
pub struct SecondLine {
    pub href: String,
    pub case: String,
    pub who: String,
    pub place: String,
    pub day: String,
    pub due: look::Tag,
    pub whose: String,
}

async fn name_of(cx: &Cx, row: &Sample) -> Result<String, crate::WebError> {
    let Some(account) = &row.assignee else { return Ok(cx.t("assess.second.nobody").to_owned()) };
    let found = accounts::find(&cx.state.store, account).await?;
    Ok(found.map_or_else(|| account.clone(), |a| a.name))
}

/// Those still to be made, for the list.
pub async fn lines(cx: &Cx, side: Side) -> Result<Vec<SecondLine>, crate::WebError> {
    let rows = seconds(&side.acting(cx)?).await?;
    let mut names: BTreeMap<Option<String>, String> = BTreeMap::new();
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        if !names.contains_key(&row.assignee) {
            names.insert(row.assignee.clone(), name_of(cx, &row).await?);
        }
        lines.push(SecondLine {
            href: format!("{}/{}", side.again(), row.id),
            case: row.case.to_string(),
            place: cx.text(&row.region).to_owned(),
            day: cx.date(&row.due_on),
            due: look::due(cx, Some(row.due_on)),
            whose: names.get(&row.assignee).cloned().unwrap_or_default(),
            who: if row.name.is_empty() { cx.t("field.task.unnamed").to_owned() } else { row.name },
        });
    }
    Ok(lines)
}

async fn show(cx: &Cx, id: i64, typed: &Fields, done: &str, problems: Problems, side: Side) -> PageResult {
    let acting = side.acting(cx)?;
    let found = sample(&acting, id).await?;
    let pack = &cx.state.pack;
    let people = if side == Side::Desk { second_assessors(&acting, id).await? } else { Vec::new() };
    let closed = found.row.done.map(|on| cx.t1("assess.second.made", cx.date(&on)));
    let form = TaskForm {
        back: side.base(),
        action: format!("{}/{id}", side.again()),
        who: found.applicant.clone(),
        place: place(pack, &found.row.region_code, cx.lang),
        address: found.address.clone(),
        phone: found.phone.clone(),
        occasion: cx.t("assess.second.title").to_owned(),
        days: cx.t2("assess.second.days", found.row.month.format("%Y-%m"), cx.full_date(&found.row.due_on)),
        due: look::due(cx, Some(found.row.due_on)),
        whose: name_of(cx, &found.row).await?,
        hint: match (&closed, found.may_assess) {
            (Some(_), _) => "",
            (None, true) => cx.t("assess.second.blind"),
            (None, false) => cx.t("assess.second.not_you"),
        },
        closed: closed.unwrap_or_default(),
        visit: None,
        may_assess: found.may_assess,
        entered: Entered::of(cx, typed, people),
        done: crate::words::find(cx.lang, &format!("assess.done.{done}")),
    };
    shown(cx, form, problems, side)
}

pub async fn page(cx: Cx, id: String, asked: Fields, side: Side) -> PageResult {
    let done = asked.get("done").cloned().unwrap_or_default();
    show(&cx, number(&id)?, &Fields::new(), &done, Problems::default(), side).await
}

pub async fn save(cx: Cx, id: String, typed: Fields, side: Side) -> PageResult {
    let id = number(&id)?;
    match assess_second(&side.acting(&cx)?, id, said(&cx, &typed), value(&typed, "key")).await {
        Ok(_) => cx.go(format!("{}/{id}?done=assessed", side.again())),
        Err(CaseError::Invalid(errors)) => {
            show(&cx, id, &typed, "", Problems::from_room(&cx, "assess", &errors), side).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn give(cx: Cx, id: String, typed: Fields, side: Side) -> PageResult {
    let id = number(&id)?;
    match give_second(&side.acting(&cx)?, id, value(&typed, "to"), value(&typed, "give_key")).await {
        Ok(()) => cx.go(format!("{}/{id}?done=given", side.again())),
        Err(CaseError::Invalid(errors)) => {
            show(&cx, id, &typed, "", Problems::from_room(&cx, "assess", &errors), side).await
        }
        Err(error) => Err(error.into()),
    }
}
