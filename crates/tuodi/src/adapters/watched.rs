//! A watched folder: whatever a department's own program drops there is taken in once it is complete, and then moved to
//! `done` or `failed` beside it, with a report.

use super::{jobs::Jobs, spool};
use crate::error::VerbError;
use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};
use tuodi_access::{Access, Actor};
use tuodi_inbox::{Cx, Job, JobReport, NewJob, Stage};
use tuodi_web::Incoming;

/// How often the folder is looked at. A file that looks the same twice is complete.
const EVERY: Duration = Duration::from_secs(5);
/// In a job's folder: where its file came from.
const FROM: &str = ".from";
/// Behind the name of a file that is being taken.
const TAKING: &str = ".taking";

/// Size and last change of a file: equal twice, nobody writes to it any more.
type Looks = (u64, Option<SystemTime>);

pub struct Watched {
    pub jobs: Arc<Jobs>,
    pub access: Access,
    pub folder: PathBuf,
}

impl Watched {
    pub async fn run(self) {
        if let Err(e) = fs::create_dir_all(&self.folder) {
            tracing::error!("the watched folder {} cannot be made: {e}", self.folder.display());
        }
        if let Err(e) = give_up_claims(&self.folder) {
            tracing::error!("the watched folder {} cannot be read: {e}", self.folder.display());
        }
        let mut before: HashMap<PathBuf, Looks> = HashMap::new();
        loop {
            tokio::time::sleep(EVERY).await;
            let now = match files(&self.folder) {
                Ok(now) => now,
                Err(e) => {
                    tracing::error!("the watched folder {} cannot be read: {e}", self.folder.display());
                    continue;
                }
            };
            for (path, looks) in &now {
                if before.get(path) == Some(looks)
                    && let Err(e) = self.take(path, looks.0).await
                {
                    tracing::error!("{} cannot be taken from the watched folder: {e}", path.display());
                }
            }
            before = now;
        }
    }

    /// Seals the file into a job of its own, which takes it in.
    async fn take(&self, path: &Path, bytes: u64) -> Result<(), VerbError> {
        let at = |e| VerbError::Folder { dir: path.to_owned(), source: e };
        let id = self.jobs.new_id();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // Claimed first: what cannot be taken away would be taken again and again.
        let claimed = path.with_file_name(format!("{name}{TAKING}"));
        fs::rename(path, &claimed).map_err(at)?;
        let received = match self.seal(&id, &claimed, &name) {
            Ok(()) => self.receive(&id, name, bytes).await,
            Err(e) => Err(at(e)),
        };
        match received {
            Ok(()) => fs::remove_file(&claimed).map_err(at)?,
            Err(e) => {
                // Back where it was: the next round tries again.
                self.jobs.drop_file(&id);
                fs::rename(&claimed, path).map_err(at)?;
                return Err(e);
            }
        }
        self.jobs.wake();
        Ok(())
    }

    fn seal(&self, job: &str, claimed: &Path, name: &str) -> io::Result<()> {
        let mut sealed = self.jobs.create(job, name)?;
        io::copy(&mut fs::File::open(claimed)?, &mut sealed)?;
        sealed.finish()?;
        fs::write(self.jobs.folder(job).join(FROM), self.folder.as_os_str().as_encoded_bytes())
    }

    async fn receive(&self, job: &str, file_name: String, bytes: u64) -> Result<(), VerbError> {
        let cx = Cx {
            store: self.jobs.store().clone(),
            access: self.access.clone(),
            actor: Actor::system(),
            now: self.jobs.time(),
        };
        let new = NewJob {
            id: job.to_owned(),
            file_name,
            bytes,
            source: None,
            corrects: None,
            confirmed: true,
            digest: None,
        };
        tuodi_inbox::receive(&cx, new).await?;
        Ok(())
    }
}

/// What a process that ended in the middle had claimed gets its name back. Taken twice, it changes nothing.
fn give_up_claims(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if let Some(name) = path.file_name().and_then(|n| n.to_str()?.strip_suffix(TAKING)) {
            fs::rename(&path, path.with_file_name(name))?;
        }
    }
    Ok(())
}

fn files(folder: &Path) -> std::io::Result<HashMap<PathBuf, Looks>> {
    let mut found = HashMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let about = entry.metadata()?;
        // What programs write under a name of its own until it is whole.
        let unfinished = [".part", ".tmp", ".filepart", ".crdownload", TAKING].iter().any(|end| name.ends_with(end));
        if about.is_file() && !name.starts_with(['.', '~']) && !unfinished {
            found.insert(entry.path(), (about.len(), about.modified().ok()));
        }
    }
    Ok(found)
}

/// The job is over: its file goes back beside the watched folder it came from, with what became of it.
pub fn give_back(jobs: &Jobs, job: &Job) -> std::io::Result<()> {
    let from = jobs.folder(&job.id).join(FROM);
    let (Ok(bytes), Some(file)) = (fs::read(from), jobs.file(&job.id)) else { return Ok(()) };
    let folder = PathBuf::from(String::from_utf8_lossy(&bytes).into_owned());
    let well = |report: &JobReport| report.files.iter().all(|f| f.state == "taken" || f.state == "already_taken");
    let done = job.stage == Stage::Done && job.report.as_ref().is_some_and(well);
    let beside = folder.join(if done { "done" } else { "failed" });
    fs::create_dir_all(&beside)?;
    let stamp = job.at.format("%Y%m%dT%H%M%S");
    let name = format!("{stamp}_{}", file.file_name().unwrap_or_default().to_string_lossy());
    let report = serde_json::json!({
        "file": job.file_name,
        "stage": job.stage,
        "received_at": job.at,
        "report": job.report,
        "trouble": job.trouble,
    });
    // Whole under its name, or not there.
    let part = beside.join(format!("{name}.part"));
    let mut plain = fs::File::create(&part)?;
    spool::unseal(jobs.store().keys(), &file, io::BufWriter::new(&mut plain))?;
    plain.sync_all()?;
    fs::rename(part, beside.join(&name))?;
    fs::write(beside.join(format!("{name}.report.json")), serde_json::to_vec_pretty(&report)?)
}
