//! A watched folder: whatever a department's own program drops there is taken in once it is complete, and then moved to
//! `done` or `failed` beside it, with a report.

use super::jobs::Jobs;
use crate::error::VerbError;
use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};
use tuodi_access::{Access, Actor};
use tuodi_inbox::{Cx, Job, JobReport, NewJob, Stage};

/// How often the folder is looked at. A file that looks the same twice is complete.
const EVERY: Duration = Duration::from_secs(5);
/// In a job's folder: where its file came from.
const FROM: &str = ".from";

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

    /// Moves the file into a job of its own, which takes it in.
    async fn take(&self, path: &Path, bytes: u64) -> Result<(), VerbError> {
        let at = |e| VerbError::Folder { dir: path.to_owned(), source: e };
        let id = self.jobs.new_id();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let place = self.jobs.place(&id, &name).map_err(at)?;
        let from = self.jobs.folder(&id).join(FROM);
        fs::write(&from, self.folder.as_os_str().as_encoded_bytes()).map_err(at)?;
        if let Err(e) = moved(path, &place) {
            self.jobs.drop_file(&id);
            return Err(at(e));
        }
        let cx = Cx {
            store: self.jobs.store().clone(),
            access: self.access.clone(),
            actor: Actor::system(),
            now: self.jobs.time(),
        };
        let new = NewJob {
            id: id.clone(),
            file_name: name,
            bytes,
            source: None,
            corrects: None,
            confirmed: true,
            digest: None,
        };
        if let Err(e) = tuodi_inbox::receive(&cx, new).await {
            // Back where it was: the next round tries again.
            moved(&place, path).map_err(at)?;
            self.jobs.drop_file(&id);
            return Err(e.into());
        }
        self.jobs.wake();
        Ok(())
    }
}

fn files(folder: &Path) -> std::io::Result<HashMap<PathBuf, Looks>> {
    let mut found = HashMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let about = entry.metadata()?;
        // What programs write under a name of its own until it is whole.
        let unfinished = [".part", ".tmp", ".filepart", ".crdownload"].iter().any(|end| name.ends_with(end));
        if about.is_file() && !name.starts_with(['.', '~']) && !unfinished {
            found.insert(entry.path(), (about.len(), about.modified().ok()));
        }
    }
    Ok(found)
}

/// Renames, or copies where the two lie on different disks.
fn moved(from: &Path, to: &Path) -> std::io::Result<()> {
    match fs::rename(from, to) {
        Err(e) if e.kind() == std::io::ErrorKind::CrossesDevices => {
            fs::copy(from, to)?;
            fs::File::open(to)?.sync_all()?;
            fs::remove_file(from)
        }
        done => done,
    }
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
    fs::write(beside.join(format!("{name}.report.json")), serde_json::to_vec_pretty(&report)?)?;
    moved(&file, &beside.join(name))
}
