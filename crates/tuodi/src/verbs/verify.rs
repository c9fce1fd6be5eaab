//! `tuodi verify`: one household's means, with every source that its adults have authorised; or a list of many people
//! against the newest pass.

use crate::{
    adapters::{self, findings::StoredFindings},
    cli::Verify,
    error::VerbError,
    installation::Installation,
    output::{self, Output},
};
use std::{
    fmt::Write,
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};
use tuodi_access::{Access, Actor};
use tuodi_casework::{
    CaseError, Channel, Cx,
    verify::{self, Order, Report},
};
use tuodi_pack::{HouseholdId, Lang, Purpose};

/// How often is looked whether a source has answered.
const LOOK: Duration = Duration::from_millis(200);

pub async fn run(args: Verify, output: Output) -> Result<ExitCode, VerbError> {
    let installation = Installation::open(&args.data.dir)?;
    let store = installation.store().await?;
    store.migrate(crate::installation::migrations()).await?;
    let (pack, access) = (installation.pack.clone(), Access::new()?);
    // Who runs the verb has the machine: the platform itself orders, under the same rules as any page.
    let now = || Cx {
        store: store.clone(),
        access: access.clone(),
        pack: pack.clone(),
        actor: Actor::system(),
        channel: Channel::System,
        now: crate::now(),
    };
    let purpose = args.purpose.clone().unwrap_or_else(|| pack.main_purpose().to_owned());
    if pack.verification.purpose(&purpose).is_none() {
        let known: Vec<&str> = pack.verification.purposes.iter().map(|p| p.id.as_str()).collect();
        return Err(VerbError::Refused(format!("there is no purpose {purpose:?}; one of {}", known.join(", "))));
    }
    let (Some(household), Some(as_of)) = (args.household, args.as_of) else {
        return list(&now, &installation, &args, purpose, output).await;
    };
    let engine = adapters::snapshot::agreed_engine(&installation, &store).await?;
    let withheld = engine.withheld(Purpose::Verification, as_of);
    adapters::feeds::journal_refusals(&store, &pack, &format!("household:{household}"), &withheld).await?;
    let connections = installation.connections()?;
    let order = Order { household: HouseholdId(household), purpose, as_of };
    let done = verify::order(&now(), &engine, &connections, order, "").await.map_err(|e| match e {
        CaseError::NoConsent { persons } => VerbError::Refused(format!(
            "{} adult members of household {household} have not authorised this; nobody was asked. Record the authorisations on \
             the household's page first",
            persons.len()
        )),
        other => other.into(),
    })?;
    let (report, digest) = loop {
        if let Some(found) = verify::request(&now(), &done.number, "command line").await?.report {
            break found;
        }
        verify::pursue(&now, &engine, &connections).await?;
        tokio::time::sleep(LOOK).await;
    };
    let object = serde_json::json!({
        "number": report.number, "sha256": digest, "complete": report.complete, "report": report,
    });
    output.answer(&object, plain(&report, args.lang));
    Ok(ExitCode::SUCCESS)
}

/// The lines of a file of any kind that intake reads: the cells of each row.
pub(crate) fn lines(file: &Path) -> Result<String, VerbError> {
    let wrong = |message: String| VerbError::File { file: file.to_owned(), message };
    let read = tuodi_pool::cells(file, &std::env::temp_dir(), None, &tuodi_pool::Limits::default());
    let rows = read.map_err(|refusal| wrong(refusal.line(Lang::En)))?;
    Ok(rows.iter().map(|row| row.join("\t")).collect::<Vec<_>>().join("\n"))
}

async fn list(
    now: &(dyn Fn() -> Cx + Send + Sync),
    installation: &Installation,
    args: &Verify,
    purpose: String,
    output: Output,
) -> Result<ExitCode, VerbError> {
    let started = Instant::now();
    let file = args.list.as_deref().unwrap_or(Path::new(""));
    let (entries, wrong) = verify::listed(&lines(file)?);
    for line in wrong.iter().take(20) {
        output.say(format!("{}: line {line}: no citizen number and no household's number", file.display()));
    }
    // In the name of the district, whose list it is.
    let mut cx = now();
    cx.actor.region.clone_from(&installation.pack.info.jurisdiction);
    let title = file.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let order = verify::BatchOrder { title, purpose, entries };
    let id = verify::order_batch(&cx, order, "").await.map_err(|e| match e {
        CaseError::Invalid(problems) => VerbError::Refused(format!(
            "the list cannot be verified: {}",
            problems.iter().map(|p| format!("{} ({})", p.field, p.key)).collect::<Vec<_>>().join(", ")
        )),
        other => other.into(),
    })?;
    let findings = StoredFindings(installation.findings_dir());
    // Another process may have taken it: then this one waits.
    let view = loop {
        verify::run_batch(&now(), &findings).await?;
        let view = verify::batch(&cx, id).await?;
        match view.row.state.as_str() {
            "queued" | "running" => tokio::time::sleep(LOOK).await,
            "done" => break view,
            _ if view.row.reason == "no_pass" => {
                let message = "there are no findings to hold the list against; run `tuodi pass` first";
                return Err(VerbError::Refused(message.to_owned()));
            }
            other => return Err(VerbError::Refused(format!("the list is {other}"))),
        }
    };
    let result = view.result.unwrap_or_default();
    let kinds: Vec<_> = result
        .kinds
        .iter()
        .map(|k| serde_json::json!({ "indicator": k.indicator, "title": k.title, "count": k.count }))
        .collect();
    let ms = started.elapsed().as_millis() as u64;
    let mut plain = format!(
        "{}: {} people checked, {} anomalies, {} not in the register, {} not authorised, {} of other regions; {ms} ms\n",
        view.row.title,
        result.checked,
        result.anomalies.len(),
        result.not_found.len(),
        result.unauthorised,
        result.outside_region
    );
    for kind in &result.kinds {
        let _ = writeln!(plain, "{} {}: {}", kind.indicator, kind.title.get(args.lang), kind.count);
    }
    output.answer(
        &serde_json::json!({
            "batch": id, "listed": view.row.listed, "lines_wrong": wrong.len(), "checked": result.checked,
            "anomalies": result.anomalies.len(), "not_found": result.not_found.len(),
            "unauthorised": result.unauthorised, "outside_region": result.outside_region, "kinds": kinds,
            "as_of": result.as_of, "run": result.run, "ms": ms, "peak_rss_bytes": output::peak_rss_bytes(),
        }),
        plain,
    );
    Ok(ExitCode::SUCCESS)
}

fn plain(report: &Report, lang: Lang) -> String {
    let mut text = format!("{} · {} · {}\n", report.number, report.purpose_title.get(lang), report.as_of);
    for said in &report.conclusion {
        let _ = writeln!(text, "{}", said.get(lang));
    }
    for source in &report.sources {
        let _ = write!(text, "\n{} {}: {}", source.source, source.title.get(lang), source.state_words.get(lang));
        if let Some(day) = source.data_date {
            let _ = write!(text, " · {day}");
        }
        if source.rows > 0 {
            let _ = write!(text, " × {}", source.rows);
        }
        let reason = source.reason_words.get(lang);
        if !reason.is_empty() {
            let _ = write!(text, " · {reason}");
        }
    }
    text.push('\n');
    for line in &report.lines {
        let (programme, title) = (line.programme_title.get(lang), line.title.get(lang));
        let _ = writeln!(text, "{programme} · {title}: {} / {}", line.found.get(lang), line.rule.get(lang));
    }
    for conflict in &report.conflicts {
        let (title, declared, found) =
            (conflict.title.get(lang), conflict.declared.get(lang), conflict.found.get(lang));
        let _ = writeln!(text, "≠ {title} {}: {declared} / {found}", conflict.person);
    }
    text
}
