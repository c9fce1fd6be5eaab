//! What can stop a verb. Each message names the place, the problem and the remedy.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum VerbError {
    #[error("{dir}: {source}", dir = dir.display())]
    Folder { dir: PathBuf, source: std::io::Error },
    #[error("{}: there is already an installation here; choose another folder or remove this one", .0.display())]
    AlreadyThere(PathBuf),
    #[error("{}: there is no installation here; make one with `tuodi init --data DIR --pack DIR`", .0.display())]
    NoInstallation(PathBuf),
    #[error("{file}: {message}", file = file.display())]
    Configuration { file: PathBuf, message: String },
    #[error("the policy pack {dir} has problems:\n{problems}", dir = dir.display())]
    Pack { dir: PathBuf, problems: tuodi_pack::Problems },
    #[error(transparent)]
    Store(#[from] tuodi_store::StoreError),
    #[error(transparent)]
    Registry(#[from] tuodi_registry::RegistryError),
    #[error(transparent)]
    Access(#[from] tuodi_access::AccessError),
    #[error(transparent)]
    Case(#[from] tuodi_casework::CaseError),
    #[error(transparent)]
    Watch(#[from] tuodi_watch::WatchError),
    #[error(transparent)]
    Feeds(#[from] tuodi_feeds::FeedsError),
    #[error(transparent)]
    Inbox(#[from] tuodi_inbox::InboxError),
    #[error(transparent)]
    Pool(#[from] tuodi_pool::PoolError),
    #[error(transparent)]
    Engine(#[from] tuodi_engine::EngineError),
    #[error(transparent)]
    Evaluate(#[from] tuodi_pack::EvaluateError),
    #[error(transparent)]
    Connect(#[from] tuodi_connect::ConnectError),
    #[error(transparent)]
    Fetch(#[from] tuodi_connect::FetchError),
    #[error(transparent)]
    Synth(#[from] tuodi_synth::SynthError),
    #[error(transparent)]
    Link(#[from] tuodi_linkage::LinkError),
    #[error(transparent)]
    Handbook(#[from] tuodi_handbook::HandbookError),
    #[error("{file}: {message}", file = file.display())]
    File { file: PathBuf, message: String },
    #[error("{0}")]
    Refused(String),
}
