//! 税务、公积金: declared wages and fees by month, housing fund accounts.

use super::{Desk, Habit, Source, or_nothing, spelling};
use crate::SynthError;
use crate::cell::{Cell, DateForm, MoneyForm, col, money};
use crate::file::Fault;
use crate::sheet::Format;

const TAX: Source = Source {
    id: "DS18",
    table: "tax_income",
    columns: &[
        col("id_no", "身份号码"),
        col("payer_code", "扣缴义务人代码"),
        col("month", "所属期"),
        col("income_type", "所得项目"),
        money("income", "收入额"),
        money("tax", "税额"),
        money("special_deduct", "专项附加扣除"),
    ],
    faults: &[
        (0, Fault::CheckCharacter),
        (0, Fault::MissingKey),
        (3, Fault::UnknownCode),
        (4, Fault::NegativeAmount),
        (5, Fault::NegativeAmount),
    ],
};

pub fn taxes(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let stamp = desk.stamp();
    let habit = Habit {
        name: format!("税务局_个人所得税扣缴明细_{stamp}"),
        format: Format::Gb18030,
        spelling: spelling(MoneyForm::Yuan, DateForm::Iso, true),
        preface: Vec::new(),
    };
    desk.file(&TAX, "", habit, district.taxes.iter(), |d, t, out| {
        out.extend([
            Cell::Id(d.people[t.person as usize].id()),
            Cell::Serial("91990102MA", u64::from(t.payer), 8),
            Cell::Month(t.month),
            Cell::Code(t.kind.code()),
            Cell::Money(t.income),
            Cell::Money(t.tax),
            or_nothing(t.deduct, Cell::Money),
        ]);
    })
}

const FUND: Source = Source {
    id: "DS20",
    table: "provident_fund",
    columns: &[
        col("account_no", "账号摘要"),
        col("id_no", "身份号码"),
        money("balance", "余额"),
        money("month_deposit", "月缴存额"),
        money("base", "缴存基数"),
        money("loan_balance", "贷款余额"),
        col("overdue_months", "逾期月数"),
        col("last_deposit_month", "最近缴存月"),
    ],
    faults: &[(0, Fault::MissingKey), (1, Fault::CheckCharacter), (2, Fault::NegativeAmount)],
};

pub fn funds(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let stamp = desk.stamp();
    let habit = Habit {
        name: format!("公积金中心_个人账户_{stamp}"),
        format: Format::Xlsx,
        spelling: spelling(MoneyForm::Yuan, DateForm::Iso, true),
        preface: vec![format!("清晏管理部个人账户明细（{stamp}）")],
    };
    desk.file(&FUND, "", habit, district.funds.iter(), |d, f, out| {
        out.extend([
            Cell::Digest(u64::from(f.account) ^ 0xf00d),
            Cell::Id(d.people[f.person as usize].id()),
            Cell::Money(f.balance),
            or_nothing(f.deposit, Cell::Money),
            or_nothing(f.base, Cell::Money),
            or_nothing(f.loan, Cell::Money),
            or_nothing(f.overdue, Cell::Int),
            or_nothing(f.last, Cell::Month),
        ]);
    })
}
