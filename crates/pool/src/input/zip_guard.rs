//! An archive's entries are inflated and counted before anything opens it, so that a small file cannot unpack to fill
//! the machine, and a cut or corrupted one is known by its checksums. A workbook is an archive too.

use crate::{Limits, Refusal};
use std::{
    fs::File,
    io::{BufReader, Read},
};
use tuodi_pack::Text;
use zip::{ZipArchive, result::ZipError};

fn damaged() -> Refusal {
    Refusal::whole(
        Text::new("XLSX 文件或压缩包不完整或已损坏", "the XLSX file or archive is cut off or damaged"),
        Text::new("请重新导出或重新传送完整文件", "export it again, or send the whole file again"),
    )
}

fn bomb() -> Refusal {
    Refusal::whole(
        Text::new(
            "解压后过大，疑似压缩炸弹，未打开",
            "it inflates far beyond what a table holds (a zip bomb?); it was not opened",
        ),
        Text::new("请改发 CSV，或拆成几个较小的文件", "send CSV instead, or several smaller files"),
    )
}

fn encrypted() -> Refusal {
    Refusal::whole(
        Text::new("压缩包设了密码", "the archive has a password"),
        Text::new("请去掉密码后重新打包发送", "pack it again without one and send that"),
    )
}

struct Looked {
    workbook: bool,
    /// Index and name, as they stand in the archive, of each entry that is a file.
    files: Vec<(usize, Vec<u8>)>,
}

/// Reads every entry to its end within the limits.
fn look(file: File, limits: &Limits) -> Result<Looked, Refusal> {
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|_| damaged())?;
    if archive.len() > limits.packed_files {
        return Err(bomb());
    }
    // What entries claim is looked at first: it costs nothing.
    if archive.decompressed_size().is_some_and(|n| n > u128::from(limits.inflated_bytes)) {
        return Err(bomb());
    }
    if archive.has_overlapping_entries().map_err(|_| damaged())? {
        return Err(bomb());
    }
    let mut total = 0_u64;
    let mut looked = Looked { workbook: false, files: Vec::new() };
    let mut buffer = vec![0; 64 << 10];
    for i in 0..archive.len() {
        let mut entry = match archive.by_index(i) {
            Ok(entry) => entry,
            Err(ZipError::Io(e)) => return Err(Refusal::unreadable(&e)),
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => return Err(encrypted()),
            Err(_) => return Err(damaged()),
        };
        looked.workbook |= entry.name().is_ok_and(|name| name.eq_ignore_ascii_case("xl/workbook.xml"));
        if entry.is_file() {
            looked.files.push((i, entry.name_raw().to_vec()));
        }
        let packed = entry.compressed_size().max(1);
        let mut inflated = 0_u64;
        loop {
            let n = entry.read(&mut buffer).map_err(|_| damaged())? as u64;
            if n == 0 {
                break;
            }
            inflated += n;
            total += n;
            let swollen = inflated > limits.ratio_from && inflated / packed > limits.ratio;
            if swollen || total > limits.inflated_bytes {
                return Err(bomb());
            }
        }
    }
    Ok(looked)
}

/// A file of an archive: its place, and its name as the archive writes it.
pub(super) type Packed = (usize, Vec<u8>);

/// The files packed in an archive; `None` for a workbook.
pub(super) fn packed_files(file: File, limits: &Limits) -> Result<Option<Vec<Packed>>, Refusal> {
    let looked = look(file, limits)?;
    Ok((!looked.workbook).then_some(looked.files))
}

/// Refuses what is no sound workbook.
pub(super) fn check_workbook(file: File, limits: &Limits) -> Result<(), Refusal> {
    if look(file, limits)?.workbook {
        return Ok(());
    }
    Err(Refusal::whole(
        Text::new("压缩包里还有压缩包", "this is an archive inside an archive"),
        Text::new(
            "请解压后把里面的文件直接打包或分别发送",
            "unpack it and pack its files directly, or send them one by one",
        ),
    ))
}
