//! 自然资源、市场监管、金融机构: homes, firms, financial assets.

use super::{Desk, Habit, Source, or_nothing, spelling};
use crate::SynthError;
use crate::cell::{Cell, DateForm, MoneyForm, col};
use crate::file::Fault;
use crate::rows::EntityRole;
use crate::sheet::Format;

const ESTATE: Source = Source {
    id: "DS15",
    table: "real_estate",
    columns: &[
        col("reg_unit_no", "不动产单元号"),
        col("holder_id_no", "权利人身份号码"),
        col("share_ratio", "份额"),
        col("usage", "用途"),
        col("area", "建筑面积"),
        col("region_code", "坐落区划"),
        col("reg_date", "登记日期"),
        col("event", "登记类型"),
        col("price", "成交价"),
    ],
    faults: &[
        (0, Fault::MissingKey),
        (1, Fault::CheckCharacter),
        (3, Fault::UnknownCode),
        (6, Fault::ImpossibleDate),
        (6, Fault::FutureDate),
        (7, Fault::UnknownCode),
    ],
};

pub fn estates(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let stamp = desk.stamp();
    let habit = Habit {
        name: format!("real_estate_{stamp}"),
        format: Format::Utf8,
        spelling: spelling(MoneyForm::Fen, DateForm::Iso, false),
        preface: Vec::new(),
    };
    desk.file(&ESTATE, "", habit, district.estates.iter(), |d, e, out| {
        out.extend([
            Cell::Serial("990102001001GB", u64::from(e.unit), 14),
            Cell::Id(d.people[e.holder as usize].id()),
            Cell::Decimal(i64::from(e.share)),
            Cell::Code(e.usage.code()),
            Cell::Decimal(e.area),
            Cell::Serial("", u64::from(d.county_number), 6),
            Cell::Date(e.registered),
            Cell::Code(e.event.code()),
            or_nothing(e.price, Cell::Money),
        ]);
    })
}

const ENTITY: Source = Source {
    id: "DS19",
    table: "market_entity",
    columns: &[
        col("entity_code", "统一社会信用代码"),
        col("entity_name", "名称"),
        col("id_no", "自然人身份号码"),
        col("role", "角色"),
        col("capital", "认缴出资"),
        col("paid_capital", "实缴出资"),
        col("found_date", "成立日期"),
        col("status", "状态"),
        col("annual_report_year", "最近年报年度"),
    ],
    faults: &[
        (0, Fault::MissingKey),
        (2, Fault::CheckCharacter),
        (3, Fault::UnknownCode),
        (6, Fault::ImpossibleDate),
        (7, Fault::UnknownCode),
    ],
};

pub fn entities(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let stamp = desk.stamp();
    let habit = Habit {
        name: format!("市场监管局_市场主体_{stamp}"),
        format: Format::Gb18030,
        spelling: spelling(MoneyForm::Fen, DateForm::Slash, true),
        preface: Vec::new(),
    };
    desk.file(&ENTITY, "", habit, district.entities.iter(), |d, e, out| {
        let shop = e.role == EntityRole::Owner;
        out.extend([
            Cell::Serial(if shop { "92990102MB" } else { "91990102MC" }, u64::from(e.number), 8),
            Cell::Firm(u64::from(e.number), !shop),
            Cell::Id(d.people[e.person as usize].id()),
            Cell::Code(e.role.code()),
            or_nothing(e.capital, Cell::Money),
            or_nothing(e.paid, Cell::Money),
            Cell::Date(e.founded),
            Cell::Code(e.status.code()),
            or_nothing(e.year, |y| Cell::Int(i64::from(y))),
        ]);
    })
}

const ASSET: Source = Source {
    id: "DS21",
    table: "financial_assets",
    columns: &[
        col("query_no", "核对批次号"),
        col("authorisation_no", "授权书编号"),
        col("id_no", "身份号码"),
        col("org_code", "机构代码"),
        col("asset_kind", "资产种类"),
        col("balance", "查询日余额"),
        col("avg_balance_12m", "近12月日均"),
        col("inflow_12m", "近12月流入"),
        col("query_date", "查询日期"),
    ],
    faults: &[
        (0, Fault::MissingKey),
        (2, Fault::CheckCharacter),
        (4, Fault::UnknownCode),
        (5, Fault::NegativeAmount),
        (8, Fault::ImpossibleDate),
    ],
};

pub fn assets(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let stamp = desk.stamp();
    let habit = Habit {
        name: format!("核对平台_金融资产查询结果_{stamp}"),
        format: Format::Utf8Bom,
        spelling: spelling(MoneyForm::Yuan, DateForm::Iso, true),
        preface: Vec::new(),
    };
    desk.file(&ASSET, "", habit, district.assets.iter(), |d, a, out| {
        out.extend([
            Cell::Serial("HD", u64::from(a.query), 8),
            Cell::Serial("SQ", u64::from(a.authorisation), 8),
            Cell::Id(d.people[a.person as usize].id()),
            Cell::Serial("JR9901", u64::from(a.org), 4),
            Cell::Code(a.kind.code()),
            Cell::Money(a.balance),
            or_nothing(a.average, Cell::Money),
            or_nothing(a.inflow, Cell::Money),
            Cell::Date(a.date),
        ]);
    })
}
