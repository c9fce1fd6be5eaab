//! The number by which a proxy is named: said to the person face to face or by telephone, so that nobody types another's
//! identity number, and nobody can find out by trying who has an account.

use super::{rules, wrong};
use crate::{Cx, change::change, error::Result, tables::mandate_code};
use chrono::{DateTime, Duration, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde_json::json;
use tuodi_store::{Keys, Recorded};

const TOKEN: &str = "mandate.code";
/// Digits of the number: as long as a landline's, which people are used to saying.
const DIGITS: usize = 8;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyCode {
    /// `4711 0815`.
    pub number: String,
    pub until: DateTime<Utc>,
}

fn token(keys: &Keys, number: &str) -> String {
    keys.token(TOKEN, number)
}

/// A new number of the actor's own account; an earlier one holds no longer.
pub async fn new_code(cx: &Cx) -> Result<ProxyCode> {
    let rules = rules(cx)?;
    if !cx.actor.role.is_citizen() {
        return Err(wrong("code", "error.proxy_code"));
    }
    let until = cx.at() + Duration::minutes(rules.code_minutes.into());
    let drawn = rand::random_range(0..10_u32.pow(DIGITS as u32));
    let number = format!("{drawn:0DIGITS$}");
    let row = mandate_code::ActiveModel {
        account: Set(cx.actor.account.clone()),
        token: Set(token(cx.store.keys(), &number)),
        until: Set(until),
    };
    let subject = format!("account:{}", cx.actor.account);
    let (cx2, subject2) = (cx.clone(), subject.clone());
    change(cx, "mandate.code", subject, "", move |tx| {
        Box::pin(async move {
            let newer = OnConflict::column(mandate_code::Column::Account)
                .update_columns([mandate_code::Column::Token, mandate_code::Column::Until])
                .to_owned();
            mandate_code::Entity::insert(row).on_conflict(newer).exec_without_returning(tx.conn()).await?;
            let region = cx2.actor.region.clone();
            Ok(Recorded::new((), cx2.entry("mandate.code", subject2, &region, json!({ "until": until }))))
        })
    })
    .await?;
    Ok(ProxyCode { number: format!("{} {}", &number[..DIGITS / 2], &number[DIGITS / 2..]), until })
}

/// Whose number it is, while it holds. Spaces between the digits are as people write them down.
pub(super) async fn account_of(cx: &Cx, number: &str) -> Result<Option<String>> {
    let digits: String = number.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let row = mandate_code::Entity::find()
        .filter(mandate_code::Column::Token.eq(token(cx.store.keys(), &digits)))
        .filter(mandate_code::Column::Until.gte(cx.at()))
        .one(cx.store.read())
        .await?;
    Ok(row.map(|row| row.account))
}

/// A number names its account once.
pub(super) async fn used(conn: &impl ConnectionTrait, account: &str) -> Result<()> {
    mandate_code::Entity::delete_by_id(account.to_owned()).exec(conn).await?;
    Ok(())
}
