//! One verification: what each source said or not, and the report as a page, a letter of A4 and JSON.

use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting,
        look::Tag,
        nav::{self, NavGroup},
    },
    view::place,
};
use askama::Template;
use axum::{
    extract::Path,
    http::{HeaderMap, header},
    response::IntoResponse,
};
use tuodi_casework::verify::{self, AnswerState, Answered, Report, RequestView};
use tuodi_pack::{Answer, verification::Via};

const PURPOSE: &str = "verification report";

pub struct SourceLine {
    pub title: String,
    pub owner: String,
    pub via: &'static str,
    pub tag: Tag,
    /// Day of the data, rows, or when it is asked again.
    pub about: String,
    pub reason: String,
    /// Where its replies can be read, one by one.
    pub replies: Option<String>,
}

/// A total beside its line.
pub struct LineRow {
    pub programme: String,
    pub title: String,
    pub found: String,
    pub rule: String,
    pub tag: Tag,
    pub basis: String,
}

pub struct Edition {
    pub number: i32,
    pub day: String,
    pub digest: String,
}

#[derive(Template)]
#[template(path = "desk/verify/report.html")]
struct ReportPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    number: String,
    household: tuodi_pack::HouseholdId,
    name: String,
    what: String,
    case: Option<String>,
    tags: Vec<Tag>,
    sources: Vec<SourceLine>,
    report: Option<&'a Report>,
    lines: Vec<LineRow>,
    editions: Vec<Edition>,
    /// Comes again by itself while sources are waited for.
    again: bool,
}

/// How an answer looks.
pub fn state_tag(v: &View, state: AnswerState) -> Tag {
    let (kind, icon) = match state {
        AnswerState::Answered => ("ok", "circle-check"),
        AnswerState::Silent => ("neutral", "info-circle"),
        AnswerState::Waiting => ("info", "clock"),
        AnswerState::TimedOut | AnswerState::Stopped => ("hold", "hand-stop"),
        AnswerState::Refused | AnswerState::Failed => ("warn", "alert-triangle"),
    };
    Tag::new(kind, icon, state.title(v.lang))
}

fn lines(v: &View, report: &Report) -> Vec<LineRow> {
    let row = |l: &verify::ReportLine| LineRow {
        programme: v.text(&l.programme_title).to_owned(),
        title: v.text(&l.title).to_owned(),
        found: v.text(&l.found).to_owned(),
        rule: v.text(&l.rule).to_owned(),
        tag: match l.answer {
            Answer::Holds => Tag::new("ok", "circle-check", v.t("desk.verify.within")),
            Answer::Fails if l.is_over() => Tag::new("warn", "scale", v.t("desk.verify.over")),
            Answer::Fails => Tag::new("warn", "scale", v.t("desk.verify.not_met")),
            Answer::Unknown => Tag::new("hold", "help-circle", v.t("desk.verify.unknown")),
        },
        basis: v.text(&l.basis).to_owned(),
    };
    report.lines.iter().map(row).collect()
}

fn source_line(cx: &Cx, view: &RequestView, a: &Answered) -> SourceLine {
    let source = cx.state.pack.source(&a.source);
    let mut about = Vec::new();
    about.extend(a.data_date.map(|d| cx.t1("desk.verify.data_of", cx.full_date(&d))));
    if a.state == AnswerState::Answered {
        about.push(cx.tn("desk.verify.rows", a.rows));
    }
    if a.state == AnswerState::Waiting {
        about.push(cx.t2("desk.verify.tries", a.tries, cx.moment(&a.limit_at)));
    }
    let words = view.report.iter().flat_map(|(r, _)| &r.sources).find(|s| s.source == a.source);
    let mut reason = match a.reason.as_str() {
        "" => String::new(),
        code => cx.t_of("desk.verify.reason", code).to_owned(),
    };
    if !a.words.is_empty() {
        reason = format!("{reason}{}{}", cx.t("desk.colon"), a.words);
    }
    if a.changed {
        reason = format!("{reason} {}", cx.t("desk.verify.changed"));
    }
    SourceLine {
        title: source
            .map(|s| cx.text(&s.title).to_owned())
            .or(words.map(|w| cx.text(&w.title).to_owned()))
            .unwrap_or_default(),
        owner: source.map(|s| cx.text(&s.owner).to_owned()).unwrap_or_default(),
        via: match a.via {
            Via::Connector => cx.t("desk.verify.direct"),
            Via::File => cx.t("desk.verify.by_file"),
            Via::Pool => cx.t("desk.verify.pool"),
        },
        tag: state_tag(cx, a.state),
        about: about.join(" · "),
        reason: reason.trim().to_owned(),
        replies: (a.via != Via::Pool && a.tries > 0)
            .then(|| format!("/desk/verifications/{}/answers/{}", view.row.number, crate::url::escape(&a.source))),
    }
}

pub async fn page(cx: Cx, Path(number): Path<String>) -> PageResult {
    let view = verify::request(&acting(&cx)?, &number, PURPOSE).await?;
    let row = &view.row;
    let pack = &cx.state.pack;
    let purpose = pack.verification.purpose(&row.purpose).map(|p| cx.text(&p.title).to_owned());
    let what = [
        purpose.unwrap_or_else(|| row.purpose.clone()),
        cx.t1("desk.verify.as_of", cx.full_date(&row.as_of)),
        place(pack, &row.region_code, cx.lang),
    ];
    cx.page(&ReportPage {
        v: &cx,
        nav: nav::desk(&cx),
        number: row.number.clone(),
        household: row.household,
        name: row.name.clone(),
        what: what.join(" · "),
        case: row.case.clone(),
        tags: super::list::tags(&cx, row),
        sources: view.answers.iter().map(|a| source_line(&cx, &view, a)).collect(),
        report: view.report.as_ref().map(|(report, _)| report),
        lines: view.report.iter().flat_map(|(report, _)| lines(&cx, report)).collect(),
        editions: view
            .editions
            .iter()
            .map(|(n, day, digest)| Edition {
                number: *n,
                day: cx.full_date(day),
                digest: digest.chars().take(16).collect(),
            })
            .collect(),
        again: !row.complete,
    })
}

#[derive(Template)]
#[template(path = "desk/verify/letter.html")]
struct LetterPage<'a> {
    v: &'a View,
    r: &'a Report,
    lines: Vec<LineRow>,
    title: &'static str,
    back: String,
    /// Where the paper is checked, in a code and in words.
    qr: String,
    address: String,
    digest: String,
}

/// The address that whoever holds the paper opens: this site's own, as the reader's browser knows it.
fn check_address(tls: bool, headers: &HeaderMap, report: &Report, digest: &str) -> String {
    let text = |name: header::HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
    let host = text(header::HOST).filter(|h| h.bytes().all(|b| b.is_ascii_alphanumeric() || b".:-[]".contains(&b)));
    let host = host.unwrap_or("localhost");
    let scheme = if tls { "https" } else { "http" };
    format!("{scheme}://{host}/public/reports/{}?d={digest}", report.number)
}

pub async fn letter(cx: Cx, headers: HeaderMap, Path(number): Path<String>) -> PageResult {
    let view = verify::request(&acting(&cx)?, &number, PURPOSE).await?;
    let Some((report, digest)) = view.report else {
        return Err(WebError::Conflict("common.conflict.no_report"));
    };
    let digest: String = digest.chars().take(32).collect();
    let address = check_address(cx.state.tls, &headers, &report, &digest);
    let qr = fast_qr::QRBuilder::new(address.as_str()).build().map_err(WebError::fault)?;
    let qr = fast_qr::convert::svg::SvgBuilder::default().to_str(&qr);
    cx.page(&LetterPage {
        v: &cx,
        lines: lines(&cx, &report),
        title: cx.t("desk.verify.letter_title"),
        back: format!("/desk/verifications/{number}"),
        qr,
        address,
        digest,
        r: &report,
    })
}

pub async fn json(cx: Cx, Path(number): Path<String>) -> PageResult {
    let view = verify::request(&acting(&cx)?, &number, PURPOSE).await?;
    let Some((report, digest)) = view.report else {
        return Err(WebError::Conflict("common.conflict.no_report"));
    };
    let body = serde_json::json!({ "report": report, "sha256": digest });
    Ok(axum::Json(body).into_response())
}
