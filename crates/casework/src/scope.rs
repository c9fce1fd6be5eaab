//! The region filter of lists, in SQL, on the column whose index keeps the order of due dates.

use crate::tables::{benefit, case_file};
use sea_orm::{ColumnTrait, Condition};
use tuodi_pack::region::RegionLevel;

/// Cases within a region: equality on the column of its level; a range above county.
pub(crate) fn cases_in(region: &str) -> Condition {
    use case_file::Column as C;
    match RegionLevel::of_code(region) {
        RegionLevel::Village => Condition::all().add(C::RegionCode.eq(region)),
        RegionLevel::Township => Condition::all().add(C::Township.eq(region)),
        RegionLevel::County => Condition::all().add(C::County.eq(region)),
        RegionLevel::City | RegionLevel::Province => {
            let (first, last) = range(region);
            Condition::all().add(C::County.between(first, last))
        }
    }
}

pub(crate) fn benefits_in(region: &str) -> Condition {
    use benefit::Column as C;
    match RegionLevel::of_code(region) {
        RegionLevel::Village => Condition::all().add(C::RegionCode.eq(region)),
        RegionLevel::Township => Condition::all().add(C::Township.eq(region)),
        RegionLevel::County => Condition::all().add(C::County.eq(region)),
        RegionLevel::City | RegionLevel::Province => {
            let (first, last) = range(region);
            Condition::all().add(C::County.between(first, last))
        }
    }
}

pub(crate) fn range(region: &str) -> (String, String) {
    let prefix = if region.bytes().all(|b| b == b'0') { "" } else { tuodi_pack::region::prefix(region) };
    (format!("{prefix:0<12}"), format!("{prefix:9<12}"))
}
