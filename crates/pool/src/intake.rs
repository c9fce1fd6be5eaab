//! Taking files in: one after the other, each whole or not at all.

mod people;
mod publisher;
mod scores;
mod taker;

use crate::{
    BatchState, FileReport, FileState, IntakeOptions, IntakeReport, Manifest, Pool, PoolError, Progress, Refusal,
    Sealer, Vault,
    contract::{Contracts, Hint},
    convert::{Register, Surroundings},
    input::{self, Found, Opened},
    pipeline::{self, Stop, Through},
    snapshot,
};
use publisher::{Publisher, Whole};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Instant,
};
use taker::{Mode, Taker};
use tuodi_pack::{Lang, Pack, Text, source::Column};

/// Everything that stays the same from file to file.
struct Intake<'a> {
    pool: &'a Pool,
    pack: &'a Pack,
    contracts: Contracts<'a>,
    around: Surroundings,
    sealer: &'a dyn Sealer,
    options: &'a IntakeOptions<'a>,
    /// What the pool holds, with what this intake has added (or, on a dry run, would have).
    manifests: Vec<Manifest>,
    intake: String,
    /// By source, batches taken earlier whose files are among this intake's.
    met: BTreeMap<String, Vec<String>>,
}

impl Pool {
    /// Takes in the files, and the files in the folders. Each is taken, recognised as taken before, held, or refused;
    /// one that is refused does not stop the others. An error means that the pool itself is in trouble: files
    /// reported before it (through the manifests) stay taken.
    pub fn intake(
        &self,
        paths: &[PathBuf],
        pack: &Pack,
        vault: &mut dyn Vault,
        sealer: &dyn Sealer,
        options: &IntakeOptions<'_>,
    ) -> Result<IntakeReport, PoolError> {
        let started = Instant::now();
        let files = files_of(paths)?;
        let _lock = self.lock()?;
        self.clean()?;
        let manifests = self.batches()?;
        let around = Surroundings::new(pack, options.as_of_today, vault.tokeniser());
        let mut intake = Intake {
            met: BTreeMap::new(),
            pool: self,
            pack,
            contracts: Contracts::new(&pack.sources, options.mappings),
            around,
            sealer,
            options,
            intake: format!("intake-{}", batch_id(&manifests, options.now, "")),
            manifests,
        };
        let mut report = IntakeReport::default();
        let files = unpacked(files, options, self.dir());
        let files: Vec<(Found<'_>, Result<Opened<'_>, Refusal>)> = register_first(files, pack)
            .into_iter()
            .map(|(found, whole)| {
                let opened = whole.and_then(|()| input::open(&found, &options.limits));
                (found, opened)
            })
            .collect();
        for opened in files.iter().filter_map(|(_, opened)| opened.as_ref().ok()) {
            if let Some(known) = intake.known(opened) {
                let (source, batch) = (known.source.clone(), known.batch.clone());
                intake.met.entry(source).or_default().push(batch);
            }
        }
        let count = files.len();
        std::thread::scope(|scope| {
            let publisher = Publisher::start(scope, self, pack, intake.manifests.clone());
            for (i, (found, opened)) in files.into_iter().enumerate() {
                if publisher.has_failed() {
                    break;
                }
                report.add(intake.file(&found, opened, (i + 1, count), vault, &publisher)?);
            }
            publisher.finish()
        })?;
        report.ms = started.elapsed().as_millis() as u64;
        Ok(report)
    }
}

/// `20260901T081500Z-003-1a2b3c4d`: sorts by arrival, also among batches of one second.
pub(crate) fn batch_id(manifests: &[Manifest], now: chrono::DateTime<chrono::Utc>, sha256: &str) -> String {
    let stamp = now.format("%Y%m%dT%H%M%SZ").to_string();
    let taken = manifests
        .iter()
        .filter_map(|m| m.batch.strip_prefix(stamp.as_str())?.split('-').nth(1)?.parse::<u32>().ok())
        .max()
        .unwrap_or(0);
    let id = format!("{stamp}-{:03}", taken + 1);
    if sha256.is_empty() { id } else { format!("{id}-{}", &sha256[..sha256.len().min(8)]) }
}

/// The files meant, in name order. What the system leaves in folders is nobody's data; nor is `truth`, the answers that `synth` writes beside a fictional district's files.
fn files_of(paths: &[PathBuf]) -> Result<Vec<PathBuf>, PoolError> {
    fn walk(dir: &Path, files: &mut Vec<PathBuf>) -> Result<(), PoolError> {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(dir)
            .and_then(|entries| entries.map(|e| e.map(|e| e.path())).collect())
            .map_err(PoolError::disk(dir))?;
        entries.sort();
        for path in entries {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if input::is_litter(&name) {
                continue;
            }
            if path.is_dir() {
                if name != "truth" {
                    walk(&path, files)?;
                }
            } else {
                files.push(path);
            }
        }
        Ok(())
    }
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = files.len();
            walk(path, &mut files)?;
            if files.len() == before {
                return Err(PoolError::NoFiles { path: path.clone() });
            }
        } else if path.exists() {
            files.push(path.clone());
        } else {
            return Err(PoolError::NoSuchPath { path: path.clone() });
        }
    }
    Ok(files)
}

/// Archives as the files in them; with each what stands against looking into it.
fn unpacked<'a>(
    files: Vec<PathBuf>,
    options: &IntakeOptions<'a>,
    scratch: &Path,
) -> Vec<(Found<'a>, Result<(), Refusal>)> {
    let inside = |path: PathBuf| {
        let found = Found::on_disk(&path, options.open);
        match found.inside(&options.limits, scratch) {
            Ok(files) => files.into_iter().map(|file| (file, Ok(()))).collect(),
            Err(refusal) => vec![(found, Err(refusal))],
        }
    };
    files.into_iter().flat_map(inside).collect()
}

/// Files of the register of residents before the others, otherwise in the order given: people then come into the
/// vault once, with their names, instead of first by number and again by name. Only a matter of speed: a glance at the
/// first bytes decides, and a glance that errs costs nothing else.
fn register_first<'a, T>(mut files: Vec<(Found<'a>, T)>, pack: &Pack) -> Vec<(Found<'a>, T)> {
    const GLANCE: u64 = 8 << 10;
    let spelled = |column: &'_ Column| -> Vec<String> {
        let own = [column.name.as_str(), column.title.get(Lang::Zh)];
        own.into_iter().chain(column.aliases.iter().map(String::as_str)).map(str::to_owned).collect()
    };
    // Of each register, how each of its columns may be spelled: other sources know one or two of them as well.
    let registers: Vec<Vec<Vec<String>>> = pack
        .sources
        .iter()
        .filter_map(|source| {
            let columns = Register::of(source)?.columns();
            Some(columns.into_iter().map(|i| spelled(&source.columns[i])).collect())
        })
        .collect();
    let is_register = |file: &Found<'_>| {
        let head = file.glance(GLANCE).unwrap_or_default();
        let texts = [String::from_utf8_lossy(&head), encoding_rs::GB18030.decode(&head).0];
        let there =
            |column: &Vec<String>| column.iter().any(|name| texts.iter().any(|text| text.contains(name.as_str())));
        registers.iter().any(|columns| columns.iter().all(there))
    };
    files.sort_by_cached_key(|(file, _)| !is_register(file));
    files
}

impl<'a> Intake<'a> {
    fn file(
        &mut self,
        found: &Found<'_>,
        opened: Result<Opened<'_>, Refusal>,
        (number, files): (usize, usize),
        vault: &mut dyn Vault,
        publisher: &Publisher<'_, 'a>,
    ) -> Result<FileReport, PoolError> {
        let started = Instant::now();
        let shown = found.shown();
        let progress = |rows: u64| {
            if let Some(tell) = self.options.progress {
                tell(Progress { file: &shown, number, files, rows });
            }
        };
        progress(0);
        let mut report = FileReport {
            file: shown.clone(),
            state: FileState::Refused,
            source: None,
            batch: None,
            encoding: None,
            rows_read: 0,
            rows_taken: 0,
            rows_quarantined: 0,
            reasons: Default::default(),
            ms: 0,
            refusal: None,
        };
        let outcome = match opened {
            Ok(opened) => match self.known(&opened) {
                Some(known) => {
                    report.state = FileState::AlreadyTaken;
                    report.source = Some(known.source.clone());
                    report.batch = Some(known.batch.clone());
                    return Ok(FileReport { ms: started.elapsed().as_millis() as u64, ..report });
                }
                None => self.take(&opened, vault, &progress, publisher),
            },
            Err(refusal) => Err(Stop::Refused(refusal)),
        };
        match outcome {
            Ok(manifest) => {
                report.state = match manifest.state {
                    BatchState::Taken => FileState::Taken,
                    BatchState::Held => FileState::Held,
                };
                report.source = Some(manifest.source.clone());
                report.batch = (!self.options.dry_run).then(|| manifest.batch.clone());
                report.encoding = manifest.encoding.clone();
                report.rows_read = manifest.rows_read;
                report.rows_taken = manifest.rows_taken;
                report.rows_quarantined = manifest.rows_quarantined;
                report.reasons = manifest.reasons.clone();
                self.manifests.push(manifest);
            }
            Err(Stop::Refused(refusal)) => report.refusal = Some(Refusal { file: shown.clone(), ..refusal }),
            Err(Stop::Fault(fault)) => return Err(fault),
        }
        report.ms = started.elapsed().as_millis() as u64;
        Ok(report)
    }

    /// The same bytes, taken or held before. What was undone may be sent again. A batch held under an older contract gets another chance.
    fn known(&self, opened: &Opened<'_>) -> Option<&Manifest> {
        self.manifests.iter().find(|m| {
            m.sha256 == opened.sha256
                && !m.is_undone()
                && (m.state == BatchState::Taken
                    || self.pack.source(&m.source).is_some_and(|s| s.version == m.contract_version))
        })
    }

    fn take(
        &self,
        opened: &Opened<'_>,
        vault: &mut dyn Vault,
        progress: &dyn Fn(u64),
        publisher: &Publisher<'_, 'a>,
    ) -> Result<Manifest, Stop> {
        let batch = batch_id(&self.manifests, self.options.now, &opened.sha256);
        let mode = if self.options.dry_run { Mode::DryRun } else { Mode::Take };
        let first = self.pass(opened, &batch, mode, vault, progress);
        let taker = match first {
            Ok(taker) => taker,
            Err(stop) => {
                vault.discard();
                return Err(stop);
            }
        };
        // A few mended rows are no batch to be judged by its share of good ones; those still wrong stay put aside.
        let mends = self.original(taker.plan()).is_some_and(|m| m.state == BatchState::Taken);
        let held = match mends {
            true => taker.rows_good() == 0 && taker.rows_read() > 0,
            false => taker.validity() < self.options.limits.validity_percent,
        };
        let (taker, state) = match (held, mode) {
            (false, _) => (taker, BatchState::Taken),
            (true, Mode::DryRun) => (taker, BatchState::Held),
            (true, _) => {
                // Rare, and the rows taken so far are in no quarantine file: read the file again for that.
                taker.abandon();
                vault.discard();
                (self.pass(opened, &batch, Mode::Hold, vault, progress)?, BatchState::Held)
            }
        };
        let mut manifest = taker.manifest(opened, state);
        self.place_in_group(&mut manifest, self.original(taker.plan()));
        if mode != Mode::DryRun {
            let source = taker.plan().map(|plan| plan.source.clone());
            let people = (state == BatchState::Taken).then(|| vault.flush());
            publisher.publish(Whole { taker: taker.rest(), manifest: manifest.clone(), source, people });
        }
        Ok(manifest)
    }

    /// The batch whose quarantined rows came back.
    fn original(&self, plan: Option<&crate::convert::Plan>) -> Option<&Manifest> {
        let plan = plan?;
        let batch = plan.corrects.get()?;
        self.manifests.iter().find(|m| m.batch == *batch && m.source == plan.source.id)
    }

    /// Puts the batch beside those that count together with it, and names those that no longer count.
    fn place_in_group(&self, manifest: &mut Manifest, original: Option<&Manifest>) {
        match original {
            Some(original) => {
                manifest.corrects = Some(original.batch.clone());
                manifest.group = original.group.clone();
                manifest.group_at = original.group_at;
            }
            None => {
                manifest.brings_back.clear();
                manifest.group = self.intake.clone();
                manifest.group_at = self.options.now;
                if manifest.replaces {
                    manifest.beside = self.met.get(&manifest.source).cloned().unwrap_or_default();
                }
            }
        }
        if manifest.replaces && manifest.state == BatchState::Taken {
            manifest.supersedes = snapshot::current(&self.manifests)
                .into_iter()
                .filter(|m| m.source == manifest.source && m.group != manifest.group && m.group_at <= manifest.group_at)
                .filter(|m| m.format != crate::Format::Platform && !manifest.beside.contains(&m.batch))
                .map(|m| m.batch.clone())
                .collect();
        }
    }

    /// Reads the whole file once.
    fn pass(
        &self,
        opened: &Opened<'_>,
        batch: &str,
        mode: Mode,
        vault: &mut dyn Vault,
        progress: &dyn Fn(u64),
    ) -> Result<Taker<'a>, Stop> {
        let name = opened.found.name();
        let by_name = match &self.options.source {
            Some(id) => Hint::of_source(id),
            None => Hint::of_file_name(&name, &self.pack.sources),
        };
        let through = Through {
            file: opened,
            by_name: &by_name,
            sources: &self.pack.sources,
            contracts: &self.contracts,
            around: &self.around,
            limits: &self.options.limits,
        };
        let mut taker = Taker::new(self.pool, self.sealer, batch, mode);
        taker.describe(&name, self.options, self.pack);
        let plan = pipeline::run(&through, &mut |converted| {
            if self.options.stop.is_some_and(|stop| stop()) {
                return Err(PoolError::Stopped);
            }
            taker.take(converted, vault)?;
            progress(taker.rows_read());
            Ok(())
        });
        let unfit = match plan {
            Ok(plan) => match self.unfit(&plan, &taker) {
                None => {
                    taker.settle(plan)?;
                    return Ok(taker);
                }
                Some(refusal) => Stop::Refused(refusal),
            },
            Err(stop) => stop,
        };
        taker.abandon();
        Err(unfit)
    }

    /// What can only be known at the end of the file.
    fn unfit(&self, plan: &crate::convert::Plan, taker: &Taker<'_>) -> Option<Refusal> {
        let read = taker.rows_read();
        if let Some(promised) = plan.header.promised_rows.filter(|&n| n != read) {
            return Some(Refusal::whole(
                Text::new(
                    format!("首行说明有{promised}行，实际读到{read}行，文件可能不完整"),
                    format!("its first line promises {promised} rows, and there are {read}: the file may be cut off"),
                ),
                Text::new("请重新导出完整文件后发送", "export the whole file again and send it"),
            ));
        }
        let replaces = plan.source.supersede == tuodi_pack::source::Supersede::Replace;
        (read == 0 && replaces).then(|| {
            Refusal::whole(
                Text::new(
                    "表头下面没有数据，而这是全量名单",
                    "there are no rows below the header, and this source sends full lists",
                ),
                Text::new(
                    "请重新导出后发送；确实无人时请联系管理员",
                    "export it again and send it; if the list is truly empty, tell the administrator",
                ),
            )
        })
    }
}
