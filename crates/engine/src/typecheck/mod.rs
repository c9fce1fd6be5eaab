//! Reading a pack as a strict reader would: every statement and expression is planned against the contracts, and what
//! parsing lets through is refused with file, line and fix.

mod facts;
mod messages;
mod rules;

use crate::{
    EngineConfig, EngineError,
    faults::Fault,
    locate::{PackFile, nearest},
    runtime,
    session::session,
    template::{self, Kind},
};
use chrono::NaiveDate;
use datafusion::prelude::SessionContext;
use messages::{line_in, plain};
use tuodi_pack::{Pack, load::Problem};

/// Every problem of the pack's SQL, with the line of its file.
pub async fn typecheck(pack: &Pack) -> Vec<Problem> {
    let pack = pack.clone();
    let work = async move {
        let mut checker = Checker::new(&pack);
        checker.facts().await;
        checker.expressions();
        Ok::<_, EngineError>(checker.problems)
    };
    runtime::run(work).await.unwrap_or_else(|e| {
        vec![Problem {
            file: "pack.toml".to_owned(),
            line: 1,
            message: e.to_string(),
            fix: "check the pack again".to_owned(),
        }]
    })
}

struct Checker<'a> {
    pack: &'a Pack,
    /// Parameters are put in as they stand on the pack's first day.
    as_of: NaiveDate,
    context: SessionContext,
    problems: Vec<Problem>,
}

impl<'a> Checker<'a> {
    fn new(pack: &'a Pack) -> Checker<'a> {
        let context = session(&EngineConfig { partitions: 1, ..EngineConfig::default() });
        Checker { pack, as_of: pack.info.effective_from, context, problems: Vec::new() }
    }

    fn report(&mut self, file: &PackFile, piece: &str, fault: Fault) {
        // A name from a part of the pack that could not be read: that mistake is told already.
        if fault.word.as_deref().is_some_and(|word| self.may_be_lost(word)) {
            return;
        }
        let line = match line_in(&fault.message) {
            Some(line) => file.line(piece, None) + line - 1,
            None => file.line(piece, fault.word.as_deref()),
        };
        let message = plain(&fault.message);
        let problem = Problem { file: file.name.clone(), line, message, fix: fault.fix };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Whether a name, or that of which it is a result, stands in a part of the pack that could not be read.
    fn may_be_lost(&self, word: &str) -> bool {
        let starts = ["alert_", "label_"].into_iter().filter_map(|start| word.strip_prefix(start));
        let ends = ["_holds", "_amount", "_members", "_total"].into_iter().filter_map(|end| word.strip_suffix(end));
        starts.chain(ends).chain([word]).any(|name| self.pack.files.may_know(name))
    }

    /// Puts parameters in; reports those that do not exist.
    fn fill(&mut self, file: &PackFile, sql: &str) -> Option<String> {
        let mut found = true;
        for token in template::tokens(sql).into_iter().filter(|t| t.kind == Kind::Param) {
            let name = &token.text[1..];
            if template::parameter(self.pack, name, self.as_of).is_some() {
                continue;
            }
            // A value that is missing on some day is told where values are written.
            if self.pack.parameters.get(name).is_some() {
                continue;
            }
            found = false;
            let known = self.pack.parameters.all.iter().map(|p| p.id.as_str()).chain(["as_of"]);
            let fix = nearest(name, known).map_or("add it to parameters.toml".to_owned(), |n| format!("write ${n}"));
            self.report(file, sql, Fault::new(format!("no parameter ${name}"), Some(name), fix));
        }
        // For the type any whole number serves.
        let value = |name: &str| template::parameter(self.pack, name, self.as_of).unwrap_or_else(|| "1".to_owned());
        found.then(|| template::substitute(sql, |name| Ok::<_, ()>(value(name))).ok()).flatten()
    }
}
