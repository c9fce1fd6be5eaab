//! 民政: marriages and divorces, children in hardship.

use super::{Desk, Habit, Source, or_nothing, spelling};
use crate::SynthError;
use crate::cell::{Cell, DateForm, MoneyForm, col, money};
use crate::file::Fault;
use crate::marriage::MarriageEvent;
use crate::sheet::Format;

const MARRIAGE: Source = Source {
    id: "DS03",
    table: "marriage_registration",
    columns: &[
        col("reg_no", "登记号"),
        col("event_type", "登记类型"),
        col("male_id_no", "男方身份号码"),
        col("female_id_no", "女方身份号码"),
        col("event_date", "登记日期"),
        col("region_code", "登记机关区划"),
        col("child_custody_note", "子女抚养约定"),
        money("support_month", "约定抚养费"),
    ],
    faults: &[
        (0, Fault::MissingKey),
        (1, Fault::UnknownCode),
        (2, Fault::CheckCharacter),
        (4, Fault::ImpossibleDate),
        (4, Fault::FutureDate),
    ],
};

pub fn marriages(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let habit = Habit {
        name: format!("民政局_婚姻登记_{}", desk.stamp()),
        format: Format::Gb18030,
        spelling: spelling(MoneyForm::Yuan, DateForm::Chinese, true),
        preface: Vec::new(),
    };
    desk.file(&MARRIAGE, "", habit, district.marriages.iter(), |d, m, out| {
        let id = |p: Option<u32>| or_nothing(p, |p| Cell::Id(d.people[p as usize].id()));
        let prefix = if m.event == MarriageEvent::Marriage { "J990102" } else { "L990102" };
        out.extend([
            Cell::Serial(prefix, u64::from(m.number), 8),
            Cell::Code(m.event.code()),
            id(m.man),
            id(m.woman),
            Cell::Date(m.date),
            Cell::Serial("", u64::from(d.county_number), 6),
            if m.support.is_some() { Cell::Text("子女随现户口所在一方生活") } else { Cell::Nothing },
            or_nothing(m.support, Cell::Money),
        ]);
    })
}

const CHILD: Source = Source {
    id: "DS04",
    table: "child_welfare",
    columns: &[
        col("id_no", "儿童身份号码"),
        col("status", "儿童类别"),
        col("start_date", "起始日期"),
        col("end_date", "终止日期"),
        col("guardian_id_no", "监护人身份号码"),
        col("father_state", "父亲状况"),
        col("mother_state", "母亲状况"),
        money("benefit_month", "月补贴"),
        col("placement", "安置方式"),
    ],
    faults: &[
        (0, Fault::CheckCharacter),
        (0, Fault::MissingKey),
        (1, Fault::UnknownCode),
        (2, Fault::ImpossibleDate),
        (5, Fault::UnknownCode),
    ],
};

pub fn children(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let stamp = desk.stamp();
    let habit = Habit {
        name: format!("民政局_困境儿童台账_{stamp}"),
        format: Format::Xlsx,
        spelling: spelling(MoneyForm::Yuan, DateForm::Iso, true),
        preface: vec![format!("清晏区困境儿童信息台账（{stamp}）")],
    };
    desk.file(&CHILD, "", habit, district.children.iter(), |d, c, out| {
        out.extend([
            Cell::Id(d.people[c.person as usize].id()),
            Cell::Code(c.status.code()),
            Cell::Date(c.start),
            or_nothing(c.end, Cell::Date),
            or_nothing(c.guardian, |g| Cell::Id(d.people[g as usize].id())),
            or_nothing(c.father, |s| Cell::Code(s.code())),
            or_nothing(c.mother, |s| Cell::Code(s.code())),
            or_nothing(c.benefit, Cell::Money),
            or_nothing(c.placement, |p| Cell::Code(p.code())),
        ]);
    })
}
