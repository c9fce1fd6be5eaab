//! Putting a document on file, and taking it back.

use super::{
    content::Content,
    read::{cited, row_of},
    tables::{paper, paper_content},
};
use crate::{
    CaseError, CaseNo, CaseState, Cx, Event, FieldError,
    application::household_of,
    change::{change, load, state_of, tell},
    error::Result,
    tables::case_file,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use tuodi_access::Act;
pub use tuodi_pack::paper::OTHER;
use tuodi_pack::{HouseholdId, PersonId, source::Origin};
use tuodi_store::Recorded;

pub(super) const CONTENT: &str = "paper_content.content";
pub(super) const ABOUT: &str = "paper.about";
pub(super) const NUMBER: &str = "paper.number";
pub(super) const WHY: &str = "paper.removed_why";

/// So many that are on file are enough for any household.
const MOST: u64 = 200;
const MOST_WORDS: usize = 200;

/// An electronic certificate: named, not copied.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// Source of the pack whose department issued it.
    pub issuer: String,
    pub number: String,
}

#[derive(Debug, Clone, Default)]
pub struct NewPaper {
    pub kind: String,
    pub person: Option<PersonId>,
    pub about: String,
    /// One of the two.
    pub content: Option<Content>,
    pub certificate: Option<Certificate>,
}

impl NewPaper {
    fn problems(&self, cx: &Cx, members: &[PersonId]) -> Vec<FieldError> {
        let mut problems = Vec::new();
        let mut add = |field: &str, key| problems.push(FieldError::new(field, key));
        let kind = cx.pack.paper(&self.kind);
        if self.kind.is_empty() {
            add("kind", "error.required");
        } else if kind.is_none() && self.kind != OTHER || kind.is_some_and(|k| k.office) && cx.actor.role.is_citizen() {
            add("kind", "error.choice");
        }
        if self.kind == OTHER && self.about.trim().is_empty() {
            add("about", "error.required");
        }
        if self.about.chars().count() > MOST_WORDS {
            add("about", "error.too_long");
        }
        if self.person.is_some_and(|p| !members.contains(&p))
            || self.person.is_none() && kind.is_some_and(|k| k.personal)
        {
            add("person", "error.choice");
        }
        match &self.certificate {
            Some(certificate) => {
                let issuer = cx.pack.source(&certificate.issuer).filter(|s| s.origin == Origin::Department);
                // A certificate of a kind is issued by those whose data take its place.
                let fits = kind.is_none_or(|k| k.sources.contains(&certificate.issuer));
                if issuer.is_none() || !fits {
                    add("issuer", "error.choice");
                }
                let number = certificate.number.trim();
                let plain = |c: char| c.is_alphanumeric() || "-/()（）〔〕[]".contains(c);
                if !(4..=60).contains(&number.chars().count()) || !number.chars().all(plain) {
                    add("number", "error.certificate");
                }
            }
            None if self.content.is_none() => add("file", "error.required"),
            None => {}
        }
        problems
    }
}

/// Who may put something on file: the household, whoever applies for it, and those who look into the case.
fn authorise(cx: &Cx, file: &case_file::Model) -> Result<()> {
    let refused = match cx.authorise(Act::Apply, file, Vec::new()) {
        Ok(_) => return Ok(()),
        Err(refused) => refused,
    };
    match cx.authorise(Act::RecordVisit, file, Vec::new()) {
        Ok(_) => Ok(()),
        Err(_) => Err(refused),
    }
}

pub(super) fn may_add(cx: &Cx, file: &case_file::Model) -> bool {
    takes(state_of(file)) && authorise(cx, file).is_ok()
}

/// A case that ended without help takes nothing more.
fn takes(state: CaseState) -> bool {
    !matches!(state, CaseState::Refused | CaseState::Terminated)
}

/// Puts a document on file and returns its number. The same content again, or the same certificate, is the one that is
/// there already.
///
/// # Errors
/// [`CaseError::Invalid`] with fields `kind`, `person`, `about`, `file`, `issuer`, `number`.
pub async fn add_paper(cx: &Cx, case: &CaseNo, new: NewPaper) -> Result<i64> {
    let file = load(cx.store.read(), case).await?;
    authorise(cx, &file)?;
    let household = household_of(cx, HouseholdId(file.household_id)).await?;
    let members: Vec<PersonId> = household.members.iter().map(|m| m.id).collect();
    let problems = new.problems(cx, &members);
    if !problems.is_empty() {
        return Err(CaseError::Invalid(problems));
    }
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "paper.add", case.subject(), "", move |tx| {
        Box::pin(async move {
            let (cx, keys) = (cx2, tx.keys());
            let file = load(tx.conn(), &case2).await?;
            let found = state_of(&file);
            if !takes(found) {
                return Err(CaseError::WrongStage { case: case2, found, event: Event::Submit });
            }
            let sha256 = new.content.as_ref().map(Content::sha256);
            let on_file = || {
                paper::Entity::find()
                    .filter(paper::Column::HouseholdId.eq(file.household_id))
                    .filter(paper::Column::RemovedAt.is_null())
            };
            if on_file().count(tx.conn()).await? >= MOST {
                return Err(CaseError::Invalid(vec![FieldError::new("file", "error.papers_full")]));
            }
            let mut there = None;
            let same = on_file().filter(paper::Column::Kind.eq(new.kind.as_str()));
            for row in same.all(tx.conn()).await? {
                let number = row.number.as_ref().map(|n| keys.open(NUMBER, n)).transpose()?;
                let named = new.certificate.as_ref().map(|c| c.number.trim().to_owned());
                let person = new.person.map(|p| p.0);
                if row.person_id == person && row.sha256 == sha256 && number == named {
                    there = Some(row.id);
                }
            }
            let id = match there {
                Some(id) => id,
                None => {
                    let about = Some(new.about.trim()).filter(|a| !a.is_empty());
                    let row = paper::ActiveModel {
                        household_id: Set(file.household_id),
                        person_id: Set(new.person.map(|p| p.0)),
                        case_no: Set(case2.0.clone()),
                        region_code: Set(file.region_code.clone()),
                        kind: Set(new.kind.clone()),
                        about: Set(about.map(|a| keys.seal(ABOUT, a))),
                        mime: Set(new.content.as_ref().map(|c| c.mime().to_owned())),
                        bytes: Set(new.content.as_ref().map_or(0, |c| c.bytes().len() as i32)),
                        sha256: Set(sha256.clone()),
                        issuer: Set(new.certificate.as_ref().map(|c| c.issuer.clone())),
                        number: Set(new.certificate.as_ref().map(|c| keys.seal(NUMBER, c.number.trim()))),
                        given_by: Set(cx.actor.account.clone()),
                        channel: Set(cx.channel.id().to_owned()),
                        given_at: Set(cx.at()),
                        ..Default::default()
                    };
                    let id = paper::Entity::insert(row).exec(tx.conn()).await?.last_insert_id;
                    if let Some(content) = &new.content {
                        let sealed = keys.seal(CONTENT, &STANDARD.encode(content.bytes()));
                        let row = paper_content::ActiveModel { paper_id: Set(id), content: Set(sealed) };
                        paper_content::Entity::insert(row).exec_without_returning(tx.conn()).await?;
                    }
                    tell(tx, &cx, &file, "paper.add", None, json!({ "kind": new.kind })).await?;
                    id
                }
            };
            let details = json!({
                "paper": id, "kind": new.kind, "sha256": sha256, "again": there.is_some(), "channel": cx.channel.id(),
            });
            Ok(Recorded::new(id, cx.entry("paper.add", case2.subject(), &file.region_code, details)))
        })
    })
    .await
}

/// Takes a document back: its content is deleted, that it was there stays on record. Whoever gave it may do so as long as
/// nothing is decided; an officer says why.
///
/// # Errors
/// [`CaseError::Invalid`] with the field `why`.
pub async fn remove_paper(cx: &Cx, case: &CaseNo, id: i64, why: &str) -> Result<()> {
    let file = load(cx.store.read(), case).await?;
    authorise(cx, &file)?;
    let (cx2, case2, why) = (cx.clone(), case.clone(), why.trim().to_owned());
    change(cx, "paper.remove", case.subject(), "", move |tx| {
        Box::pin(async move {
            let cx = cx2;
            // As it stands now: a decision may have come meanwhile.
            let file = load(tx.conn(), &case2).await?;
            let row = row_of(tx.conn(), &file, id).await?;
            let own = row.given_by == cx.actor.account;
            let entry = |details| cx.entry("paper.remove", case2.subject(), &file.region_code, details);
            if row.removed_at.is_some() {
                return Ok(Recorded::new((), entry(json!({ "paper": id, "again": true }))));
            }
            let cited = cited(tx.conn(), tx.keys(), &case2.0).await?.contains(&id);
            if !takes(state_of(&file)) || cited || is_relied_on(tx.conn(), &file, &row).await? {
                return Err(CaseError::WrongStage { case: case2, found: state_of(&file), event: Event::Submit });
            }
            if cx.actor.role.is_citizen() && !own {
                return Err(CaseError::SamePerson { subject: format!("paper:{id}") });
            }
            if !own && why.is_empty() {
                return Err(CaseError::Invalid(vec![FieldError::new("why", "error.required")]));
            }
            let sealed = (!why.is_empty()).then(|| tx.keys().seal(WHY, &why));
            let gone = paper::ActiveModel {
                id: Set(id),
                removed_at: Set(Some(cx.at())),
                removed_by: Set(Some(cx.actor.account.clone())),
                removed_why: Set(sealed),
                ..Default::default()
            };
            paper::Entity::update(gone).exec(tx.conn()).await?;
            paper_content::Entity::delete_by_id(id).exec(tx.conn()).await?;
            tell(tx, &cx, &file, "paper.remove", None, json!({ "kind": row.kind })).await?;
            Ok(Recorded::new((), entry(json!({ "paper": id, "kind": row.kind, "sha256": row.sha256, "own": own }))))
        })
    })
    .await
}

/// A decision rests on it: that of this case, or of the one in which it came.
pub(super) async fn is_relied_on(
    conn: &impl ConnectionTrait,
    file: &case_file::Model,
    row: &paper::Model,
) -> Result<bool> {
    if file.decided_on.is_some() || row.case_no == file.case_no {
        return Ok(file.decided_on.is_some());
    }
    let given = load(conn, &CaseNo(row.case_no.clone())).await?;
    Ok(given.decided_on.is_some() && state_of(&given) != CaseState::Terminated)
}
