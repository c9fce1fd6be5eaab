//! 住建, 应急, 消防, 交警 and the hotlines: housing, calamities, clues.

use super::{Desk, Habit, Source, clock, or_nothing, spelling};
use crate::SynthError;
use crate::calamity::CalamityKind;
use crate::cell::{Cell, DateForm, MoneyForm, col, money};
use crate::district::household_no;
use crate::file::Fault;
use crate::sheet::Format;

const HOUSING: Source = Source {
    id: "DS16",
    table: "housing_security",
    columns: &[
        col("record_no", "记录号"),
        col("applicant_id_no", "申请人身份号码"),
        col("kind", "保障类别"),
        col("house_grade", "房屋安全等级"),
        col("area", "面积"),
        money("rent_month", "月租金"),
        col("arrears_months", "欠租月数"),
        col("start_date", "起始"),
        col("end_date", "终止"),
    ],
    faults: &[
        (0, Fault::MissingKey),
        (1, Fault::CheckCharacter),
        (2, Fault::UnknownCode),
        (3, Fault::UnknownCode),
        (7, Fault::ImpossibleDate),
    ],
};

pub fn housing(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let stamp = desk.stamp();
    let habit = Habit {
        name: format!("住建局_住房保障与房屋鉴定_{stamp}"),
        format: Format::Xlsx,
        spelling: spelling(MoneyForm::Yuan, DateForm::Slash, true),
        preface: vec![format!("清晏区住房保障和房屋安全鉴定汇总表（{stamp}）")],
    };
    desk.file(&HOUSING, "", habit, district.housing.iter(), |d, h, out| {
        out.extend([
            Cell::Serial("ZB", u64::from(h.number), 8),
            Cell::Id(d.people[h.applicant as usize].id()),
            Cell::Code(h.kind.code()),
            or_nothing(h.grade, |g| Cell::Code(g.code())),
            or_nothing(h.area, Cell::Decimal),
            or_nothing(h.rent, Cell::Money),
            or_nothing(h.arrears, |a| Cell::Int(i64::from(a))),
            or_nothing(h.start, Cell::Date),
            or_nothing(h.end, Cell::Date),
        ]);
    })
}

const CALAMITY: Source = Source {
    id: "DS24",
    table: "disaster_accident",
    columns: &[
        col("event_no", "事件编号"),
        col("event_type", "事件类型"),
        col("event_time", "发生时间"),
        col("region_code", "发生地"),
        col("id_no", "涉及人员身份号码"),
        col("harm", "人身伤害"),
        col("house_damage", "房屋损失"),
        money("loss", "直接损失"),
        col("transferred", "是否转移安置"),
    ],
    faults: &[
        (0, Fault::MissingKey),
        (1, Fault::UnknownCode),
        (4, Fault::CheckCharacter),
        (5, Fault::UnknownCode),
        (7, Fault::NegativeAmount),
    ],
};

pub fn calamities(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let stamp = desk.stamp();
    let senders = [
        ("fire", "消防救援大队_火灾", Format::Utf8Bom, DateForm::Iso),
        ("traffic", "交警大队_道路交通事故", Format::Gb18030, DateForm::Slash),
        ("disaster", "应急管理局_受灾情况", Format::Xlsx, DateForm::Iso),
    ];
    for (part, name, format, dates) in senders {
        let habit = Habit {
            name: format!("{name}_{stamp}"),
            format,
            spelling: spelling(MoneyForm::Yuan, dates, true),
            preface: if format == Format::Xlsx {
                vec![format!("自然灾害受灾人员台账（{stamp}）")]
            } else {
                Vec::new()
            },
        };
        let sender = |kind: CalamityKind| match kind {
            CalamityKind::Fire => "fire",
            CalamityKind::Traffic => "traffic",
            _ => "disaster",
        };
        let rows = district.calamities.iter().filter(move |c| sender(c.kind) == part);
        desk.file(&CALAMITY, part, habit, rows, |d, c, out| {
            out.extend([
                Cell::Serial("SJ990102", u64::from(c.event), 7),
                Cell::Code(c.kind.code()),
                Cell::Time(clock(c.day, u64::from(c.event))),
                Cell::Text(&d.villages[c.village as usize].code),
                or_nothing(c.person, |p| Cell::Id(d.people[p as usize].id())),
                or_nothing(c.harm, |h| Cell::Code(h.code())),
                or_nothing(c.damage, |h| Cell::Code(h.code())),
                or_nothing(c.loss, Cell::Money),
                or_nothing(c.moved, Cell::Bool),
            ]);
        })?;
    }
    Ok(())
}

const CLUE: Source = Source {
    id: "PF05",
    table: "clue",
    columns: &[
        col("clue_no", "线索编号"),
        col("channel", "线索来源"),
        col("id_no", "当事人身份号码"),
        col("household_no", "户号"),
        col("region_code", "所在区划"),
        col("kind", "困难类型"),
        col("urgent", "是否紧急"),
        col("received_at", "受理日期"),
        col("closed_at", "办结日期"),
        col("outcome", "办理结果"),
    ],
    faults: &[
        (0, Fault::MissingKey),
        (1, Fault::UnknownCode),
        (2, Fault::CheckCharacter),
        (4, Fault::UnknownRegion),
        (7, Fault::FutureDate),
    ],
};

pub fn clues(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let habit = Habit {
        name: format!("热线与网格平台_求助线索_{}", desk.stamp()),
        format: Format::Utf8Bom,
        spelling: spelling(MoneyForm::Fen, DateForm::Slash, true),
        preface: Vec::new(),
    };
    desk.file(&CLUE, "", habit, district.clues.iter(), |d, c, out| {
        out.extend([
            Cell::Serial("XS", u64::from(c.number), 8),
            Cell::Code(c.channel.code()),
            or_nothing(c.person, |p| Cell::Id(d.people[p as usize].id())),
            or_nothing(c.household, |h| Cell::Serial("", household_no(h), 9)),
            Cell::Text(&d.villages[c.village as usize].code),
            Cell::Code(c.kind.code()),
            Cell::Bool(c.urgent),
            Cell::Date(c.received),
            or_nothing(c.closed, Cell::Date),
            or_nothing(c.outcome, |o| Cell::Code(o.code())),
        ]);
    })
}
