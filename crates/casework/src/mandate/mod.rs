//! Mandates: somebody lets another person act for them in one case, until a day, and takes it back at any time (Civil Code
//! art. 161, 165, 173; DB57 art. 4). Given on the person's own page to whoever says their number to them, or at a window on
//! signed paper. What goes beyond filling in, handing in, following and contesting is named one by one.

mod code;
pub(crate) mod migration;
mod stand;
pub(crate) mod tables;

pub use self::{
    code::{ProxyCode, new_code},
    stand::{Held, begin, mandates_held, standing_in},
};

use crate::{
    CaseError, CaseNo, Channel, Cx, Evidence, FieldError,
    application::household_of,
    change::{change, load},
    draft,
    error::Result,
    tables::{case_file, mandate},
};
use chrono::{Months, NaiveDate};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tuodi_access::{Act, Resource, Role, Sensitivity, accounts, looks};
use tuodi_pack::{HouseholdId, PersonId, id_no::IdNo, mandate::Mandates};
use tuodi_registry::Household;
use tuodi_store::{Keys, Recorded};

const SEALED: &str = "mandate.proxy";
const FORM: &str = "mandate.form";
const MOST_NAME: usize = 40;
/// Mandates that a page lists; a household has a few in its life.
const MOST_LISTED: u64 = 50;

/// Who is to stand in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proxy {
    /// Whoever said this number: they act on their own phone.
    Code(String),
    /// Somebody without an account: they come to the window, where their identity card is compared.
    Named { name: String, id_no: String, phone: String },
}

/// A mandate as it is given.
#[derive(Debug, Clone)]
pub struct MandateForm {
    /// Unset: the next case that the person opens.
    pub case: Option<CaseNo>,
    /// Unset: not said, which is a mistake told with the others; so below.
    pub proxy: Option<Proxy>,
    /// Of the pack.
    pub relation: String,
    /// One of the pack's terms.
    pub months: u32,
    pub sensitive: Option<bool>,
    pub authorises: Option<bool>,
    /// The signed paper: at a window always, on one's own page never.
    pub form: Option<Evidence>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MandateStanding {
    InForce,
    /// Its last day is over.
    Expired,
    /// Whoever gave it took it back.
    TakenBack,
    /// The proxy does not want to any more.
    GivenUp,
}

/// One mandate, opened.
#[derive(Clone, PartialEq, Eq)]
pub struct Mandate {
    pub id: i64,
    pub case: Option<CaseNo>,
    pub household: HouseholdId,
    /// Who entrusts.
    pub person: PersonId,
    pub proxy: String,
    pub phone: String,
    /// Acts on their own phone; otherwise comes to the window.
    pub online: bool,
    pub relation: String,
    pub sensitive: bool,
    pub authorises: bool,
    pub given_on: NaiveDate,
    pub until: NaiveDate,
    pub channel: Channel,
    pub has_form: bool,
    pub standing: MandateStanding,
    pub ended_on: Option<NaiveDate>,
}

/// Without names.
impl std::fmt::Debug for Mandate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mandate({} {:?} until {})", self.id, self.standing, self.until)
    }
}

#[derive(Serialize, Deserialize)]
struct Person {
    name: String,
    #[serde(default)]
    id_no: String,
    #[serde(default)]
    phone: String,
}

pub(crate) fn rules(cx: &Cx) -> Result<&Mandates> {
    let missing = || CaseError::NotFound { kind: "rules for mandates in the pack", id: cx.pack.info.id.clone() };
    cx.pack.workflow.mandate.as_ref().ok_or_else(missing)
}

fn wrong(field: &str, key: &'static str) -> CaseError {
    CaseError::Invalid(vec![FieldError::new(field, key)])
}

fn authorise(cx: &Cx, household: &Household) -> Result<()> {
    let (id, region) = (household.id, household.region_code.as_str());
    let resource = Resource::of_household("household", id.to_string(), region, id, Sensitivity::Personal);
    cx.access.authorise(&cx.actor, Act::Entrust, &resource, "mandate")?;
    Ok(())
}

fn standing(row: &mandate::Model, today: NaiveDate) -> MandateStanding {
    match row.ended.as_deref() {
        Some("taken_back") => MandateStanding::TakenBack,
        Some("given_up") => MandateStanding::GivenUp,
        Some(_) => MandateStanding::Expired,
        None if row.until < today => MandateStanding::Expired,
        None => MandateStanding::InForce,
    }
}

fn opened(keys: &Keys, row: mandate::Model, case: Option<CaseNo>, today: NaiveDate) -> Result<Mandate> {
    let proxy: Person = serde_json::from_str(&keys.open(SEALED, &row.proxy)?)?;
    Ok(Mandate {
        standing: standing(&row, today),
        id: row.id,
        case,
        household: HouseholdId(row.household_id),
        person: PersonId(row.person_id),
        proxy: proxy.name,
        phone: proxy.phone,
        online: row.account.is_some(),
        given_on: crate::beijing_date(row.given_at),
        until: row.until,
        channel: Channel::from_id(&row.channel).unwrap_or(Channel::Window),
        has_form: row.form_mime.is_some(),
        ended_on: row.ended_at.map(crate::beijing_date),
        relation: row.relation,
        sensitive: row.sensitive,
        authorises: row.authorises,
    })
}

/// The case that a mandate is for: the one it names, or the first that the person opened since.
async fn case_of(conn: &impl ConnectionTrait, row: &mandate::Model) -> Result<Option<CaseNo>> {
    if let Some(case) = &row.case_no {
        return Ok(Some(CaseNo(case.clone())));
    }
    let first: Option<String> = case_file::Entity::find()
        .select_only()
        .column(case_file::Column::CaseNo)
        .filter(case_file::Column::HouseholdId.eq(row.household_id))
        .filter(case_file::Column::ApplicantId.eq(row.person_id))
        .filter(case_file::Column::OpenedAt.gte(row.given_at))
        .order_by_asc(case_file::Column::OpenedAt)
        .order_by_asc(case_file::Column::CaseNo)
        .into_tuple()
        .one(conn)
        .await?;
    Ok(first.map(CaseNo))
}

/// Who is named: account, person where known, and what is sealed of them.
async fn named(cx: &Cx, proxy: &Proxy) -> Result<(Option<String>, Option<PersonId>, Person)> {
    match proxy {
        Proxy::Code(code) => {
            let unknown = || wrong("code", "error.proxy_code");
            let account = code::account_of(cx, code).await?.ok_or_else(unknown)?;
            let account = accounts::find(&cx.store, &account).await?.ok_or_else(unknown)?;
            let person = Person { name: account.name.clone(), id_no: String::new(), phone: String::new() };
            Ok((Some(account.id), account.person, person))
        }
        Proxy::Named { name, id_no, phone } => {
            let id_no = IdNo::parse(id_no).map_err(|_| wrong("id_no", "error.id_no"))?.as_str().to_owned();
            Ok((None, None, Person { name: name.trim().to_owned(), id_no, phone: phone.trim().to_owned() }))
        }
    }
}

/// What is wrong with the way somebody is named, before anybody is looked up.
fn misnamed(citizen: bool, proxy: Option<&Proxy>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    match proxy {
        None => errors.push(FieldError::new("how", "error.choice")),
        Some(Proxy::Code(code)) if code.trim().is_empty() => errors.push(FieldError::new("code", "error.required")),
        Some(Proxy::Code(_)) => {}
        Some(Proxy::Named { .. }) if citizen => errors.push(FieldError::new("code", "error.required")),
        Some(Proxy::Named { name, id_no, phone }) => {
            for (field, value) in [("name", name), ("phone", phone)] {
                if value.trim().is_empty() {
                    errors.push(FieldError::new(field, "error.required"));
                } else if value.chars().count() > MOST_NAME {
                    errors.push(FieldError::new(field, "error.too_long"));
                }
            }
            if IdNo::parse(id_no).is_err() {
                errors.push(FieldError::new("id_no", "error.id_no"));
            }
        }
    }
    errors
}

/// Everything that can be seen to be wrong with the form at once.
fn checked(cx: &Cx, form: &MandateForm) -> Result<()> {
    let rules = rules(cx)?;
    let citizen = cx.actor.role.is_citizen();
    let mut errors = misnamed(citizen, form.proxy.as_ref());
    let mut choice = |field: &str, right: bool| {
        if !right {
            errors.push(FieldError::new(field, "error.choice"));
        }
    };
    choice("relation", rules.relation(&form.relation).is_some());
    choice("months", rules.months.contains(&form.months));
    choice("sensitive", form.sensitive.is_some());
    choice("authorises", form.authorises.is_some());
    if !citizen && form.form.is_none() {
        // In writing, with what it is about, how far it goes and until when (Civil Code art. 165).
        errors.push(FieldError::new("form", "error.required"));
    }
    if errors.is_empty() { Ok(()) } else { Err(CaseError::Invalid(errors)) }
}

/// Whose mandate it is: the applicant of the case, or on one's own page oneself.
async fn entrusting(cx: &Cx, household: &Household, case: Option<&CaseNo>) -> Result<PersonId> {
    let person = match case {
        Some(case) => {
            let file = load(cx.store.read(), case).await?;
            if file.household_id != household.id.0 {
                return Err(wrong("case", "error.choice"));
            }
            if cx.actor.role == Role::Applicant && cx.actor.person != Some(PersonId(file.applicant_id)) {
                return Err(wrong("case", "error.not_applicant"));
            }
            PersonId(file.applicant_id)
        }
        None => cx.actor.person.ok_or_else(|| wrong("case", "error.choice"))?,
    };
    // A child's affairs are its guardian's by law; there is nothing to entrust.
    let member = household.members.iter().find(|m| m.id == person);
    match member {
        Some(member) if draft::is_adult(member, cx.today()) => Ok(person),
        _ => Err(wrong("case", "error.not_applicant")),
    }
}

/// Lets somebody act. Returns the mandate's number.
///
/// # Errors
/// A number that nobody has or that is too old, oneself, a relation or a term that the pack does not name, no signed paper
/// at a window, a case of another household or applicant, or one that somebody stands in for already.
pub async fn entrust(cx: &Cx, household: HouseholdId, form: MandateForm, key: &str) -> Result<i64> {
    let found = household_of(cx, household).await?;
    authorise(cx, &found)?;
    checked(cx, &form)?;
    let person = entrusting(cx, &found, form.case.as_ref()).await?;
    let proxy = form.proxy.clone().ok_or_else(|| wrong("how", "error.choice"))?;
    let (sensitive, authorises) = (form.sensitive == Some(true), form.authorises == Some(true));
    let own_number = found.members.iter().find(|m| m.id == person).map(|m| m.id_no.clone()).unwrap_or_default();
    let until = cx.today() + Months::new(form.months);
    let subject = format!("household:{household}");
    let (cx2, subject2) = (cx.clone(), subject.clone());
    change(cx, "mandate.give", subject, key, move |tx| {
        Box::pin(async move {
            let cx = cx2;
            // Here and not before: the number is good once, and a second click is answered as the first.
            let (account, proxy_person, proxy) = named(&cx, &proxy).await?;
            let own_account = account.as_deref() == Some(cx.actor.account.as_str());
            if own_account || proxy_person == Some(person) || (!proxy.id_no.is_empty() && own_number == proxy.id_no) {
                return Err(wrong(if account.is_some() { "code" } else { "id_no" }, "error.oneself"));
            }
            for row in open_rows(tx.conn(), household.0).await? {
                if row.until < cx.today() {
                    end(tx.conn(), &cx, row.id, "expired").await?;
                } else if row.case_no == form.case.as_ref().map(|c| c.0.clone())
                    || (form.case.is_some() && case_of(tx.conn(), &row).await? == form.case)
                {
                    return Err(wrong("case", "error.entrusted"));
                }
            }
            let row = mandate::ActiveModel {
                id: NotSet,
                household_id: Set(household.0),
                person_id: Set(person.0),
                region_code: Set(found.region_code.clone()),
                case_no: Set(form.case.as_ref().map(|c| c.0.clone())),
                account: Set(account.clone()),
                proxy: Set(tx.keys().seal(SEALED, &serde_json::to_string(&proxy)?)),
                relation: Set(form.relation.clone()),
                sensitive: Set(sensitive),
                authorises: Set(authorises),
                until: Set(until),
                channel: Set(cx.channel.id().to_owned()),
                given_by: Set(cx.actor.account.clone()),
                given_at: Set(cx.at()),
                form_mime: Set(form.form.as_ref().map(|f| f.mime().to_owned())),
                form: Set(form.form.as_ref().map(|f| f.seal(tx.keys(), FORM))),
                ended_at: Set(None),
                ended_by: Set(None),
                ended: Set(None),
            };
            let id = mandate::Entity::insert(row).exec(tx.conn()).await?.last_insert_id;
            if let Some(account) = &account {
                // Said once, used once.
                code::used(tx.conn(), account).await?;
            }
            let details = json!({
                "mandate": id, "case": form.case, "proxy": account, "relation": form.relation, "until": until,
                "sensitive": sensitive, "authorises": authorises,
                "form_sha256": form.form.as_ref().map(Evidence::sha256),
            });
            Ok(Recorded::new(id, cx.entry("mandate.give", subject2, &found.region_code, details)))
        })
    })
    .await
}

async fn open_rows(conn: &impl ConnectionTrait, household: i64) -> Result<Vec<mandate::Model>> {
    Ok(mandate::Entity::find()
        .filter(mandate::Column::HouseholdId.eq(household))
        .filter(mandate::Column::EndedAt.is_null())
        .all(conn)
        .await?)
}

async fn end(conn: &impl ConnectionTrait, cx: &Cx, id: i64, why: &str) -> Result<()> {
    mandate::Entity::update_many()
        .col_expr(mandate::Column::EndedAt, Expr::value(cx.at()))
        .col_expr(mandate::Column::EndedBy, Expr::value(cx.actor.account.as_str()))
        .col_expr(mandate::Column::Ended, Expr::value(why))
        .filter(mandate::Column::Id.eq(id))
        .filter(mandate::Column::EndedAt.is_null())
        .exec(conn)
        .await?;
    Ok(())
}

async fn row(cx: &Cx, id: i64) -> Result<mandate::Model> {
    let missing = || CaseError::NotFound { kind: "mandate", id: id.to_string() };
    mandate::Entity::find_by_id(id).one(cx.store.read()).await?.ok_or_else(missing)
}

/// Ends a mandate at once: whoever gave it takes it back, for them also a window, or the proxy gives it up (Civil Code
/// art. 173). A second click changes nothing.
pub async fn end_mandate(cx: &Cx, id: i64) -> Result<()> {
    let row = row(cx, id).await?;
    if row.ended_at.is_some() {
        return Ok(());
    }
    let own = row.account.as_deref() == Some(cx.actor.account.as_str());
    if !own {
        authorise(cx, &household_of(cx, HouseholdId(row.household_id)).await?)?;
    }
    let why = if own { "given_up" } else { "taken_back" };
    let subject = format!("household:{}", row.household_id);
    let (cx2, subject2) = (cx.clone(), subject.clone());
    change(cx, "mandate.end", subject, "", move |tx| {
        Box::pin(async move {
            end(tx.conn(), &cx2, id, why).await?;
            let details = json!({ "mandate": id, "why": why });
            Ok(Recorded::new((), cx2.entry("mandate.end", subject2, &row.region_code, details)))
        })
    })
    .await
}

/// A household's mandates for its own members, newest first. A proxy does not see them.
pub async fn mandates_of_household(cx: &Cx, household: HouseholdId) -> Result<Vec<Mandate>> {
    let found = household_of(cx, household).await?;
    authorise(cx, &found)?;
    let rows = mandate::Entity::find()
        .filter(mandate::Column::HouseholdId.eq(household.0))
        .order_by_desc(mandate::Column::Id)
        .limit(MOST_LISTED)
        .all(cx.store.read())
        .await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let case = case_of(cx.store.read(), &row).await?;
        all.push(opened(cx.store.keys(), row, case, cx.today())?);
    }
    Ok(all)
}

/// Those of one case, newest first, for officers who may open it: whom they may talk to.
pub async fn mandates_of_case(cx: &Cx, case: &CaseNo) -> Result<Vec<Mandate>> {
    let file = load(cx.store.read(), case).await?;
    cx.authorise(Act::ViewCase, &file, Vec::new())?;
    if cx.actor.role.is_citizen() {
        return Ok(Vec::new());
    }
    let rows = mandate::Entity::find()
        .filter(mandate::Column::HouseholdId.eq(file.household_id))
        .order_by_desc(mandate::Column::Id)
        .limit(MOST_LISTED)
        .all(cx.store.read())
        .await?;
    let mut all = Vec::new();
    for row in rows {
        let of = case_of(cx.store.read(), &row).await?;
        if of.as_ref() == Some(case) {
            all.push(opened(cx.store.keys(), row, of, cx.today())?);
        }
    }
    Ok(all)
}

/// The signed paper of one mandate, for officers who may open its case. The look is logged.
pub async fn mandate_form(cx: &Cx, case: &CaseNo, id: i64) -> Result<Evidence> {
    let missing = || CaseError::NotFound { kind: "paper of mandate", id: id.to_string() };
    if !mandates_of_case(cx, case).await?.iter().any(|m| m.id == id) {
        return Err(missing());
    }
    let sealed = row(cx, id).await?.form.ok_or_else(missing)?;
    looks::record(&cx.store, &cx.actor, &case.subject(), "mandate", cx.at()).await?;
    Evidence::unseal(cx.store.keys(), FORM, &sealed)?.ok_or_else(missing)
}
