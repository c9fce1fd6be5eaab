//! Files sealed while they are written: pieces of 64 KiB, each with AES-256-GCM under a key of the file's own, numbered and
//! the last one marked (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár), so that no piece can be
//! changed, moved, left out or cut off unseen. Nothing is kept in memory but a piece.
//!
//! Layout: format (1 byte), salt (32 bytes), pieces (at most 64 KiB and 16 bytes of tag each).

use crate::{Keys, keys::mac};
use aes_gcm::{
    Aes256Gcm, Nonce,
    aead::{Aead, KeyInit},
};
use hmac::Mac;
use std::io::{self, Read, Write};

const FORMAT: u8 = 1;
const SALT: usize = 32;
const PIECE: usize = 64 << 10;
const TAG: usize = 16;

/// The number of a piece, and whether it is the last. A key seals one file only: numbers never repeat under it.
fn nonce(number: u32, last: bool) -> Nonce<<Aes256Gcm as aes_gcm::aead::AeadCore>::NonceSize> {
    let mut bytes = [0_u8; 12];
    bytes[7..11].copy_from_slice(&number.to_be_bytes());
    bytes[11] = u8::from(last);
    Nonce::from(bytes)
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the sealed file is damaged, or of another key")
}

impl Keys {
    fn of_file(&self, purpose: &str, salt: &[u8; SALT]) -> Aes256Gcm {
        let key = mac(&self.mac(purpose, salt), "file").finalize().into_bytes();
        Aes256Gcm::new_from_slice(&key).expect("SHA-256 gives 32 bytes")
    }

    /// Seals what is written into `out`. Without [`SealedWriter::finish`] it cannot be opened again.
    pub fn seal_file<W: Write>(&self, purpose: &str, mut out: W) -> io::Result<SealedWriter<W>> {
        let salt: [u8; SALT] = rand::random();
        out.write_all(&[FORMAT])?;
        out.write_all(&salt)?;
        Ok(SealedWriter { out, cipher: self.of_file(purpose, &salt), piece: Vec::with_capacity(PIECE), number: 0 })
    }

    /// Opens a sealed file into `out`.
    ///
    /// # Errors
    /// `InvalidData` where it is damaged, cut off, or sealed for another purpose or with another key: `out` then holds
    /// what was whole before that, and is to be thrown away.
    pub fn unseal_file(&self, purpose: &str, mut sealed: impl Read, mut out: impl Write) -> io::Result<()> {
        let mut head = [0; 1 + SALT];
        sealed.read_exact(&mut head).map_err(|_| broken())?;
        let salt: [u8; SALT] = head[1..].try_into().map_err(|_| broken())?;
        if head[0] != FORMAT {
            return Err(broken());
        }
        let cipher = self.of_file(purpose, &salt);
        let mut piece = next(&mut sealed)?;
        for number in 0..=u32::MAX {
            let after = next(&mut sealed)?;
            let plain = cipher.decrypt(&nonce(number, after.is_empty()), piece.as_slice()).map_err(|_| broken())?;
            out.write_all(&plain)?;
            if after.is_empty() {
                return out.flush();
            }
            piece = after;
        }
        Err(broken())
    }
}

/// The next piece as it lies there; empty at the end.
fn next(sealed: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut piece = Vec::new();
    sealed.by_ref().take((PIECE + TAG) as u64).read_to_end(&mut piece)?;
    Ok(piece)
}

pub struct SealedWriter<W: Write> {
    out: W,
    cipher: Aes256Gcm,
    piece: Vec<u8>,
    number: u32,
}

impl<W: Write> SealedWriter<W> {
    fn seal(&mut self, last: bool) -> io::Result<()> {
        let nonce = nonce(self.number, last);
        let sealed = self.cipher.encrypt(&nonce, self.piece.as_slice()).map_err(|_| broken())?;
        self.number = self.number.checked_add(1).ok_or_else(|| io::Error::from(io::ErrorKind::FileTooLarge))?;
        self.piece.clear();
        self.out.write_all(&sealed)
    }

    /// Marks the end and gives back what it was written into.
    pub fn finish(mut self) -> io::Result<W> {
        self.seal(true)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

impl<W: Write> Write for SealedWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full piece is sealed only when more comes: the last one is known only at the end.
        if self.piece.len() == PIECE && !bytes.is_empty() {
            self.seal(false)?;
        }
        let taken = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    /// Pieces are written when they are full.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(keys: &Keys, plain: &[u8]) -> Vec<u8> {
        let mut writer = keys.seal_file("spool", Vec::new()).unwrap();
        writer.write_all(plain).unwrap();
        writer.finish().unwrap()
    }

    fn opened(keys: &Keys, sealed: &[u8]) -> io::Result<Vec<u8>> {
        let mut plain = Vec::new();
        keys.unseal_file("spool", sealed, &mut plain).map(|()| plain)
    }

    #[test]
    fn a_file_of_any_length_comes_back_as_it_was() {
        let keys = Keys::generate();
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7] {
            let plain: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
            let file = sealed(&keys, &plain);
            assert_eq!(opened(&keys, &file).unwrap(), plain, "{length}");
            assert_ne!(file, sealed(&keys, &plain), "the same twice looks different");
        }
    }

    #[test]
    fn what_was_changed_moved_cut_off_or_sealed_for_something_else_does_not_open() {
        let keys = Keys::generate();
        let plain = vec![7; 3 * PIECE];
        let file = sealed(&keys, &plain);
        let (head, step) = (1 + SALT, PIECE + TAG);
        let mut cases = vec![file[..head + 2 * step].to_vec(), file[..file.len() - 1].to_vec(), file[..head].to_vec()];
        for at in [0, 1, head, head + step, file.len() - 1] {
            let mut changed = file.clone();
            changed[at] ^= 1;
            cases.push(changed);
        }
        // The second piece first, one piece twice, and something behind the end.
        cases.push(
            [&file[..head], &file[head + step..head + 2 * step], &file[head..head + step], &file[head + 2 * step..]]
                .concat(),
        );
        cases.push([&file[..head + step], &file[head..]].concat());
        cases.push([&file[..], b"x"].concat());
        for (n, case) in cases.iter().enumerate() {
            assert_eq!(opened(&keys, case).unwrap_err().kind(), io::ErrorKind::InvalidData, "case {n}");
        }
        let mut writer = keys.seal_file("spool", Vec::new()).unwrap();
        writer.write_all(&plain).unwrap();
        assert!(opened(&keys, &writer.out).is_err(), "one that was never finished");
        assert!(opened(&Keys::generate(), &file).is_err());
        assert!(keys.unseal_file("elsewhere", file.as_slice(), io::sink()).is_err());
    }
}
