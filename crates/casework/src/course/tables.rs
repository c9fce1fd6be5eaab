//! The course a case takes, and what the guard of the platform's own step said of it last.

use tuodi_store::table;

table!(
    case_course, "case_course", {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_no: String,
    /// Of the pack on the day of acceptance: six_steps, put_forward.
    pub course: String,
    /// Whether everything was known and consistent at the last check; none before the first.
    pub clean: Option<bool>,
    /// The guard's conditions with their answers: ids only, nothing of the household.
    pub conditions: Json,
    pub judged_on: Option<NaiveDate>,
    /// The day on which the platform last put the case before the leader.
    pub forward_on: Option<NaiveDate>,
});
