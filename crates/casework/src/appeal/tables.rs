//! The table of appeals.

use tuodi_store::table;

table!(
    /// One appeal against one decision. What was said and what was answered are sealed.
    appeal, "appeal", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_no: String,
    /// Of `decision`: what is contested, and so who does not hear it.
    pub decision: i64,
    /// Where the case stood and goes back to if the decision is kept.
    pub from_state: String,
    pub from_step: String,
    pub from_due: Option<NaiveDate>,
    pub filed_by: String,
    pub channel: String,
    pub filed_on: NaiveDate,
    pub due_on: NaiveDate,
    pub content: Vec<u8>,
    /// open, kept, reopened
    pub state: String,
    /// The error was the office's own: what is decided now holds from the day of the first decision.
    pub office_error: bool,
    pub answer: Option<Vec<u8>>,
    pub answered_by: Option<String>,
    pub answered_on: Option<NaiveDate>,
});
