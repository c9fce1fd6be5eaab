//! What is handed out: the first help within hours, and the second part after the decision. Each once, with a receipt.

use super::{
    EmergencyAct, EmergencyState, SEALED_PAYMENT, authorise_act, file, fine, line, load, load_for, moment, payments_of,
    put, reserve, rules, save, subject,
};
use crate::{Cx, FieldError, change::change, error::Result, tables::reserve_entry};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    EntityTrait,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tuodi_pack::{Fen, codes};
use tuodi_store::Tx;

codes! {
    /// How it is given.
    Way {
        Cash = "cash", "现金", "cash";
        Goods = "goods", "实物", "goods";
        Transfer = "transfer", "转账", "transfer";
    }
}

/// One payment as an officer enters it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Payment {
    pub amount: Option<Fen>,
    /// cash, goods, transfer
    pub way: String,
    /// reserve: the township's own; county: the district's fund.
    pub source: String,
    pub at: Option<DateTime<Utc>>,
    /// Number of the receipt or of the transfer.
    pub paper: String,
    pub received_by: String,
    /// The second officer who was there, where no bank was.
    pub witness: String,
    /// What goods, where goods.
    pub goods: String,
}

/// What of a payment is sealed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Slip {
    pub received_by: String,
    pub witness: String,
    pub goods: String,
}

struct Checked {
    amount: i64,
    at: DateTime<Utc>,
    paper: String,
    slip: Slip,
}

fn checked(cx: &Cx, payment: &Payment, from: DateTime<Utc>, range: (i64, i64), wrong: &'static str) -> Result<Checked> {
    let mut errors = Vec::new();
    let amount = payment.amount.map_or(0, |fen| fen.0);
    if amount <= 0 {
        errors.push(FieldError::new("amount", "error.amount"));
    } else if !(range.0..=range.1).contains(&amount) {
        errors.push(FieldError::new("amount", wrong));
    }
    let way = Way::from_id(&payment.way);
    if way.is_none() {
        errors.push(FieldError::new("way", "error.choice"));
    }
    if !["reserve", "county"].contains(&payment.source.as_str()) {
        errors.push(FieldError::new("source", "error.choice"));
    }
    let at = moment(cx, "at", payment.at, from, &mut errors);
    let by_hand = matches!(way, Some(Way::Cash | Way::Goods));
    let slip = Slip {
        received_by: line("received_by", &payment.received_by, true, &mut errors),
        // Money and goods are handed over before two.
        witness: line("witness", &payment.witness, by_hand, &mut errors),
        goods: line("goods", &payment.goods, way == Some(Way::Goods), &mut errors),
    };
    if by_hand && !slip.witness.is_empty() && slip.witness == cx.actor.name {
        errors.push(FieldError::new("witness", "error.same"));
    }
    let paper = line("paper", &payment.paper, true, &mut errors);
    fine(errors)?;
    Ok(Checked { amount, at, paper, slip })
}

async fn book(tx: &Tx, cx: &Cx, row: &file::Model, part: &str, payment: &Payment, checked: &Checked) -> Result<()> {
    let entry = reserve_entry::ActiveModel {
        id: NotSet,
        township: Set(row.township.clone()),
        county: Set(row.county.clone()),
        fund: Set(reserve::fund_of(cx)?),
        on: Set(crate::cx::beijing_date(checked.at)),
        what: Set("paid".to_owned()),
        amount: Set(checked.amount),
        source: Set(payment.source.clone()),
        emergency_no: Set(Some(row.no.clone())),
        part: Set(Some(part.to_owned())),
        way: Set(Some(payment.way.clone())),
        paid_at: Set(Some(checked.at)),
        paper: Set(checked.paper.clone()),
        content: Set(Some(tx.keys().seal(SEALED_PAYMENT, &serde_json::to_string(&checked.slip)?))),
        entered_by: Set(cx.actor.account.clone()),
        entered_at: Set(cx.at()),
    };
    reserve_entry::Entity::insert(entry).exec_without_returning(tx.conn()).await?;
    Ok(())
}

/// The first help, up to the pack's limit, before anything is decided (LS18). Papers are due from here on.
pub async fn pay_advance(cx: &Cx, no: &str, version: i32, payment: Payment, key: &str) -> Result<i32> {
    let row = load(cx.store.read(), no).await?;
    authorise_act(cx, EmergencyAct::Advance, &row).await?;
    let most = most_at_once(cx, &row)?.0;
    // Help may have been handed over before somebody had time to write down the visit.
    let checked = checked(cx, &payment, row.told_at, (1, most), "error.above_advance")?;
    let due = cx.pack.calendar.add_working_days(crate::cx::beijing_date(checked.at), rules(cx)?.papers_days)?;
    let (cx2, no2) = (cx.clone(), no.to_owned());
    change(cx, "emergency.advance", subject(no), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut row = load_for(tx, &no2, version, EmergencyAct::Advance).await?;
            book(tx, &cx, &row, "advance", &payment, &checked).await?;
            row.papers_due = Some(due);
            put(&cx, &mut row, EmergencyState::Advanced)?;
            let details = json!({
                "amount": checked.amount, "way": payment.way, "source": payment.source, "at": checked.at,
                "in_time": checked.at <= row.advance_due, "papers_due": due,
            });
            save(tx, &cx, row, "emergency.advance", details).await
        })
    })
    .await
}

/// The most that is handed out before a decision: the pack's limit, and no more than the grade comes to.
pub(super) fn most_at_once(cx: &Cx, row: &file::Model) -> Result<Fen> {
    let limit = cx.pack.parameters.value(&rules(cx)?.advance, &row.region_code, cx.today()).unwrap_or(0);
    let whole = row.grade.as_deref().and_then(|grade| {
        cx.pack.emergency_amount(grade, u32::try_from(row.persons).unwrap_or(1), &row.region_code, cx.today())
    });
    Ok(Fen(whole.map_or(limit, |whole| whole.0.min(limit))))
}

/// The rest of what was decided: neither more nor less, by somebody who did not decide it.
pub async fn pay_second(cx: &Cx, no: &str, version: i32, payment: Payment, key: &str) -> Result<i32> {
    let row = load(cx.store.read(), no).await?;
    authorise_act(cx, EmergencyAct::Second, &row).await?;
    // Without the second part itself: the same click again is answered as the first.
    let before = payments_of(cx.store.read(), no).await?;
    let given: i64 = before.iter().filter(|p| p.part.as_deref() != Some("second")).map(|p| p.amount).sum();
    let rest = row.total.unwrap_or(0) - given;
    let decided = row.decided_on.unwrap_or(cx.today());
    let from = super::end_of(decided) - chrono::Duration::days(1);
    let checked = checked(cx, &payment, from, (rest, rest), "error.not_the_rest")?;
    let (cx2, no2) = (cx.clone(), no.to_owned());
    change(cx, "emergency.second", subject(no), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut row = load_for(tx, &no2, version, EmergencyAct::Second).await?;
            book(tx, &cx, &row, "second", &payment, &checked).await?;
            row.outcome = Some("helped".to_owned());
            put(&cx, &mut row, EmergencyState::Closed)?;
            let details = json!({ "amount": checked.amount, "way": payment.way, "source": payment.source });
            save(tx, &cx, row, "emergency.second", details).await
        })
    })
    .await
}
