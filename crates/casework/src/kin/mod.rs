//! Officers who are relatives of an applicant (近亲属备案, DB57 art. 11): whoever says it, the officer is out of every act on
//! the case, the case stands on the district's list, and it is confirmed only after the district has been at the home.

mod list;
pub(crate) mod migration;
pub(crate) mod tables;

pub use self::list::{KinRow, kin_cases};

use crate::{
    CaseError, CaseNo, Cx, FieldError,
    application::at_level,
    change::{change, finish, load, state_of},
    error::Result,
    tables::{case_event, case_file, kin},
};
use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tuodi_access::{Act, Role, accounts};
use tuodi_pack::region::RegionLevel;
use tuodi_store::{Keys, Tx};

const SEALED: &str = "kin.content";
const MOST_LINE: usize = 100;
const MOST_TEXT: usize = 500;

/// Who is related.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kin {
    /// The officer who says it; or somebody named, with the post.
    pub own: bool,
    pub name: String,
    pub post: String,
    /// Id of a relation of the pack.
    pub relation: String,
    pub text: String,
}

/// One declaration, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    pub account: Option<String>,
    pub name: String,
    pub post: String,
    pub relation: String,
    pub text: String,
    /// officer, household
    pub side: String,
    pub on: NaiveDate,
}

#[derive(Serialize, Deserialize)]
struct Content {
    name: String,
    post: String,
    text: String,
}

impl Declared {
    /// The form says that there is somebody, and nobody has said yet who.
    pub fn unnamed(&self) -> bool {
        self.relation.is_empty()
    }
}

/// What of a case's relatives its page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KinOfCase {
    /// Newest first.
    pub declared: Vec<Declared>,
    /// The district must have been at the home before it can be confirmed.
    pub recheck: bool,
    /// When it was, after the newest declaration.
    pub rechecked_on: Option<NaiveDate>,
}

fn checked(cx: &Cx, said: Kin) -> Result<Kin> {
    let trim = |s: String| s.trim().to_owned();
    let said = Kin { name: trim(said.name), post: trim(said.post), text: trim(said.text), ..said };
    let mut errors = Vec::new();
    let known = cx.pack.workflow.kin.as_ref().is_some_and(|k| k.relations.iter().any(|r| r.id == said.relation));
    if !known {
        errors.push(FieldError::new("relation", "error.choice"));
    }
    if said.own && cx.actor.role.is_citizen() {
        errors.push(FieldError::new("own", "error.choice"));
    }
    if !said.own && said.name.is_empty() {
        errors.push(FieldError::new("name", "error.required"));
    }
    for (field, value, most) in
        [("name", &said.name, MOST_LINE), ("post", &said.post, MOST_LINE), ("text", &said.text, MOST_TEXT)]
    {
        if value.chars().count() > most {
            errors.push(FieldError::new(field, "error.too_long"));
        }
    }
    if errors.is_empty() { Ok(said) } else { Err(CaseError::Invalid(errors)) }
}

/// Accounts meant: one's own; or those of the county's offices with that name, all of them where several have it.
async fn meant(cx: &Cx, file: &case_file::Model, said: &Kin) -> Result<Vec<String>> {
    if said.own {
        return Ok(vec![cx.actor.account.clone()]);
    }
    let all = accounts::officers(&cx.store, &file.county).await?;
    Ok(all.into_iter().filter(|a| a.name.trim() == said.name).map(|a| a.id).collect())
}

/// Puts it on record that an officer is a relative. From then on none of their acts on the case is taken; a case that they
/// hold is nobody's again. How many accounts are kept out by it: none where nobody of that name has one.
pub async fn declare_kin(cx: &Cx, case: &CaseNo, said: Kin, key: &str) -> Result<u64> {
    let said = checked(cx, said)?;
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::DeclareKin, &file, Vec::new())?;
    let found = meant(cx, &file, &said).await?;
    let (cx2, case2) = (cx.clone(), case.clone());
    change(cx, "case.kin", case.subject(), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let mut file = load(tx.conn(), &case2).await?;
            let from = state_of(&file);
            let mut out = kept_out(&file);
            let side = if cx.actor.role.is_citizen() || !said.own { "household" } else { "officer" };
            let name = if said.own { cx.actor.name.clone() } else { said.name };
            let post = if said.own { cx.actor.role.text().zh } else { said.post };
            let content = serde_json::to_string(&Content { name, post, text: said.text })?;
            let rows: Vec<Option<String>> =
                if found.is_empty() { vec![None] } else { found.iter().cloned().map(Some).collect() };
            drop_unnamed(tx, &case2.0).await?;
            for account in rows {
                let row = kin::ActiveModel {
                    id: NotSet,
                    case_no: Set(case2.0.clone()),
                    region_code: Set(file.region_code.clone()),
                    township: Set(at_level(&file.region_code, RegionLevel::Township)),
                    county: Set(at_level(&file.region_code, RegionLevel::County)),
                    account: Set(account),
                    side: Set(side.to_owned()),
                    relation: Set(said.relation.clone()),
                    content: Set(tx.keys().seal(SEALED, &content)),
                    declared_by: Set(cx.actor.account.clone()),
                    declared_on: Set(cx.today()),
                    declared_at: Set(cx.at()),
                };
                kin::Entity::insert(row).exec_without_returning(tx.conn()).await?;
            }
            for account in &found {
                if !out.contains(account) {
                    out.push(account.clone());
                }
            }
            file.kept_out = (!out.is_empty()).then(|| out.join(","));
            if file.assignee.as_ref().is_some_and(|a| out.contains(a)) {
                file.assignee = None;
            }
            let details = json!({ "side": side, "relation": said.relation, "accounts": found });
            let kept = found.len() as u64;
            finish(tx, &cx, file, from, "case.kin", details, |_| kept).await
        })
    })
    .await
}

/// A yes to the form's own question is a declaration: it stands on record without a name until somebody gives one. A form that
/// is sent again and no longer says it takes it back.
pub(crate) async fn from_form(tx: &Tx, cx: &Cx, file: &case_file::Model, yes: bool) -> Result<()> {
    if cx.pack.workflow.kin.is_none() {
        return Ok(());
    }
    if !yes {
        return drop_unnamed(tx, &file.case_no).await;
    }
    if !rows_of(tx.conn(), &file.case_no).await?.is_empty() {
        return Ok(());
    }
    let content = serde_json::to_string(&Content { name: String::new(), post: String::new(), text: String::new() })?;
    let row = kin::ActiveModel {
        id: NotSet,
        case_no: Set(file.case_no.clone()),
        region_code: Set(file.region_code.clone()),
        township: Set(at_level(&file.region_code, RegionLevel::Township)),
        county: Set(at_level(&file.region_code, RegionLevel::County)),
        account: Set(None),
        side: Set("household".to_owned()),
        relation: Set(String::new()),
        content: Set(tx.keys().seal(SEALED, &content)),
        declared_by: Set(cx.actor.account.clone()),
        declared_on: Set(cx.today()),
        declared_at: Set(cx.at()),
    };
    kin::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    Ok(())
}

/// Once it is said who, or said no longer, the nameless declaration has had its use; the journal keeps it.
async fn drop_unnamed(tx: &Tx, case: &str) -> Result<()> {
    kin::Entity::delete_many()
        .filter(kin::Column::CaseNo.eq(case))
        .filter(kin::Column::Relation.eq(""))
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// Accounts that are out of every act on the case.
pub(crate) fn kept_out(file: &case_file::Model) -> Vec<String> {
    file.kept_out.iter().flat_map(|list| list.split(',')).filter(|a| !a.is_empty()).map(str::to_owned).collect()
}

fn opened(keys: &Keys, row: kin::Model) -> Result<Declared> {
    let said: Content = serde_json::from_str(&keys.open(SEALED, &row.content)?)?;
    Ok(Declared {
        account: row.account,
        name: said.name,
        post: said.post,
        relation: row.relation,
        text: said.text,
        side: row.side,
        on: row.declared_on,
    })
}

async fn rows_of(conn: &impl ConnectionTrait, case: &str) -> Result<Vec<kin::Model>> {
    Ok(kin::Entity::find().filter(kin::Column::CaseNo.eq(case)).order_by_desc(kin::Column::Id).all(conn).await?)
}

/// Of one case, for those who may open it. None where nobody is related.
pub async fn kin_of(cx: &Cx, case: &CaseNo) -> Result<Option<KinOfCase>> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::ViewCase, &file, Vec::new())?;
    let rows = rows_of(cx.store.read(), &case.0).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let rechecked_on = rechecked(cx.store.read(), &rows).await?;
    let declared = rows.into_iter().map(|row| opened(cx.store.keys(), row)).collect::<Result<Vec<_>>>()?;
    Ok(Some(KinOfCase { declared, recheck: cx.pack.workflow.kin.as_ref().is_some_and(|k| k.recheck), rechecked_on }))
}

/// The day of the district's own visit after the newest of these declarations of one case.
async fn rechecked(conn: &impl ConnectionTrait, rows: &[kin::Model]) -> Result<Option<NaiveDate>> {
    let Some(newest) = rows.iter().max_by_key(|row| row.declared_at) else { return Ok(None) };
    let visit = case_event::Entity::find()
        .filter(case_event::Column::CaseNo.eq(newest.case_no.as_str()))
        .filter(case_event::Column::Act.eq("case.visit"))
        .filter(case_event::Column::Role.eq(Role::DistrictOfficer.id()))
        .filter(case_event::Column::At.gte(newest.declared_at))
        .order_by_desc(case_event::Column::Id)
        .one(conn)
        .await?;
    Ok(visit.map(|event| crate::cx::beijing_date(event.at)))
}

/// An approval of a relative's case rests on the district's own look at the home (workflow.md 3, transition 21).
pub(crate) async fn require_recheck(conn: &impl ConnectionTrait, cx: &Cx, case: &CaseNo) -> Result<()> {
    if !cx.pack.workflow.kin.as_ref().is_some_and(|k| k.recheck) {
        return Ok(());
    }
    let rows = rows_of(conn, &case.0).await?;
    if rows.is_empty() || rechecked(conn, &rows).await?.is_some() {
        return Ok(());
    }
    Err(CaseError::NotRechecked { case: case.clone() })
}
