//! The verbs and their arguments. Others script against them (design.md section 8): add, do not change.

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand};
use std::{net::SocketAddr, path::PathBuf};

/// 托底 Tuodi: social assistance from a department's file to a payment list, with reasons and proof.
#[derive(Debug, Parser)]
#[command(name = "tuodi", version, about, max_term_width = 110)]
pub struct Cli {
    #[command(subcommand)]
    pub verb: Verb,
    /// Print one JSON object on standard output; messages go to standard error.
    #[arg(long, global = true)]
    pub json: bool,
}

/// Where an installation lives.
#[derive(Debug, Clone, Args)]
pub struct Data {
    /// The installation's folder.
    #[arg(long = "data", value_name = "DIR")]
    pub dir: PathBuf,
}

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Write a fictional district the way its departments would send it, with a truth folder.
    Synth(Synth),
    /// Make an empty installation.
    Init(Init),
    /// Take departments' files into the data pool.
    Intake(Intake),
    /// Evaluate every household: facts, tier and amount, alerts; store the findings and open tasks.
    Pass(Pass),
    /// Evaluate one household, with reasons.
    Check(Check),
    /// Compare stored findings with a truth folder.
    Compare(Compare),
    /// Check, test a policy pack.
    #[command(subcommand)]
    Pack(PackVerb),
    /// The tamper-evident journal.
    #[command(subcommand)]
    Journal(JournalVerb),
    /// Accounts.
    #[command(subcommand)]
    User(UserVerb),
    /// Rows that were put aside at intake.
    #[command(subcommand)]
    Quarantine(QuarantineVerb),
    /// Serve the portals.
    Serve(Serve),
    /// Measure this installation; figures, not tests.
    #[command(subcommand)]
    Bench(BenchVerb),
}

#[derive(Debug, Args)]
pub struct Synth {
    /// Folder to write; must be empty or absent.
    #[arg(long)]
    pub out: PathBuf,
    /// How many people live in the district.
    #[arg(long, default_value_t = 30_000, value_parser = clap::value_parser!(u64).range(500..=5_000_000))]
    pub people: u64,
    /// The same seed gives the same district.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Tidy files: UTF-8, one date form, no broken rows.
    #[arg(long)]
    pub clean: bool,
    /// The day on which the departments send their files.
    #[arg(long, default_value = "2026-09-01")]
    pub as_of: NaiveDate,
    /// Policy pack whose regions and contracts the district follows.
    #[arg(long)]
    pub pack: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Init {
    #[command(flatten)]
    pub data: Data,
    /// The policy pack's folder.
    #[arg(long)]
    pub pack: PathBuf,
    /// Database; SQLite in the installation's folder unless given (postgres://…).
    #[arg(long)]
    pub db: Option<String>,
}

#[derive(Debug, Args)]
pub struct Intake {
    /// Files, or folders of files.
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub data: Data,
    /// Say what would be taken and what not; change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Dates later than this are in the future; today unless given.
    #[arg(long)]
    pub as_of: Option<NaiveDate>,
}

#[derive(Debug, Args)]
pub struct Pass {
    #[command(flatten)]
    pub data: Data,
    #[arg(long)]
    pub as_of: NaiveDate,
    /// Also copy households.parquet and alerts.parquet here.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Print the statements as the engine runs them; run nothing.
    #[arg(long)]
    pub sql: bool,
    /// Where plans run: `local` (in this process).
    #[arg(long, default_value = "local", value_parser = ["local"])]
    pub engine: String,
}

#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    pub data: Data,
    #[arg(long)]
    pub household: i64,
    #[arg(long)]
    pub as_of: NaiveDate,
}

#[derive(Debug, Args)]
pub struct Compare {
    #[command(flatten)]
    pub data: Data,
    /// The truth folder that `synth` wrote.
    #[arg(long)]
    pub truth: PathBuf,
}

#[derive(Debug, Subcommand)]
pub enum PackVerb {
    /// Every problem of the pack with file, line and fix.
    Check { pack: PathBuf },
    /// Run the pack's worked cases through the check and the pass.
    Test { pack: PathBuf },
}

#[derive(Debug, Subcommand)]
pub enum JournalVerb {
    /// Prove that nothing was changed or removed.
    Verify {
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Debug, Subcommand)]
pub enum UserVerb {
    /// The accounts.
    List {
        #[command(flatten)]
        data: Data,
    },
    /// Add an account; the password is read from standard input.
    Add {
        #[command(flatten)]
        data: Data,
        /// Name to sign in with.
        #[arg(long)]
        account: String,
        /// Name shown to colleagues.
        #[arg(long)]
        name: String,
        /// Role, such as `township_officer`.
        #[arg(long)]
        role: String,
        /// Code of the region that the account works for.
        #[arg(long)]
        region: String,
    },
    /// One account a role for trying the demonstration district; works only under `serve --demo`.
    Demo {
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Debug, Subcommand)]
pub enum QuarantineVerb {
    /// Batches with rows put aside.
    List {
        #[command(flatten)]
        data: Data,
    },
    /// Write a batch's rows with their reasons as CSV, to be corrected and sent again.
    Export {
        #[command(flatten)]
        data: Data,
        #[arg(long)]
        batch: String,
        #[arg(long)]
        out: PathBuf,
    },
}

#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    pub data: Data,
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Offer the demonstration accounts on the sign-in page.
    #[arg(long)]
    pub demo: bool,
}

#[derive(Debug, Subcommand)]
pub enum BenchVerb {
    /// Durable changes of cases: many clients at once against one client, in one run.
    Writes {
        #[arg(long, default_value_t = 64)]
        clients: usize,
        #[arg(long, default_value_t = 3)]
        seconds: u64,
        /// Database; a temporary SQLite file unless given.
        #[arg(long)]
        db: Option<String>,
    },
    /// The work queue of 25 rows over HTTP under concurrent readers.
    Queue {
        #[command(flatten)]
        data: Data,
        #[arg(long, default_value_t = 16)]
        readers: usize,
        #[arg(long, default_value_t = 5)]
        seconds: u64,
    },
}
