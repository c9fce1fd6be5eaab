//! What the bank says of each payment: read in, and held against the list line by line before anything changes.

use crate::{
    CaseError, Cx,
    change::change,
    error::Result,
    pay_list::{authorise, load},
    pay_out::advance,
    tables::payment_line,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, sea_query::Expr};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use tuodi_access::Act;
use tuodi_store::Recorded;

/// Titles of the columns, as banks and our own file call them.
const NUMBER: &[&str] = &["流水号", "业务流水号", "reference"];
const AMOUNT: &[&str] = &["金额（元）", "金额(元)", "金额", "交易金额", "amount"];
const RESULT: &[&str] = &["结果", "发放结果", "交易结果", "处理结果", "result"];
const REASON: &[&str] = &["原因", "失败原因", "退回原因", "备注", "reason"];
const GOOD: &[&str] = &["成功", "已发放", "发放成功", "交易成功", "success", "ok"];
const BAD: &[&str] = &["失败", "退回", "退票", "发放失败", "交易失败", "failed", "returned"];
/// Ids of one IN.
const LISTED: usize = 1_000;

/// What is wrong with a row: `row` counts as spreadsheets do, the titles being 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    pub row: usize,
    /// no_column, unknown, amount, result, twice, done
    pub key: &'static str,
    pub value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReturnTaken {
    pub paid: u64,
    pub returned: u64,
    /// Lines that the file does not name: still to be paid.
    pub open: u64,
}

/// `2540`, `2,540.00`, `￥2540.0`.
fn fen(text: &str) -> Option<i64> {
    let plain: String =
        text.trim().trim_start_matches(['¥', '￥']).trim_end_matches('元').replace([',', '，', ' '], "");
    let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || !digits(whole) || !digits(part) {
        return None;
    }
    let cents = format!("{:0<2}", part.trim_end_matches('0'));
    if cents.len() != 2 {
        return None;
    }
    Some(whole.parse::<i64>().ok()? * 100 + cents.parse::<i64>().ok()?)
}

fn column(titles: &[String], names: &[&str]) -> Option<usize> {
    titles.iter().position(|t| names.iter().any(|n| t.trim().trim_start_matches('\u{feff}').eq_ignore_ascii_case(n)))
}

/// The file as it is to be taken, or everything that is wrong with it.
type Read = std::result::Result<(Vec<i64>, Vec<(i64, String)>), Vec<RowProblem>>;

fn read(batch: i64, rows: &[Vec<String>], lines: &HashMap<i64, (i64, String)>) -> Read {
    let problem = |row: usize, key, value: &str| RowProblem { row: row + 1, key, value: value.to_owned() };
    let none = Vec::new();
    let titles = rows.first().unwrap_or(&none);
    let columns = [NUMBER, AMOUNT, RESULT].map(|names| column(titles, names).ok_or(names[0]));
    let missing: Vec<_> = columns.iter().filter_map(|c| c.err()).map(|name| problem(0, "no_column", name)).collect();
    let [Ok(number), Ok(amount), Ok(result)] = columns else { return Err(missing) };
    let reason = column(titles, REASON);
    let (mut paid, mut returned, mut wrong, mut seen) = (Vec::new(), Vec::new(), Vec::new(), HashSet::new());
    for (i, row) in rows.iter().enumerate().skip(1) {
        let cell = |at: usize| row.get(at).map_or("", |c| c.trim());
        if row.iter().all(|c| c.trim().is_empty()) {
            continue;
        }
        // `12-345`: list and line, as our file gives it.
        let line = cell(number).split_once('-').filter(|(b, _)| *b == batch.to_string());
        let line = line.and_then(|(_, l)| l.parse::<i64>().ok()).filter(|l| lines.contains_key(l));
        let Some(line) = line else {
            wrong.push(problem(i, "unknown", cell(number)));
            continue;
        };
        let (due, status) = &lines[&line];
        let said = cell(result).to_lowercase();
        if !seen.insert(line) {
            wrong.push(problem(i, "twice", cell(number)));
        } else if fen(cell(amount)) != Some(*due) {
            wrong.push(problem(i, "amount", cell(amount)));
        } else if status != "pending" {
            wrong.push(problem(i, "done", cell(number)));
        } else if GOOD.contains(&said.as_str()) {
            paid.push(line);
        } else if BAD.contains(&said.as_str()) {
            let why = reason.map_or("", cell);
            returned.push((line, if why.is_empty() { cell(result) } else { why }.chars().take(200).collect()));
        } else {
            wrong.push(problem(i, "result", cell(result)));
        }
    }
    if wrong.is_empty() { Ok((paid, returned)) } else { Err(wrong) }
}

/// Takes the bank's answer: a file with a row that does not fit is not taken at all, and every such row is named.
pub async fn take_bank_return(
    cx: &Cx,
    id: i64,
    version: i32,
    rows: &[Vec<String>],
    key: &str,
) -> Result<std::result::Result<ReturnTaken, Vec<RowProblem>>> {
    let batch = load(cx.store.read(), id).await?;
    authorise(cx, Act::PreparePayment, &batch, Vec::new())?;
    if batch.status != "signed" {
        return Err(CaseError::WrongBatchState { batch: id, found: batch.status, needed: "signed" });
    }
    let lines = payment_line::Entity::find()
        .filter(payment_line::Column::BatchId.eq(id))
        .filter(payment_line::Column::Status.ne("held"))
        .all(cx.store.read())
        .await?;
    let lines = lines.into_iter().map(|l| (l.id, (l.amount, l.status))).collect();
    let (paid, returned) = match read(id, rows, &lines) {
        Ok(read) => read,
        Err(problems) => return Ok(Err(problems)),
    };
    let cx2 = cx.clone();
    let taken = change(cx, "payment.bank_return", format!("payment:{id}"), key, move |tx| {
        Box::pin(async move {
            use payment_line::Column as C;
            let batch = load(tx.conn(), id).await?;
            if batch.version != version || batch.status != "signed" {
                return Err(CaseError::BatchChanged { batch: id });
            }
            let pending = || payment_line::Entity::find().filter(C::BatchId.eq(id)).filter(C::Status.eq("pending"));
            let mut moved = 0;
            for some in paid.chunks(LISTED) {
                let done = payment_line::Entity::update_many()
                    .col_expr(C::Status, Expr::value("paid"))
                    .filter(C::BatchId.eq(id))
                    .filter(C::Status.eq("pending"))
                    .filter(C::Id.is_in(some.iter().copied()))
                    .exec(tx.conn())
                    .await?;
                moved += done.rows_affected;
            }
            for (line, why) in &returned {
                let done = payment_line::Entity::update_many()
                    .col_expr(C::Status, Expr::value("returned"))
                    .col_expr(C::Reason, Expr::value(why.as_str()))
                    .filter(C::Id.eq(*line))
                    .filter(C::Status.eq("pending"))
                    .exec(tx.conn())
                    .await?;
                moved += done.rows_affected;
            }
            if moved != (paid.len() + returned.len()) as u64 {
                return Err(CaseError::BatchChanged { batch: id });
            }
            let open = pending().count(tx.conn()).await?;
            let taken = ReturnTaken { paid: paid.len() as u64, returned: returned.len() as u64, open };
            let details = json!({ "paid": taken.paid, "returned": taken.returned, "open": open });
            let entry = cx2.entry("payment.bank_return", format!("payment:{id}"), &batch.county, details);
            let at = cx2.at();
            advance(tx, batch, |b| {
                if open == 0 {
                    b.status = "paid".to_owned();
                    b.paid_at = Some(at);
                }
            })
            .await?;
            Ok(Recorded::new(taken, entry))
        })
    })
    .await?;
    Ok(Ok(taken))
}

/// The number that the bank's file carries for a line and sends back.
pub(crate) fn reference(batch: i64, line: i64) -> String {
    format!("{batch}-{line}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        text.lines().map(|l| l.split('|').map(str::to_owned).collect()).collect()
    }

    fn lines() -> HashMap<i64, (i64, String)> {
        [(1, (254_000, "pending".to_owned())), (2, (78_050, "pending".to_owned())), (3, (100, "paid".to_owned()))]
            .into()
    }

    #[test]
    fn a_file_is_read_whatever_the_order_of_its_columns() {
        let file = rows("\u{feff}结果|流水号|金额（元）|失败原因\n成功|7-1|2,540.00|\n失败|7-2|780.5|账号已注销\n|||");
        assert_eq!(read(7, &file, &lines()), Ok((vec![1], vec![(2, "账号已注销".to_owned())])));
    }

    #[test]
    fn every_row_that_does_not_fit_is_named_and_nothing_is_taken() {
        let file = rows(
            "流水号|金额|结果\n7-1|2540|成功\n7-1|2540|成功\n8-2|780.50|成功\n7-2|780.5|也许\n7-3|1|成功\n7-2|7805|成功",
        );
        let problems = read(7, &file, &lines()).unwrap_err();
        let keys: Vec<_> = problems.iter().map(|p| (p.row, p.key)).collect();
        assert_eq!(keys, [(3, "twice"), (4, "unknown"), (5, "result"), (6, "done"), (7, "twice")]);
        let none = read(7, &rows("户名|金额\n安|1"), &lines()).unwrap_err();
        assert_eq!(none.iter().map(|p| p.value.as_str()).collect::<Vec<_>>(), ["流水号", "结果"]);
    }

    #[test]
    fn amounts_are_read_to_the_fen_or_not_at_all() {
        for (text, want) in [("2540", Some(254_000)), ("2,540.00", Some(254_000)), ("￥0.05", Some(5)), ("1.234", None)]
        {
            assert_eq!(fen(text), want, "{text}");
        }
        assert_eq!(fen("12.30"), Some(1_230));
        assert_eq!(fen("-1"), None);
    }
}
