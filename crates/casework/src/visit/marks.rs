//! Who signed the record of a visit: each visitor and the family, on the screen or on the paper form, or why the family
//! has not (DB57 art. 16). A signature is a picture and is kept like one: drawn anew, sealed, every look logged.

use super::{VisitForm, VisitRecord, tables::visit_signature};
use crate::{CaseError, CaseNo, Cx, FieldError, change::load, error::Result, papers::Content, tables::visit};
use base64::{Engine, engine::general_purpose::STANDARD};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use tuodi_access::{Act, Sensitivity, looks};
use tuodi_store::Tx;

const COLUMN: &str = "visit_signature.content";
const MOST_WORDS: usize = 200;
const FAMILY: &str = "family";

/// How one signed.
#[derive(Debug, Clone)]
pub enum Signature {
    /// On the screen.
    Drawn(Content),
    /// On the paper form, which is on file with the visit.
    Paper,
}

/// How the family signed, or why not.
#[derive(Debug, Clone)]
pub enum FamilySignature {
    Signed(Signature),
    /// A reason of the pack, and words of one's own where it is disputed or another.
    Not(Unsigned),
}

/// Why nobody of the family has signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsigned {
    /// Of the pack; empty: only what the words say.
    pub code: String,
    pub words: String,
}

/// What is stored of one signature; its picture stands apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// `visitor.0`, …, `family`
    pub place: String,
    /// Drawn on the screen; else on the paper form.
    pub drawn: bool,
}

fn place(visitor: usize) -> String {
    format!("visitor.{visitor}")
}

/// What is missing under the record.
pub(super) fn problems(cx: &Cx, form: &VisitForm) -> Vec<FieldError> {
    let mut problems = Vec::new();
    for at in 0..form.visitors.len() {
        if form.signatures.get(at).is_none_or(Option::is_none) {
            problems.push(FieldError::new(format!("mark.{at}"), "error.required"));
        }
    }
    if let Some(FamilySignature::Not(Unsigned { code, words })) = &form.family {
        let known = cx.pack.workflow.visit.iter().flat_map(|v| &v.unsigned).any(|u| u.id == *code);
        if !code.is_empty() && !known {
            problems.push(FieldError::new("unsigned", "error.choice"));
        } else if code.is_empty() && words.trim().is_empty() {
            problems.push(FieldError::new("unsigned", "error.required"));
        }
        if words.chars().count() > MOST_WORDS {
            problems.push(FieldError::new("unsigned_words", "error.too_long"));
        }
    }
    if form.family.is_none() {
        problems.push(FieldError::new("signed", "error.required"));
    }
    problems
}

/// Somebody signed on paper: then the paper is on file.
pub(super) fn on_paper(form: &VisitForm) -> bool {
    form.signatures.iter().any(|s| matches!(s, Some(Signature::Paper)))
        || matches!(form.family, Some(FamilySignature::Signed(Signature::Paper)))
}

/// What is stored in the record, and the pictures that go beside it.
pub(super) fn split(form: &mut VisitForm) -> (Vec<Mark>, Option<Unsigned>, Vec<(String, Content)>) {
    let (mut marks, mut pictures, mut unsigned) = (Vec::new(), Vec::new(), None);
    let mut signed = |place: String, signature: Signature| {
        marks.push(Mark { place: place.clone(), drawn: matches!(signature, Signature::Drawn(_)) });
        if let Signature::Drawn(content) = signature {
            pictures.push((place, content));
        }
    };
    for (at, signature) in std::mem::take(&mut form.signatures).into_iter().enumerate() {
        if let Some(signature) = signature.filter(|_| at < form.visitors.len()) {
            signed(place(at), signature);
        }
    }
    match form.family.take() {
        Some(FamilySignature::Signed(signature)) => signed(FAMILY.to_owned(), signature),
        Some(FamilySignature::Not(why)) => unsigned = Some(Unsigned { words: why.words.trim().to_owned(), ..why }),
        None => {}
    }
    (marks, unsigned, pictures)
}

pub(super) async fn keep(tx: &Tx, visit: i64, pictures: Vec<(String, Content)>) -> Result<()> {
    for (place, content) in pictures {
        let row = visit_signature::ActiveModel {
            visit_id: Set(visit),
            place: Set(place),
            mime: Set(content.mime().to_owned()),
            sha256: Set(content.sha256()),
            content: Set(tx.keys().seal(COLUMN, &STANDARD.encode(content.bytes()))),
            ..Default::default()
        };
        visit_signature::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    }
    Ok(())
}

impl VisitRecord {
    /// How this visitor signed; none in a record older than signatures.
    pub fn mark_of(&self, visitor: usize) -> Option<&Mark> {
        self.marks.iter().find(|m| m.place == place(visitor))
    }

    pub fn family_mark(&self) -> Option<&Mark> {
        self.marks.iter().find(|m| m.place == FAMILY)
    }
}

/// One signature under a visit of the case. The look is logged.
pub async fn visit_signature(cx: &Cx, case: &CaseNo, visit_id: i64, place: &str) -> Result<Content> {
    let file = load(cx.store.read(), case).await?;
    let asked = cx.authorise_at(Act::ViewCase, &file, Vec::new(), Sensitivity::Sensitive, "signatures");
    let purpose = if asked.is_ok() { "signature of a visit" } else { "refused: signature of a visit" };
    looks::record(&cx.store, &cx.actor, &case.subject(), purpose, cx.at()).await?;
    asked?;
    let missing = || CaseError::NotFound { kind: "signature", id: format!("{visit_id}/{place}") };
    let visit = visit::Entity::find_by_id(visit_id).one(cx.store.read()).await?;
    visit.filter(|row| row.case_no == case.0).ok_or_else(missing)?;
    let row = find(cx.store.read(), visit_id, place).await?.ok_or_else(missing)?;
    let bytes = STANDARD.decode(cx.store.keys().open(COLUMN, &row.content)?).map_err(|_| missing())?;
    Content::kept(&row.mime, bytes).ok_or_else(missing)
}

async fn find(conn: &impl ConnectionTrait, visit: i64, place: &str) -> Result<Option<visit_signature::Model>> {
    Ok(visit_signature::Entity::find()
        .filter(visit_signature::Column::VisitId.eq(visit))
        .filter(visit_signature::Column::Place.eq(place))
        .one(conn)
        .await?)
}
