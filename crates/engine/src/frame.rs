//! Frames: the facts of all households (or persons) side by side, put together chunk by chunk.
//!
//! A fact group is sparse; laying all of them out at once would cost gigabytes for a district. A frame only keeps,
//! for each group, which of its rows belongs to which household, and gathers a column for a chunk when a rule asks.

use crate::{EngineError, group::GroupTable, lookup::Lookup, program::Program, rule::Rule};
use arrow::{
    array::{
        Array, ArrayRef, AsArray, BooleanArray, BooleanBufferBuilder, Int64Array, RecordBatch, UInt32Array,
        new_null_array,
    },
    buffer::{BooleanBuffer, NullBuffer},
    compute::{concat, take},
    datatypes::{Field, Int64Type, Schema},
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex},
};
use tuodi_pack::facts::Grain;

struct Place {
    table: Arc<GroupTable>,
    column: usize,
    /// Position in the program; none where it is no fact but found.
    group: Option<usize>,
    rows: Rows,
}

/// Which row of its table each row of a frame has.
#[derive(Clone)]
enum Rows {
    /// The same: the table is the frame's own dense group, or was found row by row.
    Same,
    /// As told for each; the table's last row is that of absence.
    Of(UInt32Array),
    /// A person's: that of the household in whose row the person is at home. Laid out for everybody, the groups of
    /// households would take a hundred megabytes.
    OfHome { home: UInt32Array, households: UInt32Array, absent: u32 },
}

impl Rows {
    fn at(&self, row: usize) -> u32 {
        match self {
            Rows::Same => row as u32,
            Rows::Of(rows) => rows.value(row),
            Rows::OfHome { home, households, absent } => {
                households.values().get(home.value(row) as usize).copied().unwrap_or(*absent)
            }
        }
    }
}

pub(crate) struct Frame {
    pub grain: Grain,
    pub len: usize,
    /// Person or household number of each row.
    pub keys: Int64Array,
    places: HashMap<String, Place>,
    guards: Mutex<Guards>,
}

/// The rows for which a rule can hold or be unknown, ascending: those that have a row in one of some sparse groups.
type Guard = Arc<Vec<u32>>;

#[derive(Default)]
struct Guards {
    /// By the rule's serial number; none where the rule must be asked of everybody.
    of_rules: HashMap<u64, Option<Guard>>,
    /// By the sparse groups, as positions in the program.
    of_groups: HashMap<Vec<usize>, Guard>,
}

/// Fewer rows are not worth choosing from.
const MANY: usize = 1024;
/// Choosing pays when at most one row in so many is chosen.
const FEW: usize = 4;

impl Frame {
    fn new(grain: Grain, keys: Int64Array, places: HashMap<String, Place>) -> Frame {
        Frame { grain, len: keys.len(), keys, places, guards: Mutex::default() }
    }

    pub fn chunk(&self, start: usize, len: usize) -> Chunk<'_> {
        Chunk { frame: self, start, len, gathered: Mutex::default(), within: None }
    }

    /// The guard of a rule: among the parts of its conjunction that mention only sparse groups and fail where all of
    /// these are absent, the one with the fewest rows.
    fn guard(&self, rule: &Rule) -> Result<Option<Guard>, EngineError> {
        let mut guards = self.guards.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(guard) = guards.of_rules.get(&rule.serial) {
            return Ok(guard.clone());
        }
        let mut best: Option<(usize, BTreeMap<usize, &Place>)> = None;
        for part in &rule.parts {
            let Some(places) = self.sparse(&part.columns) else { continue };
            let size = places.values().map(|p| p.table.rows).sum();
            if size * FEW > self.len || best.as_ref().is_some_and(|(least, _)| *least <= size) {
                continue;
            }
            let absent = part.columns.iter().map(|name| {
                let place = &self.places[name];
                place.table.batch.column(place.column).slice(place.table.rows, 1)
            });
            if rule.part_fails(part, absent.collect())? {
                best = Some((size, places));
            }
        }
        let guard = best.map(|(_, places)| {
            let groups = places.keys().copied().collect();
            let there = |place: &&Place| {
                let absent = place.table.rows as u32;
                BooleanBuffer::collect_bool(self.len, |row| place.rows.at(row) != absent)
            };
            let make = || {
                let any = places.values().map(there).reduce(|a, b| &a | &b);
                Arc::new(any.iter().flat_map(BooleanBuffer::set_indices_u32).collect())
            };
            guards.of_groups.entry(groups).or_insert_with(make).clone()
        });
        guards.of_rules.insert(rule.serial, guard.clone());
        Ok(guard)
    }

    /// One place of each group that these columns come from; none where one is known of everybody.
    fn sparse(&self, columns: &[String]) -> Option<BTreeMap<usize, &Place>> {
        let mut places = BTreeMap::new();
        for name in columns {
            let place = self.places.get(name)?;
            if matches!(place.rows, Rows::Same) {
                return None;
            }
            places.insert(place.group?, place);
        }
        Some(places)
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
    gathered: Mutex<HashMap<String, ArrayRef>>,
    /// The chunk that these are rows of, and which.
    within: Option<(&'a Chunk<'a>, UInt32Array)>,
}

impl<'a> Chunk<'a> {
    pub fn column(&self, name: &str) -> Result<ArrayRef, EngineError> {
        if let Some(array) = self.known(name) {
            return Ok(array);
        }
        let array = self.gather(name)?;
        self.put(name, array.clone());
        Ok(array)
    }

    fn known(&self, name: &str) -> Option<ArrayRef> {
        self.gathered.lock().unwrap_or_else(|e| e.into_inner()).get(name).cloned()
    }

    fn gather(&self, name: &str) -> Result<ArrayRef, EngineError> {
        let fail = |message: String| EngineError::Rule { rule: format!("fact {name}"), message };
        let taken = |values: &dyn Array, rows: &UInt32Array| take(values, rows, None).map_err(|e| fail(e.to_string()));
        if let Some((whole, rows)) = &self.within
            && let Some(array) = whole.known(name)
        {
            return taken(&array, rows);
        }
        let place = self.frame.places.get(name).ok_or_else(|| fail("was not computed".to_owned()))?;
        let column = place.table.batch.column(place.column);
        match (&place.rows, &self.within) {
            (Rows::Same, None) => Ok(column.slice(self.start, self.len)),
            (Rows::Of(rows), None) => taken(column, &rows.slice(self.start, self.len)),
            (rows, None) => taken(column, &(self.start..self.start + self.len).map(|row| rows.at(row)).collect()),
            (rows, Some((_, chosen))) => {
                let start = self.start;
                taken(column, &chosen.values().iter().map(|row| rows.at(start + *row as usize)).collect())
            }
        }
    }

    pub fn put(&self, name: &str, array: ArrayRef) {
        self.gathered.lock().unwrap_or_else(|e| e.into_inner()).insert(name.to_owned(), array);
    }

    /// Some of these rows: rules are asked of them without looking at the others.
    pub fn pick<'b>(&'b self, rows: UInt32Array) -> Chunk<'b>
    where
        'a: 'b,
    {
        let (whole, rows): (&'b Chunk<'b>, UInt32Array) = match &self.within {
            None => (self, rows),
            Some((whole, own)) => (whole, rows.values().iter().map(|row| own.value(*row as usize)).collect()),
        };
        let len = rows.len();
        Chunk { frame: self.frame, start: self.start, len, gathered: Mutex::default(), within: Some((whole, rows)) }
    }

    /// These rows, where there are so few of them that choosing pays.
    pub fn few(&self, rows: &BooleanBuffer) -> Option<UInt32Array> {
        let pays = self.len >= MANY && rows.count_set_bits() * FEW <= self.len;
        pays.then(|| UInt32Array::from(rows.set_indices_u32().collect::<Vec<u32>>()))
    }

    /// The rows for which a rule can hold or be unknown, where they are few; for all others it fails.
    pub fn candidates(&self, rule: &Rule) -> Result<Option<UInt32Array>, EngineError> {
        if self.within.is_some() || self.len < MANY {
            return Ok(None);
        }
        let Some(guard) = self.frame.guard(rule)? else { return Ok(None) };
        let (start, end) = (self.start as u32, (self.start + self.len) as u32);
        let own = &guard[guard.partition_point(|row| *row < start)..guard.partition_point(|row| *row < end)];
        Ok((own.len() * FEW <= self.len).then(|| own.iter().map(|row| row - start).collect::<Vec<u32>>().into()))
    }

    /// Whether this is a whole chunk, not rows chosen from one.
    pub fn is_whole(&self) -> bool {
        self.within.is_none()
    }

    /// Whether a rule is asked of few rows only.
    pub fn is_guarded(&self, rule: &Rule) -> Result<bool, EngineError> {
        Ok(self.within.is_none() && self.len >= MANY && self.frame.guard(rule)?.is_some())
    }
}

/// Answers of some rows as answers of all `len`: the others fail.
pub(crate) fn spread(answers: &BooleanArray, rows: &UInt32Array, len: usize) -> BooleanArray {
    let mut values = BooleanBufferBuilder::new(len);
    values.append_n(len, false);
    for row in answers.values().set_indices() {
        values.set_bit(rows.value(row) as usize, true);
    }
    let nulls = answers.nulls().filter(|nulls| nulls.null_count() > 0).map(|nulls| {
        let mut valid = BooleanBufferBuilder::new(len);
        valid.append_n(len, true);
        for row in (!nulls.inner()).set_indices() {
            valid.set_bit(rows.value(row) as usize, false);
        }
        NullBuffer::new(valid.finish())
    });
    BooleanArray::new(values.finish(), nulls)
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
                (true, _) => Rows::Same,
                (false, Grain::Household) => Rows::Of(scatter(program, i, table, &household_rows, households.len())?),
                (false, Grain::Person) => Rows::Of(scatter(program, i, table, &person_rows, persons.len())?),
            };
            let seen_by_person = match (group.grain, &rows) {
                _ if !wanted => None,
                (Grain::Household, Rows::Same) => Some(Rows::Of(home.clone())),
                (Grain::Household, Rows::Of(rows)) => {
                    let (home, households) = (home.clone(), rows.clone());
                    Some(Rows::OfHome { home, households, absent: table.rows as u32 })
                }
                (_, rows) => Some(rows.clone()),
            };
            for (column, field) in table.batch.schema().fields().iter().enumerate() {
                let place = |rows: Rows| Place { table: table.clone(), column, group: Some(i), rows };
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
            household: Frame::new(Grain::Household, households, household_places),
            person: Frame::new(Grain::Person, persons, person_places),
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
        let place = |rows| Place { table: table.clone(), column: 0, group: None, rows };
        match grain {
            Grain::Person => {
                self.person.places.insert(name.to_owned(), place(Rows::Same));
            }
            Grain::Household => {
                self.household.places.insert(name.to_owned(), place(Rows::Same));
                self.person.places.insert(name.to_owned(), place(Rows::Of(self.home.clone())));
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
