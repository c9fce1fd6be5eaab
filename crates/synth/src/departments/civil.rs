//! 民政、财政、残联: roster, payments, certificates, subsidies.

use super::{Desk, Habit, Source, or_nothing, spelling};
use crate::SynthError;
use crate::cell::{Cell, DateForm, MoneyForm, col, mix};
use crate::file::Fault;
use crate::rows::Disability;
use crate::sheet::Format;

const ROSTER: Source = Source {
    id: "DS05",
    table: "assistance_roster",
    columns: &[
        col("id_no", "身份号码"),
        col("case_no", "救助证号"),
        col("programme", "救助类别"),
        col("applicant_id_no", "申请人身份号码"),
        col("member_count", "家庭人口"),
        col("benefit_month", "月保障金额"),
        col("reverify_class", "核查分类"),
        col("start_date", "起始月"),
        col("end_date", "终止月"),
        col("stop_reason", "停发原因"),
        col("region_code", "所在区划"),
        col("last_reverify_date", "最近核查日期"),
    ],
    faults: &[
        (0, Fault::CheckCharacter),
        (0, Fault::MissingKey),
        (2, Fault::UnknownCode),
        (7, Fault::ImpossibleDate),
        (10, Fault::UnknownRegion),
    ],
};

pub fn roster(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let stamp = desk.stamp();
    let habit = Habit {
        name: format!("民政局_社会救助在册对象_{stamp}"),
        format: Format::Utf8Bom,
        spelling: spelling(MoneyForm::Yuan, DateForm::Iso, true),
        preface: Vec::new(),
    };
    desk.file(&ROSTER, "", habit, district.roster.iter(), |d, r, out| {
        let region = match r.elsewhere.and_then(|county| d.neighbours.get(county as usize)) {
            Some(county) => county,
            None => &d.village_of(r.person).code,
        };
        out.extend([
            Cell::Id(d.people[r.person as usize].id()),
            Cell::Serial("QYJZ", u64::from(r.case), 7),
            Cell::Code(r.programme.code()),
            Cell::Id(d.people[r.applicant as usize].id()),
            Cell::Int(i64::from(r.members)),
            or_nothing(r.monthly, Cell::Money),
            Cell::Text(match r.class {
                'A' => "A",
                'C' => "C",
                _ => "B",
            }),
            Cell::Date(r.start),
            or_nothing(r.end, Cell::Date),
            Cell::Text(r.stop_reason),
            Cell::Text(region),
            Cell::Date(r.reverified),
        ]);
    })
}

const PAYMENT: Source = Source {
    id: "DS06",
    table: "assistance_payment",
    columns: &[
        col("pay_id", "发放流水号"),
        col("programme", "补贴项目"),
        col("payee_id_no", "收款人身份号码"),
        col("beneficiary_id_no", "受益人身份号码"),
        col("account_hash", "账户摘要"),
        col("amount", "金额"),
        col("pay_month", "所属月份"),
        col("pay_date", "发放日期"),
        col("status", "状态"),
        col("batch_no", "批次"),
        col("region_code", "区划"),
    ],
    faults: &[
        (0, Fault::MissingKey),
        (2, Fault::CheckCharacter),
        (5, Fault::NegativeAmount),
        (7, Fault::ImpossibleDate),
        (8, Fault::UnknownCode),
    ],
};

pub fn payments(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let mut months: Vec<_> = district.payments.iter().map(|p| p.month).collect();
    months.sort_unstable();
    months.dedup();
    for month in months {
        let label = format!("{}{:02}", month.year(), month.number());
        let habit = Habit {
            name: format!("财政局_惠民惠农一卡通发放_{label}"),
            format: Format::Gb18030,
            spelling: spelling(MoneyForm::Yuan, DateForm::Compact, true),
            preface: Vec::new(),
        };
        let rows = district.payments.iter().filter(move |p| p.month == month);
        desk.file(&PAYMENT, &label, habit, rows, |d, p, out| {
            out.extend([
                Cell::Serial("FF", u64::from(p.number), 10),
                Cell::Code(p.item.code()),
                Cell::Id(d.people[p.payee as usize].id()),
                or_nothing(p.beneficiary, |b| Cell::Id(d.people[b as usize].id())),
                Cell::Digest(mix(u64::from(p.payee)) ^ 0x5a5a),
                Cell::Money(p.amount),
                Cell::Month(p.month),
                Cell::Date(p.date),
                Cell::Code(p.state.code()),
                Cell::Serial("PC", (p.month.year() * 100) as u64 + u64::from(p.month.number()), 6),
                Cell::Text(&d.village_of(p.beneficiary.unwrap_or(p.payee)).code),
            ]);
        })?;
    }
    Ok(())
}

const CERTIFICATE: Source = Source {
    id: "DS07",
    table: "disability_certificate",
    columns: &[
        col("cert_no", "残疾人证号"),
        col("id_no", "身份号码"),
        col("kind", "残疾类别"),
        col("grade", "残疾等级"),
        col("issue_date", "签发日期"),
        col("expire_date", "有效期至"),
        col("cert_status", "证件状态"),
        col("guardian_id_no", "监护人"),
        col("rehab_need", "康复需求"),
    ],
    faults: &[
        (0, Fault::MissingKey),
        (1, Fault::CheckCharacter),
        (2, Fault::UnknownCode),
        (4, Fault::ImpossibleDate),
        (4, Fault::FutureDate),
    ],
};

fn kind_number(kind: Disability) -> u8 {
    match kind {
        Disability::Visual => 1,
        Disability::Hearing => 2,
        Disability::Speech => 3,
        Disability::Limb => 4,
        Disability::Intellectual => 5,
        Disability::Mental => 6,
        Disability::Multiple => 7,
    }
}

pub fn certificates(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let stamp = desk.stamp();
    let habit = Habit {
        name: format!("残联_持证残疾人_{stamp}"),
        format: Format::Xlsx,
        spelling: spelling(MoneyForm::Fen, DateForm::Slash, true),
        preface: vec![format!("清晏区持证残疾人花名册（{stamp}）")],
    };
    desk.file(&CERTIFICATE, "", habit, district.certificates.iter(), |d, c, out| {
        let id = d.people[c.person as usize].id();
        out.extend([
            Cell::Certificate(id, kind_number(c.kind), c.grade),
            Cell::Id(id),
            Cell::Code(c.kind.code()),
            Cell::Int(i64::from(c.grade)),
            Cell::Date(c.issued),
            or_nothing(c.expires, Cell::Date),
            Cell::Code(c.status.code()),
            or_nothing(c.guardian, |g| Cell::Id(d.people[g as usize].id())),
            if c.grade <= 2 { Cell::Text("辅助器具") } else { Cell::Nothing },
        ]);
    })
}

const SUBSIDY: Source = Source {
    id: "DS08",
    table: "welfare_subsidy",
    columns: &[
        col("id_no", "身份号码"),
        col("subsidy", "补贴项目"),
        col("amount_month", "月标准"),
        col("start_date", "起始"),
        col("end_date", "终止"),
        col("liveness_date", "最近生存认证日期"),
        col("liveness_due", "认证到期日"),
        col("region_code", "区划"),
        col("status", "状态"),
    ],
    faults: &[
        (0, Fault::CheckCharacter),
        (0, Fault::MissingKey),
        (1, Fault::UnknownCode),
        (2, Fault::NegativeAmount),
        (3, Fault::ImpossibleDate),
    ],
};

pub fn subsidies(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let stamp = desk.stamp();
    let habit = Habit {
        name: format!("welfare_subsidy_{stamp}"),
        format: Format::Utf8,
        spelling: spelling(MoneyForm::Fen, DateForm::Iso, false),
        preface: Vec::new(),
    };
    desk.file(&SUBSIDY, "", habit, district.subsidies.iter(), |d, s, out| {
        out.extend([
            Cell::Id(d.people[s.person as usize].id()),
            Cell::Code(s.kind.code()),
            Cell::Money(s.amount),
            Cell::Date(s.start),
            or_nothing(s.end, Cell::Date),
            or_nothing(s.liveness, Cell::Date),
            or_nothing(s.liveness_due, Cell::Date),
            Cell::Text(&d.village_of(s.person).code),
            Cell::Code(s.status.code()),
        ]);
    })
}
