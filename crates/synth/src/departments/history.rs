//! What the system used before this platform held: declarations, assessments, steps of cases; and the statistics
//! bureau's price index.

use super::{Desk, Habit, Source, or_nothing, spelling};
use crate::SynthError;
use crate::cell::{Cell, Column, DateForm, MoneyForm, Spelling, col, money};
use crate::district::household_no;
use crate::file::Fault;
use crate::sheet::Format;

fn habit(name: String, format: Format, spelling: Spelling) -> Habit {
    Habit { name, format, spelling, preface: Vec::new() }
}

const DECLARED: Source = Source {
    id: "PF01",
    table: "declared_facts",
    columns: &[
        col("household_no", "户号"),
        col("id_no", "身份号码"),
        money("wage_month", "申报月工资"),
        money("other_income_month", "申报其他月收入"),
        money("fin_assets", "申报金融资产"),
        col("home_count", "申报住房套数"),
        money("vehicle_value", "申报车辆价值"),
        money("company_capital", "申报出资额"),
        money("self_paid_medical_12m", "申报近12个月自付医疗费"),
        money("education_12m", "申报近12个月教育支出"),
        money("rehabilitation_12m", "申报近12个月康复支出"),
        col("declared_date", "申报日期"),
        col("case_no", "案件编号"),
    ],
    faults: &[(1, Fault::CheckCharacter), (2, Fault::NegativeAmount), (11, Fault::ImpossibleDate)],
};

pub fn declared(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let stamp = desk.stamp();
    let form = spelling(MoneyForm::Yuan, DateForm::Iso, true);
    let habit = habit(format!("原救助系统_申报信息_{stamp}"), Format::Utf8Bom, form);
    desk.file(&DECLARED, "", habit, district.declared.iter(), |d, r, out| {
        let person = &d.people[r.person as usize];
        out.extend([
            Cell::Serial("", household_no(person.household), 9),
            Cell::Id(person.id()),
            or_nothing(r.wage, Cell::Money),
        ]);
        out.extend([Cell::Nothing; 8]);
        out.extend([Cell::Date(r.on), Cell::Serial("SB", u64::from(r.case), 8)]);
    })
}

const ASSESSMENT: Source = Source {
    id: "PF03",
    table: "assessment",
    columns: &[
        col("household_no", "户号"),
        col("assessed_on", "评估日期"),
        col("score_low", "得分下限"),
        col("score_high", "得分上限"),
        col("completeness", "完整度"),
        col("level", "困难等级"),
        col("decided_by", "等级依据"),
        col("deprivation", "剥夺得分"),
    ],
    faults: &[(0, Fault::MissingKey), (1, Fault::ImpossibleDate), (5, Fault::UnknownCode)],
};

const ANSWER: Source = Source {
    id: "PF04",
    table: "assessment_answer",
    columns: &[
        col("household_no", "户号"),
        col("item", "指标编号"),
        col("choice", "选项"),
        col("score", "分值"),
        col("assessed_on", "评估日期"),
    ],
    faults: &[(0, Fault::MissingKey), (4, Fault::ImpossibleDate)],
};

pub fn assessments(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let stamp = desk.stamp();
    let form = spelling(MoneyForm::Fen, DateForm::Iso, true);
    let of_index = habit(format!("原救助系统_六维评估_{stamp}"), Format::Utf8Bom, form);
    desk.file(&ASSESSMENT, "", of_index, district.assessments.iter(), |_, a, out| {
        out.extend([
            Cell::Serial("", household_no(a.household), 9),
            Cell::Date(a.on),
            Cell::Int(i64::from(a.low)),
            Cell::Int(i64::from(a.high)),
            Cell::Int(i64::from(a.completeness)),
            Cell::Code(a.level.code()),
            or_nothing(a.decided_by, |d| Cell::Code(d.code())),
            Cell::Int(i64::from(a.deprivation)),
        ]);
    })?;
    if district.answers.is_empty() {
        return Ok(());
    }
    let of_answers = habit(format!("原救助系统_六维评估答案_{stamp}"), Format::Utf8Bom, form);
    desk.file(&ANSWER, "", of_answers, district.answers.iter(), |_, a, out| {
        out.extend([
            Cell::Serial("", household_no(a.household), 9),
            Cell::Text(&a.item),
            Cell::Text(&a.choice),
            Cell::Int(i64::from(a.score)),
            Cell::Date(a.on),
        ]);
    })
}

const STEP: Source = Source {
    id: "PF06",
    table: "case_step",
    columns: &[
        col("household_no", "户号"),
        col("id_no", "申请人身份号码"),
        col("case_no", "案件编号"),
        col("programme", "救助类别"),
        col("step", "环节"),
        col("started_on", "开始日期"),
        col("due_on", "应办结日期"),
        col("ended_on", "办结日期"),
        col("outcome", "结果"),
    ],
    faults: &[
        (0, Fault::MissingKey),
        (1, Fault::CheckCharacter),
        (4, Fault::UnknownCode),
        (5, Fault::ImpossibleDate),
        (5, Fault::FutureDate),
    ],
};

pub fn steps(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let stamp = desk.stamp();
    let form = spelling(MoneyForm::Fen, DateForm::Slash, true);
    let habit = habit(format!("原救助系统_办理环节_{stamp}"), Format::Gb18030, form);
    desk.file(&STEP, "", habit, district.steps.iter(), |d, s, out| {
        let person = &d.people[s.person as usize];
        out.extend([
            Cell::Serial("", household_no(person.household), 9),
            Cell::Id(person.id()),
            Cell::Serial("SL", u64::from(s.case), 8),
            or_nothing(s.programme, |p| Cell::Code(p.code())),
            Cell::Code(s.step.code()),
            Cell::Date(s.started),
            or_nothing(s.due, Cell::Date),
            or_nothing(s.ended, Cell::Date),
            or_nothing(s.end, |e| Cell::Code(e.code())),
        ]);
    })
}

const PRICE_COLUMNS: &[Column] = &[
    col("month", "月份"),
    col("region", "地区"),
    col("cpi_yoy_permille", "居民消费价格同比千分点"),
    col("food_yoy_permille", "食品价格同比千分点"),
    col("published_on", "发布日期"),
];

const PRICE: Source =
    Source { id: "PF07", table: "price_index", columns: PRICE_COLUMNS, faults: &[(4, Fault::ImpossibleDate)] };

pub fn prices(desk: &mut Desk<'_>) -> Result<(), SynthError> {
    let district = desk.district;
    let stamp = desk.stamp();
    let form = spelling(MoneyForm::Fen, DateForm::Chinese, true);
    let habit = habit(format!("统计局_居民消费价格指数_{stamp}"), Format::Utf8Bom, form);
    desk.file(&PRICE, "", habit, district.prices.iter(), |d, p, out| {
        out.extend([
            Cell::Month(p.month),
            Cell::Text(&d.county),
            Cell::Int(p.cpi),
            Cell::Int(p.food),
            Cell::Date(p.published),
        ]);
    })
}
