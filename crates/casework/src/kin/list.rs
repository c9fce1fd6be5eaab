//! The list of relatives' cases, for the district and the auditor; a township's leader sees those of the township.

use super::{Declared, opened, rechecked, rows_of};
use crate::{
    CaseNo, CaseState, Cx,
    change::state_in,
    error::Result,
    queue::region_name,
    tables::{case_file, kin},
};
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;
use tuodi_access::Act;
use tuodi_pack::{PersonId, Text};
use tuodi_store::Page;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KinRow {
    pub case: CaseNo,
    pub applicant: String,
    pub region: Text,
    pub state: CaseState,
    pub declared: Declared,
    pub rechecked_on: Option<NaiveDate>,
}

/// One page of declarations, newest first.
pub async fn kin_cases(cx: &Cx, page: u64, per_page: u64) -> Result<Page<KinRow>> {
    use kin::Column as C;
    cx.authorise_region(Act::ViewQueue, "kin", "", &cx.actor.region)?;
    let region = cx.actor.region.as_str();
    let here = crate::scope::within(region, C::RegionCode, C::Township, C::County);
    let query = kin::Entity::find().filter(here);
    let total = query.clone().count(cx.store.read()).await?;
    let rows = query
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
        let all = rows_of(cx.store.read(), &row.case_no).await?;
        found.push(KinRow {
            case: CaseNo(row.case_no.clone()),
            applicant: people.get(&PersonId(file.applicant_id)).map(|p| p.name.clone()).unwrap_or_default(),
            region: region_name(cx, &file.region_code),
            state: state_in(&file.state),
            rechecked_on: rechecked(cx.store.read(), &all).await?,
            declared: opened(cx.store.keys(), row)?,
        });
    }
    Ok(Page { rows: found, total, page: page.max(1), per_page })
}
