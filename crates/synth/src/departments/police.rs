//! 公安: household register by police station, vehicles, custody (with justice).

use super::{Desk, Habit, Source, clock, or_nothing, spelling};
use crate::SynthError;
use crate::cell::{Cell, DateForm, MoneyForm, col};
use crate::district::household_no;
use crate::file::Fault;
use crate::person::RegStatus;
use crate::sheet::Format;
use tuodi_pack::id_no::Sex;
use tuodi_pack::region::Area;

const REGISTER: Source = Source {
    id: "DS01",
    table: "household_register",
    columns: &[
        col("id_no", "公民身份号码"),
        col("name", "姓名"),
        col("sex", "性别"),
        col("ethnic", "民族"),
        col("birth_date", "出生日期"),
        col("household_no", "户号"),
        col("relation_to_head", "与户主关系"),
        col("reg_region_code", "户籍区划代码"),
        col("reg_address", "户籍地址"),
        col("reg_type", "户口性质"),
        col("reg_status", "户籍状态"),
        col("update_time", "更新时间"),
    ],
    faults: &[
        (0, Fault::CheckCharacter),
        (0, Fault::MissingKey),
        (2, Fault::UnknownCode),
        (4, Fault::ImpossibleDate),
        (7, Fault::UnknownRegion),
        (10, Fault::UnknownCode),
    ],
};

pub fn household_register(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let stamp = desk.stamp();
    let mut by_township: Vec<Vec<u32>> = vec![Vec::new(); district.townships.len()];
    for (i, household) in district.households.iter().enumerate() {
        by_township[district.villages[household.village as usize].township as usize].push(i as u32);
    }
    for (i, (name, households)) in district.townships.iter().zip(by_township).enumerate() {
        if households.is_empty() {
            continue;
        }
        // one station has moved to the new system, which writes UTF-8
        let newer = i % 4 == 3;
        let habit = Habit {
            name: format!("{name}派出所_户籍人口信息_{stamp}"),
            format: if newer { Format::Utf8Bom } else { Format::Gb18030 },
            spelling: spelling(
                MoneyForm::Fen,
                if newer {
                    DateForm::Iso
                } else if i % 2 == 0 {
                    DateForm::Compact
                } else {
                    DateForm::Slash
                },
                true,
            ),
            preface: Vec::new(),
        };
        let people = households.iter().flat_map(|h| district.households[*h as usize].members());
        desk.file(&REGISTER, &format!("{:03}", i + 1), habit, people, |d, i, out| {
            let p = &d.people[i];
            let home = &d.households[p.household as usize];
            let village = &d.villages[home.village as usize];
            out.extend([
                Cell::Id(p.id()),
                Cell::Name(p),
                Cell::Code(if p.sex == Sex::Male { ("male", "男") } else { ("female", "女") }),
                Cell::Serial("", u64::from(p.ethnic), 2),
                Cell::Date(p.birth),
                Cell::Serial("", household_no(p.household), 9),
                Cell::Text(p.relation_code()),
                Cell::Text(&village.code),
                Cell::Address(home),
                Cell::Code(match village.area {
                    Area::Urban => ("urban", "城镇"),
                    Area::Rural => ("rural", "农村"),
                }),
                Cell::Code(match p.status {
                    RegStatus::Active => ("active", "正常"),
                    RegStatus::Moved => ("moved", "迁出"),
                    RegStatus::Cancelled => ("cancelled", "注销"),
                }),
                Cell::Time(clock(d.updated(i as u32), i as u64)),
            ]);
        })?;
    }
    Ok(())
}

const VEHICLE: Source = Source {
    id: "DS17",
    table: "vehicle",
    columns: &[
        col("plate_no", "号牌号码"),
        col("owner_id_no", "所有人身份号码"),
        col("vehicle_type", "车辆类型"),
        col("usage", "使用性质"),
        col("brand_model", "品牌型号"),
        col("first_reg_date", "初次登记"),
        col("transfer_date", "转移日期"),
        col("est_value", "估值"),
        col("status", "状态"),
    ],
    faults: &[
        (0, Fault::MissingKey),
        (1, Fault::CheckCharacter),
        (5, Fault::ImpossibleDate),
        (5, Fault::FutureDate),
        (8, Fault::UnknownCode),
    ],
};

pub fn vehicles(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let stamp = desk.stamp();
    let habit = Habit {
        name: format!("交管支队_机动车登记_{stamp}"),
        format: Format::Xlsx,
        spelling: spelling(MoneyForm::Yuan, DateForm::Slash, true),
        preface: Vec::new(),
    };
    desk.file(&VEHICLE, "", habit, district.vehicles.iter(), |d, v, out| {
        out.extend([
            Cell::Serial("晏A·", u64::from(v.plate), 6),
            Cell::Id(d.people[v.owner as usize].id()),
            Cell::Text(v.kind),
            Cell::Code(v.usage.code()),
            Cell::Text(v.model),
            Cell::Date(v.first),
            or_nothing(v.transferred, Cell::Date),
            or_nothing(v.value, Cell::Money),
            Cell::Code(v.status.code()),
        ]);
    })
}

const CUSTODY: Source = Source {
    id: "DS22",
    table: "custody_correction",
    columns: &[
        col("measure_no", "文书号"),
        col("id_no", "身份号码"),
        col("measure", "措施"),
        col("start_date", "起始"),
        col("expected_end", "预计结束"),
        col("actual_end", "实际结束"),
        col("place_region_code", "执行地"),
        col("has_minor_child", "是否有未成年子女"),
    ],
    faults: &[(0, Fault::MissingKey), (1, Fault::CheckCharacter), (2, Fault::UnknownCode), (3, Fault::ImpossibleDate)],
};

pub fn custody(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let stamp = desk.stamp();
    let habit = Habit {
        name: format!("司法局_服刑强戒社区矫正人员_{stamp}"),
        format: Format::Xlsx,
        spelling: spelling(MoneyForm::Fen, DateForm::Chinese, true),
        preface: vec!["清晏区司法局、公安局".to_owned(), format!("服刑、强制隔离戒毒、社区矫正人员名单（{stamp}）")],
    };
    desk.file(&CUSTODY, "", habit, district.custodies.iter(), |d, c, out| {
        out.extend([
            Cell::Serial("清法字", u64::from(c.number), 7),
            Cell::Id(d.people[c.person as usize].id()),
            Cell::Code(c.measure.code()),
            Cell::Date(c.start),
            or_nothing(c.expected, Cell::Date),
            or_nothing(c.ended, Cell::Date),
            Cell::Serial("", u64::from(d.county_number), 6),
            or_nothing(c.minor_child, Cell::Bool),
        ]);
    })
}
