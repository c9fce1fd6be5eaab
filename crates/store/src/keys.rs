//! Keys of sealed columns: AES-256-GCM for what is read back, HMAC-SHA-256 for what is looked up.
//!
//! One master key; each column and purpose has its own key, HMAC-SHA-256(master, "column:purpose"), so that a
//! value moved to another column does not open and equal values of two columns do not look equal.

use crate::StoreError;
use aes_gcm::{
    Aes256Gcm, Nonce,
    aead::{Aead, KeyInit},
};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::{
    collections::HashMap,
    io::Write,
    path::Path,
    sync::{Arc, RwLock},
};

/// First byte of a sealed value: the format, and which key when keys are one day rotated.
const FORMAT: u8 = 1;
const NONCE: usize = 12;

/// The environment variable that holds the key where there is no key file.
const VARIABLE: &str = "TUODI_KEY";

/// The installation's master key and the keys derived from it.
#[derive(Clone)]
pub struct Keys(Arc<Inner>);

struct Inner {
    master: [u8; 32],
    columns: RwLock<HashMap<String, Arc<ColumnKey>>>,
    tokens: RwLock<HashMap<String, Arc<Hmac<Sha256>>>>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(hidden)")
    }
}

/// The keys of one column, for callers that seal many values.
pub struct ColumnKey {
    name: String,
    cipher: Aes256Gcm,
    blind: Hmac<Sha256>,
}

pub(crate) fn mac(key: &[u8], purpose: &str) -> Hmac<Sha256> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(purpose.as_bytes());
    mac
}

impl ColumnKey {
    fn new(master: &[u8; 32], column: &str) -> ColumnKey {
        let derive = |purpose: &str| mac(master, &format!("{column}:{purpose}")).finalize().into_bytes();
        let blind = <Hmac<Sha256> as KeyInit>::new_from_slice(&derive("blind")).expect("HMAC takes keys of any length");
        let cipher = Aes256Gcm::new_from_slice(&derive("seal")).expect("SHA-256 gives 32 bytes");
        ColumnKey { name: column.to_owned(), cipher, blind }
    }

    pub fn seal(&self, plain: &str) -> Vec<u8> {
        let nonce: [u8; NONCE] = rand::random();
        let sealed = self
            .cipher
            .encrypt(&Nonce::from(nonce), plain.as_bytes())
            .expect("AES-GCM seals anything shorter than 64 GB");
        let mut out = Vec::with_capacity(1 + NONCE + sealed.len());
        out.push(FORMAT);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        out
    }

    pub fn open(&self, sealed: &[u8]) -> Result<String, StoreError> {
        let broken = || StoreError::Sealed { column: self.name.clone() };
        let (&[format], rest) = sealed.split_first_chunk::<1>().ok_or_else(broken)?;
        let (nonce, text) = rest.split_first_chunk::<NONCE>().ok_or_else(broken)?;
        if format != FORMAT {
            return Err(broken());
        }
        let plain = self.cipher.decrypt(&Nonce::from(*nonce), text).map_err(|_| broken())?;
        String::from_utf8(plain).map_err(|_| broken())
    }

    /// 16 bytes that are equal for equal values and say nothing without the key.
    pub fn blind(&self, value: &str) -> [u8; 16] {
        let mut mac = self.blind.clone();
        mac.update(value.as_bytes());
        let bytes = mac.finalize().into_bytes();
        let mut out = [0; 16];
        out.copy_from_slice(&bytes[..16]);
        out
    }
}

impl Keys {
    pub fn from_hex(text: &str) -> Result<Keys, StoreError> {
        let mut master = [0; 32];
        hex::decode_to_slice(text.trim(), &mut master).map_err(|_| StoreError::KeyFormat)?;
        Ok(Keys(Arc::new(Inner { master, columns: RwLock::default(), tokens: RwLock::default() })))
    }

    /// A new random key.
    pub fn generate() -> Keys {
        Keys::from_hex(&hex::encode(rand::random::<[u8; 32]>())).expect("32 bytes are 64 digits")
    }

    /// The key of an installation that exists: from `TUODI_KEY` if it is set, else from the file.
    pub fn load(path: &Path) -> Result<Keys, StoreError> {
        if let Ok(text) = std::env::var(VARIABLE) {
            return Keys::from_hex(&text);
        }
        let text = std::fs::read_to_string(path).map_err(|e| key_file(path, &e))?;
        Keys::from_hex(&text)
    }

    /// As [`Keys::load`]; where there is neither, makes a key and writes the file, readable by its owner only.
    pub fn load_or_create(path: &Path) -> Result<Keys, StoreError> {
        if std::env::var_os(VARIABLE).is_some() || path.exists() {
            return Keys::load(path);
        }
        let keys = Keys::generate();
        keys.write_to(path).map_err(|e| key_file(path, &e))?;
        Ok(keys)
    }

    fn write_to(&self, path: &Path) -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        writeln!(file, "{}", hex::encode(self.0.master))?;
        file.sync_all()
    }

    /// The keys of a column (`person.name`); remembered.
    pub fn column(&self, column: &str) -> Arc<ColumnKey> {
        if let Some(key) = self.0.columns.read().unwrap_or_else(|e| e.into_inner()).get(column) {
            return Arc::clone(key);
        }
        let key = Arc::new(ColumnKey::new(&self.0.master, column));
        let mut columns = self.0.columns.write().unwrap_or_else(|e| e.into_inner());
        Arc::clone(columns.entry(column.to_owned()).or_insert(key))
    }

    pub fn seal(&self, column: &str, plain: &str) -> Vec<u8> {
        self.column(column).seal(plain)
    }

    pub fn open(&self, column: &str, sealed: &[u8]) -> Result<String, StoreError> {
        self.column(column).open(sealed)
    }

    /// 16 bytes for look-ups.
    pub fn blind(&self, column: &str, value: &str) -> Vec<u8> {
        self.column(column).blind(value).to_vec()
    }

    /// A keyed hash for the pool, 16 hexadecimal characters: account, plate, certificate numbers.
    pub fn token(&self, domain: &str, value: &str) -> String {
        let known = self.0.tokens.read().unwrap_or_else(|e| e.into_inner()).get(domain).cloned();
        let start = known.unwrap_or_else(|| {
            let key = mac(&self.0.master, &format!("{domain}:token")).finalize().into_bytes();
            let start =
                Arc::new(<Hmac<Sha256> as KeyInit>::new_from_slice(&key).expect("HMAC takes keys of any length"));
            self.0.tokens.write().unwrap_or_else(|e| e.into_inner()).insert(domain.to_owned(), Arc::clone(&start));
            start
        });
        let mut mac = Hmac::clone(&start);
        mac.update(value.as_bytes());
        hex::encode(&mac.finalize().into_bytes()[..8])
    }

    /// All 32 bytes of a keyed hash, for seals over the journal's heads.
    pub(crate) fn mac(&self, purpose: &str, bytes: &[u8]) -> Vec<u8> {
        let mut mac = mac(&self.0.master, purpose);
        mac.update(b":");
        mac.update(bytes);
        mac.finalize().into_bytes().to_vec()
    }
}

fn key_file(path: &Path, e: &std::io::Error) -> StoreError {
    StoreError::KeyFile { path: path.to_owned(), cause: e.to_string() }
}
