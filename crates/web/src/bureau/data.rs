//! One batch that a department sent, as lists show it.

use crate::{BatchFigure, View, bureau::cockpit::grouped, desk::look};

pub struct BatchRow {
    pub batch: String,
    pub href: String,
    pub file: String,
    pub arrived: String,
    pub read: String,
    pub taken: String,
    pub aside: String,
    pub clean: bool,
    pub width: u64,
}

pub fn row(v: &View, b: &BatchFigure) -> BatchRow {
    BatchRow {
        href: super::feed::batch_href(&b.batch),
        batch: b.batch.clone(),
        file: b.file.clone(),
        arrived: v.moment(&b.arrived),
        read: grouped(b.rows_read),
        taken: grouped(b.rows_taken),
        aside: grouped(b.rows_quarantined),
        clean: b.rows_quarantined == 0,
        width: look::width(b.rows_taken, b.rows_read),
    }
}
