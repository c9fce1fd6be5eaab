//! One file through the threads: a reader cuts records, converters type them, and the thread that has the vault takes
//! them in their order. Every channel is short, so memory does not grow with the file.

use crate::{
    PoolError, Refusal,
    contract::{Contracts, HEAD_ROWS, Hint},
    convert::{Converted, Plan, Surroundings, convert},
    input::{self, Halt, Opened},
    record,
    record::Rows,
    report::Limits,
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};
use tuodi_pack::source::Source;

/// Why a file did not come through.
#[derive(Debug)]
pub(crate) enum Stop {
    Refused(Refusal),
    Fault(PoolError),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Stop {
        Stop::Refused(refusal)
    }
}

impl From<PoolError> for Stop {
    fn from(fault: PoolError) -> Stop {
        Stop::Fault(fault)
    }
}

pub(crate) struct Through<'a> {
    pub file: &'a Opened<'a>,
    pub by_name: &'a Hint,
    pub sources: &'a [Source],
    pub contracts: &'a Contracts<'a>,
    pub around: &'a Surroundings,
    pub limits: &'a Limits,
}

struct Work {
    sequence: u64,
    first: i64,
    rows: Rows,
    plan: Arc<Plan>,
}

/// Reads the file and gives each converted piece to `take`, in order. Answers with the plan.
pub(crate) fn run(
    through: &Through<'_>,
    take: &mut dyn FnMut(Converted) -> Result<(), PoolError>,
) -> Result<Arc<Plan>, Stop> {
    // One converter a core: the reader and the taker wait more than they work.
    let converters = thread::available_parallelism().map_or(2, |n| n.get().clamp(1, 8));
    thread::scope(|scope| {
        let (work_to, work_from) = sync_channel::<Work>(converters);
        let (done_to, done_from) = sync_channel::<Converted>(converters);
        let reader = scope.spawn(move || read(through, &work_to));
        let work_from = Arc::new(Mutex::new(work_from));
        for _ in 0..converters {
            let (work_from, done_to) = (Arc::clone(&work_from), done_to.clone());
            scope.spawn(move || convert_all(&work_from, &done_to, through.around));
        }
        drop((work_from, done_to));
        let taken = take_in_order(&done_from, take);
        // Whoever still waits to send learns that nobody listens, and ends.
        drop(done_from);
        let read = reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        match (taken, read) {
            (Err(fault), _) => Err(Stop::Fault(fault)),
            (Ok(()), Err(Halt::Refused(refusal))) => Err(Stop::Refused(refusal)),
            (Ok(()), Ok(plan)) => Ok(plan),
            // Only after a fault of the taker, or a panic that the scope passes on.
            (Ok(()), Err(Halt::Gone)) => unreachable!("the reader stops early only when the taker has failed"),
        }
    })
}

fn take_in_order(
    from: &Receiver<Converted>,
    take: &mut dyn FnMut(Converted) -> Result<(), PoolError>,
) -> Result<(), PoolError> {
    let mut waiting = BTreeMap::new();
    let mut next = 0;
    for converted in from {
        waiting.insert(converted.sequence, converted);
        while let Some(converted) = waiting.remove(&next) {
            take(converted)?;
            next += 1;
        }
    }
    Ok(())
}

fn convert_all(from: &Mutex<Receiver<Work>>, to: &SyncSender<Converted>, around: &Surroundings) {
    loop {
        let work = from.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Work { sequence, first, rows, plan }) = work else { return };
        if to.send(convert(sequence, first, rows, plan, around)).is_err() {
            return;
        }
    }
}

/// Finds the header in the first piece, then passes the pieces on.
fn read(through: &Through<'_>, to: &SyncSender<Work>) -> Result<Arc<Plan>, Halt> {
    let file = through.file;
    let mut found: Option<Arc<Plan>> = None;
    let mut sequence = 0;
    let mut first = 1_i64;
    input::read(file, through.limits, through.contracts, &mut |mut rows| {
        let plan = match &found {
            Some(plan) => Arc::clone(plan),
            None => {
                let head = head_of(&rows, file.delimiter);
                let header = through.contracts.find(&head, through.by_name)?;
                let above = header.row + 1;
                let source = &through.sources[header.source];
                let plan = Arc::new(Plan::new(source, header, file.delimiter, file.format));
                rows.drop_front(above);
                if rows.len() > 0 {
                    plan.note_correction(rows.record(0));
                }
                found = Some(Arc::clone(&plan));
                plan
            }
        };
        let count = rows.len() as i64;
        if count > 0 {
            to.send(Work { sequence, first, rows, plan }).map_err(|_| Halt::Gone)?;
            sequence += 1;
            first += count;
        }
        Ok(())
    })?;
    match found {
        Some(plan) => Ok(plan),
        // Nothing at all: the search says so in its own words.
        None => Err(match through.contracts.find(&[], through.by_name) {
            Err(refusal) => Halt::Refused(refusal),
            Ok(_) => Halt::Gone,
        }),
    }
}

pub(crate) fn head_of(rows: &Rows, delimiter: u8) -> Vec<Vec<String>> {
    (0..rows.len().min(HEAD_ROWS))
        .map(|i| {
            let mut fields = Vec::new();
            record::split(rows.record(i), delimiter, &mut fields);
            fields.into_iter().map(|f| f.into_owned()).collect()
        })
        .collect()
}
