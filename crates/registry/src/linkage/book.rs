//! Everybody who is known, laid out for comparison in memory, so that rows without a number are linked as they arrive.

use super::{NUMBERS, Unnumbered};
use crate::{RegistryError, person::Person, person::open_people};
use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
};
use tuodi_linkage::{Band, Chunk, Config, Evidence, Index, Judged, Model, Records, evidence};
use tuodi_pack::{HouseholdId, PersonId, id_no::Sex};
use tuodi_store::Store;

/// Whom a row may be about.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    pub person: PersonId,
    /// Bits.
    pub weight: f64,
    pub band: Band,
    /// The row's number is the person's but for a slip that the check digit shows.
    pub repair: bool,
    /// What each field says, with the weight before anything was compared in front.
    pub evidence: Vec<Evidence>,
}

/// People compared at a time.
const AT_ONCE: usize = 20_000;
/// Candidates of one row that are kept: an officer reads no more.
const MOST: usize = 5;
/// Of all rows that come without a number, so many are about somebody who is known; before anything is learnt.
const KNOWN_SHARE: f64 = 0.5;
/// Of all people, so many have a second number; before anything is learnt.
const DOUBLE_SHARE: f64 = 0.001;

/// People and, behind them, the rows that came since. Holds names and numbers in memory; never printed.
pub struct LinkBook {
    config: Config,
    records: Records,
    index: Index,
    /// None while fewer than two people are known: nothing tells a common name from a rare one.
    model: Option<Model>,
    people: Vec<PersonId>,
}

impl LinkBook {
    /// Opens everybody once; half a million people take a few seconds. The configuration's fields are known by name: `name`,
    /// `sex`, `birth_date`, `region`, `members`, `id_no`; others say nothing.
    pub async fn load(store: &Store, config: Config, seed: u64) -> Result<LinkBook, RegistryError> {
        let people = open_people(store).await?;
        let built = tokio::task::spawn_blocking(move || LinkBook::of(&people, config, seed));
        built.await.map_err(|_| RegistryError::Store(tuodi_store::StoreError::Panicked))?
    }

    fn of(people: &[Person], config: Config, seed: u64) -> Result<LinkBook, RegistryError> {
        let mut records = Records::new(&config);
        add(&mut records, &config, people, &co_members(people), 0..people.len(), true);
        let prior = KNOWN_SHARE / people.len().max(1) as f64;
        let model = match people.len() {
            0 | 1 => None,
            _ => Some(Model::before_learning(&records, &config, prior, seed)?),
        };
        let index = Index::of(&records);
        Ok(LinkBook { people: people.iter().map(|person| person.id).collect(), config, records, index, model })
    }

    /// Weighs with what was learnt elsewhere.
    pub fn with_model(mut self, model: Model) -> LinkBook {
        self.model = Some(model);
        self
    }

    /// How many people are known.
    pub fn people(&self) -> usize {
        self.people.len()
    }

    /// Whom each row may be about, the likeliest first; nobody where nobody is like enough to be asked about.
    pub fn suggest(&mut self, rows: &[Unnumbered]) -> Result<Vec<Vec<Suggestion>>, RegistryError> {
        let Some(model) = self.model.clone() else { return Ok(vec![Vec::new(); rows.len()]) };
        let from = self.records.rows();
        let mut chunk = Chunk::default();
        for row in rows {
            let birth = row.birth_date.map(|date| date.to_string()).unwrap_or_default();
            let of = Cells {
                name: &row.name,
                sex: row.sex(),
                birth_date: &birth,
                region: &row.region_code,
                id_no: row.id_no.as_deref().unwrap_or_default(),
                members: &row.members.join("、"),
            };
            of.push(&self.config, &mut chunk);
        }
        self.records.extend(&chunk);
        let found = self.index.link_new(&self.records, &self.config, &model, from)?;
        let mut suggested: Vec<Vec<Suggestion>> = vec![Vec::new(); rows.len()];
        for pair in &found.pairs {
            let judged = Judged::of(&self.config, pair);
            // Rows that came before this one are no people yet.
            let Some(&person) = self.people.get(pair.left as usize).filter(|_| judged.band != Band::Different) else {
                continue;
            };
            let evidence = evidence(&self.records, &self.config, &model, pair.left, pair.right)?;
            let slip = |e: &Evidence| {
                e.field == "id_no" && matches!(e.level.as_str(), "check_digit" | "one_edit" | "transposed")
            };
            suggested[pair.right as usize - from].push(Suggestion {
                person,
                weight: f64::from(pair.weight),
                band: judged.band,
                repair: evidence.iter().any(slip),
                evidence: std::iter::once(before(&model)).chain(evidence).collect(),
            });
        }
        suggested.iter_mut().for_each(likeliest);
        Ok(suggested)
    }
}

fn before(model: &Model) -> Evidence {
    Evidence { field: String::new(), level: "before".to_owned(), weight: model.prior_weight(), frequency: 0.0 }
}

/// Names of those who live with each.
fn co_members(people: &[Person]) -> impl Fn(usize) -> Vec<String> + '_ {
    let mut households: HashMap<HouseholdId, Vec<usize>> = HashMap::new();
    for (at, person) in people.iter().enumerate() {
        if let Some(household) = person.household_id {
            households.entry(household).or_default().push(at);
        }
    }
    move |at| {
        let others = people[at].household_id.and_then(|household| households.get(&household)).into_iter().flatten();
        others.filter(|other| **other != at).map(|other| people[*other].name.clone()).collect()
    }
}

/// Adds some of the people; their numbers are compared only where `numbered`.
fn add(
    records: &mut Records,
    config: &Config,
    people: &[Person],
    members_of: &impl Fn(usize) -> Vec<String>,
    some: Range<usize>,
    numbered: bool,
) {
    let mut chunk = Chunk::default();
    for (at, person) in people[some.clone()].iter().enumerate() {
        let birth = person.birth_date.map(|date| date.to_string()).unwrap_or_default();
        let of = Cells {
            name: &person.name,
            sex: person.sex,
            birth_date: &birth,
            region: &person.region_code,
            id_no: if numbered { &person.id_no } else { "" },
            members: &members_of(some.start + at).join("、"),
        };
        of.push(config, &mut chunk);
        if chunk.bytes() > 1 << 20 {
            records.extend(&chunk);
            chunk.clear();
        }
    }
    records.extend(&chunk);
}

/// People who may be known under a second number, and how far everybody was compared.
#[derive(Debug)]
pub struct Doubles {
    /// Who came later, as a row that waits for an officer, and whom they may be.
    pub found: Vec<(Unnumbered, Vec<Suggestion>)>,
    /// The newest person there is.
    pub upto: PersonId,
}

/// Compares those who came since `after` with everybody known before and with each other, by all but their numbers: a number
/// that holds is no proof that it is the person's only one. People without a name and numbers that were merged are left out.
pub async fn doubles(store: &Store, config: Config, after: PersonId, seed: u64) -> Result<Doubles, RegistryError> {
    let merged = super::redirections(store).await?;
    let mut people = open_people(store).await?;
    let upto = people.last().map_or(after, |person| person.id).max(after);
    people.retain(|person| !person.name.is_empty() && !merged.contains_key(&person.id));
    let built = tokio::task::spawn_blocking(move || compare(&people, &config, after, seed)).await;
    let found = built.map_err(|_| RegistryError::Store(tuodi_store::StoreError::Panicked))??;
    Ok(Doubles { found, upto })
}

fn compare(
    people: &[Person],
    config: &Config,
    after: PersonId,
    seed: u64,
) -> Result<Vec<(Unnumbered, Vec<Suggestion>)>, RegistryError> {
    let known = people.partition_point(|person| person.id <= after);
    if known == people.len() || people.len() < 2 {
        return Ok(Vec::new());
    }
    let mut records = Records::new(config);
    let members_of = co_members(people);
    add(&mut records, config, people, &members_of, 0..known, false);
    let index = Index::of(&records);
    let mut model: Option<Model> = None;
    let mut suggested: BTreeMap<u32, Vec<Suggestion>> = BTreeMap::new();
    // So many at a time: the pairs of a whole district's first register would fill the memory.
    for from in (known..people.len()).step_by(AT_ONCE) {
        add(&mut records, config, people, &members_of, from..people.len().min(from + AT_ONCE), false);
        let prior = DOUBLE_SHARE / people.len() as f64;
        let model = match &model {
            Some(model) => model,
            None if records.rows() < 2 => continue,
            None => model.insert(Model::before_learning(&records, config, prior, seed)?),
        };
        for pair in &index.link_new(&records, config, model, from)?.pairs {
            let judged = Judged::of(config, pair);
            let home = |row: u32| people[row as usize].household_id;
            // Two members of one household are two people, however alike: twins.
            if judged.band == Band::Different || home(pair.left).is_some() && home(pair.left) == home(pair.right) {
                continue;
            }
            let evidence = evidence(&records, config, model, pair.left, pair.right)?;
            let evidence = evidence.into_iter().filter(|e| e.level != "missing");
            suggested.entry(pair.right).or_default().push(Suggestion {
                person: people[pair.left as usize].id,
                weight: f64::from(pair.weight),
                band: judged.band,
                repair: false,
                evidence: std::iter::once(before(model)).chain(evidence).collect(),
            });
        }
    }
    let with_row = |(at, mut of): (u32, Vec<Suggestion>)| {
        likeliest(&mut of);
        (row_of(&people[at as usize], members_of(at as usize)), of)
    };
    Ok(suggested.into_iter().map(with_row).collect())
}

fn row_of(person: &Person, members: Vec<String>) -> Unnumbered {
    Unnumbered {
        source: NUMBERS.to_owned(),
        batch: String::new(),
        row: person.id.0,
        id_no: Some(person.id_no.clone()),
        name: person.name.clone(),
        male: person.sex.map(|sex| sex == Sex::Male),
        birth_date: person.birth_date,
        region_code: person.region_code.clone(),
        members,
    }
}

fn likeliest(of: &mut Vec<Suggestion>) {
    of.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.person.cmp(&b.person)));
    of.truncate(MOST);
}

/// What is known of a person or a row, by the names that a configuration's fields have.
struct Cells<'a> {
    name: &'a str,
    sex: Option<Sex>,
    birth_date: &'a str,
    region: &'a str,
    id_no: &'a str,
    members: &'a str,
}

impl Cells<'_> {
    fn push(&self, config: &Config, chunk: &mut Chunk) {
        for field in &config.fields {
            chunk.push(match field.name.as_str() {
                "name" => self.name,
                "sex" => match self.sex {
                    Some(Sex::Male) => "1",
                    Some(Sex::Female) => "2",
                    None => "",
                },
                "birth_date" => self.birth_date,
                "region" => self.region,
                "members" => self.members,
                "id_no" => self.id_no,
                _ => "",
            });
        }
    }
}
