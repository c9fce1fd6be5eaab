//! What a re-verification comes to, as an officer sees it: nothing has changed, or a change with reasons. Where it takes
//! something away the recipient has a letter and days to answer (DB57 art. 32).

use super::{
    benefits::{current, held, last_month, leaving, next_check},
    end::gradual_months,
    open::text_in,
};
use crate::{
    CaseError, CaseNo, Cx, Event, FieldError, NextStep,
    application::applicant_of,
    change::{change, finish, load, load_at, moved, put_due, state_of, tell},
    decision::{first_of_month, month_after},
    error::Result,
    limits, notice,
    tables::{benefit, case_file, recheck, visit},
};
use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, sea_query::Expr,
};
use serde_json::json;
use std::collections::BTreeSet;
use tuodi_pack::{Fen, PersonId};
use tuodi_store::{Recorded, Tx};

/// What an officer proposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// From this month on, which may be past: then the difference is made good.
    Raise {
        monthly: Fen,
        from: NaiveDate,
    },
    Lower {
        monthly: Fen,
    },
    /// After a death `from` is the first month after it, and `reporters` are who say so; otherwise help stops with the
    /// month of the decision.
    Stop {
        reason_code: String,
        from: Option<NaiveDate>,
        reporters: Vec<String>,
    },
    /// Somebody has found work: the full amount and then a part of it for the months of the pack.
    Gradual,
}

/// Why help stops; words in the letters.
pub const STOP_CODES: &[(&str, &str, &str)] = &[
    ("not_eligible", "核查后不再符合条件", "No longer qualifies"),
    (DEATH, "保障对象去世", "The recipient has died"),
    ("custody", "被收押或者服刑", "In custody"),
    ("moved", "已迁出本区", "Moved away"),
    ("voluntary", "本人自愿退出", "Left of their own accord"),
    ("no_cooperation", "无正当理由拒绝配合核查", "The check was refused without reason"),
];

pub(super) const DEATH: &str = "death";

/// The words of a reason to stop.
pub fn stop_text(code: &str) -> Option<tuodi_pack::Text> {
    STOP_CODES.iter().find(|(id, _, _)| *id == code).map(|(_, zh, en)| tuodi_pack::Text::new(*zh, *en))
}

impl Change {
    pub(crate) fn id(&self) -> &'static str {
        match self {
            Change::Raise { .. } => "raise",
            Change::Lower { .. } => "lower",
            Change::Stop { .. } => "stop",
            Change::Gradual => "gradual",
        }
    }
}

fn wrong<T>(field: &str, key: &'static str) -> Result<T> {
    Err(CaseError::Invalid(vec![FieldError::new(field, key)]))
}

/// The re-verification at hand.
pub(super) async fn open_of(conn: &impl ConnectionTrait, case: &CaseNo) -> Result<recheck::Model> {
    recheck::Entity::find()
        .filter(recheck::Column::CaseNo.eq(case.0.as_str()))
        .filter(recheck::Column::Outcome.is_null())
        .order_by_desc(recheck::Column::Id)
        .one(conn)
        .await?
        .ok_or_else(|| CaseError::NotFound { kind: "recheck", id: case.0.clone() })
}

/// The case was checked today: the next date of its benefits, and nothing held any more. `None` where it has none.
pub(super) async fn checked(tx: &Tx, cx: &Cx, case: &CaseNo) -> Result<Option<(benefit::Model, Option<NaiveDate>)>> {
    let Some(now) = current(tx.conn(), case, cx.today()).await? else { return Ok(None) };
    let next = next_check(&cx.pack, now.class.as_deref(), &now.region_code, cx.today());
    benefit::Entity::update_many()
        .col_expr(benefit::Column::LastReverify, Expr::value(cx.today()))
        .col_expr(benefit::Column::NextReverify, Expr::value(next))
        .col_expr(benefit::Column::Hold, Expr::value(None::<String>))
        .filter(benefit::Column::CaseNo.eq(case.0.as_str()))
        .filter(benefit::Column::Status.eq("active"))
        .exec(tx.conn())
        .await?;
    Ok(Some((now, next)))
}

/// No clear change: everything stays, and the next date is set (DB57 art. 31).
pub async fn recheck_unchanged(cx: &Cx, case: &CaseNo, version: i32, text: &str, key: &str) -> Result<i32> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(crate::guard(state_of(&file), Event::Unchanged), &file, Vec::new())?;
    let text = text_in("text", text, Some("error.required"))?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.unchanged", case.subject(), key, move |tx| {
        Box::pin(async move {
            let mut file = load_at(tx, &case2, version).await?;
            let from = state_of(&file);
            moved(&file, Event::Unchanged)?;
            let mut row = open_of(tx.conn(), &case2).await?.into_active_model();
            row.text = Set(Some(tx.keys().seal("recheck.text", &text)));
            row.outcome = Set(Some("unchanged".to_owned()));
            row.decided_by = Set(Some(cx2.actor.account.clone()));
            row.decided_at = Set(Some(cx2.at()));
            row.update(tx.conn()).await?;
            let next = go_on(tx, &cx2, &case2, &mut file, Event::Unchanged).await?;
            finish(tx, &cx2, file, from, "case.unchanged", json!({ "next": next }), |f| f.version).await
        })
    })
    .await
}

/// The case goes on as it was: assisted until its next check, or leaving gradually until its last month.
pub(super) async fn go_on(
    tx: &Tx,
    cx: &Cx,
    case: &CaseNo,
    file: &mut case_file::Model,
    event: Event,
) -> Result<Option<NaiveDate>> {
    let checked = checked(tx, cx, case).await?;
    let (event, step, due) = match &checked {
        Some((now, _)) if leaving(&cx.pack, now) => {
            (Event::ResumeExit, NextStep::EndExit, last_month(tx.conn(), &case.0).await?)
        }
        Some((_, next)) => (event, NextStep::Reverify, *next),
        // A newer recognition of the household pays; this case has nothing more to check.
        None => (event, NextStep::Done, None),
    };
    let to = moved(file, event)?;
    put_due(cx, file, to, step, due);
    Ok(due)
}

/// Two of those whom the pack names say so; or somebody was there after the check began.
async fn death_shown(
    conn: &impl ConnectionTrait,
    cx: &Cx,
    file: &case_file::Model,
    open: &recheck::Model,
    reporters: &[String],
) -> Result<bool> {
    let known = &cx.pack.workflow.living.death_reporters;
    let named: BTreeSet<&String> = reporters.iter().filter(|r| known.iter().any(|k| &k.id == *r)).collect();
    if named.len() >= 2 {
        return Ok(true);
    }
    let visits = visit::Entity::find()
        .filter(visit::Column::CaseNo.eq(file.case_no.as_str()))
        .filter(visit::Column::VisitedOn.gte(open.opened_on))
        .count(conn)
        .await?;
    Ok(visits > 0)
}

async fn check_change(cx: &Cx, file: &case_file::Model, proposed: &Change) -> Result<benefit::Model> {
    let now = held(cx.store.read(), file, cx.today(), Event::ProposeChange).await?;
    match proposed {
        Change::Raise { monthly, .. } if monthly.0 <= now.monthly => wrong("monthly", "error.not_more"),
        Change::Raise { from, .. } if first_of_month(*from) < now.from_month => wrong("from", "error.too_early"),
        Change::Raise { from, .. } if *from > month_after(cx.today()) => wrong("from", "error.future"),
        Change::Lower { monthly } if monthly.0 >= now.monthly || monthly.0 <= 0 => wrong("monthly", "error.not_less"),
        Change::Gradual if gradual_months(cx, &now).is_none() => wrong("change", "error.no_gradual"),
        Change::Stop { reason_code, .. } if stop_text(reason_code).is_none() => wrong("reason_code", "error.choice"),
        Change::Stop { reason_code, from, reporters } if reason_code == DEATH => {
            let open = open_of(cx.store.read(), &CaseNo(file.case_no.clone())).await?;
            if !death_shown(cx.store.read(), cx, file, &open, reporters).await? {
                return wrong("reporters", "error.death_unshown");
            }
            match from {
                None => wrong("from", "error.required"),
                Some(from) if *from > month_after(cx.today()) => wrong("from", "error.future"),
                Some(_) => Ok(now),
            }
        }
        _ => Ok(now),
    }
}

/// Proposes a change with reasons.
pub async fn propose_change(
    cx: &Cx,
    case: &CaseNo,
    version: i32,
    proposed: Change,
    text: &str,
    key: &str,
) -> Result<i32> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(crate::guard(state_of(&file), Event::ProposeChange), &file, Vec::new())?;
    let text = text_in("text", text, Some("error.reason"))?;
    if file.version == version {
        moved(&file, Event::ProposeChange)?;
        check_change(cx, &file, &proposed).await?;
    }
    let applicant = applicant_of(cx, PersonId(file.applicant_id)).await?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.propose_change", case.subject(), key, move |tx| {
        Box::pin(async move { propose_in(tx, &cx2, &case2, version, proposed, text, applicant.name).await })
    })
    .await
}

async fn propose_in(
    tx: &Tx,
    cx: &Cx,
    case: &CaseNo,
    version: i32,
    proposed: Change,
    text: String,
    applicant: String,
) -> Result<Recorded<i32>> {
    let mut file = load_at(tx, case, version).await?;
    let from = state_of(&file);
    let to = moved(&file, Event::ProposeChange)?;
    let open = open_of(tx.conn(), case).await?;
    let now = held(tx.conn(), &file, cx.today(), Event::ProposeChange).await?;
    let mut reporters = String::new();
    let (monthly, month, code) = match &proposed {
        Change::Raise { monthly, from } => (Some(monthly.0), Some(first_of_month(*from)), None),
        Change::Lower { monthly } => (Some(monthly.0), None, None),
        Change::Stop { reason_code, from, reporters: named } => {
            // Only a death reaches back.
            let month = from.filter(|_| reason_code == DEATH).map(first_of_month);
            reporters = if reason_code == DEATH { named.join(",") } else { String::new() };
            (None, month, Some(reason_code.clone()))
        }
        Change::Gradual => (None, None, None),
    };
    let due = limits::step_due(&cx.pack, file.programme.as_deref(), NextStep::DecideChange, cx.today())?;
    // Nobody is asked whether they agree to have more.
    let view_until = if matches!(proposed, Change::Raise { .. }) { None } else { due };
    let posted = super::posted::post(tx, cx, &file, &now, &proposed, &applicant).await?;
    let view_until = Ord::max(view_until, posted);
    let due = match posted {
        Some(last) => limits::step_due(&cx.pack, file.programme.as_deref(), NextStep::DecideChange, last)?,
        None => due,
    };
    let mut row = open.into_active_model();
    row.proposal = Set(Some(proposed.id().to_owned()));
    row.monthly = Set(monthly);
    row.from_month = Set(month);
    row.reason_code = Set(code);
    row.reporters = Set(reporters.clone());
    row.text = Set(Some(tx.keys().seal("recheck.text", &text)));
    row.proposed_by = Set(Some(cx.actor.account.clone()));
    row.proposed_on = Set(Some(cx.today()));
    row.view_until = Set(view_until);
    row.update(tx.conn()).await?;
    put_due(cx, &mut file, to, NextStep::DecideChange, due);
    let letter = match view_until {
        Some(until) => {
            let draft = notice::change_proposed(cx, &file, applicant, &proposed, now.monthly, &text, (until, posted));
            Some(notice::issue(tx, cx, &file, draft).await?)
        }
        None => None,
    };
    let number = letter.as_ref().map(|(number, _)| number.clone());
    let details = json!({ "change": proposed.id(), "monthly": monthly, "before": now.monthly, "from_month": month,
                          "reporters": reporters, "view_until": view_until, "posted_until": posted, "notice": number });
    let done = finish(tx, cx, file, from, "case.propose_change", details, |f| f.version).await?;
    Ok(match letter {
        Some((_, entry)) => done.and(entry),
        None => done,
    })
}

/// The recipient's own words on it: online, or written down by whoever heard them. More may be said until the last day.
pub async fn give_view(cx: &Cx, case: &CaseNo, text: &str, key: &str) -> Result<()> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(tuodi_access::Act::ContestFact, &file, Vec::new())?;
    let text = text_in("view", text, Some("error.required"))?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.view", case.subject(), key, move |tx| {
        Box::pin(async move {
            let file = load(tx.conn(), &case2).await?;
            moved(&file, Event::DecideChange)?;
            let open = open_of(tx.conn(), &case2).await?;
            if open.view_until.is_none_or(|until| cx2.today() > until) {
                return wrong("view", "error.view_over");
            }
            let before = match &open.view {
                Some(sealed) => format!("{}\n", tx.keys().open("recheck.view", sealed)?),
                None => String::new(),
            };
            let mut row = open.into_active_model();
            row.view = Set(Some(tx.keys().seal("recheck.view", &format!("{before}{text}"))));
            row.viewed_on = Set(Some(cx2.today()));
            row.update(tx.conn()).await?;
            tell(tx, &cx2, &file, "case.view", Some(state_of(&file)), json!({})).await?;
            let entry = cx2.entry("case.view", case2.subject(), &file.region_code, json!({}));
            Ok(Recorded::new((), entry))
        })
    })
    .await
}
