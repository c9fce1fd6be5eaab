//! Writing many people: sealed on all cores, inserted in large statements, one transaction and one journal entry a
//! chunk; the next chunk is sealed while the last one is written.

use crate::{
    RegistryError,
    identity_book::{Entered, EnteredHousehold, EnteredPerson},
    migrations::look_ups,
    vault::Vault,
};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use std::sync::Arc;
use tuodi_pack::PersonId;
use tuodi_store::{Entry, Recorded, Store, StoreError, Tx, insert_rows};

/// People in one transaction: short enough that others who write wait no more than a moment.
const CHUNK: usize = 20_000;
/// People of one statement on PostgreSQL.
const ROWS: usize = 5_000;

/// A person as the table holds them.
pub(crate) struct SealedPerson {
    pub id: PersonId,
    pub id_no_blind: [u8; 16],
    pub tail_blind: i64,
    pub name_blind: Option<i64>,
    pub household_id: Option<i64>,
    pub region_code: String,
    pub relation: Option<String>,
    pub registered: bool,
    pub mark: Option<i64>,
    pub id_no: Vec<u8>,
    pub name: Option<Vec<u8>>,
    pub phone: Option<Vec<u8>>,
    pub address: Option<Vec<u8>>,
    pub new: bool,
}

const COLUMNS: &str = "id, id_no_blind, tail_blind, name_blind, household_id, region_code, relation, registered, \
    record_mark, id_no, name, phone, address";

/// What a record does not say stays as it is stored.
const UPDATE: &str = " ON CONFLICT (id) DO UPDATE SET \
    name_blind = COALESCE(excluded.name_blind, person.name_blind), \
    household_id = COALESCE(excluded.household_id, person.household_id), \
    region_code = CASE excluded.region_code WHEN '' THEN person.region_code ELSE excluded.region_code END, \
    relation = COALESCE(excluded.relation, person.relation), registered = excluded.registered, \
    record_mark = COALESCE(excluded.record_mark, person.record_mark), \
    name = COALESCE(excluded.name, person.name), phone = COALESCE(excluded.phone, person.phone), \
    address = COALESCE(excluded.address, person.address) WHERE person.id_no_blind = excluded.id_no_blind";

const HOUSEHOLD_UPDATE: &str = " ON CONFLICT (id) DO UPDATE SET \
    region_code = CASE excluded.region_code WHEN '' THEN household.region_code ELSE excluded.region_code END, \
    head_id = COALESCE(excluded.head_id, household.head_id) WHERE household.no_blind = excluded.no_blind";

pub(crate) fn seal_person(vault: &Vault, entered: EnteredPerson) -> SealedPerson {
    let record = entered.record;
    let given = |text: &Option<String>| text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    let name = given(&record.name);
    SealedPerson {
        id: entered.id,
        id_no_blind: entered.blind,
        tail_blind: vault.tail_blind(&record.id_no),
        name_blind: name.as_deref().map(|name| vault.name_blind(name)),
        household_id: entered.household.map(|household| household.0),
        mark: entered.mark,
        id_no: vault.id_no.seal(record.id_no.as_str()),
        name: name.map(|name| vault.name.seal(&name)),
        phone: given(&record.phone).map(|phone| vault.phone.seal(&phone)),
        address: given(&record.address).map(|address| vault.address.seal(&address)),
        region_code: given(&record.region_code).unwrap_or_default(),
        relation: given(&record.relation),
        registered: record.registered,
        new: entered.new,
    }
}

/// Seals on all cores.
fn seal_all(vault: &Vault, people: Vec<EnteredPerson>) -> Vec<SealedPerson> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = people.len().div_ceil(threads).max(1);
    let mut shares = Vec::with_capacity(threads);
    let mut people = people.into_iter().peekable();
    while people.peek().is_some() {
        shares.push(people.by_ref().take(share).collect::<Vec<_>>());
    }
    std::thread::scope(|scope| {
        let work: Vec<_> = shares
            .into_iter()
            .map(|share| scope.spawn(move || share.into_iter().map(|p| seal_person(vault, p)).collect::<Vec<_>>()))
            .collect();
        work.into_iter().flat_map(|thread| thread.join().expect("sealing does not panic")).collect()
    })
}

/// Seals and writes people and households in chunks, one journal entry a chunk: the given one, with counts added.
///
/// The first register goes into the table without look-ups: [`make_look_ups`] when it is in. Killed in between, people are
/// still found, only slowly.
pub async fn save(store: &Store, entered: Entered, entry: Entry) -> Result<(), RegistryError> {
    let vault = Arc::new(Vault::new(store.keys()));
    let seal = |people: Vec<EnteredPerson>| {
        let vault = Arc::clone(&vault);
        tokio::task::spawn_blocking(move || seal_all(&vault, people))
    };
    let mut drop_look_ups = entered.first;
    let mut households = chunks(entered.households).peekable();
    let mut people = chunks(entered.persons);
    let mut sealing = people.next().map(&seal);
    while sealing.is_some() || households.peek().is_some() {
        let sealed = match sealing.take() {
            Some(task) => task.await.map_err(|_| StoreError::Panicked)?,
            None => Vec::new(),
        };
        sealing = people.next().map(&seal);
        let households_now = households.next().unwrap_or_default();
        let chunk =
            Chunk { households: households_now, people: sealed, drop_look_ups: std::mem::take(&mut drop_look_ups) };
        write_chunk(store, chunk, entry.clone()).await?;
    }
    Ok(())
}

struct Chunk {
    households: Vec<EnteredHousehold>,
    people: Vec<SealedPerson>,
    drop_look_ups: bool,
}

/// Makes the look-ups that the first register went in without. Costs a question where they stand already.
pub async fn make_look_ups(store: &Store) -> Result<(), RegistryError> {
    if !look_ups_missing(store).await? {
        return Ok(());
    }
    store
        .upkeep(|tx: &Tx| {
            Box::pin(async move {
                let conn = tx.conn();
                for look_up in look_ups(conn.get_database_backend()) {
                    conn.execute_unprepared(&look_up.create()).await?;
                }
                Ok(())
            })
        })
        .await
}

async fn look_ups_missing(store: &Store) -> Result<bool, RegistryError> {
    let names: Vec<String> = look_ups(store.backend()).map(|look_up| format!("'{}'", look_up.name)).collect();
    let (wanted, names) = (names.len() as i64, names.join(", "));
    let sql = match store.backend() {
        DbBackend::Postgres => format!(
            "SELECT COUNT(*) AS n FROM pg_indexes WHERE schemaname = current_schema() AND indexname IN ({names})"
        ),
        _ => format!("SELECT COUNT(*) AS n FROM sqlite_master WHERE type = 'index' AND name IN ({names})"),
    };
    let row = store.read().query_one_raw(Statement::from_string(store.backend(), sql)).await?;
    let found: i64 = row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0);
    Ok(found < wanted)
}

fn chunks<T>(all: Vec<T>) -> impl Iterator<Item = Vec<T>> {
    let mut all = all.into_iter();
    std::iter::from_fn(move || {
        let chunk: Vec<T> = all.by_ref().take(CHUNK).collect();
        (!chunk.is_empty()).then_some(chunk)
    })
}

async fn write_chunk(store: &Store, chunk: Chunk, mut entry: Entry) -> Result<(), RegistryError> {
    if let Some(details) = entry.details.as_object_mut() {
        details.insert("persons".to_owned(), chunk.people.len().into());
        details.insert("households".to_owned(), chunk.households.len().into());
    }
    let written = store
        .write(move |tx: &Tx| {
            Box::pin(async move {
                let conn = tx.conn();
                if chunk.drop_look_ups {
                    for look_up in look_ups(conn.get_database_backend()) {
                        conn.execute_unprepared(&format!("DROP INDEX IF EXISTS {}", look_up.name)).await?;
                    }
                }
                insert_households(conn, chunk.households).await?;
                insert_people(conn, chunk.people).await?;
                Ok::<_, RegistryError>(Recorded::new((), entry))
            })
        })
        .await;
    match written {
        Err(RegistryError::Store(error)) if error.is_duplicate() => Err(RegistryError::BookStale),
        other => other,
    }
}

/// New ones must not exist yet; known ones are updated.
pub(crate) async fn insert_people(conn: &Tx, people: Vec<SealedPerson>) -> Result<(), RegistryError> {
    let (new, known): (Vec<_>, Vec<_>) = people.into_iter().partition(|person| person.new);
    for (people, on_conflict) in [(new, ""), (known, UPDATE)] {
        match conn.get_database_backend() {
            DbBackend::Postgres => insert_people_postgres(conn, people, on_conflict).await?,
            _ => {
                let values = people.into_iter().map(person_values);
                insert_rows(conn, "person", COLUMNS, values, on_conflict).await?;
            }
        }
    }
    Ok(())
}

fn person_values(person: SealedPerson) -> [Value; 13] {
    [
        person.id.0.into(),
        person.id_no_blind.to_vec().into(),
        person.tail_blind.into(),
        person.name_blind.into(),
        person.household_id.into(),
        person.region_code.into(),
        person.relation.into(),
        person.registered.into(),
        person.mark.into(),
        person.id_no.into(),
        person.name.into(),
        person.phone.into(),
        person.address.into(),
    ]
}

async fn insert_households(conn: &Tx, households: Vec<EnteredHousehold>) -> Result<(), RegistryError> {
    let (new, known): (Vec<_>, Vec<_>) = households.into_iter().partition(|household| household.new);
    for (households, on_conflict) in [(new, ""), (known, HOUSEHOLD_UPDATE)] {
        let values = households.into_iter().map(|household| -> [Value; 4] {
            [
                household.id.0.into(),
                household.blind.to_vec().into(),
                household.region_code.unwrap_or_default().into(),
                household.head.map(|head| head.0).into(),
            ]
        });
        insert_rows(conn, "household", "id, no_blind, region_code, head_id", values, on_conflict).await?;
    }
    Ok(())
}

/// One JSON parameter a statement: PostgreSQL takes it far faster than ten thousand bound values.
async fn insert_people_postgres(conn: &Tx, people: Vec<SealedPerson>, on_conflict: &str) -> Result<(), RegistryError> {
    let sql = format!(
        "INSERT INTO person ({COLUMNS}) SELECT {COLUMNS} FROM json_to_recordset($1::json) AS r(id bigint, \
         id_no_blind bytea, tail_blind bigint, name_blind bigint, household_id bigint, region_code text, \
         relation text, registered boolean, record_mark bigint, id_no bytea, name bytea, phone bytea, \
         address bytea){on_conflict}"
    );
    for chunk in people.chunks(ROWS) {
        let rows = people_json(chunk);
        conn.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql.clone(), [rows.into()])).await?;
    }
    Ok(())
}

fn people_json(people: &[SealedPerson]) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(people.len() * 640);
    let bytes = |bytes: &[u8]| format!("\"\\\\x{}\"", hex::encode(bytes));
    let optional = |value: &Option<Vec<u8>>| value.as_deref().map_or_else(|| "null".to_owned(), bytes);
    let number = |value: Option<i64>| value.map_or_else(|| "null".to_owned(), |n| n.to_string());
    out.push('[');
    for (i, person) in people.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write!(
            out,
            "{{\"id\":{},\"id_no_blind\":{},\"tail_blind\":{},\"name_blind\":{},\"household_id\":{},\
             \"region_code\":{},\"relation\":{},\"registered\":{},\"record_mark\":{},\"id_no\":{},\"name\":{},\
             \"phone\":{},\"address\":{}}}",
            person.id,
            bytes(&person.id_no_blind),
            person.tail_blind,
            number(person.name_blind),
            number(person.household_id),
            serde_json::Value::from(person.region_code.as_str()),
            serde_json::Value::from(person.relation.as_deref()),
            person.registered,
            number(person.mark),
            bytes(&person.id_no),
            optional(&person.name),
            optional(&person.phone),
            optional(&person.address),
        )
        .expect("writing to a String cannot fail");
    }
    out.push(']');
    out
}
