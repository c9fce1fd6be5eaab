//! Longer limits of a township or the district: those that wait for the leader first.

use super::{Extension, opened};
use crate::{
    CaseNo, Cx,
    error::Result,
    queue::{QueueRow, rows_of},
    tables::extension,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use std::collections::BTreeMap;
use tuodi_access::Act;
use tuodi_store::Page;

#[derive(Debug, Clone)]
pub struct ExtensionRow {
    pub case: QueueRow,
    pub extension: Extension,
}

/// Those of the actor's region.
fn here(cx: &Cx) -> Result<Select<extension::Entity>> {
    use extension::Column as C;
    cx.authorise_region(Act::ViewQueue, "queue", "", &cx.actor.region)?;
    let here = crate::scope::within(cx.actor.region.as_str(), C::RegionCode, C::Township, C::County);
    Ok(extension::Entity::find().filter(here))
}

/// How many wait for the leader's signature.
pub async fn extensions_waiting(cx: &Cx) -> Result<u64> {
    Ok(here(cx)?.filter(extension::Column::Outcome.is_null()).count(cx.store.read()).await?)
}

/// One page: what waits for an answer, then the newest.
pub async fn extensions_here(cx: &Cx, page: u64, per_page: u64) -> Result<Page<ExtensionRow>> {
    let query = here(cx)?;
    let total = query.clone().count(cx.store.read()).await?;
    let rows = query
        .order_by_desc(extension::Column::Outcome.is_null())
        .order_by_desc(extension::Column::Id)
        .offset(Page::<()>::offset(page.max(1), per_page))
        .limit(per_page)
        .all(cx.store.read())
        .await?;
    let cases: Vec<CaseNo> = rows.iter().map(|row| CaseNo(row.case_no.clone())).collect();
    let cases: BTreeMap<CaseNo, QueueRow> =
        rows_of(cx, &cases).await?.into_iter().map(|row| (row.case.clone(), row)).collect();
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(case) = cases.get(&CaseNo(row.case_no.clone())) else { continue };
        found.push(ExtensionRow { case: case.clone(), extension: opened(cx.store.keys(), row)? });
    }
    Ok(Page { rows: found, total, page: page.max(1), per_page })
}
