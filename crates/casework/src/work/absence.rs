//! Leave: for which days, and who stands in.

use crate::{CaseError, Cx, FieldError, change::change, error::Result, tables::absence};
use chrono::{Days, NaiveDate};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use serde_json::json;
use tuodi_access::{Account, Act, Resource, accounts};
use tuodi_store::Recorded;

/// Longer than this is another post, not leave.
const MOST_DAYS: u64 = 366;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    pub id: i64,
    pub account: String,
    pub delegate: String,
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Holds today.
    pub now: bool,
}

/// Those that hold on a day.
pub(crate) fn holding(today: NaiveDate) -> Condition {
    use absence::Column as C;
    Condition::all().add(C::FromDay.lte(today)).add(not_over(today))
}

fn not_over(today: NaiveDate) -> Condition {
    use absence::Column as C;
    let goes_on = Condition::any().add(C::EndedOn.is_null()).add(C::EndedOn.gt(today));
    Condition::all().add(C::ToDay.gte(today)).add(goes_on)
}

/// For whom the actor stands in today.
pub(crate) async fn stands_in_for(cx: &Cx) -> Result<Vec<String>> {
    let rows = absence::Entity::find()
        .filter(absence::Column::Delegate.eq(cx.actor.account.as_str()))
        .filter(holding(cx.today()))
        .order_by_asc(absence::Column::Id)
        .all(cx.store.read())
        .await?;
    Ok(rows.into_iter().map(|row| row.account).collect())
}

/// One's own leave, and whoever one stands in for, now or later; leaders see that of their people too. What is over is not
/// listed.
pub async fn absences(cx: &Cx) -> Result<Vec<Absence>> {
    cx.authorise_region(Act::ViewQueue, "queue", "", &cx.actor.region)?;
    let own = Condition::any()
        .add(absence::Column::Account.eq(cx.actor.account.as_str()))
        .add(absence::Column::Delegate.eq(cx.actor.account.as_str()));
    let whose = if leads(cx) {
        let people = accounts::officers(&cx.store, &cx.actor.region).await?;
        own.add(absence::Column::Account.is_in(people.into_iter().map(|a| a.id)))
    } else {
        own
    };
    let rows = absence::Entity::find()
        .filter(whose)
        .filter(not_over(cx.today()))
        .order_by_asc(absence::Column::FromDay)
        .order_by_asc(absence::Column::Id)
        .all(cx.store.read())
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| Absence {
            now: row.from_day <= cx.today(),
            id: row.id,
            account: row.account,
            delegate: row.delegate,
            from: row.from_day,
            to: row.to_day,
        })
        .collect())
}

/// Gives others' cases away, and so enters leave for them too.
fn leads(cx: &Cx) -> bool {
    cx.authorise_region(Act::Assign, "absence", "", &cx.actor.region).is_ok()
}

/// Only one's own, or as whoever leads the region.
fn authorise(cx: &Cx, of: &Account) -> Result<()> {
    if of.id == cx.actor.account {
        cx.authorise_region(Act::ViewQueue, "queue", "", &cx.actor.region)?;
    } else {
        cx.access.authorise(&cx.actor, Act::Assign, &Resource::general("absence", &*of.id, &*of.region), "absence")?;
    }
    Ok(())
}

/// `account` is away from the one day to the other; `delegate`, of the same post and for the same region, sees and does the
/// work. The delegate must be there on those days.
pub async fn go_on_leave(
    cx: &Cx,
    account: &str,
    delegate: &str,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    key: &str,
) -> Result<()> {
    let mut errors = Vec::new();
    let of = accounts::find(&cx.store, account).await?;
    let Some(of) = of else { return Err(CaseError::Invalid(vec![FieldError::new("account", "error.choice")])) };
    authorise(cx, &of)?;
    match accounts::find(&cx.store, delegate).await? {
        Some(by) if by.role == of.role && by.region == of.region && by.id != of.id => {}
        _ => errors.push(FieldError::new("delegate", "error.choice")),
    }
    if from.is_none_or(|day| day < cx.today()) {
        errors.push(FieldError::new("from", "error.date"));
    }
    let begin = from.unwrap_or(cx.today());
    if to.is_none_or(|day| day < begin || day > begin + Days::new(MOST_DAYS)) {
        errors.push(FieldError::new("to", "error.date"));
    }
    let (Some(from), Some(to), true) = (from, to, errors.is_empty()) else { return Err(CaseError::Invalid(errors)) };
    let (cx2, delegate) = (cx.clone(), delegate.to_owned());
    change(cx, "work.leave", format!("account:{account}"), key, move |tx| {
        Box::pin(async move {
            if away_between(tx.conn(), &of.id, from, to).await? {
                return Err(CaseError::Invalid(vec![FieldError::new("from", "error.away_already")]));
            }
            if away_between(tx.conn(), &delegate, from, to).await? {
                return Err(CaseError::Invalid(vec![FieldError::new("delegate", "error.delegate_away")]));
            }
            let row = absence::ActiveModel {
                id: NotSet,
                account: Set(of.id.clone()),
                delegate: Set(delegate.clone()),
                from_day: Set(from),
                to_day: Set(to),
                made_by: Set(cx2.actor.account.clone()),
                ended_on: Set(None),
            };
            absence::Entity::insert(row).exec_without_returning(tx.conn()).await?;
            let details = json!({ "delegate": delegate, "from": from, "to": to });
            Ok(Recorded::new((), cx2.entry("work.leave", format!("account:{}", of.id), &of.region, details)))
        })
    })
    .await
}

async fn away_between(conn: &impl ConnectionTrait, account: &str, from: NaiveDate, to: NaiveDate) -> Result<bool> {
    use absence::Column as C;
    let still = Condition::any().add(C::EndedOn.is_null()).add(C::EndedOn.gt(from));
    let found = absence::Entity::find()
        .filter(C::Account.eq(account))
        .filter(C::FromDay.lte(to))
        .filter(C::ToDay.gte(from))
        .filter(still)
        .count(conn)
        .await?;
    Ok(found > 0)
}

/// Back before the last day, or not away after all: from today on nobody stands in.
pub async fn back_early(cx: &Cx, id: i64) -> Result<()> {
    let missing = || CaseError::NotFound { kind: "absence", id: id.to_string() };
    let row =
        absence::Entity::find_by_id(id).filter(not_over(cx.today())).one(cx.store.read()).await?.ok_or_else(missing)?;
    let of = accounts::find(&cx.store, &row.account).await?.ok_or_else(missing)?;
    authorise(cx, &of)?;
    let cx2 = cx.clone();
    change(cx, "work.back", format!("account:{}", row.account), "", move |tx| {
        Box::pin(async move {
            absence::Entity::update_many()
                .col_expr(absence::Column::EndedOn, Expr::value(cx2.today()))
                .filter(absence::Column::Id.eq(id))
                .exec(tx.conn())
                .await?;
            let subject = format!("account:{}", row.account);
            Ok(Recorded::new((), cx2.entry("work.back", subject, &of.region, json!({ "delegate": row.delegate }))))
        })
    })
    .await
}
