//! A ruling is made, and taken back.

use crate::{CaseError, Cx, FieldError, application::household_of, change::change, error::Result, tables::data_ruling};
use chrono::{Months, NaiveDate};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tuodi_access::{Act, Denied, DeniedWhy, Resource, Role, Sensitivity, looks};
use tuodi_pack::{
    Fen, HouseholdId, PersonId,
    conflict::{Conflict, Kind, Ruling},
};
use tuodi_store::{Keys, Recorded};

/// What a ruling says is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    Money(Fen),
    YesNo(bool),
}

#[derive(Debug, Clone)]
pub struct NewRuling {
    pub household: HouseholdId,
    pub person: PersonId,
    /// Id of the pack's conflict.
    pub item: String,
    pub said: Said,
    pub reason: String,
    pub until: NaiveDate,
}

pub(super) fn said_of(keys: &Keys, row: &data_ruling::Model) -> Result<Said> {
    Ok(serde_json::from_str(&keys.open("data_ruling.said", &row.said)?)?)
}

fn resource(household: HouseholdId, region: &str) -> Resource {
    Resource::of_household("conflict", household.to_string(), region, household, Sensitivity::Sensitive)
}

/// The policies say who may correct records; the pack says who of them rules on this.
fn authorise(cx: &Cx, ruling: &Ruling, household: HouseholdId, region: &str) -> Result<()> {
    let resource = resource(household, region);
    cx.access.authorise(&cx.actor, Act::CorrectRecord, &resource, "ruling")?;
    if ruling.by.iter().any(|role| role == cx.actor.role.id()) {
        return Ok(());
    }
    let who_can = ruling.by.iter().filter_map(|id| Role::from_id(id)).collect();
    let denied = Denied { act: Act::CorrectRecord, why: DeniedWhy::Role, policy: None, who_can };
    Err(denied.into())
}

/// Whether this person may rule on this conflict here.
pub fn may_rule(cx: &Cx, conflict: &Conflict, household: HouseholdId, region: &str) -> bool {
    conflict.ruling.as_ref().is_some_and(|ruling| {
        ruling.by.iter().any(|role| role == cx.actor.role.id())
            && cx.access.authorise(&cx.actor, Act::CorrectRecord, &resource(household, region), "ruling").is_ok()
    })
}

/// Sees the conflicting values of a household, for the reason given; logged either way.
pub async fn readable(cx: &Cx, household: HouseholdId, region: &str, purpose: &str) -> Result<()> {
    let about = format!("household:{household}");
    let asked = cx.access.authorise(&cx.actor, Act::ViewHousehold, &resource(household, region), purpose);
    let said = match &asked {
        Ok(_) => purpose.to_owned(),
        Err(denied) => format!("refused: {}", denied.why.code()),
    };
    looks::record(&cx.store, &cx.actor, &about, &said, cx.at()).await?;
    asked?;
    Ok(())
}

/// Why this ruling cannot be made, field by field.
fn problems(cx: &Cx, new: &NewRuling, ruling: &Ruling) -> Vec<FieldError> {
    let mut found = Vec::new();
    if new.reason.trim().is_empty() {
        found.push(FieldError::new("reason", "error.required"));
    }
    let fits = matches!(
        (ruling.kind(&cx.pack), new.said),
        (Some(Kind::Money), Said::Money(_)) | (Some(Kind::YesNo), Said::YesNo(_))
    );
    if !fits || matches!(new.said, Said::Money(fen) if fen.0 < 0) {
        found.push(FieldError::new("said", "error.choice"));
    }
    let longest = cx.today().checked_add_months(Months::new(ruling.months)).unwrap_or(NaiveDate::MAX);
    if new.until < cx.today() {
        found.push(FieldError::new("until", "error.past"));
    } else if new.until > longest {
        found.push(FieldError::new("until", "error.too_long"));
    }
    found
}

/// Rules which value is used from today on. An earlier ruling on the same ends with it.
pub async fn make_ruling(cx: &Cx, new: NewRuling, key: &str) -> Result<i64> {
    let household = household_of(cx, new.household).await?;
    let of_pack = cx.pack.conflicts.get(&new.item).and_then(|c| c.ruling.clone());
    let ruling = of_pack.ok_or_else(|| CaseError::NotFound { kind: "conflict", id: new.item.clone() })?;
    authorise(cx, &ruling, household.id, &household.region_code)?;
    if !household.members.iter().any(|m| m.id == new.person) {
        return Err(CaseError::NotFound { kind: "person", id: new.person.to_string() });
    }
    let wrong = problems(cx, &new, &ruling);
    if !wrong.is_empty() {
        return Err(CaseError::Invalid(wrong));
    }
    let (cx2, subject) = (cx.clone(), format!("household:{}", household.id));
    let region = household.region_code;
    change(cx, "ruling.make", subject.clone(), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let ended = data_ruling::Entity::update_many()
                .set(data_ruling::ActiveModel {
                    ended_on: Set(Some(cx.today())),
                    ended_by: Set(Some(cx.actor.account.clone())),
                    ended_at: Set(Some(cx.at())),
                    ..Default::default()
                })
                .filter(data_ruling::Column::PersonId.eq(new.person.0))
                .filter(data_ruling::Column::Item.eq(new.item.as_str()))
                .filter(data_ruling::Column::EndedOn.is_null())
                .exec(tx.conn())
                .await?;
            let row = data_ruling::ActiveModel {
                id: NotSet,
                item: Set(new.item.clone()),
                person_id: Set(new.person.0),
                household_id: Set(new.household.0),
                region_code: Set(region.clone()),
                said: Set(tx.keys().seal("data_ruling.said", &serde_json::to_string(&new.said)?)),
                reason: Set(tx.keys().seal("data_ruling.reason", new.reason.trim())),
                ruled_on: Set(cx.today()),
                until: Set(new.until),
                ruled_by: Set(cx.actor.account.clone()),
                ruled_at: Set(cx.at()),
                ended_on: Set(None),
                ended_by: Set(None),
                ended_why: Set(None),
                ended_at: Set(None),
            };
            let id = data_ruling::Entity::insert(row).exec(tx.conn()).await?.last_insert_id;
            // The value and the reason stay sealed in their table; the journal tells that there are such.
            let details = json!({
                "ruling": id, "item": new.item, "person": new.person.0, "until": new.until, "replaces": ended.rows_affected,
            });
            Ok(Recorded::new(id, cx.entry("ruling.make", subject, &region, details)))
        })
    })
    .await
}

/// Takes a ruling back, with a reason: from today on the pack's rule decides again.
pub async fn end_ruling(cx: &Cx, id: i64, why: &str, key: &str) -> Result<HouseholdId> {
    let missing = || CaseError::NotFound { kind: "ruling", id: id.to_string() };
    let found = data_ruling::Entity::find_by_id(id).one(cx.store.read()).await?.ok_or_else(missing)?;
    let household = HouseholdId(found.household_id);
    let ruling = cx.pack.conflicts.get(&found.item).and_then(|c| c.ruling.clone()).ok_or_else(missing)?;
    authorise(cx, &ruling, household, &found.region_code)?;
    let why = why.trim().to_owned();
    if why.is_empty() {
        return Err(CaseError::Invalid(vec![FieldError::new("why", "error.required")]));
    }
    let (cx2, subject) = (cx.clone(), format!("household:{household}"));
    change(cx, "ruling.end", subject.clone(), key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            let now = data_ruling::Entity::find_by_id(id).one(tx.conn()).await?;
            let row = now.ok_or_else(|| CaseError::NotFound { kind: "ruling", id: id.to_string() })?;
            if row.ended_on.is_some() {
                return Err(CaseError::Invalid(vec![FieldError::new("why", "error.ended")]));
            }
            let (item, person, region) = (row.item.clone(), row.person_id, row.region_code.clone());
            let mut active = row.into_active_model();
            active.ended_on = Set(Some(cx.today()));
            active.ended_by = Set(Some(cx.actor.account.clone()));
            active.ended_why = Set(Some(tx.keys().seal("data_ruling.ended_why", &why)));
            active.ended_at = Set(Some(cx.at()));
            data_ruling::Entity::update(active).exec(tx.conn()).await?;
            let details = json!({ "ruling": id, "item": item, "person": person });
            Ok(Recorded::new(household, cx.entry("ruling.end", subject, &region, details)))
        })
    })
    .await
}
