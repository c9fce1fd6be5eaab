//! Longer limits of a township or the district: those that wait for the leader first.

use super::{Extension, opened};
use crate::{
    CaseNo, CaseState, Cx,
    change::state_in,
    error::Result,
    queue::region_name,
    tables::{case_file, extension},
};
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;
use tuodi_access::Act;
use tuodi_pack::{PersonId, Text};
use tuodi_store::Page;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionRow {
    pub case: CaseNo,
    pub applicant: String,
    pub region: Text,
    pub state: CaseState,
    /// The last day as it stands now.
    pub due: Option<NaiveDate>,
    pub extension: Extension,
}

/// One page: what waits for an answer, then the newest.
pub async fn extensions_here(cx: &Cx, page: u64, per_page: u64) -> Result<Page<ExtensionRow>> {
    use extension::Column as C;
    cx.authorise_region(Act::ViewQueue, "queue", "", &cx.actor.region)?;
    let here = crate::scope::within(cx.actor.region.as_str(), C::RegionCode, C::Township, C::County);
    let query = extension::Entity::find().filter(here);
    let total = query.clone().count(cx.store.read()).await?;
    let rows = query
        .order_by_desc(C::Outcome.is_null())
        .order_by_desc(C::Id)
        .offset(Page::<()>::offset(page.max(1), per_page))
        .limit(per_page)
        .all(cx.store.read())
        .await?;
    let files: BTreeMap<String, case_file::Model> = case_file::Entity::find()
        .filter(case_file::Column::CaseNo.is_in(rows.iter().map(|row| row.case_no.as_str())))
        .all(cx.store.read())
        .await?
        .into_iter()
        .map(|file| (file.case_no.clone(), file))
        .collect();
    let ids: Vec<PersonId> = files.values().map(|f| PersonId(f.applicant_id)).collect();
    let people = tuodi_registry::persons(&cx.store, &ids).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(file) = files.get(&row.case_no) else { continue };
        found.push(ExtensionRow {
            case: CaseNo(row.case_no.clone()),
            applicant: people.get(&PersonId(file.applicant_id)).map(|p| p.name.clone()).unwrap_or_default(),
            region: region_name(cx, &file.region_code),
            state: state_in(&file.state),
            due: file.total_due,
            extension: opened(cx.store.keys(), row)?,
        });
    }
    Ok(Page { rows: found, total, page: page.max(1), per_page })
}
