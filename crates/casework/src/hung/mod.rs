//! That a village's sheet of notices hung on its board (DB57 art. 19, 24): a photograph, for everything that hung there on
//! the day. Without its place and camera; names on the sheet are masked.

pub(crate) mod migration;
pub(crate) mod tables;

use crate::{
    CaseError, CaseNo, Cx, FieldError,
    change::change,
    error::Result,
    papers::Content,
    publicity::hanging,
    tables::{hung, hung_case, publicity},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;
use std::collections::HashMap;
use tuodi_access::Act;
use tuodi_store::Recorded;

const SEALED: &str = "hung.photo";

/// The newest photograph of a case's notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hung {
    pub photo: i64,
    pub on: NaiveDate,
}

fn wrong(key: &'static str) -> CaseError {
    CaseError::Invalid(vec![FieldError::new("board", key)])
}

/// Keeps a photograph of a village's board, for all that hangs there today. Returns its number.
///
/// # Errors
/// Something that is no picture, or a board on which nothing hangs today.
pub async fn record_hung(cx: &Cx, village: &str, photo: Content, key: &str) -> Result<i64> {
    cx.authorise_region(Act::RecordHung, "publicity", village, village)?;
    if !photo.mime().starts_with("image/") {
        return Err(wrong("error.file_kind"));
    }
    let (cx2, place) = (cx.clone(), village.to_owned());
    let subject = format!("board:{village}");
    let subject2 = subject.clone();
    change(cx, "publicity.hung", subject, key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let here = publicity::Entity::find()
                .filter(hanging(cx.today()))
                .filter(publicity::Column::Village.eq(place.as_str()))
                .all(tx.conn())
                .await?;
            let mut cases: Vec<String> = here.into_iter().map(|row| row.case_no).collect();
            cases.sort();
            cases.dedup();
            if cases.is_empty() {
                return Err(wrong("error.nothing_hangs"));
            }
            let row = hung::ActiveModel {
                id: NotSet,
                village: Set(place.clone()),
                hung_on: Set(cx.today()),
                by_account: Set(cx.actor.account.clone()),
                at: Set(cx.at()),
                mime: Set(photo.mime().to_owned()),
                photo: Set(tx.keys().seal(SEALED, &STANDARD.encode(photo.bytes()))),
            };
            let id = hung::Entity::insert(row).exec(tx.conn()).await?.last_insert_id;
            let rows = cases.iter().map(|case| hung_case::ActiveModel { hung_id: Set(id), case_no: Set(case.clone()) });
            hung_case::Entity::insert_many(rows).exec_without_returning(tx.conn()).await?;
            let details = json!({ "photo": id, "cases": cases, "sha256": photo.sha256() });
            Ok(Recorded::new(id, cx.entry("publicity.hung", subject2, &place, details)))
        })
    })
    .await
}

/// The newest photograph of each of these cases' notices; none for those that nobody has photographed.
pub async fn hung_of(cx: &Cx, cases: &[CaseNo]) -> Result<HashMap<CaseNo, Hung>> {
    cx.authorise_region(Act::ViewQueue, "queue", "", &cx.actor.region)?;
    let rows = hung_case::Entity::find()
        .filter(hung_case::Column::CaseNo.is_in(cases.iter().map(CaseNo::as_str)))
        .order_by_asc(hung_case::Column::HungId)
        .all(cx.store.read())
        .await?;
    let days: HashMap<i64, NaiveDate> = hung::Entity::find()
        .select_only()
        .columns([hung::Column::Id, hung::Column::HungOn])
        .filter(hung::Column::Id.is_in(rows.iter().map(|row| row.hung_id)))
        .into_tuple::<(i64, NaiveDate)>()
        .all(cx.store.read())
        .await?
        .into_iter()
        .collect();
    // Later ones take the place of earlier ones.
    let newest = rows
        .into_iter()
        .filter_map(|row| Some((CaseNo(row.case_no), Hung { photo: row.hung_id, on: *days.get(&row.hung_id)? })));
    Ok(newest.collect())
}

/// One photograph, for those who may print the sheet.
pub async fn hung_photo(cx: &Cx, village: &str, id: i64) -> Result<Content> {
    let missing = || CaseError::NotFound { kind: "photograph of a board", id: id.to_string() };
    cx.authorise_region(Act::Export, "publicity", "sheet", village)?;
    let row = hung::Entity::find_by_id(id).one(cx.store.read()).await?.filter(|row| row.village == village);
    let row = row.ok_or_else(missing)?;
    let bytes = STANDARD.decode(cx.store.keys().open(SEALED, &row.photo)?).map_err(|_| missing())?;
    Content::kept(&row.mime, bytes).ok_or_else(missing)
}
