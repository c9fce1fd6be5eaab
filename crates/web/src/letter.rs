//! A letter as a page: the same words on the screen, read aloud, and on paper.

use crate::View;
use askama::Template;
use tuodi_casework::{NoticeContent, NoticeKind};

/// Every door shows letters with this page; `back` is where the reader came from.
#[derive(Template)]
#[template(path = "letter.html")]
pub struct LetterPage<'a> {
    pub v: &'a View,
    pub n: &'a NoticeContent,
    pub back: String,
    /// Decides something: the ways to contest it follow; the other kinds say what happens next.
    pub decision: bool,
}

impl<'a> LetterPage<'a> {
    pub fn new(v: &'a View, n: &'a NoticeContent, back: String) -> LetterPage<'a> {
        LetterPage { v, n, back, decision: is_decision(n.kind) }
    }
}

pub fn is_decision(kind: NoticeKind) -> bool {
    use NoticeKind::{AppealAnswered, Approved, Changed, Recovery, Refused, Terminated};
    matches!(kind, Approved | Refused | Terminated | AppealAnswered | Changed | Recovery)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{day, draw, pack, views};
    use tuodi_casework::{Arithmetic, CaseNo, NoticeLine};
    use tuodi_pack::{Answer, Fen, Text};

    fn letter(kind: NoticeKind) -> NoticeContent {
        let text = |zh: &str, en: &str| Text::new(zh, en);
        NoticeContent {
            number: "清晏民救告〔2026〕118号".to_owned(),
            kind,
            case: CaseNo("QY26-00001".to_owned()),
            to: "一个名字特别特别长的申请人·用来看版面".to_owned(),
            title: kind.text(),
            applied_on: Some(day(2026, 10, 12)),
            plain: text("这次没有通过。", "Not approved this time."),
            programme: None,
            monthly: Some(Fen(172_400)),
            effective_month: None,
            arithmetic: Some(Arithmetic {
                formula: text("标准×人数－收入", "standard x persons - income"),
                parts: vec![(text("人数", "Persons"), text("3人", "3"))],
                basis: Text::default(),
            }),
            lines: vec![NoticeLine {
                condition: text("家庭月收入低于低保标准", "Income below the standard"),
                yours: text("1,486元/人·月", "CNY 1,486"),
                source: text("医保局“医保结算”", "Medical insurance bureau"),
                rule: text("960元/人·月", "CNY 960"),
                sentence: Text::default(),
                answer: Answer::Fails,
                basis: text("《办法》第8条", "Measures, art. 8"),
                change: text("家庭月收入再少526元，这一条就符合了。", "526 less, and this is met."),
            }],
            basis: vec![text("《办法》第21条", "Measures, art. 21")],
            reason: Some(text("收入高于标准", "Income above the line")),
            words: String::new(),
            papers: Vec::new(),
            missing: Vec::new(),
            deadline: None,
            next: vec![text("可以申请行政复议。", "You may ask for reconsideration.")],
            contact: text("请拨打12345。", "Call 12345."),
            issuer: text("清晏区民政局", "Qingyan District Civil Affairs Bureau"),
            issued_on: day(2026, 11, 19),
        }
    }

    #[test]
    fn a_refusal_says_why_by_which_figures_and_how_to_contest_it() {
        let pack = pack();
        let (views, content) = (views(pack), letter(NoticeKind::Refused));
        let (zh, en) = draw(&views, |v| LetterPage::new(v, &content, "/citizen".to_owned()));
        for words in [
            "不予确认告知书",
            "1,486元/人·月",
            "（医保局“医保结算”）",
            "《办法》第8条",
            "什么会改变它：家庭月收入再少526元",
            "您还可以：",
            "2026年11月19日",
        ] {
            assert!(zh.contains(words), "{words}");
        }
        assert!(en.contains("You can also:") && en.contains("19 November 2026"));
    }

    #[test]
    fn a_letter_of_acceptance_speaks_of_what_follows_not_of_remedies() {
        let pack = pack();
        let (views, content) = (views(pack), letter(NoticeKind::Accepted));
        let (zh, _) = draw(&views, |v| LetterPage::new(v, &content, "/citizen".to_owned()));
        assert!(zh.contains("后面的步骤") && !zh.contains("您还可以"));
    }
}
