//! How far first and second assessors agree, by question, by dimension and in the level; and where they differ most.

use super::{Agreement, SEALED, SEALED_LOOKED, agreement::agree};
use crate::{
    CaseNo, Cx,
    error::Result,
    reassess::Record,
    tables::{rater_draw, rater_sample, visit},
    visit::VisitRecord,
};
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;
use tuodi_access::Act;
use tuodi_pack::{
    Text,
    assessment::{Assessment, Index, Item},
};

/// One question, one dimension, or the level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLine {
    /// `D1.2.1`, `D1`, `level`
    pub id: String,
    pub title: Text,
    pub agreement: Agreement,
    /// Pairs of which only one answered.
    pub one_sided: u32,
}

/// A pair and how far apart it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    pub id: i64,
    pub case: CaseNo,
    pub township: String,
    pub month: NaiveDate,
    /// Totals in thousandths of a point, and level ids.
    pub first: (u32, String),
    pub second: (u32, String),
    pub gap: u32,
    /// To be looked at together.
    pub large: bool,
    pub looked: Option<(NaiveDate, String)>,
    /// Questions that were answered differently.
    pub differs: Vec<Text>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RaterReport {
    /// Assessments of the months, and how many of them were drawn.
    pub of: u64,
    pub drawn: u64,
    pub open: u64,
    pub late: u64,
    pub done: u64,
    /// Seeds of the drawings, to draw the same again.
    pub seeds: Vec<String>,
    /// Fewer pairs than this say little.
    pub enough: u32,
    pub level: Option<ReportLine>,
    pub dimensions: Vec<ReportLine>,
    pub questions: Vec<ReportLine>,
    /// The farthest apart first.
    pub gaps: Vec<Gap>,
}

impl RaterReport {
    pub fn too_few(&self, line: &ReportLine) -> bool {
        line.agreement.pairs < self.enough
    }
}

struct Pair {
    first: VisitRecord,
    second: Record,
}

/// Of the months from one to the other, of the actor's district.
pub async fn rater_report(cx: &Cx, from: NaiveDate, to: NaiveDate) -> Result<RaterReport> {
    use rater_sample::Column as C;
    let county = crate::county_of(cx);
    cx.authorise_region(Act::ViewQueue, "raters", "", &county)?;
    let draws = rater_draw::Entity::find()
        .filter(rater_draw::Column::County.eq(county.as_str()))
        .filter(rater_draw::Column::Month.between(from, to))
        .order_by_asc(rater_draw::Column::Month)
        .all(cx.store.read())
        .await?;
    let rows = rater_sample::Entity::find()
        .filter(C::County.eq(county.as_str()))
        .filter(C::Month.between(from, to))
        .order_by_asc(C::Id)
        .all(cx.store.read())
        .await?;
    let open = |row: &&rater_sample::Model| row.second_on.is_none();
    let mut report = RaterReport {
        of: draws.iter().map(|d| d.of as u64).sum(),
        drawn: rows.len() as u64,
        open: rows.iter().filter(open).count() as u64,
        late: rows.iter().filter(open).filter(|row| row.due_on < cx.today()).count() as u64,
        seeds: draws.into_iter().map(|d| d.seed).collect(),
        enough: cx.pack.workflow.assess.second.as_ref().map_or(0, |rules| rules.enough),
        ..RaterReport::default()
    };
    let done: Vec<rater_sample::Model> = rows.into_iter().filter(|row| row.second.is_some()).collect();
    report.done = done.len() as u64;
    let visits = visit::Entity::find().filter(visit::Column::Id.is_in(done.iter().map(|row| row.visit_id)));
    let visits: HashMap<i64, visit::Model> =
        visits.all(cx.store.read()).await?.into_iter().map(|v| (v.id, v)).collect();
    let form = &cx.pack.assessment;
    let mut pairs = Vec::with_capacity(done.len());
    for row in done {
        let Some(made) = visits.get(&row.visit_id) else { continue };
        if let Some((gap, pair)) = opened(cx, row, made)? {
            report.gaps.push(gap);
            pairs.push(pair);
        }
    }
    report.gaps.sort_by_key(|g| (std::cmp::Reverse(g.gap), g.id));
    report.questions = form.items.iter().map(|item| question(item, &pairs)).collect();
    report.dimensions = form
        .dimensions
        .iter()
        .map(|d| {
            let rank = |index: &Index| place(form, form.level_of(*index.dimensions.get(&d.id)?)?.id.as_str());
            banded(form, &d.id, d.title.clone(), &pairs, rank)
        })
        .collect();
    let title = Text::new("难困等级", "Level of hardship");
    report.level = Some(banded(form, "level", title, &pairs, |index| place(form, &index.level)));
    Ok(report)
}

/// Both assessments of a pair; none while the second is to come.
fn opened(cx: &Cx, row: rater_sample::Model, made: &visit::Model) -> Result<Option<(Gap, Pair)>> {
    let keys = cx.store.keys();
    let Some(second) = &row.second else { return Ok(None) };
    let first: VisitRecord = serde_json::from_str(&keys.open("visit.record", &made.record)?)?;
    let second: Record = serde_json::from_str(&keys.open(SEALED, second)?)?;
    let looked = match (&row.looked, row.looked_on) {
        (Some(sealed), Some(on)) => Some((on, keys.open(SEALED_LOOKED, sealed)?)),
        _ => None,
    };
    let pair = Pair { first, second };
    Ok(Some((gap(&cx.pack.assessment, row, &pair, looked), pair)))
}

fn place(form: &Assessment, level: &str) -> Option<usize> {
    form.levels.iter().position(|l| l.id == level)
}

fn question(item: &Item, pairs: &[Pair]) -> ReportLine {
    let position = |choice: Option<&String>| item.choices.iter().position(|c| Some(&c.id) == choice);
    let answers: Vec<(Option<usize>, Option<usize>)> = pairs
        .iter()
        .map(|p| (position(p.first.answers.get(&item.id)), position(p.second.answers.get(&item.id))))
        .collect();
    let scores: Vec<u32> = item.choices.iter().map(|c| c.score).collect();
    line(&item.id, item.title.clone(), &answers, &scores)
}

/// Scores in bands: levels in their order, one step apart.
fn banded(
    form: &Assessment,
    id: &str,
    title: Text,
    pairs: &[Pair],
    rank: impl Fn(&Index) -> Option<usize>,
) -> ReportLine {
    let answers: Vec<_> = pairs.iter().map(|p| (rank(&p.first.index), rank(&p.second.index))).collect();
    let steps: Vec<u32> = (0..form.levels.len() as u32).collect();
    line(id, title, &answers, &steps)
}

fn line(id: &str, title: Text, answers: &[(Option<usize>, Option<usize>)], scores: &[u32]) -> ReportLine {
    let both: Vec<(usize, usize)> = answers.iter().filter_map(|(a, b)| (*a).zip(*b)).collect();
    let one_sided = answers.iter().filter(|(a, b)| a.is_some() != b.is_some()).count() as u32;
    ReportLine { id: id.to_owned(), title, agreement: agree(&both, scores), one_sided }
}

fn gap(form: &Assessment, row: rater_sample::Model, pair: &Pair, looked: Option<(NaiveDate, String)>) -> Gap {
    let differs = form.items.iter().filter(|item| {
        let (first, second) = (pair.first.answers.get(&item.id), pair.second.answers.get(&item.id));
        first.is_some() && second.is_some() && first != second
    });
    let total = |index: &Index| (index.low, index.level.clone());
    Gap {
        id: row.id,
        case: CaseNo(row.case_no),
        township: row.township,
        month: row.month,
        first: total(&pair.first.index),
        second: total(&pair.second.index),
        gap: row.gap.unwrap_or(0).unsigned_abs(),
        large: row.large,
        looked,
        differs: differs.map(|item| item.title.clone()).collect(),
    }
}

/// One pair of the actor's district.
pub async fn rater_gap(cx: &Cx, id: i64) -> Result<Gap> {
    let row = super::sample::load_sample(cx.store.read(), id).await?;
    cx.authorise_region(Act::ViewQueue, "raters", "", &row.county)?;
    let missing = || crate::CaseError::NotFound { kind: "pair of assessments", id: id.to_string() };
    let made = visit::Entity::find_by_id(row.visit_id).one(cx.store.read()).await?.ok_or_else(missing)?;
    opened(cx, row, &made)?.map(|(gap, _)| gap).ok_or_else(missing)
}
