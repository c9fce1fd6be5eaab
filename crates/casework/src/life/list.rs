//! Who is due, for the offices; the round of a village; what was entered of one case.

use super::{SEALED, Sealed};
use crate::{
    CaseNo, Cx,
    change::load,
    error::Result,
    queue::region_name,
    scope,
    tables::{case_file, life, life_proof},
};
use chrono::{Days, NaiveDate};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;
use tuodi_access::{Act, looks};
use tuodi_pack::{PersonId, Text};
use tuodi_store::Page;

/// Which of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LifeCut {
    /// Due within the days of the reminder, or lapsed.
    #[default]
    Due,
    /// Lapsed: somebody goes there.
    Late,
    All,
}

impl LifeCut {
    pub const ALL: [LifeCut; 3] = [LifeCut::Due, LifeCut::Late, LifeCut::All];

    pub fn id(self) -> &'static str {
        match self {
            LifeCut::Due => "due",
            LifeCut::Late => "late",
            LifeCut::All => "all",
        }
    }

    pub fn from_id(id: &str) -> Option<LifeCut> {
        LifeCut::ALL.into_iter().find(|cut| cut.id() == id)
    }
}

#[derive(Debug, Clone, Default)]
pub struct LifeFilter {
    pub cut: LifeCut,
    pub programme: Option<String>,
    /// A part of one's own region; what lies outside of it finds nothing.
    pub region: Option<String>,
    /// As in the queue: a case number, a name, the last four of a citizen number.
    pub search: String,
    pub page: u64,
    pub per_page: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifeRow {
    pub case: CaseNo,
    pub name: String,
    pub region_code: String,
    pub region: Text,
    pub programme: String,
    pub due_on: NaiveDate,
    pub reminded_on: Option<NaiveDate>,
    pub visit_by: Option<NaiveDate>,
}

/// One line of a village's round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    pub row: LifeRow,
    pub address: String,
}

/// One proof, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    pub way: String,
    pub met: bool,
    pub on: NaiveDate,
    pub witness: String,
    pub words: String,
    pub by: String,
}

/// How it stands with one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Life {
    pub due_on: NaiveDate,
    pub reminded_on: Option<NaiveDate>,
    pub visit_by: Option<NaiveDate>,
    /// Newest first; the household sees days and ways, not what officers wrote.
    pub proofs: Vec<Proof>,
}

fn within(region: &str) -> Condition {
    use life::Column as C;
    scope::within(region, C::RegionCode, C::Township, C::County)
}

fn cut(cx: &Cx, cut: LifeCut) -> Condition {
    use life::Column as C;
    let ahead = cx.pack.workflow.living.proof.as_ref().map_or(0, |p| p.remind_days);
    let lapsed = Condition::any().add(C::DueOn.lt(cx.today())).add(C::VisitBy.is_not_null());
    match cut {
        LifeCut::All => Condition::all(),
        LifeCut::Late => lapsed,
        LifeCut::Due => lapsed.add(C::DueOn.lte(cx.today() + Days::new(u64::from(ahead)))),
    }
}

/// One page, what is due first before.
pub async fn lives(cx: &Cx, filter: &LifeFilter) -> Result<Page<LifeRow>> {
    use life::Column as C;
    cx.authorise_region(Act::ViewQueue, "life", "", &cx.actor.region)?;
    let mut query = life::Entity::find().filter(within(&cx.actor.region));
    let search = filter.search.trim();
    if search.is_empty() {
        query = query.filter(cut(cx, filter.cut));
    } else {
        let cases: Vec<String> = case_file::Entity::find()
            .select_only()
            .column(case_file::Column::CaseNo)
            .filter(scope::cases_in(&cx.actor.region))
            .filter(crate::queue::search_filter(cx, search).await?)
            .into_tuple()
            .all(cx.store.read())
            .await?;
        query = query.filter(C::CaseNo.is_in(cases));
    }
    if let Some(programme) = &filter.programme {
        query = query.filter(C::Programme.eq(programme.as_str()));
    }
    if let Some(region) = &filter.region {
        query = query.filter(within(region));
    }
    let (page, per_page) = (filter.page.max(1), if filter.per_page == 0 { 25 } else { filter.per_page });
    let total = query.clone().count(cx.store.read()).await?;
    let rows = query
        .order_by_asc(C::DueOn)
        .order_by_asc(C::CaseNo)
        .offset(Page::<()>::offset(page, per_page))
        .limit(per_page)
        .all(cx.store.read())
        .await?;
    let rows = named(cx, rows).await?.into_iter().map(|(row, _)| row).collect();
    Ok(Page { rows, total, page, per_page })
}

/// With the recipient's address.
async fn named(cx: &Cx, rows: Vec<life::Model>) -> Result<Vec<(LifeRow, String)>> {
    let files = case_file::Entity::find()
        .filter(case_file::Column::CaseNo.is_in(rows.iter().map(|row| row.case_no.as_str())))
        .all(cx.store.read())
        .await?;
    let whose: BTreeMap<&str, PersonId> =
        files.iter().map(|file| (file.case_no.as_str(), PersonId(file.applicant_id))).collect();
    let ids: Vec<PersonId> = whose.values().copied().collect();
    let people = tuodi_registry::persons(&cx.store, &ids).await?;
    let named = rows.into_iter().map(|row| {
        let person = whose.get(row.case_no.as_str()).and_then(|id| people.get(id));
        let address = person.and_then(|p| p.address.clone()).unwrap_or_default();
        let line = LifeRow {
            name: person.map(|p| p.name.clone()).unwrap_or_default(),
            region: region_name(cx, &row.region_code),
            case: CaseNo(row.case_no),
            region_code: row.region_code,
            programme: row.programme,
            due_on: row.due_on,
            reminded_on: row.reminded_on,
            visit_by: row.visit_by,
        };
        (line, address)
    });
    Ok(named.collect())
}

/// Everybody of a village who is due or has lapsed, with their addresses, for whoever walks the round. A look.
pub async fn round(cx: &Cx, village: &str) -> Result<Vec<Round>> {
    cx.authorise_region(Act::SearchPeople, "life", "round", village)?;
    let rows = life::Entity::find()
        .filter(within(village))
        .filter(cut(cx, LifeCut::Due))
        .order_by_asc(life::Column::DueOn)
        .order_by_asc(life::Column::CaseNo)
        .all(cx.store.read())
        .await?;
    looks::record(&cx.store, &cx.actor, "people:round", "proof of life", cx.at()).await?;
    Ok(named(cx, rows).await?.into_iter().map(|(row, address)| Round { row, address }).collect())
}

/// How it stands with a case; `None` where nobody asks for it.
pub async fn life_of(cx: &Cx, case: &CaseNo) -> Result<Option<Life>> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::ViewCase, &file, Vec::new())?;
    let Some(row) = life::Entity::find_by_id(case.0.clone()).one(cx.store.read()).await? else { return Ok(None) };
    let rows = life_proof::Entity::find()
        .filter(life_proof::Column::CaseNo.eq(case.as_str()))
        .order_by_desc(life_proof::Column::Id)
        .all(cx.store.read())
        .await?;
    let own = cx.actor.role.is_citizen();
    let mut proofs = Vec::with_capacity(rows.len());
    for row in rows {
        let said: Sealed = serde_json::from_str(&cx.store.keys().open(SEALED, &row.content)?)?;
        let said = if own { Sealed { witness: String::new(), words: String::new() } } else { said };
        proofs.push(Proof {
            way: row.way,
            met: row.met,
            on: row.seen_on,
            witness: said.witness,
            words: said.words,
            by: row.entered_by,
        });
    }
    Ok(Some(Life { due_on: row.due_on, reminded_on: row.reminded_on, visit_by: row.visit_by, proofs }))
}
