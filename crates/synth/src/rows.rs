//! What departments hold, row by row. People are indexes into the district's list; money is fen.

use crate::month::Month;
use chrono::NaiveDate;

/// A code with the word departments write for it.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $code:literal $zh:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(dead_code, reason = "a code list is whole, also where chance never draws one of its codes")]
        pub enum $name { $($variant),+ }

        impl $name {
            /// The contract's code and the Chinese word.
            pub fn code(self) -> (&'static str, &'static str) {
                match self { $($name::$variant => ($code, $zh)),+ }
            }
        }
    };
}

pub(crate) use codes;

codes!(DeathSource { Medical = "medical" "医学证明", Police = "police" "户籍注销", Cremation = "cremation" "火化" });
codes!(Programme { Dibao = "dibao" "低保", DibaoSingle = "dibao_single" "单人保", Tekun = "tekun" "特困", Edge = "edge" "低保边缘家庭", Rigid = "rigid" "刚性支出困难家庭", Temporary = "temporary" "临时救助" });
codes!(
    /// What a payment is for: programmes and subsidies share one pay list.
    PayItem {
        Dibao = "dibao" "低保", DibaoSingle = "dibao_single" "单人保", Tekun = "tekun" "特困", Temporary = "temporary" "临时救助",
        DisabilityLiving = "disability_living" "困难残疾人生活补贴", DisabilityNursing = "disability_nursing" "重度残疾人护理补贴",
        AgeAllowance = "age_allowance" "高龄津贴", ElderService = "elder_service" "养老服务补贴",
    }
);
codes!(PayState { Paid = "paid" "已发放", Returned = "returned" "退回", Pending = "pending" "待发放" });
codes!(CertStatus { Valid = "valid" "有效", Frozen = "frozen" "冻结", Cancelled = "cancelled" "注销" });
codes!(SubsidyKind { Living = "disability_living" "困难残疾人生活补贴", Nursing = "disability_nursing" "重度残疾人护理补贴", Age = "age_allowance" "高龄津贴", Service = "elder_service" "养老服务补贴" });
codes!(SubsidyStatus { Active = "active" "在享", Suspended = "suspended" "暂停", Stopped = "stopped" "停发" });
codes!(Visit { Outpatient = "outpatient" "普通门诊", Chronic = "chronic" "门诊慢特病", Inpatient = "inpatient" "住院", Pharmacy = "pharmacy" "药店购药" });
codes!(Scheme { EmpPension = "emp_pension" "职工养老", ResPension = "res_pension" "居民养老", Unemployment = "unemployment" "失业保险", Injury = "injury" "工伤保险", Maternity = "maternity" "生育保险" });
codes!(Contribution { Paid = "paid" "已缴", Arrears = "arrears" "欠费", Stopped = "stopped" "停保" });
codes!(Benefit { Active = "active" "正常", Suspended = "suspended" "暂停", Ended = "ended" "终止" });
codes!(Usage { Residence = "residence" "住宅", Shop = "shop" "商铺", Office = "office" "办公", Other = "other" "其他" });
codes!(EstateEvent { First = "first" "首次登记", Transfer = "transfer" "转移登记", Mortgage = "mortgage" "抵押登记", Cancel = "cancel" "注销登记" });
codes!(CarUse { Private = "private" "非营运", Operating = "operating" "营运", Disability = "disability" "残疾人专用" });
codes!(CarStatus { Normal = "normal" "正常", Mortgaged = "mortgaged" "抵押", Scrapped = "scrapped" "报废" });
codes!(EntityRole { LegalRep = "legal_rep" "法定代表人", Shareholder = "shareholder" "股东", Owner = "owner" "经营者", Supervisor = "supervisor" "监事" });
codes!(EntityStatus { Active = "active" "存续", Revoked = "revoked" "吊销", Cancelled = "cancelled" "注销", Abnormal = "abnormal" "经营异常" });
codes!(AssetKind { Deposit = "deposit" "存款", Wealth = "wealth" "理财", Fund = "fund" "基金", Security = "security" "证券", Insurance = "insurance" "保险", Internet = "internet" "互联网金融" });
codes!(Measure { Prison = "prison" "服刑", Detox = "detox" "强制隔离戒毒", Detention = "detention" "羁押", Community = "community_correction" "社区矫正" });
codes!(Disability { Visual = "visual" "视力", Hearing = "hearing" "听力", Speech = "speech" "言语", Limb = "limb" "肢体", Intellectual = "intellectual" "智力", Mental = "mental" "精神", Multiple = "multiple" "多重" });

#[derive(Debug, Clone)]
pub struct Death {
    pub person: u32,
    pub date: NaiveDate,
    pub source: DeathSource,
    pub cause: Option<&'static str>,
    pub cremated: Option<NaiveDate>,
    pub recorded: NaiveDate,
}

#[derive(Debug, Clone)]
pub struct RosterRow {
    pub person: u32,
    pub case: u32,
    pub programme: Programme,
    pub applicant: u32,
    pub members: u8,
    pub monthly: Option<i64>,
    pub class: char,
    pub start: NaiveDate,
    pub end: Option<NaiveDate>,
    pub stop_reason: &'static str,
    /// Index into [`crate::district::District::neighbours`] where the roster of another county holds the row.
    pub elsewhere: Option<u16>,
    pub reverified: NaiveDate,
}

#[derive(Debug, Clone)]
pub struct Payment {
    pub number: u32,
    pub item: PayItem,
    pub payee: u32,
    /// Empty where the list names the payee only.
    pub beneficiary: Option<u32>,
    pub amount: i64,
    pub month: Month,
    pub date: NaiveDate,
    pub state: PayState,
}

#[derive(Debug, Clone)]
pub struct Certificate {
    pub person: u32,
    pub kind: Disability,
    pub grade: u8,
    pub issued: NaiveDate,
    pub expires: Option<NaiveDate>,
    pub status: CertStatus,
    pub guardian: Option<u32>,
}

impl Certificate {
    /// Grade 1 or 2, or grade 3 of mind or intellect (DB57 art.8).
    pub fn severe(&self) -> bool {
        self.grade <= 2 || (self.grade == 3 && matches!(self.kind, Disability::Intellectual | Disability::Mental))
    }
}

#[derive(Debug, Clone)]
pub struct SubsidyRow {
    pub person: u32,
    pub kind: SubsidyKind,
    pub amount: i64,
    pub start: NaiveDate,
    pub end: Option<NaiveDate>,
    pub liveness: Option<NaiveDate>,
    pub liveness_due: Option<NaiveDate>,
    pub status: SubsidyStatus,
}

#[derive(Debug, Clone)]
pub struct Settlement {
    pub number: u32,
    pub person: u32,
    pub visit: Visit,
    pub org: u8,
    pub admitted: Option<NaiveDate>,
    pub settled: NaiveDate,
    pub diagnosis: &'static str,
    pub total: i64,
    pub basic: i64,
    pub major: i64,
    pub assist: i64,
    pub oop_policy: i64,
    pub oop_outside: i64,
    pub refund: bool,
}

#[derive(Debug, Clone)]
pub struct SocialRow {
    pub person: u32,
    pub scheme: Scheme,
    pub month: Month,
    /// 0 where there is no employer.
    pub employer: u32,
    pub base: Option<i64>,
    pub paid: Option<Contribution>,
    pub benefit: Option<i64>,
    pub central: Option<i64>,
    pub nursing: Option<i64>,
    pub state: Option<Benefit>,
}

#[derive(Debug, Clone)]
pub struct Estate {
    pub unit: u32,
    pub holder: u32,
    /// Parts per 100.
    pub share: u8,
    pub usage: Usage,
    /// Hundredths of a square metre.
    pub area: i64,
    pub registered: NaiveDate,
    pub event: EstateEvent,
    pub price: Option<i64>,
}

#[derive(Debug, Clone)]
pub struct Vehicle {
    pub plate: u32,
    pub owner: u32,
    pub kind: &'static str,
    pub usage: CarUse,
    pub model: &'static str,
    pub first: NaiveDate,
    pub transferred: Option<NaiveDate>,
    pub value: Option<i64>,
    pub status: CarStatus,
}

#[derive(Debug, Clone)]
pub struct Entity {
    pub number: u32,
    pub person: u32,
    pub role: EntityRole,
    pub capital: Option<i64>,
    pub paid: Option<i64>,
    pub founded: NaiveDate,
    pub status: EntityStatus,
    pub year: Option<i32>,
}

#[derive(Debug, Clone)]
pub struct Asset {
    pub query: u32,
    pub authorisation: u32,
    pub person: u32,
    pub org: u8,
    pub kind: AssetKind,
    pub balance: i64,
    pub average: Option<i64>,
    pub inflow: Option<i64>,
    pub date: NaiveDate,
}

#[derive(Debug, Clone)]
pub struct Custody {
    pub number: u32,
    pub person: u32,
    pub measure: Measure,
    pub start: NaiveDate,
    pub expected: Option<NaiveDate>,
    pub ended: Option<NaiveDate>,
    pub minor_child: Option<bool>,
}
