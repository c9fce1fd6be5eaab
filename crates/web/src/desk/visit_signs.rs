//! Signatures of a visit: who signs on the screen, who on the paper form, and why the family has not.

use crate::{
    Cx, PageResult, View, WebError,
    desk::{
        acting, case_no,
        visit::{Typed, value},
    },
    form::{Choice, Problems},
    papers::unpacked,
};
use axum::{
    extract::Path,
    http::{HeaderValue, header},
};
use tuodi_casework::{Evidence, FamilySignature, Signature, Unsigned, papers::Content};

/// Where somebody signs.
pub struct Pad {
    pub id: String,
    /// The hidden field that carries the drawing.
    pub field: String,
    pub label: String,
    /// As it was drawn before the form came back.
    pub drawn: String,
    /// The choice that signing here makes.
    pub choice: String,
}

fn mark(row: usize) -> String {
    format!("mark.{row}")
}

fn ink(row: Option<usize>) -> String {
    row.map_or("ink.family".to_owned(), |row| format!("ink.{row}"))
}

/// Of a row of visitors; none: the family's.
pub fn pad(v: &View, row: Option<usize>, typed: &[(String, String)]) -> Pad {
    let field = ink(row);
    Pad {
        id: format!("pad.{field}"),
        label: match row {
            Some(row) => v.t1("desk.visit.ink", v.t1("desk.visit.visitor", row + 1)),
            None => v.t("desk.visit.ink_family").to_owned(),
        },
        drawn: value(typed, &field).to_owned(),
        choice: row.map_or("signed".to_owned(), mark),
        field,
    }
}

fn choice(value: &str, label: &str, chosen: &str) -> Choice {
    Choice { value: value.to_owned(), label: label.to_owned(), hint: String::new(), chosen: value == chosen }
}

/// How a visitor signs.
pub fn how(v: &View, row: usize, typed: &[(String, String)]) -> Vec<Choice> {
    let answer = value(typed, &mark(row));
    ["drawn", "paper"].map(|how| choice(how, v.t_of("desk.visit.mark_how", how), answer)).into()
}

/// How the family signs.
pub fn family(v: &View, typed: &[(String, String)]) -> Vec<Choice> {
    let answer = value(typed, "signed");
    ["drawn", "paper", "none"].map(|how| choice(how, v.t_of("desk.visit.signed", how), answer)).into()
}

pub fn reasons(cx: &Cx, typed: &[(String, String)]) -> Vec<Choice> {
    let answer = value(typed, "unsigned");
    let mut all = vec![choice("", cx.t("desk.visit.unsigned_other"), answer)];
    let of_pack = cx.state.pack.workflow.visit.iter().flat_map(|v| &v.unsigned);
    all.extend(of_pack.map(|reason| choice(&reason.id, cx.text(&reason.title), answer)));
    all
}

/// The drawing of a pad as a picture that can be kept; none where nothing was drawn, or nothing that is a picture.
async fn drawing(typed: &Typed, row: Option<usize>) -> Result<Option<Content>, WebError> {
    let field = ink(row);
    let Ok(evidence) = Evidence::from_data_url(value(typed, &field)) else { return Ok(None) };
    Ok(unpacked(evidence.into_bytes()).await?.ok().filter(|content| content.mime() == "image/jpeg"))
}

/// How this visitor signed; the room asks for what is missing.
pub async fn of_visitor(
    cx: &Cx,
    row: usize,
    typed: &Typed,
    problems: &mut Problems,
) -> Result<Option<Signature>, WebError> {
    match value(typed, &mark(row)) {
        "paper" => Ok(Some(Signature::Paper)),
        "drawn" => {
            let drawn = drawing(typed, Some(row)).await?;
            if drawn.is_none() {
                problems.add(mark(row), cx.t("desk.problem.mark_ink"));
            }
            Ok(drawn.map(Signature::Drawn))
        }
        _ => Ok(None),
    }
}

pub async fn of_family(cx: &Cx, typed: &Typed, problems: &mut Problems) -> Result<Option<FamilySignature>, WebError> {
    match value(typed, "signed") {
        "paper" => Ok(Some(FamilySignature::Signed(Signature::Paper))),
        "drawn" => {
            let drawn = drawing(typed, None).await?;
            if drawn.is_none() {
                problems.add("signed", cx.t("desk.problem.signed_ink"));
            }
            Ok(drawn.map(|content| FamilySignature::Signed(Signature::Drawn(content))))
        }
        "none" => Ok(Some(FamilySignature::Not(Unsigned {
            code: value(typed, "unsigned").to_owned(),
            words: value(typed, "unsigned_words").to_owned(),
        }))),
        _ => {
            problems.add("signed", cx.t("desk.problem.signed_required"));
            Ok(None)
        }
    }
}

/// One signature as a picture.
pub async fn open(cx: Cx, Path((case, visit, place)): Path<(String, i64, String)>) -> PageResult {
    let case = case_no(&case)?;
    let picture = tuodi_casework::visit_signature(&acting(&cx)?, &case, visit, &place).await?;
    let mime = picture.mime();
    let mut response = cx.file("signature.jpg", mime, picture.into_bytes())?;
    let inline = HeaderValue::from_static("inline; filename=\"signature.jpg\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, inline);
    Ok(response)
}
