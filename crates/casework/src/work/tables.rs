//! The tables of whose work it is.

use tuodi_store::table;

table!(
    /// One case given from one officer's hands into another's.
    hand_over, "hand_over", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_no: String,
    /// Whose it was; none where nobody had taken it.
    pub from_account: Option<String>,
    pub to_account: String,
    pub given_by: String,
    pub given_on: NaiveDate,
    /// Sealed: officers write about families.
    pub reason: Vec<u8>,
});

table!(
    /// Days on which somebody is away and a colleague stands in.
    absence, "absence", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub account: String,
    pub delegate: String,
    pub from_day: NaiveDate,
    pub to_day: NaiveDate,
    pub made_by: String,
    /// From this day on it does not hold.
    pub ended_on: Option<NaiveDate>,
});

table!(
    /// A reminder by a person, or the platform's word that a step is due or late.
    case_call, "case_call", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub case_no: String,
    pub step: String,
    /// What was due then.
    pub due_on: NaiveDate,
    /// `asked` by a person; `holder`, `next`, `district` by the platform.
    pub level: String,
    pub made_by: String,
    pub made_on: NaiveDate,
    pub text: Option<Vec<u8>>,
});

table!(
    /// A filter of the queue that an officer keeps under a name.
    saved_filter, "saved_filter", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub account: String,
    pub name: String,
    /// As it stands in the address of the list: never what was searched for.
    pub query: String,
});
