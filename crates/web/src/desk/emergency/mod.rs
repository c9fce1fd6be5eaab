//! Help in an emergency at the desk: told, verified, handed out within hours; papers and the rest afterwards.

mod acts;
mod list;
mod page;
mod report;
mod reserve;

use crate::{
    AppState, Cx, View, WebError, form,
    route::{get, post},
};
use axum::Router;
use chrono::{DateTime, FixedOffset, NaiveTime, TimeZone, Utc};
use tuodi_access::accounts;
use tuodi_pack::{Text, emergency::EmergencyWord};

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/desk/emergencies", get(list::page).merge(post(report::report)))
        .route("/desk/emergencies/new", get(report::page))
        .route("/desk/emergencies/find", post(report::find))
        .route("/desk/emergencies/form", post(report::choose))
        .route("/desk/emergencies/reserve", get(reserve::page).merge(post(reserve::top_up)))
        .route("/desk/emergencies/{no}", get(page::page))
        .route("/desk/emergencies/{no}/verify", post(acts::verify))
        .route("/desk/emergencies/{no}/advance", post(acts::advance))
        .route("/desk/emergencies/{no}/papers", post(acts::papers))
        .route("/desk/emergencies/{no}/excuse", post(acts::excuse))
        .route("/desk/emergencies/{no}/propose", post(acts::propose))
        .route("/desk/emergencies/{no}/decide", post(acts::decide))
        .route("/desk/emergencies/{no}/second", post(acts::second))
}

/// A moment as it is typed: `2026-11-20 9:05`, Beijing time. `None` where it is none.
fn moment(typed: &str) -> Option<DateTime<Utc>> {
    let typed = typed.trim().replace('：', ":");
    let (day, time) = typed.split_once([' ', 'T', '\u{3000}'])?;
    let day = form::date(day)?;
    let time = NaiveTime::parse_from_str(&form::plain_digits(time), "%H:%M").ok()?;
    let beijing = FixedOffset::east_opt(8 * 3600)?;
    Some(beijing.from_local_datetime(&day.and_time(time)).single()?.with_timezone(&Utc))
}

/// The same as it stands in a field.
fn typed_moment(at: DateTime<Utc>) -> String {
    (at + chrono::Duration::hours(8)).format("%Y-%m-%d %H:%M").to_string()
}

/// A word of the pack's list.
fn word(v: &View, words: &[EmergencyWord], id: &str) -> String {
    words.iter().find(|w| w.id == id).map_or_else(|| id.to_owned(), |w| v.text(&w.title).to_owned())
}

/// What is chosen from.
fn choices<'a>(v: &View, all: impl Iterator<Item = (&'a str, &'a Text)>, chosen: &str) -> Vec<form::Choice> {
    let choice = |(id, title): (&str, &Text)| form::Choice {
        value: id.to_owned(),
        label: v.text(title).to_owned(),
        hint: String::new(),
        chosen: id == chosen,
    };
    all.map(choice).collect()
}

/// The same for a list of which nothing is chosen beforehand.
fn choices_or_none<'a>(v: &View, all: impl Iterator<Item = (&'a str, &'a Text)>, chosen: &str) -> Vec<form::Choice> {
    let none = form::Choice {
        value: String::new(),
        label: v.t("work.choose").to_owned(),
        hint: String::new(),
        chosen: chosen.is_empty(),
    };
    std::iter::once(none).chain(choices(v, all, chosen)).collect()
}

/// The name of an account.
async fn name_of(cx: &Cx, account: &str) -> Result<String, WebError> {
    Ok(accounts::find(&cx.state.store, account).await?.map_or_else(|| account.to_owned(), |a| a.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_people_write_it_and_comes_back_the_same() {
        for typed in ["2026-11-20 9:05", "2026/11/20 09:05", "2026年11月20日 9：05", "2026-11-20T09:05"] {
            let at = moment(typed).unwrap_or_else(|| panic!("{typed}"));
            assert_eq!(typed_moment(at), "2026-11-20 09:05");
        }
        for typed in ["", "2026-11-20", "9:05", "2026-11-20 25:00", "2026-02-30 9:05"] {
            assert_eq!(moment(typed), None, "{typed}");
        }
    }
}
