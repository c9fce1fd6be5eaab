//! Figures of a month by programme and region, as known at the end of a day.

use crate::{
    CaseError, Cx, FieldError,
    application::at_level,
    decision::first_of_month,
    error::Result,
    money::subject_of,
    scope,
    tables::{benefit, benefit_end, payment_batch, payment_line},
};
use chrono::{DateTime, Days, Duration, Months, NaiveDate, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::ExprTrait,
};
use std::collections::{BTreeMap, HashMap};
use tuodi_access::{Act, Role};
use tuodi_pack::{Fen, payments::AGAIN, region::RegionLevel};
use tuodi_store::{Tx, insert_models};

/// Counts of one cell of the report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub households: u64,
    pub people: u64,
    /// In this month and not in the one before.
    pub new: u64,
    /// In the one before and not in this.
    pub stopped: u64,
    /// What is due for the month.
    pub due: Fen,
    /// What signed lists of the month pay, arrears and supplements with it.
    pub listed: Fen,
    /// Households taken over from a roster whose amount somebody must still determine: nothing of them is in `due`.
    pub undetermined: u64,
}

impl Counts {
    pub(super) fn add(&mut self, other: &Counts) {
        self.households += other.households;
        self.people += other.people;
        self.new += other.new;
        self.stopped += other.stopped;
        self.due = self.due + other.due;
        self.listed = self.listed + other.listed;
        self.undetermined += other.undetermined;
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatRow {
    pub programme: String,
    pub township: String,
    pub counts: Counts,
}

/// A programme's own categories; empty where it has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassRow {
    pub programme: String,
    pub class: String,
    pub counts: Counts,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthReport {
    pub month: NaiveDate,
    pub as_of: NaiveDate,
    pub region: String,
    /// The reader is shown no figure about fewer households than this.
    pub least: Option<u64>,
    /// In the order of the pack's programmes, then by township.
    pub rows: Vec<StatRow>,
    pub classes: Vec<ClassRow>,
}

impl MonthReport {
    /// Programmes that have a figure, in their order.
    pub fn programmes(&self) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        for row in &self.rows {
            if found.last() != Some(&row.programme.as_str()) {
                found.push(&row.programme);
            }
        }
        found
    }

    pub fn townships(&self) -> Vec<&str> {
        let all: std::collections::BTreeSet<&str> = self.rows.iter().map(|r| r.township.as_str()).collect();
        all.into_iter().collect()
    }

    /// Of one programme in one township; `None` stands for all.
    pub fn of(&self, programme: Option<&str>, township: Option<&str>) -> Counts {
        let mut sum = Counts::default();
        for row in &self.rows {
            if programme.is_none_or(|p| p == row.programme) && township.is_none_or(|t| t == row.township) {
                sum.add(&row.counts);
            }
        }
        sum
    }
}

/// Notes that benefits end with a month, from today on.
pub(crate) async fn ended(tx: &Tx, cx: &Cx, benefits: &[i64], to_month: NaiveDate) -> Result<()> {
    let rows = benefits.iter().map(|id| benefit_end::ActiveModel {
        id: NotSet,
        benefit_id: Set(*id),
        to_month: Set(to_month),
        on: Set(cx.today()),
    });
    Ok(insert_models(tx, rows.collect()).await?)
}

/// Inserts a benefit, known from today on, with the end that it may have.
pub(crate) async fn known(tx: &Tx, cx: &Cx, mut row: benefit::ActiveModel) -> Result<i64> {
    row.known_on = Set(Some(cx.today()));
    let to_month = match &row.to_month {
        Set(to) => *to,
        _ => None,
    };
    let id = benefit::Entity::insert(row).exec(tx.conn()).await?.last_insert_id;
    if let Some(to) = to_month {
        ended(tx, cx, &[id], to).await?;
    }
    Ok(id)
}

/// What a month has of a thing that is counted once.
#[derive(Default)]
struct Held {
    township: String,
    class: String,
    people: i32,
    due: i64,
}

type Things = BTreeMap<(String, String), Held>;

/// The end of a day in Beijing.
fn day_end(day: NaiveDate) -> DateTime<Utc> {
    (day + Days::new(1)).and_time(Default::default()).and_utc() - Duration::hours(8)
}

/// The figures of `month` for a region, as they stood at the end of `as_of`. Sums only: nobody is named.
///
/// Refused: a day to come, and a month after that day's.
pub async fn month_report(cx: &Cx, region: &str, month: NaiveDate, as_of: NaiveDate) -> Result<MonthReport> {
    cx.authorise_region(Act::ViewOverview, "overview", "", region)?;
    let month = first_of_month(month);
    let problem = |field: &str| Err(CaseError::Invalid(vec![FieldError::new(field, "error.future")]));
    if as_of > cx.today() {
        return problem("as_of");
    }
    if month > as_of + Months::new(1) {
        return problem("month");
    }
    let before = month - Months::new(1);
    let benefits = benefit::Entity::find()
        .filter(scope::benefits_in(region))
        .filter(benefit::Column::KnownOn.lte(as_of))
        .filter(benefit::Column::FromMonth.lte(month))
        .order_by_asc(benefit::Column::Id)
        .all(cx.store.read())
        .await?;
    let inside = benefit::Entity::find()
        .select_only()
        .column(benefit::Column::Id)
        .filter(scope::benefits_in(region))
        .into_query();
    let ends: HashMap<i64, NaiveDate> = benefit_end::Entity::find()
        .select_only()
        .columns([benefit_end::Column::BenefitId, benefit_end::Column::ToMonth])
        .filter(benefit_end::Column::BenefitId.in_subquery(inside))
        .filter(benefit_end::Column::On.lte(as_of))
        .order_by_asc(benefit_end::Column::Id)
        .into_tuple::<(i64, NaiveDate)>()
        .all(cx.store.read())
        .await?
        .into_iter()
        .collect();
    let (mut now, mut then) = (Things::new(), Things::new());
    for row in benefits {
        let (subject, _) = subject_of(cx, &row);
        for (at, things) in [(month, &mut now), (before, &mut then)] {
            if row.from_month > at || ends.get(&row.id).is_some_and(|to| *to < at) {
                continue;
            }
            let held = things.entry((row.programme.clone(), subject.clone())).or_default();
            held.township.clone_from(&row.township);
            held.class = row.class.clone().unwrap_or_default();
            held.people = Ord::max(held.people, row.members);
            // Twice on the roster is one household with both amounts.
            held.due += row.monthly;
        }
    }
    let mut cells: BTreeMap<(usize, String, String), Counts> = BTreeMap::new();
    let mut classes: BTreeMap<(usize, String, String), Counts> = BTreeMap::new();
    let place = |programme: &str| cx.pack.programmes.iter().position(|p| p.id == programme).unwrap_or(usize::MAX);
    let mut count = |programme: &str, held: &Held, counts: Counts| {
        let at = place(programme);
        cells.entry((at, programme.to_owned(), held.township.clone())).or_default().add(&counts);
        classes.entry((at, programme.to_owned(), held.class.clone())).or_default().add(&counts);
    };
    for ((programme, subject), held) in &now {
        let new = !then.contains_key(&(programme.clone(), subject.clone()));
        let people = u64::try_from(Ord::max(held.people, 1)).unwrap_or(1);
        let undetermined = u64::from(held.due == 0);
        let due = Fen(held.due);
        let counts = Counts { households: 1, people, new: new.into(), due, undetermined, ..Counts::default() };
        count(programme, held, counts);
    }
    for ((programme, _), held) in then.iter().filter(|(key, _)| !now.contains_key(*key)) {
        count(programme, held, Counts { stopped: 1, ..Counts::default() });
    }
    for (programme, township, sum) in listed(cx, region, month, as_of).await? {
        let listed = Counts { listed: sum, ..Counts::default() };
        cells.entry((place(&programme), programme, township)).or_default().add(&listed);
    }
    Ok(MonthReport {
        month,
        as_of,
        region: region.to_owned(),
        least: (cx.actor.role == Role::CityViewer).then_some(cx.pack.workflow.report.least),
        rows: cells
            .into_iter()
            .map(|((_, programme, township), counts)| StatRow { programme, township, counts })
            .collect(),
        classes: classes
            .into_iter()
            .map(|((_, programme, class), counts)| ClassRow { programme, class, counts })
            .collect(),
    })
}

/// What lists of the month that were signed by that day pay: programme, township, sum. What is paid again is no new money.
async fn listed(cx: &Cx, region: &str, month: NaiveDate, as_of: NaiveDate) -> Result<Vec<(String, String, Fen)>> {
    use payment_line::Column as L;
    let signed = payment_batch::Entity::find()
        .select_only()
        .column(payment_batch::Column::Id)
        .filter(payment_batch::Column::Month.eq(month))
        .filter(payment_batch::Column::Kind.ne(AGAIN))
        .filter(payment_batch::Column::SignedAt.lt(day_end(as_of)))
        .into_query();
    let (first, last) = scope::range(region);
    let rows: Vec<(String, String, Option<i64>)> = payment_line::Entity::find()
        .select_only()
        .columns([L::Programme, L::RegionCode])
        .column_as(L::Amount.sum().cast_as("BIGINT"), "sum")
        .filter(L::BatchId.in_subquery(signed))
        .filter(L::Status.ne("held"))
        .filter(Condition::all().add(L::RegionCode.between(first, last)))
        .group_by(L::Programme)
        .group_by(L::RegionCode)
        .into_tuple()
        .all(cx.store.read())
        .await?;
    let township = |village: &str| at_level(village, RegionLevel::Township);
    Ok(rows
        .into_iter()
        .map(|(programme, village, sum)| (programme, township(&village), Fen(sum.unwrap_or(0))))
        .collect())
}
