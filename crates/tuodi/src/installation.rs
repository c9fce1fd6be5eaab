//! An installation: a folder with its configuration, keys, pool, findings and (by default) database.

use crate::error::VerbError;
use serde::{Deserialize, Serialize};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use tuodi_pack::Pack;
use tuodi_store::{Keys, Store};

const CONFIGURATION: &str = "tuodi.toml";

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Configuration {
    pack: PathBuf,
    /// Only where it is not the folder's own: a folder can be moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    db: Option<String>,
    /// Mebibytes of the largest file that may be sent on the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    upload_mib: Option<u64>,
    /// A folder whose files are taken in by themselves; a relative one lies in the installation's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    watched_folder: Option<PathBuf>,
}

/// A province's month of settlements as CSV is about a third of this.
const UPLOAD_MIB: u64 = 512;

pub struct Installation {
    pub dir: PathBuf,
    /// Where the pack was read from.
    pub pack_dir: PathBuf,
    pub pack: Arc<Pack>,
    pub db: String,
    /// Of the largest file that may be sent on the page.
    pub upload_bytes: u64,
    pub watched_folder: Option<PathBuf>,
}

/// Loads a pack; its problems come back one a line with file, line and fix.
pub fn load_pack(dir: &Path) -> Result<Pack, VerbError> {
    Pack::load(dir).map_err(|problems| VerbError::Pack { dir: dir.to_owned(), problems })
}

/// The database: the folder's own SQLite file unless another is named.
fn url(dir: &Path, db: Option<&str>) -> String {
    db.map_or_else(|| format!("sqlite://{}", dir.join("tuodi.db").display()), str::to_owned)
}

impl Installation {
    /// Makes the folder, the keys and the empty database. Refuses a folder that already holds an installation.
    pub async fn init(dir: &Path, pack_dir: &Path, db: Option<String>) -> Result<Installation, VerbError> {
        let pack = load_pack(pack_dir)?;
        let at = |e| VerbError::Folder { dir: dir.to_owned(), source: e };
        std::fs::create_dir_all(dir).map_err(at)?;
        let dir = dir.canonicalize().map_err(at)?;
        if dir.join(CONFIGURATION).exists() {
            return Err(VerbError::AlreadyThere(dir));
        }
        let pack_dir = pack_dir.canonicalize().map_err(at)?;
        let installation = Installation {
            dir: dir.clone(),
            pack_dir: pack_dir.clone(),
            pack: Arc::new(pack),
            db: url(&dir, db.as_deref()),
            upload_bytes: UPLOAD_MIB << 20,
            watched_folder: None,
        };
        Keys::load_or_create(&installation.key_file())?;
        let store = installation.store().await?;
        store.migrate(migrations()).await?;
        let configuration = Configuration { pack: pack_dir, db, upload_mib: None, watched_folder: None };
        let text = toml::to_string(&configuration).expect("the configuration is plain data");
        // Written last: a folder without it is no installation, however far an interrupted init came.
        std::fs::write(dir.join(CONFIGURATION), text).map_err(at)?;
        Ok(installation)
    }

    pub fn open(dir: &Path) -> Result<Installation, VerbError> {
        let file = dir.join(CONFIGURATION);
        let text = std::fs::read_to_string(&file).map_err(|_| VerbError::NoInstallation(dir.to_owned()))?;
        let configuration: Configuration =
            toml::from_str(&text).map_err(|e| VerbError::Configuration { file, message: e.message().to_owned() })?;
        let dir = dir.canonicalize().map_err(|e| VerbError::Folder { dir: dir.to_owned(), source: e })?;
        let db = url(&dir, configuration.db.as_deref());
        let upload_bytes = configuration.upload_mib.unwrap_or(UPLOAD_MIB).clamp(1, 1 << 20) << 20;
        let watched_folder = configuration.watched_folder.map(|folder| dir.join(folder));
        let pack = Arc::new(load_pack(&configuration.pack)?);
        Ok(Installation { dir, pack_dir: configuration.pack, pack, db, upload_bytes, watched_folder })
    }

    fn key_file(&self) -> PathBuf {
        self.dir.join("keys").join("vault.key")
    }

    /// The keys: `TUODI_KEY` (64 hex digits) where an operator keeps them outside the folder, else the folder's own. A
    /// lost key is an error, never silently a new one.
    pub fn keys(&self) -> Result<Keys, VerbError> {
        Ok(Keys::load(&self.key_file())?)
    }

    pub async fn store(&self) -> Result<Store, VerbError> {
        Ok(Store::open(&self.db, self.keys()?).await?)
    }

    /// Departments that are asked directly: `connectors.toml` in the folder, none without it.
    pub fn connections(&self) -> Result<tuodi_connect::Connections, VerbError> {
        let file = self.dir.join("connectors.toml");
        let connections = tuodi_connect::Connections::load(&file)?;
        if let Some(stranger) = connections.sources().find(|id| self.pack.source(id).is_none()) {
            let message = format!("source {stranger:?} is not in the pack; use the id of a source");
            return Err(VerbError::File { file, message });
        }
        Ok(connections)
    }

    /// Sources that are fetched on a schedule: those of the same file.
    pub fn fetches(&self) -> Result<tuodi_connect::Fetches, VerbError> {
        let file = self.dir.join("connectors.toml");
        let fetches = tuodi_connect::Fetches::load(&file)?;
        for config in fetches.all() {
            let wrong = |message: &str| {
                let message = format!("fetch {}: {message}", config.source);
                VerbError::File { file: file.clone(), message }
            };
            let source = self.pack.source(&config.source).filter(|s| s.takes_files());
            let source = source.ok_or_else(|| wrong("the pack has no such source that takes files; use its id"))?;
            if crate::adapters::fetching::period(config, source).is_none() {
                return Err(wrong("the source comes on demand; say how often with every_days = N"));
            }
        }
        Ok(fetches)
    }

    pub fn findings_dir(&self) -> PathBuf {
        self.dir.join("findings")
    }

    /// Files that were sent and wait for their job, each in the job's folder.
    pub fn spool_dir(&self) -> PathBuf {
        self.dir.join("spool")
    }

    pub fn pool_dir(&self) -> PathBuf {
        self.dir.join("pool")
    }
}

/// Every room's migrations, in the order in which rooms depend on each other.
pub fn migrations() -> Vec<Box<dyn tuodi_store::MigrationTrait>> {
    let mut all = tuodi_registry::migrations();
    all.extend(tuodi_access::migrations());
    all.extend(tuodi_inbox::migrations());
    all.extend(tuodi_casework::migrations());
    all.extend(tuodi_watch::migrations());
    all.extend(tuodi_feeds::migrations());
    all
}
