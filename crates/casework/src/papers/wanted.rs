//! What a programme asks of the applicant, and what of it is missing: only what neither the platform nor an earlier
//! document shows (DB57 art. 10, and one-time notice).

use super::{read::on_file, tables::paper};
use crate::{
    CaseError, Cx, FieldError,
    application::{household_of, name_in},
    change::typed,
    consent::adults_without_consent,
    error::Result,
    tables::case_file,
};
use tuodi_pack::{HouseholdId, PersonId, Text, paper::ShownBy, programme::EvidenceItem};
use tuodi_registry::Household;

/// How one thing stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Asked for.
    Missing,
    /// Helps where it is at hand; nobody waits for it.
    Welcome,
    /// The platform holds it itself.
    Held,
    /// On file, by number.
    OnFile(i64),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// `dibao/consent`
    pub id: String,
    pub title: Text,
    /// Kinds of documents of which one is enough; empty where no document is the answer.
    pub papers: Vec<String>,
    pub known: Known,
    /// Whose is missing, where it is asked of several.
    pub whose: Vec<String>,
}

struct Holds {
    submitted: bool,
    account: bool,
    without_consent: Vec<PersonId>,
}

impl Holds {
    fn shows(&self, by: ShownBy) -> bool {
        match by {
            ShownBy::Form => self.submitted,
            ShownBy::Authorisations => self.without_consent.is_empty(),
            ShownBy::Account => self.account,
            // A case is opened for somebody in the register only.
            ShownBy::Register => true,
        }
    }
}

/// What the programme of a case asks: the one chosen or found, else the pack's main one.
pub(crate) async fn wanted(cx: &Cx, file: &case_file::Model) -> Result<Vec<Wanted>> {
    let conn = cx.store.read();
    let named = [&file.programme, &file.tier].into_iter().flatten().map(String::as_str);
    let known = named.into_iter().find(|id| cx.pack.programme(id).is_some());
    let Some(programme) = known.or_else(|| cx.pack.main_programme().map(|p| p.id.as_str())) else {
        return Ok(Vec::new());
    };
    let household = household_of(cx, HouseholdId(file.household_id)).await?;
    let fields = typed(conn, cx.store.keys(), &file.case_no).await?;
    let typed_account = fields.get("account").is_some_and(|a| !a.trim().is_empty());
    let applicant = PersonId(file.applicant_id);
    let holds = Holds {
        submitted: file.submitted_on.is_some(),
        account: typed_account || tuodi_registry::account(&cx.store, applicant).await?.is_some(),
        without_consent: adults_without_consent(conn, cx.store.keys(), cx, file, &household).await?,
    };
    let rows = on_file(conn, file.household_id).await?;
    let asked = cx.pack.asked_of_applicant(programme);
    Ok(asked.map(|item| one(programme, item, &holds, &rows, &household)).collect())
}

fn one(programme: &str, item: &EvidenceItem, holds: &Holds, rows: &[paper::Model], household: &Household) -> Wanted {
    let held = !item.shown_by.is_empty() && item.shown_by.iter().all(|by| holds.shows(*by));
    let on_file = rows.iter().find(|row| item.papers.contains(&row.kind));
    let known = match (held, on_file) {
        (true, _) => Known::Held,
        (false, Some(row)) => Known::OnFile(row.id),
        (false, None) if item.optional => Known::Welcome,
        (false, None) => Known::Missing,
    };
    let asks_all = item.shown_by.contains(&ShownBy::Authorisations) && known == Known::Missing;
    let whose = holds.without_consent.iter().filter(|_| asks_all).map(|id| name_in(household, id.0));
    Wanted {
        id: format!("{programme}/{}", item.id),
        title: item.title.clone(),
        papers: item.papers.clone(),
        known,
        whose: whose.filter(|name| !name.is_empty()).collect(),
    }
}

/// The words of what a notice asks for, in the pack's order. What is known already may not be asked for.
///
/// # Errors
/// [`CaseError::Invalid`] with the field `missing`: not asked by the programme, or known.
pub(crate) async fn texts_of(cx: &Cx, file: &case_file::Model, asked: &[String]) -> Result<Vec<Text>> {
    let all = wanted(cx, file).await?;
    let refuse = |key| CaseError::Invalid(vec![FieldError::new("missing", key)]);
    if asked.iter().any(|id| all.iter().all(|w| w.id != *id)) {
        return Err(refuse("error.choice"));
    }
    let asked = all.into_iter().filter(|w| asked.contains(&w.id));
    asked
        .map(|w| match w.known {
            Known::Held | Known::OnFile(_) => Err(refuse("error.known_already")),
            Known::Missing | Known::Welcome if w.whose.is_empty() => Ok(w.title),
            Known::Missing | Known::Welcome => Ok(Text::new(
                format!("{}（还差：{}）", w.title.zh, w.whose.join("、")),
                format!("{} (still: {})", w.title.en, w.whose.join(", ")),
            )),
        })
        .collect()
}
