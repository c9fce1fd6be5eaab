//! What findings rest on, kept: every pack that was used, as it was, and every list of batches. With them any finding can
//! be made again years later.

use crate::{error::VerbError, installation::Installation};
use std::{
    fs,
    io::{Cursor, Write},
    path::{Component, Path, PathBuf},
    sync::Arc,
};
use tuodi_engine::{Engine, WITHOUT};
use tuodi_pack::Pack;
use tuodi_pool::{Pool, Snapshot};
use zip::{ZipArchive, ZipWriter, result::ZipError, write::SimpleFileOptions};

/// One archive a pack: hundreds of small files, each brought to disk by itself, would cost the first pass more than the
/// lists it makes.
fn archive(installation: &Installation, digest: &str) -> PathBuf {
    installation.dir.join("kept").join("packs").join(format!("{digest}.zip"))
}

fn list(installation: &Installation, snapshot: &str) -> PathBuf {
    installation.dir.join("kept").join("snapshots").join(format!("{snapshot}.json"))
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> VerbError {
    let path = path.to_owned();
    move |source| VerbError::Folder { dir: path, source }
}

/// Keeps the pack's files and the snapshot's list of batches. What is kept already is not written again.
pub fn keep(installation: &Installation, snapshot: &Snapshot) -> Result<(), VerbError> {
    keep_pack(installation)?;
    let file = list(installation, &snapshot.id);
    if !file.exists() {
        let batches: Vec<String> = snapshot.sources.values().flatten().map(|b| b.manifest.name()).collect();
        let text = serde_json::to_vec(&batches).expect("a list of texts");
        write(&file, &text)?;
    }
    Ok(())
}

fn keep_pack(installation: &Installation) -> Result<(), VerbError> {
    let file = archive(installation, &installation.pack.digest);
    if file.exists() {
        return Ok(());
    }
    let packed = || -> Result<Vec<u8>, ZipError> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in installation.pack.files.iter() {
            zip.start_file(name, SimpleFileOptions::default())?;
            zip.write_all(text.as_bytes())?;
        }
        Ok(zip.finish()?.into_inner())
    };
    write(&file, &packed().map_err(|e| at(&file)(e.into()))?)
}

/// Written beside and then put in place: a reader never sees half a file.
fn write(path: &Path, text: &[u8]) -> Result<(), VerbError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(at(folder))?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(at(folder))?;
    file.write_all(text).and_then(|()| file.as_file().sync_all()).map_err(at(path))?;
    file.persist(path).map_err(|e| at(path)(e.error))?;
    Ok(())
}

/// The pack of this hash: the one in use, or one kept.
pub fn pack(installation: &Installation, digest: &str) -> Result<Arc<Pack>, VerbError> {
    if installation.pack.digest == digest {
        return Ok(installation.pack.clone());
    }
    let file = archive(installation, one_name(digest)?);
    if !file.exists() {
        return Err(VerbError::Refused(format!(
            "the pack {digest} that this report rests on is not kept; put it there again as {}",
            file.display()
        )));
    }
    let folder = tempfile::tempdir().map_err(at(&file))?;
    let unpacked = || -> Result<(), ZipError> { ZipArchive::new(fs::File::open(&file)?)?.extract(folder.path()) };
    unpacked().map_err(|e| at(&file)(e.into()))?;
    let pack = crate::installation::load_pack(folder.path())?;
    if pack.digest != digest {
        return Err(VerbError::Refused(format!(
            "the pack in {} was changed: its hash is {}",
            file.display(),
            pack.digest
        )));
    }
    Ok(Arc::new(pack))
}

/// The list of batches of this id. Sources that a finding could not read are still in it: what was withheld stands in the
/// finding itself.
pub fn snapshot(installation: &Installation, pool: &Pool, id: &str) -> Result<Snapshot, VerbError> {
    let id = id.split(WITHOUT).next().unwrap_or(id);
    let file = list(installation, one_name(id)?);
    let text = fs::read(&file).map_err(|_| {
        VerbError::Refused(format!("the list of batches {id} is not kept; it would be in {}", file.display()))
    })?;
    let batches: Vec<String> = serde_json::from_slice(&text)
        .map_err(|e| VerbError::Refused(format!("{} is not a list of batches: {e}", file.display())))?;
    let snapshot = pool.snapshot_of(&batches)?;
    if snapshot.id != id {
        return Err(VerbError::Refused(format!("the batches in {} are not those of {id}", file.display())));
    }
    Ok(snapshot)
}

/// An id that comes out of the database stays one name in a folder.
fn one_name(id: &str) -> Result<&str, VerbError> {
    let mut parts = Path::new(id).components();
    match (parts.next(), parts.next()) {
        (Some(Component::Normal(_)), None) => Ok(id),
        _ => Err(VerbError::Refused(format!("{id:?} is no id of a pack or a snapshot"))),
    }
}

/// An engine over a pack and a snapshot.
pub fn engine(pack: Arc<Pack>, snapshot: Snapshot) -> Result<Engine, VerbError> {
    Ok(Engine::new(pack, super::snapshot::files(snapshot))?)
}
