//! Files on their way in lie sealed with the installation's key until they are in the pool, or given up.

use std::{
    fs::File,
    io::{self, Seek, Write},
    path::Path,
    sync::Mutex,
};
use tuodi_store::{Keys, SealedWriter};
use tuodi_web::Incoming;

/// What the key of these files is derived for.
const PURPOSE: &str = "inbox.spool";

/// A file that is being received.
pub struct Arriving(SealedWriter<File>);

impl Arriving {
    pub fn create(keys: &Keys, path: &Path) -> io::Result<Arriving> {
        Ok(Arriving(keys.seal_file(PURPOSE, File::create(path)?)?))
    }
}

impl Write for Arriving {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Incoming for Arriving {
    fn finish(self: Box<Self>) -> io::Result<()> {
        self.0.finish()?.sync_all()
    }
}

/// Writes it plain.
pub fn unseal(keys: &Keys, path: &Path, out: impl Write) -> io::Result<()> {
    keys.unseal_file(PURPOSE, io::BufReader::new(File::open(path)?), out)
}

/// Opens one file for a run: unsealed once, into a file without a name, so that nothing readable stays behind on the disk
/// whenever the process ends.
pub struct Unsealed {
    keys: Keys,
    file: Mutex<Option<File>>,
}

impl Unsealed {
    pub fn new(keys: Keys) -> Unsealed {
        Unsealed { keys, file: Mutex::default() }
    }

    /// At its beginning. Every file it gives shares one position: one reader at a time.
    pub fn open(&self, path: &Path) -> io::Result<File> {
        let mut slot = self.file.lock().unwrap_or_else(|e| e.into_inner());
        let mut file = match slot.as_ref() {
            Some(file) => file.try_clone()?,
            None => {
                let plain = tempfile::tempfile_in(path.parent().unwrap_or(Path::new(".")))?;
                unseal(&self.keys, path, io::BufWriter::new(&plain))?;
                slot.insert(plain).try_clone()?
            }
        };
        file.rewind()?;
        Ok(file)
    }
}
