//! A household's data read outside a verification: on what basis, and what the rules find.

use crate::{Cx, WebError};
use chrono::NaiveDate;
use tuodi_casework::rulings;
use tuodi_pack::{CheckResult, EvaluateError, HouseholdId, Purpose};

/// What the rules find, or the key of why nothing can be found.
pub struct Reading {
    pub basis: Purpose,
    pub found: Result<CheckResult, &'static str>,
}

/// With every adult's authorisation a household is read as a verification would, else only as far as monitoring may
/// (DB57 art. 9).
pub async fn basis(cx: &Cx, household: HouseholdId) -> Result<Purpose, WebError> {
    let authorised = tuodi_casework::authorised(&cx.acting(tuodi_casework::Channel::Window)?, household).await?;
    Ok(if authorised { Purpose::Verification } else { Purpose::Monitoring })
}

/// What the rules find as of a day from all that is known now, with the rulings in force.
pub async fn read(cx: &Cx, household: HouseholdId, as_of: NaiveDate) -> Result<Reading, WebError> {
    let basis = basis(cx, household).await?;
    let ruled = rulings::ruling_rows_of(&cx.state.store, &cx.state.pack, household).await?;
    let found = cx.state.engine.read_for(basis, household, as_of, &ruled).await;
    Ok(Reading { basis, found: told(found)? })
}

/// The same from what had arrived by the end of another day.
pub async fn read_known(cx: &Cx, household: HouseholdId, as_of: NaiveDate, by: NaiveDate) -> Result<Reading, WebError> {
    let basis = basis(cx, household).await?;
    let found = cx.state.engine.check_known(basis, household, as_of, by).await;
    Ok(Reading { basis, found: told(found)? })
}

fn told(found: Result<CheckResult, EvaluateError>) -> Result<Result<CheckResult, &'static str>, WebError> {
    Ok(match found {
        Ok(result) => Ok(result),
        Err(EvaluateError::NoSuchHousehold(_)) => Err("common.conflict.no_household"),
        Err(EvaluateError::NoData(_) | EvaluateError::NoRules(_)) => Err("common.conflict.no_data"),
        Err(EvaluateError::Withheld(_)) => Err("common.conflict.withheld"),
        Err(error @ EvaluateError::Fault(_)) => return Err(WebError::fault(error)),
    })
}
