//! One pair: both records side by side, the evidence, what was decided, and the decision.
//!
//! That a row is somebody sends the row into the pool under that person's number; taking it back undoes that batch. That two
//! numbers are one person merges them; taking it back restores both.

use super::{
    account_name, band,
    evidence::{Waterfall, waterfall},
    href, origin, state, steward, where_is,
};
use crate::{
    BatchFigure, Cx, OpenRow, OpenRows, PageResult, SayError, View, WebError,
    bureau::{nav, simulate::look_again},
    desk::{
        case::people::sex_word,
        look::{self, Tag},
        nav::NavGroup,
    },
    form::{Choice, Fields, Problems},
};
use askama::Template;
use axum::{Form, extract::Path};
use tuodi_access::looks;
use tuodi_inbox::{Job, NewJob};
use tuodi_pack::{PersonId, id_no::IdNo};
use tuodi_registry::{
    Person, RegistryError,
    linkage::{By, Candidate, LinkState, candidate, decide as decide_in, decisions},
};
use tuodi_store::{Entry, Recorded};

/// What one of both says about himself.
pub struct Side {
    pub heading: &'static str,
    pub from: String,
    /// Name of the field, and value.
    pub lines: Vec<(&'static str, String)>,
    /// The household he is registered in.
    pub home: Option<String>,
}

pub struct Step {
    pub state: Tag,
    pub why: String,
    pub by: String,
}

/// What became of a row that was said to be somebody.
pub struct Sent {
    pub batch: Option<String>,
    pub job: Option<String>,
    /// It waits to be sent (again).
    pub waits: bool,
}

#[derive(Template)]
#[template(path = "bureau/linkage/pair.html")]
struct PairPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    id: i64,
    name: String,
    state: Tag,
    band: Tag,
    numbers: bool,
    sides: [Side; 2],
    repair: Option<String>,
    waterfall: Waterfall,
    history: Vec<Step>,
    sent: Option<Sent>,
    /// What can be said now.
    choices: Vec<Choice>,
    /// Which number holds, where two may be one person's.
    holds: Vec<Choice>,
    undo: bool,
    why: String,
    problems: Problems,
}

/// The same person, but the row is not taken in.
const REPEAT: &str = "repeat";
/// Characters of a reason.
const WHY: std::ops::RangeInclusive<usize> = 4..=500;

/// The candidate, both whole, for a steward of both places; the look is logged.
struct Pair {
    found: Candidate,
    person: Person,
    /// The other person, where two numbers may be one person's.
    other: Option<Person>,
    acting: tuodi_casework::Cx,
}

async fn open(cx: &Cx, id: &str) -> Result<Pair, WebError> {
    let store = &cx.state.store;
    let id: i64 = id.parse().map_err(|_| WebError::NotFound)?;
    steward(cx, &cx.actor()?.region)?;
    let found = candidate(store, id).await?.ok_or(WebError::NotFound)?;
    let person = tuodi_registry::recorded(store, found.row.person_id).await?.ok_or(WebError::NotFound)?;
    steward(cx, &person.region_code)?;
    let acting = steward(cx, &found.row.region_code)?;
    let other = match found.row.other() {
        Some(other) => Some(tuodi_registry::recorded(store, other).await?.ok_or(WebError::NotFound)?),
        None => None,
    };
    for person in std::iter::once(&person).chain(&other) {
        looks::record(store, &acting.actor, &format!("person:{}", person.id), super::PURPOSE, cx.now).await?;
    }
    Ok(Pair { found, person, other, acting })
}

pub async fn page(cx: Cx, Path(id): Path<String>) -> PageResult {
    let pair = open(&cx, &id).await?;
    show(&cx, &pair, &Fields::new(), Problems::default()).await
}

async fn show(cx: &Cx, pair: &Pair, typed: &Fields, problems: Problems) -> PageResult {
    let row = &pair.found.row;
    let value = |field: &str| typed.get(field).map(String::as_str).unwrap_or_default();
    let mut history = Vec::new();
    for decision in decisions(&cx.state.store, row.id).await?.into_iter().rev() {
        let by = format!("{} · {}", account_name(cx, &decision.account).await?, cx.moment(&decision.at));
        history.push(Step { state: state(cx, decision.state), why: decision.reason, by });
    }
    let undo = matches!(row.state, LinkState::Same | LinkState::Different);
    let sent = match row.state {
        LinkState::Same if pair.other.is_none() => Some(sent(cx, pair).await?),
        _ => None,
    };
    let choice = |say: &str| Choice {
        value: say.to_owned(),
        label: cx.t_of("linkage.say", say).to_owned(),
        hint: cx
            .t_of("linkage.say_means", if pair.other.is_some() && say == "same" { "merge" } else { say })
            .to_owned(),
        chosen: value("state") == say,
    };
    // A row that repeats another of its file is somebody's, and is not taken in twice.
    let said = ["same", REPEAT, "different", "later"].into_iter();
    let said = said.filter(|say| *say != row.state.word() && (pair.other.is_none() || *say != REPEAT));
    let holds = |person: &Person| Choice {
        value: person.id.to_string(),
        label: look::mask_id(&person.id_no),
        hint: String::new(),
        chosen: value("holds") == person.id.to_string(),
    };
    let running = sent.as_ref().is_some_and(|sent| sent.job.is_some());
    let page = PairPage {
        v: cx,
        nav: nav(cx),
        id: row.id,
        name: pair.found.record.name.clone(),
        state: state(cx, row.state),
        band: band(cx, row),
        numbers: pair.other.is_some(),
        sides: [left(cx, pair).await?, right(cx, &pair.person, cx.t("linkage.known")).await?],
        repair: pair.found.record.id_no.as_deref().filter(|_| row.repair).and_then(|n| slip(cx, n, &pair.person.id_no)),
        waterfall: waterfall(cx, &pair.found.evidence),
        history,
        sent,
        choices: if undo { Vec::new() } else { said.map(choice).collect() },
        holds: match &pair.other {
            Some(other) if !undo => vec![holds(&pair.person), holds(other)],
            _ => Vec::new(),
        },
        undo,
        why: value("why").to_owned(),
        problems,
    };
    let answer = if page.problems.is_empty() { cx.page(&page)? } else { cx.form_again(&page)? };
    Ok(look_again(answer, running))
}

/// Where the number written differs from the person's, where that is one place or two neighbours.
fn slip(cx: &Cx, written: &str, known: &str) -> Option<String> {
    let written: Vec<char> = written.trim().to_uppercase().chars().collect();
    let known: Vec<char> = known.chars().collect();
    if written.len() != known.len() {
        return None;
    }
    let wrong: Vec<usize> = (0..known.len()).filter(|at| written[*at] != known[*at]).collect();
    match wrong.as_slice() {
        [at] => Some(cx.t3("linkage.slip_one", at + 1, written[*at], known[*at])),
        [a, b] if a + 1 == *b && written[*a] == known[*b] && written[*b] == known[*a] => {
            Some(cx.t2("linkage.slip_two", a + 1, b + 1))
        }
        _ => None,
    }
}

async fn left(cx: &Cx, pair: &Pair) -> Result<Side, WebError> {
    if let Some(other) = &pair.other {
        return right(cx, other, cx.t("linkage.other")).await;
    }
    let (row, record) = (&pair.found.row, &pair.found.record);
    let or_dash = |text: String| if text.is_empty() { "—".to_owned() } else { text };
    Ok(Side {
        heading: cx.t("linkage.row"),
        from: cx.t3("linkage.row_from", origin(cx, &row.source), row.row_no, cx.moment(&row.arrived_at)),
        lines: vec![
            (cx.t("linkage.field.name"), record.name.clone()),
            (cx.t("linkage.field.sex"), or_dash(record.sex().map(|sex| sex_word(cx, sex)).unwrap_or_default())),
            (
                cx.t("linkage.field.birth_date"),
                or_dash(record.birth_date.map(|d| cx.full_date(&d)).unwrap_or_default()),
            ),
            (cx.t("linkage.field.region"), or_dash(where_is(cx, &record.region_code))),
            (cx.t("linkage.field.members"), or_dash(record.members.join("、"))),
            (cx.t("linkage.field.id_no"), or_dash(record.id_no.clone().unwrap_or_default())),
        ],
        home: None,
    })
}

async fn right(cx: &Cx, person: &Person, heading: &'static str) -> Result<Side, WebError> {
    let household = match person.household_id {
        Some(id) => tuodi_registry::household(&cx.state.store, id).await?,
        None => None,
    };
    let others: Vec<&str> = household
        .iter()
        .flat_map(|h| &h.members)
        .filter(|member| member.id != person.id)
        .map(|member| member.name.as_str())
        .collect();
    let or_dash = |text: String| if text.is_empty() { "—".to_owned() } else { text };
    Ok(Side {
        heading,
        from: cx.t("linkage.register").to_owned(),
        lines: vec![
            (cx.t("linkage.field.name"), or_dash(person.name.clone())),
            (cx.t("linkage.field.sex"), or_dash(person.sex.map(|sex| sex_word(cx, sex)).unwrap_or_default())),
            (
                cx.t("linkage.field.birth_date"),
                or_dash(person.birth_date.map(|d| cx.full_date(&d)).unwrap_or_default()),
            ),
            (cx.t("linkage.field.region"), or_dash(where_is(cx, &person.region_code))),
            (cx.t("linkage.field.members"), or_dash(others.join("、"))),
            (cx.t("linkage.field.id_no"), look::mask_id(&person.id_no)),
        ],
        home: household.map(|h| format!("/bureau/library/households/{}", h.id)),
    })
}

/// What became of the row.
async fn sent(cx: &Cx, pair: &Pair) -> Result<Sent, WebError> {
    let row = &pair.found.row;
    if let Some(batch) = &row.settled {
        return Ok(Sent { batch: Some(batch.clone()), job: None, waits: false });
    }
    let job = running(cx, &row.batch).await?.map(|job| format!("/bureau/data/jobs/{}", job.id));
    let waits = job.is_none() && open_row(cx, pair).await?.is_some();
    Ok(Sent { batch: None, job, waits })
}

/// A correction of this batch that is on its way.
async fn running(cx: &Cx, batch: &str) -> Result<Option<Job>, WebError> {
    let jobs = tuodi_inbox::list(&cx.state.store, 1, 50).await?;
    Ok(jobs.rows.into_iter().find(|job| job.stage.is_running() && job.corrects.as_deref() == Some(batch)))
}

/// The row as its file wrote it, while it is put aside for its number alone.
async fn open_row(cx: &Cx, pair: &Pair) -> Result<Option<(OpenRows, OpenRow, usize)>, WebError> {
    let row = &pair.found.row;
    let Some(open) = cx.state.ways.open_rows(&row.batch).await? else { return Ok(None) };
    let Some(found) = open.rows.iter().find(|one| one.row == row.row_no).cloned() else { return Ok(None) };
    let [(heading, _)] = found.problems.as_slice() else { return Ok(None) };
    let at = open.headings.iter().position(|one| one == heading);
    Ok(at.map(|at| (open, found, at)))
}

/// Writes the row with the person's number for a new job; `None` where it waits no longer.
async fn mend(cx: &Cx, pair: &Pair) -> Result<Option<NewJob>, WebError> {
    let Some((open, row, at)) = open_row(cx, pair).await? else { return Ok(None) };
    let number = IdNo::parse(&pair.person.id_no).map_err(|_| WebError::NotFound)?;
    let mut cells = row.cells;
    cells.resize(open.headings.len().max(at + 1), String::new());
    number.as_str().clone_into(&mut cells[at]);
    let batch = pair.found.row.batch.clone();
    let id = uuid::Uuid::new_v4().simple().to_string();
    let bytes = cx.state.ways.mend(&id, &batch, vec![(row.row, cells)]).await?;
    let file_name = format!("{}_{batch}_{}.csv", open.source, row.row);
    Ok(Some(NewJob {
        id,
        file_name,
        bytes,
        source: Some(open.source),
        corrects: Some(batch),
        confirmed: true,
        digest: None,
    }))
}

async fn receive(cx: &Cx, pair: &Pair, new: NewJob) -> Result<(), WebError> {
    let acting = &pair.acting;
    let (store, access) = (acting.store.clone(), acting.access.clone());
    let steward = tuodi_inbox::Cx { store, access, actor: acting.actor.clone(), now: acting.now };
    let id = new.id.clone();
    if let Err(error) = tuodi_inbox::receive(&steward, new).await {
        cx.state.ways.drop_file(&id);
        return Err(error.into());
    }
    cx.state.ways.wake();
    Ok(())
}

/// The decision, journalled with it.
async fn write(cx: &Cx, pair: &Pair, to: LinkState, holds: Option<PersonId>, why: String) -> Result<(), RegistryError> {
    let (acting, row) = (&pair.acting, pair.found.row.clone());
    let by = By { account: acting.actor.account.clone(), at: cx.now, reason: why };
    let (role, region) = (acting.actor.role.id().to_owned(), acting.actor.region.clone());
    let write = cx.state.store.write(move |tx| {
        Box::pin(async move {
            let person = decide_in(tx, row.id, to, holds, &by).await?;
            let entry = Entry {
                at: by.at,
                actor: by.account.clone(),
                role,
                act: "registry.link".to_owned(),
                subject: format!("person:{person}"),
                region,
                details: serde_json::json!({
                    "candidate": row.id, "state": to.word(), "before": row.state.word(), "band": row.band,
                    "bits": (row.weight * 10.0).round() / 10.0, "source": row.source, "batch": row.batch, "row": row.row_no,
                    "holds": holds.map(|person| person.0),
                }),
            };
            Ok(Recorded::new((), entry))
        })
    });
    write.await
}

pub async fn decide(cx: Cx, Path(id): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let pair = open(&cx, &id).await?;
    let row = &pair.found.row;
    let value = |field: &str| typed.get(field).map(|text| text.trim()).unwrap_or_default();
    let mut problems = Problems::default();
    let repeat = value("state") == REPEAT;
    let to = if repeat { Some(LinkState::Same) } else { LinkState::parse(value("state")) };
    let Some(to) = to else {
        problems.add("state", cx.t("linkage.problem.state"));
        return show(&cx, &pair, &typed, problems).await;
    };
    if !WHY.contains(&value("why").chars().count()) {
        problems.add("why", cx.t("linkage.problem.why"));
        return show(&cx, &pair, &typed, problems).await;
    }
    let both = [Some(&pair.person), pair.other.as_ref()];
    let holds = both.into_iter().flatten().map(|p| p.id).find(|id| id.to_string() == value("holds"));
    if to == LinkState::Same && pair.other.is_some() && holds.is_none() {
        problems.add("holds", cx.t("linkage.problem.holds"));
        return show(&cx, &pair, &typed, problems).await;
    }
    if row.state == LinkState::Same
        && to != LinkState::Same
        && let Some(problem) = take_back_row(&cx, &pair, value("why")).await?
    {
        problems.add("why", problem);
        return show(&cx, &pair, &typed, problems).await;
    }
    let mended = if to == LinkState::Same && !repeat && pair.other.is_none() { mend(&cx, &pair).await? } else { None };
    match write(&cx, &pair, to, holds.filter(|_| pair.other.is_some()), value("why").to_owned()).await {
        Ok(()) => {}
        Err(error) => {
            if let Some(new) = &mended {
                cx.state.ways.drop_file(&new.id);
            }
            let key = match error {
                RegistryError::DecidedSo { .. } | RegistryError::NoMerge { .. } => "linkage.problem.decided",
                RegistryError::LinkedAlready { .. } => "linkage.problem.linked",
                RegistryError::MergedAlready { .. } => "linkage.problem.merged",
                other => return Err(other.into()),
            };
            problems.add("why", cx.t(key));
            return show(&cx, &open(&cx, &id).await?, &typed, problems).await;
        }
    }
    if let Some(new) = mended {
        receive(&cx, &pair, new).await?;
    }
    cx.go(href(row.id))
}

/// The row that was sent under the person's number is taken out of the pool again; why that cannot be, in words. A batch that
/// brought more than this row is not touched: the page says where it can be undone.
async fn take_back_row(cx: &Cx, pair: &Pair, why: &str) -> Result<Option<&'static str>, WebError> {
    let row = &pair.found.row;
    let Some(batch) = &row.settled else {
        // While it is on its way nobody knows which batch it will be.
        let coming = pair.other.is_none() && running(cx, &row.batch).await?.is_some();
        return Ok(coming.then(|| cx.t("linkage.problem.on_its_way")));
    };
    let batches = cx.state.data.batches().await?;
    let alone = |one: &BatchFigure| one.batch == *batch && one.rows_read == 1;
    if !batches.iter().any(alone) {
        return Ok(None);
    }
    match cx.state.ways.say(&pair.acting.actor, batch, true, why, cx.now).await {
        // Undone already: nothing is left to take back.
        Ok(()) | Err(SayError::NoBatch | SayError::Refused("already")) => Ok(None),
        Err(SayError::Busy) => Ok(Some(cx.t("ways.problem.busy"))),
        Err(SayError::Refused(kind)) => Ok(Some(cx.t_of("ways.refused", kind))),
        Err(SayError::Data(error)) => Err(error.into()),
    }
}

/// A row that was said to be somebody and did not arrive is sent again.
pub async fn send(cx: Cx, Path(id): Path<String>) -> PageResult {
    let pair = open(&cx, &id).await?;
    let row = &pair.found.row;
    let may = row.state == LinkState::Same && row.settled.is_none() && running(&cx, &row.batch).await?.is_none();
    match mend(&cx, &pair).await? {
        Some(new) if may => receive(&cx, &pair, new).await?,
        Some(new) => cx.state.ways.drop_file(&new.id),
        None => {}
    }
    cx.go(href(row.id))
}
