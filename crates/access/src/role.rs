//! Roles (workflow.md section 2).

use serde::{Deserialize, Serialize};
use tuodi_pack::{Lang, Text};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Applicant,
    Proxy,
    GridWorker,
    VillageOfficer,
    TownshipOfficer,
    TownshipLeader,
    DistrictOfficer,
    Reviewer,
    CheckCentre,
    AllianceCoordinator,
    ProviderWorker,
    ThirdPartyAssessor,
    Volunteer,
    Donor,
    DepartmentOfficer,
    DataSteward,
    Auditor,
    CityViewer,
    SystemAdmin,
    /// The platform itself: opens, pre-fills, reminds; never decides about a person.
    System,
}

impl Role {
    /// The roles people can have, R01 to R19.
    pub const ALL: [Role; 19] = [
        Role::Applicant,
        Role::Proxy,
        Role::GridWorker,
        Role::VillageOfficer,
        Role::TownshipOfficer,
        Role::TownshipLeader,
        Role::DistrictOfficer,
        Role::Reviewer,
        Role::CheckCentre,
        Role::AllianceCoordinator,
        Role::ProviderWorker,
        Role::ThirdPartyAssessor,
        Role::Volunteer,
        Role::Donor,
        Role::DepartmentOfficer,
        Role::DataSteward,
        Role::Auditor,
        Role::CityViewer,
        Role::SystemAdmin,
    ];

    /// `R05`; the platform itself is `R00`.
    pub fn id(self) -> &'static str {
        self.row().0
    }

    /// `township_officer`
    pub fn name(self) -> &'static str {
        self.row().1
    }

    pub fn title(self, lang: Lang) -> &'static str {
        let (_, _, zh, en) = self.row();
        match lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    pub fn text(self) -> Text {
        Text::new(self.title(Lang::Zh), self.title(Lang::En))
    }

    pub fn from_id(id: &str) -> Option<Role> {
        Role::ALL.into_iter().chain([Role::System]).find(|role| role.id() == id)
    }

    pub fn from_name(name: &str) -> Option<Role> {
        Role::ALL.into_iter().chain([Role::System]).find(|role| role.name() == name)
    }

    /// Citizens and those who act for them: bound to a household, not to a region.
    pub fn is_citizen(self) -> bool {
        matches!(self, Role::Applicant | Role::Proxy)
    }

    fn row(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Role::Applicant => ("R01", "applicant", "申请人", "applicant"),
            Role::Proxy => ("R02", "proxy", "代理人", "proxy"),
            Role::GridWorker => ("R03", "grid_worker", "网格员", "grid worker"),
            Role::VillageOfficer => ("R04", "village_officer", "村（社区）干部", "village or community officer"),
            Role::TownshipOfficer => ("R05", "township_officer", "乡镇（街道）经办人", "township officer"),
            Role::TownshipLeader => ("R06", "township_leader", "乡镇（街道）负责人", "township leader"),
            Role::DistrictOfficer => ("R07", "district_officer", "区县民政经办人", "district officer"),
            Role::Reviewer => ("R08", "reviewer", "区县审核确认人", "district reviewer"),
            Role::CheckCentre => ("R09", "check_centre", "核对中心", "check centre"),
            Role::AllianceCoordinator => ("R10", "alliance_coordinator", "联盟协调员", "alliance coordinator"),
            Role::ProviderWorker => ("R11", "provider_worker", "服务机构人员", "provider's worker"),
            Role::ThirdPartyAssessor => ("R12", "third_party_assessor", "第三方评估员", "third-party assessor"),
            Role::Volunteer => ("R13", "volunteer", "志愿者", "volunteer"),
            Role::Donor => ("R14", "donor", "捐赠人", "donor"),
            Role::DepartmentOfficer => ("R15", "department_officer", "专项救助部门经办人", "department officer"),
            Role::DataSteward => ("R16", "data_steward", "数据管理员", "data steward"),
            Role::Auditor => ("R17", "auditor", "审计监督人员", "auditor"),
            Role::CityViewer => ("R18", "city_viewer", "市、省级查看人员", "city or province viewer"),
            Role::SystemAdmin => ("R19", "system_admin", "系统管理员", "system administrator"),
            Role::System => ("R00", "system", "平台", "the platform"),
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id())
    }
}
