//! A re-verification begins: by its period, by what a family tells, by what data show, after a death.

use crate::{
    CaseError, CaseNo, Cx, Event, FieldError, NextStep,
    case_no::codes,
    change::{change, finish, load, load_at, moved, put, state_of},
    error::Result,
    reassess,
    tables::{benefit, recheck},
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::Expr,
};
use serde_json::json;
use tuodi_pack::reassess::Occasion;
use tuodi_store::{Recorded, Tx};

/// Longest text of anybody here, in characters.
pub(super) const MOST_TEXT: usize = 2000;

codes! {
    Why {
        Period = "period", "定期核查到期", "the periodic check is due";
        Declared = "declared", "家里说情况有变化", "the family reports a change";
        Data = "data", "数据显示情况有变化", "data show a change";
        Death = "death", "家里有人去世", "somebody has died";
        Life = "life", "生存认证没有完成", "proof of life is overdue";
        Moved = "moved", "搬到别的地方", "the family has moved";
    }
}

/// Trimmed, not too long, and there where it must be.
pub(super) fn text_in(field: &str, text: &str, needed: Option<&'static str>) -> Result<String> {
    let text = text.trim();
    let problem = |key| Err(CaseError::Invalid(vec![FieldError::new(field, key)]));
    match needed {
        Some(key) if text.is_empty() => problem(key),
        _ if text.chars().count() > MOST_TEXT => problem("error.too_long"),
        _ => Ok(text.to_owned()),
    }
}

/// An officer begins one; a period that is over needs no words.
pub async fn open_recheck(cx: &Cx, case: &CaseNo, version: i32, why: Why, note: &str, key: &str) -> Result<i32> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(crate::guard(state_of(&file), Event::Recheck), &file, Vec::new())?;
    let note = text_in("note", note, (why != Why::Period).then_some("error.required"))?;
    open(cx, case, version, Event::Recheck, why, note, key).await
}

/// The family tells that something has changed at home; or whoever writes down what it says. Nothing is taken away by it.
pub async fn tell_change(cx: &Cx, case: &CaseNo, version: i32, note: &str, key: &str) -> Result<i32> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(crate::guard(state_of(&file), Event::Tell), &file, Vec::new())?;
    let note = text_in("note", note, Some("error.required"))?;
    open(cx, case, version, Event::Tell, Why::Declared, note, key).await
}

async fn open(cx: &Cx, case: &CaseNo, version: i32, event: Event, why: Why, note: String, key: &str) -> Result<i32> {
    let (cx2, case2) = (cx.clone(), case.clone());
    let act = if event == Event::Tell { "case.tell" } else { "case.recheck" };
    change(cx, act, case.subject(), key, move |tx| {
        Box::pin(async move { open_in(tx, &cx2, &case2, version, (event, act), why, note).await })
    })
    .await
}

async fn open_in(
    tx: &Tx,
    cx: &Cx,
    case: &CaseNo,
    version: i32,
    (event, act): (Event, &'static str),
    why: Why,
    note: String,
) -> Result<Recorded<i32>> {
    let mut file = load_at(tx, case, version).await?;
    let from = state_of(&file);
    let to = moved(&file, event)?;
    super::benefits::held(tx.conn(), &file, cx.today(), event).await?;
    put(cx, &mut file, to, NextStep::Recheck)?;
    let row = recheck::ActiveModel {
        id: NotSet,
        case_no: Set(case.0.clone()),
        why: Set(why.id().to_owned()),
        note: Set(tx.keys().seal("recheck.note", &note)),
        opened_on: Set(cx.today()),
        opened_by: Set(cx.actor.account.clone()),
        proposal: Set(None),
        monthly: Set(None),
        from_month: Set(None),
        reason_code: Set(None),
        reporters: Set(String::new()),
        text: Set(None),
        proposed_by: Set(None),
        proposed_on: Set(None),
        view_until: Set(None),
        view: Set(None),
        viewed_on: Set(None),
        outcome: Set(None),
        decided_by: Set(None),
        decided_at: Set(None),
    };
    recheck::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    // Held, not stopped, and only where nobody else lives on it: a person looks before money leaves for somebody who may
    // have died.
    let held = why == Why::Death && file.members <= 1;
    if held {
        benefit::Entity::update_many()
            .col_expr(benefit::Column::Hold, Expr::value("death"))
            .filter(benefit::Column::CaseNo.eq(case.0.as_str()))
            .filter(benefit::Column::Status.eq("active"))
            .exec(tx.conn())
            .await?;
    }
    // A family that has changed is assessed again; where the only one has died there is nobody to assess.
    let trigger = cx.pack.trigger(Occasion::Change).filter(|t| t.on.iter().any(|on| on == why.id()) && !held);
    let due = match trigger {
        Some(_) => reassess::begin(tx, cx, Occasion::Change, &file).await?,
        None => None,
    };
    let done = finish(tx, cx, file, from, act, json!({ "why": why.id(), "held": held }), |file| file.version).await?;
    Ok(due.into_iter().fold(done, Recorded::and))
}
