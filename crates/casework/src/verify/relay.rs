//! Another city's or the province's check platform asks us, by the same contract as we ask others. It is told what the
//! pack's agreement allows, of people whose authorisation it names, and nothing else; every question is on record.

use crate::{Cx, change::change, error::Result, tables::verification_relayed as table};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use tuodi_access::{Act, looks};
use tuodi_pack::{
    PersonId,
    ask::{HeldError, HeldRows, PersonReply, PersonStatus, Question},
    id_no::IdNo,
};
use tuodi_store::Recorded;

const ANSWER: &str = "verification_relayed.answer";
/// People of one question: a household, however large.
const MOST: usize = 100;

/// Why a question was declined: a code for the journal, and words for whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declined {
    /// The agreement does not hold today.
    Agreement,
    Purpose,
    Source,
    Version,
    /// Nobody, or too many.
    People,
    /// Somebody is asked about without an authorisation.
    Authorisation,
    /// A day to come.
    Day,
    /// The key was used for another question.
    Key,
    /// The agreement with the department itself does not cover it.
    Withheld,
}

impl Declined {
    pub fn code(self) -> &'static str {
        match self {
            Declined::Agreement => "agreement",
            Declined::Purpose => "purpose",
            Declined::Source => "source",
            Declined::Version => "version",
            Declined::People => "people",
            Declined::Authorisation => "authorisation",
            Declined::Day => "day",
            Declined::Key => "key",
            Declined::Withheld => "withheld",
        }
    }

    /// As the contract has it: short, in English, without anybody's data.
    pub fn words(self) -> &'static str {
        match self {
            Declined::Agreement => "no agreement holds today",
            Declined::Purpose => "the agreement does not cover this purpose",
            Declined::Source => "the agreement does not cover this source",
            Declined::Version => "the source has another version of the contract here",
            Declined::People => "a question is about 1 to 100 people",
            Declined::Authorisation => "somebody is asked about without an authorisation",
            Declined::Day => "as_of is a day to come",
            Declined::Key => "the key was used for another question",
            Declined::Withheld => "the department's own agreement does not cover this",
        }
    }
}

/// What whoever asked is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Relayed {
    Answers(Vec<PersonReply>),
    Declined(Declined),
}

/// Answers a question of the relay with this id. Asked again under the same key, the answer is the same and counts once.
///
/// `cx`: the platform, in the name of whoever asks.
pub async fn answer_relay(cx: &Cx, held: &dyn HeldRows, relay: &str, question: &Question) -> Result<Relayed> {
    let region = cx.pack.info.jurisdiction.clone();
    cx.authorise_region(Act::RecordCheck, "verification", "", &region)?;
    match answered(cx, held, relay, question).await? {
        Ok(answers) => Ok(Relayed::Answers(answers)),
        Err(declined) => {
            let details = json!({
                "relay": relay, "why": declined.code(), "people": question.people.len(),
            });
            let about = format!("relay:{relay}");
            let entry = cx.entry("verification.relay_refused", about.clone(), &region, details);
            let noted = change(cx, "verification.relay_refused", about, "", move |_| {
                Box::pin(async move { Ok(Recorded::new((), entry)) })
            });
            noted.await?;
            Ok(Relayed::Declined(declined))
        }
    }
}

/// The source that is asked about, where the agreement allows it.
fn allowed<'p>(cx: &'p Cx, relay: &str, question: &Question) -> Result<&'p str, Declined> {
    let agreement = cx.pack.verification.relay(relay).filter(|r| r.is_in_force(cx.today()));
    let agreement = agreement.ok_or(Declined::Agreement)?;
    if !agreement.purposes.contains(&question.purpose) {
        return Err(Declined::Purpose);
    }
    let source = cx.pack.source_by_name(&question.source).filter(|s| agreement.sources.contains(&s.id));
    let source = source.ok_or(Declined::Source)?;
    if source.version != question.version {
        return Err(Declined::Version);
    }
    if question.people.is_empty() || question.people.len() > MOST {
        return Err(Declined::People);
    }
    if question.people.iter().any(|p| p.authorisation.trim().is_empty()) {
        return Err(Declined::Authorisation);
    }
    if question.as_of > cx.today() {
        return Err(Declined::Day);
    }
    Ok(&source.id)
}

async fn answered(
    cx: &Cx,
    held: &dyn HeldRows,
    relay: &str,
    question: &Question,
) -> Result<Result<Vec<PersonReply>, Declined>> {
    let source = match allowed(cx, relay, question) {
        Ok(source) => source.to_owned(),
        Err(declined) => return Ok(Err(declined)),
    };
    let digest = hex::encode(Sha256::digest(serde_json::to_vec(question)?));
    let key = format!("{relay}:{}", question.key);
    if let Some(before) = table::Entity::find_by_id(key.clone()).one(cx.store.read()).await? {
        if before.question != digest {
            return Ok(Err(Declined::Key));
        }
        return Ok(Ok(serde_json::from_str(&cx.store.keys().open(ANSWER, &before.answer)?)?));
    }
    let numbers: Vec<Option<IdNo>> = question.people.iter().map(|p| IdNo::parse(&p.id_no).ok()).collect();
    let known: Vec<IdNo> = numbers.iter().flatten().cloned().collect();
    let found = tuodi_registry::find_numbers(&cx.store, &known).await?;
    // Each asked about once in the pool, also where the question names a person twice.
    let mut places: BTreeMap<PersonId, usize> = BTreeMap::new();
    let mut ids = Vec::new();
    for (person, home) in numbers.iter().flatten().filter_map(|n| found.get(n)) {
        if let std::collections::btree_map::Entry::Vacant(entry) = places.entry(*person) {
            entry.insert(ids.len());
            ids.push(*person);
            // The people themselves can see who asked.
            let about = home.map_or_else(|| format!("person:{person}"), |home| format!("household:{home}"));
            looks::record(&cx.store, &cx.actor, &about, &question.purpose, cx.at()).await?;
        }
    }
    let rows = match held.rows_of(&source, cx.today(), &ids).await {
        Ok(rows) => rows,
        Err(HeldError::Withheld) => return Ok(Err(Declined::Withheld)),
        Err(HeldError::Fault(message)) => return Err(tuodi_pack::EvaluateError::Fault(message).into()),
    };
    let answers: Vec<PersonReply> = question
        .people
        .iter()
        .zip(&numbers)
        .map(|(asked, number)| {
            let place = number.as_ref().and_then(|n| found.get(n)).and_then(|(person, _)| places.get(person));
            let of_person = rows.iter().filter(|(at, _)| Some(at) == place).map(|(_, row)| row.clone());
            let rows: Vec<_> = of_person.collect();
            let status = match (number, rows.is_empty()) {
                (None, _) => PersonStatus::Refused,
                (_, true) => PersonStatus::None,
                (_, false) => PersonStatus::Found,
            };
            let reason = if number.is_none() { "not a citizen number".to_owned() } else { String::new() };
            PersonReply { reference: asked.reference.clone(), status, rows, reason }
        })
        .collect();
    let (cx2, relay) = (cx.clone(), relay.to_owned());
    let with_rows = answers.iter().filter(|a| a.status == PersonStatus::Found).count();
    let authorisations: Vec<String> = question.people.iter().map(|p| p.authorisation.clone()).collect();
    let details = json!({
        "relay": relay, "key": question.key, "report": question.report, "source": source,
        "purpose": question.purpose, "as_of": question.as_of, "people": question.people.len(), "found": with_rows,
        "authorisations": authorisations,
    });
    let (about, region) = (format!("relay:{relay}"), cx.pack.info.jurisdiction.clone());
    let told = answers.clone();
    change(cx, "verification.relayed", about.clone(), "", move |tx| {
        Box::pin(async move {
            let row = table::ActiveModel {
                key: Set(key),
                relay: Set(relay),
                question: Set(digest),
                answer: Set(tx.keys().seal(ANSWER, &serde_json::to_string(&told)?)),
                at: Set(cx2.at()),
            };
            table::Entity::insert(row).exec_without_returning(tx.conn()).await?;
            Ok(Recorded::new((), cx2.entry("verification.relayed", about, &region, details)))
        })
    })
    .await?;
    Ok(Ok(answers))
}
