//! Quarantined rows are sealed with the installation's key.

use tuodi_pool::{SealError, Sealer};
use tuodi_store::Keys;

const COLUMN: &str = "pool.quarantine";

pub struct KeySealer(pub Keys);

impl Sealer for KeySealer {
    fn seal(&self, plain: &str) -> Vec<u8> {
        self.0.seal(COLUMN, plain)
    }

    fn open(&self, sealed: &[u8]) -> Result<String, SealError> {
        self.0.open(COLUMN, sealed).map_err(|_| SealError)
    }
}
