//! Photographs of a visit and the form signed on paper: documents of the case, put on file as they arrive.

use crate::{
    Cx, WebError,
    desk::{acting, visit::Typed},
    form::Problems,
    papers::{kind_title, size, unpacked},
    upload::{self, Part, Sent},
};
use axum::extract::Multipart;
use std::collections::BTreeSet;
use tuodi_casework::{
    CaseError, CaseNo, CaseView, FieldError,
    papers::{Content, NewPaper},
};

pub const MOST_MB: usize = Content::MOST_BYTES >> 20;

/// All that is typed and drawn: a household of twenty and four signatures take a fifth of it.
const TYPED: usize = 512 * 1024;

/// A document of the case that may be of this visit.
pub struct PaperChoice {
    pub id: i64,
    pub label: String,
    pub chosen: bool,
}

/// Numbers chosen on the form, each once.
pub fn chosen(typed: &[(String, String)]) -> Vec<i64> {
    let all: BTreeSet<i64> =
        typed.iter().filter(|(name, _)| name == "paper").filter_map(|(_, id)| id.parse().ok()).collect();
    all.into_iter().collect()
}

/// What is on file in this case of a visit's kinds and came with none before. One's own are chosen at first.
pub async fn choices(cx: &Cx, view: &CaseView, typed: &[(String, String)]) -> Result<Vec<PaperChoice>, WebError> {
    let Some(rules) = &cx.state.pack.workflow.visit else { return Ok(Vec::new()) };
    let case = &view.row.case;
    let found = tuodi_casework::papers::papers(&acting(cx)?, case).await?;
    let earlier: BTreeSet<i64> = view.visits.iter().flat_map(|v| v.record.papers.iter().copied()).collect();
    let (first, picked) = (typed.is_empty(), chosen(typed));
    let of_visit = found.on_file.into_iter().filter(|row| {
        let fits = row.kind == rules.photo || row.kind == rules.form;
        fits && row.mime.is_some() && row.from.is_none() && !earlier.contains(&row.id)
    });
    let choice = of_visit.map(|row| PaperChoice {
        id: row.id,
        label: [kind_title(cx, &row.kind), cx.moment(&row.given_at), size(cx, row.bytes)].join(" · "),
        chosen: if first { !row.of_another } else { picked.contains(&row.id) },
    });
    Ok(choice.collect())
}

/// Reads the form. Each good file is put on file and chosen; of each other one it is said what is wrong.
pub async fn take(cx: &Cx, case: &CaseNo, mut form: Multipart, problems: &mut Problems) -> Result<Typed, WebError> {
    let acting = acting(cx)?;
    let rules = cx.state.pack.workflow.visit.clone();
    let (mut typed, mut room) = (Typed::new(), TYPED);
    while let Some(part) = upload::next(&mut form, &["photo", "form"], Content::MOST_BYTES, &mut room).await? {
        let (field, sent) = match part {
            Part::Field(name, text) => {
                typed.push((name, text));
                continue;
            }
            Part::File(field, sent) => (field, sent),
        };
        let Some(rules) = &rules else { continue };
        let full = chosen(&typed).len() >= rules.most as usize;
        let read = match sent {
            Sent::Nothing => continue,
            _ if full => Err(FieldError::new(field.as_str(), "error.too_many")),
            Sent::TooLarge => Err(FieldError::new(field.as_str(), "error.file_large")),
            Sent::File(bytes) => unpacked(bytes).await?,
        };
        let kind = if field == "photo" { &rules.photo } else { &rules.form };
        let put = match read {
            // A PDF shows nothing of a home.
            Ok(content) if field == "photo" && content.mime() != "image/jpeg" => {
                Err(FieldError::new("photo", "error.file_kind"))
            }
            Ok(content) => {
                let new = NewPaper { kind: kind.clone(), content: Some(content), ..NewPaper::default() };
                match tuodi_casework::papers::add_paper(&acting, case, new).await {
                    Ok(id) => Ok(id),
                    Err(CaseError::Invalid(errors)) => {
                        Err(errors.into_iter().next().unwrap_or(FieldError::new("file", "error.file_kind")))
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            Err(problem) => Err(problem),
        };
        match put {
            Ok(id) => typed.push(("paper".to_owned(), id.to_string())),
            Err(problem) if problems.of(&field).is_empty() => {
                let problem = FieldError { field: field.clone(), ..problem };
                problems.0.extend(Problems::from_room(cx, "desk", &[problem]).0);
            }
            Err(_) => {}
        }
    }
    Ok(typed)
}
