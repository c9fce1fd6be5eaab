//! 人社: contributions and benefits, one file a month.

use super::{Desk, Habit, Source, or_nothing, spelling};
use crate::SynthError;
use crate::cell::{Cell, DateForm, MoneyForm, col};
use crate::file::Fault;
use crate::sheet::Format;

const INSURANCE: Source = Source {
    id: "DS12",
    table: "social_insurance",
    columns: &[
        col("id_no", "身份号码"),
        col("scheme", "险种"),
        col("month", "费款所属期"),
        col("employer_code", "单位统一社会信用代码"),
        col("pay_base", "缴费基数"),
        col("pay_status", "缴费状态"),
        col("benefit_month", "待遇金额"),
        col("basic_pension_central", "其中中央基础养老金"),
        col("injury_nursing", "工伤生活护理费"),
        col("benefit_status", "待遇状态"),
    ],
    faults: &[(0, Fault::CheckCharacter), (0, Fault::MissingKey), (1, Fault::UnknownCode)],
};

pub fn insurance(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let mut months: Vec<_> = district.social.iter().map(|s| s.month).collect();
    months.sort_unstable();
    months.dedup();
    for month in months {
        let label = format!("{}{:02}", month.year(), month.number());
        let habit = Habit {
            name: format!("人社局_社会保险_{label}"),
            format: Format::Utf8Bom,
            spelling: spelling(MoneyForm::FenTitled, DateForm::Iso, true),
            preface: Vec::new(),
        };
        let rows = district.social.iter().filter(move |s| s.month == month);
        desk.file(&INSURANCE, &label, habit, rows, |d, s, out| {
            out.extend([
                Cell::Id(d.people[s.person as usize].id()),
                Cell::Code(s.scheme.code()),
                Cell::Month(s.month),
                if s.employer == 0 { Cell::Nothing } else { Cell::Serial("91990102MA", u64::from(s.employer), 8) },
                or_nothing(s.base, Cell::Money),
                or_nothing(s.paid, |p| Cell::Code(p.code())),
                or_nothing(s.benefit, Cell::Money),
                or_nothing(s.central, Cell::Money),
                or_nothing(s.nursing, Cell::Money),
                or_nothing(s.state, |b| Cell::Code(b.code())),
            ]);
        })?;
    }
    Ok(())
}
