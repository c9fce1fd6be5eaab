//! The books of each fund: what came in, what lists paid, what came back, and what is left, to the fen.

use crate::{
    BankFile, CaseError, Cx, FieldError,
    application::at_level,
    change::change,
    decision::first_of_month,
    emergency,
    error::Result,
    tables::{fund_entry, payment_batch, payment_line},
};
use chrono::{Datelike, Months, NaiveDate};
use rust_xlsxwriter::{Format, Workbook};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use tuodi_access::Act;
use tuodi_pack::{Fen, Lang, region::RegionLevel};
use tuodi_store::Recorded;

/// One month of one fund, in fen. `closing = opening + allocated + repaid - paid - urgent`, and
/// `listed = paid_first + returned + pending`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FundMonth {
    pub opening: i64,
    pub allocated: i64,
    /// By recipients, in cash.
    pub repaid: i64,
    /// On signed lists, without what they pay again.
    pub listed: i64,
    pub paid_first: i64,
    /// Paid again after it came back.
    pub paid_again: i64,
    /// Came back, paid again or not.
    pub returned: i64,
    pub pending: i64,
    /// Handed out in emergencies, outside the lists.
    pub urgent: i64,
    pub closing: i64,
}

impl FundMonth {
    pub fn paid(&self) -> i64 {
        self.paid_first + self.paid_again
    }

    /// 0 where the books agree with the lists.
    pub fn difference(&self) -> i64 {
        self.listed - self.paid_first - self.returned - self.pending
    }
}

/// The books of one fund: its id (empty: programmes that the pack gives no fund), and its months, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundBook {
    pub fund: String,
    pub months: Vec<(NaiveDate, FundMonth)>,
}

/// Every fund of the actor's county from its first entry to the month of `to`; months before `from` are in `opening`.
pub async fn fund_books(cx: &Cx, from: NaiveDate, to: NaiveDate) -> Result<Vec<FundBook>> {
    let county = at_level(&cx.actor.region, RegionLevel::County);
    cx.authorise_region(Act::ViewPayment, "payment", "funds", &county)?;
    let (from, to) = (first_of_month(from), first_of_month(to));
    let mut books: BTreeMap<String, BTreeMap<NaiveDate, FundMonth>> =
        cx.pack.workflow.funds.iter().map(|f| (f.id.clone(), BTreeMap::new())).collect();

    let entries = fund_entry::Entity::find()
        .filter(fund_entry::Column::County.eq(county.as_str()))
        .filter(fund_entry::Column::On.lt(to + Months::new(1)))
        .all(cx.store.read())
        .await?;
    for entry in entries {
        let month = books.entry(entry.fund).or_default().entry(first_of_month(entry.on)).or_default();
        *(if entry.what == "repaid" { &mut month.repaid } else { &mut month.allocated }) += entry.amount;
    }
    let join = payment_line::Entity::belongs_to(payment_batch::Entity)
        .from(payment_line::Column::BatchId)
        .to(payment_batch::Column::Id)
        .into();
    let sums: Vec<(String, NaiveDate, String, bool, Option<i64>)> = payment_line::Entity::find()
        .select_only()
        .column(payment_line::Column::Fund)
        .column(payment_batch::Column::Month)
        .column(payment_line::Column::Status)
        .column_as(payment_line::Column::Repeats.is_not_null(), "again")
        .column_as(payment_line::Column::Amount.sum().cast_as("BIGINT"), "sum")
        .join(JoinType::InnerJoin, join)
        .filter(payment_batch::Column::County.eq(county.as_str()))
        .filter(payment_batch::Column::Status.is_in(["signed", "paid"]))
        .filter(payment_batch::Column::Month.lte(to))
        .filter(payment_line::Column::Status.ne("held"))
        .group_by(payment_line::Column::Fund)
        .group_by(payment_batch::Column::Month)
        .group_by(payment_line::Column::Status)
        .group_by(Expr::col((payment_line::Entity, payment_line::Column::Repeats)).is_not_null())
        .into_tuple()
        .all(cx.store.read())
        .await?;
    for (fund, month, status, again, sum) in sums {
        let sum = sum.unwrap_or(0);
        let month = books.entry(fund).or_default().entry(month).or_default();
        if !again {
            month.listed += sum;
        }
        match (status.as_str(), again) {
            ("paid", false) => month.paid_first += sum,
            ("paid", true) => month.paid_again += sum,
            ("returned", false) => month.returned += sum,
            ("pending", false) => month.pending += sum,
            // What is paid again is money of its first line: it counts when it is out.
            _ => {}
        }
    }
    for (fund, on, amount) in emergency::paid_of_funds(cx, &county, to + Months::new(1)).await? {
        books.entry(fund).or_default().entry(first_of_month(on)).or_default().urgent += amount;
    }
    Ok(books.into_iter().map(|(fund, months)| book(fund, months, from, to)).collect())
}

fn book(fund: String, all: BTreeMap<NaiveDate, FundMonth>, from: NaiveDate, to: NaiveDate) -> FundBook {
    let mut balance = 0;
    let mut months = Vec::new();
    for (month, sums) in &all {
        if *month < from {
            balance += sums.allocated + sums.repaid - sums.paid() - sums.urgent;
        }
    }
    let mut month = from;
    while month <= to {
        let mut sums = all.get(&month).copied().unwrap_or_default();
        sums.opening = balance;
        balance += sums.allocated + sums.repaid - sums.paid() - sums.urgent;
        sums.closing = balance;
        months.push((month, sums));
        month = month + Months::new(1);
    }
    FundBook { fund, months }
}

/// Finance has put money into a fund.
pub async fn allocate(cx: &Cx, fund: &str, on: NaiveDate, amount: Fen, paper: &str, key: &str) -> Result<()> {
    let county = at_level(&cx.actor.region, RegionLevel::County);
    cx.authorise_region(Act::PreparePayment, "payment", "funds", &county)?;
    let mut wrong = Vec::new();
    if !cx.pack.workflow.funds.iter().any(|f| f.id == fund) {
        wrong.push(FieldError::new("fund", "error.choice"));
    }
    if amount.0 <= 0 || amount.0 > 1_000_000_000_000 {
        wrong.push(FieldError::new("amount", "error.amount"));
    }
    if on > cx.today() {
        wrong.push(FieldError::new("on", "error.future"));
    }
    let paper: String = paper.trim().chars().take(200).collect();
    if paper.is_empty() {
        wrong.push(FieldError::new("paper", "error.required"));
    }
    if !wrong.is_empty() {
        return Err(CaseError::Invalid(wrong));
    }
    let (cx2, fund) = (cx.clone(), fund.to_owned());
    change(cx, "fund.allocate", format!("fund:{fund}"), key, move |tx| {
        Box::pin(async move {
            let row = fund_entry::ActiveModel {
                id: NotSet,
                fund: Set(fund.clone()),
                county: Set(county.clone()),
                on: Set(on),
                what: Set("allocation".to_owned()),
                amount: Set(amount.0),
                overpayment_id: Set(None),
                paper: Set(paper.clone()),
                entered_by: Set(cx2.actor.account.clone()),
                entered_at: Set(cx2.at()),
            };
            fund_entry::Entity::insert(row).exec_without_returning(tx.conn()).await?;
            let details = json!({ "fund": fund, "on": on, "amount": amount.0 });
            Ok(Recorded::new((), cx2.entry("fund.allocate", format!("fund:{fund}"), &county, details)))
        })
    })
    .await
}

const COLUMNS: [(&str, &str); 11] = [
    ("月份", "Month"),
    ("上月结余", "Opening"),
    ("财政拨入", "Allocated"),
    ("退还现金", "Repaid"),
    ("名册应发", "Listed"),
    ("已发", "Paid"),
    ("退回后补发", "Paid again"),
    ("银行退回", "Came back"),
    ("待发", "To be paid"),
    ("急难救助", "Emergencies"),
    ("月末结余", "Closing"),
];

/// The books as a workbook, a sheet a fund. Sums only: nobody is named in it.
pub async fn fund_workbook(cx: &Cx, from: NaiveDate, to: NaiveDate, lang: Lang) -> Result<BankFile> {
    let books = fund_books(cx, from, to).await?;
    let mut file = Workbook::new();
    let (bold, money) = (Format::new().set_bold(), Format::new().set_num_format("#,##0.00"));
    let word = |(zh, en): (&'static str, &'static str)| if lang == Lang::Zh { zh } else { en };
    for book in &books {
        let title = cx.pack.workflow.funds.iter().find(|f| f.id == book.fund).map(|f| f.title.get(lang).to_owned());
        let title = title.unwrap_or_else(|| word(("没有归口的资金", "No fund")).to_owned());
        let sheet = file.add_worksheet();
        // Names of sheets hold 31 signs and no slash.
        let name: String = title.chars().filter(|c| !r"[]:*?/\".contains(*c)).take(28).collect();
        sheet.set_name(name)?;
        for (column, title) in COLUMNS.into_iter().enumerate() {
            sheet.write_string_with_format(0, column as u16, word(title), &bold)?;
        }
        for (i, (month, m)) in book.months.iter().enumerate() {
            let row = i as u32 + 1;
            sheet.write_string(row, 0, format!("{}-{:02}", month.year(), month.month()))?;
            let sums = [
                m.opening,
                m.allocated,
                m.repaid,
                m.listed,
                m.paid_first,
                m.paid_again,
                m.returned,
                m.pending,
                m.urgent,
                m.closing,
            ];
            for (column, fen) in sums.into_iter().enumerate() {
                sheet.write_number_with_format(row, column as u16 + 1, fen as f64 / 100.0, &money)?;
            }
        }
        sheet.set_freeze_panes(1, 1)?;
        for column in 0..COLUMNS.len() {
            sheet.set_column_width(column as u16, 15)?;
        }
    }
    let bytes = file.save_to_buffer()?;
    Ok(BankFile {
        name: format!("funds_{}_{}.xlsx", from.format("%Y-%m"), to.format("%Y-%m")),
        mime: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        sha256: hex::encode(Sha256::digest(&bytes)),
        bytes,
    })
}
