//! What an applicant need not say again (DB57 art. 10): filled in on the form with its source, and theirs to correct. A
//! correction is a declaration beside the source; nothing here is ever written over.
//!
//! Means of a person are shown to that person and to whoever takes the form down at the window, never to another adult of
//! the household. What departments answered in an earlier check is used only while an authorisation is in force.

mod gather;
pub(crate) mod migration;
pub(crate) mod tables;

pub(crate) use self::gather::gather;

use crate::{
    CaseNo, Cx,
    case_no::codes,
    consent,
    draft::{self, Fields, UNKNOWN},
    error::Result,
    tables::{case_file, known_fact},
};
use chrono::NaiveDate;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
};
use tuodi_access::Role;
use tuodi_pack::PersonId;
use tuodi_registry::{Household, mask_account};
use tuodi_store::{Keys, Tx};

const SEALED: &str = "known_fact.value";

codes! {
    /// Where a known answer comes from.
    Origin {
        Told = "told", "以前的申请", "an earlier application";
        Register = "register", "平台登记的人员信息", "the register of people";
        Checked = "checked", "部门数据核对", "a check with departments";
    }
}

codes! {
    /// What the application makes of a known answer.
    Said {
        Open = "open", "还没有回答", "not answered yet";
        Kept = "kept", "没有变化", "as it was";
        Corrected = "corrected", "申请人更正", "corrected by the applicant";
    }
}

/// One known answer with its source.
#[derive(Clone, PartialEq, Eq)]
pub struct KnownFact {
    /// Of the form: `wage_month.7`.
    pub field: String,
    /// As the form takes it; of an account only the last digits.
    pub value: String,
    pub origin: Origin,
    /// The earlier case it was said or found in.
    pub reference: Option<CaseNo>,
    /// Unset where the source does not say.
    pub as_of: Option<NaiveDate>,
    pub said: Said,
}

/// Without the value: views appear in traces.
impl std::fmt::Debug for KnownFact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KnownFact({} {} hidden)", self.field, self.origin.id())
    }
}

impl KnownFact {
    /// Whether the form's field is filled in with the value. An account is not: left empty, the one on file stays.
    pub fn fills(&self) -> bool {
        self.field != ACCOUNT
    }
}

const ACCOUNT: &str = "account";

/// Whether two ways of writing say the same.
fn same(a: &str, b: &str) -> bool {
    let plain = |s: &str| draft::phone_digits(s);
    match (draft::parse_yuan(a), draft::parse_yuan(b)) {
        (Some(a), Some(b)) => a == b,
        _ => plain(a) == plain(b),
    }
}

fn said(field: &str, value: &str, fields: &Fields) -> Said {
    match fields.get(field).map_or("", |typed| typed.trim()) {
        // Help goes to the account on file where no other is given.
        "" if field == ACCOUNT => Said::Kept,
        "" | UNKNOWN => Said::Open,
        typed if same(typed, value) => Said::Kept,
        _ => Said::Corrected,
    }
}

async fn rows_of(conn: &impl ConnectionTrait, case: &str) -> Result<Vec<known_fact::Model>> {
    let rows = known_fact::Entity::find().filter(known_fact::Column::CaseNo.eq(case));
    Ok(rows.order_by_asc(known_fact::Column::Id).all(conn).await?)
}

fn opened(keys: &Keys, row: known_fact::Model) -> Result<KnownFact> {
    Ok(KnownFact {
        value: keys.open(SEALED, &row.value)?,
        field: row.field,
        origin: Origin::from_id(&row.origin).unwrap_or(Origin::Told),
        reference: row.reference.map(CaseNo),
        as_of: row.as_of,
        said: Said::from_id(&row.said).unwrap_or(Said::Open),
    })
}

/// What the page of a case shows of it. `full`: whoever looks sees means at all.
pub(crate) async fn shown(
    cx: &Cx,
    file: &case_file::Model,
    household: &Household,
    fields: &Fields,
    filling: bool,
    full: bool,
) -> Result<Vec<KnownFact>> {
    if cx.pack.workflow.known.is_empty() || !(full || cx.actor.role.is_citizen()) {
        return Ok(Vec::new());
    }
    let conn = cx.store.read();
    let kept = rows_of(conn, &file.case_no).await?;
    let mut facts = match kept.is_empty() && filling {
        true => gather(cx, file, household, fields).await?,
        false => kept.into_iter().map(|row| opened(cx.store.keys(), row)).collect::<Result<_>>()?,
    };
    let owner = PersonId(file.applicant_id);
    let own_means = full && (cx.actor.role != Role::Applicant || cx.actor.person == Some(owner));
    if filling && facts.iter().any(|f| f.origin == Origin::Checked) && !authorised(conn, cx, file).await? {
        facts.retain(|f| f.origin != Origin::Checked);
    }
    facts.retain(|f| own_means || cx.pack.workflow.known(&f.field).is_some_and(|rule| !rule.sensitive));
    for fact in &mut facts {
        if filling {
            fact.said = said(&fact.field, &fact.value, fields);
        }
        if fact.field == ACCOUNT {
            fact.value = mask_account(&fact.value);
        }
    }
    Ok(facts)
}

/// Whether the applicant's own authorisation is in force.
async fn authorised(conn: &impl ConnectionTrait, cx: &Cx, file: &case_file::Model) -> Result<bool> {
    let given = consent::in_force(conn, cx, file.household_id, cx.pack.main_purpose(), &file.case_no).await?;
    Ok(given.iter().any(|row| row.person_id == file.applicant_id))
}

/// Keeps what was on file when the form is sent, and what the form made of it: how many were left as they were, and how
/// many corrected. Sent again, the sources stand as they were the first time.
pub(crate) async fn keep(tx: &Tx, case: &CaseNo, facts: &[KnownFact], fields: &Fields) -> Result<(usize, usize)> {
    let before = rows_of(tx.conn(), &case.0).await?;
    let mut all = Vec::new();
    for row in before {
        let (id, fact) = (row.id, opened(tx.keys(), row)?);
        let now = said(&fact.field, &fact.value, fields);
        known_fact::Entity::update_many()
            .col_expr(known_fact::Column::Said, Expr::value(now.id()))
            .filter(known_fact::Column::Id.eq(id))
            .exec(tx.conn())
            .await?;
        all.push((fact.field, now));
    }
    for fact in facts {
        if all.iter().any(|(field, _)| *field == fact.field) {
            continue;
        }
        let now = said(&fact.field, &fact.value, fields);
        let row = known_fact::ActiveModel {
            id: NotSet,
            case_no: Set(case.0.clone()),
            field: Set(fact.field.clone()),
            value: Set(tx.keys().seal(SEALED, &fact.value)),
            origin: Set(fact.origin.id().to_owned()),
            reference: Set(fact.reference.as_ref().map(|c| c.0.clone())),
            as_of: Set(fact.as_of),
            said: Set(now.id().to_owned()),
        };
        known_fact::Entity::insert(row).exec_without_returning(tx.conn()).await?;
        all.push((fact.field.clone(), now));
    }
    let count = |what| all.iter().filter(|(_, now)| *now == what).count();
    Ok((count(Said::Kept), count(Said::Corrected)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_amount_written_otherwise_is_no_correction() {
        let fields = Fields::from([("fin_assets".to_owned(), "１，４００元".to_owned())]);
        assert_eq!(said("fin_assets", "1400", &fields), Said::Kept);
        assert_eq!(said("fin_assets", "1500", &fields), Said::Corrected);
    }

    #[test]
    fn an_account_left_empty_stays_and_anything_else_left_empty_is_not_answered() {
        assert_eq!(said("account", "62000000", &Fields::new()), Said::Kept);
        assert_eq!(said("phone", "139", &Fields::new()), Said::Open);
    }
}
