//! Letters about an appeal: that it was received and until when it is answered, and the answer.

use super::{
    Draft, NoticeKind,
    draft::{draft, long_date},
};
use crate::{AppealAnswer, Cx, tables::case_file, words};
use chrono::NaiveDate;
use tuodi_pack::Text;

pub(crate) fn appealed(cx: &Cx, file: &case_file::Model, to: String, due: NaiveDate) -> Draft {
    let by = long_date(due);
    let plain = Text::new(
        format!("您的申诉已经收到，由原来作决定以外的人员复查，最晚{}前书面答复您。", by.zh),
        format!(
            "Your appeal has been received. Somebody who did not make the decision hears it; you will have an answer in writing by {}.",
            by.en
        ),
    );
    let mut content = draft(cx, file, NoticeKind::Appealed, to, plain);
    content.deadline = Some(due);
    content.basis = basis(cx);
    content.next = vec![
        Text::new(
            "申诉期间，已经在发的钱照常发放。您也可以随时重新申请。",
            "What is being paid goes on being paid meanwhile. You may also apply again at any time.",
        ),
        cx.pack.info.reconsideration.clone(),
    ];
    content
}

pub(crate) fn appeal_answered(
    cx: &Cx,
    file: &case_file::Model,
    to: String,
    said: AppealAnswer,
    words_of_officer: &str,
) -> Draft {
    let plain = match said {
        AppealAnswer::Keep => Text::new(
            "经复查，维持原来的决定，理由写在下面。您仍不同意的，可以申请行政复议或者起诉。",
            "The decision stands after being heard again, for the reasons below. If you still disagree, you can ask for reconsideration or go to court.",
        ),
        AppealAnswer::Reopen { office_error: true } => Text::new(
            "经复查，原来的决定是我们的差错，现在重新审核确认；应当给您的，从原来的时间算起。",
            "The decision was our mistake. It is made anew now, and what is due to you counts from the first time.",
        ),
        AppealAnswer::Reopen { office_error: false } => Text::new(
            "经复查，根据您补充的情况重新审核确认，结果另行书面告知您。",
            "With what you have added, the decision is made anew; you will be told of it in writing.",
        ),
    };
    let mut content = draft(cx, file, NoticeKind::AppealAnswered, to, plain);
    content.words = words_of_officer.to_owned();
    content.basis = basis(cx);
    content.next = vec![cx.pack.info.reconsideration.clone()];
    content
}

fn basis(cx: &Cx) -> Vec<Text> {
    let of_pack = cx.pack.workflow.appeal.as_ref().map(|rules| words::basis_text(&cx.pack, &rules.basis));
    of_pack.into_iter().collect()
}
