//! Mandates and the numbers by which proxies are named.

use tuodi_store::table;

table!(
    /// One mandate: who stands in for whom, in which case, until when.
    mandate, "mandate", {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub household_id: i64,
    /// Who entrusts: the applicant.
    pub person_id: i64,
    pub region_code: String,
    /// Unset: the next one that the person opens.
    pub case_no: Option<String>,
    /// Of the proxy; unset for those who only come to the window.
    pub account: Option<String>,
    /// Name, number and telephone of the proxy.
    pub proxy: Vec<u8>,
    /// Of the pack.
    pub relation: String,
    pub sensitive: bool,
    pub authorises: bool,
    pub until: NaiveDate,
    pub channel: String,
    pub given_by: String,
    pub given_at: DateTimeUtc,
    /// The signed paper.
    pub form_mime: Option<String>,
    pub form: Option<Vec<u8>>,
    pub ended_at: Option<DateTimeUtc>,
    pub ended_by: Option<String>,
    /// taken_back, given_up, expired.
    pub ended: Option<String>,
});

table!(
    /// The number that a person says to whoever entrusts them; one an account.
    mandate_code, "mandate_code", {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account: String,
    pub token: String,
    pub until: DateTimeUtc,
});
