//! Which course a case takes, and what the guard of the platform's own step says of it.

use crate::{
    Cx,
    desk::look::{self, Tag},
};
use tuodi_casework::{CaseView, CourseView};
use tuodi_pack::workflow::Course;

pub struct CourseCard {
    pub lead: &'static str,
    /// That it was put forward, or that a person looks.
    pub note: Option<(&'static str, &'static str, String)>,
    /// What must hold, with the answer.
    pub conditions: Vec<(&'static str, Tag)>,
}

/// None before the first check.
pub fn card(cx: &Cx, view: &CaseView) -> Option<CourseCard> {
    let CourseView { course, clean, conditions, forward_on } = view.course.as_ref()?;
    let clean = (*clean)?;
    let note = match (course, forward_on) {
        (_, Some(day)) => Some(("ok", "send", cx.t1("course.card.forward", cx.date(day)))),
        (Course::PutForward, None) if !clean => Some(("info", "info-circle", cx.t("course.card.open").to_owned())),
        _ => None,
    };
    Some(CourseCard {
        lead: cx.t_of("course.card", course.id()),
        note,
        conditions: conditions
            .iter()
            .map(|c| (cx.t_of("course.condition", &c.id), look::answer(cx, c.answer)))
            .collect(),
    })
}
