//! The binary's rooms: verbs that others script against, configuration, telemetry.
//!
//! This is where the rooms are wired together and where the clock is read. It never holds a rule of the field.

pub mod adapters;
pub mod cli;
pub mod error;
pub mod installation;
pub mod output;
pub mod verbs;

use clap::Parser;
use cli::{Cli, Verb};
use error::VerbError;
use output::Output;
use std::{io::IsTerminal, process::ExitCode};

/// What `main` does.
pub fn start() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("TUODI_LOG").unwrap_or_else(|_| "warn,tuodi_web=info".into()),
        )
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    // Plans of many joins recurse deeply; unoptimised builds overflow the default 2 MiB.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .thread_stack_size(32 << 20)
        .enable_all()
        .build()
        .expect("the system gives threads");
    let output = Output { json: cli.json };
    match runtime.block_on(run(cli.verb, output)) {
        Ok(code) => code,
        Err(error) => {
            output.say(format!("error: {error}"));
            if output.json {
                output.answer(&serde_json::json!({ "error": error.to_string() }), "");
            }
            ExitCode::FAILURE
        }
    }
}

async fn run(verb: Verb, output: Output) -> Result<ExitCode, VerbError> {
    match verb {
        Verb::Synth(args) => verbs::synth::run(args, output),
        Verb::Init(args) => verbs::init::run(args, output).await,
        Verb::Intake(args) => verbs::intake::run(args, output).await,
        Verb::Batch(verb) => verbs::batch::run(verb, output).await,
        Verb::Pass(args) => verbs::pass::run(args, output).await,
        Verb::Simulate(args) => verbs::simulate::run(args, output).await,
        Verb::Poverty(args) => verbs::poverty::run(args, output).await,
        Verb::Check(args) => verbs::check::run(args, output).await,
        Verb::Link(args) => verbs::link::run(args, output),
        Verb::Verify(args) => verbs::verify::run(args, output).await,
        Verb::Compare(args) => verbs::compare::run(args, output).await,
        Verb::Replay(args) => verbs::replay::run(args, output).await,
        Verb::Pack(verb) => verbs::pack::run(verb, output).await,
        Verb::Journal(verb) => verbs::journal::run(verb, output).await,
        Verb::User(verb) => verbs::user::run(verb, output).await,
        Verb::Quarantine(verb) => verbs::quarantine::run(verb, output).await,
        Verb::Serve(args) => verbs::serve::run(args, output).await,
        Verb::Bench(verb) => verbs::bench::run(verb, output).await,
    }
}

/// The one place where this process reads the clock; truncated to what both databases keep.
#[expect(clippy::disallowed_methods, reason = "verbs pass the time on as an argument")]
pub fn now() -> chrono::DateTime<chrono::Utc> {
    use chrono::SubsecRound;
    chrono::Utc::now().trunc_subsecs(6)
}

/// Today at the bureau.
pub fn today() -> chrono::NaiveDate {
    day_of(now())
}

/// The day at the bureau: China Standard Time.
pub fn day_of(at: chrono::DateTime<chrono::Utc>) -> chrono::NaiveDate {
    let china = chrono::FixedOffset::east_opt(8 * 3600).expect("a valid offset");
    at.with_timezone(&china).date_naive()
}
