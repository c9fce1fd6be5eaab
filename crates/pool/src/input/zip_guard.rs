//! A workbook is a ZIP archive: its entries are inflated and counted before anything opens it, so that a small file
//! cannot unpack to fill the machine, and a cut or corrupted one is known by its checksums.

use crate::{Limits, Refusal};
use std::{fs::File, io::BufReader, io::Read, path::Path};
use tuodi_pack::Text;
use zip::{ZipArchive, result::ZipError};

fn damaged() -> Refusal {
    Refusal::whole(
        Text::new("XLSX 文件不完整或已损坏", "the XLSX file is cut off or damaged"),
        Text::new("请重新导出或重新传送完整文件", "export it again, or send the whole file again"),
    )
}

fn bomb() -> Refusal {
    Refusal::whole(
        Text::new(
            "XLSX 解压后过大，疑似压缩炸弹，未打开",
            "the XLSX inflates far beyond what a table holds (a zip bomb?); it was not opened",
        ),
        Text::new("请改发 CSV，或拆成几个较小的文件", "send CSV instead, or several smaller files"),
    )
}

pub(super) fn check(path: &Path, limits: &Limits) -> Result<(), Refusal> {
    let file = File::open(path).map_err(|e| Refusal::unreadable(&e))?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|_| damaged())?;
    // What entries claim is looked at first: it costs nothing.
    if archive.decompressed_size().is_some_and(|n| n > u128::from(limits.inflated_bytes)) {
        return Err(bomb());
    }
    if archive.has_overlapping_entries().map_err(|_| damaged())? {
        return Err(bomb());
    }
    let mut total = 0_u64;
    let mut workbook = false;
    let mut buffer = vec![0; 64 << 10];
    for i in 0..archive.len() {
        let mut entry = match archive.by_index(i) {
            Ok(entry) => entry,
            Err(ZipError::Io(e)) => return Err(Refusal::unreadable(&e)),
            Err(_) => return Err(damaged()),
        };
        workbook |= entry.name().is_ok_and(|name| name.eq_ignore_ascii_case("xl/workbook.xml"));
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
    if workbook {
        return Ok(());
    }
    Err(Refusal::whole(
        Text::new("这是压缩包，但不是 XLSX 工作簿", "this is an archive, but not an XLSX workbook"),
        Text::new("请解压后把里面的文件分别发送", "unpack it and send the files in it"),
    ))
}
