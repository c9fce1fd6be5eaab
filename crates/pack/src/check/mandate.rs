//! `[mandate]` of `workflow.toml`: terms that rise, relations to choose from.

use super::Found;

const FILE: &str = "workflow.toml";

pub(super) fn check(found: &mut Found<'_>) {
    let Some(rules) = &found.pack.workflow.mandate else { return };
    found.basis(FILE, "mandate/basis", &rules.basis);
    if rules.months.is_empty() || rules.months.contains(&0) || !rules.months.is_sorted_by(|a, b| a < b) {
        let message = format!("months {:?} are not terms that rise from 1", rules.months);
        found.at(FILE, "mandate/months", message, "give months like [1, 3, 6, 12]");
    }
    if rules.code_minutes == 0 {
        found.at(FILE, "mandate/code_minutes", "a number that holds for 0 minutes", "give a number, 1 or more");
    }
    let ids = rules.relations.iter().map(|r| r.id.as_str());
    found.unique(FILE, "relation", ids, |i| format!("mandate/relation/{i}/id"));
    if rules.relations.is_empty() {
        found.at(FILE, "mandate", "nobody could choose a relation", "add [[mandate.relation]]");
    }
}
