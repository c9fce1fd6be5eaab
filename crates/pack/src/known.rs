//! What a household need not say again when it applies: what it said earlier, what the register of people has, what departments
//! answered in an earlier check; each for so many days.

use serde::Deserialize;

/// One question of the application that may be filled in from what is on file, with its source beside it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// Of the application: `phone`; `wage_month` stands for that of each member.
    pub field: String,
    /// The register of people has it.
    #[serde(default)]
    pub register: bool,
    /// Calendar days after an application in which what was said there still holds; 0: it is asked anew.
    #[serde(default)]
    pub told_days: u32,
    /// Calendar days after a check in which what departments answered still holds; 0: it is not used. Only while an
    /// authorisation is in force.
    #[serde(default)]
    pub checked_days: u32,
    /// About means, health or an account: shown to the one person whose it is.
    #[serde(default)]
    pub sensitive: bool,
    pub basis: String,
    #[serde(default)]
    pub note: String,
}
