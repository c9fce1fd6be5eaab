//! A file to take in: one of the disk, or one packed in an archive.

use super::zip_guard;
use crate::{Limits, Refusal};
use encoding_rs::GB18030;
use std::{
    fs::File,
    io::{self, BufReader, Read, Seek},
    path::{Path, PathBuf},
};
use tuodi_pack::Text;
use zip::ZipArchive;

/// How a file of the disk is opened at its beginning, where that is not plain: one that lies sealed. Only one reader at a
/// time.
pub type Opener<'a> = dyn Fn(&Path) -> io::Result<File> + Send + Sync + 'a;

#[derive(Clone)]
pub(crate) struct Found<'a> {
    path: PathBuf,
    opener: Option<&'a Opener<'a>>,
    packed: Option<Packed>,
}

impl std::fmt::Debug for Found<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Found({})", self.shown())
    }
}

#[derive(Debug, Clone)]
struct Packed {
    index: usize,
    name: String,
    /// Where its bytes are unpacked to while it is read.
    scratch: PathBuf,
}

impl<'a> Found<'a> {
    pub fn on_disk(path: &Path, opener: Option<&'a Opener<'a>>) -> Found<'a> {
        Found { path: path.to_owned(), opener, packed: None }
    }

    /// The file of the disk.
    fn outer(&self) -> io::Result<File> {
        self.opener.map_or_else(|| File::open(&self.path), |open| open(&self.path))
    }

    /// The path as it was given; of a packed file also its name inside.
    pub fn shown(&self) -> String {
        match &self.packed {
            None => self.path.display().to_string(),
            Some(packed) => format!("{}/{}", self.path.display(), packed.name),
        }
    }

    /// Without folders.
    pub fn name(&self) -> String {
        match &self.packed {
            None => self.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            Some(packed) => packed.name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned(),
        }
    }

    /// Opened at its beginning. A packed file is unpacked first, into a file without a name: names and numbers must
    /// not stay behind on the disk, whenever the process ends. Only one reader at a time.
    pub fn open(&self) -> io::Result<File> {
        let Some(packed) = &self.packed else { return self.outer() };
        let mut archive = ZipArchive::new(BufReader::new(self.outer()?))?;
        let mut out = tempfile::tempfile_in(&packed.scratch)?;
        io::copy(&mut archive.by_index(packed.index)?, &mut out)?;
        out.rewind()?;
        Ok(out)
    }

    /// Its first bytes.
    pub fn glance(&self, bytes: u64) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        match &self.packed {
            None => self.outer()?.take(bytes).read_to_end(&mut head)?,
            Some(packed) => {
                let mut archive = ZipArchive::new(BufReader::new(self.outer()?))?;
                archive.by_index(packed.index)?.take(bytes).read_to_end(&mut head)?
            }
        };
        Ok(head)
    }

    /// The files in an archive; for any other file (a workbook is an archive too, of no files) only itself.
    pub fn inside(&self, limits: &Limits, scratch: &Path) -> Result<Vec<Found<'a>>, Refusal> {
        let one = || Ok(vec![self.clone()]);
        if !self.glance(2).is_ok_and(|head| head == b"PK") {
            return one();
        }
        let file = self.open().map_err(|e| Refusal::unreadable(&e))?;
        let Some(names) = zip_guard::packed_files(file, limits)? else { return one() };
        let found: Vec<Found<'a>> = names
            .into_iter()
            .map(|(index, raw)| (index, text_of(&raw)))
            .filter(|(_, name)| !is_litter(name))
            .map(|(index, name)| {
                let packed = Packed { index, name, scratch: scratch.to_owned() };
                Found { path: self.path.clone(), opener: self.opener, packed: Some(packed) }
            })
            .collect();
        if found.is_empty() {
            return Err(Refusal::whole(
                Text::new("压缩包里没有文件", "there is no file in the archive"),
                Text::new("请重新打包后发送", "pack it again and send it"),
            ));
        }
        Ok(found)
    }
}

/// Windows packs names in the national encoding without saying so.
fn text_of(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => GB18030.decode(raw).0.into_owned(),
    }
}

/// What systems and office programs leave in folders and is nobody's data.
pub(crate) fn is_litter(name: &str) -> bool {
    name.split(['/', '\\']).any(|part| {
        part.starts_with('.') || part.starts_with("~$") || part == "__MACOSX" || part.eq_ignore_ascii_case("Thumbs.db")
    })
}
