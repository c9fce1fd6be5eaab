//! A person with authority decides on a proposed change: neither whoever proposed it nor who was there, and not before the
//! recipient's days are over or the recipient has spoken.

use super::{
    benefits::{end_before, held, last_month, leaving, promised_from, successor},
    end::{enter_over, exit, gradual},
    open::text_in,
    propose::{DEATH, go_on, open_of},
};
use crate::{
    CaseError, CaseNo, Cx, Event, NextStep,
    application::applicant_of,
    change::{change, finish, load, load_at, moved, put_due, state_of},
    decision::{self, month_after},
    error::Result,
    notice, statistics,
    tables::{benefit, case_file, payment_owed, recheck, visit},
};
use chrono::{Months, NaiveDate};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};
use serde_json::json;
use tuodi_pack::PersonId;
use tuodi_store::{Recorded, Tx, insert_models};

/// What a decision came to: its word, the first month, the amount from then on.
pub(super) struct Came {
    pub outcome: &'static str,
    pub first: NaiveDate,
    pub monthly: i64,
    /// Until when the case is watched, or goes on.
    pub until: Option<NaiveDate>,
}

/// Whoever began it, proposed it, or was there since.
pub(super) async fn kept_out(conn: &impl ConnectionTrait, case: &CaseNo, open: &recheck::Model) -> Result<Vec<String>> {
    let visits = visit::Entity::find()
        .filter(visit::Column::CaseNo.eq(case.0.as_str()))
        .filter(visit::Column::VisitedOn.gte(open.opened_on))
        .all(conn)
        .await?;
    let visitors = visits.iter().flat_map(|row| row.visitors.split(',')).filter(|a| !a.is_empty()).map(str::to_owned);
    Ok(visitors.chain(open.proposed_by.clone()).chain([open.opened_by.clone()]).collect())
}

/// Agrees with what is proposed, or leaves everything as it is. Words are needed against the proposal, and where the
/// recipient has a view.
pub async fn decide_change(cx: &Cx, case: &CaseNo, version: i32, agree: bool, text: &str, key: &str) -> Result<i32> {
    let file = load(cx.store.read(), case).await?;
    let act = crate::guard(state_of(&file), Event::DecideChange);
    cx.authorise(act, &file, Vec::new())?;
    // Of an act sent twice the key answers; everything else is refused by stage.
    let open = open_of(cx.store.read(), case).await.ok();
    if let Some(open) = &open {
        cx.authorise(act, &file, kept_out(cx.store.read(), case, open).await?)?;
    }
    if let Some(open) = open.filter(|_| file.version == version) {
        moved(&file, Event::DecideChange)?;
        if let Some(until) = open.view_until.filter(|until| cx.today() <= *until && open.viewed_on.is_none()) {
            return Err(CaseError::TooEarly { until });
        }
        if agree {
            super::posted::check(cx.store.read(), cx, case).await?;
        }
        text_in("text", text, (!agree || open.view.is_some()).then_some("error.reason"))?;
    }
    let text = text_in("text", text, None)?;
    let applicant = applicant_of(cx, PersonId(file.applicant_id)).await?.name;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.decide_change", case.subject(), key, move |tx| {
        Box::pin(async move { decide_in(tx, &cx2, &case2, version, agree, text, applicant).await })
    })
    .await
}

async fn decide_in(
    tx: &Tx,
    cx: &Cx,
    case: &CaseNo,
    version: i32,
    agree: bool,
    text: String,
    applicant: String,
) -> Result<Recorded<i32>> {
    let mut file = load_at(tx, case, version).await?;
    let from = state_of(&file);
    moved(&file, Event::DecideChange)?;
    let open = open_of(tx.conn(), case).await?;
    let now = held(tx.conn(), &file, cx.today(), Event::DecideChange).await?;
    let kind = open.proposal.clone().unwrap_or_default();
    if agree {
        super::posted::check(tx.conn(), cx, case).await?;
    }
    super::posted::over(tx, cx, case).await?;
    let came = match (agree, kind.as_str()) {
        (false, _) => Came { outcome: "kept", first: now.from_month, monthly: now.monthly, until: None },
        (true, "raise") => raise(tx, cx, &now, &open).await?,
        (true, "lower") => lower(tx, cx, &now, &open).await?,
        (true, "gradual") => gradual(tx, cx, &now).await?,
        (true, _) => exit(tx, cx, &file, &now, &open).await?,
    };
    let mut row = open.clone().into_active_model();
    row.outcome = Set(Some(came.outcome.to_owned()));
    row.decided_by = Set(Some(cx.actor.account.clone()));
    row.decided_at = Set(Some(cx.at()));
    row.update(tx.conn()).await?;
    let next = match came.outcome {
        "stopped" => {
            let to = moved(&file, Event::Exit)?;
            let step = if came.until.is_some() { NextStep::Watch } else { NextStep::Done };
            put_due(cx, &mut file, to, step, came.until);
            came.until
        }
        "gradual" => {
            let to = moved(&file, Event::BeginExit)?;
            put_due(cx, &mut file, to, NextStep::EndExit, came.until);
            came.until
        }
        _ => go_on(tx, cx, case, &mut file, Event::DecideChange).await?,
    };
    if agree {
        file.monthly = Some(came.monthly);
        file.decided_on = Some(cx.today());
    }
    let reason = match &open.text {
        Some(sealed) => tx.keys().open("recheck.text", sealed)?,
        None => String::new(),
    };
    let month = agree.then_some(came.first);
    decision::of_change(tx, cx, &file, came.outcome, came.monthly, month, open.reason_code.as_deref(), &text).await?;
    let sums = (now.monthly, came.monthly);
    let code = open.reason_code.as_deref().filter(|_| agree);
    let words = [reason, text].into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>().join("\n");
    let draft = notice::change_decided(cx, &file, applicant, came.outcome, sums, came.first, code, words);
    let (number, letter) = notice::issue(tx, cx, &file, draft).await?;
    let details = json!({ "change": kind, "outcome": came.outcome, "before": now.monthly, "monthly": came.monthly,
                          "from_month": month, "next": next, "notice": number });
    let done = finish(tx, cx, file, from, "case.decide_change", details, |f| f.version).await?;
    Ok(done.and(letter))
}

async fn raise(tx: &Tx, cx: &Cx, now: &benefit::Model, open: &recheck::Model) -> Result<Came> {
    let (first, monthly) = (open.from_month.unwrap_or(now.from_month), open.monthly.unwrap_or(now.monthly));
    // Months that less has been paid for: the difference is owed.
    let promised = promised_from(tx, &now.case_no, first).await?;
    end_before(tx, cx, &now.case_no, first, "replaced").await?;
    // Whoever goes on after a gradual exit has no last month any more.
    let last = now.to_month.filter(|_| !leaving(&cx.pack, now));
    let raised = successor(now, monthly, first, last);
    let id = statistics::known(tx, cx, raised).await?;
    let less = promised.into_iter().filter(|(_, amount)| *amount < monthly);
    let owed = less.map(|(month, amount)| payment_owed::ActiveModel {
        id: NotSet,
        case_no: Set(now.case_no.clone()),
        benefit_id: Set(id),
        month: Set(month),
        amount: Set(monthly - amount),
        batch_id: Set(None),
        at: Set(cx.at()),
    });
    insert_models(tx, owed.collect()).await?;
    Ok(Came { outcome: "raised", first, monthly, until: None })
}

async fn lower(tx: &Tx, cx: &Cx, now: &benefit::Model, open: &recheck::Model) -> Result<Came> {
    let (first, monthly) = (month_after(cx.today()), open.monthly.unwrap_or(now.monthly));
    let last = last_month(tx.conn(), &now.case_no).await?;
    end_before(tx, cx, &now.case_no, first, "replaced").await?;
    statistics::known(tx, cx, successor(now, monthly, first, last)).await?;
    // A list that was made ahead has more on it.
    enter_over(tx, cx, now, first, monthly).await?;
    Ok(Came { outcome: "lowered", first, monthly, until: None })
}

/// How long somebody who has left is kept in view; nobody after a death.
pub(super) fn watched(cx: &Cx, file: &case_file::Model, code: &str) -> Option<NaiveDate> {
    let months = cx.pack.workflow.living.watch_months;
    let stays = code != DEATH && code != "moved" && file.members > 0;
    (months > 0 && stays).then(|| cx.today() + Months::new(months))
}
