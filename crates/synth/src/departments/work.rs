//! 人社, 教育: the employment register and the school register.

use super::{Desk, Habit, Source, or_nothing, spelling};
use crate::SynthError;
use crate::cell::{Cell, DateForm, MoneyForm, col, money};
use crate::file::Fault;
use crate::jobs::JobEventKind;
use crate::sheet::Format;

const JOB: Source = Source {
    id: "DS13",
    table: "employment_register",
    columns: &[
        col("event_id", "登记号"),
        col("id_no", "身份号码"),
        col("event_type", "登记类型"),
        col("event_date", "登记日期"),
        col("employer_name", "单位"),
        col("job_type", "岗位工种"),
        col("reason", "原因"),
        col("skill_level", "技能等级"),
        col("valid_until", "有效期"),
    ],
    faults: &[
        (0, Fault::MissingKey),
        (1, Fault::CheckCharacter),
        (2, Fault::UnknownCode),
        (3, Fault::ImpossibleDate),
        (3, Fault::FutureDate),
    ],
};

pub fn jobs(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let habit = Habit {
        name: format!("人社局_就业失业登记_{}", desk.stamp()),
        format: Format::Utf8Bom,
        spelling: spelling(MoneyForm::Fen, DateForm::Slash, true),
        preface: Vec::new(),
    };
    desk.file(&JOB, "", habit, district.jobs.iter(), |d, j, out| {
        let firm = matches!(j.kind, JobEventKind::Employ | JobEventKind::Offer | JobEventKind::Refuse);
        out.extend([
            Cell::Serial("JY", u64::from(j.number), 9),
            Cell::Id(d.people[j.person as usize].id()),
            Cell::Code(j.kind.code()),
            Cell::Date(j.date),
            if firm { Cell::Firm(u64::from(j.number), true) } else { Cell::Nothing },
            Cell::Text(j.job),
            Cell::Text(j.reason),
            if j.kind == JobEventKind::Training { Cell::Text("初级") } else { Cell::Nothing },
            or_nothing(j.until, Cell::Date),
        ]);
    })
}

const PUPIL: Source = Source {
    id: "DS14",
    table: "student_register",
    columns: &[
        col("id_no", "身份号码"),
        col("school_code", "学校标识码"),
        col("school_nature", "办学性质"),
        col("stage", "学段"),
        col("grade", "年级"),
        col("school_year", "学年"),
        money("fee_tuition", "学费"),
        money("fee_board", "住宿费"),
        money("aid_amount", "已获资助"),
        col("status", "学籍状态"),
        col("boarding", "是否寄宿"),
    ],
    faults: &[
        (0, Fault::CheckCharacter),
        (0, Fault::MissingKey),
        (2, Fault::UnknownCode),
        (3, Fault::UnknownCode),
        (6, Fault::NegativeAmount),
    ],
};

pub fn pupils(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let mut years: Vec<i32> = district.pupils.iter().map(|p| p.year).collect();
    years.sort_unstable();
    years.dedup();
    for year in years {
        let habit = Habit {
            name: format!("教育局_学籍与资助_{year}学年"),
            format: Format::Gb18030,
            spelling: spelling(MoneyForm::Yuan, DateForm::Iso, true),
            preface: Vec::new(),
        };
        let rows = district.pupils.iter().filter(move |p| p.year == year);
        desk.file(&PUPIL, &year.to_string(), habit, rows, |d, p, out| {
            out.extend([
                Cell::Id(d.people[p.person as usize].id()),
                Cell::Serial("36990102", u64::from(p.school), 4),
                Cell::Code(p.nature.code()),
                Cell::Code(p.stage.code()),
                Cell::Int(i64::from(p.grade)),
                Cell::Int(i64::from(p.year)),
                Cell::Money(p.tuition),
                Cell::Money(p.board),
                Cell::Money(p.aid),
                Cell::Code(p.status.code()),
                Cell::Bool(p.boarding),
            ]);
        })?;
    }
    Ok(())
}
