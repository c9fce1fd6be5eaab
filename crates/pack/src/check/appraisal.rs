//! `[appraisal]` of `workflow.toml`: sides to sit for, a share that can be met, a limit for the meeting.

use super::Found;

const FILE: &str = "workflow.toml";

pub(super) fn check(found: &mut Found<'_>) {
    let Some(rules) = &found.pack.workflow.appraisal else { return };
    found.basis(FILE, "appraisal/basis", &rules.basis);
    if rules.members == 0 {
        found.at(FILE, "appraisal/members", "a meeting of nobody", "give how many sit at least, 1 or more");
    }
    if rules.residents_permille > 1000 {
        let message = format!("{} of 1000 is more than all", rules.residents_permille);
        found.at(FILE, "appraisal/residents_permille", message, "give 0 to 1000");
    }
    let ids = rules.sides.iter().map(|side| side.id.as_str());
    found.unique(FILE, "side", ids, |i| format!("appraisal/side/{i}/id"));
    if rules.sides.is_empty() {
        found.at(FILE, "appraisal", "nobody could sit there", "add [[appraisal.side]]");
    } else if rules.residents_permille > 0 && !rules.sides.iter().any(|side| side.resident) {
        let fix = "give resident = true to the side that it is, or residents_permille = 0";
        found.at(FILE, "appraisal/residents_permille", "no side is of the neighbourhood", fix);
    }
    if found.pack.workflow.step("appraisal").is_none() {
        let fix = "add [[step]] with stage = \"appraisal\"";
        found.at(FILE, "appraisal", "a meeting would have no last day", fix);
    }
}
