//! The district's pack for the engine's tests. That packs type and their worked cases hold is `make packs`' to say.

use std::{
    path::Path,
    sync::{Arc, LazyLock},
};
use tuodi_pack::Pack;

/// Read once for all tests.
pub fn qingyan() -> Arc<Pack> {
    static PACK: LazyLock<Arc<Pack>> = LazyLock::new(|| {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/qingyan");
        Arc::new(Pack::load(&dir).unwrap_or_else(|problems| panic!("{problems}")))
    });
    PACK.clone()
}
