//! Refusals and faults.

use crate::{Act, Role};
use tuodi_pack::Text;
use tuodi_store::StoreError;

/// What is missing. One a refusal; where several are missing, the first of this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeniedWhy {
    /// Administrators see no case data.
    NoCaseData,
    /// The role does not include this act.
    Role,
    /// The thing lies outside the region the account works for.
    Region,
    /// It is another household's.
    NotYours,
    /// It is not among the things given to this account.
    NotAssigned,
    /// The same person may not do both steps, or is related to the applicant.
    SeparationOfDuties,
    /// The mandate does not say so.
    Mandate,
    /// The role sees conclusions here, not the data behind them.
    Sensitivity,
    /// Sensitive data needs a stated purpose.
    Purpose,
}

impl DeniedWhy {
    /// As the policies' `@why` says it.
    pub(crate) fn from_word(word: &str) -> Option<DeniedWhy> {
        use DeniedWhy::{
            Mandate, NoCaseData, NotAssigned, NotYours, Purpose, Region, Role, Sensitivity, SeparationOfDuties,
        };
        [NoCaseData, Role, Region, NotYours, NotAssigned, SeparationOfDuties, Mandate, Sensitivity, Purpose]
            .into_iter()
            .find(|why| why.code().strip_prefix("access-") == Some(word))
    }

    /// Stable, for pages and the API: `access-region`.
    pub fn code(self) -> &'static str {
        match self {
            DeniedWhy::Role => "access-role",
            DeniedWhy::Region => "access-region",
            DeniedWhy::NotYours => "access-not-yours",
            DeniedWhy::NotAssigned => "access-not-assigned",
            DeniedWhy::SeparationOfDuties => "access-separation-of-duties",
            DeniedWhy::Mandate => "access-mandate",
            DeniedWhy::Sensitivity => "access-sensitivity",
            DeniedWhy::Purpose => "access-purpose",
            DeniedWhy::NoCaseData => "access-no-case-data",
        }
    }

    /// For the person refused.
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            DeniedWhy::Role => ("您的岗位没有这项权限。", "Your role does not include this."),
            DeniedWhy::Region => ("这件事不在您负责的区域内。", "This lies outside the area you work for."),
            DeniedWhy::NotYours => ("这不是您家的事项。", "This is not your household's."),
            DeniedWhy::NotAssigned => ("这项工作没有分派给您。", "This has not been assigned to you."),
            DeniedWhy::SeparationOfDuties => (
                "按照岗位分离和回避要求，前面环节的经办人或申请人的近亲属不能办理这一步。",
                "Duties are kept separate: whoever handled an earlier step, or is related to the applicant, may not do this one.",
            ),
            DeniedWhy::Mandate => (
                "委托里没有包括这一项。要办的话，请本人自己来办，或者重新委托，把这一项写进去。",
                "The mandate does not include this. The person can do it, or give a new mandate that says so.",
            ),
            DeniedWhy::Sensitivity => {
                ("您的岗位只能看到结论，不能看到明细。", "Your role sees the conclusion, not the details behind it.")
            }
            DeniedWhy::Purpose => ("查看敏感信息需要先说明用途。", "State a purpose before looking at sensitive data."),
            DeniedWhy::NoCaseData => ("系统管理员不能查看业务数据。", "Administrators do not see case data."),
        };
        Text::new(zh, en)
    }
}

/// A refusal: what is missing, and who can.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{act:?} was refused: {why:?}")]
pub struct Denied {
    pub act: Act,
    pub why: DeniedWhy,
    /// The policy that forbids it; `None` where nothing permits it.
    pub policy: Option<String>,
    /// Roles that may do this to this thing, from the right region.
    pub who_can: Vec<Role>,
}

#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("there is no account {account}")]
    NoAccount { account: String },
    #[error("the account {account} exists already")]
    AccountExists { account: String },
    #[error("a password needs at least {least} characters")]
    PasswordTooShort { least: usize },
    #[error("a password could not be hashed")]
    Hashing,
    #[error("the policies do not parse: {cause}")]
    Policies { cause: String },
    #[error("storage failed")]
    Store(#[from] StoreError),
}

impl From<sea_orm::DbErr> for AccessError {
    fn from(e: sea_orm::DbErr) -> AccessError {
        AccessError::Store(e.into())
    }
}
