//! When the last month of a benefit was set.

use tuodi_store::table;

table!(
    /// From this day on the benefit was known to end with this month. Never changed; the last one that a day knew holds.
    benefit_end, "benefit_end", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub benefit_id: i64,
    pub to_month: NaiveDate,
    pub on: NaiveDate,
});
