//! The book of each township's reserve (备用金): what the district put in, what was handed out, what is left, to the fen.

use super::{SEALED_PAYMENT, fine, line, pay::Slip, rules};
use crate::{CaseError, Cx, FieldError, application::at_level, change::change, error::Result, tables::reserve_entry};
use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;
use std::collections::BTreeMap;
use tuodi_access::Act;
use tuodi_pack::{Fen, Text, region::RegionLevel};
use tuodi_store::Recorded;

const MOST: i64 = 10_000_000_000;
const MOST_PAPER: usize = 100;

/// One line of a book. Nobody is named in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReserveLine {
    pub on: NaiveDate,
    /// topped_up, paid
    pub what: String,
    pub amount: i64,
    pub emergency: Option<String>,
    pub part: Option<String>,
    pub way: Option<String>,
    pub paper: String,
    /// After this line.
    pub balance: i64,
}

/// The reserve of one township: oldest line first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReserveBook {
    pub township: String,
    pub title: Text,
    pub balance: i64,
    pub lines: Vec<ReserveLine>,
}

/// The fund that the pack pays emergencies from; empty where it names none.
pub(super) fn fund_of(cx: &Cx) -> Result<String> {
    let programme = &rules(cx)?.programme;
    let fund = cx.pack.workflow.funds.iter().find(|f| f.programmes.contains(programme));
    Ok(fund.map(|f| f.id.clone()).unwrap_or_default())
}

/// What was handed out of each fund before a day.
pub(crate) async fn paid_of_funds(cx: &Cx, county: &str, before: NaiveDate) -> Result<Vec<(String, NaiveDate, i64)>> {
    use reserve_entry::Column as C;
    Ok(reserve_entry::Entity::find()
        .select_only()
        .columns([C::Fund, C::On, C::Amount])
        .filter(C::County.eq(county))
        .filter(C::What.eq("paid"))
        .filter(C::On.lt(before))
        .into_tuple()
        .all(cx.store.read())
        .await?)
}

/// What is left of a township's reserve. Whoever calls may see the emergency that it is asked for.
pub(super) async fn balance_of(cx: &Cx, township: &str) -> Result<i64> {
    let rows = reserve_entry::Entity::find()
        .filter(reserve_entry::Column::Township.eq(township))
        .filter(reserve_entry::Column::Source.eq("reserve"))
        .all(cx.store.read())
        .await?;
    Ok(rows.iter().map(signed).sum())
}

fn signed(row: &reserve_entry::Model) -> i64 {
    if row.what == "paid" { -row.amount } else { row.amount }
}

/// The books of the actor's region: of all townships for a district, of the own for a township. A book below 0 says that
/// somebody paid out of another pocket, which the district makes good; help did not wait for it.
pub async fn reserve_books(cx: &Cx) -> Result<Vec<ReserveBook>> {
    use reserve_entry::Column as C;
    cx.authorise_region(Act::ViewPayment, "payment", "reserve", &cx.actor.region)?;
    let mut query = reserve_entry::Entity::find().filter(C::Source.eq("reserve"));
    query = match RegionLevel::of_code(&cx.actor.region) {
        RegionLevel::Village | RegionLevel::Township => {
            query.filter(C::Township.eq(at_level(&cx.actor.region, RegionLevel::Township)))
        }
        _ => query.filter(C::County.eq(at_level(&cx.actor.region, RegionLevel::County))),
    };
    let rows = query.order_by_asc(C::On).order_by_asc(C::Id).all(cx.store.read()).await?;
    let mut books: BTreeMap<String, ReserveBook> = BTreeMap::new();
    for row in rows {
        let book = books.entry(row.township.clone()).or_insert_with(|| ReserveBook {
            title: crate::queue::region_name(cx, &row.township),
            township: row.township.clone(),
            balance: 0,
            lines: Vec::new(),
        });
        book.balance += signed(&row);
        book.lines.push(ReserveLine {
            on: row.on,
            what: row.what,
            amount: row.amount,
            emergency: row.emergency_no,
            part: row.part,
            way: row.way,
            paper: row.paper,
            balance: book.balance,
        });
    }
    Ok(books.into_values().collect())
}

/// The district puts money of the fund into a township's reserve.
pub async fn top_up(
    cx: &Cx,
    township: &str,
    on: Option<NaiveDate>,
    amount: Option<Fen>,
    paper: &str,
    key: &str,
) -> Result<()> {
    let county = at_level(&cx.actor.region, RegionLevel::County);
    cx.authorise_region(Act::PreparePayment, "payment", "reserve", &county)?;
    let fund = fund_of(cx)?;
    let mut errors = Vec::new();
    let known = cx.pack.regions.get(township).is_some() && RegionLevel::of_code(township) == RegionLevel::Township;
    if !known || at_level(township, RegionLevel::County) != county {
        errors.push(FieldError::new("township", "error.choice"));
    }
    let amount = amount.map_or(0, |fen| fen.0);
    if !(1..=MOST).contains(&amount) {
        errors.push(FieldError::new("amount", "error.amount"));
    }
    if on.is_none_or(|day| day > cx.today()) {
        errors.push(FieldError::new("on", "error.moment"));
    }
    let paper = line("paper", paper, true, &mut errors);
    if paper.chars().count() > MOST_PAPER {
        errors.push(FieldError::new("paper", "error.too_long"));
    }
    fine(errors)?;
    let Some(on) = on else { return Err(CaseError::Invalid(vec![FieldError::new("on", "error.moment")])) };
    let (cx2, township) = (cx.clone(), township.to_owned());
    change(cx, "reserve.top_up", format!("reserve:{township}"), key, move |tx| {
        Box::pin(async move {
            let row = reserve_entry::ActiveModel {
                id: NotSet,
                township: Set(township.clone()),
                county: Set(county),
                fund: Set(fund),
                on: Set(on),
                what: Set("topped_up".to_owned()),
                amount: Set(amount),
                source: Set("reserve".to_owned()),
                emergency_no: Set(None),
                part: Set(None),
                way: Set(None),
                paid_at: Set(None),
                paper: Set(paper),
                content: Set(None),
                entered_by: Set(cx2.actor.account.clone()),
                entered_at: Set(cx2.at()),
            };
            reserve_entry::Entity::insert(row).exec_without_returning(tx.conn()).await?;
            let details = json!({ "on": on, "amount": amount });
            Ok(Recorded::new((), cx2.entry("reserve.top_up", format!("reserve:{township}"), &township, details)))
        })
    })
    .await
}

/// What of a payment is sealed, opened for whoever may see the emergency.
pub(super) fn slip(cx: &Cx, row: &reserve_entry::Model) -> Result<Slip> {
    match &row.content {
        Some(sealed) => Ok(serde_json::from_str(&cx.store.keys().open(SEALED_PAYMENT, sealed)?)?),
        None => Ok(Slip::default()),
    }
}
