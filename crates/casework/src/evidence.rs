//! What an authorisation was put on: a signature drawn on the screen, or the paper form scanned.

use crate::{FieldError, error::Result, tables::consent_evidence};
use base64::{Engine, engine::general_purpose::STANDARD};
use sea_orm::{ActiveValue::Set, EntityTrait};
use sha2::{Digest, Sha256};
use tuodi_store::{Keys, Tx};

const COLUMN: &str = "consent_evidence.content";

/// A signature or a scan, of a kind and size that can be kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Evidence {
    mime: &'static str,
    bytes: Vec<u8>,
}

/// Without what was signed.
impl std::fmt::Debug for Evidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Evidence({}, {} bytes)", self.mime, self.bytes.len())
    }
}

/// What the file says it is by its first bytes; its name may say anything.
const KINDS: &[(&[u8], &str)] =
    &[(b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"%PDF-", "application/pdf")];

impl Evidence {
    /// A form scanned at full size is below this.
    pub const MOST_BYTES: usize = 5 * 1024 * 1024;

    /// # Errors
    /// Problems of the field `evidence`: empty, too large, or neither PNG, JPEG nor PDF.
    pub fn new(bytes: Vec<u8>) -> Result<Evidence, FieldError> {
        let problem = |key| Err(FieldError::new("evidence", key));
        if bytes.is_empty() {
            return problem("error.required");
        }
        if bytes.len() > Evidence::MOST_BYTES {
            return problem("error.file_size");
        }
        match KINDS.iter().find(|(start, _)| bytes.starts_with(start)) {
            Some((_, mime)) => Ok(Evidence { mime, bytes }),
            None => problem("error.file_type"),
        }
    }

    /// From what a page's canvas gives: `data:image/png;base64,…`.
    ///
    /// # Errors
    /// As [`Evidence::new`].
    pub fn from_data_url(text: &str) -> Result<Evidence, FieldError> {
        let encoded = text.trim().split_once(";base64,").map_or("", |(_, encoded)| encoded);
        match STANDARD.decode(encoded) {
            Ok(bytes) => Evidence::new(bytes),
            Err(_) => Err(FieldError::new("evidence", "error.file_type")),
        }
    }

    pub fn mime(&self) -> &'static str {
        self.mime
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub(crate) async fn keep(&self, tx: &Tx, consent: i64) -> Result<()> {
        let row = consent_evidence::ActiveModel {
            consent_id: Set(consent),
            mime: Set(self.mime.to_owned()),
            bytes: Set(self.bytes.len() as i32),
            sha256: Set(self.sha256()),
            content: Set(self.seal(tx.keys(), COLUMN)),
        };
        consent_evidence::Entity::insert(row).exec_without_returning(tx.conn()).await?;
        Ok(())
    }

    pub(crate) fn sha256(&self) -> String {
        hex::encode(Sha256::digest(&self.bytes))
    }

    pub(crate) fn open(keys: &Keys, row: &consent_evidence::Model) -> Result<Option<Evidence>> {
        Evidence::unseal(keys, COLUMN, &row.content)
    }

    pub(crate) fn seal(&self, keys: &Keys, column: &str) -> Vec<u8> {
        keys.seal(column, &STANDARD.encode(&self.bytes))
    }

    pub(crate) fn unseal(keys: &Keys, column: &str, sealed: &[u8]) -> Result<Option<Evidence>> {
        let bytes = STANDARD.decode(keys.open(column, sealed)?).unwrap_or_default();
        Ok(Evidence::new(bytes).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        let key = |bytes: &[u8]| Evidence::new(bytes.to_vec()).map_err(|e| e.key);
        assert_eq!(key(b"%PDF-1.7 ...").unwrap().mime(), "application/pdf");
        assert_eq!(key(b"\xff\xd8\xff\xe0").unwrap().mime(), "image/jpeg");
        assert_eq!(key(b"<html>").unwrap_err(), "error.file_type");
        assert_eq!(key(b"").unwrap_err(), "error.required");
        let mut large = b"%PDF-".to_vec();
        large.resize(Evidence::MOST_BYTES + 1, b' ');
        assert_eq!(key(&large).unwrap_err(), "error.file_size");
    }

    #[test]
    fn a_canvas_gives_its_picture_as_a_data_url() {
        let url = format!("data:image/png;base64,{}", STANDARD.encode(b"\x89PNG\r\n\x1a\n..."));
        assert_eq!(Evidence::from_data_url(&url).unwrap().mime(), "image/png");
        assert!(Evidence::from_data_url("data:image/png;base64,@@").is_err());
        assert!(Evidence::from_data_url("x").is_err());
    }
}
