//! 农业农村、群团: households watched against relapse, rosters of partner bodies.

use super::{Desk, Habit, Source, or_nothing, spelling};
use crate::SynthError;
use crate::cell::{Cell, DateForm, MoneyForm, col, money};
use crate::file::Fault;
use crate::sheet::Format;

const RURAL: Source = Source {
    id: "DS23",
    table: "rural_monitoring",
    columns: &[
        col("household_code", "监测户编号"),
        col("head_id_no", "户主身份号码"),
        col("member_id_no", "成员身份号码"),
        col("kind", "监测类型"),
        col("risk_kind", "风险类型"),
        col("enter_date", "纳入日期"),
        col("risk_cleared", "风险是否消除"),
        col("cleared_date", "消除日期"),
        money("income_pc_year", "人均纯收入"),
    ],
    faults: &[
        (0, Fault::MissingKey),
        (1, Fault::CheckCharacter),
        (2, Fault::CheckCharacter),
        (3, Fault::UnknownCode),
        (5, Fault::ImpossibleDate),
        (5, Fault::FutureDate),
    ],
};

pub fn rural(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let stamp = desk.stamp();
    let habit = Habit {
        name: format!("农业农村局_防止返贫监测对象_{stamp}"),
        format: Format::Gb18030,
        spelling: spelling(MoneyForm::Yuan, DateForm::Dot, true),
        preface: Vec::new(),
    };
    desk.file(&RURAL, "", habit, district.rural.iter(), |d, r, out| {
        out.extend([
            Cell::Serial("JC990102", u64::from(r.code), 6),
            Cell::Id(d.people[r.head as usize].id()),
            Cell::Id(d.people[r.member as usize].id()),
            Cell::Code(r.kind.code()),
            Cell::Code(r.risk.code()),
            Cell::Date(r.entered),
            Cell::Bool(r.cleared),
            or_nothing(r.cleared_on, Cell::Date),
            or_nothing(r.income, Cell::Money),
        ]);
    })
}

const PARTNER: Source = Source {
    id: "DS25",
    table: "partner_hardship_roster",
    columns: &[
        col("id_no", "身份号码"),
        col("roster", "名册"),
        col("start_date", "起始"),
        col("end_date", "终止"),
        money("aid_amount_12m", "近12月帮扶金额"),
        col("aid_kind", "帮扶内容"),
        col("hardship_reason", "困难原因"),
    ],
    faults: &[
        (0, Fault::CheckCharacter),
        (0, Fault::MissingKey),
        (1, Fault::UnknownCode),
        (2, Fault::ImpossibleDate),
        (4, Fault::NegativeAmount),
    ],
};

pub fn partners(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let stamp = desk.stamp();
    let habit = Habit {
        name: format!("民政局汇总_群团困难名册_{stamp}"),
        format: Format::Xlsx,
        spelling: spelling(MoneyForm::Yuan, DateForm::Slash, true),
        preface: vec!["清晏区群团及其他帮扶名册汇总表".to_owned(), format!("汇总月份：{stamp}")],
    };
    desk.file(&PARTNER, "", habit, district.partners.iter(), |d, p, out| {
        out.extend([
            Cell::Id(d.people[p.person as usize].id()),
            Cell::Code(p.roster.code()),
            Cell::Date(p.start),
            or_nothing(p.end, Cell::Date),
            or_nothing(p.aid, Cell::Money),
            if p.aid.is_some() { Cell::Text("慰问金") } else { Cell::Text("米面油一份") },
            Cell::Text("家庭生活困难"),
        ]);
    })
}
