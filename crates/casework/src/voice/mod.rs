//! Complaints, reports, contested facts, and what people thought of a step: each kind with its limit and its desk from the
//! pack, each with a code by which whoever said it reads the answer (workflow.md 8).
//!
//! Whoever speaks is protected: name, contact and words are sealed, and never on a page of those they speak about.
//! Nobody answers what was said about a case in which they acted.

mod answer;
pub(crate) mod migration;
mod rate;
pub(crate) mod tables;

pub(crate) use self::rate::of_case as ratings_of;
pub use self::{
    answer::{VoiceAnswer, VoiceRow, VoiceView, answer_voice, escalate_late_voices, voice, voices},
    rate::{Rated, Rating, rate},
};

use crate::{
    CaseError, CaseNo, Channel, Cx, FieldError,
    application::{at_level, events_of},
    change::{change, load},
    error::Result,
    tables::{case_file, voice},
};
use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use tuodi_access::{Act, Resource};
use tuodi_pack::{
    region::RegionLevel,
    workflow::{Desk, Voice},
};
use tuodi_store::{Keys, Recorded, Store, Tx, next_number};

const SEALED: &str = "voice.content";
const SEALED_ANSWER: &str = "voice.answer";
const MOST_TEXT: usize = 2000;
const MOST_LINE: usize = 100;

/// What somebody says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Said {
    pub text: String,
    /// Who; may be empty.
    pub from: String,
    /// How to reach them; may be empty.
    pub contact: String,
    /// Which figure is contested, or which step was rated; empty otherwise.
    pub about: String,
}

impl Said {
    fn checked(self) -> Result<Said> {
        let trim = |s: String| s.trim().to_owned();
        let said =
            Said { text: trim(self.text), from: trim(self.from), contact: trim(self.contact), about: trim(self.about) };
        let mut errors = Vec::new();
        if said.text.is_empty() {
            errors.push(FieldError::new("text", "error.required"));
        } else if said.text.chars().count() > MOST_TEXT {
            errors.push(FieldError::new("text", "error.too_long"));
        }
        for (field, value) in [("from", &said.from), ("contact", &said.contact), ("about", &said.about)] {
            if value.chars().count() > MOST_LINE {
                errors.push(FieldError::new(field, "error.too_long"));
            }
        }
        if errors.is_empty() { Ok(said) } else { Err(CaseError::Invalid(errors)) }
    }
}

/// What whoever spoke takes away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// `7KQM-2WXA-9TRF`: with it the answer can be read.
    pub code: String,
    pub due: NaiveDate,
}

/// One thing said, as whoever said it reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnVoice {
    pub kind: String,
    pub filed_on: NaiveDate,
    pub due_on: NaiveDate,
    pub about: String,
    pub text: String,
    pub escalated_on: Option<NaiveDate>,
    /// Day, what was found, words.
    pub answered: Option<(NaiveDate, String, String)>,
}

fn kind_of<'a>(cx: &'a Cx, kind: &str) -> Result<&'a Voice> {
    let found = cx.pack.workflow.voices.iter().find(|v| v.id == kind);
    found.ok_or_else(|| CaseError::NotFound { kind: "kind of voice", id: kind.to_owned() })
}

pub(crate) fn desk_id(desk: Desk) -> &'static str {
    match desk {
        Desk::Township => "township",
        Desk::District => "district",
        Desk::Steward => "steward",
    }
}

/// From anybody, without an account. `cx.actor` is [`tuodi_access::Actor::public`]; `region` is where it concerns.
pub async fn speak_up(cx: &Cx, kind: &str, region: &str, said: Said, key: &str) -> Result<Heard> {
    let said = said.checked()?;
    let rules = kind_of(cx, kind)?;
    if rules.of_case {
        return Err(CaseError::Invalid(vec![FieldError::new("kind", "error.choice")]));
    }
    if cx.pack.regions.get(region).is_none() {
        return Err(CaseError::Invalid(vec![FieldError::new("region", "error.choice")]));
    }
    cx.access.authorise(&cx.actor, Act::ReportClue, &Resource::general("voice", kind, region), "voice")?;
    let (cx2, rules, region) = (cx.clone(), rules.clone(), region.to_owned());
    let number = change(cx, "voice.file", format!("voice:{kind}"), key, move |tx| {
        Box::pin(async move {
            let place = Place { region, case: None, household: None, kept_out: BTreeSet::new() };
            let (number, entry) = write(tx, &cx2, &rules, place, &said).await?;
            Ok(Recorded::new(number, entry))
        })
    })
    .await?;
    heard(cx, kind, number)
}

/// About one's own case, by the household or for it at the window. A contested fact goes to the data steward.
pub async fn speak_of_case(cx: &Cx, kind: &str, case: &CaseNo, said: Said, key: &str) -> Result<Heard> {
    let said = said.checked()?;
    let rules = kind_of(cx, kind)?.clone();
    let file = load(cx.store.read(), case).await?;
    cx.authorise(if rules.desk == Desk::Steward { Act::ContestFact } else { Act::Appeal }, &file, Vec::new())?;
    let place = place_of(cx, &file).await?;
    let cx2 = cx.clone();
    let number = change(cx, "voice.file", case.subject(), key, move |tx| {
        Box::pin(async move {
            let (number, entry) = write(tx, &cx2, &rules, place, &said).await?;
            Ok(Recorded::new(number, entry))
        })
    })
    .await?;
    heard(cx, kind, number)
}

struct Place {
    region: String,
    case: Option<CaseNo>,
    household: Option<i64>,
    kept_out: BTreeSet<String>,
}

/// Officers who acted in the case answer nothing that is said about it.
async fn place_of(cx: &Cx, file: &case_file::Model) -> Result<Place> {
    let events = events_of(cx, &file.case_no).await?;
    Ok(Place {
        region: file.region_code.clone(),
        case: Some(CaseNo(file.case_no.clone())),
        household: Some(file.household_id),
        kept_out: events.into_iter().filter(|e| e.role != "R01" && e.role != "R02").map(|e| e.actor).collect(),
    })
}

/// Within the caller's change: the running number, and the journal's entry, which holds no word of it.
async fn write(tx: &Tx, cx: &Cx, rules: &Voice, place: Place, said: &Said) -> Result<(i64, tuodi_store::Entry)> {
    let number = next_number(tx, "voice").await?;
    let due = cx.pack.calendar.add_working_days(cx.today(), rules.limit_days)?;
    let code = code_of(tx.keys(), number);
    let row = voice::ActiveModel {
        id: NotSet,
        kind: Set(rules.id.clone()),
        case_no: Set(place.case.as_ref().map(|case| case.0.clone())),
        household_id: Set(place.household),
        township: Set(at_level(&place.region, RegionLevel::Township)),
        county: Set(at_level(&place.region, RegionLevel::County)),
        desk: Set(desk_id(rules.desk).to_owned()),
        code: Set(index_of(tx.keys(), &code)),
        channel: Set(cx.channel.id().to_owned()),
        filed_by: Set(cx.actor.account.clone()),
        filed_on: Set(cx.today()),
        due_on: Set(due),
        content: Set(tx.keys().seal(SEALED, &serde_json::to_string(said)?)),
        kept_out: Set(place.kept_out.into_iter().collect::<Vec<_>>().join(",")),
        state: Set("open".to_owned()),
        escalated_on: Set(None),
        found: Set(None),
        answer: Set(None),
        answered_by: Set(None),
        answered_on: Set(None),
        region_code: Set(place.region.clone()),
    };
    voice::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    let subject = place.case.map_or_else(|| format!("voice:{}", rules.id), |case| case.subject());
    let details = json!({ "kind": rules.id, "desk": desk_id(rules.desk), "due": due, "channel": cx.channel.id() });
    Ok((number, cx.entry("voice.file", subject, &place.region, details)))
}

fn heard(cx: &Cx, kind: &str, number: i64) -> Result<Heard> {
    let due = cx.pack.calendar.add_working_days(cx.today(), kind_of(cx, kind)?.limit_days)?;
    Ok(Heard { code: code_of(cx.store.keys(), number), due })
}

fn own(keys: &Keys, row: voice::Model) -> Result<OwnVoice> {
    let said: Said = serde_json::from_str(&keys.open(SEALED, &row.content)?)?;
    let answered = match (row.answered_on, row.answer) {
        (Some(day), Some(sealed)) => Some((day, row.found.unwrap_or_default(), keys.open(SEALED_ANSWER, &sealed)?)),
        _ => None,
    };
    Ok(OwnVoice {
        kind: row.kind,
        filed_on: row.filed_on,
        due_on: row.due_on,
        about: said.about,
        text: said.text,
        escalated_on: row.escalated_on,
        answered,
    })
}

/// What became of it, for whoever holds the code: it was given to nobody else.
pub async fn follow_voice(store: &Store, code: &str) -> Result<Option<OwnVoice>> {
    let keys = store.keys();
    let row = voice::Entity::find().filter(voice::Column::Code.eq(index_of(keys, code))).one(store.read()).await?;
    row.map(|row| own(keys, row)).transpose()
}

/// What a household has said of its case, newest first. Whoever calls has been authorised.
pub(crate) async fn of_case(conn: &impl ConnectionTrait, keys: &Keys, case: &str) -> Result<Vec<OwnVoice>> {
    let rows =
        voice::Entity::find().filter(voice::Column::CaseNo.eq(case)).order_by_desc(voice::Column::Id).all(conn).await?;
    rows.into_iter().map(|row| own(keys, row)).collect()
}

fn code_of(keys: &Keys, number: i64) -> String {
    crate::objection::letters(&keys.column("voice.code").blind(&number.to_string()))
}

fn index_of(keys: &Keys, code: &str) -> Vec<u8> {
    keys.column("voice.lookup").blind(&crate::objection::plain(code)).to_vec()
}

pub(crate) fn channel_of(row: &voice::Model) -> Channel {
    Channel::from_id(&row.channel).unwrap_or(Channel::System)
}
