//! Both courses side by side: how long, through how many hands, how many documents asked, how many cases were clean.
//! Counted from the stories of the cases, which are written together with the journal.

use super::{Course, row_course};
use crate::{
    BankFile, CaseError, Cx, FieldError,
    error::Result,
    scope,
    tables::{case_course, case_event, case_file},
};
use chrono::NaiveDate;
use rust_xlsxwriter::{Format, Workbook};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, Statement, Value};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use tuodi_access::Act;
use tuodi_pack::Lang;

/// The middle one, and the one that nine of ten do not exceed. None without cases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spread {
    pub median: Option<i64>,
    pub p90: Option<i64>,
}

/// Cases of one course decided in the period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CourseFigures {
    pub decided: u64,
    /// Working days from acceptance to the decision.
    pub days: Spread,
    /// How often another officer took the case up, from the application to the decision.
    pub hand_overs: Spread,
    /// Documents asked for in all, and of how many cases.
    pub papers: u64,
    pub asked: u64,
    /// Everything known and consistent at the last check.
    pub clean: u64,
    /// Put before the leader by the platform.
    pub forward: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub region: String,
    pub six_steps: CourseFigures,
    pub put_forward: CourseFigures,
}

impl Comparison {
    pub fn courses(&self) -> [(Course, &CourseFigures); 2] {
        [(Course::SixSteps, &self.six_steps), (Course::PutForward, &self.put_forward)]
    }
}

fn spread(mut values: Vec<i64>) -> Spread {
    values.sort_unstable();
    // Nearest rank: the smallest value that so many of a hundred do not exceed.
    let at = |percent: usize| values.get((values.len() * percent).div_ceil(100).saturating_sub(1)).copied();
    Spread { median: at(50), p90: at(90) }
}

/// Changes of hands between officers, by case. Applicants and the platform are no hands.
async fn hand_overs(cx: &Cx, region: &str, from: NaiveDate, to: NaiveDate) -> Result<HashMap<String, i64>> {
    let (first, last) = scope::range(region);
    let sql = "SELECT case_no, CAST(SUM(CASE WHEN actor <> earlier THEN 1 ELSE 0 END) AS BIGINT) AS hands FROM ( \
                   SELECT e.case_no AS case_no, e.actor AS actor, \
                          LAG(e.actor) OVER (PARTITION BY e.case_no ORDER BY e.id) AS earlier \
                   FROM case_event e JOIN case_file f ON f.case_no = e.case_no \
                   WHERE f.decided_on BETWEEN $1 AND $2 AND f.region_code BETWEEN $3 AND $4 \
                     AND e.role NOT IN ('R00', 'R01', 'R02') \
               ) t GROUP BY case_no";
    let values: [Value; 4] = [from.into(), to.into(), first.into(), last.into()];
    let conn = cx.store.read();
    let mut all = HashMap::new();
    for row in
        sea_orm::ConnectionTrait::query_all_raw(conn, Statement::from_sql_and_values(cx.store.backend(), sql, values))
            .await?
    {
        let hands: Option<i64> = row.try_get("", "hands")?;
        all.insert(row.try_get("", "case_no")?, hands.unwrap_or(0));
    }
    Ok(all)
}

/// Documents asked for in one-time notices, by case.
async fn papers_asked(cx: &Cx, region: &str, from: NaiveDate, to: NaiveDate) -> Result<HashMap<String, i64>> {
    let of_case = case_event::Entity::belongs_to(case_file::Entity)
        .from(case_event::Column::CaseNo)
        .to(case_file::Column::CaseNo)
        .into();
    let rows: Vec<(String, serde_json::Value)> = case_event::Entity::find()
        .select_only()
        .columns([case_event::Column::CaseNo, case_event::Column::Details])
        .join(JoinType::InnerJoin, of_case)
        .filter(case_event::Column::Act.eq("case.return"))
        .filter(case_file::Column::DecidedOn.between(from, to))
        .filter(scope::cases_in(region))
        .into_tuple()
        .all(cx.store.read())
        .await?;
    let mut all = HashMap::new();
    for (case, details) in rows {
        *all.entry(case).or_insert(0) += details.get("missing").and_then(serde_json::Value::as_i64).unwrap_or(0);
    }
    Ok(all)
}

/// Cases of a region decided from one day to another, both included, by the course they took.
///
/// # Errors
/// A period that ends before it begins, or a region outside the actor's.
pub async fn compare_courses(cx: &Cx, region: &str, from: NaiveDate, to: NaiveDate) -> Result<Comparison> {
    use case_file::Column as C;
    cx.authorise_region(Act::ViewOverview, "overview", "courses", region)?;
    if from > to {
        return Err(CaseError::Invalid(vec![FieldError::new("from", "error.period")]));
    }
    let course =
        case_file::Entity::belongs_to(case_course::Entity).from(C::CaseNo).to(case_course::Column::CaseNo).into();
    type Row = (String, Option<i32>, Option<String>, Option<bool>, Option<NaiveDate>);
    let rows: Vec<Row> = case_file::Entity::find()
        .select_only()
        .columns([C::CaseNo, C::DecidedDays])
        .columns([case_course::Column::Course, case_course::Column::Clean, case_course::Column::ForwardOn])
        .join(JoinType::LeftJoin, course)
        .filter(C::DecidedOn.between(from, to))
        .filter(C::DecidedDays.is_not_null())
        .filter(scope::cases_in(region))
        .into_tuple()
        .all(cx.store.read())
        .await?;
    let hands = hand_overs(cx, region, from, to).await?;
    let papers = papers_asked(cx, region, from, to).await?;
    let figures = |wanted: Course| {
        let mine = || rows.iter().filter(|row| row_course(row.2.as_deref()) == wanted);
        let asked = || mine().filter_map(|row| papers.get(&row.0)).filter(|n| **n > 0);
        let count = |n: usize| n as u64;
        CourseFigures {
            decided: count(mine().count()),
            days: spread(mine().filter_map(|row| row.1).map(i64::from).collect()),
            hand_overs: spread(mine().map(|row| hands.get(&row.0).copied().unwrap_or(0)).collect()),
            papers: asked().map(|n| n.unsigned_abs()).sum(),
            asked: count(asked().count()),
            clean: count(mine().filter(|row| row.3 == Some(true)).count()),
            forward: count(mine().filter(|row| row.4.is_some()).count()),
        }
    };
    Ok(Comparison {
        from,
        to,
        region: region.to_owned(),
        six_steps: figures(Course::SixSteps),
        put_forward: figures(Course::PutForward),
    })
}

/// A line of the comparison: what it is, and its number in each course.
type Line = (&'static str, &'static str, fn(&CourseFigures) -> Option<i64>);

const LINES: [Line; 9] = [
    ("办结案件（件）", "Cases decided", |f| i64::try_from(f.decided).ok()),
    ("办理工作日，中位数", "Working days, median", |f| f.days.median),
    ("办理工作日，九成不超过", "Working days, nine of ten within", |f| f.days.p90),
    ("经手转换次数，中位数", "Changes of hands, median", |f| f.hand_overs.median),
    ("经手转换次数，九成不超过", "Changes of hands, nine of ten within", |f| f.hand_overs.p90),
    ("要求补交的材料（份）", "Documents asked for", |f| i64::try_from(f.papers).ok()),
    ("被要求补正的案件（件）", "Cases asked for documents", |f| i64::try_from(f.asked).ok()),
    ("信息齐全一致的案件（件）", "Cases known and consistent", |f| i64::try_from(f.clean).ok()),
    ("平台提请签署的案件（件）", "Cases put forward by the platform", |f| i64::try_from(f.forward).ok()),
];

/// The comparison as a workbook: counts only, nobody is named.
pub fn course_workbook(cx: &Cx, figures: &Comparison, lang: Lang) -> Result<BankFile> {
    let word = |zh: &'static str, en: &'static str| if lang == Lang::Zh { zh } else { en };
    let place = cx.pack.regions.get(&figures.region);
    let place = place.map_or_else(|| figures.region.clone(), |r| r.name.get(lang).to_owned());
    let mut file = Workbook::new();
    let (bold, title) = (Format::new().set_bold(), Format::new().set_bold().set_font_size(14));
    let sheet = file.add_worksheet();
    sheet.set_name(word("两种办理流程对比", "Both courses"))?;
    sheet.write_string_with_format(0, 0, word("两种办理流程对比", "Both courses side by side"), &title)?;
    let period = format!("{place} · {} – {}", figures.from, figures.to);
    sheet.write_string(1, 0, period)?;
    sheet.write_string_with_format(3, 0, word("指标", "Figure"), &bold)?;
    sheet.write_string_with_format(3, 1, word("六步流程", "Six steps"), &bold)?;
    sheet.write_string_with_format(
        3,
        2,
        word("平台提请、两次人工介入", "Put forward, two human interventions"),
        &bold,
    )?;
    for (row, (zh, en, value)) in (4u32..).zip(LINES) {
        sheet.write_string(row, 0, word(zh, en))?;
        for (column, (_, course)) in (1u16..).zip(figures.courses()) {
            if let Some(number) = value(course) {
                sheet.write_number(row, column, number as f64)?;
            }
        }
    }
    let note = word(
        "按办结日期统计；办理天数自受理次日起算工作日；同一案件改由另一名工作人员办理计一次经手转换。",
        "By the day of the decision; working days run from the day after acceptance; each time another officer takes a case up counts as one change of hands.",
    );
    sheet.write_string(14, 0, note)?;
    sheet.set_column_width(0, 34)?;
    sheet.set_column_width(1, 18)?;
    sheet.set_column_width(2, 32)?;
    sheet.set_freeze_panes(4, 1)?;
    let bytes = file.save_to_buffer()?;
    Ok(BankFile {
        name: format!("courses_{}_{}.xlsx", figures.from, figures.to),
        mime: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        sha256: hex::encode(Sha256::digest(&bytes)),
        bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_of_ten_is_the_ninth_of_ten_and_nothing_has_no_middle() {
        assert_eq!(spread((1..=10).collect()), Spread { median: Some(5), p90: Some(9) });
        assert_eq!(spread(vec![7]), Spread { median: Some(7), p90: Some(7) });
        assert_eq!(spread(Vec::new()), Spread::default());
    }
}
