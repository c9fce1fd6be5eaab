//! 卫健、公安、殡葬 (deaths) and 医保 (settlements).

use super::{Desk, Habit, Source, clock, or_nothing, spelling};
use crate::SynthError;
use crate::cell::{Cell, DateForm, MoneyForm, col};
use crate::file::Fault;
use crate::month::Month;
use crate::rows::DeathSource;
use crate::sheet::Format;
use chrono::Days;

const DEATH: Source = Source {
    id: "DS02",
    table: "death_record",
    columns: &[
        col("id_no", "身份号码"),
        col("name", "姓名"),
        col("death_date", "死亡日期"),
        col("record_source", "记录来源"),
        col("cause_code", "死因编码"),
        col("place_region_code", "死亡地区划"),
        col("cremation_date", "火化日期"),
        col("report_org", "上报机构"),
        col("record_time", "登记时间"),
    ],
    faults: &[(0, Fault::CheckCharacter), (2, Fault::ImpossibleDate), (2, Fault::FutureDate), (3, Fault::UnknownCode)],
};

pub fn deaths(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let stamp = desk.stamp();
    let senders = [
        (DeathSource::Medical, "medical", "卫健委_居民死亡医学证明", Format::Xlsx, DateForm::Iso, "清晏区疾控中心"),
        (DeathSource::Police, "police", "公安_死亡户口注销", Format::Utf8Bom, DateForm::Compact, "清晏区公安局"),
        (DeathSource::Cremation, "cremation", "殡仪馆_遗体火化", Format::Utf8Bom, DateForm::Dot, "安禾市殡仪馆"),
    ];
    for (sender, part, name, format, dates, organ) in senders {
        let preface = match sender {
            DeathSource::Medical => vec![format!("清晏区居民死亡医学证明汇总表（截至{stamp}）")],
            _ => Vec::new(),
        };
        let habit =
            Habit { name: format!("{name}_{stamp}"), format, spelling: spelling(MoneyForm::Fen, dates, true), preface };
        // a body nobody has named: the hospital's certificate has no number
        let nobody = (sender == DeathSource::Medical).then_some(None);
        let rows = district.deaths.iter().filter(move |r| r.source == sender).map(Some).chain(nobody);
        desk.file(&DEATH, part, habit, rows, |d, r, out| {
            let Some(r) = r else {
                let day = d.as_of - Days::new(100);
                out.extend([
                    Cell::Nothing,
                    Cell::Text("无名氏"),
                    Cell::Date(day),
                    Cell::Code(sender.code()),
                    Cell::Text("R99"),
                    Cell::Text(&d.county),
                    Cell::Nothing,
                    Cell::Text(organ),
                    Cell::Time(clock(day, 0)),
                ]);
                return;
            };
            let p = &d.people[r.person as usize];
            out.extend([
                Cell::Id(p.id()),
                Cell::Name(p),
                Cell::Date(r.date),
                Cell::Code(r.source.code()),
                or_nothing(r.cause, Cell::Text),
                Cell::Text(&d.county),
                or_nothing(r.cremated, Cell::Date),
                Cell::Text(organ),
                Cell::Time(clock(r.recorded, u64::from(r.person))),
            ]);
        })?;
    }
    Ok(())
}

const SETTLEMENT: Source = Source {
    id: "DS09",
    table: "medical_settlement",
    columns: &[
        col("settle_id", "结算单号"),
        col("id_no", "身份号码"),
        col("visit_type", "就诊类型"),
        col("org_code", "医疗机构编码"),
        col("admit_date", "入院日期"),
        col("settle_date", "结算日期"),
        col("diag_code", "主要诊断"),
        col("total_fee", "总费用"),
        col("fund_basic", "基本医保支付"),
        col("fund_major", "大病保险支付"),
        col("fund_assist", "医疗救助支付"),
        col("oop_policy", "政策范围内自付"),
        col("oop_outside", "政策范围外自费"),
        col("is_refund", "是否退费"),
    ],
    faults: &[
        (0, Fault::MissingKey),
        (1, Fault::CheckCharacter),
        (2, Fault::UnknownCode),
        (5, Fault::ImpossibleDate),
        (5, Fault::FutureDate),
    ],
};

pub fn settlements(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let half = |m: Month| (m.year(), if m.number() <= 6 { 1 } else { 2 });
    let mut halves: Vec<(i32, i32)> = district.settlements.iter().map(|s| half(Month::of(s.settled))).collect();
    halves.sort_unstable();
    halves.dedup();
    for (year, part) in halves {
        let (word, label) = if part == 1 { ("上半年", "H1") } else { ("下半年", "H2") };
        let habit = Habit {
            name: format!("医保局_医疗费用结算_{year}年{word}"),
            format: Format::Gb18030,
            spelling: spelling(MoneyForm::Yuan, DateForm::Iso, true),
            preface: Vec::new(),
        };
        let rows = district.settlements.iter().filter(move |s| half(Month::of(s.settled)) == (year, part));
        desk.file(&SETTLEMENT, &format!("{year}{label}"), habit, rows, |d, s, out| {
            out.extend([
                Cell::Serial("JS", u64::from(s.number), 10),
                Cell::Id(d.people[s.person as usize].id()),
                Cell::Code(s.visit.code()),
                Cell::Serial("H990102", u64::from(s.org), 5),
                or_nothing(s.admitted, Cell::Date),
                Cell::Date(s.settled),
                Cell::Text(s.diagnosis),
                Cell::Money(s.total),
                Cell::Money(s.basic),
                Cell::Money(s.major),
                Cell::Money(s.assist),
                Cell::Money(s.oop_policy),
                Cell::Money(s.oop_outside),
                Cell::Bool(s.refund),
            ]);
        })?;
    }
    Ok(())
}
