//! Filters of the queue that an officer keeps under a name, for themselves.

use crate::{CaseError, Cx, FieldError, change::change, error::Result, tables::saved_filter};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
};
use serde_json::json;
use tuodi_access::Act;
use tuodi_store::Recorded;

const MOST: u64 = 20;
const MOST_NAME: usize = 20;
const MOST_QUERY: usize = 300;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedFilter {
    pub id: i64,
    pub name: String,
    /// As in the address of the list, without the question mark.
    pub query: String,
}

/// One's own, by name.
pub async fn saved_filters(cx: &Cx) -> Result<Vec<SavedFilter>> {
    let rows = saved_filter::Entity::find()
        .filter(saved_filter::Column::Account.eq(cx.actor.account.as_str()))
        .order_by_asc(saved_filter::Column::Name)
        .all(cx.store.read())
        .await?;
    Ok(rows.into_iter().map(|row| SavedFilter { id: row.id, name: row.name, query: row.query }).collect())
}

/// Keeps a filter; one of the same name is replaced.
pub async fn save_filter(cx: &Cx, name: &str, query: &str) -> Result<()> {
    cx.authorise_region(Act::ViewQueue, "queue", "", &cx.actor.region)?;
    let (name, query) = (name.trim().to_owned(), query.to_owned());
    let wrong = |field, key| Err(CaseError::Invalid(vec![FieldError::new(field, key)]));
    if name.is_empty() {
        return wrong("name", "error.required");
    }
    if name.chars().count() > MOST_NAME {
        return wrong("name", "error.too_long");
    }
    if query.is_empty() || query.len() > MOST_QUERY {
        return wrong("name", "error.nothing_filtered");
    }
    let cx2 = cx.clone();
    change(cx, "work.save_filter", format!("account:{}", cx.actor.account), "", move |tx| {
        Box::pin(async move {
            let own = || saved_filter::Column::Account.eq(cx2.actor.account.as_str());
            saved_filter::Entity::delete_many()
                .filter(own())
                .filter(saved_filter::Column::Name.eq(name.as_str()))
                .exec(tx.conn())
                .await?;
            if saved_filter::Entity::find().filter(own()).count(tx.conn()).await? >= MOST {
                return Err(CaseError::Invalid(vec![FieldError::new("name", "error.too_many")]));
            }
            let account = cx2.actor.account.clone();
            let row = saved_filter::ActiveModel {
                id: NotSet,
                account: Set(account.clone()),
                name: Set(name),
                query: Set(query.clone()),
            };
            saved_filter::Entity::insert(row).exec_without_returning(tx.conn()).await?;
            let entry = cx2.entry(
                "work.save_filter",
                format!("account:{account}"),
                &cx2.actor.region,
                json!({ "query": query }),
            );
            Ok(Recorded::new((), entry))
        })
    })
    .await
}

/// Forgets one of one's own.
pub async fn forget_filter(cx: &Cx, id: i64) -> Result<()> {
    let cx2 = cx.clone();
    change(cx, "work.forget_filter", format!("account:{}", cx.actor.account), "", move |tx| {
        Box::pin(async move {
            let gone = saved_filter::Entity::delete_many()
                .filter(saved_filter::Column::Id.eq(id))
                .filter(saved_filter::Column::Account.eq(cx2.actor.account.as_str()))
                .exec(tx.conn())
                .await?;
            if gone.rows_affected == 0 {
                return Err(CaseError::NotFound { kind: "filter", id: id.to_string() });
            }
            let subject = format!("account:{}", cx2.actor.account);
            Ok(Recorded::new((), cx2.entry("work.forget_filter", subject, &cx2.actor.region, json!({}))))
        })
    })
    .await
}
