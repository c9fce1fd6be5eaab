//! `tuodi simulate`: other values of parameters tried on everybody.

use crate::{
    adapters::{feeds, snapshot},
    cli::Simulate,
    error::VerbError,
    installation::Installation,
    output::{self, Output},
};
use std::{fmt::Write, process::ExitCode};
use tuodi_pack::{
    Fen, Lang, Pack, Purpose, Setting,
    trial::{Cliffs, Count, Outcome, Row, Scenario, Sum, Trial},
};

pub async fn run(args: Simulate, output: Output) -> Result<ExitCode, VerbError> {
    let installation = Installation::open(&args.data.dir)?;
    let pack = installation.pack.clone();
    let lang = language(&args.lang)?;
    let scenarios = scenarios(&pack, &args)?;
    if scenarios.is_empty() && !args.cliffs {
        return Err(VerbError::Refused("nothing to try: say --set PARAMETER=VALUE, or --cliffs".to_owned()));
    }
    let store = installation.store().await?;
    let engine = snapshot::agreed_engine(&installation, &store).await?;
    let withheld = engine.withheld(Purpose::Statistics, args.as_of);
    feeds::journal_refusals(&store, &installation.pack, "simulate", &withheld).await?;
    for withheld in &withheld {
        output.say(format!("warning: {withheld}"));
    }
    let trials = engine.trials(args.as_of).await?;
    if args.cliffs {
        let cliffs = trials.cliffs().await?;
        let plain = say_cliffs(&pack, &cliffs, lang);
        if scenarios.is_empty() {
            output.answer(&serde_json::to_value(&cliffs).expect("plain data"), plain);
            return Ok(ExitCode::SUCCESS);
        }
        output.say(plain);
    }
    let trial = trials.simulate(&scenarios).await?;
    if let Some(file) = &args.xlsx {
        let at = |message: String| VerbError::File { file: file.clone(), message };
        let book = tuodi_web::trial_book(&pack, &trial, lang, &args.data_line(lang)).map_err(|e| at(e.to_string()))?;
        std::fs::write(file, book).map_err(|e| at(e.to_string()))?;
    }
    let mut object = serde_json::to_value(&trial).expect("plain data");
    object["peak_rss_bytes"] = serde_json::json!(output::peak_rss_bytes());
    output.answer(&object, say(&pack, &trial, lang));
    Ok(ExitCode::SUCCESS)
}

impl Simulate {
    /// Who made the sheet, for its second page.
    fn data_line(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => "命令行 tuodi simulate".to_owned(),
            Lang::En => "the command tuodi simulate".to_owned(),
        }
    }
}

pub fn language(tag: &str) -> Result<Lang, VerbError> {
    Lang::from_tag(tag).ok_or_else(|| VerbError::Refused(format!("no language {tag:?}: say zh-CN or en")))
}

fn scenarios(pack: &Pack, args: &Simulate) -> Result<Vec<Scenario>, VerbError> {
    let mut scenarios = Vec::new();
    for (place, texts) in [&args.set, &args.against].into_iter().enumerate() {
        if texts.is_empty() {
            continue;
        }
        let settings = texts.iter().map(|text| Setting::parse(pack, text)).collect::<Result<Vec<_>, _>>();
        let settings = settings.map_err(|e| VerbError::Refused(e.to_string()))?;
        let name = args.scenario.get(place).cloned().unwrap_or_else(|| texts.join(" "));
        scenarios.push(Scenario { name, settings });
    }
    Ok(scenarios)
}

fn number(n: Count) -> String {
    n.map_or_else(|| "<10".to_owned(), |n| n.to_string())
}

fn money(fen: Sum) -> String {
    fen.map_or_else(|| "·".to_owned(), |fen| Fen(fen).to_string())
}

fn say(pack: &Pack, trial: &Trial, lang: Lang) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        let _ = writeln!(out, "{text}");
    };
    line(format!(
        "{}: {} people in {} households, {} of them helped, {} yuan a month, {} yuan a year by today's rules.",
        trial.as_of,
        trial.people,
        trial.households,
        number(trial.helped),
        money(trial.month),
        money(trial.year)
    ));
    for outcome in &trial.outcomes {
        line(format!("\n{}", outcome.name));
        for set in &outcome.settings {
            let from = set.from.map_or_else(|| "differs".to_owned(), |v| v.to_string());
            let yuan = |v: i64| if set.unit.starts_with("fen") { format!(" ({} yuan)", Fen(v)) } else { String::new() };
            line(format!(
                "  {} {}: {from} -> {} {}{}",
                set.parameter,
                set.title.get(lang),
                set.to,
                set.unit,
                yuan(set.to)
            ));
        }
        changes(pack, outcome, lang, &mut line);
    }
    line(format!(
        "\n{} ms: today's rules {}, scenarios {:?}; {} of {} fact groups computed again.",
        trial.ms.total, trial.ms.base, trial.ms.scenarios, trial.ms.groups_again, trial.ms.groups
    ));
    out
}

fn changes(pack: &Pack, outcome: &Outcome, lang: Lang, line: &mut impl FnMut(String)) {
    let row = |row: &Row| {
        format!(
            "{:>9} {:>8} {:>8} {:>8} {:>8} {:>8} {:>15} {:>16}  {}",
            row.households,
            number(row.gain),
            number(row.lose),
            number(row.enter),
            number(row.leave),
            number(row.change_tier),
            money(row.month_change),
            money(row.year_change),
            row.title.get(lang)
        )
    };
    line(format!(
        "  {:>9} {:>8} {:>8} {:>8} {:>8} {:>8} {:>15} {:>16}",
        "homes", "gain", "lose", "in", "out", "move", "yuan a month", "yuan a year"
    ));
    line(format!("  {}", row(&outcome.total)));
    for table in &outcome.tables {
        line(format!("  {}", table.title.get(lang)));
        table.rows.iter().for_each(|r| line(format!("  {}", row(r))));
    }
    for step in &outcome.moves {
        let name = |id: &str| pack.programme(id).map_or("-", |p| p.title.get(lang)).to_owned();
        line(format!("  {:>9}  {} -> {}", number(step.households), name(&step.from), name(&step.to)));
    }
}

fn say_cliffs(pack: &Pack, cliffs: &Cliffs, lang: Lang) -> String {
    let name = |id: &str| pack.programme(id).map_or("-", |p| p.title.get(lang)).to_owned();
    let mut out = String::new();
    for curve in &cliffs.curves {
        let _ = writeln!(out, "{}", curve.title.get(lang));
        for drop in &curve.drops {
            let lost: Vec<String> = drop.lost.iter().map(|id| name(id)).collect();
            let _ = writeln!(
                out,
                "  {} -> {} yuan a month: {} -> {}, {} yuan a year less support, {} worse off, even at {} ({})",
                Fen(drop.before),
                Fen(drop.after),
                name(&drop.tier_before),
                name(&drop.tier_after),
                Fen(drop.support),
                Fen(drop.worse_off),
                drop.even_at.map_or_else(|| "-".to_owned(), |fen| Fen(fen).to_string()),
                lost.join(", ")
            );
        }
    }
    for line in &cliffs.lines {
        let (under, over) = (number(line.under), number(line.over));
        let _ = writeln!(out, "{}: {under} households within a tenth under, {over} over", line.title.get(lang));
    }
    for stack in &cliffs.stacking {
        let n = stack.programmes;
        let _ = writeln!(
            out,
            "{n} programmes: {} households, {} yuan a year",
            number(stack.households),
            money(stack.mean_year)
        );
    }
    for gap in &cliffs.gaps {
        let (entitled, missing) = (number(gap.entitled), number(gap.missing));
        let _ = writeln!(out, "{}: {entitled} entitled, {missing} of them on no list", gap.title.get(lang));
    }
    out
}
