//! `tuodi bench …`: what is measured, and on what.

use super::Data;
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use std::path::PathBuf;

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
    /// The pay list of a month for many households: looked at, made and signed.
    Payments {
        #[arg(long, default_value_t = 80_000)]
        households: usize,
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
    /// Many officers at once, reading and changing cases over HTTP. Writes cases and accounts: use an installation made for it.
    Load(BenchLoad),
    /// The population pass over a pool, several times in one process.
    Pass(BenchPass),
    /// The check of random households over a pool, with reasons.
    Check(BenchCheck),
    /// Verifications of random households with every source in the pool, and a list of many people.
    Verify(BenchVerify),
    /// The pass after one batch has arrived, compared byte for byte with a full one.
    Incremental(BenchIncremental),
    /// One file of people linked with itself, and its last rows as if they had just arrived.
    Link(BenchLink),
}

#[derive(Debug, Args)]
pub struct BenchLink {
    /// CSV in UTF-8.
    pub file: PathBuf,
    #[arg(long)]
    pub config: PathBuf,
    /// How many of the last rows arrive.
    #[arg(long, default_value_t = 1000)]
    pub new: usize,
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

#[derive(Debug, Args)]
pub struct BenchLoad {
    #[command(flatten)]
    pub data: Data,
    #[arg(long, default_value_t = 200)]
    pub officers: usize,
    /// Open cases there are to be; what lacks is applied for first.
    #[arg(long, default_value_t = 80_000)]
    pub cases: u64,
    #[arg(long, default_value_t = 30)]
    pub seconds: u64,
    /// Seconds from one thing an officer does to the next.
    #[arg(long, default_value_t = 5.0)]
    pub every: f64,
    /// The same seed draws the same doings.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// How the engine is to run.
#[derive(Debug, Args)]
pub struct EngineArgs {
    #[command(flatten)]
    pub data: Data,
    #[arg(long)]
    pub as_of: NaiveDate,
    /// Parallel parts; the number of cores unless given.
    #[arg(long)]
    pub threads: Option<usize>,
    /// A setting of the query engine, as name=value; may be repeated.
    #[arg(long)]
    pub option: Vec<String>,
}

#[derive(Debug, Args)]
pub struct BenchPass {
    #[command(flatten)]
    pub engine: EngineArgs,
    #[arg(long, default_value_t = 6)]
    pub runs: usize,
    /// Leave the findings here.
    #[arg(long)]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct BenchCheck {
    #[command(flatten)]
    pub engine: EngineArgs,
    #[arg(long, default_value_t = 1000)]
    pub households: usize,
    /// The same seed asks about the same households.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

#[derive(Debug, Args)]
pub struct BenchVerify {
    #[command(flatten)]
    pub data: Data,
    #[arg(long)]
    pub as_of: NaiveDate,
    #[arg(long, default_value_t = 1000)]
    pub households: usize,
    /// The same seed asks about the same households.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// A list as bureaux send it, held against the newest pass; everybody on a source's rows unless given.
    #[arg(long)]
    pub list: Option<PathBuf>,
    /// Whose rows name the people of the list.
    #[arg(long, default_value = "DS08", conflicts_with = "list")]
    pub of: String,
    /// What the list is held against.
    #[arg(long, default_value = "payment_overlap")]
    pub purpose: String,
}

#[derive(Debug, Args)]
pub struct BenchIncremental {
    #[command(flatten)]
    pub engine: EngineArgs,
    /// The batch that arrives; the newest unless given.
    #[arg(long)]
    pub batch: Option<String>,
    #[arg(long, default_value_t = 5)]
    pub runs: usize,
}
