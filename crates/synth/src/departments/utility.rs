//! 供水、供电: meters by month, one file a company.

use super::{Desk, Habit, Source, or_nothing, spelling};
use crate::SynthError;
use crate::cell::{Cell, DateForm, MoneyForm, col, money};
use crate::file::Fault;
use crate::sheet::Format;
use crate::utility::Meter;

const UTILITY: Source = Source {
    id: "DS26",
    table: "utility_usage",
    columns: &[
        col("account_no", "户号"),
        col("kind", "类别"),
        col("month", "月份"),
        col("holder_id_no", "户主身份号码"),
        col("address_code", "地址区划"),
        col("quantity", "用量"),
        money("amount", "金额"),
        money("arrears", "欠费"),
        col("arrears_months", "欠费月数"),
    ],
    faults: &[
        (0, Fault::MissingKey),
        (1, Fault::UnknownCode),
        (3, Fault::CheckCharacter),
        (4, Fault::UnknownRegion),
        (6, Fault::NegativeAmount),
    ],
};

pub fn meters(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let stamp = desk.stamp();
    for (kind, part, company, format) in [
        (Meter::Power, "power", "供电公司_居民用电", Format::Utf8Bom),
        (Meter::Water, "water", "清晏水务_居民用水", Format::Gb18030),
        (Meter::Gas, "gas", "清晏燃气_居民用气", Format::Gb18030),
    ] {
        let mut rows = district.utilities.iter().filter(move |u| u.kind == kind).peekable();
        // a company without a row to send sends nothing
        if rows.peek().is_none() {
            continue;
        }
        let habit = Habit {
            name: format!("{company}_{stamp}"),
            format,
            spelling: spelling(MoneyForm::Yuan, DateForm::Iso, true),
            preface: Vec::new(),
        };
        desk.file(&UTILITY, part, habit, rows, |d, u, out| {
            let village = &d.villages[d.households[u.household as usize].village as usize];
            out.extend([
                Cell::Serial("5901", u64::from(u.account), 8),
                Cell::Code(u.kind.code()),
                Cell::Month(u.month),
                or_nothing(u.holder, |h| Cell::Id(d.people[h as usize].id())),
                Cell::Text(&village.code),
                Cell::Decimal(u.quantity),
                Cell::Money(u.amount),
                or_nothing(u.arrears, Cell::Money),
                or_nothing(u.arrears_months, Cell::Int),
            ]);
        })?;
    }
    Ok(())
}
