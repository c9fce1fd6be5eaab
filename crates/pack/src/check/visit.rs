//! `[visit]` of `workflow.toml`: kinds of documents that there are, questions whose answers are compared.

use super::Found;

const FILE: &str = "workflow.toml";
/// Asked of every member anyway.
const WAGE: &str = "wage_month";

pub(super) fn check(found: &mut Found<'_>) {
    let pack = found.pack;
    let Some(visit) = &pack.workflow.visit else { return };
    found.basis(FILE, "visit/basis", &visit.basis);
    for (key, kind) in [("photo", &visit.photo), ("form", &visit.form)] {
        let at = format!("visit/{key}");
        match pack.paper(kind) {
            None => {
                let fix =
                    Found::meant(kind, pack.workflow.papers.iter().map(|p| p.id.as_str()), "use the id of a [[paper]]");
                found.unknown(kind, (FILE, &at), format!("no [[paper]] is called {kind:?}"), fix);
            }
            Some(paper) if paper.personal => {
                let message = format!("{kind:?} is of one member, and a visit is of the household");
                found.at(FILE, &at, message, "use a kind without personal = true");
            }
            Some(_) => {}
        }
    }
    if visit.photo == visit.form {
        let message = "a photograph could not be told from the signed form";
        found.at(FILE, "visit/form", message, "use two kinds of documents");
    }
    if visit.most < 2 {
        let message = format!("{} documents do not hold a photograph and the signed form", visit.most);
        found.at(FILE, "visit/most", message, "2 or more, such as 12");
    }
    found.unique(FILE, "question", visit.asks.iter().map(|a| a.name.as_str()), |i| format!("visit/ask/{i}/name"));
    found.unique(FILE, "reason", visit.unsigned.iter().map(|u| u.id.as_str()), |i| format!("visit/unsigned/{i}/id"));
    for (i, ask) in visit.asks.iter().enumerate() {
        let at = format!("visit/ask/{i}/name");
        if ask.name == WAGE {
            let message = "the wage is asked of every member anyway";
            found.at(FILE, &at, message, "remove the question");
        } else if pack.compared_by(&ask.name).is_none() {
            let columns = pack.workflow.compared.iter().flat_map(|c| &c.declared).map(String::as_str);
            let fix = Found::meant(&ask.name, columns, "use a column that a [[compare]] names");
            let message = format!("no [[compare]] names {:?}: the answer would be beside nothing", ask.name);
            found.unknown(&ask.name, (FILE, &at), message, fix);
        }
    }
}
