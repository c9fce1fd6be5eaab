//! The region filter of lists, in SQL, on the column whose index keeps the order of due dates.

use crate::tables::{benefit, case_file};
use sea_orm::{ColumnTrait, Condition};
use tuodi_pack::region::RegionLevel;

/// Rows within a region by the columns of its levels: equality on one of them; a range above county.
pub(crate) fn within<C: ColumnTrait>(region: &str, village: C, township: C, county: C) -> Condition {
    Condition::all().add(match RegionLevel::of_code(region) {
        RegionLevel::Village => village.eq(region),
        RegionLevel::Township => township.eq(region),
        RegionLevel::County => county.eq(region),
        RegionLevel::City | RegionLevel::Province => {
            let (first, last) = range(region);
            county.between(first, last)
        }
    })
}

pub(crate) fn cases_in(region: &str) -> Condition {
    use case_file::Column as C;
    within(region, C::RegionCode, C::Township, C::County)
}

pub(crate) fn benefits_in(region: &str) -> Condition {
    use benefit::Column as C;
    within(region, C::RegionCode, C::Township, C::County)
}

pub(crate) fn range(region: &str) -> (String, String) {
    let prefix = if region.bytes().all(|b| b == b'0') { "" } else { tuodi_pack::region::prefix(region) };
    (format!("{prefix:0<12}"), format!("{prefix:9<12}"))
}
