//! What must be found, reckoned from the people themselves.
//!
//! Plain loops over the district's rows, written from the indicators' definitions in words. Nothing here reads the pack
//! or asks the engine: two ways to one answer, or one of them is wrong.

mod compliance;
mod dues;
mod events;
mod family;
mod health;
mod income;
mod purse;
mod score;
mod shock;
mod traces;
mod view;
mod work;
mod write;

pub use view::View;
pub use write::write;

/// Whom an alert is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Person(u32),
    Household(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alert {
    pub indicator: &'static str,
    pub subject: Subject,
}

/// The indicators that the truth knows, sorted.
pub fn indicators() -> Vec<&'static str> {
    let mut all = [
        events::INDICATORS,
        health::INDICATORS,
        work::INDICATORS,
        family::INDICATORS,
        shock::INDICATORS,
        compliance::INDICATORS,
        score::INDICATORS,
        traces::INDICATORS,
        dues::INDICATORS,
    ]
    .concat();
    all.sort_unstable();
    all
}

/// Every alert of the district, sorted.
pub fn alerts(view: &View<'_>) -> Vec<Alert> {
    let mut found = Vec::new();
    events::find(view, &mut found);
    health::find(view, &mut found);
    work::find(view, &mut found);
    family::find(view, &mut found);
    shock::find(view, &mut found);
    compliance::find(view, &mut found);
    score::find(view, &mut found);
    traces::find(view, &mut found);
    dues::find(view, &mut found);
    found.sort_unstable();
    found.dedup();
    found
}

fn person(indicator: &'static str, person: usize) -> Alert {
    Alert { indicator, subject: Subject::Person(person as u32) }
}

fn household(indicator: &'static str, household: usize) -> Alert {
    Alert { indicator, subject: Subject::Household(household as u32) }
}
