//! `tuodi replay`: a past finding made again from what it rested on, and what today's rules or later data would say.

use crate::{adapters::kept, cli::Replay, error::VerbError, installation::Installation, output::Output};
use serde::Serialize;
use std::{fmt::Write, process::ExitCode};
use tuodi_casework::{CaseNo, Report};
use tuodi_engine::{Engine, WITHOUT};
use tuodi_pack::{Answer, CheckResult, Evaluate};
use tuodi_pool::Pool;

/// What one evaluation says, and where it differs from the report.
#[derive(Debug, Serialize)]
struct Said {
    pack_version: String,
    snapshot: String,
    tier: String,
    monthly_fen: i64,
    differs: Vec<Difference>,
}

/// One line of the report that came out differently.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Difference {
    what: String,
    then: String,
    now: String,
}

#[derive(Debug, Serialize)]
struct Replayed {
    report: i64,
    run_at: String,
    as_of: String,
    pack_version: String,
    pack_digest: String,
    snapshot: String,
    tier: String,
    monthly_fen: i64,
    /// The same, byte for byte.
    identical: bool,
    /// Where it is not.
    differs: Vec<Difference>,
    /// The same data under the rules of now.
    todays_rules: Option<Said>,
    /// The same rules over all data known by now.
    later_data: Option<Said>,
}

pub async fn run(args: Replay, output: Output) -> Result<ExitCode, VerbError> {
    let installation = Installation::open(&args.data.dir)?;
    let store = installation.store().await?;
    let pool = Pool::open(&installation.pool_dir())?;
    let mut reports = tuodi_casework::reports(&store, &CaseNo(args.case.clone())).await?;
    if let Some(id) = args.report {
        reports.retain(|r| r.id == id);
    }
    if reports.is_empty() {
        return Err(VerbError::Refused(format!("case {} has no such report of an economic check", args.case)));
    }
    let mut replayed = Vec::with_capacity(reports.len());
    for report in reports {
        replayed.push(replay(&installation, &pool, report).await?);
    }
    let all = replayed.iter().all(|r| r.identical);
    let mut plain = String::new();
    for r in &replayed {
        told(r, &mut plain);
    }
    output.answer(&serde_json::json!({ "case": args.case, "identical": all, "reports": replayed }), plain);
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn replay(installation: &Installation, pool: &Pool, report: Report) -> Result<Replayed, VerbError> {
    let Some(added) = &report.added else {
        return Err(VerbError::Refused(format!(
            "report {} is older than the keeping of what reports rest on; it cannot be made again",
            report.id
        )));
    };
    let unreadable = |e| VerbError::Refused(format!("report {} cannot be read: {e}", report.id));
    let then: CheckResult = serde_json::from_str(&report.report).map_err(unreadable)?;
    let pack = kept::pack(installation, &report.pack_digest)?;
    let snapshot = kept::snapshot(installation, pool, &report.snapshot)?;
    let law_of = then.law_of.unwrap_or(report.as_of);
    let ask = async |engine: Engine| engine.check_under(report.household, report.as_of, law_of, added).await;

    // What was withheld then is withheld again, whatever was agreed since.
    let as_then = |engine: Engine| engine.as_then(then.withheld.clone());
    let again = ask(as_then(kept::engine(pack.clone(), snapshot.clone())?)).await?;
    let text = serde_json::to_string(&again).expect("a finding is plain data");
    let now = pool.snapshot()?;
    let todays_rules = match installation.pack.digest == report.pack_digest {
        true => None,
        false => Some(said(&then, ask(as_then(kept::engine(installation.pack.clone(), snapshot)?)).await?)),
    };
    let later_data = match report.snapshot.split(WITHOUT).next() == Some(now.id.as_str()) {
        true => None,
        false => Some(said(&then, ask(kept::engine(pack, now)?).await?)),
    };
    Ok(Replayed {
        report: report.id,
        run_at: report.run_at.to_rfc3339(),
        as_of: report.as_of.to_string(),
        pack_version: report.pack_version,
        pack_digest: report.pack_digest,
        snapshot: report.snapshot,
        tier: then.tier.clone(),
        monthly_fen: then.monthly.0,
        identical: text == report.report,
        differs: differences(&then, &again),
        todays_rules,
        later_data,
    })
}

fn said(then: &CheckResult, now: CheckResult) -> Said {
    Said {
        differs: differences(then, &now),
        pack_version: now.pack_version,
        snapshot: now.snapshot,
        tier: now.tier,
        monthly_fen: now.monthly.0,
    }
}

/// Tier, amount, every condition and every alert of the two, as far as they differ.
fn differences(then: &CheckResult, now: &CheckResult) -> Vec<Difference> {
    let (before, after) = (lines(then), lines(now));
    let mut out = Vec::new();
    for (what, was) in &before {
        let is = after.iter().find(|(name, _)| name == what).map(|(_, v)| v.clone());
        if is.as_ref() != Some(was) {
            out.push(Difference { what: what.clone(), then: was.clone(), now: is.unwrap_or_else(|| "-".to_owned()) });
        }
    }
    for (what, is) in after {
        if before.iter().all(|(name, _)| *name != what) {
            out.push(Difference { what, then: "-".to_owned(), now: is });
        }
    }
    out
}

fn lines(result: &CheckResult) -> Vec<(String, String)> {
    let mut out = vec![
        ("tier".to_owned(), result.tier.clone()),
        ("monthly".to_owned(), result.monthly.to_string()),
        ("income a head".to_owned(), result.income_pc.map_or_else(|| "unknown".to_owned(), |f| f.to_string())),
    ];
    for p in &result.programmes {
        let who = p.person_id.map(|id| format!(" of person {id}")).unwrap_or_default();
        let amount = p.monthly.map(|fen| format!(", {fen}")).unwrap_or_default();
        out.push((format!("{}{who}", p.programme), format!("{}{amount}", word(p.answer))));
        for c in &p.conditions {
            let who = c.person_id.map(|id| format!(" of person {id}")).unwrap_or_default();
            let number = |n: Option<i64>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
            out.push((
                format!("{}, {}{who}", p.programme, c.name),
                format!("{} ({} against {} {})", word(c.answer), number(c.measure), number(c.line), c.unit),
            ));
        }
    }
    for a in &result.alerts {
        let who = a.person_id.map(|id| format!(" of person {id}")).unwrap_or_default();
        out.push((format!("alert {}{who}", a.indicator), "raised".to_owned()));
    }
    out
}

fn word(answer: Answer) -> &'static str {
    match answer {
        Answer::Holds => "holds",
        Answer::Fails => "fails",
        Answer::Unknown => "unknown",
    }
}

fn told(r: &Replayed, out: &mut String) {
    // Writing into a String cannot fail.
    let _ = writeln!(
        out,
        "Report {} of {}: as of {}, pack {} ({}), snapshot {}: {}, {} fen a month. {}",
        r.report,
        r.run_at,
        r.as_of,
        r.pack_version,
        &r.pack_digest[..r.pack_digest.len().min(12)],
        r.snapshot,
        r.tier,
        r.monthly_fen,
        if r.identical { "Made again: identical, byte for byte." } else { "Made again: NOT identical." }
    );
    list(&r.differs, out);
    for (said, title) in [(&r.todays_rules, "Under today's rules"), (&r.later_data, "With the data known by now")] {
        match said {
            None => {
                let _ = writeln!(out, "  {title}: nothing has changed since.");
            }
            Some(said) => {
                let _ = writeln!(out, "  {title}: {}, {} fen a month.", said.tier, said.monthly_fen);
                list(&said.differs, out);
            }
        }
    }
}

fn list(differences: &[Difference], out: &mut String) {
    for d in differences {
        let _ = writeln!(out, "    {}: {} -> {}", d.what, d.then, d.now);
    }
}
