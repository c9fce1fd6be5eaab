//! The letters of life after the decision: what is proposed, and what was decided.

use super::{
    Draft, NoticeKind,
    draft::{draft, long_date, remedies},
};
use crate::{Cx, tables::case_file, words};
use chrono::{Datelike, NaiveDate};
use tuodi_pack::Text;

/// What is proposed and until when the recipient can answer.
pub(crate) fn change_proposed(
    cx: &Cx,
    file: &case_file::Model,
    to: String,
    change: &crate::Change,
    before: i64,
    words_of_officer: &str,
    (until, posted): (NaiveDate, Option<NaiveDate>),
) -> Draft {
    let yuan = tuodi_pack::Fen(before);
    let (zh, en) = match change {
        crate::Change::Lower { monthly } => (
            format!("核查后，拟把您家的救助金从每月{yuan}元调整为每月{monthly}元。"),
            format!("After a check it is proposed to change your payment from CNY {yuan} to CNY {monthly} a month."),
        ),
        crate::Change::Gradual => (
            format!("家里有人就业，收入超过了标准。拟进入渐退期：先照发每月{yuan}元，再减半，然后停止。"),
            format!(
                "Somebody at home has found work. A gradual exit is proposed: CNY {yuan} a month goes on at first, then a part of it, then it ends."
            ),
        ),
        crate::Change::Stop { .. } | crate::Change::Raise { .. } => {
            ("核查后，拟停止您家的救助。".to_owned(), "After a check it is proposed to end your assistance.".to_owned())
        }
    };
    let by = long_date(until);
    let plain = Text::new(
        format!("{zh}现在还没有决定。您有不同意见的，请在{}前告诉我们，网上、电话、当面都可以。", by.zh),
        format!(
            "{en} Nothing has been decided yet. If you disagree, tell us by {}, online, by telephone or in person.",
            by.en
        ),
    );
    let mut content = draft(cx, file, NoticeKind::ChangeProposed, to, plain);
    if let crate::Change::Stop { reason_code, .. } = change {
        content.reason = crate::stop_text(reason_code);
    }
    content.words = words_of_officer.to_owned();
    content.deadline = Some(until);
    content.basis = vec![words::basis_text(&cx.pack, "DB57 art.32")];
    content.next = Vec::new();
    if let Some(last) = posted.map(long_date) {
        content.basis.push(words::basis_text(&cx.pack, "TK art.26"));
        content.next.push(Text::new(
            format!("按规定，停止以前要在村（社区）公示到{}，只公示遮住一部分的姓名、人数、项目和金额。", last.zh),
            format!("As the rules ask, this is posted in the village until {}: a masked name, the number of people, the programme and the amount, nothing else.", last.en),
        ));
    }
    content.next.push(Text::new(
        "您可以在网上“家里情况有变化”里写意见，也可以到乡镇（街道）窗口说，工作人员会记下来。不说意见，不会因此对您不利。",
        "You can write your view online under \"Something has changed at home\", or say it at the township window, where it is written down. Saying nothing does not count against you.",
    ));
    content
}

/// What was decided after a check, from which month, and why.
#[expect(clippy::too_many_arguments, reason = "a letter says all of it")]
pub(crate) fn change_decided(
    cx: &Cx,
    file: &case_file::Model,
    to: String,
    outcome: &str,
    (before, after): (i64, i64),
    from: NaiveDate,
    reason_code: Option<&str>,
    words_of_officers: String,
) -> Draft {
    let (was, now) = (tuodi_pack::Fen(before), tuodi_pack::Fen(after));
    let (month, month_en) = (format!("{}年{}月", from.year(), from.month()), from.format("%B %Y").to_string());
    let plain = match outcome {
        "raised" | "lowered" => Text::new(
            format!("从{month}起，您家的救助金由每月{was}元调整为每月{now}元。"),
            format!("From {month_en} your payment changes from CNY {was} to CNY {now} a month."),
        ),
        "gradual" => Text::new(
            format!("从{month}起进入渐退期，先照发每月{was}元，以后减发，期满停止。"),
            format!(
                "A gradual exit begins in {month_en}: CNY {was} a month at first, then a part of it, then it ends."
            ),
        ),
        "stopped" => Text::new(
            format!("从{month}起停止发放救助金。"),
            format!("Your payments end; nothing is paid from {month_en} on."),
        ),
        _ => Text::new(
            format!("核查后决定不作调整，仍按每月{was}元发放。"),
            format!("Nothing changes: CNY {was} a month goes on."),
        ),
    };
    let mut content = draft(cx, file, NoticeKind::Changed, to, plain);
    content.monthly = Some(now);
    content.effective_month = Some(from);
    content.reason = reason_code.and_then(crate::stop_text);
    content.words = words_of_officers;
    content.basis = vec![words::basis_text(&cx.pack, "DB57 art.31"), words::basis_text(&cx.pack, "DB57 art.32")];
    content.next = remedies(cx, true);
    content
}
