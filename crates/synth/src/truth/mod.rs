//! What must be found, reckoned from the people themselves.
//!
//! Plain loops over the district's rows, written from the indicators' definitions in words. Nothing here reads the pack
//! or asks the engine: two ways to one answer, or one of them is wrong.

mod compliance;
mod events;
mod view;
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

/// The indicators that the truth knows.
pub const INDICATORS: [&str; 20] = [
    "M001", "M002", "M003", "M010", "M011", "M012", "M034", "M037", "M044", "M049", "M051", "M056", "M057", "M060",
    "M064", "M065", "M067", "M069", "M071", "M072",
];

/// Every alert of the district, sorted.
pub fn alerts(view: &View<'_>) -> Vec<Alert> {
    let mut found = Vec::new();
    events::find(view, &mut found);
    compliance::find(view, &mut found);
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
