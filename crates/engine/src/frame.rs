//! Frames: the facts of all households (or persons) side by side, put together chunk by chunk.
//!
//! A fact group is sparse; laying all of them out at once would cost gigabytes for a district. A frame only keeps,
//! for each group, which of its rows belongs to which household, and gathers a column for a chunk when a rule asks.

use crate::{EngineError, group::GroupTable, program::Program};
use arrow::{
    array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, UInt32Array, new_null_array},
    compute::{concat, take},
    datatypes::{Field, Int64Type, Schema},
};
use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    sync::Arc,
};
use tuodi_pack::facts::Grain;

/// Key -> row. The registry gives numbers in sequence, so a plain table usually does.
enum Lookup {
    Direct { least: i64, rows: Vec<u32> },
    Hashed(HashMap<i64, u32>),
}

const NOWHERE: u32 = u32::MAX;

impl Lookup {
    /// `Err` with the number of different keys when a key stands twice.
    fn new(keys: &[i64]) -> Result<Lookup, usize> {
        let least = keys.iter().copied().min().unwrap_or(0);
        let span = keys.iter().copied().max().unwrap_or(0).checked_sub(least).and_then(|s| usize::try_from(s).ok());
        let mut twice = 0;
        let lookup = match span {
            Some(span) if span <= keys.len() * 4 + 1024 => {
                let mut rows = vec![NOWHERE; span + 1];
                for (row, key) in keys.iter().enumerate() {
                    let slot = &mut rows[(key - least) as usize];
                    twice += usize::from(*slot != NOWHERE);
                    *slot = row as u32;
                }
                Lookup::Direct { least, rows }
            }
            _ => {
                let mut rows = HashMap::with_capacity(keys.len());
                for (row, key) in keys.iter().enumerate() {
                    twice += usize::from(rows.insert(*key, row as u32).is_some());
                }
                Lookup::Hashed(rows)
            }
        };
        if twice > 0 { Err(keys.len() - twice) } else { Ok(lookup) }
    }

    fn get(&self, key: i64) -> Option<u32> {
        match self {
            Lookup::Direct { least, rows } => {
                let slot = usize::try_from(key.checked_sub(*least)?).ok()?;
                rows.get(slot).copied().filter(|r| *r != NOWHERE)
            }
            Lookup::Hashed(rows) => rows.get(&key).copied(),
        }
    }
}

struct Place {
    table: Arc<GroupTable>,
    column: usize,
    /// Row of the table for each row of the frame; none where the table is the frame's own dense group.
    rows: Option<UInt32Array>,
}

pub(crate) struct Frame {
    pub grain: Grain,
    pub len: usize,
    /// Person or household number of each row.
    pub keys: Int64Array,
    places: HashMap<String, Place>,
}

impl Frame {
    pub fn chunk(&self, start: usize, len: usize) -> Chunk<'_> {
        Chunk { frame: self, start, len, gathered: RefCell::default() }
    }

    pub fn chunks(&self, size: usize) -> usize {
        self.len.div_ceil(size)
    }
}

/// Some rows of a frame with the columns gathered so far.
pub(crate) struct Chunk<'a> {
    pub frame: &'a Frame,
    pub start: usize,
    pub len: usize,
    gathered: RefCell<HashMap<String, ArrayRef>>,
}

impl Chunk<'_> {
    pub fn column(&self, name: &str) -> Result<ArrayRef, EngineError> {
        if let Some(array) = self.gathered.borrow().get(name) {
            return Ok(array.clone());
        }
        let fail = |message: String| EngineError::Rule { rule: format!("fact {name}"), message };
        let place = self.frame.places.get(name).ok_or_else(|| fail("was not computed".to_owned()))?;
        let column = place.table.batch.column(place.column);
        let array = match &place.rows {
            None => column.slice(self.start, self.len),
            Some(rows) => take(column, &rows.slice(self.start, self.len), None).map_err(|e| fail(e.to_string()))?,
        };
        self.gathered.borrow_mut().insert(name.to_owned(), array.clone());
        Ok(array)
    }

    pub fn put(&self, name: &str, array: ArrayRef) {
        self.gathered.borrow_mut().insert(name.to_owned(), array);
    }
}

pub(crate) struct Frames {
    pub household: Frame,
    pub person: Frame,
    /// Row of each person's household in the household frame; its length where the household is not there.
    pub home: UInt32Array,
}

impl Frames {
    /// `tables` in the order of the program's groups. `only`: facts that person rules mention, when not all are wanted.
    pub fn build(
        program: &Program,
        tables: &[Arc<GroupTable>],
        only: Option<&HashSet<String>>,
    ) -> Result<Frames, EngineError> {
        let (household_table, person_table) = (&tables[program.household], &tables[program.person]);
        let households = household_table.keys();
        let persons = person_table.keys();
        let household_rows = lookup(program, program.household, &households)?;
        let person_rows = lookup(program, program.person, &persons)?;

        let homes = person_table
            .batch
            .column_by_name(crate::schema::HOUSEHOLD)
            .ok_or(EngineError::NoDenseGroup("person"))?
            .as_primitive::<Int64Type>();
        let nowhere = households.len() as u32;
        let home: UInt32Array = (0..persons.len())
            .map(|p| (!homes.is_null(p)).then(|| homes.value(p)).and_then(|h| household_rows.get(h)).unwrap_or(nowhere))
            .collect::<Vec<u32>>()
            .into();

        let mut household_places = HashMap::new();
        let mut person_places = HashMap::new();
        for (i, (group, table)) in program.groups.iter().zip(tables).enumerate() {
            let dense = i == program.household || i == program.person;
            let mentioned =
                |names: &HashSet<String>| table.batch.schema_ref().fields().iter().any(|f| names.contains(f.name()));
            let wanted = dense || only.is_none_or(mentioned);
            let rows = match (dense, group.grain) {
                (true, _) => None,
                (false, Grain::Household) => Some(scatter(program, i, table, &household_rows, households.len())?),
                (false, Grain::Person) => Some(scatter(program, i, table, &person_rows, persons.len())?),
            };
            let seen_by_person = match (group.grain, &rows) {
                _ if !wanted => None,
                (Grain::Person, rows) => Some(rows.clone()),
                (Grain::Household, None) => Some(Some(home.clone())),
                (Grain::Household, Some(rows)) => {
                    // One step further: the person's household, then the household's row of this group.
                    let absent = table.rows as u32;
                    let of_home = |h: &u32| rows.values().get(*h as usize).copied().unwrap_or(absent);
                    Some(Some(home.values().iter().map(of_home).collect::<Vec<u32>>().into()))
                }
            };
            for (column, field) in table.batch.schema().fields().iter().enumerate() {
                let place = |rows: Option<UInt32Array>| Place { table: table.clone(), column, rows };
                // A person's own keys and region come from the person's row, never from the household's.
                if let Some(rows) = &seen_by_person
                    && (group.grain == Grain::Person || !person_table.has(field.name()))
                {
                    person_places.insert(field.name().clone(), place(rows.clone()));
                }
                if group.grain == Grain::Household && (i == program.household || !household_table.has(field.name())) {
                    household_places.insert(field.name().clone(), place(rows.clone()));
                }
            }
        }
        Ok(Frames {
            household: Frame {
                grain: Grain::Household,
                len: households.len(),
                keys: households,
                places: household_places,
            },
            person: Frame { grain: Grain::Person, len: persons.len(), keys: persons, places: person_places },
            home,
        })
    }

    /// Makes what was found a fact of its own grain, one value a row; what holds of a household its persons see too.
    pub fn put(&mut self, grain: Grain, name: &str, found: &ArrayRef) -> Result<(), EngineError> {
        let fail = |message: String| EngineError::Rule { rule: name.to_owned(), message };
        // The last row is that of absence: unknown.
        let nothing = new_null_array(found.data_type(), 1);
        let column = concat(&[found.as_ref(), nothing.as_ref()]).map_err(|e| fail(e.to_string()))?;
        let schema = Arc::new(Schema::new(vec![Field::new(name, found.data_type().clone(), true)]));
        let batch = RecordBatch::try_new(schema, vec![column]).map_err(|e| fail(e.to_string()))?;
        let table = Arc::new(GroupTable { batch, rows: found.len() });
        let place = |rows| Place { table: table.clone(), column: 0, rows };
        match grain {
            Grain::Person => {
                self.person.places.insert(name.to_owned(), place(None));
            }
            Grain::Household => {
                self.household.places.insert(name.to_owned(), place(None));
                self.person.places.insert(name.to_owned(), place(Some(self.home.clone())));
            }
        }
        Ok(())
    }
}

fn lookup(program: &Program, group: usize, keys: &Int64Array) -> Result<Lookup, EngineError> {
    Lookup::new(keys.values()).map_err(|different| several(program, group, keys.len(), different))
}

fn several(program: &Program, group: usize, rows: usize, keys: usize) -> EngineError {
    let group = &program.groups[group];
    EngineError::SeveralRows { group: group.id.clone(), key: group.key(), rows, keys }
}

/// For each dense row the row of a sparse table, or the row of absence, which stands last in the table.
fn scatter(
    program: &Program,
    group: usize,
    table: &GroupTable,
    dense: &Lookup,
    len: usize,
) -> Result<UInt32Array, EngineError> {
    let absent = table.rows as u32;
    let mut rows = vec![absent; len];
    let mut twice = 0;
    for (row, key) in table.keys().values().iter().enumerate() {
        if let Some(at) = dense.get(*key) {
            let slot = &mut rows[at as usize];
            twice += usize::from(*slot != absent);
            *slot = row as u32;
        }
    }
    if twice > 0 {
        return Err(several(program, group, table.rows, table.rows - twice));
    }
    Ok(rows.into())
}
