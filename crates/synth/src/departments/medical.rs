//! 医保, 卫健: enrolment and the disease register.

use super::{Desk, Habit, Source, or_nothing, spelling};
use crate::SynthError;
use crate::cell::{Cell, DateForm, MoneyForm, col, money};
use crate::file::Fault;
use crate::sheet::Format;

const ENROLMENT: Source = Source {
    id: "DS10",
    table: "medical_enrolment",
    columns: &[
        col("id_no", "身份号码"),
        col("year", "年度"),
        col("scheme", "险种"),
        col("status", "参保状态"),
        money("premium_own", "个人缴费"),
        money("premium_aid", "资助金额"),
        col("aid_category", "资助身份"),
        col("region_code", "参保地"),
    ],
    faults: &[
        (0, Fault::CheckCharacter),
        (0, Fault::MissingKey),
        (2, Fault::UnknownCode),
        (3, Fault::UnknownCode),
        (4, Fault::NegativeAmount),
    ],
};

pub fn enrolments(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let habit = Habit {
        name: format!("医保局_参保信息_{}", desk.stamp()),
        format: Format::Utf8Bom,
        spelling: spelling(MoneyForm::Yuan, DateForm::Iso, true),
        preface: Vec::new(),
    };
    desk.file(&ENROLMENT, "", habit, district.enrolments.iter(), |d, e, out| {
        out.extend([
            Cell::Id(d.people[e.person as usize].id()),
            Cell::Int(i64::from(e.year)),
            Cell::Code(e.scheme.code()),
            Cell::Code(e.status.code()),
            or_nothing(e.own, Cell::Money),
            or_nothing(e.aid, Cell::Money),
            Cell::Text(e.category),
            Cell::Serial("", u64::from(d.county_number), 6),
        ]);
    })
}

const DISEASE: Source = Source {
    id: "DS11",
    table: "disease_register",
    columns: &[
        col("id_no", "身份号码"),
        col("disease_code", "疾病编码"),
        col("list_type", "目录类别"),
        col("confirm_date", "确诊日期"),
        col("confirm_org", "确诊机构"),
        col("family_doctor", "签约医生"),
        col("last_followup_date", "最近随访"),
        col("status", "管理状态"),
    ],
    faults: &[
        (0, Fault::CheckCharacter),
        (1, Fault::MissingKey),
        (2, Fault::UnknownCode),
        (3, Fault::ImpossibleDate),
        (3, Fault::FutureDate),
    ],
};

pub fn diseases(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let habit = Habit {
        name: format!("卫健委_重特大疾病和慢病登记_{}", desk.stamp()),
        format: Format::Gb18030,
        spelling: spelling(MoneyForm::Fen, DateForm::Dot, true),
        preface: Vec::new(),
    };
    desk.file(&DISEASE, "", habit, district.diseases.iter(), |d, r, out| {
        out.extend([
            Cell::Id(d.people[r.person as usize].id()),
            Cell::Text(r.code),
            Cell::Code(r.list.code()),
            Cell::Date(r.confirmed),
            Cell::Serial("H990102", u64::from(r.org), 5),
            Cell::Serial("签约团队", u64::from(r.org % 12) + 1, 2),
            or_nothing(r.followed, Cell::Date),
            Cell::Code(r.status.code()),
        ]);
    })
}
