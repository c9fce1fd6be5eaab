//! `tuodi check`.

use crate::{adapters, cli::Check, error::VerbError, installation::Installation, output::Output};
use std::{fmt::Write, process::ExitCode};
use tuodi_pack::{Answer, CheckResult, Evaluate, HouseholdId, Lang, Pack, programme::ProgrammeKind};

pub async fn run(args: Check, output: Output) -> Result<ExitCode, VerbError> {
    let installation = Installation::open(&args.data.dir)?;
    let engine = adapters::snapshot::engine(&installation)?;
    let store = installation.store().await?;
    let overlay = adapters::snapshot::overlay(&store, HouseholdId(args.household)).await?;
    let result = engine.check(HouseholdId(args.household), args.as_of, &overlay).await?;
    let mut object = serde_json::to_value(&result).expect("a finding is plain data");
    // The tier's programme first: its conditions are what most callers want at the top level.
    let conditions: Vec<_> = result
        .programmes
        .iter()
        .flat_map(|p| {
            p.conditions.iter().map(|c| {
                let mut value = serde_json::to_value(c).expect("a finding is plain data");
                value["programme"] = p.programme.clone().into();
                value
            })
        })
        .collect();
    object["conditions"] = conditions.into();
    object["monthly_fen"] = result.monthly.0.into();
    object["income_pc_fen"] = result.income_pc.map(|f| f.0).into();
    output.answer(&object, plain(&installation.pack, &result));
    Ok(ExitCode::SUCCESS)
}

fn plain(pack: &Pack, result: &CheckResult) -> String {
    let mut text = format!(
        "Household {} as of {} (pack {}, snapshot {})\nTier: {}  Monthly: {} yuan\n",
        result.household_id, result.as_of, result.pack_version, result.snapshot, result.tier, result.monthly
    );
    for programme in &result.programmes {
        let title = pack.programme(&programme.programme).map_or(programme.programme.as_str(), |p| p.title.get(Lang::Zh));
        let who = programme.person_id.map(|p| format!(" person {p}")).unwrap_or_default();
        let _ = write!(text, "\n{title}{who}: {}", word(programme.answer));
        if let Some(amount) = programme.monthly.filter(|_| programme.kind != ProgrammeKind::Tier) {
            let _ = write!(text, ", {amount} yuan ({})", programme.per.word());
        }
        let _ = writeln!(text);
        for c in &programme.conditions {
            let _ = write!(text, "  [{}] {}", word(c.answer), c.name);
            if let (Some(measure), Some(line)) = (c.measure, c.line) {
                let _ = write!(text, ": {measure} against {line} {}, margin {}", c.unit, line - measure);
            }
            let _ = writeln!(text, "  ({})", c.basis);
            for f in &c.facts {
                let _ = writeln!(text, "      {} = {} {}", f.name, f.value.as_deref().unwrap_or("unknown"), f.unit);
            }
            for &row in &c.rows {
                if let Some(r) = result.rows.get(row) {
                    let _ = writeln!(
                        text,
                        "      from {} row {} of batch {}, arrived {}",
                        r.source, r.row, r.batch, r.arrived
                    );
                }
            }
        }
    }
    for alert in &result.alerts {
        let title = pack.indicator(&alert.indicator).map_or("", |i| i.title.get(Lang::Zh));
        let severity = alert.severity.map_or("", |s| s.word());
        let _ = writeln!(text, "\nAlert {} {title} {severity}", alert.indicator);
    }
    if let Some(level) = &result.level {
        let by = result.decided_by.as_deref().unwrap_or_default();
        let _ = writeln!(text, "\nLevel of hardship: {level} (by {by}); points: {}", result.points);
    }
    for found in &result.labels {
        let title = pack.assessment.labels.iter().find(|l| l.id == found.label).map_or("", |l| l.title.get(Lang::Zh));
        let _ = writeln!(text, "Label {} {title}", found.label);
    }
    for need in &result.needs {
        let title = pack.services.service(&need.service).map_or("", |s| s.title.get(Lang::Zh));
        let _ = writeln!(text, "Need {} {title}", need.service);
    }
    text
}

fn word(answer: Answer) -> &'static str {
    match answer {
        Answer::Holds => "holds",
        Answer::Fails => "fails",
        Answer::Unknown => "unknown",
    }
}
