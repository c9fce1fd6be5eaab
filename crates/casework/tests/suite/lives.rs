//! A year of monthly lists over random lives. The test keeps its own account of what each decision promised; the books
//! must agree with it to the fen.

use crate::common::*;
use chrono::{Months, NaiveDate};
use sea_orm::{ConnectionTrait, Statement};
use std::collections::{BTreeMap, HashMap, HashSet};
use tuodi_casework::{
    CaseNo, Change, Cx, RosterRow, Why, batch, decide_change, fund_books, open_recheck, prepare_batch, propose_change,
    recheck_unchanged, record_paid, sign_batch, take_bank_return,
};
use tuodi_pack::{Fen, HouseholdId};
use tuodi_registry::IdentityBook;
use tuodi_store::Store;
use tuodi_testing::sqlite_store;

/// Figures that depend on the seed alone.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) % n
    }
}

struct Life {
    case: CaseNo,
    household: HouseholdId,
    monthly: i64,
    /// What the decisions promise for each month.
    due: BTreeMap<NaiveDate, i64>,
    /// Paid for months that turned out to be for nobody.
    over: i64,
    /// The day on which a death was found.
    found_dead: Option<NaiveDate>,
    over_for_good: bool,
    /// Its programme is left gradually.
    gradual: bool,
}

fn number(i: usize) -> String {
    let first17 = format!("99010219{:02}{:02}{:02}{:03}", 40 + i / 10_000, 1 + i / 1_000 % 10, 1 + i % 28, i % 1_000);
    let check = tuodi_pack::id_no::check_character(&first17).unwrap();
    format!("{first17}{check}")
}

async fn lives(d: &District, how_many: usize, chance: &mut Chance) -> Vec<Life> {
    let people = (0..how_many).map(|i| person(&number(i), "生活", &format!("L{i}"), "01")).collect();
    let mut book = IdentityBook::load(&d.store).await.unwrap();
    let ids = book.take(&d.store, people, entry("people.take")).await.unwrap();
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), how_many, "numbers of people differ");
    let mut rows = Vec::new();
    let mut lives = Vec::new();
    for (i, id) in ids.iter().enumerate() {
        let household = tuodi_registry::household_of(&d.store, *id).await.unwrap().unwrap();
        let monthly = 10_000 + chance.below(200_000) as i64;
        rows.push(RosterRow {
            certificate: format!("c{i}"),
            applicant: *id,
            household,
            programme: if i % 7 == 0 { "tekun" } else { "dibao" }.to_owned(),
            monthly: Fen(monthly),
            members: 1 + chance.below(4) as i32,
            start_date: day(2025, 3, 1),
            region_code: VILLAGE.to_owned(),
            class: Some("B".to_owned()),
            last_reverify: Some(day(2026, 6, 1)),
        });
        lives.push((household, monthly, i % 7 != 0));
    }
    tuodi_casework::import_roster(&d.store, &d.pack, rows, morning(day(2026, 1, 1))).await.unwrap();
    let sql = "SELECT case_no, household_id FROM case_file WHERE state = 'assisting'";
    let found = d.store.read().query_all_raw(Statement::from_string(d.store.backend(), sql)).await.unwrap();
    let cases: HashMap<i64, String> = found
        .iter()
        .map(|r| (r.try_get("", "household_id").unwrap(), r.try_get::<String>("", "case_no").unwrap()))
        .collect();
    lives
        .into_iter()
        .map(|(household, monthly, gradual)| Life {
            case: cases[&household.0].parse().unwrap(),
            household,
            monthly,
            due: (0..24).map(|m| (day(2026, 1, 1) + Months::new(m), monthly)).collect(),
            over: 0,
            found_dead: None,
            over_for_good: false,
            gradual,
        })
        .collect()
}

/// Begun and proposed, and decided when the recipient's days are over.
async fn decided(d: &District, life: &Life, on: NaiveDate, why: Why, change: Change, agree: bool) {
    let officer = d.officer(on);
    let version = open_recheck(&officer, &life.case, d.version(&life.case).await, why, "情况有变化", "").await.unwrap();
    let version = propose_change(&officer, &life.case, version, change, "核查属实", "").await.unwrap();
    // The 28th: after the longest holiday too the recipient's days are over.
    let later = d.reviewer(on + chrono::Days::new(17));
    decide_change(&later, &life.case, version, agree, "据实际情况", "").await.unwrap();
}

/// What happens to somebody in a month; each is decided at its end, after that month's list.
async fn happens(d: &District, life: &mut Life, month: NaiveDate, chance: &mut Chance) {
    let on = month + chrono::Days::new(10);
    let next = month + Months::new(1);
    let set = |life: &mut Life, from: NaiveDate, monthly: i64| {
        life.due.range_mut(from..).for_each(|(_, due)| *due = monthly);
    };
    match chance.below(20) {
        // A child is born, a job is lost, an appeal is won: more, back to a month that has been paid, but not behind the
        // last decision.
        0 | 1 => {
            let back = (month - Months::new(chance.below(3) as u32)).max(day(2026, 1, 1));
            let other = life.due.range(..=month).rev().find(|(_, due)| **due != life.monthly);
            let from = other.map_or(back, |(m, _)| (*m + Months::new(1)).max(back));
            let monthly = life.monthly + 100 * (1 + chance.below(500) as i64);
            decided(d, life, on, Why::Declared, Change::Raise { monthly: Fen(monthly), from }, true).await;
            life.monthly = monthly;
            set(life, from, monthly);
        }
        // Somebody found work: less. Not everything that is proposed is decided.
        2 if life.monthly > 20_000 => {
            let (monthly, agree) = (life.monthly / 2, chance.below(3) > 0);
            decided(d, life, on, Why::Data, Change::Lower { monthly: Fen(monthly) }, agree).await;
            if agree {
                life.monthly = monthly;
                set(life, next, monthly);
            }
        }
        // So much work that they leave gradually.
        3 if life.gradual => {
            decided(d, life, on, Why::Declared, Change::Gradual, true).await;
            let part = (life.monthly * 500 / 1_000 + 99) / 100 * 100;
            set(life, next + Months::new(3), part);
            set(life, next + Months::new(6), 0);
            life.over_for_good = true;
        }
        // Moved away, or gave it up.
        4 => {
            let change = Change::Stop { reason_code: "moved".to_owned(), from: None, reporters: Vec::new() };
            decided(d, life, on, Why::Moved, change, true).await;
            set(life, next, 0);
            life.over_for_good = true;
        }
        // A death that is found some months late.
        5 => {
            let first = (month - Months::new(chance.below(3) as u32)).max(day(2026, 1, 1));
            let reporters = vec!["police".to_owned(), "health".to_owned()];
            let change = Change::Stop { reason_code: "death".to_owned(), from: Some(first), reporters };
            life.over += paid_from(&d.store, first).await.get(&life.household.0).copied().unwrap_or(0);
            decided(d, life, on, Why::Death, change, true).await;
            set(life, first, 0);
            life.found_dead = Some(on);
            life.over_for_good = true;
        }
        6 => {
            let officer = d.officer(on);
            let version = d.version(&life.case).await;
            let version = open_recheck(&officer, &life.case, version, Why::Period, "", "").await.unwrap();
            recheck_unchanged(&officer, &life.case, version, "没有变化", "").await.unwrap();
        }
        _ => {}
    }
}

/// What lists have paid each household for months from `from` on.
async fn paid_from(store: &Store, from: NaiveDate) -> HashMap<i64, i64> {
    let sql = format!(
        "SELECT b.household_id AS h, CAST(SUM(i.amount) AS BIGINT) AS s FROM payment_item i JOIN benefit b ON \
         b.id = i.benefit_id WHERE i.month >= '{from}' GROUP BY b.household_id"
    );
    let rows = store.read().query_all_raw(Statement::from_string(store.backend(), sql)).await.unwrap();
    rows.iter().map(|r| (r.try_get("", "h").unwrap(), r.try_get("", "s").unwrap())).collect()
}

/// Made, signed by another, and answered by the bank; some come back and are paid again.
async fn one_month(d: &District, payer: &Cx, month: NaiveDate, chance: &mut Chance) {
    let id = prepare_batch(payer, month, "").await.unwrap();
    let version = batch(payer, id, 1, 1).await.unwrap().row.version;
    sign_batch(&d.reviewer(payer.today()), id, version, "").await.unwrap();
    let sql = format!("SELECT id, amount FROM payment_line WHERE batch_id = {id} AND status = 'pending'");
    let lines = d.store.read().query_all_raw(Statement::from_string(d.store.backend(), sql)).await.unwrap();
    let mut rows = vec![["流水号", "金额", "结果", "原因"].map(str::to_owned).to_vec()];
    for line in &lines {
        let (line, fen): (i64, i64) = (line.try_get("", "id").unwrap(), line.try_get("", "amount").unwrap());
        let result = if chance.below(40) == 0 { "失败" } else { "成功" };
        rows.push(vec![
            format!("{id}-{line}"),
            format!("{}.{:02}", fen / 100, fen % 100),
            result.to_owned(),
            "户名不符".to_owned(),
        ]);
    }
    take_bank_return(payer, id, version + 1, &rows, "").await.unwrap().unwrap();
    let back = tuodi_casework::returned(payer).await.unwrap();
    for line in &back {
        tuodi_casework::mend_return(payer, line.line, None, "").await.unwrap();
    }
    if !back.is_empty() {
        let order = tuodi_casework::RunOrder::again(month);
        let again = tuodi_casework::prepare_run(payer, &order, "").await.unwrap();
        let version = batch(payer, again, 1, 1).await.unwrap().row.version;
        sign_batch(&d.reviewer(payer.today()), again, version, "").await.unwrap();
        record_paid(payer, again, version + 1, "").await.unwrap();
    }
}

async fn a_year(store: Store, how_many: usize, seed: u64) {
    let d = district(store).await;
    let mut chance = Chance(seed);
    let mut lives = lives(&d, how_many, &mut chance).await;
    let year: Vec<NaiveDate> = (0..12).map(|m| day(2026, 1, 1) + Months::new(m)).collect();
    let mut snapshots = Vec::new();
    for month in &year {
        let payer = d.district_officer(*month + chrono::Days::new(9));
        one_month(&d, &payer, *month, &mut chance).await;
        let books = fund_books(&payer, year[0], *month).await.unwrap();
        snapshots.push((*month, books.clone()));
        assert!(books.iter().flat_map(|b| &b.months).all(|(_, m)| m.difference() == 0));
        for life in &mut lives {
            if life.over_for_good {
                continue;
            }
            happens(&d, life, *month, &mut chance).await;
        }
    }
    let payer = d.district_officer(day(2026, 12, 28));
    let total = paid_from(&d.store, year[0]).await;
    let (mut promised, mut over) = (0, 0);
    for life in &lives {
        let due: i64 = life.due.range(..=year[11]).map(|(_, due)| due).sum();
        let got = total.get(&life.household.0).copied().unwrap_or(0);
        // A change decided after December's list is owed, not lost.
        let owed = owed_to(&d.store, &life.case).await;
        assert_eq!(got + owed, due + life.over, "{} of household {}", life.case, life.household);
        promised += due;
        over += life.over;
    }
    let ledger: i64 = tuodi_casework::overpayments(&payer).await.unwrap().iter().map(|o| o.amount.0).sum();
    assert_eq!(ledger, over, "what was paid for nobody stands in the ledger");
    let books = fund_books(&payer, year[0], year[11]).await.unwrap();
    let out: i64 = books.iter().flat_map(|b| &b.months).map(|(_, m)| m.paid()).sum();
    let owed: i64 = {
        let sql = "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS s FROM payment_owed WHERE batch_id IS NULL";
        let row = d.store.read().query_one_raw(Statement::from_string(d.store.backend(), sql)).await.unwrap().unwrap();
        row.try_get("", "s").unwrap()
    };
    assert_eq!(out + owed, promised + over, "the books are the sum of the decisions");
    // Each day again: the books of a month do not change when later months come.
    for (month, then) in snapshots {
        assert_eq!(fund_books(&payer, year[0], month).await.unwrap(), then, "{month} again");
    }
    nobody_after_death(&d, &lives).await;
    tuodi_store::journal::verify(&d.store).await.unwrap();
}

async fn owed_to(store: &Store, case: &CaseNo) -> i64 {
    let sql = format!(
        "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS s FROM payment_owed WHERE batch_id IS NULL AND case_no = '{case}'"
    );
    let row = store.read().query_one_raw(Statement::from_string(store.backend(), sql)).await.unwrap().unwrap();
    row.try_get("", "s").unwrap()
}

/// No list made after the day on which a death was found pays for a month after the death.
async fn nobody_after_death(d: &District, lives: &[Life]) {
    for life in lives.iter().filter(|l| l.found_dead.is_some()) {
        let found = life.found_dead.unwrap();
        let sql = format!(
            "SELECT COUNT(*) AS n FROM payment_item i JOIN benefit b ON b.id = i.benefit_id JOIN payment_batch p ON \
             p.id = i.batch_id WHERE b.household_id = {} AND p.month > '{found}'",
            life.household
        );
        let row = d.store.read().query_one_raw(Statement::from_string(d.store.backend(), sql)).await.unwrap().unwrap();
        assert_eq!(row.try_get::<i64>("", "n").unwrap(), 0, "{} was paid after the death was found", life.case);
    }
}

// On SQLite only: what the arithmetic is does not depend on the database; what the constraints are, `money.rs` shows on both.
#[tokio::test]
async fn a_year_of_lists_over_random_lives_pays_what_was_decided_to_the_fen() {
    sqlite_store(migrations, async |store| a_year(store, 200, 7).await).await;
}

#[tokio::test]
#[ignore = "minutes: five thousand lives"]
async fn a_year_of_lists_over_five_thousand_lives_pays_what_was_decided_to_the_fen() {
    sqlite_store(migrations, async |store| a_year(store, 5_000, 11).await).await;
}
